//! `sitecustomize` and `usercustomize`, which `site` imports when all else is done (`execsitecustomize`, `execusercustomize`).
//!
//! In: what the path has by then. Out: what they do to it, or the note that it is not known.
//!
//! **Invariant:** a file is followed only where all of it is understood.

use camino::Utf8Path;

use super::Start;
use super::run::File;
use crate::interpreter::StartupCode;
use crate::interpreter::startup::effects_of_module;
use crate::system::System;

impl Start<'_> {
    /// Debian's own changes nothing, and it is known what Homebrew's does.
    pub(super) fn run_customizations(&mut self, prefixes: &mut Vec<String>, user_site_enabled: bool) {
        let names = ["sitecustomize", "usercustomize"];
        for name in names.iter().take(if user_site_enabled { 2 } else { 1 }) {
            if self.fatal.is_some() {
                return;
            }
            // A folder of that name without `__init__` is imported as well, and there is nothing in it to run.
            let Some((_, Some(found))) = self.find(name) else { continue };
            self.note_loaded(name);
            let of_debian = self.features.debian && found.starts_with("/usr/lib") && leads_to_etc(self.system, &found);
            if !of_debian && !self.follow_homebrew(&found, prefixes) && !self.follow_module(&found) {
                self.startup_code.push(StartupCode { path: found, line: None });
            }
        }
    }

    /// Does what a module does; `false` where that is not known.
    fn follow_module(&mut self, path: &Utf8Path) -> bool {
        let is_source = path.extension() == Some("py");
        let Some(text) = self.system.read_text(path).ok().filter(|_| is_source) else { return false };
        let Some(effects) = effects_of_module(&text, &|name| self.system.variable(name)) else { return false };
        let file = File::at(path);
        for (line, effect) in effects {
            match self.act(&file, line, effect) {
                Ok(true) => {}
                Ok(false) => return false,
                // What went before stays, and `site` goes on with a line on the standard error.
                Err(_) => break,
            }
        }
        true
    }
}

fn leads_to_etc(system: &dyn System, path: &Utf8Path) -> bool {
    system.canonical(path).is_ok_and(|it| it.starts_with("/etc/"))
}
