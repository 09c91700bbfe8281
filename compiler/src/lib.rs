//! From text to what is wanted: names, types, overrides, address space, proofs, lowering.
//!
//! [`Workspace::load`] reads and parses a project, [`check`] proves it, [`Checked::lower`] says which AWS
//! resources it asks for, given what the account already holds. All of it is pure and total: what could be
//! understood, and a list of diagnostics.

mod allows;
mod block;
mod checked;
mod declarations;
mod errors;
mod evaluate;
mod expect;
mod explain;
pub mod ide;
mod layout;
mod library;
mod lower;
mod model;
mod names;
mod needs;
pub mod pages;
pub mod picture;
mod proof;
pub mod reach;
mod reference;
mod removal;
mod report;
mod schema;
mod space;
mod types;
mod typing;
mod value;
mod warnings;
mod workspace;

pub use checked::{Checked, EnvironmentSummary, Lowered, PipelineSummary, check};
pub use explain::{Explanation, Place, did_you_mean};
pub use reference::{FieldPage, KindPage, Reference, TemplatePage};
pub use report::{Capacity, EnvironmentCapacity, NetworkCapacity, Part, PoolCapacity};
pub use workspace::{Files, Workspace};
