//! The least an editor can be: it speaks with a running server over its pipes and waits for what it wants to see.
//!
//! In: a child process that speaks the protocol. Out: its answers and its diagnostics.
//!
//! **Invariant:** an error, or an end of the server that nobody asked for, is a failure of the test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout};

use serde_json::{Value, json};

pub(crate) struct Editor {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Editor {
    /// Takes the pipes of `child`; the process itself stays with the caller.
    pub(crate) fn of(child: &mut Child) -> Self {
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Editor { input, output: BufReader::new(output), asked: 0 }
    }

    /// Sends a request and reads until its answer, which must not be an error.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let message = self.call(method, params);
        assert!(message["error"].is_null(), "{method}: {message}");
        message["result"].clone()
    }

    /// Sends a request and reads until its response, which may be an error.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let mut request = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        if !params.is_null() {
            request["params"] = params.clone();
        }
        self.send(&request);
        loop {
            let message = self.receive();
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
        }
    }

    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        let mut notification = json!({ "jsonrpc": "2.0", "method": method });
        if !params.is_null() {
            notification["params"] = params.clone();
        }
        self.send(&notification);
    }

    /// Reads until the diagnostics of `uri` are as `wanted`.
    pub(crate) fn diagnostics_of(&mut self, uri: &str, wanted: impl Fn(&[Value]) -> bool) {
        loop {
            let message = self.receive();
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && wanted(params["diagnostics"].as_array().unwrap())
            {
                return;
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    /// The next message; what the server asks of the editor is answered with null.
    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut header = String::new();
            assert!(self.output.read_line(&mut header).unwrap() > 0, "the server has gone");
            match header.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        let message: Value = serde_json::from_slice(&body).unwrap();
        if !message["method"].is_null() && !message["id"].is_null() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
        }
        message
    }
}
