//! What a declaration protects: its own resources, and in AWS a tag says so when it is gone.

#[cfg(test)]
mod tests;

use asiaq_ir::{Address, PROTECT_TAG};
use asiaq_lang::Span;

use super::watch::{Target, targets};
use super::{Lowering, list_tag, origin};
use crate::model::Environment;

impl Lowering<'_> {
    /// Marks the resources of an environment whose declarations are protected. The VPC stands for the environment.
    pub(super) fn protect(&mut self, env: &Environment) {
        let sources = self.sources;
        for (address, node) in &mut self.ir.resources {
            if address.env() != env.name {
                continue;
            }
            let places = declarations(env, address).into_iter().filter_map(|path| env.protects(&path));
            let Some(place) = places.min() else { continue };
            node.protect = Some(origin(sources, place));
            if !node.tags.is_empty() && !node.resource.kind().schema().hides_tags {
                list_tag(node, PROTECT_TAG, "true");
            }
        }
    }
}

impl Environment {
    /// The place that protects the thing whose fields are at `path`, where it is protected.
    pub(crate) fn protects(&self, path: &str) -> Option<Span> {
        self.provenance.flag(path, "protect").filter(|set| set.value).map(|set| set.span())
    }
}

/// The declarations that a resource comes from, by the paths of their fields.
fn declarations(env: &Environment, address: &Address) -> Vec<String> {
    let parts: Vec<&str> = address.path().split('/').collect();
    match parts.as_slice() {
        ["vpc"] => vec![String::new()],
        ["dhcp"] => vec!["dhcp".to_owned()],
        [] | ["peering" | "vpc" | "igw", ..] => Vec::new(),
        [kind @ ("endpoint" | "topic" | "zone"), name] | [kind @ "alarm", name, ..] => {
            vec![format!("{kind}.{name}")]
        }
        ["zone", zone, "record", record] => vec![format!("zone.{zone}.record.{record}")],
        ["hostclass", _, "alarm", alarm, ..] => vec![format!("alarm.{alarm}")],
        ["hostclass", host, "elb" | "lb", ..] => {
            let balancers = env.host(host).into_iter().flat_map(|host| &host.balancers);
            let blocks = balancers.filter(|balancer| address.path().starts_with(&balancer.path(host)));
            blocks.map(|balancer| format!("{host}.{}", balancer.block)).chain([(*host).to_owned()]).collect()
        }
        ["hostclass" | "interface", host, ..] => vec![(*host).to_owned()],
        ["log", host, file @ ..] => log_metrics(env, host, &file.join("/")),
        [network, ..] => vec![(*network).to_owned()],
    }
}

/// The metrics that are read from `file` of a hostclass.
fn log_metrics(env: &Environment, host: &str, file: &str) -> Vec<String> {
    let of_host = |on| targets(env, on, &|_| true).contains(&Target::Hostclass(host));
    let metrics = env.watch.log_metrics.iter();
    metrics
        .filter(|metric| metric.file.value.trim_start_matches('/') == file && of_host(&metric.on.value))
        .map(|metric| format!("log_metric.{}", metric.name))
        .collect()
}
