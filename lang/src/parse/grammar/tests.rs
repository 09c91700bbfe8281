use std::fmt::Write as _;
use std::sync::LazyLock;

use super::*;
use crate::scan;

/// What pest itself makes of the grammar, to compare with.
static PEST: LazyLock<pest_vm::Vm> = LazyLock::new(|| {
    let text = include_str!("../../../../grammar/asq.pest");
    let rules = pest_meta::parser::parse(pest_meta::parser::Rule::grammar_rules, text).unwrap();
    let rules = pest_meta::parser::consume_rules(rules).unwrap();
    pest_vm::Vm::new(pest_meta::optimizer::optimize(rules))
});

/// Every node of `text`: its rule and where it stands.
fn nodes(text: &str) -> Vec<(String, usize, usize)> {
    let nodes = parse(text).unwrap();
    nodes.0.iter().map(|node| (format!("{:?}", node.rule), node.start as usize, node.end as usize)).collect()
}

/// The same by pest.
fn nodes_by_pest(text: &str) -> Vec<(String, usize, usize)> {
    let shown = |rule: &str| rule.trim_start_matches("r#").to_owned();
    let pairs = PEST.parse("file", text).unwrap().flatten();
    pairs
        .filter(|pair| pair.as_rule() != "EOI")
        .map(|pair| (shown(pair.as_rule()), pair.as_span().start(), pair.as_span().end()))
        .collect()
}

/// Statements of policies, well-formed and broken.
const STATEMENTS: &str = r#"
policy p {
  allow [s3:Get*, "s3:List*"] on [config, role b] from not account "1" when all of s3:a is not 1 if present "why"
  allow(small) deny not * on all when "a b:c" exists
    and a:b/c < 5
  Allow s3:Get on arn:aws:s3:::x when a:b = 3 or
  allow not on x from [a b, *] when any of a:b ForAllValues:StringEquals
  deny x { }
  allow s3: on x && y
}
"#;

#[test]
fn a_text_has_the_nodes_that_pest_finds_in_it() {
    let texts = [
        include_str!("../../../../examples/classic/infra.asq"),
        include_str!("../../../../examples/classic/networks.asq"),
        include_str!("../../../../examples/classic/hostclasses.asq"),
        include_str!("../../../../examples/first/infra.asq"),
        include_str!("../../../../stdlib/metanetwork.asq"),
        include_str!("../../../../tests/spec/02-literals.md"),
        include_str!("../../../../tests/spec/16-literals.md"),
        STATEMENTS,
    ];
    for text in texts {
        // Every line end is a place where a text may have been cut.
        for (at, _) in text.match_indices('\n') {
            let cut = text.get(..=at).unwrap();
            let from = text.get(at..).unwrap();
            for part in [cut, from] {
                if scan::scan(part, 0..part.len()).balanced {
                    assert_eq!(nodes(part), nodes_by_pest(part), "{part}");
                }
            }
        }
    }
}

/// What a parse takes: rules and repetitions that are tried, whether they match or not.
fn work(text: &str) -> usize {
    let mut matcher = Matcher { text, nodes: Vec::new(), steps: 0 };
    rules::file(&mut matcher).unwrap();
    matcher.steps
}

/// `depth` times `open`, then `middle`, then `depth` times `close`.
fn nested(depth: usize, open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
}

