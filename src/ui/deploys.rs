//! Deploys: what they will do, how far they are, and how they ended.

use std::fmt::Write as _;
use std::time::Duration;

use asiaq_runtime::{DeployEnd, DeployStatus, PlannedDeploy};

use super::table::{self, Cell};
use super::text::{BAD, BOLD, DIM, ERROR, GOOD, duration, listed, paint};

/// What deploys will do.
pub(crate) fn plan(deploys: &[PlannedDeploy]) -> String {
    let mut text = String::new();
    for deploy in deploys {
        let PlannedDeploy { env, hostclass, image, before, group, phase, steps } = deploy;
        let name = paint(BOLD, &format!("{env}/{hostclass}"));
        let _ = writeln!(text, "{name}: {image} in place of {before}, in place of the group {group}");
        if let Some(phase) = phase {
            let _ = writeln!(text, "  it is under way: {phase}; what is done is not done again");
        }
        for (step, number) in steps.iter().zip(1..) {
            let _ = writeln!(text, "  {number:>2}. {step}");
        }
    }
    text
}

/// An AMI whose sharing is finished; a line.
pub(crate) fn half_shared(image: &str, accounts: &[String]) -> String {
    format!("an earlier deploy has not finished to share {image}: it is shared with {}\n", listed(accounts))
}

/// One deploy goes on.
pub(crate) fn step(name: &str, gone: Duration, what: &str) -> String {
    format!("{} {} {what}\n", paint(BOLD, name), paint(DIM, &format!("{:>6}", duration(gone))))
}

/// Why a deploy did not come to its end; empty if it did.
pub(crate) fn failure(end: &DeployEnd) -> String {
    let Some(why) = &end.error else { return String::new() };
    format!("{} {}: {why}\n", paint(ERROR, "failed"), paint(BOLD, &format!("{}/{}", end.env, end.hostclass)))
}

/// A line for each deploy.
pub(crate) fn ends(ends: &[DeployEnd]) -> String {
    let row = |end: &DeployEnd| {
        let colour = if end.error.is_none() { GOOD } else { BAD };
        let name = format!("{}/{}", end.env, end.hostclass);
        vec![Cell::new(BOLD, &name), Cell::plain(&end.image), Cell::new(colour, end.result)]
    };
    table::listing(&["HOSTCLASS", "IMAGE", "RESULT"], ends.iter().map(row).collect::<Vec<_>>(), 2)
}

/// A line for each hostclass.
pub(crate) fn status(all: &[DeployStatus]) -> String {
    let row = |one: &DeployStatus| {
        let in_service = format!("{} of {}", one.in_service, one.desired);
        let deploy = one.under_way.as_ref().map(|record| {
            let new = one.new_in_service.map(|count| format!(", {count} new in service")).unwrap_or_default();
            format!("{}: {} by {}{new}", record.phase.word(), record.image, record.by)
        });
        vec![
            Cell::new(BOLD, format!("{}/{}", one.env, one.hostclass)),
            Cell::plain(&one.image),
            Cell::plain(in_service),
            Cell::plain(&one.group),
            Cell::plain(deploy.unwrap_or_default()),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    table::listing(&["HOSTCLASS", "IMAGE", "IN SERVICE", "GROUP", "DEPLOY"], rows, 2)
}
