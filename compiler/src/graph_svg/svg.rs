//! Writes the elements of a drawing.

use std::fmt::Display;

use super::canvas::{Canvas, Escaped, Frame};
use super::layout::Layout;
use super::scene::{Entry, FROM, Scene};

/// The line below the drawing that explains it.
pub(super) const LEGEND: &str = "A line leads from who begins to where it gets in. A number is a port of TCP, ? depends on a VPN, ~ is for parts only. CIDR blocks are those of a first apply.";

const STYLE: &str = include_str!("style.css");

/// Number of colours for metanetworks.
const COLOURS: usize = 8;

/// Writes `scene` at the positions of `layout`.
pub(super) fn write(scene: &Scene, layout: &Layout) -> String {
    let mut svg = Canvas::new(layout.size, &format!("Who reaches whom in {}", scene.env), STYLE);
    svg.text("title", layout.vpc.x, layout.vpc.y - 24.0, &scene.env);
    let beside = layout.vpc.x + super::layout::width(&scene.env) * 1.7 + 12.0;
    svg.text("dim", beside, layout.vpc.y - 24.0, &scene.about);
    svg.rect("vpc", layout.vpc, 14.0);
    for (name, frame) in scene.gateways.iter().zip(&layout.gateways) {
        svg.rect("gateway", *frame, 12.0);
        svg.text("", frame.x + 12.0, frame.middle() + 4.0, name);
    }
    for (zone, frame) in scene.zones.iter().zip(&layout.zones) {
        svg.text("dim", frame.x + 12.0, frame.bottom(), zone);
    }
    rows(&mut svg, scene, layout);
    for (outside, placed) in scene.outside.iter().zip(&layout.outside) {
        svg.rect(if outside.is_internet { "internet" } else { "outside" }, placed.frame, 10.0);
        svg.text("name", placed.frame.x + 12.0, placed.frame.y + 20.0, &outside.name);
        for (entry, frame) in outside.entries.iter().zip(&placed.entries) {
            svg.entry(entry, *frame);
        }
    }
    flows(&mut svg, scene, layout);
    svg.text("dim", layout.vpc.x, layout.size.1 - 18.0, LEGEND);
    svg.finish()
}

fn rows(svg: &mut Canvas, scene: &Scene, layout: &Layout) {
    for (at, (row, placed)) in scene.rows.iter().zip(&layout.rows).enumerate() {
        svg.rect("row", placed.frame, 10.0);
        // What belongs to the metanetwork above is further in.
        let inset = if row.is_machines { super::layout::INSET } else { 0.0 };
        let chip = Frame { x: placed.frame.x + 12.0 + inset, y: placed.frame.y + 18.0, w: 10.0, h: 10.0 };
        svg.rect(&format!("d{}", at % COLOURS), chip, 3.0);
        svg.text("name", chip.right() + 8.0, placed.frame.y + 28.0, &row.name);
        for (cell, frame) in row.cells.iter().zip(&placed.cells) {
            let Some(cell) = cell else { continue };
            svg.rect("cell", *frame, 6.0);
            svg.text("", frame.x + 12.0, frame.y + 18.0, &cell.block);
            if cell.has_nat {
                svg.rect("nat", Frame { x: frame.x + 12.0, y: frame.y + 25.0, w: 34.0, h: 15.0 }, 7.0);
                svg.text("nat-word", frame.x + 20.0, frame.y + 36.0, "NAT");
            }
        }
        for (entry, frame) in row.entries.iter().zip(&placed.entries) {
            svg.entry(entry, *frame);
        }
    }
}

