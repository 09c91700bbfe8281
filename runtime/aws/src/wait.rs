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

/// What may take longer than this has a limit of its own.
const SLOW: Duration = Duration::from_mins(30);

/// The time of a wait.
#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Instant,
    /// The most that it may take.
    limit: Duration,
}

impl Clock {
    fn start(limit: Duration) -> Self {
        Self { start: Instant::now(), limit }
    }

    fn gone(&self) -> Duration {
        self.start.elapsed()
    }

    /// The event of a pause.
    fn waiting(&self, why: String, pause: Duration) -> CallEventKind {
        CallEventKind::Waiting { why, pause, gone: self.gone(), limit: self.limit }
    }
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
        let Timeouts { consistency, identity, .. } = self.timeouts();
        let clock = Clock::start(consistency.max(identity));
        let limit =
            |error: &CloudError| if service.is_unknown_identity(error) { identity } else { consistency };
        let is_early = |error: &CloudError| {
            service.is_unknown_identity(error) || service.is_not_found(error) || service.is_busy(error)
        };
        let retried = attempt
            .retry(self.pauses(clock.limit))
            .when(|error| is_early(error) && clock.gone() < limit(error))
            .notify(|error, pause| {
                self.note_retry(service, error, pause, &Clock { limit: limit(error), ..clock });
            });
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
        let clock = Clock::start(self.timeouts().in_use);
        let retried = attempt
            .retry(self.pauses(clock.limit))
            .when(|error| service.is_in_use(error))
            .notify(|error, pause| self.note_retry(service, error, pause, &clock));
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
        let clock = Clock::start(self.timeouts().name_taken);
        let retried = create
            .retry(self.pauses(clock.limit))
            .when(|error| service.is_taken(error))
            .notify(|error, pause| self.note_retry(service, error, pause, &clock));
        retried.await
    }

    /// Calls `look` until it returns something, for at most `limit` and the caller's own limit, which is for what takes a
    /// quarter of an hour.
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
        let Timeouts { ready, slow, .. } = self.timeouts();
        let clock = Clock::start(limit.min(if limit > SLOW { slow } else { ready }));
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
            self.observer().emit(|| clock.waiting(format!("{what} yet"), pause));
        };
        let not_yet = |look: &Look| matches!(look, Look::NotYet);
        let looked = once.retry(self.pauses(clock.limit)).when(not_yet).notify(tell).await;
        looked.map_err(|look| match look {
            Look::Failed(error) => error,
            Look::NotYet => error::timed_out(operation, format!("{what} after {} s", clock.limit.as_secs())),
        })
    }

    /// A wait of at most `limit`, for callers with an error message of their own.
    pub(crate) fn wait(&self, limit: Duration) -> Wait<'_> {
        let pauses = self.pauses(limit).with_total_delay(None).build();
        Wait { pauses, clock: Clock::start(limit), observer: self.observer() }
    }

    fn note_retry(&self, service: &Service, error: &CloudError, pause: Duration, clock: &Clock) {
        let CloudError { operation, code, .. } = error;
        tracing::debug!(operation, code, ?pause, "tried again");
        let why = || format!("{} ({code})", service.retry_reason(error));
        self.observer().emit(|| clock.waiting(why(), pause));
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
    clock: Clock,
    observer: &'a Observer,
}

impl Wait<'_> {
    /// Pauses because of `why`; whether there is time for another look.
    pub(crate) async fn pause(&mut self, why: &str) -> bool {
        let left = self.clock.limit.saturating_sub(self.clock.gone());
        let Some(pause) = self.pauses.next().filter(|_| !left.is_zero()) else { return false };
        let pause = pause.min(left);
        self.observer.emit(|| self.clock.waiting(why.to_owned(), pause));
        TokioSleeper.sleep(pause).await;
        true
    }
}
