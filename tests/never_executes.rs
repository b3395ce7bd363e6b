//! Nothing is ever executed: proved by watching the program from the kernel's side.
//!
//! In: a project full of programs and modules that leave a mark when they run, and tools of the same kind first on
//! `PATH`. Out: every system call about processes and networks that `check`, `env`, `why` and a session of the server made.
//!
//! **Invariant:** each sensor is first shown to go off: the traps leave their mark, strace sees what it should see.
#![expect(clippy::disallowed_methods, reason = "the test starts the program it watches")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

mod session;
mod trace;

/// Programs that a tool for Python is tempted to run.
const TEMPTING: &[&str] = &[
    "python",
    "python3",
    "python3.11",
    "pip",
    "uv",
    "poetry",
    "pdm",
    "pipenv",
    "hatch",
    "conda",
    "pixi",
    "mise",
    "asdf",
    "direnv",
    "pyenv",
    "git",
    "dpkg",
    "dpkg-query",
    "apt",
    "ldconfig",
    "gcc",
    "sh",
    "env",
    "which",
];

#[test]
fn the_command_line_executes_nothing() {
    if !strace_is_here() {
        return;
    }
    let trap = Trap::new();
    trap.goes_off();
    for arguments in [
        &["check"][..],
        &["check", "--output-format", "json", "."],
        &["check", "--python", ".venv/bin/python"],
        &["check", "--python", "/usr/bin/python3"],
        &["check", "--python", "linked"],
        &["env", "--python", "linked"],
        &["why", "--python", "linked", "json", "trapped", "numpy"],
        &["env"],
        &["env", "--file", "trap.ipynb"],
        &["why", "--file", "linked.ipynb", "trapped", "numpy"],
        &["env", "--output-format", "json", "--python", ".venv"],
        &["why", "yaml", "json", "trapped", "numpy", "_ctypes"],
        &["why", "--output-format", "json", "sitecustomize"],
        &["rule", "import-from-os"],
        &["check", "../elsewhere"],
        &["env", "--project", "../elsewhere"],
        &["env", "--project", "../elsewhere/broken"],
    ] {
        let trace = trap.watch(arguments, |mut child| {
            drop(child.stdin.take());
            let ended = child.wait_with_output().unwrap();
            // 2 is for `--python` with a script: it is refused, as only running it could tell what it is.
            assert!(ended.status.code().is_some_and(|code| code <= 2), "{arguments:?}: {ended:?}");
            assert!(!ended.stdout.is_empty(), "{arguments:?} said nothing: {ended:?}");
        });
        trap.held(&trace, arguments);
    }
}

#[test]
fn a_session_of_the_server_executes_nothing() {
    if !strace_is_here() {
        return;
    }
    let trap = Trap::new();
    let trace = trap.watch(&["server"], |child| session::play(child, &trap.project));
    trap.held(&trace, &["server"]);
}

#[test]
fn the_watcher_sees_programs_and_sockets() {
    if !strace_is_here() {
        return;
    }
    let directory = TempDir::new().unwrap();
    let trace = directory.path().join("trace");
    let script = "/bin/true & wait; exec 3<>/dev/tcp/127.0.0.1/9";
    let ended = trace::strace(&trace).args(["bash", "-c", script]).stderr(Stdio::null()).status().unwrap();
    assert!(!ended.success(), "nothing should listen on port 9");
    let found = trace::offenses(&fs::read_to_string(trace).unwrap());
    assert!(found.iter().any(|line| line.contains("execve(\"/bin/true\"")), "{found:?}");
    assert!(found.iter().any(|line| line.contains("clone") || line.contains("fork")), "{found:?}");
    assert!(found.iter().any(|line| line.contains("socket(AF_INET")), "{found:?}");
}

/// A project whose every program and module leaves a mark when it runs.
struct Trap {
    directory: TempDir,
    project: PathBuf,
    mark: PathBuf,
}

