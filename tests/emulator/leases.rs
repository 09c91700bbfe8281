//! Several people, one environment: leases, as the real binary takes them.

use std::io::{BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use super::proxy::{Fault, Moment, Proxy};
use super::{Said, World, moto};

const TWO: &str = "project p { region = us-west-2 }
envtype box { zones = 1, metanetwork web { routes = [internet via igw] } }
env ci : box { cidr = 10.0.0.0/20 }
env qa : box { cidr = 10.1.0.0/20 }
";

const BINARY: &str = env!("CARGO_BIN_EXE_asiaq");

impl World {
    /// The command, run by somebody.
    fn by(&self, user: &str, arguments: &[&str]) -> Said {
        Said::of(&self.command(BINARY).env("USER", user).args(arguments).output().unwrap())
    }

    /// What the table says of an environment.
    fn lease(&self, env: &str) -> Value {
        self.boto(&format!(
            "result = client('dynamodb').get_item(TableName='asiaq-leases', \
             Key={{'project': {{'S': 'p'}}, 'environment': {{'S': '{env}'}}}}).get('Item')"
        ))
    }

    fn tables(&self) -> Value {
        self.boto("result = client('dynamodb').list_tables()['TableNames']")
    }
}

/// A run in the middle of its work: one of its calls does not come back.
struct AtWork {
    child: Child,
    stderr: BufReader<ChildStderr>,
    _proxy: Proxy,
}

impl AtWork {
    fn new(world: &World, user: &str, arguments: &[&str]) -> Self {
        let proxy = Proxy::start(moto::endpoint());
        proxy.on("CreateSubnet", 1, Fault::Hanging(Moment::Before));
        let mut command = world.command(BINARY);
        command.env("AWS_ENDPOINT_URL", proxy.endpoint()).env("USER", user).args(arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        assert!(proxy.until_hanging());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, _proxy: proxy }
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads what it says until that.
    fn says(&mut self, words: &str) {
        until(&mut self.stderr, words);
    }

    /// The exit code, and the rest of what it says.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

fn until(stream: &mut impl std::io::BufRead, words: &str) {
    let mut seen = String::new();
    while !seen.contains(words) {
        assert_ne!(stream.read_line(&mut seen).unwrap(), 0, "no `{words}` in {seen}");
    }
}

#[test]
fn two_at_once_one_is_refused_or_waits_and_goes_on_when_the_other_stops() {
    let world = World::new(TWO);
    let mut ann = AtWork::new(&world, "ann", &["apply", "--env", "ci", "--yes"]);

    let before = world.look();
    let bob = world.by("bob", &["apply", "--env", "ci", "--yes"]);
    assert_eq!(bob.code, 2, "{bob:#?}");
    for words in [
        "environment `ci` is held by ann@",
        "(arn:aws:sts::",
        "`asiaq apply --env ci --yes` since 20",
        "the lease expires 20",
        "`--lock-timeout 10m`",
        "`asiaq unlock --env ci`",
    ] {
        assert!(bob.stderr.contains(words), "{words} is not in {}", bob.stderr);
    }
    // The page shows what is said, but for names, times and `--yes`.
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/leases.md")).unwrap();
    let shown = page.split("$ asiaq apply --env ci\n").nth(1).unwrap().split("```").next().unwrap();
    let words = |text: &str| {
        let is_word =
            |word: &&str| word.chars().all(|sign| sign.is_ascii_lowercase() || "-`':;,".contains(sign));
        let text = text.replace(" --yes", "");
        text.split_whitespace().filter(is_word).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(words(shown), words(&bob.stderr), "{}", bob.stderr);
    let all = world.by("bob", &["apply", "--yes"]);
    assert_eq!(all.code, 2, "all or nothing: {all:#?}");
    let heedless = world.by("bob", &["apply", "--no-lock"]);
    assert!(heedless.stderr.contains("is changing") && heedless.stderr.contains("ann@"), "{heedless:#?}");
    assert_eq!(world.look(), before);
    let qa = world.by("bob", &["apply", "--env", "qa", "--yes"]);
    assert_eq!(qa.code, 0, "nobody holds `qa`: {qa:#?}");

    let plan = world.asiaq(&["plan", "--format", "json"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    let shown: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(shown["leases"][0]["environment"], "ci");
    assert_eq!(shown["leases"][0]["alive"], true);
    assert!(plan.stderr.contains("is changing `ci`"), "{}", plan.stderr);
    let idle = world.asiaq(&["plan", "--env", "qa"]);
    assert_eq!((idle.code, idle.stderr.as_str()), (0, ""));

    let mut eve = world.command(BINARY);
    eve.args(["apply", "--env", "ci", "--yes", "--lock-timeout", "5m"]).stdout(Stdio::null());
    let mut eve = eve.stderr(Stdio::piped()).spawn().unwrap();
    let mut says = BufReader::new(eve.stderr.take().unwrap());
    until(&mut says, " for ann@");

    ann.interrupt();
    ann.says("interrupt again to stop now");
    ann.interrupt();
    let (code, said) = ann.end();
    assert_eq!(code, Some(130), "{said}");
    let mut said = String::new();
    says.read_to_string(&mut said).unwrap();
    assert_eq!(eve.wait().unwrap().code(), Some(0), "{said}");
    world.assert_settled();
}

#[test]
fn two_applies_of_every_kind_at_once_make_everything_once() {
    let world = World::of_every_kind();
    let start = || {
        let mut command = world.command(BINARY);
        command.args(["apply", "--yes", "--lock-timeout", "10m"]).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let runs = [start(), start()];
    for run in runs {
        let said = Said::of(&run.wait_with_output().unwrap());
        assert_eq!(said.code, 0, "{said:#?}");
    }
    // A plan tells of whatever is there twice.
    world.assert_settled();
}

#[test]
fn a_killed_run_is_in_the_way_until_its_lease_is_broken() {
    let world = World::new(TWO);
    AtWork::new(&world, "ann", &["apply", "--yes"]).kill();
    let refused = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    assert!(refused.stderr.contains("environments `ci` and `qa` are held by ann@"), "{}", refused.stderr);
    assert!(refused.stderr.contains("`asiaq unlock --env ci --env qa`"), "{}", refused.stderr);

    let unasked = world.asiaq(&["unlock", "--env", "ci"]);
    assert_eq!(unasked.code, 2, "{unasked:#?}");
    assert!(unasked.stderr.contains("`ci` is held by ann@"), "{}", unasked.stderr);
    let broken = world.by("bob", &["unlock", "--env", "ci", "--env", "qa", "--yes", "--format", "json"]);
    assert_eq!(broken.code, 0, "{broken:#?}");
    let broken: Value = serde_json::from_str(&broken.stdout).unwrap();
    assert_eq!(broken[1]["environment"], "qa");
    assert!(broken[1]["owner"].as_str().unwrap().starts_with("ann@"), "{broken}");
    let again = world.asiaq(&["unlock", "--env", "ci", "--yes"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, "no run holds a lease of `ci`\n"));
    let nowhere = world.asiaq(&["unlock", "--env", "c", "--yes"]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.stderr.contains("there is no environment `c`"), "{}", nowhere.stderr);

    world.apply();
    let lease = world.lease("ci");
    assert_eq!(lease.get("owner"), None, "given back: {lease}");
    assert!(lease["written"]["S"].as_str().unwrap().starts_with("1 "), "{lease}");
}

#[test]
fn a_killed_run_is_in_nobody_s_way_when_its_lease_has_run_out() {
    let world = World::new(TWO);
    AtWork::new(&world, "ann", &["apply", "--env", "ci", "--yes", "--lease", "1s"]).kill();
    let said = world.asiaq(&["apply", "--env", "ci", "--yes", "--lock-timeout", "5m"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("the run of ann@"), "{}", said.stderr);
    assert!(said.stderr.contains("has died; continuing from there"), "{}", said.stderr);
    assert_eq!(world.asiaq(&["plan", "--env", "ci"]).code, 0);
}

#[test]
fn a_damaged_lease_is_in_the_way_of_its_environment_only_and_can_be_broken() {
    for damage in [
        "'run': {'S': 'x'}",
        "'version': {'N': '7'}, 'run': {'S': 'x'}, 'owner': {'S': 'ann@host'}, 'expires': {'S': 'tomorrow'}",
        "'version': {'N': '7'}, 'run': {'S': 'x'}, 'since': {'S': '2026-11-29T08:00:00Z'}, 'expires': {'S': '9999-01-01T00:00:00Z'}",
        "'version': {'S': 'seven'}, 'run': {'N': '1'}",
        "'color': {'S': 'red'}",
    ] {
        let world = World::new(TWO);
        world.apply();
        world.write(&TWO.replace("[internet via igw]", "[]"));
        world.boto(&format!(
            "client('dynamodb').put_item(TableName='asiaq-leases', Item={{'project': {{'S': 'p'}}, 'environment': {{'S': 'qa'}}, {damage}}})"
        ));
        let other = world.asiaq(&["apply", "--env", "ci", "--yes"]);
        assert_eq!(other.code, 0, "{damage}: {other:#?}");
        let refused = world.asiaq(&["apply", "--env", "qa", "--yes"]);
        assert_eq!(refused.code, 2, "{damage}: {refused:#?}");
        assert!(refused.stderr.contains("environment `qa` is held by"), "{damage}: {refused:#?}");
        assert!(
            refused.stderr.contains("is damaged") && !refused.stderr.contains("1970"),
            "{damage}: {refused:#?}"
        );
        assert!(refused.stderr.contains("`asiaq unlock --env qa`"), "{damage}: {refused:#?}");
        let broken = world.asiaq(&["unlock", "--env", "qa", "--yes"]);
        assert_eq!(broken.code, 0, "{damage}: {broken:#?}");
        let said = world.asiaq(&["apply", "--env", "qa", "--yes"]);
        assert_eq!(said.code, 0, "{damage}: {said:#?}");
        world.assert_settled();
    }
}

#[test]
fn a_table_of_another_make_is_named_as_such() {
    let world = World::new(TWO);
    world.boto(
        "client('dynamodb').create_table(TableName='asiaq-leases', BillingMode='PAY_PER_REQUEST',
    AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}])",
    );
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("the table `asiaq-leases` was not made by asiaq"), "{}", said.stderr);
}

#[test]
fn the_command_of_a_lease_has_no_password_in_it() {
    let world = World::new(TWO);
    let proxy = Proxy::start(moto::endpoint());
    let endpoint = proxy.endpoint().replace("http://", "http://ann:s3cret@");
    // The lease of a run that is killed stays.
    let mut command = world.command(BINARY);
    proxy.on("CreateSubnet", 1, Fault::Hanging(Moment::Before));
    command.args(["apply", "--yes", "--endpoint-url", &endpoint]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    assert!(proxy.until_hanging());
    child.kill().unwrap();
    child.wait().unwrap();
    let lease = world.lease("ci").to_string();
    assert!(lease.contains("--endpoint-url") && !lease.contains("s3cret"), "{lease}");
    let nowhere = world.asiaq(&["plan", "--endpoint-url", "http://ann:s3cret@127.0.0.1:1/?token=s3cret"]);
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere.stderr.contains("127.0.0.1:1") && !nowhere.stderr.contains("s3cret"),
        "{}",
        nowhere.stderr
    );
}

#[test]
fn a_run_whose_lease_is_broken_stops() {
    let world = World::new(TWO);
    let mut ann = AtWork::new(&world, "ann", &["apply", "--env", "ci", "--yes", "--lease", "9s"]);
    assert_eq!(world.by("bob", &["unlock", "--env", "ci", "--yes"]).code, 0);
    ann.says("broke the lease of `ci`; stopping when the operations in flight have finished");
    ann.interrupt();
    let (code, said) = ann.end();
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("stopping now"), "{said}");
    world.apply();
}

#[test]
fn leases_cost_one_look_one_write_to_take_and_one_to_give_back() {
    let world = World::new(TWO);
    let proxy = Proxy::start(moto::endpoint());
    let calls = |arguments: &[&str]| {
        proxy.clear();
        let mut command = world.command(BINARY);
        let said =
            Said::of(&command.env("AWS_ENDPOINT_URL", proxy.endpoint()).args(arguments).output().unwrap());
        let leases = proxy.calls().into_iter().filter(|call| call.service == "dynamodb");
        let calls: Vec<String> = leases.map(|call| call.operation).collect();
        (said.code, calls.join(" "))
    };
    let writes = || proxy.calls().iter().filter(|call| call.is_write).count();
    assert_eq!(calls(&["plan"]), (10, "Query".to_owned()));
    assert_eq!(writes(), 0);
    assert_eq!(calls(&["apply", "--dry-run"]), (10, "Query".to_owned()));
    assert_eq!(writes(), 0);
    let (take, give) = ("TransactWriteItems", "TransactWriteItems");
    assert_eq!(calls(&["apply", "--yes"]), (0, format!("Query CreateTable {take} {give}")));
    assert_eq!(calls(&["apply", "--yes"]), (0, "Query".to_owned()));
    assert_eq!(writes(), 0);
    assert_eq!(calls(&["destroy", "--yes"]), (0, format!("Query {take} {give}")));
    assert_eq!(calls(&["plan", "-o", "plan.json"]), (10, "Query".to_owned()));
    assert_eq!(calls(&["apply", "--yes", "plan.json"]), (0, format!("Query {take} {give}")));
}

#[test]
fn without_leases_nothing_is_asked_of_the_table() {
    let world = World::new(TWO);
    let said = world.asiaq(&["apply", "--yes", "--no-lock"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("without a lease: other runs can change `ci` and `qa`"), "{said:#?}");
    assert_eq!(world.tables(), serde_json::json!([]));
    assert_eq!(world.asiaq(&["apply", "--no-lock", "--lease", "5m"]).code, 2);
}

#[test]
fn who_may_not_use_the_table_can_plan_and_is_told_what_an_apply_needs() {
    let world = World::new(TWO);
    let proxy = Proxy::start(moto::endpoint());
    let run = |arguments: &[&str]| {
        let mut command = world.command(BINARY);
        Said::of(&command.env("AWS_ENDPOINT_URL", proxy.endpoint()).args(arguments).output().unwrap())
    };
    let denied = || Fault::Refused("AccessDeniedException", "not authorized");
    for (operation, right) in [
        ("CreateTable", "dynamodb:CreateTable"),
        ("TransactWriteItems", "dynamodb:UpdateItem"),
        ("Query", "dynamodb:Query"),
    ] {
        proxy.clear();
        proxy.always(operation, denied());
        assert_eq!(run(&["plan"]).code, 10, "{operation}");
        let said = run(&["apply", "--yes"]);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(right) && said.stderr.contains("`--no-lock`"), "{}", said.stderr);
        assert!(world.look().trim().is_empty(), "nothing was made");
    }
    assert_eq!(run(&["apply", "--yes", "--no-lock"]).code, 0);
}

/// The command on a terminal.
struct Terminal {
    child: Child,
    screen: BufReader<std::process::ChildStdout>,
}

impl Terminal {
    fn new(world: &World, arguments: &[&str]) -> Self {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let code = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        let mut command = world.command(moto::python(root));
        command.args(["-c", code, BINARY]).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let screen = BufReader::new(child.stdout.take().unwrap());
        Self { child, screen }
    }

    /// Waits for a question that ends like this, and gives what was shown until then.
    fn asks(&mut self, end: &str) -> String {
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).ends_with(end) {
            let mut byte = [0];
            let read = self.screen.read(&mut byte).unwrap();
            assert_ne!(read, 0, "no `{end}` in {}", String::from_utf8_lossy(&shown));
            shown.push(byte[0]);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    fn answer(&mut self, answer: &str) {
        self.child.stdin.as_mut().unwrap().write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    /// The exit code, and what was shown since the last question.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = Vec::new();
        self.screen.read_to_end(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), String::from_utf8_lossy(&rest).into_owned())
    }
}

#[test]
fn the_table_is_offered_where_there_is_none() {
    let world = World::new(TWO);
    for (answer, code) in [("n", 2), ("y", 0)] {
        let mut terminal = Terminal::new(&world, &["apply", "--env", "ci"]);
        terminal.asks("[y/N] ");
        terminal.answer("y");
        let offer = terminal.asks("[y/N] ");
        assert!(offer.contains("`asiaq-leases`") && offer.contains("us-west-2"), "{offer}");
        assert!(world.look().trim().is_empty(), "nothing before the answer");
        terminal.answer(answer);
        let (ended, shown) = terminal.end();
        assert_eq!(ended, Some(code), "{shown}");
        assert_eq!(shown.contains("`--no-lock`"), answer == "n", "{shown}");
    }
    assert_eq!(world.tables(), serde_json::json!(["asiaq-leases"]));
    assert_eq!(world.lines("vpc ").len(), 1);
}

#[test]
fn a_question_is_asked_again_only_where_the_plan_is_another_one_meanwhile() {
    let world = World::new(TWO);
    world.apply();
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);

    let mut terminal = Terminal::new(&world, &["apply", "--env", "ci"]);
    terminal.asks("[y/N] ");
    world.apply();
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);
    terminal.answer("y");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "the same plan is still right: {shown}");
    assert_eq!(world.lines("vpc ").len(), 1);

    let mut terminal = Terminal::new(&world, &["apply"]);
    terminal.asks("[y/N] ");
    world.apply();
    terminal.answer("y");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("here is the new plan"), "{shown}");
    assert!(shown.contains("Nothing to do"), "{shown}");
}
