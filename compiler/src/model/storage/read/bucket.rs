//! Buckets.

use std::collections::BTreeSet;

use asiaq_ir::{AccessBlock, Encryption, Grant, Notification, Ref, Replication, ReplicationRule, Retention};

use super::{Inner, Part, Reader, in_camel_case, unsigned};
use crate::block::Block;
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::fields::{BucketFields, GrantFields, NotificationFields, ReplicationFields};
use crate::library::kinds;
use crate::model::identity::documents;
use crate::model::storage::{Bucket, Copies, checks};
use crate::value::Spanned;

/// How the URIs of groups begin.
const GROUPS: &str = "http://acs.amazonaws.com/groups/";

impl<'a> Reader<'_, 'a, '_> {
    pub(super) fn bucket(&mut self, part: &Part<'a>) -> Bucket {
        let title = &part.title;
        let path = format!("{}.{}", kinds::BUCKET, title.name);
        let of = BucketFields::of(&part.fields, title.span);
        let encryption = self.encryption(&of.encryption, of.kms_key, of.bucket_key.as_ref());
        let logging = self.logging(of.logging, of.log_prefix, &title.aws.value);
        let retention = self.retention(of.retention.as_ref(), &of.compliance);
        let subject = self.arns.of(kinds::BUCKET, &title.name).unwrap_or_default();
        let policy = documents::written(
            self.evaluator,
            &part.block,
            of.document,
            title.span,
            self.arns,
            subject,
            self.diagnostics,
        );
        Bucket {
            title: title.clone(),
            versioning: of.versioning.unwrap_or_else(|| of.object_lock.clone()),
            object_lock: of.object_lock,
            retention,
            encryption,
            access_block: of.public.map(|public| AccessBlock {
                block_acls: !public,
                ignore_acls: !public,
                block_policy: !public,
                restrict_buckets: !public,
            }),
            ownership: of.ownership.map(|word| in_camel_case(&word)),
            policy: policy.filter(|written| !written.document.statements.is_empty()),
            writers: Vec::new(),
            logging,
            grants: self.grants(&part.block, &path),
            lifecycle: self.lifecycle(&part.block, &path),
            cors: self.cors(&part.block, &path),
            website: self.website(&part.block, &path),
            notifications: self.notifications(&part.block, &path),
            copies: self.copies(&part.block, &path),
        }
    }

    fn encryption(
        &mut self,
        said: &Resolved<String>,
        key: Option<Resolved<String>>,
        bucket_key: Option<&Resolved<bool>>,
    ) -> Resolved<Encryption> {
        let algorithm = match said.value.as_str() {
            "kms" => "aws:kms",
            "kms_dsse" => "aws:kms:dsse",
            _ => "AES256",
        };
        let is_kms = said.value != "s3";
        if let Some(key) = key.as_ref().filter(|_| !is_kms) {
            self.diagnostics.push(errors::setting_needs(key.span(), "kms_key", "encryption = kms"));
        }
        if let Some(set) = bucket_key.filter(|set| set.value && said.value != "kms") {
            self.diagnostics.push(errors::setting_needs(set.span(), "bucket_key", "encryption = kms"));
        }
        let mut chain = said.chain.clone();
        chain.extend(key.iter().flat_map(|key| key.chain.iter().copied()));
        let bucket_key = bucket_key.map_or(said.value == "kms", |set| set.value);
        let key = key.map(|key| key.value).filter(|_| is_kms);
        Resolved { value: Encryption { algorithm: algorithm.to_owned(), key, bucket_key }, chain }
    }

    fn logging(
        &mut self,
        to: Option<Resolved<String>>,
        prefix: Option<Resolved<String>>,
        name: &str,
    ) -> Option<(Resolved<String>, String)> {
        let Some(to) = to else {
            if let Some(prefix) = prefix {
                self.diagnostics.push(errors::setting_needs(prefix.span(), "log_prefix", "logging = BUCKET"));
            }
            return None;
        };
        if to.value.contains('/') {
            self.diagnostics.push(errors::logs_elsewhere(to.span(), &to.value));
            return None;
        }
        self.exists(kinds::BUCKET, &to.value, to.span());
        Some((to, prefix.map_or_else(|| format!("{name}/"), |prefix| prefix.value)))
    }

    fn retention(
        &mut self,
        time: Option<&Resolved<u64>>,
        compliance: &Resolved<bool>,
    ) -> Option<Resolved<Retention>> {
        if time.is_none() && compliance.value {
            self.diagnostics.push(errors::setting_needs(compliance.span(), "compliance", "retention = 30d"));
        }
        let mode = if compliance.value { "COMPLIANCE" } else { "GOVERNANCE" };
        let mut days = self.days(time)?;
        days.chain.extend(compliance.chain.iter().copied());
        Some(days.map(|days| Retention { mode: mode.to_owned(), days }))
    }

