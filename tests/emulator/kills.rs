//! `kill -9` in the middle of a call, and what the next run makes of it.

use std::process::{Child, Stdio};
use std::time::Duration;

use super::proxy::{Fault, Moment, Proxy};
use super::{World, moto, program};

/// A world whose every command goes through a proxy.
struct Watched {
    world: World,
    proxy: Proxy,
}

impl Watched {
    fn new() -> Self {
        Self { world: World::of_every_kind(), proxy: Proxy::start(moto::endpoint()) }
    }

    fn start(&self, command: &str) -> Child {
        let mut run = self.world.command(env!("CARGO_BIN_EXE_asiaq"));
        run.args([command, "--yes"]).env("AWS_ENDPOINT_URL", self.proxy.endpoint());
        run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs a command to its end, after which nothing is left to do.
    fn finish(&self, command: &str) {
        self.proxy.clear();
        assert!(self.start(command).wait().unwrap().success(), "{command} again");
        let look = if command == "destroy" { &["destroy", "--dry-run"][..] } else { &["plan"] };
        let look = self.world.asiaq(look);
        assert_eq!(look.code, 0, "nothing is left to do: {look:#?}");
    }

    /// Runs a command and kills it while its n-th call has taken effect and is not answered; false for one that
    /// ends before.
    fn kill(&self, command: &str, n: usize) -> bool {
        self.proxy.clear();
        self.proxy.at(n, Fault::Hanging(Moment::After));
        let mut run = self.start(command);
        while !self.proxy.is_hanging_within(Duration::from_millis(20)) {
            if run.try_wait().unwrap().is_some() {
                return false;
            }
        }
        run.kill().unwrap();
        run.wait().unwrap();
        // Nobody else knows that it is dead. Where it did not come so far as a lease, there is none to break.
        self.world.asiaq(&["unlock", "--env", "ci", "--env", "qa", "--account", "main", "--yes"]);
        true
    }

    /// What there is, but for topics, which outlive their environments.
    fn census(&self) -> Vec<String> {
        let census = self.world.script("census.py", &[]);
        census.lines().filter(|line| !line.starts_with("sns ")).map(str::to_owned).collect()
    }
}

/// More calls than any step makes.
const MOST: usize = 1000;

/// Programs, and what is done with each in turn.
type Steps<'a> = &'a [(&'a str, String)];

/// Each step is killed at its n-th call and run again, after which nothing is left to do; in the end everything is
/// as it was. False where every step ends before.
fn check(steps: Steps, n: usize) -> bool {
    let watched = Watched::new();
    let before = watched.census();
    let mut is_killed = false;
    for (command, program) in steps {
        watched.world.write(program);
        is_killed |= watched.kill(command, n);
        watched.finish(command);
    }
    assert_eq!(watched.census(), before, "killed at call {n}");
    is_killed
}

#[test]
fn what_is_killed_at_any_call_is_finished_by_the_next_run_and_leaves_nothing_behind() {
    let (first, changed) = (program::whole(), program::whole_changed());
    if std::env::var("ASIAQ_TESTS").as_deref() == Ok("long") {
        let steps = [("apply", first), ("apply", changed.clone()), ("destroy", changed)];
        let most = (1..MOST).find(|n| !check(&steps, *n));
        assert!(most.is_some_and(|most| most > 100), "{most:?} calls");
    } else {
        assert!(check(&[("apply", first.clone()), ("destroy", first)], 60));
    }
}
