//! The life of the process: how it starts, what it survives, how it ends.
//!
//! **Invariant:** the real program over real pipes, except where a panic has to be caused.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use fromwhere::lsp::backend::Backend;
use fromwhere::lsp::guard::{Exit, Guard};
use fromwhere::lsp::shell::Incoming;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::Service;
use tower_lsp::LspService;
use tower_lsp::jsonrpc::{Request, Response};

struct Program {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start() -> Self {
        let mut process = command(env!("CARGO_BIN_EXE_fromwhere"))
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().unwrap());
        Program { process, input, output }
    }

    fn send(&mut self, message: &Value) {
        let content = message.to_string();
        self.send_raw(&format!("Content-Length: {}\r\n\r\n{content}", content.len()));
    }

    fn send_raw(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).and_then(|()| input.flush()).unwrap();
    }

    /// Returns the response to a request; notifications are passed over.
    fn request(&mut self, id: i64, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut header = String::new();
            assert_ne!(self.output.read_line(&mut header).unwrap(), 0, "the server has ended");
            match header.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if header.trim().is_empty() => break,
                None => {}
            }
        }
        let mut content = vec![0; length];
        self.output.read_exact(&mut content).unwrap();
        serde_json::from_slice(&content).unwrap()
    }

    /// Sends something that is JSON and no message, and returns what is said about it.
    fn send_nonsense(&mut self, content: &str) -> Value {
        self.send_raw(&format!("Content-Length: {}\r\n\r\n{content}", content.len()));
        self.receive()
    }

    /// Waits for the end and returns the exit code and how long it took.
    fn ended(mut self) -> (Option<i32>, Duration) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status.code(), start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.process.kill().unwrap();
        panic!("the server does not end");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test starts the program that it tests; the program starts none")]
fn command(program: &str) -> Command {
    Command::new(program)
}

fn initialized() -> Program {
    let mut program = Program::start();
    let response = program.request(1, "initialize", &json!({ "capabilities": {} }));
    assert_eq!(response["result"]["serverInfo"]["name"], "fromwhere");
    program.notify("initialized", &json!({}));
    program
}

#[test]
fn exit_after_shutdown_is_0_and_without_it_1() {
    let mut program = initialized();
    assert_eq!(program.request(2, "shutdown", &Value::Null)["result"], Value::Null);
    program.notify("exit", &Value::Null);
    // Standard input is still open: nobody but `exit` ended it.
    let input = program.input.take();
    assert_eq!(program.ended().0, Some(0));
    drop(input);

    let mut program = initialized();
    program.notify("exit", &Value::Null);
    assert_eq!(program.ended().0, Some(1));

    let mut program = Program::start();
    program.notify("exit", &Value::Null);
    assert_eq!(program.ended().0, Some(1));
}

#[test]
fn the_end_of_input_ends_the_server_at_once() {
    let mut program = initialized();
    drop(program.input.take());
    let (code, time) = program.ended();
    assert_eq!(code, Some(1));
    assert!(time < Duration::from_secs(2), "{time:?}");
}

#[test]
fn the_end_of_input_after_shutdown_is_no_accident() {
    let mut program = initialized();
    program.request(2, "shutdown", &Value::Null);
    drop(program.input.take());
    assert_eq!(program.ended().0, Some(0));
}

#[test]
fn the_end_of_the_editor_ends_the_server_though_its_pipes_are_held_open() {
    let mut editor = command("sleep").arg("600").spawn().unwrap();
    let mut program = Program::start();
    program.request(1, "initialize", &json!({ "processId": editor.id(), "capabilities": {} }));
    program.notify("initialized", &json!({}));
    assert_eq!(program.process.try_wait().unwrap(), None);
    editor.kill().and_then(|()| editor.wait()).unwrap();
    // It holds on to both ends of the pipes while it waits.
    assert_eq!(program.ended().0, Some(1));
}

#[test]
fn the_end_of_input_while_the_client_owes_an_answer_ends_the_server_too() {
    let mut program = Program::start();
    let capabilities = json!({ "workspace": { "configuration": true } });
    program.request(1, "initialize", &json!({ "capabilities": capabilities }));
    program.notify("initialized", &json!({}));
    assert_eq!(program.receive()["method"], "workspace/configuration");
    drop(program.input.take());
    assert_eq!(program.ended().0, Some(1));
}

