//! The configuration of rsyslog for logs, with a real `rsyslogd` on loopback.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const RSYSLOGD: &str = "/usr/sbin/rsyslogd";

/// Whether `rsyslogd` is installed. In CI it is.
fn can_be_tried() -> bool {
    let is_installed = Path::new(RSYSLOGD).exists();
    assert!(is_installed || std::env::var_os("CI").is_none(), "CI has no rsyslogd");
    is_installed
}

/// Prints the configuration of a role.
fn asiaq(folder: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_asiaq"))
        .arg("rsyslog")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `rsyslogd -N1` says of a configuration; none where it accepts it.
fn refusal(file: &Path, target: &str) -> Option<String> {
    let output = Command::new(RSYSLOGD)
        .args(["-N1", "-f"])
        .arg(file)
        .env("asiaq_log_target", target)
        .output()
        .unwrap();
    let said = text(&output.stderr);
    let is_clean = !said.contains("error") && !said.contains("warning");
    (!output.status.success() || !is_clean).then_some(said)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn until(what: &str, mut is_done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_done() {
        assert!(started.elapsed() < Duration::from_secs(40), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program with two logs, in a folder with everything that it names.
struct World {
    folder: tempfile::TempDir,
    port: u16,
    aggregator_port: u16,
}

/// A running `rsyslogd`. It ends when it is dropped.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.0.wait();
    }
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder, port: free_port(), aggregator_port: free_port() };
        for name in ["relay", "aggregator"] {
            std::fs::create_dir_all(world.path(name).join("queue")).unwrap();
            std::fs::create_dir_all(world.path(name).join("log")).unwrap();
            let at = |part: &str| world.path(name).join(part).display().to_string();
            let port = if name == "relay" { world.port } else { free_port() };
            let program = format!(
                "project shop {{
  region = us-west-2
  logger = logs
  logging {{
    folder = \"{}\", queue = \"{}\", socket = \"{}\"
    port = {port}, aggregator_port = {}
  }}
}}
env live {{ cidr = 10.20.0.0/20, pipeline = web, metanetwork app {{}} }}
hostclass logs {{ network = app, ip = +5 }}
pipeline web {{ stage {{ run logs {{ desired = 1 }} }} }}
log shop {{ types = [app, errors], more_types = [\"access\"] }}
log mongo {{ tag = \"mongod\", file = \"databases/mongo.log\" }}
log mongos {{ tag = \"mongo\" }}
",
                at("log"),
                at("queue"),
                at("socket"),
                world.aggregator_port
            );
            std::fs::write(world.path(name).join("main.asq"), program).unwrap();
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a role, sending to `target`.
    fn start(&self, role: &str, target: &str) -> Daemon {
        let folder = self.path(role);
        let output = asiaq(&folder, &[role]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let file = folder.join("rsyslog.conf");
        std::fs::write(&file, &output.stdout).unwrap();
        assert_eq!(refusal(&file, target), None);
        let said = std::fs::File::create(folder.join("said")).unwrap();
        let child = Command::new(RSYSLOGD)
            .arg("-n")
            .arg("-f")
            .arg(&file)
            .arg("-i")
            .arg(folder.join("pid"))
            .env("asiaq_log_target", target)
            .stdin(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        let port = if role == "relay" { self.port } else { self.aggregator_port };
        until("rsyslogd does not start", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Daemon(child)
    }

    /// Sends lines to the relay: over UDP, TCP and its socket.
    fn send(&self, udp: &str, tcp: &str, socket: &str) {
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.send_to(udp.as_bytes(), ("127.0.0.1", self.port)).unwrap();
        writeln!(TcpStream::connect(("127.0.0.1", self.port)).unwrap(), "{tcp}").unwrap();
        let sender = UnixDatagram::unbound().unwrap();
        sender.send_to(socket.as_bytes(), self.path("relay").join("socket")).unwrap();
    }

    /// The lines in a file below the folder for logs of a role.
    fn lines(&self, role: &str, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(role).join("log").join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn until_filed(&self, role: &str, file: &str, ends: &[&str]) {
        let is_filed = || {
            // What waited for the aggregator may arrive twice.
            let lines = self.lines(role, file);
            lines.iter().all(|line| ends.iter().any(|end| line.ends_with(end)))
                && ends.iter().all(|end| lines.iter().any(|line| line.ends_with(end)))
        };
        let started = Instant::now();
        while !is_filed() {
            let shown = || (self.lines(role, file), std::fs::read_to_string(self.path(role).join("said")));
            assert!(started.elapsed() < Duration::from_secs(40), "{file}: {ends:?}, {:?}", shown());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn messages_arrive_in_the_files_that_the_rules_say() {
    if !can_be_tried() {
        return;
    }
    let world = World::new();
    let relay = world.start("relay", "127.0.0.1");
    // The aggregator is not there yet: what comes meanwhile waits.
    world.send(
        "<14>Nov 30 15:00:00 front disco.shop.app: over UDP",
        "<14>Nov 30 15:00:00 front disco.shop.errors[17]: over TCP",
        "<14>Nov 30 15:00:00 disco.shop.app[3]: by the socket",
    );
    let aggregator = world.start("aggregator", "");
    world.until_filed(
        "aggregator",
        "shop/app.log",
        &[" disco.shop.app: over UDP", " disco.shop.app[3]: by the socket"],
    );
    world.until_filed("aggregator", "shop/errors.log", &[" front disco.shop.errors[17]: over TCP"]);
    // Types that are not listed, longest tags, and whatever else there is.
    let long = format!("<14>Nov 30 15:00:00 front disco.shop.{}: long", "x".repeat(60));
    world.send(&long, "<14>Nov 30 15:00:00 front mongod.27017[9]: of mongod", "<14>mongos: of mongos");
    // The newer format of syslog (RFC 5424).
    world.send(
        "<14>1 2026-11-30T15:00:00Z front disco.shop.errors 7 - - of 7",
        "<14>1 2026-11-30T15:00:00Z front disco.shop.errors - - - of none",
        "<14>disco.shop.errors: of the socket",
    );
    world.until_filed(
        "aggregator",
        "shop/errors.log",
        &[
            " disco.shop.errors[17]: over TCP",
            " disco.shop.errors[7] of 7",
            " disco.shop.errors of none",
            ": of the socket",
        ],
    );
    world.send(
        "<14>Nov 30 15:00:00 front disco.shopping.app: of nobody",
        "<14>Nov 30 15:00:00 front disco.shop.application: no app",
        "<14>disco.shop.access: of access",
    );
    let tag = format!(" disco.shop.{}: long", "x".repeat(60));
    world.until_filed("aggregator", "shop/other.log", &[&tag, " disco.shop.application: no app"]);
    world.until_filed("aggregator", "databases/mongo.log", &[" mongod.27017[9]: of mongod"]);
    world.until_filed("aggregator", "mongos.log", &[" mongos: of mongos"]);
    world.until_filed("aggregator", "shop/access.log", &[" disco.shop.access: of access"]);
    world.until_filed("aggregator", "other.log", &[" front disco.shopping.app: of nobody"]);
    // Nobody but the owner and the group may read them.
    let mode = |file: &str| {
        let of = std::fs::metadata(world.path("aggregator").join("log").join(file)).unwrap();
        of.permissions().mode() & 0o777
    };
    assert_eq!((mode("shop/app.log"), mode("shop")), (0o640, 0o750));
    // A line break does not begin a message of its own, and a path in a tag leads nowhere.
    world.send(
        "<14>Nov 30 15:00:00 front disco.shop.app: one\n<14>disco.shop.app: two",
        "<14>Nov 30 15:00:00 front disco.shop.../../../x: path",
        "<14>disco.shop.app: \u{1b}[2J",
    );
    world.until_filed(
        "aggregator",
        "shop/app.log",
        &[
            " over UDP",
            " by the socket",
            " disco.shop.app: one#012<14>disco.shop.app: two",
            " disco.shop.app: #033[2J",
        ],
    );
    world.until_filed("aggregator", "shop/other.log", &[&tag, " no app", " path"]);
    drop((relay, aggregator));
}

#[test]
fn an_instance_without_an_aggregator_files_its_messages_itself() {
    if !can_be_tried() {
        return;
    }
    let world = World::new();
    let relay = world.start("relay", "");
    world.send(
        "<14>Nov 30 15:00:00 front disco.shop.app: over UDP",
        "<14>Nov 30 15:00:00 front mongod: over TCP",
        "<14>somebody: by the socket",
    );
    world.until_filed("relay", "shop/app.log", &[" over UDP"]);
    world.until_filed("relay", "databases/mongo.log", &[" over TCP"]);
    world.until_filed("relay", "other.log", &[" by the socket"]);
    drop(relay);
}

#[test]
fn the_address_of_an_environment_is_in_the_configuration_that_is_asked_for() {
    let world = World::new();
    let output = asiaq(&world.path("relay"), &["relay", "--env", "live"]);
    assert!(text(&output.stdout).contains("target=\"10.20.0.5\""), "{output:?}");
    assert!(text(&output.stderr).contains("computed from the program alone"), "{output:?}");
    let output = asiaq(&world.path("relay"), &["relay", "--env", "live", "--format", "json"]);
    let carried: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let paths: Vec<&str> =
        carried["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["/etc/rsyslog.conf", "/etc/logrotate.d/asiaq", "/etc/systemd/journald.conf.d/asiaq.conf"]
    );
    let output = asiaq(&world.path("relay"), &["relay", "--env", "lives"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `live`?"), "{output:?}");
    // The forwarder of a program without one would send to the aggregator all the same.
    let program = "project shop { region = us-west-2 }\nenv live { cidr = 10.20.0.0/20 }\nlog shop {}\n";
    std::fs::write(world.path("relay").join("main.asq"), program).unwrap();
    let output = asiaq(&world.path("relay"), &["relay", "--env", "live"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("has no `logger` with a static address"), "{output:?}");
}

/// Texts that somebody could try to put into a configuration, and ordinary ones.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-z][a-z0-9-]{0,12}",
        3 => "[a-zA-Z0-9._/-]{1,14}",
        2 => "[ -~]{1,14}",
        1 => Just("\\\")\\naction(type=\\\"omprog\\\" binary=\\\"/bin/false\\\"".to_owned()),
        1 => Just("`id`".to_owned()),
        1 => Just("%msg%".to_owned()),
    ]
}

/// A word between the quotes of a program.
fn quoted(word: &str) -> String {
    let word = word.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${");
    format!("\"{word}\"")
}

#[test]
fn rsyslogd_accepts_every_configuration_of_a_program_without_errors() {
    if !can_be_tried() {
        return;
    }
    let services = prop::collection::vec((word(), prop::option::of(word())), 0..4);
    let types = prop::collection::vec(word(), 0..3);
    let settings = (prop::option::of(word()), 1..=65_535u16, 1..=65_535u16, 0..=1_000_000u32, 1..=100u32);
    let folder = tempfile::tempdir().unwrap();
    let queue = folder.path().join("queue");
    std::fs::create_dir(&queue).unwrap();
    let accepted = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let result = runner.run(
        &("[a-z][a-z0-9_-]{0,20}[a-z0-9]", services, types, settings),
        |(name, services, types, (place, port, aggregator_port, burst, size))| {
            let folder_field = place.map_or(String::new(), |place| format!("folder = {}\n", quoted(&format!("/tmp/{place}"))));
            let mut program = format!(
                "project shop {{\n  region = us-west-2\n  logging {{\n    {folder_field}queue = {}\n    port = {port}\n    \
                 aggregator_port = {aggregator_port}\n    burst = {burst}\n    queue_size = {size}GB\n  }}\n}}\n\
                 env live {{ cidr = 10.20.0.0/20 }}\nlog {name} {{ more_types = [{}] }}\n",
                quoted(&queue.display().to_string()),
                types.iter().map(|one| quoted(one)).collect::<Vec<_>>().join(", ")
            );
            for (at, (tag, file)) in services.iter().enumerate() {
                let file = file.as_ref().map(|file| format!("\n  file = {}", quoted(&format!("{file}.log"))));
                let _ = write!(program, "log s{at} {{\n  tag = {}{}\n}}\n", quoted(tag), file.unwrap_or_default());
            }
            std::fs::write(folder.path().join("main.asq"), &program).unwrap();
            for role in ["relay", "forwarder", "aggregator"] {
                let output = asiaq(folder.path(), &[role]);
                if !output.status.success() {
                    let said = text(&output.stderr);
                    prop_assert!(output.status.code() == Some(1), "{program}\n{said}");
                    return Ok(());
                }
                let configuration = text(&output.stdout);
                // Each log has its rule, and there is nothing else.
                let actions = configuration.matches("action(").count();
                let all: std::collections::BTreeSet<&str> = types.iter().map(String::as_str).chain(["app", "errors", "audit", "stat"]).collect();
                let files = all.len() + 1 + services.len() + 1;
                let expected = if role == "aggregator" { files } else { files + 1 };
                prop_assert_eq!(actions, expected, "{}", configuration);
                let file = folder.path().join("rsyslog.conf");
                std::fs::write(&file, &output.stdout).unwrap();
                let refused = refusal(&file, "127.0.0.1");
                prop_assert!(refused.is_none(), "{program}\n{configuration}\n{refused:?}");
            }
            accepted.set(accepted.get() + 1);
            Ok(())
        },
    );
    result.unwrap();
    assert!(accepted.get() > 5, "{accepted:?}");
}

#[test]
fn the_script_of_the_boot_finds_the_address() {
    let world = World::new();
    let output = asiaq(&world.path("relay"), &["relay", "--format", "json"]);
    let carried: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = carried["files"].as_array().unwrap();
    let of = |path: &str| files.iter().find(|file| file["path"] == path).unwrap()["text"].as_str().unwrap();
    let script = world.path("target.sh");
    std::fs::write(&script, of("/usr/local/sbin/asiaq-log-target")).unwrap();
    let unit = of("/etc/systemd/system/rsyslog.service.d/asiaq.conf");
    let names =
        unit.lines().find_map(|line| line.strip_prefix("ExecStartPre=-/usr/local/sbin/asiaq-log-target "));
    let found = |values: &str, metadata: &str| {
        let result = world.path("run/log.env");
        let output = Command::new("sh")
            .arg(&script)
            .args(names.unwrap().split(' '))
            .env("ASIAQ_VALUES", values)
            .env("ASIAQ_METADATA", metadata)
            .env("ASIAQ_LOG_ENV", &result)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        std::fs::read_to_string(result).unwrap()
    };
    let values = world.path("values");
    for (lines, target) in [
        ("logger_ip=\"10.0.0.6\"\n", "10.0.0.6"),
        ("logforwarder_ip=\"10.0.0.7\"\nlogger_ip=\"10.0.0.6\"\n", "10.0.0.7"),
        ("logforwarder_ip=\"\"\nlogger_ip=\"10.0.0.6 10.0.0.8\"\n", "10.0.0.6"),
        ("logger_ip=\"None\"\n", ""),
        ("logger_ip=\"10.0.0.6;reboot\"\n", ""),
        ("xlogger_ip=\"10.0.0.6\"\n", ""),
        ("", ""),
    ] {
        std::fs::write(&values, lines).unwrap();
        let found = found(&values.display().to_string(), "http://127.0.0.1:9");
        assert_eq!(found, format!("asiaq_log_target={target}\n"), "{lines}");
    }
    // Where cloud-init has written no file, the metadata service has the values.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let metadata = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                std::io::Read::read_exact(&mut stream, &mut byte).unwrap();
                request.push(byte[0]);
            }
            let request = text(&request);
            let body = if request.starts_with("PUT") {
                "TOKEN"
            } else {
                "hostclass=\"front\"\nlogger_ip=\"10.0.0.9\"\n"
            };
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            asked.push(request);
        }
        asked
    });
    assert_eq!(found("/nowhere", &metadata), "asiaq_log_target=10.0.0.9\n");
    let asked = server.join().unwrap();
    assert!(asked[0].starts_with("PUT /latest/api/token"), "{asked:?}");
    assert!(asked[1].contains("X-aws-ec2-metadata-token: TOKEN"), "{asked:?}");
}
