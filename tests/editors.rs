//! The editors' word lists are the grammar's: a keyword that is added to the one is missed in the others.

use std::collections::BTreeSet;

fn read(path: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The keywords of the grammar: what its rules called `…_word` are made of, and the words of claims.
fn keywords() -> BTreeSet<String> {
    let grammar = read("grammar/asq.pest");
    let rules = grammar.lines().filter(|line| {
        let name = line.split_whitespace().next().unwrap_or_default();
        name.ends_with("_word") || name == "verb"
    });
    let quoted = rules.flat_map(|rule| rule.split('"').skip(1).step_by(2));
    // The sign of an override, which does not follow a keyword, is none.
    quoted.filter(|text| *text != "@").map(str::to_owned).collect()
}

/// The words of a text between `start` and `end`, cut at whatever belongs to no word.
fn words_between(text: &str, start: &str, end: &str) -> BTreeSet<String> {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("`{start}` is not there"));
    let (list, _) = rest.split_once(end).unwrap();
    let words = list.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_editor_knows_every_keyword() {
    let mut keywords = keywords();
    assert!(keywords.len() > 8, "{keywords:?}");
    // It stands before a declaration, and is no rule of its own.
    keywords.insert("replace".to_owned());
    let vim = read("grammar/editors/neovim/syntax/asq.vim");
    assert_eq!(words_between(&vim, "syntax keyword asqKeyword", "\n"), keywords);
    let emacs = read("grammar/editors/emacs/asq-mode.el");
    assert_eq!(words_between(&emacs, "defconst asq-keywords", "))"), keywords);
    let code = read("grammar/editors/vscode/syntaxes/asq.tmLanguage.json");
    let patterns = code.replace("\\\\s", " ").replace("\\\\w", " ");
    let known = words_between(&patterns, "\"patterns\"", "\"operators\": {");
    assert_eq!(keywords.difference(&known).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_editor_knows_every_protocol_and_constant() {
    let vim = read("grammar/editors/neovim/syntax/asq.vim");
    let emacs = read("grammar/editors/emacs/asq-mode.el");
    let code = read("grammar/editors/vscode/syntaxes/asq.tmLanguage.json");
    let protocols = words_between(&vim, "syntax keyword asqProtocol", "\n");
    assert_eq!(words_between(&emacs, "defconst asq-protocols", ")"), protocols);
    let listed =
        words_between(&code, "support.function.protocol.asq\", \"match\": \"(?<![\\\\w./-])", "(?![");
    assert_eq!(listed, protocols);
    let mut constants = words_between(&vim, "syntax keyword asqConstant", "\n");
    constants.extend(words_between(&vim, "syntax keyword asqBoolean", "\n"));
    assert_eq!(words_between(&emacs, "defconst asq-constants", "))"), constants);
}

#[test]
fn the_grammar_for_editors_is_json() {
    for file in ["syntaxes/asq.tmLanguage.json", "language-configuration.json", "package.json"] {
        let text = read(&format!("grammar/editors/vscode/{file}"));
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{file}");
    }
}
