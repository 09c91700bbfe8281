//! The profile of the AWS configuration files that says who calls.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

use aws_config::profile::{self, ProfileFileCredentialsProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};

use crate::error::causes;

/// Why no call can be made: the profile that was asked for does not exist, or the files cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// The files have no profile of this name.
    Unknown {
        /// The name.
        name: String,
        /// The names of those that there are.
        known: BTreeSet<String>,
    },
    /// The files cannot be read.
    Unreadable(String),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => {
                write!(f, "there is no profile `{name}` in the AWS configuration files")
            }
            Self::Unreadable(why) => write!(f, "the AWS configuration files cannot be read: {why}"),
        }
    }
}

impl Error for ProfileError {}

/// Refuses a profile that does not exist: `asked`, or the one of `AWS_PROFILE`. The SDK would go on without it, as
/// somebody else. A program of CI may set `AWS_PROFILE=default` without having any file.
pub(crate) async fn check(asked: Option<&str>) -> Result<(), ProfileError> {
    let of_variable = std::env::var("AWS_PROFILE").ok();
    let of_variable = of_variable.as_deref().filter(|name| !name.is_empty() && *name != "default");
    let Some(name) = asked.or(of_variable) else { return Ok(()) };
    let selected = Some(name.to_owned().into());
    let loaded = profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), selected).await;
    let profiles = loaded.map_err(|error| {
        ProfileError::Unreadable(causes(&error).map(ToString::to_string).collect::<Vec<_>>().join(": "))
    })?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let known = profiles.profiles().map(ToOwned::to_owned).collect();
    Err(ProfileError::Unknown { name: name.to_owned(), known })
}

/// The credentials of profile `name` and no others. In the SDK's own chain the environment variables come first, so
/// that an explicit profile would be passed over; the AWS CLI passes over the variables.
pub(crate) fn credentials(
    name: &str,
    sdk: &SdkConfig,
    client: SharedHttpClient,
) -> SharedCredentialsProvider {
    let config = ProviderConfig::without_region()
        .with_region(sdk.region().cloned())
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(client);
    let profile = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build();
    SharedCredentialsProvider::new(profile)
}
