//! Search domains, and what is done with their indices.

use std::fmt::Write as _;

use asiaq_aws::LiveSearch;
use asiaq_compiler::SearchSummary;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::BOLD;

/// A search domain with what is live of it.
type Row = (SearchSummary, Option<LiveSearch>);

/// One line per search domain, below the headings.
pub(crate) fn text(rows: &[Row]) -> String {
    let lines = rows.iter().map(|(search, live)| {
        let endpoint = live.as_ref().and_then(|live| live.endpoint.clone());
        vec![
            Cell::plain(&search.env),
            Cell::new(BOLD, &search.name),
            Cell::plain(&search.aws),
            Cell::plain(status(live.as_ref())),
            Cell::plain(live.as_ref().map_or("-", |live| live.version.as_str())),
            Cell::plain(endpoint.unwrap_or_else(|| "-".to_owned())),
            Cell::plain(dashboard(live.as_ref()).unwrap_or_else(|| "-".to_owned())),
        ]
    });
    table::listing(&["ENVIRONMENT", "NAME", "DOMAIN", "STATUS", "VERSION", "ENDPOINT", "DASHBOARD"], lines, 2)
}

fn status(live: Option<&LiveSearch>) -> &'static str {
    match live {
        None => "not created",
        Some(live) if live.is_changing => "changing",
        Some(_) => "active",
    }
}

/// The page of its dashboards.
fn dashboard(live: Option<&LiveSearch>) -> Option<String> {
    let live = live?;
    let path = if live.version.starts_with("Elasticsearch") { "_plugin/kibana/" } else { "_dashboards" };
    live.endpoint.as_ref().map(|endpoint| format!("https://{endpoint}/{path}"))
}

#[derive(Serialize)]
pub(crate) struct Data<'a> {
    searches: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    environment: &'a str,
    name: &'a str,
    domain: &'a str,
    region: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dashboard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_name: Option<&'a str>,
}

/// The same for programs.
pub(crate) fn data(rows: &[Row]) -> Data<'_> {
    Data { searches: rows.iter().map(|(search, live)| one(search, live.as_ref())).collect() }
}

fn one<'a>(search: &'a SearchSummary, live: Option<&'a LiveSearch>) -> One<'a> {
    One {
        environment: &search.env,
        name: &search.name,
        domain: &search.aws,
        region: &search.region,
        status: status(live),
        version: live.map(|live| live.version.as_str()),
        endpoint: live.and_then(|live| live.endpoint.as_deref()),
        dashboard: dashboard(live),
        dns_name: search.dns_name.as_deref(),
    }
}

/// What happened to an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Archived,
    Deleted,
    Restored,
    Existed,
    Skipped,
    Failed,
}

/// What was done with the indices of a search domain, or would be.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    domain: String,
    pub(crate) dry_run: bool,
    /// Whether the repository is registered.
    pub(crate) registered: bool,
    /// Bytes and shards that are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<(u64, u64)>,
    /// Whether the deletions are enough.
    pub(crate) is_enough: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_archive: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_delete: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_restore: Vec<String>,
    archived: Vec<String>,
    deleted: Vec<String>,
    restored: Vec<String>,
    existed: Vec<String>,
    skipped: Vec<String>,
    failed: Vec<String>,
}

impl Outcome {
    pub(crate) fn of(domain: &str) -> Self {
        let none = Vec::new;
        Self {
            domain: domain.to_owned(),
            dry_run: false,
            registered: false,
            missing: None,
            is_enough: true,
            to_archive: none(),
            to_delete: none(),
            to_restore: none(),
            archived: none(),
            deleted: none(),
            restored: none(),
            existed: none(),
            skipped: none(),
            failed: none(),
        }
    }

    /// Whether nothing was left out that should have been done.
    pub(crate) fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && self.is_enough
    }

    /// Notes what is to be done.
    pub(crate) fn expect<T>(&mut self, part: Part, steps: &[(T, String)]) {
        let names = steps.iter().map(|(_, name)| name.clone());
        match part {
            Part::Archived => self.to_archive.extend(names),
            Part::Deleted => self.to_delete.extend(names),
            Part::Restored => self.to_restore.extend(names),
            Part::Existed | Part::Skipped | Part::Failed => {}
        }
    }

    /// Notes what happened to an index.
    pub(crate) fn note(&mut self, part: Part, index: String) {
        for to_do in [&mut self.to_archive, &mut self.to_delete, &mut self.to_restore] {
            to_do.retain(|name| *name != index);
        }
        let into = match part {
            Part::Archived => &mut self.archived,
            Part::Deleted => &mut self.deleted,
            Part::Restored => &mut self.restored,
            Part::Existed => &mut self.existed,
            Part::Skipped => &mut self.skipped,
            Part::Failed => &mut self.failed,
        };
        into.push(index);
    }

    fn steps(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        [("archive", &self.to_archive), ("delete", &self.to_delete), ("restore", &self.to_restore)]
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
    }
}

/// What is done next.
pub(crate) fn progress(outcome: &Outcome, index: &str) -> String {
    let mut steps = outcome.steps();
    let what = steps.find(|(_, names)| names.iter().any(|name| name == index)).map_or("", |(what, _)| what);
    format!("{what} {index} …\n")
}

/// The question before indices are archived, deleted or restored.
pub(crate) fn question(outcome: &Outcome, bucket: Option<&str>) -> String {
    let mut asked = String::new();
    for (what, names) in outcome.steps() {
        for name in names {
            let _ = writeln!(asked, "{what} {name}");
        }
        let count = names.len();
        let repository = bucket
            .map_or_else(String::new, |bucket| format!(", and register the bucket `{bucket}` for snapshots"));
        let verb = match what {
            "archive" => "Archive",
            "delete" => "Delete",
            _ => "Restore",
        };
        let noun = if count == 1 { "index" } else { "indices" };
        let _ = write!(asked, "{verb} {count} {noun} of `{}`{repository}?", outcome.domain);
    }
    asked
}

/// A line for each index, and one for what is missing.
pub(crate) fn outcome(outcome: &Outcome) -> String {
    let mut lines = String::new();
    let mut add = |what: &str, names: &[String]| {
        for name in names {
            let _ = writeln!(lines, "{what} {name}");
        }
    };
    let would = if outcome.dry_run { "would " } else { "to " };
    for (what, names) in outcome.steps() {
        add(&format!("{would}{what}"), names);
    }
    add("archived", &outcome.archived);
    add("deleted", &outcome.deleted);
    add("restored", &outcome.restored);
    add("exists", &outcome.existed);
    add("skipped, as it is not green:", &outcome.skipped);
    add("failed:", &outcome.failed);
    if let Some((bytes, shards)) = outcome.missing {
        if bytes > 0 || shards > 0 {
            let _ = writeln!(lines, "missing before: {bytes} bytes, {shards} shards");
        }
        if !outcome.is_enough {
            lines += "the archived indices are not enough: archive more, or add space\n";
        }
    }
    if lines.is_empty() { format!("Nothing to do for `{}`.\n", outcome.domain) } else { lines }
}
