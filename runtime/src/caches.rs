//! Caches of a project, as `asiaq cache` shows them.

use serde::Serialize;

/// A cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectCache {
    /// Its environment.
    pub environment: String,
    /// Its address.
    pub address: String,
    /// Its id in AWS.
    pub id: String,
    /// Its description, by which people know it; none with Memcached.
    pub description: Option<String>,
    /// Its engine.
    pub engine: String,
    /// Its version in force.
    pub version: String,
    /// The type of its nodes in force.
    pub node_type: String,
    /// Its nodes, those of all shards.
    pub nodes: usize,
    /// Its shards; none without cluster mode.
    pub shards: Option<u32>,
    /// What it is doing, as AWS says it.
    pub status: String,
    /// Host name, without the port; none while AWS has none yet.
    pub endpoint: Option<String>,
    /// Port.
    pub port: Option<i32>,
    /// What AWS has accepted and not put in force, in words.
    pub waiting: Vec<String>,
}

impl ProjectCache {
    /// Its name in the program.
    pub fn name(&self) -> &str {
        self.address.rsplit('/').next().unwrap_or_default()
    }
}
