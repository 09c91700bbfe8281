//! Deploys: a new AMI of a hostclass takes the place of the old one, tested before it gets traffic.
//!
//! What is under way is written down in the tags of the group that is replaced, each phase before its first change, so that
//! the next run goes on or back from there.

mod carry_out;
mod choice;
mod failed;
mod open;
mod plans;
mod rolling;
mod session;
mod sharing;
mod steps;
mod target;
mod test_run;
mod tickets;
mod traffic;

pub(crate) use choice::Pick;
pub(crate) use failed::Way as DeployWay;
pub(crate) use open::Imagined;
pub(super) use open::leave_to_deploys;
pub(crate) use session::{DeployRequest, DeploySession, deploy_session};
pub(crate) use target::Target;
pub(crate) use tickets::Ticket;
