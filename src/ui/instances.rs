//! The list of instances.

use asiaq_runtime::Host;

use super::table::{self, Cell};
use super::text::{BOLD, CHANGED, DIM, GOOD, PLAIN, age, now};
use super::width::width;

/// The columns of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// The most used columns.
    Usual,
    /// All columns.
    Wide,
}

impl Columns {
    pub(crate) fn of(wide: bool) -> Self {
        if wide { Self::Wide } else { Self::Usual }
    }
}

/// One line per instance, below the headings.
pub(crate) fn table(hosts: &[Host], columns: Columns) -> String {
    let mut headings = vec!["ID", "HOSTCLASS", "ENV", "ADDRESS", "STATE", "SMOKE", "TYPE", "UP"];
    if columns == Columns::Wide {
        headings.extend([
            "HOSTNAME",
            "OWNER",
            "IMAGE",
            "IMAGE-AGE",
            "PRIVATE",
            "ZONE",
            "PRODUCTLINE",
            "SECURITY-GROUP",
        ]);
    }
    // Only where an instance is old: most lists have none.
    let marks = hosts.iter().any(|host| host.outdated);
    if marks {
        headings.push("TEMPLATE");
    }
    let now = now();
    let mut rows = vec![headings.into_iter().map(|heading| Cell::new(DIM, heading)).collect::<Vec<_>>()];
    rows.extend(hosts.iter().map(|host| {
        let mark = if host.outdated { Cell::new(CHANGED, "old") } else { Cell::plain("newest") };
        row(host, columns, &now).into_iter().chain(marks.then_some(mark)).collect()
    }));
    // Whoever asks for all columns has a screen for them, or a program.
    let lines = match columns {
        Columns::Wide => table::lines(&rows),
        Columns::Usual => table::fitted(&rows, 1, width(), 4).concat(),
    };
    lines.into_iter().map(|line| line + "\n").collect()
}

fn row(host: &Host, columns: Columns, now: &str) -> Vec<Cell> {
    let said = |text: Option<&str>| Cell::plain(text.filter(|text| !text.is_empty()).unwrap_or("-"));
    let since = |then: &Option<String>| said(then.as_deref().and_then(|then| age(then, now)).as_deref());
    let address = host.address().map(|address| address.to_string());
    let tested = host.smoke_test.is_some();
    let state = if host.state == "running" { PLAIN } else { CHANGED };
    let mut cells = vec![
        Cell::new(BOLD, &host.id),
        said(host.hostclass.as_deref()),
        said(host.environment.as_deref()),
        said(address.as_deref()),
        Cell::new(state, &host.state),
        Cell::new(if tested { GOOD } else { DIM }, if tested { "passed" } else { "-" }),
        said(host.instance_type.as_deref()),
        since(&host.launched),
    ];
    if columns == Columns::Wide {
        let private = host.preferred_private().map(|address| address.to_string());
        cells.extend([
            said(host.hostname.as_deref()),
            said(host.owner.as_deref()),
            said(host.image.as_deref()),
            since(&host.image_created),
            said(private.as_deref()),
            said(host.zone.as_deref()),
            said(host.product_line.as_deref()),
            said(host.security_group.as_deref()),
        ]);
    }
    cells
}
