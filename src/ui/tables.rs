//! Tables, their backups and exports.

use std::fmt::Write as _;

use asiaq_runtime::{ExportTarget, LiveTable, Recovery, TableBackup, TableExport, Taken};
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, listed};
use crate::env_table::{EnvTable, Restoring, moment};

/// The word for a table that is not in AWS.
const ABSENT: &str = "not created";

/// A line for each table.
pub(crate) fn list(found: &[EnvTable]) -> String {
    let headings = [
        "ENVIRONMENT",
        "NAME",
        "TABLE",
        "STATUS",
        "ITEMS",
        "SIZE",
        "BILLING",
        "RECOVERY",
        "PROTECTED",
        "DECLARED",
    ];
    let row = |one: &EnvTable| {
        let live = one.live.as_ref();
        let of = |text: fn(&LiveTable) -> String| Cell::plain(live.map_or_else(|| "-".to_owned(), text));
        vec![
            Cell::plain(&one.env),
            Cell::new(BOLD, one.name()),
            Cell::plain(&one.aws),
            status(live),
            of(|live| live.items.to_string()),
            of(|live| size(live.bytes)),
            of(|live| live.billing.clone()),
            of(|live| live.recovery.map_or_else(|| "off".to_owned(), |of| format!("{} d", of.days))),
            of(|live| if live.deletion_protection { "yes" } else { "no" }.to_owned()),
            if one.declared.is_some() { Cell::plain("yes") } else { Cell::new(CHANGED, "no longer") },
        ]
    };
    table::listing(&headings, found.iter().map(row), 2)
}

fn status(live: Option<&LiveTable>) -> Cell {
    match live {
        None => Cell::new(DIM, ABSENT),
        Some(live) if live.status == "active" => Cell::new(GOOD, &live.status),
        Some(live) => Cell::new(CHANGED, &live.status),
    }
}

/// Bytes in the largest unit that leaves a whole number of them: `12 MB`.
fn size(bytes: i64) -> String {
    let units = ["B", "kB", "MB", "GB"];
    let (mut rest, mut unit) = (bytes, 0);
    while rest >= 10_000 && unit + 1 < units.len() {
        rest /= 1000;
        unit += 1;
    }
    format!("{rest} {}", units.get(unit).unwrap_or(&"B"))
}

/// A table, and a line for each backup and each export.
pub(crate) fn show(table: &EnvTable, backups: &[TableBackup], exports: &[TableExport]) -> String {
    let mut rows = vec![("table", table.aws.clone()), ("environment", table.env.clone())];
    rows.extend(table.address.as_ref().map(|address| ("address", address.to_string())));
    rows.push(("status", table.live.as_ref().map_or(ABSENT, |live| &live.status).to_owned()));
    if let Some(live) = &table.live {
        let recovery = |Recovery { days, earliest, latest }: Recovery| match (earliest, latest) {
            (Some(first), Some(last)) => format!("{days} d: {} to {}", moment(first), moment(last)),
            _ => format!("{days} d"),
        };
        let list = |names: &[String]| if names.is_empty() { "-".to_owned() } else { names.join(", ") };
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        rows.extend([
            ("items", format!("{}, {} (AWS counts every six hours)", live.items, size(live.bytes))),
            ("billing", live.billing.clone()),
            ("indexes", list(&live.indexes)),
            ("ttl", or_none(&live.ttl)),
            ("stream", or_none(&live.stream)),
            ("recovery", live.recovery.map_or_else(|| "off".to_owned(), recovery)),
            ("protected", if live.deletion_protection { "yes" } else { "no" }.to_owned()),
            ("replicas", list(&live.replicas)),
        ]);
        if let Some(restored) = &live.restored {
            let from = restored.backup.as_ref().or(restored.table.as_ref()).cloned().unwrap_or_default();
            rows.push(("restored", format!("{from}, as at {}", moment(restored.at))));
        }
    }
    let rows: Vec<Vec<Cell>> =
        rows.into_iter().map(|(name, value)| vec![Cell::new(DIM, name), Cell::plain(value)]).collect();
    let mut text: String = table::lines(&rows).into_iter().map(|line| line + "\n").collect();
    text.push('\n');
    text += &backups_text(backups);
    if !exports.is_empty() {
        text.push('\n');
        text += &exports_text(exports);
    }
    text
}

