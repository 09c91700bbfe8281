use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{LifecycleRule, NoncurrentTransition, Transition};
use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sdk_s3::types::{
    self as sdk, AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration,
    NoncurrentVersionTransition, TransitionStorageClass,
};

use super::super::prelude::*;
use super::tags::sdk_tags;
use super::{At, some, unless};

ops! { s3:
    GET_BUCKET_LIFECYCLE_CONFIGURATION = "GetBucketLifecycleConfiguration" as "GetLifecycleConfiguration", Own;
    PUT_BUCKET_LIFECYCLE_CONFIGURATION = "PutBucketLifecycleConfiguration" as "PutLifecycleConfiguration", Write;
    DELETE_BUCKET_LIFECYCLE = "DeleteBucketLifecycle" as "PutLifecycleConfiguration", Write;
}

const PUT: Operation = PUT_BUCKET_LIFECYCLE_CONFIGURATION;

pub(super) async fn read(at: At<'_>) -> Result<BTreeSet<LifecycleRule>> {
    let rules = all(at).await?.and_then(|all| all.rules).unwrap_or_default();
    Ok(rules.into_iter().map(rule).collect())
}

/// Writes all rules. The smallest size of objects that move by default stays as it is: nobody declares it.
pub(super) async fn set(at: At<'_>, wanted: &BTreeSet<LifecycleRule>) -> Result<()> {
    if wanted.is_empty() {
        let call = at.region.s3().delete_bucket_lifecycle().bucket(at.name).expected_bucket_owner(at.owner);
        return at.put(DELETE_BUCKET_LIFECYCLE, || call.clone().send()).await;
    }
    let smallest = all(at).await?.and_then(|all| all.transition_default_minimum_object_size);
    let rules = wanted.iter().map(sdk_rule).collect::<Result<Vec<_>>>()?;
    let rules = PUT.built(BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build())?;
    let call = at.region.s3().put_bucket_lifecycle_configuration().bucket(at.name);
    let call = call
        .expected_bucket_owner(at.owner)
        .set_transition_default_minimum_object_size(smallest)
        .lifecycle_configuration(rules);
    at.put(PUT, || call.clone().send()).await
}

async fn all(at: At<'_>) -> Result<Option<GetBucketLifecycleConfigurationOutput>> {
    let call = at.region.s3().get_bucket_lifecycle_configuration().bucket(at.name);
    let call = call.expected_bucket_owner(at.owner);
    unless("NoSuchLifecycleConfiguration", GET_BUCKET_LIFECYCLE_CONFIGURATION.call(call.send()).await)
}

/// What objects a rule is about.
#[derive(Default)]
struct Which {
    prefix: Option<String>,
    tags: Vec<sdk::Tag>,
    larger: Option<i64>,
    smaller: Option<i64>,
}

impl Which {
    /// Several conditions are in a part of their own.
    fn of(filter: Option<LifecycleRuleFilter>) -> Self {
        let Some(filter) = filter else { return Self::default() };
        if let Some(and) = filter.and {
            return Self {
                prefix: and.prefix,
                tags: and.tags.unwrap_or_default(),
                larger: and.object_size_greater_than,
                smaller: and.object_size_less_than,
            };
        }
        Self {
            prefix: filter.prefix,
            tags: filter.tag.into_iter().collect(),
            larger: filter.object_size_greater_than,
            smaller: filter.object_size_less_than,
        }
    }
}

fn rule(live: sdk::LifecycleRule) -> LifecycleRule {
    #[expect(deprecated, reason = "rules that are older than filters have it")]
    let old = live.prefix;
    let which = Which::of(live.filter);
    let days = |days: Option<i32>| days.map(unsigned);
    let expiration = live.expiration;
    let noncurrent = live.noncurrent_version_expiration;
    let tags: BTreeMap<String, String> = which.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    LifecycleRule {
        id: live.id.unwrap_or_default(),
        enabled: live.status == ExpirationStatus::Enabled,
        // A rule that is older than filters has its own.
        prefix: which.prefix.or(old).unwrap_or_default(),
        tags,
        larger: which.larger,
        smaller: which.smaller,
        expire: expiration.as_ref().and_then(|of| days(of.days)).filter(|days| *days > 0),
        expire_on: expiration.as_ref().and_then(|of| day(of.date.as_ref())),
        expire_markers: expiration.and_then(|of| of.expired_object_delete_marker).unwrap_or_default(),
        expire_noncurrent: noncurrent.as_ref().and_then(|of| days(of.noncurrent_days)),
        keep_noncurrent: noncurrent.and_then(|of| days(of.newer_noncurrent_versions)),
        abort_uploads: live.abort_incomplete_multipart_upload.and_then(|of| days(of.days_after_initiation)),
        transitions: live.transitions.unwrap_or_default().iter().map(transition).collect(),
        noncurrent_transitions: live
            .noncurrent_version_transitions
            .unwrap_or_default()
            .iter()
            .map(noncurrent_transition)
            .collect(),
    }
}

