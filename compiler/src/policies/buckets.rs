//! What the policy of a bucket can mean beside what all policies can: it is about its bucket alone, and must let in those who
//! manage the bucket and those who write to it.

use asiaq_iam::document::{Condition, Document, Effect, Principal, PrincipalKind, Statement};
use asiaq_iam::evaluate::{
    Answer, Attached, Context, Decision, OfResource, Others, Policies, Request, Value, Who, evaluate,
};
use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::library::kinds;
use crate::model::{ACCESS_LOGS, Account, Bucket, CLOUDTRAIL};

/// Conditions on these keys narrow "everyone" down, where their value is fixed ("The meaning of \"public\"" of the Amazon S3
/// user guide).
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Without these, nobody but the root user gets rid of the policy.
const MANAGING: &[&str] = &["s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:GetBucketPolicy"];

/// Checks the policy of a bucket of `account`, its writers included.
pub(super) fn check(account: &Account, bucket: &Bucket) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let own = bucket.policy.as_ref().map(|written| &written.document);
    for statement in own.into_iter().flat_map(|document| &document.statements) {
        check_subject(account, bucket, statement, &mut found);
        if bucket.access_block.value.block_policy && is_public(statement) {
            let place = statement.principals.as_ref().map_or(statement.place, |all| all.place);
            found.push(errors::public_policy(place, &bucket.title.name));
        }
    }
    let denials = own.map(denials);
    if let Some(denials) = &denials {
        found.extend(locked_out(account, bucket, denials));
    }
    found.extend(refused_writers(account, bucket, denials.as_ref()));
    found
}

/// Actions and resources that a policy of this bucket cannot have.
fn check_subject(
    account: &Account,
    bucket: &Bucket,
    statement: &Statement<Span>,
    found: &mut Vec<Diagnostic>,
) {
    let name = &bucket.title.name;
    let Some([arn, _]) = account.arns.of(kinds::BUCKET, name) else { return };
    for resource in statement.resources.iter().flat_map(|choice| &choice.values) {
        let rest = resource.value.strip_prefix(arn.as_str());
        if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            found.push(errors::outside_bucket(resource.place, &resource.value, name));
        }
    }
    for action in &statement.actions.values {
        let service = action.value.split_once(':').map_or("s3", |(service, _)| service);
        if !service.eq_ignore_ascii_case("s3") {
            found.push(errors::action_of_other_service(action.place, &action.value, name));
        }
    }
}

/// Whether AWS says that a statement makes a bucket public.
fn is_public(statement: &Statement<Span>) -> bool {
    let Some(principals) = &statement.principals else { return false };
    let is_open = principals.excludes || principals.values.iter().any(Principal::is_everyone);
    statement.effect == Effect::Allow && is_open && !statement.conditions.iter().any(narrows)
}

fn narrows(condition: &Condition<Span>) -> bool {
    let is_open = |value: &str| matches!(value, "*" | "0.0.0.0/0" | "::/0");
    let key = condition.key.value.to_ascii_lowercase();
    !condition.operator.test.is_negated()
        && !condition.operator.if_exists
        && NARROWING.contains(&key.as_str())
        && !condition.values.iter().any(|value| is_open(&value.value))
}

/// What a policy denies, without what it denies all but some.
fn denials(document: &Document<Span>) -> Document<Span> {
    let mut denials = document.clone();
    denials.statements.retain(|statement| {
        statement.effect == Effect::Deny && statement.principals.as_ref().is_some_and(|all| !all.excludes)
    });
    denials
}

fn decide<'d>(document: &'d Document<Span>, bucket: &'d Bucket, request: &Request) -> Decision<'d, Span> {
    let policies = Policies {
        // What else those who ask may do is not said here, so only a denial decides.
        identity: vec![Attached::Unread { name: "", denies: false }],
        resource: vec![OfResource {
            of: None,
            policy: Attached::Known { name: &bucket.title.name, document },
        }],
        ..Policies::default()
    };
    evaluate(&policies, request)
}

