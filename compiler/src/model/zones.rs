//! The hosted zones of an environment, and their records.

mod delegation;
mod values;

use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::{Environment, Model, Provenance};
use crate::block::Block;
use crate::dns;
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::{RecordFields, ZoneFields};
use crate::library::kinds;
use crate::value::Spanned;

pub(crate) use delegation::{Delegation, Obstacle, delegations};
pub(crate) use values::dns_form;

/// A hosted zone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Zone {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Domain, in lower case.
    pub(crate) domain: Resolved<String>,
    /// Name of its account, if it is not that of the environment.
    pub(crate) account: Option<Resolved<String>>,
    /// Whether the zone is private to the environment's VPC.
    pub(crate) private: Resolved<bool>,
    /// Whether the zone above it gets a record with its name servers.
    pub(crate) delegate: Resolved<bool>,
    /// Comment of the zone.
    pub(crate) comment: Option<Resolved<String>>,
    /// Its records.
    pub(crate) records: Vec<Record>,
}

/// The records of one name and type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// Name of the declaration.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Full DNS name of the record, in lower case and without the final dot.
    pub(crate) of: Resolved<String>,
    /// Type, as DNS writes it.
    pub(crate) of_type: Resolved<String>,
    /// Values, in DNS form.
    pub(crate) values: Resolved<Vec<Spanned<String>>>,
    /// TTL in seconds.
    pub(crate) ttl: Resolved<u32>,
    /// Hostclass whose load balancer is the alias target.
    pub(crate) alias: Option<Resolved<String>>,
}

/// The zones of an environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Zone> {
    let names = env.nested(kinds::ZONE);
    names.into_iter().filter_map(|name| zone(env, name, evaluator, provenance, diagnostics)).collect()
}

fn zone(
    env: &Block<'_>,
    name: &str,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Zone> {
    let block = env.child(kinds::ZONE, Some(name), &[])?;
    let span = env.last_span(kinds::ZONE, Some(name));
    let fields = Arc::new(evaluator.fields(kinds::ZONE, &block, span, diagnostics));
    let path = format!("zone.{name}");
    provenance.add(path.clone(), Arc::clone(&fields));
    let of = ZoneFields::of(&fields, span);
    let domain = of.domain?.map(|domain| dns::name(&domain).unwrap_or(domain));
    let mut records = Vec::new();
    for record in block.nested(kinds::RECORD) {
        let Some(inner) = block.child(kinds::RECORD, Some(record), &[]) else { continue };
        let span = block.last_span(kinds::RECORD, Some(record));
        let fields = Arc::new(evaluator.fields(kinds::RECORD, &inner, span, diagnostics));
        provenance.add(format!("{path}.record.{record}"), Arc::clone(&fields));
        // A broken field has been reported; a record with one is not checked further.
        let read = [
            RecordFields::NAME,
            RecordFields::TYPE,
            RecordFields::VALUES,
            RecordFields::ALIAS,
            RecordFields::TTL,
        ];
        let broken = read.iter().any(|field| fields.is_broken(field));
        let of = RecordFields::of(&fields, span);
        let Some(of_type) = of.r#type.filter(|_| !broken) else { continue };
        let label = of.name.unwrap_or(Resolved { value: record.to_owned(), chain: vec![span] });
        records.push(Record {
            name: record.to_owned(),
            span,
            of: label.map(|label| full_name(&label, &domain.value)),
            of_type,
            values: of.values,
            ttl: of.ttl.map(|ttl| u32::try_from(ttl).unwrap_or(u32::MAX)),
            alias: of.alias,
        });
    }
    Some(Zone {
        name: name.to_owned(),
        span,
        domain,
        account: of.account,
        private: of.private,
        delegate: of.delegate,
        comment: of.comment,
        records,
    })
}

/// The full name of a record in the zone of `domain`: `@` is the domain itself, a name that ends in it or in a
/// dot is full already.
fn full_name(name: &str, domain: &str) -> String {
    let name = match dns::name(name) {
        // A name that is none is reported as it is written.
        Err(_) => name.to_ascii_lowercase(),
        Ok(plain) if name.ends_with('.') => format!("{plain}."),
        Ok(plain) => plain,
    };
    match name.strip_suffix('.') {
        Some(full) => full.to_owned(),
        None if name == "@" => domain.to_owned(),
        None if is_inside(&name, domain) => name,
        None => format!("{name}.{domain}"),
    }
}

/// Whether a name is a domain's own or below it.
pub(crate) fn is_inside(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl Environment {
    /// The declared zone that `name` belongs to: of those it lies in the one of the longest domain. Of a public
    /// and a private one of the same domain, the one that sees what the name is of.
    pub(crate) fn zone_of(&self, name: &str, is_public: bool) -> Option<&Zone> {
        let inside = self.hosted_zones.iter().filter(|zone| is_inside(name, &zone.domain.value));
        inside.max_by_key(|zone| (zone.domain.value.len(), zone.private.value != is_public))
    }

    /// Name of the account of one of its zones; absent if neither names one.
    pub(crate) fn account_of<'m>(&'m self, zone: &'m Zone) -> Option<&'m str> {
        zone.account.as_ref().map(|account| account.value.as_str()).or(self.account_name.as_deref())
    }

    /// Whether a zone is in another account than the environment.
    pub(crate) fn lends(&self, zone: &Zone) -> bool {
        self.account_of(zone) != self.account_name.as_deref()
    }
}

impl Model {
    /// The declared public zone of the longest domain that `name` lies in, of those in another account than `env`, which
    /// may see it there; with its environment.
    pub(crate) fn zone_abroad(&self, env: &Environment, name: &str) -> Option<(&Environment, &Zone)> {
        let own = env.account_name.as_deref();
        let all = self
            .environments
            .iter()
            .flat_map(|other| other.hosted_zones.iter().map(move |zone| (other, zone)));
        all.filter(|(_, zone)| !zone.private.value && is_inside(name, &zone.domain.value))
            .filter(|(other, zone)| other.account_of(zone).is_some_and(|account| Some(account) != own))
            .max_by_key(|(_, zone)| zone.domain.value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_unless_they_are_full() {
        let full = |name| full_name(name, "sample.net");
        assert_eq!(full("www"), "www.sample.net");
        assert_eq!(full("WWW.eu"), "www.eu.sample.net");
        assert_eq!(full("@"), "sample.net");
        assert_eq!(full("*"), "*.sample.net");
        assert_eq!(full("sample.net"), "sample.net");
        assert_eq!(full("www.sample.net"), "www.sample.net");
        assert_eq!(full("notsample.net"), "notsample.net.sample.net");
        assert_eq!(full("www.other.net."), "www.other.net");
        assert_eq!(full(r"0\05725"), "0/25.sample.net");
        assert_eq!(full(r"\052.eu"), "*.eu.sample.net");
    }

    #[test]
    fn a_name_lies_in_domains_that_it_ends_in() {
        assert!(is_inside("a.b.c", "b.c"));
        assert!(is_inside("b.c", "b.c"));
        assert!(!is_inside("ab.c", "b.c"));
        assert!(!is_inside("c", "b.c"));
    }
}
