//! Tests of the engine against the in-memory cloud.

mod adoption;
mod apply;
mod converge;
mod drift;
mod event_log;
mod every_field;
mod failing;
mod foreign;
mod identities;
mod interruptions;
mod leases;
mod listener_rules;
mod lowering;
mod machines;
mod memory;
mod plan;
mod projection;
mod renamed_environments;
mod renames;
mod risk;
mod switches;
mod tags;
mod world;
