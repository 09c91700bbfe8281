//! Where the ties among operations come from.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Kind, Ref, Replacement, Resource, STAGE_TAG, refs_in, resolve_in};
use ipnet::Ipv4Net;
use petgraph::graph::NodeIndex;
use serde_json::Value;

use super::{Draft, Op, Part, Tie};
use crate::plan::{Action, Step};

/// What ties a step to others, however it is done.
pub(super) struct Bonds {
    /// Addresses that have to be there first.
    needs: BTreeSet<Address>,
    /// What has to stay while the live resource points at it.
    holds: Vec<Hold>,
    /// The exclusive values it gives up when it is removed, and those it takes when it is made.
    gives: Option<Claim>,
    takes: Option<Claim>,
}

/// A live reference.
struct Hold {
    field: String,
    id: String,
}

/// The exclusive values of a resource: the first as text, to look it up by, and the rest.
type Claim = (String, Vec<Value>);

impl Bonds {
    /// The bonds of a step, with the ids of what lives already.
    pub(super) fn new(step: &Step, known: &BTreeMap<Address, String>) -> Self {
        let live = step.live().map(|live| &live.resource);
        let made = match &step.action {
            Action::Create { node } | Action::Replace { node, .. } => Some(&node.resource),
            Action::Update { .. } | Action::Delete { .. } => None,
        };
        let is_exclusive = !step.kind.schema().exclusive.is_empty();
        let claim = |resource: Option<&Resource>| {
            let value = resource.filter(|_| is_exclusive)?.to_value();
            claim(step.kind, &resolved(value, known))
        };
        Self { needs: step.dependencies(), holds: holds(step), gives: claim(live), takes: claim(made) }
    }
}

/// The operations of `steps`, in their order, with every tie there is: circles may be among them.
pub(super) fn draft(steps: &[Step], bonds: &[Bonds]) -> Draft {
    let mut work = Work::new(steps, bonds);
    work.add_makers_first();
    work.add_holders_let_go_first();
    work.add_replacements_in_order();
    work.add_exclusive_values_are_free();
    work.add_outlasting_kinds_go_last();
    work.add_stages_go_backwards();
    let mut draft = work.draft;
    for ((from, to), tie) in work.ties {
        draft.add_edge(from, to, tie);
    }
    draft
}

/// A draft in the making.
struct Work<'a> {
    draft: Draft,
    ties: BTreeMap<(NodeIndex, NodeIndex), Tie>,
    parts: Vec<Parts<'a>>,
    /// What makes or changes the resource at an address.
    makers: BTreeMap<&'a Address, NodeIndex>,
    /// What removes the resource with an AWS id.
    removers: BTreeMap<&'a str, NodeIndex>,
}

/// One step and its operations.
struct Parts<'a> {
    step: &'a Step,
    bonds: &'a Bonds,
    let_go: Option<NodeIndex>,
    /// Makes or changes.
    maker: Option<NodeIndex>,
    remover: Option<NodeIndex>,
}

impl Parts<'_> {
    fn lets_go_of(&self, id: &str) -> bool {
        match &self.step.action {
            Action::Update { let_go, .. } => let_go.contains(id),
            Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => false,
        }
    }
}

impl<'a> Work<'a> {
    fn new(steps: &'a [Step], bonds: &'a [Bonds]) -> Self {
        let mut work = Self {
            draft: Draft::new(),
            ties: BTreeMap::new(),
            parts: Vec::new(),
            makers: BTreeMap::new(),
            removers: BTreeMap::new(),
        };
        for (index, (step, bonds)) in steps.iter().zip(bonds).enumerate() {
            let mut add = |part| work.draft.add_node(Op { step: index, part });
            let let_go = match &step.action {
                Action::Update { let_go, .. } if !let_go.is_empty() => Some(add(Part::LetGo)),
                Action::Create { .. }
                | Action::Update { .. }
                | Action::Replace { .. }
                | Action::Delete { .. } => None,
            };
            let maker = match step.action {
                Action::Create { .. } | Action::Replace { .. } => Some(add(Part::Make)),
                Action::Update { .. } => Some(add(Part::Change)),
                Action::Delete { .. } => None,
            };
            let remover = match step.action {
                Action::Replace { .. } | Action::Delete { .. } => Some(add(Part::Remove)),
                Action::Create { .. } | Action::Update { .. } => None,
            };
            if let Some(maker) = maker {
                work.makers.insert(&step.address, maker);
            }
            if let (Some(remover), Some(live)) = (remover, step.live())
                && !is_part(&live.id, &bonds.holds)
            {
                work.removers.insert(&live.id, remover);
            }
            work.parts.push(Parts { step, bonds, let_go, maker, remover });
        }
        work
    }

    fn tie(ties: &mut BTreeMap<(NodeIndex, NodeIndex), Tie>, from: NodeIndex, to: NodeIndex, tie: Tie) {
        if from != to {
            ties.entry((from, to)).and_modify(|old| *old = tie.max(*old)).or_insert(tie);
        }
    }

