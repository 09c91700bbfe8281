use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, GroupRule, Ir, Protocol, ScopeRef};

use crate::ui::text::{Ports, line, ports, ports_text, source};

/// Groups rules that one line of a program declares into one line.
///
/// Each rule has a mark, such as its source line; only rules with the same mark are grouped.
pub(super) fn group_rules<M: Ord + Clone>(
    rules: &[(GroupRule, M)],
    ir: &Ir,
    scope: ScopeRef<'_>,
) -> Vec<(String, M)> {
    if rules.is_empty() {
        return Vec::new();
    }
    let env = scope.as_str();
    let mut by_ports: BTreeMap<(Protocol, Ports, &str, &M), BTreeSet<String>> = BTreeMap::new();
    for (rule, mark) in rules {
        let key = (rule.protocol, ports(rule), rule.description.as_str(), mark);
        by_ports.entry(key).or_default().insert(source(&rule.source, env));
    }
    let mut by_sources: BTreeMap<(Protocol, BTreeSet<String>, &str, &M), BTreeSet<Ports>> = BTreeMap::new();
    for ((protocol, ports, description, mark), sources) in by_ports {
        by_sources.entry((protocol, sources, description, mark)).or_default().insert(ports);
    }
    let every_network = networks(ir, scope);
    by_sources
        .into_iter()
        .map(|((protocol, sources, description, mark), ports)| {
            let ports: Vec<String> = ports.iter().map(|ports| ports_text(*ports, protocol)).collect();
            let sources = if sources == every_network && sources.len() > 1 {
                "all".to_owned()
            } else {
                list(&sources.into_iter().collect::<Vec<_>>())
            };
            (line(protocol, &list(&ports), "from", &sources, description), mark.clone())
        })
        .collect()
}

fn list(items: &[String]) -> String {
    match items {
        [one] => one.clone(),
        _ => format!("[{}]", items.join(", ")),
    }
}

/// The metanetworks of an environment.
fn networks(ir: &Ir, scope: ScopeRef<'_>) -> BTreeSet<String> {
    let first = Address::of(&scope.to_scope(), "");
    let own = ir.resources.range(first..).take_while(|(address, _)| address.scope() == scope);
    own.filter_map(|(address, _)| address.path().strip_suffix("/security-group").map(str::to_owned)).collect()
}
