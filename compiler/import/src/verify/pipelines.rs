//! The rows of the pipeline of an environment.

use std::collections::BTreeMap;

use super::asked::{Evaluated, items, plain};
use super::resolvers::{Tree, text, yes};
use super::{Comparison, Scope};
use crate::csv::Cell;

pub(super) fn compare(
    tree: &Tree,
    scope: &Scope<'_>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let Some(path) = scope.pipeline else { return };
    let Some((_, rows)) = tree.tables.iter().find(|(name, _)| name == path) else { return };
    let Some((header, rows)) = rows.split_first() else { return };
    let name = |row: &[Cell]| {
        let at = header.iter().rposition(|cell| cell.text == "hostclass")?;
        row.get(at).map(|cell| cell.text.clone())
    };
    for (at, row) in rows.iter().enumerate() {
        // A later row of the same hostclass changes the same group.
        if rows.iter().skip(at + 1).any(|later| name(later) == name(row)) {
            continue;
        }
        let columns: BTreeMap<&str, &Cell> = header.iter().map(|cell| cell.text.as_str()).zip(row).collect();
        let hostclass = columns.get("hostclass").copied().filter(|cell| !cell.text.is_empty());
        let Some(hostclass) = hostclass else { continue };
        compare_row(tree, scope, &columns, hostclass, evaluated, comparison);
    }
}

fn compare_row(
    tree: &Tree,
    scope: &Scope<'_>,
    columns: &BTreeMap<&str, &Cell>,
    hostclass: &Cell,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let name = hostclass.text.as_str();
    let cell = |column: &str| columns.get(column).copied().filter(|cell| !cell.text.trim().is_empty());
    let of = |column: &str| cell(column).map(|cell| cell.text.trim()).unwrap_or_default();
    let span = |column: &str| Some(cell(column).unwrap_or(hostclass).span);
    let path = |field: &str| format!("{}.{name}.run.{field}", scope.env);
    let new = |field: &str| evaluated.plain(&format!("{name}.run.{field}"));
    for (column, field) in [("min_size", "min"), ("desired_size", "desired"), ("max_size", "max")] {
        let written = evaluated.written(&format!("{name}.run.{field}"));
        comparison.compare(path(field), &size(of(column)), &sizes(written), span(column));
    }
    let types: Vec<&str> =
        of("instance_type").split(':').map(str::trim).filter(|kind| !kind.is_empty()).collect();
    let old = if types.is_empty() { "m3.large".to_owned() } else { types.join(", ") };
    let rest = new("types");
    let written = if rest.is_empty() { new("type") } else { format!("{}, {rest}", new("type")) };
    comparison.compare(path("type"), &old, &written, span("instance_type"));
    for (column, unit) in [("extra_space", "GB"), ("extra_disk", "GB"), ("iops", "")] {
        let old = of(column).trim_start_matches('0');
        let old = if old.is_empty() { String::new() } else { format!("{old}{unit}") };
        comparison.compare(path(column), &old, &new(column), span(column));
    }
    for column in ["smoke_test", "deployable"] {
        comparison.compare(path(column), &yes(of(column)).to_string(), &new(column), span(column));
    }
    if let Some(chaos) = cell("chaos") {
        comparison.compare(path("chaos"), &yes(&chaos.text).to_string(), &new("chaos"), span("chaos"));
    }
    comparison.compare(path("ami"), of("ami"), &new("ami"), span("ami"));
    let test = cell("integration_test").map(|cell| cell.text.as_str()).unwrap_or_default();
    comparison.compare(path("integration_test"), test, &new("integration_test"), span("integration_test"));
    let of_class = tree.of_section(name, "spotinst", scope.env);
    let wanted = yes(of("spotinst")) || yes(text(of_class));
    let has = evaluated.has_below(&format!("{name}.run.spot"));
    comparison.compare(path("spot"), &wanted.to_string(), &has.to_string(), span("spotinst"));
    if wanted && has {
        let reserve = if of("spotinst_reserve").is_empty() { "0%" } else { of("spotinst_reserve") };
        comparison.compare(path("spot.reserve"), reserve, &new("spot.reserve"), span("spotinst_reserve"));
    }
}

/// Points of a size, the last one of each time: `2`, or `3 at 0 6 * * *` and so on.
fn size(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u64>().map(|number| number.to_string()).unwrap_or_default();
    }
    let mut points: BTreeMap<&str, String> = BTreeMap::new();
    for point in text.split(':') {
        if let Some((size, cron)) = point.split_once('@') {
            points.insert(cron, format!("{} at {cron}", size.trim()));
        }
    }
    if points.is_empty() { text.to_owned() } else { points.into_values().collect::<Vec<_>>().join(", ") }
}

/// The same of the program.
fn sizes(written: &str) -> String {
    let by_cron = |item: String| {
        let item = plain(&item);
        let cron = item.split_once(" at ").map(|(_, cron)| cron.to_owned()).unwrap_or_default();
        (cron, item)
    };
    let points: BTreeMap<String, String> = items(written).into_iter().map(by_cron).collect();
    points.into_values().collect::<Vec<_>>().join(", ")
}
