//! Work that nobody wants any more. The test is the worker, so a check ends when the test says so.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};

use super::{Client, Job, Library, Outbox, Server, Snapshot};
use crate::lsp::worker;

const URI: &str = "untitled:a.asq";

/// A server whose checks are made by the test.
struct Held {
    server: Server,
    jobs: Receiver<Job>,
    waiting: Vec<Job>,
    frames: Receiver<Vec<u8>>,
    library: Library,
    version: i32,
    requests: i32,
}

impl Held {
    /// A server with a checked document.
    fn new() -> Self {
        let (outbox, frames) = channel();
        let (sender, jobs) = channel();
        let library = Library::of_this_user();
        let client = Client::of(&json!({ "capabilities": {} }));
        let server = Server::new(Outbox::to(outbox), client, library.clone(), sender);
        let mut held = Self { server, jobs, waiting: Vec::new(), frames, library, version: 1, requests: 0 };
        let document = json!({ "uri": URI, "languageId": "asq", "version": 1, "text": "project p {}\n" });
        held.tell("textDocument/didOpen", json!({ "textDocument": document }));
        let job = held.begin_check();
        held.end_check(job);
        held.frames.try_iter().count();
        held
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.server.message(Notification { method: method.to_owned(), params }.into());
    }

    /// Changes the document.
    fn touch(&mut self) {
        self.version += 1;
        let start = json!({ "line": 0, "character": 0 });
        let changes = json!([{ "range": { "start": start, "end": start }, "text": "\n" }]);
        let document = json!({ "uri": URI, "version": self.version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Asks for something of the document, and returns the id of the request.
    fn ask(&mut self) -> i32 {
        self.requests += 1;
        let params = json!({ "textDocument": { "uri": URI } });
        let method = "textDocument/foldingRange".to_owned();
        self.server.message(Request { id: self.requests.into(), method, params }.into());
        self.requests
    }

    /// What the worker checks next.
    fn begin_check(&mut self) -> Job {
        worker::next(&self.jobs, &mut self.waiting).unwrap()
    }

    fn end_check(&mut self, job: Job) {
        let previous = job.previous.as_deref();
        let encoding = self.server.client.encoding;
        let snapshot = Snapshot::take(job.texts, job.number, previous, &self.library, encoding);
        self.server.checked(&Arc::new(snapshot));
    }

    /// The responses so far: the id of each request, with its error code.
    fn responses(&self) -> Vec<(String, Option<i32>)> {
        let messages = self.frames.try_iter().map(|frame| Message::read(&mut BufReader::new(&*frame)));
        let responses = messages.filter_map(|message| match message.unwrap().unwrap() {
            Message::Response(Response { id, response_result }) => {
                Some((id.to_string(), response_result.err().map(|error| error.code)))
            }
            Message::Request(_) | Message::Notification(_) => None,
        });
        responses.collect()
    }
}

#[test]
fn a_request_that_is_cancelled_is_answered_at_once() {
    let mut held = Held::new();
    held.touch();
    let job = held.begin_check();
    let id = held.ask();
    assert_eq!(held.responses(), []);
    held.tell("$/cancelRequest", json!({ "id": id }));
    assert_eq!(held.responses(), [(id.to_string(), Some(-32800))]);
    held.end_check(job);
    // It is too late to cancel what has been answered.
    held.tell("$/cancelRequest", json!({ "id": id }));
    assert_eq!(held.responses(), []);
}

#[test]
fn a_request_about_a_state_that_is_passed_over_is_told_so() {
    let mut held = Held::new();
    held.touch();
    let begun = held.begin_check();
    // While a state is checked, the next one comes and goes.
    held.touch();
    let passed = held.ask();
    held.touch();
    let newest = held.ask();
    held.end_check(begun);
    assert_eq!(held.responses(), []);
    let job = held.begin_check();
    held.end_check(job);
    assert_eq!(held.responses(), [(passed.to_string(), Some(-32801)), (newest.to_string(), None)]);
    assert!(held.waiting.is_empty());
    assert_eq!(held.jobs.try_iter().count(), 0);
}

#[test]
fn a_request_about_a_document_that_closes_is_answered() {
    let mut held = Held::new();
    held.touch();
    let id = held.ask();
    held.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    assert_eq!(held.responses(), [(id.to_string(), Some(-32803))]);
}
