//! `disco_vpc.ini`: environments, their types, and peerings.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use asiaq_compiler::did_you_mean;
use asiaq_lang::{Diagnostic, Span};

use crate::codes;
use crate::customers;
use crate::draft::{Draft, Node};
use crate::ini::{Section, Setting};
use crate::old::{Old, host_bits, whole};
use crate::peerings;
use crate::rules;
use crate::scope::{NETWORKS, Scope};
use crate::scopes::Scopes;
use crate::words::{block, list, name_of, place, quoted, words};

/// Options of a metanetwork, after its name.
const OF_NETWORK: [&str; 5] = ["_cidr", "_sg_rules", "_igw_routes", "_vgw_routes", "_nat_gateways"];

/// The other options of an environment.
const OF_ENVIRONMENT: [&str; 15] = [
    "ami_stage",
    "application",
    "credential_buckets",
    "customer_cidr",
    "customer_ports",
    "domain_name",
    "external_dns",
    "internal_dns",
    "ip_space",
    "nat_gateway_routes",
    "ntp_server",
    "ntp_server_metanetwork",
    "ntp_server_offset",
    "vpc_cidr",
    "vpc_cidr_size",
];

/// Where a field stands: the blocks of an environment in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    Itself,
    Dhcp,
    Network(usize),
    Customer,
}

/// The fields of a scope by their places.
type Fields = BTreeMap<(Home, usize), Node>;

/// Writes the environments, their types and the peerings.
pub(crate) fn translate(old: &mut Old, scopes: &Scopes, region: &str, draft: &mut Draft) {
    let vpc = std::mem::take(&mut old.vpc);
    report_unread(old, &vpc.sections);
    let fallback = vpc.section("peerings");
    let section = |kind: &str, name: &str| vpc.section(&format!("{kind}:{name}"));
    let mut of_types: BTreeMap<&str, Fields> = BTreeMap::new();
    for name in &scopes.types {
        let scope = Scope { sections: section("envtype", name).into_iter().collect(), fallback };
        of_types.insert(name, fields(old, &scope, region));
    }
    let mut of_environments: BTreeMap<&str, Fields> = BTreeMap::new();
    for env in scopes.environments.values() {
        let sections = [section("env", &env.name), section("envtype", &env.envtype)];
        let scope = Scope { sections: sections.into_iter().flatten().collect(), fallback };
        let whole = fields(old, &scope, region);
        if let Some(of_type) = of_types.get_mut(env.envtype.as_str()) {
            stand_for(of_type, &whole);
        }
        of_environments.insert(&env.name, whole);
    }
    let is_classic =
        |fields: &Fields| (0..NETWORKS.len()).all(|at| fields.contains_key(&(Home::Network(at), 0)));
    let has_classic = !of_types.is_empty() && of_types.values().all(is_classic);
    let mut common = lifted(&of_types);
    let typeless = scopes.environments.values().filter(|env| !of_types.contains_key(env.envtype.as_str()));
    for whole in typeless.filter_map(|env| of_environments.get(env.name.as_str())) {
        stand_for(&mut common, whole);
    }
    let base = (!common.is_empty()).then_some("base");
    if has_classic {
        draft.add("networks.asq", Node { text: "use std/classic".to_owned(), ..Node::default() });
    }
    let root = has_classic.then_some("classic");
    if base.is_some() {
        let fields = without_classic(common.clone(), has_classic);
        let body = body(fields, has_classic, true, &[]);
        draft.add("networks.asq", Node::block(head("envtype", "base", root), None, body));
    }
    for name in &scopes.types {
        let (Some(own), Some(section)) = (of_types.get(name.as_str()), section("envtype", name)) else {
            continue;
        };
        let Some(written) = scopes.name_of_type(name) else { continue };
        let fields = without_classic(beyond(own, &common), has_classic);
        let body = body(fields, has_classic, base.is_none(), &[]);
        let node = Node::block(head("envtype", &written, base.or(root)), Some(section.span), body);
        draft.add("networks.asq", node.commented(&section.comments));
    }
    for env in scopes.environments.values() {
        let sections = [section("env", &env.name), section("envtype", &env.envtype)];
        let origin = sections.iter().flatten().next().map(|section| section.span);
        let comments =
            sections.first().copied().flatten().map(|section| section.comments.clone()).unwrap_or_default();
        let Some(whole) = of_environments.get(env.name.as_str()) else { continue };
        let nothing = Fields::new();
        let of_type = of_types.get(env.envtype.as_str()).unwrap_or(&nothing);
        let (parent, inherited) = match scopes.name_of_type(&env.envtype) {
            Some(parent) if of_types.contains_key(env.envtype.as_str()) => (Some(parent), of_type),
            _ => (base.or(root).map(str::to_owned), &common),
        };
        let own = without_classic(beyond(whole, inherited), has_classic);
        let mut extra = emptied(old, inherited, whole, (&env.name, section("env", &env.name)), origin);
        if let Some(path) = &env.pipeline {
            let name = crate::pipelines::name_of_path(path);
            extra.insert(0, Node { text: format!("pipeline = {name}"), origin, ..Node::default() });
        }
        let body = body(own, has_classic, parent.is_none(), &extra);
        let node = Node::block(head("env", &env.name, parent.as_deref()), origin, body);
        draft.add("infra.asq", node.commented(&comments));
    }
    left_out(&vpc.sections, scopes, draft);
    peerings::translate(old, vpc.section("peerings"), scopes, draft);
    draft.files.entry("networks.asq".to_owned()).or_default().push(Node::remark(vpc.rest.clone()));
    old.vpc = vpc;
}

