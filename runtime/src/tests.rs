//! The engine against the cloud in memory.

mod apply;
mod converge;
mod drift;
mod event_log;
mod failing;
mod leases;
mod lowering;
mod machines;
mod memory;
mod plan;
mod projection;
mod tags;
mod world;
