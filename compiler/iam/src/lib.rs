//! Policies of IAM without AWS: what a policy says, whether it can mean that, and what it allows.
//!
//! [`document`] has policies, from JSON or from any other syntax, with a place for each part; [`table`] has the actions,
//! resource types and condition keys of AWS's services; [`check`] holds a policy against it, and [`evaluate`] says what
//! policies allow. All functions are pure and total.

mod arn;
pub mod check;
pub mod document;
pub mod evaluate;
#[cfg(test)]
mod fixture;
pub mod json;
mod near;
mod pattern;
mod problem;
pub mod table;
mod value;
mod variables;

pub use arn::is_account_id;
pub use problem::{Code, Problem, Severity};
