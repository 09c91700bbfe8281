//! `up` and `down`: the part of an environment that a pipeline runs.

use asiaq_runtime::Goal;

use crate::engine::{self, Consent, Execution, Log, Part, Request, Selection, Source};
use crate::exit::{Exit, Result};
use crate::project::Project;

/// Brings the instances of a pipeline up, stage by stage
///
/// Creates or updates what the pipeline runs in one environment: launch templates, Auto Scaling groups, load
/// balancers, their DNS records and alarms. A stage starts when the stage before it has passed its smoke tests. The
/// network does not change.
#[derive(clap::Args, Debug)]
pub(crate) struct Up {
    #[command(flatten)]
    pipeline: Pipeline,
}

/// Takes the instances of a pipeline down, the last stage first
///
/// Auto Scaling groups are drained before they are deleted, together with their load balancers, DNS records and
/// alarms. The network, notification topics, log groups and static addresses stay; `asiaq up` or `asiaq apply`
/// brings the instances back.
#[derive(clap::Args, Debug)]
pub(crate) struct Down {
    #[command(flatten)]
    pipeline: Pipeline,
}

impl Up {
    pub(crate) fn run(&self) -> Result<Exit> {
        self.pipeline.run("up", Goal::Apply, Consent::Yes)
    }
}

impl Down {
    pub(crate) fn run(&self) -> Result<Exit> {
        self.pipeline.run("down", Goal::Destroy, Consent::Names)
    }
}

/// A pipeline in an environment.
#[derive(clap::Args, Debug)]
struct Pipeline {
    /// Name of the pipeline
    #[arg(value_name = "PIPELINE")]
    name: String,
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Only this hostclass; may be repeated. Default: every hostclass of the pipeline
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    #[command(flatten)]
    execution: Execution,
}

impl Pipeline {
    fn run(&self, verb: &str, goal: Goal, consent: Consent) -> Result<Exit> {
        let Self { project, execution, .. } = self;
        let Execution { connection, format, .. } = execution;
        execution.refuse_prune(verb)?;
        let selection = Selection::of(&self.env);
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let request = Request {
                    part: Some(Part { pipeline: &self.name, hostclasses: &self.hostclasses }),
                    verb,
                    ..Request::of(&selection, project.path.as_deref(), goal, connection, *format, log)
                };
                let source = Source::Program(request);
                engine::run(source, execution, consent, log, &interrupts).await
            };
            engine::recorded(&execution.recording, verb, work).await
        })
    }
}
