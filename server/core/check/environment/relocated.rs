//! An environment that was moved: its scripts still start the interpreter of the old place.
//!
//! In: a [`Situation`], the environment's `activate` and its scripts. Out: what they name, on `pyvenv.cfg` and the manifest.
//!
//! **Invariant:** two witnesses have to agree, the activate script and a script's first line, and none may speak for the
//! place where the environment is; the same folder under another name is the same folder.

use camino::{Utf8Path, Utf8PathBuf};

use super::{on_both, pyvenv_line, recreate};
use crate::check::evidence::at;
use crate::check::message::fitting;
use crate::diagnostic::Diagnostic;
use crate::explain::{self, shortened};
use crate::rules::Rule;
use crate::situation::Situation;
use crate::system::{Kind, System};

/// The longest script of a shell that activates, in bytes; those that tools write have a tenth of it.
const LONGEST_ACTIVATE: u64 = 64 * 1024;

/// A first line is a path; `PATH_MAX` is 4096.
const LONGEST_HEAD: usize = 8192;

/// The most scripts whose first lines are read.
const MOST_SCRIPTS: usize = 32;

/// The longest file that may tell how a container sees the project, in bytes.
const LONGEST_CONTAINER_FILE: u64 = 256 * 1024;

/// Files that may mount the project, and the environment in it, under another name.
const CONTAINER_FILES: [&str; 9] = [
    ".devcontainer/devcontainer.json",
    ".devcontainer.json",
    ".devcontainer/docker-compose.yml",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "Dockerfile",
    "Containerfile",
];

pub(super) fn relocated(system: &dyn System, situation: &Situation) -> Vec<Diagnostic> {
    let Some(interpreter) = &situation.environment.interpreter else { return Vec::new() };
    let (Some(pyvenv), Some(root)) = (&interpreter.pyvenv, &situation.environment.root) else { return Vec::new() };
    let says_so = pyvenv.get("relocatable").is_some_and(|it| it.value.eq_ignore_ascii_case("true"));
    if says_so || system.platform().is_windows() || pyvenv.path.parent() != Some(root) {
        return Vec::new();
    }
    let folder = root.join("bin");
    let Some((activate, line, old)) = named_by_activate(system, &folder) else { return Vec::new() };
    if is_same(system, &old, root) || is_mounted_there(system, situation, &old) {
        return Vec::new();
    }
    let scripts = named_by_scripts(system, &folder);
    if scripts.iter().any(|(_, named)| is_same(system, named, root)) {
        return Vec::new();
    }
    let Some((script, _)) = scripts.iter().find(|(_, named)| *named == old) else { return Vec::new() };
    let name = explain::environment_name(situation);
    let is_there = system.exists(&old);
    let effect = if is_there { "start the Python there" } else { "do not start" };
    let message = fitting([
        format!("`{name}` was made as `{old}`: its scripts {effect}"),
        format!("`{name}` was made as `{}`: its scripts {effect}", shortened(old.as_str(), 30)),
    ]);
    let place = pyvenv_line(system, &pyvenv.path, &["command", "home"]);
    let fixes = [recreate(system, situation, &pyvenv.path)];
    let mut found = on_both(system, situation, Rule::VenvRelocated, &message, (&pyvenv.path, place), &fixes);
    for diagnostic in &mut found {
        diagnostic.related.push(at(&activate, line, "activates the old place"));
        diagnostic.related.push(at(script, 1, "starts the interpreter of the old place"));
    }
    found
}

/// Returns what `activate` sets `VIRTUAL_ENV` to, and the line; nothing where that is worked out when it runs.
fn named_by_activate(system: &dyn System, folder: &Utf8Path) -> Option<(Utf8PathBuf, u32, Utf8PathBuf)> {
    let path = folder.join("activate");
    let text = String::from_utf8(system.read(&path, LONGEST_ACTIVATE).ok()?).ok()?;
    let values = text.lines().zip(1..).filter_map(|(line, number)| {
        let line = line.trim();
        let value = line.strip_prefix("export ").unwrap_or(line).trim_start().strip_prefix("VIRTUAL_ENV=")?;
        Some((number, literal(value)?))
    });
    let (line, named) = values.into_iter().next()?;
    Some((path, line, Utf8PathBuf::from(named)))
}

/// Reads a word of a shell that stands for itself, an absolute path.
fn literal(word: &str) -> Option<String> {
    let word = word.trim_end_matches(';').trim();
    let quoted = ['"', '\''].into_iter().find_map(|it| word.strip_prefix(it)?.strip_suffix(it));
    let plain = quoted.unwrap_or(word);
    let is_plain = !plain.contains(['$', '`', '"', '\'', '\\', ';', '(', ')']) && plain.starts_with('/');
    is_plain.then(|| plain.trim_end_matches('/').to_owned())
}

