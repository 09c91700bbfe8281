//! Hosted zones and their records (Route 53).

use std::collections::BTreeSet;

use asiaq_ir_derive::{Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A hosted zone. Its id is the bare one, without `/hostedzone/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(), renamed = Kept)]
#[resource(outputs(
    arn = "route53:::hostedzone/{id}",
    console = "route53/v2/hostedzones#ListRecordSets/{id}",
    fields(domain),
    assigned(NameServers)
))]
#[resource(outage(seconds = 60, what = "its names do not resolve"))]
// AWS does not assign the same name servers again.
#[resource(home = Global, deletion = DataLoss, summary(domain))]
#[aws(tags = "route53:ChangeTagsForResource.AddTags", own_tags = 1)]
pub struct HostedZone {
    /// Domain without the trailing dot: `dev.sample.net`.
    #[resource(replace = "AWS cannot rename a hosted zone", exclusive)]
    #[aws("route53:CreateHostedZone.Name")]
    pub domain: String,
    /// VPCs of a private zone; empty for a public zone.
    #[resource(
        elements(changed = Disruptive, removed = Disruptive),
        min = 1,
        empty_for_good = "AWS cannot make a private zone of a public one, nor the other way round",
        exclusive,
        in_use,
        // What is still in the VPC resolves its names.
        released_last
    )]
    #[aws("route53:CreateHostedZone.VPC")]
    pub vpcs: BTreeSet<Ref>,
    /// Comment, for people.
    #[aws("route53:CreateHostedZone.HostedZoneConfig.Comment")]
    pub comment: String,
}

/// The records of one name and type. Its id is `ZONE/NAME/TYPE`.
///
/// AWS keeps no tags of records. A TXT record beside each one marks its owner; both are created, changed and deleted
/// in one batch. Records without this mark are never touched. Of the tags of a record only the ownership tags are
/// kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Zone, lies_in(), renamed = ByName)]
#[resource(outputs(fields(name, record)))]
#[resource(outage(seconds = 60, what = "its name does not resolve"))]
#[resource(home = Global, hides_tags, handed_over, summary(record, name))]
#[aws(not_tagged = "Route 53 has no tags of records")]
pub struct RecordSet {
    /// Its zone.
    #[resource(replace = "a record cannot move to another zone", exclusive, in_use)]
    #[aws("route53:ChangeResourceRecordSets.HostedZoneId")]
    pub zone: Ref,
    /// Full name in lower case, without the trailing dot: `mhcbanana-ci.dev.sample.net`.
    #[resource(replace = "the record is of another name", exclusive)]
    // The name of the mark beside it is longer.
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.Name", plus = 7)]
    pub name: String,
    /// Type, as DNS writes it: `A`, `CNAME`, `TXT`.
    #[serde(rename = "type")]
    #[resource(replace = "the record is of another type", exclusive)]
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.Type")]
    pub record: String,
    /// Seconds that resolvers may cache it; absent for an alias.
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.TTL")]
    pub ttl: Option<u32>,
    /// Its values.
    #[resource(in_place = Disruptive)]
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet")]
    pub target: RecordTarget,
}

/// The values of a [`RecordSet`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
pub enum RecordTarget {
    /// Values in DNS's form: addresses in their shortest form; names in lower case without the trailing dot; quoted
    /// texts in pieces of 255 bytes, where everything but printable ASCII is `\ooo`.
    #[aws(
        "route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.ResourceRecords",
        "route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.ResourceRecords.Value"
    )]
    Values(BTreeSet<String>),
    /// The DNS name of a load balancer, as the one value of a `CNAME`.
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.ResourceRecords.Value")]
    NameOf(Ref),
    /// An alias of a load balancer: its current addresses.
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.AliasTarget.DNSName")]
    Alias(Ref),
    /// The name servers of a hosted zone, as the values of an `NS` record in the zone above it.
    #[aws("route53:ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.ResourceRecords.Value")]
    ServersOf(Ref),
}
