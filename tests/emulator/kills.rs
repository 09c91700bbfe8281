//! `kill -9` in the middle of a call, and what the next run makes of it.

#[path = "../../runtime/aws/tests/emulator/faults/program.rs"]
mod program;

use std::process::{Child, Stdio};
use std::time::Duration;

use super::World;
use super::moto;
use super::proxy::{Fault, Moment, Proxy};

/// What is in an account after each step of its life.
#[derive(Debug, PartialEq, Eq)]
struct Life {
    made: String,
    changed: String,
    unmade: String,
    /// How many calls each step made.
    calls: [usize; 3],
}

/// A world whose every command goes through a proxy.
struct Watched {
    world: World,
    proxy: Proxy,
}

impl Watched {
    fn new() -> Self {
        let world = World::new(&program::first());
        let images = program::IMAGES.map(|image| format!("\"{image}\"")).join(", ");
        let account = format!("{{ \"images\": [{images}], \"zones\": [\"{}\"] }}", program::DOMAIN);
        std::fs::write(world.path("account.json"), account).unwrap();
        world.stock();
        world.boto(
            "gateway = ec2.create_vpn_gateway(Type='ipsec.1')['VpnGateway']['VpnGatewayId']
ec2.create_tags(Resources=[gateway], Tags=[{'Key': 'Name', 'Value': 'ci'}])",
        );
        Self { world, proxy: Proxy::start(moto::endpoint()) }
    }

    fn start(&self, command: &str) -> Child {
        let mut run = self.world.command(env!("CARGO_BIN_EXE_asiaq"));
        run.args([command, "--yes"]).env("AWS_ENDPOINT_URL", self.proxy.endpoint());
        run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs a command to its end, after which nothing is left to do; how many calls it made.
    fn finish(&self, command: &str) -> usize {
        self.proxy.clear();
        assert!(self.start(command).wait().unwrap().success(), "{command} again");
        let calls = self.proxy.calls().len();
        let plan = if command == "destroy" { &["destroy", "--dry-run"][..] } else { &["plan"] };
        let plan = self.world.asiaq(plan);
        assert_eq!(plan.code, 0, "nothing is left to do: {plan:#?}");
        calls
    }

    /// Runs a command and kills it while its n-th call has taken effect and is not answered; one that makes
    /// fewer calls ends by itself.
    fn kill(&self, command: &str, n: usize) {
        self.proxy.clear();
        self.proxy.at(n, Fault::Hanging(Moment::After));
        let mut run = self.start(command);
        while !self.proxy.is_hanging_within(Duration::from_millis(20)) {
            if run.try_wait().unwrap().is_some() {
                return;
            }
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }

    fn census(&self) -> String {
        self.world.script("census.py", &[]) + &self.world.look()
    }

    /// An apply, a change and a destroy, each killed where `at` says, and then run again.
    fn live(&self, at: impl Fn(usize) -> Option<usize>) -> Life {
        let step = |which: usize, command: &str| {
            if let Some(n) = at(which) {
                self.kill(command, n);
            }
            (self.finish(command), self.census())
        };
        let (first, made) = step(0, "apply");
        self.world.write(&program::changed());
        let (second, changed) = step(1, "apply");
        let (third, unmade) = step(2, "destroy");
        Life { made, changed, unmade, calls: [first, second, third] }
    }
}

/// A life that is killed in each step, after so many thousandths of its calls.
fn check(clean: &Life, thousandths: usize) {
    let life = Watched::new().live(|step| Some(clean.calls[step] * thousandths / 1000 + 1));
    for (killed, whole) in
        [(&life.made, &clean.made), (&life.changed, &clean.changed), (&life.unmade, &clean.unmade)]
    {
        assert_eq!(killed, whole, "killed after {thousandths} thousandths of the calls");
    }
}

#[test]
fn what_is_killed_at_any_call_and_run_again_is_what_is_made_in_one_go() {
    let clean = Watched::new().live(|_| None);
    if std::env::var("ASIAQ_TESTS").as_deref() == Ok("long") {
        let most = clean.calls.iter().max().unwrap();
        for n in 0..*most {
            check(&clean, n * 1000 / most);
        }
    } else {
        check(&clean, 600);
    }
}
