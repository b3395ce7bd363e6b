//! meson-python's hook.
//!
//! In: a companion module, which names top-level modules and a build directory; meson's own description of what it
//! installs, `meson-info/intro-install_plan.json` there. Out: the hook, with every file below site-packages.
//!
//! **Invariant:** nothing is built; what the last build has left is what counts (`collect` and `walk` in mesonpy's
//! `_editable.py`).

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{Hook, Source, calls, calls_in};
use crate::interpreter::literal::Literal;
use crate::interpreter::{FinderTarget, Precedence, Reach};
use crate::system::{Kind, System};

/// Deeper trees are no packages.
const DEEPEST: usize = 64;

pub(super) fn hook(source: &Source<'_>) -> Option<Hook> {
    // `MesonpyMetaFinder(package, {names}, build_dir, …)`; up to 0.16 behind `install(…)`, up to 0.15 without the package.
    let is_it = |name: &str| name == "install" || name.ends_with(".install") || name.ends_with("MetaFinder");
    let (_, arguments) = calls_in(source.body, "init").chain(calls(source.body)).find(|(name, _)| is_it(name))?;
    let at = arguments.iter().position(|it| matches!(it, Some(Literal::Sequence(_))))?;
    let names = arguments.get(at)?.as_ref()?.texts();
    let build = arguments.get(at + 1).and_then(|it| it.as_ref()?.text()).map(Utf8Path::new);
    let skipped = source.system.variable("MESONPY_EDITABLE_SKIP").unwrap_or_default();
    if build.is_some_and(|build| skipped.split(':').any(|it| it == build)) {
        return None;
    }
    // From 0.16 on the search location of a package is a name below the companion itself, before it was none.
    let has_places = source.text.contains("os.path.join(__file__, name)");
    let places = has_places.then(|| source.file.clone());
    let modules = names
        .into_iter()
        .map(|name| (name.to_owned(), FinderTarget::Namespace(places.iter().map(|file| file.join(name)).collect())));
    let files = build.and_then(|build| files(source.system, build));
    let (whole, files) = (files.is_some(), files.unwrap_or_default());
    let (precedence, reach) = (Precedence::First, Reach::Installed(files));
    Some(Hook { precedence, reach, modules: modules.collect(), placeholder: None, needs: None, whole })
}

/// Returns what the last build installs: the path below site-packages → the file.
fn files(system: &dyn System, build: &Utf8Path) -> Option<BTreeMap<Utf8PathBuf, Utf8PathBuf>> {
    let text = system.read_text(&build.join("meson-info/intro-install_plan.json")).ok()?;
    let plan: Value = serde_json::from_str(&text).ok()?;
    let mut files = BTreeMap::new();
    for (kind, items) in plan.as_object()? {
        for (path, item) in items.as_object().into_iter().flatten() {
            let path = Utf8Path::new(path.trim_end_matches('/'));
            let Some(destination) = item.get("destination").and_then(Value::as_str) else { continue };
            let inside = ["{py_platlib}", "{py_purelib}"].iter().find_map(|it| destination.strip_prefix(it));
            let Some(inside) = inside.map(|it| Utf8Path::new(it.trim_start_matches('/'))) else { continue };
            if (kind == "install_subdirs" || kind == "targets") && system.is_directory(path) {
                let excluded = |key: &str| {
                    let texts = item.get(key).and_then(Value::as_array).into_iter().flatten();
                    texts.filter_map(Value::as_str).map(|it| path.join(it)).collect::<Vec<_>>()
                };
                let excluded = [excluded("exclude_files"), excluded("exclude_dirs")].concat();
                walk(system, path, inside, &excluded, DEEPEST, &mut files);
            } else {
                files.insert(inside.to_owned(), path.to_owned());
            }
        }
    }
    Some(files)
}

fn walk(
    system: &dyn System,
    directory: &Utf8Path,
    destination: &Utf8Path,
    excluded: &[Utf8PathBuf],
    depth: usize,
    files: &mut BTreeMap<Utf8PathBuf, Utf8PathBuf>,
) {
    let Ok(listing) = system.list(directory) else { return };
    for (name, kind) in listing.iter() {
        let path = directory.join(name);
        if excluded.contains(&path) {
            continue;
        }
        // `os.walk` does not go into linked directories, and does not call them files either.
        match kind {
            Kind::Directory if depth > 0 => {
                walk(system, &path, &destination.join(name), excluded, depth - 1, files);
            }
            Kind::Directory => {}
            Kind::Link if system.is_directory(&path) => {}
            Kind::File | Kind::Link | Kind::Other => drop(files.insert(destination.join(name), path)),
        }
    }
}
