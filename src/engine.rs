//! Makes plans from a program and an account, and applies them.

mod account;
mod accounts;
mod adoption;
mod bake;
mod caches;
mod clock;
mod connect;
mod consent;
mod copied;
mod databases;
mod deploy;
mod documents;
mod environments;
mod fetched;
mod holder;
mod host_keys;
mod image_shares;
mod images;
mod interrupts;
mod inventory;
mod keys;
mod lease;
mod limits;
mod live;
mod log;
mod machines;
mod operators;
mod options;
mod origin;
mod part;
mod prepare;
mod principals;
mod project_session;
mod protection;
mod prune;
mod reached;
mod renamed;
mod run;
mod run_command;
mod sandboxes;
mod saved;
mod scope;
mod search;
mod secrets;
mod shell;
mod snapshots;
mod source;
mod ssh;
mod ssh_keygen;
mod tables;
mod unlock;
mod unmanaged;
mod whoami;

pub(crate) use account::unusable;
pub(crate) use adoption::AdoptionRequest;
pub(crate) use bake::{BakeRequest, BakeSession, RunOptions, bake_session};
pub(crate) use caches::{CacheSession, cache_session};
pub(crate) use consent::yes as confirm;
pub(crate) use copied::Copied;
pub(crate) use databases::{DatabaseSession, Declared, database_session};
pub(crate) use deploy::{DeployRequest, DeploySession, DeployWay, Pick, Target, Ticket, deploy_session};
pub(crate) use documents::{document, documents};
pub(crate) use environments::EnvironmentsRequest;
pub(crate) use image_shares::Sharing;
pub(crate) use images::{ImageSession, Leftover, image_session};
pub(crate) use interrupts::Interrupts;
pub(crate) use inventory::{InventoryRequest, inventory};
pub(crate) use keys::{KeySession, KeysRequest, user_keys};
pub(crate) use lease::{LeaseCheck, LeaseContext, LeaseWait};
pub(crate) use limits::limits;
pub(crate) use live::{Intent, Prepared};
pub(crate) use log::{Log, read, recorded};
pub(crate) use machines::{Chosen, Machines};
pub(crate) use operators::{OperatorSession, operator_session};
pub(crate) use options::{
    Allow, Connection, Execution, Locking, Reading, Selection, Shown, Way, Writing, age, ago, duration,
};
pub(crate) use part::Part;
pub(crate) use prepare::{Request, prepare};
pub(crate) use principals::principals;
pub(crate) use project_session::{ProjectSession, open_project};
pub(crate) use protection::{keeps_data, protection};
pub(crate) use run::{Consent, refusal, run, would_be_refused};
pub(crate) use run_command::{Document, Prepared as PreparedCommand, Ran, prepare_command};
pub(crate) use sandboxes::{SandboxRequest, live_sandbox, live_sandboxes, wanted_sandbox};
pub(crate) use saved::{PlanDigest, SavedPlan, save};
pub(crate) use search::{Searches, searches};
pub(crate) use secrets::{Change, NewKey, SecretSession, generate, secret_session};
pub(crate) use snapshots::{EmptyDisk, SnapshotSession, snapshot_session};
pub(crate) use source::Source;
pub(crate) use ssh::{Ended, Outcome, Output, Reach, Remote, RemoteOptions, Told, remote};
pub(crate) use tables::{From, TableSession, table_session};
pub(crate) use unlock::Locks;
pub(crate) use unmanaged::{UnmanagedRequest, unmanaged};
pub(crate) use whoami::{decoded, whoami};

use anyhow::Context;

use crate::exit::Result;

/// Runs a command that calls AWS, with its interrupts.
pub(crate) fn block_on<T, F: Future<Output = Result<T>>>(work: impl FnOnce(Interrupts) -> F) -> Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let result = runtime.block_on(async { work(Interrupts::listen()?).await });
    // An unanswered question blocks a thread of its own.
    runtime.shutdown_background();
    result
}