    fn grants(&mut self, bucket: &Block<'a>, path: &str) -> Vec<Spanned<Grant>> {
        let mut grants = Vec::new();
        for Inner { span, fields, .. } in self.blocks(bucket, kinds::GRANT, path) {
            let of = GrantFields::of(&fields, span);
            let Some(to) = of.to else { continue };
            let grantee = match to.value.as_str() {
                "log_delivery" => format!("{GROUPS}s3/LogDelivery"),
                "authenticated_users" => format!("{GROUPS}global/AuthenticatedUsers"),
                "all_users" => format!("{GROUPS}global/AllUsers"),
                id if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => id.to_owned(),
                other => {
                    self.diagnostics.push(errors::not_a_grantee(to.span(), other));
                    continue;
                }
            };
            if of.allow.value.is_empty() {
                self.diagnostics.push(errors::no_entries(of.allow.place(span), "allow"));
            }
            for allowed in &of.allow.value {
                let permission = allowed.value.to_ascii_uppercase();
                grants.push(Spanned { value: Grant { grantee: grantee.clone(), permission }, span });
            }
        }
        grants
    }

    fn notifications(&mut self, bucket: &Block<'a>, path: &str) -> Vec<Spanned<Notification>> {
        let mut notifications = Vec::new();
        for Inner { name, span, fields, .. } in self.blocks(bucket, kinds::NOTIFICATION, path) {
            let of = NotificationFields::of(&fields, span);
            let Some(topic) = of.topic else { continue };
            if of.events.value.is_empty() {
                self.diagnostics.push(errors::no_entries(of.events.place(span), "events"));
            }
            let notification = Notification {
                id: name.to_owned(),
                topic: Ref::Id(topic.value),
                events: of.events.value.into_iter().map(|event| event.value).collect(),
                prefix: of.prefix.value,
                suffix: of.suffix.value,
            };
            notifications.push(Spanned { value: notification, span });
        }
        notifications
    }

    /// The rules of which both ends are known.
    fn copies(&mut self, bucket: &Block<'a>, path: &str) -> Option<Copies> {
        let blocks = self.blocks(bucket, kinds::REPLICATION, path);
        let count = u32::try_from(blocks.len()).unwrap_or(u32::MAX);
        let mut found: Option<Copies> = None;
        for (at, inner) in (0..).zip(&blocks) {
            let of = ReplicationFields::of(&inner.fields, inner.span);
            let role = self.role(of.role, of.role_arn, inner.span);
            let (Some((name, account)), Some(role)) =
                (self.other_bucket(of.to.as_ref(), of.to_name, of.account, inner.span), role)
            else {
                continue;
            };
            let copy = ReplicationRule {
                id: inner.name.to_owned(),
                priority: of.priority.map_or(count.saturating_sub(at), |number| unsigned(number.value)),
                prefix: of.prefix.value,
                bucket: name,
                account,
                class: of.class.map(|class| class.value.to_ascii_uppercase()),
                markers: of.markers.value,
            };
            let all = found.get_or_insert_with(|| Copies {
                span: inner.span,
                replication: Replication { role: role.value.clone(), rules: BTreeSet::new() },
                to: Vec::new(),
            });
            if all.replication.role != role.value {
                self.diagnostics.push(errors::another_role(role.span(), &role.value));
            }
            if let Some(first) = all.replication.rules.iter().find(|rule| rule.priority == copy.priority) {
                self.diagnostics.push(errors::same_priority(inner.span, &first.id, &copy.id, copy.priority));
            }
            all.replication.rules.insert(copy);
            all.to.extend(of.to.map(|to| Spanned { span: to.span(), value: to.value }));
        }
        found
    }

    /// The name of the bucket with the copies, and the id of its account where that is another one.
    fn other_bucket(
        &mut self,
        declared: Option<&Resolved<String>>,
        named: Option<Resolved<String>>,
        account: Option<Resolved<String>>,
        span: asiaq_lang::Span,
    ) -> Option<(String, Option<String>)> {
        let Some(declared) = declared else {
            let Some(named) = named else {
                self.diagnostics.push(errors::setting_needs(span, "replication", "to = BUCKET"));
                return None;
            };
            let name = &named.value;
            if let Some(why) = checks::name_problem(name) {
                self.diagnostics.push(errors::bad_bucket_name(named.span(), name, why));
            }
            let account = account.and_then(|name| self.arns.accounts.get(&name.value).cloned());
            return Some((named.value, account));
        };
        let others = [named.map(|set| ("to_name", set)), account.map(|set| ("account", set))];
        for (field, set) in others.into_iter().flatten() {
            self.diagnostics.push(errors::setting_beside(set.span(), field, "to"));
        }
        self.exists(kinds::BUCKET, &declared.value, declared.span());
        let arn = self.arns.of(kinds::BUCKET, &declared.value)?.first()?;
        let name = arn.rsplit(':').next()?.to_owned();
        let account = declared.value.split_once('/').and_then(|(account, _)| self.arns.accounts.get(account));
        Some((name, account.filter(|id| **id != self.arns.account).cloned()))
    }

    /// The ARN of a role: one that the account declares, or another.
    pub(super) fn role(
        &mut self,
        declared: Option<Resolved<String>>,
        named: Option<Resolved<String>>,
        span: asiaq_lang::Span,
    ) -> Option<Resolved<String>> {
        if let (Some(_), Some(named)) = (&declared, &named) {
            self.diagnostics.push(errors::setting_beside(named.span(), "role_arn", "role"));
        }
        let Some(declared) = declared else {
            if named.is_none() {
                self.diagnostics.push(errors::setting_needs(span, "replication", "role = ROLE"));
            }
            return named;
        };
        self.exists(kinds::ROLE, &declared.value, declared.span());
        let arn = self.arns.of(kinds::ROLE, &declared.value)?.first()?.clone();
        Some(declared.map(|_| arn))
    }
}
