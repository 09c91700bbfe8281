//! What `plan`, `apply` and `destroy` share: from a program and an account to a plan, and from a plan to AWS.

mod account;
mod clock;
mod interrupts;
mod options;
mod part;
mod prepare;
mod run;
mod saved;
mod scope;
mod visit;

pub(crate) use interrupts::Interrupts;
pub(crate) use options::{Connection, Execution, Selection};
pub(crate) use part::Part;
pub(crate) use prepare::{Prepared, Request, prepare};
pub(crate) use run::{Consent, run};
pub(crate) use saved::{open, save};
pub(crate) use visit::visit;

use anyhow::Context;

use crate::exit::Result;

/// Runs a command that talks to AWS, with the interrupts it has to heed.
pub(crate) fn block_on<T, F: Future<Output = Result<T>>>(work: impl FnOnce(Interrupts) -> F) -> Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let result = runtime.block_on(async { work(Interrupts::listen()?).await });
    // A question that nobody answered still waits for its line on a thread of its own.
    runtime.shutdown_background();
    result
}
