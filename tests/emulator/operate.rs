//! The page about operating: each command of its console blocks is run on its program, with a real server behind the
//! instances.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::World;
use super::sshd::{Sshd, can_be_tried};

const PAGE: &str = include_str!("../../docs/operate.md");

/// Programs that the instances have.
const PROGRAMS: [(&str, &str); 5] = [
    ("sudo", "exec \"$@\""),
    ("journalctl", "echo started"),
    ("systemctl", "true"),
    ("uptime", "echo up"),
    ("cat", "echo 7"),
];

/// The program of the page, with the other hostclasses that it talks of, in one environment.
fn program(env: &str) -> String {
    let block = PAGE.split("```asq\n").nth(1).unwrap().split("```").next().unwrap();
    let classes = ["web", "db", "build"];
    let declared = classes.map(|name| format!("hostclass {name} {{ network = app }}\n")).concat();
    let run = classes.map(|name| format!("    run {name} {{ desired = 1 }}\n")).concat();
    let block = block.replace("env live", &format!("env {env}"));
    block.replacen("    run bastion", &format!("{run}    run bastion"), 1) + &declared
}

/// An environment with a server behind its instances.
struct Place {
    world: World,
    sshd: Sshd,
}

impl Place {
    fn new(env: &str) -> Self {
        let world = World::new(&program(env));
        world.stock_with(r#"{ "images": ["bastion", "front", "web", "db", "build"] }"#);
        let sshd = Sshd::start(&world.credentials.account);
        let key = world.path("key").display().to_string();
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).status();
        assert!(made.unwrap().success());
        let public = std::fs::read_to_string(world.path("key.pub")).unwrap();
        world.boto(&format!(
            "import time, json
ec2.import_key_pair(KeyName='ops', PublicKeyMaterial='{}'.encode())
content = {{'schemaVersion': '2.2', 'description': 'tests', 'mainSteps': [{{'action': 'aws:runShellScript', 'name': 'run', 'inputs': {{'runCommand': ['true']}}}}],
           'parameters': {{'test': {{'type': 'String'}}, 'executionTimeout': {{'type': 'String', 'default': '60'}}}}}}
client('ssm').create_document(Name='run-tests', DocumentType='Command', Content=json.dumps(content))
logs = client('logs')
for file in ['/var/log/httpd/error_log', '/var/log/worker.log']:
    logs.create_log_group(logGroupName='{env}/front' + file)
    logs.create_log_stream(logGroupName='{env}/front' + file, logStreamName='i-1')
    logs.put_log_events(logGroupName='{env}/front' + file, logStreamName='i-1', logEvents=[{{'timestamp': int(time.time() * 1000) - 9000, 'message': 'an error'}}])
result = 1",
            public.trim()
        ));
        let said = world.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        let place = Self { world, sshd };
        place.install();
        place
    }

    /// The programs of the instances, and how `ssh` gets there.
    fn install(&self) {
        let folder = self.sshd.path("programs");
        std::fs::create_dir(&folder).unwrap();
        for (name, does) in PROGRAMS {
            std::fs::write(folder.join(name), format!("#!/bin/sh\n{does}\n")).unwrap();
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let wrapper = std::fs::read_to_string(self.sshd.path("wrapper")).unwrap();
        let (shell, path) = ("exec /bin/sh", format!("export PATH={}:$PATH\nexec /bin/sh", folder.display()));
        std::fs::write(self.sshd.path("wrapper"), wrapper.replacen(shell, &path, 1)).unwrap();
        let text = format!(
            "Host *\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  \
             StrictHostKeyChecking no\n",
            self.sshd.port,
            self.sshd.user,
            self.world.path("key").display()
        );
        std::fs::write(self.world.path("ssh_config"), text).unwrap();
    }

    /// The id and the AMI of an instance of `front`.
    fn front(&self) -> (String, String) {
        let said = self.world.asiaq(&["hosts", "front", "--format", "json"]);
        let hosts: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
        let text = |key: &str| hosts[0][key].as_str().unwrap().to_owned();
        (text("id"), text("image"))
    }

    /// The words of a command of the page, as they are for what is here.
    fn words(&self, line: &str) -> Vec<String> {
        let (id, image) = self.front();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let line = line
            .replace("i-0a1b2c3d4e5f60718", &id)
            .replace("ami-0123456789abcdef0", &image)
            .replace("--user admin", &format!("--user {}", self.sshd.user))
            .replace("5432:localhost", &format!("{port}:localhost"));
        let (own, rest) =
            line.split_once(" -- ").map_or((line.as_str(), None), |(own, rest)| (own, Some(rest)));
        let mut words: Vec<String> = own.split_whitespace().map(str::to_owned).collect();
        let asks = ["exec", "terminate", "stop", "tag"].contains(&words[0].as_str());
        if asks && !words.iter().any(|word| word == "--yes") {
            words.push("--yes".to_owned());
        }
        if words[0] == "chaos" {
            words.push("--any-day".to_owned());
        }
        if ["ssh", "exec"].contains(&words[0].as_str()) && !words.iter().any(|word| word == "--ssm") {
            words.extend(["--ssh-config".to_owned(), "ssh_config".to_owned()]);
        }
        if let Some(rest) = rest {
            words.push("--".to_owned());
            match rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                Some(line) => words.push(line.to_owned()),
                None => words.extend(rest.split_whitespace().map(str::to_owned)),
            }
        }
        words
    }

    /// What a command ends with; 0 for one that never ends, as soon as it has said something.
    fn run(&self, words: &[String]) -> (i32, String) {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_asiaq"));
        command.args(words).env("HOME", self.world.path("")).stdin(Stdio::null());
        if !words.iter().any(|word| word.starts_with("--watch") || word == "--follow") {
            let output = command.output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            return (output.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned());
        }
        let mut run = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(run.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let is_over = run.try_wait().unwrap();
        run.kill().unwrap();
        run.wait().unwrap();
        let goes_on = is_over.is_none() && !first.is_empty();
        (i32::from(!goes_on), first)
    }
}

#[test]
fn the_commands_of_the_page_do_what_it_says() {
    if !can_be_tried() {
        return;
    }
    let (live, ci) = (Place::new("live"), Place::new("ci"));
    let blocks = PAGE.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut count = 0;
    for line in blocks.flat_map(str::lines) {
        let text = line.split(" #").next().unwrap().trim();
        let text = text.strip_prefix("$ asiaq ").unwrap_or_else(|| panic!("{text}: no command"));
        let place = if text.contains("--env ci") { &ci } else { &live };
        let expected = if text.ends_with("--dry-run") { 10 } else { 0 };
        let words = place.words(text);
        let (code, said) = place.run(&words);
        assert_eq!(code, expected, "{text}: {words:?}: {said}");
        count += 1;
    }
    assert!(count > 25, "{count}");
}
