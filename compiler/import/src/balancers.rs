//! The Classic Load Balancers of hostclasses: options `elb` and `elb_…`.

use std::collections::BTreeSet;

use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::Node;
use crate::ini::{Section, Setting};
use crate::old::{Old, whole};
use crate::options::{Value, fields, said, truth_value};
use crate::scope::NETWORKS;
use crate::scopes::Scopes;
use crate::words::{is_true, quoted};

/// Every option of a load balancer.
pub(crate) const OPTIONS: [&str; 14] = [
    "elb",
    "elb_meta_network",
    "elb_dns_alias",
    "elb_health_check_url",
    "elb_instance_port",
    "elb_port",
    "elb_instance_protocol",
    "elb_protocol",
    "elb_public",
    "elb_sticky_app_cookie",
    "elb_idle_timeout",
    "elb_connection_draining",
    "elb_cross_zone_load_balancing",
    "elb_cert_name",
];

/// Those of the listeners.
const OF_LISTENERS: [&str; 4] = ["elb_instance_port", "elb_port", "elb_instance_protocol", "elb_protocol"];

/// The other ones, with the names of their fields.
const FIELDS: [(&str, &str); 9] = [
    ("elb_public", "public"),
    ("elb_meta_network", "network"),
    ("elb_health_check_url", "health_check"),
    ("elb_idle_timeout", "idle_timeout"),
    ("elb_connection_draining", "draining"),
    ("elb_cross_zone_load_balancing", "cross_zone"),
    ("elb_sticky_app_cookie", "sticky"),
    ("elb_dns_alias", "dns_alias"),
    ("elb_cert_name", "certificate"),
];

/// The sections that are searched for an option of a hostclass.
struct Search<'a>(&'a Section, Option<&'a Section>);

impl<'a> Search<'a> {
    /// The value for an environment: that of the hostclass for it, its plain one, that of the defaults for it, their plain one.
    fn get(&self, option: &str, env: Option<&str>) -> Option<&'a Setting> {
        let of_env = env.map(|env| format!("{option}@{}", env.to_ascii_lowercase()));
        let in_section = |section: &'a Section| {
            of_env.as_ref().and_then(|key| section.get(key)).or_else(|| section.get(option))
        };
        in_section(self.0).or_else(|| self.1.and_then(in_section))
    }
}

/// The block `elb` of a hostclass; nothing where it has none anywhere.
pub(crate) fn block(
    old: &mut Old,
    scopes: &Scopes,
    section: &Section,
    defaults: Option<&Section>,
) -> Option<Node> {
    let is_own = |option: &str| !said(section, option, scopes).is_empty();
    if !OPTIONS.iter().any(|option| is_own(option)) {
        return None;
    }
    let search = Search(section, defaults);
    let has = |option: &str| {
        let all = [Some(section), defaults];
        all.into_iter()
            .flatten()
            .any(|section| said(section, option, scopes).iter().any(|said| is_true(&said.setting.value)))
    };
    let is_template = defaults.is_none() && section.name == "defaults";
    if !has("elb") && !is_template {
        let first = section.options.iter().find(|setting| setting.key.starts_with("elb_"));
        if let Some(first) = first {
            let message =
                format!("`[{}]` has no load balancer: its options of one have no effect", section.name);
            let help = "`elb = yes` makes one";
            old.find(Diagnostic::new(codes::UNREAD_OPTION, first.key_span, message).help(help));
        }
        let of_balancer = section.options.iter().filter(|setting| setting.key.starts_with("elb"));
        let lines =
            of_balancer.map(|setting| format!("{} = {}", setting.key, setting.value).replace('\n', " "));
        return Some(Node::remark(
            std::iter::once("No load balancer is made:".to_owned()).chain(lines).collect(),
        ));
    }
    let mut nodes = Vec::new();
    let is_plainly_on = search.get("elb", None).is_some_and(|setting| is_true(&setting.value));
    if !is_plainly_on && search.0.get("elb").is_none() {
        nodes.push(Node {
            text: "enabled = false".to_owned(),
            origin: Some(section.span),
            ..Node::default()
        });
    }
    let enabled = fields(old, scopes, section, ("elb", "enabled"), &mut truth_value);
    // What is so anyway is not written: the defaults may have a load balancer that is off.
    let has_own = |section: &Section| OPTIONS.iter().any(|option| !said(section, option, scopes).is_empty());
    let is_off = defaults.is_some_and(|defaults| {
        has_own(defaults) && !defaults.get("elb").is_some_and(|setting| is_true(&setting.value))
    });
    nodes.extend(enabled.into_iter().filter(|node| is_off || node.text != "enabled = true"));
    nodes.extend(listeners(old, scopes, &search));
    for (option, name) in FIELDS {
        nodes.extend(fields(old, scopes, section, (option, name), &mut |old, setting| {
            value(old, option, setting)
        }));
    }
    let sections = [Some(section), defaults];
    let all = sections.into_iter().flatten().flat_map(|section| said(section, "elb", scopes));
    let also = all.map(|said| whole(said.setting)).collect();
    Some(Node { also, ..Node::block("elb", Some(section.span), nodes) })
}

