use serde_json::json;

use super::*;

/// The text of values that are packed one after the other, the second like the first, and what they are read as.
fn packed(values: &[Value]) -> (String, Option<Vec<Value>>) {
    let mut all = Values::default();
    let mut numbers: Vec<usize> = Vec::new();
    for value in values {
        let number = match numbers.first() {
            Some(first) => all.like(*first, value.clone()),
            None => all.intern(value.clone()),
        };
        all.count(number);
        numbers.push(number);
    }
    let mut writer = Writer { values: &all, places: BTreeMap::new(), repeated: Vec::new() };
    let mut text = String::new();
    list(&mut text, &numbers, |text, number| writer.write(text, *number));
    let repeated = format!("[{}]", writer.repeated.join(","));
    (format!("{repeated} {text}"), read(&repeated, &text))
}

fn read(repeated: &str, text: &str) -> Option<Vec<Value>> {
    let (plan, repeated): (Value, Vec<Value>) =
        (serde_json::from_str(text).unwrap(), serde_json::from_str(repeated).unwrap());
    serde_json::from_str(&unpack(&plan, &repeated, text.len())?).unwrap()
}

#[test]
fn a_repeated_value_is_written_once() {
    let values = [json!({"a": "a long text", "b": 1}), json!(["a long text", {"c": "a long text"}])];
    let (text, read) = packed(&values);
    assert_eq!(text, r#"["a long text"] [{"a":{"=":0},"b":1},[{"=":0},{"c":{"=":0}}]]"#);
    assert_eq!(read.unwrap(), values);
}

#[test]
fn a_value_that_differs_in_few_fields_refers_to_the_other() {
    let node = |time: Option<&str>| {
        let mut node = json!({"kind": "vpc", "tags": {"Name": "ci", "owner": "me"}, "cidr": "10.0.0.0/20"});
        if let Some(time) = time {
            node["tags"]["create_date"] = time.into();
        }
        node
    };
    let values = [node(None), node(Some("2026")), node(None)];
    let (text, read) = packed(&values);
    assert_eq!(text.matches("10.0.0.0/20").count(), 1, "{text}");
    assert_eq!(text.matches("owner").count(), 1, "{text}");
    assert_eq!(read.unwrap(), values);
}

#[test]
fn short_values_and_values_without_a_field_are_written_out() {
    let values = [json!({"a": 1, "b": "x", "text": "a long text"}), json!({"a": 1, "text": "another text"})];
    let (text, read) = packed(&values);
    assert_eq!(text.split(' ').next(), Some("[]"), "{text}");
    assert_eq!(read.unwrap(), values);
}

#[test]
fn references_that_lead_nowhere_or_multiply_are_refused() {
    assert_eq!(read("[]", r#"[{"=":0}]"#), None);
    assert_eq!(read(r#"[{"=":0}]"#, r#"[{"=":0}]"#), None);
    assert_eq!(read("[1]", r#"[{"=":0,"a":1}]"#), None);
    let mut repeated = vec![json!(["a long text"])];
    repeated.extend((0..60).map(|at| json!([{"=": at}, {"=": at}])));
    assert_eq!(read(&json!(repeated).to_string(), r#"[{"=":60}]"#), None);
    let deep: Vec<_> = (0..100_000_usize).map(|at| json!([{"=": at.saturating_sub(1)}])).collect();
    assert_eq!(read(&json!(deep).to_string(), r#"[{"=":99999}]"#), None);
    let bases: Vec<_> = (0..100_000_usize).map(|at| json!({"=": at.saturating_sub(1), "a": at})).collect();
    assert_eq!(read(&json!(bases).to_string(), r#"[{"=":99999}]"#), None);
}

#[test]
fn a_value_that_looks_like_a_reference_is_noticed() {
    let mut values = Values::default();
    values.intern(json!({"=": "text", "b": 1}));
    assert!(!values.is_ambiguous);
    values.intern(json!([{"=": 1}]));
    assert!(values.is_ambiguous);
}
