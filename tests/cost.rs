//! What an answer asks of the disk: no timing, so it holds on every machine.
//!
//! In: an environment of the operating system's Python with ever more distributions, flat and with deep trees. Out: how many questions
//! `env`'s findings and a name's answer ask, and how much they are told.
//!
//! **Invariant:** linear in the entries of the import roots, and independent of what lies deeper.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use fromwhere_core::answer::{Answers, Investigation};
use fromwhere_core::check::check_environment;
use fromwhere_core::situation::{Question, situation};
use fromwhere_core::system::{Failure, Listing, Metadata, System};

use crate::answers::not_tested;
use crate::oracle::environments::{link, site_packages, temporary, write};
use crate::oracle::python::{Python, Start, all};

/// A [`System`] that counts what it is asked, and what it tells.
struct Counting {
    disk: Disk,
    questions: AtomicUsize,
    /// Names in the listings that were given out.
    names: AtomicUsize,
    bytes: AtomicUsize,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    questions: usize,
    names: usize,
    bytes: usize,
}

impl Cost {
    fn since(self, before: Cost) -> Cost {
        Cost {
            questions: self.questions - before.questions,
            names: self.names - before.names,
            bytes: self.bytes - before.bytes,
        }
    }
}

impl Counting {
    fn asked(&self) {
        self.questions.fetch_add(1, Ordering::Relaxed);
    }

    fn told(&self, bytes: Result<Vec<u8>, Failure>) -> Result<Vec<u8>, Failure> {
        self.asked();
        self.bytes.fetch_add(bytes.as_ref().map_or(0, Vec::len), Ordering::Relaxed);
        bytes
    }

    fn cost(&self) -> Cost {
        let [questions, names, bytes] =
            [&self.questions, &self.names, &self.bytes].map(|it| it.load(Ordering::Relaxed));
        Cost { questions, names, bytes }
    }
}

impl System for Counting {
    fn metadata(&self, path: &Utf8Path) -> Result<Metadata, Failure> {
        self.asked();
        self.disk.metadata(path)
    }

    fn link_target(&self, path: &Utf8Path) -> Result<Option<Utf8PathBuf>, Failure> {
        self.asked();
        self.disk.link_target(path)
    }

    fn canonical(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        self.asked();
        self.disk.canonical(path)
    }

    fn list(&self, directory: &Utf8Path) -> Result<Arc<Listing>, Failure> {
        self.asked();
        let listing = self.disk.list(directory);
        self.names.fetch_add(listing.as_ref().map_or(0, |it| it.iter().count()), Ordering::Relaxed);
        listing
    }

    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, Failure> {
        self.told(self.disk.read(path, limit))
    }

    fn read_range(&self, path: &Utf8Path, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        self.told(self.disk.read_range(path, offset, length))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.disk.variable(name)
    }

    fn working_directory(&self) -> Utf8PathBuf {
        self.disk.working_directory()
    }

    fn home_of_user(&self) -> Option<Utf8PathBuf> {
        self.disk.home_of_user()
    }
}

#[test]
fn it_grows_with_the_roots_and_not_with_what_lies_deeper() {
    let Some(python) = all().into_iter().find(|it| it.executable.starts_with("/usr")) else {
        return not_tested("there is no Python of the operating system");
    };
    let [flat, more, most] = [50, 100, 150].map(|it| costs(&python, it, false));
    let [deep, more_deep, most_deep] = [50, 100, 150].map(|it| costs(&python, it, true));
    for (what, few, many, most) in [
        ("discovery", flat.0, more.0, most.0),
        ("discovery of deep trees", deep.0, more_deep.0, most_deep.0),
        ("names", flat.1, more.1, most.1),
        ("names in deep trees", deep.1, more_deep.1, most_deep.1),
    ] {
        assert!(most.since(many).questions > 0, "{what}: nothing was counted");
        assert_eq!(most.since(many), many.since(few), "{what}: 50 more cost the same each time");
    }
    assert_eq!([flat.0, more.0, most.0], [deep.0, more_deep.0, most_deep.0], "discovery looks at the roots alone");
    // A package's own folder is listed, where `deep` is one name more; its RECORD has more lines to read.
    let questions = |it: (Cost, Cost)| it.1.questions;
    assert_eq!([flat, more, most].map(questions), [deep, more_deep, most_deep].map(questions));
    assert_eq!(most_deep.1.names - most.1.names, 150, "one name for each package");
}

/// What the findings on an environment of that many distributions cost, and after them the answers to their names.
fn costs(python: &Python, distributions: usize, deep: bool) -> (Cost, Cost) {
    let (_guard, root) = temporary();
    let site = site_packages(&root.join(".venv"), python);
    write(&root.join(".venv/pyvenv.cfg"), "home = /usr/bin\ninclude-system-site-packages = false\n");
    link(&root.join(".venv/bin/python"), &python.executable);
    let mut manifest = String::from("[project]\nname = 'large'\nversion = '1'\ndependencies = [\n");
    for number in 0..distributions {
        let name = format!("package{number:03}");
        let _ = writeln!(manifest, "'{name}>=1',");
        let mut files = vec![format!("{name}/__init__.py"), format!("{name}/module.py")];
        if deep {
            files.extend((0..20).map(|it| format!("{name}/deep/deeper/deepest/module{it}.py")));
        }
        let mut record = String::new();
        for file in files {
            write(&site.join(&file), "");
            let _ = writeln!(record, "{file},,");
        }
        let metadata = site.join(format!("{name}-1.0.dist-info"));
        write(&metadata.join("METADATA"), format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"));
        write(&metadata.join("INSTALLER"), "pip\n");
        write(&metadata.join("RECORD"), record);
    }
    write(&root.join("pyproject.toml"), manifest + "]\n");
    let disk = Start::new(&python.executable).disk();
    let counting =
        Counting { disk, questions: AtomicUsize::new(0), names: AtomicUsize::new(0), bytes: AtomicUsize::new(0) };
    let situation = situation(&counting, &Question::about(&root, &root));
    assert!(situation.environment.interpreter.is_some(), "no Python in force");
    check_environment(&counting, &situation, &Answers::default());
    let discovery = counting.cost();
    let investigation = Investigation::new(&counting, &situation);
    for number in 0..distributions {
        let answer = investigation.answer(&format!("package{number:03}.module"));
        assert!(answer.distribution.is_some(), "{answer:?}");
    }
    (discovery, counting.cost().since(discovery))
}
