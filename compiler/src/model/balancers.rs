//! The load balancers of a hostclass in an environment.

pub(crate) mod health;
mod listeners;
pub(crate) mod names;

use std::sync::Arc;

use asiaq_ir::TlsPolicy;
use asiaq_lang::{Diagnostic, Span};

use super::machines::Parts;
use super::{Environment, Host};
use crate::block::Block;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{ElbFields, LbFields};
use crate::library::kinds;
use crate::names::name_span;
use crate::value::{AppProtocol, Spanned, Sticky};

pub(crate) use listeners::{Mapping, Socket};

/// The security policy that Elastic Load Balancing recommends ("Security policies for your Application Load Balancer").
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/// The same for a Classic Load Balancer, which knows no TLS 1.3 ("Predefined SSL security policies for Classic Load
/// Balancers").
const CLASSIC_TLS_POLICY: &str = "ELBSecurityPolicy-TLS-1-2-2017-01";

/// A load balancer of a hostclass.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Balancer {
    /// Its block: `elb` or `lb`.
    pub(crate) block: &'static str,
    /// Where it is declared.
    pub(crate) span: Span,
    /// The type of load balancer.
    pub(crate) family: Resolved<Family>,
    /// Where it listens; never empty.
    pub(crate) listeners: Resolved<Vec<Spanned<Mapping>>>,
    /// Path of the health check on the instances.
    pub(crate) health_check: Option<Resolved<String>>,
    /// Idle timeout of a connection in seconds.
    pub(crate) idle_timeout: Resolved<u32>,
    /// Seconds that requests in flight get when an instance is deregistered.
    pub(crate) draining: Resolved<u32>,
    /// Whether it balances across zones.
    pub(crate) cross_zone: Resolved<bool>,
    /// Whether the internet reaches it.
    pub(crate) public: Resolved<bool>,
    /// Its metanetwork, where it is not the hostclass's.
    pub(crate) network: Option<Resolved<String>>,
    /// How a client stays with one instance.
    pub(crate) sticky: Option<Resolved<Sticky>>,
    /// Name of its certificate, where that is not its own.
    pub(crate) certificate: Option<Resolved<String>>,
    /// Names of its certificates for other server names, where the program lists all of its certificates.
    pub(crate) further_certificates: Option<Resolved<Vec<Spanned<String>>>>,
    /// The place of a certificate that is named beside the list.
    pub(crate) second_default: Option<Span>,
    /// Security policy of its encrypted listeners, where one is named.
    pub(crate) tls_policy: Option<Resolved<String>>,
    /// First label of a further name.
    pub(crate) dns_alias: Option<Resolved<String>>,
}

/// The type of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// The classic one.
    Classic,
    /// The newer one for requests.
    Application,
    /// The newer one for connections.
    Network,
}

impl Family {
    /// It with its article, as in "a classic load balancer".
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Classic => "a Classic Load Balancer",
            Self::Application => "an Application Load Balancer",
            Self::Network => "a Network Load Balancer",
        }
    }
}

/// The load balancers of a hostclass declared at `site`, in one environment. The fields of its blocks go to
/// `parts`.
pub(super) fn of_hostclass(
    hostclass: &Block<'_>,
    site: Span,
    evaluator: &Evaluator<'_, '_>,
    parts: &mut Parts,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Balancer> {
    let evaluate = |block: &'static str| {
        let inner = hostclass.child(block, None, &evaluator.lineage)?;
        let decls = hostclass.child_decls(block, None, &evaluator.lineage);
        let span = decls.last().map_or(site, |decl| name_span(decl));
        let fields = Arc::new(evaluator.fields(block, &inner, span, diagnostics));
        parts.push((block.to_owned(), Arc::clone(&fields)));
        let mut found = balancer(block, &fields, span)?;
        // Whether the metanetwork exists is asked later; what is wrong then is the name alone.
        let hits = inner.hits(LbFields::NETWORK, &evaluator.lineage);
        if let (Some(network), Some(hit)) = (&mut found.network, hits.first()) {
            network.chain = vec![hit.setting.value.span];
        }
        // The same of the name of a policy.
        let hits = inner.hits(LbFields::TLS_POLICY, &evaluator.lineage);
        let place = found.tls_policy.as_mut().and_then(|policy| policy.chain.first_mut());
        if let (Some(place), Some(hit)) = (place, hits.first()) {
            *place = hit.setting.value.span;
        }
        Some(found)
    };
    [kinds::ELB, kinds::LB].into_iter().filter_map(evaluate).collect()
}

