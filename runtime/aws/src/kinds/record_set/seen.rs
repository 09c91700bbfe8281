//! The records of a zone, whoever they belong to.

use std::collections::BTreeMap;

use asiaq_ir::{Address, NAME_TAG};
use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use super::{names, ownership_marker, sets, values};
use crate::kinds::prelude::*;

/// The end of the names that prove to AWS Certificate Manager whose a domain is.
const VALIDATIONS: &str = ".acm-validations.aws";
/// The beginning of what `ExternalDNS` writes in a TXT record beside its own.
const HERITAGE: &str = "heritage=external-dns";

/// A record as a listing shows it.
pub(in crate::kinds) struct Seen {
    pub(in crate::kinds) name: String,
    /// Type.
    pub(in crate::kinds) record: String,
    /// What marks beside it say.
    pub(in crate::kinds) tags: Tags,
    pub(in crate::kinds) of_aws: Option<String>,
}

/// The records of a zone, without the marks beside them and those that AWS makes with it.
pub(in crate::kinds) async fn of_zone(region: &Region<'_>, zone: &str, apex: &str) -> Result<Vec<Seen>> {
    Ok(read(&sets::all(region, zone).await?, &names::plain(apex)))
}

fn read(all: &[ResourceRecordSet], apex: &str) -> Vec<Seen> {
    let mut marks: BTreeMap<(String, String), Tags> = BTreeMap::new();
    for set in all {
        let Some(name) = ownership_marker::name_of(set) else { continue };
        for mark in ownership_marker::all(set) {
            let mut tags = tags::of_owned(&Address::parse(&mark.address), &mark.project);
            tags.extend(mark.zone.map(|zone| (NAME_TAG.to_owned(), zone)));
            marks.insert((name.clone(), mark.record), tags);
        }
    }
    let heritages: BTreeMap<String, Tags> = all.iter().filter_map(heritage).collect();
    let seen = all.iter().filter(|set| ownership_marker::name_of(set).is_none()).filter_map(|set| {
        let (name, record) = (names::plain(&set.name), set.r#type.as_str().to_owned());
        // Parts of the zone.
        if name == apex && matches!(record.as_str(), "NS" | "SOA") {
            return None;
        }
        let mark = marks.get(&(name.clone(), record.clone())).cloned();
        // Beside a record `web` there is `web`, or `a-web` in newer versions.
        let beside = || {
            heritages
                .get(&name)
                .or_else(|| heritages.get(&format!("{}-{name}", record.to_lowercase())))
                .cloned()
        };
        let proves =
            set.resource_records().iter().any(|one| one.value().trim_end_matches('.').ends_with(VALIDATIONS));
        let of_aws = proves.then_some("proves the domain to Certificate Manager");
        let tags = mark.or_else(beside).unwrap_or_default();
        Some(Seen { name, record, tags, of_aws: of_aws.map(ToOwned::to_owned) })
    });
    seen.collect()
}

/// The name of a record of `ExternalDNS` that says whose another one is, and what it says.
fn heritage(set: &ResourceRecordSet) -> Option<(String, Tags)> {
    if set.r#type != RrType::Txt {
        return None;
    }
    let texts = set.resource_records().iter().map(|one| values::bytes(one.value()));
    let mut texts = texts.filter_map(|bytes| String::from_utf8(bytes).ok());
    let text = texts.find(|text| text.starts_with(HERITAGE))?;
    let said = text.split(',').filter_map(|part| part.split_once('='));
    let tags = said.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Some((names::plain(&set.name), tags.collect()))
}
