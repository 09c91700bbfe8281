//! The timeline of a run, reconstructed from its event log.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Kind};

use crate::{Attempt, LogRecord, OperationRef, RunEvent, Verb, Verdict};

/// The timeline of a run. All times are seconds since the first line of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunTrace {
    /// The command, such as `apply`.
    pub command: String,
    /// Name of the project; empty if the run ended before it had a plan.
    pub project: String,
    /// Environments with operations.
    pub environments: Vec<String>,
    /// Number of operations of the plan, including those that never started.
    pub planned: usize,
    /// Operations that started, in the order of their starts.
    pub works: Vec<Work>,
    /// Calls outside of operations, such as the listings of the observation.
    pub looks: Vec<Span>,
    /// Time of the last line.
    pub end: f64,
    /// Exit code of the process; absent if the run was killed.
    pub exit: Option<u8>,
}

/// An operation that started.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Number of the operation in the plan, from 0.
    pub number: usize,
    /// Address of the resource.
    pub address: Address,
    /// Kind of the resource.
    pub kind: Kind,
    /// Create, update or delete.
    pub verb: Verb,
    /// Numbers of its predecessors.
    pub after: Vec<usize>,
    /// Time of its start.
    pub start: f64,
    /// Time of its end, or the end of the log.
    pub end: f64,
    /// Its result.
    pub completion: Completion,
    /// Attempts at its API calls, in the order in which they were sent.
    pub calls: Vec<Span>,
    /// Pauses before it polled or tried again.
    pub waits: Vec<Wait>,
}

/// The result of an operation that started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It succeeded.
    Finished,
    /// It failed, with this AWS error code, or with this message if there is no code.
    Failed(String),
    /// The log ends before the operation.
    UnderWay,
}

/// An attempt at an API call.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// API operation, such as `CreateVpc`.
    pub name: String,
    /// Number of the attempt at the call, from 1.
    pub attempt: u32,
    /// Time of sending.
    pub start: f64,
    /// Time of the response, or the end of the log.
    pub end: f64,
    /// Result of the attempt; absent if the log ends before the response.
    pub verdict: Option<Verdict>,
    /// AWS error code, if there is one.
    pub code: Option<String>,
}

/// A pause of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// What the operation waited for, as text for the user.
    pub why: String,
    /// Time of its start.
    pub start: f64,
    /// Time of its planned end, or the end of the operation if that is earlier.
    pub end: f64,
}

/// A path in the graph of operations: each came after the one before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chain {
    /// Indices into [`RunTrace::works`], in order.
    pub works: Vec<usize>,
    /// Sum of the durations of the operations.
    pub seconds: f64,
}

impl Span {
    /// Whether the service answered that what the call is about does not exist.
    pub fn is_not_found(&self) -> bool {
        let is_absence = |code: &String| code.contains("NotFound") || code.starts_with("NoSuch");
        self.verdict == Some(Verdict::Refused) && self.code.as_ref().is_some_and(is_absence)
    }
}

impl RunTrace {
    /// The calls outside of operations before the first operation. Those after it renew and release the leases.
    pub fn looks_before(&self) -> &[Span] {
        let first = self.works.iter().map(|work| work.start).fold(f64::INFINITY, f64::min);
        let before = self.looks.partition_point(|look| look.start <= first);
        self.looks.get(..before).unwrap_or_default()
    }

