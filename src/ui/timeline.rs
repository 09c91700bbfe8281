//! The course of a run as a picture: operations in lanes, with their calls and waits, and the chain that took
//! longest. [`layout`] says where everything is, [`svg`] writes it down.

mod layout;
mod svg;
#[cfg(test)]
mod tests;

use asiaq_runtime::{LogRecord, RunTrace};

use layout::Layout;

/// The log of a run as SVG, light or dark as whoever looks at it prefers.
pub(crate) fn draw(entries: &[LogRecord]) -> String {
    let course = RunTrace::of(entries);
    svg::write(&course, &Layout::of(&course))
}
