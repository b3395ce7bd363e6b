//! Who made an environment.
//!
//! In: an interpreter that was read. Out: its [`EnvironmentKind`] and the folder that people know it by.
//!
//! **Invariant:** told from the marks and places that the tools document; what has none of them is `Other`.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Broken, EnvironmentKind, SourceKind, pyenv, uv};
use crate::interpreter::Interpreter;
use crate::system::System;

/// Tells who made the environment of an interpreter.
///
/// `virtualenv` and `uv` write a key of their own name into `pyvenv.cfg`; conda keeps `conda-meta`. A tool that was
/// asked for its environment is named as its maker, whatever it had it made with.
pub(super) fn kind(system: &dyn System, interpreter: &Interpreter, chosen_by: SourceKind) -> EnvironmentKind {
    if let Some(kind) = kind_of_tool(chosen_by) {
        return kind;
    }
    if let Some(pyvenv) = &interpreter.pyvenv {
        return kind_of_pyvenv(pyvenv.entries.iter().map(|entry| entry.key.as_str()));
    }
    if interpreter.real_prefix.is_some() {
        return EnvironmentKind::Virtualenv;
    }
    if system.is_directory(&interpreter.prefix.join("conda-meta")) {
        return EnvironmentKind::Conda;
    }
    let installed = |folder: &Utf8Path| is_below(system, &interpreter.prefix, folder);
    if uv::folder(system).is_some_and(|it| installed(&it)) || is_managed_by_uv(interpreter) {
        return EnvironmentKind::UvManaged;
    }
    if pyenv::root(system).is_some_and(|root| installed(&root.join("versions"))) || is_under_pyenv(&interpreter.prefix)
    {
        return EnvironmentKind::Pyenv;
    }
    if interpreter.system { EnvironmentKind::System } else { EnvironmentKind::Other }
}

/// Returns the folder of the environment: where its `pyvenv.cfg` lies, or else the prefix.
pub(super) fn root(interpreter: &Interpreter) -> Utf8PathBuf {
    let folder = interpreter.pyvenv.as_ref().and_then(|pyvenv| pyvenv.path.parent());
    folder.unwrap_or(&interpreter.prefix).to_owned()
}

/// Tells the same of an environment whose interpreter is gone, from its `pyvenv.cfg` alone.
pub(super) fn kind_of_broken(system: &dyn System, broken: &Broken, chosen_by: SourceKind) -> EnvironmentKind {
    if let Some(kind) = kind_of_tool(chosen_by) {
        return kind;
    }
    let Some(text) = broken.pyvenv_cfg.as_ref().and_then(|cfg| system.read_text(cfg).ok()) else {
        // conda makes environments without a Python too, of which it keeps records all the same.
        let folder = broken.interpreter.parent().and_then(Utf8Path::parent);
        let is_conda = folder.is_some_and(|it| system.is_directory(&it.join("conda-meta")));
        return if is_conda { EnvironmentKind::Conda } else { EnvironmentKind::Other };
    };
    let keys = text.lines().filter_map(|line| line.split_once('=')).map(|(key, _)| key.trim().to_lowercase());
    let keys: Vec<String> = keys.collect();
    kind_of_pyvenv(keys.iter().map(String::as_str))
}

fn kind_of_tool(chosen_by: SourceKind) -> Option<EnvironmentKind> {
    match chosen_by {
        SourceKind::Poetry => Some(EnvironmentKind::Poetry),
        SourceKind::Pipenv => Some(EnvironmentKind::Pipenv),
        SourceKind::Pdm => Some(EnvironmentKind::Pdm),
        SourceKind::Hatch => Some(EnvironmentKind::Hatch),
        SourceKind::Pixi => Some(EnvironmentKind::Pixi),
        SourceKind::Conda => Some(EnvironmentKind::Conda),
        _ => None,
    }
}

fn kind_of_pyvenv<'k>(keys: impl Iterator<Item = &'k str>) -> EnvironmentKind {
    let mut kind = EnvironmentKind::Venv;
    for key in keys {
        match key {
            "uv" => return EnvironmentKind::Uv,
            "virtualenv" => kind = EnvironmentKind::Virtualenv,
            _ => {}
        }
    }
    kind
}

/// uv marks the Pythons it keeps as externally managed, in its own name.
fn is_managed_by_uv(interpreter: &Interpreter) -> bool {
    let marker = interpreter.externally_managed.as_ref();
    marker.is_some_and(|it| it.message.contains("managed by uv"))
}

/// pyenv keeps one folder a version under `.pyenv/versions`, wherever `PYENV_ROOT` was when it did.
fn is_under_pyenv(prefix: &Utf8Path) -> bool {
    let versions = prefix.parent();
    versions.is_some_and(|it| it.file_name() == Some("versions"))
        && versions.and_then(Utf8Path::parent).is_some_and(|it| it.file_name() == Some(".pyenv"))
}

fn is_below(system: &dyn System, path: &Utf8Path, folder: &Utf8Path) -> bool {
    path.starts_with(folder)
        || matches!((system.canonical(path), system.canonical(folder)), (Ok(path), Ok(folder)) if path.starts_with(&folder))
}
