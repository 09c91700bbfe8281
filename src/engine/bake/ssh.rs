//! The way to an instance: the system's own `ssh` and `rsync`, with the person's agent, configuration and jump hosts.

use std::collections::VecDeque;
use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::engine::shell::quoted;

/// Exit code of `ssh` itself. A command that ends with it, or with more, is reported as [`MOST`].
const SSH_FAILED: i32 = 255;
const MOST: i32 = 254;
/// Last lines of a command that a failure shows.
const TAIL: usize = 30;
/// Longest time in which an instance lets nobody in after it has started.
const PATIENCE: Duration = Duration::from_mins(10);
/// Longest time in which an instance lets somebody else in, but not the user of the bake: cloud-init sets the keys early.
const DENIED: Duration = Duration::from_mins(4);

/// A log file of a bake, which several things write to.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) path: PathBuf,
    file: Arc<Mutex<fs::File>>,
}

impl Log {
    pub(super) fn create(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let cannot = || format!("cannot write a log in `{}`", folder.display());
        fs::create_dir_all(folder).with_context(cannot)?;
        let path = folder.join(format!("{name}.log"));
        let file = private_file(&path).with_context(cannot)?;
        Ok(Self { path, file: Arc::new(Mutex::new(file)) })
    }

    /// Writes a line. What cannot be written is lost: the bake goes on.
    pub(super) fn line(&self, text: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(file, "{text}");
    }
}

/// A new file that only its owner reads: scripts may print anything.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// How an instance is reached.
#[derive(Clone, Debug)]
pub(super) struct Ssh {
    pub(super) user: String,
    pub(super) address: IpAddr,
    /// Id of the instance: the name by which its host keys are known.
    pub(super) instance: String,
    /// File with the host keys; the person's own setting decides where there is none.
    pub(super) known_hosts: Option<PathBuf>,
    /// Private key; absent where `ssh` finds one by itself.
    pub(super) key: Option<PathBuf>,
    /// Configuration of `ssh` in place of the person's usual one.
    pub(super) config: Option<PathBuf>,
    /// Whether an unknown host key is accepted.
    pub(super) accept_host_key: bool,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: i32,
    /// What it wrote to its standard output.
    pub(super) output: String,
    /// Its last lines, of both outputs.
    pub(super) tail: Vec<String>,
}

impl Ended {
    /// Its last lines, for a message.
    pub(super) fn shown(&self) -> String {
        let lines: Vec<String> = self.tail.iter().map(|line| format!("\n    {line}")).collect();
        lines.concat()
    }
}