#[test]
fn all_that_was_asked_before_the_exit_is_answered() {
    let mut program = Program::start();
    for (id, method) in [(1, "initialize"), (2, "shutdown")] {
        program.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": { "capabilities": {} } }));
    }
    program.notify("exit", &Value::Null);
    let mut said = String::new();
    program.output.read_to_string(&mut said).unwrap();
    assert!(said.contains("serverInfo") && said.contains("\"id\":2"), "{said}");
    assert_eq!(program.ended().0, Some(0));
}

#[test]
fn garbage_is_answered_once_and_ends_the_server() {
    for garbage in ["Content-Length: 3\r\n\r\n{\"a", "Content-Length: 9\r\n\r\nnot json!"] {
        let mut program = initialized();
        program.send_raw(garbage);
        drop(program.input.take());
        let mut said = String::new();
        program.output.read_to_string(&mut said).unwrap();
        if garbage.ends_with('!') {
            assert!(said.contains("-32700"), "{said}");
        }
        assert_eq!(program.ended().0, Some(1));
    }
}

#[test]
fn messages_that_cannot_be_read_are_passed_over_and_logged() {
    let mut program = initialized();
    program.notify("textDocument/didOpen", &json!({ "textDocument": { "uri": "not a uri" } }));
    program.notify("textDocument/didChange", &json!({ "textDocument": { "uri": "file:///nobody/opened.py", "version": 1 },
        "contentChanges": [{ "text": "x" }, { "range": { "start": { "line": 9, "character": 9 }, "end": { "line": 1, "character": 4_000_000 } }, "text": "" }] }));
    let unreadable = [
        "textDocument/didClose",
        "textDocument/didSave",
        "workspace/didChangeWorkspaceFolders",
        "workspace/didChangeWatchedFiles",
        "workspace/didCreateFiles",
        "workspace/didRenameFiles",
        "workspace/didDeleteFiles",
    ];
    for method in unreadable {
        program.notify(method, &json!([]));
    }
    program.notify("workspace/didChangeConfiguration", &Value::Null);
    program.notify("fromwhere/unknown", &json!({}));
    program.notify("$/setTrace", &json!({ "value": "compact" }));
    let unknown = program.request(2, "textDocument/codeLens", &json!({ "textDocument": { "uri": "file:///a.py" } }));
    assert_eq!(unknown["error"]["code"], -32601);
    let wrong = program.request(3, "textDocument/hover", &json!({ "position": "here" }));
    assert_eq!(wrong["error"]["code"], -32602);
    assert_eq!(program.request(4, "shutdown", &Value::Null)["result"], Value::Null);
    program.notify("exit", &Value::Null);
    let mut log = String::new();
    program.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    for method in unreadable.iter().chain(&["textDocument/didOpen"]) {
        assert!(
            log.contains(&format!(
                "WARN fromwhere::lsp::guard: A message cannot be read and is passed over: {method}: "
            )),
            "{log}"
        );
    }
    assert_eq!(program.ended().0, Some(0));
}

#[test]
fn initialize_comes_first_once_and_in_any_shape() {
    let mut program = Program::start();
    let early = program.request(
        1,
        "textDocument/hover",
        &json!({ "textDocument": { "uri": "file:///a.py" },
        "position": { "line": 0, "character": 0 } }),
    );
    assert_eq!(early["error"]["code"], -32002);
    // A notification is dropped, and no error is made of it.
    program.notify("textDocument/didOpen", &json!({ "textDocument": { "uri": "file:///a.py" } }));
    let hostile = json!({ "processId": "none", "rootUri": "", "rootPath": 3, "trace": "compact", "workspaceFolders": [{}, 4],
        "capabilities": { "general": { "positionEncodings": ["utf-7", 3] }, "textDocument": { "hover": { "contentFormat": [{}] } },
            "workspace": { "symbol": { "symbolKind": { "valueSet": ["new"] } } } },
        "initializationOptions": [1] });
    let response = program.request(2, "initialize", &hostile);
    assert_eq!(response["result"]["capabilities"]["positionEncoding"], "utf-16", "{response}");
    assert_eq!(program.request(3, "initialize", &json!({ "capabilities": {} }))["error"]["code"], -32600);
    let again = Program::start().request(1, "initialize", &Value::Null);
    assert!(again["result"]["capabilities"].is_object(), "{again}");
    let mut hurried = Program::start();
    hurried.notify("exit", &Value::Null);
    assert_eq!(hurried.ended().0, Some(1), "`exit` counts all the same, and no `shutdown` came before it");
}

