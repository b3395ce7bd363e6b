//! One random environment: its program, its `pyvenv.cfg`, landmarks where there should be none, and how it is started.
//!
//! In: a seed, and a folder with archives. Out: files, and a [`Start`].
//!
//! **Invariant:** only the seed decides; nothing outside the world's own folder is written.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::zoo::ZONES;
use super::Random;
use crate::oracle::environments::{copy, link, relocated, write};
use crate::oracle::python::{Python, Start};

pub(super) struct World<'a> {
    pub(super) random: Random,
    pub(super) root: Utf8PathBuf,
    /// A folder with a wheel and eggs.
    pub(super) archives: &'a Utf8Path,
}

impl<'a> World<'a> {
    pub(super) fn new(random: Random, root: Utf8PathBuf, archives: &'a Utf8Path) -> Self {
        World { random, root, archives }
    }

    pub(super) fn build(&mut self, pythons: &[Python]) -> Start {
        let mut python = self.random.of(pythons);
        for name in ["work/A", "work/B", "home", "env/bin", "other/bin"] {
            std::fs::create_dir_all(self.root.join(name)).unwrap();
        }
        self.fill("work/A");
        self.fill("work/B");
        link(&self.root.join("standard"), &python.library());
        for name in ["codecs", "stat", "site", "colorsys", "encodings/__init__"] {
            if self.random.percent(40) {
                write(&self.root.join("front").join(format!("{name}.py")), "");
            }
        }
        if self.random.percent(15) {
            let left_out = if self.random.percent(70) { &["site-packages", "dist-packages"][..] } else { &[] };
            let executable = relocated(&python, &self.root.join("base"), left_out);
            python = Python { executable, ..python };
        }
        let executable = self.place_executable(&python);
        let bin = executable.parent().unwrap().to_owned();
        let above = bin.parent().unwrap().to_owned();
        let further = above.parent().map_or_else(|| above.clone(), Utf8Path::to_owned);
        for (directory, chance) in [(bin, 25), (above, 80), (further, 5)] {
            if self.random.percent(chance) {
                self.write_configuration(&directory.join("pyvenv.cfg"), &python);
            }
        }
        self.plant_landmarks(&python);
        self.plant_packages(&python);
        self.start(&executable, &python)
    }

    /// The executable: a copy or a chain of links, relative or absolute, through linked directories.
    fn place_executable(&mut self, python: &Python) -> Utf8PathBuf {
        let name = self.random.of(&["python", "python3", "py", "python3.9"]);
        let place = self.root.join("env/bin").join(name);
        match self.random.below(13) {
            0 | 1 => {
                copy(&python.executable, &place);
            }
            2 => {
                link(&self.root.join("other/bin/python"), &python.executable);
                link(&place, "../../other/bin/python".into());
            }
            3 => {
                link(&self.root.join("env/bin/real"), &python.executable);
                link(&place, "./../bin/real".into());
            }
            4 => {
                copy(&python.executable, &self.root.join("other/bin/python"));
                link(&place, "../../other/bin/python".into());
            }
            5 => {
                // Through a directory that is a link: only the last part of a path is ever resolved.
                link(&self.root.join("to"), python.executable.parent().unwrap());
                link(&place, &self.root.join("to").join(python.executable.file_name().unwrap()));
            }
            6 => {
                link(&self.root.join("other/bin/python"), &python.executable);
                link(&self.root.join("env/bin/b"), &self.root.join("env/../other/bin/python"));
                link(&place, "b".into());
            }
            7 => {
                copy(&python.executable, &self.root.join("env/python"));
                link(&place, "../python".into());
            }
            _ => link(&place, &python.executable),
        }
        match self.random.below(12) {
            0 => {
                link(&self.root.join("linked"), "env".into());
                self.root.join("linked/bin").join(name)
            }
            1 => {
                link(&self.root.join("here/bin"), &self.root.join("env/bin"));
                self.root.join("here/bin").join(name)
            }
            2 => Utf8PathBuf::from(format!("{}/work/../env//bin/./{name}", self.root)),
            3 => Utf8PathBuf::from(format!("/{}/env/bin/../bin/{name}", self.root)),
            _ => place,
        }
    }

