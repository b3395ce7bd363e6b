//! `getpath` up to 3.10, in C (`Modules/getpath.c`: `calculate_path` and what it calls).
//!
//! In: an executable and what is compiled in. Out: a [`Layout`].
//!
//! **Invariant:** links of the executable are resolved before `pyvenv.cfg` is looked for, and nothing is folded.

use super::{Build, Landmarks, Layout, archive, variable};
use crate::interpreter::{Flags, paths, pyvenv};
use crate::origin::Evidence;
use crate::system::{Cause, LARGEST_METADATA, Platform, System};

/// `MAXPATHLEN`.
const LONGEST_PATH: usize = 4096;

pub(super) fn layout(system: &dyn System, build: &dyn Build, executable: &str, flags: Flags) -> Layout {
    let landmarks = Landmarks::new(build, Platform::Linux);
    let mut argv0 = paths::up(&paths::hops(system, executable, false)).to_owned();
    let mut fatal = None;
    if let Some(home) = home_beside(system, &argv0) {
        // From 3.8 on what does not fit is an error (`PATHLEN_ERR`); before, it was cut off.
        if home.len() > LONGEST_PATH && build.version().at_least(3, 8) {
            fatal = Some("`home` in its `pyvenv.cfg` is longer than a path may be".to_owned());
        }
        argv0 = home;
    }
    let mut home = variable(system, "PYTHONHOME", flags);
    if home.is_none() && !build.version().at_least(3, 7) && !flags.ignores_environment() {
        // To 3.6 an empty `PYTHONHOME` is a home all the same.
        home = system.variable("PYTHONHOME");
    }
    let compiled = std::cell::OnceCell::new();
    let compiled = || compiled.get_or_init(|| build.compiled_prefix().unwrap_or_default()).clone();
    let below = |directory: &str, name: &str| paths::join_plain(directory, name);
    let has = |directory: &str| landmarks.standard.iter().any(|name| paths::is_file(system, &below(directory, name)));
    // A relative `home` counts from the working directory; the C code makes it absolute, without folding, to climb.
    let start = if argv0.starts_with('/') || argv0.is_empty() {
        argv0.clone()
    } else {
        below(system.working_directory().as_str(), argv0.strip_prefix("./").unwrap_or(&argv0))
    };

    let (reduced, stdlib) = find_prefix(system, build, &landmarks, home.as_deref(), &argv0, &start, &has, &compiled);
    let (exec_prefix, dynamic) = match &home {
        Some(home) => {
            let exec = home.split_once(':').map_or(home.as_str(), |(_, exec)| exec);
            let dynamic = below(exec, &landmarks.dynamic);
            (essence_of_dynamic(&dynamic), dynamic)
        }
        None => find_exec_prefix(system, build, &landmarks, &argv0, &start, &compiled),
    };

    let mut search_path = Vec::new();
    if let Some(list) = variable(system, "PYTHONPATH", flags) {
        search_path.extend(list.split(':').map(|item| (item.to_owned(), Evidence::Variable("PYTHONPATH"))));
    }
    // The archive is found from the library that was found, less two directories; else from what is compiled in.
    let archive = below(build.platform_library_directory(), &archive(build.version(), Platform::Linux));
    let zip = below(&reduced.clone().unwrap_or_else(compiled), &archive);
    let prefix = reduced.map_or_else(compiled, |it| if it.is_empty() { "/".to_owned() } else { it });
    search_path.extend([zip, stdlib.clone()].map(|path| (path, Evidence::BuiltIn)));
    if !build.version().at_least(3, 7) {
        // 3.6 lists the library twice, which shows where `site` does not clean up.
        search_path.push((stdlib.clone(), Evidence::BuiltIn));
    }
    search_path.push((dynamic, Evidence::BuiltIn));
    // All of it is one text at first, which is taken apart at every colon: one in a prefix divides it too.
    let apart =
        search_path.iter().flat_map(|(text, evidence)| text.split(':').map(|it| (it.to_owned(), evidence.clone())));
    let search_path = apart.collect();
    Layout {
        executable: executable.to_owned(),
        base_executable: String::new(),
        prefix: prefix.clone(),
        exec_prefix: exec_prefix.clone(),
        base_prefix: prefix,
        base_exec_prefix: exec_prefix,
        stdlib,
        search_path,
        path_file: None,
        fatal,
    }
}

