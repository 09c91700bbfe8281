//! A `moto_server` for the tests of one binary: started at first use on a free port of 127.0.0.1, and stopped
//! when the process ends, however it ends. Needs nothing but the standard library, so that other test
//! binaries can include this file.

#![allow(clippy::expect_used, clippy::panic, reason = "without an emulator no test can go on")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Credentials of an account that nobody else uses.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    /// Account id: twelve digits.
    pub(crate) account: String,
    /// Access key id.
    pub(crate) access: String,
    /// Secret access key.
    pub(crate) secret: String,
    /// Session token.
    pub(crate) token: String,
}

struct Server {
    address: String,
    endpoint: String,
    /// The server lives while the pipe to its wrapper is open; the system closes it when the process ends.
    _wrapper: Child,
}

/// Where the emulator listens, such as `http://127.0.0.1:40123`.
pub(crate) fn endpoint() -> &'static str {
    &server().endpoint
}

/// Where the emulator writes the public keys of the key pairs of each account, in a file that is called after it.
pub(crate) fn keys_folder() -> PathBuf {
    std::env::temp_dir().join(format!("asiaq-moto-keys-{}", std::process::id()))
}

/// A fresh account: tests that run side by side do not see each other's.
pub(crate) fn new_account() -> Credentials {
    static NEXT: AtomicU64 = AtomicU64::new(200_000_000_001);
    account(NEXT.fetch_add(1, Ordering::Relaxed).to_string())
}

/// The account of this id.
pub(crate) fn account(account: String) -> Credentials {
    let role = format!("arn:aws:iam::{account}:role/tests");
    let body = format!("Action=AssumeRole&Version=2011-06-15&RoleSessionName=tests&RoleArn={role}");
    let answer = post(&server().address, "sts", &body);
    let part = |name: &str| {
        let start = answer.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        let part =
            start.and_then(|rest| rest.split_once(&format!("</{name}>"))).map(|(part, _)| part.to_owned());
        part.unwrap_or_else(|| panic!("AssumeRole answers without {name}: {answer}"))
    };
    Credentials {
        access: part("AccessKeyId"),
        secret: part("SecretAccessKey"),
        token: part("SessionToken"),
        account,
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

/// Runs the server, its log beside it; the log stays only where it holds a traceback.
const WRAPPER: &str = r#"
trap '' INT
"$0" "$2" -H 127.0.0.1 -p 0 >/dev/null 2>"$1" &
server=$!
cat >/dev/null
kill "$server" && wait "$server"
rm -rf "$3"
grep -q Traceback "$1" || rm -f "$1"
"#;

fn start() -> Server {
    let (python, server) = programs();
    fs::create_dir_all(keys_folder()).expect("a folder for the keys of instances");
    let log = std::env::temp_dir().join(format!("asiaq-moto-{}.log", std::process::id()));
    let wrapper = Command::new("sh")
        .args(["-c", WRAPPER])
        .arg(python)
        .arg(&log)
        .arg(server)
        .arg(keys_folder())
        .env("EMULATOR_KEYS", keys_folder())
        .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        .env("MOTO_ACM_VALIDATION_WAIT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("`sh` runs");
    let address = address(&log);
    // The first call makes the server load what it needs; the tests need not all wait for it at once.
    post(&address, "ec2", "Action=DescribeVpcs&Version=2016-11-15");
    Server { endpoint: format!("http://{address}"), address, _wrapper: wrapper }
}

/// The Python that has moto, and the script that serves it.
fn programs() -> (PathBuf, PathBuf) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").exists()).unwrap_or(here);
    let python = python(root);
    assert!(
        python.exists(),
        "no Python at `{}`: `make test` installs it; or set ASIAQ_PYTHON to one that has moto",
        python.display()
    );
    (python, root.join("tests/emulator/moto_server.py"))
}

/// The Python of the tests' virtual environment.
pub(crate) fn python(root: &Path) -> PathBuf {
    std::env::var_os("ASIAQ_PYTHON").map_or_else(|| root.join(".venv/bin/python"), PathBuf::from)
}

/// The server says on its log where it listens.
fn address(log: &Path) -> String {
    let started = Instant::now();
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        let listens = text.lines().find_map(|line| line.split_once("Running on http://"));
        if let Some((_, address)) = listens {
            return address.trim().to_owned();
        }
        assert!(started.elapsed() < Duration::from_mins(1), "moto_server does not start:\n{text}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// One call, signed only so far that the emulator knows the service.
fn post(address: &str, service: &str, body: &str) -> String {
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=test/20260101/us-west-2/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).expect("the emulator listens");
    stream.write_all(request.as_bytes()).expect("the emulator reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the emulator answers");
    answer
}
