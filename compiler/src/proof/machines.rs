//! Instances: sizes, disks, tests, tags and names that AWS accepts.

mod disks;
pub(super) mod images;
mod scaling;
mod sizes;

use std::collections::BTreeMap;

use asiaq_ir::list_tag_keys;
use asiaq_lang::{Diagnostic, Span};

use super::balancers;
use crate::errors;
use crate::instance_data::{bucket_name, is_own_key};
use crate::library::instance_type;
use crate::model::{Environment, Host, Model, Pipeline, Run, SmokeTest};

/// Tags that asiaq, or an instance itself, sets on instances.
const TAGS: &[&str] =
    &["boottime", "chaos", "environment", "hostclass", "hostname", "is_testing", "productline", "smoketest"];
/// Room for the names of further tags, which one tag of 256 characters lists beside asiaq's own.
const TAG_ROOM: usize = 222;

pub(super) fn prove(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut proved: Vec<&Pipeline> = Vec::new();
    for env in &model.environments {
        buckets(model, env, diagnostics);
        for host in &env.hosts {
            host_alone(env, host, diagnostics);
        }
        let Some(pipeline) = env.pipeline.as_deref() else { continue };
        // Environments that overrides do not tell apart share a pipeline.
        if !proved.iter().any(|known| std::ptr::eq(*known, pipeline)) {
            proved.push(pipeline);
            for run in pipeline.runs() {
                sizes::prove(run, diagnostics);
                scaling::prove(run, diagnostics);
                types(run, diagnostics);
            }
        }
        for (host, run) in env.running() {
            disks::of_run(host, run, diagnostics);
            images::of_run(host, run, diagnostics);
            if host.machine.proxy.value && env.common.http_proxy.is_none() {
                diagnostics.push(errors::no_proxy(
                    host.machine.proxy.place(host.span),
                    &host.name,
                    env.common.span,
                ));
            }
        }
    }
}

/// Checks that buckets can have the names of the buckets of credentials.
fn buckets(model: &Model, env: &Environment, diagnostics: &mut Vec<Diagnostic>) {
    let region = env.region.value.as_str();
    for ending in &env.credential_buckets.value {
        let name = bucket_name(region, &model.project, &ending.value);
        if let Some(why) = bucket_problem(region, &name) {
            diagnostics.push(errors::bucket_name(ending.span, &name, &why));
        }
    }
}

/// Why no bucket can have a name (Amazon S3 user guide, "Bucket naming rules").
fn bucket_problem(region: &str, name: &str) -> Option<String> {
    // Buckets from before 2018 kept their names there.
    let is_older = region == "us-east-1";
    let longest = if is_older { 255 } else { 63 };
    if name.chars().count() > longest {
        return Some(format!("it has {} characters, and S3 allows {longest}", name.chars().count()));
    }
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_accepted =
        |c: char| is_plain(c) || matches!(c, '.' | '-') || is_older && (c.is_ascii_uppercase() || c == '_');
    if let Some(bad) = name.chars().find(|c| !is_accepted(*c)) {
        return Some(format!("it contains `{bad}`"));
    }
    let is_end = |end: Option<char>| end.is_some_and(|c| is_plain(c) || is_older && c.is_ascii_uppercase());
    if !is_end(name.chars().next()) || !is_end(name.chars().last()) {
        return Some("it does not begin and end with a letter or digit".to_owned());
    }
    name.contains("..").then(|| "it contains two dots in a row".to_owned())
}

/// Checks what does not depend on the environment of a hostclass.
fn host_alone(env: &Environment, host: &Host, diagnostics: &mut Vec<Diagnostic>) {
    let machine = &host.machine;
    if let (Some(ip), Some(first)) = (&host.ip, machine.ips.value.first()) {
        diagnostics.push(errors::ip_and_ips(machine.ips.place(first.span), &host.name, ip.span()));
    }
    for key in machine.user_data.iter().flat_map(|said| &said.value) {
        if is_own_key(key.0, env.is_classic()) {
            diagnostics.push(errors::user_data_key(key.1.span, key.0));
        }
    }
    let tags = machine.tags.iter().flat_map(|tags| &tags.value);
    for (key, value) in tags.clone().filter(|(key, _)| TAGS.contains(&key.as_str())) {
        diagnostics.push(errors::machine_tag(value.span, key));
    }
    if let Some(said) = &machine.tags {
        let of_env = env.tags.iter().flat_map(|tags| tags.value.keys());
        let keys: std::collections::BTreeSet<&String> = tags.map(|(key, _)| key).chain(of_env).collect();
        if list_tag_keys(keys.iter().map(|key| key.as_str())).len() >= TAG_ROOM {
            diagnostics.push(errors::too_many_tags(said.span(), keys.len()));
        }
    }
    for disk in &machine.disks {
        disks::of_hostclass(disk, diagnostics);
    }
    images::of_hostclass(&machine.image, diagnostics);
    smoke_test(env, host, &machine.smoke_test, diagnostics);
}

/// Checks that the settings of a smoke test fit its kind.
fn smoke_test(env: &Environment, host: &Host, test: &SmokeTest, diagnostics: &mut Vec<Diagnostic>) {
    let check = test.check.value.as_str();
    let site = test.span.unwrap_or(host.span);
    let of = |field: &'static str, span: Option<Span>, way: &'static str| {
        span.filter(|_| check != way).map(|span| errors::smoke_test_setting(span, field, way, check))
    };
    diagnostics.extend(of("port", test.port.as_ref().map(crate::evaluate::Resolved::span), "http"));
    diagnostics.extend(of("path", test.path.as_ref().map(crate::evaluate::Resolved::span), "http"));
    diagnostics.extend(of("document", test.document.as_ref().map(crate::evaluate::Resolved::span), "ssm"));
    if check == "target" && host.balancers.is_empty() {
        let place = test.check.place(site);
        diagnostics.push(errors::smoke_test_without_balancer(place, &host.name, &env.name));
    }
    if check == "ssm" && test.document.is_none() {
        diagnostics.push(errors::smoke_test_without_document(test.check.place(site)));
    }
    if let Some(port) = test.port.as_ref().filter(|port| port.value.from != port.value.to) {
        diagnostics.push(errors::smoke_test_ports(port.span()));
    }
    if let Some(path) = test.path.as_ref().filter(|path| !balancers::is_request_path(&path.value)) {
        diagnostics.push(errors::smoke_test_path(path.span(), &path.value));
    }
}

/// Checks alternative instance types: each once, all of one architecture.
fn types(run: &Run, diagnostics: &mut Vec<Diagnostic>) {
    let first = (run.instance_type.value.as_str(), run.instance_type.place(run.span));
    let mut seen: BTreeMap<&str, Span> = BTreeMap::from([first]);
    let architecture = |name: &str| instance_type(name).map(|known| known.architecture);
    for further in &run.types.value {
        let name = further.value.as_str();
        if let Some(other) = seen.insert(name, further.span) {
            diagnostics.push(errors::repeated_type(further.span, name, other));
        } else if let (Some(one), Some(other)) = (architecture(first.0), architecture(name))
            && !one.split(',').any(|one| other.split(',').any(|other| one == other))
        {
            diagnostics.push(errors::mixed_architectures(further.span, (name, other), first, one));
        }
    }
}
