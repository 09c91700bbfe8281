//! `disco_rds.ini`: databases, with the parameters in `rds/engine_specific`.

use std::collections::BTreeSet;

use asiaq_lang::{Diagnostic, Span};

use crate::alarms::as_comment;
use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Ini, Section, Setting};
use crate::old::{Old, whole};
use crate::options::{Value, truth};
use crate::scopes::Scopes;
use crate::sections::{
    add_to_environment, daily, number, of_option, product_line, require, unread, weekly, word,
};
use crate::words::{is_name, quoted};

/// The options of a database.
const OPTIONS: [&str; 17] = [
    "engine",
    "engine_version",
    "db_instance_class",
    "allocated_storage",
    "master_username",
    "port",
    "license_model",
    "character_set_name",
    "iops",
    "multi_az",
    "storage_encrypted",
    "auto_minor_version_upgrade",
    "publicly_accessible",
    "backup_retention_period",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "product_line",
];

/// Those without which the original fails.
const REQUIRED: [&str; 5] =
    ["engine", "engine_version", "db_instance_class", "allocated_storage", "master_username"];

/// Options that are yes or no, with their fields and what both have where nobody says it.
const TRUTHS: [(&str, &str, bool); 4] = [
    ("multi_az", "multi_az", true),
    ("storage_encrypted", "encrypted", true),
    ("auto_minor_version_upgrade", "minor_upgrades", true),
    ("publicly_accessible", "public", false),
];

/// Environments whose databases need a domain of their own.
const WITH_OWN_DOMAIN: [&str; 2] = ["staging", "production"];

/// Writes the databases into their environments.
pub(crate) fn translate(old: &mut Old, scopes: &Scopes, draft: &mut Draft) {
    let ini = std::mem::take(&mut old.databases);
    let aws = std::mem::take(&mut old.aws);
    let parameters = std::mem::take(&mut old.parameters);
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for section in &ini.sections {
        let mut owners: Vec<(&str, &str)> = scopes
            .environments
            .keys()
            .filter_map(|env| {
                let name = section.name.strip_prefix(env.as_str())?.strip_prefix('-')?;
                (!name.is_empty()).then_some((env.as_str(), name))
            })
            .collect();
        owners.sort_by_key(|(env, _)| std::cmp::Reverse(env.len()));
        let Some((env, name)) = owners.first().copied() else {
            let message = format!("`[{}]` is for no environment that is known", section.name);
            let help = "a database is `[ENV-NAME]`; say the type of its environment with `--env ENV=TYPE`";
            old.find(Diagnostic::new(codes::ENVIRONMENT_WITHOUT_TYPE, section.span, message).help(help));
            let why = "it is for no environment that is known.";
            draft.add("infra.asq", Node::remark(as_comment(section, why)));
            continue;
        };
        if let Some((other, _)) = owners.get(1) {
            let message = format!(
                "`[{}]` is a database of `{other}` too: the original looks only at the beginning of the name",
                section.name
            );
            old.find(Diagnostic::new(codes::SECTION_OF_TWO, section.span, message));
        }
        let own = parameters.get(name).and_then(|ini| ini.section(env));
        used.insert((name.to_owned(), env.to_owned()));
        let mut body = fields(old, section, (env, name), aws.section("disco_aws"));
        body.extend(own.and_then(|section| parameters_field(old, section)));
        body.extend(unread(old, section, &OPTIONS, "a database"));
        let node = Node::block(format!("database {}", word(name)), Some(section.span), body);
        add_to_environment(draft, env, node.commented(&section.comments));
    }
    for (name, file) in &parameters {
        unused_parameters(old, draft, (name, file), &used);
    }
    draft.add("infra.asq", Node::remark(ini.rest.clone()));
    (old.databases, old.aws, old.parameters) = (ini, aws, parameters);
}

