//! Public zones that lie in another public zone of the project: it has a record with their name servers.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::Span;

use super::Zone;
use crate::model::{Environment, Model};

/// A public zone and the zone above it.
pub(crate) struct Delegation<'m> {
    pub(crate) env: &'m Environment,
    pub(crate) zone: &'m Zone,
    /// The environment of the zone above.
    pub(crate) parent_env: &'m Environment,
    /// The zone of the longest domain that the zone's domain lies in.
    pub(crate) parent: &'m Zone,
    /// What the program has in place of the record, or against it.
    pub(crate) obstacle: Option<Obstacle>,
}

/// Why a zone gets no record in the zone above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The program says so, or has the record itself, or the zone above may be in an account that it does not name.
    Wanted,
    /// The zone above has this name too, which the record would hide.
    Hides { name: String, span: Span },
}

/// The public zones below others, in order of environment. A zone for a domain that has one already is none.
pub(crate) fn delegations(model: &Model) -> Vec<Delegation<'_>> {
    let mut public: BTreeMap<&str, (&Environment, &Zone)> = BTreeMap::new();
    let mut zones = Vec::new();
    for env in &model.environments {
        for zone in env.hosted_zones.iter().filter(|zone| !zone.private.value) {
            if let Entry::Vacant(slot) = public.entry(&zone.domain.value) {
                slot.insert((env, zone));
                zones.push((env, zone));
            }
        }
    }
    let mut found = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (env, zone) in zones {
        let above = ends(&zone.domain.value).skip(1).find_map(|end| public.get(end));
        if let Some((parent_env, parent)) = above {
            let is_wanted = !zone.delegate.value || may_be_of_others((env, zone), (parent_env, parent));
            let obstacle = is_wanted.then_some(Obstacle::Wanted);
            places.insert(&zone.domain.value, found.len());
            found.push(Delegation { env, zone, parent_env, parent, obstacle });
        }
    }
    let parents: BTreeSet<&str> = found.iter().map(|below| below.parent.domain.value.as_str()).collect();
    for (env, parent) in parents.into_iter().filter_map(|domain| public.get(domain)) {
        names(env, parent, &mut |name, of_type, span| {
            for end in ends(name).take_while(|end| *end != parent.domain.value) {
                let below = places.get(end).and_then(|at| found.get_mut(*at));
                if let Some(below) = below.filter(|below| std::ptr::eq(below.parent, *parent)) {
                    below.meet(name, of_type, span);
                }
            }
        });
    }
    found
}

impl Delegation<'_> {
    /// Takes a name of the zone above into account.
    fn meet(&mut self, name: &str, of_type: &str, span: Span) {
        let is_own = name == self.zone.domain.value;
        match of_type {
            "NS" if is_own => self.obstacle = Some(Obstacle::Wanted),
            // It belongs beside the name servers.
            "DS" if is_own => {}
            _ if self.obstacle.is_none() => {
                self.obstacle = Some(Obstacle::Hides { name: name.to_owned(), span });
            }
            _ => {}
        }
    }
}

/// A name and the domains that it lies in, the longest first.
fn ends(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, rest)| rest))
}

/// Whether one of two zones may be in an account that the program does not name, other than that of the second.
fn may_be_of_others((env, zone): (&Environment, &Zone), (other_env, other): (&Environment, &Zone)) -> bool {
    match (env.account_of(zone), other_env.account_of(other)) {
        (Some(_), Some(_)) | (None, None) => false,
        (Some(_), None) | (None, Some(_)) => env.lends(zone) || other_env.lends(other),
    }
}

/// The names in a zone: of its records, and of the load balancers of its environment.
fn names(env: &Environment, zone: &Zone, each: &mut dyn FnMut(&str, &str, Span)) {
    for record in &zone.records {
        each(&record.of.value, &record.of_type.value, record.of.place(record.span));
    }
    for (host, balancer) in env.balancers() {
        let Some(domain) = env.domain_of(host) else { continue };
        for label in balancer.labels(&env.name, &host.name) {
            let name = format!("{}.{}", label.value, domain.value.to_ascii_lowercase());
            let of = env.zone_of(&name, balancer.public.value);
            if of.is_some_and(|of| std::ptr::eq(of, zone)) {
                each(&name, "CNAME", label.span);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_lies_in_its_ends() {
        assert_eq!(ends("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
    }
}
