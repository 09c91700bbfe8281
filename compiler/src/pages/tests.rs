//! Properties of all pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use asiaq_lang::{Diagnostic, Fix, apply_fixes, format};

use crate::errors::codes;

use super::example::{Example, Outcome};
use super::{Page, page, pages};

/// Runs `find` on every page and fails with everything it found.
fn nothing_wrong(find: impl Fn(Page) -> Vec<String>) {
    let mut wrong = String::new();
    for page in pages() {
        for found in find(page) {
            let _ = writeln!(wrong, "docs/diagnostics/{}.md: {found}", page.code);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn said(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|found| format!("\n  {}: {}", found.code, found.message));
    lines.collect()
}

#[test]
fn every_code_has_a_page_and_every_page_has_its_code() {
    let codes: BTreeSet<String> = codes::all().map(|code| code.to_string()).collect();
    let pages: BTreeSet<String> = pages().map(|page| page.code.to_owned()).collect();
    let missing: Vec<_> = codes.difference(&pages).collect();
    let idle: Vec<_> = pages.difference(&codes).collect();
    assert!(missing.is_empty(), "docs/diagnostics lacks a page for {missing:?}");
    assert!(idle.is_empty(), "docs/diagnostics has pages for codes that are not declared: {idle:?}");
}

#[test]
fn examples_make_their_mistake_and_no_other() {
    nothing_wrong(|page| {
        let mut wrong = Vec::new();
        for example in Example::all(page.text) {
            let found = example.check().1;
            let of_the_page = found.iter().filter(|diagnostic| diagnostic.code == page.code).count();
            match example.outcome {
                Outcome::Wrong if of_the_page == 0 || of_the_page < found.len() => {
                    wrong.push(format!("the example makes other mistakes:{}", said(&found)));
                }
                Outcome::Flood if of_the_page == 0 => {
                    wrong.push("the example does not make the mistake".to_owned());
                }
                Outcome::Fixed if !found.is_empty() => {
                    wrong.push(format!("the mended example is wrong:{}", said(&found)));
                }
                Outcome::Wrong | Outcome::Flood | Outcome::Fixed => {}
            }
        }
        wrong
    });
}

#[test]
fn pages_have_one_form() {
    nothing_wrong(|page| {
        let mut wrong = Vec::new();
        let mut say = |what: &str| wrong.push(what.to_owned());
        let text = page.text;
        let lines: Vec<&str> = text.lines().collect();
        if !text.starts_with(&format!("# {}\n\n", page.code)) {
            say("the first line is `# ` and the code");
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") || text.contains("\n\n\n") {
            say("paragraphs are one blank line apart, and the page ends with a line break");
        }
        if lines.iter().any(|line| line.ends_with(' ') || line.contains('\t')) {
            say("a line has a tab, or ends with a blank");
        }
        let prose = || text.split("```").step_by(2);
        if let Some(line) = prose().flat_map(str::lines).find(|line| line.chars().count() > 110) {
            say(&format!("a line is longer than 110 characters: {line}"));
        }
        let summary = page.summary();
        if summary.is_empty() || !summary.ends_with('.') || summary.chars().count() > 120 {
            say(&format!("the first sentence ends with a full stop within 120 characters: {summary}"));
        }
        if prose().flat_map(str::lines).skip(1).any(|line| line.starts_with('#')) {
            say("there is one headline");
        }
        let outcomes: Vec<Outcome> = Example::all(text).iter().map(|example| example.outcome).collect();
        if outcomes.first() == Some(&Outcome::Fixed) || !outcomes.contains(&Outcome::Fixed) {
            say("first an `asq` block that makes the mistake, then an `asq fixed` block");
        }
        let fences: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("```")).collect();
        for pair in fences.chunks(2) {
            let is_known = pair[0].split(' ').next().is_some_and(|kind| ["asq", "facts"].contains(&kind));
            if !is_known || pair.get(1) != Some(&"") {
                say(&format!("a fence is not one of `asq` and `facts`: {pair:?}"));
            }
        }
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        for (target, _) in targets.filter(|(target, _)| !target.contains("://")) {
            let linked = target.strip_suffix(".md").and_then(self::page);
            if linked.is_none_or(|linked| linked.code == page.code) {
                say(&format!("there is no other page `{target}`"));
            }
        }
        wrong
    });
}

#[test]
fn mended_examples_are_laid_out_as_fmt_does_it() {
    nothing_wrong(|page| {
        let fixed = Example::all(page.text).into_iter().filter(|example| example.outcome == Outcome::Fixed);
        let other = fixed.filter(|example| format(&example.program) != example.program);
        other.map(|example| format!("`asiaq fmt` writes\n{}", format(&example.program))).collect()
    });
}

#[test]
fn fixes_mend_what_they_are_of() {
    nothing_wrong(|page| {
        let wrong = Example::all(page.text).into_iter().filter(|example| example.outcome == Outcome::Wrong);
        let still_wrong = |example: Example| {
            let (sources, found) = example.check();
            let fixes = found.iter().filter_map(|diagnostic| Some((diagnostic, diagnostic.fix.as_ref()?)));
            let mended = |(diagnostic, fix): (&Diagnostic, &Fix)| {
                let mended = apply_fixes(&sources, [fix]);
                let text = mended.texts.get(&diagnostic.primary.file);
                let mut other = example.clone();
                other.program = text.cloned().unwrap_or_else(|| example.program.clone());
                let count = |all: &[Diagnostic]| all.iter().filter(|of| of.code == diagnostic.code).count();
                (count(&other.check().1) >= count(&found))
                    .then(|| format!("the fix mends nothing: {}", fix.title))
            };
            fixes.filter_map(mended).collect::<Vec<_>>()
        };
        wrong.flat_map(still_wrong).collect()
    });
}

#[test]
fn facts_are_facts() {
    nothing_wrong(|page| {
        let blocks = page.text.split("```facts\n").skip(1).filter_map(|rest| rest.split_once("```"));
        let errors = blocks.filter_map(|(block, _)| serde_json::from_str::<asiaq_ir::Facts>(block).err());
        errors.map(|error| error.to_string()).collect()
    });
}

#[test]
fn a_code_is_found_by_its_name() {
    let found = page("host-bits-set").unwrap();
    assert!(found.summary().starts_with("A block is written with an address"), "{}", found.summary());
    assert_eq!(found.severity(), asiaq_lang::Severity::Error);
    assert_eq!(page("vpn-route-over-vpc").unwrap().severity(), asiaq_lang::Severity::Warning);
    assert_eq!(page("no-such-code"), None);
}
