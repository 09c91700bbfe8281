use std::collections::BTreeSet;

use asiaq_ir::CorsRule;
use aws_sdk_s3::types::{self as sdk, CorsConfiguration};

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_BUCKET_CORS = "GetBucketCors" as "GetBucketCORS", Own;
    PUT_BUCKET_CORS = "PutBucketCors" as "PutBucketCORS", Write;
    DELETE_BUCKET_CORS = "DeleteBucketCors" as "PutBucketCORS", Write;
}

pub(super) async fn read(at: At<'_>) -> Result<Vec<CorsRule>> {
    let call = at.region.s3().get_bucket_cors().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = unless("NoSuchCORSConfiguration", GET_BUCKET_CORS.call(call.send()).await)?;
    let rules = answer.and_then(|answer| answer.cors_rules).unwrap_or_default();
    Ok(rules.into_iter().map(rule).collect())
}

fn rule(live: sdk::CorsRule) -> CorsRule {
    let set = |texts: Option<Vec<String>>| texts.unwrap_or_default().into_iter().collect();
    CorsRule {
        methods: set(Some(live.allowed_methods)),
        origins: set(Some(live.allowed_origins)),
        headers: set(live.allowed_headers),
        expose: set(live.expose_headers),
        max_age: live.max_age_seconds.map(unsigned).filter(|seconds| *seconds > 0),
    }
}

pub(super) async fn set(at: At<'_>, wanted: &[CorsRule]) -> Result<()> {
    if wanted.is_empty() {
        let call = at.region.s3().delete_bucket_cors().bucket(at.name).expected_bucket_owner(at.owner);
        return at.put(DELETE_BUCKET_CORS, || call.clone().send()).await;
    }
    let list = |texts: &BTreeSet<String>| (!texts.is_empty()).then(|| texts.iter().cloned().collect());
    let rule = |wanted: &CorsRule| {
        let rule = sdk::CorsRule::builder()
            .set_allowed_methods(list(&wanted.methods))
            .set_allowed_origins(list(&wanted.origins))
            .set_allowed_headers(list(&wanted.headers))
            .set_expose_headers(list(&wanted.expose))
            .set_max_age_seconds(wanted.max_age.map(signed));
        PUT_BUCKET_CORS.built(rule.build())
    };
    let rules = wanted.iter().map(rule).collect::<Result<Vec<_>>>()?;
    let all = PUT_BUCKET_CORS.built(CorsConfiguration::builder().set_cors_rules(Some(rules)).build())?;
    let call = at.region.s3().put_bucket_cors().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.cors_configuration(all);
    at.put(PUT_BUCKET_CORS, || call.clone().send()).await
}
