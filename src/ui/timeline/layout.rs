//! Positions in the SVG, in pixels.

use std::time::Duration;

use asiaq_compiler::graph_svg::Frame;
use asiaq_runtime::{Chain, Completion, RunTrace, Verb, Work};

use crate::ui::text::count;

/// Width of a character: every font of the style sheet is at most this wide at 11 pixels.
const CHARACTER: f64 = 6.7;
/// Margin around the drawing.
pub(super) const MARGIN: f64 = 24.0;
/// Width of the whole run.
const WIDTH: f64 = 1400.0;
/// A lane: the names of operations, and below them their bars.
pub(super) const LANE: f64 = 28.0;
/// Height of a bar.
pub(super) const BAR: f64 = 9.0;
/// A lane of calls that belong to no operation.
const THIN: f64 = 6.0;
/// Gap between the names of two operations.
const GAP: f64 = 8.0;
/// Minimum width of a bar.
const LEAST: f64 = 1.0;
/// Up to this many operations beside the critical path have names, however short they are.
const NAMES: usize = 60;
/// With more operations, only bars at least this wide have names.
const BRIEF: f64 = 14.0;
/// Below a heading.
const HEADING: f64 = 10.0;
/// An axis, and what is below it.
const AXIS: f64 = 40.0;

/// The positions.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) size: (f64, f64),
    /// Reading the account, and the operations after it, each over the full width.
    pub(super) panels: Vec<Panel>,
    /// Headings of the groups of lanes, with their baselines.
    pub(super) headings: Vec<(f64, String)>,
    /// The calls that belong to no operation, in their order.
    pub(super) looks: Vec<Frame>,
    /// One bar per operation.
    pub(super) bars: Vec<Bar>,
    /// The critical path.
    pub(super) chain: Chain,
    /// The baseline of the first line below the lanes.
    pub(super) below: f64,
    /// The time scale of the operations.
    doing: Scale,
}

/// Lanes above an axis of their own.
#[derive(Debug, Default)]
pub(super) struct Panel {
    /// Top and bottom of the lanes.
    pub(super) lanes: (f64, f64),
    /// Times of the axis and their positions.
    pub(super) ticks: Vec<(f64, String)>,
}

/// A time scale.
#[derive(Clone, Copy, Debug, Default)]
struct Scale {
    start: f64,
    /// Pixels per second.
    by: f64,
}

/// An operation in its lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Bar {
    pub(super) frame: Frame,
    pub(super) label: String,
    /// Start and baseline of the label.
    pub(super) at: (f64, f64),
    pub(super) group: Group,
}

/// The group of lanes of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Group {
    /// On the critical path.
    Critical,
    /// With a name.
    #[default]
    Named,
    /// Without a name: too short, among many operations.
    Brief,
}

/// Width of a text.
pub(super) fn width(text: &str) -> f64 {
    number(text.chars().count()) * CHARACTER
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Formats a time.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        ..0.9995 => format!("{:.0} ms", seconds * 1000.0),
        ..59.95 => format!("{seconds:.1} s"),
        _ => {
            // A file may have any number.
            let whole = Duration::try_from_secs_f64(seconds + 0.5).unwrap_or(Duration::MAX).as_secs();
            format!("{} min {:02} s", whole / 60, whole % 60)
        }
    }
}

impl Scale {
    /// A scale that fills the width with the time between `start` and `end`.
    fn of(start: f64, end: f64) -> Self {
        Self { start, by: if end > start { WIDTH / (end - start) } else { WIDTH } }
    }

    fn x(self, at: f64) -> f64 {
        MARGIN + (at - self.start) * self.by
    }

    /// The frame of a time range, at least one pixel wide.
    fn frame(self, start: f64, end: f64) -> Frame {
        let x = self.x(start);
        Frame { x, y: 0.0, w: (self.x(end) - x).max(LEAST), h: BAR }
    }

    /// The axis below lanes.
    fn panel(self, lanes: (f64, f64)) -> Panel {
        let ticks = ticks(WIDTH / self.by).into_iter();
        Panel { lanes, ticks: ticks.map(|(at, text)| (self.x(self.start + at), text)).collect() }
    }
}

impl Layout {
    pub(super) fn of(run_trace: &RunTrace) -> Self {
        let doing = run_trace.doing().map_or_else(Scale::default, |(start, end)| Scale::of(start, end));
        let mut layout = Self { doing, chain: run_trace.critical(), ..Self::default() };
        layout.bars = run_trace.works.iter().map(|work| layout.bar(work)).collect();
        for place in layout.chain.works.clone() {
            if let Some(bar) = layout.bars.get_mut(place) {
                bar.group = Group::Critical;
            }
        }
        if layout.places(Group::Named).len() > NAMES {
            for (bar, work) in layout.bars.iter_mut().zip(&run_trace.works) {
                let is_brief = bar.frame.w < BRIEF && work.completion == Completion::Finished;
                if bar.group == Group::Named && is_brief {
                    bar.group = Group::Brief;
                }
            }
        }
        let y = layout.looking(run_trace, MARGIN + 92.0);
        let y = layout.doing(run_trace, y);
        layout.below = y;
        let lines = layout.chain.works.len() + 1;
        layout.size = (WIDTH + 2.0 * MARGIN, layout.below + number(lines) * 16.0 + MARGIN);
        layout
    }

