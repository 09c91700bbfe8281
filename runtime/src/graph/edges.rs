//! The edges of the operation graph, and the references that updates detach.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Kind, Ref, Replacement, Resource, STAGE_TAG, ScopeRef, refs_in, resolve_in};
use ipnet::Ipv4Net;
use petgraph::graph::NodeIndex;
use serde_json::Value;

use super::gates::{Barriers, Gates};
use super::operation::{EdgeStrength, Node, Op, OperationGraph, Part, Switches, creates_first};
use crate::plan::step::{Action, Step};

/// The dependencies of a step on others that hold for every order of its operations.
pub(super) struct StepDependencies {
    /// Addresses of the resources that must exist first.
    pub(super) required: BTreeSet<Address>,
    /// References of the live resource. The resources they name cannot be deleted while these exist.
    pub(super) live_refs: Vec<LiveRef>,
    /// The exclusive values that the live resource holds until it is deleted.
    pub(super) released: Option<ExclusiveValues>,
    /// The exclusive values that the new resource needs when it is created.
    pub(super) acquired: Option<ExclusiveValues>,
}

/// A reference of a live resource.
pub(super) struct LiveRef {
    pub(super) field: String,
    pub(super) id: String,
}

/// The values of the fields in [`Schema::exclusive`](asiaq_ir::Schema): the first as JSON text, which serves as a
/// key, and the others.
pub(super) type ExclusiveValues = (String, Vec<Value>);

impl StepDependencies {
    /// `known` has the AWS ids of live resources by address.
    pub(super) fn new(step: &Step, known: &BTreeMap<Address, String>) -> Self {
        let live = step.live().map(|live| &live.resource);
        let created = match &step.action {
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
            acquired: exclusive_values(created),
        }
    }
}

/// The graph of the operations of `steps`, in the order of the steps, with all edges. It may have cycles.
pub(super) fn build_graph(
    steps: &[Step],
    dependencies: &[StepDependencies],
    barriers: &Barriers,
) -> (OperationGraph, Switches) {
    let mut builder = Builder::new(steps, dependencies, barriers);
    builder.order_dependencies();
    builder.order_barriers();
    builder.order_live_references();
    builder.order_replacements();
    builder.order_exclusive_values();
    builder.order_deletions_by_kind();
    builder.order_deletions_by_stage();
    let switches = builder.order_switches();
    let mut graph = builder.graph;
    for ((from, to), strength) in builder.edges {
        graph.add_edge(from, to, strength);
    }
    (graph, switches)
}

/// The strength of each edge.
pub(super) type Edges = BTreeMap<(NodeIndex, NodeIndex), EdgeStrength>;

pub(super) struct Builder<'a> {
    graph: OperationGraph,
    pub(super) edges: Edges,
    gates: Gates<'a>,
    pub(super) parts: Vec<Parts<'a>>,
    /// The operation that creates or updates the resource, by address.
    pub(super) writers: BTreeMap<&'a Address, NodeIndex>,
    /// The operation that deletes the resource, by AWS id.
    deleters: BTreeMap<&'a str, NodeIndex>,
}

/// One step and its operations.
pub(super) struct Parts<'a> {
    /// Index of the step.
    pub(super) index: usize,
    pub(super) step: &'a Step,
    pub(super) dependencies: &'a StepDependencies,
    detach: Option<NodeIndex>,
    /// Creates or updates.
    pub(super) writer: Option<NodeIndex>,
    /// Releases, after the update, what is replaced.
    pub(super) release: Option<NodeIndex>,
    pub(super) deleter: Option<NodeIndex>,
}

impl Parts<'_> {
    fn detaches(&self, id: &str) -> bool {
        match &self.step.action {
            Action::Update { detach, .. } => detach.contains(id),
            Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => false,
        }
    }

    /// Whether the reference to `id` is removed by a separate operation after the update.
    pub(super) fn releases(&self, id: &str) -> bool {
        self.step.release().is_some_and(|release| release.contains(id))
    }

    /// The operation with which the live reference to `id` ends.
    pub(super) fn end_of(&self, id: &str) -> Option<NodeIndex> {
        if self.deleter.is_some() {
            self.deleter
        } else if self.detaches(id) {
            self.detach
        } else if self.releases(id) {
            self.release
        } else {
            self.writer
        }
    }
}

