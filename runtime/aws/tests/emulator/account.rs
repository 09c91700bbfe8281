//! An account to test in, and the life of a resource in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use asiaq_aws::{Aws, Timeouts};
use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, ENV_TAG, Kind, Mark, NAME_TAG, PROJECT_TAG, Ref, Resource, Subnet, Vpc,
};
use asiaq_runtime::{
    CallEventKind, Cloud as _, CloudError, Create, Delete, Found, Listed, Observer, Update, own_name,
};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::moto;
use crate::proxy::{Fault, Moment, Proxy};

pub(crate) const REGION: &str = "us-west-2";
pub(crate) const PROJECT: &str = "shop";

/// Patience for tests: the same order of things, in milliseconds.
const TIMEOUTS: Timeouts = Timeouts {
    consistency: Duration::from_millis(500),
    identity: Duration::from_millis(500),
    in_use: Duration::from_millis(500),
    ready: Duration::from_secs(2),
    slow: Duration::from_secs(2),
    name_taken: Duration::from_millis(50),
    first_pause: Duration::from_millis(5),
    longest_pause: Duration::from_millis(20),
};

pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) aws: Aws,
    /// The same account by hand: for neighbours, and for what somebody else does.
    pub(crate) by_hand: aws_sdk_ec2::Client,
    /// The same for clients of other services.
    pub(crate) sdk: SdkConfig,
    heard: Arc<Mutex<Vec<CallEventKind>>>,
}

impl Account {
    /// A fresh account of the emulator.
    pub(crate) fn new() -> Self {
        let given = moto::new_account();
        Self::at(moto::endpoint(), given.account.clone(), &given)
    }

    /// The same, behind a proxy.
    pub(crate) fn behind(proxy: &Proxy) -> Self {
        let given = moto::new_account();
        Self::at(&proxy.endpoint(), given.account.clone(), &given)
    }

    /// The same, behind a proxy that loses the first answer to `operation`.
    pub(crate) fn losing(operation: &str) -> (Self, Proxy) {
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Dropped(Moment::After));
        (Self::behind(&proxy), proxy)
    }

    /// The account that a server of answers plays.
    pub(crate) fn replayed(endpoint: &str) -> Self {
        let given = moto::Credentials {
            account: "111122223333".to_owned(),
            access: "key".to_owned(),
            secret: "secret".to_owned(),
            token: "token".to_owned(),
        };
        Self::at(endpoint, given.account.clone(), &given)
    }

    /// The account of these credentials, for calls that are answered within seconds or not at all.
    pub(crate) fn impatient(endpoint: &str, given: &moto::Credentials) -> Self {
        let account = Self::at(endpoint, given.account.clone(), given);
        let limit = TimeoutConfig::builder().read_timeout(Duration::from_secs(5)).build();
        let aws = Aws::new(&account.sdk.to_builder().timeout_config(limit).build(), TIMEOUTS);
        Self { aws, ..account }
    }

    /// The account of these credentials.
    pub(crate) fn at(endpoint: &str, id: String, given: &moto::Credentials) -> Self {
        let credentials =
            Credentials::new(&given.access, &given.secret, Some(given.token.clone()), None, "tests");
        let retries = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(5))
            .with_max_backoff(Duration::from_millis(20));
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(endpoint)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(retries)
            .build();
        let heard = Arc::<Mutex<Vec<CallEventKind>>>::default();
        let ear = Arc::clone(&heard);
        let observer = Observer::new(move |signal| ear.lock().unwrap().push(signal.kind.clone()));
        let aws = Aws::with_observer(&sdk, TIMEOUTS, observer);
        let http = aws_smithy_http_client::Builder::new().build_http();
        let sdk = sdk.to_builder().http_client(http).build();
        Self { id, aws, by_hand: aws_sdk_ec2::Client::new(&sdk), sdk, heard }
    }

    /// What was heard of calls and pauses, a line each.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(line).collect()
    }

    pub(crate) async fn list(&self, kind: Kind) -> Listed {
        self.aws.list(REGION, kind, PROJECT).await.unwrap()
    }

    /// Makes a resource; its id.
    pub(crate) async fn create(&self, path: &str, resource: impl Into<Resource>) -> String {
        self.try_create(path, resource).await.unwrap()
    }

    pub(crate) async fn try_create(
        &self,
        path: &str,
        resource: impl Into<Resource>,
    ) -> Result<String, CloudError> {
        let (address, resource) = (Address::new("ci", path), resource.into());
        let tags = tags(&resource, path);
        let token = "token-1";
        self.aws
            .create(&Create { region: REGION, address: &address, resource: &resource, tags: &tags, token })
            .await
    }

    /// The resource that is found under a path.
    pub(crate) async fn found(&self, kind: Kind, path: &str) -> Option<Found> {
        let address = Address::new("ci", path);
        let listed = self.list(kind).await;
        let mut here = listed.found.into_iter().filter(|found| found.address == address);
        let found = here.next();
        assert_eq!(here.next(), None, "`{path}` is there once");
        found
    }

    pub(crate) async fn update(&self, live: &Found, wanted: &Resource) -> Result<(), CloudError> {
        self.retag(live, wanted, &BTreeMap::new(), &BTreeSet::new()).await
    }

    pub(crate) async fn retag(
        &self,
        live: &Found,
        wanted: &Resource,
        set_tags: &BTreeMap<String, String>,
        remove_tags: &BTreeSet<String>,
    ) -> Result<(), CloudError> {
        let Found { address, id, resource: live, .. } = live;
        self.aws.update(&Update { region: REGION, address, id, live, wanted, set_tags, remove_tags }).await
    }

    pub(crate) async fn delete(&self, live: &Found) -> Result<(), CloudError> {
        let Found { address, id, resource: live, .. } = live;
        self.aws.delete(&Delete { region: REGION, address, id, live, with_data: false }).await
    }

    /// Deletes a resource with the data that it keeps.
    pub(crate) async fn empty(&self, live: &Found) -> Result<(), CloudError> {
        let Found { address, id, resource: live, .. } = live;
        self.aws.delete(&Delete { region: REGION, address, id, live, with_data: true }).await
    }

    /// The life of a resource: made, found as it was made, changed to each of the others in turn and found so,
    /// deleted, gone; and deleted again, which is no error.
    pub(crate) async fn lives(&self, path: &str, first: impl Into<Resource>, changes: &[Resource]) {
        let first = first.into();
        let id = self.create(path, first.clone()).await;
        let mut live = self.found(first.kind(), path).await.expect("it is there");
        assert_eq!((&live.id, &live.resource), (&id, &first));
        assert_eq!(live.tags, tags(&first, path));
        assert_eq!(live.region, REGION);
        for wanted in changes {
            self.update(&live, wanted).await.unwrap();
            live = self.found(first.kind(), path).await.expect("it is still there");
            assert_eq!((&live.id, &live.resource), (&id, wanted));
        }
        self.delete(&live).await.unwrap();
        assert_eq!(self.found(first.kind(), path).await, None);
        self.delete(&live).await.unwrap();
    }

    /// S3 by hand. A bucket is in the path: one with dots in its name would be looked up in DNS.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A VPC `10.0.0.0/16`, as a reference.
    pub(crate) async fn vpc(&self) -> Ref {
        Ref::Id(self.create("vpc", vpc("10.0.0.0/16")).await)
    }

    /// A subnet of a VPC, as a reference.
    pub(crate) async fn subnet(&self, vpc: &Ref, path: &str, cidr: &str) -> Ref {
        let subnet = Subnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone: "us-west-2a".to_owned() };
        Ref::Id(self.create(path, subnet).await)
    }
}

