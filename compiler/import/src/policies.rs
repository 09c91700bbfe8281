//! Policies of IAM, which are JSON in the old files, as statements.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use asiaq_iam::document::read::STATEMENT_ELEMENTS;
use ipnet::Ipv4Net;

use crate::draft::Node;
use crate::json::{Json, Value};
use crate::words::{is_name, list, quoted};

/// What has a policy: a bucket means by `all` itself and its objects only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    Identity,
    Bucket,
}

/// The statements of a policy, or nothing where one of them has no words: then the whole document is the policy.
pub(crate) fn statements(json: &Json, holder: Holder) -> Option<Vec<Node>> {
    let is_known = |name: &str| ["Version", "Statement"].contains(&name);
    let is_current = json.get("Version").and_then(Json::text) == Some("2012-10-17");
    if !is_current || !json.members().iter().all(|member| is_known(&member.name)) {
        return None;
    }
    let written: Option<Vec<Node>> = all(json).iter().map(|one| statement(one, holder)).collect();
    written.filter(|written| !written.is_empty())
}

/// The statements of a policy: a list of them, or one alone.
pub(crate) fn all(json: &Json) -> Vec<&Json> {
    match json.get("Statement") {
        Some(one) if !one.members().is_empty() => vec![one],
        Some(several) => several.items().iter().collect(),
        None => Vec::new(),
    }
}

/// A policy as statements, or else as a document.
pub(crate) fn body(json: &Json, holder: Holder) -> Vec<Node> {
    statements(json, holder).unwrap_or_else(|| vec![document(json)])
}

/// The whole policy.
pub(crate) fn document(json: &Json) -> Node {
    Node::field(format!("document = {}", quoted(&json.written())), json.span)
}

fn statement(json: &Json, holder: Holder) -> Option<Node> {
    if !json.members().iter().all(|member| STATEMENT_ELEMENTS.contains(&member.name.as_str())) {
        return None;
    }
    let mut text = match json.get("Effect")?.text()? {
        "Allow" => "allow".to_owned(),
        "Deny" => "deny".to_owned(),
        _ => return None,
    };
    let (not, actions) = choice(json, "Action", "NotAction")?;
    let _ = write!(text, "{not} {}", one_or_list(texts(actions)?.into_iter().map(action)));
    if let Some((not, resources)) = choice(json, "Resource", "NotResource") {
        let written = texts(resources)?.into_iter().map(|one| resource(one, holder));
        let _ = write!(text, " on{not} {}", one_or_list(written));
    } else if holder == Holder::Bucket {
        return None;
    }
    if let Some((not, principals)) = choice(json, "Principal", "NotPrincipal") {
        let _ = write!(text, " from{not} {}", principals_of(principals)?);
    }
    if let Some(conditions) = json.get("Condition") {
        let written = conditions_of(conditions)?;
        if !written.is_empty() {
            let _ = write!(text, " when {}", written.join(" and "));
        }
    }
    if let Some(sid) = json.get("Sid").filter(|sid| sid.text() != Some("")) {
        // A text becomes a `Sid` without the signs that identities do not take.
        let sid = sid.text().filter(|sid| sid.chars().all(|sign| sign.is_ascii_alphanumeric()))?;
        let _ = write!(text, " {}", quoted(sid));
    }
    Some(Node::field(text, json.span))
}

fn choice<'j>(json: &'j Json, plain: &str, opposite: &str) -> Option<(&'static str, &'j Json)> {
    match (json.get(plain), json.get(opposite)) {
        (Some(plain), None) => Some(("", plain)),
        (None, Some(opposite)) => Some((" not", opposite)),
        _ => None,
    }
}

/// A text, or a list of texts.
fn texts(json: &Json) -> Option<Vec<&str>> {
    match &json.value {
        Value::Text(text) => Some(vec![text]),
        Value::List(items) if !items.is_empty() => items.iter().map(Json::text).collect(),
        _ => None,
    }
}

fn one_or_list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    match items.as_slice() {
        [only] => only.clone(),
        several => list(several),
    }
}

fn action(text: &str) -> String {
    let is_plain = text.split_once(':').is_some_and(|(service, name)| {
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || "*?-.".contains(sign);
        service.starts_with(|first: char| first.is_ascii_alphanumeric())
            && !name.is_empty()
            && service.chars().chain(name.chars()).all(is_part)
    });
    if is_plain { text.to_owned() } else { quoted(text) }
}

fn resource(text: &str, holder: Holder) -> String {
    if text == "*" && holder == Holder::Identity { "all".to_owned() } else { quoted(text) }
}

/// Who a statement is about.
pub(crate) fn principals_of(json: &Json) -> Option<String> {
    if json.text() == Some("*") {
        return Some("all".to_owned());
    }
    let mut written = Vec::new();
    for member in json.members() {
        for name in texts(&member.value)? {
            written.push(principal(&member.name, name)?);
        }
    }
    (!written.is_empty()).then(|| one_or_list(written))
}

