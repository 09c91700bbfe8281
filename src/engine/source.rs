//! The source of a plan, which may be made several times.

use super::adoption::{AdoptionRequest, adopt};
use super::saved::{SavedPlan, open};
use super::{Connection, Interrupts, Log, Prepared, Request, prepare};
use crate::exit::Result;

/// The source of a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// From a program.
    Program(Request<'a>),
    /// The adoption of what is live and fits a program.
    Adoption(AdoptionRequest<'a>),
    /// From a file that `asiaq plan -o` wrote.
    Saved(SavedPlan<'a>, &'a Connection, &'a Log),
}

impl Source<'_> {
    /// The plan for the current state of AWS.
    pub(super) async fn plan(&self, interrupts: &Interrupts) -> Result<Prepared> {
        match *self {
            Self::Program(request) => prepare(request, interrupts).await,
            Self::Adoption(request) => adopt(request, interrupts).await,
            Self::Saved(file, connection, log) => open(file, connection, log, interrupts).await,
        }
    }
}
