//! How a plan changes the allowed connections.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use asiaq_compiler::reach::{Change, Difference, Place, Sign, in_words};
use asiaq_ir::Protocol;

use super::mark::Mark;
use super::row::marked;
use crate::ui::reach::arriving;
use crate::ui::table::{self, Cell};
use crate::ui::text::{BOLD, DIM, PLAIN, count, paint};

/// Changes that differ in one end only, as one line.
#[derive(PartialEq, Eq)]
struct Line {
    sign: Sign,
    from: Vec<String>,
    to: Vec<String>,
    flows: String,
    note: String,
    places: String,
}

/// The changes of each environment. For an environment that is created or deleted as a whole, only those across its
/// border. What changes alike in several environments is said once.
pub(super) fn text(difference: &Difference, width: usize) -> String {
    let envs: BTreeSet<&str> = difference.changes.iter().map(|change| change.env.as_str()).collect();
    let mut alike: Vec<(Vec<&str>, String, Vec<Line>)> = Vec::new();
    for env in envs {
        let whole = [(&difference.fresh, "new"), (&difference.gone, "deleted")];
        let whole = whole.into_iter().find(|(envs, _)| envs.contains(env)).map(|(_, word)| word);
        let (inside, shown): (Vec<&Change>, Vec<&Change>) = difference
            .changes
            .iter()
            .filter(|change| change.env == env)
            .partition(|change| whole.is_some() && is_inside(change));
        let rows: Vec<Line> = lines(env, &shown);
        let more = match (inside.len(), whole) {
            (_, None) => String::new(),
            (0, Some(word)) => word.to_owned(),
            (number, Some(word)) => format!("{word}, {} inside", count(number, "connection")),
        };
        match alike.iter_mut().find(|(_, note, lines)| *note == more && *lines == rows) {
            Some((envs, ..)) => envs.push(env),
            None => alike.push((vec![env], more, rows)),
        }
    }
    let mut text = String::new();
    for (envs, more, rows) in alike {
        let names = match envs.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("[{}]", several.join(", ")),
        };
        let heading = vec![Cell::new(BOLD, names), Cell::new(DIM, more)];
        for line in table::fitted(&[heading], 0, width.saturating_sub(2), 2).concat() {
            // Writing to memory does not fail.
            let _ = writeln!(text, "  {line}");
        }
        text += &drawn(&rows, width);
    }
    if text.is_empty() { text } else { format!("{}\n{text}", paint(BOLD, "Reachability:")) }
}

fn is_inside(change: &Change) -> bool {
    matches!(
        (&change.from, &change.to),
        (Place::Network { env: from, .. }, Place::Network { env: to, .. }) if from == to
    )
}

fn lines(env: &str, changes: &[&Change]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for change in changes {
        let line = line(env, change);
        let same = |other: &&mut Line| {
            other.sign == line.sign && other.flows == line.flows && other.note == line.note
        };
        let into = lines
            .iter_mut()
            .filter(same)
            .find(|other| other.places == line.places && (other.to == line.to || other.from == line.from));
        match into {
            Some(other) if other.to == line.to => other.from.extend(line.from),
            // Sources that have gathered go to one target together.
            Some(other) if other.from == line.from => other.to.extend(line.to),
            Some(_) | None => lines.push(line),
        }
    }
    lines.sort_by_key(|line| line.sign);
    lines
}

fn line(env: &str, change: &Change) -> Line {
    let was_anything = change.flows.iter().any(|flow| flow.protocol == Protocol::Any);
    let note = match (change.is_unknown, was_anything && !change.remains.is_empty()) {
        (true, _) => "if the VPN or peering allows it".to_owned(),
        (false, true) => format!("still allowed: {}", in_words(&change.remains)),
        (false, false) => String::new(),
    };
    // The parts of one environment need no name of it.
    let mut parts: Vec<String> = Vec::new();
    for part in change.flows.iter().flat_map(|flow| &flow.part) {
        let part = part.replace(&format!(" in {env}/"), " in ");
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let note = arriving(&change.flows, note);
    let note = match (parts.is_empty(), note.is_empty()) {
        (true, _) => note,
        (false, true) => format!("only {}", parts.join(", ")),
        (false, false) => format!("only {}, {note}", parts.join(", ")),
    };
    let reasons = change.flows.iter().flat_map(|flow| &flow.because);
    let mut places: Vec<String> = Vec::new();
    for place in reasons.filter_map(|because| because.origin.as_ref()).map(ToString::to_string) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Line {
        sign: change.sign,
        from: vec![change.from.within(env)],
        to: vec![change.to.within(env)],
        flows: in_words(&change.flows),
        note,
        places: places.join(", "),
    }
}

fn drawn(lines: &[Line], width: usize) -> String {
    let rows: Vec<Vec<Cell>> = lines
        .iter()
        .map(|line| {
            vec![
                Cell::new(PLAIN, format!("{} → {}", line.from.join(", "), line.to.join(", "))),
                Cell::plain(&line.flows),
                Cell::new(DIM, &line.note),
                Cell::new(DIM, &line.places),
            ]
        })
        .collect();
    let marks = lines.iter().map(|line| match line.sign {
        Sign::Gained => Mark::Plus,
        Sign::Lost => Mark::Minus,
    });
    let fitted = table::fitted(&rows, 0, width.saturating_sub(6), 4);
    marks.zip(fitted).flat_map(|(mark, lines)| marked("    ", mark, lines)).map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use asiaq_compiler::reach::{Flow, Ports};

    use super::*;

    fn change(sign: Sign, from: &str, to: &str, port: u16) -> Change {
        let place = |name: &str| match name {
            "internet" => Place::Internet,
            name => Place::network("ci", name),
        };
        let ports = Ports { first: port, last: port };
        let flow = Flow::of(Protocol::Tcp, ports);
        Change {
            env: "ci".to_owned(),
            sign,
            from: place(from),
            to: place(to),
            flows: vec![flow],
            remains: Vec::new(),
            is_unknown: false,
        }
    }

    fn said(difference: &Difference) -> String {
        anstream::adapter::strip_str(&text(difference, 100)).to_string()
    }

    #[test]
    fn what_has_an_end_in_common_is_one_line() {
        let changes = vec![
            change(Sign::Gained, "internet", "web", 80),
            change(Sign::Gained, "app", "web", 80),
            change(Sign::Lost, "app", "web", 22),
            change(Sign::Lost, "app", "db", 22),
            change(Sign::Lost, "web", "db", 23),
        ];
        let difference = Difference { changes, ..Difference::default() };
        assert_eq!(
            said(&difference),
            "Reachability:\n  ci\n    - app → web, db        tcp 22\n    - web → db             tcp 23\n    \
             + internet, app → web  tcp 80\n"
        );
    }

    #[test]
    fn a_new_environment_says_what_crosses_its_border() {
        let changes = vec![
            change(Sign::Gained, "internet", "web", 80),
            change(Sign::Gained, "app", "web", 80),
            change(Sign::Gained, "web", "app", 81),
        ];
        let fresh = BTreeSet::from(["ci".to_owned()]);
        let difference = Difference { changes, fresh, ..Difference::default() };
        assert_eq!(
            said(&difference),
            "Reachability:\n  ci  new, 2 connections inside\n    + internet → web  tcp 80\n"
        );
    }
}