    /// Places the calls before the first operation; returns where they end.
    fn looking(&mut self, run_trace: &RunTrace, top: f64) -> f64 {
        let looks = run_trace.looks_before();
        if looks.is_empty() {
            return top;
        }
        let end = looks.iter().map(|look| look.end).fold(0.0, f64::max);
        let scale = Scale::of(0.0, end);
        let heading = format!("looking at the account: {}, {}", count(looks.len(), "call"), seconds(end));
        let y = self.head(top, heading);
        let frames: Vec<Frame> = looks.iter().map(|look| scale.frame(look.start, look.end)).collect();
        let (lanes, used) = packed(frames.iter().map(|frame| (frame.x, frame.right() + LEAST)));
        let place =
            |(frame, lane): (Frame, usize)| Frame { y: y + number(lane) * THIN, h: THIN - 2.0, ..frame };
        self.looks = frames.into_iter().zip(lanes).map(place).collect();
        let bottom = y + number(used) * THIN + HEADING;
        self.panels.push(scale.panel((y, bottom)));
        bottom + AXIS
    }

    /// Places the operations, those of the critical path first; returns where they end.
    fn doing(&mut self, run_trace: &RunTrace, top: f64) -> f64 {
        if self.bars.is_empty() {
            return top;
        }
        let mut y = top;
        for group in [Group::Critical, Group::Named, Group::Brief] {
            let places = self.places(group);
            if places.is_empty() {
                continue;
            }
            let heading = match group {
                Group::Critical => self.says_chain(run_trace),
                Group::Named => format!("beside it: {}", count(places.len(), "operation")),
                Group::Brief => {
                    let limit = seconds(BRIEF / self.doing.by);
                    format!(
                        "{} of less than {limit}: point at one for its name",
                        count(places.len(), "operation")
                    )
                }
            };
            y = self.head(y, heading);
            let extent = |bar: &Bar| match group {
                Group::Critical | Group::Named => {
                    (bar.frame.x.min(bar.at.0), bar.frame.right().max(bar.at.0 + width(&bar.label)) + GAP)
                }
                Group::Brief => (bar.frame.x, bar.frame.right() + LEAST),
            };
            let (lane_height, name_height) = match group {
                Group::Critical | Group::Named => (LANE, 16.0),
                Group::Brief => (BAR + 3.0, 0.0),
            };
            let extents = places.iter().filter_map(|place| self.bars.get(*place)).map(extent);
            let (lanes, used) = packed(extents);
            for (place, lane) in places.into_iter().zip(lanes) {
                if let Some(bar) = self.bars.get_mut(place) {
                    let top = y + number(lane) * lane_height;
                    bar.at.1 = top + 12.0;
                    bar.frame.y = top + name_height;
                }
            }
            y += number(used) * lane_height + HEADING;
        }
        self.panels.push(self.doing.panel((top, y)));
        y + AXIS
    }

    /// The frame of a part of an operation.
    pub(super) fn frame(&self, start: f64, end: f64) -> Frame {
        self.doing.frame(start, end)
    }

    fn bar(&self, work: &Work) -> Bar {
        let frame = self.frame(work.start, work.end);
        let label = label(work);
        // A label that does not fit ends at the right margin.
        let x = frame.x.min(MARGIN + WIDTH - width(&label)).max(MARGIN);
        Bar { frame, label, at: (x, 0.0), group: Group::Named }
    }

    fn head(&mut self, y: f64, heading: String) -> f64 {
        self.headings.push((y + 14.0, heading));
        y + 14.0 + HEADING
    }

    /// The operations of a group, ordered by start.
    fn places(&self, group: Group) -> Vec<usize> {
        let bars = self.bars.iter().enumerate();
        bars.filter(|(_, bar)| bar.group == group).map(|(place, _)| place).collect()
    }

    fn says_chain(&self, run_trace: &RunTrace) -> String {
        let (start, end) = run_trace.doing().unwrap_or_default();
        let all = end - start;
        let percent = if all > 0.0 { 100.0 * self.chain.seconds / all } else { 100.0 };
        format!(
            "the critical path: {}, {} of {} ({percent:.0} %)",
            count(self.chain.works.len(), "operation"),
            seconds(self.chain.seconds),
            seconds(all)
        )
    }
}

/// `+ ci/vpc 120 ms`, with the error.
pub(super) fn label(work: &Work) -> String {
    let sign = match work.verb {
        Verb::Create => "+",
        Verb::Update => "~",
        Verb::Delete => "−",
    };
    let completion = match &work.completion {
        Completion::Finished => String::new(),
        Completion::Failed(said) => format!(", failed: {}", short(said)),
        Completion::UnderWay => ", not over".to_owned(),
    };
    format!("{sign} {} {}{completion}", work.address, seconds(work.end - work.start))
}

/// The first words of a message.
fn short(said: &str) -> String {
    const MOST: usize = 40;
    if said.chars().count() <= MOST {
        said.to_owned()
    } else {
        said.chars().take(MOST).chain(['…']).collect()
    }
}

/// Assigns lanes to time ranges, which are ordered by start, so that no two in a lane overlap; and the number of lanes.
fn packed(extents: impl Iterator<Item = (f64, f64)>) -> (Vec<usize>, usize) {
    let mut ends: Vec<f64> = Vec::new();
    let lanes = extents.map(|(start, end)| {
        let free = ends.iter().position(|taken| *taken <= start);
        let lane = free.unwrap_or(ends.len());
        match ends.get_mut(lane) {
            Some(taken) => *taken = end,
            None => ends.push(end),
        }
        lane
    });
    let lanes: Vec<usize> = lanes.collect();
    (lanes, ends.len())
}

/// At most a dozen round times from 0 to `span`.
fn ticks(span: f64) -> Vec<(f64, String)> {
    let round = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0];
    let longer = [120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0];
    let step = round.into_iter().chain(longer).find(|step| span / step <= 12.0).unwrap_or(span / 12.0);
    (0..=12).map(|n| f64::from(n) * step).take_while(|at| *at <= span).map(|at| (at, tick(at))).collect()
}

fn tick(at: f64) -> String {
    if at == 0.0 { "0".to_owned() } else { seconds(at) }
}