fn head(kind: &str, name: &str, parent: Option<&str>) -> String {
    let name = if crate::words::is_name(name) { name.to_owned() } else { name_of(name) };
    parent.map_or_else(|| format!("{kind} {name}"), |parent| format!("{kind} {name} : {parent}"))
}

/// What at least three types have in common, all of them.
fn lifted(of_types: &BTreeMap<&str, Fields>) -> Fields {
    let mut types = of_types.values();
    let Some(first) = types.next().filter(|_| of_types.len() >= 3) else { return Fields::new() };
    let rest: Vec<&Fields> = types.collect();
    let is_common = |key: &(Home, usize), node: &Node| {
        rest.iter().all(|fields| fields.get(key).is_some_and(|other| other.is_same(node)))
    };
    let common = first.iter().filter(|(key, node)| is_common(key, node));
    let mut common: Fields = common.map(|(key, node)| (*key, node.clone())).collect();
    for fields in rest {
        stand_for(&mut common, fields);
    }
    common
}

/// Notes that fields take the place of equal ones.
fn stand_for(fields: &mut Fields, others: &Fields) {
    for (key, node) in fields {
        if let Some(other) = others.get(key) {
            node.stand_for(other);
        }
    }
}

/// The fields that differ from the inherited ones.
fn beyond(own: &Fields, inherited: &Fields) -> Fields {
    let differs =
        |key: &(Home, usize), node: &Node| !inherited.get(key).is_some_and(|other| other.is_same(node));
    own.iter().filter(|(key, node)| differs(key, node)).map(|(key, node)| (*key, node.clone())).collect()
}

/// Without the descriptions that `std/classic` has.
fn without_classic(mut fields: Fields, has_classic: bool) -> Fields {
    if has_classic {
        fields.retain(|(home, at), _| !(matches!(home, Home::Network(_)) && *at == 0));
    }
    fields
}

/// What an environment does not have, though its type does.
fn emptied(
    old: &mut Old,
    inherited: &Fields,
    all: &Fields,
    (env, section): (&str, Option<&Section>),
    origin: Option<Span>,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    for ((home, at), node) in inherited.iter().filter(|(key, _)| !all.contains_key(key)) {
        let field = node.text.split(" =").next().unwrap_or_default().to_owned();
        let text = match (home, node.is_list) {
            (Home::Network(_), _) if *at == 0 => {
                format!("a metanetwork that the type has ({})", name_of_home(*home))
            }
            (_, true) => {
                let text = format!("{field} = []");
                let inner = Node { text, origin, ..Node::default() };
                nodes.push(wrapped(*home, inner));
                continue;
            }
            _ => format!("{}{field}", name_of_home(*home)),
        };
        // The option of the environment that empties it.
        let key = node
            .origin
            .map(|of_type| old.sources.slice(of_type).split(['=', ':']).next().unwrap_or_default());
        let key = key.map(|key| key.trim().to_ascii_lowercase()).unwrap_or_default();
        let own = section.and_then(|section| section.get(&key)).map(whole);
        let Some(origin) = own.or(origin) else { continue };
        let why = format!("`{env}` does not have what its type has, and cannot say so: {text}");
        old.find(Diagnostic::new(codes::CANNOT_BE_SAID, origin, why.clone()));
        nodes.push(Node::remark(vec![format!("Not taken over: {why}")]));
    }
    nodes
}

