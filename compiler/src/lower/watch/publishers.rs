//! What publishes to the topics of the program: notifications of buckets, and trails. The policy of a topic allows it (Amazon
//! S3 user guide, "Granting permissions to publish event notification messages to a destination"; AWS CloudTrail user guide,
//! "Amazon SNS topic policy for CloudTrail").

use std::collections::BTreeMap;

use asiaq_ir::{Address, Partition, Publisher};
use asiaq_lang::Span;

use crate::library::kinds;
use crate::lower::identity::address_in;
use crate::model::{Account, CLOUDTRAIL, Environment};

/// S3 as a principal.
const S3: &str = "s3.amazonaws.com";

/// What the accounts of a program publish, by the region and the name in AWS of the topic, with the account of the topic.
#[derive(Default)]
pub(in crate::lower) struct Publishing(BTreeMap<(String, String), Vec<(String, Published)>>);

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
            for bucket in &account.storage.buckets {
                for one in &bucket.notifications {
                    let topic = one.value.topic.id().map(|topic| (topic, one.span));
                    found.add(account, (S3, kinds::BUCKET, &bucket.title.name), topic);
                }
            }
            for trail in &account.storage.trails {
                let topic = trail.topic.as_ref().map(|topic| (topic.value.as_str(), topic.span()));
                found.add(account, (CLOUDTRAIL, kinds::TRAIL, &trail.title.name), topic);
            }
        }
        found
    }

    /// Takes what a service publishes for a declaration of an account, to the topic with an ARN that is said at a place.
    fn add(
        &mut self,
        account: &Account,
        (service, kind, name): (&str, &str, &str),
        topic: Option<(&str, Span)>,
    ) {
        let source = account.arns.of(kind, name).and_then(<[String]>::first);
        let (Some((topic, place)), Some(source)) = (topic, source) else { return };
        // `arn:aws:sns:us-west-2:111111111111:shop_live_new`
        let parts: Vec<&str> = topic.split(':').collect();
        let ["arn", partition, "sns", region, owner, topic] = parts.as_slice() else { return };
        if Partition::of(region).name() != *partition {
            return;
        }
        let publisher = Publisher {
            service: service.to_owned(),
            source: source.clone(),
            account: account.id.value.clone(),
        };
        let address = address_in(&account.name, kind, name);
        let topic = ((*region).to_owned(), (*topic).to_owned());
        self.0.entry(topic).or_default().push(((*owner).to_owned(), Published { publisher, place, address }));
    }

    /// What publishes to the topic with a name in AWS of an environment. One that names no account may be in any.
    pub(super) fn to<'p>(&'p self, env: &'p Environment, name: &str) -> impl Iterator<Item = &'p Published> {
        let all = self.0.get(&(env.region.value.clone(), name.to_owned())).into_iter().flatten();
        let is_meant = |owner: &String| env.account.as_ref().is_none_or(|account| account.value == *owner);
        all.filter(move |(owner, _)| is_meant(owner)).map(|(_, published)| published)
    }
}
