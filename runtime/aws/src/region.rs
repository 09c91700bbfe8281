use asiaq_runtime::CloudError;
use aws_config::{Region as AwsRegion, SdkConfig};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Tag};

use crate::config::{Aws, Patience};
use crate::error;
use crate::once::AtMostOnce;

/// The clients of one region.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    /// For calls that may be repeated.
    ec2: Client,
    /// For calls that make something.
    once: Client,
}

impl Clients {
    pub(crate) fn new(sdk: &SdkConfig, region: &str) -> Self {
        let config = aws_sdk_ec2::config::Builder::from(sdk).region(AwsRegion::new(region.to_owned()));
        let once = config.clone().retry_classifier(AtMostOnce).build();
        Self { ec2: Client::from_conf(config.build()), once: Client::from_conf(once) }
    }
}

/// One region of AWS: what a kind of resource works with.
pub(crate) struct Region<'a> {
    aws: &'a Aws,
    clients: Clients,
    /// Its name, such as `us-west-2`.
    pub(crate) name: &'a str,
}

impl<'a> Region<'a> {
    pub(crate) fn new(aws: &'a Aws, name: &'a str) -> Self {
        Self { aws, clients: aws.clients(name), name }
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

    /// Sets and takes off tags, in a call each, where there are any.
    pub(crate) async fn retag(&self, id: &str, set: Vec<Tag>, remove: Vec<Tag>) -> Result<(), CloudError> {
        if !set.is_empty() {
            let request = self.ec2().create_tags().resources(id).set_tags(Some(set));
            self.settled(|| error::call("CreateTags", request.clone().send())).await?;
        }
        if !remove.is_empty() {
            let request = self.ec2().delete_tags().resources(id).set_tags(Some(remove));
            self.settled(|| error::call("DeleteTags", request.clone().send())).await?;
        }
        Ok(())
    }
}

/// A filter of a `Describe…` call: `name` is `value`.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}
