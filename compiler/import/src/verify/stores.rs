//! Databases, caches and search domains.

use std::collections::BTreeMap;

use asiaq_lang::Span;
use ipnet::Ipv4Net;

use super::asked::{Evaluated, items, plain};
use super::resolvers::{Tree, place, text, yes};
use super::{Comparison, Scope};
use crate::ini::{Section, Setting};

pub(super) fn compare(
    tree: &Tree,
    scope: &Scope<'_>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    for section in &tree.databases.sections {
        // The original looks only at the beginning.
        if section.name.starts_with(&format!("{}-", scope.env)) {
            of_database(tree, scope, section, evaluated, comparison);
        }
    }
    for section in &tree.caches.sections {
        if let Some((env, name)) = section.name.split_once(':')
            && env == scope.env
        {
            of_cache(tree, scope, (section, name), evaluated, comparison);
        }
    }
    for section in &tree.searches.sections {
        if let Some((env, name)) = section.name.split_once(':')
            && env == scope.env
        {
            of_search(tree, scope, (section, name), evaluated, comparison);
        }
    }
}

/// Options that have no default.
const NEEDED: [&str; 17] = [
    "allocated_storage",
    "db_instance_class",
    "dedicated_master_count",
    "dedicated_master_type",
    "engine",
    "engine_version",
    "instance_count",
    "instance_type",
    "iops",
    "master_username",
    "num_nodes",
    "parameter_group",
    "port",
    "snapshot_start_hour",
    "version",
    "volume_size",
    "volume_type",
];

/// A declaration of the program beside a section.
struct Pair<'a, 'c> {
    /// The name of the values: `ci.database [ci-orders]`.
    title: String,
    /// The place of the section.
    section: Span,
    /// The start of its paths in the program.
    start: String,
    evaluated: &'a Evaluated,
    comparison: &'a mut Comparison<'c>,
}

impl Pair<'_, '_> {
    fn written(&self, field: &str) -> String {
        self.evaluated.plain(&format!("{}.{field}", self.start))
    }

    fn compare(&mut self, option: &str, old: &str, new: &str, at: Span) {
        let path = format!("{} {option}", self.title);
        // Nothing at the section as a whole is about an option that it does not have. Without some of them the original
        // fails, so that there is nothing to compare.
        if at == self.section && NEEDED.contains(&option) {
            return;
        }
        if at == self.section && option != "password" {
            self.comparison.compare_default(path, old, new, at);
        } else {
            self.comparison.compare(path, old, new, Some(at));
        }
    }

    /// A field that has its value as the old file writes it.
    fn same(&mut self, option: &str, field: &str, old: &str, at: Span) {
        let new = self.written(field);
        self.compare(option, old, &new, at);
    }

    /// A tag.
    fn tag(&mut self, key: &str, old: &str, at: Span) {
        let tags = table(self.evaluated.written(&format!("{}.tags", self.start)));
        let new = tags.get(key).cloned().unwrap_or_default();
        self.compare(&format!("tag {key}"), old, &new, at);
    }
}

/// The declaration whose own name in AWS is `named`, or which has it by default.
fn start_of(evaluated: &Evaluated, kind: &str, field: &str, named: &str, usual: &str) -> Option<String> {
    let start = format!("{kind}.");
    let required = if kind == "cache" { ".version" } else { ".class" };
    let required = if kind == "search" { ".type" } else { required };
    let starts = evaluated.ending(required).filter_map(|path| path.strip_suffix(required));
    let is_it = |path: &&str| {
        let Some(name) = path.strip_prefix(&start).filter(|name| !name.contains('.')) else { return false };
        let own = evaluated.plain(&format!("{path}.{field}"));
        let own = if own.is_empty() { usual.replace("NAME", name) } else { own };
        own.eq_ignore_ascii_case(named)
    };
    starts.filter(is_it).map(str::to_owned).next()
}

/// The entries of a table as it is written.
fn table(written: &str) -> BTreeMap<String, String> {
    let inner = written.trim().trim_start_matches('{').trim_end_matches('}');
    let entry = |item: &String| {
        let (key, value) = item.split_once('=')?;
        Some((plain(key.trim()), plain(value.trim())))
    };
    items(inner).iter().filter_map(entry).collect()
}

fn at(setting: Option<&Setting>, section: &Section) -> Span {
    place(setting).unwrap_or(section.span)
}

fn on_or(setting: Option<&Setting>, usual: bool) -> String {
    setting
        .filter(|setting| !setting.value.is_empty())
        .map_or(usual, |setting| yes(&setting.value))
        .to_string()
}

