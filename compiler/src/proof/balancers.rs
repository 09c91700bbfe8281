//! Load balancers: consistent listeners, and names and paths that AWS accepts.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::evaluate::Resolved;
use crate::layout::{EnvLayout, Layout};
use crate::model::{Balancer, Environment, Family, Host, Mapping, Model};
use crate::typing::is_domain;
use crate::value::{AppProtocol, Spanned, Sticky};

/// Longest DNS name, and longest label of one (RFC 1035).
const LONGEST: (usize, usize) = (253, 63);
/// Longest path of a health check (Elastic Load Balancing, "Configure health checks").
const LONGEST_PATH: usize = 1024;
/// Reserved start of the name of an Application or Network Load Balancer.
const KEPT_PREFIX: &str = "internal-";
/// Start of the names of AWS's security policies.
const POLICY_PREFIX: &str = "ELBSecurityPolicy-";

/// Start of the names of the cookies of an Application Load Balancer.
const OWN_COOKIES: &str = "AWSALB";

pub(super) fn prove(model: &Model, layout: &Layout, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        for host in &env.hosts {
            for balancer in &host.balancers {
                listeners(host, balancer, diagnostics);
                settings(balancer, diagnostics);
            }
        }
        if let Some(laid) = layout.0.get(&env.name) {
            for (host, balancer) in env.balancers() {
                place(env, laid, host, balancer, diagnostics);
                name(env, host, balancer, diagnostics);
            }
        }
    }
    names_in_aws(model, diagnostics);
}

fn listeners(host: &Host, balancer: &Balancer, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<u16, &Spanned<Mapping>> = BTreeMap::new();
    let mut backs: BTreeMap<u16, &Spanned<Mapping>> = BTreeMap::new();
    for mapping in &balancer.listeners.value {
        let Mapping { front, back, is_redirect } = mapping.value;
        if is_redirect {
            diagnostics.extend(redirect(mapping, balancer));
        } else if let Some(wrong) = foreign(mapping.value, balancer.family.value) {
            diagnostics.push(errors::listener_protocol(mapping, wrong, balancer));
        } else if front.protocol.is_http() != back.protocol.is_http() {
            diagnostics.push(errors::listener_layers(mapping));
        } else if (front.protocol == AppProtocol::Udp) != (back.protocol == AppProtocol::Udp) {
            diagnostics.push(errors::listener_families(mapping));
        } else if balancer.family.value == Family::Network
            && front.protocol == AppProtocol::Tcp
            && back.protocol.has_certificate()
        {
            // A Network Load Balancer does not encrypt what it does not decrypt (Elastic Load Balancing, "Listeners for
            // your Network Load Balancers").
            diagnostics.push(errors::listener_without_tls(mapping));
        }
        let other = *backs.entry(back.port).or_insert(mapping);
        if !is_redirect
            && balancer.family.value == Family::Classic
            && other.value.back.protocol.has_certificate() != back.protocol.has_certificate()
        {
            diagnostics.push(errors::instance_port_with_and_without_tls(mapping, other));
        }
        let first = *seen.entry(front.port).or_insert(mapping);
        if !std::ptr::eq(first, mapping) {
            diagnostics.push(errors::duplicate_front_port(mapping, first, &host.name));
        }
    }
}

/// What is wrong with a listener that redirects clients.
fn redirect(mapping: &Spanned<Mapping>, balancer: &Balancer) -> Option<Diagnostic> {
    let Mapping { front, back, .. } = mapping.value;
    if balancer.family.value != Family::Application {
        return Some(errors::redirect_of_another_kind(mapping, balancer));
    }
    if !front.protocol.is_http() || !back.protocol.is_http() {
        return Some(errors::redirect_without_http(mapping));
    }
    let on = |port: u16| balancer.listeners.value.iter().find(|one| one.value.front.port == port);
    let mut port = back.port;
    let mut seen = BTreeSet::new();
    while port != front.port
        && seen.insert(port)
        && let Some(next) = on(port).filter(|next| next.value.is_redirect)
    {
        port = next.value.back.port;
    }
    if port == front.port {
        return Some(errors::redirect_loop(mapping));
    }
    let there = on(back.port);
    let fits = there.is_some_and(|there| there.value.front.protocol == back.protocol);
    (!fits).then(|| errors::redirect_to_nothing(mapping, there))
}

/// The protocol of a listener that a load balancer does not know.
fn foreign(mapping: Mapping, family: Family) -> Option<AppProtocol> {
    let is_foreign = |protocol: &AppProtocol| match family {
        Family::Classic => *protocol == AppProtocol::Udp,
        Family::Application => !protocol.is_http(),
        Family::Network => protocol.is_http(),
    };
    [mapping.front.protocol, mapping.back.protocol].into_iter().find(is_foreign)
}