fn balancer(block: &'static str, fields: &Fields, span: Span) -> Option<Balancer> {
    let of = if block == kinds::ELB {
        classic(ElbFields::of(fields, span), span)
    } else {
        LbFields::of(fields, span)
    };
    if !of.enabled.value {
        return None;
    }
    let site = of.listeners.place(span);
    // A broken setting is located at the block, so that settings that do not fit its stand-in are still reported.
    let chain = |field: &str, chain: Vec<Span>| if fields.is_broken(field) { vec![span] } else { chain };
    let seconds = |field: &str, set: Resolved<u64>| Resolved {
        value: u32::try_from(set.value).unwrap_or(u32::MAX),
        chain: chain(field, set.chain),
    };
    let (first, further) = split(of.certificates).unzip();
    Some(Balancer {
        block,
        span,
        family: Resolved {
            value: match of.kind.value.as_str() {
                "network" => Family::Network,
                "classic" => Family::Classic,
                _ => Family::Application,
            },
            chain: of.kind.chain,
        },
        listeners: of.listeners.map(|said| listeners::mappings(&said, site)),
        health_check: of.health_check,
        idle_timeout: seconds(LbFields::IDLE_TIMEOUT, of.idle_timeout),
        draining: seconds(LbFields::DRAINING, of.draining),
        cross_zone: of.cross_zone,
        public: of.public,
        network: of.network,
        sticky: of.sticky,
        second_default: first.as_ref().and(of.certificate.as_ref()).map(Resolved::span),
        certificate: first.or(of.certificate),
        further_certificates: further,
        tls_policy: of.tls_policy,
        dns_alias: of.dns_alias,
    })
}

/// Names or ARNs of certificates.
type Certificates = Resolved<Vec<Spanned<String>>>;

/// The first of the certificates, which is the default one, and the others. Nothing if there are none.
fn split(all: Certificates) -> Option<(Resolved<String>, Certificates)> {
    let (first, others) = all.value.split_first()?;
    let first = Resolved { value: first.value.clone(), chain: vec![first.span] };
    Some((first, Resolved { value: others.to_vec(), chain: all.chain }))
}

/// A block `elb` as the block `lb` of the classic kind, which has the same fields.
fn classic(elb: ElbFields, span: Span) -> LbFields {
    LbFields {
        kind: Resolved { value: "classic".to_owned(), chain: vec![span] },
        enabled: elb.enabled,
        listeners: elb.listeners,
        health_check: elb.health_check,
        idle_timeout: elb.idle_timeout,
        draining: elb.draining,
        cross_zone: elb.cross_zone,
        public: elb.public,
        network: elb.network,
        sticky: elb.sticky,
        certificate: elb.certificate,
        certificates: Resolved { value: Vec::new(), chain: vec![span] },
        tls_policy: elb.tls_policy,
        dns_alias: elb.dns_alias,
    }
}

impl Balancer {
    /// Its metanetwork, which is that of its hostclass by default.
    pub(crate) fn network_of<'m>(&'m self, host: &'m Host) -> &'m str {
        &self.network.as_ref().unwrap_or(&host.network).value
    }

    /// The path of its address within an environment: `hostclass/mhcbanana/elb`.
    pub(crate) fn path(&self, host: &str) -> String {
        let part = if self.family.value == Family::Classic { kinds::ELB } else { kinds::LB };
        format!("hostclass/{host}/{part}")
    }

    /// The distinct ports of the instances it sends to, in order of first mention.
    pub(crate) fn backs(&self) -> Vec<Socket> {
        let mut backs: Vec<Socket> = Vec::new();
        for mapping in &self.listeners.value {
            if let Some(back) = mapping.value.instances().filter(|back| !backs.contains(back)) {
                backs.push(back);
            }
        }
        backs
    }

