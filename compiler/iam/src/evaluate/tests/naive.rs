//! A second evaluator, over JSON and requests of which everything is known, step by step as the manual has them.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::World;
use crate::document::{Document, print};
use crate::evaluate::{Request, Who};

struct Asked<'r> {
    request: &'r Request,
    values: BTreeMap<String, Vec<String>>,
    /// What is taken for true where the manual has no answer, and whether that was needed.
    coin: bool,
    is_open: Cell<bool>,
}

/// Whether a request is allowed, and whether a question came up that the manual does not answer.
pub(super) fn allows(
    world: &World,
    request: &Request,
    values: &[(&'static str, Vec<String>)],
    coin: bool,
) -> (bool, bool) {
    let mut known: BTreeMap<String, Vec<String>> =
        values.iter().map(|(key, values)| ((*key).to_owned(), values.clone())).collect();
    known.retain(|_, values| !values.is_empty());
    let asked = Asked { request, values: known, coin, is_open: Cell::new(false) };
    let answer = asked.is_allowed(world);
    (answer, asked.is_open.get())
}

/// Whether a pattern matches a text, with as much backtracking as the definition needs.
pub(super) fn wild(pattern: &str, text: &str) -> bool {
    let pattern: Vec<(char, bool)> =
        pattern.chars().map(|letter| (letter, matches!(letter, '*' | '?'))).collect();
    wild_letters(&pattern, &text.chars().collect::<Vec<_>>())
}

fn wild_letters(pattern: &[(char, bool)], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [('*', true), rest @ ..] => (0..=text.len()).any(|taken| wild_letters(rest, &text[taken..])),
        [('?', true), rest @ ..] => !text.is_empty() && wild_letters(rest, &text[1..]),
        [(letter, _), rest @ ..] => text.first() == Some(letter) && wild_letters(rest, &text[1..]),
    }
}

fn list(json: &Json) -> Vec<String> {
    match json {
        Json::Array(many) => many.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    }
}

fn statements(document: &Document<()>) -> (bool, Vec<Json>) {
    let json: Json = serde_json::from_str(&print(document)).unwrap();
    (json["Version"] == "2012-10-17", json["Statement"].as_array().unwrap().clone())
}

impl Asked<'_> {
    fn flip(&self) -> bool {
        self.is_open.set(true);
        self.coin
    }

    fn is_allowed(&self, world: &World) -> bool {
        let is_known = matches!(self.request.who, Who::User(_) | Who::Role { .. });
        let is_session = matches!(self.request.who, Who::Role { .. });
        let is_root = matches!(self.request.who, Who::Root(_));
        let all = |documents: &[Document<()>]| documents.to_vec();
        let mine = if is_known { all(&world.identity) } else { vec![] };
        let boundary = world.boundary.clone().filter(|_| is_known);
        let session = world.session.clone().filter(|_| is_session);
        let control = if is_known || is_root { all(&world.control) } else { vec![] };
        // An explicit deny anywhere.
        let limits =
            boundary.iter().chain(&session).chain(&mine).chain(&control).chain(&world.resource_control);
        for document in limits {
            if self.says(document, "Deny") {
                return false;
            }
        }
        for document in &world.resource {
            if self.grades(document, "Deny").iter().any(|grade| *grade) {
                return false;
            }
        }
        // Every level has to allow.
        if !control.iter().chain(&world.resource_control).all(|document| self.says(document, "Allow")) {
            return false;
        }
        let mut grades = [false; 3];
        for document in &world.resource {
            for (grade, found) in grades.iter_mut().zip(self.grades(document, "Allow")) {
                *grade |= found;
            }
        }
        let [directly, by_role, by_account] = grades;
        if !is_known && !is_root {
            return directly;
        }
        let is_limited =
            |document: &Option<Document<()>>| document.as_ref().is_some_and(|one| !self.says(one, "Allow"));
        let is_within = !is_limited(&boundary) && !is_limited(&session);
        let is_mine = is_root || mine.iter().any(|document| self.says(document, "Allow")) && is_within;
        if self.request.resource_account.as_deref() == Some("111111111111") {
            directly || by_role && is_within || is_mine
        } else {
            is_mine && (directly || by_role || by_account)
        }
    }

    /// Whether a policy without principals has a statement of this effect that applies.
    fn says(&self, document: &Document<()>, effect: &str) -> bool {
        let (is_new, found) = statements(document);
        // Each is asked, so that an open question is seen; only those that count are kept by the caller.
        found.iter().any(|one| one["Effect"] == effect && self.applies(one, is_new))
    }

    /// Whether a statement applies that names the principal directly, by its role, or by its account.
    fn grades(&self, document: &Document<()>, effect: &str) -> [bool; 3] {
        let (is_new, found) = statements(document);
        let mut grades = [false; 3];
        for one in found.iter().filter(|one| one["Effect"] == effect) {
            if !self.applies(one, is_new) {
                continue;
            }
            let names = |key: &str| match &one[key] {
                Json::Null => None,
                Json::String(_) => Some(vec!["*".to_owned()]),
                other => Some(list(&other["AWS"])),
            };
            let (own, role) = match &self.request.who {
                Who::User(arn) => (vec![arn.clone()], None),
                Who::Role { arn, .. } => {
                    (vec!["arn:aws:sts::111111111111:assumed-role/r/s".to_owned()], Some(arn.clone()))
                }
                Who::Root(_) => {
                    (vec!["111111111111".to_owned(), "arn:aws:iam::111111111111:root".to_owned()], None)
                }
                _ => (vec![], None),
            };
            let has_account = !matches!(self.request.who, Who::Anonymous);
            let is_account = |name: &String| {
                has_account && (name == "111111111111" || name == "arn:aws:iam::111111111111:root")
            };
            if let Some(names) = names("Principal") {
                grades[0] |= names.iter().any(|name| own.contains(name));
                self.everyone(&mut grades, names.iter().any(|name| name == "*"));
                grades[1] |= names.iter().any(|name| Some(name) == role.as_ref());
                grades[2] |= names.iter().any(is_account) && !matches!(self.request.who, Who::Root(_));
            } else if let Some(names) = names("NotPrincipal") {
                let listed = [
                    names.iter().any(|name| name == "*" || own.contains(name) || Some(name) == role.as_ref()),
                    names.iter().any(is_account),
                ];
                let is_one = match (&self.request.who, listed) {
                    (Who::Anonymous | Who::Root(_), [listed, _]) => !listed,
                    (_, [true, true]) => false,
                    (_, [false, false]) => true,
                    _ => self.flip(),
                };
                self.everyone(&mut grades, is_one);
            }
        }
        grades
    }

    /// Everyone is somebody named directly; of sessions the manual does not say so.
    fn everyone(&self, grades: &mut [bool; 3], is_one: bool) {
        if is_one && matches!(self.request.who, Who::Role { .. }) {
            grades[1] = true;
            grades[0] |= self.flip();
        } else {
            grades[0] |= is_one;
        }
    }

    fn applies(&self, one: &Json, is_new: bool) -> bool {
        let request = self.request;
        let is_action = |patterns: &Json| {
            let lower = request.action.to_lowercase();
            list(patterns).iter().any(|pattern| wild(&pattern.to_lowercase(), &lower))
        };
        let is_asked = match (&one["Action"], &one["NotAction"]) {
            (Json::Null, others) => !is_action(others),
            (actions, _) => is_action(actions),
        };
        if !is_asked {
            return false;
        }
        let is_resource = |patterns: &Json, is_negated: bool| {
            let mut is_listed = false;
            let mut is_missing = false;
            for pattern in list(patterns) {
                match self.filled(&pattern, is_new, true) {
                    Some(pattern) => is_listed |= is_arn(&pattern, &request.resource),
                    None => is_missing = true,
                }
            }
            // Whether it is in the list is open only where nothing else lists it.
            is_listed || is_negated && is_missing && self.flip()
        };
        let is_about = match (&one["Resource"], &one["NotResource"]) {
            (Json::Null, others) => !is_resource(others, true),
            (resources, _) => is_resource(resources, false),
        };
        is_about && self.holds(&one["Condition"], is_new)
    }

    fn holds(&self, conditions: &Json, is_new: bool) -> bool {
        let Some(operators) = conditions.as_object() else { return true };
        operators.iter().all(|(operator, keys)| {
            keys.as_object()
                .unwrap()
                .iter()
                .all(|(key, wanted)| self.is_met(operator, key, &list(wanted), is_new))
        })
    }

    fn is_met(&self, operator: &str, key: &str, wanted: &[String], is_new: bool) -> bool {
        let found = self.value(key);
        if operator == "Null" {
            return wanted.iter().any(|text| text == if found.is_none() { "true" } else { "false" });
        }
        let (quantifier, rest) = operator.split_once(':').unwrap_or(("", operator));
        let test = rest.trim_end_matches("IfExists");
        let is_negated = test.contains("Not");
        let Some(found) = found else {
            return rest != test || quantifier == "ForAllValues" || quantifier.is_empty() && is_negated;
        };
        let compare = |value: &String| {
            let mut is_equal = false;
            let mut is_missing = false;
            for one in wanted {
                match self.is_equal(&test.replace("Not", ""), one, value, is_new) {
                    Some(equal) => is_equal |= equal,
                    None => is_missing = true,
                }
            }
            if is_negated { !(is_equal || is_missing && self.flip()) } else { is_equal }
        };
        match quantifier {
            "ForAllValues" => found.iter().all(compare),
            "ForAnyValue" => found.iter().any(compare),
            _ if found.len() == 1 => compare(&found[0]),
            _ => self.flip(),
        }
    }

    fn value(&self, key: &str) -> Option<Vec<String>> {
        self.values.get(&key.to_lowercase()).cloned()
    }

    /// Nothing where a variable has no value.
    fn is_equal(&self, test: &str, wanted: &str, found: &str, is_new: bool) -> Option<bool> {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let number = |text: &str| text.parse::<f64>().ok();
        let before = |one: Option<f64>, other: Option<f64>| match (one, other, test) {
            (Some(one), Some(other), test) if test.ends_with("LessThan") => one < other,
            (Some(one), Some(other), test) if test.ends_with("LessThanEquals") => one <= other,
            (Some(one), Some(other), test) if test.ends_with("GreaterThan") => one > other,
            (Some(one), Some(other), test) if test.ends_with("GreaterThanEquals") => one >= other,
            (Some(one), Some(other), _) => (one - other).abs() < 1e-9,
            _ => false,
        };
        Some(match test {
            "StringLike" => wild_letters(&self.filled(wanted, is_new, true)?, &letters(found)),
            "StringEquals" => wild_letters(&self.filled(wanted, is_new, false)?, &letters(found)),
            "StringEqualsIgnoreCase" => {
                let pattern = self.filled(wanted, is_new, false)?;
                let letters: String = pattern.iter().map(|(letter, _)| *letter).collect();
                letters.to_lowercase() == found.to_lowercase()
            }
            "ArnLike" | "ArnEquals" => is_arn(&self.filled(wanted, is_new, true)?, found),
            "Bool" => {
                let letters: String =
                    self.filled(wanted, is_new, false)?.iter().map(|(letter, _)| *letter).collect();
                letters.eq_ignore_ascii_case(found)
            }
            "BinaryEquals" => wanted == found,
            "IpAddress" => in_block(wanted, found),
            test if test.starts_with("Numeric") => before(number(found), number(wanted)),
            test if test.starts_with("Date") => before(Some(date(found)), Some(date(wanted))),
            other => panic!("{other}"),
        })
    }

    /// Letters, and whether each is a wildcard; nothing where a variable has no value.
    fn filled(&self, text: &str, is_new: bool, has_wildcards: bool) -> Option<Vec<(char, bool)>> {
        let mut rest = text;
        let mut letters = Vec::new();
        while !rest.is_empty() {
            if is_new && rest.starts_with("${") {
                let (variable, behind) = rest.split_once('}').unwrap();
                let inner = variable.trim_start_matches("${");
                rest = behind;
                if inner.len() == 1 {
                    letters.push((inner.chars().next().unwrap(), false));
                    continue;
                }
                let (key, default) = inner.split_once(", ").unwrap_or((inner, ""));
                let value = match self.value(key) {
                    Some(values) if values.len() == 1 => values[0].clone(),
                    Some(values) => {
                        // Several values: which of them is not said.
                        let _ = self.flip();
                        values[usize::from(self.coin)].clone()
                    }
                    None if default.is_empty() => return None,
                    None => default.trim_matches('\'').to_owned(),
                };
                letters.extend(value.chars().map(|letter| (letter, false)));
                continue;
            }
            let mut behind = rest.chars();
            let letter = behind.next().unwrap();
            letters.push((letter, has_wildcards && matches!(letter, '*' | '?')));
            rest = behind.as_str();
        }
        Some(letters)
    }
}