/// Twice the text is twice the work.
#[test]
fn work_grows_with_the_text() {
    type Case = (&'static str, fn(usize) -> String);
    let cases: &[Case] = &[
        ("list", |n| format!("let a = [{}]", "1, ".repeat(n))),
        ("lines", |n| format!("let a = [{}]", "tcp [80, 443] from internet \"why\"\n".repeat(n))),
        ("fields", |n| format!("env a {{\n{}}}", "  /// doc\n  x@ci = 10.0.0.0/16 // note\n".repeat(n))),
        ("allows", |n| format!("env a {{\n{}}}", "allow(b, c) allow(\n".repeat(n))),
        ("statements", |n| {
            format!(
                "env a {{\n{}}}",
                "allow [s3:Get*, a:b] on x when a:b is 1 and a:c exists \"x\"\n".repeat(n)
            )
        }),
        ("broken statements", |n| format!("env a {{\n{}}}", "deny x on when and\n // c\n".repeat(n))),
        ("blocks", |n| format!("env a {{\n{}}}", "metanetwork b : c { x = 1 }\n".repeat(n))),
        ("deep lists", |n| format!("let a = [{}]", (nested(30, "[", "1", "]") + "\n").repeat(n / 10))),
        ("deep blocks", |n| {
            format!("env a {{ {} }}", (nested(30, "b c { d { ", "x = 1", " } }") + "\n").repeat(n / 10))
        }),
        ("rules without a source", |n| {
            format!("let a = [{}]", (nested(30, "tcp [", "1", "]") + "\n").repeat(n / 10))
        }),
        ("deep broken items", |n| {
            format!("let a = [{}]", (nested(30, "x = [", "?", "]") + "\n").repeat(n / 10))
        }),
        ("deep broken blocks", |n| {
            format!("env a {{ {} }}", (nested(30, "5 { y = ", "?", " }") + "\n").repeat(n / 10))
        }),
        ("words", |n| format!("let a = {}", "b ".repeat(n))),
        ("names", |n| format!("env {}", "a-".repeat(n))),
        ("dots", |n| format!("let a = {}", ". ".repeat(n))),
        ("ranges", |n| format!("let a = {}", "1..".repeat(n))),
        ("links", |n| format!("let a = {}", "b<->".repeat(n))),
        ("listeners", |n| format!("let a = [{}]", "https 443 -> http 80\n".repeat(n))),
        ("arrows", |n| format!("let a = {}", "80 -> ".repeat(n))),
        ("bounds", |n| format!("let a = {} for 5 x 5m", "b > 1 or ".repeat(n))),
        ("comparisons", |n| format!("let a = b {}", "> 1 ".repeat(n))),
        ("lasting", |n| format!("let a = b > 1 {}", "for 5 x 5m ".repeat(n))),
        ("deep thresholds", |n| {
            format!("let a = [{}]", (nested(30, "b > [", "1", "]") + "\n").repeat(n / 10))
        }),
        ("times", |n| format!("let a = [{}]", "3 at \"0 6 * * *\"\n".repeat(n))),
        ("ports behind a rule", |n| format!("let a = [tcp 1, {}]", "2, ".repeat(n))),
        ("contexts", |n| format!("env a {{ x{} = 1 }}", "@[b]".repeat(n))),
        ("long context", |n| format!("env a {{ x = 1 y@[{}] = 1 }}", "b,".repeat(n))),
        ("questions", |n| format!("kind a {{ b: c{} }}", "?".repeat(n))),
        ("docs", |n| format!("env a {{ x = 1\n{}}}", "/// doc\n".repeat(n))),
        ("breaks", |n| format!("env a {{ x ={}1 }}", "\n".repeat(n))),
        ("blanks", |n| format!("env a {{ x{}= 1 }}", " ".repeat(n))),
        ("strings", |n| format!("let a = {}", "\"\\$\" ".repeat(n))),
        ("claims", |n| format!("expect a {{ {} }}", "b can reach c:1\n".repeat(n))),
        ("names of lines", |n| {
            let mut text = String::from("env a {\n");
            for line in 0..n {
                let _ = writeln!(text, "field{line}");
            }
            text + "}"
        }),
    ];
    for (name, text) in cases {
        let (small, large) = (text(50), text(200));
        let percent = |large: usize, small: usize| large * 100 / small;
        let growth = percent(work(&large), work(&small));
        let expected = percent(large.len(), small.len());
        assert!(growth * 10 < expected * 11, "{name}: {expected} % of the text is {growth} % of the work");
    }
}
