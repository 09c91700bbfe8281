//! The hostclasses of `disco_aws.ini`: sections `[mhc…]`, and what `[disco_aws]` has as `default_…` for all of them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::did_you_mean;
use asiaq_lang::Diagnostic;

use crate::balancers;
use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Ini, Section, Setting};
use crate::old::Old;
use crate::options::{Value, fields, truth_value, unsayable};
use crate::scope::NETWORKS;
use crate::scopes::{Scopes, split};
use crate::words::{list, name_of, quoted, words};

/// Options of a hostclass that become fields of its own, with the names of the fields.
const FIELDS: [(&str, &str); 12] = [
    ("meta_network", "network"),
    ("ip_address", "ip"),
    ("eip", "eip"),
    ("public_ip", "public_ip"),
    ("instance_profile_name", "instance_profile"),
    ("ssh_key_name", "key"),
    ("product_line", "product_line"),
    ("domain_name", "domain"),
    ("enable_proxy", "proxy"),
    ("tags", "tags"),
    ("chaos", "chaos"),
    ("enhanced_networking", "enhanced_networking"),
];

/// Options of the test of a hostclass, with the names of the fields of its block.
const OF_TEST: [(&str, &str); 5] = [
    ("test_hostclass", "hostclass"),
    ("test_user", "user"),
    ("test_command", "command"),
    ("ssm_doc_testing_mode", "testing_mode"),
    ("ssm_doc_integration_tests", "integration"),
];

/// Options that only bakes and deployments read, where `@ENV` has no effect.
const WITHOUT_OVERRIDES: [&str; 11] = [
    "phase",
    "phase1_ami_name",
    "bake_ami",
    "bake_instance_profile",
    "enhanced_networking",
    "ami_available_wait_time",
    "test_hostclass",
    "test_user",
    "test_command",
    "ssm_doc_testing_mode",
    "ssm_doc_integration_tests",
];

/// Options that a hostclass must have, or `[disco_aws]` with `default_`.
const REQUIRED: [&str; 4] = ["meta_network", "ssh_key_name", "public_ip", "smoketest_termination"];

/// Fields that say what is so anyway.
const USUAL: [&str; 5] = [
    "public_ip = false",
    "proxy = false",
    "chaos = true",
    "enhanced_networking = false",
    "terminates = true",
];

/// The name of the hostclass that the defaults become.
const DEFAULTS: &str = "defaults";

/// Whether the original reads an option of a hostclass.
pub(crate) fn is_known(option: &str) -> bool {
    FIELDS.iter().chain(&OF_TEST).any(|(known, _)| *known == option)
        || WITHOUT_OVERRIDES.contains(&option)
        || balancers::OPTIONS.contains(&option)
        || ["smoketest_termination", "spotinst", "target_group", "deployment_strategy"].contains(&option)
}

/// Every option of a hostclass, for suggestions.
fn known() -> Vec<&'static str> {
    let named = FIELDS.iter().chain(&OF_TEST).map(|(known, _)| *known);
    let more = ["smoketest_termination", "spotinst", "target_group", "deployment_strategy"];
    named.chain(WITHOUT_OVERRIDES).chain(balancers::OPTIONS).chain(more).collect()
}

/// Whether a section is a hostclass.
pub(crate) fn is_hostclass(section: &Section) -> bool {
    section.name.starts_with("mhc")
}

/// The defaults as a section of a hostclass.
pub(crate) fn defaults_of(aws: &Ini) -> Option<Section> {
    let aws = aws.section("disco_aws")?;
    let of_hostclass = |setting: &Setting| {
        let key = setting.key.strip_prefix("default_")?;
        let (option, _) = split(key);
        // The project has the domain.
        (is_known(option) && option != "domain_name")
            .then(|| Setting { key: key.to_owned(), ..setting.clone() })
    };
    let options: Vec<Setting> = aws.options.iter().filter_map(of_hostclass).collect();
    (!options.is_empty()).then(|| Section {
        name: DEFAULTS.to_owned(),
        span: aws.span,
        comments: Vec::new(),
        options,
    })
}

