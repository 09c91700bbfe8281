//! `disco_elasticsearch.ini`: search domains, in sections `[ENV:NAME]`, and `[defaults]`.

use asiaq_compiler::did_you_mean;
use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Ini, Section, Setting};
use crate::old::{Old, whole};
use crate::options::{Value, truth};
use crate::scopes::Scopes;
use crate::sections::{
    add_to_environment, is_known, number, of_option, require, sources, unread, unread_section,
    without_environment, word,
};
use crate::words::{is_true, quoted};

const OPTIONS: [&str; 19] = [
    "version",
    "instance_type",
    "instance_count",
    "dedicated_master",
    "dedicated_master_type",
    "dedicated_master_count",
    "zone_awareness",
    "ebs_enabled",
    "volume_type",
    "volume_size",
    "iops",
    "snapshot_start_hour",
    "allowed_source_ips",
    "archive_index_prefix_pattern",
    "archive_repository",
    "archive_role",
    "archive_threshold",
    "archive_max_shards",
    "api_use_ssl",
];

/// Another one, which has no field of its own.
const VERIFIES: &str = "api_verify_certs";

const REQUIRED: [&str; 8] = [
    "version",
    "instance_type",
    "instance_count",
    "dedicated_master",
    "zone_awareness",
    "ebs_enabled",
    "snapshot_start_hour",
    "allowed_source_ips",
];

/// The first versions that encrypt what is on disks, and what nodes say to each other: `.asq` switches both on.
const ENCRYPTS: [(&str, &str, (u32, u32)); 2] =
    [("encrypted", "disks", (5, 1)), ("node_encryption", "nodes", (6, 0))];

/// A section, then `[defaults]`.
struct Search<'a> {
    own: &'a Section,
    defaults: Option<&'a Section>,
}

impl<'a> Search<'a> {
    fn get(&self, option: &str) -> Option<&'a Setting> {
        self.own.get(option).or_else(|| self.defaults?.get(option))
    }

    fn said(&self, option: &str) -> Option<&'a Setting> {
        self.get(option).filter(|setting| !setting.value.is_empty())
    }

    fn is_on(&self, old: &mut Old, option: &str) -> bool {
        self.said(option).is_some_and(|setting| truth(old, setting))
    }
}

/// Writes the search domains into their environments.
pub(crate) fn translate(old: &mut Old, scopes: &Scopes, draft: &mut Draft) {
    let ini = std::mem::take(&mut old.searches);
    let vpc = std::mem::take(&mut old.vpc);
    let known: Vec<&str> = OPTIONS.into_iter().chain([VERIFIES]).collect();
    let defaults = ini.section("defaults");
    if let Some(defaults) = defaults {
        let remarks = unread(old, defaults, &known, "a search domain");
        draft.add("infra.asq", Node::remark(defaults.comments.clone()));
        for remark in remarks {
            draft.add("infra.asq", remark);
        }
    }
    for section in ini.sections.iter().filter(|section| section.name != "defaults") {
        let parts: Vec<&str> = section.name.split(':').collect();
        let [env, name] = parts.as_slice() else {
            let near = did_you_mean(&section.name, &["defaults"]);
            let help = near.map_or_else(
                || "a search domain is `[ENV:NAME]`".to_owned(),
                |near| format!("did you mean `[{near}]`?"),
            );
            let message = format!("`[{}]`: the original fails for every search domain", section.name);
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, section.span, message));
            unread_section(old, draft, section, &help);
            continue;
        };
        if !is_known(scopes, env) {
            without_environment(draft, section, env);
            continue;
        }
        let search = Search { own: section, defaults };
        let mut body = fields(old, &search, (env, name), &vpc);
        body.extend(unread(old, section, &known, "a search domain"));
        let node = Node::block(format!("search {}", word(name)), Some(section.span), body);
        add_to_environment(draft, env, node.commented(&section.comments));
    }
    draft.add("infra.asq", Node::remark(ini.rest.clone()));
    (old.searches, old.vpc) = (ini, vpc);
}

