//! Random environments: whatever people, tools and accidents can make of one, the answers are equal.
//!
//! In: `FROMWHERE_ORACLE_SEED` and `FROMWHERE_ORACLE_RUNS`, or this file's own numbers. Out: no difference.
//!
//! **Invariant:** a seed makes the same environment again; a failure names the seed of its environment alone.

use camino::{Utf8Path, Utf8PathBuf};

use super::compare::differences;
use super::environments::{link, temporary, write};
use super::python::{Python, Start, all};

const RUNS: u64 = 60;
const SEED: u64 = 20_260;

#[test]
fn random_environments() {
    let number = |name: &str, otherwise: u64| std::env::var(name).map_or(otherwise, |it| it.parse().expect("a number"));
    let (first, runs) = (number("FROMWHERE_ORACLE_SEED", SEED), number("FROMWHERE_ORACLE_RUNS", RUNS));
    eprintln!("seeds {first} to {}", first + runs - 1);
    let pythons = all();
    let mut wrong = Vec::new();
    let mut did_not_start = 0;
    for seed in first..first + runs {
        let (_guard, root) = temporary();
        let mut world = World { random: Random(seed), root, pythons: &pythons };
        let start = world.build();
        let found = differences(&start);
        did_not_start += u64::from(start.reconstruct().does_not_start.is_some());
        if !found.is_empty() {
            let described = world.describe(&start);
            wrong.push(format!(
                "FROMWHERE_ORACLE_SEED={seed} FROMWHERE_ORACLE_RUNS=1\n{described}\n  {}",
                found.join("\n  ")
            ));
        }
    }
    eprintln!("{runs} environments compared, {did_not_start} of them do not start");
    let shown = wrong.iter().take(4).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {runs} differ, the first of them:\n{shown}", wrong.len());
}

/// A small generator (SplitMix64): the same numbers on every machine.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("small")
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}

struct World<'a> {
    random: Random,
    root: Utf8PathBuf,
    pythons: &'a [Python],
}

