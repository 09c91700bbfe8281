//! `asiaq bake` against the emulator, with a real OpenSSH server for the instances.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::interrupts::interrupt;
use super::permissions::{allowed, needs};
use super::proxy::{Fault, Moment, Proxy};
use super::sshd::{Sshd, can_be_tried};
use super::{Said, World, joined, moto};

/// A project in a world, whose instances are a server of this machine.
struct Workshop {
    world: World,
    sshd: Sshd,
}

impl Workshop {
    /// With what the bakery says beside its folders, the scripts of `base` and `front`, and whether their AMI tells its host key.
    fn new(bakery: &str, scripts: (&str, &str), tells_key: bool) -> Self {
        let world = World::empty();
        let sshd = Sshd::start(&world.credentials.account);
        let (destination, root, user) =
            (sshd.path("opt").display().to_string(), sshd.path("root").display().to_string(), &sshd.user);
        world.write(&format!(
            "project shop {{
  region = us-west-2
  bakery {{ env = build, destination = \"{destination}\", root = \"{root}\"{bakery} }}
}}
env build {{
  cidr  = 10.20.0.0/20
  zones = 1
  metanetwork tunnel {{ ingress = [tcp 22 from internet], routes = [internet via igw] }}
}}
image base {{
  ami {{ newest = \"debian-12-*\", owner = \"self\" }}
  user   = \"{user}\"
  script = file \"base.sh\"
}}
hostclass common {{}}
hostclass front : common {{
  network      = tunnel
  product_line = \"shop\"
  bake {{ image = base, script = file \"front.sh\", files = dir \"root\", tags = {{ team = \"web\" }} }}
}}
"
        ));
        for (name, text) in [("base.sh", scripts.0), ("front.sh", scripts.1)] {
            std::fs::write(world.path(name), format!("#!/bin/sh\n{text}\n")).unwrap();
        }
        std::fs::create_dir_all(world.path("root/etc/shop")).unwrap();
        std::fs::create_dir_all(world.path("sources")).unwrap();
        let files = [
            ("root/etc/motd", "plain\n"),
            ("root/etc/motd~common", "common\n"),
            ("root/etc/motd~base", "base\n"),
            ("root/etc/shop/key", "it's $HOME\n"),
            ("root/acfg.metadata", "/etc/shop/key 0640 root daemon\n"),
            ("sources/helper", "help\n"),
            ("sources/left", "left\n"),
            ("sources/.nosync", "left\n"),
        ];
        for (name, text) in files {
            std::fs::write(world.path(name), text).unwrap();
        }
        std::os::unix::fs::symlink("motd", world.path("root/etc/issue")).unwrap();
        std::fs::set_permissions(world.path("root/etc/motd~common"), PermissionsExt::from_mode(0o600))
            .unwrap();
        let key = if tells_key { sshd.host_key.clone() } else { String::new() };
        world.boto(&format!(
            "one = ec2.register_image(Name='debian-12-amd64', RootDeviceName='/dev/xvda')['ImageId']
tags = {{'emulator:architecture': 'x86_64', 'emulator:host-key': '{key}'}}
ec2.create_tags(Resources=[one], Tags=[{{'Key': key, 'Value': tags[key]}} for key in tags if tags[key]])"
        ));
        let said = world.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        Self { world, sshd }
    }

    fn bake(&self, arguments: &[&str]) -> Said {
        let config = self.sshd.config();
        self.world.asiaq(&[&["bake", "--yes", "--ssh-config", &config], arguments].concat())
    }

    /// The AMIs of bakes by name without the second, the states of the instances, and the key pairs.
    fn left(&self) -> Value {
        self.world.boto(
            "images = ec2.describe_images(Owners=['self'], Filters=[{'Name': 'tag-key', 'Values': ['asiaq:bake']}])['Images']
found = [one for r in ec2.describe_instances()['Reservations'] for one in r['Instances']]
pairs = ec2.describe_key_pairs()['KeyPairs']
result = [sorted(one['Name'].split()[0] for one in images), sorted(one['State']['Name'] for one in found), len(pairs)]",
        )
    }

    fn promote_all(&self) {
        self.world.boto(
            "for one in ec2.describe_images(Owners=['self'], Filters=[{'Name': 'tag:stage', 'Values': ['untested']}])['Images']:
    ec2.create_tags(Resources=[one['ImageId']], Tags=[{'Key': 'stage', 'Value': 'tested'}])",
        );
    }

    fn root(&self, path: &str) -> String {
        std::fs::read_to_string(self.sshd.path("root").join(path))
            .unwrap_or_else(|error| format!("{path}: {error}"))
    }
}

fn assert_done(said: &Said) {
    assert_eq!(said.code, 0, "{said:#?}");
}

#[test]
fn an_image_and_then_a_hostclass_are_baked() {
    if !can_be_tried() {
        return;
    }
    let tell = "echo \"$@\"; pwd; ls; cat helper";
    let workshop = Workshop::new(", sources = dir \"sources\"", (tell, tell), true);
    let (world, sshd) = (&workshop.world, &workshop.sshd);
    let said = world.asiaq(&["bake", "--dry-run"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("run `asiaq bake base`"), "{said:#?}");
    let said = world.asiaq(&["bake", "base", "--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    assert!(said.stdout.contains("01-base.sh base '#None'"), "{said:#?}");
    assert_eq!(workshop.left(), json!([[], [], 0]));

    assert_done(&workshop.bake(&["base"]));
    assert_eq!(workshop.left(), json!([["base"], ["terminated"], 0]));
    let said = workshop.bake(&["front"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("is in stage `untested`; `asiaq image promote`"), "{said:#?}");
    workshop.promote_all();

    // What every instance must have of its own, and what is nobody's business.
    for (path, text) in [
        ("etc/machine-id", "0123\n"),
        ("etc/ssh/ssh_host_rsa_key", "secret\n"),
        ("etc/ssh/sshd_config", "Port 22\n"),
        ("tmp/x", ""),
        ("root/.bash_history", "ls\n"),
    ] {
        std::fs::write(sshd.path("root").join(path), text).unwrap();
    }
    std::fs::remove_file(sshd.path("home/.ssh/authorized_keys")).unwrap();
    let said = workshop.bake(&[
        "front",
        "--stage",
        "candidate",
        "--private",
        "--tag",
        "ticket=A-1",
        "--format",
        "json",
    ]);
    assert_done(&said);
    let made: Value = serde_json::from_str(&said.stdout).unwrap();
    let (image, log) =
        (made["bakes"][0]["image"].as_str().unwrap(), made["bakes"][0]["log"].as_str().unwrap());
    assert_eq!(workshop.left(), json!([["base", "front"], ["terminated", "terminated"], 0]));
    let found = world.boto(&format!(
        "one = ec2.describe_images(ImageIds=['{image}'])['Images'][0]
tags = {{tag['Key']: tag['Value'] for tag in one['Tags']}}
snapshot = ec2.describe_snapshots(SnapshotIds=[one['BlockDeviceMappings'][0]['Ebs']['SnapshotId']])['Snapshots'][0]
base = ec2.describe_images(ImageIds=[tags['source_ami']])['Images'][0]
of_snapshot = {{tag['Key']: tag['Value'] for tag in snapshot['Tags']}}
result = [one['Name'].split()[0], base['Name'].split()[0], tags == of_snapshot,
          {{key: tags[key] for key in ['hostclass', 'stage', 'is_private', 'productline', 'team', 'ticket', 'asiaq:bakery']}}]"
    ));
    let tags = json!({ "hostclass": "front", "stage": "candidate", "is_private": "True", "productline": "shop",
        "team": "web", "ticket": "A-1", "asiaq:bakery": "shop" });
    assert_eq!(found, json!(["front", "base", true, tags]));

    let log = std::fs::read_to_string(world.path(log)).unwrap();
    let second = made["bakes"][0]["image_name"].as_str().unwrap().split_once(' ').unwrap().1;
    assert!(log.contains(&format!("front #None {second}\n")), "{log}");
    assert!(log.contains("\nhelp\n") && !log.contains("\nleft\n"), "{log}");
    // Files arrive with modes and owners; the nearest hostclass has its file.
    assert_eq!(
        (workshop.root("etc/motd"), workshop.root("etc/issue")),
        ("common\n".into(), "common\n".into())
    );
    assert_eq!(workshop.root("etc/shop/key"), "it's $HOME\n");
    let modes = std::process::Command::new("stat")
        .args(["-c", "%a %U %G", "etc/motd", "etc/shop/key", "etc/shop"])
        .current_dir(sshd.path("root"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&modes.stdout), "600 root root\n640 root daemon\n755 root root\n");
    // Nothing of the workshop is left, and nothing that instances must not share.
    assert_eq!(workshop.root("etc/machine-id"), "");
    assert!(!sshd.path("root/etc/ssh/ssh_host_rsa_key").exists());
    assert!(sshd.path("root/etc/ssh/sshd_config").exists());
    assert!(!sshd.path("root/tmp/x").exists() && !sshd.path("root/root/.bash_history").exists());
    assert_eq!(std::fs::read_to_string(sshd.path("home/.ssh/authorized_keys")).unwrap().trim(), "");
    let stage = std::fs::read_dir(sshd.path("opt")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(stage.into_iter().all(|name| !name.to_string_lossy().starts_with(".bake")));
}

#[test]
fn the_policy_for_bakes_is_enough_and_has_little_else() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("true", "true"), true);
    let (world, config) = (&workshop.world, workshop.sshd.config());
    let proxy = Proxy::start(moto::endpoint());
    let mut needed = needs(world, &proxy, &["bake", "base", "--yes", "--ssh-config", &config], 0);
    workshop.promote_all();
    needed.extend(needs(world, &proxy, &["bake", "front", "--yes", "--ssh-config", &config], 0));
    let allowed = allowed(world, "bake");
    let uncalled: Vec<&str> = allowed.difference(&needed).map(String::as_str).collect();
    // For enhanced networking, and for a base AMI that a parameter names.
    assert_eq!(uncalled, ["ec2:ModifyInstanceAttribute", "ssm:GetParameters"]);
    // A role is passed where the instances have one.
    let program = std::fs::read_to_string(world.path("infra.asq")).unwrap();
    world.write(
        &program.replace("bakery { env = build,", "bakery { env = build, instance_profile = \"bake\","),
    );
    let more = self::allowed(world, "bake");
    let more: Vec<&str> = more.difference(&allowed).map(String::as_str).collect();
    assert_eq!(more, ["iam:PassRole"]);
}

/// The part of a text between two others.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

#[test]
fn the_readme_leads_to_a_first_image() {
    if !can_be_tried() {
        return;
    }
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let section = between(&readme, "## Images\n", "\n## ");
    let world = World::empty();
    let sshd = Sshd::start(&world.credentials.account);
    // The instance is this machine: it has folders and a user of its own, and no packages are installed.
    let bakery = format!(
        "bakery {{ env = build, destination = \"{}\", root = \"{}\" }}",
        sshd.path("opt").display(),
        sshd.path("root").display()
    );
    let program = between(section, "```asq\n", "```");
    let changed = program
        .replace("bakery { env = build }", &bakery)
        .replace("image base {", &format!("image base {{ user = \"{}\"", sshd.user))
        .replace("apt-get", "true");
    assert_ne!(changed, program);
    world.write(&changed);
    world.boto(&format!(
        "one = ec2.register_image(Name='debian-12-amd64-1', RootDeviceName='/dev/xvda')['ImageId']
tags = {{'emulator:architecture': 'x86_64', 'emulator:owner': '136693071363', 'emulator:host-key': '{}'}}
ec2.create_tags(Resources=[one], Tags=[{{'Key': key, 'Value': tags[key]}} for key in tags])",
        sshd.host_key
    ));
    let mut base = String::new();
    for line in between(section, "```sh\n", "```").lines() {
        let command = line.split('#').next().unwrap().replace("ami-0123456789abcdef0", &base);
        let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let config = sshd.config();
        match words[0] {
            "bake" => words.extend(["--yes", "--ssh-config", &config]),
            "apply" => words.push("--yes"),
            _ if words[1] == "promote" => words.push("--yes"),
            _ => {}
        }
        let said = world.asiaq(&words);
        assert_eq!(said.code, 0, "{words:?}: {said:#?}");
        if words == ["image", "list", "--all"] {
            let found = said.stdout.split_whitespace().find(|word| word.starts_with("ami-"));
            found.unwrap().clone_into(&mut base);
        }
    }
}

#[test]
fn a_script_that_fails_leaves_nothing_behind() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("echo begun; echo 'no such package' >&2; exit 255", "true"), true);
    let said = workshop.bake(&["base"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("`base.sh` ended with code 254"), "{said:#?}");
    assert!(said.stderr.contains("\n    no such package"), "{said:#?}");
    assert_eq!(workshop.left(), json!([[], ["terminated"], 0]));

    // A kept one stays, and needs a key of one's own.
    let said = workshop.bake(&["base", "--keep"]);
    assert_eq!((said.code, said.stderr.contains("needs a `key`")), (2, true), "{said:#?}");
    assert_eq!(workshop.left(), json!([[], ["terminated"], 0]));
}

#[test]
fn an_instance_that_is_another_one_gets_nothing() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("true", "true"), true);
    // What answers has another host key than the instance wrote to its console.
    let other = Sshd::start(&workshop.world.credentials.account);
    let config = other.config();
    let said = workshop.world.asiaq(&["bake", "base", "--yes", "--ssh-config", &config]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("its host key is none of those"), "{said:#?}");
    assert!(!other.log().contains("Accepted"), "{}", other.log());
    assert_eq!(workshop.left(), json!([[], ["terminated"], 0]));
    // Whoever wants to can do without the console.
    let said = workshop.world.asiaq(&["bake", "base", "--yes", "--accept-host-key", "--ssh-config", &config]);
    assert_done(&said);
}

/// Puts rsyslog with all that it needs into the folder that is the instance's file system; false where it is not installed.
fn install_rsyslog(root: &std::path::Path) -> bool {
    if !std::path::Path::new("/usr/sbin/rsyslogd").exists() {
        assert!(std::env::var_os("CI").is_none(), "CI has no rsyslogd");
        return false;
    }
    let script = "set -eu
for program in /usr/sbin/rsyslogd /usr/lib/*/rsyslog/*.so /usr/lib64/rsyslog/*.so; do
  [ -e \"$program\" ] || continue
  echo \"$program\"
  ldd \"$program\" | grep -o '/[^ ]*'
done | sort -u | while read -r file; do
  mkdir -p \"$1${file%/*}\"
  cp -L \"$file\" \"$1$file\"
done";
    let done = std::process::Command::new("sh").args(["-c", script, "sh"]).arg(root).status().unwrap();
    assert!(done.success());
    true
}

#[test]
fn an_ami_carries_the_configuration_of_logs_that_rsyslogd_accepts() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("true", "true"), true);
    let (world, root) = (&workshop.world, workshop.sshd.path("root"));
    let program = std::fs::read_to_string(world.path("infra.asq")).unwrap();
    world.write(&format!("{program}log shop {{}}\nlog mongo {{ tag = \"mongod\" }}\n"));
    let source = world.boto("result = ec2.describe_images(Owners=['self'])['Images'][0]['ImageId']");
    let front = ["front", "--source-ami", source.as_str().unwrap()];
    let said = world.asiaq(&[&["bake", "--dry-run"][..], &front].concat());
    assert_eq!(said.code, 10, "{said:#?}");
    let plan = joined(&said.stdout);
    assert!(plan.contains("put the files of a log relay below"), "{said:#?}");
    assert!(plan.contains("`rsyslogd -N1` has to accept them"), "{said:#?}");
    // Without rsyslog there is no AMI.
    let said = workshop.bake(&front);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("the configuration of logs is not accepted"), "{said:#?}");
    assert_eq!(workshop.left(), json!([[], ["terminated"], 0]));
    if !install_rsyslog(&root) {
        return;
    }
    // What it says of a file on the instance is the error of the bake.
    std::fs::create_dir_all(root.join("etc/rsyslog.d")).unwrap();
    std::fs::write(root.join("etc/rsyslog.d/own.conf"), "module(load=\"imnothing\")\n").unwrap();
    let said = workshop.bake(&front);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("could not load module"), "{said:#?}");
    std::fs::remove_file(root.join("etc/rsyslog.d/own.conf")).unwrap();
    // A file of the overlay is preferred.
    std::fs::create_dir_all(world.path("root/etc/logrotate.d")).unwrap();
    std::fs::write(world.path("root/etc/logrotate.d/asiaq"), "own\n").unwrap();
    assert_done(&workshop.bake(&front));
    assert!(workshop.root("etc/rsyslog.conf").contains("\"disco.shop.errors\""));
    assert_eq!(workshop.root("etc/logrotate.d/asiaq"), "own\n");
    let modes = std::process::Command::new("stat")
        .args(["-c", "%a %U %G", "etc/rsyslog.conf", "usr/local/sbin/asiaq-log-target", "var/log/asiaq"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&modes.stdout), "644 root root\n755 root root\n750 root root\n");
}

/// The files of a folder by their paths in it, with their modes.
fn modes(folder: &std::path::Path) -> BTreeSet<String> {
    let find = std::process::Command::new("find")
        .args([".", "-type", "f", "-printf", "%P %m\n"])
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8(find.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_overlay_of_the_examples_arrives_with_its_modes() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("true", "true"), true);
    let world = &workshop.world;
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/images/root");
    std::fs::remove_dir_all(world.path("root")).unwrap();
    let copied =
        std::process::Command::new("cp").arg("-a").arg(&example).arg(world.path("root")).status().unwrap();
    assert!(copied.success());
    // No group is made on the machine of the tests.
    let metadata = std::fs::read_to_string(world.path("root/acfg.metadata")).unwrap();
    std::fs::write(world.path("root/acfg.metadata"), metadata.replace(" root shop", " root daemon")).unwrap();
    let wanted = modes(&world.path("root"));
    let source = world.boto("result = ec2.describe_images(Owners=['self'])['Images'][0]['ImageId']");
    assert_done(&workshop.bake(&["front", "--source-ami", source.as_str().unwrap()]));
    let ruled: Vec<(&str, &str)> = metadata
        .lines()
        .filter_map(|line| {
            let mut words = line.strip_prefix('/')?.split_whitespace();
            Some((words.next()?, words.next()?.trim_start_matches('0')))
        })
        .collect();
    let arrived = modes(&workshop.sshd.path("root"));
    let mut count = 0;
    for file in &wanted {
        let (path, mode) = file.split_once(' ').unwrap();
        let path = path.split_once('~').map_or(path, |(path, _)| path);
        let mode = ruled.iter().find(|(ruled, _)| *ruled == path).map_or(mode, |(_, mode)| mode);
        if path != "acfg.metadata" {
            assert!(arrived.contains(&format!("{path} {mode}")), "{path} {mode}: {arrived:#?}");
            count += 1;
        }
    }
    assert!(count > 10, "{wanted:#?}");
}

#[test]
fn two_bakes_run_side_by_side_through_a_jump_host() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new(", key = \"bake\"", ("true", "true"), true);
    let key = workshop.world.path("bake").display().to_string();
    let made =
        std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).status();
    assert!(made.unwrap().success());
    let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
    workshop
        .world
        .boto(&format!("ec2.import_key_pair(KeyName='bake', PublicKeyMaterial=b'{}')", public.trim()));
    let jump = Sshd::start(&workshop.world.credentials.account);
    // A jump host forwards, and runs nothing.
    let config = workshop.sshd.config_through(&jump, &key);
    let mut text = std::fs::read_to_string(&config).unwrap();
    let _ = writeln!(text, "  IdentityFile {key}");
    std::fs::write(&config, text).unwrap();
    let source = workshop.world.boto("result = ec2.describe_images(Owners=['self'])['Images'][0]['ImageId']");
    let source = source.as_str().unwrap();
    let said = workshop.world.asiaq(&[
        "bake",
        "base",
        "front",
        "--source-ami",
        source,
        "--yes",
        "--ssh-config",
        &config,
    ]);
    assert_done(&said);
    assert_eq!(workshop.left(), json!([["base", "front"], ["terminated", "terminated"], 1]));
    assert!(jump.log().contains("Accepted publickey"), "{}", jump.log());
    // Both had begun before one had ended.
    let lines: Vec<&str> =
        said.stderr.lines().filter(|line| line.contains("start a ") || line.contains("terminate")).collect();
    let ends: Vec<bool> = lines.iter().map(|line| line.contains("terminate")).collect();
    assert_eq!(ends, [false, false, true, true], "{said:#?}");
}

#[test]
fn what_a_killed_run_has_left_is_removed_or_finished() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("touch begun; while [ ! -e end ]; do sleep 0.05; done", "true"), true);
    let world = &workshop.world;
    let start = |endpoint: &str| {
        let mut run = world.command(env!("CARGO_BIN_EXE_asiaq"));
        run.args(["bake", "base", "--yes", "--ssh-config", &workshop.sshd.config()]);
        run.env("AWS_ENDPOINT_URL", endpoint).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // Killed while a script runs.
    let mut run = start(moto::endpoint());
    while !workshop.sshd.path("opt/begun").exists() {
        assert!(run.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(Duration::from_millis(20));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(workshop.left(), json!([[], ["running"], 1]));
    let look = world.asiaq(&["bake", "base", "--dry-run"]);
    assert!(look.stdout.contains("its run was killed"), "{look:#?}");
    assert_eq!(workshop.left(), json!([[], ["running"], 1]));
    std::fs::write(workshop.sshd.path("opt/end"), "").unwrap();
    let said = workshop.bake(&["base"]);
    assert_done(&said);
    assert!(joined(&said.stderr).contains("is terminated: its run was killed"), "{said:#?}");
    assert_eq!(workshop.left(), json!([["base"], ["terminated", "terminated"], 0]));

    // Killed when the scripts had run: the next run makes the AMI of that instance, and one of its own.
    for (operation, images) in [("StopInstances", 3), ("CreateImage", 5), ("TerminateInstances", 7)] {
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Hanging(Moment::After));
        let mut run = start(&proxy.endpoint());
        assert!(proxy.until_hanging());
        run.kill().unwrap();
        run.wait().unwrap();
        // The names of AMIs have the second.
        std::thread::sleep(Duration::from_millis(1100));
        assert_done(&workshop.bake(&["base"]));
        let left = workshop.left();
        assert_eq!(left[0].as_array().unwrap().len(), images, "{operation}: {left}");
        let states = left[1].as_array().unwrap();
        assert!(states.iter().all(|state| state == "terminated"), "{operation}: {left}");
        assert_eq!(left[2], 0, "{operation}: {left}");
    }
}

#[test]
fn a_second_interrupt_ends_a_bake_at_once_and_the_next_cleans_up() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("touch begun; while [ ! -e end ]; do sleep 0.05; done", "true"), true);
    let proxy = Proxy::start(moto::endpoint());
    proxy.on("TerminateInstances", 1, Fault::Hanging(Moment::Before));
    let mut run = workshop.world.command(env!("CARGO_BIN_EXE_asiaq"));
    run.args(["bake", "base", "--yes", "--ssh-config", &workshop.sshd.config()]);
    let run = run.env("AWS_ENDPOINT_URL", proxy.endpoint()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut run = run.spawn().unwrap();
    while !workshop.sshd.path("opt/begun").exists() {
        assert!(run.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&run);
    // The first one cleans up, and the call for that never ends.
    assert!(proxy.until_hanging());
    interrupt(&run);
    let said = run.wait_with_output().unwrap();
    let stderr = joined(&String::from_utf8_lossy(&said.stderr));
    assert_eq!(said.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupt again to leave the instance to the next run"), "{stderr}");
    assert!(stderr.contains("the next `asiaq bake` terminates the instances"), "{stderr}");
    assert_eq!(workshop.left(), json!([[], ["running"], 1]));
    std::fs::write(workshop.sshd.path("opt/end"), "").unwrap();
    assert_done(&workshop.bake(&["base"]));
    assert_eq!(workshop.left(), json!([["base"], ["terminated", "terminated"], 0]));
}

#[test]
fn calls_that_fail_once_make_nothing_twice() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("true", "true"), true);
    let world = &workshop.world;
    let config = workshop.sshd.config();
    let arguments = ["bake", "base", "--yes", "--ssh-config", &config];
    let proxy = Proxy::start(moto::endpoint());
    assert_done(&world.asiaq_through(&proxy, &arguments));
    let (before, after) = (Fault::Failed(Moment::Before), Fault::Dropped(Moment::After));
    let mut faults: Vec<(String, Fault)> = [
        ("ImportKeyPair", &after),
        ("RunInstances", &after),
        ("CreateTags", &before),
        ("CreateImage", &before),
        ("CreateImage", &after),
        ("TerminateInstances", &after),
        ("DeleteKeyPair", &before),
    ]
    .map(|(operation, fault)| (operation.to_owned(), fault.clone()))
    .into();
    if std::env::var("ASIAQ_TESTS").as_deref() == Ok("long") {
        let operations: BTreeSet<String> = proxy.operations().into_iter().collect();
        assert!(operations.len() > 10, "{operations:?}");
        let all =
            operations.iter().flat_map(|one| [(one.clone(), before.clone()), (one.clone(), after.clone())]);
        faults = all.collect();
    }
    let mut images = 1;
    for (operation, fault) in &faults {
        // The names of AMIs have the second.
        std::thread::sleep(Duration::from_millis(1100));
        proxy.clear();
        proxy.on(operation, 1, fault.clone());
        let said = world.asiaq_through(&proxy, &arguments);
        let is_done = said.code == 0;
        let left = workshop.left();
        let made = left[0].as_array().unwrap().len();
        assert!(is_done || said.stderr.contains("AWS"), "{operation}, {fault:?}: {said:#?}");
        if !is_done {
            // What it could not do, the next run does or removes.
            proxy.clear();
            std::thread::sleep(Duration::from_millis(1100));
            assert_done(&workshop.bake(&["base"]));
        }
        let left = workshop.left();
        let states = left[1].as_array().unwrap();
        assert!(states.iter().all(|state| state == "terminated"), "{operation}, {fault:?}: {left}");
        assert_eq!(left[2], 0, "{operation}, {fault:?}: {left}");
        let now = left[0].as_array().unwrap().len();
        let expected = if is_done { [images + 1, images + 1] } else { [images + 1, images + 2] };
        assert!(expected.contains(&now), "{operation}, {fault:?}: {made}, then {now} of {images}");
        images = now;
    }
}

#[test]
fn an_ami_that_takes_its_time_is_waited_for_and_one_that_fails_is_none() {
    if !can_be_tried() {
        return;
    }
    let workshop = Workshop::new("", ("true", "true"), true);
    let pace = |said: Value| {
        workshop.world.boto(&format!(
            "client('ssm').put_parameter(Name='/emulator/pace', Type='String', Overwrite=True, Value='{said}')"
        ));
    };
    pace(json!({ "looks": 3 }));
    assert_done(&workshop.bake(&["base"]));
    pace(json!({ "looks": 1, "never": ["base "] }));
    let said = workshop.bake(&["base"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("is `failed`"), "{said:#?}");
}
