//! Tests of the features for a whole file: outline, folds, token colours, hints, lenses.

use std::fmt::Write as _;

use super::{SHOP, open, places};
use crate::ide::{OutlineSymbol, TokenKind};

fn outline(symbols: &[OutlineSymbol], depth: usize, text: &mut String) {
    for symbol in symbols {
        let detail = symbol.detail.as_deref().unwrap_or("");
        writeln!(text, "{}{} {:?} {detail}", "  ".repeat(depth), symbol.name, symbol.kind).unwrap();
        outline(&symbol.children, depth + 1, text);
    }
}

#[test]
fn the_outline_is_what_a_file_declares() {
    let (analysis, _) = open(SHOP);
    let mut text = String::new();
    outline(&analysis.symbols(analysis.file("infra.asq").unwrap()), 0, &mut text);
    insta::assert_snapshot!(text);
}

#[test]
fn symbols_are_found_by_a_few_letters() {
    let (analysis, _) = open(SHOP);
    let found = |query: &str| {
        let found = analysis.find_symbols(query);
        found.into_iter().map(|symbol| symbol.name).collect::<Vec<_>>()
    };
    assert_eq!(found("web"), ["web", "web", "web"]);
    assert_eq!(found("sbx"), ["sandbox"]);
    assert_eq!(found("SE"), ["service", "base"]);
    assert_eq!(found("zzz"), Vec::<String>::new());
    assert!(found("").contains(&"shop".to_owned()));
}

#[test]
fn bodies_lists_comments_and_uses_fold() {
    let text = "use std/classic\nuse a\n\n// one\n// two\n\n/// three\n/// four\nenv a {\n  dhcp {\n    dns = [\n      amazon\n    ]\n  }\n}\nenv b { zones = 1 }\n//- a.asq\n";
    let (analysis, _) = open(text);
    let file = analysis.file("infra.asq").unwrap();
    let mut shown = String::new();
    for fold in analysis.folds(file) {
        writeln!(shown, "{:?} {:?}", fold.kind, analysis.sources().slice(fold.span)).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn every_word_has_its_colour() {
    let (analysis, _) = open(SHOP);
    let file = analysis.file("infra.asq").unwrap();
    let mut shown = String::new();
    let mut end = 0;
    for token in analysis.tokens(file) {
        assert!(end <= token.span.start, "{token:?}");
        end = token.span.end;
        if token.kind == TokenKind::Operator {
            continue;
        }
        let mut more = String::new();
        if token.modifiers.declaration {
            more.push_str(" declaration");
        }
        if token.modifiers.library {
            more.push_str(" library");
        }
        if token.modifiers.defaulted {
            more.push_str(" defaulted");
        }
        writeln!(shown, "{} {:?}{more}", analysis.sources().slice(token.span), token.kind).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn a_field_that_says_the_default_is_marked() {
    let (analysis, _) =
        open("project p { region = us-west-2 }\nenv a { cidr = 10.0.0.0/20, zones = 3, protect = true }\n");
    let file = analysis.file("infra.asq").unwrap();
    let marked: Vec<&str> = analysis
        .tokens(file)
        .into_iter()
        .filter(|token| token.modifiers.defaulted)
        .map(|token| analysis.sources().slice(token.span))
        .collect();
    assert_eq!(marked, ["zones"]);
}

#[test]
fn hints_say_what_stands_nowhere() {
    let (analysis, _) = open(SHOP);
    let file = analysis.file("infra.asq").unwrap();
    let text = analysis.sources().text(file);
    let mut shown = String::new();
    for hint in analysis.hints(asiaq_lang::Span::new(file, 0, text.len())) {
        let line = analysis.sources().position(file, hint.at as usize).line;
        let before = text.get(..hint.at as usize).unwrap().rsplit('\n').next().unwrap();
        writeln!(shown, "{line}: {before} «{}»", hint.label).unwrap();
        if let Some(tooltip) = hint.tooltip {
            writeln!(shown, "{tooltip}").unwrap();
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn lenses_say_who_uses_and_overrides() {
    let (analysis, _) = open(SHOP);
    let file = analysis.file("infra.asq").unwrap();
    let mut shown = String::new();
    for lens in analysis.lenses(file) {
        write!(
            shown,
            "{}  {}\n{}",
            lens.title,
            places(&analysis, &[lens.span]),
            places(&analysis, &lens.targets)
        )
        .unwrap();
    }
    insta::assert_snapshot!(shown);
}
