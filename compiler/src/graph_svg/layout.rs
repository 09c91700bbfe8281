//! Positions and sizes of everything in the drawing, in pixels.

use std::collections::BTreeSet;

use super::canvas::Frame;
use super::scene::{Entry, Row, Scene};

/// Width of a character: every font of the style is at most this wide at 12 pixels.
const CHARACTER: f64 = 7.3;
/// Height of a line.
const LINE: f64 = 16.0;
/// Room around each element.
const PAD: f64 = 12.0;
const MARGIN: f64 = 24.0;
/// Distance between the lines of two sources.
const LANE: f64 = 14.0;
const CELL: f64 = 46.0;
/// Room for the coloured square before the name of a metanetwork.
const CHIP: f64 = 18.0;
/// How much further in machines are than their metanetwork.
pub(super) const INSET: f64 = 10.0;

/// Positions and sizes of everything in a [`Scene`].
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) size: (f64, f64),
    pub(super) vpc: Frame,
    /// One for each gateway.
    pub(super) gateways: Vec<Frame>,
    /// The name of each zone.
    pub(super) zones: Vec<Frame>,
    pub(super) rows: Vec<RowFrame>,
    pub(super) outside: Vec<OutsideFrame>,
    /// For each source the x of its vertical line; absent where nothing lets it in.
    pub(super) lanes: Vec<Option<f64>>,
}

/// The row of a metanetwork.
#[derive(Clone, Debug)]
pub(super) struct RowFrame {
    pub(super) frame: Frame,
    /// One for each zone.
    pub(super) cells: Vec<Frame>,
    /// One for each entry.
    pub(super) entries: Vec<Frame>,
}

/// The box of a network outside of the VPC.
#[derive(Clone, Debug)]
pub(super) struct OutsideFrame {
    pub(super) frame: Frame,
    pub(super) entries: Vec<Frame>,
}

/// Width of a text.
pub(super) fn width(text: &str) -> f64 {
    number(text.chars().count()) * CHARACTER
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn widest<'t>(texts: impl Iterator<Item = &'t str>) -> f64 {
    texts.map(width).fold(0.0, f64::max)
}

fn height(entry: &Entry) -> f64 {
    number(entry.lines.len()) * LINE
}

/// Places entries below each other from `y`; returns their frames and the y behind the last.
fn stacked(entries: &[Entry], x: f64, mut y: f64, w: f64) -> (Vec<Frame>, f64) {
    let mut frames = Vec::new();
    for entry in entries {
        let h = height(entry);
        frames.push(Frame { x, y, w, h });
        y += h + 6.0;
    }
    (frames, y)
}

impl Layout {
    /// Lays out `scene` above one line of `legend`.
    pub(super) fn of(scene: &Scene, legend: &str) -> Self {
        let mut layout = Self::default();
        let entries = || scene.rows.iter().flat_map(|row| &row.entries);
        let of_name = |row: &Row| width(&row.name) + if row.is_machines { INSET } else { 0.0 };
        let names = scene.rows.iter().map(of_name).fold(0.0, f64::max) + PAD + CHIP;
        let blocks = scene.rows.iter().flat_map(|row| row.cells.iter().flatten());
        let cell =
            widest(blocks.map(|cell| cell.block.as_str()).chain(scene.zones.iter().map(String::as_str)));
        let cell = (cell + 2.0 * PAD).max(110.0);
        let lines = widest(entries().flat_map(|entry| &entry.lines).map(String::as_str));

        let cells_at = MARGIN + PAD + PAD + names;
        let entries_at = cells_at + number(scene.zones.len()) * (cell + PAD);
        let row_width = entries_at + lines + PAD - MARGIN - PAD;

        let mut y = MARGIN + 44.0;
        let vpc_top = y;
        let mut x = MARGIN + PAD;
        for gateway in &scene.gateways {
            let w = width(gateway) + 2.0 * PAD;
            layout.gateways.push(Frame { x, y: y - 12.0, w, h: 24.0 });
            x += w + PAD;
        }
        let gateways_end = x;
        y += 24.0;
        for (at, _) in scene.zones.iter().enumerate() {
            let x = cells_at + number(at) * (cell + PAD);
            layout.zones.push(Frame { x, y, w: cell, h: LINE });
        }
        y += LINE + 8.0;
        for row in &scene.rows {
            let top = y + PAD;
            let cells = (0..scene.zones.len()).map(|at| Frame {
                x: cells_at + number(at) * (cell + PAD),
                y: top,
                w: cell,
                h: CELL,
            });
            // The first line of a row stays free for the line of its own outgoing traffic.
            let (entries, end) = stacked(&row.entries, entries_at, top + LINE, lines);
            let cells_end = if row.is_machines { top + CELL / 2.0 } else { top + CELL + 6.0 };
            let bottom = end.max(cells_end) + 6.0;
            let frame = Frame { x: MARGIN + PAD, y, w: row_width, h: bottom - y };
            layout.rows.push(RowFrame { frame, cells: cells.collect(), entries });
            y = bottom + PAD;
        }
        let vpc_right = (MARGIN + PAD + row_width + PAD).max(gateways_end);
        layout.vpc = Frame { x: MARGIN, y: vpc_top, w: vpc_right - MARGIN, h: y - vpc_top };

        let everything = entries().chain(scene.outside.iter().flat_map(|outside| &outside.entries));
        let busy: BTreeSet<usize> = everything.flat_map(|entry| entry.sources.iter().copied()).collect();
        let lane = |source| {
            let before = busy.iter().take_while(|other| **other < source).count();
            busy.contains(&source).then(|| vpc_right + 20.0 + number(before) * LANE)
        };
        layout.lanes = (0..scene.rows.len() + scene.outside.len()).map(lane).collect();
        let outside_at = vpc_right + 20.0 + number(busy.len()) * LANE + 26.0;
        let texts = scene.outside.iter().flat_map(|outside| {
            let lines = outside.entries.iter().flat_map(|entry| &entry.lines);
            std::iter::once(&outside.name).chain(lines)
        });
        let w = widest(texts.map(String::as_str)) + 2.0 * PAD;
        let mut y = vpc_top;
        for outside in &scene.outside {
            let (entries, end) =
                stacked(&outside.entries, outside_at + PAD, y + 8.0 + LINE + 8.0, w - 2.0 * PAD);
            let frame = Frame { x: outside_at, y, w, h: end + 4.0 - y };
            layout.outside.push(OutsideFrame { frame, entries });
            y = end + 4.0 + PAD;
        }
        let bottom = layout.vpc.bottom().max(y - PAD);
        layout.size = (outside_at + w + MARGIN, bottom + MARGIN + LINE);
        let title = MARGIN + width(&scene.env) * 1.7 + width(&scene.about) + MARGIN;
        layout.size.0 = layout.size.0.max(title).max(MARGIN + width(legend) + MARGIN);
        layout
    }
}
