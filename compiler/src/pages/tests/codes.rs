//! The codes that the sources can say, read off the sources: what makes a diagnostic is given its code as a
//! string literal, by one of the ways below, or the test fails and says where.

#![allow(clippy::disallowed_methods, clippy::string_slice, reason = "the sources are read and taken apart")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every code in the sources of the language wing.
pub(super) fn of_the_sources() -> BTreeSet<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["../lang/src", "src"] {
        sources(&here.join(folder), &mut files);
    }
    let mut codes = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        codes.extend(of_a_file(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display())));
    }
    codes
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

/// The codes in one file: literals in `Diagnostic::error("…"` and `Diagnostic::warning("…"`, in constants
/// that stand there in place of a literal, in calls of functions of the same file that take `code: &str`
/// first and pass it on, and first in the tuples that a `let (code, …) = …` chooses from, there or in the function it calls.
fn of_a_file(text: &str) -> Result<BTreeSet<String>, String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code_lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text: String = code_lines.flat_map(|line| [line, "\n"]).collect();
    let mut codes = BTreeSet::new();
    let helpers: Vec<&str> = text
        .split("fn ")
        .skip(1)
        .filter(|function| function.contains("Diagnostic::"))
        .filter_map(|function| function.split_once('('))
        .filter(|(_, parameters)| parameters.trim_start().starts_with("code: &str"))
        .map(|(name, _)| name.split('<').next().unwrap_or(name))
        .collect();
    for function in text.split("fn ") {
        for (at, _) in function.match_indices("Diagnostic::") {
            let call = &function[at + "Diagnostic::".len()..];
            let Some(rest) = ["error(", "warning("].iter().find_map(|name| call.strip_prefix(name)) else {
                continue;
            };
            let argument = rest.trim_start();
            if let Some(code) = literal(argument) {
                codes.insert(code.to_owned());
                continue;
            }
            let word = argument.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            let constant = text.split(&format!("const {word}: &str =")).nth(1);
            let constant = constant.and_then(|rest| literal(rest.trim_start()));
            let name = function.split(['(', '<']).next().unwrap_or_default();
            let chosen = if word == "code" { chosen(&text, function) } else { Vec::new() };
            match constant {
                Some(code) => drop(codes.insert(code.to_owned())),
                None if word == "code" && helpers.contains(&name) => {}
                None if !chosen.is_empty() => codes.extend(chosen.into_iter().map(str::to_owned)),
                None => return Err(format!("`fn {name}` makes a diagnostic whose code is no literal")),
            }
        }
    }
    for helper in helpers {
        for (at, _) in text.match_indices(&format!("{helper}(")) {
            let before = text[..at].chars().next_back();
            let is_other = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let argument = text[at + helper.len() + 1..].trim_start();
            match literal(argument) {
                _ if is_other || argument.starts_with("code: &str") => {}
                Some(code) => drop(codes.insert(code.to_owned())),
                None => return Err(format!("a call of `{helper}` gives it a code that is no literal")),
            }
        }
    }
    Ok(codes)
}

/// The literals first in the tuples that `let (code, …) = match …` of `function` chooses from, or the function
/// that it calls in place of the `match`.
fn chosen<'t>(text: &'t str, function: &'t str) -> Vec<&'t str> {
    let Some((_, choice)) = function.split_once("let (code,").and_then(|(_, rest)| rest.split_once("= "))
    else {
        return Vec::new();
    };
    let called = choice.split('(').next().unwrap_or_default();
    let tuples = text.split("fn ").find(|other| other.starts_with(&format!("{called}("))).unwrap_or(function);
    tuples.split("=> (").skip(1).filter_map(|rest| literal(rest.trim_start())).collect()
}

/// The string that `text` begins with, if it has the form of a code.
fn literal(text: &str) -> Option<&str> {
    let (code, _) = text.strip_prefix('"')?.split_once('"')?;
    let is_code =
        !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    is_code.then_some(code)
}

#[test]
fn codes_are_found_in_every_form() {
    let found = |text: &str| of_a_file(text).map(|codes| codes.into_iter().collect::<Vec<_>>().join(" "));
    assert_eq!(found("fn a() { Diagnostic::error(\n \"one-two\", at, \"x\") }"), Ok("one-two".to_owned()));
    assert_eq!(
        found("fn a(code: &str, x: u8) { Diagnostic::error(code, at) }\nfn b() { a(\"three\", 1) }"),
        Ok("three".to_owned())
    );
    assert_eq!(
        found("const C: &str = \"four\";\nfn c() { Diagnostic::warning(C, at) }"),
        Ok("four".to_owned())
    );
    assert_eq!(
        found(
            "fn d() { let (code, w) = match x { A => (\"five\", 1), _ => (\"six\", 2) }; Diagnostic::error(code, w) }"
        ),
        Ok("five six".to_owned())
    );
    assert_eq!(
        found(
            "fn e() { let (code, w) = f(x); Diagnostic::error(code, w) }\nfn f(x: u8) { match x { A => (\n\"seven\", 1) } }"
        ),
        Ok("seven".to_owned())
    );
    assert!(found("fn e(x: &str) { Diagnostic::error(x, at) }").is_err());
}
