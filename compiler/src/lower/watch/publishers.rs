//! What publishes to the topics of the program: notifications of buckets, and trails. The policy of a topic allows it (Amazon
//! S3 user guide, "Granting permissions to publish event notification messages to a destination"; AWS CloudTrail user guide,
//! "Amazon SNS topic policy for CloudTrail").

use std::collections::BTreeMap;

use asiaq_ir::{Address, Partition, Publisher, Scope};
use asiaq_lang::Span;

use crate::library::kinds;
use crate::model::{Account, CLOUDTRAIL, Environment, bucket_arns};

/// S3 as a principal.
const S3: &str = "s3.amazonaws.com";

/// What the accounts of a program publish, by the ARN of the topic.
#[derive(Default)]
pub(in crate::lower) struct Publishing(BTreeMap<String, Vec<Published>>);

/// What publishes to a topic.
pub(super) struct Published {
    pub(super) publisher: Publisher,
    /// Where the topic is named.
    pub(super) place: Span,
    /// The bucket or the trail.
    pub(super) address: Address,
}

impl Publishing {
    pub(in crate::lower) fn of(accounts: &[Account]) -> Self {
        let mut found = Self::default();
        for account in accounts {
            let address = |kind: &str, name: &str| {
                Address::of(&Scope::account(&account.name), &format!("{kind}/{name}"))
            };
            let partition = Partition::of(&account.region).name();
            for bucket in &account.storage.buckets {
                let [source, _] = bucket_arns(partition, &bucket.title.aws.value);
                for one in &bucket.notifications {
                    let Some(topic) = one.value.topic.id() else { continue };
                    let publisher = publisher(S3, &source, account);
                    let address = address(kinds::BUCKET, &bucket.title.name);
                    found.add(topic, Published { publisher, place: one.span, address });
                }
            }
            for trail in &account.storage.trails {
                let source = account.arns.of(kinds::TRAIL, &trail.title.name).and_then(<[String]>::first);
                let (Some(topic), Some(source)) = (&trail.topic, source) else { continue };
                let publisher = publisher(CLOUDTRAIL, source, account);
                let address = address(kinds::TRAIL, &trail.title.name);
                found.add(&topic.value, Published { publisher, place: topic.span(), address });
            }
        }
        found
    }

    fn add(&mut self, topic: &str, published: Published) {
        self.0.entry(topic.to_owned()).or_default().push(published);
    }

    /// What publishes to the topic with a name in AWS of an environment. One that names no account may be in any.
    pub(super) fn to<'p>(&'p self, env: &Environment, name: &str) -> impl Iterator<Item = &'p Published> {
        let region = &env.region.value;
        let start = format!("arn:{}:sns:{region}:", Partition::of(region).name());
        let account = env.account.as_ref().map(|account| account.value.clone());
        let name = name.to_owned();
        let all = self.0.range(start.clone()..).take_while({
            let start = start.clone();
            move |(arn, _)| arn.starts_with(&start)
        });
        let is_meant = move |arn: &str| {
            let rest = arn.strip_prefix(&start).and_then(|rest| rest.split_once(':'));
            rest.is_some_and(|(of, own)| own == name && account.as_ref().is_none_or(|account| account == of))
        };
        all.filter(move |(arn, _)| is_meant(arn)).flat_map(|(_, published)| published)
    }
}

fn publisher(service: &str, source: &str, account: &Account) -> Publisher {
    Publisher { service: service.to_owned(), source: source.to_owned(), account: account.id.value.clone() }
}
