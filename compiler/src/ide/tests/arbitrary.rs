//! Any feature at any place of any text.

use asiaq_lang::Span;
use proptest::prelude::*;

use super::{Memory, SHOP, edited};
use crate::ide::{Analysis, Offset};
use crate::{Checked, Workspace, check};

fn load(text: &str) -> Workspace {
    let files = Memory([("infra.asq".to_owned(), text.to_owned())].into());
    Workspace::load(&["infra.asq".to_owned()], &files).unwrap()
}

/// Pieces that programs are made of, and a few that they are not.
const SCRAPS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "\"",
    "=",
    "+=",
    "@",
    ":",
    "$",
    "${",
    "//",
    "///",
    "auto",
    "from",
    "via",
    "nat",
    "env ",
    "metanetwork ",
    "web",
    "tcp",
    "é",
    "🦀",
    "10.0.0.0/8",
    "300s",
    "+ 5",
    "..",
    "<->",
    "/",
    "\\",
    "'",
    "use ",
    "let a = ",
    "expect ci { ",
    "expect live { role web cannot ",
    "\r",
    "\u{feff}",
    "x",
    " ",
];

/// A program with a few symbols cut out and put in.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(SCRAPS));
    prop::collection::vec(change, 0..6).prop_map(|changes| {
        let mut text: Vec<char> = SHOP.chars().collect();
        for (at, cut, scrap) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, scrap.chars());
        }
        text.into_iter().collect()
    })
}

fn assert_sound(analysis: &Analysis, span: Span) {
    let text = analysis.sources().text(span.file);
    assert!(text.get(span.range()).is_some(), "{span:?} of {} bytes", text.len());
}

fn assert_answers(analysis: &Analysis, at: Offset) {
    if let Some(hover) = analysis.hover(at) {
        assert_sound(analysis, hover.span);
        assert!(!hover.markdown.is_empty());
    }
    for offer in analysis.completions(at) {
        assert_sound(analysis, offer.replace);
        assert!(offer.replace.start <= at.at && at.at <= offer.replace.end, "{offer:?}");
    }
    for span in analysis.definition(at).into_iter().chain(analysis.references(at)) {
        assert_sound(analysis, span);
    }
    let renameable = analysis.renameable(at);
    if let Some(span) = renameable {
        assert_sound(analysis, span);
    }
    match analysis.rename(at, "other-name") {
        Ok(edits) => {
            assert!(renameable.is_some());
            for edit in &edits {
                assert_sound(analysis, edit.span);
            }
        }
        Err(why) => assert!(!why.is_empty()),
    }
}

fn assert_shows(analysis: &Analysis) {
    for file in analysis.sources().ids() {
        let mut end = 0;
        for token in analysis.tokens(file) {
            assert_sound(analysis, token.span);
            assert!(end <= token.span.start && token.span.start < token.span.end, "{token:?}");
            let text = analysis.sources().slice(token.span);
            assert!(!text.contains(['\n', '\r']), "{text:?}");
            end = token.span.end;
        }
        for fold in analysis.folds(file) {
            assert_sound(analysis, fold.span);
        }
        let text = analysis.sources().text(file);
        for hint in analysis.hints(Span::new(file, 0, text.len())) {
            assert!(text.is_char_boundary(hint.at as usize));
        }
        for lens in analysis.lenses(file) {
            assert_sound(analysis, lens.span);
            lens.targets.iter().for_each(|target| assert_sound(analysis, *target));
        }
        for symbol in analysis.symbols(file) {
            assert_sound(analysis, symbol.span);
            assert!(symbol.span.start <= symbol.selection.start && symbol.selection.end <= symbol.span.end);
        }
    }
    analysis.find_symbols("e");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_feature_answers_everywhere(text in mutated(), places in prop::collection::vec(0_u32..2000, 24)) {
        let analysis = Analysis::new(load(&text));
        let file = analysis.file("infra.asq").unwrap();
        for at in places {
            assert_answers(&analysis, Offset { file, at });
        }
        assert_shows(&analysis);
    }
}

#[test]
fn every_place_of_a_sound_program_answers() {
    let analysis = Analysis::new(load(SHOP));
    for file in analysis.sources().ids() {
        for at in 0..=analysis.sources().text(file).len() {
            assert_answers(&analysis, Offset { file, at: u32::try_from(at).unwrap() });
        }
    }
    assert_answers(&analysis, Offset { file: asiaq_lang::FileId(99), at: 7 });
}

#[test]
fn what_can_be_renamed_can_be_renamed_without_harm() {
    let analysis = Analysis::new(load(SHOP));
    let file = analysis.file("infra.asq").unwrap();
    let codes = |checked: &Checked| checked.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>();
    let before = codes(analysis.checked());
    assert!(!analysis.checked().has_errors());
    let mut renamed = 0;
    for at in 0..u32::try_from(SHOP.len()).unwrap() {
        let at = Offset { file, at };
        let Some(span) = analysis.renameable(at).filter(|span| span.start == at.at) else { continue };
        let edits = analysis.rename(at, "another").unwrap();
        let text = edited(&analysis, "infra.asq", &edits);
        let checked = check(load(&text));
        assert_eq!(codes(&checked), before, "{}\n{text}", analysis.sources().slice(span));
        renamed += 1;
    }
    assert!(renamed > 30, "{renamed}");
}

#[test]
fn a_project_loaded_anew_is_the_same_as_one_loaded_afresh() {
    let files = |text: &str| {
        let other = "envtype sandbox { zones = 1 }\n";
        Memory([("infra.asq".to_owned(), text.to_owned()), ("other.asq".to_owned(), other.to_owned())].into())
    };
    let entries = ["infra.asq".to_owned()];
    let first = "use other\nproject p { region = us-west-2 }\nenv ci : sandbox { cidr = 10.0.0.0/20 }\n";
    let before = Workspace::load(&entries, &files(first)).unwrap();
    for text in [
        first,
        "use other\nproject p {",
        "project p { region = us-west-1 }\n",
        "use std/classic\nuse other\n",
    ] {
        let again = Workspace::reload(&before, &entries, &files(text)).unwrap();
        let fresh = Workspace::load(&entries, &files(text)).unwrap();
        let shown = |workspace: &Workspace| format!("{:?}", workspace.files);
        assert_eq!(shown(&again), shown(&fresh));
        assert_eq!(check(again).diagnostics, check(fresh).diagnostics, "{text}");
    }
}
