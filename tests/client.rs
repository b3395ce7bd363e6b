//! An editor made of JSON, for tests.
//!
//! In: what a test does. Out: what the server says to it, over a pipe inside this process.
//!
//! **Invariant:** it answers the server's own requests as a real editor does, and keeps every message it was sent.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use fromwhere::disk::Disk;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Generous, since the machines that run the tests are busy; what has to be fast is measured apart from this.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an editor of today offers, in the spelling of the protocol.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16"] },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } },
                "isPreferredSupport": true
            },
            "hover": { "contentFormat": ["markdown", "plaintext"] }
        },
        "workspace": {
            "configuration": true,
            "workspaceEdit": { "documentChanges": true },
            "didChangeConfiguration": { "dynamicRegistration": true }
        },
        "window": { "workDoneProgress": true }
    })
}

#[derive(Debug)]
pub(crate) struct Editor {
    output: WriteHalf<DuplexStream>,
    input: mpsc::UnboundedReceiver<Value>,
    server: JoinHandle<u8>,
    last_id: i64,
    /// Whether it answers the server's requests by itself; else they are heard like everything else.
    pub(crate) answers: bool,
    /// The section `fromwhere`, as this editor tells it.
    pub(crate) settings: Value,
    /// Everything the server said and that no test has asked for yet.
    pub(crate) heard: VecDeque<Value>,
    /// The methods of everything the server ever said.
    pub(crate) methods: Vec<String>,
}

impl Editor {
    /// Connects to a new server; nothing is said yet.
    pub(crate) fn connect(disk: Disk) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        let server = tokio::spawn(fromwhere::lsp::serve_over(input, output, disk));
        let (input, output) = tokio::io::split(ours);
        let (heard, messages) = mpsc::unbounded_channel();
        tokio::spawn(read_messages(input, heard));
        Editor {
            output,
            input: messages,
            server,
            last_id: 0,
            answers: true,
            settings: Value::Null,
            heard: VecDeque::new(),
            methods: Vec::new(),
        }
    }

    /// Starts a session on a folder.
    pub(crate) async fn start(disk: Disk, folder: &Utf8Path, capabilities: Value) -> Self {
        let mut editor = Editor::connect(disk);
        let folders = json!([{ "uri": uri(folder), "name": "folder" }]);
        let params = json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": folders });
        editor.initialize(params).await;
        editor
    }

    pub(crate) async fn initialize(&mut self, params: Value) -> Value {
        let result = self.request("initialize", params).await;
        self.notify("initialized", json!({})).await;
        result
    }

    pub(crate) async fn open(&mut self, path: &Utf8Path, text: &str) {
        let document = json!({ "uri": uri(path), "languageId": "python", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    /// Replaces a range of a document.
    pub(crate) async fn edit(&mut self, path: &Utf8Path, version: i32, range: [[u32; 2]; 2], text: &str) {
        let [start, end] = range.map(|[line, character]| json!({ "line": line, "character": character }));
        let change = json!({ "range": { "start": start, "end": end }, "text": text });
        let document = json!({ "uri": uri(path), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] })).await;
    }

    pub(crate) async fn hover(&mut self, path: &Utf8Path, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": uri(path) }, "position": position });
        self.request("textDocument/hover", params).await
    }

    pub(crate) async fn fixes(&mut self, path: &Utf8Path, line: u32) -> Vec<Value> {
        let position = json!({ "line": line, "character": 0 });
        let range = json!({ "start": position, "end": position });
        let context = json!({ "diagnostics": [] });
        let params = json!({ "textDocument": { "uri": uri(path) }, "range": range, "context": context });
        self.request("textDocument/codeAction", params).await.as_array().cloned().unwrap()
    }

    /// Waits for the next diagnostics of a file.
    pub(crate) async fn diagnostics(&mut self, path: &Utf8Path) -> Value {
        let uri = uri(path);
        let message = self
            .wait(&format!("diagnostics of {path}"), |message| {
                message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
            })
            .await;
        message["params"].clone()
    }

    /// Waits until the diagnostics of a file have exactly these codes; what comes before is passed over.
    pub(crate) async fn until_codes(&mut self, path: &Utf8Path, codes: &[&str]) -> Value {
        loop {
            let params = self.diagnostics(path).await;
            if codes_of(&params) == codes {
                return params;
            }
        }
    }

    /// Waits until the server has sent a message of this method, notification or request.
    pub(crate) async fn until_method(&mut self, method: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.methods.iter().any(|it| it == method) {
            let message = tokio::time::timeout_at(deadline, self.input.recv()).await;
            let message = message.unwrap_or_else(|_| panic!("no {method}; heard {:?}", self.methods));
            self.take(message.unwrap_or_else(|| panic!("the server is gone before {method}"))).await;
        }
    }

    /// Sends a request and waits for its result.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let response = self.call(method, params).await;
        assert!(response.get("error").is_none(), "{method}: {response}");
        response["result"].clone()
    }

    /// Sends a request and waits for its response.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params).await;
        self.wait(method, |message| message["id"] == id && message.get("method").is_none()).await
    }

    pub(crate) async fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        let id = self.last_id;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        id
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    pub(crate) async fn send(&mut self, message: Value) {
        let content = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{content}", content.len());
        self.output.write_all(frame.as_bytes()).await.unwrap();
    }

    /// Waits for a message; others are kept, and the server's requests are answered.
    pub(crate) async fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.heard.iter().position(&wanted) {
                return self.heard.remove(at).unwrap();
            }
            let message = tokio::time::timeout_at(deadline, self.input.recv()).await;
            let message = message.unwrap_or_else(|_| panic!("no {what}; heard {:#?}", self.heard));
            self.take(message.unwrap_or_else(|| panic!("the server is gone before {what}"))).await;
        }
    }

    /// Takes in what the server says during a time.
    pub(crate) async fn listen(&mut self, time: Duration) {
        let deadline = tokio::time::Instant::now() + time;
        while let Ok(Some(message)) = tokio::time::timeout_at(deadline, self.input.recv()).await {
            self.take(message).await;
        }
    }

    /// Ends the session as the protocol has it and returns the exit code.
    pub(crate) async fn stop(mut self) -> u8 {
        self.request("shutdown", Value::Null).await;
        self.notify("exit", Value::Null).await;
        self.ended().await
    }

    /// Waits for the end of the server.
    pub(crate) async fn ended(self) -> u8 {
        tokio::time::timeout(PATIENCE, self.server).await.expect("the server does not end").unwrap()
    }

    async fn take(&mut self, message: Value) {
        if let Some(method) = message["method"].as_str() {
            self.methods.push(method.to_owned());
            if let Some(id) = message.get("id").filter(|_| self.answers) {
                let result = match method {
                    "workspace/configuration" => {
                        let items = message["params"]["items"].as_array().unwrap();
                        Value::Array(items.iter().map(|_| self.settings.clone()).collect())
                    }
                    "window/showDocument" => {
                        self.heard.push_back(message.clone());
                        json!({ "success": true })
                    }
                    "client/registerCapability" => {
                        self.heard.push_back(message.clone());
                        Value::Null
                    }
                    _ => Value::Null,
                };
                self.send(json!({ "jsonrpc": "2.0", "id": id, "result": result })).await;
                return;
            }
        }
        self.heard.push_back(message);
    }
}

