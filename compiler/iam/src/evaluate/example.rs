//! A request of those that a wide one means, for which everything is known and the answer is the wanted one.
//!
//! What depends on conditions is allowed to somebody and denied to somebody else; which requests these are is tried out
//! with what the statements name. Where nothing is found there may still be one.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::holds;
use super::request::{Context, Others, Request, Value};
use super::statement::{Asked, applies};
use super::truth::Truth;
use super::{Answer, Attached, Decision, Found, Layer, Policies, evaluate};
use crate::arn::{Arns, arns};
use crate::check::may_apply;
use crate::document::{Condition, Document, Effect, Family, Quantifier, Version};
use crate::pattern::{Token, matches_ignoring_case};
use crate::table::{self, Action, Service};
use crate::variables::{Wildcards, parts};

/// Requests of which something is left open that are tried with conditions, and ways to fill in what is open for each.
const MOST_REQUESTS: usize = 64;
const MOST_CONTEXTS: usize = 256;

/// Services of which an action is tried where all are meant.
const USUAL_SERVICES: &[&str] = &["iam", "s3"];

/// A request, and the answer to it.
#[derive(Clone, Debug)]
pub struct Example<'d, P> {
    /// The request.
    pub request: Request,
    /// The answer, which is the wanted one.
    pub decision: Decision<'d, P>,
}

/// A request of those that `wide` means for which the answer is `wanted`. `is_tried` says for an ARN whether it may be one
/// of a resource that is meant.
pub fn example<'d, P>(
    policies: &Policies<'d, P>,
    wide: &Request,
    wanted: Answer,
    is_tried: impl Fn(&str) -> bool,
) -> Option<Example<'d, P>> {
    let documents: Vec<&'d Document<P>> = policies.all().filter_map(Attached::document).collect();
    let mut open = Vec::new();
    for action in actions(&documents, &wide.action) {
        for resource in resources(&documents, wide, &action).into_iter().filter(|one| is_tried(one)) {
            let request = Request { action: action.clone(), resource, ..wide.clone() };
            let decision = evaluate(policies, &request);
            if decision.answer == wanted {
                return Some(Example { request, decision });
            }
            if decision.answer == Answer::Depends && open.len() < MOST_REQUESTS {
                open.push(request);
            }
        }
    }
    open.iter().find_map(|request| filled(policies, &documents, request, wanted))
}

/// The request with what is open filled in so that the answer is the wanted one.
fn filled<'d, P>(
    policies: &Policies<'d, P>,
    documents: &[&'d Document<P>],
    request: &Request,
    wanted: Answer,
) -> Option<Example<'d, P>> {
    let asked = Asked::new(request);
    let mut tried: Vec<Tried<'d, P>> = Vec::new();
    let mut variables = BTreeSet::new();
    for document in documents {
        for statement in &document.statements {
            let found = Found { layer: Layer::Identity, policy: "", statement };
            if applies(found, document.version, &asked).truth == Truth::False {
                continue;
            }
            let listed = statement.resources.iter().flat_map(|list| &list.values);
            let compared = statement.conditions.iter().flat_map(|condition| &condition.values);
            for text in listed.chain(compared) {
                variables.extend(variables_of(&text.value, document.version));
            }
            let version = document.version;
            let effect = statement.effect;
            tried.extend(statement.conditions.iter().map(|condition| Tried { condition, version, effect }));
        }
    }
    let keys = values(request, &tried, variables, wanted);
    let count = keys.values().try_fold(1_usize, |count, values| count.checked_mul(values.len()));
    for number in 0..count.unwrap_or(MOST_CONTEXTS).min(MOST_CONTEXTS) {
        let mut rest = number;
        let mut context = request.context.clone().and_others(Others::Absent);
        for (key, values) in &keys {
            context = context.with(key, values.get(rest % values.len()).cloned().unwrap_or(Value::Absent));
            rest /= values.len();
        }
        let request = Request { context, ..request.clone() };
        let decision = evaluate(policies, &request);
        if decision.answer == wanted {
            return Some(Example { request, decision });
        }
    }
    None
}

/// A condition of a statement that may apply.
struct Tried<'d, P> {
    condition: &'d Condition<P>,
    version: Version,
    effect: Effect,
}

