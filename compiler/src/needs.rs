//! The facts about an account that a project needs before it is lowered.

use std::collections::BTreeSet;

use asiaq_ir::Need;

use crate::Checked;
use crate::model::Environment;

impl Checked {
    /// The facts that [`Checked::lower`] reads, of those that take calls of their own: any other may be left out.
    pub fn needs(&self) -> BTreeSet<Need> {
        self.model.environments.iter().flat_map(of).collect()
    }
}

fn of(env: &Environment) -> impl Iterator<Item = Need> {
    let mut runs = env.pipeline.iter().flat_map(|pipeline| pipeline.runs());
    let keeps = runs.any(|run| env.host(&run.hostclass).is_some_and(|host| host.machine.stateful.value));
    let is_secret = env
        .balancers()
        .flat_map(|(_, balancer)| &balancer.listeners.value)
        .any(|mapping| mapping.value.front.protocol.has_certificate());
    [
        (Need::Zones, true),
        (Need::Images, env.pipeline.is_some()),
        (Need::Snapshots, keeps),
        (Need::Certificates, is_secret),
    ]
    .into_iter()
    .filter_map(|(need, is_read)| is_read.then_some(need))
}

#[cfg(test)]
mod tests {
    use asiaq_ir::Need::{Certificates, Images, Snapshots, Zones};

    use super::*;
    use crate::fixture;

    /// The needs of a project for hostclass `host` and its environment `env`.
    fn needs(host: &str, env: &str) -> Vec<Need> {
        let text = format!(
            "project shop {{ region = us-west-2, domain = \"dev.shop.example\", team = \"astro\" }}
env ci {{ cidr = 10.0.0.0/20, zones = 2, metanetwork app {{}}, {env} }}
hostclass mhcfoo {{ network = app, {host} }}
pipeline all_of_it {{ stage {{ run mhcfoo {{ desired = 1 }} }} }}
"
        );
        let checked = fixture::check(&text);
        assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
        checked.needs().into_iter().collect()
    }

    #[test]
    fn a_project_asks_for_what_it_reads_and_no_more() {
        assert_eq!(needs("", ""), [Zones]);
        assert_eq!(needs("stateful = true", ""), [Zones], "nothing runs");
        assert_eq!(needs("", "pipeline = all_of_it"), [Zones, Images]);
        assert_eq!(needs("stateful = true", "pipeline = all_of_it"), [Zones, Images, Snapshots]);
        assert_eq!(needs("elb { listeners = [http 80 -> 80] }", "pipeline = all_of_it"), [Zones, Images]);
        let secret = needs("elb { listeners = [https 443 -> http 80] }", "pipeline = all_of_it");
        assert_eq!(secret, [Zones, Images, Certificates]);
    }
}
