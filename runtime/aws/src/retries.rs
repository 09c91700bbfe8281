use std::time::Duration;

use aws_config::profile;
use aws_config::retry::{RetryConfig, RetryMode};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_ec2::config::retry::{RetryPartition, TokenBucket};
use aws_types::os_shim_internal::{Env, Fs};

/// Attempts at one call where neither the environment nor the profile sets a number. An account that throttles every
/// other call throttles one of a thousand calls ten times in a row, and none of them twenty times.
const ATTEMPTS: u32 = 20;

/// The first and the longest pause before a retry. The rate of calls to a throttling account is limited elsewhere.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Attempts at a call whose answer is usually not needed. A caller that turns out to need it calls again.
const FEW: u32 = 3;

/// Tokens that a further try takes after a throttled call or an error that the service's model has. The SDK announces
/// other costs for a coming default.
const COST: u32 = 5;
/// The same after a server error, a timeout or a lost connection.
const TIMEOUT_COST: u32 = 10;
/// Tokens a second that a client gets for further tries: the slowest pace of throttled calls is 2.5 a second.
const REFILL: f32 = 12.5;

/// The configuration of a client, or the SDK's own, with few attempts.
pub(crate) fn few(config: Option<&RetryConfig>) -> RetryConfig {
    let config = config.cloned().unwrap_or_else(RetryConfig::standard);
    let attempts = config.max_attempts().min(FEW);
    config.with_max_attempts(attempts)
}

/// The bucket of tokens for the further tries of one client. The SDK's own holds 500 and is filled up by calls alone
/// that work, so that it is dry in the middle of a long run through an account that refuses every other call.
pub(crate) fn partition() -> RetryPartition {
    let bucket = TokenBucket::builder()
        .refill_rate(REFILL)
        .retry_cost(COST)
        .throttling_retry_cost(COST)
        .timeout_retry_cost(TIMEOUT_COST)
        .build();
    RetryPartition::custom("client").token_bucket(bucket).build()
}

/// What the environment, then the profile, say of retries.
///
/// The SDK's own reading ends the process at a value it does not know, and `legacy`, which means something to
/// other SDKs, is one.
pub(crate) async fn as_said(profile: Option<&str>) -> RetryConfig {
    let profile = profile.map(|name| name.to_owned().into());
    let profiles = profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), profile).await.ok();
    let said = |variable: &str, key: &str| {
        let in_profile = || profiles.as_ref().and_then(|profiles| profiles.get(key)).map(ToOwned::to_owned);
        std::env::var(variable).ok().or_else(in_profile)
    };
    let attempts = said("AWS_MAX_ATTEMPTS", "max_attempts").and_then(|text| text.trim().parse().ok());
    let mode = said("AWS_RETRY_MODE", "retry_mode").and_then(|text| text.parse().ok());
    RetryConfig::standard()
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE)
        .with_max_attempts(attempts.filter(|attempts| *attempts > 0).unwrap_or(ATTEMPTS))
        .with_retry_mode(mode.unwrap_or(RetryMode::Standard))
}
