//! The tests of the whole: one binary, so that it is linked once.

// A test may fail loudly, and works on real files.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod boundaries;
mod cli;
#[cfg(feature = "aws")]
mod compatibility;
mod docs;
mod editors;
#[cfg(feature = "aws")]
mod emulator;
#[cfg(feature = "aws")]
mod examples;
mod fixes;
mod generator;
mod habits;
mod helps;
#[cfg(feature = "aws")]
mod limits;
#[cfg(unix)]
mod logs;
mod lsp;
mod mentions;
mod packaging;
mod programs;
#[cfg(feature = "aws")]
mod readme;
#[cfg(feature = "aws")]
#[path = "generator/reference.rs"]
mod reference;
mod refusals;
mod spec;
#[cfg(feature = "aws")]
mod stdlib;
mod toy_kind;
mod words;