impl Ssh {
    /// The options of `ssh`, as words.
    fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if let Some(config) = &self.config {
            options.extend(["-F".to_owned(), config.display().to_string()]);
        }
        if let Some(key) = &self.key {
            options.extend(["-i".to_owned(), key.display().to_string()]);
            options.extend(["-o".to_owned(), "IdentitiesOnly=yes".to_owned()]);
        }
        let mut set = |option: String| options.extend(["-o".to_owned(), option]);
        set(format!("HostKeyAlias={}", self.instance));
        match &self.known_hosts {
            Some(file) => {
                set(format!("UserKnownHostsFile=\"{}\"", file.display()));
                set("GlobalKnownHostsFile=/dev/null".to_owned());
                set("StrictHostKeyChecking=yes".to_owned());
            }
            None if self.accept_host_key => set("StrictHostKeyChecking=accept-new".to_owned()),
            None => {}
        }
        set("CheckHostIP=no".to_owned());
        set("BatchMode=yes".to_owned());
        set("ConnectTimeout=10".to_owned());
        set("ServerAliveInterval=15".to_owned());
        set("ServerAliveCountMax=8".to_owned());
        options
    }

    fn command(&self, remote: &str) -> Command {
        let mut command = Command::new("ssh");
        command
            .args(self.options())
            .arg("-T")
            .arg("-l")
            .arg(&self.user)
            .arg(self.address.to_string())
            .arg(remote);
        command
    }

    /// What a person would type to get to the instance.
    pub(super) fn shown(&self) -> String {
        let key = self.key.as_ref().map(|key| format!("-i {} ", key.display())).unwrap_or_default();
        format!("ssh {key}{}@{}", self.user, self.address)
    }

    /// Runs a script as root, or as the user who logs in, with arguments.
    pub(super) async fn script(
        &self,
        as_root: bool,
        script: &str,
        arguments: &[&str],
        log: &Log,
    ) -> anyhow::Result<Ended> {
        let words: Vec<String> = arguments.iter().map(|word| format!(" {}", quoted(word))).collect();
        let words = words.concat();
        let sudo = if self.user == "root" { "" } else { "sudo -n " };
        let run = if as_root {
            format!("{sudo}env LOGIN_HOME=\"$HOME\" sh -s --{words}")
        } else {
            format!("SUDO=\"{}\" sh -s --{words}", sudo.trim_end())
        };
        let ended = ended(self.command(&bounded(&run)), Some(script), log).await?;
        self.reached(ended)
    }

    /// Runs a program on the instance as root, in a folder.
    pub(super) async fn program(&self, folder: &str, words: &[&str], log: &Log) -> anyhow::Result<Ended> {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let sudo = if self.user == "root" { "" } else { "sudo -n " };
        let inner = format!("cd {} && {}", quoted(folder), words.join(" "));
        let run = format!("{sudo}sh -c {}", quoted(&inner));
        let ended = ended(self.command(&bounded(&run)), None, log).await?;
        self.reached(ended)
    }

    /// Copies what is in a folder into one on the instance. With `as_root` the files belong to root there.
    pub(super) async fn copy(
        &self,
        from: &Path,
        to: &str,
        as_root: bool,
        more: &[&str],
        log: &Log,
    ) -> anyhow::Result<()> {
        let words: Vec<String> = self.options().iter().map(|word| quoted(word)).collect();
        let mut command = Command::new("rsync");
        // Neither owner nor group: numbers of this machine mean other users there. A trailing slash means what is in the
        // folder.
        command.args(["--recursive", "--links", "--perms", "--times", "--compress", "--omit-dir-times"]);
        command.args(more);
        command.arg("--rsh").arg(format!("ssh {} -T -l {}", words.join(" "), quoted(&self.user)));
        if as_root && self.user != "root" {
            command.args(["--rsync-path", "sudo -n rsync"]);
        }
        let host = match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        command.arg("--").arg(format!("{}/", from.display())).arg(format!("{host}:{to}/"));
        let ended = ended(command, None, log).await?;
        match ended.code {
            0 => Ok(()),
            code => bail!("rsync ended with code {code}:{}", ended.shown()),
        }
    }

    /// Waits until the instance lets somebody in.
    pub(super) async fn wait(&self, log: &Log) -> anyhow::Result<()> {
        let started = std::time::Instant::now();
        let mut pause = Duration::from_millis(500);
        let mut denied: Option<std::time::Instant> = None;
        loop {
            let ended = ended(self.command("true"), None, log).await?;
            if ended.code == 0 {
                return Ok(());
            }
            let said = ended.tail.join("\n");
            if said.contains("Host key verification failed")
                || said.contains("HOST IDENTIFICATION HAS CHANGED")
            {
                return Err(self.unknown_key(&ended));
            }
            if said.contains("Permission denied") {
                let since = denied.get_or_insert_with(std::time::Instant::now);
                if since.elapsed() > DENIED {
                    bail!(
                        "the instance {} lets nobody in as `{}`: set `user` to the user of the base AMI, such as `ubuntu`, \
                         `admin` or `ec2-user`{}",
                        self.instance,
                        self.user,
                        ended.shown()
                    );
                }
            }
            if started.elapsed() > PATIENCE {
                let minutes = PATIENCE.as_secs() / 60;
                bail!(
                    "the instance {} does not let `{}` in at {} after {minutes} minutes; its security group has to \
                     accept SSH from here (`tcp 22 from …`), its subnet needs a way to here, and the base AMI a user of \
                     that name:{}",
                    self.instance,
                    self.user,
                    self.address,
                    ended.shown()
                );
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    fn unknown_key(&self, ended: &Ended) -> anyhow::Error {
        if self.known_hosts.is_some() {
            return anyhow!(
                "what answers at {} is not the instance {}: its host key is none of those that the instance wrote to its \
                 console:{}",
                self.address,
                self.instance,
                ended.shown()
            );
        }
        anyhow!(
            "the instance {} has not written its host keys to its console, and `ssh` does not accept an unknown one by itself; \
             `--accept-host-key` accepts the key of the first contact:{}",
            self.instance,
            ended.shown()
        )
    }

    /// Tells a command that ended from one that could not be run.
    fn reached(&self, ended: Ended) -> anyhow::Result<Ended> {
        if ended.code == SSH_FAILED {
            bail!("the connection to the instance {} broke:{}", self.instance, ended.shown());
        }
        Ok(ended)
    }
}

/// A command whose exit code is never that of `ssh` itself.
fn bounded(command: &str) -> String {
    format!("{command}; code=$?; [ \"$code\" -le {MOST} ] || code={MOST}; exit \"$code\"")
}

/// Runs a command to its end. Both outputs go to the log as they come.
async fn ended(mut command: Command, input: Option<&str>, log: &Log) -> anyhow::Result<Ended> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child: Child = command
        .spawn()
        .with_context(|| format!("cannot run `{program}`, which has to be installed on this machine"))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let tail = Mutex::new(VecDeque::new());
    let feed = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A program that ends early does not read its input.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let ((), output, _, status) =
        tokio::join!(feed, follow(stdout, &tail, log), follow(stderr, &tail, log), child.wait());
    let status = status.with_context(|| format!("`{program}` got lost"))?;
    let tail = tail.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Ended by a signal.
    let code = status.code().unwrap_or(SSH_FAILED);
    Ok(Ended { code, output, tail: tail.into() })
}

/// Reads an output to its end.
async fn follow(output: Option<impl AsyncRead + Unpin>, tail: &Mutex<VecDeque<String>>, log: &Log) -> String {
    let Some(output) = output else { return String::new() };
    let mut reader = BufReader::new(output);
    let (mut all, mut bytes) = (String::new(), Vec::new());
    while reader.read_until(b'\n', &mut bytes).await.is_ok_and(|read| read > 0) {
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        log.line(line);
        if all.len() < 1 << 20 {
            all.push_str(line);
            all.push('\n');
        }
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.push_back(line.to_owned());
        if tail.len() > TAIL {
            tail.pop_front();
        }
        drop(tail);
        bytes.clear();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn codes_of_commands_are_not_those_of_ssh() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::create(folder.path(), "x").unwrap();
        for (code, expected) in [(0, 0), (7, 7), (254, 254), (255, 254)] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &bounded(&format!("sh -c 'echo out; echo err >&2; exit {code}'"))]);
            let ended = ended(shell, None, &log).await.unwrap();
            assert_eq!((ended.code, ended.output.as_str()), (expected, "out\n"));
            assert_eq!(ended.tail.len(), 2);
        }
    }
}
