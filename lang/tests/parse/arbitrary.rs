//! Any text at all: a tree and diagnostics come out, and every place they name is in the text.

use asiaq_lang::{FileId, ast, parse};
use proptest::prelude::*;

use crate::properties::parsed;

/// A file without mistakes that has something of everything.
pub(crate) const VALID: &str = r#"/// Two environments of one shape.
use std/classic

project shop {
  region       = eu-west-1, domain = "shop.example"
  domain@[live, preview] = "${env.name}.shop.example" // ü
}

let office: Cidr = 198.51.100.7/32

allow(unused-nat, repeated-rule)
envtype shape : classic {
  zones = 3
  allow(small) replace metanetwork front {
    cidr = auto /24 in 10.0.0.0/8
    ingress = [
      tcp [80, 443..445] from internet "why"
      udp ops from [bastion, 10.0.0.5]
    ]
    routes += [office via nat bastion], ip = bastion + 5
    elb { listeners = [https 443 -> http 80, tcp 22], sticky = cookie "x" }
  }
  size = [1 at "45 19 * * *", 3 at "33 19 * * *"]
  when = average > 99 or p99.9 <= -0.5 for 5 x 5m
  @live { chaos = 33.3%, elb { idle_timeout = 600s } }
  allow [s3:Get*, "s3:List*"] on [a, role b] from not account "1" when all of s3:a is not 1 if present "why"
  allow(small) deny not * on all when "a b:c" exists
    and a:b/c < 5
}

peering both = live/front <-> preview/front

expect live {
  internet cannot reach bastion
  front can reach back:5432
}

expect account {
  role web cannot [iam:*, s3:Get*] on [role web, "arn:aws:s3:::a/*"] when aws:SecureTransport is false
}

/// A kind.
kind database in env, envtype : active, named s3 dynamodb {
  /// Storage.
  storage: Size = 20GB where 20GB..64TB
  engine: [enum { postgres, mysql }]?
}
"#;

/// What a text may be made of.
pub(crate) const TOKENS: &[&str] = &[
    "env",
    "let",
    "use",
    "expect",
    "kind",
    "allow",
    "allow(",
    "deny",
    "s3:Get*",
    "not",
    "on",
    "when",
    "is",
    "and",
    "if present",
    "all of",
    "*",
    "(",
    ")",
    "replace",
    "a",
    "b.c",
    "from",
    "via",
    "in",
    "where",
    "auto",
    "tcp",
    "at",
    "or",
    "for",
    "x",
    "cookie",
    "https",
    ">",
    "<=",
    "<",
    "can",
    "cannot",
    "reach",
    "enum",
    "5",
    "1.2.3.4",
    "10.0.0.0/8",
    "5m",
    "\"x\"",
    "\"${a}\"",
    "\"",
    "'",
    "'q'",
    "{",
    "}",
    "[",
    "]",
    "{",
    "}",
    "[",
    "]",
    "=",
    "+=",
    "==",
    ":",
    "@",
    "?",
    "..",
    "<->",
    "->",
    "+",
    "-",
    "/",
    ",",
    ";",
    "#",
    "//",
    "/// d\n",
    "// c\n",
    "\n",
    "\n",
    "\r\n",
    " ",
    "  ",
    "\\",
    "$",
    "ü",
    "→",
    "\u{0}",
    "\u{feff}",
    "\u{c}",
];

/// The start of a place in `text` that is a character boundary, from any number.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    let at = at % (text.len() + 1);
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// What stands in `start..end`, which are character boundaries.
pub(crate) fn part(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

#[test]
fn a_valid_file_has_no_mistakes() {
    let parsed = parsed(VALID);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.tree.items.len(), 8);
}

#[test]
fn cutting_a_file_anywhere_damages_only_the_declaration_that_is_cut() {
    for (end, _) in VALID.char_indices() {
        let whole = part(VALID, 0, end).matches("\n\n").count();
        let parsed = parsed(part(VALID, 0, end));
        assert!(
            parsed.tree.items.len() >= whole,
            "{} items of {whole}, cut at {end}",
            parsed.tree.items.len()
        );
        let before = parsed
            .diagnostics
            .iter()
            .filter(|found| part(VALID, found.primary.end as usize, end).contains("\n\n"));
        assert_eq!(before.count(), 0, "cut at {end}");
    }
}

