//! The options of hostclasses and their load balancers.

use super::asked::{Evaluated, items, plain};
use super::resolvers::{Tree, place, text, yes};
use super::{Comparison, Scope};
use crate::ini::Setting;

/// Texts: the option, and the field.
const TEXTS: [(&str, &str); 4] = [
    ("meta_network", "network"),
    ("eip", "eip"),
    ("instance_profile_name", "instance_profile"),
    ("product_line", "product_line"),
];

/// Yes or no: the option, the field, and what holds where nobody says it.
const TRUTHS: [(&str, &str, bool); 3] =
    [("public_ip", "public_ip", false), ("enable_proxy", "proxy", false), ("chaos", "chaos", true)];

pub(super) fn compare(
    tree: &Tree,
    scope: &Scope<'_>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    for section in tree.aws.sections.iter().filter(|section| section.name.starts_with("mhc")) {
        let name = section.name.as_str();
        let network = tree.of_hostclass(name, "meta_network", scope.env);
        // Where its metanetwork does not exist, the hostclass cannot be started.
        let cidr = format!("{}_cidr", text(network));
        let has_network = !text(tree.of_environment(scope.env, scope.envtype, &cidr)).is_empty();
        if !has_network {
            continue;
        }
        let get = |option: &str| tree.of_hostclass(name, option, scope.env);
        let path = |field: &str| format!("{}.{name}.{field}", scope.env);
        let new = |field: &str| evaluated.plain(&format!("{name}.{field}"));
        for (option, field) in TEXTS {
            let old = get(option);
            comparison.compare(path(field), text(old), &new(field), place(old));
        }
        for (option, field, usual) in TRUTHS {
            let old = get(option);
            let truth = old.map_or(usual, |setting| yes(&setting.value));
            comparison.compare(path(field), &truth.to_string(), &new(field), place(old));
        }
        of_address(get("ip_address"), &path("ip"), evaluated, name, comparison);
        let key = get("ssh_key_name");
        let old = if text(key) == "None" { "" } else { text(key) };
        comparison.compare(path("key"), old, &new("key"), place(key));
        let terminates = get("smoketest_termination");
        if terminates.is_some() {
            let written = if evaluated.has(&format!("{name}.smoke_test.terminates")) {
                new("smoke_test.terminates")
            } else {
                "true".to_owned()
            };
            let old = yes(text(terminates)).to_string();
            comparison.compare(path("smoke_test.terminates"), &old, &written, place(terminates));
        }
        of_domain(tree, scope, name, evaluated, comparison);
        of_tags(get("tags"), &path("tags"), evaluated, name, comparison);
        for (option, field) in [
            ("test_hostclass", "test.hostclass"),
            ("test_user", "test.user"),
            ("test_command", "test.command"),
            ("ssm_doc_testing_mode", "test.testing_mode"),
            ("ssm_doc_integration_tests", "test.integration"),
        ] {
            let old = tree.of_deployment(name, option);
            comparison.compare(path(field), text(old), &new(field), place(old));
        }
        of_balancer(tree, scope, name, evaluated, comparison);
    }
}

fn of_address(
    old: Option<&Setting>,
    path: &str,
    evaluated: &Evaluated,
    name: &str,
    comparison: &mut Comparison<'_>,
) {
    let single = evaluated.plain(&format!("{name}.ip"));
    let new = if single.is_empty() { evaluated.plain(&format!("{name}.ips")) } else { single };
    let written: Vec<&str> = text(old).split_whitespace().collect();
    comparison.compare(path.to_owned(), &written.join(", "), &new, place(old));
}

fn of_domain(
    tree: &Tree,
    scope: &Scope<'_>,
    name: &str,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let old = tree.of_hostclass(name, "domain_name", scope.env);
    let own = evaluated.plain(&format!("{name}.domain"));
    let new = if own.is_empty() { evaluated.plain("project.domain") } else { own };
    comparison.compare(format!("{}.{name}.domain", scope.env), text(old), &new, place(old));
}

fn of_tags(
    old: Option<&Setting>,
    path: &str,
    evaluated: &Evaluated,
    name: &str,
    comparison: &mut Comparison<'_>,
) {
    let pairs = text(old).split(',').filter_map(|pair| pair.split_once(':'));
    let mut pairs: Vec<String> =
        pairs.map(|(key, value)| format!("{}={}", key.trim(), value.trim())).collect();
    pairs.sort();
    let written = evaluated.written(&format!("{name}.tags"));
    let inner = written.trim().trim_start_matches('{').trim_end_matches('}');
    let mut new: Vec<String> = items(inner)
        .iter()
        .filter_map(|item| item.split_once('='))
        .map(|(key, value)| format!("{}={}", plain(key.trim()), plain(value.trim())))
        .collect();
    new.sort();
    comparison.compare(path.to_owned(), &pairs.join(", "), &new.join(", "), place(old));
}

