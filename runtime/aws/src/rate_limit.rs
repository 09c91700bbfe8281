//! The rate of calls to an account that throttles.
//!
//! There is no limit until a service throttles a call. From then on its calls are sent one after the other, at a rate
//! that falls with each throttled call and rises with each answer, like TCP congestion control.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Calls a second after the first refusal.
const START: f64 = 4.0;
/// Minimum rate, in calls per second. An account that throttles at this rate does not recover at a lower one.
const SLOWEST: f64 = 2.5;
/// The fastest that is worth holding back for.
const FASTEST: f64 = 100.0;
/// Factor for the rate after a throttled call.
const DECREASE: f64 = 0.7;
/// Increase of the rate after a successful call, in calls per second.
const INCREASE: f64 = 0.1;
/// Factor for the rate after a successful call, until a call at a limited rate is throttled.
const GROWTH: f64 = 1.1;

/// The rates of an account's services, each by its region and name.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<BTreeMap<String, RateLimit>>);

/// The rate of one service.
#[derive(Clone, Copy, Debug)]
struct RateLimit {
    /// Calls a second.
    rate: f64,
    /// When the next call may go.
    next: Instant,
    /// When it was slowed down: a call that was sent before says nothing of the rate since.
    slowed: Instant,
    /// Whether it has been found too fast since it was first held back.
    is_known: bool,
}

/// How a call ended, as far as that says something of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The service took it.
    Taken,
    /// There were too many.
    Throttled,
}

impl RateLimits {
    /// How long a call to `service` has to wait that could go now.
    pub(crate) fn wait(&self, service: &str, now: Instant) -> Duration {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.is_empty() {
            return Duration::ZERO;
        }
        // An account that one service throttles may be throttled by other services too.
        let pace = paces.entry(service.to_owned()).or_insert_with(|| RateLimit::new(2.0 * START, now));
        if pace.rate >= FASTEST {
            return Duration::ZERO;
        }
        let slot = pace.next.max(now);
        pace.next = pace.after(slot);
        slot.duration_since(now)
    }

    /// Takes in how a call to `service` ended that was sent at `sent`.
    pub(crate) fn note(&self, service: &str, sent: Instant, now: Instant, outcome: Outcome) {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (outcome, paces.get_mut(service)) {
            (Outcome::Throttled, None) => {
                let pace = RateLimit::new(START, now);
                paces.insert(service.to_owned(), RateLimit { next: pace.after(now), ..pace });
            }
            (Outcome::Taken, Some(pace)) if pace.is_known => pace.rate += INCREASE,
            (Outcome::Taken, Some(pace)) => pace.rate *= GROWTH,
            (Outcome::Throttled, Some(pace)) if sent >= pace.slowed => {
                pace.rate = (pace.rate.min(FASTEST) * DECREASE).max(SLOWEST);
                pace.slowed = now;
                pace.is_known = true;
                // The burst allowance of the service is used up.
                pace.next = pace.next.max(pace.after(now));
            }
            (Outcome::Taken, None) | (Outcome::Throttled, Some(_)) => {}
        }
    }
}

impl RateLimit {
    fn new(rate: f64, now: Instant) -> Self {
        Self { rate, next: now, slowed: now, is_known: false }
    }

    /// When the call after one at `time` may go.
    fn after(self, time: Instant) -> Instant {
        let interval = Duration::try_from_secs_f64(1.0 / self.rate).unwrap_or_default();
        time.checked_add(interval).unwrap_or(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn nobody_waits_until_a_call_is_refused() {
        let (paces, now) = (RateLimits::default(), Instant::now());
        for _ in 0..1000 {
            assert_eq!(paces.wait("ec2", now), Duration::ZERO);
            paces.note("ec2", now, now, Outcome::Taken);
        }
    }

    #[test]
    fn refusals_of_calls_that_went_together_slow_down_once() {
        let (paces, now) = (RateLimits::default(), Instant::now());
        for _ in 0..30 {
            paces.note("ec2", now, now + SECOND, Outcome::Throttled);
        }
        let later = now + 2 * SECOND;
        let waits: Vec<u128> = (0..4).map(|_| paces.wait("ec2", later).as_millis()).collect();
        assert_eq!(waits, [0, 250, 500, 750]);
    }

    /// An account that takes so many calls a second, and so many at once; how many it refuses until it has taken 200.
    fn refused(per_second: f64, burst: f64) -> u32 {
        let paces = RateLimits::default();
        let mut now = Instant::now();
        let (mut tokens, mut last, mut refused, mut taken) = (burst, now, 0, 0);
        while taken < 200 {
            now += paces.wait("ec2", now) + Duration::from_millis(5);
            tokens = (tokens + now.duration_since(last).as_secs_f64() * per_second).min(burst);
            last = now;
            let outcome = if tokens >= 1.0 { Outcome::Taken } else { Outcome::Throttled };
            match outcome {
                Outcome::Taken => (tokens, taken) = (tokens - 1.0, taken + 1),
                Outcome::Throttled => refused += 1,
            }
            paces.note("ec2", now, now, outcome);
        }
        refused
    }

    #[test]
    fn few_calls_are_refused_whatever_the_limit() {
        for (per_second, burst) in [(3.0, 1.0), (3.0, 20.0), (5.0, 5.0), (20.0, 20.0), (50.0, 10.0)] {
            let refused = refused(per_second, burst);
            assert!(refused <= 40, "{refused} of 200 at {per_second} a second, {burst} at once");
        }
    }
}
