//! What a help says to write is tried: at the mistake, and as a field or an attribute of the declarations. Somewhere it has
//! to mend the mistake and make no other.

use std::fmt::Write as _;

use asiaq_compiler::Checked;
use asiaq_lang::Diagnostic;

use crate::programs::{Program, flaw, programs};

/// Texts that are not the whole of what to write, or one of several that depend on what is meant: the code, and the text.
const PARTS: &[(&str, &str)] = &[
    ("ambiguous-alarm-name", "-"),
    ("expected-claim", "internet cannot reach intranet"),
    ("expected-comparison", ">"),
    ("expected-move", "moved hostclass app -> api"),
    ("not-an-image", "ami-"),
    // Parts of a JSON document that stands in a string, where each quote has a backslash.
    ("policy-operator", "\"StringEquals\""),
    ("policy-version", "\"2012-10-17\""),
    ("scaling-form", "add"),
    ("scaling-form", "from"),
    ("scaling-form", "track"),
    ("unexpected-text", "auto /24"),
    ("unknown-reference", "track"),
];

/// What a help says to write: the text in the backticks after the word. What has a placeholder is left out.
fn written(help: &str) -> Vec<&str> {
    let parts = help.split("write `").skip(1).filter_map(|rest| rest.split('`').next());
    let is_placeholder = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_whole = |text: &&str| {
        let words = || text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_open = text.contains('…') || text.ends_with("/N");
        !is_open && (text.contains('"') || !words().any(is_placeholder))
    };
    parts.filter(is_whole).collect()
}

/// The texts of a program in which `said` is written at the mistake: in its place, in that of its value or of its line, as
/// a field of a declaration, or as an attribute before one.
fn candidates(text: &str, found: &Diagnostic, said: &str) -> Vec<String> {
    let (start, end) = (found.primary.start as usize, found.primary.end as usize);
    let with = |from: usize, to: usize, new: &str| format!("{}{new}{}", &text[..from], &text[to..]);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let value_start = text[..start].rfind(['=', '[', ',', '{', '\n']).map_or(0, |at| at + 1);
    let value_end = text[end..].find(['\n', ',', ']', '}']).map_or(text.len(), |at| end + at);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let word_start = text[..start].trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let mut texts = vec![
        with(start, end, said),
        with(start, value_end, said),
        with(value_start, end, &format!(" {said}")),
        with(value_start, value_end, &format!(" {said}")),
        with(word_start, start, &format!("{said} ")),
        with(line_start, line_end, said),
    ];
    if let Some(at) = text[start..end].find(['=', ':']) {
        texts.push(with(start + at + 1, end, &format!(" {said}")));
    }
    let inside = &text[start..end];
    let named = found.message.split('`').nth(1).filter(|name| inside.contains(name));
    let verb = ["cannot reach", "can reach"].into_iter().find(|verb| inside.contains(verb));
    texts.extend(
        [named, verb].into_iter().flatten().map(|old| with(start, end, &inside.replacen(old, said, 1))),
    );
    if said.starts_with("allow(") {
        let heads = text[..start].match_indices('\n').map(|(at, _)| at + 1).chain([0, line_start]);
        texts.extend(heads.map(|at| with(at, at, &format!("{said}\n"))));
        texts.push(with(start, start, &format!("{said} ")));
    }
    let field = said.split_once(" = ").map(|(name, _)| name.trim_end_matches(" +"));
    if let Some(field) =
        field.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
    {
        texts
            .extend(text.match_indices('{').map(|(open, _)| with(open + 1, open + 1, &format!(" {said}\n"))));
        texts.extend(text.match_indices(field).filter_map(|(from, _)| {
            let rest = text[from + field.len()..].trim_start().strip_prefix('=')?;
            let to = rest.find(['\n', ',', '}']).map_or(text.len(), |to| text.len() - rest.len() + to);
            Some(with(from, to, said))
        }));
    }
    texts
}

/// Why nothing that `said` could mean mends the mistake.
fn failure(program: &Program, before: &Checked, found: &Diagnostic, said: &str) -> Option<String> {
    let mut last = None;
    for text in candidates(&program.text, found, said) {
        let changed = Program { text, ..program.clone() };
        last = Some(flaw(before, &changed.checked(), found, Vec::new())?);
    }
    last
}

#[test]
fn what_a_help_says_to_write_mends_the_mistake() {
    let mut report = String::new();
    let mut tried = 0;
    for program in programs() {
        let checked = program.checked();
        for found in &checked.diagnostics {
            if found.fix.is_some() || checked.sources.path(found.primary.file) != "infra.asq" {
                continue;
            }
            for said in found.help.iter().flat_map(|help| written(help)) {
                if PARTS.iter().any(|(code, part)| found.code.as_str() == *code && said == *part) {
                    continue;
                }
                tried += 1;
                if let Some(why) = failure(&program, &checked, found, said) {
                    let line = checked.sources.start(found.primary).line;
                    let _ = writeln!(
                        report,
                        "{} line {line}: {}: {}\n  `{said}` {why}",
                        program.origin, found.code, found.message
                    );
                }
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(tried > 50, "{tried}");
}
