//! Which events a trail records.

use std::collections::BTreeSet;

use asiaq_ir::{DataEvents, Trail};
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};

use super::super::prelude::*;

ops! { cloudtrail:
    GET_EVENT_SELECTORS = "GetEventSelectors", Own;
    PUT_EVENT_SELECTORS = "PutEventSelectors", Write;
}

/// The management events that a trail records where nobody says it.
pub(super) const USUAL: &str = "All";
/// What stands for selectors that the IR does not know: several ones, or advanced ones. No program says it, so that a
/// plan shows the difference.
const UNKNOWN: &str = "other selectors";

/// The management events and the data events.
pub(super) async fn read(region: &Region<'_>, name: &str) -> Result<(Option<String>, BTreeSet<DataEvents>)> {
    let live = live(region, name).await?;
    if !live.advanced_event_selectors().is_empty() {
        return Ok((Some(UNKNOWN.to_owned()), BTreeSet::new()));
    }
    let selector = match live.event_selectors() {
        [] => return Ok((Some(USUAL.to_owned()), BTreeSet::new())),
        [only] => only,
        _ => return Ok((Some(UNKNOWN.to_owned()), BTreeSet::new())),
    };
    let kind = selector.read_write_type().map_or(USUAL, ReadWriteType::as_str).to_owned();
    let data = selector.data_resources().iter().filter_map(|data| {
        let resources = data.values().iter().cloned().collect();
        Some(DataEvents { of: data.r#type()?.to_owned(), resources })
    });
    let has_management = selector.include_management_events.unwrap_or(true);
    Ok((has_management.then_some(kind), data.collect()))
}

/// Writes the one selector, with the sources that somebody excluded.
pub(super) async fn set(region: &Region<'_>, wanted: &Trail) -> Result<()> {
    let live = live(region, &wanted.name).await?;
    let excluded = live.event_selectors().first().map(|one| one.exclude_management_event_sources().to_vec());
    let excluded = excluded.filter(|sources| wanted.management.is_some() && !sources.is_empty());
    let data = wanted.data.iter().map(|data| {
        let resources = data.resources.iter().cloned().collect();
        DataResource::builder().r#type(&data.of).set_values(Some(resources)).build()
    });
    let data: Vec<DataResource> = data.collect();
    let selector = EventSelector::builder()
        .read_write_type(ReadWriteType::from(wanted.management.as_deref().unwrap_or(USUAL)))
        .include_management_events(wanted.management.is_some())
        .set_data_resources(Some(data).filter(|data| !data.is_empty()))
        .set_exclude_management_event_sources(excluded)
        .build();
    let call = region.cloudtrail().put_event_selectors().trail_name(&wanted.name).event_selectors(selector);
    region.retry_until_consistent(PUT_EVENT_SELECTORS, || call.clone().send()).await.map(drop)
}

async fn live(region: &Region<'_>, name: &str) -> Result<GetEventSelectorsOutput> {
    let call = region.cloudtrail().get_event_selectors().trail_name(name);
    GET_EVENT_SELECTORS.call(call.send()).await
}
