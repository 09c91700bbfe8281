//! The cloud of the engine over the AWS SDK: the only crate that knows it.
//!
//! [`Aws`] implements [`asiaq_runtime::Cloud`]: it lists what a project owns in the IR's form, and makes,
//! changes and deletes one resource at a time. What is particular to a kind of resource is in its own file
//! under `kinds`; what AWS has in common (errors, tags, waiting, clients) is beside it.

// The environment, the AWS config files and the clock are this crate's business.
#![allow(clippy::disallowed_methods)]

mod attempts;
mod config;
mod crowd;
mod once;
mod pace;
mod paced;
mod retries;

mod error;
mod gather;
mod tag_batches;
mod tag_index;
mod tags;
mod wait;

mod kinds;
mod region;
mod survey;

mod cloud;
mod fleet;
mod leases;
mod permissions;

pub use config::{Aws, Options, Patience};
pub use leases::LEASES;
pub use permissions::{Policy, Purpose, Statement, permissions};
