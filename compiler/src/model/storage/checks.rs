//! What AWS refuses of buckets, trails and documents, or takes without the effect that is meant.

mod arns;
mod bucket;
mod circles;
mod content;
mod documents;
mod lifecycle;
mod notifications;
mod trail;
mod tree;

use std::collections::BTreeMap;

use asiaq_ir::quotas::TRAILS;
use asiaq_lang::{Diagnostic, Span};

use super::{Storage, Titled, in_account};
use crate::errors;
use crate::library::kinds;
use crate::model::Account;

pub(in crate::model) use arns::{key_problem, role_problem};
pub(in crate::model) use bucket::whole_name_problem as name_problem;
pub(super) use content::check as content;
pub(super) use lifecycle::problem as lifecycle;
pub(super) use tree::Flaw;

pub(super) fn check(storage: &Storage, diagnostics: &mut Vec<Diagnostic>) {
    let Storage { buckets, trails, documents } = storage;
    named_twice(kinds::TRAIL, trails.iter().map(|one| &one.title), diagnostics);
    named_twice(kinds::DOCUMENT, documents.iter().map(|one| &one.title), diagnostics);
    for one in buckets {
        bucket::check(one, diagnostics);
    }
    circles::check(buckets, diagnostics);
    for one in trails {
        trail::check(one, diagnostics);
    }
    if let Some(first) = trails.get(TRAILS.default) {
        diagnostics.push(errors::too_many_trails(first.title.span, trails.len(), TRAILS.default));
    }
    for one in documents {
        documents::check_name(one, diagnostics);
    }
}

/// What several accounts have to do with.
pub(in crate::model) fn check_all(accounts: &[Account], diagnostics: &mut Vec<Diagnostic>) {
    let buckets = accounts.iter().flat_map(|account| &account.storage.buckets);
    // All accounts share the names of buckets.
    named_twice(kinds::BUCKET, buckets.map(|one| &one.title), diagnostics);
    for account in accounts {
        arns::check(accounts, account, diagnostics);
        for source in &account.storage.buckets {
            for to in source.copies.iter().flat_map(|copies| &copies.to) {
                let (owner, name) = in_account(&account.name, &to.value);
                let target = accounts.iter().find(|other| other.name == owner);
                let target = target
                    .and_then(|other| other.storage.buckets.iter().find(|bucket| bucket.title.name == name));
                let Some(target) = target else { continue };
                if target.title.aws.value == source.title.aws.value {
                    diagnostics.push(errors::copies_to_itself(to.span, &source.title.name));
                } else if !target.versioning.value {
                    let span = target.title.span;
                    diagnostics.push(errors::copies_without_versions(to.span, &to.value, span));
                }
            }
        }
    }
}

fn named_twice<'a>(kind: &str, titles: impl Iterator<Item = &'a Titled>, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
    for title in titles {
        let place = title.aws.span();
        if let Some(first) = taken.get(title.aws.value.as_str()) {
            diagnostics.push(errors::same_name_in_aws(place, kind, &title.aws.value, *first));
        } else {
            taken.insert(&title.aws.value, place);
        }
    }
}
