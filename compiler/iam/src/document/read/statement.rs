//! A statement of a JSON document.

use super::Bytes;
use super::json::{Json, Members};
use crate::document::{
    Choice, Condition, Effect, Operator, Principal, PrincipalKind, Principals, Statement, Test, Text,
};
use crate::near;
use crate::problem::{Code, Problem};

/// The elements that a statement may have.
pub const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The statement, if it has an effect and actions.
pub(super) fn statement(json: Json, problems: &mut Vec<Problem<Bytes>>) -> Option<Statement<Bytes>> {
    let members = json.object("a statement", problems)?;
    members.refuse_others("a statement", ELEMENTS, problems);
    let effect = required(json, &members, "Effect", problems).and_then(|found| effect(found, problems));
    let actions = choice(&members, "Action", "NotAction", problems);
    if actions.is_none() && !members.iter().any(|(name, _)| name.value.eq_ignore_ascii_case("Action")) {
        problems.push(
            Problem::new(Code::MissingElement, json.place(), "a statement without actions")
                .help("add the element `Action`, as in `\"Action\": \"s3:GetObject\"`"),
        );
    }
    let resources = choice(&members, "Resource", "NotResource", problems);
    let principals = pick(&members, "Principal", "NotPrincipal", problems);
    let principals = principals.map(|(found, excludes)| principals_of(found, excludes, problems));
    let conditions = members.get("Condition").map(|found| conditions(found, problems)).unwrap_or_default();
    let sid = members.get("Sid").and_then(|found| found.text("`Sid`", problems));
    Some(Statement {
        place: json.place(),
        sid,
        effect: effect?,
        principals,
        actions: actions?,
        resources,
        conditions,
    })
}

fn required<'t>(
    json: Json,
    members: &Members<'t>,
    name: &str,
    problems: &mut Vec<Problem<Bytes>>,
) -> Option<Json<'t>> {
    let found = members.get(name);
    // One of another case was reported already.
    if found.is_none() && !members.iter().any(|(known, _)| known.value.eq_ignore_ascii_case(name)) {
        let message = format!("a statement without `{name}`");
        problems.push(
            Problem::new(Code::MissingElement, json.place(), message)
                .help("add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`"),
        );
    }
    found
}

/// `Allow` or `Deny`, which IAM reads without regard to case.
fn effect(json: Json, problems: &mut Vec<Problem<Bytes>>) -> Option<Effect> {
    let text = json.text("`Effect`", problems)?;
    for (word, effect) in [("Allow", Effect::Allow), ("Deny", Effect::Deny)] {
        if text.value.eq_ignore_ascii_case(word) {
            return Some(effect);
        }
    }
    let meant = near::slip(&text.value, ["Allow", "Deny"]).map(|word| format!("\"{word}\""));
    problems.push(
        Problem::new(Code::WrongShape, text.place, format!("`{}` is not an effect", text.value))
            .help("write `\"Allow\"` or `\"Deny\"`")
            .instead(meant),
    );
    None
}

/// One of an element and its opposite, and whether it is the opposite.
fn pick<'t>(
    members: &Members<'t>,
    name: &str,
    opposite: &str,
    problems: &mut Vec<Problem<Bytes>>,
) -> Option<(Json<'t>, bool)> {
    match (members.named(name), members.named(opposite)) {
        (Some((first, _)), Some((second, _))) => {
            let message = format!("a statement has `{name}` or `{opposite}`, not both");
            problems.push(
                Problem::new(Code::Repeated, second.place.clone(), message)
                    .help("make two statements of it")
                    .related(first.place.clone(), format!("`{name}` is here")),
            );
            None
        }
        (Some((_, found)), None) => Some((*found, false)),
        (None, Some((_, found))) => Some((*found, true)),
        (None, None) => None,
    }
}

