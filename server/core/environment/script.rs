//! Where uv keeps the environment of a script (PEP 723).
//!
//! In: a script's path and its block, uv's variables and settings. Out: the folders that `uv run --script` and
//! `uv sync --script` use for it, whether they are there or not.
//!
//! **Invariant:** the rule is uv's own (`ScriptInterpreter::root`, `cache_digest`, `cache_name`), and a test asks uv.

use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};

use camino::{Utf8Path, Utf8PathBuf};
use seahash::SeaHasher;

use super::uv;
use crate::document::Document;
use crate::launch::Script;
use crate::system::System;

/// The part of uv's cache that holds environments (`CacheBucket::Environments`).
const BUCKET: &str = "environments-v2";

/// Names are cut after so many bytes, by the versions of uv that cut them at all.
const LONGEST_NAME: usize = 100;

/// Returns the folders that may hold a script's environment: one, or two where the versions of uv differ.
pub(super) fn folders(system: &dyn System, script: &Script, levels: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let Some(cache) = cache(system, script, levels) else { return Vec::new() };
    let digest = digest(&script.path);
    let stem = script.path.file_stem().unwrap_or_default();
    let named = |most: usize| match name(stem, most) {
        name if name.is_empty() => digest.clone(),
        name => format!("{name}-{digest}"),
    };
    let mut entries = vec![named(LONGEST_NAME), named(usize::MAX)];
    entries.dedup();
    entries.into_iter().map(|entry| cache.join(BUCKET).join(entry)).collect()
}

/// Returns uv's cache: `UV_CACHE_DIR`; `cache-dir` of the script, of the project, of the user; then the usual folder.
///
/// uv takes a relative folder from where it is started; here that is the folder of the file that names it.
fn cache(system: &dyn System, script: &Script, levels: &[Utf8PathBuf]) -> Option<Utf8PathBuf> {
    let variable = |name: &str| system.variable(name).filter(|it| !it.is_empty()).map(Utf8PathBuf::from);
    let folder = script.path.parent()?;
    let of_script = || Some(folder.join(script.document().0.text_at(&["tool", "uv", "cache-dir"])?.0));
    let of_user = || setting(system, &uv::user_settings(system)?, &["cache-dir"]);
    variable("UV_CACHE_DIR")
        .map(|it| system.working_directory().join(it))
        .or_else(of_script)
        .or_else(|| levels.iter().find_map(|level| of_project(system, level))?)
        .or_else(of_user)
        .or_else(|| uv::cache(system))
}

/// Reads the settings of one folder: of its `uv.toml`, else of its `pyproject.toml`. The outer `None`: it has none.
#[expect(clippy::option_option, reason = "the nearest file that speaks for uv counts, even if it says nothing of this")]
fn of_project(system: &dyn System, folder: &Utf8Path) -> Option<Option<Utf8PathBuf>> {
    let own = folder.join("uv.toml");
    if system.is_file(&own) {
        return Some(setting(system, &own, &["cache-dir"]));
    }
    let manifest = folder.join("pyproject.toml");
    let document = Document::read(system, &manifest, &mut Vec::new())?;
    document.at(&["tool", "uv"])?;
    Some(document.text_at(&["tool", "uv", "cache-dir"]).map(|(text, _)| folder.join(text)))
}

fn setting(system: &dyn System, file: &Utf8Path, keys: &[&str]) -> Option<Utf8PathBuf> {
    let document = Document::read(system, file, &mut Vec::new())?;
    let (text, _) = document.text_at(keys)?;
    Some(file.parent()?.join(text))
}

/// The hash of the path as the standard library hashes paths, in hexadecimal digits from the lowest byte.
fn digest(path: &Utf8Path) -> String {
    let mut hasher = SeaHasher::new();
    path.as_std_path().hash(&mut hasher);
    hasher.finish().to_le_bytes().iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Lower case; every run of bytes that are no letters and no digits is one dash, and none stands at the end.
fn name(stem: &str, most: usize) -> String {
    let mut name = String::new();
    for byte in stem.bytes().take(most) {
        match byte {
            _ if byte.is_ascii_alphanumeric() => name.push(char::from(byte.to_ascii_lowercase())),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    if name.ends_with('-') {
        name.pop();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::Block;
    use crate::system::memory::MemorySystem;

    fn script(path: &str, content: &str) -> Script {
        Script { path: path.into(), block: Block { line: 0, content: content.to_owned(), flaw: None } }
    }

    fn found(system: &MemorySystem, script: &Script) -> Vec<String> {
        let levels = ["/ws/p".into(), "/ws".into()];
        folders(system, script, &levels).into_iter().map(Utf8PathBuf::into_string).collect()
    }

    /// What uv 0.9.11 said of these paths.
    #[test]
    fn the_names_are_those_that_uv_gives() {
        let mut system = MemorySystem::default();
        system.set_variable("UV_CACHE_DIR", "/c");
        for (path, entry) in [
            ("/tmp/uvx/scripts/run.py", "run-ae6b8b6e8dd15d34"),
            ("/tmp/uvx/scripts/My Script-a.b.py", "my-script-a-b-e965cb3d57af67ce"),
            ("/tmp/uvx/scripts/cd.py", "cd-cf90a526c64a08de"),
        ] {
            assert_eq!(found(&system, &script(path, "")), [format!("/c/environments-v2/{entry}")]);
        }
        let bare = found(&system, &script("/ws/__.py", ""));
        assert!(bare[0].len() == "/c/environments-v2/".len() + 16, "{bare:?}");
        let long = found(&system, &script(&format!("/ws/{}.py", "ab".repeat(60)), ""));
        assert_eq!(long.len(), 2);
        assert!(long[0].contains(&format!("/{}-", "ab".repeat(50))) && long[1].contains(&"ab".repeat(60)));
    }

    #[test]
    fn the_nearest_setting_names_the_cache() {
        let mut system = MemorySystem::default();
        let plain = script("/ws/p/run.py", "");
        let starts = |system: &MemorySystem, script: &Script, cache: &str| {
            let found = found(system, script);
            assert!(found[0].starts_with(&format!("{cache}/environments-v2/run-")), "{found:?}, not {cache}");
        };
        system.set_variable("HOME", "/home/u");
        starts(&system, &plain, "/home/u/.cache/uv");
        system.set_variable("XDG_CACHE_HOME", "relative");
        starts(&system, &plain, "/home/u/.cache/uv");
        system.set_variable("XDG_CACHE_HOME", "/xdg");
        starts(&system, &plain, "/xdg/uv");
        system.write("/home/u/.config/uv/uv.toml", "cache-dir = \"/user\"\n");
        starts(&system, &plain, "/user");
        system.write("/ws/pyproject.toml", "[tool.uv]\ncache-dir = \"cache\"\n");
        starts(&system, &plain, "/ws/cache");
        system.write("/ws/p/uv.toml", "cache-dir = \"/own\"\n");
        starts(&system, &plain, "/own");
        let speaking = script("/ws/p/run.py", "[tool.uv]\ncache-dir = \"/header\"\n");
        starts(&system, &speaking, "/header");
        system.set_variable("UV_CACHE_DIR", "/variable");
        starts(&system, &speaking, "/variable");
    }
}