/// Returns the environments whose interpreters the scripts of a folder start.
fn named_by_scripts(system: &dyn System, folder: &Utf8Path) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
    let listing = system.list(folder).unwrap_or_default();
    let is_script = |name: &str| !name.starts_with("python") && !name.to_ascii_lowercase().starts_with("activate");
    let scripts = listing.iter().filter(|(name, kind)| *kind == Kind::File && is_script(name)).take(MOST_SCRIPTS);
    let named = scripts.filter_map(|(name, _)| {
        let path = folder.join(name);
        let head = system.read_range(&path, 0, LONGEST_HEAD).ok()?;
        let named = environment_of(&String::from_utf8_lossy(&head))?;
        Some((path, named))
    });
    named.collect()
}

/// Returns the environment whose interpreter a script starts: by its first line, or, where the path is too long for the
/// kernel or has a blank in it, by `sh` in the second (`distlib.scripts`, uv's `format_shebang`).
fn environment_of(head: &str) -> Option<Utf8PathBuf> {
    let mut lines = head.lines();
    let first = lines.next()?.strip_prefix("#!")?.trim();
    let interpreter = if first == "/bin/sh" {
        let rest = lines.next()?.strip_prefix("'''exec'")?.trim_start();
        match ['"', '\''].into_iter().find_map(|quote| rest.strip_prefix(quote)?.split_once(quote)) {
            Some((path, _)) => path,
            None => rest.split(' ').next()?,
        }
    } else {
        first.split([' ', '\t']).next()?
    };
    let interpreter = Utf8Path::new(interpreter);
    let folder = interpreter.parent().filter(|it| it.file_name() == Some("bin"))?;
    let is_python = interpreter.file_name()?.starts_with("python") && interpreter.is_absolute();
    folder.parent().filter(|_| is_python).map(Utf8Path::to_owned)
}

/// Tells whether two names stand for one folder: a link, a mount, another spelling.
fn is_same(system: &dyn System, one: &Utf8Path, other: &Utf8Path) -> bool {
    let identity = |path: &Utf8Path| system.metadata(path).ok().map(|it| it.identity);
    one == other || identity(one).is_some_and(|it| Some(it) == identity(other))
}

/// Tells whether a container of the project sees the environment under that name: then it is where it was made, and who
/// looks from outside sees another name of it.
fn is_mounted_there(system: &dyn System, situation: &Situation, old: &Utf8Path) -> bool {
    if system.exists(old) {
        return false;
    }
    let Some(parent) = old.parent().filter(|it| it.parent().is_some()) else { return false };
    let places = [&situation.project.root, &situation.boundary];
    places.into_iter().any(|place| {
        CONTAINER_FILES.iter().map(|it| place.join(it)).any(|file| {
            let Ok(content) = system.read(&file, LONGEST_CONTAINER_FILE) else { return false };
            // Where nothing else is said, the project is mounted below this folder.
            let by_default = file.as_str().contains("devcontainer") && old.starts_with("/workspaces");
            by_default || memchr::memmem::find(&content, parent.as_str().as_bytes()).is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_tell_whose_interpreter_they_start() {
        let of = |head: &str| environment_of(head).map(Utf8PathBuf::into_string);
        assert_eq!(of("#!/old/.venv/bin/python\nimport x\n").as_deref(), Some("/old/.venv"));
        assert_eq!(of("#!/old/.venv/bin/python3.12 -sE\n").as_deref(), Some("/old/.venv"));
        assert_eq!(
            of("#!/bin/sh\n'''exec' \"/a b/.venv/bin/python\" \"$0\" \"$@\"\n' '''\n").as_deref(),
            Some("/a b/.venv")
        );
        assert_eq!(
            of("#!/bin/sh\n'''exec' /long/.venv/bin/python \"$0\" \"$@\"\n' '''\n").as_deref(),
            Some("/long/.venv")
        );
        let relocatable =
            "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n";
        assert_eq!(of(relocatable), None);
        for other in ["#!/usr/bin/env python3\n", "#!/bin/sh\necho\n", "import x\n", "", "#!python\n", "#!/bin/bash\n"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn only_a_word_that_stands_for_itself_is_a_witness() {
        assert_eq!(literal("/old/.venv").as_deref(), Some("/old/.venv"));
        assert_eq!(literal("'/old/a b/.venv'").as_deref(), Some("/old/a b/.venv"));
        assert_eq!(literal("\"/old/.venv/\"").as_deref(), Some("/old/.venv"));
        for word in ["\"$(cd .. && pwd)\"", "$(cygpath /old/.venv)", "`pwd`", "relative", "''", "\"$SCRIPT\"/.."] {
            assert_eq!(literal(word), None, "{word}");
        }
    }
}
