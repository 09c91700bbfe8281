//! Handles the client's messages and publishes diagnostics.

#[cfg(test)]
mod tests;

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
use super::diagnostics::{PublishedDiagnostics, found};
use super::documents::Documents;
use super::library::Library;
use super::place::Place;
use super::projects::{Projects, RequestState};
use super::requests::{self, Handler, View, refusal};
use super::root::Root;
use super::snapshot::Snapshot;
use super::wire::Outbox;
use super::worker::Job;

/// The files of projects: programs, scripts, cloud configs, documents and the metadata of identity providers.
const WATCHED: &str = "**/*.{asq,json,sh,xml,yaml,yml}";

pub(super) struct Server {
    outbox: Outbox,
    client: Client,
    documents: Documents,
    projects: Projects,
    published: PublishedDiagnostics,
    /// Requests about revisions of documents that have not been checked yet, in order.
    pending: Vec<Pending>,
    phase: Phase,
}

/// A request that waits for a check of a document's revision.
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

/// What to do after a message.
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
            published: PublishedDiagnostics::default(),
            pending: Vec::new(),
            phase: Phase::Serves,
        }
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.phase == Phase::ShutDown
    }

    pub(super) fn message(&mut self, message: Message) -> Next {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) if notification.method == "exit" => return Next::Leave,
            Message::Notification(notification) => {
                let method = notification.method.clone();
                if let Err(error) = self.notification(notification) {
                    // A notification has no response; the log helps the author of the client.
                    let message = format!("{method}: {error}");
                    self.outbox.notify("window/logMessage", json!({ "type": 2, "message": message }));
                }
            }
            // The server works the same whether or not the client did what it was asked.
            Message::Response(_) => {}
        }
        Next::GoOn
    }

    fn notification(&mut self, notification: Notification) -> serde_json::Result<()> {
        match notification.method.as_str() {
            "initialized" => self.begin(),
            "textDocument/didOpen" => {
                let document = read::<DidOpenTextDocumentParams>(notification)?.text_document;
                let place = Place::of(&document.uri.0);
                self.transfer(&place);
                self.documents.open(place.clone(), document.uri.0, document.version, document.text);
                self.projects.opened(&place, &self.documents);
            }
            "textDocument/didChange" => {
                let params: DidChangeTextDocumentParams = read(notification)?;
                let place = Place::of(&params.text_document.text_document_identifier.uri.0);
                let (version, changes) = (params.text_document.version, params.content_changes);
                self.documents.edit(&place, version, changes, self.client.encoding);
                self.projects.edited(&place, &self.documents);
            }
            "textDocument/didClose" => {
                let place = Place::of(&read::<DidCloseTextDocumentParams>(notification)?.text_document.uri.0);
                self.transfer(&place);
                self.documents.close(&place);
                let idle = self.projects.closed(&place, &self.documents);
                self.forget(idle);
                self.answer_pending();
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.recheck(),
            "workspace/didChangeWorkspaceFolders" => {
                let folders = |pointer: &str| {
                    let list = notification.params.pointer(pointer).and_then(Value::as_array);
                    list.into_iter().flatten().filter_map(|item| folder(item.get("uri")?)).collect()
                };
                let (added, removed): (_, Vec<_>) = (folders("/event/added"), folders("/event/removed"));
                self.projects.change_folders(added, &removed);
                self.recheck();
            }
            "$/cancelRequest" => {
                let id = notification.params.get("id").cloned().unwrap_or_default();
                self.cancel(&serde_json::from_value(id)?);
            }
            _ => {}
        }
        Ok(())
    }

    /// A client that pulls diagnostics pulls those of open documents only; the others are pushed. When a document is
    /// opened or closed, what was pushed for it is withdrawn, so that nothing is shown twice.
    fn transfer(&mut self, place: &Place) {
        if self.client.abilities.pulls && self.published.clear(place) && self.documents.get(place).is_none() {
            let params = json!({ "uri": place.uri(), "diagnostics": [] });
            self.outbox.notify("textDocument/publishDiagnostics", params);
        }
    }

    /// After `initialized`: registers for file changes and checks the workspace folders.
    fn begin(&mut self) {
        if self.client.abilities.watches {
            let watcher =
                FileSystemWatcher { glob_pattern: GlobPattern::Pattern(WATCHED.to_owned()), kind: None };
            let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
            let registration = Registration {
                id: "files".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: serde_json::to_value(options).ok(),
            };
            let params = RegistrationParams { registrations: vec![registration] };
            self.send_request("files", "client/registerCapability", &params);
        }
        self.recheck();
    }

    fn recheck(&mut self) {
        let idle = self.projects.recheck(&self.documents);
        self.forget(idle);
        self.answer_pending();
    }

    fn request(&mut self, request: Request) {
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
                    self.document_request(request, handler);
                } else {
                    let message = format!("there is no request `{method}` here");
                    self.reply(request.id, Err(refusal(ErrorCode::MethodNotFound, message)));
                }
            }
        }
    }

    fn document_request(&mut self, request: Request, handler: Handler) {
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

    /// Answers a request, or returns it if its document has not been checked yet.
    fn attempt(&self, pending: Pending) -> Option<Pending> {
        let answer = match self.projects.request_state(&pending.place, pending.revision) {
            RequestState::Pending => return Some(pending),
            RequestState::Checked(snapshot, file) => {
                let (client, published) = (&self.client, &self.published);
                let view = View { client, snapshot: &snapshot, published, place: &pending.place, file };
                (pending.handler)(view, pending.request.params)
            }
            RequestState::Superseded => {
                Err(refusal(ErrorCode::ContentModified, "the document has changed since"))
            }
            RequestState::Unknown => Err(refusal(ErrorCode::RequestFailed, "the document is no longer open")),
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
            let touched = self.published.put(&snapshot.root, found(snapshot));
            self.publish(touched);
            self.refresh(snapshot);
        }
        self.forget(idle);
        self.answer_pending();
    }

    /// Asks the client to refresh what it shows in documents that were not edited themselves.
    fn refresh(&self, snapshot: &Snapshot) {
        if snapshot.open_places().nth(1).is_some() {
            for method in &self.client.abilities.refreshes {
                self.send_request(method, method, &Value::Null);
            }
        }
    }

    fn forget(&mut self, idle: Vec<Root>) {
        for root in idle {
            let touched = self.published.remove(&root);
            self.publish(touched);
        }
    }

    /// Pushes the diagnostics of `places`, or asks the client to pull them again.
    fn publish(&mut self, places: BTreeSet<Place>) {
        let mut should_refresh = false;
        for place in places {
            let document = self.documents.get(&place);
            let uri = document.map_or_else(|| place.uri(), |document| document.uri.clone());
            let is_pulled = self.client.abilities.pulls && document.is_some();
            let version = document.filter(|_| !is_pulled).map(|document| document.version);
            match self.published.publish(&place, uri, version) {
                Some(_) if is_pulled => should_refresh = true,
                Some(params) => self.outbox.notify("textDocument/publishDiagnostics", params),
                None => {}
            }
        }
        if should_refresh && self.client.abilities.pulls_again {
            self.send_request("diagnostics", "workspace/diagnostic/refresh", &Value::Null);
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

    fn send_request(&self, id: &str, method: &str, params: &impl serde::Serialize) {
        let params = serde_json::to_value(params).unwrap_or_default();
        self.outbox.send(Request { id: id.to_owned().into(), method: method.to_owned(), params });
    }

    fn reply(&self, id: RequestId, answer: Result<Value, ResponseError>) {
        self.outbox.send(Response { id, response_result: answer });
    }
}

fn read<P: DeserializeOwned>(notification: Notification) -> serde_json::Result<P> {
    serde_json::from_value(notification.params)
}
