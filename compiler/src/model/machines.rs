//! The Auto Scaling groups of an environment: the instances of its hostclasses, and the pipeline that sizes them.

mod hostclass;
mod image;
mod pipeline;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use asiaq_lang::Span;

pub(super) use hostclass::Parts;
pub(crate) use image::ImageSource;
pub(super) use pipeline::Pipelines;
pub(crate) use pipeline::run_block;

use super::{Environment, Host};
use crate::evaluate::Resolved;
use crate::value::{Address, Capacity, Reserve, Script, Spanned};

/// Defaults that the project declares for an environment, except region and account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ProjectDefaults {
    /// The whole of the project's declaration.
    pub(crate) span: Span,
    /// Domain under which hosts and load balancers are named.
    pub(crate) domain: Option<Resolved<String>>,
    /// Team that owns the project.
    pub(crate) team: Option<Resolved<String>>,
    /// Further accounts whose AMIs are accepted.
    pub(crate) trusted_accounts: Vec<Spanned<String>>,
    /// Hostclass that is the proxy.
    pub(crate) http_proxy: Option<Resolved<String>>,
    /// Hostclass that stores logs.
    pub(crate) logger: Option<Resolved<String>>,
    /// Hostclass that forwards logs.
    pub(crate) log_forwarder: Option<Resolved<String>>,
    /// Hostclasses through which others are reached over SSH.
    pub(crate) jump_hosts: Vec<Spanned<String>>,
}

/// The settings of a hostclass's instances in an environment, apart from those of its run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Machine {
    /// Static private addresses, in place of the single one.
    pub(crate) ips: Resolved<Vec<Spanned<Address>>>,
    /// Further metanetworks whose security groups the instances join.
    pub(crate) security: Resolved<Vec<Spanned<String>>>,
    /// Instance profile, by name.
    pub(crate) profile: Option<Resolved<String>>,
    /// Key pair, by name.
    pub(crate) key: Option<Resolved<String>>,
    /// Product line.
    pub(crate) product_line: Option<Resolved<String>>,
    /// Domain, where it is not the project's.
    pub(crate) domain: Option<Resolved<String>>,
    /// Whether instances may be terminated at random.
    pub(crate) chaos: Resolved<bool>,
    /// Whether instances use the proxy.
    pub(crate) proxy: Resolved<bool>,
    /// Further tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Further lines of user data.
    pub(crate) user_data: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Scripts that run at the first boot, in order.
    pub(crate) script: Option<Resolved<Vec<Spanned<Script>>>>,
    /// Termination policies of the Auto Scaling group, as the schema spells them, in order.
    pub(crate) termination_policies: Resolved<Vec<Spanned<String>>>,
    /// Size of the root volume in GiB, if it differs from the AMI's.
    pub(crate) root_size: Option<Resolved<u64>>,
    /// Number of instance store volumes.
    pub(crate) ephemeral: Option<Resolved<i64>>,
    /// Whether instances get a volume from the newest snapshot.
    pub(crate) stateful: Resolved<bool>,
    /// Whether the instances are EBS-optimized.
    pub(crate) ebs_optimized: Resolved<bool>,
    /// Whether detailed monitoring (one-minute metrics) is on.
    pub(crate) monitoring: Resolved<bool>,
    /// Whether the metadata service requires a token (`IMDSv2`).
    pub(crate) metadata_tokens: Resolved<bool>,
    /// Further EBS volumes, in order of first appearance.
    pub(crate) disks: Vec<Disk>,
    /// How the AMI is chosen.
    pub(crate) image: Image,
    /// The smoke test of the instances.
    pub(crate) smoke_test: SmokeTest,
    /// How a deployment tests the instances.
    pub(crate) test: Test,
    /// Whether the file declares how a deployment tests the instances.
    pub(crate) is_tested: bool,
    /// Whether the file declares how a deployment tests or replaces the instances.
    pub(crate) is_deployed: bool,
}

/// A further EBS volume of a [`Machine`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Disk {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Size in GiB; absent if broken.
    pub(crate) size: Option<Resolved<u64>>,
    /// Volume type.
    pub(crate) volume: Resolved<String>,
    /// IOPS.
    pub(crate) iops: Option<Resolved<i64>>,
    /// Throughput in MiB per second.
    pub(crate) throughput: Option<Resolved<i64>>,
    /// Whether it is encrypted.
    pub(crate) encrypted: Resolved<bool>,
}

