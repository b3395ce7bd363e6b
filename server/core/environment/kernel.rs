//! The kernel that a notebook names.
//!
//! In: a kernel's name, the environment of the project, Jupyter's variables and folders. Out: the interpreter that the kernel's
//! `kernel.json` starts, or why it names none.
//!
//! **Invariant:** the rules are Jupyter's own (`jupyter_path` in `jupyter_core.paths`, `_find_spec_directory` and
//! `format_kernel_cmd` in `jupyter_client`); a `kernel.json` is only data, wherever it lies.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Environment, candidate, user_folders};
use crate::interpreter::{Flags, Interpreter};
use crate::launch;
use crate::origin::Problem;
use crate::system::{Platform, System};

/// The largest `kernel.json` that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Variables of a kernel that change where its modules come from.
const CHANGES_THE_PATH: [&str; 3] = ["PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"];

/// What a kernel's name leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    Interpreter {
        executable: Utf8PathBuf,
        flags: Flags,
        /// What it is started with in place of the editor's own.
        variables: BTreeMap<String, String>,
        /// Its `kernel.json`.
        spec: Utf8PathBuf,
    },
    /// None that is known; why, for people.
    Unknown(String),
    /// Its `kernel.json` cannot be read.
    Broken(Problem),
}

#[derive(Deserialize)]
struct Spec {
    argv: Vec<String>,
    #[serde(default)]
    language: String,
    #[serde(default)]
    env: Map<String, Value>,
}

/// Finds the kernel of that name, where the environment of the project is the one that Jupyter runs in.
pub(super) fn find(system: &dyn System, name: &str, project: &Environment) -> Kernel {
    let folders = folders(system, project);
    let Some(folder) = folders.iter().find_map(|folder| named(system, folder, &name.to_lowercase())) else {
        return Kernel::Unknown(format!("no such kernel in {} folders", folders.len()));
    };
    let file = folder.join("kernel.json");
    let of_project = prefix(project).filter(|prefix| folder.starts_with(prefix.join("share/jupyter")));
    let broken = |line: Option<u32>, message: String| Kernel::Broken(Problem { path: file.clone(), line, message });
    let bytes = match system.read(&file, LARGEST) {
        Ok(bytes) => bytes,
        Err(failure) => return broken(None, failure.cause.to_string()),
    };
    let spec: Spec = match serde_json::from_slice(&bytes) {
        Ok(spec) => spec,
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
            return broken(line, format!("is no kernel's JSON: {reason}"));
        }
    };
    match started(&spec, project, of_project, &folder, system.platform()) {
        Ok((executable, flags)) => {
            let words = spec.env.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
            Kernel::Interpreter { executable, flags, variables: words.collect(), spec: file }
        }
        Err(reason) => Kernel::Unknown(reason),
    }
}

/// Returns the interpreter that a kernel starts.
fn started(
    spec: &Spec,
    project: &Environment,
    of_project: Option<&Utf8Path>,
    folder: &Utf8Path,
    platform: Platform,
) -> Result<(Utf8PathBuf, Flags), String> {
    if !spec.language.is_empty() && !spec.language.eq_ignore_ascii_case("python") {
        return Err(format!("its language is {}", spec.language.chars().take(20).collect::<String>()));
    }
    // `${NAME}` stands for a variable of whoever runs Jupyter.
    let is_open =
        |name: &&&str| spec.env.get(**name).is_some_and(|value| value.as_str().is_none_or(|it| it.contains('$')));
    if let Some(name) = CHANGES_THE_PATH.iter().find(is_open) {
        return Err(format!("it computes {name}"));
    }
    let mut words = spec.argv.iter().map(String::as_str);
    let program = words.next().ok_or("it starts nothing")?;
    let program = program.replace("{resource_dir}", folder.as_str());
    let flags = launch::flags(words);
    if !program.contains(['/', platform.separator()]) {
        // `format_kernel_cmd`: these stand for the Python that Jupyter runs on.
        let version = project.interpreter.as_ref().map(|it| &it.version);
        let names =
            version.map(|it| ["python".to_owned(), format!("python{}", it.major), format!("python{}", it.short())]);
        return match (of_project, names, &project.interpreter) {
            (Some(_), Some(names), Some(interpreter)) if names.contains(&program) => {
                Ok((interpreter.executable.clone(), flags))
            }
            _ => Err(format!("it starts `{}` of whoever runs Jupyter", program.chars().take(20).collect::<String>())),
        };
    }
    let path = platform.path(&program);
    let name = path.file_name().map(|name| platform.without_exe(name));
    if platform.is_absolute(&program) && name.as_deref().is_some_and(launch::is_python) {
        Ok((path, flags))
    } else {
        Err(format!("what Python `{}` runs is not known", program.chars().take(30).collect::<String>()))
    }
}

