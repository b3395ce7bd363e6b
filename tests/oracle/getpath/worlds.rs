//! Worlds that are only described: prefixes with some of what installations, builds and environments leave in them.
//!
//! In: a seed and a version. Out: a [`World`] of some platform.
//!
//! **Invariant:** a seed makes the same world again.

use fromwhere_core::interpreter::Version;
use fromwhere_core::system::Platform;
use serde_json::{Value, json};

use crate::oracle::random::Random;

const PLATFORMS: [Platform; 3] = [Platform::Linux, Platform::MacOs, Platform::Windows];

/// One world: a disk, what is compiled in, what is started.
pub(super) struct World {
    random: Random,
    pub(super) platform: Platform,
    pub(super) version: Version,
    pub(super) nodes: Vec<(String, Value)>,
    pub(super) variables: Vec<(&'static str, String)>,
    pub(super) registry: Vec<(String, String)>,
    pub(super) prefix: Option<String>,
    pub(super) exec_prefix: Option<String>,
    pub(super) library: Option<String>,
    pub(super) launcher: Option<String>,
    pub(super) framework: bool,
    pub(super) library_directory: &'static str,
    pub(super) sources: &'static str,
    pub(super) knows_setup_local: bool,
    pub(super) executable: String,
    pub(super) working_directory: String,
    pub(super) ignores_environment: bool,
}

impl World {
    pub(super) fn make(seed: u64, version: Version, knows_setup_local: bool) -> Self {
        let mut random = Random(seed);
        let platform = random.of(&PLATFORMS);
        let windows = platform.is_windows();
        let mut world = World {
            random,
            platform,
            version,
            nodes: Vec::new(),
            variables: Vec::new(),
            registry: Vec::new(),
            prefix: None,
            exec_prefix: None,
            library: None,
            launcher: None,
            framework: false,
            library_directory: if windows { "DLLs" } else { "lib" },
            sources: if windows { r"..\.." } else { "" },
            knows_setup_local,
            executable: String::new(),
            working_directory: if windows { r"C:\work" } else { "/work" }.to_owned(),
            ignores_environment: false,
        };
        world.fill();
        world
    }

    fn fill(&mut self) {
        let windows = self.platform.is_windows();
        // The script is the same for both builds, and is told which one it is in.
        self.version.free_threaded = self.version.at_least(3, 13) && self.random.percent(25);
        if !windows && self.random.percent(15) {
            self.library_directory = "lib64";
        }
        if !windows && self.random.percent(20) {
            self.sources = "..";
        }
        self.directory("work");
        for prefix in ["usr", "opt/py", "opt", "venv", "other/deep", "work"] {
            self.fill_prefix(prefix);
        }
        let programs = self.programs();
        self.executable = self.random.of(&programs);
        if self.random.percent(5) {
            self.executable = self.at("nowhere/bin/python");
        }
        self.fill_environment();
        self.fill_build(&programs);
    }

    /// What an installation, a build or an environment leaves in a prefix, each with some chance.
    fn fill_prefix(&mut self, prefix: &str) {
        let windows = self.platform.is_windows();
        let (threads, digits) = (self.threads(), format!("{}{}", self.version.major, self.version.minor));
        let directory = self.library_directory;
        let short = self.version.short();
        let library = if windows { "Lib".to_owned() } else { format!("{directory}/python{short}{threads}") };
        if self.random.percent(40) {
            let name = self.random.of(&["os.py", "os.py", "os.pyc"]);
            self.file(&format!("{prefix}/{library}/{name}"), "");
        }
        if self.random.percent(40) {
            let dynamic = if windows { "DLLs".to_owned() } else { format!("{library}/lib-dynload") };
            self.directory(&format!("{prefix}/{dynamic}"));
        }
        if self.random.percent(12) {
            let (archive, threads) = if windows { ("", "") } else { (directory, threads) };
            self.file(&format!("{prefix}/{archive}/python{digits}{threads}.zip").replace("//", "/"), "");
        }
        for bin in ["bin", "Scripts", "."] {
            for name in ["python", "python3", &format!("python{short}"), &format!("python{short}{threads}")] {
                let ending = if windows { ".exe" } else { "" };
                let path = format!("{prefix}/{bin}/{name}{ending}").replace("/./", "/");
                if self.random.percent(30) {
                    self.program(&path);
                }
                if self.random.percent(3) {
                    let stem = if self.random.percent(70) { path.trim_end_matches(".exe") } else { &path };
                    self.path_file(stem);
                }
            }
            if self.random.percent(5) {
                let text = self.random.of(&["", "build", "../x\n", "\n", "a\r\nb"]);
                self.file(&format!("{prefix}/{bin}/pybuilddir.txt").replace("/./", "/"), text);
            }
            if self.random.percent(if prefix == "venv" { 40 } else { 5 }) {
                let text = self.configuration();
                self.file(&format!("{prefix}/{bin}/pyvenv.cfg").replace("/./", "/"), &text);
            }
        }
        if self.random.percent(6) {
            self.file(&format!("{prefix}/Modules/Setup.local"), "");
        }
        if self.random.percent(10) {
            self.file(&format!("{prefix}/Lib/os.py"), "");
        }
    }

    /// A file, or a link to a program somewhere else.
    fn program(&mut self, path: &str) {
        let programs = self.programs();
        if programs.is_empty() || self.random.percent(60) {
            self.file(path, "");
            return;
        }
        let target = self.random.of(&programs);
        if !self.platform.is_windows() && self.random.percent(20) {
            let target = format!("../..{target}");
            self.node(path, json!({ "link": target }));
            return;
        }
        self.node(path, json!({ "link": target }));
    }

