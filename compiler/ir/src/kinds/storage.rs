//! What an account keeps and records: buckets (S3), trails (CloudTrail) and documents (Systems Manager).

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A bucket (S3). Its id is its name.
///
/// AWS keeps each of its settings as a document that is written as a whole. asiaq owns them whole, so that what nobody
/// declares is taken away; of the notifications only those whose id begins with `asiaq-`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "s3:::{id}", console = "s3/buckets/{id}?region={region}", fields(name)))]
#[resource(outage(seconds = 60, what = "its objects are gone"))]
// The name is free for everybody afterwards.
#[resource(scope = Account, deletion = DataLoss, summary(name))]
#[aws(tags = "s3:CreateBucket.CreateBucketConfiguration.Tags", own_tags = 1)]
pub struct Bucket {
    /// Its name, unique among those of all accounts: `us-west-2.shop.logs.audit`.
    #[resource(replace = "AWS cannot rename a bucket", exclusive)]
    #[aws("s3:CreateBucket.Bucket")]
    pub name: String,
    /// Whether versions of objects are kept. AWS suspends what was once on, and keeps the versions.
    #[resource(decrease_risk = Disruptive)]
    #[aws("s3:PutBucketVersioning.VersioningConfiguration.Status")]
    pub versioning: bool,
    /// Whether objects can be locked.
    #[resource(
        create_only = "AWS never takes object lock from a bucket, and asiaq gives it only to a new one"
    )]
    #[aws("s3:CreateBucket.ObjectLockEnabledForBucket")]
    pub object_lock: bool,
    /// How long new objects are locked.
    #[aws("s3:PutObjectLockConfiguration.ObjectLockConfiguration.Rule.DefaultRetention", if_set)]
    pub retention: Option<Retention>,
    /// How objects are encrypted that do not say it themselves.
    #[aws("s3:PutBucketEncryption.ServerSideEncryptionConfiguration")]
    pub encryption: Encryption,
    /// What of public access is blocked.
    #[resource(in_place = Disruptive)]
    #[aws("s3:PutPublicAccessBlock.PublicAccessBlockConfiguration")]
    pub access_block: AccessBlock,
    /// Who owns objects that others write: `BucketOwnerEnforced`, without ACLs; `BucketOwnerPreferred`; `ObjectWriter`.
    #[resource(in_place = Disruptive)]
    #[aws("s3:CreateBucket.ObjectOwnership")]
    pub ownership: String,
    /// Its policy, as `asiaq-iam` writes it.
    #[resource(in_place = Disruptive)]
    #[aws("s3:PutBucketPolicy.Policy", if_set)]
    pub policy: Option<String>,
    /// Grants of its ACL beside that of the owner.
    #[resource(elements(removed = Disruptive))]
    #[aws("s3:PutBucketAcl.AccessControlPolicy.Grants")]
    pub grants: BTreeSet<Grant>,
    /// What happens to objects as they grow older.
    // A rule that deletes objects has a greater risk: see the planner.
    #[resource(elements)]
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules")]
    pub lifecycle: BTreeSet<LifecycleRule>,
    /// Where requests are logged.
    #[aws("s3:PutBucketLogging.BucketLoggingStatus.LoggingEnabled", if_set)]
    pub logging: Option<AccessLogs>,
    /// Which pages of other origins may use it; the first rule that fits decides.
    #[resource(in_place = Disruptive)]
    #[aws("s3:PutBucketCors.CORSConfiguration.CORSRules")]
    pub cors: Vec<CorsRule>,
    /// How it serves a website.
    #[resource(in_place = Disruptive)]
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration", if_set)]
    pub website: Option<Website>,
    /// The topics that are told of events.
    #[resource(elements(changed = Disruptive, removed = Disruptive))]
    #[aws("s3:PutBucketNotificationConfiguration.NotificationConfiguration.TopicConfigurations")]
    pub notifications: BTreeSet<Notification>,
    /// Where new objects are copied to.
    #[resource(in_place = Disruptive)]
    #[aws("s3:PutBucketReplication.ReplicationConfiguration", if_set)]
    pub replication: Option<Replication>,
}