/// A VPC with everything as AWS makes it.
pub(crate) fn vpc(cidr: &str) -> Vpc {
    Vpc { cidr: cidr.parse().unwrap(), dns_support: true, dns_hostnames: false, dhcp_options: None }
}

/// The tags a resource is made with; none for a kind that AWS keeps inside another resource.
pub(crate) fn tags(resource: &Resource, path: &str) -> BTreeMap<String, String> {
    if matches!(resource.kind(), Kind::IngressRules | Kind::VpnAttachment | Kind::SmokeTest) {
        return BTreeMap::new();
    }
    let mut tags = BTreeMap::from([
        ("Name".to_owned(), "a <name> & more".to_owned()),
        (PROJECT_TAG.to_owned(), PROJECT.to_owned()),
        (ENV_TAG.to_owned(), "ci".to_owned()),
        (ADDRESS_TAG.to_owned(), format!("ci/{path}")),
    ]);
    if resource.kind().schema().hides_tags || resource.kind() == Kind::Operator {
        // What cannot be read back, or is not set.
        tags.remove("Name");
    }
    if let Mark::Name | Mark::NameInVpc | Mark::Zone = resource.kind().mark() {
        tags.extend(own_name(resource, "").map(|name| (NAME_TAG.to_owned(), name)));
    }
    // The name of a group has the time of its making in it.
    if resource.kind() == Kind::AutoScalingGroup {
        tags.insert(CREATED_TAG.to_owned(), "2026-11-21T22:12:22.123456".to_owned());
    }
    tags
}

/// Ids as references.
pub(crate) fn refs<const N: usize>(refs: [&Ref; N]) -> BTreeSet<Ref> {
    refs.into_iter().cloned().collect()
}

/// An id as a reference.
pub(crate) fn id(id: &str) -> Ref {
    Ref::Id(id.to_owned())
}

/// A resource as it was found under `ci/x`.
pub(crate) fn found(id: &str, resource: impl Into<Resource>) -> Found {
    let resource = resource.into();
    Found {
        address: Address::new("ci", "x"),
        id: id.to_owned(),
        region: REGION.to_owned(),
        tags: tags(&resource, "x"),
        resource,
    }
}

fn line(kind: &CallEventKind) -> String {
    match kind {
        CallEventKind::Sent { request, attempt } => {
            format!("{} {} in {} sent, attempt {attempt}", request.service, request.operation, request.region)
        }
        CallEventKind::Answered { request, attempt, answer, .. } => {
            let status = answer.status.map(|status| format!(" {status}")).unwrap_or_default();
            let code = answer.code.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
            let id = answer.id.as_ref().map(|id| format!(", {id}")).unwrap_or_default();
            format!("{} attempt {attempt}: {:?}{status}{code}{id}", request.operation, answer.verdict)
        }
        CallEventKind::Waiting { why, .. } => format!("waiting: {why}"),
    }
}
