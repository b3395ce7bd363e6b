//! What an open document is to us.
//!
//! In: the name of a file, the language that its editor gave it, its text. Out: a [`Kind`].
//!
//! **Invariant:** a name that only one thing can have decides, whatever an editor calls the language: `pyvenv.cfg` is
//! `cfg` to one, `dosini` to another, and `python` to nobody who means it.

use camino::Utf8Path;
use fromwhere_core::recipe::RecipeKind;

/// What an open document is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Python that belongs to somebody's project.
    Python,
    /// What tells Python that a folder is a virtual environment.
    Pyvenv,
    /// What prepares a machine: a Dockerfile, a shell script, a Makefile.
    Recipe(RecipeKind),
    /// Nothing that is looked at: another language, an installed package, a Python's own library, what lies on no disk.
    Other,
}

impl Kind {
    pub(super) fn of(language: &str, path: Option<&Utf8Path>, text: &str) -> Self {
        let Some(path) = path else { return Kind::Other };
        match path.file_name() {
            Some("pyvenv.cfg") => Kind::Pyvenv,
            _ if is_installed(path) => Kind::Other,
            _ if language == "python" || matches!(path.extension(), Some("py" | "pyw" | "pyi")) => Kind::Python,
            _ => RecipeKind::of_text(path, text).map_or(Kind::Other, Kind::Recipe),
        }
    }

    /// Tells whether such a document is about one project, whose situation it is shown in.
    pub(super) fn has_project(self) -> bool {
        self != Kind::Other
    }
}

/// Tells whether a file was opened where packages are installed: it is not the user's to change.
fn is_installed(path: &Utf8Path) -> bool {
    path.components().any(|part| matches!(part.as_str(), "site-packages" | "dist-packages"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_and_then_the_language() {
        let kind = |language, path: &str| Kind::of(language, Some(Utf8Path::new(path)), "#!/bin/sh\n");
        for language in ["cfg", "conf", "dosini", "python", "plaintext", ""] {
            assert_eq!(kind(language, "/p/.venv/pyvenv.cfg"), Kind::Pyvenv, "{language}");
        }
        assert_eq!(kind("python", "/p/tool"), Kind::Python);
        assert_eq!(kind("", "/p/stubs.pyi"), Kind::Python);
        assert_eq!(kind("python", "/p/.venv/lib/python3.11/site-packages/six.py"), Kind::Other);
        assert_eq!(kind("toml", "/p/pyproject.toml"), Kind::Other);
        assert_eq!(kind("dockerfile", "/p/Dockerfile"), Kind::Recipe(RecipeKind::Dockerfile));
        assert_eq!(kind("python", "/p/setup.sh"), Kind::Python, "an editor that says so knows");
        assert_eq!(kind("python", "/p/cells.ipynb"), Kind::Python);
        assert_eq!(kind("json", "/p/cells.ipynb"), Kind::Other, "the file itself is no Python");
        assert_eq!(kind("shellscript", "/p/bootstrap"), Kind::Recipe(RecipeKind::Shell));
        assert_eq!(Kind::of("shellscript", Some("/p/bootstrap".into()), "#!/bin/awk\n"), Kind::Other);
        assert_eq!(Kind::of("python", None, ""), Kind::Other);
    }
}
