//! What runs in an environment: the machines of its hostclasses, and the pipeline that says how many.

mod hostclass;
mod pipeline;

use std::collections::BTreeMap;

use asiaq_lang::Span;

pub(super) use hostclass::Parts;
pub(super) use pipeline::Pipelines;
pub(crate) use pipeline::run_block;

use crate::evaluate::Resolved;
use crate::value::{Address, Capacity, Reserve, Spanned};

/// What the project says for an environment, beside its region and account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ProjectDefaults {
    /// The whole of the project's declaration.
    pub(crate) span: Span,
    /// Domain under which hosts and load balancers are named.
    pub(crate) domain: Option<Resolved<String>>,
    /// Team that owns the project.
    pub(crate) team: Option<Resolved<String>>,
    /// Further accounts whose images count.
    pub(crate) trusted_accounts: Vec<Spanned<String>>,
    /// Hostclass that is the proxy.
    pub(crate) http_proxy: Option<Resolved<String>>,
    /// Hostclass that stores logs.
    pub(crate) logger: Option<Resolved<String>>,
    /// Hostclass that forwards logs.
    pub(crate) log_forwarder: Option<Resolved<String>>,
}

/// The machines of a hostclass, wherever it runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Machine {
    /// Static private addresses, in place of the single one.
    pub(crate) ips: Resolved<Vec<Spanned<Address>>>,
    /// Further metanetworks whose security group they join.
    pub(crate) security: Resolved<Vec<Spanned<String>>>,
    /// Instance profile, by name.
    pub(crate) profile: Option<Resolved<String>>,
    /// Key pair, by name.
    pub(crate) key: Option<Resolved<String>>,
    /// Product line.
    pub(crate) product_line: Option<Resolved<String>>,
    /// Domain, where it is not the project's.
    pub(crate) domain: Option<Resolved<String>>,
    /// Whether they may be ended at random.
    pub(crate) chaos: Resolved<bool>,
    /// Whether they use the proxy.
    pub(crate) proxy: Resolved<bool>,
    /// Further tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Further lines of user data.
    pub(crate) user_data: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Which go first, by the schema's words.
    pub(crate) termination_policies: Resolved<Vec<Spanned<String>>>,
    /// GiB of the root disk, where it is not the image's.
    pub(crate) root_size: Option<Resolved<u64>>,
    /// Number of the machine's own disks.
    pub(crate) ephemeral: Option<Resolved<i64>>,
    /// Whether there is a disk from the newest snapshot.
    pub(crate) stateful: Resolved<bool>,
    /// Whether disks have bandwidth of their own.
    pub(crate) ebs_optimized: Resolved<bool>,
    /// Whether metrics come every minute.
    pub(crate) monitoring: Resolved<bool>,
    /// Whether metadata takes a token.
    pub(crate) metadata_tokens: Resolved<bool>,
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
    pub(crate) size: Option<Resolved<u64>>,
    /// Volume type.
    pub(crate) volume: Resolved<String>,
    /// Operations a second.
    pub(crate) iops: Option<Resolved<i64>>,
    /// MiB a second.
    pub(crate) throughput: Option<Resolved<i64>>,
    /// Whether it is encrypted.
    pub(crate) encrypted: Resolved<bool>,
}

/// Which image machines are made from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    /// This one and no other.
    pub(crate) id: Option<Resolved<String>>,
    /// Stages that count, where they are not the environment's.
    pub(crate) stages: Option<Resolved<Vec<Spanned<String>>>>,
    /// Product line that counts, where it is not the hostclass's.
    pub(crate) product_line: Option<Resolved<String>>,
}

