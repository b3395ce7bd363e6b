//! What a file says about the Python that runs it.
//!
//! In: a path, and the [`Imports`] of its text. Out: a [`Launch`]: a `script` block (PEP 723), or a shebang that names an
//! interpreter by absolute path; the kernel that a notebook names.
//!
//! **Invariant:** told from the text alone. `#!/usr/bin/env python3` leaves the choice to `PATH` and says nothing; where
//! both are there the block counts, since it alone says what has to be installed.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::document::Document;
use crate::imports::{Block, Imports};
use crate::interpreter::{Flags, FrozenModules};
use crate::origin::Problem;
use crate::system::Platform;

/// What one file says about the Python that runs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Launch {
    Script(Script),
    Shebang(Shebang),
    Kernel(Kernel),
}

/// A notebook that names a kernel (`metadata.kernelspec.name`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kernel {
    pub notebook: Utf8PathBuf,
    pub name: String,
}

/// A file with a `script` block: it has an environment of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Script {
    pub path: Utf8PathBuf,
    pub block: Block,
}

/// A `#!` line with a Python's absolute path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shebang {
    pub interpreter: Utf8PathBuf,
    /// The name ends in a carriage return, which is a part of it to every system but Windows.
    ends_in_return: bool,
    /// What stands behind it as one argument, as Linux hands it over.
    whole: Flags,
    /// The same word by word, as macOS does.
    split: Flags,
    /// The same without a carriage return at the end, as the launcher of Windows does.
    stripped: Flags,
}

/// Tells the Pythons of one project's files apart; equal for a script while its block is edited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaunchKey {
    Script(Utf8PathBuf),
    Shebang(Shebang),
    Kernel(Kernel),
}

/// Returns what a file says about the Python that runs it, if anything.
pub fn of(path: &Utf8Path, imports: &Imports) -> Option<Launch> {
    if let Some(block) = &imports.script {
        return Some(Launch::Script(Script { path: path.to_owned(), block: block.clone() }));
    }
    if let Some(name) = &imports.kernel {
        return Some(Launch::Kernel(Kernel { notebook: path.to_owned(), name: name.clone() }));
    }
    shebang(imports.shebang.as_deref()?).map(Launch::Shebang)
}

impl Launch {
    pub fn key(&self) -> LaunchKey {
        match self {
            Launch::Script(script) => LaunchKey::Script(script.path.clone()),
            Launch::Shebang(shebang) => LaunchKey::Shebang(shebang.clone()),
            Launch::Kernel(kernel) => LaunchKey::Kernel(kernel.clone()),
        }
    }

    /// Tells whether what holds for the files of the other holds for this one too: two notebooks may name one kernel.
    pub fn runs_as(&self, other: &Launch) -> bool {
        match (self, other) {
            (Launch::Kernel(one), Launch::Kernel(other)) => one.name == other.name,
            _ => self.key() == other.key(),
        }
    }
}

impl Script {
    /// Reads the block as a document of the script itself: every value stands where the script has it, as the comment
    /// signs are blanks to TOML and nothing stands around the block.
    pub(crate) fn document(&self) -> (Document, Option<Problem>) {
        let above = usize::try_from(self.block.line).unwrap_or_default() + 1;
        let mut source = "\n".repeat(above);
        for line in self.block.content.lines() {
            if !line.is_empty() {
                source.push_str("  ");
                source.push_str(line);
            }
            source.push('\n');
        }
        let (document, problem) = Document::parse(&self.path, source);
        let flaw = self.block.flaw.as_ref().map(|flaw| Problem {
            path: self.path.clone(),
            line: Some(flaw.line + 1),
            message: flaw.message.to_owned(),
        });
        (document, flaw.or(problem))
    }
}

impl Shebang {
    /// Tells whether the system would look for a program of another name, as the line ends in a carriage return.
    pub fn is_misread(&self, platform: Platform) -> bool {
        self.ends_in_return && platform != Platform::Windows
    }

    /// Returns the switches that its interpreter is started with.
    pub fn flags(&self, platform: Platform) -> Flags {
        match platform {
            Platform::Linux => self.whole,
            Platform::MacOs => self.split,
            Platform::Windows => self.stripped,
        }
    }
}

impl fmt::Display for Shebang {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#!{}", self.interpreter)?;
        let Flags { isolated, ignore_environment, no_user_site, no_site, safe_path, frozen_modules, unknown } =
            self.stripped;
        let letters =
            [(isolated, 'I'), (ignore_environment, 'E'), (no_user_site, 's'), (no_site, 'S'), (safe_path, 'P')];
        let set = letters.into_iter().filter(|(is_set, _)| *is_set).map(|(_, letter)| letter);
        let set: String = set.chain(unknown).collect();
        if !set.is_empty() {
            write!(formatter, " -{set}")?;
        }
        match frozen_modules {
            None => Ok(()),
            Some(FrozenModules::On) => formatter.write_str(" -X frozen_modules=on"),
            Some(FrozenModules::Off) => formatter.write_str(" -X frozen_modules=off"),
            Some(FrozenModules::Unknown) => formatter.write_str(" -X frozen_modules=?"),
        }
    }
}

