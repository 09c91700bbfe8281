//! A small client: enough of the protocol to ask, to tell and to listen.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// What a client says it can do.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    /// Nothing in particular.
    Plain,
    /// Everything that the server makes use of but asking for diagnostics.
    Rich,
    /// It asks for diagnostics.
    Pulls,
}

impl Dialect {
    fn capabilities(self) -> Value {
        match self {
            Self::Plain => json!({}),
            Self::Rich => json!({
                "general": { "positionEncodings": ["utf-8", "utf-16"] },
                "textDocument": {
                    "completion": { "completionItem": { "snippetSupport": true } },
                    "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
                },
                "workspace": {
                    "didChangeWatchedFiles": { "dynamicRegistration": true },
                    "workspaceEdit": { "documentChanges": true },
                    "codeLens": { "refreshSupport": true },
                },
            }),
            Self::Pulls => json!({
                "textDocument": { "diagnostic": {} },
                "workspace": { "diagnostics": { "refreshSupport": true } },
            }),
        }
    }
}

pub(super) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    /// What came while something else was waited for.
    heard: VecDeque<Value>,
    last: i64,
    /// Where the server puts the library.
    caches: tempfile::TempDir,
}

#[expect(clippy::needless_pass_by_value, reason = "parameters are written where they are sent")]
impl Client {
    /// A server that knows nothing of its client yet.
    pub(super) fn stranger() -> Self {
        let caches = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_asiaq"))
            .arg("lsp")
            .env("XDG_CACHE_HOME", caches.path())
            .env("HOME", caches.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { child, input, output, heard: VecDeque::new(), last: 0, caches }
    }

    /// A server with a client that has the folder at `path` open.
    pub(super) fn start(path: &Path, dialect: Dialect) -> Self {
        let mut client = Self::stranger();
        client.introduce(path, dialect);
        client
    }

    /// Says hello. Returns what the server can do.
    pub(super) fn introduce(&mut self, path: &Path, dialect: Dialect) -> Value {
        let uri = format!("file://{}", path.display());
        let folders = json!([{ "uri": uri, "name": "test" }]);
        let capabilities = dialect.capabilities();
        let params = json!({ "processId": null, "rootUri": uri, "workspaceFolders": folders, "capabilities": capabilities });
        let result = self.ask("initialize", params).unwrap();
        self.tell("initialized", json!({}));
        result
    }

    /// The folder in which the server puts the library.
    pub(super) fn caches(&self) -> &Path {
        self.caches.path()
    }

    pub(super) fn send_text(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    pub(super) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_text(&format!("Content-Length: {}\r\n\r\n{text}", text.len()));
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request without waiting for the answer. Returns its id.
    pub(super) fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        self.last
    }

    /// The answer to the request `id`: its result or its error.
    pub(super) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let mut reply = self.hear(|message| message["id"] == id && message.get("method").is_none());
        match reply.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(reply["result"].take()),
        }
    }

    pub(super) fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.begin(method, params);
        self.answer(id)
    }

    /// The first message that is as wanted; the others are kept for later.
    pub(super) fn hear(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&is_wanted) {
            return self.heard.remove(at).unwrap();
        }
        loop {
            let message = self.output.recv_timeout(Duration::from_mins(2)).expect("the server answers");
            if is_wanted(&message) {
                return message;
            }
            self.heard.push_back(message);
        }
    }

    pub(super) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "asq", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the whole text.
    pub(super) fn replace(&mut self, uri: &str, version: i64, text: &str) {
        self.change(uri, version, json!([{ "text": text }]));
    }

    pub(super) fn change(&mut self, uri: &str, version: i64, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub(super) fn close(&mut self, uri: &str) {
        self.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// What the server says next about a file: each diagnostic's code and range.
    pub(super) fn told(&mut self, uri: &str) -> Vec<String> {
        let message = self.hear(|message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
        });
        gist(&message["params"]["diagnostics"])
    }

    /// What the server says about version `version` of a file.
    pub(super) fn told_of(&mut self, uri: &str, version: i64) -> Vec<String> {
        let message = self.hear(|message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["version"] == version
        });
        gist(&message["params"]["diagnostics"])
    }

    /// Waits until the server says that a file has these mistakes.
    pub(super) fn wait_until_told(&mut self, uri: &str, codes: &[&str]) {
        let starts = |gist: &[String]| {
            gist.len() == codes.len() && gist.iter().zip(codes).all(|(found, code)| found.starts_with(code))
        };
        self.hear(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
                && starts(&gist(&message["params"]["diagnostics"]))
        });
    }

    /// Says goodbye. Returns the exit code.
    pub(super) fn leave(mut self) -> i32 {
        self.ask("shutdown", Value::Null).unwrap();
        self.tell("exit", Value::Null);
        self.end()
    }

    /// Closes the server's input, and waits for its end. Returns the exit code.
    pub(super) fn end(&mut self) -> i32 {
        self.input = None;
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A test that failed leaves no server behind.
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Each diagnostic in a word and its range.
pub(super) fn gist(diagnostics: &Value) -> Vec<String> {
    let one = |diagnostic: &Value| {
        let at = |end: &str| {
            let place = &diagnostic["range"][end];
            format!("{}:{}", place["line"], place["character"])
        };
        format!("{} {}-{}", diagnostic["code"].as_str().unwrap(), at("start"), at("end"))
    };
    diagnostics.as_array().unwrap().iter().map(one).collect()
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("the server speaks JSON"))
}
