//! The engine against the cloud in memory.

mod apply;
mod converge;
mod drift;
mod entry;
mod foresight;
mod leases;
mod machines;
mod memory;
mod plan;
mod tags;
mod world;
