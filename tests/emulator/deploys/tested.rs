//! Integration tests over SSH: a real server stands for the instance that runs them. And the page about deploys, whose
//! commands are run on its program.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::super::sshd::{Sshd, can_be_tried};
use super::*;

const PAGE: &str = include_str!("../../../docs/deploys.md");

/// The program of the page, with a second environment.
fn program() -> String {
    let block = PAGE.split("```asq\n").nth(1).unwrap().split("```").next().unwrap();
    [block, "env live { cidr = 10.21.0.0/20, pipeline = web, metanetwork app {} }\n"].concat()
}

/// What the program needs to be applied, and a server that runs its test.
struct Lab {
    shop: Shop,
    sshd: Sshd,
}

impl Lab {
    fn new() -> Self {
        let world = World::empty();
        let sshd = Sshd::start(&world.credentials.account);
        let script = sshd.path("run.sh").display().to_string();
        let program = program().replace("\"integration\"", &format!("{:?}", sshd.user));
        world.write(&program.replace("/opt/tests/run.sh", &script));
        world.stock_with(r#"{ "images": ["tester"] }"#);
        let key = world.path("key").display().to_string();
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).status();
        assert!(made.unwrap().success());
        let public = std::fs::read_to_string(world.path("key.pub")).unwrap();
        world.boto(&format!(
            "result = ec2.import_key_pair(KeyName='ops', PublicKeyMaterial='{}'.encode())['KeyName']",
            public.trim()
        ));
        let old = bake(&world, 1_760_000_000, "tested");
        let said = alive(&world, &[], || world.asiaq(&["apply", "--yes"]));
        assert_eq!(said.code, 0, "{said:#?}");
        let new = bake(&world, 1_770_000_000, "untested");
        let lab = Self { shop: Shop { world, old, new }, sshd };
        lab.reaches(lab.sshd.port);
        lab.test("exit 0");
        lab
    }

    /// What the integration test does, beside writing down that it ran.
    fn test(&self, what: &str) {
        let log = self.sshd.path("ran").display().to_string();
        let script = format!("#!/bin/sh\necho \"$1: $ASIAQ_ADDRESSES\" >> {log}\n{what}\n");
        std::fs::write(self.sshd.path("run.sh"), script).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.sshd.path("run.sh"), mode).unwrap();
    }

    /// The addresses of all instances lead to a port.
    fn reaches(&self, port: u16) {
        let text = format!(
            "Host *\n  HostName 127.0.0.1\n  Port {port}\n  User {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  \
             StrictHostKeyChecking no\n",
            self.sshd.user,
            self.shop.world.path("key").display()
        );
        std::fs::write(self.shop.world.path("ssh_config"), text).unwrap();
    }

    fn asiaq(&self, words: &[&str]) -> Said {
        let home = self.shop.world.path("").display().to_string();
        alive(&self.shop.world, &[], || self.shop.world.asiaq_with(words, Some(("HOME", &home))))
    }

    fn deploy(&self) -> Said {
        let words =
            ["deploy", "web", "--env", "ci", "--yes", "--timeout", "20s", "--ssh-config", "ssh_config"];
        self.asiaq(&words)
    }

    /// The AMIs that the instances of `front` in an environment run, and how many there are.
    fn runs(&self, env: &str) -> (BTreeSet<String>, usize) {
        let said = self.shop.world.asiaq(&["hosts", "front", "--env", env, "--format", "json"]);
        let hosts: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
        (hosts.iter().map(|host| host["image"].as_str().unwrap().to_owned()).collect(), hosts.len())
    }

    fn addresses(&self) -> BTreeSet<String> {
        let said = self.shop.world.asiaq(&["hosts", "front", "--env", "ci", "--format", "json"]);
        let hosts: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
        hosts.iter().map(|host| host["private"][0].as_str().unwrap().to_owned()).collect()
    }

    /// What the tests wrote down, each with its addresses.
    fn ran(&self) -> Vec<(String, BTreeSet<String>)> {
        let text = std::fs::read_to_string(self.sshd.path("ran")).unwrap_or_default();
        let line = |line: &str| {
            let (name, addresses) = line.split_once(": ").unwrap();
            (name.to_owned(), addresses.split(' ').map(str::to_owned).collect())
        };
        text.lines().map(line).collect()
    }
}

