//! The list that a project's next dependency belongs into.
//!
//! In: the project's files. Out: where a fix adds to the list, or which line a person has to look at.
//!
//! **Invariant:** the first list that the project's tool installs from; what another file computes is not written out beside it.

use camino::{Utf8Path, Utf8PathBuf};

use super::insertion::{self, Insertion, in_toml};
use super::{
    ENVIRONMENT_FILES, PACKAGES, Part, Project, Tool, environment_yml, normalize_path, pyproject, setup_cfg, setup_py,
};
use crate::document::{Document, read_source};
use crate::documents::Documents;
use crate::system::Listing;
use crate::text::Text;

/// Where the next dependency is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextDependency {
    /// By an edit.
    Edit(Insertion),
    /// By hand, as the list is computed, or written in a way that no edit would keep.
    ByHand {
        path: Utf8PathBuf,
        /// From 1.
        line: u32,
        /// In words that fit "add it to …".
        list: &'static str,
    },
}

/// The project's files, as far as they say where dependencies are listed.
pub(super) struct Files<'a> {
    pub(super) documents: &'a Documents<'a>,
    pub(super) listing: &'a Listing,
    pub(super) project: &'a Project,
    pub(super) pyproject: Option<&'a Document>,
    /// Those that manifests name in place of a list.
    pub(super) named: &'a [(String, Part)],
    /// The project's own requirements files.
    pub(super) requirements: &'a [Utf8PathBuf],
}

impl Files<'_> {
    /// Returns where one more dependency goes.
    pub(super) fn next(&self) -> Option<NextDependency> {
        let project = self.project;
        if let Some(pyproject) = self.pyproject {
            if let Some(found) = in_toml::into_dependencies(pyproject) {
                return Some(NextDependency::Edit(found));
            }
            let lists: [(&[&str], _); 2] = [
                (&["project"], "the dependencies of `[project]`"),
                (&["tool", "poetry", "dependencies"], "Poetry's dependencies"),
            ];
            let is_computed = pyproject::is_dynamic(pyproject);
            let closed = lists.into_iter().find_map(|(keys, list)| Some((pyproject.entry(keys)?, list)));
            if let Some((entry, list)) = closed.filter(|_| !is_computed) {
                return Some(by_hand(&pyproject.path, pyproject.line(entry.key_span), list));
            }
        }
        if let Some(pipfile) = self.listed("Pipfile").map(|(_, path)| path) {
            let document = self.documents.read(&pipfile, &mut Vec::new())?;
            let found = in_toml::into_table(&document, PACKAGES).map(NextDependency::Edit);
            return found.or_else(|| {
                let line = document.entry(PACKAGES).map_or(1, |it| document.line(it.key_span));
                Some(by_hand(&pipfile, line, "`[packages]`"))
            });
        }
        // What `[project]` does not leave to the build backend, setuptools does not look for elsewhere.
        let is_of_setuptools = matches!(project.tool, Tool::Pip | Tool::Uv | Tool::Hatch | Tool::Conda);
        let of_backend = if is_of_setuptools { self.of_build_backend() } else { None };
        let new_list = match of_backend {
            Some(OfBackend::There(found)) => return Some(found),
            Some(OfBackend::New(found)) => Some(found),
            None => None,
        };
        if project.tool == Tool::Conda
            && let Some((source, path)) = ENVIRONMENT_FILES.into_iter().find_map(|name| self.listed(name))
        {
            let found = environment_yml::insertion(&path, source.clone()).map(NextDependency::Edit);
            let line = || environment_yml::line_of_list(&path, source).unwrap_or(1);
            return found.or_else(|| Some(by_hand(&path, line(), "its `dependencies`")));
        }
        // Where a tool keeps its own list, a requirements file is for somebody else.
        let is_by_files = project.installer() == Tool::Pip;
        let of_files =
            || self.of_requirements().filter(|_| is_by_files && (project.name.is_none() || new_list.is_some()));
        of_files().or_else(|| new_list.clone())
    }

    fn source(&self, path: Utf8PathBuf) -> Option<(String, Utf8PathBuf)> {
        Some((read_source(self.documents.system(), &path, &mut Vec::new())?, path))
    }

    fn listed(&self, name: &str) -> Option<(String, Utf8PathBuf)> {
        self.listing.contains(name).then(|| self.source(self.project.root.join(name))).flatten()
    }

    /// The files that a manifest names, setuptools' own lists, or what computes them.
    fn of_build_backend(&self) -> Option<OfBackend> {
        let dynamic = self.pyproject.and_then(|it| Some((it, it.entry(&["project", "dynamic"])?)));
        let dynamic = dynamic.filter(|(document, _)| pyproject::is_dynamic(document));
        if dynamic.is_none() && self.pyproject.is_some_and(|it| it.at(&["project"]).is_some()) {
            return None;
        }
        let root = &self.project.root;
        let of_all: Vec<Utf8PathBuf> = self
            .named
            .iter()
            .filter(|(_, part)| *part == Part::Main)
            .map(|(file, _)| normalize_path(&root.join(file)))
            .collect();
        if let [file] = of_all.as_slice()
            && file.starts_with(root)
            && let Some((source, path)) = self.source(file.clone())
            && let Some(found) = insertion::into_lines(&path, source)
        {
            return Some(OfBackend::There(NextDependency::Edit(found)));
        }
        let computed = || {
            dynamic.map(|(document, entry)| {
                by_hand(&document.path, document.line(entry.key_span), "what these are read from")
            })
        };
        let text = |name| self.listed(name).map(|(source, path)| (Text::new(source), path));
        let cfg = text("setup.cfg");
        if !of_all.is_empty() {
            let line = cfg.as_ref().and_then(|(text, path)| Some((path, setup_cfg::line_of_list(text)?)));
            let in_cfg = || line.map(|(path, line)| by_hand(path, line, "one of the files that it names"));
            return computed().or_else(in_cfg).map(OfBackend::There);
        }
        of_setuptools(&[cfg, text("setup.py")]).or_else(|| computed().map(OfBackend::There))
    }

    /// The one file that is for everybody, or what it is compiled from.
    fn of_requirements(&self) -> Option<NextDependency> {
        let root = &self.project.root;
        let is_main = |it: &&Utf8PathBuf| super::requirements_txt::part_of(it) == Part::Main;
        let of_all: Vec<&Utf8PathBuf> = self.requirements.iter().filter(is_main).collect();
        let plain = root.join("requirements.txt");
        let file = match of_all.as_slice() {
            [] => return None,
            files if files.contains(&&plain) => &plain,
            [file] => *file,
            [first, ..] => return Some(by_hand(first, 1, "one of the requirements files")),
        };
        let compiled_from = file.with_extension("in");
        let (source, path) = self.source(compiled_from).or_else(|| self.source(file.clone()))?;
        let line = u32::try_from(source.lines().count()).unwrap_or(1).max(1);
        let list = if insertion::has_hashes(&source) { "the requirements, with its hash" } else { "the requirements" };
        let found = insertion::into_lines(&path, source).map(NextDependency::Edit);
        found.or_else(|| Some(by_hand(&path, line, list)))
    }
}

