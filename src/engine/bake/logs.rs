//! What a bake puts onto its instance for the logs of the program.

use std::fmt::Write as _;

use asiaq_compiler::{LogFile, LogRole, Logging};

use super::overlay::Overlay;
use crate::engine::shell::quoted;

/// What the AMI of a hostclass carries for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Logs {
    role: LogRole,
    /// Folders with their modes.
    folders: Vec<(String, &'static str)>,
    files: Vec<LogFile>,
    /// Paths that the overlay has files of its own for.
    replaced: Vec<String>,
}

impl Logs {
    /// Those of a hostclass, if the program declares logs. Files of the overlay are preferred.
    pub(super) fn of(logging: &Logging, hostclass: &str, overlay: Option<&Overlay>) -> Option<Self> {
        if !logging.has_logs() {
            return None;
        }
        let role = logging.role_of(hostclass);
        let is_replaced = |file: &LogFile| {
            overlay.is_some_and(|overlay| overlay.entries.contains_key(file.path.trim_start_matches('/')))
        };
        let (replaced, files): (Vec<LogFile>, _) =
            logging.files(role, None).into_iter().partition(is_replaced);
        Some(Self {
            role,
            folders: logging.folders().map(|(path, mode)| (path.to_owned(), mode)).into(),
            files,
            replaced: replaced.into_iter().map(|file| file.path).collect(),
        })
    }

    /// What is done, in words.
    pub(super) fn step(&self, root: &str) -> String {
        let paths: Vec<&str> = self.files.iter().map(|file| file.path.as_str()).collect();
        let mut step =
            format!("put the files of a log {} below {root}: {}", self.role.word(), paths.join(" "));
        if !self.replaced.is_empty() {
            let _ = write!(step, "; the overlay has its own {}", self.replaced.join(" "));
        }
        step + "; `rsyslogd -N1` has to accept them"
    }

    /// The script that puts the files below its second argument, and has rsyslog check them.
    pub(super) fn script(&self) -> String {
        let mut script = "set -eu\nroot=${2%/}\n".to_owned();
        for (folder, mode) in &self.folders {
            let _ = writeln!(script, "install -d -m {mode} -o root -g root \"$root\"{}", quoted(folder));
        }
        for LogFile { path, mode, text } in &self.files {
            let (at, text) = (quoted(path), quoted(text));
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let _ = write!(
                script,
                "mkdir -p \"$root\"{}\nrm -f \"$root\"{at}\nprintf %s {text} > \"$root\"{at}\n\
                 chown root:root \"$root\"{at}\nchmod {mode} \"$root\"{at}\n",
                quoted(folder)
            );
        }
        script += CHECK;
        script
    }
}

/// Has rsyslog check its configuration, as it will be when there is an address to send to.
const CHECK: &str = r#"check() {
  asiaq_log_target=127.0.0.1 "$@" </dev/null
}
if [ -z "$root" ]; then
  command -v restorecon >/dev/null 2>&1 && restorecon -RF /etc/rsyslog.conf /etc/systemd /usr/local/sbin >/dev/null 2>&1 || :
  set -- rsyslogd -N1
else
  set -- chroot "$root" rsyslogd -N1
fi
PATH=/usr/sbin:/sbin:$PATH
export PATH
if ! check "$@"; then
  echo 'the configuration of logs needs rsyslog 8.37 or later on the instance, and a configuration that it accepts' >&2
  exit 1
fi
"#;