/// Whether a request can have this path: `/heartbeat`.
pub(super) fn is_request_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= LONGEST_PATH && path.bytes().all(|byte| byte.is_ascii_graphic())
}

fn settings(balancer: &Balancer, diagnostics: &mut Vec<Diagnostic>) {
    let mappings = &balancer.listeners.value;
    let speaks_http = mappings.iter().any(|mapping| mapping.value.back.protocol.is_http());
    if let Some(path) = &balancer.health_check {
        if !is_request_path(&path.value) {
            diagnostics.push(errors::health_check_path(path.span(), &path.value));
        } else if balancer.family.value == Family::Classic && !speaks_http {
            let listeners = balancer.listeners.place(balancer.span);
            diagnostics.push(errors::health_check_without_http(path.span(), listeners));
        }
    }
    let is_network = balancer.family.value == Family::Network;
    if let Some(sticky) = &balancer.sticky {
        let without = mappings.iter().find(|mapping| !mapping.value.front.protocol.is_http());
        if is_network {
            let way_out = "it does not use cookies: remove `sticky`";
            diagnostics.push(errors::balancer_setting(sticky.span(), "sticky", balancer, way_out));
        } else if let Some(mapping) = without {
            diagnostics.push(errors::sticky_without_http(sticky.span(), mapping));
        } else if let Sticky::Application(name) = &sticky.value
            && balancer.family.value == Family::Application
            && name.starts_with(OWN_COOKIES)
        {
            diagnostics.push(errors::cookie_of_the_balancer(sticky.span(), name));
        }
    }
    let timeout = &balancer.idle_timeout;
    if is_network && is_said(timeout.span()) {
        let way_out = "its idle timeout is always 350 seconds: remove `idle_timeout`";
        diagnostics.push(errors::balancer_setting(timeout.span(), "idle_timeout", balancer, way_out));
    }
    let cross_zone = &balancer.cross_zone;
    if balancer.family.value == Family::Application && !cross_zone.value {
        let way_out = "it always sends to the instances of every zone: remove `cross_zone`";
        diagnostics.push(errors::balancer_setting(cross_zone.span(), "cross_zone", balancer, way_out));
    }
    if let Some(certificate) = &balancer.certificate {
        let name = &certificate.value;
        if !is_certificate(name) {
            diagnostics.push(errors::certificate_name(certificate.span(), name));
        } else if !mappings.iter().any(|mapping| mapping.value.front.protocol.has_certificate()) {
            let listeners = balancer.listeners.place(balancer.span);
            diagnostics.push(errors::certificate_without_tls(certificate.span(), listeners));
        }
    }
    further_certificates(balancer, diagnostics);
    if let Some(policy) = &balancer.tls_policy {
        tls_policy(policy, balancer, diagnostics);
    }
    if let Some(alias) = &balancer.dns_alias
        && (alias.value.contains('.') || !is_domain(&alias.value))
    {
        diagnostics.push(errors::not_a_label(alias.span(), &alias.value));
    }
}

/// Checks that the security policy is one, and one of this kind of load balancer, and that a listener uses it.
fn tls_policy(policy: &Resolved<String>, balancer: &Balancer, diagnostics: &mut Vec<Diagnostic>) {
    let name = policy.value.as_str();
    let is_classic = balancer.family.value == Family::Classic;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let has_form = name.strip_prefix(POLICY_PREFIX).is_some_and(|rest| rest.split('-').all(is_word));
    let mut mappings = balancer.listeners.value.iter();
    if asiaq_ir::tls_policies(is_classic).any(|known| known == name) {
        if !mappings.any(|mapping| mapping.value.front.protocol.has_certificate()) {
            let listeners = balancer.listeners.place(balancer.span);
            diagnostics.push(errors::tls_policy_without_tls(policy.span(), listeners));
        }
    } else if asiaq_ir::tls_policies(!is_classic).any(|known| known == name) {
        diagnostics.push(errors::foreign_tls_policy(policy.span(), name, balancer));
    } else if has_form {
        diagnostics.push(errors::unknown_tls_policy(policy.span(), name, is_classic));
    } else {
        diagnostics.push(errors::not_a_tls_policy(policy.span(), name, is_classic));
    }
}