/// Part by part between the first five colons; `*` alone is everything.
fn is_arn(pattern: &[(char, bool)], text: &str) -> bool {
    if pattern == [('*', true)] {
        return true;
    }
    let patterns: Vec<&[(char, bool)]> = pattern.splitn(6, |(letter, _)| *letter == ':').collect();
    let texts: Vec<&str> = text.splitn(6, ':').collect();
    let is_whole = patterns.len() == 6 && texts.len() == 6 && texts[0] == "arn";
    is_whole
        && patterns
            .iter()
            .zip(&texts)
            .all(|(pattern, text)| wild_letters(pattern, &text.chars().collect::<Vec<_>>()))
}

fn in_block(block: &str, address: &str) -> bool {
    let bytes = |text: &str| match text.parse::<std::net::IpAddr>().unwrap() {
        std::net::IpAddr::V4(four) => four.octets().to_vec(),
        std::net::IpAddr::V6(six) => six.octets().to_vec(),
    };
    let bits = |text: &str| -> Vec<bool> {
        bytes(text).iter().flat_map(|byte| (0..8).rev().map(move |bit| byte & (1 << bit) != 0)).collect()
    };
    let (first, length) = block.split_once('/').unwrap_or((block, "128"));
    let (first, address) = (bits(first), bits(address));
    let length = length.parse::<usize>().unwrap().min(first.len());
    first.len() == address.len() && first[..length] == address[..length]
}

/// The instants of the fixture, as another program has them.
fn date(text: &str) -> f64 {
    match text {
        "2020-01-01T00:00:00Z" | "1577836800" | "2020-01-01" => 1_577_836_800.0,
        "2021-06-01" | "2021-06-01T00:00:00Z" => 1_622_505_600.0,
        "2019" => 1_546_300_800.0,
        "1970-01-02T00:00:00Z" => 86_400.0,
        "2100-01-01T00:00:00Z" => 4_102_444_800.0,
        other => panic!("{other}"),
    }
}
