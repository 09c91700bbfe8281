//! What runs in an environment: the machines of its hostclasses, and the pipeline that says how many.

mod hostclass;
mod pipeline;

use std::collections::BTreeMap;

use asiaq_lang::Span;

pub(super) use hostclass::Parts;
pub(super) use pipeline::Pipelines;
pub(crate) use pipeline::run_block;

use crate::evaluate::Set;
use crate::value::{Address, At, Capacity, Reserve};

/// What the project says for an environment, beside its region and account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Common {
    /// The whole of the project's declaration.
    pub(crate) span: Span,
    /// Domain under which hosts and load balancers are named.
    pub(crate) domain: Option<Set<String>>,
    /// Team that owns the project.
    pub(crate) team: Option<Set<String>>,
    /// Further accounts whose images count.
    pub(crate) trusted_accounts: Vec<At<String>>,
    /// Hostclass that is the proxy.
    pub(crate) http_proxy: Option<Set<String>>,
    /// Hostclass that stores logs.
    pub(crate) logger: Option<Set<String>>,
    /// Hostclass that forwards logs.
    pub(crate) log_forwarder: Option<Set<String>>,
}

/// The machines of a hostclass, wherever it runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Machine {
    /// Static private addresses, in place of the single one.
    pub(crate) ips: Set<Vec<At<Address>>>,
    /// Further metanetworks whose security group they join.
    pub(crate) security: Set<Vec<At<String>>>,
    /// Instance profile, by name.
    pub(crate) profile: Option<Set<String>>,
    /// Key pair, by name.
    pub(crate) key: Option<Set<String>>,
    /// Product line.
    pub(crate) product_line: Option<Set<String>>,
    /// Domain, where it is not the project's.
    pub(crate) domain: Option<Set<String>>,
    /// Whether they may be ended at random.
    pub(crate) chaos: Set<bool>,
    /// Whether they use the proxy.
    pub(crate) proxy: Set<bool>,
    /// Further tags.
    pub(crate) tags: Option<Set<BTreeMap<String, At<String>>>>,
    /// Further lines of user data.
    pub(crate) user_data: Option<Set<BTreeMap<String, At<String>>>>,
    /// Which go first, by the schema's words.
    pub(crate) termination_policies: Set<Vec<At<String>>>,
    /// GiB of the root disk, where it is not the image's.
    pub(crate) root_size: Option<Set<u64>>,
    /// Number of the machine's own disks.
    pub(crate) ephemeral: Option<Set<i64>>,
    /// Whether there is a disk from the newest snapshot.
    pub(crate) stateful: Set<bool>,
    /// Whether disks have bandwidth of their own.
    pub(crate) ebs_optimized: Set<bool>,
    /// Whether metrics come every minute.
    pub(crate) monitoring: Set<bool>,
    /// Whether metadata takes a token.
    pub(crate) metadata_tokens: Set<bool>,
    /// Further disks, in order of first appearance.
    pub(crate) disks: Vec<Disk>,
    /// Which image.
    pub(crate) image: Image,
    /// How it is known that they work.
    pub(crate) smoke_test: SmokeTest,
    /// Whether anything says how a deployment tests them.
    pub(crate) is_tested: bool,
}

/// A further disk of a [`Machine`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Disk {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// GiB; absent where that is broken.
    pub(crate) size: Option<Set<u64>>,
    /// Volume type.
    pub(crate) volume: Set<String>,
    /// Operations a second.
    pub(crate) iops: Option<Set<i64>>,
    /// MiB a second.
    pub(crate) throughput: Option<Set<i64>>,
    /// Whether it is encrypted.
    pub(crate) encrypted: Set<bool>,
}

/// Which image machines are made from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    /// This one and no other.
    pub(crate) id: Option<Set<String>>,
    /// Stages that count, where they are not the environment's.
    pub(crate) stages: Option<Set<Vec<At<String>>>>,
    /// Product line that counts, where it is not the hostclass's.
    pub(crate) product_line: Option<Set<String>>,
}

/// How it is known that a machine works.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SmokeTest {
    /// Where it is declared; absent where it is not.
    pub(crate) span: Option<Span>,
    /// `tag`, `http` or `ssm`.
    pub(crate) check: Set<String>,
    /// Port to ask.
    pub(crate) port: Option<Set<crate::value::Ports>>,
    /// Path to ask for.
    pub(crate) path: Option<Set<String>>,
    /// Document to run.
    pub(crate) document: Option<Set<String>>,
    /// Seconds to wait.
    pub(crate) timeout: Set<u64>,
    /// Whether a machine that fails later takes itself out of service.
    pub(crate) terminates: Set<bool>,
}