/// Writes the hostclasses. `run` are those that pipelines name.
pub(crate) fn translate(
    old: &mut Old,
    scopes: &Scopes,
    run: &BTreeMap<String, asiaq_lang::Span>,
    draft: &mut Draft,
) {
    let aws = std::mem::take(&mut old.aws);
    let defaults = defaults_of(&aws);
    let usual_test = usual_test(aws.section("test"), defaults.as_ref(), scopes);
    let root = (defaults.is_some() || usual_test.is_some()).then_some(DEFAULTS);
    if root.is_some() {
        let origin = defaults.as_ref().or(aws.section("test")).map(|section| section.span);
        let mut body =
            defaults.as_ref().map(|defaults| body(old, scopes, defaults, None, true)).unwrap_or_default();
        body.extend(usual_test);
        let comment = "What all hostclasses have, but for what they say themselves.".to_owned();
        let node = Node::block(format!("hostclass {DEFAULTS}"), origin, body);
        draft.add("hostclasses.asq", node.commented(&[comment]));
    }
    let mut written: Vec<(String, Node)> = Vec::new();
    for section in aws.sections.iter().filter(|section| is_hostclass(section)) {
        let mut body = body(old, scopes, section, defaults.as_ref(), false);
        body.extend(test_block(section));
        require(old, section, defaults.as_ref());
        let node = Node::block(String::new(), Some(section.span), body).commented(&section.comments);
        written.push((section.name.clone(), node));
    }
    for (name, span) in run.iter().filter(|(name, _)| aws.section(name).is_none()) {
        let message =
            format!("the hostclass `{name}` has no section in `disco_aws.ini`: it has only the defaults");
        old.find(Diagnostic::new(codes::MISSING_OPTION, *span, message));
        let comment = "It has no section of its own in `disco_aws.ini`.".to_owned();
        written
            .push((name.clone(), Node::block(String::new(), Some(*span), Vec::new()).commented(&[comment])));
    }
    for (name, node) in &written {
        if let Some(origin) = node.origin.filter(|_| word(name) != *name) {
            let message = format!(
                "`{name}` is no name of `.asq`, and becomes `{}`: what is named after it in AWS changes",
                word(name)
            );
            old.find(Diagnostic::new(codes::CANNOT_BE_SAID, origin, message));
        }
    }
    for (name, node) in lifted(written, root, draft) {
        let head = match node.text.as_str() {
            "" => root.map_or_else(
                || format!("hostclass {}", word(&name)),
                |root| format!("hostclass {} : {root}", word(&name)),
            ),
            parent => format!("hostclass {} : {parent}", word(&name)),
        };
        draft.add("hostclasses.asq", Node { text: head, ..node });
    }
    old.aws = aws;
}

fn word(name: &str) -> String {
    if crate::words::is_name(name) { name.to_owned() } else { name_of(name) }
}

/// Makes parents of what at least three hostclasses of a metanetwork have in common. The text of a node becomes the name of its
/// parent.
fn lifted(mut written: Vec<(String, Node)>, root: Option<&str>, draft: &mut Draft) -> Vec<(String, Node)> {
    for (network, _) in NETWORKS {
        let field = format!("network = {network}");
        let is_inside = |node: &Node| {
            node.body.iter().flatten().any(|child| child.text == field && child.refused.is_none())
        };
        let inside: Vec<&Node> =
            written.iter().map(|(_, node)| node).filter(|node| is_inside(node)).collect();
        let Some((first, rest)) = inside.split_first().filter(|(_, rest)| rest.len() >= 2) else { continue };
        let is_common = |child: &&Node| {
            let has = |node: &&Node| node.body.iter().flatten().any(|other| other.is_same(child));
            let is_plain = child.refused.is_none() && !child.text.is_empty() && !child.text.contains('@');
            is_plain && rest.iter().all(has)
        };
        let bare = |child: &Node| Node { comments: Vec::new(), ..child.clone() };
        let mut common: Vec<Node> = first.body.iter().flatten().filter(is_common).map(bare).collect();
        for lifted in &mut common {
            for other in rest.iter().flat_map(|node| node.body.iter().flatten()) {
                lifted.stand_for(other);
            }
        }
        let name = format!("in_{network}");
        let head =
            root.map_or_else(|| format!("hostclass {name}"), |root| format!("hostclass {name} : {root}"));
        let comment = format!("What the hostclasses in `{network}` have in common.");
        draft.add("hostclasses.asq", Node::block(head, None, common.clone()).commented(&[comment]));
        for (_, node) in written.iter_mut().filter(|(_, node)| is_inside(node)) {
            node.text.clone_from(&name);
            if let Some(body) = &mut node.body {
                let is_kept = |child: &Node| !common.iter().any(|lifted| lifted.is_same(child));
                let gone = body.iter().filter(|child| !is_kept(child));
                let comments: Vec<String> = gone.flat_map(|child| child.comments.clone()).collect();
                body.retain(is_kept);
                if !comments.is_empty() {
                    body.insert(0, Node::remark(comments));
                }
            }
        }
    }
    written
}

