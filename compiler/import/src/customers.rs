//! Ports for customers: `customer_ports` and `customer_cidr`.

use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::Node;
use crate::ini::Setting;
use crate::old::{Old, host_bits, whole};
use crate::rules;
use crate::scope::Scope;
use crate::words::{block, list, place, words};

/// The ports for customers, and whether they are opened on `dmz` and on `intranet`.
fn customers<'a>(scope: &Scope<'a>) -> Option<(&'a Setting, bool, bool)> {
    let ports = scope.said("customer_ports")?;
    let has_rules = |name: &str| scope.has_network(name) && scope.said(&format!("{name}_sg_rules")).is_some();
    Some((ports, has_rules("dmz"), has_rules("intranet")))
}

/// The fields of the block `customer`; nothing where rules say it.
pub(crate) fn fields(old: &mut Old, scope: &Scope<'_>) -> Vec<Node> {
    let mut fields = Vec::new();
    let Some((ports, on_dmz, on_intranet)) = customers(scope) else { return fields };
    if !on_dmz {
        let message = "`customer_ports` opens nothing: `dmz` has no `dmz_sg_rules`";
        old.find(
            Diagnostic::new(codes::CUSTOMER_PORTS_CLOSED, whole(ports), message)
                .help("the original reads the ports only where a metanetwork has rules of its own"),
        );
    }
    if !(on_dmz && on_intranet) {
        return fields;
    }
    let items = customer_ports(old, ports);
    fields.push(Node::list("ports =", whole(ports), items).commented(&ports.comments));
    if let Some(from) = scope.said("customer_cidr") {
        let items = customer_sources(old, from);
        fields.push(Node::list("from =", whole(from), items).commented(&from.comments));
    }
    fields
}

fn customer_ports(old: &mut Old, setting: &Setting) -> Vec<Node> {
    let mut items = Vec::new();
    for word in words(&setting.value) {
        let origin = old.part(setting, word);
        if word.contains(',') {
            let message = "the ports are separated by commas: the original takes only blanks, and fails";
            old.find(Diagnostic::new(codes::WRONG_SEPARATOR, origin, message));
        }
        for port in word.split(',').filter(|port| !port.is_empty()) {
            if let Some(port) = rules::customer_port(port) {
                items.push(Node::field(port, origin));
            } else {
                let why = format!("`{port}` is no port");
                old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, origin, why.clone()));
                items.push(Node::refused(port, origin, why));
            }
        }
    }
    items
}

fn customer_sources(old: &mut Old, setting: &Setting) -> Vec<Node> {
    let mut items = Vec::new();
    for word in words(&setting.value) {
        let origin = old.part(setting, word);
        if let Some((net, has_host_bits)) = block(word) {
            if has_host_bits {
                host_bits(old, origin, word, &net.to_string());
            }
            items.push(Node::field(place(net), origin));
        } else {
            let why = format!("`{word}` is no CIDR block");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, origin, why.clone()));
            items.push(Node::refused(word, origin, why));
        }
    }
    items
}

/// The rules for customers of a metanetwork where not both of `dmz` and `intranet` have them, so that no block says it.
pub(crate) fn without_block(old: &mut Old, scope: &Scope<'_>, name: &str) -> Vec<Node> {
    let Some((ports, on_dmz, on_intranet)) = customers(scope) else { return Vec::new() };
    if on_dmz && on_intranet || !scope.has_network("dmz") {
        return Vec::new();
    }
    let opened: Vec<String> = customer_ports(old, ports)
        .into_iter()
        .filter(|node| !node.is_silent())
        .map(|node| node.text)
        .collect();
    let sources = match name {
        "dmz" => {
            let from =
                scope.said("customer_cidr").map(|from| customer_sources(old, from)).unwrap_or_default();
            let from = from.into_iter().filter(|node| !node.is_silent()).map(|node| node.text);
            from.chain(["dmz".to_owned()]).collect()
        }
        "intranet" => vec!["dmz".to_owned()],
        _ => return Vec::new(),
    };
    let one = |values: &[String]| if let [only] = values { only.clone() } else { list(values) };
    vec![Node::field(format!("tcp {} from {} \"customers\"", one(&opened), one(&sources)), whole(ports))]
}
