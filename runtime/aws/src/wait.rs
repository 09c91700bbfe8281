//! Waiting for AWS: often at first, then less often, and never for ever.

use std::time::{Duration, Instant};

use asiaq_runtime::{CallEventKind, CloudError, Observer};
use backon::{
    BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder, Retryable, Sleeper as _, TokioSleeper,
};

use crate::config::Patience;
use crate::error;
use crate::region::Region;

/// Why a look did not end a wait.
enum Look {
    NotYet,
    Failed(CloudError),
}

impl Region<'_> {
    /// A call that is tried again while AWS does not know yet of something it names, or is busy with it.
    pub(crate) async fn settled<T, F, Fut>(&self, call: F) -> Result<T, CloudError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, CloudError>>,
    {
        let unsettled = |error: &CloudError| error::not_found(error) || error::contended(error);
        let pauses = self.pauses(self.patience().settle);
        call.retry(pauses).when(unsettled).notify(|error, pause| self.note(error, pause)).await
    }

    /// A call that takes something away, tried again while something else still uses it. That it is gone
    /// already is no error.
    pub(crate) async fn released<T, F, Fut>(&self, call: F) -> Result<(), CloudError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, CloudError>>,
    {
        let pauses = self.pauses(self.patience().release);
        match call.retry(pauses).when(error::in_use).notify(|error, pause| self.note(error, pause)).await {
            Err(error) if !error::not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// A call that makes something, tried again for a moment while what stood in its place and was just taken
    /// away still seems to be there.
    pub(crate) async fn vacated<T, F, Fut>(&self, call: F) -> Result<T, CloudError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, CloudError>>,
    {
        let pauses = self.pauses(self.patience().lost);
        call.retry(pauses).when(error::taken).notify(|error, pause| self.note(error, pause)).await
    }

    /// Looks until `look` sees something, for at most `limit` and the caller's own patience.
    pub(crate) async fn until<T, F, Fut>(
        &self,
        operation: &str,
        what: &str,
        limit: Duration,
        mut look: F,
    ) -> Result<T, CloudError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Option<T>, CloudError>>,
    {
        let limit = limit.min(self.patience().ready);
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
            self.observer().emit(|| CallEventKind::Waiting { why: format!("{what} yet"), pause })
        };
        let not_yet = |look: &Look| matches!(look, Look::NotYet);
        let looked = once.retry(self.pauses(limit)).when(not_yet).notify(tell).await;
        looked.map_err(|look| match look {
            Look::Failed(error) => error,
            Look::NotYet => error::timed_out(operation, format!("{what} after {} s", limit.as_secs())),
        })
    }

    /// A wait of at most `limit`, for who has more to say at its end than that it was in vain.
    pub(crate) fn wait(&self, limit: Duration) -> Wait<'_> {
        let pauses = self.pauses(limit).with_total_delay(None).build();
        Wait { pauses, end: Instant::now() + limit, observer: self.observer() }
    }

    /// A call is tried again after `pause`, because it ended in `error`.
    fn note(&self, error: &CloudError, pause: Duration) {
        let CloudError { operation, code, .. } = error;
        tracing::debug!(operation, code, ?pause, "tried again");
        self.observer()
            .emit(|| CallEventKind::Waiting { why: format!("{} ({code})", error::reason(error)), pause });
    }

    fn pauses(&self, limit: Duration) -> ExponentialBuilder {
        let Patience { first_pause, longest_pause, .. } = self.patience();
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
