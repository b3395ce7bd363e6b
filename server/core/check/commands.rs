//! Command lines that the user may run, in the words of the project's tool.
//!
//! In: a [`Situation`]. Out: one line for a POSIX shell, on Windows for PowerShell and cmd.exe alike, to be run where the user's
//! terminal opens.
//!
//! **Invariant:** never pip against an externally managed prefix (PEP 668), and nothing here is ever run by us.

use camino::{Utf8Path, Utf8PathBuf};

use crate::environment::{EnvironmentKind, SourceKind};
use crate::explain;
use crate::interpreter::Implementation;
use crate::launch::{Launch, Script};
use crate::origin::Origin;
use crate::pip::Pip;
use crate::project::{Declared, Source, Sync, Tool, normalize_name};
use crate::situation::Situation;
use crate::system::{Platform, System};

/// The name by which a shell finds PyPy.
pub(super) const PYPY: &str = "pypy3";

/// Returns the command that installs a requirement where the interpreter in force finds it. One that the manifest
/// declares already is brought in by the tool's own "make it so".
///
/// Where the interpreter sees the module already, only from elsewhere, pip has to be told to look away: otherwise it says
/// "requirement already satisfied" and does nothing. uv looks at the environment alone.
pub(super) fn install(
    situation: &Situation,
    requirement: &str,
    is_declared: bool,
    is_seen_elsewhere: bool,
) -> Option<String> {
    if let Some(Launch::Script(script)) = &situation.launch {
        return Some(of_script(situation, script, (!is_declared).then_some(requirement)));
    }
    let quoted = quoted(requirement);
    let is_the_projects = situation.environment.root == Some(situation.project.root.join(".venv"));
    if matches!(situation.environment.source.kind, SourceKind::Shebang | SourceKind::Kernel) && !is_the_projects {
        // The project's tool would change the project's own environment.
        return install_with_pip(situation, &quoted, is_seen_elsewhere);
    }
    let command = match (situation.project.installer(), is_declared) {
        (Tool::Uv, true) => uv_sync(situation).to_owned(),
        (Tool::Uv, false) => format!("uv add {quoted}"),
        (Tool::Poetry, true) => "poetry install".to_owned(),
        (Tool::Poetry, false) => format!("poetry add {quoted}"),
        (Tool::Pdm, true) => "pdm install".to_owned(),
        (Tool::Pdm, false) => format!("pdm add {quoted}"),
        (Tool::Pipenv, true) => "pipenv install".to_owned(),
        (Tool::Pipenv, false) => format!("pipenv install {quoted}"),
        (Tool::Pixi, true) => "pixi install".to_owned(),
        (Tool::Pixi, false) => format!("pixi add --pypi {quoted}"),
        (Tool::Pip | Tool::Hatch | Tool::Conda, _) => return install_with_pip(situation, &quoted, is_seen_elsewhere),
    };
    Some(in_project(situation, command))
}

/// Returns the command that installs what the manifest declares, among it one requirement.
pub(super) fn sync(situation: &Situation, declared: &Declared) -> Option<String> {
    let file = declared.path.file_name().unwrap_or_default();
    let root = &situation.project.root;
    match (situation.project.installer(), file) {
        (Tool::Pip | Tool::Hatch | Tool::Conda, "environment.yml" | "environment.yaml") => {
            Some(format!("conda env update --file {}", quoted(&path_from(&situation.terminal, &declared.path))))
        }
        // What a requirements file names is looked for from where pip is started.
        (Tool::Pip | Tool::Hatch | Tool::Conda, file) if has_extension(file, "txt") => {
            let pip = pip(situation, root, "install", "")?;
            Some(in_project(situation, format!("{pip} -r {}", quoted(&path_from(root, &declared.path)))))
        }
        _ => install(situation, &declared.requirement, true, false),
    }
}

/// Returns the command that installs all that is declared and missing, where nothing is there at all.
pub(super) fn sync_all(situation: &Situation, missing: &[&Declared]) -> Option<String> {
    let first = missing.first()?;
    let is_list = |it: &&&Declared| it.path == first.path && it.source == Source::Index;
    let requirements: Vec<String> = missing.iter().filter(is_list).map(|it| quoted(&it.requirement)).collect();
    let is_by_name = matches!(situation.project.installer(), Tool::Pip | Tool::Hatch | Tool::Conda)
        && matches!(first.path.file_name(), Some("pyproject.toml" | "setup.cfg" | "setup.py"))
        && situation.launch.is_none();
    // The tool, or the file, brings the others along.
    if is_by_name { install_with_pip(situation, &requirements.join(" "), false) } else { sync(situation, first) }
}

