//! One call of pip.
//!
//! In: the words of a simple command. Out: a [`Call`], where the command runs `pip install` with a Python that is looked
//! up on `PATH` or is the operating system's by its path.
//!
//! **Invariant:** a program that is not known for sure (an expansion, another path, another version) is no call.

use super::shell::Word;

/// `pip install`, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// Through `sudo` or `doas`: whatever the user's shell has on `PATH`, it is the operating system's.
    pub(super) as_root: bool,
    /// Named by its path under `/usr/bin`.
    pub(super) by_path: bool,
    /// The option that forces it, from here to there in the code.
    pub(super) forced: Option<(usize, usize)>,
    /// `PIP_BREAK_SYSTEM_PACKAGES=1` in front of it.
    pub(super) forced_by_variable: bool,
    /// The option that has it install for one user, from here to there in the code.
    pub(super) user: Option<(usize, usize)>,
    /// The requirements, as they were written.
    pub(super) requirements: Vec<String>,
    /// Whether requirements are all that it installs: no file, no URL, nothing that is not known.
    pub(super) only_requirements: bool,
    /// Whether nothing but `sudo` and variables stand in front of the program, so that another may take its place.
    pub(super) stands_alone: bool,
    /// From `sudo` or the program to `install`.
    pub(super) head: (usize, usize),
    /// The whole command.
    pub(super) whole: (usize, usize),
}

/// Options of `pip install` that put the packages elsewhere, for which PEP 668 does not count, or that install nothing.
const ELSEWHERE: [&str; 9] =
    ["-t", "--target", "--prefix", "--root", "--python", "--dry-run", "--help", "-h", "--version"];

/// Options that are followed by a value of their own.
const WITH_VALUE: [&str; 24] = [
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--trusted-host",
    "--cache-dir",
    "--timeout",
    "--retries",
    "--proxy",
    "--log",
    "--progress-bar",
    "--no-binary",
    "--only-binary",
    "--upgrade-strategy",
    "--config-settings",
    "--src",
    "--report",
];

/// Those of them that install something by themselves.
const INSTALLING: [&str; 4] = ["-r", "--requirement", "-e", "--editable"];

/// Reads a simple command as `pip install`.
pub(super) fn call(words: &[Word]) -> Option<Call> {
    let mut rest = words;
    let mut as_root = false;
    let mut forced_by_variable = false;
    let mut stands_alone = true;
    let first = rest.first()?.start;
    // What stands before the program: assignments and programs that start another one.
    let program = loop {
        let (word, behind) = rest.split_first()?;
        if let Some((name, value)) = assignment(word) {
            // Whoever sets a path for one command means another Python.
            if matches!(name, "PATH" | "VIRTUAL_ENV" | "PYTHONHOME" | "PIP_TARGET" | "PIP_PREFIX") {
                return None;
            }
            forced_by_variable |= name == "PIP_BREAK_SYSTEM_PACKAGES" && is_on(value);
            rest = behind;
            continue;
        }
        match word.plain()? {
            "sudo" | "doas" => {
                as_root = true;
                rest = behind_options(behind, &["-u", "-g", "-p", "-C", "-h", "--user", "--group"]);
            }
            starter @ ("env" | "command" | "exec" | "nohup" | "time" | "xargs" | "nice" | "ionice") => {
                stands_alone = false;
                rest = behind_options(behind, options_with_value(starter));
            }
            program => {
                rest = behind;
                break program;
            }
        }
    };
    let by_path = program.starts_with("/usr/bin/");
    match program.strip_prefix("/usr/bin/").unwrap_or(program) {
        "pip" | "pip3" => {}
        "python" | "python3" => rest = behind_module(rest)?,
        _ => return None,
    }
    let at = rest.iter().position(|it| !it.text.starts_with('-'))?;
    let (options, behind) = rest.split_at(at);
    let (install, arguments) = behind.split_first()?;
    if install.plain() != Some("install") || options.iter().any(|it| leads_elsewhere(&it.text)) {
        return None;
    }
    let mut call = Call {
        as_root,
        by_path,
        forced: options.iter().find(|it| it.text == "--break-system-packages").map(|it| (it.start, it.end)),
        forced_by_variable,
        user: None,
        requirements: Vec::new(),
        only_requirements: true,
        stands_alone,
        head: (first, install.end),
        whole: (first, words.last()?.end),
    };
    read_arguments(arguments, &mut call).then_some(call)
}

