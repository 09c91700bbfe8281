//! The key pair of a hostclass.

use super::Running;
use crate::errors;
use crate::lower::Lowering;

impl Lowering<'_> {
    /// Reports a key pair that the account does not have.
    pub(super) fn key_pair(&mut self, running: Running<'_>) {
        let region = &running.env.region.value;
        let Some(facts) = self.facts.regions.get(region) else { return };
        if let Some(key) = &running.host.machine.key
            && facts.key_pairs.get(&key.value) == Some(&false)
        {
            self.diagnostics.push(errors::no_key_pair(key.span(), &key.value, region));
        }
    }
}
