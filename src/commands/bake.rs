use std::path::PathBuf;

use anyhow::{anyhow, bail};
use asiaq_runtime::{Baked, PlannedBake, SettledBake};
use serde::Serialize;

use crate::engine::{
    self, BakeRequest, BakeSession, Connection, EnvironmentsRequest, Interrupts, RunOptions, Writing,
};
use crate::exit::{Exit, Halt, Result};
use crate::project::names_and_path;
use crate::ui::{self, Format, bakes, json};

/// Makes AMIs of images and hostclasses
///
/// Each bake starts an instance in the `bakery`, copies files to it and runs scripts there over SSH, and makes an AMI of it. The
/// instance is terminated in any case. What a run has left behind that was killed is finished or removed by the next one.
#[derive(clap::Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Bake {
    /// Images and hostclasses; behind them a file, or a folder with .asq files. Default: every hostclass that has a `bake`, of
    /// the program in this folder
    #[arg(value_name = "NAME")]
    words: Vec<String>,
    /// Stage of the AMIs. Default: `new` of the project's `stage_roles`
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// Makes private AMIs, which no environment uses by itself
    #[arg(long)]
    private: bool,
    /// Starts from this AMI in place of the one of the program
    #[arg(long, value_name = "AMI")]
    source_ami: Option<String>,
    /// Additional tag of the AMIs; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,
    /// Number of bakes at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=50))]
    jobs: u8,
    /// Keeps the instances for looking at them, and makes no AMIs
    #[arg(long)]
    keep: bool,
    /// Reaches the instances by their private addresses, as through a VPN or a jump host
    #[arg(long)]
    use_private_ip: bool,
    /// Accepts the host key of the first contact in place of those that an instance writes to its console
    #[arg(long)]
    accept_host_key: bool,
    /// Configuration of `ssh` in place of the usual one, as `ssh -F` has it
    #[arg(long, value_name = "FILE")]
    ssh_config: Option<PathBuf>,
    /// Folder of the logs, one for each bake
    #[arg(long, value_name = "FOLDER", default_value = "bake-logs")]
    log_dir: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    writing: Writing,
}

fn tag(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// What a run would do.
#[derive(Debug, Serialize)]
struct Plan {
    bakes: Vec<PlannedBake>,
    /// What is done about what earlier runs have left behind.
    left_over: Vec<SettledBake>,
}

/// What a run has done.
#[derive(Debug, Serialize)]
struct Outcome {
    bakes: Vec<Baked>,
    left_over: Vec<SettledBake>,
}

impl Bake {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| self.bake(&interrupts).await)
    }

    async fn bake(&self, interrupts: &Interrupts) -> Result<Exit> {
        let (names, path) = names_and_path(&self.words);
        self.check()?;
        let environments =
            EnvironmentsRequest { path, envs: &[], connection: &self.connection, format: self.format };
        let request = BakeRequest {
            environments,
            names,
            stage: self.stage.as_deref(),
            is_private: self.private,
            source: self.source_ami.as_deref(),
            tags: &self.tags,
        };
        let session = interrupts.guard(Box::pin(engine::bake_session(request, interrupts))).await?;
        let look = async {
            // Where nothing is shown, only the run itself looks.
            let is_shown = self.writing.dry_run || !self.writing.yes;
            Ok(if is_shown { session.settle(true).await? } else { Vec::new() })
        };
        let left_over = interrupts.guard(Box::pin(look)).await?;
        let plan = Plan { bakes: session.planned(), left_over };
        for warning in plan.bakes.iter().flat_map(|bake| &bake.warnings) {
            ui::warn(warning);
        }
        if self.writing.dry_run {
            match self.format {
                Format::Json => json::print(&plan),
                Format::Text => ui::out(&bakes::plan(&plan.bakes, &plan.left_over)),
            }
            return Ok(Exit::Changes);
        }
        if !self.writing.yes {
            ui::say(&bakes::plan(&plan.bakes, &plan.left_over));
        }
        let question = format!("Make {}?", ui::count(plan.bakes.len(), "AMI"));
        self.writing.agreed(&question, interrupts).await?;
        self.carry_out(&session, interrupts).await
    }

    fn check(&self) -> anyhow::Result<()> {
        if let Some(stage) = &self.stage
            && (stage.trim().is_empty() || stage.trim() != stage)
        {
            bail!("`{stage}` is no stage: write a word");
        }
        if let Some(config) = &self.ssh_config
            && !config.exists()
        {
            bail!("there is no file `{}`", config.display());
        }
        Ok(())
    }

    async fn carry_out(&self, session: &BakeSession, interrupts: &Interrupts) -> Result<Exit> {
        let settle = async { Ok(session.settle(false).await?) };
        let left_over = interrupts.guard(Box::pin(settle)).await?;
        for one in &left_over {
            ui::say(&bakes::settled(one));
        }
        let options = RunOptions {
            keep: self.keep,
            use_private_ip: self.use_private_ip,
            accept_host_key: self.accept_host_key,
            ssh_config: self.ssh_config.clone(),
            log_folder: self.log_dir.clone(),
        };
        let started = std::time::Instant::now();
        let tell = |name: &str, what: &str| ui::say(&bakes::step(name, started.elapsed(), what));
        let run = session.run(&options, usize::from(self.jobs), interrupts, tell);
        let bakes = interrupts.until_second(Box::pin(run)).await.inspect_err(|halt| {
            if matches!(halt, Halt::Interrupted) {
                ui::warn(
                    "ended at once: the next `asiaq bake` terminates the instances that are still there",
                );
            }
        })?;
        let failed = bakes.iter().filter(|bake| bake.error.is_some()).count();
        let all = bakes.len();
        match self.format {
            Format::Json => json::print(&Outcome { bakes, left_over }),
            Format::Text => {
                for bake in bakes.iter().filter(|bake| bake.error.is_some()) {
                    ui::say(&bakes::failure(bake));
                }
                ui::out(&bakes::list(&bakes));
            }
        }
        match failed {
            0 => Ok(Exit::Done),
            _ if interrupts.any() => Ok(Exit::Interrupted),
            failed if failed < all => Ok(Exit::Partial),
            _ => Err(anyhow!("no AMI was made").into()),
        }
    }
}