#[test]
fn leaving_out_any_character_damages_only_the_declaration_around_it() {
    for (at, character) in VALID.char_indices() {
        let mut text = VALID.to_owned();
        text.remove(at);
        let parsed = parsed(&text);
        let whole = unharmed(&parsed.tree.items);
        assert!(
            whole >= 5,
            "{whole} items stay without the {character:?} at {at}: {:#?}",
            parsed.diagnostics
        );
    }
}

/// The items that are as they were in the valid file, places aside.
fn unharmed(items: &[ast::Item]) -> usize {
    let valid = parse(FileId(7), VALID).tree.items;
    let plain = |item: &ast::Item| {
        let mut text = format!("{item:?}");
        while let Some((before, rest)) = text.split_once("Span {") {
            let (_, after) = rest.split_once('}').unwrap_or_default();
            text = format!("{before}(span){after}");
        }
        text
    };
    let valid: Vec<String> = valid.iter().map(plain).collect();
    items.iter().map(plain).filter(|item| valid.contains(item)).count()
}

#[test]
fn no_text_is_too_much() {
    const LONG: usize = 1 << 13;
    let units = [
        "[", "{", "]", "}", "\"${", "\"", "'", "(", "a{", "a=[", "[{", "}{", "/", "@", "@[", "\\", "?", "-",
        "1.", "x\n", "[\n", "}\n", "a=1 ", "\"a\"b", "a\n{\n",
    ];
    for unit in units {
        let text = unit.repeat(LONG / unit.len());
        parsed(&text);
        assert!(!parsed(&format!("env a {{ x = {text}")).diagnostics.is_empty(), "{unit:?}");
    }
    // As deep as the parser goes.
    for (open, close) in [("b { ", " }"), ("b { x = [{ y = [", "] }] }"), ("{ x = ", " }")] {
        let depth = 64 / open.matches(['{', '[']).count();
        let text = format!("env {}x = 1{}", open.repeat(depth), close.repeat(depth));
        assert!(!parsed(&text).diagnostics.iter().any(|found| found.code == "nested-too-deeply"), "{open:?}");
    }
    // Far deeper than any stack.
    for unit in ["[", "{", "\"${", "a{", "a=["] {
        assert_eq!(parse(FileId(7), &unit.repeat(1 << 20)).diagnostics.len(), 1, "{unit:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_characters(text in "\\PC{0,200}") {
        parsed(&text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        parsed(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..80), blank in any::<bool>()) {
        parsed(&tokens.join(if blank { " " } else { "" }));
    }

    #[test]
    fn any_lines(lines in proptest::collection::vec(
        (0_usize..5, proptest::collection::vec(proptest::sample::select(TOKENS), 0..6)), 0..30,
    )) {
        let lines: Vec<String> = lines.iter().map(|(indent, tokens)| "  ".repeat(*indent) + &tokens.join(" ")).collect();
        parsed(&lines.join("\n"));
    }

    #[test]
    fn a_valid_file_with_a_stretch_left_out(at in any::<usize>(), length in 0_usize..60) {
        let (start, end) = (boundary(VALID, at), boundary(VALID, at.saturating_add(length)));
        if start <= end {
            parsed(&[part(VALID, 0, start), part(VALID, end, VALID.len())].concat());
        }
    }

    #[test]
    fn a_valid_file_with_tokens_put_in(
        places in proptest::collection::vec((any::<usize>(), proptest::sample::select(TOKENS)), 1..4),
    ) {
        let mut text = VALID.to_owned();
        for (at, token) in places {
            text.insert_str(boundary(&text, at), token);
        }
        parsed(&text);
    }

    #[test]
    fn a_valid_file_with_a_stretch_twice(from in any::<usize>(), length in 0_usize..60, to in any::<usize>()) {
        let (start, end) = (boundary(VALID, from), boundary(VALID, from.saturating_add(length)));
        if start <= end {
            let mut text = VALID.to_owned();
            text.insert_str(boundary(VALID, to), part(VALID, start, end));
            parsed(&text);
        }
    }
}
