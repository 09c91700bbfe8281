//! Allowed connections on a terminal.

use std::fmt::Write as _;

use anstyle::Style;
use asiaq_compiler::reach::{
    Answer, Because, Flow, Lane, Matrix, Place, Summary, Verdict, in_short, in_words,
};
use asiaq_ir::{Origin, Protocol};
use asiaq_lang::SourceMap;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, PLAIN, paint};
use super::width;

/// One table per environment, and a legend.
pub(crate) fn matrices(matrices: &[Matrix]) -> String {
    let mut text = String::new();
    let mut is_short = false;
    for matrix in matrices {
        let (lines, signs_only) = lines(matrix, width::available());
        is_short |= signs_only;
        text += &(lines.join("\n") + "\n\n");
    }
    text + &legend(is_short)
}

fn legend(is_short: bool) -> String {
    let mut sentences = vec![
        "Sources are at the left, destinations at the top. `443` is a TCP port, `-` means no connection is allowed, \
         `?` depends on a VPN, `~` is for parts only, `>` arrives and is no connection. Connections from the internet need a public address.",
    ];
    if is_short {
        sentences.push("Ports do not fit: `#` means all ports are allowed, `+` some.");
    }
    sentences.push("`asiaq reach FROM TO` shows why.");
    let lines = sentences.into_iter().flat_map(|text| table::wrapped(DIM, text, width::width(), 0));
    lines.map(|line| line + "\n").collect()
}

/// The forms of a table, from the most detailed to the narrowest.
const FORMS: [Form; 4] = [
    Form { cell: Some(26), numbered: false },
    Form { cell: Some(12), numbered: false },
    Form { cell: Some(12), numbered: true },
    Form { cell: None, numbered: true },
];

#[derive(Clone, Copy)]
struct Form {
    /// Width of the ports in a cell; `None` shows a sign instead.
    cell: Option<usize>,
    /// Whether columns have numbers instead of names.
    numbered: bool,
}

/// The table in the first form that fits, and whether it has signs instead of ports.
fn lines(matrix: &Matrix, width: usize) -> (Vec<String>, bool) {
    let mut forms = FORMS.into_iter().map(|form| (rows(matrix, form), form));
    let fits = |(rows, form): &(Vec<Vec<Cell>>, Form)| form.cell.is_none() || widths(rows) <= width;
    match forms.find(fits) {
        Some((rows, form)) => (table::lines(&rows), form.cell.is_none()),
        None => (Vec::new(), false),
    }
}

fn widths(rows: &[Vec<Cell>]) -> usize {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or_default()
    };
    (0..columns).map(|column| width(column) + 2).sum()
}

fn rows(matrix: &Matrix, form: Form) -> Vec<Vec<Cell>> {
    let names: Vec<String> = matrix.places.iter().map(|place| place.within(&matrix.env)).collect();
    // Machines are below their metanetwork.
    let indented = |(place, name): (&Place, &String)| match place {
        Place::Machines { .. } => format!("  {name}"),
        Place::Network { .. } | Place::Internet | Place::Block(_) | Place::Vpn { .. } => name.clone(),
    };
    let sources: Vec<String> = matrix.places.iter().zip(&names).map(indented).collect();
    let numbers = 1..=names.len();
    let (left, top): (Vec<String>, Vec<String>) = if form.numbered {
        let left = numbers.clone().zip(&sources).map(|(number, name)| format!("{number:>2} {name}"));
        (left.collect(), numbers.map(|number| number.to_string()).collect())
    } else {
        (sources, names)
    };
    let mut rows = vec![vec![Cell::new(BOLD, &matrix.env)]];
    if let Some(first) = rows.first_mut() {
        first.extend(top.iter().map(|name| Cell::new(DIM, name)));
    }
    for (name, cells) in left.iter().zip(&matrix.cells) {
        let cells: Vec<Vec<Cell>> = cells
            .iter()
            .map(|summary| match (summary, form.cell) {
                (None, _) => Vec::new(),
                (Some(summary), None) => vec![sign(summary)],
                (Some(summary), Some(width)) => ports(summary, width),
            })
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
        for at in 0..height {
            let mut row = vec![Cell::plain(if at == 0 { name.as_str() } else { "" })];
            row.extend(cells.iter().map(|cell| cell.get(at).cloned().unwrap_or_default()));
            rows.push(row);
        }
    }
    rows
}

fn ports(summary: &Summary, width: usize) -> Vec<Cell> {
    let (text, style) = match summary.verdict {
        Verdict::Denied => ("-".to_owned(), DIM),
        Verdict::Allowed => (in_short(&summary.open), GOOD),
        Verdict::Unknown => (format!("?{}", in_short(&summary.unknown)), CHANGED),
    };
    wrapped(&text, width).into_iter().map(|line| Cell::new(style, line)).collect()
}