/// The fields and blocks of a hostclass.
fn body(
    old: &mut Old,
    scopes: &Scopes,
    section: &Section,
    defaults: Option<&Section>,
    is_default: bool,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (option, name) in FIELDS {
        nodes.extend(fields(old, scopes, section, (option, name), &mut |old, setting| {
            value(old, option, setting)
        }));
    }
    for node in &mut nodes {
        // Several addresses have a field of their own.
        if let Some(rest) =
            node.text.strip_prefix("ip").filter(|rest| rest.starts_with([' ', '@']) && rest.contains("= ["))
        {
            node.text = format!("ips{rest}");
        }
    }
    let terminates = fields(old, scopes, section, ("smoketest_termination", "terminates"), &mut truth_value);
    let is_root = is_default || defaults.is_none();
    let is_usual = |node: &Node| {
        is_root && node.comments.is_empty() && node.refused.is_none() && USUAL.contains(&node.text.as_str())
    };
    nodes.retain(|node| !is_usual(node));
    let terminates: Vec<Node> = terminates.into_iter().filter(|node| !is_usual(node)).collect();
    if !terminates.is_empty() {
        let origin = terminates.iter().find_map(|node| node.origin);
        nodes.push(Node::block("smoke_test", origin, terminates));
    }
    nodes.extend(balancers::block(old, scopes, section, defaults));
    for setting in &section.options {
        nodes.extend(rest(old, setting, is_default));
    }
    nodes
}

/// What is no field: reasons, and what nothing reads.
fn rest(old: &mut Old, setting: &Setting, is_default: bool) -> Option<Node> {
    let (option, env) = split(&setting.key);
    if env.is_some() && WITHOUT_OVERRIDES.contains(&option) {
        let message = format!("`{}` is never read: bakes and deployments ignore `@ENV`", setting.key);
        old.find(Diagnostic::new(codes::OVERRIDE_IGNORED, setting.key_span, message));
        return Some(Node::remark(vec![format!("{} = {}", setting.key, setting.value)]));
    }
    match option {
        "target_group" => crate::words::is_true(&setting.value).then(|| {
            let why = "a target group without a load balancer: declare an `lb` block, which has its own";
            unsayable(old, setting, why)
        }),
        "deployment_strategy" if setting.value == "blue_green" || is_default => None,
        "deployment_strategy" => {
            Some(unsayable(old, setting, "`strategy` of the `run` is `blue_green` or `rolling`"))
        }
        "phase" | "phase1_ami_name" | "bake_ami" | "bake_instance_profile" | "ami_available_wait_time" => {
            let why = "how images are made is said in `image` and `bake`, which name a script and files";
            Some(unsayable(old, setting, why))
        }
        _ if is_known(option) || setting.is_default => None,
        _ => {
            let message = format!("nothing reads the option `{option}` of a hostclass");
            let mut found = Diagnostic::new(codes::UNREAD_OPTION, setting.key_span, message);
            if let Some(near) = did_you_mean(option, &known()) {
                found = found.help(format!("did you mean `{near}`?"));
            }
            old.find(found);
            let line = format!("{} = {}", setting.key, setting.value).replace('\n', " ");
            Some(Node::remark(vec![format!("Nothing read this: {line}")]).commented(&setting.comments))
        }
    }
}

fn value(old: &mut Old, option: &str, setting: &Setting) -> Value {
    let text = setting.value.trim();
    match option {
        "public_ip" | "enable_proxy" | "enhanced_networking" | "chaos" => truth_value(old, setting),
        _ if text.is_empty() => match option {
            "tags" | "ip_address" | "eip" if !setting.key.contains('@') => Value::Default,
            _ if setting.key.contains('@') => {
                Value::Unsayable("no value in place of an inherited one".to_owned())
            }
            _ => Value::Default,
        },
        "meta_network" if NETWORKS.iter().any(|(known, _)| *known == text) => Value::Is(text.to_owned()),
        "meta_network" => Value::Bad(format!("there is no metanetwork `{text}`")),
        "ip_address" => addresses(text),
        "eip" if text.parse::<std::net::Ipv4Addr>().is_ok() => Value::Is(text.to_owned()),
        "eip" => Value::Bad(format!("`{text}` is no IP address")),
        "ssh_key_name" if text == "None" && setting.key.contains('@') => {
            Value::Unsayable("no key in place of an inherited one".to_owned())
        }
        "ssh_key_name" if text == "None" => Value::Default,
        "tags" => tags(text),
        _ => Value::Is(quoted(text)),
    }
}

