//! Hosted zones and their records (Route 53).

use std::collections::BTreeSet;

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A hosted zone. Its id is the bare one, without `/hostedzone/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
// AWS does not assign the same name servers again.
#[resource(home = Global, deletion = DataLoss, summary(domain))]
pub struct HostedZone {
    /// Domain without the trailing dot: `dev.sample.net`.
    #[resource(replace = "AWS cannot rename a hosted zone")]
    pub domain: String,
    /// VPCs of a private zone; empty for a public zone.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, in_use)]
    pub vpcs: BTreeSet<Ref>,
    /// Comment, for people.
    pub comment: String,
}

/// The records of one name and type. Its id is `ZONE/NAME/TYPE`.
///
/// AWS keeps no tags of records. A TXT record beside each one marks its owner; both are created, changed and deleted
/// in one batch. Records without this mark are never touched. Of the tags of a record only the ownership tags are
/// kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(home = Global, replacement = DeleteFirst, hides_tags, summary(record, name))]
pub struct RecordSet {
    /// Its zone.
    #[resource(replace = "a record cannot move to another zone", exclusive, in_use)]
    pub zone: Ref,
    /// Full name in lower case, without the trailing dot: `mhcbanana-ci.dev.sample.net`.
    #[resource(replace = "the record is of another name", exclusive)]
    pub name: String,
    /// Type, as DNS writes it: `A`, `CNAME`, `TXT`.
    #[serde(rename = "type")]
    #[resource(replace = "the record is of another type", exclusive)]
    pub record: String,
    /// Seconds that resolvers may cache it; absent for an alias.
    pub ttl: Option<u32>,
    /// Its values.
    #[resource(in_place = Disruptive)]
    pub target: RecordTarget,
}

/// The values of a [`RecordSet`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordTarget {
    /// Values in DNS's form: addresses in their shortest form; names in lower case without the trailing dot; quoted
    /// texts in pieces of 255 bytes, where everything but printable ASCII is `\ooo`.
    Values(BTreeSet<String>),
    /// The DNS name of a load balancer, as the one value of a `CNAME`.
    NameOf(Ref),
    /// An alias of a load balancer: its current addresses.
    Alias(Ref),
}
