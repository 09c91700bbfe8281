//! Policies of IAM without AWS: what a policy says, whether it can mean that, and what it allows.
//!
//! [`table`] has the actions, resource types and condition keys of AWS's services. All functions are pure and total.

mod near;
#[cfg_attr(not(test), expect(dead_code, reason = "policies are compared with it, which are not read yet"))]
mod pattern;
pub mod table;
