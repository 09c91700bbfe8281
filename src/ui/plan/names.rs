//! Several addresses as one.

use std::collections::BTreeMap;

use asiaq_ir::Risk;

use crate::ui::table::KEPT;

/// The most alternatives of a part, and the most addresses, that are named in short.
const FEW: usize = 4;

/// Addresses as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) text: String,
    /// Whether some are left out.
    pub(super) is_short: bool,
}

impl Names {
    /// All addresses if the risk is high, else a few.
    pub(super) fn at(risk: Risk, names: &[String]) -> Self {
        if risk >= Risk::Replace { joined(names) } else { Self::few(names) }
    }

    /// The first of many addresses, and how many more there are.
    pub(super) fn few(names: &[String]) -> Self {
        drawn(names, FEW)
    }
}

/// All addresses, as in `[web, app]/subnet/[1, 2]`.
fn joined(names: &[String]) -> Names {
    drawn(names, usize::MAX)
}

/// The alternatives of each part of an address.
type Pattern = Vec<Vec<String>>;

fn drawn(names: &[String], most: usize) -> Names {
    let patterns = patterns(names);
    let mut is_short = false;
    let mut listed = |items: Vec<String>, weights: &[usize], comma: &str| {
        if items.len() <= most {
            return items.join(comma);
        }
        is_short = true;
        let rest: usize = weights.iter().skip(most - 1).sum();
        let shown: Vec<String> = items.into_iter().take(most - 1).collect();
        format!("{} and {rest} more", shown.join(comma)).replace(' ', if comma == ", " { " " } else { KEPT })
    };
    let mut texts = Vec::new();
    for pattern in &patterns {
        let mut parts = Vec::new();
        for alternatives in pattern {
            let ones = vec![1; alternatives.len()];
            parts.push(match alternatives.as_slice() {
                [one] => one.clone(),
                _ => format!("[{}]", listed(alternatives.clone(), &ones, &[",", KEPT].concat())),
            });
        }
        texts.push(parts.join("/"));
    }
    let sizes: Vec<usize> = patterns.iter().map(|pattern| pattern.iter().map(Vec::len).product()).collect();
    let text = listed(texts, &sizes, ", ");
    Names { text, is_short }
}

/// Addresses that differ in one part only, as one, the last parts first.
fn patterns(names: &[String]) -> Vec<Pattern> {
    let split = |name: &String| name.split('/').map(|part| vec![part.to_owned()]).collect();
    let mut patterns: Vec<Pattern> = names.iter().map(split).collect();
    let depth = patterns.iter().map(Vec::len).max().unwrap_or_default();
    for at in (0..depth).rev() {
        let mut places: BTreeMap<Pattern, usize> = BTreeMap::new();
        let mut merged: Vec<Pattern> = Vec::new();
        for mut pattern in patterns {
            let Some(part) = pattern.get_mut(at) else {
                merged.push(pattern);
                continue;
            };
            let alternatives = std::mem::take(part);
            let place = *places.entry(pattern.clone()).or_insert(merged.len());
            if let Some(known) = merged.get_mut(place).and_then(|known| known.get_mut(at)) {
                known.extend(alternatives);
            } else {
                if let Some(part) = pattern.get_mut(at) {
                    *part = alternatives;
                }
                merged.push(pattern);
            }
        }
        patterns = merged;
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &Names) -> (String, bool) {
        (names.text.replace(KEPT, " "), names.is_short)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_differs_in_one_part_is_one() {
        let all = names(&["web/subnet/1", "web/subnet/2", "app/subnet/1", "app/subnet/2", "vpc"]);
        assert_eq!(said(&joined(&all)), ("[web, app]/subnet/[1, 2], vpc".to_owned(), false));
        let uneven = names(&["web/subnet/1", "web/subnet/2", "app/subnet/1"]);
        assert_eq!(said(&joined(&uneven)).0, "web/subnet/[1, 2], app/subnet/1");
        assert_eq!(said(&joined(&names(&["dhcp", "vpc"]))).0, "[dhcp, vpc]");
    }

    #[test]
    fn many_are_counted() {
        let many: Vec<String> = (1..=12).map(|at| format!("hostclass/h{at}/group")).collect();
        assert_eq!(said(&Names::few(&many)), ("hostclass/[h1, h2, h3 and 9 more]/group".to_owned(), true));
        assert!(said(&joined(&many)).0.ends_with("h11, h12]/group"));
        let apart: Vec<String> = (1..=6).map(|at| "x/".repeat(at)).collect();
        assert_eq!(said(&Names::few(&apart)).0, "x/, x/x/, x/x/x/ and 3 more");
    }
}
