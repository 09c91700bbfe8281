//! The options of environments: blocks, rules, routes, NAT gateways and DHCP.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::Span;
use ipnet::Ipv4Net;

use super::asked::{Evaluated, items, plain};
use super::resolvers::{Tree, place, text};
use super::{Comparison, Scope};
use crate::ini::Setting;

const NETWORKS: [&str; 4] = ["tunnel", "intranet", "dmz", "maintenance"];

pub(super) fn compare(
    tree: &Tree,
    scope: &Scope<'_>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let get = |option: &str| tree.of_environment(scope.env, scope.envtype, option);
    let path = |field: &str| format!("{}.{field}", scope.env);
    let fixed = get("vpc_cidr").filter(|setting| !setting.value.is_empty());
    let (old, at) = if let Some(setting) = fixed {
        (block(&setting.value), [place(fixed), None])
    } else {
        let (pool, size) = (get("ip_space"), get("vpc_cidr_size"));
        let at = [place(size), place(pool)];
        (format!("auto /{} in {}", text(size), block(text(pool))), at)
    };
    comparison.compare_made(path("cidr"), &old, &evaluated.plain("cidr"), &at);
    comparison.compare(
        path("application"),
        text(get("application")),
        &evaluated.plain("application"),
        place(get("application")),
    );
    let stages: Vec<&str> = text(get("ami_stage")).split(',').collect();
    comparison.compare(
        path("ami_stages"),
        &stages.join(", "),
        &evaluated.plain("ami_stages"),
        place(get("ami_stage")),
    );
    let buckets: Vec<&str> = text(get("credential_buckets")).split_whitespace().collect();
    let new = evaluated.plain("credential_buckets");
    comparison.compare(
        path("credential_buckets"),
        &buckets.join(", "),
        &new,
        place(get("credential_buckets")),
    );
    of_dhcp(&get, scope, evaluated, comparison);
    for network in NETWORKS {
        let cidr = get(&format!("{network}_cidr"));
        let exists = !text(cidr).is_empty();
        let is_there = evaluated.has_below(network);
        comparison.compare(path(network), &exists.to_string(), &is_there.to_string(), place(cidr));
        if exists && is_there {
            comparison.compare(
                path(&format!("{network}.cidr")),
                &block(text(cidr)),
                &evaluated.plain(&format!("{network}.cidr")),
                place(cidr),
            );
            of_rules(tree, &get, scope, network, evaluated, comparison);
            of_routes(tree, &get, scope, network, evaluated, comparison);
            let nat = get(&format!("{network}_nat_gateways"));
            let addresses = text(nat).split(',').map(str::trim).collect::<Vec<_>>().join(", ").to_lowercase();
            comparison.compare(
                path(&format!("{network}.nat")),
                &addresses,
                &evaluated.plain(&format!("{network}.nat")),
                place(nat),
            );
        }
    }
}

/// A block without host bits, or the text.
fn block(text: &str) -> String {
    text.parse::<Ipv4Net>().map_or_else(|_| text.to_owned(), |net| net.trunc().to_string())
}

fn of_dhcp<'t>(
    get: &dyn Fn(&str) -> Option<&'t Setting>,
    scope: &Scope<'_>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let path = |field: &str| format!("{}.dhcp.{field}", scope.env);
    let domain = get("domain_name");
    comparison.compare(
        path("domain_name"),
        text(domain),
        &evaluated.plain("dhcp.domain_name"),
        place(domain),
    );
    let mut servers: Vec<&str> = Vec::new();
    for option in ["internal_dns", "external_dns"] {
        let server = text(get(option));
        let server = if server.eq_ignore_ascii_case("amazonprovideddns") { "amazon" } else { server };
        // AWS keeps one of two equal servers.
        if !server.is_empty() && !servers.contains(&server) {
            servers.push(server);
        }
    }
    if !servers.is_empty() {
        let at = [place(get("internal_dns")), place(get("external_dns"))];
        comparison.compare_made(path("dns"), &servers.join(", "), &evaluated.plain("dhcp.dns"), &at);
    }
    let named = get("ntp_server").filter(|setting| !setting.value.is_empty());
    let (network, offset) = (get("ntp_server_metanetwork"), get("ntp_server_offset"));
    let old = match (named, text(network), text(offset)) {
        (Some(named), _, _) => named.value.split_whitespace().collect::<Vec<_>>().join(", "),
        (None, "", _) | (None, _, "") => String::new(),
        (None, network, offset) => match offset.parse::<i64>() {
            Ok(number) if number < 0 => format!("{network} - {}", -number),
            Ok(number) => format!("{network} + {number}"),
            Err(_) => offset.to_owned(),
        },
    };
    let at = [place(named), place(network), place(offset)];
    comparison.compare_made(path("ntp"), &old, &evaluated.plain("dhcp.ntp"), &at);
}

