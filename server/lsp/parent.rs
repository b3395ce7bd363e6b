//! Ends the server when the editor's process is gone.
//!
//! In: the process id that `initialize` names. Out: the exit, should that process disappear.
//!
//! **Invariant:** a process that cannot be seen at the start (another container) is never missed later.

use std::time::Duration;

use crate::lsp::guard::Exit;
use crate::native;

/// Looks for the process every `interval`; returns when it is gone, or at once where it was never to be seen.
///
/// End of input tells the same in almost all cases; a grandchild of the editor that holds the pipe open hides it.
pub async fn watch(process: i32, interval: Duration, exit: Exit) {
    if !native::is_alive(process) {
        return;
    }
    loop {
        tokio::time::sleep(interval).await;
        if !native::is_alive(process) {
            tracing::warn!("The editor's process {process} is gone.");
            exit.fire();
            return;
        }
    }
}
