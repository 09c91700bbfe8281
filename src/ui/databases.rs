//! Databases and their snapshots.

use asiaq_runtime::{DatabaseDetails, DatabaseSnapshot, ProjectDatabase, Taken};
use jiff::Timestamp;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, DIM, GOOD, PLAIN, paint};
use super::width::width;

/// A line for each database. Where the endpoints do not fit, each is on a line of its own.
pub(crate) fn list(found: &[ProjectDatabase]) -> String {
    let headings = ["ENVIRONMENT", "DATABASE", "ENGINE", "CLASS", "STORAGE", "STATUS", "ENDPOINT", "WAITING"];
    let row = |one: &ProjectDatabase| {
        let status = if one.status == "available" { GOOD } else { CHANGED };
        vec![
            Cell::plain(&one.environment),
            Cell::new(BOLD, &one.id),
            Cell::plain(format!("{} {}", one.engine, one.version)),
            Cell::plain(classes(one)),
            Cell::plain(allocated(one.storage)),
            Cell::new(status, &one.status),
            Cell::plain(endpoint(one)),
            Cell::plain(one.waiting.join("; ")),
        ]
    };
    let rows: Vec<Vec<Cell>> = found.iter().map(row).collect();
    let whole = table::listing(&headings, rows.clone(), 2);
    if whole.lines().count() == rows.len() + 1 {
        return whole;
    }
    let heading = headings.iter().take(BESIDE).map(|heading| Cell::new(DIM, *heading)).collect();
    let beside = rows.iter().map(|row| row.iter().take(BESIDE).cloned().collect());
    let beside: Vec<Vec<Cell>> = std::iter::once(heading).chain(beside).collect();
    let below = std::iter::once(Vec::new()).chain(found.iter().map(|one| {
        let endpoint = one.endpoint.as_ref().map(|_| endpoint(one));
        endpoint.into_iter().chain(one.waiting.iter().cloned()).collect::<Vec<String>>()
    }));
    let lines = table::fitted(&beside, 2, width(), 4).into_iter().zip(below).flat_map(|(lines, below)| {
        let below =
            below.into_iter().flat_map(|text| table::wrapped(PLAIN, &format!("    {text}"), width(), 4));
        lines.into_iter().chain(below).collect::<Vec<String>>()
    });
    lines.map(|line| line + "\n").collect()
}

/// The class of an instance, or that of the one that writes and the number of readers.
fn classes(one: &ProjectDatabase) -> String {
    let readers = one.instances.as_ref().map_or(0, |instances| instances.len().saturating_sub(1));
    match (one.class.as_str(), readers) {
        ("", _) => "-".to_owned(),
        (class, 0) => class.to_owned(),
        (class, 1) => format!("{class}, 1 reader"),
        (class, _) => format!("{class}, {readers} readers"),
    }
}

/// The storage of a cluster grows by itself.
fn allocated(gib: i32) -> String {
    if gib > 0 { format!("{gib} GB") } else { "-".to_owned() }
}

/// Columns of a list of databases without what is below the lines of a narrow one.
const BESIDE: usize = 6;

/// A line for each snapshot.
pub(crate) fn snapshots(found: &[DatabaseSnapshot]) -> String {
    let headings = ["ENVIRONMENT", "DATABASE", "SNAPSHOT", "TAKEN", "STORAGE", "STATUS", "CREATED"];
    let row = |one: &DatabaseSnapshot| {
        let taken = match one.taken {
            Taken::Automated => Cell::new(DIM, "automated"),
            Taken::Final => Cell::new(CHANGED, "final"),
            Taken::Manual => Cell::plain("manual"),
        };
        let created = one.created.and_then(|second| Timestamp::from_second(second).ok());
        vec![
            Cell::plain(&one.environment),
            Cell::plain(&one.database),
            Cell::new(BOLD, &one.id),
            taken,
            Cell::plain(allocated(one.storage)),
            Cell::plain(&one.status),
            Cell::plain(created.map_or_else(|| "-".to_owned(), |moment| moment.to_string())),
        ]
    };
    table::listing(&headings, found.iter().map(row), 3)
}

/// A database with its snapshots, for programs.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    #[serde(flatten)]
    database: &'a DatabaseDetails,
    snapshots: &'a [DatabaseSnapshot],
}

/// The same for programs.
pub(crate) fn data<'a>(database: &'a DatabaseDetails, snapshots: &'a [DatabaseSnapshot]) -> Data<'a> {
    Data { database, snapshots }
}