/// Reads what stands behind `install`; false where it installs elsewhere or nothing.
fn read_arguments(arguments: &[Word], call: &mut Call) -> bool {
    let mut arguments = arguments.iter();
    while let Some(word) = arguments.next() {
        let text = word.text.as_str();
        if leads_elsewhere(text) {
            return false;
        }
        if text == "--break-system-packages" {
            call.forced = Some((word.start, word.end));
        } else if text == "--user" {
            call.user = Some((word.start, word.end));
        } else if WITH_VALUE.contains(&text) {
            call.only_requirements &= !INSTALLING.contains(&text);
            arguments.next();
        } else if let Some(option) = text.strip_prefix('-') {
            // `-rfile`, `--requirement=file`, `-efolder`.
            call.only_requirements &=
                !(option.starts_with(['r', 'e']) || INSTALLING.iter().any(|it| text.starts_with(&format!("{it}="))));
        } else if is_requirement(word) {
            call.requirements.push(text.to_owned());
        } else {
            call.only_requirements = false;
        }
    }
    true
}

fn leads_elsewhere(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    ELSEWHERE.contains(&name) || (option.starts_with("-t") && !option.starts_with("--"))
}

/// Returns what stands behind `-m pip`.
fn behind_module(words: &[Word]) -> Option<&[Word]> {
    let at = words.iter().position(|it| it.text == "-m")?;
    let before = words.get(..at)?;
    // A script in front of it would get the rest as arguments.
    let only_options = before.iter().all(|it| it.text.starts_with('-') && it.text != "-c");
    let (module, behind) = words.get(at + 1..)?.split_first()?;
    (only_options && module.plain() == Some("pip")).then_some(behind)
}

fn options_with_value(starter: &str) -> &'static [&'static str] {
    match starter {
        "env" => &["-u", "--unset", "-C", "--chdir"],
        "nice" | "ionice" => &["-n", "-c"],
        "xargs" => &["-n", "-P", "-I", "-a", "-d", "-L", "-s"],
        _ => &[],
    }
}

/// Passes over options; those that are named take the next word with them.
fn behind_options<'a>(mut words: &'a [Word], with_value: &[&str]) -> &'a [Word] {
    while let Some((word, behind)) = words.split_first() {
        if !word.text.starts_with('-') {
            break;
        }
        let skipped = usize::from(with_value.contains(&word.text.as_str()));
        words = behind.get(skipped..).unwrap_or_default();
    }
    words
}

/// Reads `NAME=value`.
pub(super) fn assignment(word: &Word) -> Option<(&str, &str)> {
    let (name, value) = word.text.split_once('=')?;
    let is_name = !name.is_empty()
        && !name.starts_with(|it: char| it.is_ascii_digit())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    is_name.then_some((name, value))
}

/// Tells whether pip takes a variable's value as yes (`strtobool`).
pub(super) fn is_on(value: &str) -> bool {
    ["1", "y", "yes", "t", "true", "on"].contains(&value.to_ascii_lowercase().as_str())
}

/// A name with perhaps extras and a version, no path and no URL.
fn is_requirement(word: &Word) -> bool {
    let Some(text) = word.plain() else { return false };
    let name = text.split(['[', '=', '<', '>', '!', '~', ';', ' ']).next().unwrap_or_default();
    let is_name = !name.is_empty()
        && name.starts_with(|it: char| it.is_ascii_alphanumeric())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    let is_file = [".whl", ".gz", ".zip", ".txt"].iter().any(|end| text.ends_with(end));
    is_name && !is_file && !text.contains("://")
}
