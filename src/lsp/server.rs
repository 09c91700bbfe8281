//! Takes in what the client says, answers it, and tells it what is wrong.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesRegistrationOptions, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, FileSystemWatcher, GlobPattern, Registration, RegistrationParams,
    WorkspaceSymbolParams, WorkspaceSymbolRequest, WorkspaceSymbolResponse,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Client, folder};
use super::diagnostics::{Board, found};
use super::documents::Documents;
use super::library::Library;
use super::place::Place;
use super::projects::{Projects, Standing};
use super::requests::{self, Handler, View, refusal};
use super::root::Root;
use super::snapshot::Snapshot;
use super::wire::Outbox;
use super::worker::Job;

pub(super) struct Server {
    outbox: Outbox,
    client: Client,
    documents: Documents,
    projects: Projects,
    board: Board,
    /// Requests about states of documents that are still to be checked, in order.
    pending: Vec<Pending>,
    phase: Phase,
}

/// A request that waits for a state of a document to be checked.
struct Pending {
    request: Request,
    handler: fn(View<'_>, Value) -> requests::Answer,
    place: Place,
    revision: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serves,
    ShutDown,
}

/// What comes after a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    Leave,
}

impl Server {
    pub(super) fn new(outbox: Outbox, client: Client, library: Library, jobs: Sender<Job>) -> Self {
        Self {
            projects: Projects::new(client.folders.clone(), library, jobs),
            outbox,
            client,
            documents: Documents::default(),
            board: Board::default(),
            pending: Vec::new(),
            phase: Phase::Serves,
        }
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.phase == Phase::ShutDown
    }

    pub(super) fn said(&mut self, message: Message) -> Next {
        match message {
            Message::Request(request) => self.asked(request),
            Message::Notification(told) if told.method == "exit" => return Next::Leave,
            Message::Notification(told) => {
                let method = told.method.clone();
                if let Err(error) = self.told(told) {
                    // It cannot be answered; whoever wrote the client may look in the log.
                    let message = format!("{method}: {error}");
                    self.outbox.notify("window/logMessage", json!({ "type": 2, "message": message }));
                }
            }
            // What we ask a client for is a favour: it need not say how it went.
            Message::Response(_) => {}
        }
        Next::GoOn
    }

    fn told(&mut self, told: Notification) -> serde_json::Result<()> {
        match told.method.as_str() {
            "initialized" => self.begin(),
            "textDocument/didOpen" => {
                let document = read::<DidOpenTextDocumentParams>(told)?.text_document;
                let place = Place::of(&document.uri.0);
                self.change_hands(&place);
                self.documents.open(place.clone(), document.uri.0, document.version, document.text);
                self.projects.opened(&place, &self.documents);
            }
            "textDocument/didChange" => {
                let params: DidChangeTextDocumentParams = read(told)?;
                let place = Place::of(&params.text_document.text_document_identifier.uri.0);
                let (version, changes) = (params.text_document.version, params.content_changes);
                self.documents.edit(&place, version, changes, self.client.encoding);
                self.projects.edited(&place, &self.documents);
            }
            "textDocument/didClose" => {
                let place = Place::of(&read::<DidCloseTextDocumentParams>(told)?.text_document.uri.0);
                self.change_hands(&place);
                self.documents.close(&place);
                let idle = self.projects.closed(&place, &self.documents);
                self.forget(idle);
                self.answer_pending();
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.look_again(),
            "workspace/didChangeWorkspaceFolders" => {
                let folders = |pointer: &str| {
                    let list = told.params.pointer(pointer).and_then(Value::as_array);
                    list.into_iter().flatten().filter_map(|item| folder(item.get("uri")?)).collect()
                };
                let (added, removed): (_, Vec<_>) = (folders("/event/added"), folders("/event/removed"));
                self.projects.change_folders(added, &removed);
                self.look_again();
            }
            "$/cancelRequest" => {
                let id = told.params.get("id").cloned().unwrap_or_default();
                self.cancel(&serde_json::from_value(id)?);
            }
            _ => {}
        }
        Ok(())
    }

    /// A client that asks about open documents is told about the others: nothing is to be shown twice, or be
    /// taken for known.
    fn change_hands(&mut self, place: &Place) {
        if self.client.abilities.pulls && self.board.untell(place) && self.documents.get(place).is_none() {
            let params = json!({ "uri": place.uri(), "diagnostics": [] });
            self.outbox.notify("textDocument/publishDiagnostics", params);
        }
    }

    /// The client is ready.
    fn begin(&mut self) {
        if self.client.abilities.watches {
            let watcher =
                FileSystemWatcher { glob_pattern: GlobPattern::Pattern("**/*.asq".to_owned()), kind: None };
            let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
            let registration = Registration {
                id: "files".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: serde_json::to_value(options).ok(),
            };
            let params = RegistrationParams { registrations: vec![registration] };
            self.request("files", "client/registerCapability", &params);
        }
        self.look_again();
    }

    fn look_again(&mut self) {
        let idle = self.projects.look_again(&self.documents);
        self.forget(idle);
        self.answer_pending();
    }

    fn asked(&mut self, request: Request) {
        if self.is_shut_down() {
            let error = refusal(ErrorCode::InvalidRequest, "the server has been shut down");
            return self.reply(request.id, Err(error));
        }
        match request.method.as_str() {
            "shutdown" => {
                self.phase = Phase::ShutDown;
                let error = refusal(ErrorCode::ServerCancelled, "the server has been shut down");
                for waiting in std::mem::take(&mut self.pending) {
                    self.reply(waiting.request.id, Err(error.clone()));
                }
                self.reply(request.id, Ok(Value::Null));
            }
            "workspace/symbol" => {
                let answer = requests::answer::<WorkspaceSymbolRequest>(request.params, |params| {
                    Ok(Some(self.find_symbols(&params)))
                });
                self.reply(request.id, answer);
            }
            method => {
                if let Some(handler) = requests::handler(method) {
                    self.asked_about_document(request, handler);
                } else {
                    let message = format!("there is no request `{method}` here");
                    self.reply(request.id, Err(refusal(ErrorCode::MethodNotFound, message)));
                }
            }
        }
    }

    fn asked_about_document(&mut self, request: Request, handler: Handler) {
        let Some(uri) = request.params.pointer("/textDocument/uri").and_then(Value::as_str) else {
            let error = refusal(ErrorCode::InvalidParams, "`textDocument.uri` has to name a document");
            return self.reply(request.id, Err(error));
        };
        let place = Place::of(uri);
        let Some(document) = self.documents.get(&place).map(Arc::clone) else {
            let error = refusal(ErrorCode::InvalidParams, format!("`{uri}` is not open"));
            return self.reply(request.id, Err(error));
        };
        match handler {
            Handler::Text(answer) => {
                let answer = answer(&self.client, &document, request.params);
                self.reply(request.id, answer);
            }
            Handler::Project(handler) => {
                let pending = Pending { request, handler, place, revision: document.revision };
                if let Some(pending) = self.attempt(pending) {
                    self.pending.push(pending);
                }
            }
        }
    }

    /// Answers a request if that can be done now; gives it back if not.
    fn attempt(&self, pending: Pending) -> Option<Pending> {
        let answer = match self.projects.standing(&pending.place, pending.revision) {
            Standing::Waits => return Some(pending),
            Standing::Checked(snapshot, file) => {
                let (client, board) = (&self.client, &self.board);
                let view = View { client, snapshot: &snapshot, board, place: &pending.place, file };
                (pending.handler)(view, pending.request.params)
            }
            Standing::Passed => Err(refusal(ErrorCode::ContentModified, "the document has changed since")),
            Standing::Astray => Err(refusal(ErrorCode::RequestFailed, "the document is no longer open")),
        };
        self.reply(pending.request.id, answer);
        None
    }

    fn answer_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.pending = pending.into_iter().filter_map(|pending| self.attempt(pending)).collect();
    }

