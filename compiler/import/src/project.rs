//! The project: `[disco_aws]`, and what the other sections of `disco_aws.ini` say for all hostclasses.

use std::collections::BTreeSet;

use asiaq_compiler::did_you_mean;
use asiaq_lang::{Diagnostic, Span};

use crate::Wish;
use crate::codes;
use crate::draft::{Draft, Node};
use crate::hostclasses;
use crate::ini::{Section, Setting};
use crate::old::{Old, whole};
use crate::options::{Value, fields, unsayable};
use crate::scopes::{Scopes, split};
use crate::words::{name_of, quoted, words};

/// Hostclasses that the project names, with the fields.
const HOSTCLASSES: [(&str, &str); 3] = [
    ("http_proxy_hostclass", "http_proxy"),
    ("logger_hostclass", "logger"),
    ("logforwarder_hostclass", "log_forwarder"),
];

/// Hostclasses through which others are reached.
const JUMP_HOSTS: &str = "jump_box_hostclasses";

/// Other options of `[disco_aws]`, each with the reason why it has no field.
const OTHERS: [(&str, &str); 9] = [
    ("default_environment", "every command names its environment: `--env`"),
    ("zookeeper_hostclass", "nothing used it"),
    ("s3_bucket_base", "a bucket is declared with its name"),
    ("s3_bucket_suffix", "a bucket is declared with its name"),
    ("spotinst_account_id", "Spot Instances come from EC2, not from Spotinst"),
    ("default_spotinst_account_id", "Spot Instances come from EC2, not from Spotinst"),
    ("sandbox_sync_config", "files are not copied to buckets"),
    ("sandbox_config_bucket", "files are not copied to buckets"),
    ("user_timezone", "nothing used it"),
];

/// Options of `[bake]` that have a field of `bakery`.
const OF_BAKERY: [(&str, &str); 4] = [
    ("bakery_environment", "env"),
    ("bakery_instance_type", "type"),
    ("bake_key", "key"),
    ("repo_hostclass", "repo"),
];

/// Sections that are read elsewhere or have no place here, each with the reason.
const SECTIONS: [(&str, &str); 5] = [
    ("iam", "each account has its own identities"),
    ("audit", "canonical ids stand where they are used"),
    ("socify", "deployments report to no ticket service"),
    ("spotinst", "Spot Instances come from EC2, not from Spotinst"),
    ("test", "each hostclass has its own block `test`"),
];

/// Writes the project, and as comments what has no other place.
pub(crate) fn translate(
    old: &mut Old,
    scopes: &Scopes,
    wish: &Wish,
    team: Option<(String, Span)>,
    draft: &mut Draft,
) {
    let aws = std::mem::take(&mut old.aws);
    let section = aws.section("disco_aws");
    let named =
        section.and_then(|section| section.get("project_name")).filter(|named| !named.value.is_empty());
    let origin: Option<Span> = named.map(whole).or(section.map(|section| section.span));
    let name = named.map_or_else(|| "imported".to_owned(), |named| name_of(&named.value));
    let mut body = Vec::new();
    body.push(region(old, wish, origin.or_else(|| aws.sections.first().map(|section| section.span))));
    if let Some((team, span)) = team {
        body.push(Node::field(format!("team = {}", quoted(&team)), span));
    }
    if let Some(section) = section {
        body.extend(of_project(old, scopes, section));
    } else if !aws.sections.is_empty() {
        let at = aws.sections.first().map(|section| section.span).unwrap_or_default();
        old.find(Diagnostic::new(codes::MISSING_OPTION, at, "`disco_aws.ini` has no section `[disco_aws]`"));
    }
    if let (Some(section), None) = (section, named) {
        let message = "`[disco_aws]` lacks `project_name`, which the original needs";
        old.find(Diagnostic::new(codes::MISSING_OPTION, section.span, message));
    }
    if let Some(bake) = aws.section("bake") {
        body.extend(of_bakes(old, scopes, bake));
    }
    let comments = section.map(|section| section.comments.clone()).unwrap_or_default();
    for file in ["networks", "hostclasses", "pipelines", "alarms", "accounts"] {
        let is_there = draft
            .files
            .get(&format!("{file}.asq"))
            .is_some_and(|nodes| nodes.iter().any(|node| !node.is_empty()));
        if is_there {
            draft
                .files
                .entry("infra.asq".to_owned())
                .or_default()
                .insert(0, Node { text: format!("use {file}"), ..Node::default() });
        }
    }
    let uses = draft
        .files
        .get("infra.asq")
        .map_or(0, |nodes| nodes.iter().filter(|node| node.text.starts_with("use ")).count());
    let project = Node::block(format!("project {name}"), origin, body).commented(&comments);
    let infra = draft.files.entry("infra.asq".to_owned()).or_default();
    if let Some(uses) = infra.get_mut(..uses) {
        uses.reverse();
    }
    infra.insert(uses, project);
    let images = images(&aws.sections);
    for section in aws.sections.iter().filter(|section| !hostclasses::is_hostclass(section)) {
        others(old, section, &images, draft);
    }
    draft.add("infra.asq", Node::remark(aws.rest.clone()));
    old.aws = aws;
}

