//! One connection to a jump host, which the connections to the instances behind it share: a server lets only a few new ones
//! in at the same time.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use super::run::{is_dropped, last_line};
use super::silent;

/// A shared connection. It ends by itself soon after the last connection that uses it, also if asiaq is killed.
#[derive(Debug)]
pub(super) struct Master {
    config: PathBuf,
    address: IpAddr,
}

impl Master {
    /// Connects; the inner error is what `ssh` said.
    pub(super) async fn open(
        config: &Path,
        address: IpAddr,
        folder: &Path,
    ) -> anyhow::Result<Result<Self, String>> {
        let mut tries = 0;
        loop {
            // In a file: what runs on in the background keeps a pipe open.
            let log = folder.join("jump.log");
            let file = std::fs::File::create(&log).context("cannot write a log")?;
            let mut ssh = Command::new("ssh");
            ssh.arg("-F").arg(config).args(["-o", "ControlMaster=yes", "-o", "ControlPersist=20"]);
            ssh.args(["-N", "-f", "-T"]).arg(address.to_string());
            silent(&mut ssh).stdout(std::process::Stdio::null()).stderr(file);
            let status =
                ssh.status().await.context("cannot run `ssh`, which has to be installed on this machine")?;
            if status.success() {
                return Ok(Ok(Self { config: config.to_owned(), address }));
            }
            let said = std::fs::read(&log).unwrap_or_default();
            let said = String::from_utf8_lossy(&said).into_owned();
            if tries >= 3 || !is_dropped(&said) {
                return Ok(Err(last_line(&said)));
            }
            tokio::time::sleep(Duration::from_secs(1 << tries)).await;
            tries += 1;
        }
    }

    /// Ends it. Where that fails, it ends by itself.
    pub(super) async fn close(self) {
        let mut ssh = Command::new("ssh");
        ssh.arg("-F").arg(&self.config).args(["-O", "exit"]).arg(self.address.to_string());
        silent(&mut ssh).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let _ = ssh.status().await;
    }
}
