//! What is in AWS as variables of a shell and of Terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use asiaq_ir::Address;
use asiaq_runtime::{Entry, Host, Standing};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::inventory::Inventory;

/// The start of each shell variable: none of them can be one that has a meaning, such as `AWS_ACCESS_KEY_ID`.
const PREFIX: &str = "ASIAQ_";
/// The variable of Terraform that has everything.
const VARIABLE: &str = "asiaq";

/// The resources that get variables: those that are declared and live, and without a double.
fn known(found: &Inventory) -> impl Iterator<Item = &Entry> {
    let doubled: BTreeSet<&str> = doubled(found).into_iter().collect();
    let live = found.entries.iter().filter(|entry| entry.state == Standing::Live && !entry.is_part());
    live.filter(move |entry| !doubled.contains(entry.address.as_str()))
}

/// The addresses that several live resources have.
pub(super) fn doubled(found: &Inventory) -> Vec<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in found.entries.iter().filter(|entry| entry.id.is_some() && !entry.is_part()) {
        *counts.entry(entry.address.as_str()).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(address, _)| address).collect()
}

/// An assignment per line: `ASIAQ_DEV_VPC_ID='vpc-0a1b2c3d'`. A list is one text with spaces between its parts.
pub(crate) fn shell(found: &Inventory) -> String {
    let names = names(&found.known);
    let mut text = String::new();
    for entry in known(found) {
        let start = names.get(&entry.address).cloned().unwrap_or_default();
        for (what, value) in values(found, entry) {
            let value = match &value {
                Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
                other => plain(other),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{PREFIX}{start}_{}={}", letters(what), quoted(&value));
        }
    }
    text
}

/// One variable, an object with an object for each resource: `asiaq = { "dev/vpc" = { id = "vpc-0a1b2c3d" } }`.
pub(crate) fn terraform(found: &Inventory) -> String {
    let mut text = format!("{VARIABLE} = {{\n");
    for entry in known(found) {
        let _ = writeln!(text, "  {} = {{", literal(entry.address.as_str()));
        let values = values(found, entry);
        // As `terraform fmt` writes it.
        let width = values.iter().map(|(what, _)| what.len()).max().unwrap_or_default();
        for (what, value) in values {
            let _ = writeln!(text, "    {what:width$} = {}", hcl(&value));
        }
        text.push_str("  }\n");
    }
    text.push_str("}\n");
    text
}

/// Names and values of a live resource.
fn values(found: &Inventory, entry: &Entry) -> Vec<(&'static str, Value)> {
    let mut values = Vec::new();
    values.extend(entry.id.as_ref().map(|id| ("id", Value::from(id.as_str()))));
    values.extend(entry.arn.as_ref().map(|arn| ("arn", Value::from(arn.as_str()))));
    values.extend(entry.values.iter().map(|(what, value)| (*what, value.clone())));
    if entry.kind == asiaq_ir::Kind::AutoScalingGroup {
        let list = |of: &dyn Fn(&Host) -> Option<String>| -> Value {
            found.hosts_of(entry).filter_map(of).map(Value::from).collect()
        };
        values.push(("instances", list(&|host| Some(host.id.clone()))));
        values.push(("private_ips", list(&|host| Some(host.preferred_private()?.to_string()))));
        values.push(("public_ips", list(&|host| Some(host.public?.to_string()))));
    }
    values
}

/// The name of each address in shell variables: `DEV_VPC`. Addresses that would have the same name, such as `dev/a-b`
/// and `dev/a/b`, have a digest in it.
fn names(known: &BTreeSet<Address>) -> BTreeMap<&Address, String> {
    let mut same: BTreeMap<String, Vec<&Address>> = BTreeMap::new();
    for address in known {
        same.entry(letters(address.as_str())).or_default().push(address);
    }
    let mut names = BTreeMap::new();
    for (name, addresses) in same {
        let is_alone = addresses.len() == 1;
        for address in addresses {
            let name = if is_alone { name.clone() } else { format!("{name}_{}", digest(address)) };
            names.insert(address, name);
        }
    }
    names
}

/// Eight digits that another address does not have.
fn digest(address: &Address) -> String {
    let bytes = Sha256::digest(address.as_str().as_bytes());
    bytes.iter().take(4).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// A text as a part of the name of a variable.
fn letters(text: &str) -> String {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    text.chars().map(letter).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// A text that a POSIX shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn hcl(value: &Value) -> String {
    match value {
        Value::String(text) => literal(text),
        Value::Array(items) => format!("[{}]", items.iter().map(hcl).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A text as a literal of HCL, in which nothing is computed.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => literal.extend(['\\', letter]),
            '$' | '%' if letters.peek() == Some(&'{') => literal.extend([letter, letter]),
            letter if letter.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(letter));
            }
            letter => literal.push(letter),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_a_shell_and_for_terraform() {
        assert_eq!(quoted("a'b$(c)"), r"'a'\''b$(c)'");
        assert_eq!(quoted(""), "''");
        assert_eq!(literal(r#"a"b\c${d}%{e}$f"#), r#""a\"b\\c$${d}%%{e}$f""#);
        assert_eq!(literal("a\nb"), r#""a\u000ab""#);
    }

    #[test]
    fn names_of_variables_are_different() {
        let known: BTreeSet<Address> =
            ["dev/vpc", "dev/a-b", "dev/a/b", "dev/a_b/c"].map(Address::parse).into();
        let names = names(&known);
        let name = |address: &str| names[&Address::parse(address)].as_str();
        assert_eq!(name("dev/vpc"), "DEV_VPC");
        assert_eq!(name("dev/a_b/c"), "DEV_A_B_C");
        assert!(name("dev/a-b").starts_with("DEV_A_B_"), "{}", name("dev/a-b"));
        assert_ne!(name("dev/a-b"), name("dev/a/b"));
        assert_eq!(names.values().collect::<BTreeSet<_>>().len(), known.len());
    }
}
