//! The tables of environments, as `asiaq table` shows them and works with them.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Table};
use asiaq_runtime::{LiveTable, RestoreSource};
use jiff::Timestamp;

/// A table of an environment: declared, in AWS, or both.
#[derive(Clone, Debug)]
pub(crate) struct EnvTable {
    pub(crate) env: String,
    pub(crate) region: String,
    /// Where it is declared.
    pub(crate) address: Option<Address>,
    /// Its name in AWS.
    pub(crate) aws: String,
    pub(crate) declared: Option<(Table, BTreeMap<String, String>)>,
    pub(crate) live: Option<LiveTable>,
}

/// A restore that can begin.
#[derive(Clone, Debug)]
pub(crate) struct Restoring {
    pub(crate) source: RestoreSource,
    /// What it is made from, as people say it.
    pub(crate) from: String,
    pub(crate) target: EnvTable,
    /// Whether AWS is doing it already.
    pub(crate) is_begun: bool,
    /// What AWS does not restore.
    pub(crate) missing: Vec<&'static str>,
}

impl EnvTable {
    /// The name of its declaration, otherwise that in AWS.
    pub(crate) fn name(&self) -> &str {
        let declared = self.address.as_ref().and_then(|address| address.as_str().rsplit('/').next());
        declared.unwrap_or(&self.aws)
    }
}

/// A second since 1970 as people write it.
pub(crate) fn moment(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |moment| moment.to_string())
}
