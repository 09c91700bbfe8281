//! Names: hosted zones and their records (Route 53).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Change, Ref, Replacement, Risk, Schema};

/// A hosted zone. Its id is the bare one, without `/hostedzone/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// Domain, without the dot at the end: `dev.sample.net`.
    pub domain: String,
    /// VPCs that see it; the whole world where empty.
    pub vpcs: BTreeSet<Ref>,
    /// What it is for.
    pub comment: String,
}

/// The records of one name and type. Its id is `ZONE/NAME/TYPE`.
///
/// AWS keeps no tags of records: beside each stands a TXT record of its own that says whose it is, made,
/// changed and deleted in the same batch. What has none is never touched. Of the tags it is born with only those
/// that say so are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// Its zone.
    pub zone: Ref,
    /// Full name, without the dot at the end, in lower case: `mhcbanana-ci.dev.sample.net`.
    pub name: String,
    /// Type, as DNS writes it: `A`, `CNAME`, `TXT`.
    #[serde(rename = "type")]
    pub record: String,
    /// Seconds it may be kept; absent for an alias.
    pub ttl: Option<u32>,
    /// What it says.
    pub target: RecordTarget,
}

/// What a [`RecordSet`] says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordTarget {
    /// Values in DNS's form: addresses, and names in lower case without the dot at the end, as they are written
    /// shortest; texts in quotes, cut into pieces of 255 bytes, everything but printable ASCII as `\ooo`.
    Values(BTreeSet<String>),
    /// The DNS name of a load balancer, as the one value of a `CNAME`.
    NameOf(Ref),
    /// An alias of a load balancer: its addresses, whatever they are.
    Alias(Ref),
}

impl HostedZone {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "hosted-zone",
        fields: &[
            ("domain", Change::Replace("AWS cannot rename a hosted zone")),
            ("vpcs", Change::Elements { key: &[], changed: Risk::Disruptive, removed: Risk::Disruptive }),
        ],
        // Its name servers cannot be had again.
        deletion: Risk::DataLoss,
        never_empty: &["vpcs"],
        ..Schema::DEFAULT
    };
}

impl RecordSet {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "record-set",
        fields: &[
            ("zone", Change::Replace("a record cannot move to another zone")),
            ("name", Change::Replace("the record is of another name")),
            ("type", Change::Replace("the record is of another type")),
            ("target", Change::InPlace(Risk::Disruptive)),
        ],
        replacement: Replacement::DeleteFirst,
        exclusive: &["zone", "name", "type"],
        hides_tags: true,
        ..Schema::DEFAULT
    };
}