/// Tells whether the project's tool has a command that writes a dependency into the manifest.
pub(super) fn can_declare(situation: &Situation) -> bool {
    !matches!(situation.project.installer(), Tool::Pip | Tool::Hatch | Tool::Conda)
}

/// Returns the command that makes the environment what a lock says.
pub(super) fn sync_with_lock(situation: &Situation, lock: &Utf8Path) -> Option<String> {
    let command = match situation.project.installer() {
        Tool::Uv => uv_sync(situation),
        Tool::Poetry => "poetry sync",
        Tool::Pdm => "pdm sync",
        Tool::Pipenv => "pipenv sync",
        Tool::Pixi => "pixi install --locked",
        // uv reads PEP 751's locks; not every pip does.
        Tool::Pip | Tool::Hatch | Tool::Conda if has_no_pip(situation) => {
            let uv = pip(situation, &situation.terminal, "sync", "")?;
            return Some(format!("{uv} {}", quoted(&path_from(&situation.terminal, lock))));
        }
        Tool::Pip | Tool::Hatch | Tool::Conda => return None,
    };
    Some(in_project(situation, command.to_owned()))
}

fn has_extension(file: &str, extension: &str) -> bool {
    Utf8Path::new(file).extension() == Some(extension)
}

/// Returns the command that installs a distribution anew, where it is there already.
pub(super) fn reinstall(situation: &Situation, name: &str) -> Option<String> {
    let quoted = quoted(name);
    match situation.project.installer() {
        _ if matches!(situation.launch, Some(Launch::Script(_))) => None,
        Tool::Uv => Some(in_project(situation, format!("{} --reinstall-package {quoted}", uv_sync(situation)))),
        Tool::Pixi => Some(in_project(situation, format!("pixi reinstall {quoted}"))),
        Tool::Conda => Some(format!("conda install --force-reinstall {quoted}")),
        _ => {
            Some(format!("{} --no-deps {quoted}", pip(situation, &situation.terminal, "install", "--force-reinstall")?))
        }
    }
}

/// Returns the command that installs from where the manifest says a distribution which was once installed from a folder;
/// `None` where nothing says so: then an index would be asked for a name that may be somebody else's there.
pub(super) fn install_from_source(situation: &Situation, name: &str) -> Option<String> {
    if situation.launch.is_some() {
        return None;
    }
    let normal = normalize_name(name);
    let is_itself = situation.project.name.as_ref() == Some(&normal);
    let declared = situation.project.declared(&normal);
    let command = match situation.project.installer() {
        _ if !is_itself && declared.is_none() => return None,
        Tool::Uv => format!("{} --reinstall-package {}", uv_sync(situation), quoted(name)),
        Tool::Pixi => format!("pixi reinstall {}", quoted(name)),
        Tool::Poetry => "poetry install".to_owned(),
        Tool::Pdm => "pdm install".to_owned(),
        Tool::Pipenv => "pipenv install".to_owned(),
        Tool::Pip | Tool::Hatch | Tool::Conda if is_itself => {
            format!("{} --editable .", pip(situation, &situation.project.root, "install", "")?)
        }
        Tool::Pip | Tool::Hatch | Tool::Conda => {
            let declared = declared.filter(|it| it.source == Source::Local)?;
            return sync(situation, declared);
        }
    };
    Some(in_project(situation, command))
}

/// Returns the command that takes a distribution away.
pub(super) fn uninstall(situation: &Situation, name: &str) -> Option<String> {
    let uninstall = pip(situation, &situation.terminal, "uninstall", "").filter(|_| situation.launch.is_none())?;
    Some(format!("{uninstall} {}", quoted(name)))
}

/// Returns the command that leaves one of two distributions which lie in the same place.
pub(super) fn keep_one(situation: &Situation, keep: &str, remove: &str) -> Option<String> {
    let (keep, remove) = (quoted(keep), quoted(remove));
    let yes = if has_no_pip(situation) { "" } else { " -y" };
    let pip = |verb, option| pip(situation, &situation.terminal, verb, option);
    let (uninstall, install) = (pip("uninstall", "")?, pip("install", "--force-reinstall")?);
    Some(format!("{uninstall}{yes} {remove} && {install} --no-deps {keep}"))
}

