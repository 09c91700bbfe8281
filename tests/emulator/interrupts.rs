//! Ctrl-C in the middle of an apply.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use super::World;

const ONE: &str = "project p { region = us-west-2 }
envtype box {
  zones = 3
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw] }
  metanetwork app { ingress = [tcp 8080 from web] }
}
env ci : box { cidr = 10.0.0.0/20 }
env qa : box { cidr = 10.1.0.0/20 }
";

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
    assert!(line.starts_with("making the table of leases"), "{line}");
    for _ in 0..3 {
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("created ci/") || line.starts_with("created qa/"), "{line}");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (mut said, mut shown) = (String::new(), String::new());
    stderr.read_to_string(&mut said).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("stopping when the calls in flight are done"), "{said}");
    assert!(said.contains("not tried, because it was told to stop"), "{said}");
    assert!(said.contains("Run `asiaq apply` to go on"), "{said}");
    assert!(shown.contains("Applied in part: "), "{shown}");

    world.apply();
    assert_eq!(world.lines("vpc ").len(), 2, "{}", world.look());
}