fn backups_text(backups: &[TableBackup]) -> String {
    if backups.is_empty() {
        return "There are no backups.\n".to_owned();
    }
    let row = |one: &TableBackup| {
        let taken = match one.taken {
            Taken::Automated => Cell::new(DIM, "automated"),
            Taken::Final => Cell::new(CHANGED, "final"),
            Taken::Manual => Cell::plain("manual"),
        };
        vec![
            Cell::new(BOLD, &one.name),
            taken,
            Cell::plain(&one.status),
            Cell::plain(size(one.bytes)),
            Cell::plain(one.created.map_or_else(|| "-".to_owned(), moment)),
        ]
    };
    table::listing(&["BACKUP", "TAKEN", "STATUS", "SIZE", "CREATED"], backups.iter().map(row), 1)
}

fn exports_text(exports: &[TableExport]) -> String {
    let row = |one: &TableExport| {
        let style = match one.status.as_str() {
            "completed" => GOOD,
            "failed" => BAD,
            _ => CHANGED,
        };
        let status = one.failure.as_ref().map_or_else(|| one.status.clone(), |why| format!("failed: {why}"));
        vec![
            Cell::new(BOLD, format!("s3://{}/{}", one.bucket, one.prefix)),
            Cell::new(style, status),
            Cell::plain(one.items.map_or_else(|| "-".to_owned(), |items| items.to_string())),
            Cell::plain(one.at.map_or_else(|| "-".to_owned(), moment)),
        ]
    };
    table::listing(&["EXPORT", "STATUS", "ITEMS", "AS AT"], exports.iter().map(row), 1)
}

/// A table for programs.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    environment: &'a str,
    name: &'a str,
    address: Option<String>,
    table: &'a str,
    region: &'a str,
    status: &'a str,
    is_declared: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<&'a LiveTable>,
}

impl<'a> Data<'a> {
    fn of(table: &'a EnvTable) -> Self {
        Self {
            environment: &table.env,
            name: table.name(),
            address: table.address.as_ref().map(ToString::to_string),
            table: &table.aws,
            region: &table.region,
            status: table.live.as_ref().map_or(ABSENT, |live| &live.status),
            is_declared: table.declared.is_some(),
            live: table.live.as_ref(),
        }
    }
}

/// The same as [`list`], for programs.
pub(crate) fn data(found: &[EnvTable]) -> Vec<Data<'_>> {
    found.iter().map(Data::of).collect()
}

#[derive(Serialize)]
pub(crate) struct Whole<'a> {
    #[serde(flatten)]
    table: Data<'a>,
    backups: &'a [TableBackup],
    exports: &'a [TableExport],
}

/// The same as [`show`], for programs.
pub(crate) fn whole<'a>(
    table: &'a EnvTable,
    backups: &'a [TableBackup],
    exports: &'a [TableExport],
) -> Whole<'a> {
    Whole { table: Data::of(table), backups, exports }
}

/// What is done with a table, or would be.
#[derive(Serialize)]
pub(crate) struct Done<'a> {
    environment: &'a str,
    table: &'a str,
    dry_run: bool,
    #[serde(flatten)]
    deed: Deed<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Deed<'a> {
    BackUp {
        name: Option<&'a str>,
    },
    Backup(&'a TableBackup),
    Restore {
        from: &'a str,
        /// Where it is declared; none for a table that asiaq does not manage.
        address: Option<String>,
        /// Whether AWS was at it already.
        is_begun: bool,
        /// What the next apply puts back.
        missing: &'a [&'static str],
    },
    ExportTo {
        bucket: &'a str,
        prefix: &'a str,
        at: Option<i64>,
        is_begun: bool,
    },
    Export(&'a TableExport),
}

