//! The roles that people take: one for each policy of theirs, with who may take it.

use std::collections::BTreeMap;

use asiaq_lang::Diagnostic;

use crate::account::{Account, FEDERATION, named};
use crate::codes;
use crate::draft::Node;
use crate::files::TextFile;
use crate::json::Json;
use crate::old::Old;
use crate::policies::{self, Holder};
use crate::sections::word;
use crate::words::quoted;

/// The roles that people take.
pub(crate) fn all(
    old: &mut Old,
    account: &Account<'_>,
    policies: &[(&str, &TextFile)],
    files: &[TextFile],
    parsed: &BTreeMap<String, Json>,
    provider: Option<&str>,
) -> Vec<Node> {
    let prefix = account.get("role_prefix");
    if !policies.is_empty() {
        match prefix {
            None => {
                let at = account.iam.map(|iam| iam.span).or(files.first().map(TextFile::start));
                let message = "`[iam]` lacks `role_prefix`: the original fails for every role";
                old.find(Diagnostic::new(codes::MISSING_OPTION, at.unwrap_or_default(), message));
            }
            Some(setting) if setting.value.is_empty() => {
                let message = "with an empty `role_prefix` the original deletes every role of the account that it did not make";
                old.find(Diagnostic::new(codes::EMPTY_ROLE_PREFIX, setting.key_span, message));
            }
            Some(_) => {}
        }
    }
    let (blacklist, naked) = (account.names("policy_blacklist"), account.names("naked_roles"));
    let mut nodes = Vec::new();
    for (name, file) in policies {
        if blacklist.contains(name) {
            continue;
        }
        let prefix = prefix.map(|setting| setting.value.as_str()).filter(|prefix| !prefix.is_empty());
        let aws = if naked.contains(name) {
            (*name).to_owned()
        } else {
            let parts: Vec<&str> = prefix.into_iter().chain([account.name, name]).collect();
            parts.join("_")
        };
        let origin = parsed.get(&file.path).map_or(file.start(), |json| json.span);
        let mut body = trust(old, (name, file), files, parsed, provider);
        body.push(Node::field(format!("policies = [{}]", word(name)), origin));
        nodes.push(named("role", &aws, origin, body));
    }
    nodes
}

/// Who may take a role: its own `.tr`, or the federation, or else instances.
fn trust(
    old: &mut Old,
    (name, file): (&str, &TextFile),
    files: &[TextFile],
    parsed: &BTreeMap<String, Json>,
    provider: Option<&str>,
) -> Vec<Node> {
    let without_profile = |json: &Json| Node::field("instance_profile = false", json.span);
    let own = files.iter().find(|file| file.name_in("iam/user_policies", "tr") == Some(name));
    if let Some(own) = own {
        let Some(json) = parsed.get(&own.path) else {
            let why = "its trust policy is not JSON";
            return vec![Node::refused(format!("trust_policy of {}", own.path), own.start(), why)];
        };
        if let Some(trust) = policies::simple_trust(json) {
            let is_of_instances = trust.text.contains("ec2");
            return std::iter::once(trust).chain(is_of_instances.then(|| without_profile(json))).collect();
        }
        let body = policies::body(json, Holder::Identity);
        return vec![Node::block("trust_policy", Some(json.span), body)];
    }
    if let Some(json) = parsed.get(FEDERATION) {
        return federation(old, json, provider);
    }
    let message = format!("nothing says who may take the role of `{name}`: every EC2 instance may");
    let help = "add a trust policy, `.tr`, or `iam/federation/AssumeRolePolicyDocument.iam`";
    old.find(Diagnostic::new(codes::TRUST_ASSUMED, file.start(), message).help(help));
    let comment = "Nothing says who may take it: then AWS lets instances.".to_owned();
    vec![
        Node::field("trust = ec2", file.start()).commented(&[comment]),
        Node::field("instance_profile = false", file.start()),
    ]
}

/// The federation document, with the provider in its first statement.
fn federation(old: &mut Old, json: &Json, provider: Option<&str>) -> Vec<Node> {
    let Some(provider) = provider else {
        let message = "there is no SAML provider for it: the original fails";
        old.find(
            Diagnostic::new(codes::MISSING_OPTION, json.span, message)
                .help("set `saml_provider_name` and `saml_provider_url` in `[iam]`"),
        );
        let why = "there is no SAML provider";
        return vec![Node::refused("trust = saml", json.span, why)];
    };
    let statements = policies::all(json);
    let first = statements.first();
    let is_usual = statements.len() == 1
        && first.is_some_and(|first| {
            let text = |name: &str| first.get(name).and_then(Json::text);
            let audience = first.get("Condition").map(Json::written).unwrap_or_default();
            text("Effect") == Some("Allow")
                && text("Action") == Some("sts:AssumeRoleWithSAML")
                && audience == r#"{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#
        });
    if is_usual {
        return vec![Node::field(format!("trust = saml {provider}"), json.span)];
    }
    // The first statement is about the provider, whatever it says.
    let stand_in = "arn:aws:iam::111111111111:saml-provider/the-provider";
    let replaced = json.with_federated(stand_in);
    let Some(mut statements) = policies::statements(&replaced, Holder::Identity) else {
        let why = "a statement of it has no words";
        old.find(Diagnostic::new(codes::CANNOT_BE_SAID, json.span, format!("the federation: {why}")));
        return vec![Node::refused(format!("trust_policy {}", json.written()), json.span, why)];
    };
    for statement in &mut statements {
        statement.text = statement.text.replace(&quoted(stand_in), &format!("saml {provider}"));
    }
    vec![Node::block("trust_policy", Some(json.span), statements)]
}
