//! The wanted AWS resources as plain data: the contract between the compiler and the engine.
//!
//! The compiler lowers a checked project to an [`Ir`]: one [`Node`] a resource, each with a stable
//! [`Address`], the [`Resource`] itself, tags and the place in the source it comes from. The engine compares
//! nodes with the resources in AWS, field by field, by the rules each kind states in its [`Schema`].
//! [`Facts`] travel the other way: the existing resources that a lowering must respect.

mod address;
mod declare;
mod document;
mod facts;
mod imagined;
mod ir;
mod kinds;
mod limits;
mod mark;
mod moved;
mod needs;
mod origin;
mod outputs;
mod partition;
pub mod quotas;
mod reference;
mod schema;
mod scope;
mod secrets;
mod tag_keys;
pub mod user_data;
pub mod version;

pub use address::Address;
pub use declare::{Element, Elements, Field, ResourceKind, Summary};
pub use document::document_content;
pub use facts::{
    CertificateFact, Facts, HostedZoneFact, ImageFact, RegionFacts, SnapshotFact, SubnetFact,
    TemplateVersion, Until, VpcFact, VpcOwner, VpnGatewayFact, Waiting, image_name,
};
pub use imagined::Imagined;
pub use ir::{Account, Environment, Ir, KeptSubnets, Node, Rename};
pub use kinds::*;
pub use limits::{Breach, Breaches, Characters, Measured, Problem, Range, Sent, Shape, TagBreach, TagShapes};
pub use mark::Mark;
pub use moved::moved_address;
pub use needs::{ImageQuery, Need, Needs};
pub use origin::Origin;
pub use outputs::{Assigned, Outputs, instance_console};
pub use partition::Partition;
pub use quotas::{Per, Quota};
pub use reference::{Lookup, Ref, lookups, refs, refs_in, resolve, resolve_in};
pub use schema::{Change, Home, Outage, Renamed, Replacement, Risk, Schema, ScopeKind};
pub use scope::{ACCOUNT_SEGMENT, Scope, ScopeRef};
pub use secrets::{SecretPlace, SecretState, SecretStore, is_secret_key_character, secret_key_problem};
pub use tag_keys::{list_tag_keys, listed_tag_keys};

/// Tag with the project of a resource.
pub const PROJECT_TAG: &str = "asiaq:project";
/// Tag with the environment of a resource.
pub const ENV_TAG: &str = "asiaq:env";
/// Tag that names the account of the project that a resource belongs to, if it belongs to no environment.
pub const ACCOUNT_TAG: &str = "asiaq:account";
/// Tag with the [`Address`] of a resource, by which the engine finds its resources.
pub const ADDRESS_TAG: &str = "asiaq:address";
/// Tag with the name of the resource that it is on, as [`Mark`] says: on a copy it names something else.
pub const NAME_TAG: &str = "asiaq:name";
/// Tag of a resource that was created by a further attempt, after the answer to an earlier one was lost: the number of
/// the attempt. Resources of two attempts differ in it.
pub const ATTEMPT_TAG: &str = "asiaq:attempt";
/// Tag of a VPC with the place of the program: the Git remote and the folder in it.
pub const ORIGIN_TAG: &str = "asiaq:origin";
/// Tag with the keys of the optional tags of a resource, as [`list_tag_keys`] lists them, so that a tag that is no longer declared
/// is removed while tags set by others stay.
pub const TAGS_TAG: &str = "asiaq:tags";
/// Tag of a protected resource, and of the VPC of a protected environment: protection outlasts the declaration.
pub const PROTECT_TAG: &str = "asiaq:protect";
/// Key of the tag that says `false` where no backup is taken before the resource is deleted.
pub const FINAL_BACKUP_TAG: &str = "asiaq:final-backup";
/// The table with the leases of a region (DynamoDB), one for all projects.
pub const LEASE_TABLE: &str = "asiaq-leases";
/// Tag with the address that a resource had before its declaration was renamed: it keeps the name that it has in AWS.
pub const MOVED_TAG: &str = "asiaq:moved-from";
/// Tag of a resource that was adopted: the keys of the tags that it got beside asiaq's, as [`list_tag_keys`] lists them.
pub const ADOPTED_TAG: &str = "asiaq:adopted";
/// Tag with the time of creation, UTC, ISO 8601 with microseconds; set once and never compared.
pub const CREATED_TAG: &str = "create_date";
/// Tag of an Auto Scaling group with the number of its stage in the pipeline, from 1: groups are created in this order
/// and deleted in the opposite one.
pub const STAGE_TAG: &str = "asiaq:stage";
/// Tag of an Auto Scaling group with the group metrics that asiaq switched on, separated by spaces. Others are left as
/// they are.
pub const METRICS_TAG: &str = "asiaq:metrics";
/// Tag of a topic whose policy has statements of asiaq: only then is it read.
pub const PUBLISHERS_TAG: &str = "asiaq:publishers";
/// Tag of a cache of which a snapshot is taken before it is deleted.
pub const FINAL_SNAPSHOT_TAG: &str = "asiaq:final-snapshot";
/// Tag of everything in a sandbox, an environment that no program declares: what it is, who has it and when it ends.
pub const SANDBOX_TAG: &str = "asiaq:sandbox";
/// Tag of an Auto Scaling group with the AMI whose instances have passed its smoke test.
pub const TESTED_TAG: &str = "asiaq:tested";