impl<'a> Done<'a> {
    fn new(table: &'a EnvTable, dry_run: bool, deed: Deed<'a>) -> Self {
        Self { environment: &table.env, table: &table.aws, dry_run, deed }
    }

    pub(crate) fn would_back_up(table: &'a EnvTable, name: Option<&'a str>) -> Self {
        Self::new(table, true, Deed::BackUp { name })
    }

    pub(crate) fn backed_up(table: &'a EnvTable, taken: &'a TableBackup) -> Self {
        Self::new(table, false, Deed::Backup(taken))
    }

    pub(crate) fn would_restore(restoring: &'a Restoring) -> Self {
        Self::restoring(restoring, true)
    }

    pub(crate) fn restored(restoring: &'a Restoring) -> Self {
        Self::restoring(restoring, false)
    }

    fn restoring(restoring: &'a Restoring, dry_run: bool) -> Self {
        let Restoring { from, target, is_begun, missing, .. } = restoring;
        let address = target.declared.as_ref().and(target.address.as_ref()).map(ToString::to_string);
        Self::new(target, dry_run, Deed::Restore { from, address, is_begun: *is_begun, missing })
    }

    pub(crate) fn would_export(
        table: &'a EnvTable,
        ExportTarget { bucket, prefix, at, .. }: &'a ExportTarget,
        begun: Option<&TableExport>,
    ) -> Self {
        Self::new(table, true, Deed::ExportTo { bucket, prefix, at: *at, is_begun: begun.is_some() })
    }

    pub(crate) fn exported(table: &'a EnvTable, export: &'a TableExport) -> Self {
        Self::new(table, false, Deed::Export(export))
    }
}

/// The same in words.
pub(crate) fn done(done: &Done<'_>) -> String {
    let table = done.table;
    let mut text = String::new();
    let _ = match &done.deed {
        Deed::BackUp { name: Some(name) } => writeln!(text, "would take the backup {name} of {table}"),
        Deed::BackUp { name: None } => writeln!(text, "would take a backup of {table}"),
        Deed::Backup(backup) => {
            writeln!(text, "took the backup {} of {table}: {}", backup.name, backup.id)
        }
        Deed::Restore { from, address, is_begun, missing } => {
            let verb = match (done.dry_run, is_begun) {
                (true, false) => "would restore",
                (true, true) => "would wait for AWS, which is restoring",
                (false, _) => "restored",
            };
            let _ = writeln!(text, "{verb} {table} from {from}");
            let rest = if missing.is_empty() {
                String::new()
            } else {
                format!("AWS does not restore {}. ", listed(missing))
            };
            match address {
                Some(_) => writeln!(
                    text,
                    "{rest}It is the table of the program: `asiaq apply --env {}` puts the rest back",
                    done.environment
                ),
                None => writeln!(text, "{rest}The program does not declare it, and asiaq does not manage it"),
            }
        }
        Deed::ExportTo { bucket, prefix, is_begun: false, .. } => {
            writeln!(text, "would export {table} to s3://{bucket}/{prefix}")
        }
        Deed::ExportTo { bucket, prefix, is_begun: true, .. } => {
            writeln!(text, "would wait for AWS, which is exporting {table} to s3://{bucket}/{prefix}")
        }
        Deed::Export(export) => {
            let items = export.items.map_or_else(String::new, |items| format!("{items} items of "));
            writeln!(text, "exported {items}{table} to s3://{}/{}", export.bucket, export.prefix)
        }
    };
    text
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_has_few_digits() {
        let sizes = [0, 9_999, 10_000, 12_345_678, 99_000_000_000, 123_000_000_000_000].map(size);
        assert_eq!(sizes, ["0 B", "9999 B", "10 kB", "12 MB", "99 GB", "123000 GB"]);
    }
}
