//! A state of Terraform as a list of AWS ids: the file, or what `terraform show -json` prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Attributes that tell which resource of AWS it is.
const IDS: [&str; 5] = ["id", "arn", "allocation_id", "name", "identifier"];

/// The ids of the resources in a state.
///
/// # Errors
/// If the file cannot be read, or is no state.
pub(crate) fn ids(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    let state: Value = serde_json::from_str(&text)
        .with_context(|| format!("`{shown}` is no state of Terraform: it is not JSON"))?;
    let mut found = BTreeSet::new();
    match (state.get("resources"), state.get("values"), state.get("format_version")) {
        (Some(resources), ..) => of_file(resources, &mut found),
        (None, Some(values), _) => of_module(values.get("root_module"), &mut found),
        // A state without resources.
        (None, None, Some(_)) => {}
        (None, None, None) => bail!(
            "`{shown}` is no state of Terraform: it has neither `resources`, as the file of a state has, nor `values`, as \
             `terraform show -json` prints them"
        ),
    }
    Ok(found)
}

/// The resources of the file of a state: version 4.
fn of_file(resources: &Value, found: &mut BTreeSet<String>) {
    let managed =
        elements(resources).filter(|one| one.get("mode").and_then(Value::as_str) == Some("managed"));
    for instance in managed.flat_map(|one| elements(one.get("instances").unwrap_or(&Value::Null))) {
        // A deposed one is about to go.
        if instance.get("deposed").is_none_or(Value::is_null) {
            add(instance.get("attributes"), found);
        }
    }
}

/// The resources of a module of `terraform show -json`, and of the modules in it.
fn of_module(module: Option<&Value>, found: &mut BTreeSet<String>) {
    let Some(module) = module else { return };
    for resource in elements(module.get("resources").unwrap_or(&Value::Null)) {
        let is_managed = resource.get("mode").and_then(Value::as_str) == Some("managed");
        if is_managed && resource.get("deposed_key").is_none_or(Value::is_null) {
            add(resource.get("values"), found);
        }
    }
    for child in elements(module.get("child_modules").unwrap_or(&Value::Null)) {
        of_module(Some(child), found);
    }
}

fn add(attributes: Option<&Value>, found: &mut BTreeSet<String>) {
    let values = IDS.iter().filter_map(|key| attributes?.get(*key)?.as_str());
    found.extend(values.filter(|value| !value.is_empty()).map(str::to_owned));
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