/// Finds a kernel in one folder: names are compared in lower case.
fn named(system: &dyn System, folder: &Utf8Path, name: &str) -> Option<Utf8PathBuf> {
    let listing = system.list(folder).ok()?;
    let mut folders = listing.iter().filter(|(file, _)| file.to_lowercase() == name).map(|(file, _)| folder.join(file));
    folders.find(|folder| system.is_file(&folder.join("kernel.json")))
}

/// The folders of kernels, in order: those of `JUPYTER_PATH`; the user's and the environment's, whichever is preferred; the
/// machine's; `IPython`'s.
fn folders(system: &dyn System, project: &Environment) -> Vec<Utf8PathBuf> {
    let variable = |name: &str| system.variable(name).filter(|it| !it.is_empty());
    let home = candidate::home(system);
    let in_home = |folder: &str| home.as_ref().map(|home| home.join(folder));
    let listed = variable("JUPYTER_PATH").unwrap_or_default();
    let platform = system.platform();
    let listed = listed.split(platform.list_separator()).filter(|it| platform.is_absolute(it));
    let mut found: Vec<Utf8PathBuf> =
        listed.map(|it| platform.path(it.trim_end_matches(['/', platform.separator()]))).collect();
    let data = variable("JUPYTER_DATA_DIR").map(|it| platform.path(&it));
    let usual = || match platform {
        Platform::Windows => Some(user_folders::roaming(system)?.join("jupyter")),
        Platform::MacOs => in_home("Library/Jupyter"),
        Platform::Linux => {
            let data = variable("XDG_DATA_HOME").map(Utf8PathBuf::from).or_else(|| in_home(".local/share"));
            Some(data?.join("jupyter"))
        }
    };
    let mut user: Vec<Utf8PathBuf> = data.or_else(usual).into_iter().collect();
    if let Some(base) = project.interpreter.as_ref().and_then(|it| user_base(it, platform)) {
        user.push(base.join("share/jupyter"));
    }
    let environment = prefix(project).map(|prefix| prefix.join("share/jupyter"));
    let is_virtual = project.interpreter.as_ref().is_some_and(Interpreter::is_virtual);
    let prefers_environment = system
        .variable("JUPYTER_PREFER_ENV_PATH")
        .map_or(is_virtual, |value| !["no", "n", "false", "off", "0", "0.0"].contains(&value.to_lowercase().as_str()));
    if prefers_environment {
        found.extend(environment.into_iter().chain(user));
    } else {
        found.extend(user.into_iter().chain(environment));
    }
    if platform.is_windows() {
        // From 5.8 on only where `JUPYTER_USE_PROGRAMDATA` is set; older ones, and VS Code, look there always.
        found.push(user_folders::program_data(system).join("jupyter"));
    } else {
        found.extend(["/usr/local/share/jupyter", "/usr/share/jupyter"].map(Utf8PathBuf::from));
    }
    let mut kernels: Vec<Utf8PathBuf> = found.into_iter().map(|folder| folder.join("kernels")).collect();
    let of_ipython = variable("IPYTHONDIR").map(Utf8PathBuf::from).or_else(|| in_home(".ipython"));
    kernels.extend(of_ipython.map(|folder| folder.join("kernels")));
    let mut seen = Vec::new();
    kernels.retain(|folder| {
        let is_new = !seen.contains(folder);
        seen.push(folder.clone());
        is_new
    });
    kernels
}

/// Returns what `site.getuserbase()` does, where the user site counts: its folder below that is the platform's.
fn user_base(interpreter: &Interpreter, platform: Platform) -> Option<Utf8PathBuf> {
    let site = interpreter.user_site.path.as_deref().filter(|_| interpreter.user_site.enabled)?;
    // `Python312\site-packages`; `lib/python3.12/site-packages`.
    let site = platform.path(site.as_str());
    site.ancestors().nth(if platform.is_windows() { 2 } else { 3 }).map(Utf8Path::to_owned)
}

/// The operating system's own prefix is not an environment: its folders come last.
fn prefix(project: &Environment) -> Option<&Utf8Path> {
    let prefix = project.interpreter.as_ref().map(|it| it.prefix.as_path()).or(project.root.as_deref());
    prefix.filter(|prefix| !["/usr", "/usr/local"].contains(&prefix.as_str()))
}