    /// The timeline of the run that wrote `records`.
    pub fn of(records: &[LogRecord]) -> Self {
        let mut run_trace = Self { end: records.last().map_or(0.0, |record| record.at), ..Self::default() };
        let mut planned: BTreeMap<usize, (Kind, Vec<usize>)> = BTreeMap::new();
        // Indices of operations by number, and of attempts by call and attempt.
        let mut works: BTreeMap<usize, usize> = BTreeMap::new();
        let mut sent: BTreeMap<(u64, u32), (Option<usize>, usize)> = BTreeMap::new();
        for LogRecord { at, what, .. } in records {
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
                RunEvent::OperationWaiting { operation, why, seconds, .. } => {
                    let work = operation.and_then(|number| works.get(&number));
                    if let Some(work) = work.and_then(|work| run_trace.works.get_mut(*work)) {
                        work.waits.push(Wait { why: why.clone(), start: *at, end: *at + seconds });
                    }
                }
                RunEvent::OperationFinished { operation, .. } => {
                    run_trace.close(works.get(&operation.operation), *at, Completion::Finished);
                }
                RunEvent::OperationFailed { operation, error } => {
                    let text = if error.code.is_empty() { &error.message } else { &error.code };
                    run_trace.close(works.get(&operation.operation), *at, Completion::Failed(text.clone()));
                }
                RunEvent::CallSent { attempt } | RunEvent::CallRetried { attempt } => {
                    let work = attempt.operation.and_then(|number| works.get(&number)).copied();
                    let end = run_trace.end;
                    let calls = run_trace.calls(work);
                    sent.insert((attempt.call, attempt.attempt), (work, calls.len()));
                    calls.push(Span::begun(attempt, *at, end));
                }
                RunEvent::CallAnswered { attempt, verdict, code, .. } => {
                    let index = sent.get(&(attempt.call, attempt.attempt));
                    let span = index.and_then(|(work, span)| run_trace.calls(*work).get_mut(*span));
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

    /// The start of the first operation and the end of the last one; absent if none started.
    pub fn doing(&self) -> Option<(f64, f64)> {
        let start = self.works.first()?.start;
        Some((start, self.works.iter().map(|work| work.end).fold(start, f64::max)))
    }

    /// The critical path: the path with the longest total duration. Only shortening it can make the run shorter.
    pub fn critical(&self) -> Chain {
        let mut indices: BTreeMap<usize, usize> = BTreeMap::new();
        // The longest path that ends with each operation: its length and the operation before.
        let mut longest: Vec<(f64, Option<usize>)> = Vec::new();
        // In the order of starts, the predecessors of an operation come before it.
        for (index, work) in self.works.iter().enumerate() {
            let before = work.after.iter().filter_map(|number| indices.get(number).copied());
            let before = before.filter_map(|before| Some((longest.get(before)?.0, before)));
            let before = before.max_by(|a, b| a.0.total_cmp(&b.0));
            longest.push((
                before.map_or(0.0, |(length, _)| length) + work.end - work.start,
                before.map(|(_, b)| b),
            ));
            indices.insert(work.number, index);
        }
        let last = (0..longest.len()).max_by(|a, b| {
            let length = |index: &usize| longest.get(*index).map_or(0.0, |(length, _)| *length);
            length(a).total_cmp(&length(b))
        });
        let seconds = last.and_then(|last| longest.get(last)).map_or(0.0, |(length, _)| *length);
        let before = |index: &usize| longest.get(*index).and_then(|(_, before)| *before);
        let mut works: Vec<usize> = std::iter::successors(last, before).collect();
        works.reverse();
        Chain { works, seconds }
    }

    /// The calls of the operation at index `work`, or else those outside of operations.
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
    fn begun(operation: &OperationRef, kind: Kind, after: Vec<usize>, start: f64, end: f64) -> Self {
        Self {
            number: operation.operation,
            address: operation.address.clone(),
            kind,
            verb: operation.verb,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn call(start: f64, verdict: Verdict, code: Option<&str>) -> Span {
        let code = code.map(str::to_owned);
        Span { name: "X".to_owned(), attempt: 1, start, end: start + 1.0, verdict: Some(verdict), code }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_is_refused() {
        for code in
            ["InvalidVpcID.NotFound", "TargetGroupNotFound", "NoSuchHostedZone", "ResourceNotFoundException"]
        {
            assert!(call(0.0, Verdict::Refused, Some(code)).is_not_found(), "{code}");
        }
        assert!(!call(0.0, Verdict::Refused, Some("UnauthorizedOperation")).is_not_found());
        assert!(!call(0.0, Verdict::Refused, None).is_not_found());
        assert!(!call(0.0, Verdict::Ok, None).is_not_found());
    }

    #[test]
    fn calls_after_the_first_operation_are_not_part_of_the_observation() {
        let looks = [0.0, 1.0, 9.0].map(|start| call(start, Verdict::Ok, None)).to_vec();
        let mut trace = RunTrace { looks, ..RunTrace::default() };
        assert_eq!(trace.looks_before().len(), 3, "a run without operations");
        let operation = OperationRef { operation: 0, address: Address::new("ci", "vpc"), verb: Verb::Create };
        trace.works.push(Work::begun(&operation, Kind::Vpc, Vec::new(), 2.0, 8.0));
        assert_eq!(trace.looks_before().len(), 2);
    }
}
