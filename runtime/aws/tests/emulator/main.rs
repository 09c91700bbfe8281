//! The cloud against an emulator of AWS over loopback, and against replayed answers for what the emulator
//! cannot show.

#![allow(clippy::disallowed_methods, reason = "a test reads files and starts the emulator")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on panics")]

mod account;
mod moto;
mod proxy;
mod replay;

mod alarms;
mod attempts;
mod balancers;
mod buckets;
mod caches;
mod certificates;
mod classic_balancers;
mod clusters;
mod connecting;
mod databases;
mod documents;
mod draining;
mod faults;
mod fleet;
mod gateways;
mod groups;
mod identities;
mod leases;
mod listing;
mod log_groups;
mod operators;
mod peerings;
mod proxying;
mod records;
mod roles;
mod routes;
mod scaling_groups;
mod search_domains;
mod search_indices;
mod search_server;
mod serving;
mod smoke_tests;
mod stages;
mod tables;
mod templates;
mod topics;
mod trails;
mod vpcs;
mod zones;

mod lost;
mod shapes;
mod waiting;