fn of_balancer(
    tree: &Tree,
    scope: &Scope<'_>,
    name: &str,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let get = |option: &str| tree.of_hostclass(name, option, scope.env);
    let path = |field: &str| format!("{}.{name}.elb.{field}", scope.env);
    let new = |field: &str| evaluated.plain(&format!("{name}.elb.{field}"));
    let wanted = yes(text(get("elb")));
    let has = new("enabled") == "true";
    comparison.compare(path("enabled"), &wanted.to_string(), &has.to_string(), place(get("elb")));
    if !(wanted && has) {
        return;
    }
    let or = |value: &str, usual: &str| if value.is_empty() { usual.to_owned() } else { value.to_owned() };
    for (option, field, usual) in
        [("elb_public", "public", false), ("elb_cross_zone_load_balancing", "cross_zone", true)]
    {
        let old = get(option);
        let truth = old.map_or(usual, |setting| yes(&setting.value));
        comparison.compare(path(field), &truth.to_string(), &new(field), place(old));
    }
    for (option, field) in [("elb_idle_timeout", "idle_timeout"), ("elb_connection_draining", "draining")] {
        let old = get(option);
        let seconds = or(text(old), "300");
        // The original leaves AWS's own 60 seconds then.
        let seconds = if option == "elb_idle_timeout" && seconds == "0" { "60".to_owned() } else { seconds };
        comparison.compare(path(field), &format!("{seconds}s"), &new(field), place(old));
    }
    let network = get("elb_meta_network");
    let usual = text(get("meta_network"));
    comparison.compare(
        path("network"),
        &or(text(network), usual),
        &or(&new("network"), usual),
        place(network),
    );
    let check = get("elb_health_check_url");
    comparison.compare(
        path("health_check"),
        &or(text(check), "/"),
        &or(&new("health_check"), "/"),
        place(check),
    );
    for (option, field) in [("elb_dns_alias", "dns_alias"), ("elb_cert_name", "certificate")] {
        let old = get(option);
        comparison.compare(path(field), text(old), &new(field), place(old));
    }
    let cookie = get("elb_sticky_app_cookie");
    let old = match text(cookie) {
        "" => String::new(),
        "ELB" | "AWSELB" => "cookie".to_owned(),
        name => format!("cookie {name}"),
    };
    comparison.compare(path("sticky"), &old, &new("sticky"), place(cookie));
    let options = ["elb_port", "elb_protocol", "elb_instance_port", "elb_instance_protocol"];
    let [fronts, front_protocols, backs, back_protocols] = options.map(get);
    let said = [fronts, front_protocols, backs, back_protocols].map(place);
    let old = listeners([text(fronts), text(front_protocols), text(backs), text(back_protocols)]);
    let written = evaluated.written(&format!("{name}.elb.listeners"));
    let new = or(&items(written).join(", "), "http 80 -> http 80");
    comparison.compare_made(path("listeners"), &old, &new, &said);
}

/// The listeners by the rules of the original: sides are paired by position, then the one side completes the other.
fn listeners([fronts, front_protocols, backs, back_protocols]: [&str; 4]) -> String {
    let split = |text: &str| -> Vec<String> {
        text.split(',').map(|part| part.trim().to_uppercase()).filter(|part| !part.is_empty()).collect()
    };
    let side = |ports: &str, protocols: &str| -> Vec<(String, String)> {
        let (ports, protocols) = (split(ports), split(protocols));
        if ports.is_empty() && protocols.is_empty() {
            return vec![("HTTP".to_owned(), "80".to_owned())];
        }
        let one = |at: usize| {
            let (port, protocol) = (ports.get(at).cloned(), protocols.get(at).cloned());
            let guessed = |port: &str| match port {
                "80" => "HTTP",
                "443" => "HTTPS",
                _ => "TCP",
            };
            let protocol_of =
                protocol.clone().unwrap_or_else(|| guessed(port.as_deref().unwrap_or_default()).to_owned());
            let usual =
                || if protocol.as_deref() == Some("HTTPS") { "443".to_owned() } else { "80".to_owned() };
            let port_of = port.unwrap_or_else(usual);
            (protocol_of, port_of)
        };
        (0..ports.len().max(protocols.len())).map(one).collect()
    };
    let (front, mut back) = (side(fronts, front_protocols), side(backs, back_protocols));
    if let [only] = back.as_slice() {
        back = vec![only.clone(); front.len()];
    }
    let spelled = |(protocol, port): &(String, String)| {
        let protocol = if protocol == "SSL" { "tls".to_owned() } else { protocol.to_lowercase() };
        format!("{protocol} {port}")
    };
    let pairs = (0..front.len().max(back.len())).filter_map(|at| {
        let (front, back) = (front.get(at), back.get(at));
        Some(format!("{} -> {}", spelled(front.or(back)?), spelled(back.or(front)?)))
    });
    pairs.collect::<Vec<_>>().join(", ")
}
