//! The tests of the whole: one binary, so that it is linked once.

mod boundaries;
mod cli;
#[cfg(feature = "aws")]
mod emulator;
mod spec;
