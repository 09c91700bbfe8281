//! Tables: what `CreateTable` is told.

use std::collections::BTreeSet;

use asiaq_lang::Span;

use super::asked::{Evaluated, items, plain};
use super::resolvers::Tree;
use super::{Comparison, Scope};
use crate::json::Json;

pub(super) fn compare(
    tree: &Tree,
    scope: &Scope<'_>,
    tables: &[(String, String)],
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    for (path, json) in &tree.documents {
        if tables.iter().any(|(env, table)| env == scope.env && table == path) {
            of_table(scope, json, evaluated, comparison);
        }
    }
}

fn text(json: Option<&Json>) -> &str {
    json.and_then(Json::text).unwrap_or_default()
}

fn of_table(scope: &Scope<'_>, json: &Json, evaluated: &Evaluated, comparison: &mut Comparison<'_>) {
    let Some(name) = json.get("TableName") else { return };
    let real = format!("{}_{}", text(Some(name)), scope.env);
    let is_it = |start: &&str| {
        let named = start.strip_prefix("table.").filter(|name| !name.contains('.'));
        let Some(named) = named else { return false };
        let own = evaluated.plain(&format!("{start}.name"));
        let own = if own.is_empty() { format!("{named}_{}", scope.env) } else { own };
        own.replace("${env.name}", scope.env) == real
    };
    let start = evaluated.ending(".key").filter_map(|path| path.strip_suffix(".key")).find(is_it);
    let title = format!("{}.table {real}", scope.env);
    comparison.compare(title.clone(), "true", &start.is_some().to_string(), Some(name.span));
    let Some(start) = start else { return };
    of_keys(json, (&title, start), evaluated, comparison, None);
    of_types(json, (&title, start), evaluated, comparison);
    of_capacity(json, (&title, start), json, evaluated, comparison);
    let new = |field: &str| evaluated.plain(&format!("{start}.{field}"));
    let at = |member: &str| Some(json.get(member).map_or(name.span, |member| member.span));
    let stream = json
        .get("StreamSpecification")
        .filter(|of| of.get("StreamEnabled").and_then(Json::truth) == Some(true));
    let view = text(stream.and_then(|stream| stream.get("StreamViewType"))).to_lowercase();
    let view = view.replace("_images", "").replace("_image", "").replace("_only", "");
    comparison.compare(format!("{title} stream"), &view, &new("stream"), at("StreamSpecification"));
    let sealed =
        json.get("SSESpecification").filter(|of| of.get("Enabled").and_then(Json::truth) == Some(true));
    let kind = if sealed.is_some() { "kms" } else { "owned" };
    comparison.compare(format!("{title} encryption"), kind, &new("encryption"), at("SSESpecification"));
    let key = text(sealed.and_then(|sealed| sealed.get("KMSMasterKeyId")));
    comparison.compare(format!("{title} key in KMS"), key, &new("kms_key"), at("SSESpecification"));
    let class = text(json.get("TableClass")).to_lowercase();
    let class = class.strip_prefix("standard_").unwrap_or("standard");
    comparison.compare(format!("{title} class"), class, &new("class"), at("TableClass"));
    for (list, is_local) in [("GlobalSecondaryIndexes", "false"), ("LocalSecondaryIndexes", "true")] {
        for index in json.get(list).map(Json::items).unwrap_or_default() {
            let start = format!("{start}.index.{}", text(index.get("IndexName")));
            let title = format!("{title} index {}", text(index.get("IndexName")));
            let is_there = evaluated.has_below(&start);
            comparison.compare(title.clone(), "true", &is_there.to_string(), Some(index.span));
            if is_there {
                of_index(json, index, is_local, (&title, &start), evaluated, comparison);
            }
        }
    }
}

fn of_index(
    table: &Json,
    index: &Json,
    is_local: &str,
    (title, start): (&str, &str),
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let written = |field: &str| evaluated.plain(&format!("{start}.{field}"));
    comparison.compare(format!("{title} local"), is_local, &written("local"), Some(index.span));
    of_keys(index, (title, start), evaluated, comparison, (is_local == "true").then_some(table));
    let projection = index.get("Projection");
    let names = |of: &Json| of.items().iter().filter_map(Json::text).collect::<Vec<_>>().join(", ");
    let old = match text(projection.and_then(|of| of.get("ProjectionType"))) {
        "KEYS_ONLY" => "keys".to_owned(),
        "INCLUDE" => projection.and_then(|of| of.get("NonKeyAttributes")).map(names).unwrap_or_default(),
        _ => "all".to_owned(),
    };
    let new = match (written("projection"), written("include")) {
        (kind, names) if kind.is_empty() && names.is_empty() => "all".to_owned(),
        (kind, names) if names.is_empty() => kind,
        (_, names) => names,
    };
    let at = Some(projection.map_or(index.span, |of| of.span));
    comparison.compare(format!("{title} projection"), &old, &new, at);
    if is_local == "false" {
        of_capacity(index, (title, start), table, evaluated, comparison);
    }
}

fn key<'j>(of: &'j Json, kind: &str) -> Option<&'j Json> {
    let parts = of.get("KeySchema")?.items();
    parts.iter().find(|part| text(part.get("KeyType")) == kind)?.get("AttributeName")
}

fn of_keys(
    of: &Json,
    (title, start): (&str, &str),
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
    table: Option<&Json>,
) {
    for (kind, field) in [("HASH", "key"), ("RANGE", "sort")] {
        let said = key(of, kind);
        let mut new = evaluated.plain(&format!("{start}.{field}"));
        // A local index has the key of its table.
        if let Some(table) = table.filter(|_| kind == "HASH" && new.is_empty()) {
            new.push_str(text(key(table, kind)));
        }
        let at = Some(said.map_or(of.span, |said| said.span));
        comparison.compare(format!("{title} {field}"), text(said), &new, at);
    }
}

fn of_types(
    json: &Json,
    (title, start): (&str, &str),
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let of = |field: &str| -> BTreeSet<String> {
        items(evaluated.written(&format!("{start}.{field}"))).iter().map(|name| plain(name)).collect()
    };
    let (numbers, binaries) = (of("numbers"), of("binaries"));
    for definition in json.get("AttributeDefinitions").map(Json::items).unwrap_or_default() {
        let name = text(definition.get("AttributeName"));
        let new = match (numbers.contains(name), binaries.contains(name)) {
            (true, _) => "N",
            (_, true) => "B",
            _ => "S",
        };
        let at: Option<Span> = Some(definition.span);
        comparison.compare(format!("{title} type of {name}"), text(definition.get("AttributeType")), new, at);
    }
}

fn of_capacity(
    of: &Json,
    (title, start): (&str, &str),
    table: &Json,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let billing = text(table.get("BillingMode"));
    let throughput = of.get("ProvisionedThroughput").filter(|_| billing != "PAY_PER_REQUEST");
    for (name, field) in [("ReadCapacityUnits", "read"), ("WriteCapacityUnits", "write")] {
        let units = throughput.and_then(|of| of.get(name));
        let old = units.and_then(Json::number).map(|units| units.to_string()).unwrap_or_default();
        let new = evaluated.plain(&format!("{start}.capacity.{field}"));
        let at = units.or(throughput).map_or(of.span, |of| of.span);
        comparison.compare(format!("{title} {field} capacity"), &old, &new, Some(at));
    }
}
