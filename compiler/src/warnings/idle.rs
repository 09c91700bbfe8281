//! Endpoints and topics that nothing uses, and values that nobody reads.

use std::collections::BTreeMap;

use asiaq_ir::Address;
use asiaq_lang::{Diagnostic, Span};

use super::Project;
use crate::errors;

/// The property tags of CAA records (IANA, "Certification Authority Restriction Properties", 2024).
const CAA_TAGS: &[&str] =
    &["contactemail", "contactphone", "iodef", "issue", "issuemail", "issuevmc", "issuewild"];

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    // By place, whether an environment has the topic.
    let mut topics: BTreeMap<Span, (&str, bool)> = BTreeMap::new();
    for env in &project.model.environments {
        for endpoint in &env.endpoints {
            if let Some(networks) = endpoint.networks.as_ref().filter(|networks| networks.value.is_empty()) {
                found.push(errors::unused_endpoint(networks.place(endpoint.span), &endpoint.service));
            }
        }
        for topic in env.watch.topics.iter().filter(|topic| project.is_own(topic.span.file)) {
            let address = Address::new(&env.name, &format!("topic/{}", topic.name));
            topics.entry(topic.span).or_insert((&topic.name, false)).1 |=
                project.ir.resources.contains_key(&address);
        }
        let records = env.hosted_zones.iter().flat_map(|zone| &zone.records);
        for value in
            records.filter(|record| record.of_type.value == "CAA").flat_map(|record| &record.values.value)
        {
            let tag = value.value.split_whitespace().nth(1).unwrap_or_default();
            if !CAA_TAGS.contains(&tag) {
                found.push(errors::unknown_caa_tag(value.span, tag, CAA_TAGS));
            }
        }
    }
    let unused = topics.into_iter().filter(|(_, (_, is_made))| !is_made);
    found.extend(unused.map(|(span, (name, _))| errors::unused_topic(span, name)));
}