/// The statement that decides a denial.
fn denial(decision: &Decision<'_, Span>) -> Option<Span> {
    let by = (decision.answer == Answer::Denied).then(|| decision.by.first()).flatten()?;
    (by.statement.effect == Effect::Deny).then_some(by.statement.place)
}

/// A policy that denies its own change to everybody.
fn locked_out(account: &Account, bucket: &Bucket, denials: &Document<Span>) -> Option<Diagnostic> {
    let [arn, _] = account.arns.of(kinds::BUCKET, &bucket.title.name)? else { return None };
    let id = &account.id.value;
    // Somebody of the account; nothing is known of who it is.
    let unknown = ["aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:username", "aws:PrincipalType"];
    let context = unknown
        .iter()
        .fold(Context::new(Others::Unknown), |context, key| context.with(key, Value::Unknown))
        .with("aws:SecureTransport", Value::Known(vec!["true".to_owned()]));
    MANAGING.iter().find_map(|action| {
        let request = Request {
            who: Who::Role { arn: format!("arn:{}:iam::{id}:role/*", account.arns.partition), session: None },
            action: (*action).to_owned(),
            resource: arn.clone(),
            resource_account: Some(id.clone()),
            context: context.clone(),
        };
        let place = denial(&decide(denials, bucket, &request))?;
        Some(errors::locked_out(place, &bucket.title.name, action))
    })
}

/// Those who write to a bucket and cannot.
fn refused_writers(account: &Account, bucket: &Bucket, denials: Option<&Document<Span>>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for writer in &bucket.writers {
        let Some(principal) = writer.principals.iter().flat_map(|all| &all.values).next() else { continue };
        let who = principal.name.value.as_str();
        let name = &bucket.title.name;
        if who == ACCESS_LOGS {
            if bucket.encryption.value.algorithm != "AES256" {
                found.push(errors::writer_without_key(bucket.encryption.span(), name, writer.place));
            }
            if let Some(retention) = &bucket.retention {
                found.push(errors::writer_against_lock(retention.span(), name, writer.place));
            }
        }
        let Some(denials) = denials else { continue };
        let words = match who {
            ACCESS_LOGS => "access logs",
            CLOUDTRAIL => "CloudTrail",
            _ => "replication",
        };
        let requests = requests(account, writer, principal.kind, who);
        if let Some(place) = requests.iter().find_map(|request| denial(&decide(denials, bucket, request))) {
            found.push(errors::writer_denied(place, name, words, writer.place));
        }
    }
    found
}

/// The requests of a writer: what its statement allows, with what the manual says of such requests.
fn requests(account: &Account, writer: &Statement<Span>, kind: PrincipalKind, who: &str) -> Vec<Request> {
    let mut context =
        Context::new(Others::Unknown).with("aws:SecureTransport", Value::Known(vec!["true".to_owned()]));
    if kind == PrincipalKind::Service {
        for key in
            ["aws:SourceVpc", "aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalTag", "aws:Referer"]
        {
            context = context.with(key, Value::Absent);
        }
    }
    if who == ACCESS_LOGS {
        for key in ["s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"] {
            context = context.with(key, Value::Absent);
        }
    }
    for condition in &writer.conditions {
        let values = condition.values.iter().map(|value| value.value.clone()).collect();
        context = context.with(&condition.key.value, Value::Known(values));
    }
    let resources = writer.resources.iter().flat_map(|choice| &choice.values);
    resources
        .flat_map(|resource| writer.actions.values.iter().map(move |action| (action, resource)))
        .map(|(action, resource)| Request {
            who: match kind {
                PrincipalKind::Service => Who::Service(who.to_owned()),
                _ => Who::Role { arn: who.to_owned(), session: None },
            },
            action: action.value.clone(),
            resource: resource.value.clone(),
            resource_account: Some(account.id.value.clone()),
            context: context.clone(),
        })
        .collect()
}
