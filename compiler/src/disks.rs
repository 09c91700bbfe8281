//! What a program says of the disks of hostclasses that snapshots keep, for commands.

use crate::Checked;
use crate::model::Environment;

/// A hostclass in an environment, as far as snapshots of its disk need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDisk {
    /// Whether the pipeline of the environment runs it.
    pub is_run: bool,
    /// Whether its instances get a volume from the newest snapshot.
    pub is_stateful: bool,
    /// Its product line.
    pub product_line: Option<String>,
}

impl Checked {
    /// What snapshots of the disk of a hostclass in an environment are about; absent if the hostclass is not declared there.
    pub fn kept_disk(&self, env: &str, hostclass: &str) -> Option<KeptDisk> {
        let environment: &Environment = self.model.environment(env)?;
        let host = environment.hosts.iter().find(|host| host.name == hostclass)?;
        Some(KeptDisk {
            is_run: environment.running().any(|(_, run)| run.hostclass == hostclass),
            is_stateful: host.machine.stateful.value,
            product_line: host.machine.product_line.as_ref().map(|line| line.value.clone()),
        })
    }
}
