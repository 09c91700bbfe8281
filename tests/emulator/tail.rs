//! `asiaq tail`: the log events of a hostclass.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::permissions::{allowed, needs};
use super::proxy::Proxy;
use super::{World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
env ci   { cidr = 10.0.0.0/20, zones = 1, metanetwork app {} }
env live { cidr = 10.1.0.0/20, zones = 1, metanetwork app {} }
";

/// Python that writes an event so many seconds ago.
fn event(group: &str, stream: &str, seconds: u32, text: &str) -> String {
    format!(
        "
import time
logs = client('logs')
for make in [lambda: logs.create_log_group(logGroupName='{group}'), lambda: logs.create_log_stream(logGroupName='{group}', logStreamName='{stream}')]:
    try: make()
    except logs.exceptions.ResourceAlreadyExistsException: pass
logs.put_log_events(logGroupName='{group}', logStreamName='{stream}', logEvents=[{{'timestamp': int((time.time() - {seconds}) * 1000), 'message': '{text}'}}])
result = 1
"
    )
}

fn logged() -> World {
    let world = World::new(PROGRAM);
    for (group, stream, seconds, text) in [
        ("ci/web/var/log/httpd/error_log", "i-1", 30, "second error"),
        ("ci/web/var/log/worker.log", "i-2", 40, "first"),
        ("ci/web/var/log/worker.log", "i-2", 7000, "long ago"),
        ("ci/webber/var/log/worker.log", "i-3", 20, "of another"),
        ("live/web/var/log/worker.log", "i-4", 10, "live"),
    ] {
        world.boto(&event(group, stream, seconds, text));
    }
    world
}

fn texts(world: &World, arguments: &[&str]) -> Vec<String> {
    let said = world.asiaq(&[&["tail", "web", "--format", "json"], arguments].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    let lines = said.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn events_of_all_files_are_one_list_in_order_of_time() {
    let world = logged();
    assert_eq!(texts(&world, &["--env", "ci"]), ["first", "second error"]);
    assert_eq!(texts(&world, &[]), ["first", "second error", "live"]);
    assert_eq!(texts(&world, &["--env", "ci", "--since", "3h"]), ["long ago", "first", "second error"]);
    assert_eq!(texts(&world, &["--env", "ci", "--file", "/var/log/httpd"]), ["second error"]);
    assert_eq!(texts(&world, &["--env", "ci", "--filter", "error"]), ["second error"]);
    let said = world.asiaq(&["tail", "web", "--env", "ci"]);
    assert!(said.stdout.contains("Z ci/web/var/log/worker.log i-2: first\n"), "{said:#?}");
    let said = world.asiaq(&["tail", "we", "--env", "ci"]);
    assert!(said.code == 2 && joined(&said.stderr).contains("there is no log group of `we`"), "{said:#?}");
    let proxy = Proxy::start(moto::endpoint());
    assert_eq!(needs(&world, &proxy, &["tail", "web"], 0), allowed(&world, "tail"));
}

#[test]
fn new_events_appear_once() {
    let world = logged();
    let mut command = world.command(env!("CARGO_BIN_EXE_asiaq"));
    command.args(["tail", "web", "--env", "ci", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut run = command.spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut next = || lines.next().unwrap().rsplit_once(": ").unwrap().1.to_owned();
    assert_eq!([next(), next()], ["first", "second error"]);
    world.boto(&event("ci/web/var/log/worker.log", "i-2", 35, "late"));
    assert_eq!(next(), "late");
    world.boto(&event("ci/web/var/log/worker.log", "i-2", 0, "new"));
    assert_eq!(next(), "new");
    run.kill().unwrap();
    run.wait().unwrap();
}
