use anyhow::bail;
use asiaq_compiler::did_you_mean;
use asiaq_runtime::Goal;

use crate::engine::{
    self, Consent, EnvironmentsRequest, Execution, Interrupts, Log, Part, Request, Selection,
    SnapshotSession, Source,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui;

#[derive(clap::Args, Debug)]
pub(crate) struct Link {
    /// Name of the hostclass
    #[arg(value_name = "HOSTCLASS")]
    hostclass: String,
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    #[command(flatten)]
    execution: Execution,
}

impl Link {
    pub(super) fn run(&self) -> Result<Exit> {
        let Self { hostclass, project, env, execution } = self;
        execution.refuse_prune("snapshot link")?;
        let (path, envs, hostclasses) = (project.path.as_deref(), [env.clone()], [hostclass.clone()]);
        let Execution { connection, format, .. } = execution;
        engine::block_on(async |interrupts| {
            let request = EnvironmentsRequest { path, envs: &envs, connection, format: *format };
            let session = engine::snapshot_session(request, &interrupts);
            let session = interrupts.guard(Box::pin(session)).await?;
            let pipeline = self.refuse_unusable(&session)?;
            self.say_newest(&session, &interrupts).await?;
            let selection = Selection::of(env);
            let work = async |log: &Log| {
                let request = Request {
                    part: Some(Part { pipeline: &pipeline, hostclasses: &hostclasses }),
                    templates_only: true,
                    is_read: true,
                    verb: "up",
                    ..Request::of(&selection, path, Goal::Apply, connection, *format, log)
                };
                engine::run(Source::Program(request), execution, Consent::Yes, log, &interrupts).await
            };
            engine::recorded(&execution.recording, "snapshot link", work).await
        })
    }

    /// The pipeline that runs the hostclass. Refuses one whose disks start from no snapshot.
    fn refuse_unusable(&self, session: &SnapshotSession) -> anyhow::Result<String> {
        let Self { hostclass, env, .. } = self;
        let checked = session.checked();
        let environments = checked.environments();
        let declared = environments.iter().find(|declared| declared.name == *env);
        let Some(pipeline) = declared.and_then(|declared| declared.pipeline.as_ref()) else {
            bail!("environment `{env}` runs no instances: it has no `pipeline`");
        };
        let disk = checked.kept_disk(env, hostclass).filter(|disk| disk.is_run);
        let known: Vec<&str> = pipeline.stages.iter().flatten().map(String::as_str).collect();
        match disk {
            Some(disk) if disk.is_stateful => Ok(pipeline.name.clone()),
            Some(_) => {
                bail!("`{hostclass}` is not `stateful = true` in `{env}`: its disks start from no snapshot")
            }
            None => match did_you_mean(hostclass, &known) {
                Some(near) => bail!("environment `{env}` runs no `{hostclass}`; did you mean `{near}`?"),
                None => bail!("environment `{env}` runs no `{hostclass}`; it runs {}", ui::listed(&known)),
            },
        }
    }

    async fn say_newest(&self, session: &SnapshotSession, interrupts: &Interrupts) -> Result<()> {
        let Self { hostclass, env, .. } = self;
        let all = interrupts.until_interrupted(session.snapshots()).await?;
        let all = all.of(session.checked(), std::slice::from_ref(hostclass))?;
        if let Some(next) = all.iter().find(|one| one.is_next) {
            ui::say(&format!(
                "the newest snapshot of `{hostclass}` in `{env}` is {} of {}, {} GiB\n",
                next.id, next.started, next.size
            ));
            return Ok(());
        }
        let why = if all.iter().any(|one| one.state == "pending") {
            "the newest is not whole yet: wait, and try again"
        } else {
            "`asiaq snapshot create` makes the first"
        };
        Err(anyhow::anyhow!("there is no snapshot of `{hostclass}` in `{env}`: {why}").into())
    }
}