fn fields(old: &mut Old, search: &Search<'_>, (env, name): (&str, &str), vpc: &Ini) -> Vec<Node> {
    require(old, search.own, &|option| search.get(option).is_some(), &REQUIRED);
    let mut nodes = Vec::new();
    if word(name) != *name {
        let aws = format!("es-{name}-{}", env.to_ascii_lowercase());
        nodes.push(Node::field(format!("name = {}", quoted(&aws)), search.own.span));
    }
    if env.contains('-') {
        let message = format!("the original never finds `[{}]` again: `-` parts its names", search.own.name);
        let help = "every update tries to make the domain once more";
        old.find(Diagnostic::new(codes::NAME_WITH_HYPHEN, search.own.span, message).help(help));
    }
    nodes.extend(of_option(old, search.said("version"), "version", &mut |_, setting| {
        Value::Is(quoted(&format!("Elasticsearch_{}", crate::ini::trim(&setting.value))))
    }));
    nodes.extend(of_option(old, search.said("instance_type"), "type", &mut |_, setting| of_type(setting)));
    nodes.extend(of_option(old, search.said("instance_count"), "count", &mut |_, setting| match number(
        setting,
    ) {
        Ok(1) => Value::Default,
        Ok(count) => Value::Is(count.to_string()),
        Err(why) => Value::Bad(why),
    }));
    if search.is_on(old, "zone_awareness") {
        let origin = search.get("zone_awareness").map_or(search.own.span, whole);
        nodes.push(Node::field("zone_awareness = true", origin));
    }
    nodes.extend(storage(old, search));
    nodes.extend(allowed(old, search, env, vpc));
    nodes.extend(encryption(search));
    nodes.extend(snapshots(old, search));
    nodes.extend(masters(old, search));
    nodes.extend(archive(old, search));
    nodes.extend(connections(old, search));
    nodes
}

/// `m3.medium.elasticsearch` is `m3.medium.search` today.
fn of_type(setting: &Setting) -> Value {
    let text = crate::ini::trim(&setting.value);
    let is_type = text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-');
    match text.strip_suffix(".elasticsearch") {
        Some(plain) if is_type => Value::Is(format!("{plain}.search")),
        _ => Value::Bad(format!("`{text}` does not end in `.elasticsearch`")),
    }
}

fn storage(old: &mut Old, search: &Search<'_>) -> Vec<Node> {
    if !search.is_on(old, "ebs_enabled") {
        return Vec::new();
    }
    require(old, search.own, &|option| search.said(option).is_some(), &["volume_type", "volume_size"]);
    let mut nodes = Vec::new();
    nodes.extend(of_option(old, search.said("volume_size"), "storage", &mut |_, setting| {
        number(setting).map_or_else(Value::Bad, |size| Value::Is(format!("{size}GB")))
    }));
    nodes.extend(of_option(old, search.said("volume_type"), "storage_type", &mut |_, setting| match setting
        .value
        .as_str()
    {
        known @ ("standard" | "gp2" | "io1") => Value::Is(known.to_owned()),
        other => Value::Bad(format!("`{other}` is none of `standard`, `gp2` and `io1`")),
    }));
    if search.said("volume_type").is_some_and(|setting| setting.value == "io1") {
        require(old, search.own, &|option| search.said(option).is_some(), &["iops"]);
        nodes.extend(of_option(old, search.said("iops"), "iops", &mut |_, setting| {
            number(setting).map_or_else(Value::Bad, |iops| Value::Is(iops.to_string()))
        }));
    }
    nodes
}

/// Who is let in. The original adds addresses of NAT gateways, which it looks for in `[envtype:ENV]`.
fn allowed(old: &mut Old, search: &Search<'_>, env: &str, vpc: &Ini) -> Option<Node> {
    let setting = search.get("allowed_source_ips")?;
    let mut items = sources(old, setting);
    let gateways = vpc
        .section(&format!("envtype:{env}"))
        .and_then(|section| section.get("tunnel_nat_gateways"))
        .filter(|gateways| !gateways.value.is_empty());
    if let Some(gateways) = gateways {
        if gateways.value.eq_ignore_ascii_case("auto") {
            let message = "the original takes the word `auto` as an address, and AWS refuses it";
            let found = Diagnostic::new(codes::BAD_OPTION_VALUE, setting.key_span, message);
            old.find(found.related(gateways.span, "the word stands here"));
        }
        items.push(Node::field("tunnel", whole(setting)));
    } else {
        let message = format!("the NAT gateways of `{env}` are not let in");
        let help = format!(
            "the original looks for their addresses in `[envtype:{env}]`: add `nat` if they should be"
        );
        old.find(Diagnostic::new(codes::GATEWAYS_LEFT_OUT, setting.key_span, message).help(help));
    }
    Some(Node::list("allowed =", whole(setting), items).commented(&setting.comments))
}

