//! A command on an instance: what it writes, as it comes, and how it ended.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use asiaq_runtime::Host;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::silent;

/// Exit code of `ssh` itself.
const SSH_FAILED: i32 = 255;
/// Longest line that is told whole.
const LINE: usize = 64 << 10;
/// Last lines of errors that are kept to say why a connection failed.
const TAIL: usize = 30;
/// How often a server may drop a new connection.
const DROPS: u32 = 3;

/// The instance that something is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    #[serde(rename = "host")]
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hostclass: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
}

impl Told {
    pub(crate) fn of(host: &Host) -> Self {
        let Host { id, hostclass, environment, .. } = host.clone();
        Self { id, hostclass, environment }
    }

    /// `web i-0123`
    pub(crate) fn label(&self) -> String {
        match &self.hostclass {
            Some(class) => format!("{class} {}", self.id),
            None => self.id.clone(),
        }
    }
}

/// Which output a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Stdout,
    Stderr,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With this exit code.
    Code(u8),
    /// It did not end in time, and may still run on the instance.
    TimedOut(Duration),
    /// It did not begin, for this reason.
    Unreached(String),
    /// The connection broke while it ran.
    Broken(String),
}

/// How a command ended on an instance.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) host: Told,
    pub(crate) ended: Ended,
    pub(crate) seconds: f64,
}

impl Outcome {
    /// The exit code that stands for it: that of `timeout` for a command that did not end, that of `ssh` for one that could
    /// not be run.
    pub(crate) fn code(&self) -> u8 {
        match self.ended {
            Ended::Code(code) => code,
            Ended::TimedOut(_) => 124,
            Ended::Unreached(_) | Ended::Broken(_) => 255,
        }
    }
}

/// Runs a command to its end. A connection that the server drops before anybody has logged in is tried again.
pub(super) async fn run(
    host: Told,
    ssh: impl Fn() -> Command,
    limit: Option<Duration>,
    known_hosts: &Path,
    tell: &(impl Fn(&Told, Output, &str) + Sync),
) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let mut drops = 0;
    let ended = loop {
        let spoke = Mutex::new(Spoken::default());
        let attempt = attempt(ssh(), &host, &spoke, tell);
        let left = limit.map(|limit| limit.saturating_sub(started.elapsed()));
        let status = match left {
            None => attempt.await?,
            Some(left) => match tokio::time::timeout(left, attempt).await {
                Ok(status) => status?,
                Err(_) => break Ended::TimedOut(limit.unwrap_or_default()),
            },
        };
        let spoken = spoke.into_inner().unwrap_or_else(PoisonError::into_inner);
        let said = spoken.errors.iter().cloned().collect::<Vec<_>>().join("\n");
        if status == Some(SSH_FAILED) && !spoken.has_output && is_dropped(&said) && drops < DROPS {
            tokio::time::sleep(Duration::from_secs(1 << drops)).await;
            drops += 1;
            continue;
        }
        break match status {
            Some(SSH_FAILED) => failed(&said, spoken.has_output, &host.id, known_hosts),
            Some(code) => Ended::Code(u8::try_from(code).unwrap_or(u8::MAX)),
            None => Ended::Broken("`ssh` was ended by a signal".to_owned()),
        };
    };
    Ok(Outcome { host, ended, seconds: started.elapsed().as_secs_f64() })
}

/// What an `ssh` has written so far.
#[derive(Debug, Default)]
struct Spoken {
    has_output: bool,
    /// Last lines of the standard error.
    errors: VecDeque<String>,
}

/// Runs `ssh` once; the exit code, unless a signal ended it.
async fn attempt(
    mut ssh: Command,
    host: &Told,
    spoke: &Mutex<Spoken>,
    tell: &(impl Fn(&Told, Output, &str) + Sync),
) -> anyhow::Result<Option<i32>> {
    silent(&mut ssh).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = ssh.spawn().context("cannot run `ssh`, which has to be installed on this machine")?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let line = |output: Output, line: &str| {
        let mut spoken = spoke.lock().unwrap_or_else(PoisonError::into_inner);
        match output {
            Output::Stdout => spoken.has_output = true,
            Output::Stderr => {
                spoken.errors.push_back(line.to_owned());
                if spoken.errors.len() > TAIL {
                    spoken.errors.pop_front();
                }
            }
        }
        drop(spoken);
        tell(host, output, line);
    };
    let ((), (), status) = tokio::join!(
        follow(stdout, |text| line(Output::Stdout, text)),
        follow(stderr, |text| line(Output::Stderr, text)),
        child.wait()
    );
    Ok(status.context("`ssh` got lost")?.code())
}

