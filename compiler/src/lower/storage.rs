//! Buckets, trails and documents of an account.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_iam::document::{canonical, print};
use asiaq_ir::{
    AccessLogs, Address, Bucket as IrBucket, DataEvents, Document as IrDocument, Ref, Resource, ResourceKind,
    Trail as IrTrail,
};
use asiaq_lang::Span;

use super::Lowering;
use super::identity::{address_in, of_account};
use super::node::{NodeBuilder, chain};
use crate::library::kinds;
use crate::model::{Account, Bucket, Document, Titled, Trail, in_account};
use crate::value::Spanned;

/// Addresses of roles and users, by ARN.
type Identities<'a> = BTreeMap<&'a str, Address>;

impl<'a> Lowering<'a> {
    pub(super) fn storage(&mut self, account: &'a Account) {
        let identities = self.identities(account);
        for bucket in &account.storage.buckets {
            self.bucket(account, bucket, &identities);
        }
        for trail in &account.storage.trails {
            self.trail(account, trail, &identities);
        }
        for document in &account.storage.documents {
            self.document(account, document);
        }
    }

    fn bucket(&mut self, account: &'a Account, bucket: &'a Bucket, identities: &Identities<'_>) {
        let policy = bucket.whole_policy();
        let role = bucket.copies.as_ref().map(|copies| copies.replication.role.as_str());
        let statements = policy.iter().flat_map(|policy| &policy.statements);
        let principals = statements.flat_map(|statement| &statement.principals).flat_map(|all| &all.values);
        let named = named(principals.map(|one| one.name.value.as_str()).chain(role), identities);
        let policy = policy.map(|policy| print(&canonical::of(policy)));
        let mut node = self.kept::<IrBucket>(account, kinds::BUCKET, &bucket.title).after(named);
        let logging = bucket.logging.as_ref();
        let replication = bucket.copies.as_ref().map(|copies| copies.replication.clone());
        let resource = IrBucket {
            name: node.value(IrBucket::NAME, &bucket.title.aws),
            versioning: node.value(IrBucket::VERSIONING, &bucket.versioning),
            object_lock: node.value(IrBucket::OBJECT_LOCK, &bucket.object_lock),
            retention: node.optional(IrBucket::RETENTION, bucket.retention.as_ref()),
            encryption: node.value(IrBucket::ENCRYPTION, &bucket.encryption),
            access_block: node.value(IrBucket::ACCESS_BLOCK, &bucket.access_block),
            ownership: node.value(IrBucket::OWNERSHIP, &bucket.ownership),
            policy: node.set(IrBucket::POLICY, &policy_places(bucket), policy),
            grants: set(&bucket.grants),
            lifecycle: set(&bucket.lifecycle),
            logging: node.set(
                IrBucket::LOGGING,
                chain(logging.map(|(to, _)| to)),
                logging.map(|(to, prefix)| AccessLogs {
                    bucket: of_account(&account.name, kinds::BUCKET, &to.value),
                    prefix: prefix.clone(),
                }),
            ),
            cors: node.set(IrBucket::CORS, &spans(&bucket.cors), values(&bucket.cors)),
            website: node.set(
                IrBucket::WEBSITE,
                &bucket.website.as_ref().map_or_else(Vec::new, |website| vec![website.span]),
                bucket.website.as_ref().map(|website| website.value.clone()),
            ),
            notifications: set(&bucket.notifications),
            replication: node.set(
                IrBucket::REPLICATION,
                &bucket.copies.as_ref().map_or_else(Vec::new, |copies| vec![copies.span]),
                replication,
            ),
        };
        for grant in &bucket.grants {
            let key = format!("{} {}", grant.value.grantee, grant.value.permission);
            node.element(IrBucket::GRANTS, &key, &[grant.span]);
        }
        for rule in &bucket.lifecycle {
            node.element(IrBucket::LIFECYCLE, &rule.value.id, &[rule.span]);
        }
        for notification in &bucket.notifications {
            node.element(IrBucket::NOTIFICATIONS, &notification.value.id, &[notification.span]);
        }
        self.add(node, resource);
    }

