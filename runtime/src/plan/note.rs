//! Remarks about a plan, beside its steps.

use std::collections::BTreeSet;
use std::fmt;

use asiaq_ir::{
    Address, Ir, KeptSubnets, Kind, Lookup, ORIGIN_TAG, Origin, Ref, Rename, Resource, SmokeCheck,
};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::moves::Moves;
use super::step::{Action, Step};
use crate::ownership::Shown;
use crate::unread::unread_kinds;
use crate::{Foreign, Observed, Strange};

/// A remark about a plan for the user. Notes do not affect an apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A resource is not created because a dependency is out of scope and does not exist.
    LeftOut {
        /// The resource.
        address: Address,
        /// The dependency.
        missing: Address,
    },
    /// An element of a set is not created because the resource it references is out of scope and does not exist.
    ElementLeftOut {
        /// The resource.
        address: Address,
        /// The field with the set, such as `routes`.
        field: String,
        /// The key of the element (see [`Resource::element_key`](asiaq_ir::Resource::element_key)).
        element: String,
        /// The referenced resource.
        missing: Address,
    },
    /// AWS keeps a value that the program states otherwise, because it is set at creation.
    Keeps {
        /// The resource.
        address: Address,
        /// The field.
        field: String,
        /// The value in AWS; absent if listings do not show it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        live: Option<String>,
        /// The value in the program.
        wanted: String,
        /// Why AWS keeps it.
        why: String,
        /// The place in the source that sets the value.
        origin: Origin,
    },
    /// Metanetworks of an environment keep the CIDR blocks that they have in AWS, although a first apply would choose
    /// others.
    KeepsBlocks {
        /// The environment.
        environment: String,
        /// The metanetworks.
        networks: Vec<KeptSubnets>,
    },
    /// A metanetwork keeps its subnets, although the program gives them another size.
    KeepsSize(KeptSubnets),
    /// A resource is kept although its environment is deleted.
    Stays {
        /// The resource.
        address: Address,
        /// Its AWS id.
        id: String,
    },
    /// A subscription to a notification topic is not confirmed yet.
    Unconfirmed {
        /// The topic.
        address: Address,
        /// The endpoint of the subscription: an e-mail address or a URL.
        endpoint: String,
    },
    /// A resource has the project's tags and is somebody else's: it is left alone.
    Foreign {
        /// The address in its tags.
        address: Address,
        /// Its AWS id.
        id: String,
        /// Why it is not the project's.
        why: Strange,
    },
    /// A VPC is created, and another project has one that may be the same under an old name of the project.
    Renamed {
        /// The new VPC.
        address: Address,
        /// AWS id of the other one.
        id: String,
        /// The other project.
        project: String,
    },
    /// A public hosted zone is created, and nothing in the program tells its name servers to the zone above it.
    Undelegated {
        /// The zone.
        address: Address,
        /// Its domain.
        domain: String,
    },
    /// Running instances of an Auto Scaling group have an older launch template than new ones get.
    OldTemplate {
        /// The group.
        address: Address,
        /// Number of these instances.
        old: usize,
        /// Number of all its instances.
        instances: usize,
        /// Whether the plan changes the launch template, so that these instances get older than new ones by it.
        planned: bool,
    },
    /// AWS did not answer listings of kinds that the program does not use.
    Unread {
        /// AWS region.
        region: String,
        /// The kinds.
        kinds: Vec<Kind>,
        /// Why there is no listing.
        why: String,
    },
    /// The machine that applies the plan asks instances at their private addresses.
    AsksPrivately {
        /// Addresses of the smoke tests, in order.
        tests: Vec<Address>,
    },
    /// A log group stays under its old name, because its declaration was renamed and it has log events.
    LogStays {
        /// The old address.
        address: Address,
        /// Its name in AWS.
        id: String,
    },
    /// An environment has another name than in AWS, and is the same otherwise.
    RenamedEnvironment {
        /// Its name in AWS.
        old: String,
        /// Its name in the program.
        new: String,
    },
    /// An environment is gone and another one is new, which may be the same.
    MayBeRenamed {
        /// The one in AWS.
        old: String,
        /// The one in the program.
        new: String,
    },
    /// Nothing in AWS has the old name of a declaration that the program says has moved.
    NothingMoved {
        /// As it is written: `hostclass app -> api`.
        text: String,
        /// The place in the program.
        origin: Origin,
    },
    /// An environment keeps its name, because there is one under its new name already.
    BothLive {
        /// The old name.
        old: String,
        /// The new name.
        new: String,
    },
    /// A step will fail because a reference leads to no resource.
    Unresolved {
        /// The resource.
        address: Address,
        /// The reference.
        reference: Ref,
    },
}