/// How it is known that a machine works.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SmokeTest {
    /// Where it is declared; absent where it is not.
    pub(crate) span: Option<Span>,
    /// `tag`, `http` or `ssm`.
    pub(crate) check: Resolved<String>,
    /// Port to ask.
    pub(crate) port: Option<Resolved<crate::value::Ports>>,
    /// Path to ask for.
    pub(crate) path: Option<Resolved<String>>,
    /// Document to run.
    pub(crate) document: Option<Resolved<String>>,
    /// Seconds to wait.
    pub(crate) timeout: Resolved<u64>,
    /// Whether a machine that fails later takes itself out of service.
    pub(crate) terminates: Resolved<bool>,
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
    pub(crate) instance_type: Resolved<String>,
    /// Further instance types.
    pub(crate) types: Resolved<Vec<Spanned<String>>>,
    /// GiB that the root disk is larger.
    pub(crate) extra_space: Option<Resolved<u64>>,
    /// GiB of a further disk.
    pub(crate) extra_disk: Option<Resolved<u64>>,
    /// Operations a second of that and of a disk from a snapshot.
    pub(crate) iops: Option<Resolved<i64>>,
    /// Whether what follows waits for the smoke test.
    pub(crate) smoke_test: Resolved<bool>,
    /// This image and no other.
    pub(crate) ami: Option<Resolved<String>>,
    /// Which machines go first, where the hostclass does not say it.
    pub(crate) termination_policies: Option<Resolved<Vec<Spanned<String>>>>,
    /// Whether machines may be ended at random, where the hostclass does not say it.
    pub(crate) chaos: Option<Resolved<bool>>,
    /// Who says that a machine is healthy: `machine` or `balancer`.
    pub(crate) health: Resolved<String>,
    /// Seconds before a new machine's health counts.
    pub(crate) grace: Resolved<u64>,
    /// Whether a deployment may replace its machines.
    pub(crate) deployable: Resolved<bool>,
    /// What a deployment tests.
    pub(crate) integration_test: Option<Resolved<String>>,
    /// How much may be spot instances.
    pub(crate) spot: Option<Spot>,
    /// Changes of size by load, in order of first appearance.
    pub(crate) scaling: Vec<Scaling>,
}

/// How many machines a [`Run`] has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sizes {
    /// Fewest.
    pub(crate) min: Option<Resolved<Capacity>>,
    /// Wanted.
    pub(crate) desired: Option<Resolved<Capacity>>,
    /// Most.
    pub(crate) max: Option<Resolved<Capacity>>,
    /// Whether one of them is broken, so that nothing can be said of the others.
    pub(crate) is_broken: bool,
}

/// How much of a [`Run`] may be spot instances.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    /// Where it is declared.
    pub(crate) span: Span,
    /// What stays on demand.
    pub(crate) reserve: Resolved<Reserve>,
}

/// A change of size by load.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scaling {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Metric to keep near a value.
    pub(crate) track: Option<Resolved<String>>,
    /// The value.
    pub(crate) target: Option<Resolved<f64>>,
    /// What to add.
    pub(crate) add: Option<Resolved<Reserve>>,
    /// What to remove.
    pub(crate) remove: Option<Resolved<Reserve>>,
    /// At least so many machines.
    pub(crate) at_least: Option<Resolved<i64>>,
    /// Seconds before another change.
    pub(crate) cooldown: Option<Resolved<u64>>,
    /// Seconds until a new machine counts.
    pub(crate) warmup: Option<Resolved<u64>>,
    /// Steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// A step of a [`Scaling`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// Where it is declared.
    pub(crate) span: Span,
    /// From this distance on.
    pub(crate) from: Option<Resolved<f64>>,
    /// To this distance.
    pub(crate) to: Option<Resolved<f64>>,
    /// What to add.
    pub(crate) add: Option<Resolved<Reserve>>,
    /// What to remove.
    pub(crate) remove: Option<Resolved<Reserve>>,
}

impl Pipeline {
    /// Everything it runs, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.stages.iter().flat_map(|stage| &stage.runs)
    }
}

impl Sizes {
    /// The three, with what each is called.
    pub(crate) fn each(&self) -> [(&'static str, Option<&Resolved<Capacity>>); 3] {
        [("min", self.min.as_ref()), ("desired", self.desired.as_ref()), ("max", self.max.as_ref())]
    }
}
