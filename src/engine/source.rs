//! Where a plan comes from, as often as one is needed.

use std::path::Path;

use super::saved::open;
use super::{Connection, Interrupts, Log, Prepared, Request, prepare};
use crate::exit::Result;

/// Where a plan comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// From a program.
    Program(Request<'a>),
    /// From a file that `asiaq plan -o` wrote.
    Saved(&'a Path, &'a Connection, &'a Log),
}

impl Source<'_> {
    /// The plan as the world is now.
    pub(super) async fn plan(&self, interrupts: &Interrupts) -> Result<Prepared> {
        match *self {
            Self::Program(request) => prepare(request, interrupts).await,
            Self::Saved(path, connection, log) => open(path, connection, log, interrupts).await,
        }
    }
}
