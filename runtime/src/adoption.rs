//! Adoption: live resources that fit declared ones and that nobody's tags claim become the project's, by tags alone.
//!
//! [`fits`] compares what is declared with what is live, by values of which there is only one. [`Adoption::imagined`] is
//! the world as it would be, so that the planner says what would still differ before anything is written.

mod fit;
mod owner;
mod plans;
mod release;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADOPTED_TAG, Address, Imagined, Ir, Kind, MOVED_TAG, NAME_TAG, Node, Ref, Resource, ScopeRef,
    list_tag_keys,
};
use serde::Serialize;

use self::fit::{COMPARED, NAMED};
pub use self::owner::{Manager, manager};
pub use self::plans::{Adopted, as_adopted};
pub use self::release::{releases, reveal_adopted};
pub use self::search::fits;
use self::search::missing;
use crate::ownership::own_name;
use crate::{Action, Coverage, Found, Observed, Plan};

/// Tags by key.
type Tags = BTreeMap<String, String>;

/// What is compared.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// What is declared.
    pub ir: &'a Ir,
    /// What the project owns.
    pub observed: &'a Observed,
    /// What is live of the kinds in [`compared`], whoever owns it, by account.
    pub live: &'a BTreeMap<String, Vec<Found>>,
    /// The account of a scope.
    pub account: &'a dyn Fn(ScopeRef<'_>) -> String,
    /// The part of the program that is meant.
    pub scope: &'a Coverage,
    /// AWS ids that somebody names: of several that fit, they are the ones that are meant.
    pub named: &'a BTreeSet<String>,
    /// Whether what other tools manage is adopted too.
    pub managed: bool,
    /// Declared resources and AWS ids that are not to be brought together.
    pub apart: &'a BTreeSet<(Address, String)>,
}

/// Which live resources fit declared ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Adoption {
    /// The resources that are adopted.
    pub matches: Vec<Match>,
    /// What fits more than one.
    pub ambiguous: Vec<Ambiguous>,
    /// What fits and belongs to somebody else.
    pub refused: Vec<Refused>,
    /// What fits, and AWS could not bring to what is declared: the next apply would replace it.
    pub replaced: Vec<Match>,
}

/// A live resource that is a declared one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Match {
    /// Address of the declared one.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// AWS region.
    pub region: String,
    /// AWS id.
    pub id: String,
    /// The name that it has in AWS, or in its tag `Name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What tells that it is the one: `VPC and block`.
    pub by: String,
    /// The tags that it gets.
    pub tags: Tags,
}

/// Declared resources and live ones that fit each other in more than one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ambiguous {
    /// Kind of all of them.
    pub kind: Kind,
    /// AWS region.
    pub region: String,
    /// The declared ones.
    pub addresses: Vec<Address>,
    /// AWS ids and names of the live ones.
    pub live: BTreeMap<String, String>,
    /// What they have in common.
    pub by: String,
}

/// A live resource that fits a declared one and that somebody else manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Address of the declared one.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// AWS region.
    pub region: String,
    /// AWS id.
    pub id: String,
    /// Who manages it.
    pub manager: String,
    /// Whether that is another project of asiaq, which has to release it.
    pub is_project: bool,
}

/// Something that the next apply would take away from an adopted resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// The resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// The field.
    pub field: String,
    /// The element: a rule, a route, a listener.
    pub element: String,
}

impl Match {
    /// What it brings together.
    pub fn key(&self) -> (Address, String) {
        (self.address.clone(), self.id.clone())
    }
}

impl Refused {
    /// What it keeps apart.
    pub fn key(&self) -> (Address, String) {
        (self.address.clone(), self.id.clone())
    }
}

/// The kinds of which every live resource is compared.
pub fn compared() -> BTreeSet<Kind> {
    COMPARED.into()
}

/// AWS ids of what the project owns, by address.
fn known(observed: &Observed) -> BTreeMap<Address, String> {
    observed.found.iter().map(|found| (found.address.clone(), found.id.clone())).collect()
}

