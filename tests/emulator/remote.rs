//! `asiaq ssh` and `asiaq exec`, with real OpenSSH servers for the instances and for a jump host.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use super::sshd::{Sshd, can_be_tried};
use super::{Said, World, joined};

const PROGRAM: &str = "project shop { region = us-west-2, jump_hosts = [bastion] }
env ci {
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = fleet
  metanetwork app {}
}
hostclass web     { network = app }
hostclass db      { network = app }
hostclass bastion { network = app }
pipeline fleet {
  stage {
    run web     { desired = 2, max = 3 }
    run db      { desired = 1 }
    run bastion { desired = 1 }
  }
}
";

/// Hostclasses, each with the server that stands for its instances.
struct Park {
    world: World,
    servers: Vec<(&'static str, Sshd)>,
}

impl Park {
    fn new() -> Self {
        let world = World::new(PROGRAM);
        let account = world.credentials.account.clone();
        world.stock_with(r#"{ "images": ["web", "db", "bastion"] }"#);
        let servers = ["web", "db", "bastion"].map(|class| (class, Sshd::start(&account)));
        let key = world.path("key").display().to_string();
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).status();
        assert!(made.unwrap().success());
        let public = std::fs::read_to_string(world.path("key.pub")).unwrap();
        world.boto(&format!(
            "result = ec2.import_key_pair(KeyName='ops', PublicKeyMaterial='{}'.encode())['KeyName']",
            public.trim()
        ));
        for (class, server) in &servers {
            world.boto(&format!(
                "one = ec2.describe_images(Filters=[{{'Name': 'tag:hostclass', 'Values': ['{class}']}}])['Images'][0]
ec2.create_tags(Resources=[one['ImageId']], Tags=[{{'Key': 'emulator:host-key', 'Value': '{}'}}])",
                server.host_key
            ));
        }
        let said = world.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        let park = Self { world, servers: servers.into() };
        park.look_at_consoles();
        park.write_config();
        park
    }

    /// The consoles of the emulator tell host keys from the second look on.
    fn look_at_consoles(&self) {
        for id in self.ids("all") {
            self.world.boto(&format!("result = ec2.get_console_output(InstanceId='{id}')['InstanceId']"));
        }
    }

    fn hosts(&self) -> Vec<Value> {
        let said = self.world.asiaq(&["hosts", "--format", "json"]);
        serde_json::from_str(&said.stdout).unwrap()
    }

    /// The ids of the instances of a hostclass, or of all.
    fn ids(&self, class: &str) -> Vec<String> {
        let hosts = self.hosts();
        let meant = hosts.iter().filter(|host| class == "all" || host["hostclass"] == class);
        meant.map(|host| host["id"].as_str().unwrap().to_owned()).collect()
    }

    fn server(&self, class: &str) -> &Sshd {
        &self.servers.iter().find(|(name, _)| *name == class).unwrap().1
    }

    /// The person's configuration: how the addresses of instances lead to the servers.
    fn write_config(&self) {
        let port = |class: &str| self.server(class).port;
        self.write_config_with(&port);
    }

    fn write_config_with(&self, port: &dyn Fn(&str) -> u16) {
        let mut text = String::new();
        for host in self.hosts() {
            let class = host["hostclass"].as_str().unwrap();
            let addresses = host["private"].as_array().unwrap().iter().chain([&host["public"]]);
            let addresses: Vec<&str> = addresses.filter_map(Value::as_str).collect();
            let _ =
                write!(text, "Host {}\n  HostName 127.0.0.1\n  Port {}\n", addresses.join(" "), port(class));
        }
        let _ = write!(
            text,
            "Host *\n  User {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n",
            self.server("web").user,
            self.world.path("key").display()
        );
        std::fs::write(self.world.path("ssh_config"), text).unwrap();
    }

    fn asiaq(&self, arguments: &[&str]) -> Said {
        let home = self.world.path("").display().to_string();
        let (options, rest) =
            arguments.split_at(arguments.iter().position(|word| *word == "--").unwrap_or(arguments.len()));
        let config = ["--ssh-config", "ssh_config"];
        self.world.asiaq_with(&[options, &config, rest].concat(), Some(("HOME", &home)))
    }

