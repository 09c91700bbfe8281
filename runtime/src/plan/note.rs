//! Remarks about a plan, beside its steps.

mod words;

use std::collections::BTreeSet;

use asiaq_ir::{
    Address, FINAL_BACKUP_TAG, FINAL_SNAPSHOT_TAG, Ir, KeptSubnets, Kind, ORIGIN_TAG, Origin, Ref, Rename,
    Resource, SmokeCheck, Until,
};
use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::moves::Moves;
use super::step::{Action, Step};
use crate::unread::unread_kinds;
use crate::{Foreign, Observed, Strange};

/// What a plan does about a value that is not in force yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outlook {
    /// Nothing.
    Waits,
    /// It changes the value again.
    TakenBack,
    /// It makes a change at once, and AWS then puts in force all that waits.
    ComesAlong,
}

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
    /// What AWS says of how it would make a change.
    Forecast {
        /// The resource.
        address: Address,
        /// Its words: `blue/green, may take hours`.
        says: String,
    },
    /// A resource is kept although its environment is deleted.
    Stays {
        /// The resource.
        address: Address,
        /// Its AWS id.
        id: String,
    },
    /// The data of a resource that is deleted stays as a snapshot or backup.
    LeavesCopy {
        /// The resource.
        address: Address,
        /// What stays: `snapshot` or `backup`.
        copy: String,
        /// Its name up to the time of the deletion, which follows.
        name: String,
    },
    /// An operator is deactivated and not deleted.
    Deactivated {
        /// The operator.
        address: Address,
        /// Its bucket and key.
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
    /// AWS has accepted a value that is not in force yet.
    Waits {
        /// The resource.
        address: Address,
        /// The field.
        field: String,
        /// The accepted value.
        value: String,
        /// What it waits for.
        until: Until,
        /// What the plan does about it.
        outlook: Outlook,
    },
    /// A resource is not deleted yet because another one uses it until a change that waits.
    StaysInUse {
        /// The resource.
        address: Address,
        /// What uses it.
        by: Address,
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
    /// A load balancer loses rules that somebody added to its listeners in AWS.
    LosesRules {
        /// The load balancer.
        address: Address,
        /// The rules: `port 443: path-pattern /api/* → forward`.
        rules: Vec<String>,
    },
    /// A target group stays because a rule that somebody added to a listener forwards to it.
    TargetStays {
        /// The target group.
        address: Address,
        /// The load balancer of the rule.
        balancer: Address,
        /// The rule.
        rule: String,
    },
    /// The plan takes a quota of an account beyond its value, or near to it.
    Quota {
        /// Account id.
        account: String,
        /// Region or availability zone; absent for what an account has in all regions together.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        place: Option<String>,
        /// What is counted, in the plural: `VPCs`.
        what: String,
        /// How many there are after an apply, as far as is known.
        peak: usize,
        /// How many of them do not belong to the project.
        others: usize,
        /// The value of the quota.
        limit: usize,
        /// Whether that is AWS's default, because AWS does not say the value of the account.
        is_default: bool,
        /// The code in Service Quotas; empty if it is not there.
        code: String,
        /// What the plan adds or changes that counts; for a quota of each resource, the resource with the most.
        users: Vec<Address>,
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

/// A note for each deletion that leaves a snapshot or a backup behind.
pub(super) fn copies(steps: &[Step]) -> impl Iterator<Item = Note> {
    steps.iter().filter_map(|step| {
        let (Action::Delete { live } | Action::Replace { live, .. }) = &step.action else { return None };
        let tag = |tag: &str| live.tags.get(tag).map(String::as_str);
        let (copy, name) = match &live.resource {
            Resource::Database(database) if database.final_snapshot => {
                ("snapshot", format!("{}-final-", live.id))
            }
            Resource::DatabaseCluster(cluster) if cluster.final_snapshot => {
                ("snapshot", format!("{}-final-", live.id))
            }
            Resource::ReplicationGroup(group) if tag(FINAL_SNAPSHOT_TAG) == Some("true") => {
                ("snapshot", format!("{}-", group.description))
            }
            Resource::Table(_) if tag(FINAL_BACKUP_TAG) != Some("false") => {
                ("backup", format!("{}-final-", live.id))
            }
            _ => return None,
        };
        Some(Note::LeavesCopy { address: step.address.clone(), copy: copy.to_owned(), name })
    })
}

/// A note for each operator whose end is that it is deactivated.
pub(super) fn deactivated(steps: &[Step]) -> impl Iterator<Item = Note> {
    steps.iter().filter_map(|step| match &step.action {
        Action::Delete { live } | Action::Replace { live, .. }
            if matches!(live.resource, Resource::Operator(_)) =>
        {
            Some(Note::Deactivated { address: step.address.clone(), id: live.id.clone() })
        }
        _ => None,
    })
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
