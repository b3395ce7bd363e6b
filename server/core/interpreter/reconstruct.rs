//! The whole start-up, from the executable to the finished search path.
//!
//! In: an executable and the binary behind it. Out: an [`Interpreter`], and what stops half-way.
//!
//! **Invariant:** costly facts (the constants of a large library) are read only where two answers would differ.

use camino::{Utf8Path, Utf8PathBuf};

use super::binary::Binary;
use super::early::Starting;
use super::features::Features;
use super::getpath::{self, BinaryBuild, Flavor, Layout};
use super::modules::Modules;
use super::site::{Entry, SiteBuild, Start};
use super::suffixes::{self, Build};
use super::{Flags, FrozenModules, Implementation, Interpreter, managed, paths};
use crate::origin::{Evidence, ImportRoot, Problem};
use crate::system::{LARGEST_METADATA, Platform, System};

pub(super) fn reconstruct(
    system: &dyn System,
    executable: &Utf8Path,
    binary: &Binary<'_>,
    flags: Flags,
) -> (Interpreter, Vec<Problem>) {
    let platform = system.platform();
    let configured = configured_library_directory(system, binary, executable);
    let platform_library_directory =
        named_library_directory(system, binary, flags).unwrap_or_else(|| configured.clone());
    let layout = layout(system, binary, executable, flags, [&platform_library_directory, &configured]);
    let library = match platform {
        Platform::Windows => "Lib".to_owned(),
        _ => format!("{configured}/{}", binary.library_name()),
    };
    let build = Build::read(system, binary, &layout.stdlib);
    let (without_frozen, wrong) = match frozen_modules_are_off(system, binary, flags, build.is_debug()) {
        Ok(are_off) => (are_off, None),
        Err(reason) => (false, Some(reason)),
    };
    let (site_library, features) = site_library(system, binary, &layout, &library, without_frozen);
    let features = features.unwrap_or_else(|| Features::read(system, &site_library, &binary.version));
    let compiled_in = binary.builtin_modules();
    let mut effective = flags;
    if let Some(path_file) = layout.path_file {
        // Its lines alone decide whether `site` is imported, even under `-S`. It isolates only after `PYTHONNOUSERSITE`
        // was read (`config_read` comes before `config_run_pathconfig`), and up to 3.14 leaves the user site alone.
        effective.no_site = !path_file.imports_site;
    }
    let (abi, extension_suffixes) = match binary.implementation {
        Implementation::CPython => suffixes::suffixes(&binary.version, build, features.debian),
        Implementation::PyPy => suffixes::of_pypy(system, binary, &layout.stdlib),
    };
    let modules = Modules::new(system, &binary.version, binary.implementation, &extension_suffixes, &site_library);
    let early = Starting {
        version: &binary.version,
        implementation: binary.implementation,
        layout: &layout,
        modules: &modules,
        is_unfrozen: without_frozen || !binary.version.at_least(3, 11) || binary.implementation == Implementation::PyPy,
        runs_site: !effective.no_site,
    }
    .look();
    effective.no_site |= early.has_no_site;
    let not_loaded = binary.missing_library.as_ref().map(|name| format!("the loader does not find `{name}`"));
    let unknown = flags.unknown.or((flags.safe_path && !binary.version.at_least(3, 11)).then_some('P'));
    let unknown = unknown.map(|letter| format!("`-{}` is none of its switches", letter.escape_default()));
    let no_start = not_loaded
        .or(unknown)
        .or(wrong)
        .or_else(|| layout.fatal.clone())
        .or_else(|| missing_encodings(system, binary, &layout))
        .or(early.fatal);
    let safe_path = effective.isolated
        || effective.safe_path
        || layout.path_file.is_some()
        || binary.version.at_least(3, 11) && getpath::variable(system, "PYTHONSAFEPATH", flags).is_some();
    let site_build = SiteBuild {
        platform_library_directory,
        registered_version: binary.registered_version(),
        is_framework: binary.started.is_framework,
        implementation: binary.implementation,
    };
    let mut start = Start::new(&binary.version, features, effective, &compiled_in, modules, site_build, layout);
    (start.startup_code, start.fatal_with_path_files) = (early.code, early.fatal_with_path_files);
    start.fatal = start.fatal.take().or(early.ends_site);
    start.run();
    let base_stdlib = start.layout.stdlib.clone();
    // What ends the start of CPython only ends `import site` in PyPy, which says so and goes on.
    let goes_on = binary.implementation == Implementation::PyPy && start.layout.fatal.is_none();
    let stopped = start.fatal.take_if(|_| goes_on).map(|reason| Problem {
        path: executable.to_owned(),
        line: None,
        message: format!("starts without site-packages: {reason}"),
    });
    let does_not_start = no_start.or(start.fatal.take());
    let barrier = start.barrier().map(|(_, barrier)| barrier);
    let is_new = does_not_start.is_none() && stopped.is_none();
    let blocked = barrier.as_ref().filter(|_| is_new).map(|it| Problem {
        path: it.archive.clone(),
        line: None,
        message: it.fact().to_owned(),
    });
    let search_path = search_path(system, &start.path);
    let base = start.layout.base_prefix.as_str();
    // Apple's own is a framework of that name.
    let of_system = features.debian || matches!(base, "/usr" | "/") || base.contains("/Python3.framework/");
    let interpreter = Interpreter {
        executable: platform.path(&start.layout.executable),
        real_executable: binary.real.clone(),
        version: binary.version.clone(),
        implementation: binary.implementation,
        relative_roots: relative_roots(system, flags, &search_path),
        search_path,
        safe_path,
        loaded: start.loaded,
        platform,
        relaxes_case: platform.folds_case()
            && !flags.ignores_environment()
            && system.variable("PYTHONCASEOK").is_some(),
        prefix: platform.path(&start.layout.prefix),
        exec_prefix: platform.path(&start.layout.exec_prefix),
        base_prefix: platform.path(&start.layout.base_prefix),
        base_exec_prefix: platform.path(&start.layout.base_exec_prefix),
        externally_managed: managed::read(system, &base_stdlib),
        stdlib: platform.path(&base_stdlib),
        abi,
        pyvenv: start.pyvenv,
        system: of_system,
        is_debians: features.debian && base_stdlib.starts_with("/usr/lib/"),
        frozen_modules: binary.frozen_modules(without_frozen),
        builtin_modules: compiled_in.clone(),
        tells_built_in: binary.is_readable(),
        extension_suffixes,
        user_site: start.user_site,
        real_prefix: start.real_prefix,
        finders: start.finders,
        namespaces: start.namespaces,
        distutils_is_setuptools: start.distutils_is_setuptools,
        dead_lines: start.dead_lines,
        startup_code: start.startup_code,
        barrier,
        lacks_site: stopped.is_some(),
        does_not_start,
    };
    (interpreter, stopped.into_iter().chain(blocked).collect())
}

