//! What strace wrote, and what in it must not be there.
//!
//! In: the lines of `strace -f`. Out: those that start a program or a process, or reach for a network.
//!
//! **Invariant:** a thread of our own is no process: `clone` with `CLONE_THREAD` is the one way of starting something.

use std::path::Path;
use std::process::Command;

/// The command that starts what its further arguments name, watched, for a minute at most.
#[expect(clippy::disallowed_methods, reason = "the test starts the program it watches")]
pub(super) fn strace(output: &Path) -> Command {
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["60", "/usr/bin/strace", "-f", "-qq", "-s", "200", "-e", "trace=process,network", "-o"]);
    command.arg(output);
    command
}

/// The lines after the program's own start that start something else or open a socket other than a local one.
pub(super) fn offenses(trace: &str) -> Vec<String> {
    let calls = trace.lines().filter_map(|line| line.split_once(' ').map(|(_, call)| call.trim_start()));
    let own_start = |(number, call): &(usize, &str)| *number == 0 && call.starts_with("execve(");
    let started = calls.enumerate().filter(|it| !own_start(it));
    started.map(|(_, call)| call).filter(|call| is_offense(call)).map(str::to_owned).collect()
}

fn is_offense(call: &str) -> bool {
    let Some((name, arguments)) = call.split_once('(') else { return false };
    match name {
        "execve" | "execveat" | "fork" | "vfork" => true,
        "clone" | "clone3" => !arguments.contains("CLONE_THREAD"),
        "socket" | "socketpair" => !arguments.starts_with("AF_UNIX"),
        "connect" | "bind" | "listen" | "sendto" | "sendmsg" => !arguments.contains("AF_UNIX"),
        _ => false,
    }
}

#[test]
fn offenses_are_told_from_threads_and_signals() {
    let trace = "\
1 execve(\"/fromwhere\", [], 0x0 /* 3 vars */) = 0
1 clone3({flags=CLONE_VM|CLONE_THREAD, child_tid=0x0} <unfinished ...>
1 socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [3, 4]) = 0
2 <... clone3 resumed>) = 0
2 execve(\"/bin/sh\", [], 0x0) = 0
2 vfork( <unfinished ...>
2 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 3
2 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5
2 +++ exited with 0 +++";
    let found = offenses(trace);
    let names: Vec<&str> = found.iter().filter_map(|call| call.split('(').next()).collect();
    assert_eq!(names, ["execve", "vfork", "clone", "socket"]);
}