#[test]
fn what_is_no_message_of_the_protocol_is_named_and_ends_the_server() {
    let without_a_version = r#"{ "id": 5, "method": "shutdown" }"#;
    let batch = r#"[{ "jsonrpc": "2.0", "id": 5, "method": "shutdown" }]"#;
    for content in ["[]", "3", without_a_version, batch, r#"{ "jsonrpc": "2.0", "id": [5], "method": "shutdown" }"#] {
        let mut program = initialized();
        assert_eq!(program.send_nonsense(content)["error"]["code"], -32600, "{content}");
        let input = program.input.take();
        assert_eq!(program.ended().0, Some(1), "{content}");
        drop(input);
    }
}

#[test]
fn after_shutdown_nothing_is_answered_any_more() {
    let mut program = initialized();
    program.request(2, "shutdown", &Value::Null);
    for (id, method) in [(3, "textDocument/hover"), (4, "initialize"), (5, "shutdown")] {
        assert_eq!(program.request(id, method, &json!({}))["error"]["code"], -32600, "{method}");
    }
    program.notify("exit", &Value::Null);
    assert_eq!(program.ended().0, Some(0));
}

#[tokio::test]
async fn a_request_that_is_cancelled_is_answered_so() {
    let (queue, mut incoming) = mpsc::unbounded_channel();
    let exit = Exit::default();
    let (service, _socket) = LspService::new(|_| Backend::new(queue, exit.clone()));
    let mut guard = Guard::new(service, exit);
    let initialize = Request::build("initialize").id(1).params(json!({ "capabilities": {} })).finish();
    assert!(guard.call(initialize).await.unwrap().unwrap().is_ok());
    let place = json!({ "textDocument": { "uri": "file:///a.py" }, "position": { "line": 0, "character": 0 } });
    let hover = tokio::spawn(guard.call(Request::build("textDocument/hover").id(2).params(place).finish()));
    let waiting = loop {
        if let Incoming::Asked(_, reply) = incoming.recv().await.unwrap() {
            break reply;
        }
    };
    let cancelled = Request::build("$/cancelRequest").params(json!({ "id": 2 })).finish();
    assert!(guard.call(cancelled).await.unwrap().is_none());
    let answer = hover.await.unwrap().unwrap().unwrap();
    assert_eq!(answer.error().unwrap().code.code(), -32800);
    assert!(waiting.is_closed(), "nobody waits for the reply any more");
}

/// A service whose handlers panic, each in its way.
struct Panicking;

impl Service<Request> for Panicking {
    type Response = Option<Response>;
    type Error = std::io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        assert_ne!(request.method(), "call", "a panic while the handler is called");
        Box::pin(async { panic!("a panic while the handler runs") })
    }
}

#[tokio::test]
async fn a_panic_in_a_handler_is_an_error_of_that_request_alone() {
    let exit = Exit::default();
    let mut guard = Guard::new(Panicking, exit.clone());
    for method in ["call", "run", "call"] {
        let answer = guard.call(Request::build(method).id(7).finish()).await.unwrap().unwrap();
        assert_eq!(answer.error().unwrap().code.code(), -32603, "{method}");
        assert!(guard.call(Request::build(method).finish()).await.unwrap().is_none());
    }
    assert_eq!(exit.code(), 1);
}

#[tokio::test]
async fn a_server_whose_editor_is_gone_ends() {
    let mut editor = command("sleep").arg("0.2").spawn().unwrap();
    let process = i32::try_from(editor.id()).unwrap();
    let exit = Exit::default();
    tokio::spawn(fromwhere::lsp::parent::watch(process, Duration::from_millis(10), exit.clone()));
    // Somebody has to take note of its end, or it stays in the table of processes.
    let waiting = std::thread::spawn(move || editor.wait());
    let code = tokio::time::timeout(Duration::from_secs(20), exit.or_end_of(std::future::pending())).await;
    assert_eq!(code.expect("the editor is missed"), 1);
    waiting.join().unwrap().unwrap();

    // One that was never to be seen is not missed.
    let exit = Exit::default();
    fromwhere::lsp::parent::watch(i32::MAX, Duration::from_millis(1), exit.clone()).await;
    let quiet = tokio::time::timeout(Duration::from_millis(50), exit.or_end_of(std::future::pending())).await;
    assert!(quiet.is_err());
}
