//! The formatter: the same program comes out, in one layout, and what has a mistake stays as it is.

use asiaq_lang::{FileId, format, parse};
use proptest::prelude::*;

use crate::{
    arbitrary::{TOKENS, VALID, boundary, part},
    programs::program,
    properties::laid_out,
};

/// The layout of `text` is `expected`, and stays.
#[track_caller]
fn check(text: &str, expected: &str) {
    let expected = expected.trim_start_matches('\n');
    assert_eq!(laid_out(text), expected, "of\n{text}\n");
    assert_eq!(laid_out(expected), expected);
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
    elb { listeners = [https 443 -> http 80, tcp 22], sticky = cookie "x" }
  }
  size = [1 at "45 19 * * *", 3 at "33 19 * * *"]
  when = average > 99 or p99.9 <= -0.5 for 5 x 5m
  @live { chaos = 33.3%, elb { idle_timeout = 600s } }
  allow [s3:Get*, "s3:List*"] on [a, role b] from not account "1" when all of s3:a is not 1 if present "why"
  allow(small)
  deny not * on all when "a b:c" exists and a:b/c < 5
}

peering both = live/front <-> preview/front

expect live {
  internet cannot reach bastion
  front    can reach    back:5432
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
"#,
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the pages are too many to be named")]
fn every_program_of_the_pages_and_specs_is_laid_out() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut programs = 0;
    for folder in ["docs/diagnostics", "tests/spec"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for block in text.split("```asq").skip(1) {
                let program = block.split("```").next().and_then(|block| block.split_once('\n'));
                laid_out(program.unwrap_or_default().1);
                programs += 1;
            }
        }
    }
    assert!(programs > 500, "{programs}");
}

#[test]
fn a_statistic_with_bounds_has_no_blanks() {
    let laid_out = "alarm a { when = TM(10%:90%) > 5 or PR(:300) < 0.5 for 3 x 60s }\n";
    check(laid_out, laid_out);
    check("alarm a { when = TM( 10% : 90% )>5 or PR( :300)<0.5 for 3 x 60s }\n", laid_out);
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
        let found = parse(FileId(0), &text).diagnostics;
        // What is indented below a declaration without a body is taken for its body, and that is told.
        prop_assume!(found.iter().all(|found| found.code != "unopened-block"));
        prop_assert_eq!(found, [], "of\n{}", text);
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

#[test]
fn a_block_comment_does_not_end_where_it_begins() {
    check("/*///\n", "/*///\n");
    check("/*/ env a {} */\nenv b { x=1 }\n", "/*/ env a {} */\nenv b { x = 1 }\n");
}

#[test]
fn line_ends_are_kept() {
    let windows = |text: &str| text.replace('\n', "\r\n");
    let (ugly, neat) = (
        "env ci{zones=2 // two\n\n\n  cidr  =10.0.0.0/20}\n",
        "env ci {\n  zones = 2 // two\n\n  cidr = 10.0.0.0/20\n}\n",
    );
    assert_eq!(format(ugly), neat);
    assert_eq!(format(&windows(ugly)), windows(neat));
    assert_eq!(format(&windows(neat)), windows(neat));
    // Of both, those of most lines; `\n` if there are as many, and in place of a lone `\r`.
    assert_eq!(format("let a = 1\r\nlet b = 2\r\nlet c = 3\n"), windows("let a = 1\nlet b = 2\nlet c = 3\n"));
    assert_eq!(format("let a = 1\r\nlet b = 2\n"), "let a = 1\nlet b = 2\n");
    assert_eq!(format("let a = 1\rlet b = 2\r"), "let a = 1\nlet b = 2\n");
    // What has a mistake stays as it is, but for its line ends.
    let broken = "env ci{zones=2\nprotect   =\n cidr=10.0.0.0/20}\n";
    assert_eq!(format(&windows(broken)), windows(&format(broken)));
}