fn addresses(text: &str) -> Value {
    let parts = words(text);
    let is_offset = |part: &str| part.starts_with(['+', '-']);
    let mut written = Vec::new();
    for part in &parts {
        if is_offset(part) && parts.len() > 1 {
            return Value::Bad("an offset stands alone: several addresses are written in full".to_owned());
        }
        let is_number = part.strip_prefix(['+', '-']).is_some_and(|digits| digits.parse::<u32>().is_ok());
        if !is_number && part.parse::<std::net::Ipv4Addr>().is_err() {
            return Value::Bad(format!("`{part}` is no IP address and no offset such as `+5`"));
        }
        written.push((*part).to_owned());
    }
    match written.as_slice() {
        [only] => Value::Is(only.clone()),
        several => Value::Is(list(several)),
    }
}

fn tags(text: &str) -> Value {
    let mut written = Vec::new();
    for pair in text.split(',').map(crate::ini::trim).filter(|pair| !pair.is_empty()) {
        match pair.split(':').map(crate::ini::trim).collect::<Vec<_>>().as_slice() {
            [key, value] => {
                let key = if crate::words::is_name(key) { (*key).to_owned() } else { quoted(key) };
                written.push(format!("{key} = {}", quoted(value)));
            }
            _ => return Value::Bad(format!("`{pair}` is not `KEY:VALUE` with one colon")),
        }
    }
    Value::Is(format!("{{ {} }}", written.join(", ")))
}

/// The block `test` of a hostclass, with what it says itself.
fn test_block(section: &Section) -> Option<Node> {
    let mut nodes = Vec::new();
    for (option, name) in OF_TEST {
        if let Some(setting) = section.get(option).filter(|setting| !setting.value.is_empty()) {
            nodes.push(test_field(name, setting));
        }
    }
    (!nodes.is_empty()).then(|| Node::block("test", Some(section.span), nodes))
}

fn test_field(name: &str, setting: &Setting) -> Node {
    let value = if name == "hostclass" { word(&setting.value) } else { quoted(&setting.value) };
    Node::field(format!("{name} = {value}"), crate::old::whole(setting)).commented(&setting.comments)
}

/// The block `test` of all hostclasses: `[test]` comes before the defaults.
fn usual_test(test: Option<&Section>, defaults: Option<&Section>, scopes: &Scopes) -> Option<Node> {
    let mut nodes = Vec::new();
    for (option, name) in OF_TEST {
        let short = option.strip_prefix("test_").unwrap_or(option);
        let found = test
            .and_then(|test| test.get(option).or_else(|| test.get(short)))
            .or_else(|| defaults.and_then(|defaults| defaults.get(option)));
        if let Some(setting) = found.filter(|setting| !setting.value.is_empty()) {
            nodes.push(test_field(name, setting));
        }
    }
    if let Some(setting) = test.and_then(|test| test.get("env"))
        && let Some(env) = scopes.find(&setting.value)
    {
        nodes.push(Node::field(format!("env = {}", word(&env.name)), crate::old::whole(setting)));
    }
    let span = test.or(defaults).map(|section| section.span);
    let comments = test.map(|test| test.comments.clone()).unwrap_or_default();
    (!nodes.is_empty()).then(|| Node::block("test", span, nodes).commented(&comments))
}

/// Reports the options that starting an instance needs.
fn require(old: &mut Old, section: &Section, defaults: Option<&Section>) {
    let has =
        |section: &Section, option: &str| section.options.iter().any(|known| split(&known.key).0 == option);
    let missing: BTreeSet<&str> = REQUIRED
        .into_iter()
        .filter(|option| !has(section, option) && !defaults.is_some_and(|defaults| has(defaults, option)))
        .collect();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let message =
            format!("`[{}]` lacks {}: the original cannot start it", section.name, names.join(", "));
        old.find(Diagnostic::new(codes::MISSING_OPTION, section.span, message));
    }
}
