//! Where PyPy's standard library is (`pypy/module/sys/initpath.py`, `setup_and_fix_paths` of `app_main.py`).
//!
//! In: an executable, its shared library, the environment variables. Out: a [`Layout`].
//!
//! **Invariant:** every directory on the way up is resolved before its parent is tried, the root is tried as well, and
//! `PYTHONHOME`, `PYTHONPLATLIBDIR` and `__PYVENV_LAUNCHER__` mean nothing.

use super::{Build, Layout, variable};
use crate::interpreter::{Flags, Implementation, paths};
use crate::origin::Evidence;
use crate::system::System;

/// What is read of `pyvenv.cfg`, in bytes.
const MOST_OF_PYVENV: usize = 16 * 1024;

/// More directories than a path has.
const MOST_STEPS: usize = 1000;

pub(super) fn layout(system: &dyn System, build: &dyn Build, executable: &str, flags: Flags) -> Layout {
    let search = Search {
        system,
        library: format!(
            "{}/{}",
            build.platform_library_directory(),
            super::versioned(Implementation::PyPy, build.version())
        ),
        archive: super::archive(build.version(), system.platform()),
    };
    let executable = paths::absolute(system, executable);
    // Its own shared library is asked where the executable has none around it (`_pypy_init_home`).
    let found = search.from(&executable).or_else(|| search.from(&build.library()?));
    let fatal = found.is_none().then(|| format!("no `{}` lies above it or above its library", search.library));
    let (prefix, own) = found.unwrap_or_default();
    let listed = variable(system, "PYTHONPATH", flags).unwrap_or_default();
    let listed = listed.split(':').filter(|_| !listed.is_empty());
    let mut search_path: Vec<(String, Evidence)> =
        listed.map(|item| (item.to_owned(), Evidence::Variable("PYTHONPATH"))).collect();
    search_path.extend(own.iter().map(|path| (path.clone(), Evidence::BuiltIn)));
    Layout {
        base_executable: executable.clone(),
        executable,
        prefix: prefix.clone(),
        exec_prefix: prefix.clone(),
        base_prefix: prefix.clone(),
        base_exec_prefix: prefix,
        stdlib: own.last().cloned().unwrap_or_default(),
        search_path,
        path_file: None,
        fatal,
    }
}

struct Search<'s> {
    system: &'s dyn System,
    /// `lib/pypy3.11`.
    library: String,
    /// `python311.zip`, right in the prefix.
    archive: String,
}

impl Search<'_> {
    /// `find_stdlib`: returns the prefix and the entries of the path.
    fn from(&self, executable: &str) -> Option<(String, Vec<String>)> {
        let mut here = executable.to_owned();
        let mut places_of_pyvenv = 2;
        for _ in 0..MOST_STEPS {
            let mut directory = self.resolved_directory_of(&here)?;
            if directory == here {
                return None;
            }
            if places_of_pyvenv > 0 {
                places_of_pyvenv -= 1;
                if let Some(home) = self.home_in(&directory) {
                    directory = home;
                    places_of_pyvenv = 0;
                }
            }
            if let Some(entries) = self.library_in(&directory) {
                return Some((directory, entries));
            }
            here = directory;
        }
        None
    }

    /// `resolvedirof`: the directory of what a path leads to, links of its last component followed.
    fn resolved_directory_of(&self, path: &str) -> Option<String> {
        let mut path = paths::absolute(self.system, path);
        for _ in 0..MOST_STEPS {
            let directory = paths::norm(&paths::join_plain(&path, ".."));
            match self.system.link_target(&paths::place(self.system, &path)) {
                Ok(Some(target)) => {
                    path = paths::absolute(self.system, &paths::join_plain(&directory, target.as_str()));
                }
                _ => return Some(directory),
            }
        }
        // A ring of links would end the program.
        None
    }

    /// `find_pyvenv_cfg`: the first line that is `home = …`; one without a value counts as none.
    fn home_in(&self, directory: &str) -> Option<String> {
        let file = paths::place(self.system, &paths::join_plain(directory, "pyvenv.cfg"));
        let bytes = self.system.read_range(&file, 0, MOST_OF_PYVENV).ok()?;
        let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e));
        let value = lines.find_map(|line| {
            let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
            let rest = without_blanks(line).strip_prefix(b"home")?;
            without_blanks(rest).strip_prefix(b"=")
        })?;
        let home = std::str::from_utf8(value.trim_ascii()).ok()?.trim_matches('\x0b');
        (!home.is_empty()).then(|| home.to_owned())
    }

    /// `compute_stdlib_path_packaged`, and what follows it in a checkout of the sources.
    fn library_in(&self, prefix: &str) -> Option<Vec<String>> {
        let below = |name: &str| paths::join_plain(prefix, name);
        let archive = below(&self.archive);
        if paths::is_file(self.system, &archive) {
            return Some(vec![archive]);
        }
        let library = below(&self.library);
        if paths::is_file(self.system, &paths::join_plain(&library, "site.py")) {
            return Some(vec![library]);
        }
        let sources = [below("lib_pypy"), below("lib-python/3")];
        sources.iter().all(|it| paths::is_directory(self.system, it)).then(|| sources.to_vec())
    }
}

