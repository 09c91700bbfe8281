//! Warnings about runs: unused hostclasses and pipelines, tests without effect, more instances than addresses for
//! them.

mod instance_types;
mod sizes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use asiaq_ir::quotas::GROUPS_OF_INTERFACE;
use asiaq_lang::ast::{Decl, Item};
use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::Project;
use crate::errors;
use crate::library;
use crate::library::kinds;
use crate::lower::machines::initial;
use crate::model::{Environment, Family, Host, Pipeline, Run, SmokeTest};

/// Longest prefix of the subnets of a load balancer that scales.
const SMALLEST: u8 = 27;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    instance_types::find(project, found);
    nobody_runs(project, found);
    idle_smoke_tests(project, found);
    for env in &project.model.environments {
        for (host, run) in env.running() {
            addresses(env, host, run, found);
            sizes::find(env, host, run, found);
            let made = initial(&run.sizes);
            if run.smoke_test.value && !run.sizes.is_broken && made.desired == 0 {
                found.push(errors::empty_smoke_test(run.smoke_test.place(run.span), &host.name));
            }
            if let Some(test) = run.integration_test.as_ref().filter(|_| !host.machine.is_tested) {
                found.push(errors::untested_deployment(test.place(run.span), &host.name));
            }
            let security = &host.machine.security;
            if security.value.len() + 1 > GROUPS_OF_INTERFACE.default {
                let count = (security.value.len() + 1, GROUPS_OF_INTERFACE.default);
                found.push(errors::too_many_groups(security.place(host.span), &host.name, count));
            }
        }
        told_hosts(env, found);
        crowds(project, env, found);
        small_subnets(project, env, found);
    }
}

/// Pipelines that no environment names, and hostclasses that no pipeline runs where one could.
fn nobody_runs(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let environments = &project.model.environments;
    let named: BTreeSet<&str> =
        environments.iter().filter_map(|env| env.runs_by.as_ref()).map(|by| by.value.as_str()).collect();
    // Environments share pipelines and hostclasses that overrides do not tell apart.
    let pipelines = environments.iter().flat_map(|env| &env.pipeline);
    let pipelines: BTreeMap<*const Pipeline, &Pipeline> =
        pipelines.map(|pipeline| (Arc::as_ptr(pipeline), &**pipeline)).collect();
    let runs: BTreeSet<&str> =
        pipelines.values().flat_map(|pipeline| pipeline.runs()).map(|run| run.hostclass.as_str()).collect();
    let hosts = environments.iter().filter(|env| env.pipeline.is_some()).flat_map(|env| &env.hosts);
    let hosts: HashMap<*const Host, &str> =
        hosts.map(|host| (Arc::as_ptr(host), host.name.as_str())).collect();
    let could: BTreeSet<&str> = hosts.into_values().collect();
    let decls: Vec<&Decl> = project.files.iter().flat_map(|file| &file.items).filter_map(decl).collect();
    let parents: BTreeSet<(&str, &str)> = decls
        .iter()
        .filter_map(|heir| Some((heir.kind.text.as_str(), heir.parent.as_ref()?.text.as_str())))
        .collect();
    let is_parent = |decl: &Decl, name: &str| parents.contains(&(decl.kind.text.as_str(), name));
    for decl in decls.iter().filter(|decl| project.is_own(decl.span.file)) {
        let Some(name) = &decl.name else { continue };
        let text = name.text.as_str();
        match decl.kind.text.as_str() {
            kinds::PIPELINE if !named.contains(text) && !is_parent(decl, text) => {
                found.push(errors::unused_pipeline(name));
            }
            kinds::HOSTCLASS if could.contains(text) && !runs.contains(text) && !is_parent(decl, text) => {
                found.push(errors::idle_hostclass(name));
            }
            _ => {}
        }
    }
}

fn decl(item: &Item) -> Option<&Decl> {
    match item {
        Item::Decl(decl) => Some(decl),
        Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
    }
}

/// Smoke tests that no run waits for.
fn idle_smoke_tests(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut tested: BTreeMap<Span, bool> = BTreeMap::new();
    for (host, run) in project.model.environments.iter().flat_map(Environment::running) {
        let test = &host.machine.smoke_test;
        if let Some(span) = test.span.filter(|_| says_how(test)) {
            *tested.entry(span).or_default() |= run.smoke_test.value;
        }
    }
    let idle = tested.into_iter().filter(|(_, is_done)| !is_done);
    found.extend(idle.map(|(span, _)| errors::idle_smoke_test(span)));
}

