//! One decision of a plan.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Node, Origin, Ref, Replacement, Resource, Risk, refs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Found;

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its address. Deletions of surplus resources share the address of the one that is kept.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// AWS region it is in; of a replacement, the one the new resource is made in.
    pub region: String,
    /// What is done.
    pub action: Action,
    /// What is at stake.
    pub risk: Risk,
    /// Why, one for each field or element that differs; empty where the resource is new or undeclared.
    pub reasons: Vec<Reason>,
    /// The declaration; absent for what is no longer declared.
    pub origin: Option<Origin>,
    /// What it comes from: [`Cause::Drift`] where any of it is drift.
    #[serde(skip_serializing_if = "Cause::is_unknown", default)]
    pub cause: Cause,
}

/// What is done to a resource. Wanted resources point by address, live ones by AWS id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    Create {
        /// What is made, with all its tags.
        node: Node,
    },
    /// It is changed in place.
    Update {
        /// What is there.
        live: Found,
        /// What it becomes.
        wanted: Resource,
        /// Resources it must come after without pointing at them.
        after: BTreeSet<Address>,
        /// AWS ids that are detached from its sets in a separate call before the change, because the resources
        /// they name are deleted first.
        #[serde(rename = "let_go")]
        detach: BTreeSet<String>,
        /// Tags to set.
        set_tags: BTreeMap<String, String>,
        /// Keys of tags to take off.
        remove_tags: BTreeSet<String>,
    },
    /// A new one takes its place.
    Replace {
        /// What is there, and goes.
        live: Found,
        /// What is made, with all its tags.
        node: Node,
        /// Which of the two comes first.
        order: Replacement,
    },
    /// It is deleted.
    Delete {
        /// What is there.
        live: Found,
    },
}

/// One difference between what is there and what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The field; `tags` and `region` count as fields.
    pub field: String,
    /// The element of a set that differs, by its key; the key of a tag.
    pub element: Option<String>,
    /// What is there, references by address where it is known; null where there is nothing.
    pub before: Value,
    /// What is wanted; null where nothing is.
    pub after: Value,
    /// What is at stake.
    pub risk: Risk,
    /// Why it cannot be changed in place.
    pub why: Option<String>,
    /// The place in the source that decided it.
    pub origin: Option<Origin>,
    /// What it comes from.
    #[serde(skip_serializing_if = "Cause::is_unknown", default)]
    pub cause: Cause,
}

/// Sets, by AWS id and field, that cannot detach what is replaced: they would drop below AWS's minimum.
pub(crate) type MinimumViolations = BTreeSet<(String, &'static str)>;

/// Where a difference comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Unknown: there is no record of the last apply, or the difference follows from another one.
    #[default]
    Unknown,
    /// The program changed since the last apply.
    Program,
    /// AWS differs from what the last apply wrote: it was changed since by other means.
    Drift,
}

impl Cause {
    /// Whether it is unknown; serde leaves it out then.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(super) fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl Step {
    pub(super) fn new(
        action: Action,
        address: &Address,
        reasons: Vec<Reason>,
        origin: Option<&Origin>,
    ) -> Self {
        let (kind, region) = match &action {
            Action::Create { node } | Action::Replace { node, .. } => (node.resource.kind(), &node.region),
            Action::Update { live, .. } | Action::Delete { live } => (live.resource.kind(), &live.region),
        };
        let least = match &action {
            Action::Create { .. } | Action::Update { .. } => Risk::Safe,
            // The old one is lost, whatever takes its place.
            Action::Replace { .. } => Risk::Replace.max(kind.schema().deletion),
            Action::Delete { .. } => kind.schema().deletion,
        };
        let risk = reasons.iter().map(|reason| reason.risk).fold(least, Risk::max);
        Self {
            address: address.clone(),
            kind,
            region: region.clone(),
            action,
            risk,
            reasons,
            origin: origin.cloned(),
            cause: Cause::Unknown,
        }
    }

    /// The resource as it will be; absent for a deletion.
    pub fn wanted(&self) -> Option<&Resource> {
        match &self.action {
            Action::Create { node } | Action::Replace { node, .. } => Some(&node.resource),
            Action::Update { wanted, .. } => Some(wanted),
            Action::Delete { .. } => None,
        }
    }

    /// The resource as it is; absent for a creation.
    pub fn live(&self) -> Option<&Found> {
        match &self.action {
            Action::Create { .. } => None,
            Action::Update { live, .. } | Action::Replace { live, .. } | Action::Delete { live } => {
                Some(live)
            }
        }
    }

    /// Environments it concerns: its own, and for a peering connection the one at the other end.
    pub fn environments(&self) -> BTreeSet<&str> {
        let mut environments = BTreeSet::from([self.address.env()]);
        if let Some(Resource::PeeringConnection(peering)) = self.wanted() {
            environments.extend([&peering.requester, &peering.accepter].into_iter().filter_map(
                |end| match end {
                    Ref::To(address) => Some(address.env()),
                    Ref::Id(_) | Ref::Find(_) => None,
                },
            ));
        }
        environments
    }

    /// Addresses that have to be there first.
    pub(crate) fn dependencies(&self) -> BTreeSet<Address> {
        let after = match &self.action {
            Action::Create { node } | Action::Replace { node, .. } => Some(&node.after),
            Action::Update { after, .. } => Some(after),
            Action::Delete { .. } => None,
        };
        let pointed =
            self.wanted().map(refs).unwrap_or_default().into_iter().filter_map(|reference| match reference {
                Ref::To(address) => Some(address),
                Ref::Id(_) | Ref::Find(_) => None,
            });
        after.into_iter().flatten().cloned().chain(pointed).collect()
    }

    /// The same, with nothing said of what it comes from.
    pub(super) fn bare(&self) -> Self {
        let reasons = self.reasons.iter().map(|reason| Reason { cause: Cause::Unknown, ..reason.clone() });
        Self { cause: Cause::Unknown, reasons: reasons.collect(), ..self.clone() }
    }

    /// What sorts the steps of a plan, and tells them apart.
    pub(super) fn rank(&self) -> (&Address, Kind, &str) {
        (&self.address, self.kind, self.live().map_or("", |live| live.id.as_str()))
    }
}
