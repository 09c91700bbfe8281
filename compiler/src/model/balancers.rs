//! The load balancers of a hostclass in an environment.

pub(crate) mod health;
mod listeners;
pub(crate) mod names;

use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::machines::Parts;
use super::{Environment, Host};
use crate::block::Block;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::names::name_span;
use crate::value::{Spanned, Sticky, Value};

pub(crate) use listeners::{Mapping, Socket};

/// Blocks of a hostclass that are load balancers.
pub(crate) const NESTED: &[&str] = &["elb", "lb"];
/// What its fields come to where they are broken, which has been reported.
const IDLE: u64 = 300;

/// A load balancer of a hostclass.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Balancer {
    /// Its block: `elb` or `lb`.
    pub(crate) block: &'static str,
    /// Where it is declared.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) family: Resolved<Family>,
    /// Where it listens; never empty.
    pub(crate) listeners: Resolved<Vec<Spanned<Mapping>>>,
    /// Path that machines are asked for.
    pub(crate) health_check: Option<Resolved<String>>,
    /// Seconds before a connection on which nothing happens is closed.
    pub(crate) idle_timeout: Resolved<u32>,
    /// Seconds that requests in flight have.
    pub(crate) draining: Resolved<u32>,
    /// Whether it sends to machines of every zone.
    pub(crate) cross_zone: Resolved<bool>,
    /// Whether the internet reaches it.
    pub(crate) public: Resolved<bool>,
    /// Its metanetwork, where it is not the hostclass's.
    pub(crate) network: Option<Resolved<String>>,
    /// What keeps a client with one machine.
    pub(crate) sticky: Option<Resolved<Sticky>>,
    /// Name of its certificate, where that is not its own.
    pub(crate) certificate: Option<Resolved<String>>,
    /// First label of a further name.
    pub(crate) dns_alias: Option<Resolved<String>>,
}

/// What a load balancer is.
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

/// The load balancers that a hostclass declared at `site` wants in an environment; what its blocks say goes to
/// `parts`.
pub(super) fn of_hostclass(
    hostclass: &Block<'_>,
    site: Span,
    evaluator: &Evaluator<'_, '_>,
    parts: &mut Parts,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Balancer> {
    let evaluate = |block: &&'static str| {
        let inner = hostclass.child(block, None, &evaluator.lineage)?;
        let decls = hostclass.child_decls(block, None, &evaluator.lineage);
        let span = decls.last().map_or(site, |decl| name_span(decl));
        let fields = Arc::new(evaluator.fields(block, &inner, span, diagnostics));
        parts.push(((*block).to_owned(), Arc::clone(&fields)));
        balancer(block, &fields, span)
    };
    NESTED.iter().filter_map(evaluate).collect()
}

fn balancer(block: &'static str, fields: &Fields, span: Span) -> Option<Balancer> {
    if fields.boolean("enabled").is_some_and(|enabled| !enabled.value) {
        return None;
    }
    let said = fields.items("listeners", Value::listener, span);
    let site = said.place(span);
    let seconds = |field| {
        let set = fields.duration(field).unwrap_or(Resolved { value: IDLE, chain: vec![span] });
        set.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))
    };
    let family = fields.text("kind").map(|kind| {
        kind.map(|kind| match kind.as_str() {
            "network" => Family::Network,
            "classic" => Family::Classic,
            _ => Family::Application,
        })
    });
    Some(Balancer {
        block,
        span,
        family: family.unwrap_or(Resolved {
            value: if block == "elb" { Family::Classic } else { Family::Application },
            chain: vec![span],
        }),
        listeners: said.map(|said| listeners::mappings(&said, site)),
        health_check: fields.text("health_check"),
        idle_timeout: seconds("idle_timeout"),
        draining: seconds("draining"),
        cross_zone: fields.flag("cross_zone", true, span),
        public: fields.flag("public", false, span),
        network: fields.reference("network"),
        sticky: fields.sticky("sticky"),
        certificate: fields.text("certificate"),
        dns_alias: fields.text("dns_alias"),
    })
}

impl Balancer {
    /// The path of its address within an environment: `hostclass/mhcbanana/elb`.
    pub(crate) fn path(&self, host: &str) -> String {
        let part = if self.family.value == Family::Classic { "elb" } else { "lb" };
        format!("hostclass/{host}/{part}")
    }

    /// The ports of machines that it sends to, each once, in order of first mention.
    pub(crate) fn backs(&self) -> Vec<Socket> {
        let mut backs: Vec<Socket> = Vec::new();
        for mapping in &self.listeners.value {
            if !backs.contains(&mapping.value.back) {
                backs.push(mapping.value.back);
            }
        }
        backs
    }

    /// What tells the target group of `back` from others of the load balancer: its port, with the protocol
    /// where another one comes first on that port.
    pub(crate) fn part(&self, back: Socket) -> String {
        let shadowed = |other: &Socket| other.port == back.port && other.protocol < back.protocol;
        if self.backs().iter().any(shadowed) {
            return format!("{}-{}", back.port, back.protocol.name().to_ascii_lowercase());
        }
        back.port.to_string()
    }

    /// The name in AWS of its target group of `back`.
    pub(crate) fn group_name(&self, env: &str, host: &str, back: Socket) -> String {
        if self.backs().first() == Some(&back) {
            return names::short(env, host);
        }
        names::of_further_group(env, host, &self.part(back))
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
        let runs = self.pipeline.iter().flat_map(|pipeline| pipeline.runs());
        let hosts = runs.filter_map(|run| self.host(&run.hostclass));
        hosts.flat_map(|host| host.balancers.iter().map(move |balancer| (host, balancer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_groups_are_told_apart_by_port() {
        let fields = Fields::default();
        let mut balancer = balancer("lb", &fields, Span::default()).unwrap();
        let said =
            listeners::tests::said(&["https 443 -> http 80", "http 81 -> http 80", "http -> https 80"]);
        balancer.listeners.value = listeners::mappings(&said, Span::default());
        let parts: Vec<(String, String)> = balancer
            .backs()
            .into_iter()
            .map(|back| (balancer.part(back), balancer.group_name("ci", "front", back)))
            .collect();
        let part = |part: &str, name: &str| (part.to_owned(), name.to_owned());
        assert_eq!(parts, [part("80", "ci-front"), part("80-https", "ci-front-80-https")]);
    }
}
