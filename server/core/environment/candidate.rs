//! One Python that a source names: is there an interpreter, and is it one that could run?
//!
//! In: a folder, a path or a name. Out: a [`Candidate`], and for a bad one the [`Broken`] that says what is wrong.
//!
//! **Invariant:** a file is only looked at; a script that calls itself `python` is never followed.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Broken, elsewhere, path_variable, shims};
use crate::interpreter::Interpreter;
use crate::origin::{Evidence, ImportRoot, Origin, Problem};
use crate::project::normalize_path;
use crate::system::{Cause, Kind, LARGEST_METADATA, System};

/// More links than this in one chain are a loop (Linux's own limit).
const MOST_LINKS: usize = 40;

/// A redirect file holds one path; `PATH_MAX` is 4096.
const LONGEST_REDIRECT: u64 = 8192;

/// An interpreter that a source names, not yet known to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) executable: Utf8PathBuf,
    /// The environment's folder, where the source named one.
    pub(super) folder: Option<Utf8PathBuf>,
}

/// What a name such as `.venv` stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Candidate(Candidate),
    /// It is there, it is meant, and it cannot be used.
    Broken(Broken),
    /// It is no environment at all; why, for people.
    Nothing(String),
}

/// Looks at a folder that may be an environment: one with a `pyvenv.cfg`, conda's records or a `bin/python`.
pub(super) fn folder(system: &dyn System, folder: &Utf8Path) -> Found {
    match system.metadata(folder).map(|it| it.kind) {
        Ok(Kind::Directory) => {}
        Ok(Kind::File) => return redirect(system, folder),
        Ok(_) => return Found::Nothing("neither a folder nor a file".to_owned()),
        Err(failure) => {
            return match (failure.cause, chain_end(system, folder)) {
                (Cause::NotFound, None) => Found::Nothing("no such directory".to_owned()),
                (Cause::NotFound, Some(end)) => {
                    broken_folder(system, folder, Some(end), "it is a link that leads nowhere")
                }
                (Cause::LinkLoop, _) => broken_folder(system, folder, None, "its links lead in a circle"),
                (cause, _) => Found::Nothing(cause.to_string()),
            };
        }
    }
    let present = interpreters(system, folder).into_iter().find(|path| lies(system, path));
    let marked = system.exists(&folder.join("pyvenv.cfg")) || system.is_directory(&folder.join("conda-meta"));
    match (present, marked) {
        (Some(executable), _) => Found::Candidate(Candidate { executable, folder: Some(folder.to_owned()) }),
        (None, true) => Found::Candidate(Candidate {
            executable: usual_interpreter(system, folder),
            folder: Some(folder.to_owned()),
        }),
        (None, false) if system.platform().is_windows() => {
            Found::Nothing("a folder without `pyvenv.cfg` and without `python.exe`".to_owned())
        }
        (None, false) => Found::Nothing("a folder without `pyvenv.cfg` and without `bin/python`".to_owned()),
    }
}

/// Where an environment has its interpreter: on Windows that of conda, and one that was installed, lies in the folder itself.
pub(super) fn interpreters(system: &dyn System, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    if system.platform().is_windows() {
        vec![folder.join("Scripts").join("python.exe"), folder.join("python.exe")]
    } else {
        ["bin/python", "bin/python3"].map(|name| folder.join(name)).into()
    }
}

/// Finds the interpreter of a Python that a tool has installed into a folder.
pub(super) fn installed(system: &dyn System, folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let names: &[&str] = if system.platform().is_windows() {
        &["python.exe", "pypy3.exe"]
    } else {
        &["bin/python3", "bin/python", "bin/pypy3"]
    };
    names.iter().map(|name| folder.join(name)).find(|it| lies(system, it))
}

/// Where the interpreter of a virtual environment should be.
pub(crate) fn usual_interpreter(system: &dyn System, folder: &Utf8Path) -> Utf8PathBuf {
    if system.platform().is_windows() { folder.join("Scripts").join("python.exe") } else { folder.join("bin/python") }
}