fn region(old: &mut Old, wish: &Wish, origin: Option<Span>) -> Node {
    let region = wish.region.clone().unwrap_or_else(|| crate::USUAL_REGION.to_owned());
    if let (None, Some(origin)) = (&wish.region, origin) {
        let message = format!("the region is in none of the files: `{region}` is taken");
        old.find(Diagnostic::new(codes::REGION_ASSUMED, origin, message).help("say it: `--region REGION`"));
    }
    Node { text: format!("region = {region}"), origin, ..Node::default() }
}

fn of_project(old: &mut Old, scopes: &Scopes, section: &Section) -> Vec<Node> {
    let mut nodes = fields(old, scopes, section, ("default_domain_name", "domain"), &mut |_, setting| {
        if setting.value.is_empty() { Value::Default } else { Value::Is(quoted(&setting.value)) }
    });
    for (option, name) in HOSTCLASSES {
        nodes.extend(fields(old, scopes, section, (option, name), &mut |_, setting| {
            if setting.value.is_empty() { Value::Default } else { Value::Is(name_of(&setting.value)) }
        }));
    }
    nodes.extend(fields(old, scopes, section, (JUMP_HOSTS, "jump_hosts"), &mut |_, setting| {
        let names: Vec<String> = words(&setting.value).into_iter().map(name_of).collect();
        if names.is_empty() { Value::Default } else { Value::Is(format!("[{}]", names.join(", "))) }
    }));
    for setting in section.options.iter().filter(|setting| !setting.is_default) {
        let (option, _) = split(&setting.key);
        let is_known = option == "project_name"
            || option == "default_domain_name"
            || option == JUMP_HOSTS
            || HOSTCLASSES.iter().any(|(known, _)| *known == option)
            || option.strip_prefix("default_").is_some_and(hostclasses::is_known);
        if is_known {
            continue;
        }
        if let Some((_, why)) = OTHERS.iter().find(|(known, _)| *known == option) {
            if option == "zookeeper_hostclass" || option == "user_timezone" {
                let message = format!("nothing uses the value of `{option}`");
                old.find(Diagnostic::new(codes::UNREAD_OPTION, setting.key_span, message));
                nodes.push(Node::refused(
                    format!("{} = {}", setting.key, setting.value),
                    whole(setting),
                    *why,
                ));
            } else {
                nodes.push(unsayable(old, setting, why));
            }
            continue;
        }
        let known: Vec<&str> = OTHERS
            .iter()
            .chain(&HOSTCLASSES)
            .map(|(known, _)| *known)
            .chain(["project_name", JUMP_HOSTS])
            .collect();
        nodes.push(unread(old, setting, "of `[disco_aws]`", &known));
    }
    nodes
}

fn unread(old: &mut Old, setting: &Setting, of: &str, known: &[&str]) -> Node {
    let message = format!("nothing reads the option `{}` {of}", setting.key);
    let mut found = Diagnostic::new(codes::UNREAD_OPTION, setting.key_span, message);
    if let Some(near) = did_you_mean(&setting.key, known) {
        found = found.help(format!("did you mean `{near}`?"));
    }
    old.find(found);
    let line = format!("{} = {}", setting.key, setting.value).replace('\n', " ");
    Node::remark(vec![format!("Nothing read this: {line}")]).commented(&setting.comments)
}

