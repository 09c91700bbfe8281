//! One run of the command, watched from outside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::proxy::Proxy;
use crate::{moto, reference};

const REGION: &str = "us-west-2";
/// Clock ticks a second in `/proc` (`sysconf(_SC_CLK_TCK)` of Linux).
const TICKS: f64 = 100.0;

/// An account with images and a zone, a folder with a program, and a proxy that counts.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    credentials: moto::Credentials,
    proxy: Proxy,
}

/// What a run took.
pub(crate) struct Run {
    /// Calls, by service and operation.
    pub(crate) calls: BTreeMap<String, usize>,
    pub(crate) wall: Duration,
    /// Seconds, of every core.
    pub(crate) cpu: f64,
    /// The most bytes it had at once; 0 where the system does not tell.
    pub(crate) peak: u64,
}

impl Bench {
    pub(crate) fn new(program: &str) -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
            credentials: moto::new_account(),
            proxy: Proxy::start(moto::endpoint()),
        };
        bench.write(program);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let account = bench.folder.path().join("account.json");
        std::fs::write(&account, reference::ACCOUNT).unwrap();
        let mut stock = bench.command(&moto::python(root).to_string_lossy());
        stock.env("AWS_ENDPOINT_URL", moto::endpoint());
        let stocked = stock.arg(root.join("tests/emulator/stock.py")).arg(REGION).arg(account).status();
        assert!(stocked.unwrap().success());
        bench
    }

    pub(crate) fn write(&self, program: &str) {
        std::fs::write(self.folder.path().join("infra.asq"), program).unwrap();
    }

    /// A file in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where calls go so that they are counted.
    pub(crate) fn endpoint(&self) -> String {
        self.proxy.endpoint()
    }

    /// A program that calls the account.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("AWS_ENDPOINT_URL", self.proxy.endpoint())
            .env("AWS_ACCESS_KEY_ID", &self.credentials.access)
            .env("AWS_SECRET_ACCESS_KEY", &self.credentials.secret)
            .env("AWS_SESSION_TOKEN", &self.credentials.token)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "no-config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "no-credentials")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_REGION")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs the command where every call takes so much longer.
    pub(crate) fn asiaq(&self, arguments: &[&str], latency: Duration) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_asiaq"));
        command.args(arguments);
        self.watch(command, latency).unwrap()
    }

    /// Runs a program where every call takes so much longer; an error where it fails or is not there.
    pub(crate) fn watch(&self, mut command: Command, latency: Duration) -> Result<Run, String> {
        self.proxy.clear();
        self.proxy.latency(latency);
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("cannot be run: {error}"))?;
        let folder = Path::new("/proc").join(child.id().to_string());
        let (mut peak, mut cpu) = (0, 0.0_f64);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            peak = peak.max(peak_of(&folder).unwrap_or_default());
            cpu = cpu.max(cpu_of(&folder).unwrap_or_default());
            thread::sleep(Duration::from_millis(2));
        };
        let wall = started.elapsed();
        // A plan that finds changes ends with 10.
        if !matches!(status.code(), Some(0 | 10)) {
            return Err(format!("fails: {status}"));
        }
        let mut calls = BTreeMap::new();
        for call in self.proxy.calls() {
            *calls.entry(format!("{} {}", call.service, call.operation)).or_default() += 1;
        }
        Ok(Run { calls, wall, cpu, peak })
    }
}

fn peak_of(folder: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(folder.join("status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// User and system time, the 14th and 15th field, of which the second is a name in brackets.
fn cpu_of(folder: &Path) -> Option<f64> {
    let text = std::fs::read_to_string(folder.join("stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    Some(ticks.sum::<f64>() / TICKS)
}