    /// The name of the target group of `back` within the load balancer: its port, and its protocol unless it is the
    /// usual one of the family. It depends on no other target group, so that one more renames none.
    pub(crate) fn part(&self, back: Socket) -> String {
        let usual = match self.family.value {
            Family::Network => AppProtocol::Tcp,
            Family::Application | Family::Classic => AppProtocol::Http,
        };
        if back.protocol == usual {
            return back.port.to_string();
        }
        format!("{}-{}", back.port, back.protocol.name().to_ascii_lowercase())
    }

    /// The name in AWS of its target group of `back`. It depends on nothing else, so that the groups of two ports can
    /// exist side by side.
    pub(crate) fn group_name(env: &str, host: &str, back: Socket) -> String {
        names::of_group(env, host, back.port, &back.protocol.name().to_ascii_lowercase())
    }

    /// Its name in AWS.
    pub(crate) fn name(&self, env: &str, host: &str) -> String {
        match self.family.value {
            Family::Classic => names::hashed(&names::human(env, host)),
            Family::Application | Family::Network => names::short(env, host),
        }
    }

    /// The first labels of its DNS names: its own, then the further one.
    pub(crate) fn labels(&self, env: &str, host: &str) -> Vec<Spanned<String>> {
        let own = Spanned::new(names::label(env, host), self.span);
        let alias =
            self.dns_alias.as_ref().map(|alias| Spanned::new(alias.value.to_lowercase(), alias.span()));
        [own].into_iter().chain(alias).collect()
    }

    /// The security policy of a listener with `protocol`, if the protocol is encrypted. Where the program names none, it
    /// is the one that AWS recommends, or a stronger one that the listener has already.
    pub(crate) fn policy_of(&self, protocol: AppProtocol) -> Option<TlsPolicy> {
        let default = match self.family.value {
            Family::Classic => CLASSIC_TLS_POLICY,
            Family::Application | Family::Network => TLS_POLICY,
        };
        protocol.has_certificate().then(|| match &self.tls_policy {
            Some(named) => TlsPolicy::Named(named.value.clone()),
            None => TlsPolicy::AtLeast(default.to_owned()),
        })
    }

    /// The name that its certificate has to be for, in `domain`.
    pub(crate) fn certificate_name(&self, env: &str, host: &str, domain: Option<&str>) -> Option<String> {
        if let Some(certificate) = &self.certificate {
            return Some(certificate.value.clone());
        }
        let labels = self.labels(env, host);
        Some(format!("{}.{}", labels.last()?.value, domain?))
    }
}

impl Environment {
    /// The domain in which the load balancers of `host` have their names.
    pub(crate) fn domain_of<'e>(&'e self, host: &'e Host) -> Option<&'e Resolved<String>> {
        host.machine.domain.as_ref().or(self.common.domain.as_ref())
    }

    /// The load balancers that are really there, each with its hostclass: those of what runs here.
    pub(crate) fn balancers(&self) -> impl Iterator<Item = (&Host, &Balancer)> {
        self.running().flat_map(|(host, _)| host.balancers.iter().map(move |balancer| (host, balancer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_documents_the_default_policies() {
        let documented = |file: &str, policy: &str| file.contains(&format!("`\"{policy}\"`"));
        assert!(documented(include_str!("../../../stdlib/lb.asq"), TLS_POLICY));
        assert!(documented(include_str!("../../../stdlib/elb.asq"), CLASSIC_TLS_POLICY));
    }

    #[test]
    fn target_groups_are_told_apart_by_port() {
        let fields = Fields::default();
        let mut balancer = balancer(kinds::LB, &fields, Span::default()).unwrap();
        let said =
            listeners::tests::said(&["https 443 -> http 80", "http 81 -> http 80", "http -> https 80"]);
        balancer.listeners.value = listeners::mappings(&said, Span::default());
        let parts: Vec<(String, String)> = balancer
            .backs()
            .into_iter()
            .map(|back| (balancer.part(back), Balancer::group_name("ci", "front", back)))
            .collect();
        let part = |part: &str, name: &str| (part.to_owned(), name.to_owned());
        assert_eq!(parts, [part("80", "ci-front-80-http"), part("80-https", "ci-front-80-https")]);
    }
}
