//! How many calls are let through.

use std::collections::BTreeMap;
use std::time::Instant;

/// What a service takes: so many calls at once, and so many more a second ("Request throttling for the Amazon EC2
/// API": a token bucket).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) burst: u32,
    pub(crate) per_second: u32,
}

/// Who is refused.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) rate: Option<Rate>,
    /// State of a coin that is tossed for each call; not 0.
    pub(super) coin: Option<u64>,
    /// Calls that each service would still take, and when that was counted.
    buckets: BTreeMap<String, (f64, Instant)>,
}

impl Limits {
    /// Whether a call that has arrived is one too many.
    pub(super) fn refuses(&mut self, service: &str) -> bool {
        self.toss() || self.is_empty(service)
    }

    fn is_empty(&mut self, service: &str) -> bool {
        let Some(rate) = self.rate else { return false };
        let now = Instant::now();
        let bucket = self.buckets.entry(service.to_owned()).or_insert((f64::from(rate.burst), now));
        let more = now.duration_since(bucket.1).as_secs_f64() * f64::from(rate.per_second);
        *bucket = ((bucket.0 + more).min(f64::from(rate.burst)), now);
        let is_empty = bucket.0 < 1.0;
        if !is_empty {
            bucket.0 -= 1.0;
        }
        is_empty
    }

    /// Marsaglia's xorshift of 64 bits.
    fn toss(&mut self) -> bool {
        let Some(coin) = &mut self.coin else { return false };
        *coin ^= *coin << 13;
        *coin ^= *coin >> 7;
        *coin ^= *coin << 17;
        (*coin >> 32) & 1 == 1
    }
}