impl<'a> Builder<'a> {
    fn new(steps: &'a [Step], dependencies: &'a [StepDependencies], barriers: &'a Barriers) -> Self {
        let mut builder = Self {
            gates: Gates::default(),
            graph: OperationGraph::new(),
            edges: BTreeMap::new(),
            parts: Vec::new(),
            writers: BTreeMap::new(),
            deleters: BTreeMap::new(),
        };
        for (index, (step, dependencies)) in steps.iter().zip(dependencies).enumerate() {
            let mut add = |part| builder.graph.add_node(Node::Op(Op { step: index, part }));
            let detach = match &step.action {
                Action::Update { detach, .. } if !detach.is_empty() => Some(add(Part::Detach)),
                Action::Create { .. }
                | Action::Update { .. }
                | Action::Replace { .. }
                | Action::Delete { .. } => None,
            };
            let writer = match step.action {
                Action::Create { .. } | Action::Replace { .. } => Some(add(Part::Create)),
                Action::Update { .. } => Some(add(Part::Update)),
                Action::Delete { .. } => None,
            };
            let release =
                step.release().is_some_and(|release| !release.is_empty()).then(|| add(Part::Release));
            let deleter = match step.action {
                Action::Replace { .. } | Action::Delete { .. } => Some(add(Part::Delete)),
                Action::Create { .. } | Action::Update { .. } => None,
            };
            if let Some(writer) = writer {
                builder.writers.insert(&step.address, writer);
            }
            if let (Some(deleter), Some(live)) = (deleter, step.live())
                && !is_part(&live.id, &dependencies.live_refs)
            {
                builder.deleters.insert(&live.id, deleter);
            }
            builder.parts.push(Parts { index, step, dependencies, detach, writer, release, deleter });
        }
        let required = dependencies.iter().flat_map(|dependencies| &dependencies.required);
        builder.gates = Gates::new(required, barriers, &mut builder.graph);
        builder
    }

    pub(super) fn connect(edges: &mut Edges, from: NodeIndex, to: NodeIndex, strength: EdgeStrength) {
        if from != to {
            edges.entry((from, to)).and_modify(|old| *old = strength.max(*old)).or_insert(strength);
        }
    }

    /// The node that ends when `need` exists: the operation that creates or updates it, or the gate of a barrier.
    fn provider(&self, need: &Address) -> Option<NodeIndex> {
        self.writers.get(need).copied().or_else(|| self.gates.entry(need))
    }

    /// The nodes that end when what a step requires exists.
    fn providers(&self, parts: &Parts<'_>) -> Vec<NodeIndex> {
        parts.dependencies.required.iter().filter_map(|need| self.provider(need)).collect()
    }

    /// The gates of barriers open when what they list exists. The old resources that create-first replacements delete
    /// stay until everything behind the barrier is changed.
    fn order_barriers(&mut self) {
        let mut required: BTreeMap<&Address, &BTreeSet<Address>> = BTreeMap::new();
        for parts in self.parts.iter().filter(|parts| parts.writer.is_some()) {
            required.insert(&parts.step.address, &parts.dependencies.required);
        }
        let mut links = Vec::new();
        for gate in self.gates.iter() {
            let waits_for = |member: &Address, barrier: &Address| {
                required.get(member).is_some_and(|required| required.contains(barrier))
            };
            for member in gate.members {
                // What comes by way of another member needs no edge of its own.
                let is_implied = self.gates.entry(member).is_some()
                    && gate.members.iter().any(|other| waits_for(other, member));
                if !is_implied {
                    links
                        .extend(self.provider(member).map(|from| (from, gate.entry, EdgeStrength::Required)));
                }
                links.extend(self.gates.exit(member).map(|to| (gate.exit, to, EdgeStrength::Preferred)));
            }
        }
        for (from, to, strength) in links {
            Self::connect(&mut self.edges, from, to, strength);
        }
    }

