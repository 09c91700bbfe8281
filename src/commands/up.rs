use asiaq_runtime::Goal;

use crate::commands::pipeline::Pipeline;
use crate::engine::Consent;
use crate::exit::{Exit, Result};

/// Brings the machines of a pipeline up, stage by stage
///
/// Makes or changes what the pipeline runs in one environment: launch templates, groups, load balancers, their
/// names and alarms. A stage begins when the one before it has passed its smoke tests. The network is left as it is.
#[derive(clap::Args, Debug)]
pub(crate) struct Up {
    #[command(flatten)]
    pipeline: Pipeline,
}

impl Up {
    pub(crate) fn run(&self) -> Result<Exit> {
        self.pipeline.run("up", Goal::Apply, Consent::Yes)
    }
}