/// The `home` of the first `pyvenv.cfg` beside the resolved executable or one directory above it.
fn home_beside(system: &dyn System, argv0: &str) -> Option<String> {
    for directory in [argv0, paths::up(argv0)] {
        let path = paths::place(system, &paths::join_plain(directory, "pyvenv.cfg"));
        match system.read(&path, LARGEST_METADATA) {
            Ok(bytes) => return pyvenv::home_by_c(&bytes),
            // A directory can be opened, so the search ends there; it has no lines.
            Err(failure) if failure.cause == Cause::IsADirectory => return None,
            Err(_) => {}
        }
    }
    None
}

/// Returns the prefix of the library that was found, if one was, and the library (`search_for_prefix`, `calculate_set_prefix`).
#[expect(clippy::too_many_arguments, reason = "one step of one algorithm, split off for its length")]
fn find_prefix(
    system: &dyn System,
    build: &dyn Build,
    landmarks: &Landmarks,
    home: Option<&str>,
    argv0: &str,
    start: &str,
    has: &dyn Fn(&str) -> bool,
    compiled: &dyn Fn() -> String,
) -> (Option<String>, String) {
    // The prefix is what is left when two directories are taken off the library again: a last slash is lost, and where
    // `PYTHONPLATLIBDIR` is `../lib`, it is another than the one that the library was found from.
    let of = |prefix: &str| {
        let stdlib = paths::join_plain(prefix, &landmarks.library);
        (Some(paths::up(paths::up(&stdlib)).to_owned()), stdlib)
    };
    if let Some(home) = home {
        return of(home.split(':').next().unwrap_or_default());
    }
    if paths::is_file(system, &paths::join_plain(argv0, "Modules/Setup.local")) {
        let sources = paths::join_plain(&paths::join_plain(argv0, &build.sources()), "Lib");
        if ["os.py", "os.pyc"].iter().any(|name| paths::is_file(system, &paths::join_plain(&sources, name))) {
            return (None, sources);
        }
    }
    let found = paths::climb(start, has).or_else(|| Some(compiled()).filter(|it| has(it)));
    found.map_or_else(|| (None, paths::join_plain(&compiled(), &landmarks.library)), |it| of(&it))
}

fn find_exec_prefix(
    system: &dyn System,
    build: &dyn Build,
    landmarks: &Landmarks,
    argv0: &str,
    start: &str,
    compiled: &dyn Fn() -> String,
) -> (String, String) {
    let marker = paths::place(system, &paths::join_plain(argv0, "pybuilddir.txt"));
    if let Ok(content) = system.read(&marker, LARGEST_METADATA) {
        let content = String::from_utf8_lossy(&content).into_owned();
        return (compiled(), paths::join_plain(argv0, &content));
    }
    let has = |directory: &str| paths::is_directory(system, &paths::join_plain(directory, &landmarks.dynamic));
    let found = paths::climb(start, has).or_else(|| Some(compiled()).filter(|it| has(it)));
    if let Some(found) = found {
        let dynamic = paths::join_plain(&found, &landmarks.dynamic);
        return (essence_of_dynamic(&dynamic), dynamic);
    }
    let prefix = compiled();
    let directory = paths::join_plain(&prefix, build.platform_library_directory());
    (prefix, paths::join_plain(&directory, "lib-dynload"))
}

/// What is left of the extensions' directory without its last three names; nothing is left of the root but the root.
fn essence_of_dynamic(dynamic: &str) -> String {
    let left = paths::up(paths::up(paths::up(dynamic)));
    if left.is_empty() { "/" } else { left }.to_owned()
}
