//! Bakes: instances that become AMIs.

mod leftovers;
mod overlay;
mod recipe;
mod scripts;
mod session;
mod ssh;
mod steps;

pub(crate) use leftovers::Settled;
pub(crate) use recipe::Planned;
pub(crate) use session::{BakeRequest, BakeSession, Baked, bake_session};
pub(crate) use steps::RunOptions;
