//! Reads from the text of a Rust file which paths it names, without what only its tests need.

use std::collections::BTreeSet;

/// What a file imports, names and defines.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) imports: Vec<Import>,
    /// Paths of two segments and more outside of `use`, as in `super::svg::LEGEND`.
    pub(super) paths: Vec<Vec<String>>,
    /// Modules it declares in other files, without those of its tests.
    pub(super) children: BTreeSet<String>,
}

/// One leaf of a `use`.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// The name in this file; nothing for `*`.
    pub(super) name: Option<String>,
    /// Whether others may import it from here.
    pub(super) is_public: bool,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let tokens = without_tests(&tokens(text));
        let mut source = Self::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1).map_or("", String::as_str);
            match token.as_str() {
                "use" if next != "<" => {
                    let end = at + tokens[at..].iter().position(|token| token == ";").unwrap();
                    let before =
                        tokens[..at].iter().rev().take_while(|token| !matches!(token.as_str(), ";" | "}"));
                    let is_public = before.into_iter().any(|token| token == "pub");
                    source.import(&tokens[at + 1..end], &[], is_public);
                    at = end;
                }
                "mod" if tokens.get(at + 2).is_some_and(|token| token == ";") => {
                    source.children.insert(next.to_owned());
                }
                _ if is_word(token) && next == "::" => {
                    let mut path = vec![token.clone()];
                    while tokens[at + 1] == "::" && tokens.get(at + 2).is_some_and(|next| is_word(next)) {
                        at += 2;
                        path.push(tokens[at].clone());
                    }
                    source.paths.push(path);
                }
                _ => {}
            }
            at += 1;
        }
        source
    }

    /// Adds the leaves of a tree of imports: `a::{b, c::d as e}` below `prefix`.
    fn import(&mut self, tree: &[String], prefix: &[String], is_public: bool) {
        let mut path = prefix.to_vec();
        let mut at = 0;
        while let Some(token) = tree.get(at) {
            match token.as_str() {
                "::" => {}
                "*" => {
                    self.imports.push(Import { path, name: None, is_public });
                    return;
                }
                "as" => {
                    self.imports.push(Import { path, name: Some(tree[at + 1].clone()), is_public });
                    return;
                }
                "{" => {
                    for branch in branches(&tree[at + 1..tree.len() - 1]) {
                        self.import(branch, &path, is_public);
                    }
                    return;
                }
                "self" if !path.is_empty() => {}
                word => path.push(word.to_owned()),
            }
            at += 1;
        }
        let name = path.last().cloned();
        self.imports.push(Import { path, name, is_public });
    }
}

/// The parts of a list that commas outside of braces separate.
fn branches(list: &[String]) -> Vec<&[String]> {
    let mut depth = 0_usize;
    let is_comma = |token: &String| {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth == 0 && token == ","
    };
    list.split(is_comma).filter(|branch| !branch.is_empty()).collect()
}

/// The tokens without the items behind `#[cfg(test)]`.
fn without_tests(tokens: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].iter().take(MARK.len()).map(String::as_str).eq(MARK) {
            at = end_of_item(tokens, at + MARK.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The index behind the item that begins at `at`: behind its `;`, or behind the braces of its body.
fn end_of_item(tokens: &[String], mut at: usize) -> usize {
    let mut depth = 0_usize;
    let is_import = tokens[at..].iter().take_while(|token| *token != ";").any(|token| token == "use");
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 && !is_import {
                    return at;
                }
            }
            ";" if depth == 0 => return at,
            _ => {}
        }
    }
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single signs, without comments, strings, characters and lifetimes.
fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let next = text.get(at + 1).copied().unwrap_or(' ');
        if c.is_alphanumeric() || c == '_' {
            let start = at;
            while text.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
                at += 1;
            }
            let word: String = text[start..at].iter().collect();
            match text.get(at) {
                Some('"' | '#') if matches!(word.as_str(), "r" | "br" | "cr") => at = after_raw(&text, at),
                Some('"') if matches!(word.as_str(), "b" | "c") => {}
                _ => tokens.push(word),
            }
        } else if c == '/' && next == '/' {
            at += text[at..].iter().take_while(|c| **c != '\n').count();
        } else if c == '/' && next == '*' {
            at += text[at..].windows(2).position(|pair| pair == ['*', '/']).unwrap() + 2;
        } else if c == '"' {
            at += 1;
            while text[at] != '"' {
                at += if text[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '\'' && next == '\\' {
            at += 3 + text[at + 3..].iter().take_while(|c| **c != '\'').count() + 1;
        } else if c == '\'' && text.get(at + 2) == Some(&'\'') {
            at += 3;
        } else if c == '\'' {
            at += 1 + text[at + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        } else if c == ':' && next == ':' {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            at += 1;
        }
    }
    tokens
}

/// The index behind a raw string whose `#`s or quote begin at `at`; `at` itself for a raw identifier.
fn after_raw(text: &[char], at: usize) -> usize {
    let hashes = text[at..].iter().take_while(|c| **c == '#').count();
    if text.get(at + hashes) != Some(&'"') {
        return at + hashes;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = at + hashes + 1;
    body + text[body..].windows(end.len()).position(|part| part == end).unwrap() + end.len()
}

#[test]
fn paths_are_read_without_strings_comments_and_tests() {
    let source = Source::read(
        r##"
        //! use crate::comment;
        pub(crate) use super::{self, a::{b, c as d}, e::*};
        mod own;
        #[cfg(test)]
        mod tests;
        #[cfg(test)]
        use crate::stub::{Stub};
        fn run<'a>(text: &'a str) -> impl Iterator<Item = char> + use<'a> {
            let quote = ['"', '\'', '\\'];
            let raw = r#"crate::raw::"x"#;
            crate::x::call(own::LIMIT, "crate::string")
        }
        #[cfg(test)]
        mod inline { use crate::inside; }
        struct Last;
        "##,
    );
    let imports: Vec<String> = source
        .imports
        .iter()
        .map(|import| format!("{} {}", import.path.join("::"), import.name.as_deref().unwrap_or("*")))
        .collect();
    assert_eq!(imports, ["super super", "super::a::b b", "super::a::c d", "super::e *"]);
    assert_eq!(source.paths, [vec!["crate", "x", "call"], vec!["own", "LIMIT"]]);
    assert!(source.imports.iter().all(|import| import.is_public));
    assert_eq!(source.children.into_iter().collect::<Vec<_>>(), ["own"]);
}