/// What uv makes has no pip inside, whoever had it made, and neither has what was made without one; uv needs none.
fn has_no_pip(situation: &Situation) -> bool {
    let pyvenv = situation.environment.interpreter.as_ref().and_then(|it| it.pyvenv.as_ref());
    situation.lacks_pip || pyvenv.is_some_and(|it| it.get("uv").is_some())
}

/// Returns pip's or uv's command for the environment in force, up to what it is about, as it is found from a folder.
fn pip(situation: &Situation, from: &Utf8Path, verb: &str, option: &str) -> Option<String> {
    let interpreter = situation.environment.interpreter.as_ref()?;
    if is_left_to_others(situation) {
        return None;
    }
    let folder = path_from(from, situation.environment.root.as_ref().unwrap_or(&interpreter.prefix));
    let option = if option.is_empty() { String::new() } else { format!(" {option}") };
    if has_no_pip(situation) {
        return Some(format!("uv pip {verb} --python {}{option}", quoted(&folder)));
    }
    let python = match interpreter.platform {
        _ if !interpreter.is_virtual() => interpreter.executable.to_string(),
        Platform::Windows => Platform::Windows.text(&Utf8Path::new(&folder).join("Scripts").join("python.exe")),
        Platform::Linux | Platform::MacOs => format!("{folder}/bin/python"),
    };
    Some(format!("{} -m pip {verb}{option}", quoted_on(interpreter.platform, &python)))
}

/// Tells whether the Python in force is none to install into with pip, whatever its user forces. The marker is the base's;
/// in a virtual environment pip does not look at it.
pub(super) fn is_left_to_others(situation: &Situation) -> bool {
    let interpreter = situation.environment.interpreter.as_ref().filter(|it| !it.is_virtual());
    let is_managed = interpreter.is_some_and(|it| it.externally_managed.is_some() || it.system);
    is_managed || situation.pip.as_ref().is_some_and(Pip::refuses)
}

/// `uv sync --script` makes a script's environment, `uv add --script` adds to its block.
fn of_script(situation: &Situation, script: &Script, requirement: Option<&str>) -> String {
    let path = quoted(&path_from(&situation.terminal, &script.path));
    match requirement {
        Some(requirement) => format!("uv add --script {path} {}", quoted(requirement)),
        None => format!("uv sync --script {path}"),
    }
}

fn install_with_pip(situation: &Situation, requirement: &str, is_seen_elsewhere: bool) -> Option<String> {
    let look_away = if is_seen_elsewhere && !has_no_pip(situation) { "--ignore-installed" } else { "" };
    Some(format!("{} {requirement}", pip(situation, &situation.terminal, "install", look_away)?))
}

/// What to do where pip refuses to install, for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// For whom this is, in words that fit "to …".
    pub purpose: &'static str,
    /// `NAME` stands for what is to be installed.
    pub command: String,
}

/// Returns what fits instead of `pip install`, where pip refuses; nothing where it does not.
pub fn instead_of_pip(situation: &Situation) -> Vec<Instead> {
    if !situation.pip.as_ref().is_some_and(|pip| matches!(pip, Pip::RefusesManaged { .. } | Pip::RefusesOutside { .. }))
    {
        return Vec::new();
    }
    let interpreter = situation.environment.interpreter.as_ref();
    let has_apt = interpreter.is_some_and(|it| it.search_path.iter().any(|root| root.origin == Origin::DistPackages));
    let instead = |purpose, command: &str| Instead { purpose, command: command.to_owned() };
    let mut found = vec![
        instead("give the project its own packages", &create(situation)),
        instead("install a program", "uv tool install NAME"),
        instead("install a program", "pipx install NAME"),
    ];
    if has_apt {
        found.push(instead("give every user a module", "apt install python3-NAME"));
    }
    found
}

/// Returns the command that makes a first environment for the project.
pub(super) fn create(situation: &Situation) -> String {
    let command = match situation.project.tool {
        Tool::Uv if situation.project.installer() == Tool::Pip => "uv venv",
        Tool::Uv => uv_sync(situation),
        Tool::Poetry => "poetry install",
        Tool::Pdm => "pdm install",
        Tool::Pipenv => "pipenv install",
        Tool::Pixi => "pixi install",
        Tool::Pip | Tool::Hatch | Tool::Conda => {
            let program = program(situation);
            let ensurepip =
                if situation.lacks_ensurepip { format!("apt install {program}-venv && ") } else { String::new() };
            let folder = path_from(&situation.terminal, &situation.project.root.join(".venv"));
            return format!("{ensurepip}{program} -m venv {}", quoted(&folder));
        }
    };
    in_project(situation, command.to_owned())
}

