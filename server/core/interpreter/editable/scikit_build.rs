//! scikit-build-core's hooks.
//!
//! In: a companion module. Out: the hook of its last statement: `install({module: source}, {module: file in the wheel},
//! {package: [directories]}, [packages], …)`, or `install_inplace([names], [directories], …)`.
//!
//! **Invariant:** the search locations of packages are those that this version of the template computes
//! (`resources/_editable_redirect.py`).

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Hook, Source, calls};
use crate::interpreter::literal::Literal;
use crate::interpreter::{FinderTarget, Precedence, Reach};

pub(super) fn hook(source: &Source<'_>) -> Option<Hook> {
    let (name, arguments) = calls(source.body).filter(|(name, _)| name.starts_with("install")).last()?;
    let modules = match (name.as_str(), &*arguments) {
        ("install", [Some(sources), Some(wheel), rest @ ..]) => redirect(source, sources, wheel, rest),
        ("install_inplace", [Some(names), Some(directories), ..]) => {
            let directories: Vec<Utf8PathBuf> = directories.texts().into_iter().map(Utf8PathBuf::from).collect();
            let names = names.texts().into_iter();
            names.map(|name| (name.to_owned(), FinderTarget::Within(directories.clone()))).collect()
        }
        _ => return None,
    };
    let (precedence, reach) = (Precedence::First, Reach::Listed);
    Some(Hook { precedence, reach, modules, placeholder: None, needs: None, whole: true })
}

fn redirect(
    source: &Source<'_>,
    sources: &Literal,
    wheel: &Literal,
    rest: &[Option<Literal>],
) -> Vec<(String, FinderTarget)> {
    // The wheel's own files win over the sources.
    let wheel: Vec<_> = files(wheel).map(|(name, file)| (name, source.directory.join(file))).collect();
    let mut known: Vec<(&str, Utf8PathBuf)> = wheel.clone();
    for (name, file) in files(sources) {
        if wheel.iter().all(|(other, _)| *other != name) {
            known.push((name, file));
        }
    }
    let directories = match rest {
        [Some(directories @ Literal::Mapping(_)), packages, ..] => written(source, directories, packages.as_ref()),
        // Before 0.6 a package had its own directory and no other.
        _ if !source.text.contains("submodule_search_locations") => BTreeMap::new(),
        _ => computed(files(sources).chain(wheel)),
    };
    let modules = known.into_iter().map(|(name, file)| (name.to_owned(), FinderTarget::File(file)));
    modules.chain(directories.into_iter().map(|(name, all)| (name, FinderTarget::Namespace(all)))).collect()
}

/// Since 1.0 the directories are written out, those of the installed tree relative; they come first.
fn written(
    source: &Source<'_>,
    directories: &Literal,
    packages: Option<&Literal>,
) -> BTreeMap<String, Vec<Utf8PathBuf>> {
    let mut ranked: BTreeMap<String, Vec<(bool, Utf8PathBuf)>> = BTreeMap::new();
    for (name, paths) in directories.entries() {
        let paths = paths.texts().into_iter().map(|path| (path.starts_with('/'), source.directory.join(path)));
        ranked.insert(name.to_owned(), paths.collect());
    }
    let mut packages = packages.map(Literal::texts).unwrap_or_default();
    packages.sort_by_key(|name| name.matches('.').count());
    for name in packages {
        let Some((parent, last)) = name.rsplit_once('.') else { continue };
        let inherited = ranked.get(parent).cloned().unwrap_or_default();
        let inherited = inherited.into_iter().map(|(rank, path)| (rank, path.join(last)));
        for (rank, path) in inherited.filter(|(_, path)| source.system.is_directory(path)) {
            let own = ranked.entry(name.to_owned()).or_default();
            if own.iter().all(|(_, known)| *known != path) {
                own.push((rank, path));
            }
        }
    }
    let sorted = ranked.into_iter().map(|(name, mut paths)| {
        paths.sort();
        (name, paths.into_iter().map(|(_, path)| path).collect())
    });
    sorted.collect()
}

/// From 0.6 to 0.11 they follow from the files, in an order that Python itself draws anew at each start: a set. Packages
/// without a file of their own are left to the search path.
fn computed<'f>(files: impl Iterator<Item = (&'f str, Utf8PathBuf)>) -> BTreeMap<String, Vec<Utf8PathBuf>> {
    let mut directories: BTreeMap<String, Vec<Utf8PathBuf>> = BTreeMap::new();
    let mut packages = Vec::new();
    for (module, file) in files {
        let is_package = file.as_str().contains("__init__.py");
        let name = if is_package { module } else { module.rsplit_once('.').map_or("", |(parent, _)| parent) };
        if is_package {
            packages.push(name.to_owned());
        }
        let own = directories.entry(name.to_owned()).or_default();
        let directory = file.parent().map(Utf8Path::to_owned).unwrap_or_default();
        if !own.contains(&directory) {
            own.push(directory);
        }
    }
    directories.retain(|name, _| packages.contains(name));
    directories
}

fn files(table: &Literal) -> impl Iterator<Item = (&str, Utf8PathBuf)> {
    table.entries().filter_map(|(name, file)| Some((name, Utf8PathBuf::from(file.text()?))))
}
