//! Policies of IAM without AWS: what a policy says, whether it can mean that, and what it allows.
//!
//! [`document`] has policies, from JSON or from any other syntax, with a place for each part; [`table`] has the actions,
//! resource types and condition keys of AWS's services. All functions are pure and total.

pub mod document;
#[cfg(test)]
mod fixture;
mod near;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "policies are compared with it, which are not evaluated yet")
)]
mod pattern;
mod problem;
pub mod table;
mod value;

pub use problem::{Code, Problem, Severity};
