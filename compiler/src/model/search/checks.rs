//! What AWS refuses of a search domain, as far as the program shows it.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::{Client, Search, can_encrypt, can_encrypt_between, engine};
use crate::errors;
use crate::library::engines::{self, Known};
use crate::model::storage::{name_problem, role_problem};
use crate::model::{DRAFT_NAME, Environment, engine_checks};

/// Families with disks of their own, which take no EBS volumes ("Supported instance types in Amazon OpenSearch Service" of
/// the developer guide).
const WITH_DISKS: &[&str] = &["i3", "i4g", "i4i", "i7i", "i8g", "i8ge", "im4gn", "r6gd", "r7gd", "r8gd"];
/// Families without disks. Those that are in neither list take both, or are newer than the lists.
const WITHOUT_DISKS: &[&str] = &[
    "c4", "c5", "c6g", "c7g", "c7i", "c8g", "m4", "m5", "m6g", "m7g", "m7i", "m8g", "om2", "or1", "or2",
    "r4", "r5", "r6g", "r7g", "r7i", "r8g", "t2", "t3",
];

/// What is wrong with a declaration by itself.
pub(super) fn of_declaration(search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    version(search, diagnostics);
    nodes(search, diagnostics);
    volumes(search, diagnostics);
    security(search, diagnostics);
    let name = &search.aws.value;
    let is_sound = (3..=28).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_sound {
        diagnostics.push(errors::search_name(search.aws.place(search.span), name));
    }
    let is_open = |client: &Client| matches!(client, Client::Block(block) if block.prefix_len() == 0);
    let allowed = search.allowed.iter().flat_map(|allowed| &allowed.value);
    let open = allowed.into_iter().find(|client| is_open(&client.value));
    if let Some(open) = open.filter(|_| search.policy.is_none() && search.master_user.is_none()) {
        diagnostics.push(errors::open_search_domain(open.span, &search.name));
    }
}

fn version(search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    let text = &search.version.value;
    let span = search.version.span();
    let Some((of, number)) = engine(text).filter(|(_, number)| is_number(number)) else {
        let bare = text.rsplit(['_', ' ']).next().unwrap_or(text);
        let meant = ["OpenSearch", "Elasticsearch"].into_iter().find(|engine| {
            let is_named = text.to_ascii_lowercase().starts_with(&engine.to_ascii_lowercase());
            let is_known = engines::known_version(engine, bare) == Some(Known::Offered);
            (is_named || !text.contains('_')) && is_number(bare) && is_known
        });
        let near = match meant {
            Some(engine) => format!("{engine}_{bare}"),
            None => engines::nearest_version("OpenSearch", bare)
                .map_or_else(|| "OpenSearch_2.19".to_owned(), |near| format!("OpenSearch_{near}")),
        };
        diagnostics.push(errors::not_a_search_version(span, text, &near));
        return;
    };
    if engines::known_version(of, number) == Some(Known::Unknown) || !number.contains('.') {
        let near = engines::nearest_version(of, number).map(|near| format!("{of}_{near}"));
        diagnostics.push(errors::unknown_version(span, text, near.as_deref()));
    } else if let Some(ending) = engines::ending(of, number) {
        diagnostics.push(errors::ending_version(span, text, ending.day, ending.is_over));
    }
}

