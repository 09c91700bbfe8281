//! Tables (DynamoDB).

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

/// A table. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(
    arn = "dynamodb:{region}:{account}:table/{id}",
    console = "dynamodbv2/home?region={region}#table?name={id}",
    fields(name)
))]
#[resource(outage(seconds = 60, what = "its items are gone"))]
#[resource(replacement = DeleteFirst, deletion = DataLoss, summary(name))]
#[aws(tags = "dynamodb:CreateTable.Tags", own_tags = 1)]
pub struct Table {
    /// Its name, unique in account and region: `users_ci`.
    #[resource(replace = "AWS cannot rename a table", exclusive)]
    #[aws("dynamodb:CreateTable.TableName")]
    pub name: String,
    /// Its partition key.
    #[resource(replace = "AWS cannot change the key of a table")]
    #[aws("dynamodb:CreateTable.KeySchema")]
    pub key: KeyAttribute,
    /// Its sort key.
    #[resource(replace = "AWS cannot change the key of a table")]
    #[aws("dynamodb:CreateTable.KeySchema")]
    pub sort: Option<KeyAttribute>,
    /// Its local indexes.
    #[resource(replace = "AWS makes local indexes with their table only")]
    #[aws("dynamodb:CreateTable.LocalSecondaryIndexes")]
    pub local_indexes: BTreeSet<LocalIndex>,
    /// Its global indexes. AWS makes or removes one at a time; one with another key or projection is removed and made anew.
    #[resource(elements(changed = Disruptive, removed = Disruptive))]
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes")]
    pub indexes: BTreeSet<GlobalIndex>,
    /// Its capacity; none where requests are paid as they come.
    #[aws("dynamodb:CreateTable.ProvisionedThroughput")]
    pub capacity: Option<TableCapacity>,
    /// The capacity of its global indexes, where it has some.
    #[resource(elements)]
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes")]
    pub index_capacity: BTreeSet<IndexCapacity>,
    /// The attribute with the time at which an item is deleted. A new table has none.
    #[resource(in_place = Disruptive, initial = None)]
    #[aws("dynamodb:UpdateTimeToLive.TimeToLiveSpecification.AttributeName", if_set)]
    pub ttl: Option<String>,
    /// What its stream says: `NEW_AND_OLD_IMAGES`, `NEW_IMAGE`, `OLD_IMAGE` or `KEYS_ONLY`. Another one is another stream.
    #[resource(in_place = Disruptive)]
    #[aws("dynamodb:CreateTable.StreamSpecification.StreamViewType")]
    pub stream: Option<String>,
    /// Days for which the table can be restored as it was at any second. A new table has none.
    #[resource(in_place = Disruptive, initial = None)]
    #[aws("dynamodb:UpdateContinuousBackups.PointInTimeRecoverySpecification.RecoveryPeriodInDays", if_set)]
    pub recovery: Option<u32>,
    /// Whether AWS refuses to delete it.
    #[aws("dynamodb:CreateTable.DeletionProtectionEnabled")]
    pub deletion_protection: bool,
    /// Whether a key in KMS encrypts it, and not one that AWS owns.
    #[aws("dynamodb:CreateTable.SSESpecification.SSEType")]
    pub is_in_kms: bool,
    /// ARN of that key, if it is not the one that AWS manages. AWS does not say which of both a key is.
    #[resource(if_set = Safe)]
    #[aws("dynamodb:CreateTable.SSESpecification.KMSMasterKeyId", if_set)]
    pub kms_key: Option<String>,
    /// `STANDARD` or `STANDARD_INFREQUENT_ACCESS`.
    #[aws("dynamodb:CreateTable.TableClass")]
    pub class: String,
    /// Other regions with a replica. AWS makes or removes one at a time.
    #[resource(elements(removed = DataLoss), initial = BTreeSet::new())]
    #[aws("dynamodb:UpdateTable.ReplicaUpdates")]
    pub replicas: BTreeSet<Replica>,
}

/// A replica of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Replica {
    /// Its region.
    #[element(key)]
    #[aws("dynamodb:UpdateTable.ReplicaUpdates.Create.RegionName")]
    pub region: String,
}