/// How long new objects of a [`Bucket`] with object lock are locked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct Retention {
    /// `GOVERNANCE`, which a permission overrides, or `COMPLIANCE`, which nothing does.
    #[aws("s3:PutObjectLockConfiguration.ObjectLockConfiguration.Rule.DefaultRetention.Mode")]
    pub mode: String,
    /// Days, of which a year has 365.
    #[aws("s3:PutObjectLockConfiguration.ObjectLockConfiguration.Rule.DefaultRetention.Days")]
    pub days: u32,
}

/// How a [`Bucket`] encrypts objects that do not say it themselves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct Encryption {
    /// `AES256`, which is AWS's default, `aws:kms` or `aws:kms:dsse`.
    #[aws(
        "s3:PutBucketEncryption.ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.SSEAlgorithm"
    )]
    pub algorithm: String,
    /// Id, ARN or alias of a KMS key; AWS's own where absent.
    #[aws(
        "s3:PutBucketEncryption.ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.KMSMasterKeyID"
    )]
    pub key: Option<String>,
    /// Whether an S3 Bucket Key is used, which saves calls of KMS.
    #[aws("s3:PutBucketEncryption.ServerSideEncryptionConfiguration.Rules.BucketKeyEnabled")]
    pub bucket_key: bool,
}

/// What of public access to a [`Bucket`] is blocked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these four")]
pub struct AccessBlock {
    /// New ACLs that allow it are refused.
    #[aws("s3:PutPublicAccessBlock.PublicAccessBlockConfiguration.BlockPublicAcls")]
    pub block_acls: bool,
    /// ACLs that allow it have no effect.
    #[aws("s3:PutPublicAccessBlock.PublicAccessBlockConfiguration.IgnorePublicAcls")]
    pub ignore_acls: bool,
    /// Policies that allow it are refused.
    #[aws("s3:PutPublicAccessBlock.PublicAccessBlockConfiguration.BlockPublicPolicy")]
    pub block_policy: bool,
    /// A policy that allows it allows access to the account and to AWS's services alone.
    #[aws("s3:PutPublicAccessBlock.PublicAccessBlockConfiguration.RestrictPublicBuckets")]
    pub restrict_buckets: bool,
}

/// A grant of the ACL of a [`Bucket`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Grant {
    /// The canonical id of an account, or the URI of a group, such as that of log delivery.
    #[element(key)]
    #[aws("s3:PutBucketAcl.AccessControlPolicy.Grants.Grantee.ID")]
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    #[element(key)]
    #[aws("s3:PutBucketAcl.AccessControlPolicy.Grants.Permission")]
    pub permission: String,
}

/// What happens to some objects of a [`Bucket`] as they grow older.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct LifecycleRule {
    /// Its name, unique in the bucket.
    #[element(key)]
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.ID")]
    pub id: String,
    /// Whether it is in force.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Status")]
    pub enabled: bool,
    /// Prefix of the keys of the objects; empty for all.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Filter.Prefix")]
    pub prefix: String,
    /// Tags that the objects have.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Filter.And.Tags")]
    pub tags: BTreeMap<String, String>,
    /// Only objects larger than this number of bytes.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Filter.ObjectSizeGreaterThan")]
    pub larger: Option<i64>,
    /// Only objects smaller than this number of bytes.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Filter.ObjectSizeLessThan")]
    pub smaller: Option<i64>,
    /// Days after which they are deleted; in a bucket with versions they become noncurrent.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Expiration.Days")]
    pub expire: Option<u32>,
    /// The day on which they are deleted: `2027-01-31`.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Expiration.Date")]
    pub expire_on: Option<String>,
    /// Whether delete markers are deleted that have no versions left.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Expiration.ExpiredObjectDeleteMarker"
    )]
    pub expire_markers: bool,
    /// Days after which noncurrent versions are deleted.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NoncurrentDays"
    )]
    pub expire_noncurrent: Option<u32>,
    /// Noncurrent versions that are kept all the same.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NewerNoncurrentVersions"
    )]
    pub keep_noncurrent: Option<u32>,
    /// Days after which an upload in parts that was not completed is given up.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.AbortIncompleteMultipartUpload.DaysAfterInitiation"
    )]
    pub abort_uploads: Option<u32>,
    /// When they move to other storage classes.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Transitions")]
    pub transitions: BTreeSet<Transition>,
    /// When noncurrent versions move to other storage classes.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.NoncurrentVersionTransitions")]
    pub noncurrent_transitions: BTreeSet<NoncurrentTransition>,
}

