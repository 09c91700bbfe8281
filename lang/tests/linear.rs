//! Parsing is linear: twice the text is twice the work. Work is what the parser counts itself, so that no clock
//! is needed; its limit holds for a whole process, so this test has one of its own.

use std::{fmt::Write as _, num::NonZeroUsize};

use asiaq_lang::{FileId, parse};

/// The least number of the parser's steps that `text`, which is one declaration, can be parsed in.
fn work(text: &str) -> usize {
    let refused = |steps: usize| {
        pest::set_call_limit(NonZeroUsize::new(steps));
        let parsed = parse(FileId(0), text);
        pest::set_call_limit(None);
        parsed.diagnostics.iter().any(|found| found.message.contains("cannot be read"))
    };
    let mut most = 1024;
    while refused(most) {
        most *= 2;
    }
    let mut least = most / 2;
    while most - least > most / 128 {
        let middle = usize::midpoint(least, most);
        if refused(middle) {
            least = middle;
        } else {
            most = middle;
        }
    }
    most
}

/// `depth` times `open`, then `middle`, then `depth` times `close`.
fn nested(depth: usize, open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn work_grows_with_the_text() {
    type Case = (&'static str, fn(usize) -> String);
    let cases: &[Case] = &[
        ("list", |n| format!("let a = [{}]", "1, ".repeat(n))),
        ("lines", |n| format!("let a = [{}]", "tcp [80, 443] from internet \"why\"\n".repeat(n))),
        ("fields", |n| format!("env a {{\n{}}}", "  /// doc\n  x@ci = 10.0.0.0/16 // note\n".repeat(n))),
        ("allows", |n| format!("env a {{\n{}}}", "allow(b, c) allow(\n".repeat(n))),
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
