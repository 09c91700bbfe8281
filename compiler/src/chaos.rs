//! What a program says of chaos, for commands.

use crate::Checked;

impl Checked {
    /// Whether the runs of a hostclass in an environment, or else the hostclass itself, allow that its instances are terminated
    /// at random; absent if nothing runs it there.
    pub fn allows_chaos(&self, env: &str, hostclass: &str) -> Option<bool> {
        let environment = self.model.environment(env)?;
        let runs = environment.running().filter(|(_, run)| run.hostclass == hostclass);
        let allows = |(host, run): (&crate::model::Host, &crate::model::Run)| {
            run.chaos.as_ref().unwrap_or(&host.machine.chaos).value
        };
        runs.map(allows).reduce(|one, other| one && other)
    }
}
