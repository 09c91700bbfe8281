//! The configuration with which `ssh` gets to an instance: what asiaq knows of it, and then the person's own.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// What holds for the connection to one instance.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Id of the instance.
    pub(super) id: String,
    /// Whether its host keys are known.
    pub(super) is_known: bool,
    /// Whether an unknown host key is accepted.
    pub(super) accept: bool,
    pub(super) user: Option<String>,
    /// Whether nobody is asked anything.
    pub(super) is_batch: bool,
}

/// The configuration for an instance at an address, and for the jump host before it with its address and the socket of a
/// shared connection. `ssh` takes the first value that it finds: the person's configuration cannot weaken what is here.
pub(super) fn text(
    target: &Setting,
    address: IpAddr,
    jump: Option<&(Setting, IpAddr, Option<PathBuf>)>,
    no_jump: bool,
    known_hosts: &Path,
    own: Option<&Path>,
) -> anyhow::Result<String> {
    let known_hosts = quoted(known_hosts)?;
    let mut text = String::new();
    let mut host = |setting: &Setting, address: IpAddr, more: &[String]| {
        let Setting { id, is_known, accept, user, is_batch } = setting;
        let _ = writeln!(text, "Host {address}");
        let mut set = |line: &str| {
            let _ = writeln!(text, "  {line}");
        };
        set(&format!("HostKeyAlias {id}"));
        set(&format!("UserKnownHostsFile {known_hosts}"));
        set("GlobalKnownHostsFile /dev/null");
        // A key that has changed is refused, whatever the person's configuration says.
        if *is_known {
            set("StrictHostKeyChecking yes");
        } else if *accept {
            set("StrictHostKeyChecking accept-new");
        }
        set("CheckHostIP no");
        set("HashKnownHosts no");
        set("UpdateHostKeys no");
        set("ConnectTimeout 10");
        set("ServerAliveInterval 15");
        set("ServerAliveCountMax 8");
        if *is_batch {
            set("BatchMode yes");
            set("LogLevel ERROR");
        }
        if let Some(user) = user {
            set(&format!("User {user}"));
        }
        for line in more {
            set(line);
        }
    };
    let through = match jump {
        Some((_, address, _)) => vec![format!("ProxyJump {address}")],
        None if no_jump => vec!["ProxyJump none".to_owned()],
        None => Vec::new(),
    };
    host(target, address, &through);
    if let Some((setting, address, socket)) = jump {
        let mut more = vec!["ProxyJump none".to_owned()];
        if let Some(socket) = socket {
            more.push(format!("ControlPath {}", quoted(socket)?));
            more.push("ControlMaster no".to_owned());
        }
        host(setting, *address, &more);
    }
    text.push_str("Match all\n");
    match own {
        Some(own) => {
            let own = std::path::absolute(own)?;
            let _ = writeln!(text, "Include {}", quoted(&own)?);
        }
        None => text.push_str("Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n"),
    }
    Ok(text)
}

/// A path as the configuration has it.
fn quoted(path: &Path) -> anyhow::Result<String> {
    let text = path.display().to_string();
    // A percent sign begins a word of `ssh`, and there is no way to write a quote.
    if text.contains(['"', '\n', '%']) {
        bail!("`ssh` cannot use the path {text:?}");
    }
    Ok(format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(id: &str) -> Setting {
        Setting { id: id.to_owned(), is_known: true, accept: true, user: None, is_batch: true }
    }

    #[test]
    fn a_known_instance_is_held_to_its_key_and_its_jump_host_too() {
        let jump = (setting("i-jump"), "54.0.0.4".parse().unwrap(), Some(PathBuf::from("/tmp/x/i-jump")));
        let text = text(
            &Setting { user: Some("ops".to_owned()), ..setting("i-db") },
            "10.0.0.2".parse().unwrap(),
            Some(&jump),
            false,
            Path::new("/home/me/.ssh/asiaq_known_hosts"),
            None,
        )
        .unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_person_decides_about_an_instance_that_is_new() {
        let of = |accept: bool| {
            let setting = Setting { is_known: false, accept, is_batch: false, ..setting("i-db") };
            text(&setting, "10.0.0.2".parse().unwrap(), None, false, Path::new("/k"), None).unwrap()
        };
        assert!(!of(false).contains("StrictHostKeyChecking"));
        assert!(of(true).contains("StrictHostKeyChecking accept-new"));
        assert!(!of(true).contains("BatchMode"));
    }

    #[test]
    fn a_path_that_ssh_cannot_use_is_refused() {
        let none = text(&setting("i-1"), "10.0.0.2".parse().unwrap(), None, true, Path::new("/a\"b"), None);
        assert!(none.is_err());
    }
}
