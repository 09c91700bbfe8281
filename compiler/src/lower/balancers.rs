//! The load balancers of a hostclass, their target groups and records.

mod certificates;
mod classic;
mod load_balancer;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use asiaq_ir::{RecordSet, RecordTarget, Ref, Resource, ResourceKind, Scheme, Stickiness};
use asiaq_lang::Span;

use super::hostclass::floating;
use super::node::chain;
use super::{Lowering, NodeBuilder, path_of};
use crate::layout::EnvLayout;
use crate::model::{Balancer, Environment, Family, Host, Mapping};
use crate::value::{Spanned, Sticky};

/// Seconds that resolvers may cache the name of a load balancer: short, so that a change is seen soon.
const TTL: u32 = 5;
/// Value of the tag `productline` if the program sets none.
const NO_PRODUCT_LINE: &str = "unknown";

/// The load balancers that the instances of `host` in `env` register with: classic ones, and target groups.
pub(super) fn of_machines(env: &Environment, host: &Host) -> (BTreeSet<Ref>, BTreeSet<Ref>) {
    let (mut classic, mut groups) = (BTreeSet::new(), BTreeSet::new());
    for balancer in &host.balancers {
        match balancer.family.value {
            Family::Classic => {
                classic.insert(Ref::to(&env.name, &balancer.path(&host.name)));
            }
            Family::Application | Family::Network => {
                let path = |back| load_balancer::group_path(balancer, &host.name, back);
                groups.extend(balancer.backs().into_iter().map(|back| Ref::to(&env.name, &path(back))));
            }
        }
    }
    (classic, groups)
}

impl Lowering<'_> {
    pub(super) fn balancers(&mut self, env: &Environment, laid: &EnvLayout) {
        for (host, balancer) in env.balancers() {
            match balancer.family.value {
                Family::Classic => self.classic_balancer(env, laid, host, balancer),
                Family::Application | Family::Network => self.load_balancer(env, laid, host, balancer),
            }
            self.balancer_records(env, host, balancer);
        }
    }

    /// A `CNAME` record for each of its names. The kind of the load balancer makes no difference: a hostclass that
    /// moves to another kind keeps its name, and clients see the change within seconds.
    fn balancer_records(&mut self, env: &Environment, host: &Host, balancer: &Balancer) {
        let Some(domain) = env.domain_of(host) else { return };
        for label in balancer.labels(&env.name, &host.name) {
            let name = format!("{}.{}", label.value, domain.value.to_ascii_lowercase());
            let chain = match &balancer.dns_alias {
                Some(alias) if alias.span() == label.span => &alias.chain,
                Some(_) | None => &domain.chain,
            };
            let Some(zone) = self.zone_of(env, &name, balancer.public.value, label.span) else { continue };
            let path = balancer.path(&host.name);
            let mut node =
                self.node(env, &format!("{path}/record/{}", label.value), label.span).tagged(&name, &[]);
            node = declared_by(node, host, balancer);
            let record = RecordSet {
                zone,
                name: node.set(RecordSet::NAME, chain, name),
                record: "CNAME".to_owned(),
                ttl: Some(TTL),
                target: RecordTarget::NameOf(Ref::to(&env.name, &path)),
            };
            self.add(node, record);
        }
    }
}

/// A resource of a load balancer comes from the block of the load balancer and from its hostclass.
fn declared_by<'m, R>(node: NodeBuilder<'m, R>, host: &Host, balancer: &Balancer) -> NodeBuilder<'m, R>
where
    R: ResourceKind + Into<Resource>,
{
    node.declared_by(format!("{}.{}", host.name, balancer.block)).declared_by(&host.name)
}

/// Its subnets: those of its metanetwork. A classic load balancer in the metanetwork of instances with static addresses
/// has only the subnets of these addresses.
fn subnets(env: &Environment, laid: &EnvLayout, host: &Host, balancer: &Balancer) -> BTreeSet<Ref> {
    let network = balancer.network_of(host);
    let Some(own) = laid.networks.get(network) else { return BTreeSet::new() };
    let slots = own.subnets.len().min(laid.zones.len());
    let is_limited = balancer.family.value == Family::Classic && balancer.network.is_none();
    let fixed: BTreeSet<usize> = floating(laid, host)
        .into_iter()
        .filter(|found| is_limited && found.network == network)
        .map(|found| found.slot)
        .collect();
    (0..slots)
        .filter(|slot| fixed.is_empty() || fixed.contains(slot))
        .map(|slot| Ref::to(&env.name, &path_of(network, "subnet", slot)))
        .collect()
}

fn groups(env: &Environment, host: &Host, balancer: &Balancer) -> BTreeSet<Ref> {
    BTreeSet::from([Ref::to(&env.name, &format!("{}/security-group", balancer.network_of(host)))])
}

/// The places that set a listener: its own, and those of the security policy and the certificates if it encrypts.
fn places(balancer: &Balancer, mapping: &Spanned<Mapping>) -> Vec<Span> {
    let policy = chain(balancer.tls_policy.as_ref()).iter();
    let policy = policy.filter(|_| mapping.value.front.protocol.has_certificate());
    let further = chain(balancer.further_certificates.as_ref()).iter();
    let further = further.filter(|_| mapping.value.front.protocol.has_certificate());
    [mapping.span].into_iter().chain(policy.chain(further).copied()).collect()
}

fn scheme(balancer: &Balancer) -> Scheme {
    if balancer.public.value { Scheme::InternetFacing } else { Scheme::Internal }
}

fn stickiness(balancer: &Balancer) -> Option<Stickiness> {
    balancer.sticky.as_ref().map(|sticky| match &sticky.value {
        Sticky::Application(cookie) => Stickiness::Application(cookie.clone()),
        Sticky::Balancer(seconds) => {
            Stickiness::Balancer(seconds.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)))
        }
    })
}

/// Tags of the resources of a load balancer of `host`.
fn tags<'m>(env: &'m Environment, host: &'m Host) -> [(&'static str, &'m str); 4] {
    let product_line = host.machine.product_line.as_ref().map_or(NO_PRODUCT_LINE, |line| &line.value);
    [
        ("hostclass", &host.name),
        ("environment", &env.name),
        ("is_testing", "0"),
        ("productline", product_line),
    ]
}

/// Names the texts in these tags.
fn tag_parts<'m, R>(node: &mut NodeBuilder<'m, R>, host: &'m Host)
where
    R: ResourceKind + Into<Resource>,
{
    node.tag_part(&host.name, host.span);
    if let Some(line) = &host.machine.product_line {
        node.tag_part(&line.value, line.place(host.span));
    }
}
