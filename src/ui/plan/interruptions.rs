//! What stops during an apply and starts again: a line below its step, and all of it after the totals.

use std::collections::BTreeMap;

use asiaq_ir::Risk;
use asiaq_runtime::{Interruption, Interruptions};

use super::mark::{Detail, Mark};
use super::names::Names;
use crate::ui::table;
use crate::ui::text::{PLAIN, WARNING, count, paint};

/// The lines below a step; `name` is what stops, where that is not the resource of the row.
pub(super) fn details(stops: &[Interruption], name: Option<&str>) -> impl Iterator<Item = Detail> {
    let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
    stops.iter().map(move |stop| Detail {
        mark: Mark::Stops,
        text: format!("{name}{} for {}", stop.what, about(stop.seconds)),
        place: String::new(),
    })
}

/// All interruptions of a plan; empty if there are none.
pub(super) fn text(interruptions: &Interruptions<'_>, width: usize) -> String {
    let mut same: BTreeMap<(u32, String), Vec<String>> = BTreeMap::new();
    for (address, _, stops) in interruptions.iter() {
        for Interruption { seconds, what } in stops {
            same.entry((*seconds, what.clone())).or_default().push(address.to_string());
        }
    }
    let number = same.values().map(Vec::len).sum();
    if number == 0 {
        return String::new();
    }
    let lines = same.into_iter().flat_map(|((seconds, what), names)| {
        let names = Names::at(Risk::Safe, &names).text;
        let line = format!("{names}: {what} for {}", about(seconds));
        let lines = table::wrapped(PLAIN, &line, width.saturating_sub(2), 2);
        lines.into_iter().map(|line| format!("\n  {line}"))
    });
    format!(
        "\n{}{}",
        paint(WARNING, &format!("{}:", count(number, "interruption"))),
        lines.collect::<String>()
    )
}

/// A time that AWS takes as a rule: `about 5 s`, `about 3 min`.
fn about(seconds: u32) -> String {
    if seconds < 60 { format!("about {seconds} s") } else { format!("about {} min", seconds.div_ceil(60)) }
}