fn further_certificates(balancer: &Balancer, diagnostics: &mut Vec<Diagnostic>) {
    let Some(further) = &balancer.further_certificates else { return };
    let place = further.place(balancer.span);
    if balancer.family.value == Family::Classic {
        let way_out = "its listeners have one certificate: set `certificate` in place of it";
        diagnostics.push(errors::balancer_setting(place, "certificates", balancer, way_out));
    }
    if let Some(other) = balancer.second_default {
        diagnostics.push(errors::two_default_certificates(other, place));
    }
    let wrong = further.value.iter().filter(|other| !is_certificate(&other.value));
    diagnostics.extend(wrong.map(|other| errors::certificate_name(other.span, &other.value)));
}

/// Whether a certificate of ACM or IAM can be found by this name.
fn is_certificate(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(is_of_certificate) && !name.starts_with('.')
}

/// Characters allowed in the name of an IAM server certificate (IAM, `UploadServerCertificate`).
fn is_of_certificate(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)
}

/// Whether the setting is in the project, and not a default of the library.
fn is_said(span: Span) -> bool {
    !crate::library::is_schema(span.file)
}

/// Checks that the metanetwork meets the needs of the load balancer.
fn place(
    env: &Environment,
    laid: &EnvLayout,
    host: &Host,
    balancer: &Balancer,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let named = balancer.network.as_ref().unwrap_or(&host.network);
    // One that is not there has been reported.
    let Some(network) = env.network(&named.value) else { return };
    if balancer.public.value && !network.has_internet_default() {
        let span = balancer.public.place(balancer.span);
        diagnostics.push(errors::balancer_without_internet(span, &host.name, network, &env.name));
    }
    let zones = laid.networks.get(&network.name).map_or(0, |own| own.subnets.len().min(laid.zones.len()));
    if balancer.family.value == Family::Application && zones == 1 {
        diagnostics.push(errors::balancer_in_one_zone(balancer, &host.name, env));
    }
}

/// Checks that DNS and AWS accept the name.
fn name(env: &Environment, host: &Host, balancer: &Balancer, diagnostics: &mut Vec<Diagnostic>) {
    match env.domain_of(host) {
        None => diagnostics.push(errors::balancer_without_domain(balancer, &host.name, &env.name)),
        Some(domain) => {
            for label in balancer.labels(&env.name, &host.name) {
                let (label, span) = (&label.value, label.span);
                let (longest, longest_label) = LONGEST;
                // An alias that is no label has been reported.
                let is_own = span == balancer.span;
                let is_too_long =
                    label.len() + 1 + domain.value.len() > longest || (is_own && label.len() > longest_label);
                if is_too_long {
                    diagnostics.push(errors::host_name_too_long(span, label, &domain.value));
                }
            }
        }
    }
    if balancer.family.value == Family::Classic {
        return;
    }
    let name = balancer.name(&env.name, &host.name);
    if name.starts_with(KEPT_PREFIX) {
        let why = format!("the prefix `{KEPT_PREFIX}` is reserved");
        diagnostics.push(errors::balancer_name(host.span, &name, &why));
    } else if name.ends_with('-') {
        diagnostics.push(errors::balancer_name(host.span, &name, "it ends with a hyphen"));
    }
}

/// The holder of a name in AWS: hostclass, environment, and place of the declaration.
type Holder<'m> = (&'m str, &'m str, Span);

/// Names of load balancers and of target groups are unique in a region of an account.
fn names_in_aws(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<(&str, Option<&str>, &str, String), Holder<'_>> = BTreeMap::new();
    for env in &model.environments {
        for (host, balancer) in env.balancers() {
            let name = balancer.name(&env.name, &host.name);
            let (kind, shown) = match balancer.family.value {
                Family::Classic => ("classic", crate::model::human_name(&env.name, &host.name)),
                Family::Application | Family::Network => ("newer", name.clone()),
            };
            let mut names = vec![(kind, name, shown)];
            if balancer.family.value != Family::Classic {
                let groups = balancer.backs().into_iter();
                let groups = groups.map(|back| Balancer::group_name(&env.name, &host.name, back));
                names.extend(groups.map(|name| ("target group", name.clone(), name)));
            }
            for (kind, name, shown) in names {
                let account = env.account.as_ref().map(|account| account.value.as_str());
                let holder = (host.name.as_str(), env.name.as_str(), host.span);
                let key = (env.region.value.as_str(), account, kind, name);
                let (other, of, first) = *taken.entry(key).or_insert(holder);
                if (other, of) != (holder.0, holder.1) {
                    let found = errors::balancer_name_taken(
                        host.span,
                        &shown,
                        (&host.name, &env.name),
                        first,
                        (other, of),
                    );
                    diagnostics.push(found);
                    break;
                }
            }
        }
    }
}