fn by_hand(path: &Utf8Path, line: u32, list: &'static str) -> NextDependency {
    NextDependency::ByHand { path: path.to_owned(), line, list }
}

/// What is known of the lists that a build backend reads.
enum OfBackend {
    There(NextDependency),
    /// There is none, but it could be made.
    New(NextDependency),
}

/// A list that is there, in `setup.cfg` before `setup.py`, whose own one it replaces; else a new one in the file that says more
/// of the project.
fn of_setuptools([cfg, program]: &[Option<(Text, Utf8PathBuf)>; 2]) -> Option<OfBackend> {
    let in_cfg =
        |find: fn(&Utf8Path, &Text) -> Option<Insertion>| cfg.as_ref().and_then(|(text, path)| find(path, text));
    if let Some(found) = in_cfg(setup_cfg::insertion) {
        return Some(OfBackend::There(NextDependency::Edit(found)));
    }
    let mut in_program = None;
    let mut is_bare = true;
    if let Some((text, path)) = program {
        match setup_py::list(path, text) {
            setup_py::List::Written(found) => return Some(OfBackend::There(NextDependency::Edit(found))),
            setup_py::List::Computed(line) => {
                let found = by_hand(path, line, "what `install_requires` is made from");
                return Some(OfBackend::There(found));
            }
            setup_py::List::Absent { insertion, is_bare: bare } => (in_program, is_bare) = (insertion, bare),
        }
    }
    let said_in_cfg = || in_cfg(setup_cfg::insertion_of_options).filter(|_| is_bare);
    let new = in_cfg(setup_cfg::insertion_of_list).or_else(said_in_cfg).or(in_program);
    new.map(|it| OfBackend::New(NextDependency::Edit(it)))
}