fn of_bakes(old: &mut Old, scopes: &Scopes, bake: &Section) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut bakery = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (option, name) in OF_BAKERY {
        known.insert(option);
        let Some(setting) = bake.get(option).filter(|setting| !setting.value.is_empty()) else { continue };
        let value = match name {
            "key" => quoted(&setting.value),
            "type" => setting.value.clone(),
            _ => name_of(&setting.value),
        };
        bakery.push(Node::field(format!("{name} = {value}"), whole(setting)).commented(&setting.comments));
    }
    let env = bake.get("bakery_environment").and_then(|setting| scopes.find(&setting.value));
    if let Some(trusted) = bake.get("trusted_account_ids").filter(|setting| !setting.value.is_empty()) {
        let ids: Vec<Node> = words(&trusted.value)
            .into_iter()
            .map(|id| Node::field(quoted(id), old.part(trusted, id)))
            .collect();
        nodes.push(Node::list("trusted_accounts =", whole(trusted), ids).commented(&trusted.comments));
    }
    if env.is_some() {
        nodes.push(Node::block("bakery", Some(bake.span), bakery).commented(&bake.comments));
    } else {
        for (option, _) in OF_BAKERY {
            if let Some(setting) = bake.get(option) {
                nodes.push(unsayable(old, setting, "the bakery needs an environment that is known"));
            }
        }
    }
    if let Some(stages) = bake.get("ami_stages") {
        let stages_of = words(&stages.value);
        let field =
            |name: &str, value: &str| Node::field(format!("{name} = {}", quoted(value)), whole(stages));
        if let (Some(first), Some(last)) = (stages_of.first(), stages_of.last())
            && (*first != "untested" || *last != "tested")
        {
            nodes.push(Node::block(
                "stage_roles",
                Some(whole(stages)),
                vec![field("new", first), field("good", last)],
            ));
        }
    }
    known.extend(["trusted_account_ids", "ami_stages"]);
    for setting in
        bake.options.iter().filter(|setting| !setting.is_default && !known.contains(setting.key.as_str()))
    {
        let (option, env) = split(&setting.key);
        let is_of_bakes = [
            "phase1_ami_name",
            "phase1_hostclass",
            "config_data_source",
            "asiaq_data_source",
            "data_destination",
            "prod_baker",
            "prod_account_ids",
            "phase",
            "ami_available_wait_time",
            "bake_ami",
            "bake_instance_profile",
            "enhanced_networking",
            "product_line",
        ];
        if env.is_some() && (is_of_bakes.contains(&option) || known.contains(option)) {
            let message = format!("`{}` is never read: bakes ignore `@ENV`", setting.key);
            old.find(Diagnostic::new(codes::OVERRIDE_IGNORED, setting.key_span, message));
            nodes.push(Node::remark(vec![format!("{} = {}", setting.key, setting.value)]));
        } else if is_of_bakes.contains(&option) {
            nodes.push(unsayable(old, setting, "how images are made is said in `image` and `bake`"));
        } else {
            nodes.push(unread(old, setting, "of `[bake]`", &is_of_bakes));
        }
    }
    nodes
}

/// The sections that describe images: those that `phase1_ami_name` names.
fn images(sections: &[Section]) -> BTreeSet<String> {
    let named = sections
        .iter()
        .flat_map(|section| &section.options)
        .filter(|option| option.key.ends_with("phase1_ami_name"));
    named.map(|option| option.value.clone()).collect()
}

/// A section that is neither the project nor a hostclass, as a comment.
fn others(old: &mut Old, section: &Section, images: &BTreeSet<String>, draft: &mut Draft) {
    if ["disco_aws", "bake"].contains(&section.name.as_str()) {
        return;
    }
    let reason = SECTIONS.iter().find(|(name, _)| *name == section.name).map(|(_, why)| *why);
    let is_image =
        images.contains(&section.name) || section.get("bake_ami").is_some_and(|option| !option.is_default);
    let why = match reason {
        Some(_) if ["test", "iam"].contains(&section.name.as_str()) => return,
        Some(why) => why,
        None if is_image => "how images are made is said in `image` and `bake`",
        None => {
            let message = format!("nothing reads the section `[{}]`", section.name);
            let help = "hostclasses begin with `mhc`";
            old.find(Diagnostic::new(codes::UNREAD_SECTION, section.span, message).help(help));
            "nothing read this section"
        }
    };
    if reason.is_some() || is_image {
        let message = format!("the section `[{}]` is left out: {why}", section.name);
        old.find(Diagnostic::new(codes::CANNOT_BE_SAID, section.span, message));
    }
    let mut lines = section.comments.clone();
    lines.push(format!("Not taken over: {why}."));
    lines.push(format!("[{}]", section.name));
    for option in section.options.iter().filter(|option| !option.is_default) {
        lines.extend(option.comments.iter().cloned());
        lines.extend(format!("{} = {}", option.key, option.value).lines().map(str::to_owned));
    }
    draft.add("infra.asq", Node::remark(lines));
}