impl LifecycleRule {
    /// Whether the rule deletes something that is there.
    pub fn deletes(&self) -> bool {
        let is_set = self.expire.is_some() || self.expire_on.is_some() || self.expire_noncurrent.is_some();
        self.enabled && is_set
    }
}

/// A move of objects to another storage class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct Transition {
    /// The class, such as `GLACIER`.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Transitions.StorageClass")]
    pub class: String,
    /// Days after the object was made.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Transitions.Days")]
    pub after: Option<u32>,
    /// The day on which they move: `2027-01-31`.
    #[aws("s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.Transitions.Date")]
    pub on: Option<String>,
}

/// A move of noncurrent versions to another storage class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct NoncurrentTransition {
    /// The class, such as `GLACIER`.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.NoncurrentVersionTransitions.StorageClass"
    )]
    pub class: String,
    /// Days after a newer version took its place.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.NoncurrentVersionTransitions.NoncurrentDays"
    )]
    pub after: u32,
    /// Noncurrent versions that stay.
    #[aws(
        "s3:PutBucketLifecycleConfiguration.LifecycleConfiguration.Rules.NoncurrentVersionTransitions.NewerNoncurrentVersions"
    )]
    pub keep: Option<u32>,
}

/// Where requests to a [`Bucket`] are logged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct AccessLogs {
    /// A bucket in the same region and account.
    #[aws("s3:PutBucketLogging.BucketLoggingStatus.LoggingEnabled.TargetBucket")]
    pub bucket: Ref,
    /// Prefix of the keys of the logs.
    #[aws("s3:PutBucketLogging.BucketLoggingStatus.LoggingEnabled.TargetPrefix")]
    pub prefix: String,
}

/// What pages of other origins may do with a [`Bucket`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[aws(shown = "CORS rule")]
pub struct CorsRule {
    /// Methods: `GET`, `PUT`, `POST`, `DELETE`, `HEAD`.
    #[aws("s3:PutBucketCors.CORSConfiguration.CORSRules.AllowedMethods")]
    pub methods: BTreeSet<String>,
    /// Origins, with at most one `*`.
    #[aws("s3:PutBucketCors.CORSConfiguration.CORSRules.AllowedOrigins")]
    pub origins: BTreeSet<String>,
    /// Headers of the request, with at most one `*` each.
    #[aws("s3:PutBucketCors.CORSConfiguration.CORSRules.AllowedHeaders")]
    pub headers: BTreeSet<String>,
    /// Headers of the answer that the page may read.
    #[aws("s3:PutBucketCors.CORSConfiguration.CORSRules.ExposeHeaders")]
    pub expose: BTreeSet<String>,
    /// Seconds that a browser keeps the answer.
    #[aws("s3:PutBucketCors.CORSConfiguration.CORSRules.MaxAgeSeconds")]
    pub max_age: Option<u32>,
}

/// How a [`Bucket`] serves a website.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct Website {
    /// The page of a folder: `index.html`; absent where all requests are redirected.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.IndexDocument.Suffix", if_set)]
    pub index: Option<String>,
    /// The key of the page for what is not there.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.ErrorDocument.Key", if_set)]
    pub error: Option<String>,
    /// The host that all requests are redirected to, with `https://` or `http://` before it where that matters.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RedirectAllRequestsTo.HostName", if_set)]
    pub redirect: Option<String>,
    /// Requests that are redirected, in order.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules")]
    pub rules: Vec<RoutingRule>,
}