fn transition(live: &sdk::Transition) -> Transition {
    Transition {
        class: class(live.storage_class.as_ref()),
        after: live.days.map(unsigned).filter(|_| live.date.is_none()),
        on: day(live.date.as_ref()),
    }
}

fn noncurrent_transition(live: &NoncurrentVersionTransition) -> NoncurrentTransition {
    NoncurrentTransition {
        class: class(live.storage_class.as_ref()),
        after: live.noncurrent_days.map(unsigned).unwrap_or_default(),
        keep: live.newer_noncurrent_versions.map(unsigned),
    }
}

fn class(live: Option<&TransitionStorageClass>) -> String {
    live.map(|class| class.as_str().to_owned()).unwrap_or_default()
}

/// A day as AWS has it: the moment at its beginning.
fn day(moment: Option<&DateTime>) -> Option<String> {
    let text = moment?.fmt(DateTimeFormat::DateTime).ok()?;
    text.split('T').next().map(ToOwned::to_owned)
}

fn moment(day: Option<&String>) -> Result<Option<DateTime>> {
    let read = |day: &String| DateTime::from_str(&format!("{day}T00:00:00Z"), DateTimeFormat::DateTime);
    day.map(read).transpose().map_err(|error| PUT.refused(error.to_string()))
}

fn sdk_rule(wanted: &LifecycleRule) -> Result<sdk::LifecycleRule> {
    let status = if wanted.enabled { ExpirationStatus::Enabled } else { ExpirationStatus::Disabled };
    let expires = wanted.expire.is_some() || wanted.expire_on.is_some() || wanted.expire_markers;
    let expiration = LifecycleExpiration::builder()
        .set_days(wanted.expire.map(signed))
        .set_date(moment(wanted.expire_on.as_ref())?)
        .set_expired_object_delete_marker(wanted.expire_markers.then_some(true));
    let expires_noncurrent = wanted.expire_noncurrent.is_some() || wanted.keep_noncurrent.is_some();
    let noncurrent = NoncurrentVersionExpiration::builder()
        .set_noncurrent_days(wanted.expire_noncurrent.map(signed))
        .set_newer_noncurrent_versions(wanted.keep_noncurrent.map(signed));
    let abort = wanted
        .abort_uploads
        .map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(signed(days)).build());
    let transitions = wanted.transitions.iter().map(sdk_transition).collect::<Result<Vec<_>>>()?;
    let later: Vec<_> = wanted.noncurrent_transitions.iter().map(sdk_noncurrent).collect();
    let rule = sdk::LifecycleRule::builder()
        .id(&wanted.id)
        .status(status)
        .filter(filter(wanted))
        .set_expiration(expires.then(|| expiration.build()))
        .set_noncurrent_version_expiration(expires_noncurrent.then(|| noncurrent.build()))
        .set_abort_incomplete_multipart_upload(abort)
        .set_transitions(Some(transitions).filter(|all| !all.is_empty()))
        .set_noncurrent_version_transitions(Some(later).filter(|all| !all.is_empty()));
    PUT.built(rule.build())
}

/// Several conditions have another form than a single one. Without any, the rule applies to all objects.
fn filter(wanted: &LifecycleRule) -> LifecycleRuleFilter {
    let prefix = some(&wanted.prefix);
    let tags = sdk_tags(&wanted.tags);
    let sizes = [wanted.larger, wanted.smaller].iter().flatten().count();
    let conditions = usize::from(prefix.is_some()).saturating_add(tags.len()).saturating_add(sizes);
    if conditions > 1 {
        let and = LifecycleRuleAndOperator::builder()
            .set_prefix(prefix)
            .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
            .set_object_size_greater_than(wanted.larger)
            .set_object_size_less_than(wanted.smaller);
        return LifecycleRuleFilter::builder().and(and.build()).build();
    }
    // An empty prefix is the prefix of all.
    let prefix = if conditions == 0 { Some(String::new()) } else { prefix };
    LifecycleRuleFilter::builder()
        .set_prefix(prefix)
        .set_tag(tags.into_iter().next())
        .set_object_size_greater_than(wanted.larger)
        .set_object_size_less_than(wanted.smaller)
        .build()
}

fn sdk_transition(wanted: &Transition) -> Result<sdk::Transition> {
    let transition = sdk::Transition::builder()
        .storage_class(TransitionStorageClass::from(wanted.class.as_str()))
        .set_days(wanted.after.map(signed))
        .set_date(moment(wanted.on.as_ref())?);
    Ok(transition.build())
}

fn sdk_noncurrent(wanted: &NoncurrentTransition) -> NoncurrentVersionTransition {
    NoncurrentVersionTransition::builder()
        .storage_class(TransitionStorageClass::from(wanted.class.as_str()))
        .noncurrent_days(signed(wanted.after))
        .set_newer_noncurrent_versions(wanted.keep.map(signed))
        .build()
}