fn principal(kind: &str, name: &str) -> Option<String> {
    let is_canonical = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    match kind {
        "AWS" if name == "*" => Some("all".to_owned()),
        "AWS"
            if name.starts_with("arn:")
                || name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Some(quoted(name))
        }
        "Service" => {
            let plain = name.strip_suffix(".amazonaws.com").filter(|plain| is_name(plain));
            Some(plain.map_or_else(|| format!("service {}", quoted(name)), str::to_owned))
        }
        "Federated" if name.contains(":saml-provider/") || name.contains(":oidc-provider/") => {
            Some(quoted(name))
        }
        "CanonicalUser" if is_canonical => Some(quoted(name)),
        _ => None,
    }
}

fn conditions_of(json: &Json) -> Option<Vec<String>> {
    let mut written = Vec::new();
    for operator in json.members() {
        for key in operator.value.members() {
            written.push(condition(&operator.name, &key.name, &key.value)?);
        }
    }
    Some(written)
}

fn condition(operator: &str, key: &str, value: &Json) -> Option<String> {
    let (plain, end) = match operator.strip_suffix("IfExists") {
        Some(plain) => (plain, " if present"),
        None => (operator, ""),
    };
    let (plain, quantifier) = match plain.split_once(':') {
        Some(("ForAllValues", plain)) => (plain, "all of "),
        Some(("ForAnyValue", plain)) => (plain, "any of "),
        Some(_) => return None,
        None => (plain, ""),
    };
    let is_key = |sign: char| sign.is_ascii_alphanumeric() || "-.+@:/".contains(sign);
    let is_plain_key = key.contains(':') && key.chars().all(is_key) && !key.contains("//");
    let key = if is_plain_key { key.to_owned() } else { quoted(key) };
    let values: Vec<String> = match &value.value {
        Value::List(items) => items.iter().map(scalar).collect::<Option<_>>()?,
        _ => vec![scalar(value)?],
    };
    if values.is_empty() {
        return None;
    }
    let are = |is: fn(&str) -> bool| values.iter().all(|value| is(value));
    let in_quotes = || one_or_list(values.iter().map(|value| quoted(value)));
    let bare = || one_or_list(values.clone());
    let test = match (plain, values.as_slice()) {
        ("Null", [only]) if only == "true" && end.is_empty() => "is absent".to_owned(),
        ("Null", [only]) if only == "false" && end.is_empty() => "exists".to_owned(),
        ("Bool", _) if are(|value| value == "true" || value == "false") => format!("is {}", bare()),
        ("IpAddress", _) if are(is_block) => format!("is {}", bare()),
        ("NotIpAddress", _) if are(is_block) => format!("is not {}", bare()),
        (word, _) if !word.is_empty() && word.chars().all(|sign| sign.is_ascii_alphabetic()) => {
            let word = plainer(word, &key).unwrap_or(word);
            format!("{word} {}", in_quotes())
        }
        _ => return None,
    };
    Some(format!("{quantifier}{key} {test}{end}"))
}

/// Condition keys that are texts; those that end in `/` have a name behind it.
const TEXTS: [&str; 13] = [
    "SAML:aud",
    "aws:PrincipalOrgID",
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:RequestedRegion",
    "aws:ResourceTag/",
    "aws:userid",
    "aws:username",
    "ec2:ResourceTag/",
    "s3:prefix",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "sts:ExternalId",
];

/// A word of `.asq` for an operator of texts, where the key is known to be one.
fn plainer(operator: &str, key: &str) -> Option<&'static str> {
    let is_text = TEXTS.iter().any(|known| key == *known || known.ends_with('/') && key.starts_with(known));
    match operator {
        "StringEquals" if is_text => Some("is"),
        "StringNotEquals" if is_text => Some("is not"),
        "StringLike" if is_text => Some("like"),
        "StringNotLike" if is_text => Some("not like"),
        _ => None,
    }
}

fn is_block(text: &str) -> bool {
    text.parse::<Ipv4Net>().is_ok_and(|net| net.trunc() == net && net.to_string() == text)
        || text.parse::<Ipv4Addr>().is_ok()
}

fn scalar(json: &Json) -> Option<String> {
    match &json.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.clone()),
        Value::Truth(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The field `trust`, where a trust policy only names a service that may assume the role.
pub(crate) fn simple_trust(json: &Json) -> Option<Node> {
    let statements = all(json);
    let [only] = statements.as_slice() else { return None };
    let is_plain = only
        .members()
        .iter()
        .all(|one| ["Effect", "Action", "Principal", "Sid"].contains(&one.name.as_str()));
    let is_allowed = only.get("Effect").and_then(Json::text) == Some("Allow");
    let action = only.get("Action").and_then(texts)?;
    let principal = only.get("Principal")?;
    let is_service =
        principal.members().iter().all(|member| member.name == "Service" || member.name == "AWS");
    let is_current = json.get("Version").and_then(Json::text) == Some("2012-10-17");
    if is_plain
        && is_allowed
        && is_current
        && action == ["sts:AssumeRole"]
        && is_service
        && only.get("Sid").is_none()
    {
        return Some(Node::field(format!("trust = {}", principals_of(principal)?), only.span));
    }
    None
}