fn wrapped(home: Home, node: Node) -> Node {
    let name = name_of_home(home);
    if name.is_empty() { node } else { Node::block(name.trim_end(), node.origin, vec![node]) }
}

fn name_of_home(home: Home) -> String {
    match home {
        Home::Itself => String::new(),
        Home::Dhcp => "dhcp ".to_owned(),
        Home::Customer => "customer ".to_owned(),
        Home::Network(at) => {
            NETWORKS.get(at).map(|(name, _)| format!("metanetwork {name} ")).unwrap_or_default()
        }
    }
}

/// The body of a declaration: fields, then blocks.
fn body(fields: Fields, has_classic: bool, is_root: bool, extra: &[Node]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut blocks: BTreeMap<Home, Vec<Node>> = BTreeMap::new();
    for ((home, _), node) in fields {
        match home {
            Home::Itself => nodes.push(node),
            home => blocks.entry(home).or_default().push(node),
        }
    }
    let (plain, declared): (Vec<&Node>, Vec<&Node>) =
        extra.iter().partition(|node| node.body.is_none() || node.is_list);
    nodes.extend(plain.into_iter().cloned());
    if is_root && !has_classic {
        nodes.push(Node { text: "instance_data = classic".to_owned(), ..Node::default() });
        nodes.push(Node::block("endpoint s3", None, Vec::new()));
    }
    for node in declared {
        let home = blocks.iter_mut().find(|(home, _)| name_of_home(**home).trim_end() == node.text);
        match (home, &node.body) {
            (Some((_, block)), Some(inner)) => block.extend(inner.iter().cloned()),
            _ => nodes.push(node.clone()),
        }
    }
    for (home, block) in blocks {
        let origin = block.iter().find_map(|node| node.origin);
        nodes.push(Node::block(name_of_home(home).trim_end(), origin, block));
    }
    nodes
}

/// Every field that a scope has.
fn fields(old: &mut Old, scope: &Scope<'_>, region: &str) -> Fields {
    let mut fields = Fields::new();
    of_itself(old, scope, &mut fields);
    of_dhcp(old, scope, &mut fields);
    for (at, (name, description)) in NETWORKS.iter().enumerate() {
        if let Some(cidr) = scope.said(&format!("{name}_cidr")) {
            let text = format!("description = {}", quoted(description));
            fields
                .insert((Home::Network(at), 0), Node { text, origin: Some(whole(cidr)), ..Node::default() });
            of_network(old, scope, (at, name), region, &mut fields);
        }
    }
    for (at, node) in customers::fields(old, scope).into_iter().enumerate() {
        fields.insert((Home::Customer, at), node);
    }
    fields
}

