use asiaq_runtime::{LogRecord, RunTrace};

use super::draw;
use super::layout::{Group, Layout, width};

/// Lines of a log, each with its time, from what they say besides.
fn log(lines: &[(f64, &str)]) -> Vec<LogRecord> {
    let line = |(at, what): &(f64, &str)| {
        format!("{{\"asiaq-events\":1,\"time\":\"2026-11-21T22:12:22.123Z\",\"at\":{at},{what}}}\n")
    };
    LogRecord::read(&lines.iter().map(line).collect::<String>()).unwrap()
}

const SMALL: &[(f64, &str)] = &[
    (0.0, r#""event":"run-started","command":"apply","asiaq":"0.1.0""#),
    (
        0.01,
        r#""event":"call-sent","call":1,"attempt":1,"service":"STS","name":"GetCallerIdentity","region":"us-west-2""#,
    ),
    (
        0.05,
        r#""event":"call-answered","call":1,"attempt":1,"service":"STS","name":"GetCallerIdentity","region":"us-west-2","seconds":0.04,"verdict":"ok","status":200"#,
    ),
    (
        0.1,
        r#""event":"planned","project":"shop","account":"111122223333","environments":["ci"],"operations":4"#,
    ),
    (
        0.1,
        r#""event":"operation-planned","operation":0,"address":"ci/vpc","verb":"create","kind":"vpc","region":"us-west-2","after":[]"#,
    ),
    (
        0.1,
        r#""event":"operation-planned","operation":1,"address":"ci/web/nat-gateway/1","verb":"create","kind":"nat-gateway","region":"us-west-2","after":[0]"#,
    ),
    (
        0.1,
        r#""event":"operation-planned","operation":2,"address":"ci/web/security-group","verb":"update","kind":"security-group","region":"us-west-2","after":[0]"#,
    ),
    (
        0.1,
        r#""event":"operation-planned","operation":3,"address":"ci/topic/info","verb":"delete","kind":"topic","region":"us-west-2","after":[]"#,
    ),
    (0.2, r#""event":"operation-started","operation":0,"address":"ci/vpc","verb":"create""#),
    (
        0.2,
        r#""event":"call-sent","call":2,"attempt":1,"operation":0,"service":"EC2","name":"CreateVpc","region":"us-west-2""#,
    ),
    (
        0.3,
        r#""event":"call-answered","call":2,"attempt":1,"operation":0,"service":"EC2","name":"CreateVpc","region":"us-west-2","seconds":0.1,"verdict":"throttled","status":503,"code":"RequestLimitExceeded""#,
    ),
    (
        0.4,
        r#""event":"call-retried","call":2,"attempt":2,"operation":0,"service":"EC2","name":"CreateVpc","region":"us-west-2""#,
    ),
    (0.45, r#""event":"operation-started","operation":3,"address":"ci/topic/info","verb":"delete""#),
    (
        0.5,
        r#""event":"call-answered","call":2,"attempt":2,"operation":0,"service":"EC2","name":"CreateVpc","region":"us-west-2","seconds":0.1,"verdict":"ok","status":200"#,
    ),
    (0.5, r#""event":"operation-finished","operation":0,"address":"ci/vpc","verb":"create","id":"vpc-1""#),
    (0.5, r#""event":"operation-started","operation":1,"address":"ci/web/nat-gateway/1","verb":"create""#),
    (
        0.6,
        r#""event":"operation-failed","operation":3,"address":"ci/topic/info","verb":"delete","error":{"operation":"DeleteTopic","fault":"refused","code":"AuthorizationError","message":"<no>","request":null}"#,
    ),
    (
        0.7,
        r#""event":"operation-waiting","operation":1,"why":"the NAT gateway is not available yet","seconds":1.5"#,
    ),
    (0.8, r#""event":"operation-started","operation":2,"address":"ci/web/security-group","verb":"update""#),
    (
        2.2,
        r#""event":"operation-finished","operation":1,"address":"ci/web/nat-gateway/1","verb":"create","id":"nat-1""#,
    ),
    (
        2.3,
        r#""event":"call-sent","call":9,"attempt":1,"operation":2,"service":"EC2","name":"CreateTags","region":"us-west-2""#,
    ),
    (2.4, r#""event":"run-ended","exit":3"#),
];

#[test]
fn a_small_run_looks_like_this() {
    insta::assert_snapshot!(draw(&log(SMALL)));
}

#[test]
fn the_critical_path_is_the_chain_that_took_longest() {
    let run_trace = RunTrace::of(&log(SMALL));
    let chain = run_trace.critical();
    let path: Vec<&str> = chain.works.iter().map(|place| run_trace.works[*place].address.as_str()).collect();
    assert_eq!(path, ["ci/vpc", "ci/web/nat-gateway/1"]);
    assert!((chain.seconds - 2.0).abs() < 1e-9, "{}", chain.seconds);
    assert_eq!(run_trace.doing(), Some((0.2, 2.4)));
}

/// A run of so many operations, a few at a time.
fn large(operations: usize) -> Vec<LogRecord> {
    let mut lines = vec![(0.0, SMALL[0].1.to_owned())];
    let mut line = |at: f64, what: String| lines.push((at, what));
    let number = |n: usize| f64::from(u32::try_from(n).unwrap());
    line(
        0.1,
        format!(
            r#""event":"planned","project":"shop","account":"111122223333","environments":["ci"],"operations":{operations}"#
        ),
    );
    let which = |n: usize| {
        format!(
            r#""operation":{n},"address":"ci/metanetwork-{}/with-a-rather-long-name/{n}","verb":"create""#,
            n % 7
        )
    };
    for n in 0..operations {
        let after: Vec<usize> = n.checked_sub(16).into_iter().collect();
        line(
            0.1,
            format!(
                r#""event":"operation-planned",{},"kind":"subnet","region":"us-west-2","after":{after:?}"#,
                which(n)
            ),
        );
    }
    for n in 0..operations {
        let start = 0.2 + number(n / 16) + 0.01 * number(n % 16);
        line(start, format!(r#""event":"operation-started",{}"#, which(n)));
        line(
            start + 0.03 * number(n % 30),
            format!(r#""event":"operation-finished",{},"id":"subnet-{n}""#, which(n)),
        );
    }
    let lines: Vec<(f64, &str)> = lines.iter().map(|(at, what)| (*at, what.as_str())).collect();
    log(&lines)
}

#[test]
fn nothing_overlaps_however_much_there_is() {
    for operations in [1, 10, 60, 300, 1000] {
        let entries = large(operations);
        let layout = Layout::of(&RunTrace::of(&entries));
        assert_eq!(layout.bars.len(), operations);
        let texts = layout.bars.iter().filter(|bar| bar.group != Group::Brief);
        let texts: Vec<(f64, f64, f64)> =
            texts.map(|bar| (bar.at.1, bar.at.0, bar.at.0 + width(&bar.label))).collect();
        for (at, (y, left, right)) in texts.iter().enumerate() {
            assert!(*left >= 0.0 && *right <= layout.size.0);
            for (other, other_left, other_right) in &texts[at + 1..] {
                assert!((other - y).abs() > 11.0 || other_left >= right || left >= other_right);
            }
        }
        for (at, bar) in layout.bars.iter().enumerate() {
            assert!(bar.frame.right() <= layout.size.0 && bar.frame.bottom() <= layout.below);
            for other in &layout.bars[at + 1..] {
                let (a, b) = (&bar.frame, &other.frame);
                let apart = a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        assert!(operations > 300 || layout.size.1 < 4500.0, "{operations}: {:?}", layout.size);
        let svg = draw(&entries);
        assert_eq!(svg.matches("<g>").count(), operations);
    }
}

#[test]
fn a_run_that_came_to_nothing_has_a_picture_too() {
    let svg = draw(&log(&SMALL[..3]));
    assert!(svg.contains("No operations.") && svg.contains("killed"), "{svg}");
    assert!(draw(&[]).ends_with("</svg>\n"));
}

#[test]
fn any_time_in_a_file_is_drawn() {
    for by in [1e300, -1e300, 1.7e307, 1e-300, 0.0, -0.0, 5e9] {
        let lines: Vec<(f64, &str)> = SMALL.iter().map(|(at, what)| (at * by, *what)).collect();
        assert!(draw(&log(&lines)).starts_with("<svg"), "{by}");
    }
    let mut lines = SMALL.to_vec();
    lines.reverse();
    for (at, (line, _)) in lines.iter_mut().enumerate() {
        *line *= if at % 2 == 0 { 1e305 } else { -1e305 };
    }
    assert!(draw(&log(&lines)).starts_with("<svg"));
}
