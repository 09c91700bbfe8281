//! What happens to which call.

use std::collections::BTreeMap;
use std::time::Duration;

use super::answer::Answer;
use super::fault::Fault;
use super::limits::Limits;
use super::request::Request;

/// What was planned, and how far it has come.
#[derive(Default)]
pub(super) struct Script {
    pub(super) latency: Duration,
    pub(super) limits: Limits,
    rules: Vec<(Which, Fault)>,
    /// Calls so far, and those of each operation.
    count: usize,
    counts: BTreeMap<String, usize>,
    /// The last answer to each call, by all that it says.
    answers: BTreeMap<String, Answer>,
}

enum Which {
    /// The n-th call.
    Nth(usize),
    /// The n-th call of an operation; every one where there is no number.
    Of(String, Option<usize>),
}

impl Script {
    pub(super) fn at(&mut self, n: usize, fault: Fault) {
        self.rules.push((Which::Nth(n), fault));
    }

    pub(super) fn on(&mut self, operation: &str, n: usize, fault: Fault) {
        self.rules.push((Which::Of(operation.to_owned(), Some(n)), fault));
    }

    pub(super) fn always(&mut self, operation: &str, fault: Fault) {
        self.rules.push((Which::Of(operation.to_owned(), None), fault));
    }

    /// Nothing is planned any more, and counting begins anew. What was answered before is still known.
    pub(super) fn clear(&mut self) {
        let answers = std::mem::take(&mut self.answers);
        *self = Self { answers, ..Self::default() };
    }

    /// What happens to a call that has arrived, and how long it takes.
    pub(super) fn next(&mut self, request: &Request) -> (Option<Fault>, Duration) {
        self.count += 1;
        let of_operation = self.counts.entry(request.operation.clone()).or_default();
        *of_operation += 1;
        let is_meant = |which: &Which| match which {
            Which::Nth(n) => *n == self.count,
            Which::Of(operation, n) => {
                *operation == request.operation && n.is_none_or(|n| n == *of_operation)
            }
        };
        let fault = self.rules.iter().find(|(which, _)| is_meant(which)).map(|(_, fault)| fault.clone());
        let throttled = || self.limits.refuses(&request.service).then_some(Fault::Throttled);
        (fault.or_else(throttled), self.latency)
    }

    pub(super) fn remember(&mut self, request: &Request, answer: &Answer) {
        if !request.is_write() {
            self.answers.insert(request.whole(), answer.clone());
        }
    }

    /// What the same call was answered before.
    pub(super) fn earlier(&self, request: &Request) -> Option<Answer> {
        self.answers.get(&request.whole()).cloned()
    }
}