impl World<'_> {
    fn build(&mut self) -> Start {
        let python = self.random.of(self.pythons);
        for name in ["work/A", "work/B", "home", "env/bin", "other/bin"] {
            std::fs::create_dir_all(self.root.join(name)).unwrap();
        }
        let executable = self.place_executable(&python);
        let bin = executable.parent().unwrap().to_owned();
        for (directory, chance) in [(bin.clone(), 25), (bin.parent().unwrap().to_owned(), 80)] {
            if self.random.percent(chance) {
                self.write_configuration(&directory.join("pyvenv.cfg"), &python);
            }
        }
        self.plant_landmarks(&python);
        self.plant_packages(&python);
        self.start(&executable)
    }

    /// The executable: a copy or a chain of links, relative or absolute, through linked directories.
    fn place_executable(&mut self, python: &Python) -> Utf8PathBuf {
        let name = self.random.of(&["python", "python3", "py", "python3.9"]);
        let place = self.root.join("env/bin").join(name);
        match self.random.below(10) {
            0 | 1 => {
                std::fs::copy(&python.executable, &place).unwrap();
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
                std::fs::copy(&python.executable, self.root.join("other/bin/python")).unwrap();
                link(&place, "../../other/bin/python".into());
            }
            _ => link(&place, &python.executable),
        }
        match self.random.below(10) {
            0 => {
                link(&self.root.join("linked"), "env".into());
                self.root.join("linked/bin").join(name)
            }
            1 => {
                link(&self.root.join("here/bin"), &self.root.join("env/bin"));
                self.root.join("here/bin").join(name)
            }
            2 => Utf8PathBuf::from(format!("{}/work/../env//bin/./{name}", self.root)),
            _ => place,
        }
    }

    fn write_configuration(&mut self, path: &Utf8Path, python: &Python) {
        if self.random.percent(4) {
            std::fs::create_dir_all(path).unwrap();
            return;
        }
        let base = python.executable.parent().unwrap();
        let homes = [
            base.to_string(),
            base.to_string(),
            base.to_string(),
            format!("{base}/"),
            "/nonexistent".to_owned(),
            "../other/bin".to_owned(),
            format!("{}/other/bin", self.root),
            format!("{}/env/bin", self.root),
            python.executable.to_string(),
            "/usr/bin".to_owned(),
            "/bin".to_owned(),
            String::new(),
        ];
        let mut text = Vec::new();
        if self.random.percent(5) {
            text.extend_from_slice(b"\xef\xbb\xbf");
        }
        for _ in 0..self.random.below(5) {
            let (key, value) = match self.random.below(6) {
                0..=2 => (self.random.of(&["home", "home", "home", "Home", "HOME", "#home"]), self.random.of(&homes)),
                3 | 4 => {
                    let keys = [
                        "include-system-site-packages",
                        "Include-System-Site-Packages",
                        "include_system_site_packages",
                    ];
                    let values = ["true", "false", "TRUE", "False", "1", "", "true # no", "\"true\""];
                    (self.random.of(&keys), self.random.of(&values).to_owned())
                }
                _ => {
                    (self.random.of(&["version", "prompt", "x", ""]), self.random.of(&["3.9", "", "a = b"]).to_owned())
                }
            };
            let equals = self.random.of(&[" = ", " = ", " = ", "=", "= ", " =", "\t=\t", "  =  "]);
            let end = self.random.of(&["\n", "\n", "\n", "\r\n", "\r", "\n\n", ""]);
            text.extend_from_slice(format!("{key}{equals}{value}{end}").as_bytes());
        }
        if self.random.percent(3) {
            text.extend_from_slice(b"# \xe9\n");
        }
        if self.random.percent(2) {
            text.extend_from_slice("# filler\n".repeat(4_000).as_bytes());
        }
        write(path, text);
    }

    /// Files that look like a standard library, a build or a `._pth`, where there should be none.
    fn plant_landmarks(&mut self, python: &Python) {
        let (major, minor) = python.version;
        let library = format!("lib/{}", python.library_name());
        let marks = [
            format!("{library}/site.py"),
            format!("python{major}{minor}.zip"),
            format!("{library}/os.py"),
            format!("{library}/os.pyc"),
            format!("{library}/lib-dynload/x"),
            format!("lib/python{major}{minor}.zip"),
            "bin/pybuilddir.txt".to_owned(),
            "bin/Modules/Setup.local".to_owned(),
            "Lib/os.py".to_owned(),
        ];
        for _ in 0..self.random.below(3) {
            if self.random.percent(40) {
                let place = self.random.of(&["env", "other", "."]);
                let mark = self.random.of(&marks);
                let content = self.random.of(&["", "", "build/lib\n", "x"]);
                write(&self.root.join(place).join(mark), content);
            }
        }
        if self.random.percent(4) {
            let name = self.random.of(&["python._pth", "python3._pth", "py._pth"]);
            let content = format!("# c\n{}\nA # b\nimport site\n", python.library());
            let content = if self.random.percent(50) { content } else { content.replace("import site\n", "") };
            write(&self.root.join("env/bin").join(name), content);
        }
    }

    fn plant_packages(&mut self, python: &Python) {
        let library = python.library_name();
        let places = [
            format!("env/lib/{library}/site-packages"),
            format!("env/lib/{library}/dist-packages"),
            format!("env/local/lib/{library}/dist-packages"),
            "env/lib/python3/dist-packages".to_owned(),
            format!("env/bin/lib/{library}/site-packages"),
            format!("linked/lib/{library}/site-packages"),
            format!("home/.local/lib/{library}/site-packages"),
            format!("other/lib/{library}/site-packages"),
        ];
        for place in places {
            let directory = self.root.join(place);
            if !self.random.percent(55) || directory.is_dir() {
                continue;
            }
            std::fs::create_dir_all(&directory).unwrap();
            for _ in 0..self.random.below(3) {
                let name =
                    self.random.of(&["a.pth", "B.pth", ".h.pth", "_z.pth", "x.PTH", "b.start", "b.pth", "y.pth.txt"]);
                let content = self.path_file();
                write(&directory.join(name), content);
            }
        }
    }

    fn path_file(&mut self) -> Vec<u8> {
        let root = self.root.clone();
        let lines = [
            format!("{root}/work/A"),
            format!("{root}/work/B/"),
            "../../../../work/A".to_owned(),
            "sub".to_owned(),
            ".".to_owned(),
            "..".to_owned(),
            format!("  {root}/work/B"),
            format!("# {root}/work/B"),
            String::new(),
            "/nonexistent".to_owned(),
            "import sys".to_owned(),
            "import nope_nope".to_owned(),
            format!("import sys; sys.path.append('{root}/work/B')"),
            format!("import sys; sys.path.insert(0, '{root}/work/A')"),
            format!("import site; site.addsitedir('{root}/other/lib')"),
            format!("import site; site.addsitedir('{root}/work/A')"),
            format!("  import sys; sys.path.append('{root}/work/B')"),
            "import sys; sys.path.append(".to_owned(),
            format!("{root}/work/A\u{c}{root}/work/B"),
            format!("{root}/work/A\u{2028}{root}/work/B"),
            format!("{root}/other/lib"),
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
            content.push(0xe9);
        }
        content
    }

    fn start(&mut self, executable: &Utf8Path) -> Start {
        let root = self.root.clone();
        let mut start = Start::new(executable).variable("HOME", root.join("home")).directory(&root.join("work"));
        if self.random.percent(30) {
            let flags: [&[&str]; 6] = [&["-s"], &["-S"], &["-I"], &["-E"], &["-E", "-s"], &["-I", "-S"]];
            start = start.flags(self.random.of(&flags));
        }
        let other = root.join("other");
        let variables: [(&str, Vec<String>); 8] = [
            (
                "PYTHONPATH",
                vec![
                    "A".into(),
                    format!("{root}/work/B:A:"),
                    "..:../work//A".into(),
                    format!("{root}/env/lib"),
                    String::new(),
                ],
            ),
            ("PYTHONHOME", vec![other.to_string(), "/usr".into(), String::new(), format!("/usr/:{other}")]),
            ("PYTHONNOUSERSITE", vec!["1".into(), "0".into(), " 0".into(), "x".into(), String::new()]),
            ("PYTHONUSERBASE", vec![root.join("env").to_string(), "base".into(), String::new()]),
            ("VIRTUAL_ENV", vec![root.join("env").to_string()]),
            ("__PYVENV_LAUNCHER__", vec![root.join("env/bin/python").to_string(), "python".into()]),
            ("PYTHONPLATLIBDIR", vec!["lib".into(), "lib64".into()]),
            ("PYTHONEXECUTABLE", vec![root.join("other/bin/python").to_string()]),
        ];
        let chances = [30, 4, 15, 10, 10, 4, 3, 2];
        for ((name, values), chance) in variables.iter().zip(chances) {
            if self.random.percent(chance) {
                start = start.variable(name, self.random.of(values));
            }
        }
        start
    }

    fn describe(&self, start: &Start) -> String {
        let mut lines = vec![format!("{start:?}")];
        let mut waiting = vec![self.root.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in directory.read_dir_utf8().unwrap().flatten() {
                let path = entry.path();
                if path.is_symlink() {
                    lines.push(format!("{path} -> {}", path.read_link_utf8().unwrap()));
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