#[test]
fn the_integration_test_decides_and_a_server_that_is_away_decides_nothing() {
    if !can_be_tried() {
        return;
    }
    let lab = Lab::new();
    let Shop { world, old, new } = &lab.shop;
    let only = |image: &String| (BTreeSet::from([image.clone()]), 2);
    let before = lab.addresses();
    lab.test("echo checked; echo 'no cart' >&2; exit 3");
    let said = lab.deploy();
    let words = joined(&said.stderr);
    assert!(said.code == 3 && words.contains("ended with code 3") && words.contains("no cart"), "{said:#?}");
    assert_eq!((lab.runs("ci"), lab.shop.stage(new).as_str()), (only(old), "failed"));
    assert_eq!(lab.addresses(), before);
    // It was asked about the new instances, by the name of the test.
    let ran = lab.ran();
    assert!(ran.len() == 1 && ran[0].0 == "checkout" && ran[0].1.len() == 2, "{ran:?}");
    assert!(ran[0].1.is_disjoint(&before), "{ran:?} {before:?}");
    let untested = || {
        world.boto(&format!(
            "ec2.create_tags(Resources=['{new}'], Tags=[{{'Key': 'stage', 'Value': 'untested'}}])\nresult = 0"
        ))
    };
    untested();
    lab.reaches(1);
    let said = lab.deploy();
    assert!(said.code == 3 && joined(&said.stderr).contains("`ssh` does not reach"), "{said:#?}");
    assert_eq!((lab.runs("ci"), lab.shop.stage(new).as_str()), (only(old), "untested"));
    lab.reaches(lab.sshd.port);
    lab.test("exit 0");
    let said = lab.deploy();
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!((lab.runs("ci"), lab.shop.stage(new).as_str()), (only(new), "tested"));
    assert_eq!(lab.ran().last().unwrap().1, lab.addresses());
    // The same test on what runs.
    let test = ["test", "front", "--env", "ci", "--ssh-config", "ssh_config"];
    assert_eq!(lab.asiaq(&test).code, 0);
    lab.test("exit 7");
    let said = lab.asiaq(&test);
    assert!(said.code == 1 && joined(&said.stderr).contains("ended with code 7"), "{said:#?}");
    assert_eq!(lab.runs("ci"), only(new));
}

#[test]
fn the_commands_of_the_page_do_what_it_says() {
    if !can_be_tried() {
        return;
    }
    let lab = Lab::new();
    let block = PAGE.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let mut second = 1_780_000_000;
    let mut new = lab.shop.new.clone();
    let mut count = 0;
    for line in block.lines() {
        let line = line.split(" #").next().unwrap().trim();
        let line = line.strip_prefix("$ asiaq ").unwrap().replace("ami-0123456789abcdef0", &new);
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let is_look = words.contains(&"--dry-run") || ["list", "status"].contains(&words[1]);
        let is_test = words[0] == "test";
        if !is_look && !is_test {
            words.extend(["--yes", "--timeout", "20s"]);
        }
        if !is_look {
            words.extend(["--ssh-config", "ssh_config"]);
        }
        if words[1] == "rollback" {
            // The next apply would prefer the AMI that is tested in the other environment.
            let said = lab.asiaq(&["image", "promote", &new, "--stage", "failed", "--yes"]);
            assert_eq!(said.code, 0, "{said:#?}");
        }
        let said = lab.asiaq(&words);
        let code = if words.contains(&"--dry-run") { 10 } else { 0 };
        assert_eq!(said.code, code, "{line}: {said:#?}");
        count += 1;
        if words.starts_with(&["deploy", "web", "--env", "live"]) && !is_look {
            assert_eq!(lab.runs("live").0, BTreeSet::from([new.clone()]), "{line}: {said:#?}");
            second += 1;
            new = bake(&lab.shop.world, second, "untested");
        }
    }
    assert!(count >= 10, "{block}");
}
