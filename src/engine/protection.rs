//! What protects instances.

use asiaq_compiler::Checked;
use asiaq_ir::{Address, Facts, Origin, Risk};

/// Whether the instances of a hostclass keep data on disks that go with them.
pub(crate) fn keeps_data(checked: &Checked, env: &str, hostclass: &str) -> bool {
    let template = Address::new(env, &format!("hostclass/{hostclass}/launch-template"));
    let resources = checked.lower(&Facts::default()).ir.resources;
    resources.get(&template).is_some_and(|node| node.resource.has_data())
}

/// The place that protects the instances of a hostclass, and the risk of their end; absent if nothing does.
pub(crate) fn protection(checked: &Checked, env: &str, hostclass: &str) -> Option<(Origin, Risk)> {
    let place = checked.protection(env, hostclass)?;
    let risk = if keeps_data(checked, env, hostclass) { Risk::DataLoss } else { Risk::Replace };
    Some((place, risk))
}
