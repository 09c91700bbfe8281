//! The dialect of Python 2's `ConfigParser`, with the place of each part.
//!
//! A line that the parser refuses is a finding, and the lines after it are read all the same.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, FileId, Span};

use crate::codes;

/// A file: its sections in order of their first line.
#[derive(Debug, Default)]
pub(crate) struct Ini {
    pub(crate) sections: Vec<Section>,
    /// Comments after the last option.
    pub(crate) rest: Vec<String>,
}

/// A section with its options in order, those of `[DEFAULT]` last.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) comments: Vec<String>,
    pub(crate) options: Vec<Setting>,
}

/// An option of a section.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// In lower case, with `@…`.
    pub(crate) key: String,
    pub(crate) key_span: Span,
    /// The value as the original gets it: lines joined, comments cut off, `%(…)s` expanded.
    pub(crate) value: String,
    pub(crate) span: Span,
    pub(crate) comments: Vec<String>,
    /// Whether it stands in `[DEFAULT]`.
    pub(crate) is_default: bool,
}

impl Ini {
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl Section {
    pub(crate) fn get(&self, key: &str) -> Option<&Setting> {
        self.options.iter().find(|option| option.key == key)
    }
}

/// What is read so far.
struct Reader {
    file: FileId,
    sections: Vec<Section>,
    defaults: Vec<Setting>,
    comments: Vec<String>,
    findings: Vec<Diagnostic>,
    /// Where options go; nothing before the first section.
    place: Option<Place>,
    /// Whether an indented line continues the last option.
    goes_on: bool,
}

#[derive(Clone, Copy)]
enum Place {
    Defaults,
    Section(usize),
}

/// Reads a file. The findings are what the parser refuses or takes in a way that few expect.
pub(crate) fn read(file: FileId, text: &str) -> (Ini, Vec<Diagnostic>) {
    let mut reader = Reader {
        file,
        sections: Vec::new(),
        defaults: Vec::new(),
        comments: Vec::new(),
        findings: Vec::new(),
        place: None,
        goes_on: false,
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        reader.line(start, line.strip_suffix('\n').unwrap_or(line));
        start += line.len();
    }
    reader.finish()
}

/// What Python 2 counts as white space.
pub(crate) fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

impl Reader {
    fn line(&mut self, start: usize, line: &str) {
        let trimmed = trim(line);
        let first = line.chars().next();
        let is_rem = || {
            let word = line.split(is_space).next().unwrap_or_default();
            word.eq_ignore_ascii_case("rem")
        };
        if trimmed.is_empty() {
            if !self.comments.is_empty() {
                self.comments.push(String::new());
            }
        } else if first.is_some_and(|first| first == '#' || first == ';') || is_rem() {
            let text = match trimmed.strip_prefix(['#', ';']) {
                Some(text) => text.trim_start_matches(['#', ';']),
                None => trimmed.get(3..).unwrap_or_default(),
            };
            self.comments.push(trim(text).to_owned());
        } else if first.is_some_and(is_space) && self.goes_on {
            self.go_on(start + (line.len() - line.trim_start_matches(is_space).len()), trimmed);
        } else if let Some((name, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']'))
            && !name.is_empty()
        {
            self.section(Span::new(self.file, start, start + name.len() + 2), name);
        } else {
            self.option(start, line);
        }
    }

    fn section(&mut self, span: Span, name: &str) {
        self.goes_on = false;
        let comments = self.taken_comments();
        if name == "DEFAULT" {
            self.place = Some(Place::Defaults);
            return;
        }
        if let Some(at) = self.sections.iter().position(|section| section.name == name) {
            self.place = Some(Place::Section(at));
            if let Some(first) = self.sections.get(at).map(|section| section.span) {
                let message = format!("the section `[{name}]` is there twice; both count as one");
                let found = Diagnostic::new(codes::REPEATED_SECTION, span, message);
                self.findings.push(found.related(first, "the first"));
            }
            return;
        }
        self.place = Some(Place::Section(self.sections.len()));
        self.sections.push(Section { name: name.to_owned(), span, comments, options: Vec::new() });
    }

    fn option(&mut self, start: usize, line: &str) {
        let whole = Span::new(self.file, start, start + line.trim_end_matches(is_space).len());
        let Some(place) = self.place else {
            self.refuse(whole, "a line before the first section");
            return;
        };
        let separator = line.find(['=', ':']);
        let is_indented = line.starts_with(is_space);
        let Some((key, value)) =
            separator.filter(|at| *at > 0 && !is_indented).and_then(|at| line.split_at_checked(at))
        else {
            let what =
                if is_indented { "an indented line that continues nothing" } else { "a line without `=`" };
            self.refuse(whole, what);
            return;
        };
        let at = start + key.len() + 1;
        let value = value.get(1..).unwrap_or_default();
        let key = key.trim_end_matches(is_space);
        let key_span = Span::new(self.file, start, start + key.len());
        let (value, span) = self.first_line(at, value);
        let comments = self.taken_comments();
        let is_default = matches!(place, Place::Defaults);
        let setting = Setting { key: key.to_ascii_lowercase(), key_span, value, span, comments, is_default };
        self.goes_on = true;
        self.add(place, setting);
    }