/// Returns the command that makes an environment in a folder of the project.
pub(super) fn create_at(situation: &Situation, folder: &Utf8Path) -> String {
    if *folder == situation.project.root.join(".venv") {
        return create(situation);
    }
    let is_uvs = situation.project.tool == Tool::Uv;
    let maker = if is_uvs { "uv venv".to_owned() } else { format!("{} -m venv", program(situation)) };
    format!("{maker} {}", quoted(&path_from(&situation.terminal, folder)))
}

/// Returns the command that makes an environment where a file in the project redirects to; `None` where the project's tool
/// would not look there.
pub(super) fn create_elsewhere(situation: &Situation, folder: &Utf8Path) -> Option<String> {
    matches!(situation.project.tool, Tool::Pip | Tool::Hatch | Tool::Conda).then(|| create_at(situation, folder))
}

/// Returns the command that makes an environment in the place of a file or a link.
pub(super) fn replace(situation: &Situation, place: &Utf8Path) -> String {
    let remove = if platform(situation).is_windows() { "del" } else { "rm" };
    format!("{remove} {} && {}", quoted(&path_from(&situation.terminal, place)), create_at(situation, place))
}

/// Returns the command that gives a file or a folder another name.
pub(super) fn rename(situation: &Situation, from: &Utf8Path, to: &Utf8Path) -> String {
    let rename = if platform(situation).is_windows() { "move" } else { "mv" };
    let from_terminal = |path| quoted(&path_from(&situation.terminal, path));
    format!("{rename} {} {}", from_terminal(from), from_terminal(to))
}

/// Returns the command that activates an environment, where it has the script for that. On Windows both shells find theirs
/// under one name: cmd.exe `activate.bat`, PowerShell `Activate.ps1`. One in quotes only either of them would run.
pub(super) fn activate(system: &dyn System, situation: &Situation, environment: &Utf8Path) -> Option<String> {
    let platform = system.platform();
    if !platform.is_windows() {
        let script = environment.join("bin/activate");
        let command = || format!("source {}", quoted(&path_from(&situation.terminal, &script)));
        return system.is_file(&script).then(command);
    }
    let folder = environment.join("Scripts");
    let is_there = ["activate.bat", "Activate.ps1"].iter().any(|name| system.is_file(&folder.join(name)));
    let command = platform.text(&Utf8PathBuf::from(path_from(&situation.terminal, &folder.join("activate"))));
    (is_there && quoted_on(platform, &command) == command).then_some(command)
}

/// The platform of the Python in force, or where there is none this one.
fn platform(situation: &Situation) -> Platform {
    situation.environment.interpreter.as_ref().map_or(Platform::HOST, |it| it.platform)
}

/// Returns the command that makes the environment in force anew: what was installed in it goes.
pub(super) fn recreate(situation: &Situation, python: Option<&str>, system_site_packages: bool) -> String {
    // Whether a tool's environment sees the system's packages is a matter of the tool's settings.
    match recreate_with_tool(situation, python, false) {
        Some(command) => in_project(situation, command),
        None => recreate_by_hand(situation, python, system_site_packages),
    }
}

/// Returns the command that makes the environment in force anew, so that it sees the packages of the Python it is made from.
pub(super) fn recreate_with_system_packages(situation: &Situation, python: Option<&str>) -> String {
    match recreate_with_tool(situation, python, true) {
        Some(command) => in_project(situation, command),
        None => recreate_by_hand(situation, python, true),
    }
}

/// A tool makes its own environments anew, in a place and under a name that are its own; `.venv` is where several of them
/// put it if they are told to.
fn recreate_with_tool(situation: &Situation, python: Option<&str>, system_site_packages: bool) -> Option<String> {
    let environment = &situation.environment;
    let is_in_project = environment.root == Some(situation.project.root.join(".venv"));
    let tool = match environment.kind {
        EnvironmentKind::Poetry => Tool::Poetry,
        EnvironmentKind::Pipenv => Tool::Pipenv,
        EnvironmentKind::Pdm => Tool::Pdm,
        EnvironmentKind::Hatch => Tool::Hatch,
        EnvironmentKind::Pixi => Tool::Pixi,
        EnvironmentKind::Conda => Tool::Conda,
        _ if is_in_project && matches!(situation.project.tool, Tool::Poetry | Tool::Pipenv | Tool::Pdm) => {
            situation.project.tool
        }
        _ => return None,
    };
    let python = python.map(quoted);
    Some(match tool {
        Tool::Poetry => {
            let option = "poetry config --local virtualenvs.options.system-site-packages true && ";
            let option = if system_site_packages { option } else { "" };
            let python = python.map(|python| format!("poetry env use {python} && ")).unwrap_or_default();
            format!("{option}poetry env remove --all && {python}poetry install")
        }
        Tool::Pipenv => {
            let option = if system_site_packages { " --site-packages" } else { "" };
            let python = python.map(|python| format!(" --python {python}")).unwrap_or_default();
            format!("pipenv --rm && pipenv install{option}{python}")
        }
        Tool::Pdm => {
            let python = python.map(|python| format!(" {python}")).unwrap_or_default();
            let option = if system_site_packages { " --system-site-packages" } else { "" };
            format!("pdm venv create --force{python}{option} && pdm install")
        }
        Tool::Hatch => "hatch env remove && hatch env create".to_owned(),
        Tool::Pixi => "pixi reinstall".to_owned(),
        Tool::Conda => "conda env update --prune".to_owned(),
        Tool::Uv | Tool::Pip => return None,
    })
}

