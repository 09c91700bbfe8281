//! The engine: observe what is there, plan what to do, apply it; through one trait, [`Cloud`].
//!
//! [`observe`] lists everything a project owns, concurrently; [`plan`] compares it with the wanted
//! [`asiaq_ir::Ir`] and decides, purely; [`apply`] obeys the plan and fills in only what was unknown. There
//! is no state file: AWS is the state, and tags say whose a resource is. [`Memory`] is a cloud for tests.

mod apply;
mod cloud;
mod course;
mod entry;
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
mod strays;
mod tampered;
mod traffic;
mod written;

pub use apply::{Failure, Outcome, Skip, apply};
pub use cloud::{
    Cloud, CloudError, Create, Delete, Fault, Found, Identity, Listed, Tagged, Update, each_kind,
};
pub use course::{Chain, Course, Fate, Span, Wait, Work};
pub use entry::{Attempt, Entry, Happening, Illegible, Which};
pub use event::{Event, Operation, Planned, Progress, Verb};
pub use fleet::{Fleet, Group, Host, Sizes};
pub use foresight::{expected, present};
pub use lease::{
    AT_ONCE, Change, Changed, Claim, Clock, Environments, GRACE, Held, Hindrance, Holder, Lease, Leases,
    Loss, Sight, Tenancy, Tenure, look, take, vacancy,
};
pub use limits::Limits;
pub use memory::{Call, Glitch, Memory};
pub use observe::{Observed, confirm_tags, observe, observe_for};
pub use plan::{Action, Cause, Goal, Note, Plan, Protection, Reason, Refusal, Scope, Step, plan, to_allow};
pub use stop::Stop;
pub use strays::{Strays, take_over};
pub use tampered::{Tampered, tampered};
pub use traffic::{Answer, Listener, Request, Sign, Signal, Verdict};
pub use written::{Unreadable, Written};

#[cfg(test)]
mod tests;