/// Reads a `.venv` that is a file: its first line is the path of the environment, relative to the file (PEP 832).
fn redirect(system: &dyn System, file: &Utf8Path) -> Found {
    let content = match system.read(file, LONGEST_REDIRECT) {
        Ok(content) => content,
        Err(failure) => return broken_folder(system, file, None, &failure.cause.to_string()),
    };
    let text = String::from_utf8(content).unwrap_or_default();
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().trim();
    if line.is_empty() || line.contains('\0') {
        return broken_folder(system, file, None, "it is a file that does not name an environment");
    }
    let target = tidy(system, &file.parent().unwrap_or(file).join(line));
    // One step only: a redirect to a redirect is nothing PEP 832 knows, and could be a circle.
    if system.is_directory(&target)
        && let found @ Found::Candidate(_) = folder(system, &target)
    {
        return found;
    }
    // Before PEP 832, Pipenv took a bare name there for one of the environments in its own folder.
    if let Some(named) = elsewhere::named_by_pipenv(system, line).filter(|it| system.is_directory(it))
        && let found @ Found::Candidate(_) = folder(system, &named)
    {
        return found;
    }
    let reason = format!("it redirects to `{}`, which holds no environment", line.chars().take(40).collect::<String>());
    broken_folder(system, file, Some(target), &reason)
}

fn broken_folder(system: &dyn System, folder: &Utf8Path, leads_to: Option<Utf8PathBuf>, reason: &str) -> Found {
    let (interpreter, reason) = (usual_interpreter(system, folder), reason.to_owned());
    Found::Broken(Broken { interpreter, leads_to, pyvenv_cfg: None, reason })
}

/// Looks at what a user or an editor wrote: an interpreter, an environment's folder, or a name on `PATH`.
pub(super) fn written(system: &dyn System, text: &str, base: &Utf8Path) -> Found {
    let text = expand_home(system, text.trim());
    // An interpreter keeps its spelling, as Python has its own rules for `..`; only what a shell would say is said.
    let path = system.platform().path_from(base, text.strip_prefix("./").unwrap_or(&text));
    let is_path = text.contains(['/', system.platform().separator()]);
    if !is_path && !text.starts_with('.') {
        // A bare name is a folder beside the one who named it, or a command.
        let beside = system.is_directory(&path) && matches!(folder(system, &path), Found::Candidate(_));
        if !beside {
            let commands = path_variable::commands(system, &text);
            return match commands.into_iter().find(|it| !shims::hands_on(system, it, base)) {
                Some(executable) => Found::Candidate(Candidate { executable, folder: None }),
                None if lies(system, &path) => Found::Candidate(Candidate { executable: path, folder: None }),
                None => Found::Broken(Broken {
                    interpreter: path,
                    leads_to: None,
                    pyvenv_cfg: None,
                    reason: format!("there is no `{text}` on PATH"),
                }),
            };
        }
    }
    let is_redirect = path.file_name() == Some(".venv") && system.is_file(&path);
    if !system.is_directory(&path) && !is_redirect {
        return Found::Candidate(Candidate { executable: path, folder: None });
    }
    let path = tidy(system, &path);
    match folder(system, &path) {
        Found::Nothing(reason) => Found::Broken(Broken {
            interpreter: usual_interpreter(system, &path),
            leads_to: None,
            pyvenv_cfg: None,
            reason: format!("it is {reason}"),
        }),
        found => found,
    }
}

/// Tells what is wrong with an interpreter's file, if anything: it must be a program, not a script or a pipe.
pub(super) fn check(system: &dyn System, candidate: &Candidate) -> Result<(), Broken> {
    let path = &candidate.executable;
    let fail = |reason: &str| {
        let cfg = pyvenv_cfg(system, candidate);
        let leads_to = chain_end(system, path);
        Err(Broken { interpreter: path.clone(), leads_to, pyvenv_cfg: cfg, reason: reason.to_owned() })
    };
    let windows = system.platform().is_windows();
    let metadata = match system.metadata(path) {
        Ok(metadata) => metadata,
        Err(failure) => {
            let made_for_windows =
                || candidate.folder.as_ref().is_some_and(|it| system.exists(&it.join("Scripts/python.exe")));
            return match failure.cause {
                Cause::NotFound if chain_end(system, path).is_some() => fail("its link leads nowhere"),
                Cause::NotFound if !windows && made_for_windows() => fail("it was made for Windows"),
                Cause::NotFound => fail("there is no such file"),
                Cause::LinkLoop => fail("its links lead in a circle"),
                cause => fail(&cause.to_string()),
            };
        }
    };
    match metadata.kind {
        Kind::File if metadata.length == 0 && metadata.executable => return fail("it is an empty file"),
        Kind::File => {}
        Kind::Directory => return fail("it is a directory"),
        Kind::Link | Kind::Other => return fail("it is not a regular file"),
    }
    match system.read_range(path, 0, 4) {
        Err(failure) => fail(&failure.cause.to_string()),
        Ok(_) if !metadata.executable => fail("it is not executable"),
        Ok(head) if windows && head.starts_with(b"MZ") => Ok(()),
        Ok(head) if !windows && (head.starts_with(b"\x7fELF") || is_mach_o(&head)) => Ok(()),
        Ok(head) if head.starts_with(b"#!") => fail("it is a script, not an interpreter"),
        Ok(_) => fail("it is not a program"),
    }
}