/// Draws the lines: from each source to its lane, along the lane, and to everything the source reaches.
fn flows(svg: &mut Canvas, scene: &Scene, layout: &Layout) {
    let inside = layout.rows.iter().map(|row| (row.frame.right(), row.frame.y + 14.0));
    let outside = layout.outside.iter().map(|outside| (outside.frame.x, outside.frame.y + 14.0));
    let starts: Vec<(f64, f64)> = inside.chain(outside).collect();
    // Where traffic arrives: the x of the edge, the y of the arrow, and the entry with its sources.
    let mut ends: Vec<(f64, f64, &Entry)> = Vec::new();
    for (row, placed) in scene.rows.iter().zip(&layout.rows) {
        let entries = row.entries.iter().zip(&placed.entries);
        ends.extend(entries.map(|(entry, frame)| (placed.frame.right(), frame.middle(), entry)));
    }
    for (outside, placed) in scene.outside.iter().zip(&layout.outside) {
        let entries = outside.entries.iter().zip(&placed.entries);
        ends.extend(entries.map(|(entry, frame)| (placed.frame.x, frame.middle(), entry)));
    }
    // A line of several sources has no colour of its own, and lies below the coloured ones.
    for (edge, y, entry) in ends.iter().filter(|(_, _, entry)| entry.sources.len() > 1) {
        let lanes = entry.sources.iter().filter_map(|source| layout.lanes.get(*source).copied().flatten());
        let farthest =
            lanes.fold(*edge, |far, lane| if (lane - edge).abs() > (far - edge).abs() { lane } else { far });
        svg.arrive("n", farthest, *edge, *y, entry);
    }
    for (source, ((x, y), lane)) in starts.iter().zip(&layout.lanes).enumerate() {
        let Some(lane) = lane else { continue };
        let own: Vec<&(f64, f64, &Entry)> =
            ends.iter().filter(|(_, _, entry)| entry.sources.contains(&source)).collect();
        let colour = colour(scene, source);
        let heights = || own.iter().map(|(_, y, _)| *y).chain([*y]);
        let (top, bottom) = (heights().fold(f64::MAX, f64::min), heights().fold(0.0, f64::max));
        svg.path(&colour, "", format_args!("M{x:.1} {y:.1}H{lane:.1}M{lane:.1} {top:.1}V{bottom:.1}"));
        svg.dot(&colour, *x, *y);
        for (edge, y, entry) in own {
            if entry.sources.len() == 1 {
                svg.arrive(&colour, *lane, *edge, *y, entry);
            }
            svg.dot(&colour, *lane, *y);
        }
    }
}

/// The suffix of the CSS classes of a source's colour.
fn colour(scene: &Scene, source: usize) -> String {
    match source.checked_sub(scene.rows.len()).map(|at| scene.outside.get(at)) {
        None => (source % COLOURS).to_string(),
        Some(Some(outside)) if outside.is_internet => "i".to_owned(),
        Some(_) => "o".to_owned(),
    }
}

impl Canvas {
    /// Draws the lines of an entry: its ports, and its sources.
    fn entry(&mut self, entry: &Entry, frame: Frame) {
        let mut y = frame.y + 12.0;
        let mut is_who = false;
        for line in &entry.lines {
            match line.split_once(FROM) {
                _ if is_who => self.text("dim", frame.x, y, line),
                None => self.text("", frame.x, y, line),
                Some((ports, who)) => {
                    is_who = true;
                    self.line(format_args!(
                        "<text x=\"{:.1}\" y=\"{y:.1}\">{}<tspan class=\"dim\">{FROM}{}</tspan></text>",
                        frame.x,
                        Escaped(ports),
                        Escaped(who)
                    ));
                }
            }
            y += 16.0;
        }
    }

    /// Draws a line from a lane to an edge, with an arrow at the edge.
    fn arrive(&mut self, colour: &str, lane: f64, edge: f64, y: f64, entry: &Entry) {
        // The tip touches the edge on either side of the lane.
        let tip = if edge < lane { 6.0 } else { -6.0 };
        let dashes = if entry.is_unknown { "unknown" } else { "" };
        self.path(colour, dashes, format_args!("M{lane:.1} {y:.1}H{:.1}", edge + tip));
        self.tip(colour, edge, y, tip);
    }

    fn path(&mut self, colour: &str, more: &str, path: impl Display) {
        let space = if more.is_empty() { "" } else { " " };
        self.line(format_args!("<path class=\"flow s{colour}{space}{more}\" d=\"{path}\"/>"));
    }

    fn dot(&mut self, colour: &str, x: f64, y: f64) {
        self.line(format_args!("<circle class=\"d{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"));
    }

    fn tip(&mut self, colour: &str, x: f64, y: f64, length: f64) {
        let (base, up, down) = (x + length * 1.4, y - 4.5, y + 4.5);
        self.line(format_args!(
            "<path class=\"d{colour}\" d=\"M{x:.1} {y:.1}L{base:.1} {up:.1}V{down:.1}Z\"/>"
        ));
    }
}
