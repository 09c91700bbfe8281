//! Ctrl-C, SIGTERM and their like (SIGQUIT, a closed terminal, Ctrl-Break), counted, so that each stage of a command can react in its own way.

use std::convert::Infallible;

use anyhow::Context;
use asiaq_runtime::CancellationToken;
use tokio::sync::watch;

use crate::exit::{Halt, Result};
use crate::ui;

/// The number of interrupts.
#[derive(Clone, Debug)]
pub(crate) struct Interrupts(watch::Receiver<usize>);

impl Interrupts {
    /// Starts listening; an interrupt no longer ends the process.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let (count, receiver) = watch::channel(0);
        let mut signals = Signals::new().context("cannot listen for interrupts")?;
        tokio::spawn(async move {
            while signals.next().await.is_some() {
                count.send_modify(|times| *times += 1);
            }
        });
        Ok(Self(receiver))
    }

    /// Runs `work`, which changes nothing, until it is interrupted.
    pub(crate) async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut count = self.0.clone();
        tokio::select! {
            biased;
            Ok(_) = count.wait_for(|times| *times > 0) => Err(Halt::Interrupted),
            result = work => result,
        }
    }

    /// The same for work whose answer is whatever it ends with.
    pub(crate) async fn waited<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        self.guard(Box::pin(async { Ok(work.await) })).await
    }

    /// The same for work that ends in an error of its own.
    pub(crate) async fn until_interrupted<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> Result<T> {
        self.guard(Box::pin(async { Ok(work.await?) })).await
    }

    /// Whether there was an interrupt.
    pub(crate) fn any(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Runs `work`, which cleans up after a first interrupt, until a second one.
    pub(crate) async fn until_second<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut count = self.0.clone();
        tokio::select! {
            biased;
            Ok(_) = count.wait_for(|times| *times > 1) => Err(Halt::Interrupted),
            result = work => result,
        }
    }

    /// Passes every interrupt on to an apply, until the future is dropped.
    pub(super) async fn pass_on(&self, stop: &CancellationToken) -> Infallible {
        let mut count = self.0.clone();
        let mut seen = 0;
        loop {
            let Ok(times) = count.wait_for(|times| *times > seen).await.map(|times| *times) else {
                // The listener has ended, so there are no more interrupts.
                return std::future::pending().await;
            };
            // A lost lease may have stopped the apply already.
            let is_first = times - seen == 1 && !stop.requested();
            for _ in seen..times {
                stop.request();
            }
            ui::progress::stopping(is_first);
            seen = times;
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    /// A terminal that is closed. Absent if the process ignores that, and after the first time: a shell repeats what the
    /// system has sent already, and a second interrupt would not let the calls in flight finish.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = if ignores_hangups() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            hangup,
        })
    }

    async fn next(&mut self) -> Option<()> {
        let Self { interrupt, terminate, quit, hangup } = self;
        let closed = async { hangup.as_mut()?.recv().await };
        tokio::select! {
            next = interrupt.recv() => return next,
            next = terminate.recv() => return next,
            next = quit.recv() => return next,
            Some(()) = closed => {}
        }
        *hangup = None;
        Some(())
    }
}

/// Whether the process was started to outlive its terminal, as by `nohup`.
#[cfg(unix)]
fn ignores_hangups() -> bool {
    use std::io::IsTerminal as _;

    match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => is_first_ignored(&status),
        // Other systems have no such file. `nohup` takes the terminal away from the messages.
        Err(_) => !std::io::stderr().is_terminal(),
    }
}

/// Whether signal 1, a hangup, is among the ignored ones of a process: `SigIgn:\t0000000000000001`.
#[cfg(unix)]
fn is_first_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    stop: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self { interrupt: ctrl_c()?, stop: ctrl_break()?, close: ctrl_close()? })
    }

    async fn next(&mut self) -> Option<()> {
        tokio::select! {
            next = self.interrupt.recv() => next,
            next = self.stop.recv() => next,
            next = self.close.recv() => next,
        }
    }
}

#[cfg(not(any(unix, windows)))]
struct Signals;

#[cfg(not(any(unix, windows)))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<()> {
        tokio::signal::ctrl_c().await.ok()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_process_under_nohup_is_recognized() {
        let status =
            |mask: &str| format!("Name:\tasiaq\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t1\n");
        assert!(is_first_ignored(&status("0000000000000001")));
        assert!(is_first_ignored(&status("0000000000001007")));
        assert!(!is_first_ignored(&status("0000000000001006")));
        assert!(!is_first_ignored("Name:\tasiaq\n"));
    }
}
