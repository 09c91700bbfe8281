use serde::{Deserialize, Serialize};

use crate::Kind;

/// What the engine has to know about a kind of resource to plan it; each kind states its own.
#[derive(Debug)]
pub struct Schema {
    /// Name of the kind in plans and in the IR, as in `security-group`.
    pub name: &'static str,
    /// What a change of a field means. A field that is not listed changes in place and safely.
    pub fields: &'static [(&'static str, Change)],
    /// What is at stake when the resource is deleted.
    pub deletion: Risk,
    /// Which comes first when the resource has to be replaced.
    pub replacement: Replacement,
    /// Fields whose values, all of them together, only one live resource of the kind may hold at a time;
    /// two CIDR blocks count as the same value when they overlap.
    pub exclusive: &'static [&'static str],
    /// Kinds that need this one in their environment without pointing at it, and so have to go first.
    pub delete_after_kinds: &'static [Kind],
    /// Sets that AWS does not let be empty, not even while what they point at is made anew, unless they
    /// release it.
    pub never_empty: &'static [&'static str],
    /// Whether AWS drops the fields that point at another resource by itself when that one is deleted,
    /// so that the other one need not wait for an update.
    pub auto_detached: &'static [&'static str],
    /// Fields that point at what it is in use by, and that AWS drops with that: where both go, the other one goes
    /// first, and nothing has to be taken apart.
    pub deleted_after_user: &'static [&'static str],
    /// Sets that it lets go of before what they hold goes, also where nothing else waits for that: what it has there
    /// does not move by itself.
    pub detach_before_delete: &'static [&'static str],
    /// A set of subnets by which it is in a VPC, for good.
    pub vpc_bound_by: Option<&'static str>,
    /// Whether it stays when its environment goes.
    pub retain_on_destroy: bool,
    /// Whether a listing shows no tags but those of ownership: the others are given at birth and not compared.
    pub hides_tags: bool,
}

/// What it takes to change one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// AWS cannot change it: the resource is replaced. Carries the reason, for people.
    Replace(&'static str),
    /// Changed in place, at this risk.
    InPlace(Risk),
    /// Decided when the resource is made, and not worth making it anew for: a later difference is none.
    CreateOnly,
    /// Changed in place, at this risk, where the program says it; where it is null, whatever is there is right.
    IfSet(Risk),
    /// A number changed in place, at this risk where it gets smaller or there was none; more of it is safe.
    DecreaseRisk(Risk),
    /// A set changed in place element by element. Adding is safe.
    Elements {
        /// Fields that make an element the same one.
        key: &'static [&'static str],
        /// Risk when an element with the same key says something else.
        changed: Risk,
        /// Risk when an element goes away.
        removed: Risk,
    },
}

/// Order of the two halves of a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// The new one serves before the old one goes.
    CreateFirst,
    /// AWS does not let both exist, so the old one goes first.
    DeleteFirst,
}

/// What is at stake in a step, from nothing to everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nobody notices.
    #[default]
    Safe,
    /// Traffic or access may be interrupted or end.
    Disruptive,
    /// The resource is made anew: its identity changes.
    Replace,
    /// Something is lost that cannot be brought back.
    DataLoss,
}

impl Risk {
    /// The word used for it in plans.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Disruptive => "disruptive",
            Self::Replace => "replace",
            Self::DataLoss => "data-loss",
        }
    }
}

impl Schema {
    /// A kind of which everything changes in place, and whose deletion interrupts something: what each kind
    /// says beside its name is how it differs from this one.
    pub(crate) const DEFAULT: Self = Self {
        name: "",
        fields: &[],
        deletion: Risk::Disruptive,
        replacement: Replacement::CreateFirst,
        exclusive: &[],
        delete_after_kinds: &[],
        never_empty: &[],
        auto_detached: &[],
        deleted_after_user: &[],
        detach_before_delete: &[],
        vpc_bound_by: None,
        retain_on_destroy: false,
        hides_tags: false,
    };

    /// What a change of `field` means.
    pub fn change(&self, field: &str) -> Change {
        self.fields
            .iter()
            .find(|(name, _)| *name == field)
            .map_or(Change::InPlace(Risk::Safe), |(_, change)| *change)
    }
}
