//! `disco_elasticache.ini`: caches, in sections `[ENV:NAME]`.

use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Section, Setting};
use crate::old::{Old, whole};
use crate::options::Value;
use crate::scope::NETWORKS;
use crate::scopes::Scopes;
use crate::sections::{
    add_to_environment, is_known, number, of_option, product_line, require, unread, unread_section, usual,
    weekly, without_environment, word,
};
use crate::words::quoted;

const OPTIONS: [&str; 9] = [
    "instance_type",
    "engine_version",
    "parameter_group",
    "num_nodes",
    "port",
    "meta_network",
    "domain_name",
    "product_line",
    "maintenance_window",
];

const REQUIRED: [&str; 5] = ["instance_type", "engine_version", "parameter_group", "num_nodes", "port"];

/// When AWS maintains a cache for which nobody says it.
const USUAL_WINDOW: &str = "sat 05:00..sat 06:00";

/// Writes the caches into their environments.
pub(crate) fn translate(old: &mut Old, scopes: &Scopes, draft: &mut Draft) {
    let ini = std::mem::take(&mut old.caches);
    let aws = std::mem::take(&mut old.aws);
    for section in &ini.sections {
        let named = section.name.split_once(':').filter(|(env, name)| !env.is_empty() && !name.is_empty());
        let Some((env, name)) = named else {
            unread_section(old, draft, section, "a cache is `[ENV:NAME]`");
            continue;
        };
        if !is_known(scopes, env) {
            without_environment(draft, section, env);
            continue;
        }
        let mut body = fields(old, section, (env, name), aws.section("disco_aws"));
        body.extend(unread(old, section, &OPTIONS, "a cache"));
        let node = Node::block(format!("cache {}", word(name)), Some(section.span), body);
        add_to_environment(draft, env, node.commented(&section.comments));
    }
    draft.add("infra.asq", Node::remark(ini.rest.clone()));
    (old.caches, old.aws) = (ini, aws);
}

fn fields(old: &mut Old, section: &Section, (env, name): (&str, &str), aws: Option<&Section>) -> Vec<Node> {
    let get = |option: &str| section.get(option).filter(|setting| !setting.value.is_empty());
    require(old, section, &|option| get(option).is_some(), &REQUIRED);
    let mut nodes = vec![Node::field("engine = redis", section.span)];
    if word(name) != name {
        let message = format!("`{name}` is no name of `.asq`: the id that follows from it changes");
        old.find(Diagnostic::new(codes::CANNOT_BE_SAID, section.span, message));
        let description = format!("description = {}", quoted(&format!("{env}-{name}")));
        nodes.push(Node::field(description, section.span));
    }
    nodes.extend(of_option(old, get("engine_version"), "version", &mut |old, setting| {
        let parts: Vec<&str> = setting.value.split('.').collect();
        if parts.len() != 3 || parts.iter().any(|part| part.parse::<u32>().is_err()) {
            let message = format!("`{}` is not three numbers: the original fails with it", setting.value);
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, setting.span, message));
        }
        Value::Is(quoted(&setting.value))
    }));
    nodes.extend(of_option(old, get("instance_type"), "type", &mut |_, setting| node_type(setting)));
    nodes.extend(of_option(old, get("num_nodes"), "nodes", &mut |_, setting| match number(setting) {
        Ok(1) => Value::Default,
        Ok(nodes) => Value::Is(nodes.to_string()),
        Err(why) => Value::Bad(why),
    }));
    nodes.extend(of_option(old, get("port"), "port", &mut |_, setting| match number(setting) {
        Ok(6379) => Value::Default,
        Ok(port) => Value::Is(port.to_string()),
        Err(why) => Value::Bad(why),
    }));
    nodes.extend(of_option(old, get("parameter_group"), "parameter_group", &mut |_, setting| {
        Value::Is(quoted(&setting.value))
    }));
    // An empty value is one too.
    let network_of = section.get("meta_network");
    nodes.extend(network(old, section, network_of, usual(aws, "default_meta_network", env)));
    nodes.extend(of_option(old, get("maintenance_window"), "window", &mut |_, setting| match weekly(
        &setting.value,
    ) {
        Some(window) if window == USUAL_WINDOW => Value::Default,
        Some(window) => Value::Is(window),
        None => Value::Bad("it is not `DAY:HH:MM-DAY:HH:MM`".to_owned()),
    }));
    let has_domain = usual(aws, "default_domain_name", env).is_some_and(|usual| !usual.value.is_empty());
    nodes.extend(of_option(old, section.get("domain_name"), "domain", &mut |_, setting| match (
        setting.value.is_empty(),
        has_domain,
    ) {
        (false, _) => Value::Is(quoted(&setting.value)),
        (true, true) => Value::Unsayable("no name in DNS, though the project has a domain".to_owned()),
        (true, false) => Value::Default,
    }));
    let line = match section.get("product_line") {
        Some(own) => product_line("product_line", own, whole(own)),
        None => usual(aws, "default_product_line", env)
            .and_then(|usual| product_line("product_line", usual, section.span)),
    };
    nodes.extend(line);
    nodes
}

fn node_type(setting: &Setting) -> Value {
    let text = crate::ini::trim(&setting.value);
    let is_type = text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-');
    if is_type { Value::Is(text.to_owned()) } else { Value::Bad("it is no type of nodes".to_owned()) }
}

/// The metanetwork, unless it is the default of `.asq`.
fn network(old: &mut Old, section: &Section, own: Option<&Setting>, usual: Option<&Setting>) -> Option<Node> {
    let Some(setting) = own.or(usual) else {
        require(old, section, &|_| false, &["meta_network"]);
        return None;
    };
    let name = crate::ini::trim(&setting.value);
    if name == "intranet" {
        return None;
    }
    if own.is_some() {
        return of_option(old, own, "network", &mut |_, _| {
            if NETWORKS.iter().any(|(known, _)| *known == name) {
                Value::Is(name.to_owned())
            } else {
                Value::Bad(format!("there is no metanetwork `{name}`"))
            }
        });
    }
    NETWORKS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(known, _)| Node::field(format!("network = {known}"), section.span))
}
