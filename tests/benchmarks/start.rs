//! What one `fromwhere env` costs, and what starting the environment's Python costs that it does without.
//!
//! In: a project. Out: two rows.
//!
//! **Invariant:** processor time of the whole process, user and system, as the kernel counts it for ended children.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{PROGRAM, row};

const RUNS: u32 = 200;

/// The kernel counts in hundredths of a second towards programs, on every Linux (`USER_HZ`).
const MILLISECONDS_A_TICK: f64 = 10.0;

pub(super) fn measure(project: &Path) {
    let ours = processor_time(project, PROGRAM, &["env"]);
    let python = processor_time(project, ".venv/bin/python", &["-c", "pass"]);
    row("`env` on a venv, processor time", 5.0, ours, "ms");
    row(&format!("the same, where that venv's Python takes {python:.2} ms"), python / 5.0, ours, "ms");
}

/// Milliseconds of processor time that one run takes, of many.
pub(crate) fn processor_time(project: &Path, program: &str, arguments: &[&str]) -> f64 {
    processor_time_of(RUNS, || {
        let ended = Command::new(if program.starts_with('.') { project.join(program) } else { program.into() })
            .args(arguments)
            .current_dir(project)
            .env_remove("VIRTUAL_ENV")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(ended.success(), "`{program}` {arguments:?} ended with {ended}");
    })
}

/// The same of any processes that are started and waited for.
pub(crate) fn processor_time_of(runs: u32, run: impl Fn()) -> f64 {
    let before = ticks_of_children();
    for _ in 0..runs {
        run();
    }
    f64::from(ticks_of_children() - before) * MILLISECONDS_A_TICK / f64::from(runs)
}

/// `cutime` and `cstime` of proc(5): the 16th and 17th field; the second one is in parentheses and may hold blanks.
fn ticks_of_children() -> u32 {
    let line = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = line.rsplit_once(')').unwrap().1;
    after_name.split_whitespace().skip(13).take(2).map(|field| field.parse::<u32>().unwrap()).sum()
}
