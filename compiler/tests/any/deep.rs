//! Programs that are nested deeply, that lead a long way, or that go round in circles: each is checked, formatted and
//! answered for on a small stack, in which a recursion over all of it would not fit.

use super::properties::{Texts, answered, checks};

/// Levels, or links of a chain. A recursion of this depth takes many times the stack.
const LONG: usize = 2_000;

/// The stack of a thread, in bytes. A test is built without optimization, so its frames are large.
const STACK: usize = 1 << 19;

const PROJECT: &str = "project shop { region = us-west-2 }\n";

/// The codes of the errors of a program, each once, in order of the alphabet.
#[expect(clippy::unwrap_used, reason = "a thread that cannot end fails the test")]
fn codes(program: &str) -> Vec<String> {
    let text = format!("{PROJECT}{program}");
    let run = move || {
        let checked = checks(&Texts::of(&text));
        asiaq_lang::format(&text);
        answered(&Texts::of(&text), &[0, PROJECT.len() + 8, text.len() / 2, text.len() - 2]);
        let errors = checked.diagnostics.iter().filter(|found| found.is_error());
        let codes: std::collections::BTreeSet<String> =
            errors.map(|found| found.code.as_str().to_owned()).collect();
        codes.into_iter().collect::<Vec<_>>()
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

fn count(program: &str, code: &str) -> usize {
    let checked = checks(&Texts::of(&format!("{PROJECT}{program}")));
    checked.diagnostics.iter().filter(|found| found.code.as_str() == code).count()
}

/// The lines for the numbers up to `count`.
fn links(count: usize, link: impl Fn(usize) -> String) -> String {
    (0..count).map(link).collect::<Vec<_>>().join("\n")
}

/// A line for each number up to [`LONG`], after a first one.
fn chain(first: &str, link: impl Fn(usize) -> String) -> String {
    format!("{first}\n{}", links(LONG, link))
}

#[test]
fn a_let_that_leads_to_itself_is_a_circle() {
    for program in [
        "let a = a",
        "let a = [a]",
        "let a = [[443, [a]]]",
        "let a = { owner = a }",
        "let a = [{ owner = a }]",
        "let a = tcp 80 from a",
        "let a = tcp [22, a] from all",
        "let a = [tcp 22 from [all, a]]",
        "let a = a via igw",
        "let a = internet via nat a",
        "let a = auto /20 in a",
        "let a = 1..a",
        "let a = 3 at a",
        "let a = https a -> 80",
        "let a = cookie a",
        "let a = average > a for 3 x 5m",
        "let a: [Cidr] = [a]",
        "let a = [b]\nlet b = [a]",
        "let a = b\nlet b = [c]\nlet c = { owner = a }",
        "let z = [443]\nlet a = [z, b, z]\nlet b = [z, a]\nlet y = [a, b]",
        "let a = [b, c]\nlet b = [a]\nlet c = [a]",
        "let x = [a]\nlet a = [b]\nlet b = [a]\nenv ci { cidr = 10.1.0.0/20, zones = 1, tags = a\n\
         metanetwork web { ingress = [tcp x from a], routes = b } }\nexpect ci { a can reach web:x }",
    ] {
        assert_eq!(codes(program), ["let-cycle"], "{program}");
        assert_eq!(count(program, "let-cycle"), 1, "{program}");
    }
    assert_eq!(count("let a = [a]\nlet b = [c]\nlet c = [b]\nlet d = [b, a, d]", "let-cycle"), 3);
    let circle = chain("let a0 = [a1]", |at| format!("let a{} = [a{}]", at + 1, (at + 2) % (LONG + 1)));
    assert_eq!(codes(&circle), ["let-cycle"]);
}

#[test]
fn a_long_chain_is_an_error_at_its_first_link_that_is_too_deep() {
    let of_names = chain("let a0 = [443]", |at| format!("let a{} = a{at}", at + 1));
    let of_lists = chain("let a0 = [443]", |at| format!("let a{} = [a{at}]", at + 1));
    let of_records = chain("let a0 = \"x\"", |at| format!("let a{} = {{ owner = a{at} }}", at + 1));
    let hostclasses = chain("hostclass a0 {}", |at| format!("hostclass a{} : a{at} {{}}", at + 1));
    let envtypes = chain("envtype a0 {}", |at| format!("envtype a{} : a{at} {{}}", at + 1));
    let environments = format!("{envtypes}\nenv ci : a{LONG} {{ cidr = 10.1.0.0/20, zones = 1 }}");
    for program in [of_names, of_lists, of_records, hostclasses, envtypes, environments] {
        assert_eq!(codes(&program), ["nested-too-deeply"], "{}", program.lines().last().unwrap_or_default());
        assert_eq!(count(&program, "nested-too-deeply"), 1);
    }
    let around = chain("hostclass a0 : a1 {}", |at| {
        format!("hostclass a{} : a{} {{}}", at + 1, (at + 2) % (LONG + 1))
    });
    assert_eq!(codes(&around), ["inheritance-cycle"]);
}

#[test]
fn sixty_four_levels_are_not_too_many() {
    let lets = links(60, |at| format!("let a{} = [a{at}]", at + 1));
    let program = format!(
        "let a0 = 443\n{lets}\nenv ci {{\n  cidr = 10.1.0.0/20\n  zones = 1\n  \
         metanetwork web {{ ingress = [tcp a60 from all] }}\n}}\n"
    );
    assert!(codes(&program).is_empty());
    let classes = links(64, |at| format!("hostclass a{} : a{at} {{}}", at + 1));
    assert!(codes(&format!("hostclass a0 {{}}\n{classes}")).is_empty());
    let brackets = format!("let a = {}443{}\n", "[".repeat(63), "]".repeat(63));
    let used = format!(
        "{brackets}env ci {{\n  cidr = 10.1.0.0/20\n  zones = 1\n  \
         metanetwork web {{ ingress = [tcp {}a{} from all] }}\n}}\n",
        "[".repeat(61),
        "]".repeat(61)
    );
    assert!(codes(&used).is_empty());
}

#[test]
fn a_list_that_doubles_is_found_without_being_built() {
    for first in ["[22, 80]", "[]", "[[], []]", "[bogus]", "[tcp 22 from all]", "[\"ops@sample.net\"]"] {
        let doubled = links(50, |at| format!("let a{} = [a{at}, a{at}]", at + 1));
        let program = format!(
            "let a0 = {first}\n{doubled}\nenv ci {{\n  cidr = 10.1.0.0/20\n  zones = 1\n  \
             metanetwork web {{ ingress = a50 }}\n}}\ntopic ops {{ subscribers = a50 }}\n"
        );
        assert_eq!(codes(&program), ["too-many-values"], "{first}");
        assert_eq!(count(&program, "too-many-values"), 1, "{first}");
    }
}

#[test]
fn text_that_is_nested_in_any_way_is_read() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}\n", open.repeat(LONG), close.repeat(LONG))
    };
    for program in [
        format!("let a = {}", nested("[", "443", "]")),
        format!("let a = {}", nested("[", "", "")),
        format!("let a = {}", nested("", "", "]")),
        format!("let a = {}", nested("{", "", "}")),
        format!("let a = {}", nested("{ a = ", "1", "}")),
        format!("let a = {}", nested("(", "1", ")")),
        format!("let a = {}", nested("<", "1", ">")),
        format!("let a = \"{}\"", nested("${", "x", "}").trim()),
        format!("let a = {}", nested("\"", "x", "\"")),
        format!("let a = {}", nested("'", "x", "'")),
        format!("let a = 1{}", nested(" + ", "", "1")),
        format!("let a = 1{}", nested("..", "", "1")),
        format!("let a = {}1", nested("-", "", "")),
        format!("let a = tcp {}", nested("80, ", "", "")),
        format!("let a: {} = 1", nested("[", "Int", "]").trim()),
        format!("env ci {}", nested("{ metanetwork a ", "{}", "}")),
        format!("env ci {}", nested("{\n metanetwork a ", "{}", "\n}")),
        format!("hostclass web {}", nested("{ @ci ", "{}", "}")),
        format!("hostclass web {}", nested("{ zones@ci = ", "{}", "}")),
        format!("expect ci {}", nested("{ a can reach ", "b", "}")),
        nested("/*", "", "*/"),
        nested("// ", "", ""),
        nested("/// a\n", "let a = 1", ""),
        nested("allow(unused-let\n", "", ")"),
        nested("@", "ci", ""),
        nested("env a : ", "b", ""),
    ] {
        codes(&program);
    }
}
