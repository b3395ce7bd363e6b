//! What is imported to print why a line of a `.pth` file has failed.
//!
//! In: the version, and why it has failed. Out: more in `sys.modules`.
//!
//! **Invariant:** measured where a line has failed, not read: what `traceback` imports in its functions.

use super::Start;
use super::run::Failed;

impl Start<'_> {
    pub(super) fn note_report(&mut self, failed: Failed) {
        let is_loaded = self.loaded.iter().any(|it| it.name == "traceback");
        if !is_loaded && self.find("traceback").is_none() {
            self.fatal.get_or_insert("`traceback` cannot be imported to tell why a `.pth` line fails".to_owned());
            return;
        }
        self.note_loaded("traceback");
        if self.version.at_least(3, 13) {
            // `linecache`, which reads the lines that are shown, imports it only then.
            self.note_loaded("tokenize");
        }
        if self.version.at_least(3, 15) {
            if failed == Failed::ForWantOfAModule {
                // An extension module for another Python is looked for.
                self.note_loaded("importlib.machinery");
                self.note_loaded("importlib.resources.readers");
            }
            self.note_loaded("_colorize");
        }
    }
}