/// Protocol, ports, source.
type Grant = (String, String, String);

fn of_rules<'t>(
    tree: &Tree,
    get: &dyn Fn(&str) -> Option<&'t Setting>,
    scope: &Scope<'_>,
    network: &str,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let setting = get(&format!("{network}_sg_rules"));
    let mut old: BTreeMap<Grant, Vec<Option<Span>>> = BTreeMap::new();
    for rule in text(setting).split(',') {
        let parts: Vec<&str> = rule.split_whitespace().collect();
        if let [protocol, source, ports @ ..] = parts.as_slice() {
            let at = places_of(tree, scope, &format!("{network}_sg_rules"), rule, comparison);
            old.extend(ports.iter().map(|port| (granted(protocol, source, port), at.clone())));
        }
    }
    let customers = get("customer_ports");
    if !text(setting).is_empty() {
        let sources: Vec<&str> = match network {
            "dmz" => text(get("customer_cidr")).split_whitespace().chain(["dmz"]).collect(),
            "intranet" => vec!["dmz"],
            _ => Vec::new(),
        };
        for port in text(customers).split_whitespace() {
            let at = places_of(tree, scope, "customer_ports", port, comparison);
            old.extend(sources.iter().map(|source| (granted("tcp", source, port), at.clone())));
        }
    }
    let mut new: BTreeSet<Grant> = BTreeSet::new();
    for rule in items(evaluated.written(&format!("{network}.ingress"))) {
        new.extend(written(&rule));
    }
    let sources: Vec<String> = match network {
        "dmz" => items(evaluated.written("customer.from")).into_iter().chain(["dmz".to_owned()]).collect(),
        "intranet" => vec!["dmz".to_owned()],
        _ => Vec::new(),
    };
    for port in items(evaluated.written("customer.ports")) {
        new.extend(sources.iter().map(|source| ("tcp".to_owned(), port.clone(), source.clone())));
    }
    let of_customers: Vec<&str> = text(customers).split_whitespace().collect();
    let is_of_customers =
        |grant: &Grant| of_customers.iter().any(|port| granted("tcp", "all", port).1 == grant.1);
    let grants: BTreeSet<&Grant> = old.keys().chain(&new).collect();
    for grant in grants {
        let (protocol, ports, source) = grant;
        let path = format!("{}.{network}.ingress", scope.env);
        let said = |has: bool| if has { format!("{protocol} {ports} from {source}") } else { String::new() };
        let at: Vec<Option<Span>> = match old.get(grant) {
            Some(at) => {
                let whole = place(get("customer_cidr")).filter(|_| is_of_customers(grant));
                at.iter().copied().chain([whole]).collect()
            }
            None => vec![hidden(setting, grant, comparison), place(customers), place(get("customer_cidr"))],
        };
        comparison.compare_made(path, &said(old.contains_key(grant)), &said(new.contains(grant)), &at);
    }
}

/// The place of a rule that an indented comment is a part of, if it is this one without the comment.
fn hidden(setting: Option<&Setting>, grant: &Grant, comparison: &Comparison<'_>) -> Option<Span> {
    let setting = setting?;
    let without = |rule: &str| {
        let lines = rule.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
        lines.collect::<Vec<_>>().join(" ")
    };
    let is_it = |rule: &&str| {
        let plain = without(rule);
        let words: Vec<&str> = plain.split_whitespace().collect();
        plain.trim() != rule.trim()
            && matches!(words.as_slice(), [protocol, source, ports @ ..]
                if ports.iter().any(|port| granted(protocol, source, port) == *grant))
    };
    let rule = setting.value.split(',').find(is_it)?;
    // A value of several lines has their white space in the file.
    let first = rule.trim().lines().next().unwrap_or_default();
    Some(comparison.part(setting, first))
}

