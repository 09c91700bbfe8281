//! Hosted zones and their records.

use std::collections::BTreeSet;

use asiaq_ir::{Address, HostedZone, Lookup, RecordSet, RecordTarget, Ref, Resource};
use asiaq_lang::Span;

use super::missing::{Missing, What};
use super::{Lowering, vpc_of};
use crate::model::{Delegation, Environment, Record, Zone, delegations, dns_form, is_inside};

/// TTL of the name servers of a zone in the zone above it, in seconds: how long a zone that was created again, with other
/// name servers, is not found.
const DELEGATION_TTL: u32 = 3600;

impl Lowering<'_> {
    /// The records with the name servers of zones in the zones above them.
    pub(super) fn delegations(&mut self) {
        let model = self.model;
        for delegation in delegations(model).iter().filter(|delegation| delegation.obstacle.is_none()) {
            if !self.is_delegated_by_others(delegation) {
                self.delegation(delegation);
            }
        }
    }

    fn delegation(&mut self, delegation: &Delegation<'_>) {
        let Delegation { env, zone, parent_env, parent, .. } = delegation;
        let mut node = self
            .node(env, &format!("{}/delegation", path(zone)), zone.span)
            .declared_by(format!("zone.{}", zone.name))
            .tagged(&zone.domain.value, &[]);
        let above = Ref::to(&parent_env.name, &path(parent));
        let resource = RecordSet {
            zone: node.set(RecordSet::ZONE, &parent.domain.chain, above),
            name: node.value(RecordSet::NAME, &zone.domain),
            record: "NS".to_owned(),
            ttl: Some(DELEGATION_TTL),
            target: RecordTarget::ServersOf(Ref::to(&env.name, &path(zone))),
        };
        self.add(node, resource);
    }

    /// Whether the live zone above has an `NS` record for the zone that somebody else made.
    fn is_delegated_by_others(&self, delegation: &Delegation<'_>) -> bool {
        let Delegation { env, zone, parent_env, parent, .. } = delegation;
        let above = Address::new(&parent_env.name, &path(parent));
        let account = parent_env.account_of(parent).and_then(|name| self.model.account(name));
        let of_parent = match account {
            Some(account) => self.facts.of(&parent_env.region.value, Some(&account.id.value)),
            None => self.region(parent_env),
        };
        let facts = [self.region(env), of_parent];
        facts.into_iter().flatten().any(|facts| {
            let live = facts.hosted_zones.iter().filter(|live| live.address.as_ref() == Some(&above));
            let mut delegated = live.filter_map(|live| facts.delegated.get(&live.id));
            delegated.any(|names| names.contains(&zone.domain.value))
        })
    }

    pub(super) fn zones(&mut self, env: &Environment) {
        for zone in &env.hosted_zones {
            let vpcs = zone.private.value.then(|| vpc_of(env)).into_iter().collect();
            let mut node = self
                .node(env, &path(zone), zone.span)
                .declared_by(format!("zone.{}", zone.name))
                .tagged(&zone.domain.value, &[]);
            let comment = zone.comment.as_ref();
            let resource = HostedZone {
                domain: node.value(HostedZone::DOMAIN, &zone.domain),
                vpcs: node.set(HostedZone::VPCS, &zone.private.chain, vpcs),
                comment: comment.map(|comment| node.value(HostedZone::COMMENT, comment)).unwrap_or_default(),
            };
            self.add(node, resource);
            for record in &zone.records {
                self.record(env, zone, record);
            }
        }
    }

    fn record(&mut self, env: &Environment, zone: &Zone, record: &Record) {
        let (target, ttl, chain) = if let Some(alias) = &record.alias {
            // A hostclass without a load balancer has been reported.
            let Some((_, balancer)) = env.balancers().find(|(host, _)| host.name == alias.value) else {
                return;
            };
            let target = Ref::to(&env.name, &balancer.path(&alias.value));
            (RecordTarget::Alias(target), None, &alias.chain)
        } else {
            // An invalid value has been reported.
            let values = record.values.value.iter();
            let values: BTreeSet<String> =
                values.filter_map(|value| dns_form(&record.of_type.value, &value.value).ok()).collect();
            (RecordTarget::Values(values), Some(record.ttl.value), &record.values.chain)
        };
        let mut node = self
            .node(env, &format!("{}/record/{}", path(zone), record.name), record.span)
            .declared_by(format!("zone.{}.record.{}", zone.name, record.name))
            .tagged(&record.of.value, &[]);
        let resource = RecordSet {
            zone: Ref::to(&env.name, &path(zone)),
            name: node.value(RecordSet::NAME, &record.of),
            record: node.value(RecordSet::RECORD, &record.of_type),
            ttl: node.set(RecordSet::TTL, &record.ttl.chain, ttl),
            target: node.set(RecordSet::TARGET, chain, target),
        };
        self.add(node, resource);
    }

    /// Notes which zones and records are in another account than their environment: a record is in that of its zone.
    pub(super) fn note_accounts(&mut self) {
        let model = self.model;
        for env in &model.environments {
            for zone in env.hosted_zones.iter().filter(|zone| env.lends(zone)) {
                let address = Address::new(&env.name, &path(zone));
                if let Some(account) =
                    env.account_of(zone).filter(|_| self.ir.resources.contains_key(&address))
                {
                    self.ir.elsewhere.insert(address, account.to_owned());
                }
            }
        }
        let records = self.ir.resources.iter().filter_map(|(address, node)| match &node.resource {
            Resource::RecordSet(RecordSet { zone: Ref::To(zone), .. }) => {
                let account = self.ir.account_name_of(zone)?;
                (self.ir.account_name_of(address) != Some(account))
                    .then(|| (address.clone(), account.to_owned()))
            }
            _ => None,
        });
        let records: Vec<_> = records.collect();
        self.ir.elsewhere.extend(records);
    }

    /// The zone for `name` in `env`: one that it declares, or else the one with the longest matching domain of the public
    /// zones of the account and those that the program declares in other accounts. Reports at `span` if there is none.
    pub(super) fn zone_of(
        &mut self,
        env: &Environment,
        name: &str,
        is_public: bool,
        span: Span,
    ) -> Option<Ref> {
        if let Some(zone) = env.zone_of(name, is_public) {
            return Some(Ref::to(&env.name, &path(zone)));
        }
        let abroad = self.model.zone_abroad(env, name);
        let to_abroad = |(other, zone): (&Environment, &Zone)| Ref::to(&other.name, &path(zone));
        let Some(region) = self.region(env) else {
            if let Some(abroad) = abroad {
                return Some(to_abroad(abroad));
            }
            let (_, domain) = name.split_once('.')?;
            return Some(Ref::Find(Lookup::HostedZone(domain.to_owned())));
        };
        let public = || region.hosted_zones.iter().filter(|zone| !zone.is_private);
        let inside = public().filter(|zone| is_inside(name, &zone.domain.to_ascii_lowercase()));
        // Of several zones for a domain, such as one and its clone, the one that has records of the project already.
        let inside = inside.max_by_key(|zone| (zone.domain.len(), zone.is_used, zone.id.as_str()));
        let longer = |(_, zone): &(&Environment, &Zone)| {
            inside.is_none_or(|inside| zone.domain.value.len() > inside.domain.len())
        };
        if let Some(abroad) = abroad.filter(longer) {
            return Some(to_abroad(abroad));
        }
        if let Some(zone) = inside {
            return Some(Ref::Id(zone.id.clone()));
        }
        let known = public().map(|zone| zone.domain.clone()).collect();
        let declares = |other: &&Environment| {
            other.hosted_zones.iter().any(|zone| !zone.private.value && is_inside(name, &zone.domain.value))
        };
        let elsewhere = self.model.environments.iter().find(declares).map(|other| other.name.clone());
        self.missing.push(Missing { span, what: What::Zone { known, elsewhere }, own: name.to_owned() });
        None
    }
}

/// The path of a zone: `zone/world`.
fn path(zone: &Zone) -> String {
    format!("zone/{}", zone.name)
}