pub(crate) fn codes_of(params: &Value) -> Vec<&str> {
    params["diagnostics"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect()
}

pub(crate) fn uri(path: &Utf8Path) -> String {
    fromwhere::lsp::convert::uri_of(path).unwrap().to_string()
}

async fn read_messages(input: ReadHalf<DuplexStream>, heard: mpsc::UnboundedSender<Value>) {
    let mut input = BufReader::new(input);
    loop {
        let mut length = 0;
        loop {
            let mut header = String::new();
            if input.read_line(&mut header).await.unwrap_or(0) == 0 {
                return;
            }
            match header.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if header.trim().is_empty() => break,
                None => {}
            }
        }
        let mut content = vec![0; length];
        if input.read_exact(&mut content).await.is_err()
            || heard.send(serde_json::from_slice(&content).unwrap()).is_err()
        {
            return;
        }
    }
}

/// A project with a virtual environment on the operating system's Python, and a home directory, all in a temporary folder.
#[derive(Debug)]
pub(crate) struct World {
    _folder: TempDir,
    pub(crate) project: Utf8PathBuf,
    pub(crate) home: Utf8PathBuf,
    /// `python3.11`.
    pub(crate) python: String,
}

impl World {
    /// The user site has a module `thing`; the environment, which sees the user site, has none.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("fromwhere").tempdir().unwrap();
        let top = Utf8Path::from_path(folder.path()).unwrap().canonicalize_utf8().unwrap();
        let python = Utf8Path::new("/usr/bin/python3").canonicalize_utf8().expect("the tests need Debian's python3");
        let python = python.file_name().unwrap().to_owned();
        let world = World { _folder: folder, project: top.join("project"), home: top.join("home"), python };
        let manifest = "[project]\nname = \"demo\"\nversion = \"1\"\ndependencies = [\n    \"thing\",\n]\n";
        world.write("project/pyproject.toml", manifest);
        world.write(&format!("home/.local/lib/{}/site-packages/thing/__init__.py", world.python), "");
        let metadata = format!("home/.local/lib/{}/site-packages/thing-1.0.dist-info", world.python);
        world.write(&format!("{metadata}/METADATA"), "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n");
        world.write(&format!("{metadata}/RECORD"), "thing/__init__.py,,\nthing-1.0.dist-info/METADATA,,\n");
        world.make_environment(true);
        world
    }

    pub(crate) fn make_environment(&self, system_site: bool) {
        let folder = self.project.join(".venv");
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        std::os::unix::fs::symlink("/usr/bin/python3", folder.join("bin/python")).unwrap();
        std::fs::create_dir_all(self.site_packages()).unwrap();
        self.write_pyvenv(system_site);
    }

    pub(crate) fn write_pyvenv(&self, system_site: bool) {
        let text = format!("home = /usr/bin\ninclude-system-site-packages = {system_site}\n");
        self.write("project/.venv/pyvenv.cfg", &text);
    }

    pub(crate) fn site_packages(&self) -> Utf8PathBuf {
        self.project.join(format!(".venv/lib/{}/site-packages", self.python))
    }

    pub(crate) fn app(&self) -> Utf8PathBuf {
        self.project.join("app.py")
    }

    /// Writes a file below the temporary folder.
    pub(crate) fn write(&self, path: &str, text: &str) -> Utf8PathBuf {
        let path = self.project.parent().unwrap().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn disk(&self) -> Disk {
        let variables = [("HOME", self.home.as_str()), ("PATH", "/usr/bin:/bin")];
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Disk::new(variables, self.project.clone())
    }

    pub(crate) async fn editor(&self) -> Editor {
        Editor::start(self.disk(), &self.project, capabilities()).await
    }
}