/// `sat:05:00-sat:06:00` as `sat 05:00..sat 06:00`.
fn window(text: &str) -> String {
    let Some((from, to)) = text.split_once('-') else { return text.to_owned() };
    let end = |end: &str| {
        let parts: Vec<&str> = end.trim().split(':').collect();
        match parts.as_slice() {
            [day, hour, minute] => format!("{} {hour:0>2}:{minute}", day.to_lowercase()),
            [hour, minute] => format!("{hour:0>2}:{minute}"),
            _ => end.to_owned(),
        }
    };
    format!("{}..{}", end(from), end(to))
}

fn of_database(
    tree: &Tree,
    scope: &Scope<'_>,
    section: &Section,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let title = format!("{}.database [{}]", scope.env, section.name);
    let usual = format!("{}-NAME", scope.env);
    let start = start_of(evaluated, "database", "name", &section.name, &usual);
    comparison.compare(title.clone(), "true", &start.is_some().to_string(), Some(section.span));
    let Some(start) = start else { return };
    let name = section.name.get(scope.env.len() + 1..).unwrap_or_default();
    let mut pair = Pair { title, section: section.span, start, evaluated, comparison };
    let get = |option: &str| section.get(option);
    let engine = text(get("engine")).to_lowercase();
    let new_engine = pair.written("engine").replace('_', "-");
    pair.compare("engine", &engine, &new_engine, at(get("engine"), section));
    for (option, field) in
        [("engine_version", "version"), ("db_instance_class", "class"), ("master_username", "user")]
    {
        pair.same(option, field, text(get(option)), at(get(option), section));
    }
    let size = text(get("allocated_storage"));
    pair.same("allocated_storage", "storage", &format!("{size}GB"), at(get("allocated_storage"), section));
    let is_oracle = engine.starts_with("oracle");
    let port_of = |said: String| match said.as_str() {
        "" if engine == "postgres" => "5432".to_owned(),
        "" if is_oracle => "1521".to_owned(),
        _ => said,
    };
    let new = port_of(pair.written("port"));
    let port = port_of(text(get("port")).to_owned());
    if !port.is_empty() {
        pair.compare("port number", &port, &new, at(get("port"), section));
    }
    let license_of = |said: String| match said.as_str() {
        "" if engine == "postgres" => "postgresql-license".to_owned(),
        "" if is_oracle => "bring-your-own-license".to_owned(),
        _ => said.replace('_', "-"),
    };
    let new = license_of(pair.written("license"));
    let old = license_of(text(get("license_model")).to_owned());
    pair.compare("license_model", &old, &new, at(get("license_model"), section));
    let set = if engine == "postgres" { "" } else { text(get("character_set_name")) };
    pair.same("character_set_name", "character_set", set, at(get("character_set_name"), section));
    let iops = text(get("iops"));
    pair.same("operations a second", "iops", if iops == "0" { "" } else { iops }, at(get("iops"), section));
    for (option, field, usual) in [
        ("multi_az", "multi_az", true),
        ("storage_encrypted", "encrypted", true),
        ("auto_minor_version_upgrade", "minor_upgrades", true),
        ("publicly_accessible", "public", false),
    ] {
        pair.same(option, field, &on_or(get(option), usual), at(get(option), section));
    }
    let days = Some(text(get("backup_retention_period"))).filter(|days| !days.is_empty()).unwrap_or("1");
    let backups = get("backup_retention_period");
    pair.same("backup_retention_period", "backups", &format!("{days}d"), at(backups, section));
    for (option, field) in
        [("preferred_backup_window", "backup_window"), ("preferred_maintenance_window", "maintenance_window")]
    {
        pair.same(option, field, &window(text(get(option))), at(get(option), section));
    }
    pair.tag("productline", text(get("product_line")), at(get("product_line"), section));
    let key = format!("credential rds/{name}/master_user_password");
    pair.same("password", "password", &key, section.span);
    of_domain(tree, scope, section, &mut pair);
    of_parameters(tree, scope, (section, name), &mut pair);
}

/// The domain of the name of a database: `default_domain_name`, and with `@ENV` for two environments.
fn of_domain(tree: &Tree, scope: &Scope<'_>, section: &Section, pair: &mut Pair<'_, '_>) {
    let option = match scope.env {
        env @ ("staging" | "production") => format!("default_domain_name@{env}"),
        _ => "default_domain_name".to_owned(),
    };
    let said = tree.aws.section("disco_aws").and_then(|section| section.get(&option));
    // Without one, the original fails.
    let Some(said) = said.filter(|said| !said.value.is_empty()) else { return };
    let own = pair.written("domain");
    let new = if own.is_empty() { pair.evaluated.plain("project.domain") } else { own };
    // A domain that the program refuses is told at its own place.
    let places = [Some(section.span), place(Some(said))];
    pair.comparison.compare_made(format!("{} domain", pair.title), &said.value, &new, &places);
}