    fn configuration(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.random.below(3) {
            let key = self.random.of(&["home", "home", "HOME ", " home", "homes", "#home", "version"]);
            let equals = self.random.of(&[" = ", "=", "\t=", " "]);
            let value = self.spelled_directory();
            let end = self.random.of(&["\n", "\r\n", " \n", ""]);
            text = format!("{text}{key}{equals}{value}{end}");
        }
        text
    }

    /// A directory as people and tools write it.
    fn spelled_directory(&mut self) -> String {
        let prefix = self.random.of(&["usr", "opt/py", "other/deep", "venv", "nowhere", "work"]);
        let bin = self.random.of(&["/bin", "/bin", "", "/Scripts", "/bin/python", "/bin/"]);
        let path = self.at(&format!("{prefix}{bin}"));
        match self.random.below(20) {
            0 => "bin".to_owned(),
            1 => ".".to_owned(),
            2 => String::new(),
            3 if self.platform.is_windows() => path.to_uppercase(),
            4 if self.platform.is_windows() => path.replace('\\', "/"),
            _ => path,
        }
    }

    fn path_file(&mut self, stem: &str) {
        let lines = ["lib", "..", "# comment", "import site", "import os", " . # here", "", "sub/dir"];
        let text: Vec<&str> = (0..self.random.below(4)).map(|_| self.random.of(&lines)).collect();
        self.file(&format!("{stem}._pth"), &text.join("\n"));
    }

    fn fill_environment(&mut self) {
        self.ignores_environment = self.random.percent(15);
        let separator = self.platform.list_separator();
        if self.random.percent(15) {
            let (first, second) = (self.spelled_directory(), self.spelled_directory());
            let both = if self.random.percent(40) { format!("{first}{separator}{second}") } else { first };
            self.variables.push(("PYTHONHOME", both));
        }
        if self.random.percent(25) {
            let items: Vec<String> = (0..=self.random.below(2)).map(|_| self.spelled_directory()).collect();
            self.variables.push(("PYTHONPATH", items.join(&separator.to_string())));
        }
        let programs = self.programs();
        for name in ["PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"] {
            if self.random.percent(6) {
                self.variables.push((name, self.random.of(&programs)));
            }
        }
        for hive in ["HKCU", "HKLM"] {
            for below in ["", r"\Tool", r"\Tool\Deep", r"\Another"] {
                if self.platform.is_windows() && self.random.percent(10) {
                    let version = format!("{}{}", self.version.short(), self.threads());
                    let key = format!(r"{hive}\Software\Python\PythonCore\{version}\PythonPath{below}");
                    let value = format!("{};relative", self.spelled_directory());
                    self.registry.push((key, value));
                }
            }
        }
    }

    fn fill_build(&mut self, programs: &[String]) {
        if !self.platform.is_windows() {
            let prefix = self.random.of(&["usr", "opt/py", "install"]);
            self.prefix = Some(self.at(prefix));
            let exec = self.random.of(&[prefix, prefix, "other/deep"]);
            self.exec_prefix = Some(self.at(exec));
        }
        let chance = if self.platform.is_windows() { 80 } else { 25 };
        if self.random.percent(chance) {
            let directory = self.random.of(&["usr", "opt/py", "usr/bin", "opt/py/lib", "venv/Scripts"]);
            let digits = format!("{}{}", self.version.major, self.version.minor);
            let threads = self.threads();
            let name =
                if self.platform.is_windows() { format!("python{digits}{threads}.dll") } else { "Python".to_owned() };
            self.library = Some(self.at(&format!("{directory}/{name}")));
            self.file(&format!("{directory}/{name}"), "");
            if self.random.percent(15) {
                self.path_file(&format!("{directory}/{}", name.trim_end_matches(".dll")));
            }
            self.framework = self.platform == Platform::MacOs && self.random.percent(60);
        }
        if self.random.percent(if self.framework { 80 } else { 10 }) {
            self.launcher = Some(self.random.of(programs));
        }
    }

    /// Every program so far.
    fn programs(&self) -> Vec<String> {
        let names = self.nodes.iter().map(|(path, _)| path);
        let separators = ['/', '\\'];
        let is_program = |path: &&String| {
            let name = path.rsplit(separators).next().unwrap_or_default();
            let stem = name.strip_suffix(".exe").unwrap_or(name);
            stem == "python"
                || stem == "python3"
                || stem == format!("python{}", self.version.short())
                || stem == format!("python{}{}", self.version.short(), self.threads())
        };
        let library = format!("python{}{}", self.version.short(), self.threads());
        let found: Vec<String> = names
            .filter(is_program)
            .filter(|it| !it.ends_with(&format!("{}/{library}", self.library_directory)))
            .cloned()
            .collect();
        if found.is_empty() { vec![self.at("usr/bin/python")] } else { found }
    }

    /// What marks names where there is no global interpreter lock.
    fn threads(&self) -> &'static str {
        if self.version.free_threaded { "t" } else { "" }
    }

    fn at(&self, path: &str) -> String {
        if self.platform.is_windows() { format!(r"C:\{}", path.replace('/', "\\")) } else { format!("/{path}") }
    }

    fn file(&mut self, path: &str, text: &str) {
        self.node(path, json!({ "text": text }));
    }

    fn directory(&mut self, path: &str) {
        self.node(path, json!({}));
    }

    /// Adds a node and the directories above it; what is there already stays.
    fn node(&mut self, path: &str, node: Value) {
        if let Some((above, _)) = path.trim_end_matches('/').rsplit_once('/') {
            self.directory(above);
        }
        let path = self.at(path.trim_end_matches('/'));
        let same = |other: &str| other == path || self.platform.folds_case() && other.eq_ignore_ascii_case(&path);
        if self.nodes.iter().all(|(other, _)| !same(other)) {
            self.nodes.push((path, node));
        }
    }
}
