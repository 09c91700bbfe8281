//! The search domains of an environment, and the records of their names.

use std::collections::BTreeSet;

use asiaq_ir::{Ref, SearchClient, SearchDomain, SearchLog, SearchMasters};

use super::node::chain;
use super::{Lowering, path_of};
use crate::errors;
use crate::layout::EnvLayout;
use crate::library::kinds;
use crate::model::{Archive, Client, Environment, Network, Search};
use crate::value::Nat;

impl Lowering<'_> {
    pub(super) fn searches(&mut self, env: &Environment, laid: &EnvLayout) {
        for search in &env.searches {
            // A metanetwork that is not there has been reported.
            let is_placed =
                search.network.as_ref().is_none_or(|network| laid.networks.contains_key(&network.value));
            if is_placed {
                self.search(env, laid, search);
                self.search_record(env, search);
            }
            if let Some(archive) = &search.archive {
                self.archive(env, archive);
            }
        }
    }

    fn search(&mut self, env: &Environment, laid: &EnvLayout, search: &Search) {
        let mut node = self
            .node::<SearchDomain>(env, &search.path(), search.span)
            .declared_by(format!("search.{}", search.name))
            .tagged(&search.aws.value, &[])
            .optional_tags(search.tags.as_ref());
        let masters = search.masters.as_ref();
        let places = masters.map_or_else(Vec::new, |masters| vec![masters.span]);
        let masters = masters.map(|masters| SearchMasters {
            instance_type: masters.of_type.value.clone(),
            count: masters.count.value,
        });
        let storage = search.storage.as_ref();
        let storage_type = storage.map(|_| search.storage_type.value.clone());
        let allowed = match (&search.allowed, &search.policy) {
            (_, Some(_)) => BTreeSet::new(),
            (None, None) => BTreeSet::from([SearchClient::Everybody]),
            (Some(allowed), None) => {
                allowed.value.iter().flat_map(|client| clients(env, laid, &client.value)).collect()
            }
        };
        let everybody = search.allowed.as_ref().map_or(search.span, |allowed| allowed.place(search.span));
        let group = |network: &str| Ref::to(&env.name, &format!("{network}/security-group"));
        let groups = search.network.iter().flat_map(|_| search.groups()).map(group).collect();
        let logs = search
            .logs
            .iter()
            .map(|(of, group)| SearchLog { of: of.clone(), group: group.value.clone() })
            .collect();
        for (of, group) in &search.logs {
            node.element(SearchDomain::LOGS, of, &[group.span]);
        }
        let resource = SearchDomain {
            name: node.value(SearchDomain::NAME, &search.aws),
            version: node.value(SearchDomain::VERSION, &search.version),
            instance_type: node.value(SearchDomain::INSTANCE_TYPE, &search.of_type),
            count: node.value(SearchDomain::COUNT, &search.count),
            masters: node.set(SearchDomain::MASTERS, &places, masters),
            zones: node.value(SearchDomain::ZONES, &search.zones),
            storage: node.set(
                SearchDomain::STORAGE,
                chain(storage),
                storage.map(|size| u32::try_from(size.value).unwrap_or(u32::MAX)),
            ),
            storage_type: node.set(SearchDomain::STORAGE_TYPE, &search.storage_type.chain, storage_type),
            iops: node.optional(SearchDomain::IOPS, search.iops.as_ref()),
            throughput: node.optional(SearchDomain::THROUGHPUT, search.throughput.as_ref()),
            subnets: node.set(
                SearchDomain::SUBNETS,
                chain(search.network.as_ref()),
                subnets(env, laid, search),
            ),
            groups: node.set(SearchDomain::GROUPS, chain(search.network.as_ref()), groups),
            allowed: node.set(SearchDomain::ALLOWED, &[everybody], allowed),
            policy: node.optional(SearchDomain::POLICY, search.policy.as_ref()),
            encrypted: node.value(SearchDomain::ENCRYPTED, &search.encrypted),
            kms_key: node.optional(SearchDomain::KMS_KEY, search.kms_key.as_ref()),
            node_encryption: node.value(SearchDomain::NODE_ENCRYPTION, &search.node_encryption),
            enforce_https: node.value(SearchDomain::ENFORCE_HTTPS, &search.enforce_https),
            tls_policy: node.value(SearchDomain::TLS_POLICY, &search.tls_policy),
            fine_grained: node.set(
                SearchDomain::FINE_GRAINED,
                chain(search.master_user.as_ref()),
                search.master_user.is_some(),
            ),
            master_user: node.optional(SearchDomain::MASTER_USER, search.master_user.as_ref()),
            snapshot_hour: node.optional(SearchDomain::SNAPSHOT_HOUR, search.snapshot_hour.as_ref()),
            logs,
        };
        self.add(node, resource);
    }

    /// A `CNAME` record of its name, where there is a domain.
    fn search_record(&mut self, env: &Environment, search: &Search) {
        let Some(domain) = env.domain_of_search(search) else { return };
        let name = format!("{}.{}", search.label(&env.name), domain.value.to_ascii_lowercase());
        let is_public = search.network.is_none();
        let Some(zone) = self.zone_of(env, &name, is_public, domain.place(search.span)) else { return };
        self.store_record(env, (kinds::SEARCH, &search.name, search.span), zone, (domain, name));
    }

    /// Reports what the account of the environment does not declare.
    fn archive(&mut self, env: &Environment, archive: &Archive) {
        if self.model.is_draft {
            return;
        }
        let account = env.account_name.as_ref().and_then(|name| self.model.account(name));
        let named = [(archive.bucket.as_ref(), kinds::BUCKET), (archive.role.as_ref(), kinds::ROLE)];
        for (set, kind) in named {
            let Some(set) = set else { continue };
            let place = set.place(archive.span);
            match account {
                None => self.diagnostics.push(errors::archive_without_account(place, kind, &env.name)),
                Some(account) if account.arns.of(kind, &set.value).is_none() => {
                    let known = account.arns.names_beside(kind, &set.value);
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let found = errors::unknown_reference(place, kind, &set.value, &known);
                    self.diagnostics.push(errors::without_fix(found));
                }
                Some(_) => {}
            }
        }
    }
}