/// The places of a part of an option, in the order of search.
fn places_of(
    tree: &Tree,
    scope: &Scope<'_>,
    option: &str,
    part: &str,
    comparison: &Comparison<'_>,
) -> Vec<Option<Span>> {
    let settings = tree.all_of_environment(scope.env, scope.envtype, option).into_iter();
    let having = settings.filter(|setting| setting.value.contains(part.trim()));
    having.map(|setting| Some(comparison.part(setting, part))).collect()
}

/// A grant of the original.
fn granted(protocol: &str, source: &str, port: &str) -> Grant {
    let source = match block(source).as_str() {
        "0.0.0.0/0" => "internet".to_owned(),
        other if other.eq_ignore_ascii_case("all") => "all".to_owned(),
        other => other.to_owned(),
    };
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "-1" => return ("any".to_owned(), String::new(), source),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        number if number.parse::<u8>().is_ok() => return (format!("proto {number}"), String::new(), source),
        other => other.to_owned(),
    };
    let mut ends = port.split(':');
    let (from, to) = (ends.next().unwrap_or_default(), ends.next());
    let ports = match (protocol.as_str(), from, to.unwrap_or(from)) {
        ("icmp", "-1", _) | (_, "0", "65535") => String::new(),
        ("icmp", "8", "-1") => "echo-request".to_owned(),
        ("icmp", kind, "-1") => kind.to_owned(),
        (_, from, to) if from == to => from.to_owned(),
        (_, from, to) => format!("{from}..{to}"),
    };
    (protocol, ports, source)
}

/// The grants of a rule of the program.
fn written(rule: &str) -> Vec<Grant> {
    let rule = rule.split('"').next().unwrap_or_default().trim();
    let Some((what, sources)) = rule.split_once(" from ") else { return Vec::new() };
    let (protocol, ports) = match what.split_once(' ') {
        Some(("proto", number)) => (format!("proto {number}"), Vec::new()),
        Some((protocol, ports)) => (protocol.to_owned(), items(ports)),
        None => (what.to_owned(), Vec::new()),
    };
    let ports = if ports.is_empty() { vec![String::new()] } else { ports };
    let sources = items(sources);
    ports
        .iter()
        .flat_map(|port| sources.iter().map(|source| (protocol.clone(), port.clone(), source.clone())))
        .collect()
}

fn of_routes<'t>(
    tree: &Tree,
    get: &dyn Fn(&str) -> Option<&'t Setting>,
    scope: &Scope<'_>,
    network: &str,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let mut old: BTreeMap<String, Vec<Option<Span>>> = BTreeMap::new();
    let named = |net: &str| if block(net) == "0.0.0.0/0" { "internet".to_owned() } else { block(net) };
    let mut said: Vec<Option<&Setting>> = Vec::new();
    for gateway in ["igw", "vgw"] {
        let setting = get(&format!("{network}_{gateway}_routes"));
        said.push(setting);
        for net in text(setting).split_whitespace() {
            let option = format!("{network}_{gateway}_routes");
            old.insert(
                format!("{} via {gateway}", named(net)),
                places_of(tree, scope, &option, net, comparison),
            );
        }
    }
    let nat = get("nat_gateway_routes");
    said.push(nat);
    for pair in text(nat).split_whitespace() {
        if let Some((source, target)) = pair.split_once('/')
            && source == network
        {
            let at = places_of(tree, scope, "nat_gateway_routes", pair, comparison);
            old.insert(format!("internet via nat {target}"), at);
        }
    }
    let mut at: Vec<Option<Span>> = said.into_iter().map(place).collect();
    for option in
        [format!("{network}_igw_routes"), format!("{network}_vgw_routes"), "nat_gateway_routes".to_owned()]
    {
        at.extend(
            tree.all_of_environment(scope.env, scope.envtype, &option)
                .into_iter()
                .map(|one| place(Some(one))),
        );
    }
    let new: BTreeSet<String> =
        items(evaluated.written(&format!("{network}.routes"))).iter().map(|route| plain(route)).collect();
    let routes: BTreeSet<&String> = old.keys().chain(&new).collect();
    for route in routes {
        let said = |has: bool| if has { route.clone() } else { String::new() };
        let path = format!("{}.{network}.routes", scope.env);
        let places = old.get(route).map_or(at.as_slice(), Vec::as_slice);
        comparison.compare_made(path, &said(old.contains_key(route)), &said(new.contains(route)), places);
    }
}
