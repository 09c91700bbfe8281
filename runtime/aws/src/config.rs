use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use asiaq_ir::Scope;
use asiaq_runtime::Observer;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region as AwsRegion, SdkConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::attempts::Attempts;
use crate::clock_skew::SignAgain;
use crate::listing_cache::{Everywhere, ListingCache};
use crate::profile::{self, ProfileError};
use crate::rate_limited_client::rate_limited_client;
use crate::region::{Region, Regions};
use crate::retries;
use crate::timeouts::Timeouts;

/// How to reach AWS, beyond what the environment and the config files say.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Profile of the config files, and the only source of credentials; the usual sources where absent.
    pub profile: Option<String>,
    /// Region of global calls, such as `GetCallerIdentity`; the default one where absent.
    pub region: Option<String>,
    /// Region of such calls where neither `region` nor the environment names one.
    pub usual_region: Option<String>,
    /// Where every call goes instead of to AWS, such as `http://127.0.0.1:5000`.
    pub endpoint_url: Option<String>,
    /// How long to wait for what takes time.
    pub timeouts: Timeouts,
    /// Receives every attempt at a call, and every pause.
    pub observer: Observer,
}

/// AWS, as the caller's credentials see it.
#[derive(Debug)]
pub struct Aws {
    regions: Regions,
    /// The listings of global services of the last survey.
    surveyed: Mutex<Arc<Everywhere>>,
}

impl Aws {
    /// AWS as the environment variables, the config files and `options` say. Makes no call: whether the
    /// credentials work shows at the first one.
    ///
    /// # Errors
    /// If the profile does not exist.
    pub async fn connect(options: Options) -> Result<Self, ProfileError> {
        profile::check(options.profile.as_deref()).await?;
        let client = http_client();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(client.clone())
            .retry_config(retries::as_said(options.profile.as_deref()).await)
            .timeout_config(timeouts());
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = options.region {
            loader = loader.region(AwsRegion::new(region));
        }
        if let Some(url) = options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let mut sdk = loader.load().await;
        if let Some(name) = &options.profile {
            let credentials = profile::credentials(name, &sdk, client);
            sdk = sdk.into_builder().credentials_provider(credentials).build();
        }
        if let (None, Some(usual)) = (sdk.region(), options.usual_region) {
            sdk = sdk.into_builder().region(AwsRegion::new(usual)).build();
        }
        Ok(Self::with_observer(&sdk, options.timeouts, options.observer))
    }

    /// AWS through a configuration of the SDK. One without an HTTP client gets the usual one.
    pub fn new(sdk: &SdkConfig, timeouts: Timeouts) -> Self {
        Self::with_observer(sdk, timeouts, Observer::default())
    }

    /// Like `new`, with an observer.
    pub fn with_observer(sdk: &SdkConfig, timeouts: Timeouts, observer: Observer) -> Self {
        let mut builder = sdk.to_builder();
        if sdk.http_client().is_none() {
            builder = builder.http_client(http_client());
        }
        if sdk.region().is_none() {
            // The SDK needs a region for every call; `GetCallerIdentity` works in each.
            builder = builder.region(AwsRegion::new("us-east-1"));
        }
        // A call that waits for its rate limit is not a stalled upload.
        let streams = StalledStreamProtectionConfig::enabled().upload_enabled(false).build();
        let sdk = builder.stalled_stream_protection(streams).build();
        // The first call shows whether AWS can be reached at all, so it is not retried for long.
        let retries = sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard).with_max_attempts(3);
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let sts = aws_sdk_sts::config::Builder::from(&sdk)
            .retry_config(retries)
            .interceptor(Attempts::new(observer.clone(), &region))
            .retry_classifier(SignAgain)
            .build();
        Self {
            regions: Regions::new(sdk, aws_sdk_sts::Client::from_conf(sts), timeouts, observer),
            surveyed: Mutex::default(),
        }
    }

    /// Keeps the listings of a survey.
    pub(crate) fn keep(&self, everywhere: &Arc<Everywhere>) {
        *self.surveyed.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(everywhere);
    }

    /// A region with the listings of global services as the last survey saw them.
    pub(crate) fn surveyed<'a>(&'a self, name: &'a str) -> Region<'a> {
        let everywhere = Arc::clone(&self.surveyed.lock().unwrap_or_else(PoisonError::into_inner));
        self.region(name).with_cache(Arc::new(ListingCache { everywhere, ..ListingCache::default() }))
    }

    pub(crate) fn region<'a>(&'a self, name: &'a str) -> Region<'a> {
        self.regions.get(name)
    }

    /// Lets accounts that are used in one run do what one needs of the other, by their ids and with the scopes that are in
    /// each: accept its peering connections, read its load balancers.
    pub fn introduce(accounts: &[(&str, &Self, &BTreeSet<Scope>)]) {
        let homes = accounts
            .iter()
            .flat_map(|(id, _, scopes)| scopes.iter().map(|scope| (scope.clone(), (*id).to_owned())));
        let homes: Arc<BTreeMap<Scope, String>> = Arc::new(homes.collect());
        for (id, account, _) in accounts {
            let all = accounts
                .iter()
                .map(|(id, other, _)| ((*id).to_owned(), other.regions.sdk().clone()))
                .collect();
            account.regions.introduce(id, all, Arc::clone(&homes));
        }
    }

    pub(crate) fn regions(&self) -> &Regions {
        &self.regions
    }
}

/// One pool of connections for every client, which keeps to what the account takes; proxies from the usual environment
/// variables.
pub(crate) fn http_client() -> SharedHttpClient {
    let pool = Builder::new().build_with_connector_fn(|settings, runtime| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(runtime.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    });
    rate_limited_client(pool)
}

/// Limits of time. An attempt as a whole has none, because one that is held back for the pace of its service has not
/// been sent; a call has one that is long enough for a service that refuses most attempts.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_mins(1))
        .operation_timeout(Duration::from_mins(15))
        .build()
}
