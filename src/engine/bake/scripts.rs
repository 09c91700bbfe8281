//! The shell scripts that a bake runs on its instance, beside those of the program.

use std::fmt::Write as _;

use super::overlay::{Entry, Overlay};
use crate::engine::shell::quoted;

/// Waits until the instance has started, and makes the two folders that the bake uses: `STAGE` for what is copied there, and
/// `DESTINATION`. Prints the first.
pub(super) const PREPARE: &str = r#"set -u
destination=$1
if command -v cloud-init >/dev/null 2>&1; then
  cloud-init status --wait >/dev/null 2>&1
  case $? in
    0) ;;
    2) echo 'cloud-init has finished with errors that it could recover from:' >&2
       cloud-init status --long >&2 ;;
    *) cloud-init status --long >&2
       echo 'cloud-init of the base AMI has failed' >&2
       exit 1 ;;
  esac
fi
set -e
if command -v fuser >/dev/null 2>&1; then
  for lock in /var/lib/dpkg/lock-frontend /var/lib/apt/lists/lock /var/lib/rpm/.rpm.lock; do
    tries=0
    while [ -e "$lock" ] && $SUDO fuser "$lock" >/dev/null 2>&1; do
      tries=$((tries + 1))
      if [ "$tries" -gt 600 ]; then
        echo "another program holds $lock for ten minutes" >&2
        exit 1
      fi
      sleep 1
    done
  done
fi
if ! command -v rsync >/dev/null 2>&1; then
  if command -v apt-get >/dev/null 2>&1; then
    $SUDO apt-get update >&2 && $SUDO env DEBIAN_FRONTEND=noninteractive apt-get --yes install rsync >&2
  elif command -v dnf >/dev/null 2>&1; then
    $SUDO dnf --assumeyes install rsync >&2
  elif command -v yum >/dev/null 2>&1; then
    $SUDO yum --assumeyes install rsync >&2
  else
    echo 'the base AMI has no rsync' >&2
    exit 1
  fi
fi
$SUDO mkdir -p "$destination"
# Not in /tmp, where programs may not be run.
stage=$destination/.bake.$$
$SUDO install -d -m 0700 -o "$(id -u)" "$stage"
echo "$stage"
"#;

/// Removes what every instance must have of its own, the key of the bake, and the folder `STAGE`.
pub(super) const FINISH: &str = r#"set -eu
stage=$1 root=${2%/} clean=$3 key=$4
rm -rf "$stage"
if [ "$clean" = yes ]; then
  rm -f "$root"/etc/ssh/ssh_host_*
  if [ -e "$root/etc/machine-id" ]; then
    : > "$root/etc/machine-id"
    if [ -f "$root/var/lib/dbus/machine-id" ] && [ ! -L "$root/var/lib/dbus/machine-id" ]; then
      rm -f "$root/var/lib/dbus/machine-id"
    fi
  fi
  if [ -z "$root" ] && command -v cloud-init >/dev/null 2>&1; then
    cloud-init clean --logs
  fi
  rm -rf "$root"/var/lib/cloud/instance "$root"/var/lib/cloud/instances
  rm -f "$root"/var/log/cloud-init*.log
  rm -f "$root"/root/.bash_history "$root"/home/*/.bash_history
  if [ -d "$root/tmp" ]; then
    # Something may be mounted there, or in use.
    find "$root/tmp" -mindepth 1 -maxdepth 1 -exec rm -rf {} + || :
  fi
fi
if [ -n "$key" ]; then
  for file in "$HOME/.ssh/authorized_keys" "${LOGIN_HOME:-$HOME}/.ssh/authorized_keys" \
      "$root"/root/.ssh/authorized_keys "$root"/home/*/.ssh/authorized_keys; do
    if [ -f "$file" ] && grep -qF "$key" "$file"; then
      # The owner and mode of the file stay.
      rest=$(grep -vF "$key" "$file" || :)
      if [ -n "$rest" ]; then printf '%s\n' "$rest" > "$file"; else : > "$file"; fi
    fi
  done
  if grep -rqF "$key" "$root"/root/.ssh "$root"/home/*/.ssh "$root"/etc/ssh 2>/dev/null; then
    echo 'the key of the bake is still on the instance:' >&2
    grep -rlF "$key" "$root"/root/.ssh "$root"/home/*/.ssh "$root"/etc/ssh 2>/dev/null >&2
    exit 1
  fi
fi
sync
"#;

/// The script that puts an overlay, which is in the folder `files` of `STAGE`, to its place.
pub(super) fn apply(overlay: &Overlay) -> String {
    let mut script = r#"set -eu
stage=$1/files root=${2%/}
account() {
  getent group "$2" >/dev/null || groupadd --system "$2"
  getent passwd "$1" >/dev/null || useradd --system --gid "$2" --no-create-home --shell /usr/sbin/nologin "$1"
}
folder() {
  [ -d "$root/$1" ] || mkdir -m "$2" "$root/$1"
}
file() {
  if [ -d "$root/$1" ] && [ ! -L "$root/$1" ]; then
    echo "$root/$1 is a folder on the instance, and a file in the overlay" >&2
    exit 1
  fi
  install -p -m "$2" -o "$3" -g "$4" "$stage/$1" "$root/$1"
}
link() {
  if [ -d "$root/$1" ] && [ ! -L "$root/$1" ]; then
    echo "$root/$1 is a folder on the instance, and a symbolic link in the overlay" >&2
    exit 1
  fi
  ln -sfn "$2" "$root/$1"
}
owned() {
  chown "$3:$4" "$root/$1"
  chmod "$2" "$root/$1"
}
"#
    .to_owned();
    let mut accounts: Vec<(&str, &str)> =
        overlay.rules.values().map(|rule| (rule.owner.as_str(), rule.group.as_str())).collect();
    accounts.sort_unstable();
    accounts.dedup();
    // Numbers need no account.
    let is_name = |name: &str| !name.bytes().all(|byte| byte.is_ascii_digit());
    for (owner, group) in accounts.into_iter().filter(|(owner, group)| is_name(owner) && is_name(group)) {
        let _ = writeln!(script, "account {} {}", quoted(owner), quoted(group));
    }
    for (path, entry) in &overlay.entries {
        let rule = overlay.rules.get(path);
        let at = quoted(path);
        let _ = match (entry, rule) {
            (Entry::Folder(mode), None) => writeln!(script, "folder {at} {mode:04o}"),
            (Entry::Folder(mode), Some(rule)) => writeln!(
                script,
                "folder {at} {mode:04o}\nowned {at} {:04o} {} {}",
                rule.mode,
                quoted(&rule.owner),
                quoted(&rule.group)
            ),
            (Entry::File(_, mode), None) => writeln!(script, "file {at} {mode:04o} root root"),
            (Entry::File(..), Some(rule)) => writeln!(
                script,
                "file {at} {:04o} {} {}",
                rule.mode,
                quoted(&rule.owner),
                quoted(&rule.group)
            ),
            (Entry::Link(target), _) => writeln!(script, "link {at} {}", quoted(target)),
        };
    }
    script += "if [ -z \"$root\" ] && command -v restorecon >/dev/null 2>&1; then\n  restorecon -F";
    for (path, _) in overlay.entries.iter().filter(|(_, entry)| !matches!(entry, Entry::Folder(_))) {
        let _ = write!(script, " {}", quoted(&format!("/{path}")));
    }
    script += " >/dev/null 2>&1 || :\nfi\n";
    script
}
