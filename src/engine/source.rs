//! The source of a plan, which may be made several times.

use std::path::Path;

use super::saved::open;
use super::{Connection, Interrupts, Log, Prepared, Request, prepare};
use crate::exit::Result;

/// The source of a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// From a program.
    Program(Request<'a>),
    /// From a file that `asiaq plan -o` wrote.
    Saved(&'a Path, &'a Connection, &'a Log),
}

impl Source<'_> {
    /// The plan for the current state of AWS.
    pub(super) async fn plan(&self, interrupts: &Interrupts) -> Result<Prepared> {
        match *self {
            Self::Program(request) => prepare(request, interrupts).await,
            Self::Saved(path, connection, log) => open(path, connection, log, interrupts).await,
        }
    }
}
