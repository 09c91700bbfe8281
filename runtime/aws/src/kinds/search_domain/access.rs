//! The access policy of a search domain: one statement that lets in source addresses, or another policy as a whole.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_iam::document::canonical;
use asiaq_ir::{Partition, Ref, SearchClient, SearchDomain};
use aws_sdk_opensearch::types::DomainStatus;
use serde_json::{Value, json};

use crate::kinds::prelude::*;
use crate::tags::filter;

ops! { ec2:
    DESCRIBE_ADDRESSES = "DescribeAddresses", Read;
}

/// What an access policy lets in.
#[derive(Default)]
pub(super) struct Access {
    pub(super) allowed: BTreeSet<SearchClient>,
    /// The policy, where it is another one.
    pub(super) policy: Option<String>,
}

/// The policy that AWS gets.
pub(super) async fn text(region: &Region<'_>, domain: &SearchDomain) -> Result<Option<String>> {
    if let Some(policy) = &domain.policy {
        return Ok(Some(policy.clone()));
    }
    if domain.allowed.is_empty() {
        return Ok(None);
    }
    if domain.allowed.contains(&SearchClient::Everybody) {
        return Ok(Some(statement(region, &domain.name, None).await?));
    }
    let ids = domain.allowed.iter().filter_map(|client| match client {
        SearchClient::Address(address) => id_of(address),
        SearchClient::Block(_) | SearchClient::Everybody => None,
    });
    let ids: Vec<String> = ids.collect();
    let mut blocks = BTreeSet::new();
    if !ids.is_empty() {
        let call = region.ec2().describe_addresses().set_allocation_ids(Some(ids));
        let found = region.retry_until_consistent(DESCRIBE_ADDRESSES, || call.clone().send()).await?;
        let public = found.addresses().iter().filter_map(|address| address.public_ip());
        blocks.extend(public.map(|ip| format!("{ip}/32")));
    }
    blocks.extend(domain.allowed.iter().filter_map(|client| match client {
        SearchClient::Block(block) => Some(block.clone()),
        SearchClient::Address(_) | SearchClient::Everybody => None,
    }));
    Ok(Some(statement(region, &domain.name, Some(&blocks)).await?))
}

/// What the policy of a live domain lets in. An address that asiaq allocated is known by its id.
pub(super) async fn read(region: &Region<'_>, domain: &DomainStatus) -> Result<Access> {
    let text = domain.access_policies().unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Access::default());
    }
    let live = canonical(text);
    let Some(blocks) = sources(text) else {
        let is_open = live == statement(region, domain.domain_name(), None).await?;
        let allowed = is_open.then_some(SearchClient::Everybody).into_iter().collect();
        return Ok(Access { allowed, policy: (!is_open).then_some(live) });
    };
    if live != statement(region, domain.domain_name(), Some(&blocks)).await? {
        return Ok(Access { policy: Some(live), ..Access::default() });
    }
    let ours = if blocks.iter().any(|block| block.ends_with("/32")) {
        allocated(region).await?
    } else {
        BTreeMap::new()
    };
    let client = |block: String| match ours.get(block.trim_end_matches("/32")) {
        Some(id) => SearchClient::Address(Ref::Id(id.clone())),
        None => SearchClient::Block(block),
    };
    Ok(Access { allowed: blocks.into_iter().map(client).collect(), policy: None })
}

/// The addresses that asiaq allocated, with their ids.
async fn allocated(region: &Region<'_>) -> Result<BTreeMap<String, String>> {
    let call = region.ec2().describe_addresses().filters(filter("tag-key", asiaq_ir::ADDRESS_TAG));
    let answer = DESCRIBE_ADDRESSES.call(call.send()).await?;
    let pair = |address: aws_sdk_ec2::types::Address| Some((address.public_ip?, address.allocation_id?));
    Ok(answer.addresses.unwrap_or_default().into_iter().filter_map(pair).collect())
}

/// The policy that lets everybody call a domain who comes from these blocks, or from anywhere.
async fn statement(region: &Region<'_>, name: &str, from: Option<&BTreeSet<String>>) -> Result<String> {
    let partition = Partition::of(region.name).name();
    let account = region.account().await?;
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": "*" },
        "Action": "es:*",
        "Resource": format!("arn:{partition}:es:{}:{account}:domain/{name}/*", region.name),
    });
    if let (Some(blocks), Some(statement)) = (from, statement.as_object_mut()) {
        statement.insert("Condition".to_owned(), json!({ "IpAddress": { "aws:SourceIp": blocks } }));
    }
    Ok(canonical(&json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()))
}

/// The blocks in the only statement of a policy, if that has some.
fn sources(text: &str) -> Option<BTreeSet<String>> {
    let policy: Value = serde_json::from_str(text).ok()?;
    let statement = match policy.get("Statement")? {
        Value::Array(statements) => match statements.as_slice() {
            [only] => only,
            _ => return None,
        },
        only => only,
    };
    let block = |value: &Value| {
        let text = value.as_str()?;
        Some(if text.contains('/') { text.to_owned() } else { format!("{text}/32") })
    };
    match statement.get("Condition")?.get("IpAddress")?.get("aws:SourceIp")? {
        Value::Array(values) => values.iter().map(block).collect(),
        one => block(one).map(|one| BTreeSet::from([one])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_of_a_policy_are_read() {
        let policy = |from: &str| {
            format!("{{\"Statement\":[{{\"Condition\":{{\"IpAddress\":{{\"aws:SourceIp\":{from}}}}}}}]}}")
        };
        let blocks = sources(&policy("[\"203.0.113.7\",\"10.0.0.0/8\"]")).unwrap();
        assert_eq!(blocks.into_iter().collect::<Vec<_>>(), ["10.0.0.0/8", "203.0.113.7/32"]);
        assert_eq!(sources(&policy("\"203.0.113.7\"")).unwrap().len(), 1);
        assert_eq!(sources("{\"Statement\":[{},{}]}"), None);
        assert_eq!(sources("no policy"), None);
    }
}