    fn known_hosts(&self) -> String {
        std::fs::read_to_string(self.world.path(".ssh/asiaq_known_hosts")).unwrap_or_default()
    }
}

#[test]
fn a_command_runs_on_many_instances_and_its_output_says_where() {
    if !can_be_tried() {
        return;
    }
    let park = Park::new();
    let web = park.ids("web");
    let said = park.asiaq(&["exec", "web", "--no-jump", "--yes", "--", "echo", "it's $HOME", "two  words"]);
    assert_eq!(said.code, 0, "{said:#?}");
    for id in &web {
        let line = format!("web {id} | it's $HOME two  words\n");
        assert!(said.stdout.contains(&line), "{said:#?}");
        // The keys that the console told are kept by instance.
        assert!(park.known_hosts().contains(&format!("{id} {}\n", park.server("web").host_key)));
    }
    assert!(said.stderr.ends_with("2 instances: 2 ended with 0\n"), "{said:#?}");
    let mode = std::fs::metadata(park.world.path(".ssh/asiaq_known_hosts")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // One word is a line of the shell; the exit code is the highest.
    let line =
        format!("echo out; echo err >&2; [ {} = $(cat name 2>/dev/null || echo none) ] || exit 7", web[0]);
    let said = park.asiaq(&["exec", "web", "db", "--no-jump", "--yes", "--format", "json", "--", &line]);
    assert_eq!(said.code, 7, "{said:#?}");
    let lines: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for id in park.ids("all").iter().filter(|id| park.ids("bastion") != [id.as_str()]) {
        let of: Vec<&Value> = lines.iter().filter(|line| line["host"] == id.as_str()).collect();
        assert_eq!(of.len(), 3, "{lines:#?}");
        assert!(
            of.iter().any(|line| line["stdout"] == "out") && of.iter().any(|line| line["stderr"] == "err")
        );
        assert_eq!(of[2]["ended"]["code"], 7, "{of:#?}");
    }

    // Nobody is no success, and many are asked about.
    let several = park.asiaq(&["exec", "web", "--no-jump", "--", "true"]);
    assert_eq!(several.code, 2, "{several:#?}");
    assert!(several.stderr.contains("cancelled"), "{several:#?}");
    let dry = park.asiaq(&["exec", "web", "--dry-run", "--", "true"]);
    assert_eq!((dry.code, dry.stdout.lines().count()), (10, 2), "{dry:#?}");
    let nobody = park.asiaq(&["exec", "--yes", "--", "true"]);
    assert!(nobody.code == 2 && nobody.stderr.contains("say which instances"), "{nobody:#?}");
    let typo = park.asiaq(&["exec", "wbe", "--yes", "--", "true"]);
    assert!(typo.code == 2 && typo.stderr.contains("did you mean `web`?"), "{typo:#?}");

    // One that does not run is left out, and refused if it is named.
    park.world.boto(&format!(
        "result = ec2.stop_instances(InstanceIds=['{}'])['StoppingInstances'][0]['InstanceId']",
        web[0]
    ));
    let said = park.asiaq(&["exec", "--hostclass", "web", "--no-jump", "--", "true"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains(&format!("not asked: {} is stopped", web[0])), "{said:#?}");
    let said = park.asiaq(&["exec", &web[0], "--no-jump", "--", "true"]);
    assert_eq!((said.code, said.stderr.as_str()), (2, &*format!("error: {} is stopped\n", web[0])));
}

#[test]
fn what_many_write_arrives_whole() {
    if !can_be_tried() {
        return;
    }
    let park = Park::new();
    let line = "head -c 3000000 /dev/zero | tr '\\0' x | fold -w 1000; head -c 200000 /dev/zero | tr '\\0' y";
    let said = park.asiaq(&["exec", "web", "--no-jump", "--yes", "--", line]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let text: String =
        said.stdout.lines().map(|line| line.split_once(" | ").unwrap().1).collect::<Vec<_>>().concat();
    assert_eq!(text.matches('x').count(), 6_000_000);
    assert_eq!(text.matches('y').count(), 400_000);
}

#[test]
fn all_instances_behind_a_jump_host_share_one_connection_to_it() {
    if !can_be_tried() {
        return;
    }
    let park = Park::new();
    let said = park.asiaq(&["exec", "web", "db", "--jump", "bastion", "--yes", "--", "echo 'quoted it'"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(said.stdout.matches("| quoted it\n").count(), 3, "{said:#?}");
    let accepted = |class: &str| park.server(class).log().matches("Accepted publickey").count();
    assert_eq!((accepted("bastion"), accepted("web"), accepted("db")), (1, 2, 1));
    assert!(park.known_hosts().contains(&park.ids("bastion")[0]), "{}", park.known_hosts());

    // A jump host that is away is not the fault of those behind it.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    park.write_config_with(&|class| if class == "bastion" { free } else { park.server(class).port });
    let said = park.asiaq(&["exec", "web", "--jump", "bastion", "--yes", "--", "true"]);
    assert_eq!(said.code, 255, "{said:#?}");
    let why = format!("not reached: the jump host {} (bastion) cannot be reached: ", park.ids("bastion")[0]);
    assert_eq!(joined(&said.stderr).matches(&why).count(), 2, "{said:#?}");
}

#[test]
fn instances_that_refuse_or_hang_do_not_hold_up_the_others() {
    if !can_be_tried() {
        return;
    }
    let park = Park::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hanging = silent.local_addr().unwrap().port();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    park.write_config_with(&|class| match class {
        "web" => park.server(class).port,
        "db" => hanging,
        _ => free,
    });
    let all = ["exec", "web", "db", "bastion", "--no-jump", "--yes", "--timeout", "4s", "--", "echo here"];
    let said = park.asiaq(&all);
    assert_eq!(said.code, 255, "{said:#?}");
    assert_eq!(said.stdout.matches("| here\n").count(), 2, "{said:#?}");
    let said = joined(&said.stderr);
    assert!(said.contains("not reached: ssh: connect to host 127.0.0.1"), "{said}");
    assert!(said.contains("did not end within 4 seconds"), "{said}");
    assert!(said.ends_with("4 instances: 2 ended with 0, 2 failed"), "{said}");
}

#[test]
fn an_instance_whose_host_key_changes_is_refused() {
    if !can_be_tried() {
        return;
    }
    let mut park = Park::new();
    let db = park.ids("db").remove(0);
    assert_eq!(park.asiaq(&["exec", "db", "--no-jump", "--", "true"]).code, 0);
    let other = Sshd::start(&park.world.credentials.account);
    park.servers.retain(|(class, _)| *class != "db");
    park.servers.push(("db", other));
    park.write_config();
    // The configuration of the person accepts every key.
    let said = park.asiaq(&["exec", "db", "--no-jump", "--", "echo secret"]);
    assert_eq!((said.code, said.stdout.as_str()), (255, ""), "{said:#?}");
    let text = joined(&said.stderr);
    assert!(text.contains(&format!("its host key is not the one that is known of {db}")), "{text}");
    assert!(text.contains(&format!("`ssh-keygen -R {db} -f ")), "{text}");
    let said = park.asiaq(&["ssh", &db, "--no-jump", "--", "true"]);
    assert_eq!(said.code, 255, "{said:#?}");
}

#[test]
fn one_logs_in_to_one_instance() {
    if !can_be_tried() {
        return;
    }
    let park = Park::new();
    let db = park.ids("db").remove(0);
    let said = park.asiaq(&["ssh", "db", "--no-jump", "--", "echo here; exit 9"]);
    assert_eq!((said.code, said.stdout.as_str()), (9, "here\n"), "{said:#?}");
    assert!(said.stderr.starts_with(&format!("db {db} at ")), "{said:#?}");
    let said = park.asiaq(&["ssh", "db", "--jump", "bastion", "--", "echo", "a  b"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, "a  b\n"), "{said:#?}");
    let said = park.asiaq(&["ssh", "web", "--", "true"]);
    assert!(said.code == 2 && said.stderr.contains("several instances are meant"), "{said:#?}");
    let said = park.asiaq(&["ssh", "web", "--first", "--no-jump", "--", "true"]);
    assert_eq!(said.code, 0, "{said:#?}");
}

#[test]
fn a_script_on_instances_takes_snapshots_of_their_disks() {
    if !can_be_tried() {
        return;
    }
    let park = Park::new();
    let script = park.world.path("take").display().to_string();
    std::fs::write(
        &script,
        "#!/bin/sh\n[ \"$(id -u)\" = 0 ] && echo \"took snap-1 of $1\"\nexit ${1#/dev/sd}\n",
    )
    .unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let capture = ["snapshot", "capture", "web", "--no-jump", "--script", &script];
    let dry = park.asiaq(&[&capture[..], &["--dry-run"]].concat());
    assert_eq!((dry.code, dry.stdout.lines().count()), (10, 2), "{dry:#?}");
    let unasked = park.asiaq(&capture);
    assert!(unasked.code == 2 && unasked.stderr.contains("`--yes`"), "{unasked:#?}");
    let said = park.asiaq(&[&capture[..], &["--device", "/dev/sd0", "--yes"]].concat());
    assert_eq!((said.code, said.stdout.matches("| took snap-1 of /dev/sd0\n").count()), (0, 2), "{said:#?}");
    let said = park.asiaq(&[&capture[..], &["--device", "/dev/sd3", "--yes"]].concat());
    assert_eq!(said.code, 3, "the exit code is that of the script: {said:#?}");
    let gone = ["snapshot", "capture", "web", "--no-jump", "--script", "/no/script", "--yes"];
    assert_eq!(park.asiaq(&gone).code, 127);
}