impl fmt::Display for LaunchKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LaunchKey::Script(path) => formatter.write_str(path.as_str()),
            LaunchKey::Shebang(shebang) => shebang.fmt(formatter),
            LaunchKey::Kernel(kernel) => write!(formatter, "{} ({})", kernel.notebook, kernel.name),
        }
    }
}

/// Reads the words after `#!`. Linux hands all behind the path over as one argument; `env -S` splits it into words
/// (GNU coreutils), here those without quotes, variables and assignments.
fn shebang(line: &str) -> Option<Shebang> {
    // For Linux these two are blanks, and nothing else is.
    let blanks = [' ', '\t'];
    let line = line.trim_matches(blanks);
    let (name, rest) = line.split_once(blanks).unwrap_or((line, ""));
    let rest = rest.trim_matches(blanks);
    let ends_in_return = name.contains('\r');
    let mut program = Utf8Path::new(name.split('\r').next()?);
    let mut words = rest.split_whitespace();
    let mut whole = flags(Some(rest).filter(|it| !it.is_empty()).into_iter());
    let is_env = program.file_name() == Some("env") && !ends_in_return;
    if is_env {
        // It splits at carriage returns as well.
        let rest = rest.strip_prefix("-S").or_else(|| rest.strip_prefix("--split-string="))?;
        if rest.contains(['\'', '"', '\\', '$', '#']) {
            return None;
        }
        words = rest.split_whitespace();
        program = Utf8Path::new(words.next()?);
    }
    let is_named = program.is_absolute() && program.file_name().is_some_and(is_python);
    let stripped = flags(words);
    let mut split = flags(rest.split(blanks).filter(|it| !it.is_empty()));
    if is_env {
        (whole, split) = (stripped, stripped);
    }
    is_named.then(|| Shebang { interpreter: program.to_owned(), ends_in_return, whole, split, stripped })
}

pub(crate) fn is_python(name: &str) -> bool {
    let rest = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    rest.is_some_and(|rest| rest.is_empty() || rest == "w" || rest.starts_with(|it: char| it.is_ascii_digit()))
}

/// The other switches of one letter, of any version.
const SWITCHES: &str = "bBcdhimOqRtuvVWxX?";