/// How the AMI of a hostclass is chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    /// Id of the only accepted AMI.
    pub(crate) id: Option<Resolved<String>>,
    /// Pattern of the names of accepted AMIs, of which the newest is chosen.
    pub(crate) newest: Option<Resolved<String>>,
    /// Owner of the AMIs whose names match.
    pub(crate) owner: Option<Resolved<String>>,
    /// Systems Manager parameter with the id of the AMI.
    pub(crate) parameter: Option<Resolved<String>>,
    /// Accepted stages, if they differ from the environment's.
    pub(crate) stages: Option<Resolved<Vec<Spanned<String>>>>,
    /// Accepted product line, if it differs from the hostclass's.
    pub(crate) product_line: Option<Resolved<String>>,
}

/// The block `test`: how a deployment tests instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Test {
    /// Hostclass whose instances run the test; that under test where absent.
    pub(crate) hostclass: Option<Resolved<String>>,
    /// Operating system user.
    pub(crate) user: Option<Resolved<String>>,
    /// Command, which gets the name of the test.
    pub(crate) command: Option<Resolved<String>>,
    /// Environment of the instances that run the test; the deployment's where absent.
    pub(crate) env: Option<Resolved<String>>,
    /// Document that switches testing mode.
    pub(crate) testing_mode: Option<Resolved<String>>,
    /// Document that runs the test.
    pub(crate) integration: Option<Resolved<String>>,
}

/// The test that a new instance works.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SmokeTest {
    /// Where it is declared; absent for a default.
    pub(crate) span: Option<Span>,
    /// `tag`, `http` or `ssm`.
    pub(crate) check: Resolved<String>,
    /// Port to ask.
    pub(crate) port: Option<Resolved<crate::value::Ports>>,
    /// Path to ask for.
    pub(crate) path: Option<Resolved<String>>,
    /// Document to run.
    pub(crate) document: Option<Resolved<String>>,
    /// Timeout in seconds.
    pub(crate) timeout: Resolved<u64>,
    /// Whether an instance that fails later takes itself out of service.
    pub(crate) terminates: Resolved<bool>,
}

/// A pipeline: the Auto Scaling groups of an environment, in stages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pipeline {
    /// Name.
    pub(crate) name: String,
    /// Its stages, in order; none is empty.
    pub(crate) stages: Vec<Stage>,
    /// The hostclasses that it runs.
    hostclasses: BTreeSet<String>,
}

/// Hostclasses that start together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    /// Its name, or the word `stage`, where it is first declared.
    pub(crate) span: Span,
    /// Its runs, in order.
    pub(crate) runs: Vec<Run>,
}

/// A run: the Auto Scaling group of a hostclass in an environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    /// Hostclass.
    pub(crate) hostclass: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Sizes of the group.
    pub(crate) sizes: Sizes,
    /// Instance type.
    pub(crate) instance_type: Resolved<String>,
    /// Further instance types.
    pub(crate) types: Resolved<Vec<Spanned<String>>>,
    /// GiB added to the root volume.
    pub(crate) extra_space: Option<Resolved<u64>>,
    /// Size of an additional volume in GiB.
    pub(crate) extra_disk: Option<Resolved<u64>>,
    /// IOPS of the additional volume and of the volume from a snapshot.
    pub(crate) iops: Option<Resolved<i64>>,
    /// Whether the next stage waits for the smoke test.
    pub(crate) smoke_test: Resolved<bool>,
    /// Id of the only accepted AMI.
    pub(crate) ami: Option<Resolved<String>>,
    /// Termination policies, if the hostclass sets none.
    pub(crate) termination_policies: Option<Resolved<Vec<Spanned<String>>>>,
    /// Whether instances may be terminated at random, if the hostclass does not set it.
    pub(crate) chaos: Option<Resolved<bool>>,
    /// Health check type of the group: `machine` (EC2) or `balancer` (ELB).
    pub(crate) health: Resolved<String>,
    /// Health check grace period in seconds.
    pub(crate) grace: Resolved<u64>,
    /// Whether a deployment may replace the instances.
    pub(crate) deployable: Resolved<bool>,
    /// How it does that: `blue_green` or `rolling`.
    pub(crate) strategy: Resolved<String>,
    /// Integration test that a deployment runs.
    pub(crate) integration_test: Option<Resolved<String>>,
    /// The spot part of the group.
    pub(crate) spot: Option<Spot>,
    /// Scaling policies, in order of first appearance.
    pub(crate) scaling: Vec<Scaling>,
}

