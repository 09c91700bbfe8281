//! What asiaq says if it fails because of a mistake of its own.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, TryLockError};

use crate::ui;

/// Called with the reason when asiaq breaks off.
type Listener = Box<dyn Fn(&str) + Send>;

static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// Has asiaq say what to do when it breaks off.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let why = reason(info);
        // The panic may come from the listener itself.
        let is_run = match LISTENER.try_lock() {
            Ok(listener) => listener.as_ref().inspect(|listener| listener(&why)).is_some(),
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => false,
        };
        ui::say(&message(&why, is_run));
    }));
}

/// Sets or removes the listener of the run in progress.
#[cfg(feature = "aws")]
pub(crate) fn listen(listener: Option<Listener>) {
    *LISTENER.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = listener;
}

/// The text of a panic and its place in asiaq's source.
fn reason(info: &PanicHookInfo<'_>) -> String {
    let text = info.payload_as_str().unwrap_or("no text");
    match info.location() {
        Some(at) => format!("{text} ({}:{})", at.file(), at.line()),
        None => text.to_owned(),
    }
}

fn message(why: &str, is_run: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let done = if is_run {
        "  What was done in AWS stays done. Calls in progress may or may not have taken effect.\n  \
         Run `asiaq plan` to see what is left, and the same command again to finish it. A lease that this run\n  \
         took expires by itself; `asiaq unlock` ends it at once.\n"
    } else {
        ""
    };
    format!(
        "\nerror: asiaq {version} broke off because of a mistake in asiaq itself: {why}\n{done}  \
         Please report it with this text and, if you can, the program.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_broken_run_says_what_stays_and_what_to_do() {
        let text = message("overflow (src/a.rs:1)", true);
        for part in ["overflow (src/a.rs:1)", "stays done", "`asiaq plan`", "`asiaq unlock`", "report"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!message("x", false).contains("AWS"));
    }
}
