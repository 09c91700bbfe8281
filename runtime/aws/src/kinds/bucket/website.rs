use asiaq_ir::{RoutingRule, Website};
use aws_sdk_s3::types::{
    self as sdk, Condition, ErrorDocument, IndexDocument, Protocol, Redirect, RedirectAllRequestsTo,
    WebsiteConfiguration,
};

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_BUCKET_WEBSITE = "GetBucketWebsite", Own;
    PUT_BUCKET_WEBSITE = "PutBucketWebsite", Write;
    DELETE_BUCKET_WEBSITE = "DeleteBucketWebsite", Write;
}

/// The status of a redirect that says none.
const USUAL_STATUS: &str = "301";

pub(super) async fn read(at: At<'_>) -> Result<Option<Website>> {
    let call = at.region.s3().get_bucket_website().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = unless("NoSuchWebsiteConfiguration", GET_BUCKET_WEBSITE.call(call.send()).await)?;
    Ok(answer.map(|live| Website {
        index: live.index_document.map(|index| index.suffix),
        error: live.error_document.map(|error| error.key),
        redirect: live.redirect_all_requests_to.map(|to| host(to.protocol.as_ref(), &to.host_name)),
        rules: live.routing_rules.unwrap_or_default().into_iter().map(rule).collect(),
    }))
}

fn rule(live: sdk::RoutingRule) -> RoutingRule {
    let mut rule = RoutingRule::default();
    if let Some(condition) = live.condition {
        rule.prefix = condition.key_prefix_equals;
        rule.error = condition.http_error_code_returned_equals;
    }
    if let Some(redirect) = live.redirect {
        rule.host = redirect.host_name.map(|name| host(redirect.protocol.as_ref(), &name));
        rule.replace_prefix = redirect.replace_key_prefix_with;
        rule.replace_key = redirect.replace_key_with;
        rule.status = redirect.http_redirect_code.filter(|status| status != USUAL_STATUS);
    }
    rule
}

pub(super) async fn set(at: At<'_>, wanted: Option<&Website>) -> Result<()> {
    let Some(wanted) = wanted else {
        let call = at.region.s3().delete_bucket_website().bucket(at.name).expected_bucket_owner(at.owner);
        return at.put(DELETE_BUCKET_WEBSITE, || call.clone().send()).await;
    };
    let put = PUT_BUCKET_WEBSITE;
    let index =
        wanted.index.as_ref().map(|suffix| put.built(IndexDocument::builder().suffix(suffix).build()));
    let error = wanted.error.as_ref().map(|key| put.built(ErrorDocument::builder().key(key).build()));
    let redirect = wanted.redirect.as_ref().map(|to| {
        let (protocol, name) = parts(to);
        put.built(RedirectAllRequestsTo::builder().set_protocol(protocol).host_name(name).build())
    });
    let rules = Some(wanted.rules.iter().map(sdk_rule).collect()).filter(|rules: &Vec<_>| !rules.is_empty());
    let website = WebsiteConfiguration::builder()
        .set_index_document(index.transpose()?)
        .set_error_document(error.transpose()?)
        .set_redirect_all_requests_to(redirect.transpose()?)
        .set_routing_rules(rules)
        .build();
    let call = at.region.s3().put_bucket_website().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.website_configuration(website);
    at.put(put, || call.clone().send()).await
}

fn sdk_rule(wanted: &RoutingRule) -> sdk::RoutingRule {
    let is_conditional = wanted.prefix.is_some() || wanted.error.is_some();
    let condition = Condition::builder()
        .set_key_prefix_equals(wanted.prefix.clone())
        .set_http_error_code_returned_equals(wanted.error.clone());
    let (protocol, name) = wanted.host.as_deref().map(parts).unzip();
    let redirect = Redirect::builder()
        .set_protocol(protocol.flatten())
        .set_host_name(name.map(ToOwned::to_owned))
        .set_replace_key_prefix_with(wanted.replace_prefix.clone())
        .set_replace_key_with(wanted.replace_key.clone())
        .set_http_redirect_code(wanted.status.clone());
    sdk::RoutingRule::builder()
        .set_condition(is_conditional.then(|| condition.build()))
        .redirect(redirect.build())
        .build()
}

/// A host with its protocol before it, where one is said.
fn host(protocol: Option<&Protocol>, name: &str) -> String {
    protocol.map_or_else(|| name.to_owned(), |protocol| format!("{}://{name}", protocol.as_str()))
}

fn parts(host: &str) -> (Option<Protocol>, &str) {
    match host.split_once("://") {
        Some((protocol, name)) => (Some(Protocol::from(protocol)), name),
        None => (None, host),
    }
}
