//! DNS: zones without duplicates, valid records, unambiguous names.

use std::collections::BTreeMap;

use asiaq_lang::Diagnostic;

use crate::dns;
use crate::errors::{self, Claim};
use crate::model::{Environment, Model, Record, Zone, dns_form, is_inside};

/// Start of the labels that asiaq reserves for itself.
const MARK: &str = "_asiaq";

/// The visibility of a name: public, or within one private zone.
type Seen<'m> = Option<(&'m str, &'m str)>;

pub(super) fn prove(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let duplicates = zones(model, diagnostics);
    let mut claims: BTreeMap<(Seen<'_>, String), Vec<Claim<'_>>> = BTreeMap::new();
    for env in &model.environments {
        for zone in &env.hosted_zones {
            if let Some(account) = zone.account.as_ref().filter(|_| zone.private.value && env.lends(zone)) {
                diagnostics.push(errors::private_zone_account(account.place(zone.span), zone, &env.name));
            }
            // The names of a zone that is there twice are, too.
            let is_once = !duplicates.iter().any(|duplicate| std::ptr::eq(*duplicate, zone));
            for record in &zone.records {
                if self::record(env, zone, record, diagnostics) && is_once {
                    let claim = Claim {
                        span: record.of.place(record.span),
                        who: format!("record `{}`", record.name),
                        record: &record.of_type.value,
                        is_balancer: false,
                    };
                    claims.entry((seen(env, Some(zone)), record.of.value.clone())).or_default().push(claim);
                }
            }
        }
    }
    for env in &model.environments {
        for (host, balancer) in env.balancers() {
            let Some(domain) = env.domain_of(host) else { continue };
            for label in balancer.labels(&env.name, &host.name) {
                let name = format!("{}.{}", label.value, domain.value.to_ascii_lowercase());
                if name.starts_with(MARK) {
                    diagnostics.push(errors::reserved_record(label.span, &name));
                    continue;
                }
                let zone = env.zone_of(&name, balancer.public.value);
                let claim = Claim {
                    span: label.span,
                    who: format!("the `{}` of `{}` in `{}`", balancer.block, host.name, env.name),
                    record: "CNAME",
                    is_balancer: true,
                };
                claims.entry((seen(env, zone), name)).or_default().push(claim);
            }
        }
    }
    for ((_, name), claims) in &claims {
        collisions(name, claims, diagnostics);
    }
}

fn seen<'m>(env: &'m Environment, zone: Option<&'m Zone>) -> Seen<'m> {
    zone.filter(|zone| zone.private.value).map(|zone| (env.name.as_str(), zone.name.as_str()))
}

fn collisions(name: &str, claims: &[Claim<'_>], diagnostics: &mut Vec<Diagnostic>) {
    for (at, claim) in claims.iter().enumerate() {
        let earlier = || claims.iter().take(at);
        if let Some(first) = earlier().find(|first| first.is_balancer && claim.is_balancer) {
            diagnostics.push(errors::host_name_taken(claim, name, first));
        } else if let Some(first) = earlier().find(|first| first.record == claim.record) {
            diagnostics.push(errors::duplicate_record(claim, name, first));
        } else if let Some(first) = earlier().find(|first| first.record == "CNAME" || claim.record == "CNAME")
        {
            diagnostics.push(errors::cname_beside_others(claim, name, first));
        }
    }
}

/// A domain has one public zone, and one private zone in each VPC. Returns the zones that are one too many.
fn zones<'m>(model: &'m Model, diagnostics: &mut Vec<Diagnostic>) -> Vec<&'m Zone> {
    let mut duplicates = Vec::new();
    let mut known: BTreeMap<(Option<&str>, &str), (&Zone, &str)> = BTreeMap::new();
    for env in &model.environments {
        for zone in &env.hosted_zones {
            let seen_by = zone.private.value.then_some(env.name.as_str());
            let key = (seen_by, zone.domain.value.as_str());
            let (first, of) = *known.entry(key).or_insert((zone, &env.name));
            if !std::ptr::eq(first, zone) {
                diagnostics.push(errors::duplicate_zone(zone, &env.name, first, of));
                duplicates.push(zone);
            }
        }
    }
    duplicates
}

/// Checks the name of a record.
fn record(env: &Environment, zone: &Zone, record: &Record, diagnostics: &mut Vec<Diagnostic>) -> bool {
    says(env, record, diagnostics);
    let (name, domain) = (&record.of.value, &zone.domain.value);
    let span = record.of.place(record.span);
    let own = name.strip_suffix(domain.as_str()).unwrap_or(name);
    if name != domain && own.trim_matches(['.', ' ']).is_empty() {
        diagnostics.push(errors::record_without_name(span));
        return false;
    }
    if !is_inside(name, domain) {
        diagnostics.push(errors::record_outside_zone(span, name, zone));
        return false;
    }
    if let Err(mistake) = dns::name(name) {
        diagnostics.push(errors::record_name(span, name, &mistake));
        return false;
    }
    if name.starts_with("*.") && record.of_type.value == "NS" {
        diagnostics.push(errors::wildcard_of_servers(record));
        return false;
    }
    if name.starts_with(MARK) {
        diagnostics.push(errors::reserved_record(span, name));
        return false;
    }
    let is_apex = name == domain;
    if is_apex && matches!(record.of_type.value.as_str(), "CNAME" | "NS") {
        diagnostics.push(errors::record_at_apex(record, domain));
        return false;
    }
    true
}

/// Checks that the values of a record fit its type.
fn says(env: &Environment, record: &Record, diagnostics: &mut Vec<Diagnostic>) {
    let values = &record.values;
    let of_type = record.of_type.value.as_str();
    if let Some(alias) = &record.alias {
        if !values.value.is_empty() {
            diagnostics.push(errors::alias_with_values(record, values.span()));
        }
        if of_type != "A" {
            diagnostics.push(errors::alias_type(record));
        }
        let host = alias.value.as_str();
        if !env.runs_unknown && env.balancers().all(|(found, _)| found.name != host) {
            let why = match env.host(host) {
                None => "its metanetwork is not there",
                Some(found) if found.balancers.is_empty() => "it wants none",
                Some(_) => "the pipeline does not run it",
            };
            let known: Vec<&str> = env.balancers().map(|(host, _)| host.name.as_str()).collect();
            diagnostics.push(errors::alias_without_balancer(alias.span(), host, &env.name, why, &known));
        }
        return;
    }
    if values.value.is_empty() {
        diagnostics.push(errors::record_without_values(record));
    }
    for value in &values.value {
        if let Err(example) = dns_form(of_type, &value.value) {
            diagnostics.push(errors::record_value(value.span, of_type, &value.value, example));
        }
    }
    if let ("CNAME", Some(second)) = (of_type, values.value.get(1)) {
        diagnostics.push(errors::second_value(second.span, of_type));
    }
}
