//! Alarms of databases and caches whose declarations were renamed: their metrics have the names that these keep in AWS.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Alarm, Dimension, DimensionValue, Ir, Kind, Resource};

use super::keeps_name;
use super::moves::Moves;
use crate::Found;

/// A name that is kept in AWS in the place of the one that follows from the declaration. Metrics have both in lower case.
struct Kept<'a> {
    region: &'a str,
    dimension: &'static str,
    declared: String,
    live: String,
}

/// The alarms whose dimensions have other names than the program says, as they are to be.
pub(super) fn alarms<'a>(
    ir: &'a Ir,
    live: &BTreeMap<(&Address, Kind), &Found>,
    moves: &Moves<'_>,
) -> Vec<(&'a Address, Resource)> {
    let kept: Vec<Kept<'a>> = ir
        .resources
        .iter()
        .filter_map(|(address, node)| {
            let kind = node.resource.kind();
            let dimension = match kind {
                Kind::Database => "DBInstanceIdentifier",
                Kind::ReplicationGroup | Kind::CacheCluster => "CacheClusterId",
                _ => return None,
            };
            let field = kind.schema().derived_name?;
            let found = live.get(&(address, kind))?;
            let name = |resource: &Resource| Some(resource.field(field).as_str()?.to_ascii_lowercase());
            let (declared, live) = (name(&node.resource)?, name(&found.resource)?);
            let is_kept = declared != live && keeps_name(found, field, node, moves);
            is_kept.then_some(Kept { region: &node.region, dimension, declared, live })
        })
        .collect();
    if kept.is_empty() {
        return Vec::new();
    }
    let watched = ir.resources.iter().filter_map(|(address, node)| {
        let Resource::Alarm(alarm) = &node.resource else { return None };
        let here = || kept.iter().filter(|kept| kept.region == node.region);
        let dimensions = alarm
            .dimensions
            .iter()
            .map(|one| here().find_map(|kept| renamed(one, kept)).unwrap_or_else(|| one.clone()));
        let watching = Alarm { dimensions: dimensions.collect(), ..alarm.clone() };
        (watching != *alarm).then(|| (address, watching.into()))
    });
    watched.collect()
}

/// A dimension with the kept name, if it has the declared one: with the number of a node where it is one of several.
fn renamed(dimension: &Dimension, kept: &Kept<'_>) -> Option<Dimension> {
    let DimensionValue::Text(text) = &dimension.value else { return None };
    let node = text.strip_prefix(&kept.declared)?;
    let is_meant = dimension.name == kept.dimension && (node.is_empty() || node.starts_with("-0"));
    let value = DimensionValue::Text(format!("{}{node}", kept.live));
    is_meant.then(|| Dimension { value, ..dimension.clone() })
}
