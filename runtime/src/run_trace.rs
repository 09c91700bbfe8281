//! What a run did and when, put together from its log.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Kind};

use crate::{Attempt, LogRecord, OperationRef, RunEvent, Verb, Verdict};

/// The course of a run. All times are seconds since its first line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunTrace {
    /// The command: `apply`.
    pub command: String,
    /// The project; empty where the run did not come so far as to plan.
    pub project: String,
    /// Environments in which something was to be done.
    pub environments: Vec<String>,
    /// Operations of the plan, those included that never started.
    pub planned: usize,
    /// Operations that started, in the order in which they did.
    pub works: Vec<Work>,
    /// Calls that belong to no operation: the look at the account.
    pub looks: Vec<Span>,
    /// The last line.
    pub end: f64,
    /// The exit code; absent where the run was killed.
    pub exit: Option<u8>,
}

/// An operation that started.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Its number in the plan.
    pub number: usize,
    /// Address of the resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// What was done.
    pub verb: Verb,
    /// Numbers of the operations it came after.
    pub after: Vec<usize>,
    /// When it started.
    pub start: f64,
    /// When it was over, or the log was.
    pub end: f64,
    /// How it ended.
    pub completion: Completion,
    /// Attempts at calls.
    pub calls: Vec<Span>,
    /// Pauses before it looked, or tried, again.
    pub waits: Vec<Wait>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It worked.
    Finished,
    /// It did not, and what was said.
    Failed(String),
    /// The log ends before it does.
    UnderWay,
}

/// An attempt at a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The API operation.
    pub name: String,
    /// Which attempt at it, from one.
    pub attempt: u32,
    /// When it was sent.
    pub start: f64,
    /// When the answer came, or the log ended.
    pub end: f64,
    /// What the answer meant; absent where there was none before the log ended.
    pub verdict: Option<Verdict>,
    /// AWS's error code.
    pub code: Option<String>,
}

/// A pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// What it was for.
    pub why: String,
    /// When it began.
    pub start: f64,
    /// When it was to end; the operation may have been over before.
    pub end: f64,
}

/// A chain of operations, each of which came after the one before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chain {
    /// Indices of [`RunTrace::works`], in order.
    pub works: Vec<usize>,
    /// How long they took together.
    pub seconds: f64,
}

impl RunTrace {
    /// The course that a log tells of.
    pub fn of(entries: &[LogRecord]) -> Self {
        let mut run_trace = Self { end: entries.last().map_or(0.0, |entry| entry.at), ..Self::default() };
        let mut planned: BTreeMap<usize, (Kind, Vec<usize>)> = BTreeMap::new();
        // Where an operation and an attempt at a call are.
        let mut works: BTreeMap<usize, usize> = BTreeMap::new();
        let mut sent: BTreeMap<(u64, u32), (Option<usize>, usize)> = BTreeMap::new();
        for LogRecord { at, what, .. } in entries {
            match what {
                RunEvent::RunStarted { command, .. } => run_trace.command.clone_from(command),
                RunEvent::Planned { project, environments, operations, .. } => {
                    run_trace.project.clone_from(project);
                    run_trace.environments.clone_from(environments);
                    run_trace.planned = *operations;
                }
                RunEvent::OperationPlanned { operation, kind, after, .. } => {
                    planned.insert(operation.operation, (*kind, after.clone()));
                }
                RunEvent::OperationStarted { operation } => {
                    if let Some((kind, after)) = planned.get(&operation.operation) {
                        works.insert(operation.operation, run_trace.works.len());
                        run_trace.works.push(Work::begun(
                            operation,
                            *kind,
                            after.clone(),
                            *at,
                            run_trace.end,
                        ));
                    }
                }
                RunEvent::OperationWaiting { operation, why, seconds } => {
                    let work = operation.and_then(|number| works.get(&number));
                    if let Some(work) = work.and_then(|work| run_trace.works.get_mut(*work)) {
                        work.waits.push(Wait { why: why.clone(), start: *at, end: *at + seconds });
                    }
                }
                RunEvent::OperationFinished { operation, .. } => {
                    run_trace.close(works.get(&operation.operation), *at, Completion::Finished);
                }
                RunEvent::OperationFailed { operation, error } => {
                    let said = if error.code.is_empty() { &error.message } else { &error.code };
                    run_trace.close(works.get(&operation.operation), *at, Completion::Failed(said.clone()));
                }
                RunEvent::CallSent { attempt } | RunEvent::CallRetried { attempt } => {
                    let work = attempt.operation.and_then(|number| works.get(&number)).copied();
                    let end = run_trace.end;
                    let calls = run_trace.calls(work);
                    sent.insert((attempt.call, attempt.attempt), (work, calls.len()));
                    calls.push(Span::begun(attempt, *at, end));
                }
                RunEvent::CallAnswered { attempt, verdict, code, .. } => {
                    let place = sent.get(&(attempt.call, attempt.attempt));
                    let span = place.and_then(|(work, span)| run_trace.calls(*work).get_mut(*span));
                    if let Some(span) = span {
                        (span.end, span.verdict, span.code) = (*at, Some(*verdict), code.clone());
                    }
                }
                RunEvent::OperationSkipped { .. } => {}
                RunEvent::RunEnded { exit, .. } => run_trace.exit = Some(*exit),
            }
        }
        for work in &mut run_trace.works {
            for wait in &mut work.waits {
                wait.end = wait.end.min(work.end);
            }
        }
        run_trace
    }

