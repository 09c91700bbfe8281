use std::path::PathBuf;

use anyhow::anyhow;
use asiaq_ir::Risk;
use asiaq_runtime::Goal;

use crate::engine::{self, Consent, Execution, Log, PlanDigest, Request, SavedPlan, Selection, Source};
use crate::exit::{Exit, Result};
use crate::project;

/// Applies the plan: changes AWS to match the program
///
/// Shows the plan and asks for confirmation. Ctrl-C finishes the calls in flight and stops; a second Ctrl-C stops
/// immediately. Completed changes are kept, and the next apply continues from there.
#[derive(clap::Args, Debug)]
pub(crate) struct Apply {
    /// A file, a folder with .asq files, or a plan saved by `asiaq plan -o`. Default: this folder
    #[arg(value_name = "PATH|PLAN")]
    path: Option<PathBuf>,
    /// Apply the saved plan only if its file has this digest, which `asiaq plan -o` printed
    #[arg(long, value_name = "SHA256")]
    digest: Option<PlanDigest>,
    #[command(flatten)]
    selection: Selection,
    /// Do at once what would wait for a maintenance window or a reboot
    ///
    /// A database then restarts while it is used, and whatever waits already comes with it.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    execution: Execution,
}

impl Apply {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { selection, execution, .. } = self;
        let Execution { connection, format, .. } = execution;
        let path = self.path.as_deref();
        let saved = path.filter(|path| !project::is_project(path));
        if saved.is_some() && selection.is_named() {
            let why = "a saved plan includes its environments: remove `--env` and `--account`";
            return Err(anyhow!(why).into());
        }
        if saved.is_some() && self.now {
            let why = "a saved plan says itself what waits: make it with `asiaq plan --now`";
            return Err(anyhow!(why).into());
        }
        if saved.is_some() && execution.prunes() {
            let why = "a saved plan removes nothing that is unmanaged: name the program with `--allow prune`";
            return Err(anyhow!(why).into());
        }
        if execution.prunes() && selection.accounts.is_empty() && !selection.envs.is_empty() {
            let why = "environments have nothing that is unmanaged: name accounts with `--account` beside `--allow prune`";
            return Err(anyhow!(why).into());
        }
        let digest = self.digest.as_ref();
        if saved.is_none() && digest.is_some() {
            return Err(anyhow!(
                "`--digest` is about a saved plan: name the file that `asiaq plan -o` wrote"
            )
            .into());
        }
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let source = match saved {
                    Some(path) => Source::Saved(SavedPlan { path, digest }, connection, log),
                    None => Source::Program(Request {
                        data_loss: execution.allows(Risk::DataLoss),
                        now: self.now,
                        prune: execution.prunes(),
                        ..Request::of(selection, path, Goal::Apply, connection, *format, log)
                    }),
                };
                engine::run(source, execution, Consent::Yes, log, &interrupts).await
            };
            engine::recorded(&execution.recording, "apply", work).await
        })
    }
}