fn recreate_by_hand(situation: &Situation, python: Option<&str>, system_site_packages: bool) -> String {
    let own = situation.project.root.join(".venv");
    let folder = situation.environment.root.as_ref().unwrap_or(&own);
    let flag = if system_site_packages { " --system-site-packages" } else { "" };
    if situation.project.tool == Tool::Uv || situation.environment.kind == EnvironmentKind::Uv {
        let python = python.map(|python| format!(" --python {}", quoted(python))).unwrap_or_default();
        // uv makes `.venv` where no other folder is named, and looks for its Python as the project there has it.
        let project = &situation.project;
        let is_around = |it: &&Utf8Path| folder.ends_with(".venv") && project.root.starts_with(it);
        let base = folder.parent().filter(is_around).unwrap_or(&project.root);
        let name = if *folder == base.join(".venv") {
            String::new()
        } else {
            format!(" {}", quoted(&path_from(base, folder)))
        };
        return in_folder(situation, base, format!("uv venv --clear{flag}{python}{name}"));
    }
    let program = quoted(python.unwrap_or_else(|| program(situation)));
    format!("{program} -m venv --clear{flag} {}", quoted(&path_from(&situation.terminal, folder)))
}

/// Returns the command as it is run where the user's terminal opens: the project may lie below that.
fn in_project(situation: &Situation, command: String) -> String {
    in_folder(situation, &situation.project.root, command)
}

fn in_folder(situation: &Situation, folder: &Utf8Path, command: String) -> String {
    if situation.terminal == *folder { command } else { format!("cd {} && {command}", quoted(folder.as_str())) }
}

fn uv_sync(situation: &Situation) -> &'static str {
    match situation.project.sync {
        Sync::Whole | Sync::Nothing => "uv sync",
        Sync::WithMembers => "uv sync --all-packages",
        Sync::AmongRivals => "uv sync --inexact",
    }
}

/// The program that makes environments of the same kind of Python as the one in force.
fn program(situation: &Situation) -> &'static str {
    let interpreter = situation.environment.interpreter.as_ref();
    match interpreter.map(|it| it.implementation) {
        Some(Implementation::PyPy) => PYPY,
        // Windows has no `python3`, but for what leads to the Store.
        _ if platform(situation).is_windows() => "python",
        _ => "python3",
    }
}

/// Writes a path as a shell in that folder finds it.
pub(super) fn path_from(folder: &Utf8Path, path: &Utf8Path) -> String {
    if path == folder { ".".to_owned() } else { explain::path_from(folder, path) }
}

/// Quotes a word for the shells of this platform where that is needed.
pub(super) fn quoted(word: &str) -> String {
    quoted_on(Platform::HOST, word)
}

/// POSIX shells take anything between single quotes; of cmd.exe and PowerShell, both take double ones.
fn quoted_on(platform: Platform, word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./+:@,".contains(it) || it == platform.separator();
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if platform.is_windows() {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shells_of_the_platform() {
        for (word, posix, windows) in [
            (".venv", ".venv", ".venv"),
            ("PyYAML>=7", "'PyYAML>=7'", "\"PyYAML>=7\""),
            (r"C:\ws\.venv", r"'C:\ws\.venv'", r"C:\ws\.venv"),
            ("it's", r"'it'\''s'", "\"it's\""),
            ("", "''", "\"\""),
        ] {
            assert_eq!((&*quoted_on(Platform::Linux, word), &*quoted_on(Platform::Windows, word)), (posix, windows));
        }
    }
}