    /// When the first operation started and the last one was over.
    pub fn doing(&self) -> Option<(f64, f64)> {
        let start = self.works.first()?.start;
        Some((start, self.works.iter().map(|work| work.end).fold(start, f64::max)))
    }

    /// The chain of operations that took longest: nothing makes the run shorter that does not shorten it.
    pub fn critical(&self) -> Chain {
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        // The longest chain that ends with each operation: its length and the operation before.
        let mut longest: Vec<(f64, Option<usize>)> = Vec::new();
        // Each starts after those it comes after, so that in the order of starts theirs are known.
        for (place, work) in self.works.iter().enumerate() {
            let before = work.after.iter().filter_map(|number| places.get(number).copied());
            let before = before.filter_map(|before| Some((longest.get(before)?.0, before)));
            let before = before.max_by(|a, b| a.0.total_cmp(&b.0));
            longest.push((
                before.map_or(0.0, |(length, _)| length) + work.end - work.start,
                before.map(|(_, b)| b),
            ));
            places.insert(work.number, place);
        }
        let last = (0..longest.len()).max_by(|a, b| {
            let length = |place: &usize| longest.get(*place).map_or(0.0, |(length, _)| *length);
            length(a).total_cmp(&length(b))
        });
        let seconds = last.and_then(|last| longest.get(last)).map_or(0.0, |(length, _)| *length);
        let before = |place: &usize| longest.get(*place).and_then(|(_, before)| *before);
        let mut works: Vec<usize> = std::iter::successors(last, before).collect();
        works.reverse();
        Chain { works, seconds }
    }

    fn calls(&mut self, work: Option<usize>) -> &mut Vec<Span> {
        match work.and_then(|work| self.works.get_mut(work)) {
            Some(work) => &mut work.calls,
            None => &mut self.looks,
        }
    }

    fn close(&mut self, work: Option<&usize>, at: f64, completion: Completion) {
        if let Some(work) = work.and_then(|work| self.works.get_mut(*work)) {
            (work.end, work.completion) = (at, completion);
        }
    }
}

impl Work {
    fn begun(which: &OperationRef, kind: Kind, after: Vec<usize>, start: f64, end: f64) -> Self {
        Self {
            number: which.operation,
            address: which.address.clone(),
            kind,
            verb: which.verb,
            after,
            start,
            end,
            completion: Completion::UnderWay,
            calls: Vec::new(),
            waits: Vec::new(),
        }
    }
}

impl Span {
    fn begun(attempt: &Attempt, start: f64, end: f64) -> Self {
        Self { name: attempt.name.clone(), attempt: attempt.attempt, start, end, verdict: None, code: None }
    }
}
