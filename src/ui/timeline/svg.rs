//! Writes the SVG.

use asiaq_compiler::graph_svg::{Canvas, Escaped, Frame};
use asiaq_runtime::{Completion, RunTrace, Span, Verb, Verdict, Work};

use super::layout::{BAR, Bar, Group, Layout, MARGIN, Panel, label, seconds, width};
use crate::ui::text::count;

const STYLE: &str = include_str!("style.css");

/// The legend: class and word.
const LEGEND: [(&str, &str); 7] = [
    ("create", "created"),
    ("update", "changed"),
    ("delete", "deleted"),
    ("call", "a call"),
    ("call bad", "refused or failed"),
    ("call slow", "throttled"),
    ("wait", "waiting"),
];

/// Writes `run_trace` as it is laid out.
pub(super) fn write(run_trace: &RunTrace, layout: &Layout) -> String {
    let title = title(run_trace);
    let mut svg = Canvas::new(layout.size, &title, STYLE);
    svg.line(
        "<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <rect class=\"gap\" width=\"5\" height=\"5\"/><rect class=\"stripe\" width=\"2\" height=\"5\"/></pattern></defs>",
    );
    svg.text("title", MARGIN, MARGIN + 16.0, &title);
    svg.text("dim", MARGIN, MARGIN + 38.0, &about(run_trace));
    legend(&mut svg);
    axis(&mut svg, layout);
    for (y, heading) in &layout.headings {
        svg.text("head", MARGIN, *y, heading);
    }
    for (look, frame) in run_trace.looks_before().iter().zip(&layout.looks) {
        call(&mut svg, look, *frame);
    }
    links(&mut svg, layout);
    for (work, bar) in run_trace.works.iter().zip(&layout.bars) {
        operation(&mut svg, work, bar, layout);
    }
    chain(&mut svg, run_trace, layout);
    svg.finish()
}

fn title(run_trace: &RunTrace) -> String {
    let of = if run_trace.project.is_empty() { String::new() } else { format!(" of {}", run_trace.project) };
    let environments = if run_trace.environments.is_empty() {
        String::new()
    } else {
        format!(": {}", run_trace.environments.join(", "))
    };
    format!("asiaq {}{of}{environments}", run_trace.command)
}

fn about(run_trace: &RunTrace) -> String {
    let attempts = || run_trace.looks.iter().chain(run_trace.works.iter().flat_map(|work| &work.calls));
    let retries = attempts().filter(|call| call.attempt > 1).count();
    let end = match run_trace.exit {
        Some(0) => String::new(),
        Some(exit) => format!(", ended with exit code {exit}"),
        None => ", killed".to_owned(),
    };
    format!(
        "{} of {}, {} ({}), {}{end}",
        run_trace.works.iter().filter(|work| work.completion == Completion::Finished).count(),
        count(run_trace.planned, "operation"),
        count(attempts().count(), "call"),
        if retries == 1 { "1 of them again".to_owned() } else { format!("{retries} of them again") },
        seconds(run_trace.end)
    )
}

fn legend(svg: &mut Canvas) {
    let mut x = MARGIN;
    for (class, word) in LEGEND {
        svg.rect(class, Frame { x, y: MARGIN + 52.0, w: 16.0, h: BAR }, 1.0);
        svg.text("dim", x + 22.0, MARGIN + 60.0, word);
        x += 22.0 + width(word) + 22.0;
    }
}

fn axis(svg: &mut Canvas, layout: &Layout) {
    for Panel { lanes: (top, bottom), ticks } in &layout.panels {
        for (x, text) in ticks {
            svg.line(format_args!("<path class=\"grid\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>"));
            svg.text("tick", *x, bottom + 14.0, text);
        }
    }
}

/// From the end of each operation of the chain to the beginning of the next one.
fn links(svg: &mut Canvas, layout: &Layout) {
    let bars: Vec<&Bar> = layout.chain.works.iter().filter_map(|place| layout.bars.get(*place)).collect();
    for pair in bars.windows(2) {
        let [one, next] = pair else { continue };
        let (from, to) = (one.frame.right(), next.frame.x);
        svg.line(format_args!(
            "<path class=\"link\" d=\"M{from:.1} {:.1}V{:.1}H{to:.1}V{:.1}\"/>",
            one.frame.bottom(),
            one.frame.bottom() + 2.0,
            next.frame.y
        ));
    }
}

fn operation(svg: &mut Canvas, work: &Work, bar: &Bar, layout: &Layout) {
    let verb = match work.verb {
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
    };
    let completion = match work.completion {
        Completion::Finished => "",
        Completion::Failed(_) => " failed",
        Completion::UnderWay => " open",
    };
    let critical = if bar.group == Group::Critical { " critical" } else { "" };
    svg.line(format_args!("<g><title>{}</title>", Escaped(&story(work))));
    svg.rect(&format!("{verb}{completion}{critical}"), bar.frame, 2.0);
    for wait in &work.waits {
        let frame = layout.frame(wait.start, wait.end);
        svg.rect("wait", Frame { y: bar.frame.y + 1.5, h: BAR - 3.0, ..frame }, 0.0);
    }
    for span in &work.calls {
        let frame = layout.frame(span.start, span.end);
        call(svg, span, Frame { y: bar.frame.y + 2.5, h: BAR - 5.0, ..frame });
    }
    let class = if work.completion == Completion::Finished { "" } else { "wrong" };
    if bar.group != Group::Brief {
        svg.text(class, bar.at.0, bar.at.1, &bar.label);
    }
    svg.line("</g>");
}

/// The tooltip of an operation.
fn story(work: &Work) -> String {
    let mut lines = vec![format!("{} ({})", label(work), work.kind.name())];
    lines.push(count(work.calls.len(), "call"));
    let mut last = "";
    for wait in &work.waits {
        if wait.why != last {
            lines.push(format!("waited at {}: {}", seconds(wait.start), wait.why));
        }
        last = &wait.why;
    }
    lines.join("\n")
}

fn call(svg: &mut Canvas, span: &Span, Frame { x, y, w, h }: Frame) {
    let class = match span.verdict {
        Some(Verdict::Ok) => "call",
        // The answer to the question whether something is there.
        Some(Verdict::Refused) if span.is_not_found() => "call",
        Some(Verdict::Throttled) => "call slow",
        Some(Verdict::Refused | Verdict::Failed) => "call bad",
        None => "call open",
    };
    let code = span.code.as_ref().map(|code| format!(": {code}")).unwrap_or_default();
    let attempt = if span.attempt > 1 { format!(", attempt {}", span.attempt) } else { String::new() };
    svg.line(format_args!(
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"><title>{}{attempt}, {}{}</title></rect>",
        Escaped(&span.name),
        seconds(span.end - span.start),
        Escaped(&code)
    ));
}

/// The critical path as text.
fn chain(svg: &mut Canvas, run_trace: &RunTrace, layout: &Layout) {
    let mut y = layout.below;
    if layout.chain.works.is_empty() {
        svg.text("dim", MARGIN, y, "No operations.");
        return;
    }
    svg.text("head", MARGIN, y, "The critical path: only shorter operations here make the run shorter.");
    for work in layout.chain.works.iter().filter_map(|place| run_trace.works.get(*place)) {
        y += 16.0;
        let took = seconds(work.end - work.start);
        svg.text("number", MARGIN + 70.0, y, &took);
        svg.text("", MARGIN + 84.0, y, &format!("{} {} ({})", work.verb, work.address, work.kind.name()));
    }
}
