//! Every call of an apply, an update and a destroy goes wrong once, in each of the ways in which calls go wrong: the
//! same run or the next one arrives, nothing is there twice, and nothing is left behind.

mod census;
mod each;
mod program;
mod random;
pub(crate) mod world;
