//! The timeline of a run as SVG: operations in lanes, with their calls and waits, and the critical path. [`layout`]
//! computes positions, [`svg`] writes the SVG.

mod layout;
mod svg;
#[cfg(test)]
mod tests;

use asiaq_runtime::{LogRecord, RunTrace};

use layout::Layout;

/// The timeline of a run as SVG, in the viewer's light or dark colour scheme.
pub(crate) fn draw(entries: &[LogRecord]) -> String {
    let trace = RunTrace::of(entries);
    svg::write(&trace, &Layout::of(&trace))
}
