//! How long an editor waits: from a keystroke to what is wrong with it, through the real server and its pipes.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::print_stdout)]

#[path = "../generator.rs"]
mod generator;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How often is typed in a project of each size.
const KEYSTROKES: usize = 200;

fn main() {
    println!("\nkeystroke to diagnostics, through the pipes of `asiaq lsp`\n");
    println!("{:>9} {:>13} {:>12} {:>12} {:>12}", "lines", "environments", "median ms", "p95 ms", "worst ms");
    for environments in [1, 16] {
        for lines in [100, 1_000, 10_000] {
            let mut times = typed(&generator::project(lines, environments));
            times.sort_unstable();
            let at = |percent: usize| milliseconds(times.get(times.len() * percent / 100).copied());
            let worst = milliseconds(times.last().copied());
            println!("{lines:>9} {environments:>13} {:>12.2} {:>12.2} {worst:>12.2}", at(50), at(95));
        }
    }
}

fn milliseconds(time: Option<Duration>) -> f64 {
    time.unwrap_or_default().as_secs_f64() * 1e3
}

/// Types in the middle of a project, a letter at a time, and waits each time for what is said of it.
fn typed(text: &str) -> Vec<Duration> {
    let folder = tempfile::tempdir().expect("a folder");
    let uri = format!("file://{}/infra.asq", folder.path().display());
    let mut server = Server::start(folder.path());
    let document = json!({ "uri": uri, "languageId": "asq", "version": 0, "text": text });
    server.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    server.wait_for(0);
    let line = text.lines().count() / 2;
    let mut times = Vec::new();
    for version in 1..=KEYSTROKES {
        // A comment grows behind the line: the project is the same, and all of it has to be read again.
        let character = 10_000;
        let place = json!({ "line": line, "character": character });
        let letter = if version == 1 { " // x" } else { "x" };
        let start = Instant::now();
        server.tell(
            "textDocument/didChange",
            &json!({
                "textDocument": { "uri": uri, "version": version },
                "contentChanges": [{ "range": { "start": place, "end": place }, "text": letter }],
            }),
        );
        server.wait_for(version);
        times.push(start.elapsed());
    }
    times
}

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(folder: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_asiaq"))
            .arg("lsp")
            .env("XDG_CACHE_HOME", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (input, output) = (input.expect("a pipe"), BufReader::new(output.expect("a pipe")));
        let mut server = Self { child, input, output };
        let hello =
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": { "capabilities": {} } });
        server.send(&hello);
        server.hear();
        server.tell("initialized", &json!({}));
        server
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.input.write_all(frame.as_bytes()).expect("the server listens");
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Waits until the server says what is wrong with a version.
    fn wait_for(&mut self, version: usize) {
        while self.hear().pointer("/params/version") != Some(&json!(version)) {}
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("the server speaks");
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(value) => length = value.parse().expect("a number"),
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("the server speaks");
        serde_json::from_slice(&body).expect("the server speaks JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