/// Reads the switches as `_PyOS_GetOpt` does, as far as they change the path.
pub(crate) fn flags<'w>(mut words: impl Iterator<Item = &'w str>) -> Flags {
    let mut flags = Flags::default();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty() && !it.starts_with('-')) else { break };
        for (at, letter) in letters.char_indices() {
            match letter {
                'I' => flags.isolated = true,
                'E' => flags.ignore_environment = true,
                's' => flags.no_user_site = true,
                'S' => flags.no_site = true,
                'P' => flags.safe_path = true,
                letter if !SWITCHES.contains(letter) => {
                    flags.unknown = Some(letter);
                    return flags;
                }
                // Behind these the program's own words begin.
                'c' | 'm' => return flags,
                'W' | 'X' => {
                    let argument = letters.get(at + 1..).filter(|it| !it.is_empty()).or_else(|| words.next());
                    if letter == 'X' {
                        let said = argument.and_then(|it| it.strip_prefix("frozen_modules")).and_then(frozen_modules);
                        // The first one counts.
                        flags.frozen_modules = flags.frozen_modules.or(said);
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    flags
}

/// Reads what stands behind the name of `-X frozen_modules`: nothing switches them on.
fn frozen_modules(rest: &str) -> Option<FrozenModules> {
    match rest.strip_prefix('=') {
        None => rest.is_empty().then_some(FrozenModules::On),
        Some("") => Some(FrozenModules::On),
        Some(word) => Some(FrozenModules::said(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn read(source: &str) -> Option<Launch> {
        of("/p/run.py".into(), &crate::imports::scan(&Text::new(source.to_owned())))
    }

    #[test]
    fn an_absolute_path_names_an_interpreter() {
        for (line, expected) in [
            ("#!/usr/bin/python3", Some("#!/usr/bin/python3")),
            ("#! /usr/bin/python3.11 -u\r", Some("#!/usr/bin/python3.11")),
            ("#!/ws/.venv/bin/python\t-Es", Some("#!/ws/.venv/bin/python -Es")),
            ("#!/usr/bin/pypy3 -BIX dev", Some("#!/usr/bin/pypy3 -I")),
            ("#!/usr/bin/python3 -W I", Some("#!/usr/bin/python3")),
            ("#!/usr/bin/python3 -IXfrozen_modules=off", Some("#!/usr/bin/python3 -I -X frozen_modules=off")),
            (
                "#!/usr/bin/env -S /usr/bin/python3 -X frozen_modules -X frozen_modules=off",
                Some("#!/usr/bin/python3 -X frozen_modules=on"),
            ),
            ("#!/usr/bin/python3 -Xfrozen_modules_x", Some("#!/usr/bin/python3")),
            ("#!/usr/bin/python3 -n -I", Some("#!/usr/bin/python3 -n")),
            ("#!/usr/bin/python3 -sWI", Some("#!/usr/bin/python3 -s")),
            ("#!/usr/bin/python3 -P -- -I", Some("#!/usr/bin/python3 -P")),
            ("#!/usr/bin/env -S /usr/bin/python3 -I -S", Some("#!/usr/bin/python3 -IS")),
            ("#!/usr/bin/env --split-string=/opt/py/bin/python", Some("#!/opt/py/bin/python")),
            ("#!/usr/bin/env python3", None),
            ("#!/usr/bin/env -S python3 -I", None),
            ("#!/usr/bin/env -S uv run --script", None),
            ("#!/usr/bin/env -S PYTHONPATH=/x /usr/bin/python3", None),
            ("#!/usr/bin/env -S \"/usr/bin/python3\"", None),
            ("#!python3", None),
            ("#!/bin/sh", None),
            ("#!/usr/bin/python-argcomplete-check", None),
            ("# /usr/bin/python3", None),
        ] {
            let found = read(&format!("{line}\nimport a\n"));
            assert_eq!(found.map(|it| it.key().to_string()).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn linux_hands_one_argument_over() {
        let flags = |line: &str, platform| match read(&format!("{line}\n")) {
            Some(Launch::Shebang(shebang)) => shebang.flags(platform),
            other => panic!("{line}: {other:?}"),
        };
        let off = Flags { frozen_modules: Some(FrozenModules::Off), ..Flags::default() };
        let safe = Flags { safe_path: true, ..Flags::default() };
        for (line, on_linux, elsewhere) in [
            ("#!/usr/bin/python3 -X frozen_modules=off", Flags::default(), off),
            ("#!/usr/bin/python3 -Xfrozen_modules=off", off, off),
            ("#!/usr/bin/env -S /usr/bin/python3 -X frozen_modules=off", off, off),
            ("#!/usr/bin/python3 -P -u", Flags { unknown: Some(' '), ..safe }, safe),
            ("#!/usr/bin/env -S /usr/bin/python3 -P\r", safe, safe),
            ("#!/usr/bin/python3 -P \r", Flags { unknown: Some(' '), ..safe }, safe),
        ] {
            assert_eq!(flags(line, Platform::Linux), on_linux, "{line}");
            assert_eq!(flags(line, Platform::MacOs), elsewhere, "{line}");
        }
    }

    /// Measured on Linux: `#!/usr/bin/python3\r` leads to no program, and `-\r` to "Unknown option".
    #[test]
    fn a_carriage_return_belongs_to_what_it_ends() {
        for (line, is_misread, unknown) in [
            ("#!/usr/bin/python3\r", true, None),
            ("#!/usr/bin/python3 -u\r", false, Some('\r')),
            ("#!/usr/bin/python3 -X dev\r", false, None),
            ("#!/usr/bin/python3 -Xdev\r", false, None),
            ("#!/usr/bin/env -S /usr/bin/python3\r", false, None),
        ] {
            let Some(Launch::Shebang(shebang)) = read(&format!("{line}\nimport a\r\n")) else { panic!("{line:?}") };
            assert_eq!(shebang.interpreter, "/usr/bin/python3");
            assert_eq!((shebang.is_misread(Platform::Linux), shebang.whole.unknown), (is_misread, unknown), "{line:?}");
            assert!(!shebang.is_misread(Platform::Windows) && shebang.flags(Platform::Windows).unknown.is_none());
        }
        assert_eq!(read("#!/usr/bin/env\r\nimport a\n"), None);
    }

    #[test]
    fn a_block_counts_more_than_a_shebang() {
        let read = |content: &str| read(&format!("#!/usr/bin/python3\n# /// script\n# {content}\n# ///\n")).unwrap();
        let one = read("dependencies = []");
        assert_eq!(one.key().to_string(), "/p/run.py");
        assert!(one != read("dependencies = ['a']") && one.key() == read("dependencies = ['a']").key());
    }

    #[test]
    fn values_of_a_block_stand_where_the_script_has_them() {
        let Some(Launch::Script(script)) = read("#!/x\n# /// script\n#\n# a = \"é\"\n#  b = 1 = 2\n# ///\n") else {
            panic!("no script")
        };
        let (document, problem) = script.document();
        let (_, span) = document.text_at(&["a"]).unwrap();
        let start = document.range(span).start;
        assert_eq!((start.line, start.utf8), (3, 6));
        assert_eq!(problem.map(|it| (it.path, it.line)), Some(("/p/run.py".into(), Some(5))));
    }
}
