use serde::{Deserialize, Serialize};

use crate::Kind;

/// How changes of a kind of resource are planned. `derive(ResourceKind)` writes it from the attributes of the struct.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Schema {
    /// Name of the kind in plans and in the IR, as in `security-group`.
    pub name: &'static str,
    /// Where AWS keeps resources of the kind.
    pub home: Home,
    /// What resources of the kind belong to.
    pub scope: ScopeKind,
    /// The meaning of a change, by field. Any other field changes in place at no risk.
    pub fields: &'static [(&'static str, Change)],
    /// Risk of a deletion. It is [`Risk::DataLoss`] too if the resource keeps data, see [`Schema::data_in`].
    pub deletion: Risk,
    /// Whether AWS keeps the resource as a setting of another one, so that its deletion is a change of that one.
    pub is_setting: bool,
    /// Field that references the resource whose settings say what data this one keeps, see
    /// [`Resource::has_data`](crate::Resource::has_data). The data ends with the resource.
    pub data_in: Option<&'static str>,
    /// Sets whose elements serve by themselves, such as the listeners of a load balancer.
    pub serving: &'static [&'static str],
    /// Order of the two halves of a replacement.
    pub replacement: Replacement,
    /// Fields whose values, all of them together, only one live resource of the kind may have at a time;
    /// two CIDR blocks count as the same value when they overlap.
    pub exclusive: &'static [&'static str],
    /// Kinds that depend on this one in their environment without a reference, and are deleted first.
    pub delete_after_kinds: &'static [Kind],
    /// Kinds that use this one in their environment without a reference, and are deleted first if nothing else waits
    /// for its deletion.
    pub outlives_kinds: &'static [Kind],
    /// A field that is changed in place, and that has the resource replaced if what it references is replaced or
    /// created: its users stay until the new one serves. And why, for people.
    pub replaced_with: Option<(&'static str, &'static str)>,
    /// Sets that AWS does not allow to be empty, not even while their elements are replaced, unless they
    /// are detached automatically.
    pub never_empty: &'static [&'static str],
    /// Fields that AWS clears itself when the referenced resource is deleted, so that the deletion need not wait
    /// for an update.
    pub auto_detached: &'static [&'static str],
    /// Fields that reference a resource which uses this one. When both are deleted, the other one is deleted first;
    /// AWS then clears the field itself.
    pub deleted_after_user: &'static [&'static str],
    /// Sets whose elements must be detached before the referenced resource is deleted, even if no other step
    /// depends on it: AWS does not reassign them.
    pub detach_before_delete: &'static [&'static str],
    /// A set that stays empty, or not empty, as long as the resource exists, and why.
    pub empty_for_good: Option<(&'static str, &'static str)>,
    /// A set of subnets that binds the resource to their VPC for good.
    pub vpc_bound_by: Option<&'static str>,
    /// Whether the resource stays when its environment is destroyed.
    pub retain_on_destroy: bool,
    /// Whether a listing may show only the ownership tags. The other tags are then not compared.
    pub hides_tags: bool,
    /// Fields that tell a resource from its siblings at addresses with the same parent: a live resource with these
    /// values is the wanted one, whatever its address.
    pub identity: &'static [&'static str],
    /// Sets from which a replaced resource is removed by a separate call, after everything else has stopped using it.
    pub released_last: &'static [&'static str],
    /// The field with a unique name that asiaq derives from the address. While another resource has the name, a new
    /// one gets a name of its own.
    pub chosen_name: Option<&'static str>,
    /// The field with a name that follows from that of the declaration. A resource whose declaration is renamed keeps
    /// the name that it has, and the field is no difference.
    pub derived_name: Option<&'static str>,
    /// What stays of a resource when its declaration is renamed.
    pub renamed: Renamed,
    /// Whether one call of AWS deletes a resource and creates another one with the same exclusive value. The last of
    /// the exclusive fields then makes no difference.
    pub handed_over: bool,
    /// What stops while a resource is deleted before the one that takes its place exists; absent if nothing does.
    pub outage: Option<Outage>,
    /// A set whose elements AWS closes and opens again if more of them changes than these fields, and what stops
    /// meanwhile.
    pub reopened: Option<(&'static str, &'static [&'static str], Outage)>,
    /// Fields whose changes wait for the maintenance window of the resource, unless they are to be made at once.
    pub windowed: &'static [&'static str],
}

/// What stops for a while, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// About how many seconds, as a rule. `docs/interruptions.md` has the sources.
    pub seconds: u32,
    /// What stops, for people, as in `its ports are closed`.
    pub what: &'static str,
}

/// What stays of a resource when its declaration is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renamed {
    /// The resource, with the name that it has in AWS.
    Kept,
    /// The resource if it has the name that the program has for it now. AWS cannot rename it, and its name tells its
    /// users what it is about; otherwise a new one is created, and the old one goes after that.
    ByName,
}

/// Where AWS keeps resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In each region by itself.
    Region,
    /// Once in the account, whatever region a call is sent to. A resource still has the region of the environment that
    /// declares it, so that each environment plans its own.
    Global,
}

/// What the resources of a kind belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// An environment. They are always listed.
    Environment,
    /// An account of the project. They are listed only for the accounts in [`Needs::accounts`](crate::Needs::accounts).
    Account,
}

/// What it takes to change a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// AWS cannot change it: the resource is replaced. Carries the reason, for people.
    Replace(&'static str),
    /// Changed in place, at this risk.
    InPlace(Risk),
    /// Set at creation. A later difference is not worth a replacement: the plan has a note about it.
    CreateOnly {
        /// Why AWS keeps the value, for people; empty for a name, which is no difference.
        why: &'static str,
        /// Whether a listing shows the value.
        is_read: bool,
    },
    /// A number changed in place if the program sets it, at this risk if it decreases; null accepts any value.
    IfSet(Risk),
    /// A number changed in place, at this risk if it decreases or was absent; an increase is safe. True counts as more
    /// than false.
    DecreaseRisk(Risk),
    /// Changed in place while it is absent or false; afterwards the resource is replaced. Null accepts any value. Carries the
    /// reason, for people.
    SetOnce(&'static str),
    /// A set changed in place element by element. Adding an element is safe.
    Elements {
        /// Fields that identify an element; the whole element where empty.
        key: &'static [&'static str],
        /// Risk when another field of an element changes.
        changed: Risk,
        /// Risk when an element is removed.
        removed: Risk,
    },
}

/// Order of the two halves of a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// The new resource is in service before the old one is deleted.
    CreateFirst,
    /// AWS does not allow both to exist, so the old resource is deleted first.
    DeleteFirst,
}

/// The risk of a step, from none to the loss of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// No effect on traffic or access.
    #[default]
    Safe,
    /// Traffic or access may be interrupted or end.
    Disruptive,
    /// The resource is replaced: its identity changes.
    Replace,
    /// Something is lost that cannot be restored.
    DataLoss,
}

impl Risk {
    /// Its name in plans.
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
    /// Whether something that serves or keeps data ends with a resource of the kind. A protected environment refuses
    /// its deletion.
    pub fn is_held(&self) -> bool {
        self.deletion > Risk::Safe && !self.is_setting
    }

    /// What a change of `field` means.
    pub fn change(&self, field: &str) -> Change {
        self.fields
            .iter()
            .find(|(name, _)| *name == field)
            .map_or(Change::InPlace(Risk::Safe), |(_, change)| *change)
    }
}