fn without_blanks(line: &[u8]) -> &[u8] {
    let blanks = line.iter().take_while(|byte| **byte == b' ').count();
    line.get(blanks..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use crate::interpreter::{Flags, Implementation, Interpreter, interpret};
    use crate::system::System;
    use crate::system::memory::MemorySystem;

    /// Debian's PyPy: its code is in a library that lies elsewhere.
    fn machine() -> MemorySystem {
        let mut system = MemorySystem::default();
        system.write_executable("/usr/bin/pypy3.11", "\x7fELF").link("/usr/bin/pypy3", "pypy3.11");
        for name in ["site.py", "os.py", "encodings/__init__.py", "_lzma.pypy311-pp73-x86_64-linux-gnu.so"] {
            system.write(format!("/usr/lib/pypy3.11/{name}"), "");
        }
        let site = "def main(): dist-packages\nsys.prefix = sys.exec_prefix = site_prefix\n";
        system.write("/usr/lib/pypy3.11/site.py", site);
        for directory in ["/usr/local/lib/pypy3.11/dist-packages", "/usr/lib/python3/dist-packages", "/v/bin"] {
            system.create_directory(directory);
        }
        system
    }

    fn read(system: &dyn System, executable: &str) -> Interpreter {
        let (interpreter, problems) = interpret(system, executable.into(), Flags::default());
        interpreter.unwrap_or_else(|| panic!("{problems:?}"))
    }

    fn path(interpreter: &Interpreter) -> Vec<&str> {
        interpreter.search_path.iter().map(|root| root.path.as_str()).collect()
    }

    #[test]
    fn debian_shares_one_directory_with_cpython() {
        let pypy = read(&machine(), "/usr/bin/pypy3");
        assert_eq!(pypy.implementation, Implementation::PyPy);
        assert_eq!(pypy.prefix, "/usr");
        let entries = ["/usr/lib/pypy3.11", "/usr/local/lib/pypy3.11/dist-packages", "/usr/lib/python3/dist-packages"];
        assert_eq!(path(&pypy), entries);
        assert_eq!(pypy.extension_suffixes, [".pypy311-pp73-x86_64-linux-gnu.so"]);
        assert_eq!(pypy.abi.as_deref(), Some("pypy311-pp73"));
    }

    #[test]
    fn a_link_is_followed_before_pyvenv_cfg_is_read() {
        let mut system = machine();
        system.link("/v/bin/python", "/usr/bin/pypy3").write("/v/pyvenv.cfg", "home = /nonexistent\n");
        system.create_directory("/v/lib/pypy3.11/site-packages");
        let pypy = read(&system, "/v/bin/python");
        assert_eq!((pypy.prefix.as_str(), pypy.base_prefix.as_str()), ("/v", "/usr"));
        assert_eq!(path(&pypy)[..2], ["/usr/lib/pypy3.11", "/v/lib/pypy3.11/site-packages"]);
    }

    #[test]
    fn a_copy_reads_its_home() {
        let mut system = machine();
        system.write_executable("/v/bin/pypy3.11", "\x7fELF");
        assert!(read(&system, "/v/bin/pypy3.11").does_not_start.is_some());
        system.write("/v/pyvenv.cfg", "  home=/usr/bin  \r\n");
        assert_eq!(read(&system, "/v/bin/pypy3.11").base_prefix, "/usr");
    }

    #[test]
    fn an_archive_in_the_prefix_comes_before_the_library() {
        let mut system = machine();
        system.write("/usr/python311.zip", "PK encodings/__init__.py");
        let pypy = read(&system, "/usr/bin/pypy3");
        assert_eq!((pypy.stdlib.as_str(), path(&pypy)[0]), ("/usr/python311.zip", "/usr/python311.zip"));
    }

    #[test]
    fn what_ends_site_does_not_end_the_start() {
        let mut system = machine();
        system.link("/v/bin/python", "/usr/bin/pypy3").write("/v/pyvenv.cfg", b"# \xe9\n".to_vec());
        let (pypy, problems) = interpret(&system, Utf8Path::new("/v/bin/python"), Flags::default());
        let pypy = pypy.unwrap();
        assert_eq!((pypy.does_not_start.as_deref(), path(&pypy)), (None, vec!["/usr/lib/pypy3.11"]));
        assert_eq!(problems[0].message, "starts without site-packages: `/v/pyvenv.cfg` is not UTF-8");
    }

    #[test]
    fn older_layouts_are_refused() {
        let mut system = machine();
        system.write_executable("/opt/pypy3.7/bin/pypy3.7", "\x7fELF");
        let (_, problems) = interpret(&system, "/opt/pypy3.7/bin/pypy3.7".into(), Flags::default());
        assert_eq!(problems[0].message, "is PyPy 3.7 or older, whose library lies elsewhere");
    }
}
