//! The content of documents of Systems Manager, as JSON or as YAML.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;

use super::tree::{Flaw, Node, Value, read};

/// The schema versions of each type of document ("Systems Manager document schemas and features" of the user guide).
const SCHEMAS: &[(&str, &[&str])] = &[
    ("command", &["1.2", "2.0", "2.2"]),
    ("automation", &["0.3"]),
    ("session", &["1.0"]),
    ("policy", &["2.0"]),
];

/// Why a text is not the content of a document of the type `of`.
pub(in crate::model::storage) fn check(of: &str, format: &str, text: &str) -> Vec<Flaw> {
    if format == "JSON"
        && let Err(error) = serde_json::from_str::<IgnoredAny>(text)
    {
        return vec![not_json(&error, text)];
    }
    match read(text) {
        Ok(root) => {
            let mut flaws = Vec::new();
            repeated(&root, &mut flaws);
            flaws.extend(of_schema(of, format, &root));
            flaws
        }
        // What one reader of JSON takes, the other one may not.
        Err(_) if format == "JSON" => Vec::new(),
        Err(flaw) => vec![flaw],
    }
}

fn not_json(error: &serde_json::Error, text: &str) -> Flaw {
    let line = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    Flaw { why: format!("it is not JSON: {error}"), at: Some(at..at) }
}

/// Fields that stand twice in one mapping, of which one is lost.
fn repeated(node: &Node<'_>, flaws: &mut Vec<Flaw>) {
    match &node.value {
        Value::Map(pairs) => {
            let mut known = BTreeSet::new();
            for (key, value) in pairs {
                if let Some(name) = key.value.text()
                    && !known.insert(name)
                {
                    let why = format!("the field `{name}` stands there twice");
                    flaws.push(Flaw { why, at: Some(key.at.clone()) });
                }
                repeated(value, flaws);
            }
        }
        Value::List(items) => items.iter().for_each(|item| repeated(item, flaws)),
        Value::Text(..) | Value::Alias => {}
    }
}

fn of_schema(of: &str, format: &str, root: &Node<'_>) -> Vec<Flaw> {
    let flaw = |at: &Node<'_>, why: String| vec![Flaw { why, at: Some(at.at.clone()) }];
    let Value::Map(fields) = &root.value else {
        return flaw(root, "it has no fields: a document is an object".to_owned());
    };
    let Some((_, known)) = SCHEMAS.iter().find(|(known, _)| *known == of) else { return Vec::new() };
    let versions = known.iter().map(|version| format!("`\"{version}\"`")).collect::<Vec<_>>().join(", ");
    // The document has no field of its own to point at.
    let whole = |why: String| vec![Flaw { why, at: None }];
    let Some(said) = field(fields, "schemaVersion") else {
        return whole(format!("it has no `schemaVersion`: {versions}"));
    };
    let version = match &said.value {
        Value::Text(version, is_quoted) if *is_quoted || format == "YAML" => &**version,
        Value::Alias => return Vec::new(),
        _ => return flaw(said, format!("`schemaVersion` is a text: {versions}")),
    };
    if !known.contains(&version) {
        return flaw(said, format!("a document of the type `{of}` has the `schemaVersion` {versions}"));
    }
    let steps = match (of, version) {
        ("command" | "policy", "2.0" | "2.2") | ("automation", _) => "mainSteps",
        ("command", "1.2") => "runtimeConfig",
        _ => return Vec::new(),
    };
    let missing = || format!("it has no steps: `{steps}` is what the document does");
    let Some(said) = field(fields, steps) else { return whole(missing()) };
    match &said.value {
        Value::Alias => Vec::new(),
        Value::List(all) if !all.is_empty() => of_steps(all),
        Value::Map(all) if !all.is_empty() && version == "1.2" => Vec::new(),
        _ => flaw(said, missing()),
    }
}

/// Each step has an action, and a name of its own.
fn of_steps(steps: &[Node<'_>]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut names = BTreeMap::new();
    for (number, step) in (1..).zip(steps) {
        let mut flaw = |at: &Node<'_>, why: String| flaws.push(Flaw { why, at: Some(at.at.clone()) });
        let fields = match &step.value {
            Value::Map(fields) => fields,
            Value::Alias => continue,
            _ => {
                flaw(step, format!("step {number} is no object"));
                continue;
            }
        };
        for name in ["action", "name"] {
            match field(fields, name) {
                Some(Node { value: Value::Alias, .. }) => {}
                Some(said) if said.value.text().is_some_and(|text| !text.is_empty()) => {
                    let text = said.value.text().unwrap_or_default();
                    if name == "name" && names.insert(text, number).is_some() {
                        flaw(said, format!("two steps have the name `{text}`"));
                    }
                }
                Some(said) => flaw(said, format!("the `{name}` of step {number} is a text")),
                None => flaw(step, format!("step {number} has no `{name}`")),
            }
        }
    }
    flaws
}

fn field<'n, 't>(fields: &'n [(Node<'t>, Node<'t>)], name: &str) -> Option<&'n Node<'t>> {
    fields.iter().find(|(key, _)| key.value.text() == Some(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flaws(of: &str, format: &str, text: &str) -> Vec<String> {
        let shown = |flaw: Flaw| match flaw.at {
            Some(at) => format!("{:?}: {}", text.get(at).unwrap(), flaw.why),
            None => flaw.why,
        };
        check(of, format, text).into_iter().map(shown).collect()
    }

    #[test]
    fn yaml_is_checked_as_json_is() {
        let yaml = "schemaVersion: '0.3'\nmainSteps:\n- action: aws:sleep\n  name: wait\n";
        assert_eq!(flaws("automation", "YAML", yaml), [""; 0]);
        let json = r#"{"schemaVersion": "0.3", "mainSteps": [{"action": "aws:sleep", "name": "wait"}]}"#;
        assert_eq!(flaws("automation", "JSON", json), [""; 0]);
        assert_eq!(flaws("automation", "YAML", json), [""; 0]);
        for format in ["JSON", "YAML"] {
            let wrong =
                "a document of the type `command` has the `schemaVersion` `\"1.2\"`, `\"2.0\"`, `\"2.2\"`";
            assert_eq!(flaws("command", format, json), [format!("\"\\\"0.3\\\"\": {wrong}")]);
        }
    }

    #[test]
    fn flaws_are_shown_where_they_are() {
        let text = "schemaVersion: \"2.2\"\nmainSteps:\n- action: a\n  name: größe\n- name: größe\n- b\n";
        assert_eq!(
            flaws("command", "YAML", text),
            [
                "\"name: größe\\n\": step 2 has no `action`",
                "\"größe\": two steps have the name `größe`",
                "\"b\": step 3 is no object",
            ]
        );
        assert_eq!(
            flaws("session", "YAML", "a: 1\na: 2"),
            ["\"a\": the field `a` stands there twice", "it has no `schemaVersion`: `\"1.0\"`",]
        );
        assert_eq!(
            flaws("command", "JSON", "{\n\"ä\" 1}"),
            ["\"\": it is not JSON: expected `:` at line 2 column 6"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([-:{}\\[\\],&*!|>'\"#% \n\ta-c]|[0-9é]|---\n|mainSteps: |- ){0,60}") {
            for format in ["JSON", "YAML"] {
                for flaw in check("command", format, &text) {
                    if let Some(at) = flaw.at {
                        prop_assert!(text.get(at).is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn deep_texts_are_refused() {
        assert_eq!(flaws("command", "YAML", &"[".repeat(60_000)).len(), 1);
    }
}
