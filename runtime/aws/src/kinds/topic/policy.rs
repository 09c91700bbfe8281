//! What may publish to a topic: statements of its policy whose ids begin as asiaq's do. Those of others stay.

use std::collections::BTreeSet;

use asiaq_iam::document::canonical::canonical;
use asiaq_ir::Publisher;
use serde_json::{Map, Value, json};

use crate::kinds::prelude::*;

ops! { sns:
    GET_TOPIC_ATTRIBUTES = "GetTopicAttributes", Own;
    SET_TOPIC_ATTRIBUTES = "SetTopicAttributes", Write;
}

/// The attribute with the policy.
const POLICY: &str = "Policy";
/// How the ids of asiaq's statements begin.
const OWN: &str = "asiaq";

/// What asiaq's statements allow to publish. One that somebody changed allows nothing here.
pub(super) async fn read(region: &Region<'_>, topic: &str) -> Result<BTreeSet<Publisher>> {
    let policy = live(region, topic).await?;
    let own = statements(&policy).into_iter().filter(is_own);
    Ok(own.filter_map(|live| publisher(&live).filter(|one| is_same(&live, &statement(topic, one)))).collect())
}

/// Replaces asiaq's statements, and writes those of others as they are.
pub(super) async fn set(region: &Region<'_>, topic: &str, wanted: &BTreeSet<Publisher>) -> Result<()> {
    let mut policy = live(region, topic).await?;
    let mut all: Vec<Value> = statements(&policy).into_iter().filter(|live| !is_own(live)).collect();
    for (number, one) in (1_u32..).zip(wanted) {
        let mut statement = statement(topic, one);
        statement.insert("Sid".to_owned(), format!("{OWN}{number}").into());
        all.push(statement.into());
    }
    if all.is_empty() {
        all.extend(of_owner(topic));
    }
    policy.entry("Version").or_insert_with(|| "2012-10-17".into());
    policy.insert("Statement".to_owned(), all.into());
    let call = region.sns().set_topic_attributes().topic_arn(topic).attribute_name(POLICY);
    let call = call.attribute_value(Value::from(policy).to_string());
    SET_TOPIC_ATTRIBUTES.call(call.send()).await.map(drop)
}

/// The policy of a topic; empty where it has none.
async fn live(region: &Region<'_>, topic: &str) -> Result<Map<String, Value>> {
    let call = region.sns().get_topic_attributes().topic_arn(topic);
    let answer = GET_TOPIC_ATTRIBUTES.call(call.send()).await?;
    let Some(text) = answer.attributes.unwrap_or_default().remove(POLICY) else { return Ok(Map::new()) };
    GET_TOPIC_ATTRIBUTES.part("policy in JSON", serde_json::from_str(&text).ok())
}

/// The statements of a policy: one alone may stand without a list.
fn statements(policy: &Map<String, Value>) -> Vec<Value> {
    match policy.get("Statement") {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

fn is_own(statement: &Value) -> bool {
    statement.get("Sid").and_then(Value::as_str).is_some_and(|sid| sid.starts_with(OWN))
}

/// The statement that allows `of` to publish, without its id.
fn statement(topic: &str, of: &Publisher) -> Map<String, Value> {
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": of.service },
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {
            "ArnLike": { "aws:SourceArn": of.source },
            "StringEquals": { "aws:SourceAccount": of.account },
        },
    });
    match statement {
        Value::Object(statement) => statement,
        _ => Map::new(),
    }
}

/// What a statement of asiaq's is for.
fn publisher(statement: &Value) -> Option<Publisher> {
    let at = |pointer: &str| match statement.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(one) => one.first()?.as_str().map(ToOwned::to_owned),
        _ => None,
    };
    Some(Publisher {
        service: at("/Principal/Service")?,
        source: at("/Condition/ArnLike/aws:SourceArn")?,
        account: at("/Condition/StringEquals/aws:SourceAccount")?,
    })
}

/// Whether a statement means the same as one of asiaq's.
fn is_same(live: &Value, own: &Map<String, Value>) -> bool {
    let of = |statement: Value| {
        canonical(&json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
    };
    let mut live = live.clone();
    if let Value::Object(live) = &mut live {
        live.remove("Sid");
    }
    of(live) == of(own.clone().into())
}

/// What AWS lets the account of a topic do where nobody wrote a policy: a policy has a statement.
fn of_owner(topic: &str) -> Option<Value> {
    let account = topic.split(':').nth(4)?;
    let actions = [
        "AddPermission",
        "DeleteTopic",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "Publish",
        "RemovePermission",
        "SetTopicAttributes",
        "Subscribe",
    ];
    Some(json!({
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": { "AWS": "*" },
        "Action": actions.map(|action| format!("SNS:{action}")),
        "Resource": topic,
        "Condition": { "StringEquals": { "AWS:SourceOwner": account } },
    }))
}