fn of_parameters(tree: &Tree, scope: &Scope<'_>, (section, name): (&Section, &str), pair: &mut Pair<'_, '_>) {
    let own = tree.parameters.get(name).and_then(|ini| ini.section(scope.env));
    let mut new = table(pair.evaluated.written(&format!("{}.parameters", pair.start)));
    for setting in own.into_iter().flat_map(|own| &own.options) {
        let said = new.remove(&setting.key).unwrap_or_default();
        let at = at(Some(setting), section);
        pair.compare(&format!("parameter {}", setting.key), &setting.value, &said, at);
    }
    for (key, value) in new {
        pair.compare(&format!("parameter {key}"), "", &value, section.span);
    }
}

fn of_cache(
    tree: &Tree,
    scope: &Scope<'_>,
    (section, name): (&Section, &str),
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let title = format!("{}.cache [{}]", scope.env, section.name);
    let named = format!("{}-{name}", scope.env);
    let start = start_of(evaluated, "cache", "description", &named, &format!("{}-NAME", scope.env));
    comparison.compare(title.clone(), "true", &start.is_some().to_string(), Some(section.span));
    let Some(start) = start else { return };
    let mut pair = Pair { title, section: section.span, start, evaluated, comparison };
    let get = |option: &str| section.get(option);
    pair.same("engine", "engine", "redis", section.span);
    for (option, field) in
        [("instance_type", "type"), ("engine_version", "version"), ("parameter_group", "parameter_group")]
    {
        pair.same(option, field, text(get(option)), at(get(option), section));
    }
    for (option, field, usual) in [("num_nodes", "nodes", "1"), ("port", "port", "6379")] {
        let said = pair.written(field);
        let new = if said.is_empty() { usual } else { said.as_str() };
        pair.compare(option, text(get(option)), new, at(get(option), section));
    }
    let network = tree.of_section_or_default(section, "meta_network", scope.env);
    let said = pair.written("network");
    let new = if said.is_empty() { "intranet" } else { said.as_str() };
    let places = [Some(at(get("meta_network"), section)), place(network)];
    pair.comparison.compare_made(format!("{} meta_network", pair.title), text(network), new, &places);
    let domain = tree.of_section_or_default(section, "domain_name", scope.env);
    let said = pair.written("domain");
    let new = if said.is_empty() { pair.evaluated.plain("project.domain") } else { said };
    let places = [Some(at(get("domain_name"), section)), place(domain)];
    pair.comparison.compare_made(format!("{} domain_name", pair.title), text(domain), &new, &places);
    let line = tree.of_section_or_default(section, "product_line", scope.env);
    pair.tag("product_line", text(line), at(get("product_line"), section));
    let said = text(get("maintenance_window"));
    let old = window(if said.is_empty() { "sat:05:00-sat:06:00" } else { said });
    let new = pair.written("window");
    let new = if new.is_empty() { "sat 05:00..sat 06:00".to_owned() } else { new };
    pair.compare("maintenance_window", &old, &new, at(get("maintenance_window"), section));
}

fn of_search(
    tree: &Tree,
    scope: &Scope<'_>,
    (section, name): (&Section, &str),
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    if name.contains(':') {
        return;
    }
    let title = format!("{}.search [{}]", scope.env, section.name);
    let named = format!("es-{name}-{}", scope.env.to_lowercase());
    let start =
        start_of(evaluated, "search", "name", &named, &format!("es-NAME-{}", scope.env.to_lowercase()));
    comparison.compare(title.clone(), "true", &start.is_some().to_string(), Some(section.span));
    let Some(start) = start else { return };
    let mut pair = Pair { title, section: section.span, start, evaluated, comparison };
    let defaults = tree.searches.section("defaults");
    let get = |option: &str| section.get(option).or_else(|| defaults?.get(option));
    let version = format!("Elasticsearch_{}", text(get("version")));
    pair.same("version", "version", &version, at(get("version"), section));
    let today = |text: &str| text.replace(".elasticsearch", ".search");
    pair.same("instance_type", "type", &today(text(get("instance_type"))), at(get("instance_type"), section));
    pair.same("instance_count", "count", text(get("instance_count")), at(get("instance_count"), section));
    let aware = pair.written("zone_awareness");
    let aware = if aware.is_empty() { "false" } else { aware.as_str() };
    pair.compare(
        "zone_awareness",
        &on_or(get("zone_awareness"), false),
        aware,
        at(get("zone_awareness"), section),
    );
    let has_volumes = yes(text(get("ebs_enabled")));
    if has_volumes {
        let size = format!("{}GB", text(get("volume_size")));
        pair.same("volume_size", "storage", &size, at(get("volume_size"), section));
        let of_type = text(get("volume_type"));
        pair.same("volume_type", "storage_type", of_type, at(get("volume_type"), section));
        let iops = if of_type == "io1" { text(get("iops")) } else { "" };
        pair.same("iops", "iops", iops, at(get("iops"), section));
    } else {
        let new = pair.written("storage");
        pair.comparison.compare_default(format!("{} volume_size", pair.title), "", &new, section.span);
    }
    let hour = get("snapshot_start_hour");
    pair.same("snapshot_start_hour", "snapshot_hour", text(hour), at(hour, section));
    let has_masters = yes(text(get("dedicated_master")));
    for (option, field) in [("dedicated_master_type", "type"), ("dedicated_master_count", "count")] {
        let said = get(option).filter(|_| has_masters);
        if has_masters {
            pair.same(option, &format!("masters.{field}"), &today(text(said)), at(said, section));
        } else {
            let new = pair.written(&format!("masters.{field}"));
            pair.comparison.compare_default(format!("{} {option}", pair.title), "", &new, section.span);
        }
    }
    of_sources(tree, scope, get("allowed_source_ips"), section, &mut pair);
    for (field, what) in [
        ("encrypted", "encryption of disks"),
        ("node_encryption", "encryption between nodes"),
        ("enforce_https", "only TLS"),
    ] {
        let new = pair.written(field);
        // Where it is not said, versions and types cannot.
        let new = if new.is_empty() { "false" } else { new.as_str() };
        pair.compare(what, "false", new, section.span);
    }
    of_archive(&get, section, &mut pair);
}

