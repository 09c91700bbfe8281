//! An apply on its way: a bar for each environment on a terminal, a line for each event elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use asiaq_runtime::{Action, Event, Operation, Plan, Progress as Stage, Verb};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::style::{BAD, DIM, GOOD, paint};
use super::words::duration;

/// Shows the events of one apply.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Mutex<BTreeMap<Operation, Instant>>,
    bars: Option<Bars>,
}

#[derive(Debug)]
struct Bars {
    all: MultiProgress,
    by_env: BTreeMap<String, ProgressBar>,
}

impl Progress {
    /// For an apply of `plan`.
    pub(crate) fn new(plan: &Plan) -> Self {
        let bars = std::io::stderr().is_terminal().then(|| Bars::new(plan));
        Self { started: Mutex::default(), bars }
    }

    /// Takes in an event.
    pub(crate) fn take(&self, event: &Event) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let operation = &event.operation;
        let took = match event.progress {
            Stage::Started => {
                started.insert(operation.clone(), Instant::now());
                None
            }
            Stage::Finished { .. } | Stage::Failed { .. } | Stage::Skipped { .. } => {
                started.remove(operation)
            }
        };
        let line = line(event, took.map(|start| start.elapsed()));
        match &self.bars {
            None => super::say(&line.unwrap_or_default()),
            Some(bars) => bars.show(event, &started, line),
        }
    }

    /// Takes the bars away.
    pub(crate) fn finish(&self) {
        if let Some(bars) = &self.bars {
            for bar in bars.by_env.values() {
                bar.finish_and_clear();
            }
        }
    }
}

/// Says what an interrupt does.
pub(crate) fn stopping(is_first: bool) {
    super::say(if is_first {
        "\nstopping when the calls in flight are done; interrupt again to stop now\n"
    } else {
        "\nstopping now\n"
    });
}

/// A line for an event that is worth one.
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
            Some(format!("{} {address}, which has to wait for {because}\n", paint(DIM, "skipped")))
        }
    }
}

impl Bars {
    fn new(plan: &Plan) -> Self {
        let mut operations: BTreeMap<&str, u64> = BTreeMap::new();
        for step in &plan.steps {
            *operations.entry(step.address.env()).or_default() += match &step.action {
                Action::Create { .. } | Action::Delete { .. } => 1,
                Action::Update { let_go, .. } => 1 + u64::from(!let_go.is_empty()),
                Action::Replace { .. } => 2,
            };
        }
        let width = operations.keys().map(|env| env.chars().count()).max().unwrap_or_default();
        // The template is ours and well-formed; the usual bar would do as well.
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {elapsed} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─");
        let all = MultiProgress::new();
        let by_env = operations
            .into_iter()
            .map(|(env, total)| {
                let bar = all.add(ProgressBar::new(total).with_style(style.clone()));
                bar.set_prefix(format!("{env:width$}"));
                bar.enable_steady_tick(Duration::from_millis(200));
                (env.to_owned(), bar)
            })
            .collect();
        Self { all, by_env }
    }

    fn show(&self, event: &Event, started: &BTreeMap<Operation, Instant>, line: Option<String>) {
        let env = event.operation.address.env();
        let Some(bar) = self.by_env.get(env) else { return };
        let current = started.keys().filter(|operation| operation.address.env() == env);
        let current: Vec<String> =
            current.map(|operation| format!("{} {}", operation.verb, operation.address)).collect();
        bar.set_message(current.join(", "));
        match event.progress {
            Stage::Started => {}
            Stage::Finished { .. } => bar.inc(1),
            Stage::Failed { .. } | Stage::Skipped { .. } => {
                bar.inc(1);
                self.all.suspend(|| super::say(&line.unwrap_or_default()));
            }
        }
    }
}