/// A note for each reason why AWS did not answer listings.
pub(super) fn unread(observed: &Observed) -> impl Iterator<Item = Note> {
    let note =
        |((region, why), kinds): ((&str, String), _)| Note::Unread { region: region.to_owned(), kinds, why };
    unread_kinds(&observed.unread).into_iter().map(note)
}

/// A note for each unconfirmed subscription to a topic in scope.
pub(super) fn unconfirmed(observed: &Observed, scope: &Coverage) -> impl Iterator<Item = Note> {
    observed.found.iter().filter(|found| scope.includes(&found.address)).flat_map(|found| {
        let region = observed.facts.near(found.address.scope(), &found.region);
        let endpoints = region.and_then(|region| region.unconfirmed.get(&found.id));
        endpoints
            .into_iter()
            .flatten()
            .map(|endpoint| Note::Unconfirmed { address: found.address.clone(), endpoint: endpoint.clone() })
    })
}

/// A note for each foreign resource that has an address in scope.
pub(super) fn foreign(observed: &Observed, scope: &Coverage) -> impl Iterator<Item = Note> {
    let inside = observed.foreign.iter().filter(|foreign| scope.includes(&foreign.address));
    inside.map(|Foreign { address, id, why, .. }| Note::Foreign {
        address: address.clone(),
        id: id.clone(),
        why: why.clone(),
    })
}

/// The hostclass of a smoke test, with its environment.
fn group_of(test: &Address) -> &str {
    let test = test.as_str();
    test.strip_suffix("/group/smoke-test").unwrap_or(test)
}

/// A note for the smoke tests of `steps` that send requests to instances.
pub(super) fn private_requests(steps: &[Step]) -> Option<Note> {
    let asks = |step: &&Step| matches!(step.wanted(), Some(Resource::SmokeTest(test)) if matches!(test.check, SmokeCheck::Http { .. }));
    let tests: Vec<Address> = steps.iter().filter(asks).map(|step| step.address.clone()).collect();
    (!tests.is_empty()).then_some(Note::AsksPrivately { tests })
}

/// A note for each VPC of another project that has the block of a new one, or is from the same place and of the same
/// environment.
pub(super) fn renamed(steps: &[Step], observed: &Observed) -> Vec<Note> {
    let mut notes = Vec::new();
    for step in steps {
        let Action::Create { node } = &step.action else { continue };
        let Resource::Vpc(vpc) = &node.resource else { continue };
        let facts = observed
            .facts
            .near(step.address.scope(), &node.region)
            .into_iter()
            .flat_map(|region| &region.vpcs);
        for other in facts {
            let Some(owner) = &other.owner else { continue };
            let origin = node.tags.get(ORIGIN_TAG);
            let is_from_here =
                origin.is_some() && owner.origin.as_ref() == origin && owner.address == step.address;
            if is_from_here || other.blocks.first() == Some(&vpc.cidr) {
                let (address, id) = (step.address.clone(), other.id.clone());
                notes.push(Note::Renamed { address, id, project: owner.project.clone() });
            }
        }
    }
    notes
}

/// A note for each new public zone whose name servers the program tells nobody.
pub(super) fn undelegated(ir: &Ir, steps: &[Step]) -> Vec<Note> {
    let records = || {
        ir.resources.values().filter_map(|node| match &node.resource {
            Resource::RecordSet(record) => Some(record),
            _ => None,
        })
    };
    let mut delegated: Option<BTreeSet<&str>> = None;
    let mut notes = Vec::new();
    for step in steps {
        let (Action::Create { node } | Action::Replace { node, .. }) = &step.action else { continue };
        let Resource::HostedZone(zone) = &node.resource else { continue };
        let of_servers = || {
            let of_servers = records().filter(|record| record.record == "NS");
            of_servers.map(|record| record.name.as_str()).collect()
        };
        if zone.vpcs.is_empty() && !delegated.get_or_insert_with(of_servers).contains(zone.domain.as_str()) {
            let (address, domain) = (step.address.clone(), zone.domain.clone());
            notes.push(Note::Undelegated { address, domain });
        }
    }
    notes
}

