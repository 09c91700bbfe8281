//! Blocks of addresses that stand at several places: each gets a name.

use std::collections::BTreeMap;

use asiaq_lang::Span;
use ipnet::Ipv4Net;

use crate::draft::{Draft, Node};

/// Places from which on a block gets a name.
const SEVERAL: usize = 3;

/// The lists whose items are about addresses.
const LISTS: [&str; 3] = ["ingress", "routes", "allowed"];

/// Names the blocks that at least three rules, routes and search domains share.
pub(crate) fn lift(draft: &mut Draft) {
    let mut found: BTreeMap<String, (usize, Option<Span>)> = BTreeMap::new();
    for nodes in draft.files.values_mut() {
        each_item(nodes, &mut |item| {
            for block in blocks(&item.text) {
                let entry = found.entry(block).or_insert((0, item.origin));
                entry.0 += 1;
            }
        });
    }
    found.retain(|_, (places, _)| *places >= SEVERAL);
    if found.is_empty() {
        return;
    }
    for nodes in draft.files.values_mut() {
        each_item(nodes, &mut |item| item.text = named(&item.text, &found));
    }
    let networks = draft.files.entry("networks.asq".to_owned()).or_default();
    let at = networks.iter().take_while(|node| node.text.starts_with("use ")).count();
    let lets = found.into_iter().map(|(block, (_, origin))| Node {
        text: format!("let {} = {block}", name(&block)),
        origin,
        ..Node::default()
    });
    let lets: Vec<Node> = lets.collect();
    networks.splice(at..at, lets);
}

/// The items of lists about addresses that are taken over.
fn each_item(nodes: &mut [Node], visit: &mut dyn FnMut(&mut Node)) {
    for node in nodes.iter_mut().filter(|node| node.refused.is_none()) {
        let is_it = node.is_list && LISTS.iter().any(|list| node.text.starts_with(list));
        let Some(body) = &mut node.body else { continue };
        if is_it {
            body.iter_mut().filter(|item| item.refused.is_none()).for_each(&mut *visit);
        } else {
            each_item(body, visit);
        }
    }
}

/// The parts of an item: what can be a block, and what stands between.
fn parts(text: &str) -> Vec<&str> {
    let is_of_block = |sign: char| sign.is_ascii_digit() || sign == '.' || sign == '/';
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_block = is_of_block(first);
        let end = rest.find(|sign| is_of_block(sign) != is_block).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

/// The blocks of an item, without what stands in quotes.
fn blocks(text: &str) -> Vec<String> {
    let plain = text.split('"').next().unwrap_or_default();
    let is_block = |part: &&str| part.contains('/') && part.parse::<Ipv4Net>().is_ok();
    parts(plain).into_iter().filter(is_block).map(str::to_owned).collect()
}

fn named(text: &str, found: &BTreeMap<String, (usize, Option<Span>)>) -> String {
    let (plain, quoted) = text.split_at(text.find('"').unwrap_or(text.len()));
    let part = |part: &str| if found.contains_key(part) { name(part) } else { part.to_owned() };
    parts(plain).into_iter().map(part).collect::<String>() + quoted
}

/// `54.201.1.1/32` is `host_54_201_1_1`, and `10.0.0.0/8` is `net_10_0_0_0_8`.
fn name(block: &str) -> String {
    match block.strip_suffix("/32") {
        Some(host) => format!("host_{}", host.replace('.', "_")),
        None => format!("net_{}", block.replace(['.', '/'], "_")),
    }
}
