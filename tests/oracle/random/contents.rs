//! What lies in the directories of a random environment: `.pth` files, modules and packages of every shape, archives.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environments::{link, namespace_line, old_namespace_line, write};
use super::super::python::Python;
use super::super::zoo::{HACK, SHIM};
use super::world::World;

/// Names that collide between directories; `wsgiref` and `this` are the standard library's, and no program of
/// site-packages needs them at its start.
const NAMES: [&str; 6] = ["n0", "n1", "n2", "n3", "wsgiref", "this"];

const EXTENDING: &str = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";

impl World<'_> {
    pub(super) fn plant_packages(&mut self, python: &Python) {
        let library = python.library_name();
        let places = [
            format!("env/lib/{library}/site-packages"),
            format!("env/lib/{library}/dist-packages"),
            format!("env/local/lib/{library}/dist-packages"),
            "env/lib/python3/dist-packages".to_owned(),
            format!("env/lib64/{library}/site-packages"),
            format!("env/bin/lib/{library}/site-packages"),
            format!("linked/lib/{library}/site-packages"),
            format!("base/lib/{library}/site-packages"),
            format!("base/local/lib/{library}/dist-packages"),
            format!("home/.local/lib/{library}/site-packages"),
            format!("other/lib/{library}/site-packages"),
        ];
        for place in places {
            let directory = self.root.join(&place);
            if !self.random.percent(55) || directory.exists() {
                continue;
            }
            std::fs::create_dir_all(&directory).unwrap();
            self.fill(&place);
            for _ in 0..self.random.below(3) {
                let name =
                    self.random.of(&["a.pth", "B.pth", ".h.pth", "_z.pth", "x.PTH", "b.start", "b.pth", "y.pth.txt"]);
                let content = self.path_file();
                write(&directory.join(name), content);
            }
            if self.random.percent(12) {
                let name = self.random.of(&NAMES[..4]);
                let inner = format!("{name}.{}", self.random.of(&["one", "deep", "inner"]));
                let lines = match self.random.below(5) {
                    0 | 1 => namespace_line(name),
                    2 => namespace_line(name) + &namespace_line(&inner),
                    3 => old_namespace_line(name),
                    _ => namespace_line(&inner) + &old_namespace_line(name),
                };
                // Setuptools writes it where the namespace is, and it fails elsewhere.
                if directory.join(name).is_dir() || self.random.percent(20) {
                    let hidden = if self.random.percent(10) { "." } else { "" };
                    write(&directory.join(format!("{hidden}{name}-nspkg.pth")), lines);
                }
            }
            if self.random.percent(10) {
                let line = self.random.of(&["", HACK, HACK, "# nothing\n"]);
                write(&directory.join("distutils-precedence.pth"), line);
                let shim = self.random.of(&["", SHIM, SHIM]);
                self.file(&directory.join("_distutils_hack/__init__.py"), shim);
                self.file(&directory.join("setuptools/__init__.py"), "");
                self.file(&directory.join("setuptools/_distutils/__init__.py"), "");
            }
            if self.random.percent(4) {
                let name = self.random.of(&["sitecustomize.py", "sitecustomize/__init__.py", "usercustomize/x.py"]);
                self.file(&directory.join(name), "");
            }
        }
    }

    /// Puts a few modules into a directory.
    pub(super) fn fill(&mut self, place: &str) {
        for _ in 0..self.random.below(5) {
            let name = self.random.of(&NAMES);
            let here = self.root.join(place).join(name);
            match self.random.below(14) {
                0..=2 => self.file(&with(&here, ".py"), ""),
                3 => self.file(&with(&here, ".pyc"), ""),
                4 => {
                    let suffix = self.random.of(&[
                        ".so",
                        ".abi3.so",
                        ".cpython-311-x86_64-linux-gnu.so",
                        ".cpython-313-x86_64-linux-gnu.so",
                        ".cpython-313t-x86_64-linux-gnu.so",
                        ".cpython-38-x86_64-linux-gnu.so",
                        ".cpython-36m-x86_64-linux-gnu.so",
                        ".abi3-x86_64-linux-gnu.so",
                        ".abi3t.so",
                        ".pyd",
                        ".pyi",
                        ".PY",
                    ]);
                    self.file(&with(&here, suffix), "");
                }
                5 | 6 => {
                    self.file(&here.join("__init__.py"), "");
                    self.file(&here.join("inner.py"), "");
                }
                7 | 8 => {
                    let inner = self.random.of(&["one.py", "two.py", "deep/three.py"]);
                    self.file(&here.join(inner), "");
                }
                9 => {
                    self.file(&here.join("__init__.py"), EXTENDING);
                    let inner = self.random.of(&["one.py", "two.py"]);
                    self.file(&here.join(inner), "");
                }
                10 => self.file(&here.join("__init__.pyc"), ""),
                11 => std::fs::create_dir_all(with(&here, ".py")).unwrap_or_default(),
                12 if !here.exists() && !here.is_symlink() => link(&here, &self.root.join("work")),
                _ => {}
            }
        }
    }

    /// Writes a file unless another shape of the same name is in the way.
    fn file(&self, path: &Utf8Path, text: &str) {
        let free = path.ancestors().skip(1).find(|it| it.exists()).is_some_and(Utf8Path::is_dir);
        if free && !path.exists() && path.ancestors().all(|it| !it.is_symlink() || !it.starts_with(&self.root)) {
            write(path, text);
        }
    }

    /// Puts a real archive somewhere.
    pub(super) fn archive(&mut self, path: &Utf8Path) {
        let name = self.random.of(&["zipped-1.0-py3.egg", "tiny-1.0-py3-none-any.whl"]);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).unwrap();
        }
        std::fs::copy(self.archives.join(name), path).unwrap();
    }

    fn path_file(&mut self) -> Vec<u8> {
        let (root, archives) = (self.root.clone(), self.archives);
        let lines = [
            format!("{root}/work/A"),
            format!("{root}/work/B/"),
            "../../../../work/A".to_owned(),
            "sub".to_owned(),
            "n0".to_owned(),
            ".".to_owned(),
            "..".to_owned(),
            format!("  {root}/work/B"),
            format!("# {root}/work/B"),
            String::new(),
            "/nonexistent".to_owned(),
            format!("{archives}/zipped-1.0-py3.egg"),
            format!("{archives}/foldered-1.0-py3.egg"),
            format!("{archives}/tiny-1.0-py3-none-any.whl/tiny"),
            "import sys".to_owned(),
            "import\tos, sys".to_owned(),
            "import nope_nope".to_owned(),
            format!("import sys; sys.path.append('{root}/work/B')"),
            format!("import sys; sys.path.insert(0, '{root}/work/A')"),
            format!("import sys; sys.path.extend(['{root}/work/B', 'relative'])"),
            format!("import site; site.addsitedir('{root}/other/lib')"),
            format!("import site; site.addsitedir('{root}/work/A')"),
            format!("import site; site.addsitedir(__import__(\"os\").fsdecode(b\"{root}/work/B\"))"),
            format!("  import sys; sys.path.append('{root}/work/B')"),
            "import sys; sys.path.append(".to_owned(),
            format!("{root}/work/A\u{c}{root}/work/B"),
            format!("{root}/work/A\u{2028}{root}/work/B"),
            format!("{root}/work/A\u{85}{root}/work/B"),
            format!("{root}/other/lib"),
            format!("import sys; sys.path.insert(0, '{root}/front')"),
            format!("import sys; sys.path.insert(0, '{root}/standard')"),
            format!("{root}/standard"),
            "import _virtualenv".to_owned(),
            "import sys; sys.path.extend([])".to_owned(),
        ];
        let mut content = Vec::new();
        if self.random.percent(8) {
            content.extend_from_slice(b"\xef\xbb\xbf");
        }
        for _ in 0..self.random.below(5) {
            let end = self.random.of(&["\n", "\n", "\n", "\r\n", "\r", "  \n"]);
            content.extend_from_slice(format!("{}{end}", self.random.of(&lines)).as_bytes());
        }
        if self.random.percent(2) {
            if self.random.percent(50) {
                content.extend_from_slice("# a line\n".repeat(1000).as_bytes());
            }
            content.push(0xe9);
        }
        content
    }
}

fn with(here: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    format!("{here}{suffix}").into()
}
