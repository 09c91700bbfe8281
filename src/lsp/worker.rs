//! The thread that checks projects.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::Event;
use super::library::Library;
use super::root::Texts;
use super::snapshot::Snapshot;
use super::text::Encoding;

/// The stack of the thread: programs may be nested deeply.
const STACK: usize = 64 << 20;

/// A project to check.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) texts: Texts,
    /// Later jobs have higher numbers.
    pub(super) number: u64,
    /// The previous check, whose unchanged syntax trees are reused.
    pub(super) previous: Option<Arc<Snapshot>>,
}

/// Starts the thread, which sends each checked project to `events` and ends when the sender is dropped.
pub(super) fn start(events: Sender<Event>, library: Library, encoding: Encoding) -> io::Result<Sender<Job>> {
    let (sender, jobs) = channel();
    let work = move || {
        let mut waiting = Vec::new();
        while let Some(job) = next(&jobs, &mut waiting) {
            let previous = job.previous.as_deref();
            let snapshot = Snapshot::take(job.texts, job.number, previous, &library, encoding);
            if events.send(Event::Checked(Arc::new(snapshot))).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("lsp-worker".to_owned()).stack_size(STACK).spawn(work)?;
    Ok(sender)
}

/// The oldest job. A newer job for the same project replaces a waiting one.
pub(super) fn next(jobs: &Receiver<Job>, waiting: &mut Vec<Job>) -> Option<Job> {
    if waiting.is_empty() {
        waiting.push(jobs.recv().ok()?);
    }
    while let Ok(job) = jobs.try_recv() {
        match waiting.iter_mut().find(|older| older.texts.root == job.texts.root) {
            Some(older) => *older = job,
            None => waiting.push(job),
        }
    }
    Some(waiting.remove(0))
}
