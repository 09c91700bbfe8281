//! Ctrl-C in the middle of an apply.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::World;
use super::moto;
use super::proxy::{Fault, Moment, Proxy};

const ONE: &str = "project p { region = us-west-2 }
envtype box {
  zones = 3
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw] }
  metanetwork app { ingress = [tcp 8080 from web] }
}
env ci : box { cidr = 10.0.0.0/20 }
env qa : box { cidr = 10.1.0.0/20 }
";

/// Presses Ctrl-C.
pub(super) fn interrupt(child: &Child) {
    signal(child, "-INT");
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// An apply in which the answer about the first VPC comes after so many Ctrl-C; what it says.
fn held(world: &World, fault: Fault, times: usize) -> String {
    signalled(world, fault, &vec!["-INT"; times])
}

/// The same with these signals.
fn signalled(world: &World, fault: Fault, signals: &[&str]) -> String {
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("CreateVpc", 1, fault);
    // Tests that run under `nohup` ignore hangups, and what they start would.
    let hearing = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])";
    let mut child = world
        .command(moto::python(Path::new(env!("CARGO_MANIFEST_DIR"))))
        .args(["-c", hearing, env!("CARGO_BIN_EXE_asiaq"), "apply", "--yes", "--concurrency", "1"])
        .env("AWS_ENDPOINT_URL", proxy.endpoint())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert!(proxy.until_hanging());
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    for name in signals {
        signal(&child, name);
        // One is heard before the next is sent.
        while !said.contains("interrupt again to stop now") {
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "{said}");
        }
    }
    proxy.release();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("Run `asiaq apply` to continue"), "{said}");
    let calls = proxy.calls();
    assert_eq!(calls.iter().filter(|call| call.operation == "CreateVpc").count(), 1, "{said}");
    said
}

#[test]
fn once_finishes_the_call_in_flight_and_twice_leaves_it() {
    let world = World::new(ONE);
    let said = held(&world, Fault::Held, 1);
    assert!(said.contains("created ci/vpc") || said.contains("created qa/vpc"), "{said}");
    assert!(!said.contains("AWS may or may not"), "{said}");
    world.apply();
    assert_eq!(world.lines("vpc ").len(), 2, "{}", world.look());

    let world = World::new(ONE);
    let said = held(&world, Fault::Hanging(Moment::After), 2);
    assert!(
        said.contains(
            "in flight when the run stopped; AWS may or may not have made these changes:\n  create vpc"
        ),
        "{said}"
    );
    world.apply();
    assert_eq!(world.lines("vpc ").len(), 2, "the one that nobody knew of is found: {}", world.look());
}

#[test]
fn a_closed_terminal_and_other_requests_to_end_let_the_call_in_flight_finish() {
    for signals in [&["-TERM"][..], &["-QUIT"], &["-HUP"], &["-HUP", "-HUP"]] {
        let world = World::new(ONE);
        let said = signalled(&world, Fault::Held, signals);
        assert!(said.contains("created ci/vpc") || said.contains("created qa/vpc"), "{signals:?}: {said}");
        assert!(!said.contains("AWS may or may not"), "{signals:?}: {said}");
        let lease = world.boto(
            "result = [item for item in client('dynamodb').scan(TableName='asiaq-leases')['Items'] if 'run' in item]",
        );
        assert_eq!(lease, serde_json::json!([]), "{signals:?}: the leases are released");
    }
}

#[test]
fn what_was_started_to_outlive_its_terminal_does() {
    let world = World::new(ONE);
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("CreateVpc", 1, Fault::Held);
    let script = format!("trap '' HUP; exec {} apply --yes", env!("CARGO_BIN_EXE_asiaq"));
    let mut child = world
        .command("sh")
        .args(["-c", &script])
        .env("AWS_ENDPOINT_URL", proxy.endpoint())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(proxy.until_hanging());
    signal(&child, "-HUP");
    proxy.release();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    world.assert_settled();
}

#[test]
fn an_interrupted_apply_stops_says_what_is_left_and_is_continued() {
    let world = World::new(ONE);
    let mut child = world
        .command(env!("CARGO_BIN_EXE_asiaq"))
        .args(["apply", "--yes", "--concurrency", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("creating the table of leases"), "{line}");
    for _ in 0..3 {
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("created ci/") || line.starts_with("created qa/"), "{line}");
    }
    interrupt(&child);
    let (mut said, mut shown) = (String::new(), String::new());
    stderr.read_to_string(&mut said).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("stopping when the calls in flight have finished"), "{said}");
    assert!(said.contains("not tried, because the run was stopped"), "{said}");
    assert!(said.contains("Run `asiaq apply` to continue"), "{said}");
    assert!(shown.contains("Applied in part: "), "{shown}");

    world.apply();
    assert_eq!(world.lines("vpc ").len(), 2, "{}", world.look());
}