/// The sizes of a [`Run`], in instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sizes {
    /// Fewest.
    pub(crate) min: Option<Resolved<Capacity>>,
    /// Wanted.
    pub(crate) desired: Option<Resolved<Capacity>>,
    /// Most.
    pub(crate) max: Option<Resolved<Capacity>>,
    /// Whether a size is broken, so that the others cannot be checked against it.
    pub(crate) is_broken: bool,
}

/// The spot part of a [`Run`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    /// Where it is declared.
    pub(crate) span: Span,
    /// The on-demand part.
    pub(crate) reserve: Resolved<Reserve>,
}

/// A scaling policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scaling {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Metric of target tracking.
    pub(crate) track: Option<Resolved<String>>,
    /// Target value of the metric.
    pub(crate) target: Option<Resolved<f64>>,
    /// Instances to add, as a number or in percent.
    pub(crate) add: Option<Resolved<Reserve>>,
    /// Instances to remove, as a number or in percent.
    pub(crate) remove: Option<Resolved<Reserve>>,
    /// Minimum number of instances that a change in percent adds or removes.
    pub(crate) at_least: Option<Resolved<i64>>,
    /// Cooldown in seconds.
    pub(crate) cooldown: Option<Resolved<u64>>,
    /// Warmup of a new instance in seconds.
    pub(crate) warmup: Option<Resolved<u64>>,
    /// Steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// A step of a [`Scaling`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// Where it is declared.
    pub(crate) span: Span,
    /// Lower bound, as a distance from the threshold.
    pub(crate) from: Option<Resolved<f64>>,
    /// Upper bound, as a distance from the threshold.
    pub(crate) to: Option<Resolved<f64>>,
    /// Instances to add, as a number or in percent.
    pub(crate) add: Option<Resolved<Reserve>>,
    /// Instances to remove, as a number or in percent.
    pub(crate) remove: Option<Resolved<Reserve>>,
}

/// Where the hostclasses of the runs of an environment are, looked up once. It follows from the others, and so is equal in
/// equal environments.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostsOfRuns(OnceLock<Vec<Option<usize>>>);

impl PartialEq for HostsOfRuns {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Pipeline {
    pub(super) fn new(name: String, stages: Vec<Stage>) -> Self {
        let runs = stages.iter().flat_map(|stage| &stage.runs);
        let hostclasses = runs.map(|run| run.hostclass.clone()).collect();
        Self { name, stages, hostclasses }
    }

    /// Whether it runs hostclass `host`.
    pub(super) fn has(&self, host: &str) -> bool {
        self.hostclasses.contains(host)
    }

    /// Everything it runs, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.stages.iter().flat_map(|stage| &stage.runs)
    }
}

impl Environment {
    /// Whether its instances get the tags and lines of user data that those of the original Asiaq got.
    pub(crate) fn is_classic(&self) -> bool {
        self.instance_data.value == "classic"
    }

    /// What runs here: each run whose hostclass has a metanetwork here, with the hostclass.
    pub(crate) fn running(&self) -> impl Iterator<Item = (&Host, &Run)> {
        self.stages_running().flat_map(|(_, runs)| runs)
    }

    /// The number of each stage, from 1, with what of it runs here.
    pub(crate) fn stages_running(
        &self,
    ) -> impl Iterator<Item = (usize, impl Iterator<Item = (&Host, &Run)>)> {
        let mut hosts = self.hosts_of_runs.0.get_or_init(|| self.find_hosts()).as_slice();
        self.pipeline.iter().flat_map(|pipeline| &pipeline.stages).enumerate().map(move |(at, stage)| {
            let (own, rest) = hosts.split_at_checked(stage.runs.len()).unwrap_or((hosts, &[]));
            hosts = rest;
            let runs = own.iter().zip(&stage.runs);
            let here = runs.filter_map(|(host, run)| Some((&**self.hosts.get((*host)?)?, run)));
            (at + 1, here)
        })
    }

    /// The place in `hosts` of the hostclass of each run, in order.
    fn find_hosts(&self) -> Vec<Option<usize>> {
        let runs = self.pipeline.iter().flat_map(|pipeline| pipeline.runs());
        let find = |run: &Run| self.hosts.binary_search_by(|host| host.name.cmp(&run.hostclass)).ok();
        runs.map(find).collect()
    }
}

impl Sizes {
    /// The three, with what each is called.
    pub(crate) fn each(&self) -> [(&'static str, Option<&Resolved<Capacity>>); 3] {
        [("min", self.min.as_ref()), ("desired", self.desired.as_ref()), ("max", self.max.as_ref())]
    }
}