/// Tells the lines of an output, to its end. A line that is too long to be kept is told in pieces.
async fn follow(output: Option<impl AsyncRead + Unpin>, tell: impl Fn(&str)) {
    let Some(mut output) = output else { return };
    let mut waiting: Vec<u8> = Vec::new();
    let mut chunk = vec![0; 16 << 10];
    while let Ok(read @ 1..) = output.read(&mut chunk).await {
        waiting.extend(chunk.iter().take(read));
        let mut lines = waiting.split(|byte| *byte == b'\n').collect::<Vec<_>>();
        let rest = lines.pop().unwrap_or_default().to_vec();
        for line in lines {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            tell(&String::from_utf8_lossy(line));
        }
        waiting = rest;
        if waiting.len() > LINE {
            tell(&String::from_utf8_lossy(&waiting));
            waiting.clear();
        }
    }
    if !waiting.is_empty() {
        tell(&String::from_utf8_lossy(&waiting));
    }
}

/// What an exit code of `ssh` itself means.
fn failed(said: &str, has_output: bool, id: &str, known_hosts: &Path) -> Ended {
    let has_changed =
        ["HOST IDENTIFICATION HAS CHANGED", "has changed and you have requested strict checking"];
    if has_changed.iter().any(|words| said.contains(words)) {
        return Ended::Unreached(format!(
            "its host key is not the one that is known of {id}: somebody else answers, or the instance has made new keys. In \
             the second case `ssh-keygen -R {id} -f {}` forgets the old one",
            known_hosts.display()
        ));
    }
    let last = last_line(said);
    if last.contains("Host key verification failed") || last.contains("No matching host key") {
        return Ended::Unreached(format!(
            "its host key is not known ({last}); `--accept-host-key` accepts that of the first contact"
        ));
    }
    if has_output || !is_of_ssh(&last) {
        // A command may end with this code too.
        return Ended::Broken(if last.is_empty() {
            "the connection broke, or the command ended so".to_owned()
        } else {
            last
        });
    }
    Ended::Unreached(last)
}

/// Whether `ssh` itself says this of a connection.
fn is_of_ssh(line: &str) -> bool {
    let starts =
        ["ssh:", "kex_exchange_identification", "Connection ", "channel ", "stdio forwarding failed"];
    starts.iter().any(|start| line.starts_with(start)) || line.contains(": Permission denied (")
}

/// Whether a server let nobody in because others were just coming in.
pub(super) fn is_dropped(said: &str) -> bool {
    let last = last_line(said);
    said.contains("kex_exchange_identification") || last.contains("Connection reset by peer")
}

/// The last line with something in it.
pub(super) fn last_line(said: &str) -> String {
    said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Vec<String> {
        let lines = Mutex::new(Vec::new());
        let tell = |line: &str| lines.lock().unwrap().push(line.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(follow(Some(bytes), tell));
        lines.into_inner().unwrap()
    }

    #[test]
    fn every_byte_is_told_once() {
        assert_eq!(told(b"one\r\ntwo\n\nthree"), ["one", "two", "", "three"]);
        assert_eq!(told(b""), Vec::<String>::new());
        let long = "x".repeat(200_000);
        assert_eq!(told(format!("{long}\nend\n").as_bytes()).concat(), format!("{long}end"));
        assert!(told(long.as_bytes()).iter().all(|piece| piece.len() < LINE + (17 << 10)));
    }

    #[test]
    fn a_failure_of_ssh_is_told_from_one_of_the_command() {
        let of = |said: &str, has_output| failed(said, has_output, "i-1", Path::new("/k"));
        let refused = "ssh: connect to host 10.0.0.1 port 22: Connection refused";
        assert_eq!(of(refused, false), Ended::Unreached(refused.to_owned()));
        assert_eq!(of("ops@10.0.0.1: Permission denied (publickey).", false).code_of(), "unreached");
        assert_eq!(of("Connection to 10.0.0.1 closed by remote host.", true).code_of(), "broken");
        assert_eq!(of("no such thing", false).code_of(), "broken");
        assert_eq!(of("", false).code_of(), "broken");
        let Ended::Unreached(changed) = of("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", false)
        else {
            panic!()
        };
        assert!(changed.ends_with("`ssh-keygen -R i-1 -f /k` forgets the old one"), "{changed}");
        assert!(is_dropped(
            "kex_exchange_identification: Connection closed by remote host\nConnection closed by 1 port 2"
        ));
        assert!(!is_dropped(refused));
    }

    impl Ended {
        fn code_of(&self) -> &'static str {
            match self {
                Self::Code(_) => "code",
                Self::TimedOut(_) => "timed out",
                Self::Unreached(_) => "unreached",
                Self::Broken(_) => "broken",
            }
        }
    }
}
