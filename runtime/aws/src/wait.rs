//! Waiting for AWS: often at first, then less often, and never for ever.

use std::time::{Duration, Instant};

use asiaq_runtime::{CallEventKind, CloudError, Observer, Result};
use backon::{
    BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder, Retryable, Sleeper as _, TokioSleeper,
};

use crate::error::{self, Failure};
use crate::operation::Operation;
use crate::region::Region;
use crate::service::Service;
use crate::timeouts::Timeouts;

/// When a wait of at most `limit` ends that begins now.
fn end(limit: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(limit).unwrap_or(now)
}

/// Why a look did not end a wait.
enum Look {
    NotYet,
    Failed(CloudError),
}

impl Region<'_> {
    /// A call of `operation` that is tried again while AWS does not know yet of something it names, or is busy.
    pub(crate) async fn retry_until_consistent<T, E, F, Fut>(
        &self,
        operation: Operation,
        mut call: F,
    ) -> Result<T>
    where
        E: Failure,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let service = operation.service;
        let attempt = || operation.call(call());
        let retried = attempt
            .retry(self.pauses(self.timeouts().consistency))
            .when(|error| service.is_not_found(error) || service.is_busy(error))
            .notify(|error, pause| self.note_retry(service, error, pause));
        retried.await
    }

    /// A call of `operation` that deletes something, tried again while something else still uses it. That it is
    /// gone already is no error.
    pub(crate) async fn retry_while_in_use<T, E, F, Fut>(
        &self,
        operation: Operation,
        mut call: F,
    ) -> Result<()>
    where
        E: Failure,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let service = operation.service;
        let attempt = || operation.call(call());
        let retried = attempt
            .retry(self.pauses(self.timeouts().in_use))
            .when(|error| service.is_in_use(error))
            .notify(|error, pause| self.note_retry(service, error, pause));
        match retried.await {
            Err(error) if !service.is_not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// A creation that is tried again for a moment while a resource that was just deleted still seems to have its
    /// name, address or CIDR block.
    pub(crate) async fn retry_while_taken<T, F, Fut>(&self, service: &Service, create: F) -> Result<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let retried = create
            .retry(self.pauses(self.timeouts().name_taken))
            .when(|error| service.is_taken(error))
            .notify(|error, pause| self.note_retry(service, error, pause));
        retried.await
    }

    /// Calls `look` until it returns something, for at most `limit` and the caller's own limit.
    pub(crate) async fn poll<T, F, Fut>(
        &self,
        operation: &'static str,
        what: &str,
        limit: Duration,
        mut look: F,
    ) -> Result<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Option<T>>>,
    {
        let limit = limit.min(self.timeouts().ready);
        let once = || {
            let looked = look();
            async move {
                match looked.await {
                    Ok(Some(seen)) => Ok(seen),
                    Ok(None) => Err(Look::NotYet),
                    Err(error) => Err(Look::Failed(error)),
                }
            }
        };
        let tell = |_: &Look, pause| {
            self.observer().emit(|| CallEventKind::Waiting { why: format!("{what} yet"), pause });
        };
        let not_yet = |look: &Look| matches!(look, Look::NotYet);
        let looked = once.retry(self.pauses(limit)).when(not_yet).notify(tell).await;
        looked.map_err(|look| match look {
            Look::Failed(error) => error,
            Look::NotYet => error::timed_out(operation, format!("{what} after {} s", limit.as_secs())),
        })
    }

    /// A wait of at most `limit`, for callers with an error message of their own.
    pub(crate) fn wait(&self, limit: Duration) -> Wait<'_> {
        let pauses = self.pauses(limit).with_total_delay(None).build();
        Wait { pauses, end: end(limit), observer: self.observer() }
    }

    fn note_retry(&self, service: &Service, error: &CloudError, pause: Duration) {
        let CloudError { operation, code, .. } = error;
        tracing::debug!(operation, code, ?pause, "tried again");
        let why = || format!("{} ({code})", service.retry_reason(error));
        self.observer().emit(|| CallEventKind::Waiting { why: why(), pause });
    }

    fn pauses(&self, limit: Duration) -> ExponentialBuilder {
        let Timeouts { first_pause, longest_pause, .. } = self.timeouts();
        ExponentialBuilder::new()
            .with_min_delay(first_pause)
            .with_factor(1.5)
            .with_max_delay(longest_pause)
            .with_jitter()
            .without_max_times()
            .with_total_delay(Some(limit))
    }
}

/// A wait under way.
pub(crate) struct Wait<'a> {
    pauses: ExponentialBackoff,
    end: Instant,
    observer: &'a Observer,
}

impl Wait<'_> {
    /// Pauses because of `why`; whether there is time for another look.
    pub(crate) async fn pause(&mut self, why: &str) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        let Some(pause) = self.pauses.next().filter(|_| !left.is_zero()) else { return false };
        let pause = pause.min(left);
        self.observer.emit(|| CallEventKind::Waiting { why: why.to_owned(), pause });
        TokioSleeper.sleep(pause).await;
        true
    }
}
