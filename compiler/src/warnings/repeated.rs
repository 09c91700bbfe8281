//! Values that a list has twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::Project;
use crate::errors;
use crate::value::{Address, NameServer, Value, Watched};

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    // A value of a list that is shared is superfluous only where every user of the list has it twice.
    let mut places: BTreeMap<Span, Option<(&str, Span)>> = BTreeMap::new();
    for fields in project.model.environments.iter().flat_map(|env| env.provenance.parts()) {
        // Environments share what their overrides do not tell apart.
        if !seen.insert(Arc::as_ptr(fields)) {
            continue;
        }
        for (field, items) in fields.lists().filter(|(_, items)| items.len() > 1) {
            let mut first: BTreeMap<String, Span> = BTreeMap::new();
            for item in items {
                let Some(key) = key(&item.value) else { continue };
                let repeats = first.get(&key).map(|first| (field, *first));
                first.entry(key).or_insert(item.span);
                let known = places.entry(item.span).or_insert(repeats);
                if repeats.is_none() {
                    *known = None;
                }
            }
        }
    }
    for (span, repeats) in places {
        let Some((field, first)) = repeats.filter(|(_, first)| *first != span) else { continue };
        let value = (span, project.sources.slice(span));
        found.push(errors::repeated_value(value, field, first, project.removal(span)));
    }
}

/// What a simple value means. Rules, routes, listeners and the like are compared by checks of their own.
fn key(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Ref(text) | Value::Watched(Watched::Hostclass(text)) => Some(text.clone()),
        Value::Watched(Watched::Store(kind, name)) => Some(format!("{kind} {name}")),
        Value::Watched(Watched::Named(text)) => Some(format!("{text:?}")),
        Value::Watched(Watched::All) => Some("all".to_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::Cidr(block) => Some(block.to_string()),
        Value::Ip(ip) => Some(ip.to_string()),
        Value::Ports(ports) => Some(format!("{}..{}", ports.from, ports.to)),
        Value::Address(address) | Value::NameServer(NameServer::Address(address)) => {
            Some(of_address(address))
        }
        Value::NameServer(NameServer::Amazon) => Some("amazon".to_owned()),
        Value::Error
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Duration(_)
        | Value::Size(_)
        | Value::Allocation(_)
        | Value::Rule(_)
        | Value::Source(_)
        | Value::Route(_)
        | Value::Nat(_)
        | Value::Peering(..)
        | Value::List(_)
        | Value::Tags(_)
        | Value::Texts(_)
        | Value::Listener(_)
        | Value::Capacity(_)
        | Value::Condition(_)
        | Value::Sticky(_)
        | Value::Reserve(_)
        | Value::Script(_)
        | Value::Subscriber(_)
        | Value::Window(_)
        | Value::File(_)
        | Value::Principal(_) => None,
    }
}

fn of_address(address: &Address) -> String {
    match address {
        Address::Ip(ip) => ip.to_string(),
        Address::Offset { network, by } => {
            let network = network.as_ref().map_or("", |network| network.value.as_str());
            format!("{network} + {by}")
        }
    }
}
