use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{Kind, Problem, Range, Resource, Sent};

/// A sample of each kind, in the order of [`Kind::ALL`], with an element in every set.
fn samples() -> BTreeMap<&'static str, Value> {
    let samples: Vec<Value> = serde_json::from_str(include_str!("../kinds/tests/samples.json")).unwrap();
    Kind::ALL.iter().map(|kind| kind.name()).zip(samples).collect()
}

/// A variant of an enum, as it is serialised, with values that AWS accepts.
fn variant(name: &str) -> Value {
    match name {
        "track" => json!({ "metric": "ASGAverageCPUUtilization", "target": "60" }),
        "simple" => json!({ "by": 1, "percent": false, "at_least": 1, "cooldown": 60 }),
        "steps" => {
            json!({ "percent": true, "at_least": 1, "warmup": 60, "steps": [{ "from": null, "to": "1", "by": 1 }] })
        }
        "http" => json!({ "port": 80, "path": "/" }),
        "ssm" => json!({ "document": "AWS-RunShellScript" }),
        "application" | "text" => json!("a"),
        "balancer" | "number" => json!(60),
        "values" => json!(["10.0.0.1"]),
        _ => json!({ "ref": "ci/vpc" }),
    }
}

/// The value at `path`, which becomes one of the right variant.
fn at<'v>(mut value: &'v mut Value, path: &str) -> &'v mut Value {
    for segment in path.split('/') {
        value = match value {
            Value::Array(items) => items.first_mut().expect("the sample has an element"),
            value => {
                if value.get(segment).is_none() {
                    *value = json!({ segment: variant(segment) });
                }
                value.get_mut(segment).unwrap()
            }
        };
    }
    value
}

/// The problems of the sample of `kind` with `new` at `path`; none if no such resource can be.
fn problems(kind: Kind, path: &str, new: Value) -> Option<Vec<String>> {
    let mut sample = samples()[kind.name()].clone();
    *at(&mut sample, path) = new;
    let resource: Resource = serde_json::from_value(sample).ok()?;
    let top = path.split('/').next().unwrap();
    let found = resource.breaches();
    assert!(found.iter().all(|breach| breach.field == top), "{path}: {found:?}");
    Some(found.iter().map(|breach| format!("{:?}", breach.problem)).collect())
}