fn choice(
    members: &Members,
    name: &str,
    opposite: &str,
    problems: &mut Vec<Problem<Bytes>>,
) -> Option<Choice<Bytes>> {
    let is_both = members.get(name).is_some() && members.get(opposite).is_some();
    let (found, excludes) = pick(members, name, opposite, problems)
        .or_else(|| is_both.then(|| members.get(name)).flatten().map(|found| (found, false)))?;
    let what = format!("`{}`", if excludes { opposite } else { name });
    let values = found.texts(&what, problems);
    Some(Choice { place: found.place(), excludes, values })
}

fn principals_of(json: Json, excludes: bool, problems: &mut Vec<Problem<Bytes>>) -> Principals<Bytes> {
    let what = if excludes { "`NotPrincipal`" } else { "`Principal`" };
    let place = json.place();
    let mut quiet = Vec::new();
    if let Some(text) = json.text(what, &mut quiet) {
        if text.value != "*" {
            problems.push(
                Problem::new(Code::WrongShape, text.place.clone(), format!("{what} is `*` or an object"))
                    .help(format!("write `{{ \"AWS\": \"{}\" }}`", text.value)),
            );
        }
        let values = vec![Principal { kind: PrincipalKind::Aws, name: text }];
        return Principals { place, excludes, values };
    }
    let mut values = Vec::new();
    for (name, names) in json.object(what, problems).iter().flat_map(Members::iter) {
        let kind = PrincipalKind::ALL.into_iter().find(|kind| kind.word() == name.value);
        let Some(kind) = kind else {
            let meant = near::slip(&name.value, PrincipalKind::ALL.map(PrincipalKind::word));
            let message = format!("there are no principals of the kind `{}`", name.value);
            problems.push(
                Problem::new(Code::UnknownElement, name.place.clone(), message)
                    .help("principals are of the kinds `AWS`, `CanonicalUser`, `Federated` and `Service`")
                    .instead(meant.map(|meant| format!("\"{meant}\""))),
            );
            continue;
        };
        let names = names.texts(&format!("`{}`", name.value), problems);
        values.extend(names.into_iter().map(|name| Principal { kind, name }));
    }
    Principals { place, excludes, values }
}

fn conditions(json: Json, problems: &mut Vec<Problem<Bytes>>) -> Vec<Condition<Bytes>> {
    let mut found = Vec::new();
    for (name, keys) in json.object("`Condition`", problems).iter().flat_map(Members::iter) {
        let Some(operator) = Operator::read(&name.value) else {
            problems.push(unknown_operator(name));
            continue;
        };
        let what = format!("`{}`", name.value);
        for (key, values) in keys.object(&what, problems).iter().flat_map(Members::iter) {
            let scalars = values.scalars(&format!("the value of `{}`", key.value), problems);
            found.push(Condition {
                place: key.place.start..values.place().end,
                operator,
                operator_place: name.place.clone(),
                key: key.clone(),
                values: scalars,
            });
        }
    }
    found
}

fn unknown_operator(name: &Text<Bytes>) -> Problem<Bytes> {
    let (quantifier, rest) =
        name.value.split_once(':').map_or((None, name.value.as_str()), |(of, rest)| (Some(of), rest));
    let quantifier =
        quantifier.and_then(|of| near::slip(of, ["ForAllValues", "ForAnyValue"])).map(|of| format!("{of}:"));
    let is_optional = rest.len() > 8 && rest.to_ascii_lowercase().ends_with("ifexists");
    let test = rest.get(..rest.len() - if is_optional { 8 } else { 0 }).unwrap_or(rest);
    let meant = near::slip(test, Test::ALL.iter().map(|test| test.word())).map(|test| {
        format!("{}{test}{}", quantifier.unwrap_or_default(), if is_optional { "IfExists" } else { "" })
    });
    // What is meant may not exist either: `Null` takes neither.
    let meant = meant.filter(|meant| Operator::read(meant).is_some()).map(|meant| format!("\"{meant}\""));
    Problem::new(Code::UnknownOperator, name.place.clone(), format!("there is no condition operator `{}`", name.value))
        .help("operators are `StringEquals`, `StringLike`, `Bool`, `IpAddress`, `ArnLike`, …, each also with `IfExists` behind it and with `ForAllValues:` or `ForAnyValue:` before it; `Null` stands alone")
        .instead(meant)
}
