//! What `configure` was told, as `Modules/getpath.c` has it among the constants of an interpreter's code, from 3.11 on.
//!
//! In: the constants. Out: [`Configured`]: the prefixes and the way to the sources, whether they still lead anywhere or not.
//!
//! **Invariant:** a compiler may put a text elsewhere, or leave it out where another ends the same: then it is not told, and
//! never guessed.

/// The texts that are told; those that are not may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Configured {
    /// `PREFIX`.
    pub(super) prefix: Option<String>,
    /// `EXEC_PREFIX`.
    pub(super) exec_prefix: Option<String>,
    /// `VPATH`, from the directory of a build to its sources.
    pub(super) sources: Option<String>,
    /// `PLATLIBDIR`, `lib` or `lib64`.
    pub(super) library_directory: Option<String>,
}

/// What python-build-standalone is configured for; its linker puts every text where it likes.
const STANDALONE: &str = "/install";

/// More than two paths of the greatest length.
const FARTHEST: usize = 8192;

impl Configured {
    /// Reads the values that stand before their names, in the order in which `_PyConfig_InitPathConfig` hands them over.
    /// A path is absolute, or the texts are others.
    pub(super) fn read(constants: &[u8]) -> Self {
        let mut found = Configured::default();
        let mut prefixes = between(constants, "WITH_NEXT_FRAMEWORK", "EXEC_PREFIX");
        if prefixes.iter().any(|it| *it != "PREFIX" && !it.starts_with('/')) {
            prefixes.clear();
        }
        let mut paths = prefixes.into_iter().filter(|it| *it != "PREFIX");
        found.prefix = paths.next().map(str::to_owned);
        // One text serves for both where they are the same.
        found.exec_prefix = paths.next_back().map(str::to_owned).or_else(|| found.prefix.clone());
        let sources = between(constants, "EXEC_PREFIX", "VPATH");
        found.sources = sources.into_iter().find(|it| *it != "PYTHONPATH").map(str::to_owned);
        let directories = between(constants, "VPATH", "PYDEBUGEXT");
        found.library_directory = directories.into_iter().find(|it| it.starts_with("lib")).map(str::to_owned);
        if found.prefix.is_none() && memchr::memmem::find(constants, format!("\0{STANDALONE}\0").as_bytes()).is_some() {
            found.prefix = Some(STANDALONE.to_owned());
            found.exec_prefix.clone_from(&found.prefix);
        }
        found
    }
}

/// Returns the texts between two others, each of which ends with a null: a value, a name, and another value at most.
fn between<'a>(constants: &'a [u8], first: &str, last: &str) -> Vec<&'a str> {
    let start = format!("\0{first}\0");
    let Some(at) = memchr::memmem::find(constants, start.as_bytes()) else { return Vec::new() };
    let rest = constants.get(at + start.len()..).unwrap_or_default();
    let rest = rest.get(..rest.len().min(FARTHEST)).unwrap_or_default();
    let mut found = Vec::new();
    for text in rest.split(|byte| *byte == 0) {
        match std::str::from_utf8(text) {
            Ok(text) if text == last => return found,
            // What was replaced by a shorter text is filled up.
            Ok("") => {}
            Ok(text) if found.len() < 3 => found.push(text),
            _ => break,
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_its_name_is_told() {
        // Prefixes, the way to the sources, the library's directory; `-` where it is not told.
        let rows = [
            // 3.13, `--prefix=/install`, built beside the sources; the same with `--with-platlibdir=lib64`.
            (
                "|os_name|WITH_NEXT_FRAMEWORK|/install|EXEC_PREFIX|../source|VPATH|PYDEBUGEXT|",
                "/install /install ../source -",
            ),
            ("|WITH_NEXT_FRAMEWORK|/a|EXEC_PREFIX|../source|VPATH|lib64|PYDEBUGEXT|", "/a /a ../source lib64"),
            // Debian's 3.11: `..` is the end of another text.
            ("|WITH_NEXT_FRAMEWORK|/usr|EXEC_PREFIX|VPATH|PYDEBUGEXT|", "/usr /usr - -"),
            // Nothing that ends the same stands elsewhere.
            (
                "|WITH_NEXT_FRAMEWORK|/a|PREFIX|/b|EXEC_PREFIX|PYTHONPATH|..|VPATH|lib|PLATLIBDIR|PYDEBUGEXT|",
                "/a /b .. lib",
            ),
            // A prefix that was replaced by a shorter one, as conda does.
            ("|WITH_NEXT_FRAMEWORK|/c|||||EXEC_PREFIX|VPATH|", "/c /c - -"),
            // A long prefix is put among others of its kind.
            ("|/a/long/prefix|x|WITH_NEXT_FRAMEWORK|EXEC_PREFIX|../..|VPATH|", "- - ../.. -"),
            // Another order altogether.
            ("|WITH_NEXT_FRAMEWORK|x|/dev/null|EXEC_PREFIX|/install|", "/install /install - -"),
            ("|WITH_NEXT_FRAMEWORK|/a|/b|/c|/d|EXEC_PREFIX|VPATH|", "- - - -"),
            ("|VPATH|/install|ABI_THREAD|EXEC_PREFIX|", "/install /install - -"),
            ("|WITH_NEXT_FRAMEWORK|EXEC_PREFIX|VPATH|/installed|", "- - - -"),
        ];
        for (constants, expected) in rows {
            let told = Configured::read(constants.replace('|', "\0").as_bytes());
            let told = [told.prefix, told.exec_prefix, told.sources, told.library_directory];
            assert_eq!(told.map(|it| it.unwrap_or("-".to_owned())).join(" "), expected, "{constants}");
        }
    }
}
