//! The cloud of the engine over the AWS SDK. No other crate uses the SDK.
//!
//! [`Aws`] implements [`asiaq_runtime::Cloud`]: it lists the resources of a project in the IR's form, and creates,
//! changes and deletes one resource at a time. Each kind of resource has a file under `kinds`; what all of AWS has in
//! common (errors, tags, waits, clients) is beside it.

// The environment, the AWS config files and the clock are this crate's business.
#![allow(clippy::disallowed_methods)]
// Arithmetic of times and durations panics on overflow; `clippy.toml` allows that of numbers.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod timeouts;

mod error;
mod operation;
mod operators;
mod service;
mod tags;

mod at_most_once;
mod attempts;
mod clients;
mod clock_skew;
mod rate_limit;
mod rate_limited_client;
mod retries;

mod bakes;
mod batcher;
mod batchers;
mod caller;
mod chaos;
mod listing_cache;
mod region;
mod wait;

mod key_pairs;
mod kinds;
mod tag_batches;
mod tag_index;

mod access_keys;
mod assumed_role;
mod caches;
mod cloud;
mod config;
mod credentials;
mod databases;
mod deploys;
mod documents;
mod fleet;
mod http;
mod images;
mod leases;
mod log_events;
mod machines;
mod permissions;
mod principals;
mod profile;
mod quotas;
mod run_commands;
mod search;
mod secrets;
mod snapshots;
mod tables;

pub use access_keys::{KeyStatus, UserKeys};
pub use assumed_role::AssumedRole;
pub use clock_skew::advice;
pub use config::{Aws, Options};
pub use deploys::Unready;
pub use http::{fetch, post};
pub use kinds::replication_group::snapshot_name as cache_snapshot_name;
pub use kinds::search_domain::LiveSearch;
pub use leases::LEASES;
pub use permissions::{Policy, Purpose, Statement, permissions};
pub use profile::ProfileError;
pub use quotas::AccountUsage;
pub use search::SearchSession;
pub use tables::Tell;
pub use timeouts::Timeouts;
