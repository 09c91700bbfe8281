//! The wanted resources of a scope.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Ir, Node, Ref, Resource, refs_in};
use serde_json::Value;

use super::coverage::{Coverage, Goal};
use super::live::{Item, Live};
use super::note::Note;

/// The nodes that a plan takes into account.
pub(super) struct Selection<'a> {
    /// Resources that exist after the plan is applied: inside the scope all wanted ones, outside the scope those that
    /// are live already.
    pub(super) wanted: BTreeMap<&'a Address, Wanted<'a>>,
    /// The same addresses, each after its dependencies.
    pub(super) order: Vec<&'a Address>,
    pub(super) notes: BTreeSet<Note>,
    scope: &'a Coverage,
}

/// A wanted resource.
pub(super) struct Wanted<'a> {
    pub(super) node: &'a Node,
    /// The resource as JSON, without the elements whose references have no target in the plan.
    pub(super) value: Value,
    /// Whether it is in the scope.
    pub(super) inside: bool,
    is_trimmed: bool,
}

impl Wanted<'_> {
    /// The resource, without the elements whose references have no target in the plan.
    pub(super) fn resource(&self) -> Resource {
        let trimmed = || serde_json::from_value(self.value.clone()).ok();
        self.is_trimmed.then(trimmed).flatten().unwrap_or_else(|| self.node.resource.clone())
    }
}

impl<'a> Selection<'a> {
    pub(super) fn new(ir: &'a Ir, live: &Live<'a>, scope: &'a Coverage) -> Self {
        let mut selection =
            Self { wanted: BTreeMap::new(), order: Vec::new(), notes: BTreeSet::new(), scope };
        let mut values: BTreeMap<&Address, Value> =
            ir.resources.iter().map(|(address, node)| (address, node.resource.to_value())).collect();
        for address in dependencies_first(ir, &values) {
            let (Some(node), Some(value)) = (ir.resources.get(address), values.remove(address)) else {
                continue;
            };
            let inside = scope.includes(address) || reaches_into(scope, node);
            let takes_part = match (inside, scope.goal) {
                (true, Goal::Apply) => true,
                (true, Goal::Destroy) => false,
                (false, _) => live.at(address, node.resource.kind()).next().is_some(),
            };
            if takes_part {
                selection.admit(ir, address, Wanted { node, value, inside, is_trimmed: false });
            }
        }
        selection
    }

    /// Whether a live resource is in the scope: by its address, or by either end of what it joins.
    pub(super) fn covers(&self, item: &Item<'_>, live: &Live<'_>) -> bool {
        let mut others = item.found.resource.joined().filter_map(|end| live.end(end.id()?));
        self.scope.includes(&item.found.address) || others.any(|end| self.scope.includes(end))
    }

    /// Adds a node, unless a dependency of it will not exist; adds notes about missing references.
    fn admit(&mut self, ir: &Ir, address: &'a Address, mut wanted: Wanted<'a>) {
        if wanted.inside {
            let missing =
                |address: &Address| ir.resources.contains_key(address) && !self.wanted.contains_key(address);
            let references = refs_in(&wanted.value);
            if references.iter().any(|reference| matches!(reference, Ref::To(to) if missing(to))) {
                let (left_out, needed) = trim(address, &mut wanted, &missing);
                if let Some(missing) = needed {
                    self.notes.insert(Note::LeftOut { address: address.clone(), missing });
                    return;
                }
                self.notes.extend(left_out);
            }
            let unresolved = references.into_iter().filter(|reference| match reference {
                Ref::To(to) => !ir.resources.contains_key(to),
                Ref::Id(_) => false,
                Ref::Find(_) => true,
            });
            self.notes
                .extend(unresolved.map(|reference| Note::Unresolved { address: address.clone(), reference }));
        }
        self.order.push(address);
        self.wanted.insert(address, wanted);
    }
}

/// Removes the set elements that reference missing resources. Returns a note for each, and a missing resource that
/// the resource cannot do without, if there is one.
fn trim(
    address: &Address,
    wanted: &mut Wanted<'_>,
    missing: &dyn Fn(&Address) -> bool,
) -> (Vec<Note>, Option<Address>) {
    let kind = wanted.node.resource.kind();
    let missing_ref = |value: &Value| {
        refs_in(value).into_iter().find_map(|reference| match reference {
            Ref::To(to) if missing(&to) => Some(to),
            Ref::To(_) | Ref::Id(_) | Ref::Find(_) => None,
        })
    };
    let mut notes = Vec::new();
    let mut needed = None;
    for (field, value) in wanted.value.as_object_mut().into_iter().flatten() {
        match (kind.schema().change(field), value) {
            (Change::Elements { .. }, Value::Array(elements)) => {
                let first = elements.iter().find_map(&missing_ref);
                elements.retain(|element| {
                    let Some(missing) = missing_ref(element) else { return true };
                    notes.push(Note::ElementLeftOut {
                        address: address.clone(),
                        field: field.clone(),
                        element: Resource::element_key(kind, field, element),
                        missing,
                    });
                    false
                });
                if elements.is_empty() && kind.schema().never_empty.contains(&field.as_str()) {
                    needed = needed.or(first);
                }
            }
            (_, value) => needed = needed.or_else(|| missing_ref(value)),
        }
    }
    wanted.is_trimmed = !notes.is_empty();
    (notes, needed)
}

/// Whether a node joins something in the scope with something else.
fn reaches_into(scope: &Coverage, node: &Node) -> bool {
    node.resource.joined_addresses().any(|end| scope.includes(end))
}

/// Those of some addresses that the program has, as a resource or a barrier.
fn present<'a>(ir: &'a Ir, addresses: &'a BTreeSet<Address>) -> impl Iterator<Item = &'a Address> {
    addresses
        .iter()
        .filter(|address| ir.resources.contains_key(*address) || ir.barriers.contains_key(*address))
}

/// The addresses of a program and of its barriers, each after its dependencies. In a cycle, which the compiler never produces, the address
/// that is visited first comes last.
fn dependencies_first<'a>(ir: &'a Ir, values: &BTreeMap<&'a Address, Value>) -> Vec<&'a Address> {
    let needs: BTreeMap<&Address, Vec<&'a Address>> = ir
        .resources
        .iter()
        .map(|(address, node)| {
            let references = values.get(address).map(refs_in).unwrap_or_default();
            let references = references.iter().filter_map(|reference| match reference {
                Ref::To(to) => ir.resources.get_key_value(to).map(|(to, _)| to),
                Ref::Id(_) | Ref::Find(_) => None,
            });
            (address, references.chain(present(ir, &node.after)).collect())
        })
        .chain(ir.barriers.iter().map(|(address, members)| (address, present(ir, members).collect())))
        .collect();
    let mut order = Vec::new();
    let mut visited = BTreeSet::new();
    for start in ir.resources.keys() {
        let mut stack = vec![(start, false)];
        while let Some((address, is_done)) = stack.pop() {
            if is_done {
                order.push(address);
            } else if visited.insert(address) {
                stack.push((address, true));
                stack.extend(needs.get(address).into_iter().flatten().map(|need| (*need, false)));
            }
        }
    }
    order
}
