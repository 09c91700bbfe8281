//! From `initialize` to `exit`.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::Context as _;
use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeLensOptions, CompletionOptions,
    DiagnosticOptions, Full, InitializeResult, RenameOptions, Save, SemanticTokensOptions,
    SemanticTokensOptionsRange, ServerCapabilities, ServerInfo, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use lsp_server::{ErrorCode, Message, RequestId, Response};
use serde_json::Value;

use super::Event;
use super::client::Client;
use super::library::Library;
use super::requests::{legend, refusal};
use super::server::{Next, Server};
use super::wire::{self, Incoming, Outbox};
use super::worker;
use crate::exit::{Exit, Result};

/// How the server ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    /// What was wrong with what came on standard input.
    pub(crate) why: Option<String>,
}

impl Ended {
    fn with(exit: Exit) -> Self {
        Self { exit, why: None }
    }

    fn because(why: String) -> Self {
        Self { exit: NO_SHUTDOWN, why: Some(why) }
    }
}

/// Serves the client on standard input and output until it exits.
pub(crate) fn serve() -> Result<Ended> {
    let (events, received) = channel();
    let (outbox, writer) = wire::writer().context("cannot start to write")?;
    listen(events.clone()).context("cannot start to listen")?;
    let ended = converse(&outbox, &received, events)?;
    drop(outbox);
    // A writer that failed cannot report anything.
    let _ = writer.join();
    Ok(ended)
}

/// Reads messages on a separate thread, which ends with the process.
fn listen(events: Sender<Event>) -> io::Result<()> {
    let work = move || {
        let mut input = io::stdin().lock();
        let why = loop {
            match wire::read(&mut input) {
                Ok(Some(incoming)) => {
                    if events.send(Event::Received(incoming)).is_err() {
                        return;
                    }
                }
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            }
        };
        let _ = events.send(Event::Gone(why));
    };
    thread::Builder::new().name("lsp-reader".to_owned()).spawn(work).map(drop)
}

/// The exit code that the protocol asks for if the client ends without `shutdown`: 1.
const NO_SHUTDOWN: Exit = Exit::Program;

fn converse(outbox: &Outbox, received: &Receiver<Event>, events: Sender<Event>) -> Result<Ended> {
    let (id, params) = match wait_for_initialize(outbox, received) {
        Hello::Initialize(id, params) => (id, params),
        Hello::Exit => return Ok(Ended::with(NO_SHUTDOWN)),
        Hello::Nothing(why) => {
            let why = why.unwrap_or_else(|| "stdin ended before `initialize`".to_owned());
            return Ok(Ended::because(format!("{why}; an editor starts `asiaq lsp` and sends it messages")));
        }
    };
    let client = Client::of(&params);
    let library = Library::of_this_user();
    let jobs = worker::start(events, library.clone(), client.encoding).context("cannot start to check")?;
    outbox.send(Response::new_ok(id, initialize_result(&client)));
    let mut server = Server::new(outbox.clone(), client, library, jobs);
    for event in received {
        match event {
            Event::Gone(None) => break,
            Event::Gone(Some(why)) => return Ok(Ended::because(why)),
            Event::Checked(snapshot) => server.checked(&snapshot),
            Event::Received(Incoming::Junk(answer)) => outbox.refuse_junk(&answer),
            Event::Received(Incoming::Message(message)) => match server.message(message) {
                Next::GoOn => {}
                Next::Leave => {
                    return Ok(Ended::with(if server.is_shut_down() { Exit::Done } else { NO_SHUTDOWN }));
                }
            },
        }
    }
    Ok(Ended::with(NO_SHUTDOWN))
}

/// How a conversation begins.
enum Hello {
    Initialize(RequestId, Value),
    Exit,
    /// Nothing came, or what is no message, which is described.
    Nothing(Option<String>),
}

/// Waits for `initialize`; earlier requests are refused.
fn wait_for_initialize(outbox: &Outbox, received: &Receiver<Event>) -> Hello {
    for event in received {
        match event {
            Event::Received(Incoming::Message(Message::Request(request))) => {
                if request.method == "initialize" {
                    return Hello::Initialize(request.id, request.params);
                }
                let error = refusal(ErrorCode::ServerNotInitialized, "`initialize` comes first");
                outbox.send(Response { id: request.id, response_result: Err(error) });
            }
            Event::Received(Incoming::Message(Message::Notification(notification)))
                if notification.method == "exit" =>
            {
                return Hello::Exit;
            }
            Event::Received(Incoming::Junk(answer)) => outbox.refuse_junk(&answer),
            Event::Gone(why) => return Hello::Nothing(why),
            Event::Received(Incoming::Message(Message::Notification(_) | Message::Response(_)))
            | Event::Checked(_) => {}
        }
    }
    Hello::Nothing(None)
}

/// The server's capabilities.
fn initialize_result(client: &Client) -> InitializeResult {
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(ChangeNotifications::Bool(true)),
    };
    let diagnostics = || DiagnosticOptions { inter_file_dependencies: true, ..DiagnosticOptions::default() };
    let capabilities = ServerCapabilities {
        position_encoding: Some(client.encoding.kind()),
        text_document_sync: Some(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::Incremental),
                save: Some(Save::Bool(true)),
                ..TextDocumentSyncOptions::default()
            }
            .into(),
        ),
        hover_provider: Some(true.into()),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", "@", "/", "{", ":", "=", "\""].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        workspace_symbol_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(true.into()),
        rename_provider: Some(
            RenameOptions { prepare_provider: Some(true), ..RenameOptions::default() }.into(),
        ),
        folding_range_provider: Some(true.into()),
        selection_range_provider: Some(true.into()),
        code_action_provider: Some(
            CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QuickFix, CodeActionKind::SourceFixAll]),
                ..CodeActionOptions::default()
            }
            .into(),
        ),
        code_lens_provider: Some(CodeLensOptions::default()),
        inlay_hint_provider: Some(true.into()),
        semantic_tokens_provider: Some(
            SemanticTokensOptions {
                legend: legend(),
                full: Some(Full::Bool(true)),
                range: Some(SemanticTokensOptionsRange::Bool(true)),
                ..SemanticTokensOptions::default()
            }
            .into(),
        ),
        diagnostic_provider: client.abilities.pulls.then(|| diagnostics().into()),
        workspace: Some(WorkspaceOptions { workspace_folders: Some(folders), ..WorkspaceOptions::default() }),
        ..ServerCapabilities::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    InitializeResult { capabilities, server_info: Some(ServerInfo { name: "asiaq".to_owned(), version }) }
}
