//! The engine: observes AWS, plans changes and applies them, all through one trait, [`Cloud`].
//!
//! [`observe()`] lists the resources of a project concurrently. [`plan()`] compares them with the wanted
//! [`asiaq_ir::Ir`] and is a pure function. [`apply()`] carries out the plan and fills in only the AWS ids that were
//! unknown. There is no state file: AWS is the state, and tags record ownership. [`Memory`] is a cloud for tests.

// Arithmetic of times and durations panics on overflow; `clippy.toml` allows that of numbers.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod access_keys;
mod accounts;
mod adoption;
mod apply;
mod bakes;
mod caches;
mod cancellation;
mod chaos;
mod cloud;
mod confirm_tags;
mod conflicts;
mod databases;
mod deploys;
mod digest;
mod documents;
mod event;
mod event_log;
mod fleet;
mod graph;
mod image_shares;
mod images;
mod inventory;
mod key_pairs;
mod last_applied;
mod lease;
mod limits;
mod log_events;
mod memory;
mod moment;
mod observe;
mod operators;
mod origin;
mod ownership;
mod plan;
mod principals;
mod projection;
mod quotas;
mod run_commands;
mod run_trace;
mod sandboxes;
mod search;
mod secrets;
mod selector;
mod snapshots;
mod tables;
mod tag_integrity;
mod telemetry;
mod unmanaged;
mod unread;

pub use access_keys::{AccessKey, NewAccessKey, Retired, Rotation, Unclear};
pub use accounts::{Accounts, Member, Stray};
pub use adoption::{
    Adopted, Adoption, Ambiguous, Candidates, Manager, Match, Refused, Removal, as_adopted, compared, fits,
    manager, releases, reveal_adopted,
};
pub use apply::{Failure, Outcome, Skip, apply};
pub use bakes::{
    BAKE_TAG, BAKED_FROM_TAG, BAKERY_TAG, BakeInstance, BakeKey, BakeLaunch, BakePlace, Baked, BakedImage,
    PlannedBake, SettledBake,
};
pub use caches::ProjectCache;
pub use cancellation::CancellationToken;
pub use chaos::{
    CHAOS_TAG, ChaosGroup, ChaosMachine, ChaosPlan, ChaosRule, ChaosShare, ChaosTerms, ChaosVictim, Share,
    is_between, is_working_day,
};
pub use cloud::{
    Cloud, CloudError, Create, Delete, Fault, Found, Identity, Intent, Listed, Result, Serving, Tagged,
    Unread, Update, each_kind,
};
pub use confirm_tags::confirm_tags;
pub use conflicts::{Conflicts, forecasts, take_over};
pub use databases::{
    ClusterInstance, DatabaseData, DatabaseDetails, DatabaseSnapshot, Expiry, ProjectDatabase, Taken,
    clone_snapshot,
};
pub use deploys::{
    DEPLOY_OF_TAG, DEPLOY_TAG, DEPLOY_TAGS, DEPLOYED_TAG, DeployEnd, DeployGroup, DeployMachine, DeployPhase,
    DeployPlace, DeployRecord, DeployStatus, DeployStrategy, Deployed, InstanceRefresh, PlannedDeploy,
    RefreshState, is_retired,
};
pub use documents::{AccountDocument, DocumentOwner, DocumentText};
pub use event::{Event, Operation, Planned, Progress, Verb};
pub use event_log::{Attempt, LogRecord, OperationRef, ParseError, RunEvent};
pub use fleet::{Fleet, Group, Host, RaisedAlarm, Sizes};
pub use image_shares::{
    ImageDisk, ImageShares, SHARED_TAG, SHARING_TAG, ShareStep, refused_share, shares, unshares,
};
pub use images::{HostclassImage, ImageExpiry, Straggler, newest, stragglers};
pub use inventory::{Entry, Standing, inventory};
pub use key_pairs::KeyPair;
pub use last_applied::{LastApplied, Unreadable};
pub use lease::{
    AT_ONCE, AcquireError, Change, Changed, Clock, GRACE, Grant, Held, Holder, Lease, LeaseGuard, LeaseLost,
    LeaseRequest, LeaseSnapshot, Leases, Scopes, look, take, wait_until_free,
};
pub use limits::Limits;
pub use log_events::{LogEvent, LogFollower};
pub use memory::{Call, InjectedFault, Memory};
pub use moment::{earlier, later};
pub use observe::{Observed, observe, observe_for};
pub use operators::{LiveOperator, operator_differences};
pub use origin::{OtherOrigin, check_origin, write_origin};
pub use ownership::{Double, Escaped, Foreign, Strange, doubles, own_name, tag_value};
pub use plan::{
    Action, Cause, Coverage, Goal, Interruption, Interruptions, Note, Outlook, Plan, Protection, Reason,
    Refusal, RenamedEnvironments, Step, as_moved, keep_unseen, only_renames, plan, to_allow,
};
pub use principals::{HeldPolicy, Owner, Principal, PrincipalKind};
pub use projection::{current_ir, planned_ir};
pub use quotas::{Area, Basis, Count, Counted, Counts, Headroom, Size, Usage, counts, headroom};
pub use run_commands::{Invocation, InvocationStep, RunCommand, StepOutput, parameters_of};
pub use run_trace::{Chain, Completion, RunTrace, Span, Wait, Work};
pub use sandboxes::{LiveSandbox, Sandbox, sandboxes};
pub use search::{
    Archive, Archiving, Grooming, Restoring, SearchIndex, SearchSnapshot, SearchSpace, SearchState,
    SnapshotState, is_index_day,
};
pub use secrets::{NewSecret, SecretValue, SecretVersion, SecretWritten, StoredSecret};
pub use selector::{Selector, SelectorPart, Unselected};
pub use snapshots::{
    DiskVolume, HostclassSnapshot, SnapshotExpiry, TEMPORARY_BY_TAG, TEMPORARY_TAG, TemporaryVolume,
    mark_next,
};
pub use tables::{
    ExportTarget, LiveTable, Recovery, RestoreSource, Restored, TableBackup, TableExport, TableShape,
};
pub use tag_integrity::{TagIntegrityError, check_tag_integrity};
pub use telemetry::{Answer, CallEvent, CallEventKind, Observer, Request, Verdict};
pub use unmanaged::{Keeper, Others, Sighting, Sort, Unmanaged, unmanaged};
pub use unread::{may_own, missing_facts, needed_listing, unread_kinds};

#[cfg(test)]
mod tests;
