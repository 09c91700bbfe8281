use asiaq_lang::FileId;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;
use crate::oracle;

fn of(text: &str) -> (Ini, Vec<&'static str>) {
    let (ini, findings) = read(FileId(0), text);
    (ini, findings.iter().map(|found| found.code.as_str()).collect())
}

fn value(text: &str) -> String {
    let (ini, _) = of(&format!("[s]\n{text}"));
    ini.section("s").unwrap().get("k").unwrap().value.clone()
}

#[test]
fn values_are_read_as_python_2_does() {
    for (text, expected) in [
        ("k = v\n", "v"),
        ("k: v\n", "v"),
        ("K = v = w\n", "v = w"),
        ("k=v ; comment\n", "v"),
        ("k=v;no comment\n", "v;no comment"),
        // Only the first `;` counts.
        ("k=a;b ; c\n", "a;b ; c"),
        ("k=v # no comment\n", "v # no comment"),
        // The sign before the first one is the last one of the line.
        ("k = ;v\n", ";v"),
        ("k = ;v \n", ""),
        ("k = ;v\r\n", ""),
        ("k = \"\"\n", ""),
        ("k = ''\n", "''"),
        ("k =\n  a\n\n\tb ; c\n", "\na\nb ; c"),
        ("k = a\n# comment\n b\n", "a\nb"),
        ("k = a\n # part\n", "a\n# part"),
        ("k = a\nrem comment\nREM\n b\n", "a\nb"),
        ("k = a\nK = b\n", "b"),
        ("k = 100%\n", "100%"),
        ("k = %(x)s%%\nx = 5\n", "5%"),
        ("k = %(X)s\nx = %(y)s\ny = 5\n", "5"),
        ("k = %(__name__)s\n", "s"),
    ] {
        assert_eq!(value(text), expected, "{text:?}");
    }
}

#[test]
fn what_the_parser_refuses_is_found_and_the_rest_is_read() {
    for (text, expected) in [
        ("k = v\n[s]\nk = w\n", "broken-line"),
        ("[s]\nword\nk = w\n", "broken-line"),
        ("[s]\n  x = 1\nk = w\n", "broken-line"),
        ("[s]\n= 1\nk = w\n", "broken-line"),
        ("[s]\nx = %(k)d\nk = w\n", "bad-interpolation"),
        ("[s]\nx = %(x)s\nk = w\n", "bad-interpolation"),
        ("[s]\nx = 1\n[s]\nk = w\n", "repeated-section"),
    ] {
        let (ini, findings) = of(text);
        assert_eq!(findings, [expected], "{text:?}");
        assert_eq!(ini.section("s").unwrap().get("k").unwrap().value, "w", "{text:?}");
    }
}

#[test]
fn defaults_are_in_every_section() {
    let (ini, _) = of("[DEFAULT]\nk = d\nx = %(y)s\n[a]\ny = 1\n[b]\nk = 2\ny = 3\n[default]\nz = 1\n");
    let get = |section: &str, key: &str| ini.section(section).unwrap().get(key).unwrap().value.clone();
    assert_eq!([get("a", "k"), get("a", "x"), get("b", "k"), get("b", "x")], ["d", "1", "2", "3"]);
    assert_eq!(ini.sections.len(), 3);
}

#[test]
fn what_expands_without_end_ends() {
    let lines: Vec<String> =
        (1..12).map(|at| format!("k{at} = {}\n", format!("%(k{})s", at - 1).repeat(100))).collect();
    let text = format!("[s]\nk0 = xxxxxxxxxx\n{}", lines.concat());
    assert!(of(&text).1.contains(&"bad-interpolation"));
}

/// Files that Python 3's parser reads as Python 2's does: no `;` in values, no indented comments and options, no `rem`.
fn common() -> impl Strategy<Value = String> {
    let word = "[a-dA-D0-9,/@.]{1,4}( [a-d=:]{1,3})?";
    let line = prop_oneof![
        3 => (r"[a-cA-C]{1,2}(@ci)?", prop_oneof![" ?= ?", ": ?"], word).prop_map(|(key, sign, value)| key + &sign + &value + "\n"),
        1 => r"\[[a-cD: ]{1,3}\]\n",
        1 => "[a-d0-9,/@.]{1,4}".prop_map(|value| format!("   {value}\n")),
        1 => Just("\n".to_owned()),
        1 => Just("# comment = 1\n".to_owned()),
        1 => Just("; comment\n".to_owned()),
    ];
    proptest::collection::vec(line, 0..14).prop_map(|lines| format!("[s]\nk = v\n{}", lines.concat()))
}

const PYTHON: &str = "
import configparser, json, sys
def read(text):
    parser = configparser.RawConfigParser(strict=False, default_section='DEFAULT', inline_comment_prefixes=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    tidy = lambda value: [line.strip() for line in value.split('\\n') if line.strip()]
    return [[name, [[key, tidy(value)] for key, value in parser.items(name)]] for name in parser.sections()]
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
";

#[test]
fn random_files_are_read_as_by_python() {
    let mut runner = TestRunner::deterministic();
    let texts: Vec<String> = (0..600).map(|_| common().new_tree(&mut runner).unwrap().current()).collect();
    let Some(expected) = oracle::ask(PYTHON, &texts) else { return };
    let mut sound = 0;
    for (text, expected) in texts.iter().zip(expected.as_array().unwrap()) {
        let (ini, findings) = of(text);
        assert_eq!(expected.is_null(), findings.contains(&"broken-line"), "{text}\n{findings:?}");
        if expected.is_null() {
            continue;
        }
        sound += 1;
        let tidy = |value: &str| {
            value.split('\n').map(trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        for section in expected.as_array().unwrap() {
            let ours = ini.section(section[0].as_str().unwrap()).unwrap();
            let options = section[1].as_array().unwrap();
            assert_eq!(ours.options.len(), options.len(), "{text}");
            for option in options {
                let key = option[0].as_str().unwrap();
                let lines: Vec<String> = tidy(&ours.get(key).unwrap().value);
                assert_eq!(serde_json::to_value(lines).unwrap(), option[1], "{text}\n{key}");
            }
        }
    }
    assert!(sound > 100, "{sound}");
}

proptest! {
    #[test]
    fn any_text_is_read(text in r"([a-c\[\]=:;#%()s \t\n\r]|\PC){0,80}") {
        let (ini, findings) = read(FileId(0), &text);
        let spans = ini.sections.iter().flat_map(|section| &section.options).flat_map(|option| [option.key_span, option.span]);
        for span in spans.chain(findings.iter().map(|found| found.primary)) {
            prop_assert!(text.get(span.range()).is_some(), "{span:?}");
        }
    }
}