/// A note for each `moved` of the program that nothing in AWS needs, and for each that leads to a live environment.
pub(super) fn done(ir: &Ir, moves: &Moves<'_>, scope: &Coverage) -> Vec<Note> {
    if ir.renames.is_empty() {
        return Vec::new();
    }
    let vpcs: BTreeSet<&str> = moves
        .found
        .iter()
        .filter(|found| found.resource.kind() == Kind::Vpc)
        .map(|found| found.address.scope().environment().unwrap_or_default())
        .collect();
    let both =
        ir.moved.iter().filter(|(old, new)| vpcs.contains(old.as_str()) && vpcs.contains(new.as_str()));
    let both = both.map(|(old, new)| Note::BothLive { old: old.clone(), new: new.clone() });
    let origins: Vec<&Address> = moves.origins().collect();
    let is_done = |rename: &&Rename| {
        let here = rename.from.iter().any(|prefix| scope.covers(Address::parse(prefix).scope()));
        let is_used = |prefix: &String| {
            vpcs.contains(prefix.as_str()) || origins.iter().any(|address| address.is_below(prefix))
        };
        here && !rename.from.iter().any(is_used)
    };
    let done = ir.renames.iter().filter(is_done);
    let done = done
        .map(|Rename { text, origin, .. }| Note::NothingMoved { text: text.clone(), origin: origin.clone() });
    both.chain(done).collect()
}

impl fmt::Display for Note {
    #[expect(clippy::too_many_lines, reason = "a sentence for each note")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut { address, missing } => {
                write!(
                    f,
                    "`{address}` is left out: it needs `{missing}`, which is out of scope and does not exist"
                )
            }
            Self::ElementLeftOut { address, field, element, missing } => write!(
                f,
                "`{element}` is left out of the {field} of `{address}`: \
                 it references `{missing}`, which is out of scope and does not exist"
            ),
            Self::Keeps { address, field, live, wanted, why, origin } => {
                write!(f, "`{address}` keeps its {field}")?;
                if let Some(live) = live {
                    write!(f, " `{live}`")?;
                }
                write!(f, ", not `{wanted}` ({origin}): {why}")
            }
            Self::KeepsBlocks { environment, networks } => keeps_blocks(f, environment, networks),
            Self::KeepsSize(kept) => keeps_size(f, kept),
            Self::Stays { address, id } => write!(
                f,
                "`{address}` stays, so that its subscribers need not confirm again: `asiaq destroy --env {} --topics` \
                 deletes `{id}`",
                address.env()
            ),
            Self::Unconfirmed { address, endpoint } => {
                write!(f, "`{endpoint}` has not yet confirmed its subscription to `{address}`")
            }
            Self::Foreign { address, id, why } => write!(
                f,
                "{} has the tags of {} and is left alone: {}",
                Shown(id),
                Shown(address.as_str()),
                Because(why)
            ),
            Self::Renamed { address, id, project } => write!(
                f,
                "{} is created, and {} of project {} may be what it was under another name of this project: to keep \
                 that, give the project the name {} again",
                Shown(address.as_str()),
                Shown(id),
                Shown(project),
                Shown(project)
            ),
            Self::Undelegated { address, domain } => write!(
                f,
                "`{address}`: nobody finds the names in `{domain}` until its registrar, or the zone above it, has its \
                 name servers; after the apply `asiaq show {address}` prints them"
            ),
            Self::OldTemplate { address, old, instances, planned } => {
                let (run, them) = if *old == 1 { ("instance runs", "it") } else { ("instances run", "them") };
                let of = if old == instances { String::new() } else { format!(" of {instances}") };
                let which = if *planned { "the old launch template" } else { "an older launch template" };
                write!(
                    f,
                    "{old}{of} {run} with {which} of `{address}`; new ones get the new one, and asiaq does not replace {them}"
                )
            }
            Self::Unread { region, kinds, why } => {
                let names: Vec<String> = kinds.iter().map(|kind| format!("`{}`", kind.name())).collect();
                write!(
                    f,
                    "{} in {region} cannot be read, and the plan goes on without: the program has none, and the \
                     records of the last applies list none ({why})",
                    names.join(", ")
                )
            }
            Self::AsksPrivately { tests } => {
                let hosts: Vec<String> = tests.iter().map(|test| format!("`{}`", group_of(test))).collect();
                write!(
                    f,
                    "this machine asks the instances of {} at their private addresses, so it needs a way into their VPC; a smoke test with `check = target` needs none",
                    hosts.join(", ")
                )
            }
            Self::LogStays { address, id } => write!(
                f,
                "{} stays: it has the log events from before {} was renamed; delete it in CloudWatch Logs when nobody \
                 needs them",
                Shown(id),
                Shown(address.as_str())
            ),
            Self::RenamedEnvironment { old, new } => {
                write!(
                    f,
                    "`{new}` is `{old}` under another name: the plan interrupts and replaces nothing of it, so it keeps what it \
                     has"
                )
            }
            Self::MayBeRenamed { old, new } => write!(
                f,
                "`{old}` is no longer declared and `{new}` is new: if this is the same environment under another name, \
                 write `moved env {old} -> {new}`, and it keeps what it has"
            ),
            Self::NothingMoved { text, origin } => write!(
                f,
                "`moved {text}` ({origin}) has nothing to do: nothing in AWS has the old name; the line can go once that \
                 is so in every account"
            ),
            Self::BothLive { old, new } => write!(
                f,
                "`{old}` has not moved to `{new}`, which is in AWS already: remove the `moved`, or one of the two"
            ),
            Self::Unresolved { address, reference } => {
                write!(f, "`{address}` references {}, which does not exist", Unresolved(reference))
            }
        }
    }
}