/// Returns the search path with what is known of its folders. What Python has twice under two names (`lib64` beside `lib`) stays
/// so, and is told.
fn search_path(system: &dyn System, path: &[Entry]) -> Vec<ImportRoot> {
    let platform = system.platform();
    let mut folders: Vec<Option<(u64, u64)>> = Vec::new();
    let roots = path.iter().map(|entry| {
        let there =
            if entry.path.contains('\0') { None } else { system.metadata(&paths::place(system, &entry.path)).ok() };
        // Where the system tells no identity all would be one.
        let folder = there.map(|it| it.identity).filter(|it| *it != (0, 0));
        let same_as = folder.and_then(|folder| Some(folders.iter().position(|it| *it == Some(folder))? + 1));
        folders.push(folder);
        let evidence = entry.evidence.clone();
        ImportRoot {
            path: platform.path(&entry.path),
            origin: entry.origin,
            exists: there.is_some(),
            same_as,
            evidence,
        }
    });
    roots.collect()
}

/// Returns what `PYTHONPATH` names from the working directory, an empty item being that itself, as `site` spells it.
fn relative_roots(system: &dyn System, flags: Flags, search_path: &[ImportRoot]) -> Vec<Utf8PathBuf> {
    let platform = system.platform();
    let Some(list) = getpath::variable(system, "PYTHONPATH", flags) else { return Vec::new() };
    let relative = list.split(platform.list_separator()).filter(|item| !platform.is_absolute(item));
    let places: Vec<String> = relative.map(|item| paths::absolute(system, item)).collect();
    let is_named = |root: &&ImportRoot| root.evidence == Evidence::Variable("PYTHONPATH");
    let is_relative = |path: &Utf8Path| places.contains(&paths::absolute(system, &platform.text(path)));
    search_path.iter().filter(is_named).map(|root| root.path.clone()).filter(|path| is_relative(path)).collect()
}

