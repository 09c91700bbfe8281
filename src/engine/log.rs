//! The events of a run: written to the file of `--events`, and kept for `--timeline`.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, anyhow};
use asiaq_runtime::{CallEvent, Event, LogRecord, Observer, Plan, RunEvent};

use super::clock;
use crate::exit::{Exit, Halt, Result};
use crate::output;
use crate::panic;
use crate::ui::progress::Progress;
use crate::ui::{self, timeline};

/// Where to record the events of a run.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Recording {
    /// Writes a line of JSON for each event: operations, waits, and each attempt of each AWS call
    ///
    /// The lines are written as the events happen, so that the file of a killed run is complete up to then. The format
    /// is described in docs/events.md.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Draws the timeline of the run as SVG: operations, their calls and waits, and the critical path
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
}

/// Exit code of a process that was aborted, as a shell shows it.
const ABORTED: u8 = 134;

/// The recorder of a run's events. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started: Instant,
    progress: Mutex<Option<Arc<Progress>>>,
    /// `None` if no events are recorded.
    kept: Option<Mutex<Kept>>,
}

#[derive(Debug)]
struct Kept {
    /// The events file and its name.
    file: Option<(File, PathBuf)>,
    /// The events for the timeline.
    entries: Option<Vec<LogRecord>>,
}

/// Runs the `work` of `command` and records its start and end.
///
/// A file that cannot be written is an error before anything else happens.
pub(crate) async fn recorded(
    recording: &Recording,
    command: &str,
    work: impl AsyncFnOnce(&Log) -> Result<Exit>,
) -> Result<Exit> {
    let picture =
        recording.timeline.as_ref().map(|path| anyhow::Ok((output::picture(path)?, path))).transpose()?;
    let file = recording
        .events
        .as_ref()
        .map(|path| anyhow::Ok((output::create(path, "{\"asiaq-events\"", "a log of events")?, path.clone())))
        .transpose()?;
    let is_kept = file.is_some() || picture.is_some();
    let kept = Kept { file, entries: picture.is_some().then(Vec::new) };
    let log = Log(Arc::new(Shared {
        started: Instant::now(),
        progress: Mutex::default(),
        kept: is_kept.then_some(Mutex::new(kept)),
    }));
    log.write(|| RunEvent::RunStarted {
        command: command.to_owned(),
        asiaq: env!("CARGO_PKG_VERSION").to_owned(),
    });
    let broken = log.clone();
    panic::listen(Some(Box::new(move |why| broken.broke_off(why))));
    let result = work(&log).await;
    panic::listen(None);
    log.write(|| ended(&result));
    if let Some((file, path)) = picture
        && let Err(error) = log.draw(file)
    {
        // The exit code is that of the run.
        ui::warn(&format!("the timeline cannot be written to `{}`: {error}", path.display()));
    }
    result
}

fn ended(result: &Result<Exit>) -> RunEvent {
    let (exit, message) = match result {
        Ok(exit) => (*exit, None),
        Err(Halt::Program) => (Exit::Program, None),
        Err(Halt::Interrupted) => (Exit::Interrupted, None),
        Err(Halt::External(error)) => (Exit::External, Some(format!("{error:#}"))),
    };
    RunEvent::RunEnded { exit: exit.code(), message }
}

impl Log {
    /// A log that records nothing.
    pub(crate) fn none() -> Self {
        Self(Arc::new(Shared { started: Instant::now(), progress: Mutex::default(), kept: None }))
    }

    /// The observer of AWS calls.
    pub(super) fn observer(&self) -> Observer {
        let log = self.clone();
        Observer::new(move |signal| log.hear(signal))
    }

    /// Records the plan, and shows events on `progress` from now on.
    pub(super) fn begin(&self, plan: &Plan, account: &str, progress: Arc<Progress>) {
        if self.0.kept.is_some() {
            for what in RunEvent::planned(plan, account) {
                self.write(|| what);
            }
        }
        *self.0.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// Records and shows an event of an apply.
    pub(super) fn take(&self, event: &Event) {
        self.write(|| event.clone().into());
        if let Some(progress) = self.progress() {
            progress.take(event);
        }
    }

    fn hear(&self, signal: &CallEvent) {
        self.write(|| signal.into());
        if let Some(progress) = self.progress() {
            progress.hear(signal);
        }
    }

    fn progress(&self) -> Option<Arc<Progress>> {
        self.0.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records that asiaq itself broke off. The panic may come from within the log, whose lock is then taken.
    fn broke_off(&self, why: &str) {
        let Some(Ok(mut kept)) = self.0.kept.as_ref().map(Mutex::try_lock) else { return };
        let what = RunEvent::RunEnded { exit: ABORTED, message: Some(format!("asiaq broke off: {why}")) };
        self.write_to(&mut kept, what);
    }

    /// Writes a line. If that fails, warns once and writes no more; the run continues.
    fn write(&self, what: impl FnOnce() -> RunEvent) {
        let Some(kept) = &self.0.kept else { return };
        self.write_to(&mut kept.lock().unwrap_or_else(PoisonError::into_inner), what());
    }

    fn write_to(&self, kept: &mut Kept, what: RunEvent) {
        let entry = LogRecord::new(clock::stamp(), self.0.started.elapsed().as_secs_f64(), what);
        if let Some((file, path)) = &mut kept.file {
            let written = serde_json::to_string(&entry)
                .map_err(std::io::Error::from)
                .and_then(|line| file.write_all((line + "\n").as_bytes()));
            if let Err(error) = written {
                ui::warn(&format!("no further events are written to `{}`: {error}", path.display()));
                kept.file = None;
            }
        }
        if let Some(entries) = &mut kept.entries {
            entries.push(entry);
        }
    }

    fn draw(&self, mut file: File) -> anyhow::Result<()> {
        let kept = self.0.kept.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner));
        let entries = kept.as_ref().and_then(|kept| kept.entries.as_deref()).unwrap_or_default();
        Ok(file.write_all(timeline::draw(entries).as_bytes())?)
    }
}

/// The lines of the log at `path`.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<LogRecord>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    LogRecord::read(&text).map_err(|error| anyhow!("`{shown}`: {error}"))
}
