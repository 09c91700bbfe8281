//! The progress of an apply: a bar per environment on a terminal, otherwise a line per event.

mod bars;
mod pauses;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use asiaq_runtime::{CallEvent, Event, Operation, Plan, Progress as Stage, Verb};

use super::text::{BAD, CHANGED, DIM, GOOD, duration, paint};
use bars::Bars;
use pauses::{News, Pauses, of_limit};

/// Shows the events of one apply.
#[derive(Debug)]
pub(crate) struct Progress {
    state: Mutex<State>,
    bars: Option<Bars>,
}

#[derive(Debug, Default)]
struct State {
    /// Operations in progress by number, with their start.
    started: BTreeMap<usize, (Operation, Instant)>,
    pauses: Pauses,
}

impl Progress {
    /// For an apply of `plan`.
    pub(crate) fn new(plan: &Plan) -> Self {
        let bars = std::io::stderr().is_terminal().then(|| Bars::new(plan));
        Self { state: Mutex::default(), bars }
    }

    /// Shows an event.
    pub(crate) fn take(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let took = match event.progress {
            Stage::Started => {
                state.started.insert(event.number, (event.operation.clone(), Instant::now()));
                None
            }
            Stage::Finished { .. } | Stage::Failed { .. } | Stage::Skipped { .. } => {
                state.pauses.end(event.number);
                state.started.remove(&event.number).map(|(_, start)| start.elapsed())
            }
        };
        let line = line(event, took);
        match &self.bars {
            None => super::say(&line.unwrap_or_default()),
            Some(bars) => {
                bars.advance(event, line);
                bars.show(event.operation.address.scope().as_str(), &state.current());
            }
        }
    }

    /// Shows a call or a wait.
    pub(crate) fn hear(&self, signal: &CallEvent) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let news = state.pauses.take(signal);
        let operation = signal.operation.and_then(|number| state.started.get(&number));
        match (&self.bars, operation, news) {
            (Some(bars), Some((operation, _)), _) => {
                bars.show(operation.address.scope().as_str(), &state.current());
            }
            (None, _, Some(News::Throttled { service })) => {
                super::say(&format!(
                    "{} by {service}: its calls are retried after a delay\n",
                    paint(CHANGED, "throttled")
                ));
            }
            (None, Some((operation, _)), Some(News::Waits { why, gone, limit })) => {
                let Operation { verb, address, .. } = operation;
                let time = of_limit(gone, limit);
                super::say(&format!("{} to {verb} {address} ({time}): {why}\n", paint(DIM, "waiting")));
            }
            (_, _, _) => {}
        }
    }

    /// Removes the bars.
    pub(crate) fn finish(&self) {
        if let Some(bars) = &self.bars {
            bars.finish();
        }
    }
}

impl State {
    /// Operations in progress, in order, with what each waits for.
    fn current(&self) -> Vec<(&Operation, Option<String>)> {
        self.started.iter().map(|(number, (operation, _))| (operation, self.pauses.why(*number))).collect()
    }
}

/// The message after an interrupt.
pub(crate) fn stopping(is_first: bool) {
    super::say(if is_first {
        "\nstopping when the calls in flight have finished; interrupt again to stop now\n"
    } else {
        "\nstopping now\n"
    });
}

/// The line of an event, if it has one.
fn line(event: &Event, took: Option<Duration>) -> Option<String> {
    let Operation { address, verb, .. } = &event.operation;
    let took = took.map(|took| format!(" {}", paint(DIM, &duration(took)))).unwrap_or_default();
    match &event.progress {
        Stage::Started => None,
        Stage::Finished { id } => {
            let done = match verb {
                Verb::Create => paint(GOOD, "created"),
                Verb::Update => paint(GOOD, "changed"),
                Verb::Delete => paint(GOOD, "deleted"),
            };
            Some(format!("{done} {address} {}{took}\n", paint(DIM, &format!("({id})"))))
        }
        Stage::Failed { error } => {
            Some(format!("{} to {verb} {address}: {error}{took}\n", paint(BAD, "failed")))
        }
        Stage::Skipped { because } => {
            Some(format!("{} {address}, which depends on {because}\n", paint(DIM, "skipped")))
        }
    }
}
