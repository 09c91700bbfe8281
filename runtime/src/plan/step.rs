//! The steps of a plan and their reasons.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Node, Origin, Ref, Replacement, Resource, Risk, ScopeRef, refs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Found;

/// What an apply does to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Address of the resource. The deletion of a duplicate has the address of the resource that is kept.
    pub address: Address,
    /// Kind of the resource.
    pub kind: Kind,
    /// AWS region, such as `us-west-2`; for a replacement, that of the new resource.
    pub region: String,
    /// Create, update, replace or delete.
    pub action: Action,
    /// The greatest risk of the action and of its reasons.
    pub risk: Risk,
    /// One for each field, element or tag that differs; empty if the resource is new or no longer declared.
    pub reasons: Vec<Reason>,
    /// The declaration; absent for a resource that is no longer declared.
    pub origin: Option<Origin>,
    /// The cause of the step: [`Cause::Drift`] if any reason is drift.
    #[serde(skip_serializing_if = "Cause::is_unknown", default)]
    pub cause: Cause,
    /// The address that the live resource has in AWS, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moved_from: Option<Address>,
    /// The address of what is created in place of the deleted resource, whose name in AWS follows from its declaration
    /// and whose declaration was renamed. It is created first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaced_by: Option<Address>,
}

/// The action of a step. References of wanted resources are addresses, references of live resources are AWS ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The resource is created.
    Create {
        /// The new resource, with all its tags.
        node: Node,
    },
    /// The resource is changed in place.
    Update {
        /// The resource before the change.
        live: Found,
        /// The resource after the change.
        wanted: Resource,
        /// Dependencies beside the references in `wanted`.
        after: BTreeSet<Address>,
        /// AWS ids that are detached from its sets in a separate call before the change, because the resources
        /// they name are deleted first.
        #[serde(rename = "let_go")]
        detach: BTreeSet<String>,
        /// AWS ids that are removed from its sets by a separate call after the change, because what replaces them
        /// has to serve first.
        #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
        release: BTreeSet<String>,
        /// Tags to set, by key; only those that differ.
        set_tags: BTreeMap<String, String>,
        /// Keys of tags to remove.
        remove_tags: BTreeSet<String>,
    },
    /// The live resource is deleted and a new one created at the same address.
    Replace {
        /// The old resource.
        live: Found,
        /// The new resource, with all its tags.
        node: Node,
        /// Whether the new one is created or the old one deleted first.
        order: Replacement,
    },
    /// The resource is deleted.
    Delete {
        /// The resource.
        live: Found,
    },
}

/// One difference between the live and the wanted resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The field; `tags` and `region` count as fields.
    pub field: String,
    /// The key of the element of a set that differs, or the key of a tag; absent if the whole field differs.
    pub element: Option<String>,
    /// The live value, with references by address if that is known; null if there is none.
    pub before: Value,
    /// The wanted value; null if there is none.
    pub after: Value,
    /// The risk of this change.
    pub risk: Risk,
    /// Why it requires a replacement, for the user; absent if it is changed in place.
    pub why: Option<String>,
    /// The place in the source that set the value.
    pub origin: Option<Origin>,
    /// The cause of the difference.
    #[serde(skip_serializing_if = "Cause::is_unknown", default)]
    pub cause: Cause,
}

/// Sets, by AWS id and field, that cannot detach the elements being replaced: they would drop below AWS's minimum.
pub(crate) type MinimumViolations = BTreeSet<(String, &'static str)>;

/// The cause of a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Unknown: there is no record of the last apply, or the difference follows from another one.
    #[default]
    Unknown,
    /// AWS has accepted the value already, and waits.
    Waiting,
    /// The program changed since the last apply.
    Program,
    /// AWS differs from what the last apply wrote: it was changed since by other means.
    Drift,
}

impl Cause {
    /// Whether it is unknown; serde then omits the field.
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
            // A replacement deletes the old resource, with the risk of a deletion.
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
            moved_from: None,
            replaced_by: None,
        }
    }

    /// An update of tags alone, of which the plan shows `shown`: the tag, and its values before and after.
    pub(crate) fn of_tags(
        live: &Found,
        shown: (&str, Value, Value),
        why: &str,
        set_tags: BTreeMap<String, String>,
        remove_tags: BTreeSet<String>,
    ) -> Self {
        let (tag, before, after) = shown;
        let reason = Reason {
            field: "tags".to_owned(),
            element: Some(tag.to_owned()),
            before,
            after,
            risk: Risk::Safe,
            why: Some(why.to_owned()),
            origin: None,
            cause: Cause::Unknown,
        };
        let action = Action::Update {
            live: live.clone(),
            wanted: live.resource.clone(),
            after: BTreeSet::new(),
            detach: BTreeSet::new(),
            release: BTreeSet::new(),
            set_tags,
            remove_tags,
        };
        Self::new(action, &live.address, vec![reason], None)
    }

    /// The wanted resource, with references by address; absent for a deletion.
    pub fn wanted(&self) -> Option<&Resource> {
        match &self.action {
            Action::Create { node } | Action::Replace { node, .. } => Some(&node.resource),
            Action::Update { wanted, .. } => Some(wanted),
            Action::Delete { .. } => None,
        }
    }

    /// The live resource, with references by AWS id; absent for a creation.
    pub fn live(&self) -> Option<&Found> {
        match &self.action {
            Action::Create { .. } => None,
            Action::Update { live, .. } | Action::Replace { live, .. } | Action::Delete { live } => {
                Some(live)
            }
        }
    }

    /// The AWS ids that its update releases last; absent for anything but an update.
    pub(crate) fn release(&self) -> Option<&BTreeSet<String>> {
        match &self.action {
            Action::Update { release, .. } => Some(release),
            Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => None,
        }
    }

    /// The scopes that the step changes: its own, and both ends of what it joins.
    pub fn scopes(&self) -> BTreeSet<ScopeRef<'_>> {
        let ends = self.wanted().into_iter().flat_map(Resource::joined_addresses);
        ends.chain([&self.address]).map(Address::scope).collect()
    }

    /// Addresses of the resources that must exist first.
    pub(crate) fn dependencies(&self) -> BTreeSet<Address> {
        let after = match &self.action {
            Action::Create { node } | Action::Replace { node, .. } => Some(&node.after),
            Action::Update { after, .. } => Some(after),
            Action::Delete { .. } => None,
        };
        let targets =
            self.wanted().map(refs).unwrap_or_default().into_iter().filter_map(|reference| match reference {
                Ref::To(address) => Some(address),
                Ref::Id(_) | Ref::Find(_) => None,
            });
        after.into_iter().flatten().cloned().chain(targets).collect()
    }

    /// The step with its causes set to unknown, for comparisons.
    pub(super) fn bare(&self) -> Self {
        let reasons = self.reasons.iter().map(|reason| Reason { cause: Cause::Unknown, ..reason.clone() });
        Self { cause: Cause::Unknown, reasons: reasons.collect(), replaced_by: None, ..self.clone() }
    }

    /// The sort key of the steps of a plan; unique within a plan.
    pub(crate) fn rank(&self) -> (&Address, Kind, &str) {
        (&self.address, self.kind, self.live().map_or("", |live| live.id.as_str()))
    }
}