/// Computes the layout, with python-build-standalone's patches where they make a difference and the binary has them.
fn layout(
    system: &dyn System,
    binary: &Binary<'_>,
    executable: &Utf8Path,
    flags: Flags,
    [directory, configured]: [&str; 2],
) -> Layout {
    let flavor = match binary.implementation {
        Implementation::CPython => Flavor::of(&binary.version),
        Implementation::PyPy => Flavor::PyPy,
    };
    let named = system.platform().text(executable);
    let executable = binary.started.executable.as_deref().unwrap_or(&named);
    let build = |standalone| BinaryBuild {
        binary,
        platform_library_directory: directory.to_owned(),
        configured_library_directory: configured.to_owned(),
        flavor,
        standalone,
    };
    let plain = getpath::layout(system, &build(false), executable, flags);
    if matches!(flavor, Flavor::Classic | Flavor::PyPy) || system.platform() != Platform::Linux {
        return plain;
    }
    let patched = getpath::layout(system, &build(true), executable, flags);
    // The patch reads `/proc/self/maps`, and nothing else in an interpreter does.
    if plain != patched && binary.holds(b"/proc/self/maps") { patched } else { plain }
}

/// What `PYTHONPLATLIBDIR` makes of `sys.platlibdir`.
fn named_library_directory(system: &dyn System, binary: &Binary<'_>, flags: Flags) -> Option<String> {
    let listens = system.platform().is_windows()
        || binary.version.at_least(3, 9) && binary.implementation == Implementation::CPython;
    getpath::variable(system, "PYTHONPLATLIBDIR", flags).filter(|_| listens)
}

/// `sys.platlibdir` as it was configured: whichever has the standard library where it was built for, or around it.
fn configured_library_directory(system: &dyn System, binary: &Binary<'_>, executable: &Utf8Path) -> String {
    if system.platform().is_windows() {
        return "DLLs".to_owned();
    }
    if !binary.version.at_least(3, 9) {
        return "lib".to_owned();
    }
    let name = binary.library_name();
    // It was built for a place with its library in it; what lies around a copy of it may be anything.
    let directories = ["lib", "lib64"].map(|it| (it, format!("{it}/{name}")));
    let with = |prefix: &dyn Fn(&str) -> Option<String>| {
        let found = directories.iter().find(|(_, library)| prefix(library).is_some());
        found.map(|(directory, _)| (*directory).to_owned())
    };
    let told = || binary.configured().library_directory.clone();
    let found = with(&|library| binary.prefix_around_code(library))
        .or_else(told)
        .or_else(|| with(&|library| binary.held_prefix(library)))
        .or_else(|| with(&|library| binary.prefix_around_program(library)));
    if let Some(directory) = found {
        return directory;
    }
    let places = [paths::hops(system, executable.as_str(), true), binary.real.to_string(), binary.code().to_string()];
    for place in places {
        // On Arch and others `lib64` is a link to `lib`, which is the real one.
        for directory in ["lib", "lib64"] {
            let has = |here: &str| system.is_file(Utf8Path::new(&format!("{here}/{directory}/{name}/os.py")));
            if paths::climb(paths::up(&place), has).is_some() {
                return directory.to_owned();
            }
        }
    }
    "lib".to_owned()
}

