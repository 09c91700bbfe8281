//! Tests of the format of the event log, which other programs read.

use std::time::Duration;

use asiaq_ir::{Address, Kind};

use super::plan::small;
use super::world::World;
use crate::{
    Answer, Attempt, CallEvent, CallEventKind, CloudError, Coverage, Event, Fault, LogRecord, Operation,
    ParseError, Progress, Request, RunEvent, Verb, Verdict,
};

fn line(what: impl Into<RunEvent>) -> String {
    let entry = LogRecord::new("2026-11-21T22:12:22.123Z".to_owned(), 1.25, what.into());
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<LogRecord>(&text).unwrap(), entry);
    text
}

fn event(progress: Progress) -> Event {
    let operation =
        Operation { address: Address::parse("ci/vpc"), kind: Kind::Vpc, verb: Verb::Create, id: None };
    Event { number: 3, operation, progress, done: 0, total: 4 }
}

fn signal(operation: Option<usize>, kind: CallEventKind) -> CallEvent {
    CallEvent { operation, kind }
}

fn request() -> Request {
    Request {
        number: 17,
        service: "EC2".to_owned(),
        operation: "CreateVpc".to_owned(),
        region: "us-west-2".to_owned(),
    }
}

#[test]
fn every_event_has_its_json_form() {
    let error = CloudError {
        operation: "CreateVpc".to_owned(),
        fault: Fault::Refused,
        code: "VpcLimitExceeded".to_owned(),
        message: "The maximum number of VPCs has been reached.".to_owned(),
        request: Some("req-1".to_owned()),
    };
    let throttled = Answer {
        verdict: Verdict::Throttled,
        status: Some(503),
        code: Some("RequestLimitExceeded".to_owned()),
        id: Some("req-1".to_owned()),
    };
    let nothing = Answer { verdict: Verdict::Failed, status: None, code: None, id: None };
    let took = Duration::from_micros(12_345);
    let lines = [
        line(RunEvent::RunStarted { command: "apply".to_owned(), asiaq: "0.1.0".to_owned() }),
        line(event(Progress::Started)),
        line(event(Progress::Finished { id: "vpc-1".to_owned() })),
        line(event(Progress::Failed { error })),
        line(event(Progress::Skipped { because: Address::parse("ci/dhcp") })),
        line(&signal(None, CallEventKind::Sent { request: request(), attempt: 1 })),
        line(&signal(
            Some(3),
            CallEventKind::Answered { request: request(), attempt: 1, took, answer: throttled },
        )),
        line(&signal(Some(3), CallEventKind::Sent { request: request(), attempt: 2 })),
        line(&signal(
            Some(3),
            CallEventKind::Answered { request: request(), attempt: 2, took, answer: nothing },
        )),
        line(&signal(
            Some(3),
            CallEventKind::Waiting {
                why: "the VPC is not available yet".to_owned(),
                pause: Duration::from_millis(200),
                gone: Duration::from_secs(2),
                limit: Duration::from_mins(15),
            },
        )),
        line(RunEvent::RunEnded { exit: 0, message: None }),
        line(RunEvent::RunEnded { exit: 2, message: Some("there is no environment `c`".to_owned()) }),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn the_events_of_a_plan_name_predecessors() {
    let world = World::new();
    let plan = world.plan(&world.lower(&small()), &Coverage::default()).await;
    let lines: Vec<String> = RunEvent::planned(&plan, "111122223333").into_iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn incomplete_logs_are_read_and_other_files_are_rejected() {
    let first = line(RunEvent::RunStarted { command: "apply".to_owned(), asiaq: "0.1.0".to_owned() });
    let attempt = Attempt {
        call: 1,
        attempt: 1,
        operation: None,
        service: "STS".to_owned(),
        name: "GetCallerIdentity".to_owned(),
        region: "us-west-2".to_owned(),
    };
    let second = line(RunEvent::CallSent { attempt });
    let read = |text: &str| LogRecord::read(text).map(|entries| entries.len());
    assert_eq!(read(&format!("{first}\n{second}\n")), Ok(2));
    // The run was killed while writing a line.
    let (half, _) = second.split_at(40);
    assert_eq!(read(&format!("{first}\n{half}")), Ok(1));
    assert_eq!(read(&format!("{first}\n{half}\n{second}\n")), Err(ParseError::Damaged(2)));
    let newer = first.replace("\"asiaq-events\":1", "\"asiaq-events\":2");
    assert_eq!(read(&newer), Err(ParseError::Version(2)));
    for foreign in ["", "{}\n", "project p {}\n"] {
        assert_eq!(read(foreign), Err(ParseError::Foreign));
    }
}