/// Text in lines of at most `width` characters, broken after commas and at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in text.split_inclusive([',', ' ']) {
        match lines.last_mut() {
            Some(line) if line.len() + piece.trim_end().len() <= width => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

fn sign(summary: &Summary) -> Cell {
    let is_any = |lane: &Lane| lane.flow().protocol == Protocol::Any && !lane.is_part();
    match summary.verdict {
        Verdict::Denied => Cell::new(DIM, "-"),
        Verdict::Unknown => Cell::new(CHANGED, "?"),
        Verdict::Allowed if summary.open.iter().any(is_any) => Cell::new(GOOD, "#"),
        Verdict::Allowed => Cell::new(GOOD, "+"),
    }
}

/// Answers with their reasons, each with its source line.
pub(crate) fn answers(answers: &[Answer], sources: &SourceMap) -> String {
    let mut text = String::new();
    for answer in answers {
        let (word, style) = match answer.verdict {
            Verdict::Allowed => ("allowed", GOOD),
            Verdict::Unknown => ("unknown", CHANGED),
            Verdict::Denied => ("denied", BAD),
        };
        let ends = paint(BOLD, &format!("{} → {}", answer.from, answer.to));
        let _ = writeln!(text, "{ends}  {}", paint(style, word));
        for (flows, style) in [(&answer.flows, GOOD), (&answer.unknown, CHANGED)] {
            for group in groups(flows) {
                let part: Vec<&str> = group.iter().flat_map(|flow| &flow.part).map(String::as_str).collect();
                let part = part.split_first().map(|_| group.first().map(|flow| flow.part.join(", ")));
                let part = part.flatten().map(|part| format!("only {part}")).unwrap_or_default();
                let part = arriving(group.iter().copied(), part);
                let cells = vec![Cell::new(style, in_words(group.iter().copied())), Cell::plain(part)];
                for line in table::fitted(&[cells], 0, width::width().saturating_sub(2), 2).concat() {
                    let _ = writeln!(text, "  {line}");
                }
                let reasons = group.iter().flat_map(|flow| &flow.because);
                text += &because(reasons, sources);
            }
        }
        if !answer.missing.is_empty() && answer.verdict != Verdict::Denied {
            text.push_str("  other connections are not allowed\n");
        }
        text += &because(answer.missing.iter(), sources);
    }
    text
}

/// A note on flows, with that they arrive only, if all of them do.
pub(super) fn arriving<'f>(flows: impl IntoIterator<Item = &'f Flow>, note: String) -> String {
    match (flows.into_iter().all(|flow| flow.arrives_only), note.is_empty()) {
        (false, _) => note,
        (true, true) => "arrives only".to_owned(),
        (true, false) => format!("arrives only, {note}"),
    }
}

/// Groups flows with the same reasons.
fn groups(flows: &[Flow]) -> Vec<Vec<&Flow>> {
    let mut groups: Vec<Vec<&Flow>> = Vec::new();
    for flow in flows {
        let key = |flow: &Flow| {
            let places = flow.because.iter().map(|because| because.origin.clone());
            (flow.arrives_only, flow.part.clone(), places.collect::<Vec<Option<Origin>>>())
        };
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| key(first) == key(flow))) {
            Some(group) => group.push(flow),
            None => groups.push(vec![flow]),
        }
    }
    groups
}

/// Each reason once, those of one source line together above the line.
fn because<'b>(reasons: impl Iterator<Item = &'b Because>, sources: &SourceMap) -> String {
    let mut by_place: Vec<(Option<&Origin>, Vec<&str>)> = Vec::new();
    for reason in reasons {
        let at =
            by_place.iter_mut().find(|(origin, _)| *origin == reason.origin.as_ref() && origin.is_some());
        match at {
            Some((_, said)) if said.contains(&reason.what.as_str()) => {}
            Some((_, said)) => said.push(&reason.what),
            None => {
                let is_said = |(_, said): &(Option<&Origin>, Vec<&str>)| said.contains(&reason.what.as_str());
                if !by_place.iter().any(is_said) {
                    by_place.push((reason.origin.as_ref(), vec![&reason.what]));
                }
            }
        }
    }
    let mut text = String::new();
    for (origin, said) in by_place {
        for what in said {
            text += &indented(4, PLAIN, what);
        }
        if let Some(origin) = origin {
            let line = source_line(sources, origin);
            text += &indented(6, DIM, format!("{origin}  {line}").trim_end());
        }
    }
    text
}

/// Text in indented lines that fit.
fn indented(indent: usize, style: Style, text: &str) -> String {
    let lines = table::wrapped(style, text, width::width().saturating_sub(indent), 2);
    let margin = " ".repeat(indent);
    lines.into_iter().flat_map(|line| [margin.clone(), line, "\n".to_owned()]).collect()
}

/// The text of the source line.
fn source_line<'s>(sources: &'s SourceMap, origin: &Origin) -> &'s str {
    let file = sources.ids().find(|file| sources.path(*file) == origin.file);
    let line = file.and_then(|file| sources.text(file).lines().nth(origin.line as usize - 1));
    line.unwrap_or_default().trim()
}