    /// The roles and users of the project, if the account has something that may name them.
    fn identities(&self, account: &Account) -> Identities<'a> {
        let mut identities = Identities::new();
        if account.storage.buckets.is_empty() && account.storage.trails.is_empty() {
            return identities;
        }
        for account in &self.model.accounts {
            for kind in [kinds::ROLE, kinds::USER] {
                for name in account.arns.names_of(kind) {
                    let address = address_in(&account.name, kind, name);
                    let arn = account.arns.of(kind, name).and_then(<[String]>::first);
                    identities.extend(arn.map(|arn| (arn.as_str(), address)));
                }
            }
        }
        identities
    }

    fn trail(&mut self, account: &'a Account, trail: &'a Trail, identities: &Identities<'_>) {
        // A bucket that nobody declares has been reported.
        let known = |reference: &str| account.arns.of(kinds::BUCKET, reference);
        if known(&trail.bucket.value).is_none() {
            return;
        }
        let role = trail.log_role.as_ref().map(|role| role.value.as_str());
        let named = named(role, identities);
        let mut node = self.kept::<IrTrail>(account, kinds::TRAIL, &trail.title).after(named);
        let management = match trail.record.value.as_str() {
            "all" => Some("All"),
            "reads" => Some("ReadOnly"),
            "writes" => Some("WriteOnly"),
            _ => None,
        };
        // The ARN of all objects without its wildcard.
        let objects: BTreeSet<String> = trail
            .objects
            .value
            .iter()
            .filter_map(|name| Some(known(&name.value)?.last()?.trim_end_matches('*').to_owned()))
            .collect();
        let data = (!objects.is_empty())
            .then(|| DataEvents { of: "AWS::S3::Object".to_owned(), resources: objects });
        let (owner, bucket) = in_account(&account.name, &trail.bucket.value);
        let resource = IrTrail {
            name: node.value(IrTrail::NAME, &trail.title.aws),
            bucket: node.set(IrTrail::BUCKET, &trail.bucket.chain, of_account(owner, kinds::BUCKET, bucket)),
            prefix: node.optional(IrTrail::PREFIX, trail.prefix.as_ref()),
            multi_region: node.value(IrTrail::MULTI_REGION, &trail.multi_region),
            global_events: node.value(IrTrail::GLOBAL_EVENTS, &trail.global_events),
            organization: node.set(
                IrTrail::ORGANIZATION,
                chain(trail.organization.as_ref()),
                trail.organization.is_some(),
            ),
            validation: node.value(IrTrail::VALIDATION, &trail.validation),
            kms_key: node.optional(IrTrail::KMS_KEY, trail.kms_key.as_ref()),
            log_group: node.optional(IrTrail::LOG_GROUP, trail.log_group.as_ref()),
            log_role: node.optional(IrTrail::LOG_ROLE, trail.log_role.as_ref()),
            topic: node.set(
                IrTrail::TOPIC,
                chain(trail.topic.as_ref()),
                trail.topic.as_ref().map(|topic| Ref::Id(topic.value.clone())),
            ),
            logging: node.value(IrTrail::LOGGING, &trail.logging),
            management: node.set(IrTrail::MANAGEMENT, &trail.record.chain, management.map(ToOwned::to_owned)),
            data: node.set(IrTrail::DATA, &trail.objects.chain, data.into_iter().collect()),
        };
        self.add(node, resource);
    }

    fn document(&mut self, account: &'a Account, document: &'a Document) {
        let mut node = self.kept::<IrDocument>(account, kinds::DOCUMENT, &document.title);
        let resource = IrDocument {
            name: node.value(IrDocument::NAME, &document.title.aws),
            of: node.value(IrDocument::OF, &document.of),
            format: node.value(IrDocument::FORMAT, &document.format),
            content: node.value(IrDocument::CONTENT, &document.content),
            target: node.optional(IrDocument::TARGET, document.target.as_ref()),
        };
        self.add(node, resource);
    }

    /// The node of a declaration in an account.
    fn kept<R>(&self, account: &'a Account, kind: &str, title: &'a Titled) -> NodeBuilder<'a, R>
    where
        R: ResourceKind + Into<Resource>,
    {
        self.in_account(account, &format!("{kind}/{}", title.name), title.span)
            .declared_by(format!("{kind}.{}", title.name))
            .tagged(&title.aws.value, &[])
            .optional_tags(title.tags.as_ref())
    }
}

/// What has to be there first: AWS refuses a policy that names a role or user which is not.
fn named<'t>(arns: impl IntoIterator<Item = &'t str>, identities: &Identities<'_>) -> BTreeSet<Address> {
    arns.into_iter().filter_map(|arn| identities.get(arn).cloned()).collect()
}

/// The places that decide the policy of a bucket.
fn policy_places(bucket: &Bucket) -> Vec<Span> {
    match &bucket.policy {
        Some(written) => written.chain.clone(),
        None if bucket.writers.is_empty() => vec![bucket.title.span],
        None => bucket.writers.iter().map(|statement| statement.place).collect(),
    }
}

fn values<T: Clone>(parts: &[Spanned<T>]) -> Vec<T> {
    parts.iter().map(|part| part.value.clone()).collect()
}

fn set<T: Clone + Ord>(parts: &[Spanned<T>]) -> BTreeSet<T> {
    parts.iter().map(|part| part.value.clone()).collect()
}

fn spans<T>(parts: &[Spanned<T>]) -> Vec<Span> {
    parts.iter().map(|part| part.span).collect()
}
