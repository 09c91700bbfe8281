//! The facts about an account that a project needs before it is lowered.

use asiaq_ir::{ImageQuery, Kind, Need, Needs, SecretStore};

use crate::Checked;
use crate::model::Environment;

impl Checked {
    /// The facts that [`Checked::lower`] reads, of those that take calls of their own: any other may be left out. And
    /// the kinds of which there is nothing in the program.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs { accounts: self.declared().own_resources(), ..Needs::of(&self.resources.ir) };
        for env in &self.model.environments {
            needs.facts.extend(of(env));
            images(env, &mut needs);
            key_pairs(env, &mut needs);
            secrets(&self.model.project, env, &mut needs);
        }
        if needs.contains(Need::Certificates) {
            // The certificates come with the listing of these.
            needs.unused.remove(&Kind::ClassicLoadBalancer);
        }
        needs.bakes_with_profile = self.bakes_with_profile();
        needs.shares_images = self.model.accounts.iter().any(|account| account.image_share.is_some());
        for account in &self.model.accounts {
            let urls = account.identity.providers.iter().filter_map(|one| one.metadata.value.url.clone());
            for url in urls {
                needs.documents.entry(url).or_default().insert(account.name.clone());
            }
        }
        needs
    }
}

/// The AMIs that the runs of an environment need.
fn images(env: &Environment, needs: &mut Needs) {
    for (host, run) in env.running() {
        needs.facts.insert(Need::Images);
        let Some(query) = host.machine.image.source(run).query() else {
            needs.facts.insert(Need::HostclassImages);
            continue;
        };
        if let ImageQuery::Parameter(_) = query {
            needs.facts.insert(Need::ImageParameters);
        }
        needs.images.entry(env.region.value.clone()).or_default().insert(query);
    }
}

/// The key pairs that the runs of an environment need.
fn key_pairs(env: &Environment, needs: &mut Needs) {
    let keys = env.running().filter_map(|(host, _)| host.machine.key.as_ref());
    for key in keys {
        needs.facts.insert(Need::KeyPairs);
        needs.key_pairs.entry(env.region.value.clone()).or_default().insert(key.value.clone());
    }
}

/// Whether the secrets of an environment have values.
fn secrets(project: &str, env: &Environment, needs: &mut Needs) {
    let Some(store) = env.secret_store(project).filter(|_| !env.secrets.is_empty()) else { return };
    needs.facts.insert(match store {
        SecretStore::Bucket(_) => Need::BucketSecrets,
        SecretStore::Parameters(_) => Need::ParameterSecrets,
        SecretStore::SecretsManager(_) => Need::ManagedSecrets,
    });
    let places = env.secrets.iter().map(|secret| store.place(&secret.key.value));
    needs.secrets.entry(env.region.value.clone()).or_default().extend(places);
}

fn of(env: &Environment) -> impl Iterator<Item = Need> {
    let keeps = env.running().any(|(host, _)| host.machine.stateful.value);
    let is_secret = env
        .balancers()
        .flat_map(|(_, balancer)| &balancer.listeners.value)
        .any(|mapping| mapping.value.front.protocol.has_certificate());
    [(Need::Zones, true), (Need::Snapshots, keeps), (Need::Certificates, is_secret)]
        .into_iter()
        .filter_map(|(need, is_read)| is_read.then_some(need))
}

#[cfg(test)]
mod tests {
    use asiaq_ir::Need::{
        Certificates, HostclassImages, ImageParameters, Images, KeyPairs, Snapshots, Zones,
    };

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
        checked.needs().facts.into_iter().collect()
    }

    #[test]
    fn a_project_asks_for_what_it_reads_and_no_more() {
        assert_eq!(needs("", ""), [Zones]);
        assert_eq!(needs("stateful = true", ""), [Zones], "nothing runs");
        let running = |host: &str| needs(host, "pipeline = all_of_it");
        assert_eq!(running(""), [Zones, Images, HostclassImages]);
        assert_eq!(running("stateful = true"), [Zones, Images, HostclassImages, Snapshots]);
        assert_eq!(running("key = \"ops\""), [Zones, Images, HostclassImages, KeyPairs]);
        assert_eq!(running("elb { listeners = [http 80 -> 80] }"), [Zones, Images, HostclassImages]);
        let secret = running("elb { listeners = [https 443 -> http 80] }");
        assert_eq!(secret, [Zones, Images, HostclassImages, Certificates]);
        assert_eq!(running("ami { id = \"ami-0123456789abcdef0\" }"), [Zones, Images]);
        assert_eq!(running("ami { newest = \"debian-12-*\", owner = \"136693071363\" }"), [Zones, Images]);
        assert_eq!(running("ami { parameter = \"/aws/service/x\" }"), [Zones, Images, ImageParameters]);
    }
}