fn of_itself(old: &mut Old, scope: &Scope<'_>, fields: &mut Fields) {
    if let Some(fixed) = scope.said("vpc_cidr") {
        let written = match of_block(old, fixed) {
            Some(net) => Node::field(format!("cidr = {net}"), whole(fixed)),
            None => refused(old, fixed, "cidr", "it is no CIDR block"),
        };
        fields.insert((Home::Itself, 0), written.commented(&fixed.comments));
    } else if let (Some(pool), Some(size)) = (scope.said("ip_space"), scope.said("vpc_cidr_size")) {
        let prefix = size.value.parse::<u8>().ok().filter(|prefix| *prefix <= 32);
        let written = match (of_block(old, pool), prefix) {
            (Some(net), Some(prefix)) => Node::field(format!("cidr = auto /{prefix} in {net}"), whole(pool)),
            (None, _) => refused(old, pool, "cidr", "it is no CIDR block"),
            (_, None) => refused(old, size, "cidr", "it is no length of a prefix"),
        };
        fields.insert((Home::Itself, 0), written.commented(&pool.comments).commented(&size.comments));
    }
    let mut add = |at: usize, setting: &Setting, text: String| {
        let node = Node::field(text, whole(setting)).commented(&setting.comments);
        fields.insert((Home::Itself, at), node);
    };
    if let Some(setting) = scope.said("application") {
        add(1, setting, format!("application = {}", quoted(&setting.value)));
    }
    if let Some(setting) = scope.said("ami_stage") {
        let stages: Vec<String> = setting.value.split(',').map(quoted).collect();
        add(2, setting, format!("ami_stages = {}", list(&stages)));
    }
    if let Some(setting) = scope.said("credential_buckets") {
        let buckets: Vec<String> = words(&setting.value).into_iter().map(quoted).collect();
        add(3, setting, format!("credential_buckets = {}", list(&buckets)));
    }
}

fn of_dhcp(old: &mut Old, scope: &Scope<'_>, fields: &mut Fields) {
    if let Some(setting) = scope.said("domain_name") {
        let text = format!("domain_name = {}", quoted(&setting.value));
        fields.insert((Home::Dhcp, 0), Node::field(text, whole(setting)).commented(&setting.comments));
    }
    let mut servers: Vec<Node> = Vec::new();
    let (mut origin, mut comments): (Option<Span>, Vec<String>) = (None, Vec::new());
    for setting in ["internal_dns", "external_dns"].into_iter().filter_map(|key| scope.said(key)) {
        let is_amazon = setting.value.eq_ignore_ascii_case("AmazonProvidedDNS");
        let server = if is_amazon { "amazon".to_owned() } else { setting.value.clone() };
        if servers.iter().any(|known| known.text == server) {
            let message = format!("both name servers are `{}`", setting.value);
            old.find(Diagnostic::new(codes::REPEATED_OPTION, setting.span, message));
        } else if is_amazon || server.parse::<Ipv4Addr>().is_ok() {
            servers.push(Node::field(server, whole(setting)));
        } else {
            let node = refused(old, setting, "dns", "it is no IP address and not `AmazonProvidedDNS`");
            servers.push(Node { text: server, ..node });
        }
        origin.get_or_insert(whole(setting));
        comments.extend(setting.comments.iter().cloned());
    }
    if let Some(origin) = origin.filter(|_| !servers.is_empty()) {
        fields.insert((Home::Dhcp, 1), Node::list("dns =", origin, servers).commented(&comments));
    }
    if let Some(setting) = scope.said("ntp_server") {
        let items = words(&setting.value).into_iter().map(|server| {
            let origin = old.part(setting, server);
            if server.parse::<Ipv4Addr>().is_ok() {
                return Node::field(server, origin);
            }
            let why =
                "a time server is an IP address or an offset: the original looks a name up where it runs";
            old.find(Diagnostic::new(codes::CANNOT_BE_SAID, origin, why));
            Node::refused(server, origin, why)
        });
        let items = items.collect();
        fields
            .insert((Home::Dhcp, 2), Node::list("ntp =", whole(setting), items).commented(&setting.comments));
        return;
    }
    let (Some(network), Some(offset)) =
        (scope.said("ntp_server_metanetwork"), scope.said("ntp_server_offset"))
    else {
        for key in ["ntp_server_metanetwork", "ntp_server_offset"] {
            if let Some(setting) = scope.said(key) {
                let message =
                    format!("`{key}` alone has no effect: the original needs the network and the offset");
                old.find(Diagnostic::new(codes::UNREAD_OPTION, setting.key_span, message));
            }
        }
        return;
    };
    let offset_value = offset.value.parse::<i64>().ok();
    let node = match offset_value {
        Some(number) if scope.has_network(&network.value) => {
            let sign = if number < 0 { '-' } else { '+' };
            let text = format!("{} {sign} {}", network.value, number.unsigned_abs());
            Node::list("ntp =", whole(network), vec![Node::field(text, whole(offset))])
        }
        Some(_) => refused(old, network, "ntp", "there is no such metanetwork"),
        None => refused(old, offset, "ntp", "it is no whole number"),
    };
    fields.insert((Home::Dhcp, 2), node.commented(&network.comments).commented(&offset.comments));
}