/// Every field of every kind with its path.
fn each(mut test: impl FnMut(Kind, &str, &'static Sent)) {
    for kind in Kind::ALL {
        kind.sent(&mut |path, sent| test(*kind, path, sent));
    }
}

/// The tightest range among those of the shapes of a field.
fn range(sent: &Sent, of: impl Fn(&crate::Shape) -> Option<Range>) -> Option<Range> {
    let ranges = sent.shapes.iter().filter_map(|shape| of(shape));
    ranges.reduce(|a, b| Range { least: a.least.max(b.least), most: a.most.min(b.most) })
}

#[test]
fn samples_are_accepted() {
    for (kind, sample) in samples() {
        let resource: Resource = serde_json::from_value(sample).unwrap();
        assert_eq!(resource.breaches(), [], "{kind}");
    }
}

#[test]
fn a_text_at_a_limit_is_accepted_and_one_past_it_is_not() {
    let mut tested = 0;
    each(|kind, path, sent| {
        let Some(range) = range(sent, |shape| shape.length) else { return };
        let sample = at(&mut samples()[kind.name()].clone(), path).clone();
        let is_list = sample.as_array().is_some_and(|items| items.iter().all(Value::is_string));
        let text = |length: i64| {
            let text = json!("a".repeat(usize::try_from(length).unwrap() - sent.plus));
            if is_list { json!([text]) } else { text }
        };
        if !(is_list || sample.is_string() || sample.is_null())
            || sent.shapes.iter().any(|shape| !shape.words.is_empty())
        {
            return;
        }
        let plus = i64::try_from(sent.plus).unwrap();
        if range.most < i64::MAX {
            let Some(found) = problems(kind, path, text(range.most)) else { return };
            assert_eq!(found, [""; 0], "{kind:?} {path}");
            let past = problems(kind, path, text(range.most + 1)).unwrap();
            assert!(past.len() == 1 && past[0].starts_with("Long"), "{kind:?} {path}: {past:?}");
            tested += 1;
        }
        if range.least > plus {
            assert_eq!(problems(kind, path, text(range.least)).unwrap(), [""; 0], "{kind:?} {path}");
            let past = problems(kind, path, text(range.least - 1)).unwrap();
            assert!(past.len() == 1 && past[0].starts_with("Short"), "{kind:?} {path}: {past:?}");
        }
    });
    assert!(tested > 25, "{tested} fields were tested");
}

#[test]
fn a_number_at_a_limit_is_accepted_and_one_past_it_is_not() {
    let mut tested = 0;
    each(|kind, path, sent| {
        let Some(range) = range(sent, |shape| shape.value) else { return };
        for (end, past) in [(range.least, range.least - 1), (range.most, range.most.saturating_add(1))] {
            let is_end = end != i64::MIN && end != i64::MAX;
            // A number that the field cannot have needs no check.
            if let Some(found) = problems(kind, path, json!(end)).filter(|_| is_end) {
                assert_eq!(found, [""; 0], "{kind:?} {path} {end}");
                if let Some(found) = problems(kind, path, json!(past)) {
                    assert!(found.len() == 1 && found[0].starts_with("Number"), "{kind:?} {path}: {found:?}");
                    tested += 1;
                }
            }
        }
    });
    assert!(tested > 20, "{tested} ends were tested");
}

#[test]
fn a_list_at_a_limit_is_accepted_and_one_past_it_is_not() {
    let mut tested = 0;
    each(|kind, path, sent| {
        let Some(range) = range(sent, |shape| shape.count).filter(|range| range.most < i64::MAX) else {
            return;
        };
        let Value::Array(items) = at(&mut samples()[kind.name()].clone(), path).clone() else { return };
        let Some(first) = items.first() else { return };
        let list = |count: i64| Value::Array((0..count).map(|n| numbered(first, n)).collect());
        assert_eq!(problems(kind, path, list(range.most)).unwrap(), [""; 0], "{kind:?} {path}");
        let past = problems(kind, path, list(range.most + 1)).unwrap();
        assert!(past.len() == 1 && past[0].starts_with("Count"), "{kind:?} {path}: {past:?}");
        tested += 1;
    });
    assert!(tested > 6, "{tested} lists were tested");
}

/// Element `n` of a list of elements like `element`, no two of which are equal.
fn numbered(element: &Value, n: i64) -> Value {
    match element {
        Value::String(text) => json!(format!("{text}{n}")),
        Value::Object(fields) => {
            let mut fields = fields.clone();
            let is_text = |field: &&mut Value| field.is_string();
            let text = if fields.values().any(Value::is_string) {
                fields.values_mut().find(is_text)
            } else {
                fields.values_mut().find_map(|field| field.get_mut(0)).filter(is_text)
            };
            let text = text.unwrap();
            *text = json!(format!("{}{n}", text.as_str().unwrap()));
            Value::Object(fields)
        }
        other => panic!("{other} has no text"),
    }
}

#[test]
fn a_character_is_accepted_or_not_wherever_it_stands() {
    let mut tested = 0;
    each(|kind, path, sent| {
        for shape in sent.shapes {
            let Some(chars) = shape.chars else { continue };
            let is_text = matches!(at(&mut samples()[kind.name()].clone(), path), Value::String(_));
            let least = shape.length.map_or(0, |length| usize::try_from(length.least).unwrap_or(0));
            let start = "a".repeat(least.max(4) - 1);
            for character in (0..128u8).map(char::from).chain(['é', 'Ж', '語', '\u{2003}', '😀']) {
                let Some(found) =
                    problems(kind, path, json!(format!("{start}{character}"))).filter(|_| is_text)
                else {
                    continue;
                };
                let expected = usize::from(!chars.contains(character));
                assert_eq!(found.len(), expected, "{kind:?} {path} {character:?}: {found:?}");
                tested += 1;
            }
        }
    });
    assert!(tested > 1000, "{tested} characters were tested");
}

#[test]
fn tags_have_limits_for_each_kind() {
    for kind in Kind::ALL {
        let Some(shapes) = kind.tags() else { continue };
        let tags =
            |count: usize| (0..count).map(|n| (format!("k{n}"), String::new())).collect::<BTreeMap<_, _>>();
        // An object of S3 has fewer than everything else.
        let most = if *kind == Kind::Operator { 10 } else { 50 };
        assert_eq!(shapes.breaches(&tags(most - shapes.own)), [], "{kind:?}");
        assert_eq!(shapes.breaches(&tags(most + 1 - shapes.own)).len(), 1, "{kind:?}");
        let tag = |key: usize, value: usize| BTreeMap::from([("k".repeat(key), "v".repeat(value))]);
        assert_eq!(shapes.breaches(&tag(128, 256)), [], "{kind:?}");
        assert_eq!(shapes.breaches(&tag(129, 256)).len(), 1, "{kind:?}");
        assert_eq!(shapes.breaches(&tag(128, 257)).len(), 1, "{kind:?}");
    }
}

#[test]
fn words_are_those_of_aws() {
    assert_eq!(problems(Kind::RecordSet, "type", json!("TXT")).unwrap(), [""; 0]);
    let found = problems(Kind::RecordSet, "type", json!("ALIAS")).unwrap();
    assert_eq!(found, [format!("{:?}", Problem::Word { text: "ALIAS" })]);
}

/// Fields whose texts, numbers and lists nothing limits: each has been looked for in AWS's manuals.
#[test]
fn fields_without_a_limit() {
    let mut text = String::new();
    each(|kind, path, sent| {
        let value = at(&mut samples()[kind.name()].clone(), path).clone();
        let is_reference = value.is_object();
        let is_limited = sent.shapes.iter().any(|shape| shape.is_limited());
        if sent.not_sent.is_none() && !value.is_boolean() && !is_reference && !is_limited {
            writeln!(text, "{} {path}: {}", kind.name(), sent.shapes[0].name).unwrap();
        }
    });
    insta::assert_snapshot!(text);
}

#[test]
fn patterns_that_are_more_than_a_class() {
    let mut unread = BTreeMap::new();
    each(|_, _, sent| {
        unread.extend(sent.shapes.iter().filter_map(|shape| Some((shape.name, shape.unread?))));
    });
    assert_eq!(unread, BTreeMap::new());
}