/// Its subnets: as many of its metanetwork as it has zones, the first ones.
fn subnets(env: &Environment, laid: &EnvLayout, search: &Search) -> BTreeSet<Ref> {
    let Some(network) = &search.network else { return BTreeSet::new() };
    let Some(own) = laid.networks.get(&network.value) else { return BTreeSet::new() };
    let zones = usize::try_from(search.zones.value).unwrap_or(1);
    let slots = own.subnets.len().min(laid.zones.len()).min(zones);
    (0..slots).map(|slot| Ref::to(&env.name, &path_of(&network.value, "subnet", slot))).collect()
}

/// The addresses of a client.
fn clients(env: &Environment, laid: &EnvLayout, client: &Client) -> Vec<SearchClient> {
    match client {
        Client::Block(block) if block.prefix_len() == 0 => vec![SearchClient::Everybody],
        Client::Block(block) => vec![SearchClient::Block(block.to_string())],
        Client::AllNats => env.networks.iter().flat_map(|network| nats(env, laid, network)).collect(),
        Client::Named(name) => match (env.network(name), env.host(name)) {
            (Some(network), _) if network.nat.is_some() => nats(env, laid, network),
            (_, Some(host)) => {
                host.eip.iter().map(|eip| SearchClient::Block(format!("{}/32", eip.value))).collect()
            }
            (_, None) => Vec::new(),
        },
    }
}

/// The addresses of the NAT gateways of a metanetwork.
fn nats(env: &Environment, laid: &EnvLayout, network: &Network) -> Vec<SearchClient> {
    let slots = laid.networks.get(&network.name).map_or(0, |own| own.subnets.len().min(laid.zones.len()));
    let address =
        |slot| SearchClient::Address(Ref::to(&env.name, &path_of(&network.name, "elastic-ip", slot)));
    match network.nat.as_ref().map(|nat| &nat.value) {
        None => Vec::new(),
        Some(Nat::Auto) => (0..slots).map(address).collect(),
        Some(Nat::One) => (0..slots.min(1)).map(address).collect(),
        Some(Nat::Static(addresses)) => {
            let block = |ip: &crate::value::Spanned<std::net::Ipv4Addr>| format!("{}/32", ip.value);
            addresses.iter().map(|ip| SearchClient::Block(block(ip))).collect()
        }
    }
}