/// Requests to a [`Website`] that are redirected, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct RoutingRule {
    /// Only keys with this prefix.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules.Condition.KeyPrefixEquals")]
    pub prefix: Option<String>,
    /// Only requests that end in this HTTP status.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules.Condition.HttpErrorCodeReturnedEquals")]
    pub error: Option<String>,
    /// Another host, with `https://` or `http://` before it where that matters.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules.Redirect.HostName")]
    pub host: Option<String>,
    /// What takes the place of the prefix of the key.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules.Redirect.ReplaceKeyPrefixWith")]
    pub replace_prefix: Option<String>,
    /// What takes the place of the key.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules.Redirect.ReplaceKeyWith")]
    pub replace_key: Option<String>,
    /// The HTTP status of the answer: `301` where absent.
    #[aws("s3:PutBucketWebsite.WebsiteConfiguration.RoutingRules.Redirect.HttpRedirectCode")]
    pub status: Option<String>,
}

/// A topic that is notified of events in a [`Bucket`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Notification {
    /// Its name, unique in the bucket. AWS has it with `asiaq-` before it.
    #[element(key)]
    #[aws(
        "s3:PutBucketNotificationConfiguration.NotificationConfiguration.TopicConfigurations.Id",
        plus = 6
    )]
    pub id: String,
    /// The topic, whose policy allows S3 to publish.
    #[aws("s3:PutBucketNotificationConfiguration.NotificationConfiguration.TopicConfigurations.TopicArn")]
    pub topic: Ref,
    /// Events, such as `s3:ObjectCreated:*`.
    #[aws("s3:PutBucketNotificationConfiguration.NotificationConfiguration.TopicConfigurations.Events")]
    pub events: BTreeSet<String>,
    /// Only keys with this prefix; empty for all.
    #[aws(
        "s3:PutBucketNotificationConfiguration.NotificationConfiguration.TopicConfigurations.Filter.Key.FilterRules.Value"
    )]
    pub prefix: String,
    /// Only keys with this suffix; empty for all.
    #[aws(
        "s3:PutBucketNotificationConfiguration.NotificationConfiguration.TopicConfigurations.Filter.Key.FilterRules.Value"
    )]
    pub suffix: String,
}

/// Where new objects of a [`Bucket`] are copied to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct Replication {
    /// ARN of the role that copies them.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Role")]
    pub role: String,
    /// Which objects go where.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules")]
    pub rules: BTreeSet<ReplicationRule>,
}

/// Some objects of a [`Bucket`] and where they are copied to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
pub struct ReplicationRule {
    /// Its name, unique in the bucket.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.ID")]
    pub id: String,
    /// Which rule decides where several fit: the highest.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.Priority")]
    pub priority: u32,
    /// Prefix of the keys of the objects; empty for all.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.Filter.Prefix")]
    pub prefix: String,
    /// Name of the bucket with the copies. It is no reference, so that two buckets can copy to each other.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.Destination.Bucket")]
    pub bucket: String,
    /// The account of that bucket, which then owns the copies; absent where the owner of the objects does.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.Destination.Account")]
    pub account: Option<String>,
    /// Storage class of the copies; that of the objects where absent.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.Destination.StorageClass")]
    pub class: Option<String>,
    /// Whether delete markers are copied.
    #[aws("s3:PutBucketReplication.ReplicationConfiguration.Rules.DeleteMarkerReplication.Status")]
    pub markers: bool,
}