fn of_network(
    old: &mut Old,
    scope: &Scope<'_>,
    (at, name): (usize, &str),
    region: &str,
    fields: &mut Fields,
) {
    let home = Home::Network(at);
    if let Some(cidr) = scope.said(&format!("{name}_cidr")).filter(|cidr| cidr.value != "auto") {
        let node = match of_block(old, cidr) {
            Some(net) => Node::field(format!("cidr = {net}"), whole(cidr)),
            None => refused(old, cidr, "cidr", "it is no CIDR block and not `auto`"),
        };
        fields.insert((home, 1), node.commented(&cidr.comments));
    }
    if let Some(setting) = scope.said(&format!("{name}_sg_rules")) {
        let mut items = rules::rules(old, setting, scope);
        items.extend(customers::without_block(old, scope, name));
        fields.insert((home, 2), Node::list("ingress =", whole(setting), items).commented(&setting.comments));
    }
    let (routes, origin, comments) = routes(old, scope, name);
    if let Some(origin) = origin {
        fields.insert((home, 3), Node::list("routes =", origin, routes).commented(&comments));
    }
    if let Some(setting) = scope.said(&format!("{name}_nat_gateways")) {
        let node = nat(old, setting, region);
        fields.insert((home, 4), node.commented(&setting.comments));
    }
}

fn routes(old: &mut Old, scope: &Scope<'_>, name: &str) -> (Vec<Node>, Option<Span>, Vec<String>) {
    let (mut items, mut origin, mut comments): (Vec<Node>, Option<Span>, Vec<String>) =
        (Vec::new(), None, Vec::new());
    for (key, gateway) in [("igw", "igw"), ("vgw", "vgw")] {
        let Some(setting) = scope.said(&format!("{name}_{key}_routes")) else { continue };
        origin.get_or_insert(whole(setting));
        comments.extend(setting.comments.iter().cloned());
        for word in words(&setting.value) {
            let place_of = old.part(setting, word);
            if let Some((net, has_host_bits)) = block(word) {
                if has_host_bits {
                    host_bits(old, place_of, word, &net.to_string());
                }
                items.push(Node::field(format!("{} via {gateway}", place(net)), place_of));
            } else {
                let why = format!("`{word}` is no CIDR block; destinations are separated by blanks");
                old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, place_of, why.clone()));
                items.push(Node::refused(word, place_of, why));
            }
        }
    }
    if let Some(setting) = scope.said("nat_gateway_routes") {
        for word in words(&setting.value) {
            let place_of = old.part(setting, word);
            match word.split_once('/') {
                Some((source, target)) if source == name => {
                    origin.get_or_insert(whole(setting));
                    items.push(Node::field(format!("internet via nat {target}"), place_of));
                }
                Some((source, _)) if scope.has_network(source) => {}
                _ => {
                    let message =
                        format!("`{word}` is not `SOURCE/TARGET` of two metanetworks of {}", scope.name());
                    old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, place_of, message));
                }
            }
        }
    }
    (items, origin, comments)
}

/// In which order the original gives the addresses of a list to the zones: the one of its table of hashes.
fn order_of_zones(region: &str) -> Option<[usize; 3]> {
    match region {
        "us-west-2" => Some([0, 2, 1]),
        "us-east-1" => Some([2, 0, 1]),
        _ => None,
    }
}

