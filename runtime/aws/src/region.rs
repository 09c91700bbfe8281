use std::sync::Arc;

use asiaq_runtime::{CloudError, Observer};
use aws_config::{Region as AwsRegion, SdkConfig};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Filter;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;

use crate::attempts::Attempts;
use crate::config::{Aws, Patience};
use crate::crowd::Crowd;
use crate::kinds::Retag;
use crate::once::AtMostOnce;
use crate::survey::Seen;
use crate::{error, retries, tags};

/// The clients of one region.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    /// For calls that may be repeated.
    ec2: Client,
    /// For calls that make something.
    once: Client,
    acm: aws_sdk_acm::Client,
    autoscaling: aws_sdk_autoscaling::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    elb: aws_sdk_elasticloadbalancing::Client,
    elbv2: aws_sdk_elasticloadbalancingv2::Client,
    iam: aws_sdk_iam::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    route53: aws_sdk_route53::Client,
    sns: aws_sdk_sns::Client,
    ssm: aws_sdk_ssm::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
}

impl Clients {
    /// Clients whose every attempt `observer` hears of.
    pub(crate) fn new(sdk: &SdkConfig, region: &str, observer: &Observer) -> Self {
        let sdk = sdk.to_builder().region(AwsRegion::new(region.to_owned())).build();
        let attempts = SharedInterceptor::new(Attempts::new(observer.clone(), region));
        macro_rules! config {
            ($crate_name:ident) => {{
                let mut config = $crate_name::config::Builder::from(&sdk);
                config.push_interceptor(attempts.clone());
                config.set_retry_partition(Some(retries::partition()));
                config
            }};
        }
        macro_rules! client {
            ($crate_name:ident) => {
                $crate_name::Client::from_conf(config!($crate_name).build())
            };
        }
        Self {
            ec2: client!(aws_sdk_ec2),
            once: Client::from_conf(config!(aws_sdk_ec2).retry_classifier(AtMostOnce).build()),
            acm: client!(aws_sdk_acm),
            autoscaling: client!(aws_sdk_autoscaling),
            cloudwatch: client!(aws_sdk_cloudwatch),
            dynamodb: client!(aws_sdk_dynamodb),
            elb: client!(aws_sdk_elasticloadbalancing),
            elbv2: client!(aws_sdk_elasticloadbalancingv2),
            iam: client!(aws_sdk_iam),
            logs: client!(aws_sdk_cloudwatchlogs),
            route53: client!(aws_sdk_route53),
            sns: client!(aws_sdk_sns),
            ssm: client!(aws_sdk_ssm),
            tagging: client!(aws_sdk_resourcegroupstagging),
        }
    }
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $crate_name:ident),+ $(,)?) => {
        /// The clients of the services whose calls that make something name what they make, so that a repeated
        /// one makes no second thing.
        impl Region<'_> { $(
            $(#[$doc])*
            pub(crate) fn $name(&self) -> &$crate_name::Client { &self.clients.$name }
        )+ }
    };
}

clients! {
    /// Certificates.
    acm: aws_sdk_acm,
    /// Groups of machines.
    autoscaling: aws_sdk_autoscaling,
    /// Alarms.
    cloudwatch: aws_sdk_cloudwatch,
    /// Leases.
    dynamodb: aws_sdk_dynamodb,
    /// Classic load balancers.
    elb: aws_sdk_elasticloadbalancing,
    /// Application and network load balancers.
    elbv2: aws_sdk_elasticloadbalancingv2,
    /// Server certificates.
    iam: aws_sdk_iam,
    /// Log groups.
    logs: aws_sdk_cloudwatchlogs,
    /// Hosted zones.
    route53: aws_sdk_route53,
    /// Topics.
    sns: aws_sdk_sns,
    /// Commands on machines.
    ssm: aws_sdk_ssm,
    /// The index of tags.
    tagging: aws_sdk_resourcegroupstagging,
}

/// One region of AWS: what a kind of resource works with.
pub(crate) struct Region<'a> {
    aws: &'a Aws,
    clients: Clients,
    crowd: Arc<Crowd>,
    /// What a look at the whole account has brought; none where everything is to be asked anew.
    seen: Option<Arc<Seen>>,
    /// Its name, such as `us-west-2`.
    pub(crate) name: &'a str,
}

impl<'a> Region<'a> {
    pub(crate) fn new(aws: &'a Aws, name: &'a str) -> Self {
        let (clients, crowd) = aws.clients(name);
        Self { aws, clients, crowd, seen: None, name }
    }

    /// As one look at the whole account sees it: what has been asked is not asked again.
    pub(crate) fn in_survey(aws: &'a Aws, name: &'a str, seen: Arc<Seen>) -> Self {
        Self { seen: Some(seen), ..Self::new(aws, name) }
    }

    /// Who else works in it.
    pub(crate) fn crowd(&self) -> &Crowd {
        &self.crowd
    }

    /// What the look at the whole account that is under way has brought.
    pub(crate) fn seen(&self) -> Option<&Seen> {
        self.seen.as_deref()
    }

    /// For every call but those that make something.
    pub(crate) fn ec2(&self) -> &Client {
        &self.clients.ec2
    }

    /// For calls that make something: a lost answer is not followed by a second try.
    pub(crate) fn once(&self) -> &Client {
        &self.clients.once
    }

    /// Another region, or this one.
    pub(crate) fn other(&self, name: &'a str) -> Self {
        Self::new(self.aws, name)
    }

    pub(crate) fn patience(&self) -> Patience {
        self.aws.patience()
    }

    pub(crate) fn observer(&self) -> &'a Observer {
        self.aws.observer()
    }

    /// Sets and takes off tags of a thing of EC2, in a call each, where there are any.
    pub(crate) async fn retag(&self, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        if !tags.set.is_empty() {
            let request = self.ec2().create_tags().resources(id).set_tags(Some(tags::list(tags.set)));
            self.settled(|| error::call("CreateTags", request.clone().send())).await?;
        }
        if !tags.remove.is_empty() {
            let request = self.ec2().delete_tags().resources(id).set_tags(Some(tags::keys(tags.remove)));
            self.settled(|| error::call("DeleteTags", request.clone().send())).await?;
        }
        Ok(())
    }
}

/// A filter of a `Describe…` call: `name` is `value`.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}