/// Displays why a resource is not the project's.
struct Because<'a>(&'a Strange);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Strange::Marks(other) => {
                write!(f, "the tags name {}, from which somebody copied them", Shown(other))
            }
            Strange::LiesIn(home) => write!(f, "it is in {}, which is not this project's", Shown(home)),
        }
    }
}

/// Metanetworks that a note shows with their blocks.
const SHOWN: usize = 3;

fn keeps_blocks(f: &mut fmt::Formatter<'_>, environment: &str, networks: &[KeptSubnets]) -> fmt::Result {
    write!(
        f,
        "`{environment}` keeps the CIDR blocks of live subnets; a first apply would choose others for "
    )?;
    for (at, kept) in networks.iter().take(SHOWN).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let (live, computed) = (blocks(&kept.live, 1), blocks(&kept.computed, 1));
        write!(f, "{comma}`{}` ({live}, not {computed})", kept.network)?;
    }
    match networks.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

fn keeps_size(f: &mut fmt::Formatter<'_>, kept: &KeptSubnets) -> fmt::Result {
    let KeptSubnets { environment, network, live, computed, parts, origin } = kept;
    let (live, computed) = (blocks(live, SHOWN), blocks(computed, SHOWN));
    write!(
        f,
        "`{network}` of `{environment}` keeps its subnets {live}, not {computed} ({origin}): another CIDR block \
         replaces a subnet and all that is in it"
    )?;
    let Some((now, wanted)) = parts else { return Ok(()) };
    write!(f, "; `max_zones = {wanted}` in `{network}` orders it")?;
    // More parts than there are zones in any region.
    if *now <= MOST_PARTS {
        write!(f, ", `max_zones = {}` keeps them", (*now).min(MOST_ZONES))
    } else {
        Ok(())
    }
}

/// The most zones of an environment, and the parts that a metanetwork then has.
const MOST_ZONES: usize = 6;
const MOST_PARTS: usize = 8;

/// The first `shown` blocks.
fn blocks(all: &[Ipv4Net], shown: usize) -> String {
    let first: Vec<String> = all.iter().take(shown).map(ToString::to_string).collect();
    let more = if all.len() > shown { ", …" } else { "" };
    first.join(", ") + more
}

/// Displays a reference that leads to no resource.
struct Unresolved<'a>(&'a Ref);

impl fmt::Display for Unresolved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ref::To(address) => write!(f, "`{address}`"),
            Ref::Id(id) => write!(f, "`{id}`"),
            Ref::Find(Lookup::ElasticIp(address)) => {
                write!(f, "the elastic IP address `{address}`")
            }
            Ref::Find(Lookup::VpnGateway(name)) => write!(f, "the VPN gateway `{name}`"),
            Ref::Find(Lookup::HostedZone(domain)) => write!(f, "the hosted zone `{domain}`"),
            Ref::Find(Lookup::Image(hostclass)) => write!(f, "the newest image of `{hostclass}`"),
            Ref::Find(Lookup::NewestImage { owner, pattern }) => {
                write!(f, "the newest image `{pattern}` of {owner}")
            }
            Ref::Find(Lookup::ImageParameter(name)) => write!(f, "the image in parameter `{name}`"),
            Ref::Find(Lookup::Certificate(domain)) => write!(f, "the certificate for `{domain}`"),
        }
    }
}