/// Whether the block configures the test.
fn says_how(test: &SmokeTest) -> bool {
    let is_said = |span: Span| !library::is_schema(span.file);
    is_said(test.check.span())
        || is_said(test.timeout.span())
        || test.port.is_some()
        || test.path.is_some()
        || test.document.is_some()
}

/// Warns of more instances than elastic IP addresses that the instances take at boot.
fn addresses(env: &Environment, host: &Host, run: &Run, found: &mut Vec<Diagnostic>) {
    if host.eip.is_none() && host.addresses().next().is_none() {
        return;
    }
    let most = initial(&run.sizes).max;
    let (_, place) = run.sizes.each().into_iter().rev().find(|(_, said)| said.is_some()).unwrap_or_default();
    let place = place.map_or(run.span, |said| said.place(run.span));
    let statics: Vec<Span> = host.addresses().map(|(_, span)| span).collect();
    if let Some(first) = statics.first().filter(|_| (statics.len() as u64) < u64::from(most)) {
        let count = (most, statics.len());
        found.push(errors::too_few_addresses(place, &host.name, &env.name, count, "static", *first));
    } else if let Some(eip) = host.eip.as_ref().filter(|_| most > 1) {
        let count = (most, 1);
        found.push(errors::too_few_addresses(place, &host.name, &env.name, count, "elastic IP", eip.span()));
    }
}

/// Metanetworks that are too small for all that may run in them.
fn crowds(project: &Project<'_>, env: &Environment, found: &mut Vec<Diagnostic>) {
    let Some(laid) = project.layout.0.get(&env.name) else { return };
    let networks = crate::report::networks(env, laid);
    for capacity in networks.into_iter().filter(|capacity| capacity.used() > capacity.usable) {
        let mut runs: Vec<(u32, Span)> = env
            .running()
            .filter(|(host, _)| host.network.value == capacity.name)
            .map(|(_, run)| (initial(&run.sizes).max, run.span))
            .collect();
        runs.sort_by_key(|(most, span)| (std::cmp::Reverse(*most), *span));
        let balancers = env.balancers().filter(|(host, found)| found.network_of(host) == capacity.name);
        runs.extend(balancers.map(|(_, balancer)| (0, balancer.span)));
        if let Some((_, first)) = runs.first() {
            let room = (capacity.used(), capacity.usable);
            found.push(errors::crowded_network(*first, &capacity.name, &env.name, room));
        }
    }
}

/// Load balancers that scale, in subnets smaller than AWS asks for (Elastic Load Balancing user guides, "Subnets for your
/// load balancer").
fn small_subnets(project: &Project<'_>, env: &Environment, found: &mut Vec<Diagnostic>) {
    for (host, balancer) in env.balancers().filter(|(_, found)| found.family.value != Family::Network) {
        let Some(network) = env.network(balancer.network_of(host)) else { continue };
        let laid = project.layout.network(&env.name, &network.name);
        let prefix = laid.and_then(|laid| laid.subnets.first()).map(Ipv4Net::prefix_len);
        if let Some(prefix) = prefix.filter(|prefix| *prefix > SMALLEST) {
            let named =
                balancer.network.as_ref().map_or(balancer.span, |network| network.place(balancer.span));
            let of = (&*host.name, balancer.block, &*env.name);
            let place = network.cidr.place(network.span);
            found.push(errors::small_balancer_subnet(named, of, (&network.name, prefix), place));
        }
    }
}

/// Hostclasses whose static address instances need, and that have none.
fn told_hosts(env: &Environment, found: &mut Vec<Diagnostic>) {
    if env.pipeline.is_none() {
        return;
    }
    let common = &env.common;
    for (field, named) in [
        ("http_proxy", &common.http_proxy),
        ("logger", &common.logger),
        ("log_forwarder", &common.log_forwarder),
    ] {
        let Some(named) = named else { continue };
        let host = env.host(&named.value).filter(|host| host.addresses().next().is_none());
        if let Some(host) = host {
            found.push(errors::no_static_address(named.span(), field, &host.name, &env.name, host.span));
        }
    }
}
