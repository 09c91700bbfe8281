//! Compiles text to AWS resources: names, types, overrides, address space, proofs, lowering.
//!
//! [`Workspace::load`] reads and parses a project, [`check`] proves it, and [`Checked::lower`] returns the AWS
//! resources it asks for, given what the account already holds. All functions are pure and total: each returns
//! as much as it could evaluate, and a list of diagnostics.

mod address_space;
mod allows;
mod bakes;
mod block;
mod chaos;
mod check;
mod checked;
mod cron;
mod declarations;
mod deploys;
mod disks;
mod dns;
mod errors;
mod evaluate;
mod expect;
mod explain;
#[cfg(test)]
mod fixture;
pub mod graph_svg;
pub mod ide;
mod instance_data;
mod layout;
mod library;
mod linux;
mod log_pattern;
mod logging;
mod lower;
mod model;
mod moves;
mod names;
mod near;
mod needs;
pub mod pages;
mod permission;
mod policies;
mod proof;
pub mod reach;
mod reference;
mod removal;
mod report;
mod resolved;
mod resources;
mod schema;
mod searches;
mod secrets;
mod stand_in;
mod texts;
mod types;
mod typing;
mod unused;
mod value;
mod warnings;
mod window;
mod workspace;

pub use bakes::{Bakery, Base, ImageSharing, Recipe};
pub use check::check;
pub use checked::{Checked, EnvironmentSummary, Lowered, PipelineSummary};
pub use deploys::{Deployable, IntegrationTest};
pub use disks::KeptDisk;
pub use explain::{Explanation, Place, did_you_mean};
pub use layout::ZoneCost;
pub use library::vcpus;
pub use logging::{LogFile, LogRole, Logging};
pub use permission::{DecidingStatement, Permission, PermissionAnswer};
pub use reference::{FieldPage, KindPage, Reference, TemplatePage};
pub use report::{Capacity, EnvironmentCapacity, NetworkCapacity, Part, PoolCapacity};
pub use searches::{ArchiveSummary, SearchSummary};
pub use secrets::{AppAuth, DeclaredSecret, EnvironmentSecrets, Generate};
pub use workspace::{Files, Workspace};