fn nat(old: &mut Old, setting: &Setting, region: &str) -> Node {
    if setting.value.eq_ignore_ascii_case("auto") {
        return Node::field("nat = auto", whole(setting));
    }
    let parts: Vec<&str> =
        setting.value.split(',').map(crate::ini::trim).filter(|part| !part.is_empty()).collect();
    let mut addresses: Vec<&str> = Vec::new();
    for part in parts {
        let several = words(part);
        if several.len() > 1 {
            let message = "the addresses are separated by blanks: the original takes only commas, and fails";
            old.find(Diagnostic::new(codes::WRONG_SEPARATOR, old.part(setting, part), message));
        }
        addresses.extend(several);
    }
    if addresses.iter().any(|address| address.parse::<Ipv4Addr>().is_err()) {
        return refused(old, setting, "nat", "it is neither `auto` nor a list of Elastic IP addresses");
    }
    if let Some([one, two, three]) = order_of_zones(region)
        && let [_, _, _] = addresses.as_slice()
    {
        let pick = |at: usize| addresses.get(at).copied();
        let sorted: Vec<&str> = [one, two, three].into_iter().filter_map(pick).collect();
        let message = format!(
            "the original gives these addresses to the zones in the order {}, which is written down",
            sorted.join(", ")
        );
        old.find(Diagnostic::new(codes::ADDRESSES_REORDERED, setting.span, message));
        return Node::field(format!("nat = [{}]", sorted.join(", ")), whole(setting));
    }
    Node::field(format!("nat = [{}]", addresses.join(", ")), whole(setting))
}

/// The block of an option; host bits are a finding.
fn of_block(old: &mut Old, setting: &Setting) -> Option<ipnet::Ipv4Net> {
    let (net, has_host_bits) = block(&setting.value)?;
    if has_host_bits {
        host_bits(old, setting.span, &setting.value, &net.to_string());
    }
    Some(net)
}

/// An option whose value means nothing.
fn refused(old: &mut Old, setting: &Setting, field: &str, why: &str) -> Node {
    let message = format!("`{}` of `{}`: {why}", setting.value, setting.key);
    let span = if setting.value.is_empty() { setting.key_span } else { setting.span };
    old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, span, message));
    Node::refused(format!("{field} = {}", setting.value), whole(setting), why)
}

/// Options and sections that nothing reads.
fn report_unread(old: &mut Old, sections: &[Section]) {
    let networks =
        NETWORKS.iter().flat_map(|(name, _)| OF_NETWORK.iter().map(move |end| format!("{name}{end}")));
    let known: BTreeSet<String> = networks.chain(OF_ENVIRONMENT.map(str::to_owned)).collect();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    for section in sections {
        let is_known = section.name.starts_with("envtype:") || section.name.starts_with("env:");
        if !is_known && section.name != "peerings" {
            let message = format!("nothing reads the section `[{}]`", section.name);
            let help = "`disco_vpc.ini` has `[envtype:TYPE]`, `[env:NAME]` and `[peerings]`";
            old.find(Diagnostic::new(codes::UNREAD_SECTION, section.span, message).help(help));
            continue;
        }
        for option in section.options.iter().filter(|option| !option.is_default) {
            if known.contains(&option.key) || (!is_known && option.key.starts_with("connection_")) {
                continue;
            }
            let message = format!("nothing reads the option `{}`", option.key);
            let mut found = Diagnostic::new(codes::UNREAD_OPTION, option.key_span, message);
            let plain = option.key.split('@').next().unwrap_or_default();
            if option.key.contains('@') && known.contains(plain) {
                found = found.help("`disco_vpc.ini` knows no `@ENV`: write it in `[env:NAME]`");
            } else if let Some(near) = did_you_mean(&option.key, &names) {
                found = found.help(format!("did you mean `{near}`?"));
            }
            old.find(found);
        }
    }
}

/// The environments that are left out, as comments; and what nothing reads.
fn left_out(sections: &[Section], scopes: &Scopes, draft: &mut Draft) {
    for section in sections {
        let name = section.name.strip_prefix("env:");
        let is_known = |name: &str| scopes.environments.contains_key(name);
        let is_written =
            section.name == "peerings" || section.name.starts_with("envtype:") || name.is_some_and(is_known);
        if is_written {
            continue;
        }
        let mut lines = section.comments.clone();
        lines.push(match name {
            Some(name) => format!("Not taken over: the type of the environment `{name}` is not known."),
            None => format!("Not taken over: nothing reads the section `{}`.", section.name),
        });
        lines.push(format!("[{}]", section.name));
        for option in section.options.iter().filter(|option| !option.is_default) {
            lines.extend(format!("{} = {}", option.key, option.value).lines().map(str::to_owned));
        }
        draft.add("infra.asq", Node::remark(lines));
    }
}
