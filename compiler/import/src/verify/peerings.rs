//! Peerings: which environments are joined, and by which metanetworks.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::Checked;
use asiaq_ir::Resource;
use asiaq_lang::Span;

use super::Comparison;
use super::resolvers::{Tree, place};
use crate::Import;

/// Two environments or two metanetworks, the first by name first.
type Pair = [String; 2];

fn pair(one: &str, two: &str) -> Pair {
    let mut pair = [one.to_owned(), two.to_owned()];
    pair.sort();
    pair
}

pub(super) fn compare(tree: &Tree, imported: &Import, checked: &Checked, comparison: &mut Comparison<'_>) {
    let Some(section) = tree.vpc.section("peerings") else { return };
    // The environments as the original sees them: names with types.
    let live: Vec<(&str, &str)> =
        imported.environments.iter().map(|(name, envtype, _)| (name.as_str(), envtype.as_str())).collect();
    let matching = |end: &str| -> Option<(Vec<String>, String)> {
        let (who, network) = end.split_once('/')?;
        let (name, envtype) = who.split_once(':').unwrap_or((who, who));
        let fits = |(env, of): &&(&str, &str)| *of == envtype && (name == "*" || *env == name);
        Some((live.iter().filter(fits).map(|(env, _)| (*env).to_owned()).collect(), network.to_owned()))
    };
    let mut old: BTreeMap<Pair, Option<Span>> = BTreeMap::new();
    for line in section.options.iter().filter(|line| line.key.starts_with("connection_")) {
        let ends: Vec<&str> = line.value.split_whitespace().collect();
        let [one, two] = ends.as_slice() else { continue };
        let (Some((one, network)), Some((two, other))) = (matching(one), matching(two)) else { continue };
        let mut joined = false;
        for a in &one {
            for b in &two {
                // An environment is not joined with itself.
                if a != b {
                    old.insert(pair(a, b), place(Some(line)));
                    joined = true;
                }
            }
        }
        if joined {
            let name = line.key.trim_start_matches("connection_");
            let new = written(imported, name);
            let said = |pair: &Pair| pair.join(" and ");
            let path = format!("peering {name} metanetworks");
            let new = new.as_ref().map(said).unwrap_or_default();
            comparison.compare(path, &said(&pair(&network, &other)), &new, place(Some(line)));
        }
    }
    let mut new: BTreeSet<Pair> = BTreeSet::new();
    for (address, node) in &checked.declared().resources {
        if matches!(node.resource, Resource::PeeringConnection(_))
            && let Some(other) = address.path().strip_prefix("peering/")
        {
            new.insert(pair(address.env(), other));
        }
    }
    for joined in old.keys().cloned().chain(new.iter().filter(|new| !old.contains_key(*new)).cloned()) {
        let (is_old, is_new) = (old.contains_key(&joined), new.contains(&joined));
        let at = old.get(&joined).copied().flatten();
        let path = format!("peering of {}", joined.join(" and "));
        comparison.compare(path, &is_old.to_string(), &is_new.to_string(), at.or(Some(section.span)));
    }
}

/// The metanetworks of a peering of the program.
fn written(imported: &Import, name: &str) -> Option<Pair> {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let lines = imported.files.values().flat_map(|file| file.lines());
    let found = lines.filter_map(|line| line.strip_prefix("peering ")?.split_once('='));
    let (_, ends) = found.into_iter().find(|(called, _)| letters(called) == letters(name))?;
    let (one, two) = ends.split_once("<->")?;
    let network = |end: &str| end.trim().split_once('/').map(|(_, network)| network.to_owned());
    Some(pair(&network(one)?, &network(two)?))
}