/// An attribute that a key consists of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct KeyAttribute {
    /// Its name.
    #[aws("dynamodb:CreateTable.AttributeDefinitions.AttributeName")]
    pub name: String,
    /// `S` for a string, `N` for a number, `B` for bytes.
    #[serde(rename = "type")]
    #[aws("dynamodb:CreateTable.AttributeDefinitions.AttributeType")]
    pub of: String,
}

/// A local index of a [`Table`], with the partition key of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct LocalIndex {
    /// Its name, unique in the table.
    #[element(key)]
    #[aws("dynamodb:CreateTable.LocalSecondaryIndexes.IndexName")]
    pub name: String,
    /// Its sort key.
    #[aws("dynamodb:CreateTable.LocalSecondaryIndexes.KeySchema")]
    pub sort: KeyAttribute,
    /// What it has beside keys: `ALL`, `KEYS_ONLY` or `INCLUDE`.
    #[aws("dynamodb:CreateTable.LocalSecondaryIndexes.Projection.ProjectionType")]
    pub projection: String,
    /// The attributes that it has beside keys.
    #[aws(
        "dynamodb:CreateTable.LocalSecondaryIndexes.Projection.NonKeyAttributes",
        if_set,
        shown = "included attributes"
    )]
    pub include: BTreeSet<String>,
}

/// A global index of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct GlobalIndex {
    /// Its name, unique in the table.
    #[element(key)]
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes.IndexName")]
    pub name: String,
    /// Its partition key.
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes.KeySchema")]
    pub key: KeyAttribute,
    /// Its sort key.
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes.KeySchema")]
    pub sort: Option<KeyAttribute>,
    /// What it has beside keys: `ALL`, `KEYS_ONLY` or `INCLUDE`.
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes.Projection.ProjectionType")]
    pub projection: String,
    /// The attributes that it has beside keys.
    #[aws(
        "dynamodb:CreateTable.GlobalSecondaryIndexes.Projection.NonKeyAttributes",
        if_set,
        shown = "included attributes"
    )]
    pub include: BTreeSet<String>,
}

/// The capacity of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct TableCapacity {
    /// Read capacity units; the least of them where it scales.
    #[aws("dynamodb:CreateTable.ProvisionedThroughput.ReadCapacityUnits")]
    pub read: i64,
    /// Write capacity units; the least of them where it scales.
    #[aws("dynamodb:CreateTable.ProvisionedThroughput.WriteCapacityUnits")]
    pub write: i64,
    /// How AWS changes the read capacity.
    #[aws("application-autoscaling:RegisterScalableTarget", if_set)]
    pub read_scaling: Option<CapacityScaling>,
    /// How AWS changes the write capacity.
    #[aws("application-autoscaling:RegisterScalableTarget", if_set)]
    pub write_scaling: Option<CapacityScaling>,
}

/// The capacity of a [`GlobalIndex`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct IndexCapacity {
    /// The index.
    #[element(key)]
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes.IndexName")]
    pub index: String,
    /// The capacity.
    #[aws("dynamodb:CreateTable.GlobalSecondaryIndexes.ProvisionedThroughput")]
    pub capacity: TableCapacity,
}

/// How AWS changes a capacity by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct CapacityScaling {
    /// The most units.
    #[aws("application-autoscaling:RegisterScalableTarget.MaxCapacity")]
    pub max: i64,
    /// Percent of the capacity that is to be in use.
    #[aws("application-autoscaling:PutScalingPolicy.TargetTrackingScalingPolicyConfiguration.TargetValue")]
    pub target: i64,
}

impl Table {
    /// The attributes of all its keys, each once, in order of name.
    pub fn key_attributes(&self) -> BTreeSet<&KeyAttribute> {
        let own = std::iter::once(&self.key).chain(&self.sort);
        let local = self.local_indexes.iter().map(|index| &index.sort);
        let global = self.indexes.iter().flat_map(|index| std::iter::once(&index.key).chain(&index.sort));
        own.chain(local).chain(global).collect()
    }

    /// The capacity of one of its global indexes.
    pub fn capacity_of(&self, index: &str) -> Option<&TableCapacity> {
        self.index_capacity.iter().find(|one| one.index == index).map(|one| &one.capacity)
    }
}
