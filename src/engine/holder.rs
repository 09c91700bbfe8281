//! The holder of leases: the run of this command.

use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::time::SystemTime;

use asiaq_runtime::Holder;

use crate::ui::without_secrets;

/// Maximum length of the command in a lease, in characters.
const COMMAND: usize = 300;

/// This run, which started at `since`.
pub(super) fn holder(caller: &str, since: SystemTime) -> Holder {
    Holder { run: run(), owner: owner(), caller: caller.to_owned(), command: command(), since }
}

/// `user@host`.
pub(super) fn owner() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env::var(name).ok());
    let host = gethostname::gethostname();
    format!("{}@{}", user.unwrap_or_else(|| "somebody".to_owned()), host.to_string_lossy())
}

/// A unique id: the standard library's hashers have random seeds.
pub(super) fn run() -> String {
    let half = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", half(), half())
}

/// The command line.
fn command() -> String {
    let words = env::args_os().skip(1).map(|word| {
        // Everybody who uses the table reads it.
        let word = without_secrets(&word.to_string_lossy()).into_owned();
        if word.is_empty() || word.contains(char::is_whitespace) { format!("'{word}'") } else { word }
    });
    let command = ["asiaq".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
    command.chars().take(COMMAND).collect()
}
