//! Settings of buckets.

use asiaq_lang::Diagnostic;

use super::notifications;
use crate::errors;
use crate::model::storage::Bucket;

pub(super) fn check(bucket: &Bucket, diagnostics: &mut Vec<Diagnostic>) {
    let name = &bucket.title.aws;
    if let Some(why) = name_problem(&name.value) {
        diagnostics.push(errors::bad_bucket_name(name.span(), &name.value, why));
    }
    if let Some(retention) = bucket.retention.as_ref().filter(|_| !bucket.object_lock.value) {
        diagnostics.push(errors::setting_needs(retention.span(), "retention", "object_lock = true"));
    }
    if bucket.object_lock.value && !bucket.versioning.value {
        let span = bucket.object_lock.span();
        diagnostics.push(errors::setting_needs(span, "object_lock", "versioning = true"));
    }
    if let Some(copies) = bucket.copies.as_ref().filter(|_| !bucket.versioning.value) {
        let found = errors::setting_needs(copies.span, "replication", "versioning = true");
        diagnostics.push(found.related(bucket.title.span, "the bucket"));
    }
    check_grants(bucket, diagnostics);
    if let Some(website) = &bucket.website {
        let of = &website.value;
        let serves = of.index.is_some() || of.error.is_some() || !of.rules.is_empty();
        if of.redirect.is_some() && serves {
            diagnostics.push(errors::redirects_all_and_serves(website.span));
        } else if of.redirect.is_none() && of.index.is_none() {
            diagnostics.push(errors::setting_needs(website.span, "website", "index = \"index.html\""));
        }
        if of.index.as_ref().is_some_and(|index| index.is_empty() || index.contains('/')) {
            diagnostics.push(errors::index_with_slash(website.span));
        }
    }
    notifications::check(&bucket.notifications, diagnostics);
}

fn check_grants(bucket: &Bucket, diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = bucket.grants.first() else { return };
    if bucket.ownership.value == "BucketOwnerEnforced" {
        let found = errors::setting_needs(first.span, "grant", "ownership = bucket_owner_preferred");
        diagnostics.push(found.related(bucket.title.span, "the bucket"));
    }
    if bucket.access_block.value.block_acls {
        let is_public = |grantee: &str| grantee.contains("/groups/global/");
        let mut public = bucket.grants.iter().filter(|grant| is_public(&grant.value.grantee));
        if let Some(grant) = public.next() {
            diagnostics.push(errors::public_grant(grant.span));
        }
    }
}

/// What is wrong with the name of a bucket that the program does not declare.
pub(in crate::model) fn whole_name_problem(name: &str) -> Option<&'static str> {
    let fits = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b".-".contains(&letter);
    if !(3..=63).contains(&name.len()) || !name.bytes().all(fits) {
        return Some("it has 3 to 63 small letters, digits, dots and hyphens");
    }
    name_problem(name)
}

/// Amazon S3 user guide, "General purpose bucket naming rules"; length and letters are limits of the field.
fn name_problem(name: &str) -> Option<&'static str> {
    let ends = [name.chars().next(), name.chars().next_back()];
    let is_plain = |letter: Option<char>| letter.is_none_or(|letter| letter.is_ascii_alphanumeric());
    if !ends.into_iter().all(is_plain) {
        return Some("it begins and ends with a letter or a digit");
    }
    if name.contains("..") {
        return Some("it has no two dots side by side");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("it has not the form of an IP address");
    }
    let starts = ["xn--", "sthree-", "amzn-s3-demo-"];
    let ends = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"];
    let is_reserved =
        starts.iter().any(|start| name.starts_with(start)) || ends.iter().any(|end| name.ends_with(end));
    is_reserved.then_some("AWS keeps such names for itself")
}