fn value(old: &mut Old, option: &str, setting: &Setting) -> Value {
    let text = setting.value.trim();
    match option {
        "elb_public" | "elb_cross_zone_load_balancing" => truth_value(old, setting),
        _ if text.is_empty() => Value::Default,
        "elb_meta_network" if NETWORKS.iter().any(|(known, _)| *known == text) => Value::Is(text.to_owned()),
        "elb_meta_network" => Value::Bad(format!("there is no metanetwork `{text}`")),
        "elb_idle_timeout" | "elb_connection_draining" => match text.parse::<u32>() {
            // AWS's own default then.
            Ok(0) if option == "elb_idle_timeout" => Value::Is("60s".to_owned()),
            Ok(seconds) => Value::Is(format!("{seconds}s")),
            Err(_) => Value::Bad(format!("`{text}` is no number of seconds")),
        },
        "elb_sticky_app_cookie" if text == "ELB" || text == "AWSELB" => Value::Is("cookie".to_owned()),
        "elb_sticky_app_cookie" => Value::Is(format!("cookie {}", quoted(text))),
        _ => Value::Is(quoted(text)),
    }
}

/// The field `listeners`, and one for each environment that has others.
fn listeners(old: &mut Old, scopes: &Scopes, search: &Search<'_>) -> Vec<Node> {
    let mut environments = BTreeSet::new();
    let (mut own, mut plain): (Vec<&Setting>, bool) = (Vec::new(), false);
    for said in OF_LISTENERS.iter().flat_map(|option| said(search.0, option, scopes)) {
        own.push(said.setting);
        match said.env {
            Ok(None) => plain = true,
            Ok(Some(env)) => {
                environments.insert(env);
            }
            Err(name) => {
                let _ = crate::options::no_environment(old, said.setting, &name);
            }
        }
    }
    let Some(first) = own.first() else { return Vec::new() };
    let comments: Vec<String> = own.iter().flat_map(|setting| setting.comments.clone()).collect();
    let usual = listed(search, None);
    let contexts = std::iter::once(None).filter(|_| plain).chain(environments.into_iter().map(Some));
    let mut nodes = Vec::new();
    for env in contexts {
        let suffix = env.as_ref().map(|env| format!("@{env}")).unwrap_or_default();
        let written = listed(search, env.as_deref());
        if env.is_some() && written == usual {
            continue;
        }
        match written {
            Ok(listeners) if env.is_none() && listeners == ["http 80 -> http 80"] => {}
            Ok(listeners) => {
                let items =
                    listeners.into_iter().map(|listener| Node::field(listener, whole(first))).collect();
                nodes.push(Node::list(format!("listeners{suffix} ="), whole(first), items));
            }
            Err((option, why)) => {
                let place = whole(search.get(option, env.as_deref()).unwrap_or(first));
                old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, place, why.clone()));
                nodes.push(Node::refused(format!("listeners{suffix}"), place, why));
            }
        }
    }
    if let Some(node) = nodes.first_mut() {
        *node = node.clone().commented(&comments);
    }
    nodes
}

/// A protocol and a port.
type End = (String, u16);

