//! Images of hostclasses.

use asiaq_runtime::{HostclassImage, ShareStep, Straggler};
use jiff::Timestamp;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, age, now};

/// A line for each image.
pub(crate) fn list(found: &[HostclassImage]) -> String {
    listing(found, "USED BY", used_by)
}

/// A line for each image that is deleted, with its snapshots.
pub(crate) fn doomed(found: &[HostclassImage]) -> String {
    listing(found, "SNAPSHOTS", |image| Cell::plain(image.snapshots.join(", ")))
}

/// A line for each step of sharing an image, or of taking it back.
pub(crate) fn share_steps(steps: &[ShareStep], add: bool) -> String {
    let (style, sign) = if add { (GOOD, "+") } else { (BAD, "-") };
    let row = |step: &ShareStep| {
        let what = match step {
            ShareStep::Grant { key, .. } => format!("use of the key {key} by Auto Scaling groups"),
            ShareStep::Snapshot { snapshot, .. } => format!("volumes of the snapshot {snapshot}"),
            ShareStep::Launch { .. } => "instances of the AMI".to_owned(),
            ShareStep::Tags { tags, .. } => {
                let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("tags {}", tags.join(", "))
            }
        };
        vec![Cell::new(style, sign), Cell::new(DIM, step.account()), Cell::plain(what)]
    };
    table::listing(&["", "ACCOUNT", "WHAT"], steps.iter().map(row), 2)
}

fn listing(found: &[HostclassImage], heading: &str, last: impl Fn(&HostclassImage) -> Cell) -> String {
    let of_image =
        ["HOSTCLASS", "IMAGE", "CREATED", "AGE", "STATE", "STAGE", "PRODUCT LINE", "ACCOUNT", "REGION"];
    let headings: Vec<&str> = of_image.into_iter().chain([heading]).collect();
    let rows = found.iter().map(|image| row(image).into_iter().chain([last(image)]).collect());
    table::listing(&headings, rows, 2)
}

fn row(image: &HostclassImage) -> Vec<Cell> {
    let style = if image.is_available() { GOOD } else { CHANGED };
    let stage = image.stage.clone().unwrap_or_else(|| "-".to_owned());
    let private = if image.is_private { " (private)" } else { "" };
    vec![
        Cell::new(BOLD, &image.hostclass),
        Cell::plain(&image.id),
        Cell::plain(moment(image.created)),
        Cell::plain(since(image.created)),
        Cell::new(style, &image.state),
        Cell::plain(stage + private),
        Cell::plain(image.product_line.as_deref().unwrap_or_default()),
        Cell::new(DIM, &image.account),
        Cell::new(DIM, &image.region),
    ]
}

/// The first use, and how many there are beside it.
fn used_by(image: &HostclassImage) -> Cell {
    let more = match image.used_by.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    Cell::plain(image.used_by.first().map(|first| format!("{first}{more}")).unwrap_or_default())
}

/// A line for each hostclass whose image is old.
pub(crate) fn stragglers(found: &[Straggler]) -> String {
    let headings = ["HOSTCLASS", "IMAGE", "AGE", "NEWER IMAGE", "STAGE", "ACCOUNT", "REGION"];
    let row = |one: &Straggler| {
        let (newest, age) = match &one.newest {
            Some(image) => (Cell::plain(&image.id), Cell::plain(since(image.created))),
            None => (Cell::new(BAD, "none"), Cell::plain("")),
        };
        let (newer, stage) = match &one.candidate {
            Some(image) => (image.id.as_str(), image.stage.as_deref().unwrap_or("-")),
            None => ("-", ""),
        };
        vec![
            Cell::new(BOLD, &one.hostclass),
            newest,
            age,
            Cell::plain(newer),
            Cell::plain(stage),
            Cell::new(DIM, &one.account),
            Cell::new(DIM, &one.region),
        ]
    };
    table::listing(&headings, found.iter().map(row), 2)
}

fn moment(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| "-".to_owned(), |moment| moment.to_string())
}

fn since(created: i64) -> String {
    age(&moment(created), &now()).unwrap_or_else(|| "-".to_owned())
}
