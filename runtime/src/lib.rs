//! The engine: observe what is there, plan what to do, apply it; through one trait, [`Cloud`].
//!
//! [`observe`] lists everything a project owns, concurrently; [`plan`] compares it with the wanted
//! [`asiaq_ir::Ir`] and decides, purely; [`apply`] obeys the plan and fills in only what was unknown. There
//! is no state file: AWS is the state, and tags say whose a resource is. [`Memory`] is a cloud for tests.

mod apply;
mod cloud;
mod event;
mod fleet;
mod foresight;
mod graph;
mod lease;
mod limits;
mod memory;
mod observe;
mod plan;
mod stop;
mod written;
mod traffic;

pub use apply::{Failure, Outcome, Skip, apply};
pub use cloud::{Cloud, CloudError, Create, Delete, Fault, Found, Identity, Listed, Update, each_kind};
pub use event::{Event, Operation, Progress, Verb};
pub use fleet::{Fleet, Group, Host, Sizes};
pub use foresight::{expected, present};
pub use lease::{
    AT_ONCE, Change, Changed, Claim, Clock, Environments, GRACE, Held, Hindrance, Holder, Lease, Leases,
    Loss, Sight, Tenancy, Tenure, look, take, vacancy,
};
pub use limits::Limits;
pub use memory::{Call, Glitch, Memory};
pub use observe::{Observed, confirm_tags, observe, observe_for};
pub use plan::{Action, Cause, Goal, Note, Plan, Reason, Scope, Step, plan};
pub use stop::Stop;
pub use written::{Unreadable, Written};
pub use traffic::{Answer, Listener, Request, Sign, Signal, Verdict};

#[cfg(test)]
mod tests;