    /// A resource is created or updated after the resources that it references.
    fn order_dependencies(&mut self) {
        for parts in &self.parts {
            let Some(writer) = parts.writer else { continue };
            for provider in self.providers(parts) {
                Self::connect(&mut self.edges, provider, writer, EdgeStrength::Required);
            }
            if let Some(detach) = parts.detach {
                Self::connect(&mut self.edges, detach, writer, EdgeStrength::Required);
            }
            if let Some(release) = parts.release {
                Self::connect(&mut self.edges, writer, release, EdgeStrength::Required);
            }
        }
    }

    /// A resource is deleted after the operations that remove the live references to it.
    fn order_live_references(&mut self) {
        for parts in &self.parts {
            let schema = parts.step.kind.schema();
            for live_ref in &parts.dependencies.live_refs {
                let Some(end) = self.deleters.get(live_ref.id.as_str()) else { continue };
                let is_released = schema.auto_detached.contains(&live_ref.field.as_str());
                if let Some(deleter) =
                    parts.deleter.filter(|_| schema.deleted_after_user.contains(&live_ref.field.as_str()))
                {
                    Self::connect(&mut self.edges, *end, deleter, EdgeStrength::Preferred);
                }
                let (release, strength) = match (parts.deleter, is_released) {
                    (Some(deleter), false) => (Some(deleter), EdgeStrength::Reference),
                    // Both are deleted: AWS drops the reference with either.
                    (Some(_), true) => (None, EdgeStrength::Preferred),
                    (None, true) => (parts.writer, EdgeStrength::Preferred),
                    (None, false) => (parts.end_of(&live_ref.id), EdgeStrength::Reference),
                };
                if let Some(release) = release {
                    Self::connect(&mut self.edges, release, *end, strength);
                }
            }
        }
    }

    /// The two halves of a replacement keep their order. With create-first, the old resource is deleted after all
    /// resources that reference its address have been updated to the new one.
    fn order_replacements(&mut self) {
        for parts in &self.parts {
            let (Some(writer), Some(deleter)) = (parts.writer, parts.deleter) else { continue };
            match parts.step.action {
                Action::Replace { order: Replacement::CreateFirst, .. } => {
                    Self::connect(&mut self.edges, writer, deleter, EdgeStrength::Required);
                }
                Action::Replace { order: Replacement::DeleteFirst, .. } => {
                    Self::connect(&mut self.edges, deleter, writer, EdgeStrength::Required);
                    // If a dependency of the new resource cannot be created, the old resource stays.
                    for provider in self.providers(parts) {
                        Self::connect(&mut self.edges, provider, deleter, EdgeStrength::Preferred);
                    }
                }
                Action::Create { .. } | Action::Update { .. } | Action::Delete { .. } => {}
            }
        }
        let replaced: BTreeMap<&Address, NodeIndex> = self
            .parts
            .iter()
            .filter(|parts| creates_first(parts.step))
            .filter_map(|parts| Some((&parts.step.address, parts.deleter?)))
            .collect();
        for parts in &self.parts {
            let needs = parts.dependencies.required.iter();
            let stays = |need| replaced.get(need).copied().or_else(|| self.gates.exit(need));
            for deleter in needs.filter_map(stays) {
                if let Some(writer) = parts.writer {
                    Self::connect(&mut self.edges, writer, deleter, EdgeStrength::Preferred);
                }
            }
        }
        for parts in &self.parts {
            let writer = parts.step.replaced_by.as_ref().and_then(|address| self.writers.get(address));
            if let (Some(writer), Some(deleter)) = (writer.copied(), parts.deleter) {
                Self::connect(&mut self.edges, writer, deleter, EdgeStrength::Preferred);
            }
        }
        for gate in self.gates.iter() {
            for deleter in gate.members.iter().filter_map(|member| replaced.get(member)) {
                Self::connect(&mut self.edges, gate.exit, *deleter, EdgeStrength::Preferred);
            }
        }
    }

