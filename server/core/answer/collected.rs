//! The folders that come onto the search path with the code of a folder: its own, and those of pytest.
//!
//! In: a folder of the project. Out: the folders in which its code finds modules before all others, the foremost first.
//!
//! **Invariant:** none is said twice, and none that is a root of the project anyway.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{ByRun, Investigation};
use crate::project::ImportMode;
use crate::resolve::contents::Contents;
use crate::system::Listing;

/// The folders, each with who puts it there.
pub(super) type InFront = Arc<[(Utf8PathBuf, ByRun)]>;

impl Investigation<'_> {
    /// `python FILE` puts the folder of the file there. pytest puts one there for each test and each `conftest.py` around it
    /// (`_pytest.pathlib.resolve_package_path`): the nearest that is no package, that of the test itself in front.
    pub(super) fn folders_in_front(&self, directory: &Utf8Path) -> InFront {
        let mut found = Vec::new();
        if self.situation.finds_own_folder() && !self.has(directory, "__init__.py") {
            self.add_folder(&mut found, directory, ByRun::OwnFolder);
        }
        if self.situation.project.tests != ImportMode::Importlib {
            let root = &self.situation.project.root;
            for around in directory.ancestors().take_while(|it| it.starts_with(root)) {
                if (self.has(around, "conftest.py") || around == directory && self.has_tests(around))
                    && let Some(folder) = around.ancestors().find(|it| !self.has(it, "__init__.py"))
                {
                    self.add_folder(&mut found, folder, ByRun::Pytest);
                }
            }
        }
        found.into()
    }

    fn add_folder(&self, found: &mut Vec<(Utf8PathBuf, ByRun)>, folder: &Utf8Path, by_run: ByRun) {
        let is_root = self.situation.project.roots.iter().any(|root| root.path == folder);
        if !is_root && found.iter().all(|(known, _)| known != folder) {
            found.push((folder.to_owned(), by_run));
        }
    }

    fn has(&self, folder: &Utf8Path, name: &str) -> bool {
        // From memory: a project has many files in few folders.
        matches!(&*self.shelf.contents(folder), Contents::Directory(it) if it.listing.contains(name))
    }

    fn has_tests(&self, folder: &Utf8Path) -> bool {
        let has = |listing: &Listing| listing.iter().any(|(name, _)| is_test(name));
        matches!(&*self.shelf.contents(folder), Contents::Directory(it) if has(&it.listing))
    }
}

/// What pytest collects where nothing else is said (`python_files`).
fn is_test(name: &str) -> bool {
    name.strip_suffix(".py").is_some_and(|stem| stem.starts_with("test_") || stem.ends_with("_test"))
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
            let found: Vec<String> = found.iter().map(|(path, by_run)| format!("{} {by_run:?}", short(path))).collect();
            assert_eq!(found.join(", "), expected, "{directory}");
        }
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

        situation.project.tests = ImportMode::Append;
        assert_eq!(asked(&situation, "shared", inner), pytest("/proj/tests/shared.py"));
        assert_eq!(asked(&situation, "yaml", inner).0.as_deref(), Some("/one/yaml/__init__.py"));
        situation.project.tests = ImportMode::Importlib;
        assert_eq!(asked(&situation, "shared", inner).0, None);
        let answer = Investigation::new(&system, &situation).answer_for("near", unit.into());
        assert_eq!(answer.resolution.origin, Some(Origin::Project), "a script's folder is another matter");
    }
}
