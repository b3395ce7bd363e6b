//! Situations on a real disk: the same answers as in memory, where files are pipes, loops and worse.
//!
//! In: a folder made for each test. Out: assertions on the situation that is read from it.
//!
//! **Invariant:** nothing that lies in a workspace makes reading it wait, fail or forget what stands beside it.

#![expect(clippy::unwrap_used, reason = "a test whose workspace cannot be made must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use fromwhere_core::environment::SourceKind;
use fromwhere_core::situation::{Question, Situation, situation};
use rustix::fs::{CWD, FileType, Mode, mknodat};

struct Workspace {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(folder.path().canonicalize().unwrap()).unwrap();
        Workspace { _folder: folder, root }
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Utf8PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn read(&self) -> Situation {
        let variables =
            BTreeMap::from([("PATH".to_owned(), String::new()), ("HOME".to_owned(), self.root.to_string())]);
        let disk = Disk::new(variables, self.root.clone());
        situation(&disk, &Question::about(&self.root, &self.root))
    }
}

fn pipe(path: &Utf8Path) {
    mknodat(CWD, path.as_std_path(), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn a_broken_interpreter_is_named_whatever_lies_there() {
    type Making = fn(&Utf8Path);
    let cases: [(&str, Making); 6] = [
        ("its link leads nowhere", |path| symlink("/nowhere/bin/python3.9", path).unwrap()),
        ("its links lead in a circle", |path| symlink("python", path).unwrap()),
        ("it is not a regular file", pipe),
        ("it is a script, not an interpreter", |path| {
            fs::write(path, "#!/bin/sh\nexit 1\n").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }),
        ("it is not executable", |path| fs::write(path, "\x7fELF").unwrap()),
        ("it is a directory", |path| fs::create_dir(path).unwrap()),
    ];
    for (reason, make) in cases {
        let workspace = Workspace::new();
        let cfg = workspace.write(".venv/pyvenv.cfg", b"\xff\x00 = = \nhome\n".as_slice());
        fs::create_dir(workspace.root.join(".venv/bin")).unwrap();
        make(&workspace.root.join(".venv/bin/python"));
        let found = workspace.read().environment;
        assert_eq!(found.source.kind, SourceKind::ProjectVenv, "{reason}");
        let broken = found.broken.unwrap();
        assert_eq!((broken.reason.as_str(), broken.pyvenv_cfg), (reason, Some(cfg)));
    }
}

#[test]
fn bad_manifests_are_named_and_the_others_count() {
    let workspace = Workspace::new();
    pipe(&workspace.root.join("pyproject.toml"));
    symlink("setup.cfg", workspace.root.join("setup.cfg")).unwrap();
    fs::create_dir(workspace.root.join("Pipfile")).unwrap();
    workspace.write("tox.ini", vec![0xff; 64]);
    workspace.write("requirements.txt", "attrs\n-r requirements.txt\n-r /etc/hostname\n");
    fs::create_dir(workspace.root.join(".venv")).unwrap();
    symlink(".", workspace.root.join("env")).unwrap();
    let found = workspace.read();
    let said: Vec<String> =
        found.problems.iter().map(|it| it.to_string().replace(workspace.root.as_str(), "")).collect();
    assert_eq!(
        said,
        [
            "/pyproject.toml: not a regular file",
            "/requirements.txt:3: the included `/etc/hostname` lies outside the project",
            "/tox.ini: not UTF-8",
            "/setup.cfg: too many levels of symbolic links",
            "/Pipfile: is a directory",
        ]
    );
    assert_eq!(found.project.dependencies.len(), 1);
    assert_eq!(found.environment.source.kind, SourceKind::None);
}

#[test]
fn a_half_written_pyproject_still_says_what_it_says() {
    let workspace = Workspace::new();
    workspace.write(
        "pyproject.toml",
        "[project]\nname = \"half\"\ndependencies = [\"attrs\"]\n[tool.fromwhere]\nallow = [\"gi\"\n",
    );
    let found = workspace.read();
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert!(found.problems[0].line.is_some());
    assert_eq!(found.project.name.as_deref(), Some("half"));
    assert_eq!(found.project.dependencies.len(), 1);
}