    fn add(&mut self, place: Place, setting: Setting) {
        let options = match place {
            Place::Defaults => &mut self.defaults,
            Place::Section(at) => match self.sections.get_mut(at) {
                Some(section) => &mut section.options,
                None => return,
            },
        };
        if let Some(at) = options.iter().position(|option| option.key == setting.key) {
            let before = options.remove(at);
            let message = format!("`{}` is set twice; only the last value counts", setting.key);
            let found = Diagnostic::new(codes::REPEATED_OPTION, setting.key_span, message);
            self.findings.push(found.related(before.key_span, "this value has no effect"));
        }
        options.push(setting);
    }

    /// The value on the line of the key, without white space around it and its comment.
    fn first_line(&mut self, at: usize, value: &str) -> (String, Span) {
        let skipped = value.len() - value.trim_start_matches(is_space).len();
        let (at, mut value) = (at + skipped, value.trim_start_matches(is_space));
        if let Some((before, _)) = value.split_once(';') {
            // Python looks at the sign before the first `;`; before the very first one that is the last one of all.
            let sign = before.chars().next_back().or_else(|| value.chars().next_back());
            if sign.is_some_and(is_space) {
                value = before;
            }
        }
        let value = value.trim_end_matches(is_space);
        let span = Span::new(self.file, at, at + value.len());
        if value.contains(" #") || value.contains("\t#") {
            let message = "`#` begins no comment here: it is part of the value";
            let found = Diagnostic::new(codes::HASH_IN_VALUE, span, message);
            self.findings.push(found.help("only ` ;` begins a comment after a value"));
        }
        (if value == "\"\"" { String::new() } else { value.to_owned() }, span)
    }

    fn go_on(&mut self, at: usize, value: &str) {
        let span = Span::new(self.file, at, at + value.len());
        let options = match self.place {
            Some(Place::Defaults) => &mut self.defaults,
            Some(Place::Section(at)) => match self.sections.get_mut(at) {
                Some(section) => &mut section.options,
                None => return,
            },
            None => return,
        };
        let Some(option) = options.last_mut() else { return };
        if value.starts_with(['#', ';']) {
            let message = format!("an indented comment is part of the value of `{}`", option.key);
            let found = Diagnostic::new(codes::INDENTED_COMMENT, span, message);
            self.findings.push(found.related(option.key_span, "its value goes on"));
        }
        option.value.push('\n');
        option.value.push_str(value);
        option.span = option.span.to(span);
    }

    fn refuse(&mut self, span: Span, what: &str) {
        let message = format!("{what}: the original refuses the whole file");
        self.findings.push(Diagnostic::new(codes::BROKEN_LINE, span, message));
    }

    fn taken_comments(&mut self) -> Vec<String> {
        let mut comments = std::mem::take(&mut self.comments);
        while comments.last().is_some_and(String::is_empty) {
            comments.pop();
        }
        comments
    }

    fn finish(mut self) -> (Ini, Vec<Diagnostic>) {
        let rest = self.taken_comments();
        let defaults = self.defaults;
        let mut findings = self.findings;
        for option in &mut self.sections {
            let missing = |default: &&Setting| option.get(&default.key).is_none();
            let inherited: Vec<Setting> = defaults
                .iter()
                .filter(missing)
                .cloned()
                .map(|default| Setting { is_default: true, ..default })
                .collect();
            option.options.extend(inherited);
            findings.extend(interpolate(option));
        }
        (Ini { sections: self.sections, rest }, findings)
    }
}

/// Expands `%(name)s` in the values of a section.
fn interpolate(section: &mut Section) -> Vec<Diagnostic> {
    let mut values: BTreeMap<String, String> =
        section.options.iter().map(|option| (option.key.clone(), option.value.clone())).collect();
    values.insert("__name__".to_owned(), section.name.clone());
    let mut findings = Vec::new();
    for option in &mut section.options {
        match expanded(&option.value, &values) {
            Ok(value) => option.value = value,
            Err(why) => {
                let message = format!("the value of `{}` cannot be read: {why}", option.key);
                findings.push(
                    Diagnostic::new(codes::BAD_INTERPOLATION, option.span, message).help(
                        "`%(name)s` stands for another option of the section; beside it, `%%` means `%`",
                    ),
                );
            }
        }
    }
    findings
}

/// Rounds of expansion that Python makes.
const ROUNDS: usize = 10;

/// Bytes of the largest value: each round may multiply the length.
const LONGEST: usize = 1 << 16;

fn expanded(value: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut value = value.to_owned();
    for _ in 0..ROUNDS {
        if !value.contains("%(") {
            return Ok(value);
        }
        value = round(&value, values)?;
        if value.len() > LONGEST {
            return Err("it is too long".to_owned());
        }
    }
    if value.contains("%(") { Err("`%(…)s` leads back to itself".to_owned()) } else { Ok(value) }
}

/// One round of Python's `%` with a table of texts.
fn round(value: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut written = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        written.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            written.push('%');
            rest = after;
        } else if let Some((name, after)) = after.strip_prefix('(').and_then(|after| after.split_once(')'))
            && let Some(after) = after.strip_prefix('s')
        {
            let known = values.get(&name.to_ascii_lowercase());
            written.push_str(known.ok_or_else(|| format!("there is no option `{name}`"))?);
            rest = after;
        } else {
            return Err("a `%` beside `%(…)s` is not doubled".to_owned());
        }
    }
    written.push_str(rest);
    Ok(written)
}

#[cfg(test)]
mod tests;