/// Tells whether frozen modules that are files as well are switched off: by `-X frozen_modules`, by the variable from 3.13
/// on, or in a debug build (`config_init_import`, `_PyConfig_InitCompatConfig`).
fn frozen_modules_are_off(
    system: &dyn System,
    binary: &Binary<'_>,
    flags: Flags,
    is_debug: bool,
) -> Result<bool, String> {
    if !binary.version.at_least(3, 11) || binary.implementation == Implementation::PyPy {
        return Ok(is_debug);
    }
    let name = "PYTHON_FROZEN_MODULES";
    let variable = getpath::variable(system, name, flags).filter(|_| binary.version.at_least(3, 13));
    let variable = variable.map(|word| FrozenModules::said(&word));
    for (said, name) in [(variable, name), (flags.frozen_modules, "-X frozen_modules")] {
        if said == Some(FrozenModules::Unknown) {
            return Err(format!("`{name}` is neither `on` nor `off`"));
        }
    }
    Ok(flags.frozen_modules.or(variable).map_or(is_debug, |said| said == FrozenModules::Off))
}

/// The library whose `site.py` is in force. From 3.11 on it is frozen into the binary, so the one around the binary tells;
/// without frozen modules, and in PyPy, it is the file that is imported, and what that tells comes along.
fn site_library(
    system: &dyn System,
    binary: &Binary<'_>,
    layout: &Layout,
    library: &str,
    without_frozen: bool,
) -> (String, Option<Features>) {
    let is_frozen = binary.version.at_least(3, 11) && binary.implementation == Implementation::CPython;
    if without_frozen || !is_frozen {
        // A file of that name that is no `site` tells nothing of the build.
        let imported = |path: &String| {
            let text = system.read(&paths::place(system, path).join("site.py"), LARGEST_METADATA).ok()?;
            Some((path.clone(), Some(Features::in_text(&text)?)))
        };
        let found = layout.search_path.iter().find_map(|(path, _)| imported(path));
        return found.unwrap_or_else(|| (layout.stdlib.clone(), None));
    }
    let platform = system.platform();
    let has = |here: &str| paths::is_file(system, &platform.join(&platform.join(here, library), "site.py"));
    let code = platform.text(binary.code());
    // A copy of a static binary lies elsewhere than its library, and anything may lie around it; one that was moved with
    // its library, or built for a place that no machine has, finds nothing where it was built for.
    let built_for = binary.working_prefix(library).filter(|prefix| has(prefix));
    let prefix = built_for.or_else(|| platform.climb(platform.up(&code), has));
    (prefix.map_or_else(|| layout.stdlib.clone(), |prefix| platform.join(&prefix, library)), None)
}

/// Without `encodings` on the path nothing starts, nor with a file that stands in for it.
fn missing_encodings(system: &dyn System, binary: &Binary<'_>, layout: &Layout) -> Option<String> {
    // A binary that tells nothing may be anything; then a directory of the right name is taken for its library.
    if !binary.is_readable() && paths::is_directory(system, &layout.stdlib) {
        return None;
    }
    // A wrapper, such as Nix makes: it sets variables and starts another.
    let holds_python = || binary.is_readable() || binary.compiled_prefix(&binary.library_name()).is_some();
    let missing = || {
        let library = &layout.stdlib;
        if holds_python() {
            format!("its standard library is not in `{library}`")
        } else {
            format!("it holds no Python, nor is a library in `{library}`; it may start another")
        }
    };
    let found = layout.search_path.iter().find_map(|(path, evidence)| Some((encodings(system, path)?, evidence)));
    let Some((file, evidence)) = found else { return Some(missing()) };
    // What a variable puts in front is looked at with the rest of what stands there.
    let is_source = *evidence == Evidence::BuiltIn && file.extension() == Some("py");
    let text = is_source.then(|| system.read_text(&file).ok()).flatten()?;
    (!text.contains("register")).then(|| format!("`{file}` is not the standard library's `encodings`"))
}

/// Returns the file of `encodings` in an entry, or the entry where that is an archive with it.
fn encodings(system: &dyn System, entry: &str) -> Option<Utf8PathBuf> {
    let place = paths::place(system, entry);
    if system.is_directory(&place) {
        let files = ["__init__.py", "__init__.pyc"].map(|it| place.join("encodings").join(it));
        return files.into_iter().find(|it| system.is_file(it));
    }
    let archive = system.read(&place, LARGEST_METADATA).unwrap_or_default();
    memchr::memmem::find(&archive, b"encodings/__init__.py").map(|_| place)
}