/// An option, and what is wrong with its value.
type Wrong = (&'static str, String);

/// The listeners that the original infers.
fn listed(search: &Search<'_>, env: Option<&str>) -> Result<Vec<String>, Wrong> {
    let parts = |option: &'static str| -> (&'static str, Vec<String>) {
        let value = search.get(option, env).map(|setting| setting.value.as_str()).unwrap_or_default();
        let parts = value.split(',').map(crate::ini::trim).filter(|part| !part.is_empty());
        (option, parts.map(str::to_owned).collect())
    };
    let backs = ends(parts("elb_instance_port"), parts("elb_instance_protocol"))?;
    let fronts = ends(parts("elb_port"), parts("elb_protocol"))?;
    let count = if backs.len() == 1 { fronts.len() } else { backs.len().max(fronts.len()) };
    let mut listeners = Vec::new();
    for at in 0..count {
        let back = if backs.len() == 1 { backs.first() } else { backs.get(at) };
        let front = fronts.get(at);
        let (Some(front), Some(back)) = (front.or(back), back.or(front)) else { continue };
        listeners.push(format!("{} {} -> {} {}", front.0, front.1, back.0, back.1));
    }
    Ok(listeners)
}

/// Ports and protocols, paired by their positions; each with its option.
fn ends(
    (of_ports, ports): (&'static str, Vec<String>),
    (of_protocols, protocols): (&'static str, Vec<String>),
) -> Result<Vec<End>, Wrong> {
    if ports.is_empty() && protocols.is_empty() {
        return Ok(vec![("http".to_owned(), 80)]);
    }
    let mut ends = Vec::new();
    for at in 0..ports.len().max(protocols.len()) {
        let port = match ports.get(at) {
            Some(text) => Some(text.parse::<u16>().map_err(|_| (of_ports, format!("`{text}` is no port")))?),
            None => None,
        };
        let protocol = match protocols.get(at).map(|protocol| protocol.to_ascii_uppercase()) {
            Some(protocol) if protocol == "SSL" => Some("tls".to_owned()),
            Some(protocol) if ["HTTP", "HTTPS", "TCP"].contains(&protocol.as_str()) => {
                Some(protocol.to_lowercase())
            }
            Some(protocol) => {
                return Err((of_protocols, format!("`{protocol}` is none of HTTP, HTTPS, SSL and TCP")));
            }
            None => None,
        };
        ends.push(match (protocol, port) {
            (Some(protocol), Some(port)) => (protocol, port),
            (None, Some(80)) => ("http".to_owned(), 80),
            (None, Some(443)) => ("https".to_owned(), 443),
            (None, Some(port)) => ("tcp".to_owned(), port),
            (Some(protocol), None) if protocol == "http" => (protocol, 80),
            (Some(protocol), None) if protocol == "https" => (protocol, 443),
            (Some(protocol), None) => return Err((of_protocols, format!("`{protocol}` needs a port"))),
            (None, None) => continue,
        });
    }
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Options, and the listeners.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

    fn inferred(options: &[(&str, &str)]) -> Result<Vec<String>, Wrong> {
        let lines: Vec<String> = options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let text = lines.join("\n");
        let (ini, _) = crate::ini::read(asiaq_lang::FileId(0), &format!("[mhcx]\n{text}"));
        listed(&Search(ini.section("mhcx").unwrap(), None), None)
    }

    #[test]
    fn listeners_are_inferred_as_the_original_does() {
        let cases: [Case<'_>; 6] = [
            (&[], &["http 80 -> http 80"]),
            (&[("elb_port", "443")], &["https 443 -> http 80"]),
            (
                &[
                    ("elb_instance_port", "80"),
                    ("elb_instance_protocol", "HTTP"),
                    ("elb_port", "443, 9001"),
                    ("elb_protocol", "HTTPS, HTTP"),
                ],
                &["https 443 -> http 80", "http 9001 -> http 80"],
            ),
            (
                &[
                    ("elb_instance_port", "80, 80"),
                    ("elb_instance_protocol", "HTTP"),
                    ("elb_port", "443"),
                    ("elb_protocol", "HTTPS, HTTPS"),
                ],
                &["https 443 -> http 80", "https 443 -> http 80"],
            ),
            (
                &[
                    ("elb_instance_port", "80, 9001"),
                    ("elb_instance_protocol", "http, http"),
                    ("elb_port", "443, 80, 9002"),
                ],
                &["https 443 -> http 80", "http 80 -> http 9001", "tcp 9002 -> tcp 9002"],
            ),
            (&[("elb_instance_port", "8080")], &["http 80 -> tcp 8080"]),
        ];
        for (options, expected) in cases {
            assert_eq!(inferred(options).unwrap(), expected, "{options:?}");
        }
        assert!(inferred(&[("elb_protocol", "TCP")]).is_err());
    }
}