/// A trail (CloudTrail), which records calls in a bucket. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", console = "cloudtrailv2/home?region={region}#/trails/{id}", fields(name)))]
#[resource(outage(seconds = 60, what = "no calls are recorded"))]
#[resource(scope = Account, summary(name))]
#[aws(tags = "cloudtrail:CreateTrail.TagsList", own_tags = 1)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these")]
pub struct Trail {
    /// Its name, unique in account and region: `main`.
    #[resource(replace = "AWS cannot rename a trail", exclusive)]
    #[aws("cloudtrail:CreateTrail.Name")]
    pub name: String,
    /// The bucket, which may be another account's. Its policy allows CloudTrail to write.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("cloudtrail:CreateTrail.S3BucketName")]
    pub bucket: Ref,
    /// Prefix of the keys of its files, before `AWSLogs/`.
    #[resource(in_place = Disruptive)]
    #[aws("cloudtrail:CreateTrail.S3KeyPrefix")]
    pub prefix: Option<String>,
    /// Whether it records the calls of every region.
    #[resource(decrease_risk = Disruptive)]
    #[aws("cloudtrail:CreateTrail.IsMultiRegionTrail")]
    pub multi_region: bool,
    /// Whether it records the calls of services without regions, such as IAM.
    #[resource(decrease_risk = Disruptive)]
    #[aws("cloudtrail:CreateTrail.IncludeGlobalServiceEvents")]
    pub global_events: bool,
    /// Whether it is for every account of the organization.
    #[resource(decrease_risk = Disruptive)]
    #[aws("cloudtrail:CreateTrail.IsOrganizationTrail")]
    pub organization: bool,
    /// Whether it writes digests that prove that its files are as it wrote them.
    #[resource(decrease_risk = Disruptive)]
    #[aws("cloudtrail:CreateTrail.EnableLogFileValidation")]
    pub validation: bool,
    /// ARN of the KMS key of its files.
    #[aws("cloudtrail:CreateTrail.KmsKeyId")]
    pub kms_key: Option<String>,
    /// ARN of a log group that gets the events too, with `:*` at its end.
    #[resource(in_place = Disruptive)]
    #[aws("cloudtrail:CreateTrail.CloudWatchLogsLogGroupArn")]
    pub log_group: Option<String>,
    /// ARN of the role that writes to the log group.
    #[aws("cloudtrail:CreateTrail.CloudWatchLogsRoleArn")]
    pub log_role: Option<String>,
    /// A topic that is notified of each new file.
    #[aws("cloudtrail:CreateTrail.SnsTopicName")]
    pub topic: Option<Ref>,
    /// Whether it records. A new trail does not before it is started.
    #[resource(decrease_risk = Disruptive, initial = false)]
    #[aws("cloudtrail:StartLogging.Name")]
    pub logging: bool,
    /// The management events that it records: `All`, `ReadOnly`, `WriteOnly`; absent for none.
    #[resource(in_place = Disruptive, initial = Some("All".to_owned()))]
    #[aws("cloudtrail:PutEventSelectors.EventSelectors.ReadWriteType", if_set)]
    pub management: Option<String>,
    /// The data events that it records.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("cloudtrail:PutEventSelectors.EventSelectors.DataResources")]
    pub data: BTreeSet<DataEvents>,
}

/// Events of the data of resources that a [`Trail`] records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct DataEvents {
    /// `AWS::S3::Object`, `AWS::Lambda::Function` or `AWS::DynamoDB::Table`.
    #[serde(rename = "type")]
    #[element(key)]
    #[aws("cloudtrail:PutEventSelectors.EventSelectors.DataResources.Type")]
    pub of: String,
    /// ARNs, or the beginning of those of all.
    #[aws("cloudtrail:PutEventSelectors.EventSelectors.DataResources.Values")]
    pub resources: BTreeSet<String>,
}

/// A document (Systems Manager). Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(
    arn = "ssm:{region}:{account}:document/{id}",
    console = "systems-manager/documents/{id}/content?region={region}"
))]
#[resource(outage(seconds = 5, what = "it cannot be run"))]
#[resource(scope = Account, summary(name))]
#[aws(tags = "ssm:CreateDocument.Tags", own_tags = 1)]
pub struct Document {
    /// Its name, unique in account and region: `shop-restart`.
    #[resource(replace = "AWS cannot rename a document", exclusive)]
    #[aws("ssm:CreateDocument.Name")]
    pub name: String,
    /// `Command`, `Automation`, `Session`, `Policy`, ….
    #[serde(rename = "type")]
    #[resource(replace = "AWS cannot change the type of a document")]
    #[aws("ssm:CreateDocument.DocumentType")]
    pub of: String,
    /// `JSON`, `YAML` or `TEXT`.
    #[aws("ssm:CreateDocument.DocumentFormat")]
    pub format: String,
    /// The content of its default version, as [`document_content`](crate::document_content) writes it. Another content
    /// becomes a new version.
    #[resource(in_place = Disruptive)]
    #[aws("ssm:CreateDocument.Content")]
    pub content: String,
    /// The type of resource that it is for, such as `/AWS::EC2::Instance`; any where absent.
    #[aws("ssm:CreateDocument.TargetType")]
    pub target: Option<String>,
}