/// What runs in an environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pipeline {
    /// Name.
    pub(crate) name: String,
    /// Its stages, in order; none is empty.
    pub(crate) stages: Vec<Stage>,
}

/// Hostclasses that start together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    /// Its name, or the word `stage`, where it is first declared.
    pub(crate) span: Span,
    /// What it runs, in order.
    pub(crate) runs: Vec<Run>,
}

/// So many machines of a hostclass.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    /// Hostclass.
    pub(crate) hostclass: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// How many.
    pub(crate) sizes: Sizes,
    /// Instance type.
    pub(crate) instance_type: Set<String>,
    /// Further instance types.
    pub(crate) types: Set<Vec<At<String>>>,
    /// GiB that the root disk is larger.
    pub(crate) extra_space: Option<Set<u64>>,
    /// GiB of a further disk.
    pub(crate) extra_disk: Option<Set<u64>>,
    /// Operations a second of that and of a disk from a snapshot.
    pub(crate) iops: Option<Set<i64>>,
    /// Whether what follows waits for the smoke test.
    pub(crate) smoke_test: Set<bool>,
    /// This image and no other.
    pub(crate) ami: Option<Set<String>>,
    /// Which machines go first, where the hostclass does not say it.
    pub(crate) termination_policies: Option<Set<Vec<At<String>>>>,
    /// Whether machines may be ended at random, where the hostclass does not say it.
    pub(crate) chaos: Option<Set<bool>>,
    /// Who says that a machine is healthy: `machine` or `balancer`.
    pub(crate) health: Set<String>,
    /// Seconds before a new machine's health counts.
    pub(crate) grace: Set<u64>,
    /// Whether a deployment may replace its machines.
    pub(crate) deployable: Set<bool>,
    /// What a deployment tests.
    pub(crate) integration_test: Option<Set<String>>,
    /// How much may be spot instances.
    pub(crate) spot: Option<Spot>,
    /// Changes of size by load, in order of first appearance.
    pub(crate) scaling: Vec<Scaling>,
}

/// How many machines a [`Run`] has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sizes {
    /// Fewest.
    pub(crate) min: Option<Set<Capacity>>,
    /// Wanted.
    pub(crate) desired: Option<Set<Capacity>>,
    /// Most.
    pub(crate) max: Option<Set<Capacity>>,
    /// Whether one of them is broken, so that nothing can be said of the others.
    pub(crate) is_broken: bool,
}

/// How much of a [`Run`] may be spot instances.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    /// Where it is declared.
    pub(crate) span: Span,
    /// What stays on demand.
    pub(crate) reserve: Set<Reserve>,
}

/// A change of size by load.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scaling {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Metric to keep near a value.
    pub(crate) track: Option<Set<String>>,
    /// The value.
    pub(crate) target: Option<Set<f64>>,
    /// What to add.
    pub(crate) add: Option<Set<Reserve>>,
    /// What to remove.
    pub(crate) remove: Option<Set<Reserve>>,
    /// At least so many machines.
    pub(crate) at_least: Option<Set<i64>>,
    /// Seconds before another change.
    pub(crate) cooldown: Option<Set<u64>>,
    /// Seconds until a new machine counts.
    pub(crate) warmup: Option<Set<u64>>,
    /// Steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// A step of a [`Scaling`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// Where it is declared.
    pub(crate) span: Span,
    /// From this distance on.
    pub(crate) from: Option<Set<f64>>,
    /// To this distance.
    pub(crate) to: Option<Set<f64>>,
    /// What to add.
    pub(crate) add: Option<Set<Reserve>>,
    /// What to remove.
    pub(crate) remove: Option<Set<Reserve>>,
}

impl Pipeline {
    /// Everything it runs, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.stages.iter().flat_map(|stage| &stage.runs)
    }
}

impl Sizes {
    /// The three, with what each is called.
    pub(crate) fn each(&self) -> [(&'static str, Option<&Set<Capacity>>); 3] {
        [("min", self.min.as_ref()), ("desired", self.desired.as_ref()), ("max", self.max.as_ref())]
    }
}
