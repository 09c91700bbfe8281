//! The mark beside a record: a TXT record that says whose it is. `_asiaq.web.sample.net` has one value for each type
//! of record that `web.sample.net` has of ours:
//!
//! ```text
//! asiaq project=astro region=us-west-2 type=CNAME address=ci/hostclass/web/elb/record/web zone=Z1 target=3f0c…
//! ```
//!
//! The zone is the one that the record is in: a mark that was copied to another zone does not fit it. Earlier versions of
//! asiaq wrote no zone.
//!
//! Fields are separated by spaces. Special characters in a field are percent-encoded, such as `%20`.

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG, RecordSet, RecordTarget};
use aws_sdk_route53::types::{Change, ChangeAction, ResourceRecordSet, RrType};

use super::changes::{CHANGE_RESOURCE_RECORD_SETS, change};
use super::{names, values};
use crate::kinds::prelude::*;
use crate::kinds::values::{escaped, unescaped};

const LABEL: &str = "_asiaq.";
/// Replacement of the asterisk, which is a wildcard only as the first label.
const WILDCARD: &str = "_asiaq-wildcard.";
/// TTL of markers. Only asiaq reads them, from Route 53 itself.
const TTL: i64 = 300;

/// Content of an ownership marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) project: String,
    pub(super) region: String,
    /// Type of the record.
    pub(super) record: String,
    pub(super) address: String,
    /// Id of the zone that the record is in.
    pub(super) zone: Option<String>,
    /// Id of the load balancer that the record points to, or of the hosted zone whose name servers it has.
    pub(super) target: Option<String>,
}

impl Mark {
    /// The marker for the record that `request` creates.
    pub(super) fn new(wanted: &RecordSet, region: &str, request: &Create<'_>) -> Result<Self> {
        let said = |tag: &str| {
            let value = request.tags.get(tag).cloned();
            value.ok_or_else(|| {
                CHANGE_RESOURCE_RECORD_SETS.refused(format!("`{}` lacks the tag `{tag}`", request.address))
            })
        };
        Ok(Self {
            project: said(PROJECT_TAG)?,
            region: region.to_owned(),
            record: wanted.record.clone(),
            address: said(ADDRESS_TAG)?,
            zone: wanted.zone.id().map(ToOwned::to_owned),
            target: referent(&wanted.target).map(ToOwned::to_owned),
        })
    }

    /// Whether both markers have the same project, region, address and zone, if they name one.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        let whose = |mark: &Self| (mark.project.clone(), mark.region.clone(), mark.address.clone());
        let is_in_zone = self.zone.is_none() || other.zone.is_none() || self.zone == other.zone;
        whose(self) == whose(other) && is_in_zone
    }

    /// As a value of a TXT record, in quotes.
    pub(super) fn write(&self) -> String {
        let Self { project, region, record, address, zone, target } = self;
        let words = [("project", project), ("region", region), ("type", record), ("address", address)];
        let words = words.into_iter().chain(zone.as_ref().map(|zone| ("zone", zone)));
        let words = words.chain(target.as_ref().map(|target| ("target", target)));
        let words = words.map(|(key, value)| format!("{key}={}", escaped(value)));
        let words: Vec<String> = std::iter::once("asiaq".to_owned()).chain(words).collect();
        values::quoted(words.join(" ").as_bytes())
    }

    fn read(value: &str) -> Option<Self> {
        let text = String::from_utf8(values::bytes(value)).ok()?;
        let mut words = text.split(' ');
        if words.next() != Some("asiaq") {
            return None;
        }
        let words: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
        let said =
            |key: &str| words.iter().find(|(other, _)| *other == key).map(|(_, value)| unescaped(value));
        Some(Self {
            project: said("project")?,
            region: said("region")?,
            record: said("type")?,
            address: said("address")?,
            zone: said("zone"),
            target: said("target"),
        })
    }
}

/// Id of the load balancer or the hosted zone that a target refers to, if any.
pub(super) fn referent(target: &RecordTarget) -> Option<&str> {
    match target {
        RecordTarget::NameOf(one) | RecordTarget::Alias(one) | RecordTarget::ServersOf(one) => one.id(),
        RecordTarget::Values(_) => None,
    }
}

/// The name of the mark of `name`.
pub(super) fn name(name: &str) -> String {
    name.strip_prefix("*.").map_or_else(|| format!("{LABEL}{name}"), |rest| format!("{WILDCARD}{rest}"))
}

/// The name whose ownership markers a record set holds. `None` for other record sets.
pub(crate) fn name_of(set: &ResourceRecordSet) -> Option<String> {
    if set.r#type != RrType::Txt {
        return None;
    }
    let name = names::plain(&set.name);
    match name.strip_prefix(WILDCARD) {
        Some(rest) => Some(format!("*.{rest}")),
        None => name.strip_prefix(LABEL).map(ToOwned::to_owned),
    }
}

/// The marks in a set, one for each type of record.
pub(super) fn all(set: &ResourceRecordSet) -> impl Iterator<Item = Mark> {
    set.resource_records().iter().filter_map(|record| Mark::read(&record.value))
}

/// The changes after which the markers of a name have `mark` for type `record`, and all other values are unchanged.
/// The set is deleted as it was read and created again, so that AWS refuses the change where the set was changed
/// meanwhile.
pub(super) fn changes(
    of: &str,
    live: Option<&ResourceRecordSet>,
    record: &str,
    mark: Option<&Mark>,
) -> Result<Vec<Change>> {
    changes_of(of, live, &[record], mark)
}

/// As [`changes`], for several types of record whose markers give way to `mark`.
pub(super) fn changes_of(
    of: &str,
    live: Option<&ResourceRecordSet>,
    records: &[&str],
    mark: Option<&Mark>,
) -> Result<Vec<Change>> {
    let before: Vec<String> =
        live.iter().flat_map(|set| set.resource_records()).map(|record| record.value.clone()).collect();
    let others = before
        .iter()
        .filter(|value| Mark::read(value).is_none_or(|mark| !records.contains(&mark.record.as_str())));
    let after: Vec<String> = others.cloned().chain(mark.map(Mark::write)).collect();
    let mut changes = Vec::new();
    if before == after {
        return Ok(changes);
    }
    if let Some(live) = live {
        changes.push(change(ChangeAction::Delete, live.clone())?);
    }
    if !after.is_empty() {
        let ttl = live.and_then(|set| set.ttl).unwrap_or(TTL);
        let set = ResourceRecordSet::builder().name(name(of)).r#type(RrType::Txt).ttl(ttl);
        let set = set.set_resource_records(Some(values::write(&after)?)).build();
        changes.push(change(ChangeAction::Create, CHANGE_RESOURCE_RECORD_SETS.built(set)?)?);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_back_as_it_went() {
        let mark = Mark {
            project: "the shop & co%".to_owned(),
            region: "us-west-2".to_owned(),
            record: "CNAME".to_owned(),
            address: format!("ci/{}", "x".repeat(300)),
            zone: Some("Z0123456789".to_owned()),
            target: Some("arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/a/b".to_owned()),
        };
        let written = mark.write();
        assert!(
            written.starts_with("\"asiaq project=the%20shop%20%26%20co%25 region=us-west-2 "),
            "{written}"
        );
        assert_eq!(Mark::read(&written), Some(mark));
        assert_eq!(Mark::read("\"v=spf1 -all\""), None);
    }

    #[test]
    fn a_wildcard_has_a_mark_of_its_own() {
        assert_eq!(name("*.sample.net"), "_asiaq-wildcard.sample.net");
        assert_eq!(name("sample.net"), "_asiaq.sample.net");
    }
}
