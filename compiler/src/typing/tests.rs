//! Values as text in, and what they were understood as or what is wrong with them as text out.

use std::sync::Arc;

use asiaq_lang::ast::{Expr, File, Item, TypeExpr, TypeKind};
use asiaq_lang::{FileId, Span};

use super::Typer;
use crate::names::NameTable;
use crate::types::Ty;
use crate::value::{AppProtocol, Bound, Capacity, Comparison, Reserve, Sticky, Value, Watched};

/// What other files of the project say.
const PROJECT: &str = "
let web = 8080
let peak = 3
let evening = \"45 19 * * *\"
let sizes = [1 at evening, peak at \"33 19 * * *\"]
let secure = https 443 -> http web
let every = 5m
let some = [banana, \"users\"]
hostclass banana {}
hostclass worker {}
";

/// The value of `text` as a type called `ty`: what was understood, or the places, codes and headlines of what
/// is wrong, each on a line of its own.
fn typed(ty: &str, text: &str) -> String {
    let source = format!("let x = {text}\n{PROJECT}");
    let parsed = asiaq_lang::parse(FileId(0), &source);
    let files: Vec<Arc<File>> = vec![Arc::new(parsed.tree)];
    let mut diagnostics = parsed.diagnostics;
    let table = NameTable::collect(&files, &mut diagnostics);
    let names = table.names(&files);
    let mut value = Value::Error;
    if let Some(expr) = files.iter().flat_map(|file| &file.items).find_map(of_x) {
        let mut typer = Typer::new(&names, None);
        value = typer.value(expr, &of_name(ty));
        diagnostics.append(&mut typer.diagnostics);
    }
    if diagnostics.is_empty() {
        return shown(&value);
    }
    assert_eq!(value, Value::Error, "`{text}` is wrong and has a value");
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|found| {
            assert!(found.help.is_some() || found.fix.is_some(), "{found:?} helps nobody");
            let place = source.get(found.primary.range()).unwrap_or_default();
            format!("«{place}» {}: {}", found.code, found.message)
        })
        .collect();
    lines.join("\n")
}

fn of_x(item: &Item) -> Option<&Expr> {
    match item {
        Item::Let(found) if found.name.text == "x" => Some(&found.value),
        _ => None,
    }
}

fn of_name(ty: &str) -> Ty {
    let ty = TypeExpr { kind: TypeKind::Named(ty.to_owned()), span: Span::default() };
    Ty::of(&ty, &|_| false).unwrap()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Listener(listener) => {
            let side = |(protocol, port): (AppProtocol, u16)| format!("{} {port}", protocol.word());
            let front = side(listener.front.value.resolved());
            match &listener.back {
                Some(back) => format!("{front} -> {}", side(back.value.resolved())),
                None => front,
            }
        }
        Value::Capacity(Capacity::Always(size)) => size.to_string(),
        Value::Capacity(Capacity::Scheduled(times)) => {
            let times: Vec<String> =
                times.iter().map(|at| format!("{} at {}", at.value.size, at.value.time)).collect();
            times.join(", ")
        }
        Value::Condition(condition) => {
            let bounds: Vec<String> = condition.bounds.iter().map(|at| shown_bound(&at.value)).collect();
            format!("{} for {} x {} s", bounds.join(" or "), condition.periods, condition.period)
        }
        Value::Sticky(Sticky::Application(name)) => format!("the application's {name}"),
        Value::Sticky(Sticky::Balancer(age)) => format!("its own {age:?}"),
        Value::Reserve(Reserve::Share(share)) => format!("{share} percent"),
        Value::Reserve(Reserve::Count(count)) => format!("{count} machines"),
        Value::Subscriber(subscriber) => format!("{} {}", subscriber.protocol, subscriber.endpoint),
        Value::Watched(Watched::All) => "all".to_owned(),
        Value::Watched(Watched::Hostclass(name)) => format!("hostclass {name}"),
        Value::Watched(Watched::Store(kind, name)) => format!("{kind} {name}"),
        Value::Watched(Watched::Named(name)) => format!("named {name}"),
        Value::Text(text) => text.clone(),
        Value::Window(window) => window.aws(),
        Value::Texts(texts) => {
            let texts: Vec<String> =
                texts.iter().map(|(name, text)| format!("{name}={}", text.value)).collect();
            texts.join(" ")
        }
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn shown_bound(bound: &Bound) -> String {
    let comparison = match bound.comparison {
        Comparison::Above => ">",
        Comparison::AtLeast => ">=",
        Comparison::Below => "<",
        Comparison::AtMost => "<=",
    };
    format!("{} {comparison} {}", bound.statistic, bound.threshold)
}

/// Every text with what becomes of it as a type called `ty`.
#[track_caller]
fn check(ty: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(typed(ty, text), *expected, "`{text}` as {ty}");
    }
}

#[test]
fn a_listener_infers_what_is_left_out() {
    check(
        "Listener",
        &[
            ("https 443 -> http 80", "https 443 -> http 80"),
            ("https -> http", "https 443 -> http 80"),
            ("443 -> 80", "https 443 -> http 80"),
            ("https 8443 -> 8080", "https 8443 -> tcp 8080"),
            ("tcp 9001", "tcp 9001"),
            ("80", "http 80"),
            ("9001", "tcp 9001"),
            ("http", "http 80"),
            ("tls 443 -> tcp 80", "tls 443 -> tcp 80"),
            ("udp 53 -> udp 53", "udp 53 -> udp 53"),
            ("secure", "https 443 -> http 8080"),
            ("http -> http web", "http 80 -> http 8080"),
            ("web", "tcp 8080"),
        ],
    );
}

#[test]
fn a_listener_says_what_is_wrong_with_it() {
    check(
        "Listener",
        &[
            ("tcp", "«tcp» protocol-without-port: `tcp` has no default port"),
            ("443 -> ssl", "«ssl» protocol-without-port: `ssl` has no default port"),
            ("HTTPS 443", "«HTTPS» unknown-protocol: unknown load balancer protocol `HTTPS`"),
            ("htps -> http", "«htps» unknown-protocol: unknown load balancer protocol `htps`"),
            (
                "https 0 -> http 65536",
                "«0» bad-port: a load balancer cannot listen on port `0`\n\
              «65536» bad-port: a load balancer cannot listen on port `65536`",
            ),
            ("443 ->", "«->» expected-value: expected a value after `->`"),
            ("443 80 -> 80", "«443 80» expected-name: expected a protocol before the port"),
            ("https 443 80 -> 80", "«80» unexpected-text: each side of a listener has one port"),
            ("cookie", "«cookie» unknown-protocol: unknown load balancer protocol `cookie`"),
            (
                "[443]",
                "«[443]» type-mismatch: expected a listener such as `https 443 -> http 80`, found a list",
            ),
            (
                "\"https 443 -> http 80\"",
                "«\"https 443 -> http 80\"» quoted-value: quotes make this a string; expected a listener such as \
                 `https 443 -> http 80`",
            ),
        ],
    );
    check("Rule", &[("tcp 22", "«tcp 22» expected-source: this rule has no source")]);
}

#[test]
fn a_capacity_is_a_number_or_several_with_their_times() {
    check(
        "Capacity",
        &[
            ("2", "2"),
            ("0", "0"),
            ("peak", "3"),
            ("3 at \"33 19 * * *\"", "3 at 33 19 * * *"),
            ("[1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]", "1 at 45 19 * * *, 3 at 33 19 * * *"),
            ("sizes", "1 at 45 19 * * *, 3 at 33 19 * * *"),
            ("[sizes, 2 at \"0  5  *  *  mon-fri\"]", "1 at 45 19 * * *, 3 at 33 19 * * *, 2 at 0 5 * * 1-5"),
            ("peak at evening", "3 at 45 19 * * *"),
            (
                "-1",
                "«-1» out-of-bounds: `-1` is negative; expected a number of instances such as `2`, or `[1 at \"45 19 * * *\", 3 at \"33 19 * * *\"]`",
            ),
            ("[]", "«[]» no-sizes: a number of instances must not be an empty list"),
            ("[2, 3 at evening]", "«2» size-without-time: size `2` has no start time"),
            ("3 at 19", "«19» bad-time: a start time must be a cron expression in quotes"),
            ("3 at", "«at» expected-value: expected a value after `at`"),
            ("3 at \"0 0 19 * * *\"", "«\"0 0 19 * * *\"» bad-time: a start time needs five fields, found 6"),
            ("3 at \"0 24 * * *\"", "«\"0 24 * * *\"» bad-time: `24` is not a valid hour"),
            ("3 at \"@daily\"", "«\"@daily\"» bad-time: AWS does not support `@daily`"),
            (
                "3 at \"${env.name}\"",
                "«\"${env.name}\"» no-interpolation: `${…}` is not allowed in a start time",
            ),
            (
                "[1 at \"0 6 * * *\", 2 at \"00 6 * * 0-6\"]",
                "«2 at \"00 6 * * 0-6\"» same-time: two sizes start at `0 6 * * *`",
            ),
            (
                "\"2@1 0 * * *:3@6 0 * * *\"",
                "«\"2@1 0 * * *:3@6 0 * * *\"» old-sizes: sizes with start times must be a list",
            ),
        ],
    );
    check(
        "Reserve",
        &[
            ("10%", "10 percent"),
            ("2", "2 machines"),
            ("101%", "101 percent"),
            ("33.3%", "«33.3%» not-whole: `33.3%` is not a whole percentage"),
            ("5m", "«5m» unknown-unit: unknown unit `m`; expected a share such as `10%`"),
        ],
    );
}

#[test]
fn a_condition_has_bounds_and_periods() {
    check(
        "Condition",
        &[
            ("average > 99 for 5 x 5m", "Average > 99 for 5 x 300 s"),
            ("average > 99 or average < 1 for 5 x every", "Average > 99 or Average < 1 for 5 x 300 s"),
            ("p99.9 >= 0.5 or samples <= -2 for 1 x 10s", "SampleCount <= -2 or p99.9 >= 0.5 for 1 x 10 s"),
            ("sum>1 or\n  maximum > web for 24 x 1h", "Maximum > 8080 or Sum > 1 for 24 x 3600 s"),
            ("average > 99", "«average > 99» missing-period: this condition has no duration"),
            ("average > 99 for 5m", "«5m» missing-period: `for` needs a number of periods and their length"),
            ("average > 99 for 5x5m", "«5x5m» missing-period: expected spaces around `x`"),
            ("average > 99 for 5 x", "«x» expected-value: expected a value after `x`"),
            ("average > for 5 x 5m", "«>» expected-value: expected a value after `>`"),
            ("average > 99 or for 5 x 5m", "«or» expected-value: expected a value after `or`"),
            ("average > 99 or sum for 5 x 5m", "«sum» expected-comparison: expected a comparison"),
            (
                "99 < average for 5 x 5m",
                "«99» expected-name: expected a statistic at the start of this condition",
            ),
            (
                "average > 9 for 5 x 5m or sum > 1",
                "«or sum > 1» unexpected-text: unexpected text after the duration of this condition",
            ),
            ("Average > 9 for 5 x 5m", "«Average» unknown-statistic: unknown statistic `Average`"),
            ("p101 > 9 for 5 x 5m", "«p101» unknown-statistic: `p101` is beyond 100 %"),
            ("average > 90% for 5 x 5m", "«90%» unknown-unit: a threshold has no unit, found `90%`"),
            ("average > 9 for 0 x 5m", "«0» bad-period: `0` is not a valid number of periods"),
            (
                "average > 9 for 5 x 45s",
                "«45s» bad-period: CloudWatch does not support a period of 45 seconds",
            ),
            ("average > 9 for 5 x 60", "«60» missing-unit: the period `60` has no unit"),
            (
                "average > 9 for 1500 x 1m",
                "«1500 x 1m» bad-period: the periods of this alarm cover 25 hours, and CloudWatch allows one day for periods of less than an hour",
            ),
            (
                "average > 9 for 169 x 1h",
                "«169 x 1h» bad-period: the periods of this alarm cover 169 hours, and CloudWatch allows seven days",
            ),
            (
                "average > 1 or average < 99 for 5 x 5m",
                "«average > 1 or average < 99» always-holds: this condition is always true",
            ),
            (
                "average < 5 or average >= 5 for 5 x 5m",
                "«average < 5 or average >= 5» always-holds: this condition is always true",
            ),
            ("average < 5 or average > 5 for 5 x 5m", "Average < 5 or Average > 5 for 5 x 300 s"),
            (
                "average > 90 or average > 99 for 5 x 5m",
                "«average > 99» needless-bound: this bound is redundant: another bound is always reached first",
            ),
            (
                "average >= 90 or maximum > 90 or average > 90 for 5 x 5m",
                "«average > 90» needless-bound: this bound is redundant: another bound is always reached first",
            ),
        ],
    );
}

#[test]
fn a_cookie_has_a_name_or_an_age_or_neither() {
    check(
        "Sticky",
        &[
            ("cookie \"banana_session\"", "the application's banana_session"),
            ("cookie", "its own None"),
            ("cookie 5m", "its own Some(300)"),
            ("cookie every", "its own Some(300)"),
            ("ELB", "«ELB» not-a-cookie: `ELB` is not a stickiness cookie"),
            (
                "\"banana_session\"",
                "«\"banana_session\"» not-a-cookie: the name of a cookie must follow the word `cookie`",
            ),
            ("cookie \"a b\"", "«\"a b\"» not-a-cookie: `a b` is not a valid cookie name"),
            ("cookie 0s", "«0s» not-a-cookie: the lifetime of a cookie must not be zero"),
            (
                "cookie 5",
                "«5» missing-unit: `5` has no unit; expected a time such as `300s`, `5m`, `2h` or `14d`",
            ),
        ],
    );
}

#[test]
fn a_subscriber_is_told_by_what_is_written() {
    check(
        "Subscriber",
        &[
            ("\"ops@sample.net\"", "email ops@sample.net"),
            ("\"https://events.pagerduty.com/x?a=b@c\"", "https https://events.pagerduty.com/x?a=b@c"),
            ("\"http://10.0.0.5:8080\"", "http http://10.0.0.5:8080"),
            (
                "\"arn:aws:sqs:us-west-2:123456789012:events\"",
                "sqs arn:aws:sqs:us-west-2:123456789012:events",
            ),
            (
                "\"arn:aws:lambda:us-west-2:123456789012:function:page\"",
                "lambda arn:aws:lambda:us-west-2:123456789012:function:page",
            ),
            ("\"ops\"", "«\"ops\"» not-a-subscriber: a topic cannot send notifications to `ops`"),
            (
                "\"https://\"",
                "«\"https://\"» not-a-subscriber: a topic cannot send notifications to `https://`",
            ),
            ("\"ops@net\"", "«\"ops@net\"» not-a-subscriber: a topic cannot send notifications to `ops@net`"),
            (
                "\"a b@sample.net\"",
                "«\"a b@sample.net\"» not-a-subscriber: a topic cannot send notifications to `a b@sample.net`",
            ),
            (
                "\"arn:aws:s3:::bucket\"",
                "«\"arn:aws:s3:::bucket\"» not-a-subscriber: a topic cannot send notifications to `arn:aws:s3:::bucket`",
            ),
        ],
    );
}

#[test]
fn what_is_watched_is_a_list() {
    check(
        "Watched",
        &[
            ("all", "[all]"),
            ("banana", "[hostclass banana]"),
            ("\"users\"", "[named users]"),
            ("[banana, worker]", "[hostclass banana, hostclass worker]"),
            ("[some, worker]", "[hostclass banana, named users, hostclass worker]"),
            ("[]", "[]"),
        ],
    );
    assert!(typed("Watched", "bananna").starts_with("«bananna» unknown-reference:"));
}

#[test]
fn instance_types_images_and_texts_have_a_form() {
    check(
        "InstanceType",
        &[
            ("m5.large", "m5.large"),
            ("\"mac2-m2pro.metal\"", "mac2-m2pro.metal"),
            ("m5", "«m5» not-an-instance-type: `m5` is not an instance type"),
            ("db.m5.large", "«db.m5.large» not-an-instance-type: `db.m5.large` is not an instance type"),
        ],
    );
    check(
        "AmiId",
        &[
            ("ami-0123456789abcdef0", "ami-0123456789abcdef0"),
            ("\"ami-01234567\"", "ami-01234567"),
            ("ami-0123", "«ami-0123» not-an-image: `ami-0123` is not the id of an AMI"),
            ("\"AMI-01234567\"", "«\"AMI-01234567\"» not-an-image: `AMI-01234567` is not the id of an AMI"),
        ],
    );
    check("Texts", &[("{ role = \"leader\", x_1 = \"a b\" }", "role=leader x_1=a b")]);
    check(
        "Texts",
        &[
            ("{ a-b = \"x\" }", "«a-b» not-a-variable: `a-b` is not a valid shell variable name"),
            (
                r#"{ a = "\"" }"#,
                "«\"\\\"\"» special-character: `\"` is not allowed in a string that shell scripts source",
            ),
            (
                r#"{ a = "x\ny" }"#,
                "«\"x\\ny\"» special-character: a line break is not allowed in a string that shell scripts source",
            ),
        ],
    );
    check(
        "Dimensions",
        &[
            (
                "{ QueueName = \"jobs\", \"Cluster Name\" = \"$x\", a-b = \"\" }",
                "Cluster Name=$x QueueName=jobs a-b=",
            ),
            ("{ \"a.b\" = \":x\", \"a b\" = \" x\" }", "a b= x a.b=:x"),
            ("{ \":a\" = \"x\" }", "«\":a\"» not-a-dimension: the name of a dimension begins with a colon"),
            ("{ \" \" = \"x\" }", "«\" \"» not-a-dimension: the name of a dimension is blank"),
            (
                "{ a = \"é\" }",
                "«\"é\"» not-a-dimension: the value of a dimension has a character that is not ASCII",
            ),
            (
                "{ a = \"x\\ty\" }",
                "«\"x\\ty\"» not-a-dimension: the value of a dimension has a control character",
            ),
            ("{ a = \"  \" }", "«\"  \"» not-a-dimension: the value of a dimension is blank"),
        ],
    );
    for bad in [r"\\", r"\$", "`", r"\t"] {
        let found = typed("Texts", &format!("{{ a = \"{bad}\" }}"));
        assert!(found.contains("special-character"), "{bad}: {found}");
    }
}

#[test]
fn a_class_needs_no_quotes() {
    check(
        "Class",
        &[
            ("db.m7g.large", "db.m7g.large"),
            ("\"m7g.large.search\"", "m7g.large.search"),
            ("cache.T4G.small", "cache.t4g.small"),
        ],
    );
}

#[test]
fn a_password_is_never_in_the_program() {
    check(
        "Credential",
        &[
            ("managed", ""),
            ("credential \"rds/orders\"", "rds/orders"),
            ("\"hunter2\"", "«\"hunter2\"» secret-in-program: a program contains no password"),
        ],
    );
}

#[test]
fn a_window_is_of_a_week_or_of_every_day() {
    check(
        "Window",
        &[
            ("sat 05:00..sat 06:00", "sat:05:00-sat:06:00"),
            ("sat 23:30 .. sun 0:30", "sat:23:30-sun:00:30"),
            (
                "05:04..05:34",
                "«05:04..05:34» type-mismatch: expected a window of a week such as `sat 05:00..sat 06:00`, found a window of time",
            ),
            ("sun 05:00..06:00", "«sun 05:00..06:00» bad-window: `sun 05:00..06:00` is not a window of time"),
        ],
    );
    check(
        "DailyWindow",
        &[
            ("05:04..05:34", "05:04-05:34"),
            ("25:00..26:00", "«25:00..26:00» bad-window: `25:00..26:00` is not a window of time"),
        ],
    );
}
