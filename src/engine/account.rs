//! The connection to the account.

use anyhow::{Error, anyhow, bail};
use asiaq_aws::{Aws, Options, ProfileError, advice};
use asiaq_runtime::{Accounts, Cloud, CloudError, Fault, Identity, Plan, Result as CloudResult};

use super::{Connection, Log};
use crate::ui;

/// Connects to AWS and identifies the caller. `usual` is the region for that call if no other is configured; it must
/// be in the partition of the credentials.
pub(super) async fn connect(
    connection: &Connection,
    usual: Option<String>,
    log: &Log,
) -> anyhow::Result<(Aws, Identity)> {
    let options = Options {
        profile: connection.profile.clone(),
        region: connection.region.clone(),
        usual_region: usual,
        endpoint_url: connection.endpoint_url.clone(),
        observer: log.observer(),
        ..Options::default()
    };
    let aws = Aws::connect(options).await.map_err(|error| no_profile(&error))?;
    match aws.identity().await {
        Ok(identity) => Ok((aws, identity)),
        Err(error) if error.fault == Fault::Unreachable => {
            let endpoint = connection.endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
            let place = endpoint.map(|url| format!(" at {url}")).unwrap_or_default();
            let why = format!("AWS cannot be reached{place}: {}\n{CHECK_THE_WAY}", error.message);
            Err(anyhow!(ui::without_secrets(&why).into_owned()))
        }
        Err(error)
            if error.fault == Fault::Denied && error.code.is_empty() && connection.profile.is_some() =>
        {
            let profile = connection.profile.as_deref().unwrap_or_default();
            Err(anyhow!("profile `{profile}` has no usable credentials{}", particulars(&error.message)))
        }
        Err(error) => Err(unusable("identify the caller", &error)),
    }
}

/// What to do if a service does not answer, or something else does.
const CHECK_THE_WAY: &str = "check the network, a proxy or a sign-in page in between, and the endpoint \
                             (`--endpoint-url`, AWS_ENDPOINT_URL)";

/// The answer of a call, or its error message; `aim` completes "AWS refuses to …".
pub(super) fn answered<T>(aim: &str, answer: CloudResult<T>) -> anyhow::Result<T> {
    answer.map_err(|error| unusable(aim, &error))
}

/// The error message for a failed call; `aim` completes "AWS refuses to …".
pub(crate) fn unusable(aim: &str, error: &CloudError) -> Error {
    match error.fault {
        Fault::Denied if error.code.is_empty() => anyhow!(
            "there are no usable AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or pass `--profile`{}",
            particulars(&error.message)
        ),
        Fault::Denied => match advice(error) {
            Some(advice) => anyhow!("AWS does not let these credentials {aim}: {error}\n{advice}"),
            None => anyhow!("AWS does not let these credentials {aim}: {error}"),
        },
        Fault::Unreachable => anyhow!("AWS cannot be reached: {error}\n{CHECK_THE_WAY}"),
        Fault::TimedOut => anyhow!("AWS cannot be reached: {error}"),
        Fault::Unreadable => anyhow!("what answers is not AWS: {error}\n{CHECK_THE_WAY}"),
        Fault::Refused => anyhow!("AWS refuses to {aim}: {error}"),
    }
}

/// The error message for a profile that cannot be used, with those that there are.
pub(super) fn no_profile(error: &ProfileError) -> Error {
    let ProfileError::Unknown { known, .. } = error else { return anyhow!("{error}") };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match known.len() {
        0 => anyhow!("{error}, which have none"),
        1 => anyhow!("{error}; there is {}", ui::listed(&known)),
        _ => anyhow!("{error}; there are {}", ui::listed(&known)),
    }
}

/// The SDK's message about credentials, unless it only says that it found none.
fn particulars(message: &str) -> String {
    if message.contains("no credentials found in chain") || message.contains("IMDS") {
        return String::new();
    }
    format!(" ({})", message.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Refuses a plan that changes an environment of another account than the one that its steps would go to.
pub(super) fn verify(plan: &Plan, accounts: &Accounts<Aws>) -> anyhow::Result<()> {
    for scope in plan.steps.iter().flat_map(asiaq_runtime::Step::scopes) {
        let account = &accounts.of(scope).account;
        if let Some(declared) = plan.ir.account_of(scope).filter(|declared| declared != account) {
            bail!("environment `{scope}` belongs to account {declared}, and these credentials to {account}");
        }
    }
    Ok(())
}