    /// An exclusive value is released by the deletion of one resource before another one acquires it.
    fn order_exclusive_values(&mut self) {
        let mut releasers: BTreeMap<(Kind, &str), Vec<&Parts<'_>>> = BTreeMap::new();
        for parts in &self.parts {
            if let Some((first, _)) = &parts.dependencies.released
                && !parts.step.kind.schema().handed_over
            {
                releasers.entry((parts.step.kind, first)).or_default().push(parts);
            }
        }
        for parts in &self.parts {
            let (Some(writer), Some((first, rest))) = (parts.writer, &parts.dependencies.acquired) else {
                continue;
            };
            for releaser in releasers.get(&(parts.step.kind, first.as_str())).into_iter().flatten() {
                if let (Some(deleter), Some((_, other))) = (releaser.deleter, &releaser.dependencies.released)
                    && rest.iter().zip(other).all(|(a, b)| clash(a, b))
                {
                    Self::connect(&mut self.edges, deleter, writer, EdgeStrength::Required);
                }
            }
        }
    }

    /// A resource that kinds in [`Schema::delete_after_kinds`](asiaq_ir::Schema) need is deleted, or moved by an
    /// update, after the resources of these kinds in its environment are deleted; one that kinds in
    /// [`Schema::outlives_kinds`](asiaq_ir::Schema) use too, unless something waits for its deletion.
    fn order_deletions_by_kind(&mut self) {
        let mut removed: BTreeMap<(ScopeRef<'_>, Kind), Vec<NodeIndex>> = BTreeMap::new();
        for parts in &self.parts {
            if let Some(deleter) = parts.deleter {
                removed.entry((parts.step.address.scope(), parts.step.kind)).or_default().push(deleter);
            }
        }
        for parts in &self.parts {
            // A resource that is bound to its VPC is not moved by an update.
            let moves = parts.step.kind.schema().vpc_bound_by.is_none()
                && parts.step.reasons.iter().any(|reason| reason.field != "tags" && !reason.before.is_null());
            let Some(end) = parts.deleter.or(parts.writer.filter(|_| moves)) else { continue };
            let schema = parts.step.kind.schema();
            let required = schema.delete_after_kinds.iter().map(|kind| (kind, EdgeStrength::Required));
            let wished = schema.outlives_kinds.iter().map(|kind| (kind, EdgeStrength::Courtesy));
            for (kind, strength) in required.chain(wished) {
                for deleter in removed.get(&(parts.step.address.scope(), *kind)).into_iter().flatten() {
                    Self::connect(&mut self.edges, *deleter, end, strength);
                }
            }
        }
    }

    /// Auto Scaling groups of a pipeline are deleted in the opposite order of their stages: the last stage first.
    fn order_deletions_by_stage(&mut self) {
        let mut stages = Stages::new();
        for parts in &self.parts {
            let (Some(deleter), Some(live)) = (parts.deleter, parts.step.live()) else { continue };
            if let Some(stage) = live.tags.get(STAGE_TAG).and_then(|stage| stage.parse().ok()) {
                let of_kind = stages.entry((live.address.scope(), parts.step.kind)).or_default();
                of_kind.entry(stage).or_default().push(deleter);
            }
        }
        for of_kind in stages.into_values() {
            for (earlier, later) in of_kind.values().zip(of_kind.values().skip(1)) {
                let gate = self.graph.add_node(Node::Gate);
                for from in later {
                    Self::connect(&mut self.edges, *from, gate, EdgeStrength::Reference);
                }
                for to in earlier {
                    Self::connect(&mut self.edges, gate, *to, EdgeStrength::Reference);
                }
            }
        }
    }
}

/// Deletions by environment and kind, then by number of the stage.
type Stages<'a> = BTreeMap<(ScopeRef<'a>, Kind), BTreeMap<u32, Vec<NodeIndex>>>;

/// Whether the resource with `id` is a part of another resource and carries that one's id. References to the id
/// then mean the other resource.
fn is_part(id: &str, live_refs: &[LiveRef]) -> bool {
    live_refs.iter().any(|live_ref| live_ref.id == id)
}