impl Adoption {
    /// What listings would show once everything that fits is adopted. Resources that are known by their names are
    /// imagined whether they exist or not: those that do turn up, and [`Adoption::turned_up`] takes them.
    pub fn imagined(&self, candidates: &Candidates<'_>) -> Imagined {
        let mut imagined = Imagined::default();
        for one in &self.matches {
            imagined.set(&one.region, one.kind, &one.id, one.tags.clone());
        }
        let mut ids = known(candidates.observed);
        ids.extend(self.matches.iter().map(|one| (one.address.clone(), one.id.clone())));
        for kind in NAMED {
            for (address, node) in missing(candidates, kind, &ids) {
                let Some(own) = node.resource.own_name() else { continue };
                if candidates.apart.iter().any(|(apart, _)| apart == address) {
                    continue;
                }
                let tags = marks(&candidates.ir.project, address, node, &node.resource, own);
                imagined.set(&node.region, kind, own, tags);
            }
        }
        imagined
    }

    /// Takes the resources that turned up under their names in the imagined world. Returns the ones that others manage, which
    /// are not to be imagined again.
    pub fn turned_up(
        &mut self,
        candidates: &Candidates<'_>,
        imagined: &Observed,
    ) -> BTreeSet<(Address, String)> {
        let ids = known(candidates.observed);
        let refused = self.refused.len();
        for found in &imagined.found {
            let kind = found.resource.kind();
            let node = candidates.ir.resources.get(&found.address);
            let is_named = NAMED.contains(&kind);
            let node = node.filter(|_| is_named && !ids.contains_key(&found.address));
            let Some(node) = node else { continue };
            let own = node.resource.own_name().unwrap_or_default();
            let marks = marks(&candidates.ir.project, &found.address, node, &node.resource, own);
            let live = Found { tags: without(&found.tags, &marks), ..found.clone() };
            self.take(candidates, (&found.address, node), &live, "name");
        }
        let new = self.refused.iter().skip(refused);
        new.map(|refused| (refused.address.clone(), refused.id.clone())).collect()
    }

    /// The resources that the next apply would replace or delete: they are not adopted. Those that lie in one of them go
    /// with it, and are not named.
    pub fn replaced_by(&self, next: &Plan) -> BTreeSet<(Address, String)> {
        let is_taken = |address: &Address, id: &str| {
            self.matches.iter().any(|one| one.address == *address && one.id == id)
        };
        let ended: Vec<(&Address, &Found)> = next
            .steps
            .iter()
            .filter_map(|step| match &step.action {
                Action::Replace { live, .. } | Action::Delete { live } => Some((&step.address, live)),
                Action::Create { .. } | Action::Update { .. } => None,
            })
            .filter(|(address, live)| is_taken(address, &live.id))
            .collect();
        let ids: BTreeSet<&str> = ended.iter().map(|(_, live)| live.id.as_str()).collect();
        let lies_in_one = |live: &Found| {
            live.resource
                .lies_in()
                .into_iter()
                .filter_map(Ref::id)
                .any(|id| id != live.id && ids.contains(id))
        };
        let first = ended.iter().filter(|(_, live)| !lies_in_one(live));
        first.map(|(address, live)| ((*address).clone(), live.id.clone())).collect()
    }
}

/// The tags and marks of an adopted resource.
fn marks(project: &str, address: &Address, node: &Node, live: &Resource, id: &str) -> Tags {
    let owned = address.ownership_tags(project).into_iter();
    let mut tags: Tags = owned.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    tags.insert(ADOPTED_TAG.to_owned(), list_tag_keys([ADOPTED_TAG]));
    tags.extend(own_name(live, id).map(|name| (NAME_TAG.to_owned(), name)));
    let kept = live.kind().schema().derived_name;
    if kept.is_some_and(|field| node.resource.field(field) != live.field(field)) {
        // Its name is no difference then.
        tags.insert(MOVED_TAG.to_owned(), address.as_str().to_owned());
    }
    tags
}

/// The tags that a resource has without those that it gets.
fn without(tags: &Tags, marks: &Tags) -> Tags {
    let own = tags.iter().filter(|(key, value)| marks.get(*key) != Some(value));
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}
