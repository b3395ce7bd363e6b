//! The folders that come onto the search path with the code of a folder: its own, those of pytest, those of what is started.
//!
//! In: a folder of the project. Out: the folders in which its code may find modules, the foremost first.
//!
//! **Invariant:** none is said twice, and none that is a root of the project anyway.

use std::sync::{Arc, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::{ByRun, Investigation, started};
use crate::documents::Documents;
use crate::launch::Launch;
use crate::project::{ImportMode, Project, Pytest, Tests, normalize_path, pytest_in};
use crate::resolve::contents::Contents;
use crate::situation::Situation;
use crate::system::Listing;

/// The folders, the foremost first.
pub(super) type InFront = Arc<[Folder]>;

/// A folder that comes onto the search path.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: Utf8PathBuf,
    pub(super) by_run: ByRun,
    pub(super) place: Place,
}

/// What is found in a folder rather than elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Anything.
    First,
    /// Anything but the standard library: tools have loaded most of it before they come to the project's code.
    AfterLibrary,
    /// What nothing else has.
    Last,
}

impl Investigation<'_> {
    pub(super) fn folders_in_front(&self, directory: &Utf8Path) -> InFront {
        let mut found = Vec::new();
        if self.situation.finds_own_folder() && !self.has(directory, "__init__.py") {
            self.add_folder(&mut found, directory, ByRun::OwnFolder, Place::First);
        }
        self.add_folders_of_pytest(&mut found, directory);
        self.add_folders_of_programs(&mut found, directory);
        found.into()
    }

    /// pytest takes its settings from the project's folder, or from a nearer one where it is told to run what lies there
    /// (`locate_config`): there is no telling which, so both count.
    fn add_folders_of_pytest(&self, found: &mut Vec<Folder>, directory: &Utf8Path) {
        let Project { root, tests, .. } = &self.situation.project;
        let mut below = directory.ancestors().take_while(|it| *it != root && it.starts_with(root));
        let nearer = below.find_map(|folder| Some((folder, self.settings_of_pytest(folder)?)));
        if let Some((folder, pytest)) = &nearer {
            self.add_folders_of_tests(found, directory, folder, &pytest.tests);
        }
        self.add_folders_of_tests(found, directory, root, tests);
        for (folder, _) in nearer.iter().flat_map(|(_, pytest)| &pytest.pythonpath) {
            self.add_folder(found, &normalize_path(folder.as_str().into()), ByRun::Pytest, Place::AfterLibrary);
        }
    }

    /// pytest puts a folder there for each test and each `conftest.py` around it (`_pytest.pathlib.resolve_package_path`): the
    /// nearest that is no package, that of the test itself in front.
    fn add_folders_of_tests(&self, found: &mut Vec<Folder>, directory: &Utf8Path, root: &Utf8Path, tests: &Tests) {
        let place = match tests.import_mode {
            ImportMode::Prepend => Place::AfterLibrary,
            ImportMode::Append => Place::Last,
            ImportMode::Importlib => return,
        };
        for around in directory.ancestors().take_while(|it| it.starts_with(root)) {
            if (self.has(around, "conftest.py") || around == directory && self.has_tests(around, tests))
                && let Some(folder) = around.ancestors().find(|it| !self.has(it, "__init__.py"))
            {
                self.add_folder(found, folder, ByRun::Pytest, place);
            }
        }
    }

    /// What is started further up is started with its folder in front. Of the other folders around that are no packages any may
    /// be on the path (`PYTHONPATH`, `uvicorn --app-dir`, `gunicorn --chdir`, `flask --app`), and no file tells.
    fn add_folders_of_programs(&self, found: &mut Vec<Folder>, directory: &Utf8Path) {
        let Situation { project, launch, .. } = self.situation;
        if matches!(launch, Some(Launch::Script(_) | Launch::Shebang(_))) {
            // It is a program itself.
            return;
        }
        let around = || directory.ancestors().take_while(|it| it.starts_with(&project.root));
        for folder in around() {
            let started =
                started::PROGRAMS.iter().filter(|it| it.inserts_by_itself || self.situation.finds_own_folder());
            if let Some(program) = started.into_iter().find(|it| self.has(folder, it.file)) {
                let place = if program.inserts_by_itself { Place::AfterLibrary } else { Place::First };
                self.add_folder(found, folder, ByRun::Started(program), place);
            }
        }
        for folder in around().skip(1).filter(|it| !self.has(it, "__init__.py")) {
            self.add_folder(found, folder, ByRun::Around, Place::Last);
        }
    }

    fn add_folder(&self, found: &mut Vec<Folder>, path: &Utf8Path, by_run: ByRun, place: Place) {
        let is_root = self.situation.project.roots.iter().any(|root| root.path == path);
        if !is_root && found.iter().all(|known| known.path != path) {
            found.push(Folder { path: path.to_owned(), by_run, place });
        }
    }

    /// Returns the settings that a folder of the project has for pytest, from memory the second time.
    fn settings_of_pytest(&self, folder: &Utf8Path) -> Option<Arc<Pytest>> {
        if let Some(known) = self.of_pytest.read().unwrap_or_else(PoisonError::into_inner).get(folder) {
            return known.clone();
        }
        let found = pytest_in(&Documents::new(self.system), folder).map(Arc::new);
        let mut of_pytest = self.of_pytest.write().unwrap_or_else(PoisonError::into_inner);
        of_pytest.entry(folder.to_owned()).or_insert(found).clone()
    }

    fn has(&self, folder: &Utf8Path, name: &str) -> bool {
        // From memory: a project has many files in few folders.
        matches!(&*self.shelf.contents(folder), Contents::Directory(it) if it.listing.contains(name))
    }

    fn has_tests(&self, folder: &Utf8Path, tests: &Tests) -> bool {
        let has = |listing: &Listing| listing.iter().any(|(name, _)| tests.collects(folder, name));
        matches!(&*self.shelf.contents(folder), Contents::Directory(it) if has(&it.listing))
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::tests::machine;
    use crate::answer::{ByRun, Investigation};
    use crate::origin::Origin;
    use crate::project::ImportMode;

    fn world() -> (crate::system::memory::MemorySystem, crate::situation::Situation) {
        let (mut system, situation) = machine();
        for file in [
            "conftest.py",
            "tests/conftest.py",
            "tests/shared.py",
            "tests/yaml.py",
            "tests/csv.py",
            "tests/unit/test_one.py",
            "tests/unit/near.py",
            "tests/pack/__init__.py",
            "tests/pack/inner/__init__.py",
            "tests/pack/inner/test_two.py",
            "tests/pack/support/help.py",
            "more/__init__.py",
            "more/conftest.py",
            "more/alone/checks_test.py",
            "tools/run.py",
            "tools/shared.py",
        ] {
            system.write(format!("/proj/{file}"), "");
        }
        system.write("/std/csv.py", "");
        (system, situation)
    }

    /// Asked of pytest 9.2: `sys.path` in each of these files.
    #[test]
    fn pytest_puts_the_folders_of_tests_and_of_conftest_there() {
        let (system, situation) = world();
        let investigation = Investigation::new(&system, &situation);
        for (directory, expected) in [
            ("tests/unit", "tests/unit OwnFolder, tests Pytest"),
            ("tests/pack/inner", "tests Pytest"),
            ("tests/pack/support", "tests/pack/support OwnFolder, tests Pytest"),
            ("tests", "tests OwnFolder"),
            ("more/alone", "more/alone OwnFolder"),
            ("more", ""),
            ("tools", "tools OwnFolder"),
            ("", ""),
        ] {
            let found = investigation.folders_in_front(&camino::Utf8Path::new("/proj").join(directory));
            let short = |path: &camino::Utf8Path| path.as_str().trim_start_matches("/proj/").to_owned();
            let found: Vec<String> = found.iter().map(|it| format!("{} {:?}", short(&it.path), it.by_run)).collect();
            assert_eq!(found.join(", "), expected, "{directory}");
        }
    }

    /// Asked of Django 5.2, gunicorn 27, celery 5.7 and flask 3.1: what stands first on `sys.path` in a module below.
    #[test]
    fn what_is_started_puts_its_folder_there() {
        let (mut system, mut situation) = machine();
        for file in [
            "manage.py",
            "back/manage.py",
            "back/app/__init__.py",
            "back/app/views.py",
            "serve/gunicorn.conf.py",
            "serve/deep/celeryconfig.py",
            "serve/deep/tasks/__init__.py",
            "flask/app.py",
            "flask/package/__init__.py",
            "flask/package/sub/one.py",
        ] {
            system.write(format!("/proj/{file}"), "");
        }
        let said = |situation: &crate::situation::Situation, directory: &str| {
            let investigation = Investigation::new(&system, situation);
            let found = investigation.folders_in_front(&camino::Utf8Path::new("/proj").join(directory));
            let short = |path: &camino::Utf8Path| path.as_str().trim_start_matches("/proj/").to_owned();
            let by = |by_run: &ByRun| match by_run {
                ByRun::Started(program) => program.file.to_owned(),
                other => format!("{other:?}"),
            };
            let found = found.iter().map(|it| format!("{} {}", short(&it.path), by(&it.by_run)));
            found.collect::<Vec<_>>().join(", ")
        };
        let deep = "serve/deep celeryconfig.py, serve gunicorn.conf.py";
        for (directory, expected) in [
            ("back/app", "back manage.py"),
            ("back", "back OwnFolder"),
            ("serve/deep/tasks", deep),
            ("flask/package/sub", "flask/package/sub OwnFolder, flask Around"),
            ("flask/package", "flask Around"),
            ("", ""),
        ] {
            assert_eq!(said(&situation, directory), expected, "{directory}");
        }
        situation.environment.interpreter.iter_mut().for_each(|it| it.safe_path = true);
        assert_eq!(said(&situation, "back/app"), "back Around", "Python itself would have put it there");
        assert_eq!(said(&situation, "serve/deep/tasks"), deep);
        let text = crate::text::Text::new("#!/usr/bin/python3\n".to_owned());
        situation.launch = crate::launch::of("/proj/run.py".into(), &crate::imports::scan(&text));
        assert_eq!(said(&situation, "serve/deep/tasks"), "", "it is a program itself");
    }

    /// Asked of pytest 9.2, started in the project's folder, and told the folder with settings of its own.
    #[test]
    fn settings_further_down_count_too() {
        let (mut system, mut situation) = world();
        system.write("/proj/tests/pack/inner/checks.py", "").write("/proj/late/specs.py", "");
        let said =
            |system: &crate::system::memory::MemorySystem, situation: &crate::situation::Situation, directory| {
                let investigation = Investigation::new(system, situation);
                let found = investigation.folders_in_front(&camino::Utf8Path::new("/proj").join(directory));
                let found = found.iter().filter(|it| it.by_run == ByRun::Pytest);
                let short = |path: &camino::Utf8Path| path.as_str().trim_start_matches("/proj/").to_owned();
                found.map(|it| format!("{} {:?}", short(&it.path), it.place)).collect::<Vec<_>>().join(", ")
            };
        system.remove("/proj/tests/conftest.py");
        assert_eq!(said(&system, &situation, "tests/pack/inner"), "tests AfterLibrary");
        situation.project.tests.files = Some(vec!["specs.py".to_owned()]);
        assert_eq!(said(&system, &situation, "tests/pack/inner"), "", "no test is called so");
        let text = "[pytest]\npython_files = checks.py\npythonpath = ../pack/support . ../more/../lib\n";
        system.write("/proj/tests/pytest.ini", text);
        let own = "tests AfterLibrary, pack/support AfterLibrary, lib AfterLibrary";
        assert_eq!(said(&system, &situation, "tests/pack/inner"), own);
        system.write("/proj/tests/pack/setup.cfg", "[tool:pytest]\naddopts = --import-mode=append\n");
        assert_eq!(said(&system, &situation, "tests/pack/inner"), "tests Last", "the nearest one alone");
        system.write("/proj/tests/pack/inner/tox.ini", "[tox]\n");
        system.write("/proj/tests/pack/inner/pyproject.toml", "[tool.ruff]\n");
        assert_eq!(said(&system, &situation, "tests/pack/inner"), "tests Last", "they say nothing of pytest");
    }

    #[test]
    fn a_test_finds_what_lies_beside_conftest() {
        let (system, mut situation) = world();
        let asked = |situation: &crate::situation::Situation, name: &str, directory: &str| {
            let answer = Investigation::new(&system, situation).answer_for(name, directory.into()).as_ref().clone();
            (answer.resolution.path.map(camino::Utf8PathBuf::into_string), answer.by_run)
        };
        let pytest = |path: &str| (Some(path.to_owned()), Some(ByRun::Pytest));
        let (unit, inner) = ("/proj/tests/unit", "/proj/tests/pack/inner");
        assert_eq!(asked(&situation, "shared", unit), pytest("/proj/tests/shared.py"));
        assert_eq!(asked(&situation, "shared", inner), pytest("/proj/tests/shared.py"));
        assert_eq!(asked(&situation, "yaml", inner), pytest("/proj/tests/yaml.py"));
        assert_eq!(
            asked(&situation, "csv", inner).0.as_deref(),
            Some("/std/csv.py"),
            "pytest has loaded the library's"
        );
        let own = (Some("/proj/tests/unit/near.py".to_owned()), Some(ByRun::OwnFolder));
        assert_eq!(asked(&situation, "near", unit), own);
        assert_eq!(asked(&situation, "shared", "/proj/more").0, None);

        situation.project.tests.import_mode = ImportMode::Append;
        assert_eq!(asked(&situation, "shared", inner), pytest("/proj/tests/shared.py"));
        assert_eq!(asked(&situation, "yaml", inner).0.as_deref(), Some("/one/yaml/__init__.py"));
        situation.project.tests.import_mode = ImportMode::Importlib;
        let around = |path: &str| (Some(path.to_owned()), Some(ByRun::Around));
        assert_eq!(
            asked(&situation, "shared", inner),
            around("/proj/tests/shared.py"),
            "perhaps it is on the path all the same"
        );
        assert_eq!(asked(&situation, "yaml", inner).0.as_deref(), Some("/one/yaml/__init__.py"));
        let answer = Investigation::new(&system, &situation).answer_for("near", unit.into());
        assert_eq!(answer.resolution.origin, Some(Origin::Project), "a script's folder is another matter");
    }
}