/// The original leaves everything unencrypted.
fn encryption(search: &Search<'_>) -> Vec<Node> {
    let Some(version) = search.said("version") else { return Vec::new() };
    let mut parts = version.value.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let version_of = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let of_type = search.said("instance_type").map(|setting| setting.value.as_str()).unwrap_or_default();
    let is_old_type = ["m3.", "r3.", "t2."].iter().any(|family| of_type.starts_with(family));
    let mut nodes = Vec::new();
    for (field, what, first) in ENCRYPTS {
        if version_of >= first && !(is_old_type && what == "disks") {
            nodes.push(Node::field(format!("{field} = false"), whole(version)));
        }
    }
    nodes.push(Node::field("enforce_https = false", search.own.span));
    nodes
}

/// Of newer versions AWS takes a snapshot every hour.
fn snapshots(old: &mut Old, search: &Search<'_>) -> Option<Node> {
    of_option(old, search.said("snapshot_start_hour"), "snapshot_hour", &mut |_, setting| match number(
        setting,
    ) {
        Ok(hour) if hour < 24 => Value::Is(hour.to_string()),
        Ok(hour) => Value::Bad(format!("`{hour}` is no hour of a day")),
        Err(why) => Value::Bad(why),
    })
}

fn masters(old: &mut Old, search: &Search<'_>) -> Option<Node> {
    if !search.is_on(old, "dedicated_master") {
        return None;
    }
    let options = ["dedicated_master_type", "dedicated_master_count"];
    require(old, search.own, &|option| search.said(option).is_some(), &options);
    let mut nodes = Vec::new();
    nodes.extend(of_option(old, search.said("dedicated_master_type"), "type", &mut |_, setting| {
        of_type(setting)
    }));
    nodes.extend(of_option(old, search.said("dedicated_master_count"), "count", &mut |_, setting| {
        number(setting).map_or_else(Value::Bad, |count| Value::Is(count.to_string()))
    }));
    let origin = search.get("dedicated_master").map(whole);
    Some(Node::block("masters", origin, nodes))
}

fn archive(old: &mut Old, search: &Search<'_>) -> Option<Node> {
    let pattern = search.said("archive_index_prefix_pattern")?;
    let mut nodes = Vec::new();
    nodes.extend(of_option(old, Some(pattern), "indices", &mut |_, setting| {
        let plain = setting.value.replace(".*", "*");
        let is_plain = plain.chars().all(|sign| sign.is_ascii_alphanumeric() || "*-_".contains(sign));
        if is_plain {
            Value::Is(quoted(&plain))
        } else {
            Value::Unsayable("only `.*` of a regular expression has a word: `*`".to_owned())
        }
    }));
    nodes.extend(of_option(old, search.said("archive_repository"), "repository", &mut |_, setting| {
        if setting.value == "s3" { Value::Default } else { Value::Is(quoted(&setting.value)) }
    }));
    nodes.extend(of_option(old, search.said("archive_threshold"), "keep", &mut |_, setting| {
        share(&setting.value).map_or_else(
            || Value::Bad("it is no share above 0 and up to 1".to_owned()),
            |share| if share == "80%" { Value::Default } else { Value::Is(share) },
        )
    }));
    nodes.extend(of_option(old, search.said("archive_max_shards"), "max_shards", &mut |_, setting| {
        match number(setting) {
            Ok(0) => Value::Bad("it is more than 0".to_owned()),
            Ok(shards) => Value::Is(shards.to_string()),
            Err(why) => Value::Bad(why),
        }
    }));
    nodes.extend(of_option(old, search.said("archive_role"), "role_arn", &mut |_, _| {
        Value::Unsayable(
            "a role is named by its ARN, which has the id of an account: add `role_arn`, or `role` and an `account`"
                .to_owned(),
        )
    }));
    Some(Node::block("archive", Some(whole(pattern)), nodes))
}

/// `0.8` is `80%`.
fn share(text: &str) -> Option<String> {
    let share: f64 = crate::ini::trim(text).parse().ok()?;
    if !(share > 0.0 && share <= 1.0) {
        return None;
    }
    let percent = format!("{:.4}", share * 100.0);
    Some(format!("{}%", percent.trim_end_matches('0').trim_end_matches('.')))
}

/// `asiaq search` speaks TLS, and verifies certificates.
fn connections(old: &mut Old, search: &Search<'_>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for option in ["api_use_ssl", VERIFIES] {
        let Some(setting) = search.said(option).filter(|setting| !is_true(&setting.value)) else { continue };
        let why = "asiaq connects with TLS and verifies certificates";
        nodes.extend(of_option(old, Some(setting), option, &mut |_, _| Value::Unsayable(why.to_owned())));
    }
    nodes
}