    /// Nothing is made or changed before what it points at.
    fn add_makers_first(&mut self) {
        for parts in &self.parts {
            let Some(maker) = parts.maker else { continue };
            for needed in parts.bonds.needs.iter().filter_map(|need| self.makers.get(need)) {
                Self::tie(&mut self.ties, *needed, maker, Tie::Firm);
            }
            if let Some(let_go) = parts.let_go {
                Self::tie(&mut self.ties, let_go, maker, Tie::Firm);
            }
        }
    }

    /// Nothing is removed while something live points at it.
    fn add_holders_let_go_first(&mut self) {
        for parts in &self.parts {
            let schema = parts.step.kind.schema();
            for hold in &parts.bonds.holds {
                let Some(end) = self.removers.get(hold.id.as_str()) else { continue };
                let is_released = schema.releases.contains(&hold.field.as_str());
                if let Some(remover) = parts.remover.filter(|_| schema.serves.contains(&hold.field.as_str()))
                {
                    Self::tie(&mut self.ties, *end, remover, Tie::Gentle);
                }
                let (release, tie) = match (parts.remover, is_released) {
                    (Some(remover), false) => (Some(remover), Tie::Lean),
                    // Both go: AWS drops the reference with either.
                    (Some(_), true) => (None, Tie::Gentle),
                    (None, true) => (parts.maker, Tie::Gentle),
                    (None, false) if parts.lets_go_of(&hold.id) => (parts.let_go, Tie::Lean),
                    (None, false) => (parts.maker, Tie::Lean),
                };
                if let Some(release) = release {
                    Self::tie(&mut self.ties, release, *end, tie);
                }
            }
        }
    }

    /// The halves of a replacement keep their order; an old one stays until the new one serves everybody.
    fn add_replacements_in_order(&mut self) {
        for parts in &self.parts {
            let (Some(maker), Some(remover)) = (parts.maker, parts.remover) else { continue };
            match parts.step.action {
                Action::Replace { order: Replacement::CreateFirst, .. } => {
                    Self::tie(&mut self.ties, maker, remover, Tie::Firm);
                }
                Action::Replace { order: Replacement::DeleteFirst, .. } => {
                    Self::tie(&mut self.ties, remover, maker, Tie::Firm);
                    // What the new one needs is there before the old one goes: nothing goes in vain.
                    for needed in parts.bonds.needs.iter().filter_map(|need| self.makers.get(need)) {
                        Self::tie(&mut self.ties, *needed, remover, Tie::Gentle);
                    }
                }
                Action::Create { .. } | Action::Update { .. } | Action::Delete { .. } => {}
            }
        }
        let replaced: BTreeMap<&Address, NodeIndex> = self
            .parts
            .iter()
            .filter(|parts| super::creates_first(parts.step))
            .filter_map(|parts| Some((&parts.step.address, parts.remover?)))
            .collect();
        for parts in &self.parts {
            for remover in parts.bonds.needs.iter().filter_map(|need| replaced.get(need)) {
                if let Some(maker) = parts.maker {
                    Self::tie(&mut self.ties, maker, *remover, Tie::Gentle);
                }
            }
        }
    }

    /// A value that only one may hold is given up before somebody else takes it.
    fn add_exclusive_values_are_free(&mut self) {
        let mut givers: BTreeMap<(Kind, &str), Vec<&Parts<'_>>> = BTreeMap::new();
        for parts in &self.parts {
            if let Some((first, _)) = &parts.bonds.gives {
                givers.entry((parts.step.kind, first)).or_default().push(parts);
            }
        }
        for parts in &self.parts {
            let (Some(maker), Some((first, rest))) = (parts.maker, &parts.bonds.takes) else { continue };
            for giver in givers.get(&(parts.step.kind, first.as_str())).into_iter().flatten() {
                if let (Some(remover), Some((_, other))) = (giver.remover, &giver.bonds.gives)
                    && rest.iter().zip(other).all(|(a, b)| clash(a, b))
                {
                    Self::tie(&mut self.ties, remover, maker, Tie::Firm);
                }
            }
        }
    }

    /// What is needed without being pointed at goes, or moves elsewhere, after those that need it.
    fn add_outlasting_kinds_go_last(&mut self) {
        let mut leaving: BTreeMap<(&str, Kind), Vec<NodeIndex>> = BTreeMap::new();
        for parts in &self.parts {
            if let Some(remover) = parts.remover {
                leaving.entry((parts.step.address.env(), parts.step.kind)).or_default().push(remover);
            }
        }
        for parts in &self.parts {
            let moves =
                parts.step.reasons.iter().any(|reason| reason.field != "tags" && !reason.before.is_null());
            let Some(end) = parts.remover.or(parts.maker.filter(|_| moves)) else { continue };
            for kind in parts.step.kind.schema().outlasts {
                for remover in leaving.get(&(parts.step.address.env(), *kind)).into_iter().flatten() {
                    Self::tie(&mut self.ties, *remover, end, Tie::Firm);
                }
            }
        }
    }

