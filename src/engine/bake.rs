//! Bakes: instances that become AMIs.

mod leftovers;
mod logs;
mod overlay;
mod placeholders;
mod recipe;
mod scripts;
mod session;
mod ssh;
mod steps;

pub(crate) use session::{BakeRequest, BakeSession, bake_session};
pub(crate) use steps::RunOptions;
