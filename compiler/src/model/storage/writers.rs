//! What the policy of a bucket has to allow so that others can write to it: access logs of other buckets, trails of any
//! account, and copies from buckets of another account. The forms are those of the manuals ("Enabling Amazon S3 server access
//! logging" and "Configuring replication when the source and destination buckets are owned by different accounts" of the
//! Amazon S3 user guide; "Amazon S3 bucket policy for CloudTrail" of the AWS CloudTrail user guide).

use std::collections::BTreeMap;

use asiaq_iam::document::{
    Choice, Condition, Effect, Operator, Principal, PrincipalKind, Principals, Statement, Text,
};
use asiaq_ir::Partition;
use asiaq_lang::Span;

use super::names::bucket_arns;
use super::{Bucket, in_account};
use crate::library::kinds;
use crate::model::Account;

/// CloudTrail as a principal.
pub(crate) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
/// What writes access logs of buckets.
pub(crate) const ACCESS_LOGS: &str = "logging.s3.amazonaws.com";

/// An operator, a key, and the values.
type Test = (&'static str, &'static str, Vec<String>);
/// A bucket: the account that declares it, and its name there.
type Target = (String, String);

/// Adds to every bucket what its writers need.
pub(in crate::model) fn grant_writers(accounts: &mut [Account]) {
    let mut all: BTreeMap<Target, Vec<Statement<Span>>> = BTreeMap::new();
    for account in &*accounts {
        for source in &account.storage.buckets {
            for (to, statement) in
                access_logs(account, source).into_iter().chain(copies(accounts, account, source))
            {
                all.entry(to).or_default().push(statement);
            }
        }
    }
    for (to, statements) in trails(accounts) {
        all.entry(to).or_default().extend(statements);
    }
    for account in accounts {
        for bucket in &mut account.storage.buckets {
            let target = (account.name.clone(), bucket.title.name.clone());
            bucket.writers = all.remove(&target).unwrap_or_default();
        }
    }
}

fn find<'m>(accounts: &'m [Account], account: &str, reference: &str) -> Option<(&'m Account, &'m Bucket)> {
    let (owner, name) = in_account(account, reference);
    let owner = accounts.iter().find(|other| other.name == owner)?;
    Some((owner, owner.storage.buckets.iter().find(|bucket| bucket.title.name == name)?))
}

fn arns(account: &Account, bucket: &Bucket) -> [String; 2] {
    bucket_arns(Partition::of(&account.region).name(), &bucket.title.aws.value)
}

fn access_logs(account: &Account, source: &Bucket) -> Option<(Target, Statement<Span>)> {
    let (to, prefix) = source.logging.as_ref()?;
    let target = account.storage.buckets.iter().find(|bucket| bucket.title.name == to.value)?;
    let ([from, _], [bucket, _]) = (arns(account, source), arns(account, target));
    let tests = vec![
        ("ArnLike", "aws:SourceArn", vec![from]),
        ("StringEquals", "aws:SourceAccount", vec![account.id.value.clone()]),
    ];
    let objects = vec![format!("{bucket}/{prefix}*")];
    let who = (PrincipalKind::Service, ACCESS_LOGS.to_owned());
    let statement = statement(to.span(), who, &["s3:PutObject"], objects, tests);
    Some(((account.name.clone(), to.value.clone()), statement))
}

