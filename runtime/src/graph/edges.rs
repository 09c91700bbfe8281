//! Where the ties among operations come from.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Kind, Ref, Replacement, Resource, STAGE_TAG, refs_in, resolve_in};
use ipnet::Ipv4Net;
use petgraph::graph::NodeIndex;
use serde_json::Value;

use super::operation::{EdgeStrength, Op, OperationGraph, Part, creates_first};
use crate::plan::step::{Action, Step};

/// What ties a step to others, however it is done.
pub(super) struct StepDependencies {
    /// Addresses that have to be there first.
    required: BTreeSet<Address>,
    /// What has to stay while the live resource points at it.
    live_refs: Vec<LiveRef>,
    /// The exclusive values it gives up when it is removed, and those it takes when it is made.
    released: Option<ExclusiveValues>,
    acquired: Option<ExclusiveValues>,
}

/// A live reference.
struct LiveRef {
    field: String,
    id: String,
}

/// The exclusive values of a resource: the first as text, to look it up by, and the rest.
type ExclusiveValues = (String, Vec<Value>);

impl StepDependencies {
    /// The bonds of a step, with the ids of what lives already.
    pub(super) fn new(step: &Step, known: &BTreeMap<Address, String>) -> Self {
        let live = step.live().map(|live| &live.resource);
        let made = match &step.action {
            Action::Create { node } | Action::Replace { node, .. } => Some(&node.resource),
            Action::Update { .. } | Action::Delete { .. } => None,
        };
        let is_exclusive = !step.kind.schema().exclusive.is_empty();
        let exclusive_values = |resource: Option<&Resource>| {
            let value = resource.filter(|_| is_exclusive)?.to_value();
            exclusive_values(step.kind, &resolved(value, known))
        };
        Self {
            required: step.dependencies(),
            live_refs: live_refs(step),
            released: exclusive_values(live),
            acquired: exclusive_values(made),
        }
    }
}

/// The operations of `steps`, in their order, with every tie there is: circles may be among them.
pub(super) fn build_graph(steps: &[Step], dependencies: &[StepDependencies]) -> OperationGraph {
    let mut work = Builder::new(steps, dependencies);
    work.add_makers_first();
    work.add_references_are_detached_first();
    work.add_replacements_in_order();
    work.add_exclusive_values_are_free();
    work.add_outlasting_kinds_go_last();
    work.add_stages_go_backwards();
    let mut graph = work.graph;
    for ((from, to), strength) in work.edges {
        graph.add_edge(from, to, strength);
    }
    graph
}

/// A draft in the making.
struct Builder<'a> {
    graph: OperationGraph,
    edges: BTreeMap<(NodeIndex, NodeIndex), EdgeStrength>,
    parts: Vec<Parts<'a>>,
    /// What makes or changes the resource at an address.
    makers: BTreeMap<&'a Address, NodeIndex>,
    /// What removes the resource with an AWS id.
    removers: BTreeMap<&'a str, NodeIndex>,
}

/// One step and its operations.
struct Parts<'a> {
    step: &'a Step,
    dependencies: &'a StepDependencies,
    detach: Option<NodeIndex>,
    /// Makes or changes.
    maker: Option<NodeIndex>,
    remover: Option<NodeIndex>,
}

impl Parts<'_> {
    fn detaches(&self, id: &str) -> bool {
        match &self.step.action {
            Action::Update { detach, .. } => detach.contains(id),
            Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => false,
        }
    }
}

impl<'a> Builder<'a> {
    fn new(steps: &'a [Step], dependencies: &'a [StepDependencies]) -> Self {
        let mut work = Self {
            graph: OperationGraph::new(),
            edges: BTreeMap::new(),
            parts: Vec::new(),
            makers: BTreeMap::new(),
            removers: BTreeMap::new(),
        };
        for (index, (step, dependencies)) in steps.iter().zip(dependencies).enumerate() {
            let mut add = |part| work.graph.add_node(Op { step: index, part });
            let detach = match &step.action {
                Action::Update { detach, .. } if !detach.is_empty() => Some(add(Part::Detach)),
                Action::Create { .. }
                | Action::Update { .. }
                | Action::Replace { .. }
                | Action::Delete { .. } => None,
            };
            let maker = match step.action {
                Action::Create { .. } | Action::Replace { .. } => Some(add(Part::Create)),
                Action::Update { .. } => Some(add(Part::Update)),
                Action::Delete { .. } => None,
            };
            let remover = match step.action {
                Action::Replace { .. } | Action::Delete { .. } => Some(add(Part::Delete)),
                Action::Create { .. } | Action::Update { .. } => None,
            };
            if let Some(maker) = maker {
                work.makers.insert(&step.address, maker);
            }
            if let (Some(remover), Some(live)) = (remover, step.live())
                && !is_part(&live.id, &dependencies.live_refs)
            {
                work.removers.insert(&live.id, remover);
            }
            work.parts.push(Parts { step, dependencies, detach, maker, remover });
        }
        work
    }