/// The references of the live resource of a step, in order of field.
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

/// Whether all live references of a step to `id` are elements of sets, so that a separate call before the update can
/// remove them.
pub(super) fn can_detach(step: &Step, dependencies: &StepDependencies, id: &str) -> bool {
    let schema = step.kind.schema();
    dependencies
        .live_refs
        .iter()
        .filter(|live_ref| live_ref.id == id && !schema.auto_detached.contains(&live_ref.field.as_str()))
        .all(|live_ref| matches!(schema.change(&live_ref.field), Change::Elements { .. }))
}

/// Makes updates detach the resources that are deleted from the sets in
/// [`Schema::detach_before_delete`](asiaq_ir::Schema).
pub(super) fn detach_from_deleted(steps: &mut [Step]) {
    let deleted_id = |step: &Step| match &step.action {
        Action::Replace { live, .. } | Action::Delete { live } => Some(live.id.clone()),
        Action::Create { .. } | Action::Update { .. } => None,
    };
    let deleted: BTreeSet<String> = steps.iter().filter_map(deleted_id).collect();
    for step in steps {
        let fields = step.kind.schema().detach_before_delete;
        if fields.is_empty() {
            continue;
        }
        let refs = live_refs(step).into_iter().filter(|live_ref| fields.contains(&live_ref.field.as_str()));
        let ids: Vec<String> = refs.map(|live_ref| live_ref.id).filter(|id| deleted.contains(id)).collect();
        if let Action::Update { detach, .. } = &mut step.action {
            detach.extend(ids);
        }
    }
}

/// The sets of a step that its detach operation would shrink below AWS's minimum: AWS id and field.
pub(super) fn minimum_violations(step: &Step) -> Vec<(String, &'static str)> {
    let Action::Update { live, detach, .. } = &step.action else { return Vec::new() };
    if detach.is_empty() {
        return Vec::new();
    }
    let value = live.resource.to_value();
    let is_detached = |element: &Value| {
        refs_in(element).iter().any(|reference| reference.id().is_some_and(|id| detach.contains(id)))
    };
    let schema = step.kind.schema();
    let fields =
        schema.fields.iter().map(|(field, _)| *field).filter(|field| !schema.auto_detached.contains(field));
    let too_small = fields.filter(|field| {
        let elements = value.get(*field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let left = elements.iter().filter(|element| !is_detached(element)).count();
        left < elements.len() && left < live.resource.min_elements(field)
    });
    too_small.map(|field| (live.id.clone(), field)).collect()
}

fn exclusive_values(kind: Kind, resource: &Value) -> Option<ExclusiveValues> {
    let (first, rest) = kind.schema().exclusive.split_first()?;
    let rest = rest.iter().map(|field| resource.get(*field).cloned().unwrap_or_default()).collect();
    // What is not set is not taken.
    let first = resource.get(*first).filter(|value| !value.is_null())?;
    Some((first.to_string(), rest))
}

/// Whether two exclusive values are the same; CIDR blocks are if they overlap, and sets if they share an element.
pub(super) fn clash(a: &Value, b: &Value) -> bool {
    let cidr = |value: &Value| value.as_str().and_then(|text| text.parse::<Ipv4Net>().ok());
    if let (Value::Array(a), Value::Array(b)) = (a, b) {
        return a.iter().any(|element| b.contains(element));
    }
    match (cidr(a), cidr(b)) {
        (Some(a), Some(b)) => a.contains(&b) || b.contains(&a),
        _ => a == b,
    }
}

/// `value` with AWS ids in place of the addresses in `known`.
fn resolved(value: Value, known: &BTreeMap<Address, String>) -> Value {
    resolve_in(value, &mut |reference| match reference {
        Ref::To(address) => known.get(address).map_or_else(|| reference.clone(), |id| Ref::Id(id.clone())),
        Ref::Id(_) | Ref::Find(_) => reference.clone(),
    })
}
