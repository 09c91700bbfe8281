//! What the program evaluates to, as plain text.

use std::collections::BTreeMap;

use asiaq_compiler::Checked;

/// The values of an environment by their paths in it.
pub(super) struct Evaluated {
    values: BTreeMap<String, String>,
}

impl Evaluated {
    pub(super) fn of(checked: &Checked, env: &str) -> Self {
        let explained = checked.explain(env).unwrap_or_default();
        let lets = lets(checked);
        let values = explained.into_iter().filter_map(|explanation| {
            let winner = explanation.places.into_iter().find(|place| place.wins)?;
            let (_, path) = explanation.path.split_once('.')?;
            Some((path.to_owned(), behind(&value(&winner.text), &lets)))
        });
        Self { values: values.collect() }
    }

    /// A value as it is written, or nothing.
    pub(super) fn written(&self, path: &str) -> &str {
        self.values.get(&declared(path)).map(String::as_str).unwrap_or_default()
    }

    /// A value without quotes and brackets, or nothing.
    pub(super) fn plain(&self, path: &str) -> String {
        plain(self.written(path))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.values.contains_key(&declared(path))
    }

    /// Whether something of a declaration has a value.
    pub(super) fn has_below(&self, start: &str) -> bool {
        let start = format!("{}.", declared(start));
        self.values.range(start.clone()..).next().is_some_and(|(path, _)| path.starts_with(&start))
    }

    /// The paths that end in `end`.
    pub(super) fn ending<'e>(&'e self, end: &'e str) -> impl Iterator<Item = &'e str> {
        self.values.keys().map(String::as_str).filter(move |path| path.ends_with(end))
    }
}

/// A path with names as the program can have them.
fn declared(path: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "-_.@".contains(sign);
    path.chars().map(|sign| if plain(sign) { sign } else { '_' }).collect()
}

/// The values of the program that have names.
fn lets(checked: &Checked) -> BTreeMap<&str, &str> {
    let texts = checked.sources.ids().map(|file| checked.sources.text(file));
    let lines = texts.flat_map(str::lines).filter_map(|line| line.strip_prefix("let ")?.split_once('='));
    lines.map(|(name, value)| (name.trim(), value.trim())).collect()
}

/// A value with others in place of their names.
fn behind(value: &str, lets: &BTreeMap<&str, &str>) -> String {
    if lets.is_empty() {
        return value.to_owned();
    }
    let is_of_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
    let mut written = String::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let is_name = is_of_name(first);
        let end = rest.find(|sign| is_of_name(sign) != is_name).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        written.push_str(lets.get(part).copied().unwrap_or(part));
        rest = after;
    }
    written
}

/// The value of a setting, or of the declaration of a field with its default.
fn value(text: &str) -> String {
    let Some((name, value)) = text.split_once('=') else { return String::new() };
    let value = value.trim();
    let is_declaration = name.contains(": ");
    let value = if is_declaration { value.split(" where ").next().unwrap_or_default() } else { value };
    value.to_owned()
}

/// Without quotes and brackets.
pub(super) fn plain(value: &str) -> String {
    let mut written = String::new();
    let mut signs = value.chars();
    let mut is_quoted = false;
    while let Some(sign) = signs.next() {
        match sign {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => written.extend(signs.next().map(|sign| match sign {
                'n' => '\n',
                't' => '\t',
                sign => sign,
            })),
            '[' | ']' if !is_quoted => {}
            sign => written.push(sign),
        }
    }
    written
}

/// The items of a list as it is written.
pub(super) fn items(list: &str) -> Vec<String> {
    let inner = list.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(list);
    let (mut items, mut item, mut depth, mut is_quoted) = (Vec::new(), String::new(), 0_usize, false);
    let mut signs = inner.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if is_quoted => {
                item.push(sign);
                item.extend(signs.next());
                continue;
            }
            '"' => is_quoted = !is_quoted,
            '[' | '{' if !is_quoted => depth += 1,
            ']' | '}' if !is_quoted => depth = depth.saturating_sub(1),
            ',' | '\n' if !is_quoted && depth == 0 => {
                items.push(std::mem::take(&mut item));
                continue;
            }
            _ => {}
        }
        item.push(sign);
    }
    items.push(item);
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}
