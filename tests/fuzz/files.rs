//! The files that a repository brings, hostile ones among them, and that fromwhere reads by itself.
//!
//! In: one byte that says which file it is, then what is in it. Out: a panic where reading it panics, or takes too long or too
//! much for libFuzzer's limits.
//!
//! **Invariant:** the whole way is gone, from the disk to an answer and to what is said of it, in a world that lives in memory.

#![no_main]

use camino::Utf8Path;
use fromwhere_core::answer::Investigation;
use fromwhere_core::explain;
use fromwhere_core::interpreter::pyvenv_lines;
use fromwhere_core::notebook::Notebook;
use fromwhere_core::situation::{Question, situation};
use fromwhere_core::system::memory::MemorySystem;
use fromwhere_core::text::Text;
use libfuzzer_sys::fuzz_target;

const SITE: &str = "/ws/.venv/lib/python3.11/site-packages";

/// What the first byte stands for, counted from `0` on; `run` makes its seeds by the same numbers.
const FILES: [&str; 8] = [
    "/ws/.venv/pyvenv.cfg",
    "/ws/.venv/lib/python3.11/site-packages/any.pth",
    "/ws/.venv/lib/python3.11/site-packages/thing-1.0.dist-info/METADATA",
    "/ws/.venv/lib/python3.11/site-packages/thing-1.0.dist-info/RECORD",
    "/ws/notebook.ipynb",
    "/ws/pyproject.toml",
    "/ws/requirements.txt",
    "/ws/archive.zip",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else { return };
    let Some(file) = FILES.get(usize::from(which.wrapping_sub(b'0'))) else { return };
    let mut system = world();
    system.write(*file, content);
    if *file == FILES[4] {
        let Ok(notebook) = Notebook::read(String::from_utf8_lossy(content).into_owned()) else { return };
        let _ = (notebook.imports(), notebook.kernel(), notebook.place_of_kernel());
        return;
    }
    if *file == FILES[0] {
        let _ = pyvenv_lines(&Text::new(String::from_utf8_lossy(content).into_owned()));
    }
    let found = situation(&system, &Question::about("/ws".into(), "/ws".into()));
    let investigation = Investigation::new(&system, &found);
    for name in ["thing", "thing.inner", "other", "twice", "os"] {
        let answer = investigation.answer_for(name, Utf8Path::new("/ws"));
        let _ = (explain::hover(&found, &answer), explain::module::page(&found, &answer));
    }
});

/// One project with an environment, in which one distribution is installed.
fn world() -> MemorySystem {
    let mut system = MemorySystem::default();
    system.write_executable("/usr/bin/python3.11", b"\x7fELF\x02\x01\x01").link("/usr/bin/python3", "python3.11");
    system.write("/usr/lib/python3.11/os.py", "").create_directory("/usr/lib/python3.11/lib-dynload");
    system.set_variable("PATH", "/usr/bin").set_variable("HOME", "/home/user").set_working_directory("/ws");
    system.set_variable("PYTHONPATH", "/ws/archive.zip");
    system.write("/ws/pyproject.toml", "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = [\"thing\"]\n");
    system.write("/ws/.venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    system.link("/ws/.venv/bin/python", "/usr/bin/python3.11");
    system.write(format!("{SITE}/thing/__init__.py"), "");
    system.write(format!("{SITE}/thing-1.0.dist-info/METADATA"), "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n");
    system.write(format!("{SITE}/thing-1.0.dist-info/RECORD"), "thing/__init__.py,,\n");
    system
}
