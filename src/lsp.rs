//! The language server: what the compiler knows, for any editor that speaks the Language Server Protocol.
//!
//! The main thread listens and answers; checking is done by a worker over a snapshot of the buffers, so that a
//! keystroke never waits. A request about a state that has not been checked yet waits for it; when a newer edit
//! got ahead of it, the client is told so and asks again.

mod client;
mod diagnostics;
mod documents;
mod edits;
mod library;
mod lifecycle;
mod place;
mod projects;
mod requests;
mod root;
mod server;
mod snapshot;
mod text;
mod wire;
mod worker;

use std::sync::Arc;

pub(crate) use lifecycle::serve;

/// What the main thread waits for.
#[derive(Debug)]
enum Event {
    /// The client says something.
    Said(wire::Incoming),
    /// The client is gone.
    Gone,
    /// A project has been checked.
    Checked(Arc<snapshot::Snapshot>),
}