    fn cancel(&mut self, id: &RequestId) {
        let (cancelled, pending) =
            std::mem::take(&mut self.pending).into_iter().partition(|pending| pending.request.id == *id);
        self.pending = pending;
        for pending in cancelled {
            let error = refusal(ErrorCode::RequestCanceled, "cancelled by the client");
            self.reply(pending.request.id, Err(error));
        }
    }

    /// A project has been checked.
    pub(super) fn checked(&mut self, snapshot: &Arc<Snapshot>) {
        let (is_newest, idle) = self.projects.take(snapshot, &self.documents);
        if is_newest {
            let touched = self.board.put(&snapshot.root, found(snapshot));
            self.publish(touched);
            self.refresh(snapshot);
        }
        self.forget(idle);
        self.answer_pending();
    }

    /// Has the client ask again about what it shows in documents that were not edited themselves.
    fn refresh(&self, snapshot: &Snapshot) {
        if snapshot.open_places().nth(1).is_some() {
            for method in &self.client.abilities.refreshes {
                self.request(method, method, &Value::Null);
            }
        }
    }

    fn forget(&mut self, idle: Vec<Root>) {
        for root in idle {
            let touched = self.board.remove(&root);
            self.publish(touched);
        }
    }

    /// Tells the client what is wrong in `places`, or that it should ask again.
    fn publish(&mut self, places: BTreeSet<Place>) {
        let mut should_ask = false;
        for place in places {
            let document = self.documents.get(&place);
            let uri = document.map_or_else(|| place.uri(), |document| document.uri.clone());
            let is_pulled = self.client.abilities.pulls && document.is_some();
            let version = document.filter(|_| !is_pulled).map(|document| document.version);
            match self.board.tell(&place, uri, version) {
                Some(_) if is_pulled => should_ask = true,
                Some(params) => self.outbox.notify("textDocument/publishDiagnostics", params),
                None => {}
            }
        }
        if should_ask && self.client.abilities.pulls_again {
            self.request("diagnostics", "workspace/diagnostic/refresh", &Value::Null);
        }
    }

    fn find_symbols(&self, params: &WorkspaceSymbolParams) -> WorkspaceSymbolResponse {
        let mut found = Vec::new();
        for snapshot in self.projects.snapshots() {
            for symbol in requests::find_symbols(snapshot, &params.query) {
                if !found.contains(&symbol) {
                    found.push(symbol);
                }
            }
        }
        WorkspaceSymbolResponse::WorkspaceSymbolList(found)
    }

    fn request(&self, id: &str, method: &str, params: &impl serde::Serialize) {
        let params = serde_json::to_value(params).unwrap_or_default();
        self.outbox.send(Request { id: id.to_owned().into(), method: method.to_owned(), params });
    }

    fn reply(&self, id: RequestId, answer: Result<Value, ResponseError>) {
        self.outbox.send(Response { id, response_result: answer });
    }
}

fn read<P: DeserializeOwned>(told: Notification) -> serde_json::Result<P> {
    serde_json::from_value(told.params)
}