/// The addresses that are let in, one by one.
fn of_sources(
    tree: &Tree,
    scope: &Scope<'_>,
    setting: Option<&Setting>,
    section: &Section,
    pair: &mut Pair<'_, '_>,
) {
    let named = |word: &str| match word.parse::<Ipv4Net>() {
        Ok(net) if net.prefix_len() == 0 => "internet".to_owned(),
        Ok(net) => net.trunc().to_string(),
        Err(_) if word.contains('/') => word.to_owned(),
        Err(_) => format!("{word}/32"),
    };
    let mut old: BTreeMap<String, Span> = BTreeMap::new();
    for word in text(setting).split_whitespace() {
        let at = setting.map_or(section.span, |setting| pair.comparison.part(setting, word));
        old.insert(named(word), at);
    }
    // The addresses of NAT gateways are found in the type that has the name of the environment.
    let gateways = tree.vpc.section(&format!("envtype:{}", scope.env));
    let gateways = gateways.and_then(|section| section.get("tunnel_nat_gateways"));
    if !text(gateways).is_empty() {
        old.insert("tunnel".to_owned(), at(setting, section));
    }
    let new = items(pair.evaluated.written(&format!("{}.allowed", pair.start)));
    for source in old.keys().cloned().chain(new.iter().filter(|new| !old.contains_key(*new)).cloned()) {
        let said = |has: bool| if has { source.clone() } else { String::new() };
        let at = old.get(&source).copied().unwrap_or(at(setting, section));
        let (before, after) = (said(old.contains_key(&source)), said(new.contains(&source)));
        pair.compare("allowed_source_ips", &before, &after, at);
    }
}

fn of_archive<'t>(get: &dyn Fn(&str) -> Option<&'t Setting>, section: &Section, pair: &mut Pair<'_, '_>) {
    let pattern = get("archive_index_prefix_pattern");
    if text(pattern).is_empty() {
        return;
    }
    let indices = text(pattern).replace(".*", "*");
    pair.same("archive_index_prefix_pattern", "archive.indices", &indices, at(pattern, section));
    let percent = text(get("archive_threshold")).parse::<f64>().map(|share| share * 100.0);
    let old =
        percent.map_or_else(|_| text(get("archive_threshold")).to_owned(), |share| format!("{share:.2}"));
    let new = pair.written("archive.keep");
    let new = new.trim_end_matches('%').parse::<f64>().map_or(new.clone(), |share| format!("{share:.2}"));
    let places = [Some(at(get("archive_threshold"), section)), place(pattern)];
    if get("archive_threshold").is_some() {
        pair.comparison.compare_made(format!("{} archive_threshold", pair.title), &old, &new, &places);
    }
    for (option, field) in [("archive_repository", "repository"), ("archive_max_shards", "max_shards")] {
        let Some(setting) = get(option) else { continue };
        let new = pair.written(&format!("archive.{field}"));
        let places = [Some(at(Some(setting), section)), place(pattern)];
        pair.comparison.compare_made(format!("{} {option}", pair.title), &setting.value, &new, &places);
    }
    let role = get("archive_role");
    pair.same("archive_role", "archive.role", text(role), at(role, section));
}
