use asiaq_ir::Retention;
use aws_sdk_s3::types::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
};

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_OBJECT_LOCK_CONFIGURATION = "GetObjectLockConfiguration" as "GetBucketObjectLockConfiguration", Own;
    PUT_OBJECT_LOCK_CONFIGURATION = "PutObjectLockConfiguration" as "PutBucketObjectLockConfiguration", Write;
}

const DAYS_OF_A_YEAR: u32 = 365;

/// Whether objects can be locked, and how long new ones are.
pub(super) async fn read(at: At<'_>) -> Result<(bool, Option<Retention>)> {
    let call = at.region.s3().get_object_lock_configuration().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_OBJECT_LOCK_CONFIGURATION.call(call.send()).await;
    let answer = unless("ObjectLockConfigurationNotFoundError", answer)?;
    let Some(lock) = answer.and_then(|answer| answer.object_lock_configuration) else {
        return Ok((false, None));
    };
    let is_on = lock.object_lock_enabled == Some(ObjectLockEnabled::Enabled);
    let default = lock.rule.and_then(|rule| rule.default_retention);
    let retention = default.and_then(|default| {
        let years = default.years.map(|years| unsigned(years).saturating_mul(DAYS_OF_A_YEAR));
        let days = default.days.map(unsigned).or(years).filter(|days| *days > 0)?;
        Some(Retention { mode: default.mode?.as_str().to_owned(), days })
    });
    Ok((is_on, retention))
}

pub(super) async fn set(at: At<'_>, wanted: Option<&Retention>) -> Result<()> {
    let rule = wanted.map(|wanted| {
        let default = DefaultRetention::builder()
            .mode(ObjectLockRetentionMode::from(wanted.mode.as_str()))
            .days(signed(wanted.days));
        ObjectLockRule::builder().default_retention(default.build()).build()
    });
    let lock =
        ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).set_rule(rule);
    let call = at.region.s3().put_object_lock_configuration().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.object_lock_configuration(lock.build());
    at.put(PUT_OBJECT_LOCK_CONFIGURATION, || call.clone().send()).await
}
