//! What tower-lsp 0.20 leaves open, closed around it.
//!
//! In: every message before tower-lsp routes it, and standard input. Out: the same messages, made harmless; the exit.
//!
//! **Invariant:** no message ends the server but `exit`, the end of input and input that is no protocol at all; the exit
//! code is 0 after `shutdown` and 1 without it.

use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use serde::Deserialize as _;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::watch;
use tower::Service;
use tower_lsp::jsonrpc::{Error, Request, Response};
use tower_lsp::lsp_types as lsp;

use crate::lsp::capabilities;

/// How long answers that are on their way may take to leave after the exit.
const GRACE: Duration = Duration::from_millis(50);

/// The way to end the server, from wherever its end is noticed.
#[derive(Debug, Clone)]
pub struct Exit {
    shutdown: Arc<AtomicBool>,
    code: watch::Sender<Option<u8>>,
}

impl Default for Exit {
    fn default() -> Self {
        Exit { shutdown: Arc::default(), code: watch::Sender::new(None) }
    }
}

impl Exit {
    /// The protocol's rule: 0 after `shutdown`, else 1.
    pub fn code(&self) -> u8 {
        u8::from(!self.shutdown.load(Ordering::SeqCst))
    }

    /// Ends the server; the first time counts.
    pub fn fire(&self) {
        let code = self.code();
        self.code.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(code);
            first
        });
    }

    /// Runs the server until it ends by itself or the exit is fired; returns the exit code.
    pub async fn or_end_of(&self, server: impl Future<Output = ()>) -> u8 {
        let mut code = self.code.subscribe();
        let fired = async {
            // An error means that every sender is gone; `self` is one.
            let _ = code.wait_for(Option::is_some).await;
        };
        let mut server = std::pin::pin!(AssertUnwindSafe(server).catch_unwind());
        tokio::select! {
            ended = &mut server => {
                if ended.is_err() {
                    tracing::error!("The connection panicked.");
                }
            }
            () = fired => {
                let _ = tokio::time::timeout(GRACE, server).await;
            }
        }
        let code = *self.code.borrow();
        code.unwrap_or_else(|| self.code())
    }
}

/// The service around tower-lsp's own.
#[derive(Debug)]
pub struct Guard<S> {
    inner: S,
    exit: Exit,
}

impl<S> Guard<S> {
    pub fn new(inner: S, exit: Exit) -> Self {
        Guard { inner, exit }
    }
}

impl<S> Service<Request> for Guard<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let method = request.method().to_owned();
        // tower-lsp would wait for the end of input, and hang over one more message (its holes 6 and 7).
        if method == "exit" {
            self.exit.fire();
            return std::future::ready(Ok(None)).boxed();
        }
        if method == "shutdown" {
            self.exit.shutdown.store(true, Ordering::SeqCst);
        }
        let is_initialize = method == "initialize";
        let id = request.id().cloned();
        if id.is_none() {
            log_malformed(&method, request.params());
        }
        // A panic would unwind through the one task that reads, writes and runs all handlers (hole 5).
        let panicked = move || {
            tracing::error!("The handler of {method} panicked.");
            id.map(|id| Response::from_error(id, Error::internal_error()))
        };
        match std::panic::catch_unwind(AssertUnwindSafe(|| self.inner.call(harmless(request)))) {
            Ok(future) => {
                let caught = AssertUnwindSafe(future).catch_unwind();
                let response = caught.map(move |result| result.unwrap_or_else(|_| Ok(panicked())));
                if is_initialize { response.map_ok(|it| it.map(complete)).boxed() } else { response.boxed() }
            }
            Err(_) => std::future::ready(Ok(panicked())).boxed(),
        }
    }
}

/// Adds to the answer of `initialize` what the types of tower-lsp cannot say.
fn complete(response: Response) -> Response {
    let (id, result) = response.into_parts();
    let result = result.map(|mut result| {
        if let Some(offered) = result.get_mut("capabilities") {
            capabilities::add_untyped(offered);
        }
        result
    });
    Response::from_parts(id, result)
}

/// Rewrites what tower-lsp would refuse.
fn harmless(request: Request) -> Request {
    let (method, id, params) = request.into_parts();
    let params = match (&*method, params) {
        // `initialize` is typed strictly, so that one unknown word in it would refuse the session (holes 12 and 13); the
        // raw parameters travel where any value is allowed.
        ("initialize", params) => Some(json!({ "capabilities": {}, "initializationOptions": params })),
        // `"params": null` is refused where none are expected (hole 10).
        (_, Some(Value::Null)) => None,
        (_, params) => params,
    };
    let builder = Request::build(method);
    let builder = match id {
        Some(id) => builder.id(id),
        None => builder,
    };
    match params {
        Some(params) => builder.params(params).finish(),
        None => builder.finish(),
    }
}

/// A notification that cannot be read is dropped without a word by tower-lsp (hole 11); here it leaves a line.
fn log_malformed(method: &str, params: Option<&Value>) {
    let params = params.unwrap_or(&Value::Null);
    let error = match method {
        "textDocument/didOpen" => lsp::DidOpenTextDocumentParams::deserialize(params).err(),
        "textDocument/didChange" => lsp::DidChangeTextDocumentParams::deserialize(params).err(),
        "textDocument/didSave" => lsp::DidSaveTextDocumentParams::deserialize(params).err(),
        "textDocument/didClose" => lsp::DidCloseTextDocumentParams::deserialize(params).err(),
        "workspace/didChangeConfiguration" => lsp::DidChangeConfigurationParams::deserialize(params).err(),
        "workspace/didChangeWorkspaceFolders" => lsp::DidChangeWorkspaceFoldersParams::deserialize(params).err(),
        "workspace/didChangeWatchedFiles" => lsp::DidChangeWatchedFilesParams::deserialize(params).err(),
        "workspace/didCreateFiles" => lsp::CreateFilesParams::deserialize(params).err(),
        "workspace/didRenameFiles" => lsp::RenameFilesParams::deserialize(params).err(),
        "workspace/didDeleteFiles" => lsp::DeleteFilesParams::deserialize(params).err(),
        _ => None,
    };
    if let Some(error) = error {
        tracing::warn!("A message cannot be read and is passed over: {method}: {error}.");
    }
}

/// Standard input that fires the exit when it ends: tower-lsp would wait for handlers first (hole 8).
#[derive(Debug)]
pub struct Input<R> {
    inner: R,
    exit: Exit,
}

impl<R> Input<R> {
    pub fn new(inner: R, exit: Exit) -> Self {
        Input { inner, exit }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Input<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let room = buffer.remaining() > 0;
        let poll = Pin::new(&mut self.inner).poll_read(context, buffer);
        match &poll {
            Poll::Ready(Err(_)) => self.exit.fire(),
            Poll::Ready(Ok(())) if room && buffer.filled().len() == before => self.exit.fire(),
            _ => {}
        }
        poll
    }
}
