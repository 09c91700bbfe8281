//! What is wanted: AWS resources as plain data, the contract between the compiler and the engine.
//!
//! The compiler lowers a checked project to an [`Ir`]: one [`Node`] a resource, each with a stable
//! [`Address`], the [`Resource`] itself, tags and the place in the source it comes from. The engine compares
//! nodes with what it finds in AWS, field by field, by the rules each kind states in its [`Schema`].
//! [`Facts`] travel the other way: what the account already holds that a lowering has to respect.

mod address;
mod facts;
mod ir;
mod kinds;
mod origin;
mod reference;
mod schema;
mod scope;

pub use address::Address;
pub use facts::{
    CertificateFact, Facts, HostedZoneFact, ImageFact, Need, RegionFacts, SnapshotFact, SubnetFact, VpcFact,
    VpnGatewayFact,
};
pub use ir::{Environment, Ir, Node};
pub use kinds::{
    Alarm, AutoScalingGroup, BalancerFamily, ClassicHealthCheck, ClassicListener, ClassicLoadBalancer,
    DhcpOptions, Dimension, DimensionValue, Disk, ElasticIp, GatewayEndpoint, GroupRule, GroupSize, Health,
    HostedZone, IngressRules, InternetGateway, Kind, LaunchTemplate, Listener, LoadBalancer, LogGroup,
    MetricFilter, NatGateway, NetworkInterface, PeeringConnection, Protocol, RecordSet, RecordTarget,
    Resource, Route, RouteTable, Scaling, ScalingPolicy, ScalingStep, Schedule, Scheme, SecurityGroup,
    Service, SmokeCheck, SmokeTest, Source, Spot, Stickiness, Subnet, Subscription, TargetGroup,
    TargetHealthCheck, Topic, Vpc, VpnAttachment,
};
pub use origin::Origin;
pub use reference::{Lookup, Ref, refs, refs_in, resolve, resolve_in};
pub use schema::{Change, Replacement, Risk, Schema};
pub use scope::{ACCOUNT_SEGMENT, Scope, ScopeRef};

/// Tag that names the project a resource belongs to.
pub const PROJECT_TAG: &str = "asiaq:project";
/// Tag that names the environment a resource belongs to.
pub const ENV_TAG: &str = "asiaq:env";
/// Tag that carries the [`Address`] of a resource: how the engine knows its own.
pub const ADDRESS_TAG: &str = "asiaq:address";
/// Tag that lists, separated by spaces, the keys of the optional tags of a resource, so that one that is
/// no longer declared is taken off while tags set by others stay.
pub const TAGS_TAG: &str = "asiaq:tags";
/// Tag of what is protected, and of a VPC whose environment is: protection outlasts the declaration.
pub const PROTECT_TAG: &str = "asiaq:protect";
/// Tag with the time of creation, UTC, ISO 8601 with microseconds; set once and never compared.
pub const CREATED_TAG: &str = "create_date";
/// Tag of an autoscaling group with the number of the pipeline's stage it runs in, from 1: groups are made in
/// this order and go in the opposite one.
pub const STAGE_TAG: &str = "asiaq:stage";
/// Tag of an autoscaling group with the image whose machines have passed its smoke test.
pub const TESTED_TAG: &str = "asiaq:tested";