    fn connect(
        edges: &mut BTreeMap<(NodeIndex, NodeIndex), EdgeStrength>,
        from: NodeIndex,
        to: NodeIndex,
        strength: EdgeStrength,
    ) {
        if from != to {
            edges.entry((from, to)).and_modify(|old| *old = strength.max(*old)).or_insert(strength);
        }
    }

    /// Nothing is made or changed before what it points at.
    fn add_makers_first(&mut self) {
        for parts in &self.parts {
            let Some(maker) = parts.maker else { continue };
            for needed in parts.dependencies.required.iter().filter_map(|need| self.makers.get(need)) {
                Self::connect(&mut self.edges, *needed, maker, EdgeStrength::Required);
            }
            if let Some(detach) = parts.detach {
                Self::connect(&mut self.edges, detach, maker, EdgeStrength::Required);
            }
        }
    }

    /// Nothing is removed while something live points at it.
    fn add_references_are_detached_first(&mut self) {
        for parts in &self.parts {
            let schema = parts.step.kind.schema();
            for live_ref in &parts.dependencies.live_refs {
                let Some(end) = self.removers.get(live_ref.id.as_str()) else { continue };
                let is_released = schema.auto_detached.contains(&live_ref.field.as_str());
                if let Some(remover) =
                    parts.remover.filter(|_| schema.deleted_after_user.contains(&live_ref.field.as_str()))
                {
                    Self::connect(&mut self.edges, *end, remover, EdgeStrength::Preferred);
                }
                let (release, strength) = match (parts.remover, is_released) {
                    (Some(remover), false) => (Some(remover), EdgeStrength::Reference),
                    // Both go: AWS drops the reference with either.
                    (Some(_), true) => (None, EdgeStrength::Preferred),
                    (None, true) => (parts.maker, EdgeStrength::Preferred),
                    (None, false) if parts.detaches(&live_ref.id) => (parts.detach, EdgeStrength::Reference),
                    (None, false) => (parts.maker, EdgeStrength::Reference),
                };
                if let Some(release) = release {
                    Self::connect(&mut self.edges, release, *end, strength);
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
                    Self::connect(&mut self.edges, maker, remover, EdgeStrength::Required);
                }
                Action::Replace { order: Replacement::DeleteFirst, .. } => {
                    Self::connect(&mut self.edges, remover, maker, EdgeStrength::Required);
                    // What the new one needs is there before the old one goes: nothing goes in vain.
                    for needed in parts.dependencies.required.iter().filter_map(|need| self.makers.get(need))
                    {
                        Self::connect(&mut self.edges, *needed, remover, EdgeStrength::Preferred);
                    }
                }
                Action::Create { .. } | Action::Update { .. } | Action::Delete { .. } => {}
            }
        }
        let replaced: BTreeMap<&Address, NodeIndex> = self
            .parts
            .iter()
            .filter(|parts| creates_first(parts.step))
            .filter_map(|parts| Some((&parts.step.address, parts.remover?)))
            .collect();
        for parts in &self.parts {
            for remover in parts.dependencies.required.iter().filter_map(|need| replaced.get(need)) {
                if let Some(maker) = parts.maker {
                    Self::connect(&mut self.edges, maker, *remover, EdgeStrength::Preferred);
                }
            }
        }
    }

    /// A value that only one may hold is given up before somebody else takes it.
    fn add_exclusive_values_are_free(&mut self) {
        let mut releasers: BTreeMap<(Kind, &str), Vec<&Parts<'_>>> = BTreeMap::new();
        for parts in &self.parts {
            if let Some((first, _)) = &parts.dependencies.released {
                releasers.entry((parts.step.kind, first)).or_default().push(parts);
            }
        }
        for parts in &self.parts {
            let (Some(maker), Some((first, rest))) = (parts.maker, &parts.dependencies.acquired) else {
                continue;
            };
            for releaser in releasers.get(&(parts.step.kind, first.as_str())).into_iter().flatten() {
                if let (Some(remover), Some((_, other))) = (releaser.remover, &releaser.dependencies.released)
                    && rest.iter().zip(other).all(|(a, b)| clash(a, b))
                {
                    Self::connect(&mut self.edges, remover, maker, EdgeStrength::Required);
                }
            }
        }
    }

