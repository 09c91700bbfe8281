//! The language server: the compiler's analysis for any editor with the Language Server Protocol.
//!
//! The main thread handles messages; a worker checks snapshots of the buffers, so that a keystroke never waits. A
//! request about a revision that has not been checked yet waits for the check. If a newer edit is checked first, the
//! request fails with `ContentModified` and the client sends it again.

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

/// What the main thread handles.
#[derive(Debug)]
enum Event {
    /// A message from the client.
    Received(wire::Incoming),
    /// The client has closed its end, or sent what is no message, which is described.
    Gone(Option<String>),
    /// A project has been checked.
    Checked(Arc<snapshot::Snapshot>),
}
