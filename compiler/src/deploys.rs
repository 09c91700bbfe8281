//! What a program says of deployments, for commands.

use crate::Checked;
use crate::evaluate::Resolved;
use crate::model::{Host, ImageSource, Run};

/// What a deployment of a hostclass in an environment needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployable {
    /// Environment.
    pub env: String,
    /// AWS region.
    pub region: String,
    /// Hostclass.
    pub hostclass: String,
    /// Whether the instances may be replaced while they serve.
    pub is_deployable: bool,
    /// Whether they are replaced a few at a time, in the same Auto Scaling group.
    pub is_rolling: bool,
    /// Whether the AMI is chosen by the name of the hostclass.
    pub is_by_name: bool,
    /// Accepted stages, the preferred one first; empty for any.
    pub stages: Vec<String>,
    /// Accepted product line.
    pub product_line: Option<String>,
    /// Stage of an AMI that is not tested yet.
    pub new_stage: String,
    /// Stage of an AMI that has passed.
    pub good_stage: String,
    /// Stage of an AMI that has failed.
    pub bad_stage: String,
    /// The integration test.
    pub test: Option<IntegrationTest>,
    /// Systems Manager document that switches an instance into testing mode and back.
    pub testing_mode: Option<String>,
}

/// The integration test of a hostclass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationTest {
    /// Its name: the argument of the command.
    pub name: String,
    /// Environment of the instances that run it.
    pub env: String,
    /// Their hostclass.
    pub hostclass: String,
    /// Operating system user that runs the command.
    pub user: Option<String>,
    /// Command that runs it.
    pub command: Option<String>,
    /// Systems Manager document that runs it.
    pub document: Option<String>,
}

impl Checked {
    /// What is deployed in an environment, in order of the stages of its pipeline.
    pub fn deployables(&self, env: &str) -> Vec<Deployable> {
        let Some(environment) = self.model.environment(env) else { return Vec::new() };
        let runs = environment.pipeline.iter().flat_map(|pipeline| &pipeline.stages);
        let one = |run: &Run| {
            let host = environment.hosts.iter().find(|host| host.name == run.hostclass)?;
            let stages = host.machine.image.stages.as_ref().unwrap_or(&environment.ami_stages);
            let line = host.machine.image.product_line.as_ref().or(host.machine.product_line.as_ref());
            let roles = &self.model.bakes.stages;
            Some(Deployable {
                env: environment.name.clone(),
                region: environment.region.value.clone(),
                hostclass: run.hostclass.clone(),
                is_deployable: run.deployable.value,
                is_rolling: run.strategy.value == "rolling",
                is_by_name: matches!(host.machine.image.source(run), ImageSource::Hostclass),
                stages: stages.value.iter().map(|stage| stage.value.trim().to_owned()).collect(),
                product_line: text(line),
                new_stage: roles.new.clone(),
                good_stage: roles.good.clone(),
                bad_stage: roles.bad.clone(),
                test: integration_test(&environment.name, host, run),
                testing_mode: text(host.machine.test.testing_mode.as_ref()),
            })
        };
        runs.flat_map(|stage| &stage.runs).filter_map(one).collect()
    }
}

fn integration_test(env: &str, host: &Host, run: &Run) -> Option<IntegrationTest> {
    let test = &host.machine.test;
    let name = run.integration_test.as_ref()?.value.clone();
    Some(IntegrationTest {
        name,
        env: text(test.env.as_ref()).unwrap_or_else(|| env.to_owned()),
        hostclass: text(test.hostclass.as_ref()).unwrap_or_else(|| host.name.clone()),
        user: text(test.user.as_ref()),
        command: text(test.command.as_ref()),
        document: text(test.integration.as_ref()),
    })
}

fn text(set: Option<&Resolved<String>>) -> Option<String> {
    set.map(|set| set.value.clone())
}