/// Finds the `pyvenv.cfg` that belongs to an interpreter: in its folder's parent (PEP 405), or in the named folder.
pub(super) fn pyvenv_cfg(system: &dyn System, candidate: &Candidate) -> Option<Utf8PathBuf> {
    let by_place = candidate.executable.parent().and_then(Utf8Path::parent);
    let folders = candidate.folder.as_deref().into_iter().chain(by_place);
    folders.map(|folder| folder.join("pyvenv.cfg")).find(|cfg| system.is_file(cfg))
}

/// Returns what is wrong with a `pyvenv.cfg` that is there but no regular file, which start-up passes over.
pub(super) fn odd_pyvenv_cfg(system: &dyn System, candidate: &Candidate) -> Option<Problem> {
    let path = candidate.folder.as_ref()?.join("pyvenv.cfg");
    let is_odd = lies(system, &path) && !system.is_file(&path);
    is_odd.then(|| Problem { path, line: None, message: Cause::NotARegularFile.to_string() })
}

/// Returns what keeps the path files of an interpreter from being read here. CPython waits for a pipe for ever, and reads what is
/// larger than is read here.
pub(super) fn odd_path_files(system: &dyn System, interpreter: &Interpreter) -> Vec<Problem> {
    // `site` reads none in the library itself, whose folders are large.
    let is_read = |it: &&ImportRoot| it.evidence == Evidence::BuiltIn && it.origin != Origin::StandardLibrary;
    let roots = interpreter.search_path.iter().filter(|root| root.exists).filter(is_read);
    let listings = roots.filter_map(|root| Some((&root.path, system.list(&root.path).ok()?)));
    let odd = listings.flat_map(|(root, listing)| {
        let files = listing.iter().filter(|(name, _)| Utf8Path::new(name).extension() == Some("pth"));
        let odd = files.filter_map(|(name, kind)| {
            let path = root.join(name);
            let is_too_large = || system.metadata(&path).is_ok_and(|it| it.length > LARGEST_METADATA);
            let cause = match kind {
                Kind::Other => Cause::NotARegularFile,
                Kind::File | Kind::Link if is_too_large() => Cause::TooLarge { limit: LARGEST_METADATA },
                _ => return None,
            };
            Some(Problem { path, line: None, message: cause.to_string() })
        });
        odd.collect::<Vec<_>>()
    });
    odd.collect()
}

/// Tells whether a name is there at all, a dangling link included; what may not be looked at is taken to be there, so
/// that it is reported.
pub(crate) fn lies(system: &dyn System, path: &Utf8Path) -> bool {
    !system.link_target(path).is_err_and(|failure| matches!(failure.cause, Cause::NotFound | Cause::NotADirectory))
}

/// Takes `.` and `..` out of a path where that leads to the same thing; behind a link, `..` may mean another folder.
fn tidy(system: &dyn System, path: &Utf8Path) -> Utf8PathBuf {
    let plain = normalize_path(path);
    if plain == *path || system.canonical(&plain) == system.canonical(path) { plain } else { path.to_owned() }
}

/// Follows a chain of links by hand, to where it ends; `None` where the path is not a link, or the links never end.
fn chain_end(system: &dyn System, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut here = path.to_owned();
    for step in 0..MOST_LINKS {
        match system.link_target(&here) {
            Ok(Some(target)) => here = here.parent().unwrap_or(&here).join(target),
            _ => return (step > 0).then_some(here),
        }
    }
    None
}

/// Replaces a leading `~` by the home directory, as a shell would.
pub(super) fn expand_home(system: &dyn System, text: &str) -> String {
    let rest = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', system.platform().separator()]) => rest,
        _ => return text.to_owned(),
    };
    match home(system) {
        Some(home) => format!("{home}{rest}"),
        None => text.to_owned(),
    }
}

/// Returns the home directory as `os.path.expanduser` does: `HOME`, then the user database; on Windows `USERPROFILE`, where
/// `HOME` may be another program's word for a path.
pub fn home(system: &dyn System) -> Option<Utf8PathBuf> {
    let platform = system.platform();
    let variable = system.variable(if platform.is_windows() { "USERPROFILE" } else { "HOME" });
    variable.filter(|it| !it.is_empty()).map(|it| platform.path(&it)).or_else(|| system.home_of_user())
}

fn is_mach_o(head: &[u8]) -> bool {
    matches!(head, [0xcf | 0xce, 0xfa, 0xed, 0xfe] | [0xca, 0xfe, 0xba, 0xbe] | [0xfe, 0xed, 0xfa, 0xcf | 0xce])
}