/// The fields of a database.
fn fields(old: &mut Old, section: &Section, (env, name): (&str, &str), aws: Option<&Section>) -> Vec<Node> {
    let get = |option: &str| section.get(option).filter(|setting| !setting.value.is_empty());
    require(old, section, &|option| get(option).is_some(), &REQUIRED);
    let engine = get("engine").map(|setting| setting.value.to_ascii_lowercase()).unwrap_or_default();
    let mut nodes = Vec::new();
    if !is_name(name) {
        nodes.push(Node::field(format!("name = {}", quoted(&format!("{env}-{name}"))), section.span));
    }
    nodes.extend(of_option(old, get("engine"), "engine", &mut |_, _| Value::Is(engine.replace('-', "_"))));
    nodes.extend(of_option(old, get("engine_version"), "version", &mut |old, setting| {
        if !setting.value.contains('.') {
            let message = format!("`{}` lacks a minor version, which the original needs", setting.value);
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, setting.span, message));
        }
        Value::Is(quoted(&setting.value))
    }));
    nodes.extend(of_option(old, get("db_instance_class"), "class", &mut |_, setting| class(setting)));
    nodes.extend(of_option(old, get("allocated_storage"), "storage", &mut |_, setting| {
        number(setting).map_or_else(Value::Bad, |size| Value::Is(format!("{size}GB")))
    }));
    nodes.extend(iops(old, get("iops")));
    nodes.extend(port(old, section, get("port"), &engine));
    nodes.extend(of_option(old, get("master_username"), "user", &mut |_, setting| {
        Value::Is(quoted(&setting.value))
    }));
    nodes.push(password(section, env, name));
    for (option, field, usual) in TRUTHS {
        nodes.extend(of_option(old, get(option), field, &mut |old, setting| {
            let is_on = truth(old, setting);
            if is_on == usual { Value::Default } else { Value::Is(is_on.to_string()) }
        }));
    }
    nodes.extend(of_option(old, get("backup_retention_period"), "backups", &mut |_, setting| match number(
        setting,
    ) {
        Ok(1) => Value::Default,
        Ok(days) if days <= 35 => Value::Is(format!("{days}d")),
        Ok(days) => Value::Bad(format!("AWS keeps backups 35 days at most, not {days}")),
        Err(why) => Value::Bad(why),
    }));
    nodes.extend(of_option(old, get("preferred_backup_window"), "backup_window", &mut |_, setting| {
        daily(&setting.value).map_or_else(|| Value::Bad("it is not `HH:MM-HH:MM`".to_owned()), Value::Is)
    }));
    let maintenance = get("preferred_maintenance_window");
    nodes.extend(of_option(old, maintenance, "maintenance_window", &mut |_, setting| {
        let bad = || Value::Bad("it is not `DAY:HH:MM-DAY:HH:MM`".to_owned());
        weekly(&setting.value).map_or_else(bad, Value::Is)
    }));
    nodes.extend(license(old, get("license_model"), &engine));
    nodes.extend(of_option(old, get("character_set_name"), "character_set", &mut |_, setting| {
        if engine == "postgres" {
            Value::Unsayable("the original ignores it with `postgres`".to_owned())
        } else {
            Value::Is(quoted(&setting.value))
        }
    }));
    nodes.extend(domain(old, section, env, aws));
    nodes
        .extend(get("product_line").and_then(|setting| product_line("productline", setting, whole(setting))));
    nodes
}

fn class(setting: &Setting) -> Value {
    let is_class =
        setting.value.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-');
    if is_class {
        Value::Is(setting.value.clone())
    } else {
        Value::Bad("it is no class of instances".to_owned())
    }
}

/// Without a type, AWS takes `io1` for operations a second.
fn iops(old: &mut Old, setting: Option<&Setting>) -> Vec<Node> {
    let number = setting.map(number);
    let node = of_option(old, setting, "iops", &mut |_, _| match &number {
        Some(Ok(0)) | None => Value::Default,
        Some(Ok(number)) => Value::Is(number.to_string()),
        Some(Err(why)) => Value::Bad(why.clone()),
    });
    let is_set = matches!(number, Some(Ok(number)) if number > 0);
    let of_type = setting.filter(|_| is_set).map(|setting| Node::field("storage_type = io1", whole(setting)));
    of_type.into_iter().chain(node).collect()
}

