use asiaq_runtime::Observer;
use aws_config::{Region, SdkConfig};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::retries::classifiers::SharedRetryClassifier;

use crate::at_most_once::AtMostOnce;
use crate::attempts::Attempts;
use crate::clock_skew::SignAgain;
use crate::retries;

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $crate_name:ident $(, classified by $classifier:ident)? $(, set up by $setup:ident)?;)+) => {
        /// The clients of one region.
        #[derive(Clone, Debug)]
        pub(crate) struct Clients { $(
            $(#[$doc])*
            $name: $crate_name::Client,
        )+ }

        impl Clients {
            /// Clients that report every attempt at a call to `observer`.
            pub(crate) fn new(sdk: &SdkConfig, region: &str, observer: &Observer) -> Self {
                let sdk = sdk.to_builder().region(Region::new(region.to_owned())).build();
                let attempts = SharedInterceptor::new(Attempts::new(observer.clone(), region));
                Self { $($name: {
                    let mut config = $crate_name::config::Builder::from(&sdk);
                    config.push_interceptor(attempts.clone());
                    config.push_retry_classifier(SharedRetryClassifier::new(SignAgain));
                    config.set_retry_partition(Some(retries::partition()));
                    $(let config = config.retry_classifier($classifier);)?
                    $(let config = $setup(config, &sdk);)?
                    $crate_name::Client::from_conf(config.build())
                },)+ }
            }

            $($(#[$doc])* pub(crate) fn $name(&self) -> &$crate_name::Client {
                &self.$name
            })+
        }
    };
}

clients! {
    /// EC2, for every call but those that create something.
    ec2: aws_sdk_ec2;
    /// EC2, for calls that create something: a lost answer is not followed by a second call.
    non_idempotent_client: aws_sdk_ec2, classified by AtMostOnce;
    /// Certificates.
    acm: aws_sdk_acm;
    /// Capacity of tables.
    applicationautoscaling: aws_sdk_applicationautoscaling;
    /// Auto Scaling groups.
    autoscaling: aws_sdk_autoscaling;
    /// Trails.
    cloudtrail: aws_sdk_cloudtrail;
    /// Alarms.
    cloudwatch: aws_sdk_cloudwatch;
    /// Leases, and tables.
    dynamodb: aws_sdk_dynamodb;
    /// Backups of tables: a lost answer is not followed by a second call.
    dynamodb_at_most_once: aws_sdk_dynamodb, classified by AtMostOnce;
    /// Caches.
    elasticache: aws_sdk_elasticache;
    /// Classic Load Balancers.
    elb: aws_sdk_elasticloadbalancing;
    /// Application and Network Load Balancers.
    elbv2: aws_sdk_elasticloadbalancingv2;
    /// Identities and server certificates.
    iam: aws_sdk_iam;
    /// IAM, for access keys: a lost answer is not followed by a second call.
    iam_at_most_once: aws_sdk_iam, classified by AtMostOnce;
    /// Log groups.
    logs: aws_sdk_cloudwatchlogs;
    /// Search domains.
    opensearch: aws_sdk_opensearch;
    /// Databases.
    rds: aws_sdk_rds;
    /// Hosted zones and records.
    route53: aws_sdk_route53;
    /// Buckets.
    s3: aws_sdk_s3, set up by by_path;
    /// Quotas.
    servicequotas: aws_sdk_servicequotas;
    /// Notification topics.
    sns: aws_sdk_sns;
    /// Keys of images.
    kms: aws_sdk_kms;
    /// Secrets.
    secretsmanager: aws_sdk_secretsmanager;
    /// Commands on instances, documents, and secrets.
    ssm: aws_sdk_ssm;
    /// The index of tags.
    tagging: aws_sdk_resourcegroupstagging;
}

/// Where calls go to another place than AWS, the name of a bucket is in the path: no name in DNS begins with it.
fn by_path(config: aws_sdk_s3::config::Builder, sdk: &SdkConfig) -> aws_sdk_s3::config::Builder {
    let is_elsewhere = sdk.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    config.force_path_style(is_elsewhere)
}
