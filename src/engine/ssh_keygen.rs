//! Keys that the system's own `ssh-keygen` makes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

/// Makes a key without a passphrase in the files `key` and `key.pub` of a folder that nobody else reads; returns the public
/// key as one line. `form` is what `ssh-keygen -t` takes.
pub(super) fn make(folder: &Path, form: &str, comment: &str) -> anyhow::Result<String> {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", form, "-N", "", "-C", comment, "-f"]).arg(folder.join("key"));
    if form == "rsa" {
        command.args(["-b", "4096"]);
    }
    let output =
        command.output().context("cannot run `ssh-keygen`, which has to be installed on this machine")?;
    if !output.status.success() {
        bail!("ssh-keygen cannot make a key: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    std::fs::read_to_string(folder.join("key.pub")).context("cannot read the public key")
}
