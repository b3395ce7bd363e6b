//! The language server: wiring.
//!
//! In: a stream of protocol messages. Out: another one, and the exit code of the process.
//!
//! ```text
//! client ─▶ guard ─▶ tower-lsp ─▶ backend ─▶ Event ─▶ session ─▶ Effect ─▶ shell ─▶ outbox ─▶ client
//!                                              ▲                            │
//!                        watch, timers ────────┴────────────── worker ◀─────┘
//! ```
//!
//! **Invariant:** everything that happens goes through the session's one queue, in order.

use std::process::ExitCode;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tower_lsp::{LspService, Server};

use crate::disk::Disk;
use crate::lsp::backend::Backend;
use crate::lsp::guard::{Exit, Guard, Input};

pub mod capabilities;
pub mod page;
pub mod protocol;
pub mod settings;
pub mod uri;

pub mod event;

pub mod effect;

pub mod convert;
pub mod session;

pub mod outbox;
pub mod page_folder;
pub mod shell;
pub mod worker;

pub mod backend;
pub mod guard;
pub mod parent;

/// What is logged where nobody says otherwise: our own news; of tower-lsp only why a connection ended, since it logs every
/// method that is not there, and Geany asks for one with each change.
pub const LOG_DEFAULT: &str = "warn,fromwhere=info,tower_lsp=off,tower_lsp::transport=error";

/// How many handlers run at once. Each only waits for the session, so that many waiting ones must not stall the rest.
const CONCURRENCY: usize = 64;

/// Serves standard input and output until the client is gone; returns the exit code of the process.
///
/// The process has to end with the return of `main`: a thread that reads standard input may still wait for it.
pub fn serve() -> ExitCode {
    // One thread polls everything; what takes long has a worker thread of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(4).enable_all().build();
    let (runtime, disk) = match (runtime, Disk::of_this_process()) {
        (Ok(runtime), Ok(disk)) => (runtime, disk),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!("The server cannot start: {error}.");
            return ExitCode::from(2);
        }
    };
    let code = runtime.block_on(serve_over(tokio::io::stdin(), tokio::io::stdout(), disk));
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Serves one connection; returns the exit code that the protocol asks for.
pub async fn serve_over(input: impl AsyncRead + Unpin, output: impl AsyncWrite, disk: Disk) -> u8 {
    let exit = Exit::default();
    let (queue, incoming) = mpsc::unbounded_channel();
    let mut session = None;
    let (service, socket) = LspService::build(|client| {
        session = Some(tokio::spawn(shell::run(client, incoming, queue.clone(), disk)));
        Backend::new(queue, exit.clone())
    })
    .custom_method(protocol::DOCUMENT_CONTENT, Backend::document_content)
    .finish();
    let input = Input::new(input, exit.clone());
    let server = Server::new(input, output, socket).concurrency_level(CONCURRENCY);
    let code = exit.or_end_of(server.serve(Guard::new(service, exit.clone()))).await;
    if let Some(session) = session {
        session.abort();
    }
    code
}
