//! Hosted zones and their records.

use std::collections::BTreeSet;

use asiaq_ir::{HostedZone, Lookup, RecordSet, RecordTarget, Ref};
use asiaq_lang::Span;

use super::{Lowering, vpc_of};
use crate::errors;
use crate::model::{Environment, Record, Zone, dns_form, is_inside};

impl Lowering<'_> {
    pub(super) fn zones(&mut self, env: &Environment) {
        for zone in &env.hosted_zones {
            let vpcs = zone.private.value.then(|| vpc_of(env)).into_iter().collect();
            let comment = zone.comment.as_ref();
            let resource = HostedZone {
                domain: zone.domain.value.clone(),
                vpcs,
                comment: comment.map(|comment| comment.value.clone()).unwrap_or_default(),
            };
            let mut draft = self
                .add(env, &path(zone), zone.span, resource)
                .tagged(env, &zone.domain.value, &[])
                .provenance("domain", &zone.domain.chain)
                .provenance("vpcs", &zone.private.chain);
            if let Some(comment) = comment {
                draft = draft.provenance("comment", &comment.chain);
            }
            drop(draft);
            for record in &zone.records {
                self.record(env, zone, record);
            }
        }
    }

    fn record(&mut self, env: &Environment, zone: &Zone, record: &Record) {
        let (target, ttl, chain) = if let Some(alias) = &record.alias {
            // One that has no load balancer has been reported.
            let Some((_, balancer)) = env.balancers().find(|(host, _)| host.name == alias.value) else {
                return;
            };
            let target = Ref::to(&env.name, &balancer.path(&alias.value));
            (RecordTarget::Alias(target), None, &alias.chain)
        } else {
            // What is no value has been reported.
            let values = record.values.value.iter();
            let values: BTreeSet<String> =
                values.filter_map(|value| dns_form(&record.of_type.value, &value.value).ok()).collect();
            (RecordTarget::Values(values), Some(record.ttl.value), &record.values.chain)
        };
        let resource = RecordSet {
            zone: Ref::to(&env.name, &path(zone)),
            name: record.of.value.clone(),
            record: record.of_type.value.clone(),
            ttl,
            target,
        };
        self.add(env, &format!("{}/record/{}", path(zone), record.name), record.span, resource)
            .tagged(env, &record.of.value, &[])
            .provenance("name", &record.of.chain)
            .provenance("type", &record.of_type.chain)
            .provenance("ttl", &record.ttl.chain)
            .provenance("target", chain);
    }

    /// The zone that `name` goes into, as `env` sees it: the declared one, else the public one of the account
    /// whose domain is the longest. Where there is none, that is reported at `span`.
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
        let Some(region) = self.region(env) else {
            let (_, domain) = name.split_once('.')?;
            return Some(Ref::Find(Lookup::HostedZone(domain.to_owned())));
        };
        let public = || region.hosted_zones.iter().filter(|zone| !zone.is_private);
        let inside = public().filter(|zone| is_inside(name, &zone.domain.to_ascii_lowercase()));
        if let Some(zone) = inside.max_by_key(|zone| (zone.domain.len(), zone.id.as_str())) {
            return Some(Ref::Id(zone.id.clone()));
        }
        let known: Vec<&str> = public().map(|zone| zone.domain.as_str()).collect();
        let declares = |other: &&Environment| {
            other.hosted_zones.iter().any(|zone| !zone.private.value && is_inside(name, &zone.domain.value))
        };
        let elsewhere = self.model.environments.iter().find(declares).map(|other| other.name.as_str());
        let unknown = errors::zone_unknown(span, name, &known, elsewhere);
        self.diagnostics.push(unknown);
        None
    }
}

/// The path of a zone: `zone/world`.
fn path(zone: &Zone) -> String {
    format!("zone/{}", zone.name)
}
