//! Sources and ports of a rule that others of the same rule contain, sources of no packet, and rules that open every port
//! to the internet.

use std::collections::BTreeMap;

use asiaq_ir::Protocol;
use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::Project;
use super::atoms::extent;
use crate::errors;
use crate::model::Environment;
use crate::proof::UNUSABLE;
use crate::value::{Ports, Rule, Source, Spanned};

/// What contains a source, and whether it is the same source; nothing once the source was needed somewhere.
type Covered = BTreeMap<Span, Option<(Span, bool)>>;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut sources = Covered::new();
    for env in &project.model.environments {
        for network in &env.networks {
            for rule in &network.ingress.value {
                note(project, env, &rule.value.sources, &mut sources);
                impossible(&rule.value.sources, found);
                ports(&rule.value, rule.span, found);
                if is_wide_open(&rule.value) {
                    let text = project.sources.slice(rule.span);
                    found.push(errors::every_port_open(rule.span, text, &network.name));
                }
            }
        }
        if let Some(customer) = &env.customer {
            note(project, env, &customer.from.value, &mut sources);
            impossible(&customer.from.value, found);
        }
    }
    for (span, cover) in sources {
        let Some((cover, is_equal)) = cover.filter(|(cover, _)| *cover != span) else { continue };
        let shown = |span: Span| (span, project.sources.slice(span));
        found.push(errors::covered_source(shown(span), shown(cover), is_equal, project.removal(span)));
    }
}

/// Reports addresses that no packet comes from.
fn impossible(sources: &[Spanned<Source>], found: &mut Vec<Diagnostic>) {
    for source in sources {
        if let Source::Cidr(block) = source.value
            && let Some(special) = UNUSABLE.iter().find(|special| special.contains(&block))
        {
            found.push(errors::impossible_source(source.span, block, *special));
        }
    }
}

/// Whether a rule lets every address in on every port of a protocol.
fn is_wide_open(rule: &Rule) -> bool {
    let is_internet =
        |source: &Spanned<Source>| matches!(source.value, Source::Cidr(block) if block.prefix_len() == 0);
    let is_every = match rule.protocol {
        Protocol::Any => true,
        Protocol::Tcp | Protocol::Udp => is_every_port(&rule.ports),
        Protocol::Icmp | Protocol::Number(_) => false,
    };
    is_every && rule.sources.iter().any(is_internet)
}

/// Whether ports are all from 1 on; no ports are all of them.
fn is_every_port(ports: &[Ports]) -> bool {
    let mut sorted = ports.to_vec();
    sorted.sort_unstable();
    let mut next = 1;
    for range in sorted {
        if u32::from(range.from) > next {
            return false;
        }
        next = next.max(u32::from(range.to) + 1);
    }
    ports.is_empty() || next > u32::from(u16::MAX)
}

/// Reports the ports of a rule that one of its ranges contains.
fn ports(rule: &Rule, span: Span, found: &mut Vec<Diagnostic>) {
    let mut sorted = rule.ports.clone();
    sorted.sort_unstable_by_key(|ports| (ports.from, std::cmp::Reverse(ports.to)));
    let mut widest: Option<Ports> = None;
    for range in sorted {
        match widest.filter(|widest| range.to <= widest.to) {
            Some(widest) => {
                found.push(errors::covered_ports(span, &shown(range), &shown(widest)));
                return;
            }
            None => widest = Some(range),
        }
    }
}

fn shown(ports: Ports) -> String {
    if ports.from == ports.to { ports.from.to_string() } else { format!("{}..{}", ports.from, ports.to) }
}

/// Notes for each source of a list what contains it.
fn note(project: &Project<'_>, env: &Environment, sources: &[Spanned<Source>], covered: &mut Covered) {
    let all = sources.iter().find(|source| source.value == Source::All).map(|all| all.span);
    let mut equals: BTreeMap<String, (usize, Span)> = BTreeMap::new();
    let mut repeated: Vec<usize> = Vec::new();
    let mut blocks: Vec<(Ipv4Net, bool, usize)> = Vec::new();
    let mut covers: Vec<Option<(Span, bool)>> = vec![None; sources.len()];
    for (at, (source, cover)) in sources.iter().zip(&mut covers).enumerate() {
        match &source.value {
            Source::Cidr(block) => blocks.push((*block, false, at)),
            Source::Network(name) => {
                *cover = all.map(|all| (all, false));
                blocks.extend(extent(project, env, name).map(|block| (block, true, at)));
            }
            Source::All | Source::Peer(_) => {}
        }
        let key = format!("{:?}", source.value);
        match equals.get(&key) {
            Some((first, span)) => {
                *cover = Some((*span, true));
                repeated.push(*first);
            }
            None => {
                equals.insert(key, (at, source.span));
            }
        }
    }
    // In order of address, with the larger of two blocks first, and of two equal ones a written block first.
    blocks.sort_by_key(|(block, is_group, at)| (block.network(), block.prefix_len(), *is_group, *at));
    let mut outer: Option<(Ipv4Net, Span)> = None;
    for (block, is_group, at) in blocks {
        let (Some(source), Some(cover)) = (sources.get(at), covers.get_mut(at)) else { continue };
        match outer.filter(|(outer, _)| outer.contains(&block)) {
            Some((_, by)) => {
                cover.get_or_insert((by, false));
            }
            None if is_group => {}
            None => outer = Some((block, source.span)),
        }
    }
    // One mistake at a time: without the second of two equal sources, the first is looked at again.
    for first in repeated {
        if let Some(cover) = covers.get_mut(first) {
            *cover = None;
        }
    }
    for (source, cover) in sources.iter().zip(covers) {
        let known = covered.entry(source.span).or_insert(cover);
        if cover.is_none() {
            *known = None;
        }
    }
}
