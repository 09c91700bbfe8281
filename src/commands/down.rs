use asiaq_runtime::Goal;

use crate::commands::pipeline::Pipeline;
use crate::engine::Consent;
use crate::exit::{Exit, Result};

/// Takes the machines of a pipeline down, the last stage first
///
/// Groups are drained before they go, and with them their load balancers, names and alarms. The network, topics,
/// log groups and static addresses stay; another `asiaq up` or `asiaq apply` brings the machines back.
#[derive(clap::Args, Debug)]
pub(crate) struct Down {
    #[command(flatten)]
    pipeline: Pipeline,
}

impl Down {
    pub(crate) fn run(&self) -> Result<Exit> {
        self.pipeline.run("down", Goal::Destroy, Consent::Names)
    }
}