    /// What is needed without being pointed at goes, or moves elsewhere, after those that need it.
    fn add_outlasting_kinds_go_last(&mut self) {
        let mut removed: BTreeMap<(&str, Kind), Vec<NodeIndex>> = BTreeMap::new();
        for parts in &self.parts {
            if let Some(remover) = parts.remover {
                removed.entry((parts.step.address.env(), parts.step.kind)).or_default().push(remover);
            }
        }
        for parts in &self.parts {
            let moves =
                parts.step.reasons.iter().any(|reason| reason.field != "tags" && !reason.before.is_null());
            let Some(end) = parts.remover.or(parts.maker.filter(|_| moves)) else { continue };
            for kind in parts.step.kind.schema().delete_after_kinds {
                for remover in removed.get(&(parts.step.address.env(), *kind)).into_iter().flatten() {
                    Self::connect(&mut self.edges, *remover, end, EdgeStrength::Required);
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
                        Self::connect(&mut self.edges, *first, *then, EdgeStrength::Reference);
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
fn is_part(id: &str, live_refs: &[LiveRef]) -> bool {
    live_refs.iter().any(|live_ref| live_ref.id == id)
}

/// Live references of a step, by field.
fn live_refs(step: &Step) -> Vec<LiveRef> {
    let value = step.live().map(|live| live.resource.to_value()).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    fields
        .flat_map(|(field, value)| {
            refs_in(value).into_iter().filter_map(move |reference| match reference {
                Ref::Id(id) => Some(LiveRef { field: field.clone(), id }),
                Ref::To(_) | Ref::Find(_) => None,
            })
        })
        .collect()
}

/// Whether a step can take the references to `id` out of what is live ahead of its change: all of them are
/// elements of sets.
pub(super) fn can_detach(step: &Step, dependencies: &StepDependencies, id: &str) -> bool {
    let schema = step.kind.schema();
    dependencies
        .live_refs
        .iter()
        .filter(|live_ref| live_ref.id == id && !schema.auto_detached.contains(&live_ref.field.as_str()))
        .all(|live_ref| matches!(schema.change(&live_ref.field), Change::Elements { .. }))
}

/// Has updates let go of what is removed, where what they hold would not leave it by itself.
pub(super) fn detach_from_deleted(steps: &mut [Step]) {
    let goes = |step: &Step| match &step.action {
        Action::Replace { live, .. } | Action::Delete { live } => Some(live.id.clone()),
        Action::Create { .. } | Action::Update { .. } => None,
    };
    let gone: BTreeSet<String> = steps.iter().filter_map(goes).collect();
    for step in steps {
        let clings = step.kind.schema().detach_before_delete;
        if clings.is_empty() {
            continue;
        }
        let held = live_refs(step).into_iter().filter(|live_ref| clings.contains(&live_ref.field.as_str()));
        let held: Vec<String> = held.map(|live_ref| live_ref.id).filter(|id| gone.contains(id)).collect();
        if let Action::Update { detach, .. } = &mut step.action {
            detach.extend(held);
        }
    }
}

/// The sets that would be smaller than AWS lets them be once a step has let go.
pub(super) fn minimum_violations(step: &Step) -> Vec<(String, &'static str)> {
    let Action::Update { live, detach, .. } = &step.action else { return Vec::new() };
    if detach.is_empty() {
        return Vec::new();
    }
    let value = live.resource.to_value();
    let is_lost = |element: &Value| {
        refs_in(element).iter().any(|reference| reference.id().is_some_and(|id| detach.contains(id)))
    };
    let schema = step.kind.schema();
    let fields =
        schema.fields.iter().map(|(field, _)| *field).filter(|field| !schema.auto_detached.contains(field));
    let too_small = fields.filter(|field| {
        let elements = value.get(*field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let left = elements.iter().filter(|element| !is_lost(element)).count();
        left < elements.len() && left < live.resource.min_elements(field)
    });
    too_small.map(|field| (live.id.clone(), field)).collect()
}

fn exclusive_values(kind: Kind, resource: &Value) -> Option<ExclusiveValues> {
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