    /// What runs in stages goes in the opposite order: the last stage first.
    fn add_stages_go_backwards(&mut self) {
        let mut stages = Stages::new();
        for parts in &self.parts {
            let (Some(remover), Some(live)) = (parts.remover, parts.step.live()) else { continue };
            if let Some(stage) = live.tags.get(STAGE_TAG).and_then(|stage| stage.parse().ok()) {
                let of_kind = stages.entry((live.address.env(), parts.step.kind)).or_default();
                of_kind.entry(stage).or_default().push(remover);
            }
        }
        for of_kind in stages.into_values() {
            let (earlier, later) = (of_kind.values(), of_kind.values().skip(1));
            for (earlier, later) in earlier.zip(later) {
                for first in later {
                    for then in earlier {
                        Self::tie(&mut self.ties, *first, *then, Tie::Lean);
                    }
                }
            }
        }
    }
}

/// What is removed, by environment, kind and the number of its stage.
type Stages<'a> = BTreeMap<(&'a str, Kind), BTreeMap<u32, Vec<NodeIndex>>>;

/// Whether what has `id` is a part of another resource, whose id it merely carries: what points at the id
/// means the other one.
fn is_part(id: &str, holds: &[Hold]) -> bool {
    holds.iter().any(|hold| hold.id == id)
}

/// Live references of a step, by field.
fn holds(step: &Step) -> Vec<Hold> {
    let value = step.live().map(|live| live.resource.to_value()).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    fields
        .flat_map(|(field, value)| {
            refs_in(value).into_iter().filter_map(move |reference| match reference {
                Ref::Id(id) => Some(Hold { field: field.clone(), id }),
                Ref::To(_) | Ref::Find(_) => None,
            })
        })
        .collect()
}

/// Whether a step can take the references to `id` out of what is live ahead of its change: all of them are
/// elements of sets.
pub(super) fn can_let_go(step: &Step, bonds: &Bonds, id: &str) -> bool {
    let schema = step.kind.schema();
    bonds
        .holds
        .iter()
        .filter(|hold| hold.id == id && !schema.releases.contains(&hold.field.as_str()))
        .all(|hold| matches!(schema.change(&hold.field), Change::Elements { .. }))
}

/// Has updates let go of what is removed, where what they hold would not leave it by itself.
pub(super) fn let_go_of_what_goes(steps: &mut [Step]) {
    let goes = |step: &Step| match &step.action {
        Action::Replace { live, .. } | Action::Delete { live } => Some(live.id.clone()),
        Action::Create { .. } | Action::Update { .. } => None,
    };
    let gone: BTreeSet<String> = steps.iter().filter_map(goes).collect();
    for step in steps {
        let clings = step.kind.schema().clings;
        if clings.is_empty() {
            continue;
        }
        let held = holds(step).into_iter().filter(|hold| clings.contains(&hold.field.as_str()));
        let held: Vec<String> = held.map(|hold| hold.id).filter(|id| gone.contains(id)).collect();
        if let Action::Update { let_go, .. } = &mut step.action {
            let_go.extend(held);
        }
    }
}

/// The sets that would be smaller than AWS lets them be once a step has let go.
pub(super) fn cornered(step: &Step) -> Vec<(String, &'static str)> {
    let Action::Update { live, let_go, .. } = &step.action else { return Vec::new() };
    if let_go.is_empty() {
        return Vec::new();
    }
    let value = live.resource.to_value();
    let is_lost = |element: &Value| {
        refs_in(element).iter().any(|reference| reference.id().is_some_and(|id| let_go.contains(id)))
    };
    let schema = step.kind.schema();
    let fields =
        schema.fields.iter().map(|(field, _)| *field).filter(|field| !schema.releases.contains(field));
    let too_small = fields.filter(|field| {
        let elements = value.get(*field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let left = elements.iter().filter(|element| !is_lost(element)).count();
        left < elements.len() && left < live.resource.least(field)
    });
    too_small.map(|field| (live.id.clone(), field)).collect()
}

fn claim(kind: Kind, resource: &Value) -> Option<Claim> {
    let (first, rest) = kind.schema().exclusive.split_first()?;
    let rest = rest.iter().map(|field| resource.get(*field).cloned().unwrap_or_default()).collect();
    Some((resource.get(*first)?.to_string(), rest))
}

fn clash(a: &Value, b: &Value) -> bool {
    let block = |value: &Value| value.as_str().and_then(|text| text.parse::<Ipv4Net>().ok());
    match (block(a), block(b)) {
        (Some(a), Some(b)) => a.contains(&b) || b.contains(&a),
        _ => a == b,
    }
}

fn resolved(value: Value, known: &BTreeMap<Address, String>) -> Value {
    resolve_in(value, &mut |reference| match reference {
        Ref::To(address) => known.get(address).map_or_else(|| reference.clone(), |id| Ref::Id(id.clone())),
        Ref::Id(_) | Ref::Find(_) => reference.clone(),
    })
}
