//! Ends the server when the editor's process is gone.
//!
//! In: the process id that `initialize` names. Out: the exit, should that process disappear.
//!
//! **Invariant:** a process that cannot be seen at the start (another container) is never missed later.

use std::time::Duration;

use rustix::process::{Pid, test_kill_process};

use crate::lsp::guard::Exit;

/// Looks for the process every `interval`; returns when it is gone, or at once where it was never to be seen.
///
/// End of input tells the same in almost all cases; a grandchild of the editor that holds the pipe open hides it.
pub async fn watch(process: i32, interval: Duration, exit: Exit) {
    if !is_alive(process) {
        return;
    }
    loop {
        tokio::time::sleep(interval).await;
        if !is_alive(process) {
            tracing::warn!("The editor's process {process} is gone.");
            exit.fire();
            return;
        }
    }
}

/// A process that may not be signalled is alive all the same.
fn is_alive(process: i32) -> bool {
    let Some(pid) = Some(process).filter(|it| *it > 0).and_then(Pid::from_raw) else { return false };
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_itself_and_no_impossible_process() {
        assert!(is_alive(i32::try_from(std::process::id()).unwrap()));
        assert!(!is_alive(0));
        assert!(!is_alive(-1));
        assert!(!is_alive(i32::MAX));
    }
}
