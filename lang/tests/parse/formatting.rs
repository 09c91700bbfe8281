//! The formatter: the same program comes out, in one layout, and what has a mistake stays as it is.

use asiaq_lang::{FileId, Parsed, Span, format, parse};
use proptest::prelude::*;

use crate::{
    arbitrary::{TOKENS, VALID, boundary, part},
    programs::program,
    shown,
};

/// The layout of `text` is `expected`, and stays.
#[track_caller]
fn check(text: &str, expected: &str) {
    let expected = expected.trim_start_matches('\n');
    assert_eq!(laid_out(text), expected, "of\n{text}\n");
    assert_eq!(laid_out(expected), expected);
}

/// Formats, and checks what holds for every text.
fn laid_out(text: &str) -> String {
    let formatted = format(text);
    assert_eq!(format(&formatted), formatted, "a second time is another layout, of\n{text}");
    let (before, after) = (parse(FileId(0), text), parse(FileId(0), &formatted));
    assert_eq!(comments(text, &before), comments(&formatted, &after), "of\n{text}");
    assert_eq!(substance(text), substance(&formatted), "of\n{text}");
    if before.diagnostics.is_empty() {
        assert_eq!(shown::tree(&before.tree), shown::tree(&after.tree), "of\n{text}");
        assert_eq!(after.diagnostics, [], "of\n{text}\nwhich became\n{formatted}");
        neat(&formatted);
    }
    let mistakes = |text: &str, parsed: &Parsed| -> Vec<(String, String)> {
        let said = parsed.diagnostics.iter();
        said.map(|found| (found.code.clone(), slice(text, found.primary).to_owned())).collect()
    };
    assert_eq!(
        mistakes(text, &before),
        mistakes(&formatted, &after),
        "of\n{text}\nwhich became\n{formatted}"
    );
    formatted
}

/// What stands at a place, the blanks at its end left out.
fn slice(text: &str, span: Span) -> &str {
    part(text, span.range().start, span.range().end).trim_end()
}

/// What the comments say that document nothing.
fn comments<'t>(text: &'t str, parsed: &Parsed) -> Vec<&'t str> {
    parsed.tree.comments.iter().map(|comment| slice(text, *comment)).collect()
}

/// How often each character occurs, separators left out.
fn substance(text: &str) -> Vec<char> {
    let is_kept = |c: &char| !matches!(c, ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}');
    let mut characters: Vec<char> = text.chars().filter(is_kept).collect();
    characters.sort_unstable();
    characters
}

/// What no layout has.
fn neat(text: &str) {
    assert!(text.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n") && !text.starts_with('\n'));
    assert!(!text.contains("\n\n\n") && !text.contains('\r'), "{text:?}");
    for line in text.lines() {
        assert_eq!(line.trim_end_matches([' ', '\t']), line, "{text}");
        let indent = line.len() - line.trim_start().len();
        assert!(indent.is_multiple_of(2) && !part(line, 0, indent).contains('\t'), "{text}");
    }
}

#[test]
fn a_file_without_anything_is_empty() {
    check("", "");
    check("\u{feff} \r\n\t\n", "");
    check("// only this", "// only this\n");
}

#[test]
fn the_whole_language_is_laid_out() {
    check(
        VALID,
        r#"
/// Two environments of one shape.
use std/classic

project shop {
  region                 = eu-west-1
  domain                 = "shop.example"
  domain@[live, preview] = "${env.name}.shop.example" // ü
}

let office: Cidr = 198.51.100.7/32

allow(unused-nat, repeated-rule)
envtype shape : classic {
  zones = 3
  allow(small)
  replace metanetwork front {
    cidr = auto /24 in 10.0.0.0/8
    ingress = [
      tcp [80, 443..445] from internet "why"
      udp ops from [bastion, 10.0.0.5]
    ]
    routes += [office via nat bastion]
    ip      = bastion + 5
  }
  @live { chaos = 33.3%, elb { idle_timeout = 600s } }
}

peering both = live/front <-> preview/front

expect live {
  internet cannot reach bastion
  front    can reach    back:5432
}

/// A kind.
kind database in env, envtype {
  /// Storage.
  storage: Size = 20GB where 20GB..64TB
  engine: [enum { postgres, mysql }]?
}
"#,
    );
}

#[test]
fn a_file_with_more_mistakes_than_are_told_stays() {
    let text = "env a {\n".to_owned() + &" ?\n".repeat(2000) + "}";
    assert_eq!(format(&text), text);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_program(choices in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = program(&choices);
        // Where a habit from another format looks the same, it is told as one.
        prop_assume!(parse(FileId(0), &text).diagnostics.is_empty());
        laid_out(&text);
    }

    #[test]
    fn any_program_with_tokens_put_in(
        choices in proptest::collection::vec(any::<u8>(), 0..300),
        places in proptest::collection::vec((any::<usize>(), proptest::sample::select(TOKENS)), 1..4),
    ) {
        let mut text = program(&choices);
        for (at, token) in places {
            text.insert_str(boundary(&text, at), token);
        }
        laid_out(&text);
    }

    #[test]
    fn any_program_with_a_stretch_left_out(
        choices in proptest::collection::vec(any::<u8>(), 0..300), at in any::<usize>(), length in 0_usize..60,
    ) {
        let text = program(&choices);
        let (start, end) = (boundary(&text, at), boundary(&text, at.saturating_add(length)));
        if start <= end {
            laid_out(&[part(&text, 0, start), part(&text, end, text.len())].concat());
        }
    }

    #[test]
    fn any_lines(lines in proptest::collection::vec(
        (0_usize..5, proptest::collection::vec(proptest::sample::select(TOKENS), 0..6)), 0..30,
    )) {
        let lines: Vec<String> = lines.iter().map(|(indent, tokens)| "  ".repeat(*indent) + &tokens.join(" ")).collect();
        laid_out(&lines.join("\n"));
    }

    #[test]
    fn any_characters(text in "\\PC{0,200}") {
        laid_out(&text);
    }
}