fn is_number(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn nodes(search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    let masters = search.masters.as_ref();
    if let Some(masters) = masters
        && !matches!(masters.count.value, 3 | 5)
    {
        let place = masters.count.place(masters.span);
        diagnostics.push(errors::masters_count(place, masters.count.value));
    }
    let types = [(&search.of_type, search.span)].into_iter();
    let own = masters.filter(|masters| masters.of_type.chain != search.of_type.chain);
    for (of_type, site) in types.chain(own.map(|masters| (&masters.of_type, masters.span))) {
        let place = of_type.place(site);
        if !of_type.value.ends_with(".search") {
            diagnostics.push(errors::not_a_search_type(place, &of_type.value));
        } else if !engines::is_class(&of_type.value) {
            let meant = engines::misspelt(&of_type.value, engines::search_types());
            diagnostics.push(errors::unknown_class(place, &of_type.value, meant));
        }
    }
    let (count, zones) = (search.count.value, search.zones.value);
    if zones > 1 && !count.is_multiple_of(zones) {
        diagnostics.push(errors::uneven_nodes(search.count.place(search.zones.span()), count, zones));
    }
}

/// What is asked of the disks is asked of the data nodes: masters keep no data.
fn volumes(search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    let of_type = &search.of_type.value;
    if !of_type.ends_with(".search") {
        return;
    }
    let family = of_type.split('.').next().unwrap_or_default();
    match &search.storage {
        Some(storage) if WITH_DISKS.contains(&family) => {
            diagnostics.push(errors::own_disks(storage.span(), of_type));
        }
        None if WITHOUT_DISKS.contains(&family) => {
            diagnostics.push(errors::no_disks(search.of_type.place(search.span), of_type));
        }
        Some(_) | None => {}
    }
    let of = search.storage_type.value.as_str();
    let iops = search.iops.as_ref().filter(|_| !matches!(of, "gp3" | "io1"));
    if let Some(iops) = iops {
        diagnostics.push(errors::volume_setting(iops.span(), "iops", of, "gp3"));
    }
    if let Some(throughput) = search.throughput.as_ref().filter(|_| of != "gp3") {
        diagnostics.push(errors::volume_setting(throughput.span(), "throughput", of, "gp3"));
    }
    if of == "io1" && search.iops.is_none() {
        diagnostics.push(errors::volume_needs_iops(search.storage_type.span()));
    }
    if search.storage.is_none() {
        let alone = [(search.iops.as_ref(), "iops"), (search.throughput.as_ref(), "throughput")];
        for (set, setting) in alone {
            if let Some(set) = set {
                diagnostics.push(errors::setting_needs(set.span(), setting, "storage"));
            }
        }
    }
}

fn security(search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    let (version, of_type) = (&search.version.value, &search.of_type.value);
    if search.encrypted.value && !can_encrypt(version, of_type) {
        let what = if can_encrypt(version, "") { of_type } else { version };
        diagnostics.push(errors::no_encryption(search.encrypted.place(search.span), "encrypted", what));
    }
    if search.node_encryption.value && !can_encrypt_between(version) {
        let place = search.node_encryption.place(search.span);
        diagnostics.push(errors::no_encryption(place, "node_encryption", version));
    }
    if let Some(key) = search.kms_key.as_ref().filter(|_| !search.encrypted.value) {
        diagnostics.push(errors::setting_needs(key.span(), "kms_key", "encrypted = true"));
    }
    if let Some(user) = &search.master_user {
        let needed = [
            (search.encrypted.value, "encrypted = true"),
            (search.node_encryption.value, "node_encryption = true"),
            (search.enforce_https.value, "enforce_https = true"),
        ];
        for (_, needed) in needed.into_iter().filter(|(is_set, _)| !is_set) {
            diagnostics.push(errors::fine_grained_needs(user.span(), needed));
        }
    }
    if let (Some(policy), Some(_)) = (&search.policy, &search.allowed) {
        diagnostics.push(errors::setting_beside(policy.span(), "policy", "allowed"));
    }
    let further = search.security.value.first().filter(|_| search.network.is_none());
    if let Some(further) = further {
        diagnostics.push(errors::setting_beside(further.span, "security", "allowed"));
    }
}

/// The bucket and the role of an archive, which the program does not declare.
fn archive(env: &Environment, search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    let Some(archive) = &search.archive else { return };
    let named = archive.bucket_name.as_ref();
    if let Some((name, why)) = named.and_then(|name| Some((name, name_problem(&name.value)?))) {
        diagnostics.push(errors::bad_bucket_name(name.span(), &name.value, why));
    }
    if let Some(arn) = archive.role_arn.as_ref().filter(|_| !env.region_unknown) {
        diagnostics.extend(role_problem(&arn.value, arn.span(), &env.region.value));
    }
}

/// What is wrong with the search domains of an environment, whose metanetworks and hostclasses are known.
pub(in crate::model) fn check(env: &Environment, diagnostics: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for search in &env.searches {
        archive(env, search, diagnostics);
        if let Some(first) = names.insert(&search.aws.value, search.span) {
            diagnostics.push(errors::search_name_taken(search.span, &search.aws.value, first));
        }
        place(env, search, diagnostics);
        clients(env, search, diagnostics);
        offers(env, search, diagnostics);
    }
}

fn place(env: &Environment, search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(network) = &search.network {
        if env.network(&network.value).is_none() {
            let names = env.network_names();
            let found = if network.span() == search.span {
                errors::search_without_network(search.span, &network.value, &env.name)
            } else {
                errors::without_fix(errors::unknown_network(
                    network.span(),
                    &network.value,
                    &env.name,
                    &names,
                ))
            };
            diagnostics.push(found);
        }
        let (zones, has) = (search.zones.value, env.zones.value);
        if usize::try_from(zones).is_ok_and(|zones| zones > has) {
            let place = search.zones.place(search.span);
            diagnostics.push(errors::too_few_zones(place, zones, &env.name, has));
        }
    }
    for network in &search.security.value {
        if env.network(&network.value).is_none() {
            let known = env.network_names();
            diagnostics.push(errors::unknown_source(network.span, &network.value, &env.name, &known));
        }
    }
}

fn clients(env: &Environment, search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    for client in search.allowed.iter().flat_map(|allowed| &allowed.value) {
        match &client.value {
            Client::Block(_) => {}
            Client::AllNats if env.networks.iter().any(|network| network.nat.is_some()) => {}
            Client::AllNats => {
                diagnostics.push(errors::client_without_address(client.span, &env.name, "nat = auto"));
            }
            Client::Named(name) => match (env.network(name), env.host(name)) {
                (Some(network), _) if network.nat.is_some() => {}
                (_, Some(host)) if host.eip.is_some() => {}
                (Some(_), None) => {
                    diagnostics.push(errors::client_without_address(client.span, name, "nat = auto"));
                }
                (_, Some(_)) => {
                    diagnostics.push(errors::client_without_address(client.span, name, "eip = 203.0.113.10"));
                }
                // An environment that nobody declares has no hostclasses.
                (None, None) if env.name == DRAFT_NAME => {}
                (None, None) => diagnostics.push(errors::unknown_client(client.span, name, &env.name)),
            },
        }
    }
}

fn offers(env: &Environment, search: &Search, diagnostics: &mut Vec<Diagnostic>) {
    let masters = search.masters.iter().map(|masters| (&masters.of_type, masters.span));
    let masters = masters.filter(|(of_type, _)| of_type.chain != search.of_type.chain);
    for (of_type, site) in std::iter::once((&search.of_type, search.span)).chain(masters) {
        diagnostics.extend(engine_checks::offer(&of_type.value, "", env, of_type.place(site)));
    }
}