    fn write_configuration(&mut self, path: &Utf8Path, python: &Python) {
        // Through links two spellings may be one file.
        if path.symlink_metadata().is_ok() {
            return;
        }
        match self.random.below(40) {
            0 => return std::fs::create_dir_all(path).unwrap(),
            1 => return link(path, "/nonexistent".into()),
            2 => return link(path, "pyvenv.cfg".into()),
            _ => {}
        }
        let text = self.configuration(python);
        if self.random.percent(4) {
            write(&self.root.join("configuration"), text);
            link(path, &self.root.join("configuration"));
        } else {
            write(path, text);
        }
    }

    fn configuration(&mut self, python: &Python) -> Vec<u8> {
        let base = python.executable.parent().unwrap();
        let root = &self.root;
        let homes = [
            base.to_string(),
            base.to_string(),
            base.to_string(),
            format!("{base}/"),
            format!("{base}/../bin"),
            base.parent().unwrap().to_string(),
            "/nonexistent".to_owned(),
            "../other/bin".to_owned(),
            "bin".to_owned(),
            format!("{root}/other/bin"),
            format!("{root}/env/bin"),
            format!("{root}/base/bin"),
            format!("{root}/work/A"),
            python.executable.to_string(),
            "/usr/bin".to_owned(),
            "/bin".to_owned(),
            "/".to_owned(),
            String::new(),
        ];
        let system = ["include-system-site-packages", "Include-System-Site-Packages", "include_system_site_packages"];
        let values =
            ["true", "false", "false", "TRUE", "False", "1", "", "true # no", "\"true\"", "true\u{a0}", "true\0"];
        let mut text = Vec::new();
        if self.random.percent(5) {
            text.extend_from_slice(b"\xef\xbb\xbf");
        }
        for _ in 0..self.random.below(5) {
            let (key, value) = match self.random.below(6) {
                0..=2 => {
                    let keys =
                        ["home", "home", "home", "home", "Home", "HOME", "#home", " home", "\u{a0}home", "home "];
                    (self.random.of(&keys), self.random.of(&homes))
                }
                3 | 4 => (self.random.of(&system), self.random.of(&values).to_owned()),
                _ => {
                    let keys = ["version", "prompt", "x", "", "[section]", "executable", "base-prefix", "uv"];
                    (self.random.of(&keys), self.random.of(&["3.9", "", "a = b", "/nonexistent"]).to_owned())
                }
            };
            let equals = self.random.of(&[" = ", " = ", " = ", "=", "= ", " =", "\t=\t", "  =  ", " : ", " == "]);
            let end = self.random.of(&["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", "", "\u{b}", "\u{85}", " \n"]);
            text.extend_from_slice(format!("{key}{equals}{value}{end}").as_bytes());
        }
        if self.random.percent(3) {
            text.extend_from_slice(b"# \xe9\n");
        }
        if self.random.percent(2) {
            text.extend_from_slice("# filler\n".repeat(4_000).as_bytes());
        }
        text
    }

    /// Files that look like a standard library, a build or a `._pth`, where there should be none.
    fn plant_landmarks(&mut self, python: &Python) {
        let archive = python.archive_name();
        let library = format!("lib/{}", python.library_name());
        let marks = [
            format!("{library}/site.py"),
            archive.clone(),
            format!("{library}/os.py"),
            format!("{library}/os.pyc"),
            format!("{library}/lib-dynload/x"),
            format!("{library}/encodings/__init__.py"),
            library.replace("lib/", "lib64/") + "/os.py",
            library.replace("lib/", "lib64/") + "/site-packages/x.py",
            format!("lib/{archive}"),
            format!("lib64/{archive}"),
            "bin/pybuilddir.txt".to_owned(),
            "pybuilddir.txt".to_owned(),
            "bin/Modules/Setup.local".to_owned(),
            "Modules/Setup.local".to_owned(),
            "Lib/os.py".to_owned(),
            "conda-meta/history".to_owned(),
        ];
        for _ in 0..self.random.below(3) {
            if self.random.percent(40) {
                let place = self.random.of(&["env", "env", "other", "env/bin", "base", "."]);
                let mark = self.random.of(&marks);
                let path = self.root.join(place).join(&mark);
                let content = self.random.of(&["", "", "build/lib\n", "x", "/nonexistent\r\n"]);
                if mark.rsplit('.').next() == Some("zip") && self.random.percent(50) {
                    self.archive(&path);
                } else if !path.exists() {
                    write(&path, content);
                }
            }
        }
        if self.random.percent(4) {
            let name = self.random.of(&["python._pth", "python3._pth", "py._pth"]);
            let lines = [python.library().to_string(), "A # b".into(), "../../work/B".into(), ".".into(), "# c".into()];
            let mut content = format!("{}\n", python.library());
            for _ in 0..self.random.below(4) {
                let end = self.random.of(&["\n", "\r\n", "\n\n"]);
                content.push_str(&(self.random.of(&lines) + end));
            }
            content.push_str(self.random.of(&["import site\n", "import site\n", "", "import os\n", "import site"]));
            write(&self.root.join("env/bin").join(name), content);
        }
    }

