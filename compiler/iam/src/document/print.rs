//! Policies as JSON with as few characters as possible: what is sent to AWS, and what AWS counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::{Choice, Document, Effect, Principals, Statement, Text};

/// Members that may be there or not are ordered as in AWS's manuals.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'d> {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'d str>,
    statement: Vec<WrittenStatement<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenStatement<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'d str>,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<WrittenPrincipals<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_principal: Option<WrittenPrincipals<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Values<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<Values<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Values<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_resource: Option<Values<'d>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<String, BTreeMap<&'d str, Values<'d>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenPrincipals<'d> {
    Everyone(&'static str),
    Some(BTreeMap<&'static str, Values<'d>>),
}

/// Different values in order.
#[derive(Default)]
struct Values<'d>(BTreeSet<&'d str>);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.first() {
            Some(only) if self.0.len() == 1 => only.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

/// The policy as JSON without white space. Lists are in order, and a list of one is a value; statements are in their own
/// order. Of two conditions with one operator and key, which no policy can have, the values are joined.
pub fn print<P>(document: &Document<P>) -> String {
    let written = Written {
        version: document.version.word(),
        id: named(document.id.as_ref()),
        statement: document.statements.iter().map(statement).collect(),
    };
    // Maps of texts and lists of texts can always be written.
    serde_json::to_string(&written).unwrap_or_default()
}

fn statement<P>(statement: &Statement<P>) -> WrittenStatement<'_> {
    let (action, not_action) = choice(Some(&statement.actions));
    let (resource, not_resource) = choice(statement.resources.as_ref());
    let all = statement.principals.as_ref();
    let mut condition: BTreeMap<String, BTreeMap<&str, Values>> = BTreeMap::new();
    for one in &statement.conditions {
        let values = condition.entry(one.operator.word()).or_default().entry(&one.key.value).or_default();
        values.0.extend(one.values.iter().map(|text| text.value.as_str()));
    }
    WrittenStatement {
        sid: named(statement.sid.as_ref()),
        effect: match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        },
        principal: all.filter(|of| !of.excludes).map(principals),
        not_principal: all.filter(|of| of.excludes).map(principals),
        action,
        not_action,
        resource,
        not_resource,
        condition,
    }
}

/// A name that is not empty.
fn named<P>(text: Option<&Text<P>>) -> Option<&str> {
    text.map(|text| text.value.as_str()).filter(|name| !name.is_empty())
}

/// The element, or its opposite.
fn choice<P>(choice: Option<&Choice<P>>) -> (Option<Values<'_>>, Option<Values<'_>>) {
    let values = choice.map(|of| Values(of.values.iter().map(|text| text.value.as_str()).collect()));
    if choice.is_some_and(|of| of.excludes) { (None, values) } else { (values, None) }
}

fn principals<P>(principals: &Principals<P>) -> WrittenPrincipals<'_> {
    if let [only] = principals.values.as_slice()
        && only.is_everyone()
    {
        return WrittenPrincipals::Everyone("*");
    }
    let mut found: BTreeMap<&str, Values> = BTreeMap::new();
    for one in &principals.values {
        found.entry(one.kind.word()).or_default().0.insert(&one.name.value);
    }
    WrittenPrincipals::Some(found)
}