fn port(old: &mut Old, section: &Section, setting: Option<&Setting>, engine: &str) -> Option<Node> {
    let usual = match engine {
        "postgres" => Some(5432),
        _ if engine.starts_with("oracle") => Some(1521),
        _ => None,
    };
    if setting.is_none() && usual.is_none() && !engine.is_empty() {
        require(old, section, &|_| false, &["port"]);
    }
    of_option(old, setting, "port", &mut |_, setting| match number(setting) {
        Ok(port) if Some(port) == usual => Value::Default,
        Ok(port) => Value::Is(port.to_string()),
        Err(why) => Value::Bad(why),
    })
}

/// The original looks for two keys; which of them is there is in no file.
fn password(section: &Section, env: &str, name: &str) -> Node {
    let key = |database: &str| format!("rds/{database}/master_user_password");
    let comment = format!("The original looks for `{}` first.", key(&format!("{env}-{name}")));
    let text = format!("password = credential {}", quoted(&key(name)));
    Node::field(text, section.span).commented(&[comment])
}

fn license(old: &mut Old, setting: Option<&Setting>, engine: &str) -> Option<Node> {
    let usual = if engine.starts_with("oracle") {
        "bring-your-own-license"
    } else if engine == "postgres" {
        "postgresql-license"
    } else {
        ""
    };
    of_option(old, setting, "license", &mut |_, setting| match setting.value.as_str() {
        said if said == usual => Value::Default,
        said if is_name(said) => Value::Is(said.replace('-', "_")),
        _ => Value::Bad("it is no license model".to_owned()),
    })
}

/// The domain, where the project has another one for the environment: for databases the original knows `@ENV` of two
/// environments only.
fn domain(old: &mut Old, section: &Section, env: &str, aws: Option<&Section>) -> Option<Node> {
    let option = "default_domain_name";
    let own = aws.and_then(|aws| aws.get(&format!("{option}@{}", env.to_ascii_lowercase())));
    if WITH_OWN_DOMAIN.contains(&env) {
        if own.is_none() && aws.is_some() {
            let message =
                format!("the original fails: databases of `{env}` need `{option}@{env}` in `disco_aws.ini`");
            old.find(Diagnostic::new(codes::MISSING_OPTION, section.span, message));
        }
        return None;
    }
    let own = own?;
    let plain = aws?.get(option).filter(|plain| plain.value != own.value && !plain.value.is_empty())?;
    let comment = format!("For databases the original ignores `{}`.", own.key);
    Some(Node::field(format!("domain = {}", quoted(&plain.value)), section.span).commented(&[comment]))
}

/// The parameters of an environment's section.
fn parameters_field(old: &mut Old, section: &Section) -> Option<Node> {
    let mut items = Vec::new();
    let mut comments = section.comments.clone();
    let mut origin: Option<Span> = None;
    for setting in &section.options {
        comments.extend(setting.comments.iter().cloned());
        if setting.value.is_empty() {
            let message = format!("the parameter `{}` has no value", setting.key);
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, setting.key_span, message));
            comments.push(format!("Not taken over: `{}` has no value", setting.key));
            continue;
        }
        origin.get_or_insert(whole(setting));
        let key = if is_name(&setting.key) { setting.key.clone() } else { quoted(&setting.key) };
        let is_number = setting.value.parse::<u32>().is_ok_and(|number| number.to_string() == setting.value);
        let value = if is_number { setting.value.clone() } else { quoted(&setting.value) };
        items.push(format!("{key} = {value}"));
    }
    let origin = origin?;
    Some(Node::field(format!("parameters = {{ {} }}", items.join(", ")), origin).commented(&comments))
}

/// Parameters for which there is no database.
fn unused_parameters(
    old: &mut Old,
    draft: &mut Draft,
    (name, file): (&str, &Ini),
    used: &BTreeSet<(String, String)>,
) {
    for section in &file.sections {
        if used.contains(&(name.to_owned(), section.name.clone())) {
            continue;
        }
        let message = format!("there is no database `[{}-{name}]` for these parameters", section.name);
        old.find(Diagnostic::new(codes::UNREAD_SECTION, section.span, message));
        let why = format!("there is no database `{}-{name}` for these parameters.", section.name);
        draft.add("infra.asq", Node::remark(as_comment(section, &why)));
    }
    draft.add("infra.asq", Node::remark(file.rest.clone()));
}
