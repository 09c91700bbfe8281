use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use asiaq_runtime::Observer;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::attempts::Attempts;
use crate::crowd::{Crowd, Zones};
use crate::paced::paced;
use crate::region::Clients;
use crate::retries;

/// How to reach AWS, beyond what the environment and the config files say.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Profile of the config files; the usual one where absent.
    pub profile: Option<String>,
    /// Region of calls that belong to none, such as who the caller is; the usual one where absent.
    pub region: Option<String>,
    /// Region of such calls where neither `region` nor the surroundings name one.
    pub usual_region: Option<String>,
    /// Where every call goes instead of to AWS, such as `http://127.0.0.1:5000`.
    pub endpoint_url: Option<String>,
    /// How long to wait for what takes time.
    pub patience: Patience,
    /// Who hears of every attempt at a call, and of every pause.
    pub observer: Observer,
}

/// How long to wait for what takes time in AWS, and how often to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For AWS to know everywhere of something that was just made.
    pub settle: Duration,
    /// For the users of something to be gone, so that it can be deleted.
    pub release: Duration,
    /// For something to become ready or to go; a kind that is quick by nature is waited for less long.
    pub ready: Duration,
    /// For something to turn up whose creation got no answer, before it is made again.
    pub lost: Duration,
    /// Pause after the first look. Each pause is half as long again as the one before.
    pub first_pause: Duration,
    /// The longest pause between two looks.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            settle: Duration::from_mins(1),
            release: Duration::from_mins(5),
            ready: Duration::from_mins(15),
            lost: Duration::from_secs(5),
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}

/// AWS, as the caller's credentials see it.
pub struct Aws {
    sdk: SdkConfig,
    patience: Patience,
    observer: Observer,
    sts: aws_sdk_sts::Client,
    regions: Mutex<BTreeMap<String, (Clients, Arc<Crowd>)>>,
    zones: Arc<Zones>,
}

impl Aws {
    /// AWS as the environment variables, the config files and `options` say. Makes no call: whether the
    /// credentials work shows at the first one.
    pub async fn connect(options: Options) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client())
            .retry_config(retries::as_said(options.profile.as_deref()).await)
            .timeout_config(timeouts());
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = options.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(url) = options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let mut sdk = loader.load().await;
        if let (None, Some(usual)) = (sdk.region(), options.usual_region) {
            sdk = sdk.into_builder().region(Region::new(usual)).build();
        }
        Self::with_observer(&sdk, options.patience, options.observer)
    }

    /// AWS through a configuration of the SDK. One without an HTTP client gets the usual one.
    pub fn new(sdk: &SdkConfig, patience: Patience) -> Self {
        Self::with_observer(sdk, patience, Observer::default())
    }

    /// The same, with a listener.
    pub fn with_observer(sdk: &SdkConfig, patience: Patience, observer: Observer) -> Self {
        let mut builder = sdk.to_builder();
        if sdk.http_client().is_none() {
            builder = builder.http_client(http_client());
        }
        if sdk.region().is_none() {
            // The SDK makes no call without a region; who the caller is, every one of them knows.
            builder = builder.region(Region::new("us-east-1"));
        }
        // What is held back is not sent for a while, which is no stalled upload.
        let streams = StalledStreamProtectionConfig::enabled().upload_enabled(false).build();
        let sdk = builder.stalled_stream_protection(streams).build();
        // The first call says whether AWS can be reached at all: nobody wants to wait long for that.
        let retries = sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard).with_max_attempts(3);
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let sts = aws_sdk_sts::config::Builder::from(&sdk)
            .retry_config(retries)
            .interceptor(Attempts::new(observer.clone(), &region))
            .build();
        Self {
            sts: aws_sdk_sts::Client::from_conf(sts),
            sdk,
            patience,
            observer,
            regions: Mutex::default(),
            zones: Arc::default(),
        }
    }

    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(crate) fn sts(&self) -> &aws_sdk_sts::Client {
        &self.sts
    }

    /// The clients of a region and where those meet who use them, made at their first use and kept.
    pub(crate) fn clients(&self, region: &str) -> (Clients, Arc<Crowd>) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || (Clients::new(&self.sdk, region, &self.observer), Arc::new(Crowd::new(&self.zones)));
        regions.entry(region.to_owned()).or_insert_with(make).clone()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// One pool of connections for every client, which keeps to what the account takes; proxies from the usual environment
/// variables.
fn http_client() -> SharedHttpClient {
    let pool = Builder::new().build_with_connector_fn(|settings, runtime| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(runtime.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    });
    paced(pool)
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
