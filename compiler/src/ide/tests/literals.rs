//! Listeners, sizes, conditions and the like in an editor.

use super::{SHOP, open};

/// Labels of the completions at the cursor in a `let` of type `ty`.
fn offered(ty: &str, value: &str) -> Vec<String> {
    let (analysis, at) = open(&format!("{SHOP}let it: {ty} = {value}\n"));
    analysis.completions(at.expect("a cursor")).into_iter().map(|offer| offer.label).collect()
}

/// Hover text of the symbol at the cursor in a `let` of type `ty`.
fn told(ty: &str, value: &str) -> String {
    let (analysis, at) = open(&format!("{SHOP}let it: {ty} = {value}\n"));
    analysis.hover(at.expect("a cursor")).map_or_else(String::new, |hover| hover.markdown)
}

/// What each word of a value of type `ty` is.
fn coloured(ty: &str, value: &str) -> Vec<String> {
    let (analysis, _) = open(&format!("{SHOP}let it: {ty} = {value}\n"));
    let file = analysis.file("infra.asq").unwrap();
    let start = SHOP.len() + format!("let it: {ty} = ").len();
    let tokens = analysis.tokens(file).into_iter().filter(|token| token.span.range().start >= start);
    tokens.map(|token| format!("{} {:?}", analysis.sources().slice(token.span), token.kind)).collect()
}

#[test]
fn a_listener_is_offered_side_by_side() {
    let whole = offered("Listener", "$0");
    assert_eq!(whole.first().map(String::as_str), Some("https 443 -> http 80"));
    assert!(whole.contains(&"tls".to_owned()), "{whole:?}");
    assert_eq!(offered("Listener", "https $0"), ["->", "=>"]);
    assert_eq!(offered("Listener", "https 443 $0"), ["->", "=>"]);
    assert_eq!(offered("Listener", "443 -> h$0"), ["http", "https", "ssl", "tcp", "tls", "udp"]);
    assert_eq!(offered("Listener", "443 ->\n  $0"), ["http", "https", "ssl", "tcp", "tls", "udp"]);
}

#[test]
fn a_condition_is_offered_word_by_word() {
    let statistics = [
        "average",
        "maximum",
        "minimum",
        "samples",
        "sum",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "IQM",
        "PR(:300)",
        "TC(10%:90%)",
        "TM(10%:90%)",
        "TS(10%:90%)",
        "WM(10%:90%)",
        "tm90",
    ];
    assert_eq!(offered("Condition", "$0").first().map(String::as_str), Some("average > 99 for 5 x 5m"));
    assert_eq!(offered("Condition", "average $0"), [">", ">=", "<", "<="]);
    assert_eq!(offered("Condition", "average > 99 $0"), ["for", "or"]);
    assert_eq!(offered("Condition", "average > -1 $0"), ["for", "or"]);
    assert_eq!(offered("Condition", "average > 99 or $0"), statistics);
    assert_eq!(offered("Condition", "average > 99 or\n  $0"), statistics);
    assert_eq!(offered("Condition", "average > 99 or sum $0"), [">", ">=", "<", "<="]);
    assert_eq!(offered("Condition", "average > 99 for 5 $0"), ["x"]);
    assert_eq!(offered("Condition", "average > 99 for 5 x 5$0"), ["5s", "5m", "5h", "5d"]);
}

#[test]
fn sizes_cookies_and_what_is_watched_are_offered() {
    assert_eq!(offered("Capacity", "3 $0"), ["at"]);
    assert_eq!(offered("Capacity", "3 at $0").first().map(String::as_str), Some("\"0 6 * * *\""));
    assert_eq!(offered("Capacity", "[1 at $0]").first().map(String::as_str), Some("\"0 6 * * *\""));
    assert_eq!(offered("Sticky", "$0"), ["cookie \"NAME\"", "cookie", "cookie 5m"]);
    assert_eq!(offered("Reserve", "10$0"), ["10%"]);
    let watched = ["all", "front", "service", "cache", "database", "search", "table"];
    assert_eq!(offered("Watched", "$0"), watched);
    assert_eq!(offered("Watched", "[front, $0]"), watched);
    assert_eq!(offered("Subscriber", "$0"), ["\"ops@example.com\"", "\"https://example.com/alarm\""]);
    assert_eq!(offered("Texts", "$0"), ["{ }"]);
    assert_eq!(offered("Dimensions", "$0"), ["{ }"]);
    assert!(offered("InstanceType", "m5.$0").contains(&"m5.2xlarge".to_owned()));
    assert!(offered("InstanceType", "c5$0").contains(&"c5.large".to_owned()));
}

#[test]
fn literals_are_told_in_words() {
    let cases = [
        (
            "Listener",
            "https $0443 -> http 80",
            "Clients use HTTPS on port `443`, the instances HTTP on port `80`.",
        ),
        ("Listener", "ht$0tps -> 8080", "Clients use HTTPS on port `443`, the instances TCP on port `8080`."),
        ("Listener", "tcp $09001", "Clients use TCP on port `9001`."),
        ("Capacity", "3 $0at \"33 19 * * *\"", "`3` instances from 19:33 UTC on, every day."),
        (
            "Capacity",
            "[3 $0at \"*/5 19 1 jan mon\"]",
            "`3` instances from minute `*/5` of hour `19` (UTC) on, day of the month `1`, month `jan`, \
             day of the week `mon`.",
        ),
        (
            "Condition",
            "aver$0age > 99 or p99.9 <= -1 for 5 x 5m",
            "The alarm goes off when the average is above `99` or the percentile `p99.9` is at most `-1` in `5` periods of \
             `5m` in a row.",
        ),
        (
            "Sticky",
            "cookie $0\"a\"",
            "A client stays with one instance as long as the application's cookie `\"a\"` lasts.",
        ),
        ("InstanceType", "m5.la$0rge", "`m5.large`: 2 vCPUs, 8 GiB of memory, x86_64"),
    ];
    for (ty, value, expected) in cases {
        assert_eq!(told(ty, value), expected, "{value}");
    }
    assert!(told("Watched", "fro$0nt").contains("hostclass front"), "{}", told("Watched", "fro$0nt"));
}

#[test]
fn every_word_of_a_literal_has_its_colour() {
    assert_eq!(
        coloured("Condition", "average > 99 or p99.9 <= -0.5 for 5 x 5m"),
        [
            "average Word",
            "> Operator",
            "99 Number",
            "or Keyword",
            "p99.9 Word",
            "<= Operator",
            "- Operator",
            "0.5 Number",
            "for Keyword",
            "5 Number",
            "x Keyword",
            "5m Number"
        ]
    );
    assert_eq!(
        coloured("[Listener]", "[https 443 -> http 80, 9001 -> tcp]"),
        [
            "https Protocol",
            "443 Number",
            "-> Operator",
            "http Protocol",
            "80 Number",
            "9001 Number",
            "-> Operator",
            "tcp Protocol"
        ]
    );
    assert_eq!(
        coloured("Capacity", "3 at \"0 6 * * *\""),
        ["3 Number", "at Keyword", "\"0 6 * * *\" String"]
    );
    assert_eq!(coloured("Sticky", "cookie 5m"), ["cookie Word", "5m Number"]);
    assert_eq!(coloured("Watched", "[all, front]"), ["all Word", "front Hostclass"]);
}
