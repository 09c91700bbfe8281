//! Instances: sizes, disks, tests, tags and names that AWS accepts.

mod disks;
mod scaling;
mod sizes;

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::library::instance_type;
use crate::lower::machines::KEYS;
use crate::model::{Environment, Host, Model, Run, SmokeTest};

/// Characters of a launch template's name (EC2 API reference, `CreateLaunchTemplate`).
const NAME: usize = 128;
/// Tags that asiaq, or an instance itself, sets on instances.
const TAGS: &[&str] =
    &["boottime", "chaos", "environment", "hostclass", "hostname", "is_testing", "productline", "smoketest"];
/// Room for the names of further tags, which one tag of 256 characters lists beside asiaq's own.
const TAG_ROOM: usize = 222;

pub(super) fn prove(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        for host in &env.hosts {
            host_alone(env, host, diagnostics);
        }
        for run in env.pipeline.iter().flat_map(|pipeline| pipeline.runs()) {
            sizes::prove(run, diagnostics);
            scaling::prove(run, diagnostics);
            types(run, diagnostics);
            let name = format!("{}_{}", env.name, run.hostclass);
            if name.len() > NAME {
                diagnostics.push(errors::name_too_long(run.span, &name, NAME));
            }
            if let Some(host) = env.host(&run.hostclass) {
                disks::of_run(host, run, diagnostics);
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
}

/// Checks what does not depend on the environment of a hostclass.
fn host_alone(env: &Environment, host: &Host, diagnostics: &mut Vec<Diagnostic>) {
    let machine = &host.machine;
    if let (Some(ip), Some(first)) = (&host.ip, machine.ips.value.first()) {
        diagnostics.push(errors::ip_and_ips(machine.ips.place(first.span), &host.name, ip.span()));
    }
    for key in machine.user_data.iter().flat_map(|said| &said.value) {
        if KEYS.contains(&key.0.as_str()) {
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
        if keys.iter().map(|key| key.len() + 1).sum::<usize>() > TAG_ROOM {
            diagnostics.push(errors::too_many_tags(said.span(), keys.len()));
        }
    }
    for disk in &machine.disks {
        disks::of_hostclass(disk, diagnostics);
    }
    smoke_test(host, &machine.smoke_test, diagnostics);
}

/// Checks that the settings of a smoke test fit its kind.
fn smoke_test(host: &Host, test: &SmokeTest, diagnostics: &mut Vec<Diagnostic>) {
    let check = test.check.value.as_str();
    let site = test.span.unwrap_or(host.span);
    let of = |field: &'static str, span: Option<Span>, way: &'static str| {
        span.filter(|_| check != way).map(|span| errors::smoke_test_setting(span, field, way, check))
    };
    diagnostics.extend(of("port", test.port.as_ref().map(crate::evaluate::Resolved::span), "http"));
    diagnostics.extend(of("path", test.path.as_ref().map(crate::evaluate::Resolved::span), "http"));
    diagnostics.extend(of("document", test.document.as_ref().map(crate::evaluate::Resolved::span), "ssm"));
    if check == "ssm" && test.document.is_none() {
        diagnostics.push(errors::smoke_test_without_document(test.check.place(site)));
    }
    if let Some(port) = test.port.as_ref().filter(|port| port.value.from != port.value.to) {
        diagnostics.push(errors::smoke_test_ports(port.span()));
    }
    if let Some(path) = test.path.as_ref().filter(|path| !path.value.starts_with('/')) {
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