/// The values to try of each key that is open, the most promising ones first.
fn values<P>(
    request: &Request,
    tried: &[Tried<'_, P>],
    variables: BTreeSet<String>,
    wanted: Answer,
) -> BTreeMap<String, Vec<Value>> {
    let mut keys: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for key in variables {
        keys.insert(key, vec![one(FILLING), Value::Absent]);
    }
    for Tried { condition, .. } in tried {
        let values =
            keys.entry(condition.key.value.to_ascii_lowercase()).or_insert_with(|| vec![Value::Absent]);
        for value in candidates(condition) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    keys.retain(|key, _| request.value(key) == Value::Unknown);
    let action = table::action(&request.action);
    for (key, values) in &mut keys {
        if !has_key(action, key) {
            *values = vec![Value::Absent];
        }
        let score = |value: &Value| {
            let context = Context::new(Others::Unknown).with(key, value.clone());
            let request = Request { context, ..request.clone() };
            let of_key = tried.iter().filter(|one| one.condition.key.value.eq_ignore_ascii_case(key));
            let held = of_key.filter(|one| holds(one.condition, one.version, &request) != Truth::False);
            held.map(|one| if (one.effect == Effect::Allow) == (wanted == Answer::Allowed) { -1 } else { 1 })
                .sum::<i32>()
        };
        values.sort_by_cached_key(score);
    }
    keys
}

/// Whether requests for an action may have a key: what is not known may.
fn has_key(action: Option<Action>, key: &str) -> bool {
    if table::key(key).is_none() {
        return true;
    }
    let is_global = table::service("aws").is_some_and(|all| all.key(key).is_some());
    action.is_none_or(|action| is_global || action.service.prefix() == "sts" || action.key(key).is_some())
}

/// A text in place of what a pattern or variable leaves open.
const FILLING: &str = "x";

fn one(text: &str) -> Value {
    Value::Known(vec![text.to_owned()])
}

/// Values of a key for which a condition holds, and for which it does not.
fn candidates<P>(condition: &Condition<P>) -> Vec<Value> {
    let test = condition.operator.test;
    let mut texts: Vec<String> = Vec::new();
    for wanted in condition.values.iter().map(|text| text.value.as_str()) {
        texts.extend(match test.family() {
            Family::Ip => vec![wanted.split('/').next().unwrap_or(wanted).to_owned()],
            Family::String if test.is_exact() => vec![without_variables(wanted)],
            Family::String | Family::Arn => vec![instance(&without_variables(wanted))],
            Family::Bool | Family::Binary | Family::Date | Family::Null | Family::Numeric => {
                vec![wanted.to_owned()]
            }
        });
    }
    texts.extend(others(test.family()).iter().map(|text| (*text).to_owned()));
    let mut values: Vec<Value> = texts.iter().map(|text| one(text)).collect();
    if condition.operator.quantifier == Some(Quantifier::ForAllValues) {
        values.push(Value::Known(texts));
    }
    values
}

/// Values that hardly any policy names.
fn others(family: Family) -> &'static [&'static str] {
    match family {
        Family::Arn => &["arn:aws:iam::000000000000:user/x"],
        Family::Binary => &["AA=="],
        Family::Bool => &["false", "true"],
        Family::Date => &["1970-01-02T00:00:00Z", "2100-01-01T00:00:00Z"],
        Family::Ip => &["192.0.2.1", "2001:db8::1"],
        Family::Null | Family::String => &[FILLING],
        Family::Numeric => &["0", "-1000000000", "1000000000"],
    }
}

/// A text that a pattern matches.
fn instance(pattern: &str) -> String {
    pattern.replace(['*', '?'], FILLING)
}

/// A text with something in place of its variables.
fn without_variables(text: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("${") {
        found.push_str(before);
        let Some((inner, behind)) = variable.split_once('}') else {
            rest = variable;
            break;
        };
        found.push_str(if matches!(inner, "*" | "?" | "$") { inner } else { FILLING });
        rest = behind;
    }
    found + rest
}

fn variables_of(text: &str, version: Version) -> impl Iterator<Item = String> {
    parts(text, version, Wildcards::Any).0.into_iter().filter_map(|token| match token {
        Token::Variable(variable) => Some(variable.key),
        _ => None,
    })
}

/// Actions of a pattern, one of each sort that the statements tell apart.
fn actions<P>(documents: &[&Document<P>], wide: &str) -> Vec<String> {
    if !wide.contains(['*', '?']) {
        return vec![wide.to_owned()];
    }
    let listed =
        documents.iter().flat_map(|document| &document.statements).flat_map(|one| &one.actions.values);
    let patterns: BTreeSet<&str> = listed.map(|text| text.value.as_str()).collect();
    let prefixes = patterns
        .iter()
        .copied()
        .chain([wide])
        .filter_map(|text| text.split_once(':'))
        .map(|(prefix, _)| prefix);
    let services: BTreeSet<&str> = prefixes
        .filter(|prefix| !prefix.contains(['*', '?']))
        .chain(USUAL_SERVICES.iter().copied())
        .filter_map(table::service)
        .map(Service::prefix)
        .collect();
    let mut found: Vec<String> = Vec::new();
    let mut sorts: BTreeSet<(Vec<bool>, Vec<&str>)> = BTreeSet::new();
    for service in services.into_iter().filter_map(table::service) {
        for action in service.actions() {
            let name = action.full_name();
            if !matches_ignoring_case(wide, &name) {
                continue;
            }
            let matched = patterns.iter().map(|pattern| matches_ignoring_case(pattern, &name)).collect();
            let types = action.types().map(|(of, _)| of.name).collect();
            if sorts.insert((matched, types)) {
                found.push(name);
            }
        }
    }
    // What the table does not have may exist.
    let named = patterns.iter().map(|pattern| instance(pattern)).chain([instance(wide)]);
    found.extend(named.filter(|name| name.contains(':') && matches_ignoring_case(wide, name)));
    let mut seen = BTreeSet::new();
    found.retain(|name| seen.insert(name.to_ascii_lowercase()));
    found
}

/// Resources of the pattern of a request that an action can be about, one of each that the statements name.
fn resources<P>(documents: &[&Document<P>], wide: &Request, action: &str) -> Vec<String> {
    if !wide.resource.contains(['*', '?']) {
        return vec![wide.resource.clone()];
    }
    let pattern = arns(&wide.resource, Version::V2008);
    let known = table::action(action);
    let mut types: Vec<_> = known.iter().flat_map(|action| action.types()).collect();
    // A type that is always needed comes first: it is what people think of.
    types.sort_by_key(|(_, is_required)| !is_required);
    let types: Vec<&str> = types.into_iter().map(|(of, _)| of.arn.as_str()).collect();
    if known.is_some() && types.is_empty() {
        return if pattern == Arns::All { vec![wide.resource.clone()] } else { Vec::new() };
    }
    let account = wide.resource_account.as_deref().unwrap_or(NO_ACCOUNT);
    let arn = |text: &str| resource_instance(text, account, wide);
    let listed = documents.iter().flat_map(|document| &document.statements);
    let listed = listed.flat_map(|one| &one.resources).flat_map(|list| &list.values);
    let listed = listed.map(|text| arn(&without_variables(&text.value)));
    let mut seen = BTreeSet::new();
    listed
        .chain(types.into_iter().chain([wide.resource.as_str()]).map(arn))
        .filter(|text| {
            let one = arns(text, Version::V2008);
            !matches!(one, Arns::All | Arns::Malformed)
                && pattern.covers(&one)
                && may_apply([action], text)
                && seen.insert(text.clone())
        })
        .collect()
}

/// An account that a resource is in if nothing is known of it.
const NO_ACCOUNT: &str = "000000000000";

/// A resource of a pattern.
fn resource_instance(pattern: &str, account: &str, request: &Request) -> String {
    let partition = request.who.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    let fill = |(at, part): (usize, &str)| match (at, part) {
        (1, "*") => partition.to_owned(),
        (3, "*") => "us-east-1".to_owned(),
        (4, "*") => account.to_owned(),
        (_, part) => instance(part),
    };
    pattern.splitn(6, ':').enumerate().map(fill).collect::<Vec<_>>().join(":")
}