impl Trap {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let trap = Trap { project: root.join("project"), mark: root.join("mark"), directory };
        let program = format!("#!/bin/sh\necho \"$0\" >>'{}'\n", trap.mark.display());
        let module = format!("open({:?}, 'a').write(__file__)\n", trap.mark.display().to_string());
        for name in TEMPTING {
            trap.plant(&root.join("path").join(name), &program);
            trap.plant(&trap.project.join(".venv/bin").join(name), &program);
            trap.plant(&trap.project.join(name), &program);
        }
        let [broken, linked] = [".venv", "linked"].map(|name| site_packages(&trap.project.join(name)));
        for folder in [&trap.project, &broken, &linked] {
            for name in ["json", "sitecustomize", "usercustomize", "conftest", "setup", "os", "site", "trapped"] {
                trap.plant(&folder.join(format!("{name}.py")), &module);
            }
        }
        for folder in [&broken, &linked] {
            trap.plant(&folder.join("trap.pth"), &format!("import os; {module}"));
            trap.plant(&folder.join("__editable___trap_finder.py"), &module);
        }
        for environment in [".venv", "linked"] {
            let settings = trap.project.join(environment).join("pyvenv.cfg");
            trap.plant(&settings, "home = /usr/bin\ninclude-system-site-packages = true\n");
        }
        // The one that works: running its Python would run all the modules above.
        fs::create_dir_all(trap.project.join("linked/bin")).unwrap();
        symlink("/usr/bin/python3", trap.project.join("linked/bin/python3")).unwrap();
        symlink("python3", trap.project.join("linked/bin/python")).unwrap();
        trap.plant(
            &trap.project.join("pyproject.toml"),
            "[project]\nname = \"trap\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"PyYAML\"]\n\
             [tool.poetry]\nname = \"trap\"\n",
        );
        for lock in ["uv.lock", "poetry.lock", "Pipfile", "pdm.lock", ".python-version"] {
            trap.plant(&trap.project.join(lock), "");
        }
        trap.plant_notebooks();
        trap.plant_elsewhere(&root.join("elsewhere"), &program);
        trap.plant(&trap.project.join("app.py"), "import json\nimport yaml\nimport trapped\nimport numpy\n");
        trap
    }

    /// Notebooks with lines for a shell, and kernels that a `kernel.json` of the workspace or of the user starts.
    fn plant_notebooks(&self) {
        let user = self.project.join("home/.local/share/jupyter/kernels");
        let own = self.project.join("linked/share/jupyter/kernels");
        for (folder, name, program) in
            [(&user, "trap", "python"), (&user, "linked", "linked/bin/python"), (&own, "inside", "python")]
        {
            let program = self.project.join(program);
            let program = program.display();
            let spec =
                format!("{{\"argv\": [\"{program}\", \"-m\", \"ipykernel_launcher\"], \"language\": \"python\"}}");
            self.plant(&folder.join(name).join("kernel.json"), &spec);
            let cell =
                "{\"cell_type\": \"code\", \"source\": [\"!python\\n\", \"%run trapped.py\\n\", \"import trapped\"]}";
            let head = format!("\"nbformat\": 4, \"metadata\": {{\"kernelspec\": {{\"name\": \"{name}\"}}}}");
            self.plant(&self.project.join(format!("{name}.ipynb")), &format!("{{{head}, \"cells\": [{cell}]}}"));
        }
    }

    /// A project without an environment of its own, where every tool has to be asked: what they keep are traps too.
    fn plant_elsewhere(&self, project: &Path, program: &str) {
        for name in ["poetry.lock", "pdm.lock", "Pipfile", "pixi.toml", "hatch.toml", "app.py", "broken/pixi.toml"] {
            self.plant(&project.join(name), "");
        }
        for (name, text) in [
            (
                "pyproject.toml",
                "[project]\nname = \"elsewhere\"\n[tool.poetry]\n[tool.pdm]\n[tool.hatch.envs.default]\n",
            ),
            ("environment.yml", "name: elsewhere\n"),
            ("mise.toml", "[env]\n_.python.venv = \"{{ exec(command='python3') }}\"\n[tools]\npython = \"3.11\"\n"),
            (".envrc", program),
            (".tool-versions", "python 3.11\n"),
            (".direnv/python-3.11/bin/python", program),
            (".direnv/python-3.12/bin/python", program),
            ("broken/.pixi/envs/default/bin/python", program),
        ] {
            self.plant(&project.join(name), text);
        }
        let home = self.project.join("home");
        for folder in [".asdf/installs/python/3.11", ".pyenv/versions/3.11", "miniconda3/envs/elsewhere"] {
            self.plant(&home.join(folder).join("bin/python3"), program);
        }
        self.plant(&home.join(".conda/environments.txt"), &format!("{}\n", home.join("miniconda3/envs/x").display()));
    }

    fn plant(&self, path: &Path, text: &str) {
        assert!(path.starts_with(self.directory.path().canonicalize().unwrap()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs one of the programs itself and looks for its mark.
    fn goes_off(&self) {
        assert!(Command::new(self.project.join(".venv/bin/python")).status().unwrap().success());
        assert!(self.mark.exists(), "the trap leaves no mark");
        fs::remove_file(&self.mark).unwrap();
    }

    /// Runs fromwhere under strace and returns what strace wrote.
    fn watch(&self, arguments: &[&str], play: impl FnOnce(std::process::Child)) -> String {
        let trace = self.directory.path().join("trace");
        let child = trace::strace(&trace)
            .arg(env!("CARGO_BIN_EXE_fromwhere"))
            .args(arguments)
            .current_dir(&self.project)
            .env_clear()
            .env("HOME", self.project.join("home"))
            .env("PATH", format!("{}:/usr/bin:/bin", self.directory.path().join("path").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        play(child);
        fs::read_to_string(trace).unwrap()
    }

    fn held(&self, trace: &str, arguments: &[&str]) {
        assert!(trace.contains("execve("), "strace saw nothing of {arguments:?}");
        let offenses = trace::offenses(trace);
        assert!(offenses.is_empty(), "{arguments:?}:\n{}", offenses.join("\n"));
        assert!(!self.mark.exists(), "{arguments:?} ran {:?}", fs::read_to_string(&self.mark));
    }
}

/// Where an environment of the machine's Python keeps what is installed into it.
fn site_packages(environment: &Path) -> PathBuf {
    let python = Path::new("/usr/bin/python3").canonicalize().expect("Debian's python3 is installed");
    environment.join("lib").join(python.file_name().unwrap()).join("site-packages")
}

/// On a developer's machine a missing strace is said aloud; where the proof is wanted (`CI`), it is a failure.
fn strace_is_here() -> bool {
    let here = Path::new("/usr/bin/strace").exists();
    assert!(here || std::env::var_os("CI").is_none(), "strace is missing: `apt install strace`");
    if !here {
        let warning = "NOT PROVED: strace is missing, so nothing watched for executed programs (`apt install strace`)";
        drop(writeln!(std::io::stderr(), "{warning}"));
    }
    here
}