/// In the own account, the policies of the role are enough.
fn copies(accounts: &[Account], account: &Account, source: &Bucket) -> Vec<(Target, Statement<Span>)> {
    let mut found = Vec::new();
    for (to, copies) in source.copies.iter().flat_map(|copies| copies.to.iter().map(move |to| (to, copies))) {
        let Some((owner, target)) = find(accounts, &account.name, &to.value) else { continue };
        if owner.name == account.name {
            continue;
        }
        let [bucket, objects] = arns(owner, target);
        let grants = [
            (&["s3:GetBucketVersioning", "s3:PutBucketVersioning"] as &[&str], bucket),
            (
                &[
                    "s3:ObjectOwnerOverrideToBucketOwner",
                    "s3:ReplicateDelete",
                    "s3:ReplicateObject",
                    "s3:ReplicateTags",
                ],
                objects,
            ),
        ];
        for (actions, resource) in grants {
            let who = (PrincipalKind::Aws, copies.replication.role.clone());
            let statement = statement(to.span, who, actions, vec![resource], Vec::new());
            found.push(((owner.name.clone(), target.title.name.clone()), statement));
        }
    }
    found
}

/// For each bucket with trails: one statement with which CloudTrail looks at the bucket, and one for each trail.
fn trails(accounts: &[Account]) -> BTreeMap<Target, Vec<Statement<Span>>> {
    struct Writers {
        bucket: String,
        place: Span,
        trails: Vec<String>,
        statements: Vec<Statement<Span>>,
    }
    let cloudtrail = || (PrincipalKind::Service, CLOUDTRAIL.to_owned());
    let mut all: BTreeMap<Target, Writers> = BTreeMap::new();
    for account in accounts {
        for trail in &account.storage.trails {
            let Some((owner, target)) = find(accounts, &account.name, &trail.bucket.value) else { continue };
            let arn = account.arns.of(kinds::TRAIL, &trail.title.name).and_then(<[String]>::first);
            let Some(arn) = arn.cloned() else { continue };
            let place = trail.bucket.span();
            let writers = all.entry((owner.name.clone(), target.title.name.clone())).or_insert_with(|| {
                let [bucket, _] = arns(owner, target);
                Writers { bucket, place, trails: Vec::new(), statements: Vec::new() }
            });
            let prefix = trail.prefix.as_ref().map(|prefix| format!("{}/", prefix.value)).unwrap_or_default();
            let folder = |whose: &str| format!("{}/{prefix}AWSLogs/{whose}/*", writers.bucket);
            let mut objects = vec![folder(&account.id.value)];
            objects.extend(trail.organization.as_ref().map(|organization| folder(&organization.value)));
            let tests = vec![
                ("StringEquals", "aws:SourceArn", vec![arn.clone()]),
                ("StringEquals", "s3:x-amz-acl", vec!["bucket-owner-full-control".to_owned()]),
            ];
            writers.statements.push(statement(place, cloudtrail(), &["s3:PutObject"], objects, tests));
            writers.trails.push(arn);
        }
    }
    let whole = |writers: Writers| {
        let tests = vec![("StringEquals", "aws:SourceArn", writers.trails)];
        let looks = statement(writers.place, cloudtrail(), &["s3:GetBucketAcl"], vec![writers.bucket], tests);
        std::iter::once(looks).chain(writers.statements).collect()
    };
    all.into_iter().map(|(target, writers)| (target, whole(writers))).collect()
}

fn statement(
    place: Span,
    (kind, who): (PrincipalKind, String),
    actions: &[&str],
    resources: Vec<String>,
    tests: Vec<Test>,
) -> Statement<Span> {
    let text = |text: String| Text::new(place, text);
    let choice = |values: Vec<String>| Choice {
        place,
        excludes: false,
        values: values.into_iter().map(text).collect(),
    };
    let who = Principal { kind, name: text(who) };
    let conditions = tests.into_iter().filter_map(|(operator, key, values)| {
        Some(Condition {
            place,
            operator: Operator::read(operator)?,
            operator_place: place,
            key: text(key.to_owned()),
            values: values.into_iter().map(text).collect(),
        })
    });
    Statement {
        place,
        sid: None,
        effect: Effect::Allow,
        principals: Some(Principals { place, excludes: false, values: vec![who] }),
        actions: choice(actions.iter().map(|action| (*action).to_owned()).collect()),
        resources: Some(choice(resources)),
        conditions: conditions.collect(),
    }
}