    fn start(&mut self, executable: &Utf8Path, python: &Python) -> Start {
        let root = self.root.clone();
        let mut start = Start::new(executable).variable("HOME", root.join("home")).directory(&root.join("work"));
        if self.random.percent(30) {
            let flags: [&[&str]; 7] = [&["-s"], &["-S"], &["-I"], &["-E"], &["-E", "-s"], &["-I", "-S"], &["-s", "-S"]];
            start = start.flags(self.random.of(&flags));
        }
        if self.random.percent(4) {
            let home = self.random.of(&["", "../home", "home/", "/nonexistent"]);
            start = start.variable("HOME", home);
        }
        let (other, archives) = (root.join("other"), self.archives);
        let zones = ZONES.iter().map(|it| (*it).to_owned()).collect();
        let variables: [(&str, Vec<String>, usize); 12] = [
            (
                "PYTHONPATH",
                vec![
                    "A".into(),
                    format!("{root}/work/B:A:"),
                    "..:../work//A".into(),
                    format!("{root}/env/lib"),
                    format!("{root}/env/lib/{}/site-packages:A", python.library_name()),
                    format!("{root}/front"),
                    format!("A:{root}/standard:{root}/front"),
                    format!("{archives}/zipped-1.0-py3.egg:{archives}/tiny-1.0-py3-none-any.whl/tiny"),
                    format!("{archives}/{}.zip", python.library_name()),
                    format!("{root}/work/A/../B:{root}/missing:{root}/work/B/"),
                    ":".into(),
                    String::new(),
                ],
                30,
            ),
            (
                "PYTHONHOME",
                vec![
                    other.to_string(),
                    root.join("base").to_string(),
                    "/usr".into(),
                    String::new(),
                    format!("/usr/:{other}"),
                    python.library().parent().and_then(Utf8Path::parent).unwrap().to_string(),
                ],
                6,
            ),
            ("PYTHONNOUSERSITE", vec!["1".into(), "0".into(), " 0".into(), "x".into(), String::new()], 15),
            ("PYTHONUSERBASE", vec![root.join("env").to_string(), "base".into(), "~/.local".into(), String::new()], 10),
            ("VIRTUAL_ENV", vec![root.join("env").to_string()], 10),
            ("CONDA_PREFIX", vec![root.join("base").to_string()], 5),
            ("__PYVENV_LAUNCHER__", vec![root.join("env/bin/python").to_string(), "python".into()], 4),
            ("PYTHONPLATLIBDIR", vec!["lib".into(), "lib64".into(), "../lib".into(), String::new()], 4),
            ("PYTHONEXECUTABLE", vec![root.join("other/bin/python").to_string()], 2),
            ("PYTHONSAFEPATH", vec!["1".into(), "0".into()], 5),
            ("PYTHONCASEOK", vec!["1".into()], 5),
            ("TZ", zones, 25),
        ];
        for (name, values, chance) in &variables {
            if self.random.percent(*chance) {
                start = start.variable(name, self.random.of(values));
            }
        }
        start
    }

    pub(super) fn describe(&self, start: &Start) -> String {
        let mut lines = vec![format!("{start:?}")];
        let mut waiting = vec![self.root.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in directory.read_dir_utf8().unwrap().flatten() {
                let path = entry.path();
                if path.is_symlink() {
                    // What a relocated library is made of says nothing.
                    if !directory.starts_with(self.root.join("base/lib")) {
                        lines.push(format!("{path} -> {}", path.read_link_utf8().unwrap()));
                    }
                } else if path.is_dir() {
                    waiting.push(path.to_owned());
                } else {
                    let content = std::fs::read(path).unwrap_or_default();
                    let shown = String::from_utf8_lossy(&content).chars().take(400).collect::<String>();
                    lines.push(format!("{path} {shown:?}"));
                }
            }
        }
        lines.join("\n  ")
    }
}
