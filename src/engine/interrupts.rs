//! Ctrl-C and SIGTERM, counted, so that each stage of a command can react in its own way.

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
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Option<()> {
        tokio::select! {
            next = self.interrupt.recv() => next,
            next = self.terminate.recv() => next,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<()> {
        tokio::signal::ctrl_c().await.ok()
    }
}