/// All that is known of a database, and its snapshots.
pub(crate) fn details(one: &DatabaseDetails, snapshots: &[DatabaseSnapshot]) -> String {
    let database = &one.database;
    let status = if database.status == "available" { GOOD } else { CHANGED };
    let or_none = |text: Option<&String>| text.cloned().unwrap_or_else(|| "-".to_owned());
    let row = |name: &str, cell: Cell| vec![Cell::new(DIM, name), cell];
    let plain = |name: &str, text: String| row(name, Cell::plain(text));
    let mut rows = vec![
        plain("address", database.address.clone()),
        row("status", Cell::new(status, &database.status)),
        plain("endpoint", endpoint(database)),
        plain("ARN", one.arn.clone()),
        plain("engine", format!("{} {}", database.engine, database.version)),
        plain("class", classes(database)),
        plain("storage", storage(one)),
        plain("zone", zones(one)),
        plain(
            "network",
            format!("{}, {}", or_none(one.subnet_group.as_ref()), one.security_groups.join(", ")),
        ),
        plain("user", one.user.clone()),
    ];
    let mut optional = |name: &str, text: Option<String>| {
        rows.extend(text.filter(|text| !text.is_empty()).map(|text| plain(name, text)));
    };
    let readers = database.reader_endpoint.as_ref();
    optional("readers", readers.map(|host| with_port(host, database.port)));
    optional("password", one.secret.as_ref().map(|arn| format!("in the secret {arn}")));
    optional("encrypted", Some(if one.encrypted { or_none(one.kms_key.as_ref()) } else { "no".to_owned() }));
    optional("replica of", one.replica_of.clone());
    optional("replicas", Some(one.replicas.join(", ")));
    optional("made from", database.restored_from.clone());
    optional("backups", Some(backups(one)));
    optional("maintenance", one.maintenance_window.as_ref().map(|window| format!("{window} UTC")));
    optional("CA", one.ca.clone());
    optional("logs", Some(one.logs.join(", ")));
    optional("settings", Some(settings(one)));
    optional("parameters", Some(parameter_group(one)));
    for (name, value) in &one.parameters {
        rows.push(plain("", format!("{name} = {value}")));
    }
    for (at, waiting) in database.waiting.iter().enumerate() {
        rows.push(row(if at == 0 { "waiting" } else { "" }, Cell::new(CHANGED, waiting)));
    }
    for (at, instance) in database.instances.iter().flatten().enumerate() {
        let role = if instance.is_writer { "writes" } else { "reads" };
        let zone = instance.zone.as_deref().unwrap_or("-");
        let text = format!("{} {role}, {}, {zone}, {}", instance.id, instance.class, instance.status);
        rows.push(plain(if at == 0 { "instances" } else { "" }, text));
    }
    let mut text = format!("{}\n", paint(BOLD, &database.id));
    for line in table::fitted(&rows, 1, width().saturating_sub(2), 4).concat() {
        text.push_str("  ");
        text.push_str(&line);
        text.push('\n');
    }
    if !snapshots.is_empty() {
        text.push('\n');
        text.push_str(&self::snapshots(snapshots));
    }
    text
}

fn endpoint(database: &ProjectDatabase) -> String {
    database.endpoint.as_ref().map_or_else(|| "-".to_owned(), |host| with_port(host, database.port))
}

fn with_port(host: &str, port: Option<i32>) -> String {
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{host}{port}")
}

/// `100 GB gp3, up to 500 GB, 12000 IOPS`
fn storage(one: &DatabaseDetails) -> String {
    if one.database.is_cluster() {
        return format!("{}, which grows by itself", one.storage_type);
    }
    let most = one.max_storage.map(|most| format!("up to {most} GB"));
    let iops = one.iops.map(|iops| format!("{iops} IOPS"));
    let throughput = one.throughput.map(|throughput| format!("{throughput} MiB/s"));
    let all = [Some(format!("{} GB {}", one.database.storage, one.storage_type)), most, iops, throughput];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `us-west-2a, standby in us-west-2b`
fn zones(one: &DatabaseDetails) -> String {
    let zone = one.zone.as_deref().unwrap_or("-");
    if one.database.is_cluster() {
        return zone.to_owned();
    }
    match (&one.standby_zone, one.multi_az) {
        (Some(standby), true) => format!("{zone}, standby in {standby}"),
        (None, true) => format!("{zone}, with a standby"),
        (_, false) => format!("{zone}, no standby"),
    }
}

/// `7 days, at 05:04-05:34 UTC, restorable until …`
fn backups(one: &DatabaseDetails) -> String {
    if one.backups == 0 {
        return "none".to_owned();
    }
    let window = one.backup_window.as_ref().map(|window| format!("at {window} UTC"));
    let until = one.restorable.and_then(|second| Timestamp::from_second(second).ok());
    let until = until.map(|moment| format!("restorable until {moment}"));
    let days = if one.backups == 1 { "1 day".to_owned() } else { format!("{} days", one.backups) };
    [Some(days), window, until].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The settings that are on.
fn settings(one: &DatabaseDetails) -> String {
    let all = [
        (one.minor_upgrades, "minor upgrades"),
        (one.deletion_protection, "deletion protection"),
        (one.insights, "Performance Insights"),
        (one.public, "public"),
    ];
    all.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name).collect::<Vec<_>>().join(", ")
}

fn parameter_group(one: &DatabaseDetails) -> String {
    let group = one.parameter_group.as_deref().unwrap_or("-");
    let status = one.parameters_status.as_ref().map(|status| format!(", {status}")).unwrap_or_default();
    format!("{group}{status}")
}
