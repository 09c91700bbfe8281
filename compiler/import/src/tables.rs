//! The definitions of tables of DynamoDB: JSON for the call `CreateTable`.

use std::collections::BTreeSet;

use asiaq_lang::{Diagnostic, Span};

use crate::codes;
use crate::draft::{Draft, Node};
use crate::files::TableFile;
use crate::json::{Json, Member};
use crate::old::Old;
use crate::scopes::Scopes;
use crate::sections::{add_to_environment, word};
use crate::words::{is_name, list, quoted};

/// Writes the tables. The answer is the environments of each file.
pub(crate) fn translate(
    old: &mut Old,
    scopes: &Scopes,
    wished: &[(String, String)],
    draft: &mut Draft,
) -> Vec<(String, String)> {
    let tables = std::mem::take(&mut old.tables);
    let mut placed = Vec::new();
    for table in &tables {
        let name = table.json.get("TableName");
        let Some(text) = name.and_then(Json::text).filter(|text| !text.is_empty()) else {
            let message = "the original refuses a table without `TableName`";
            let span = name.map_or(table.json.span, |name| name.span);
            old.find(Diagnostic::new(codes::MISSING_OPTION, span, message));
            let lines = vec![
                format!("Not taken over: the table of `{}` has no name.", table.path),
                table.json.written(),
            ];
            draft.add("infra.asq", Node::remark(lines));
            continue;
        };
        let span = name.map_or(table.json.span, |name| name.span);
        if text.contains('_') {
            let message =
                format!("the original refuses `{text}`: `_` parts the names of table and environment");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, span, message));
        }
        let node = declaration(old, table, text, span);
        let environments = environments(&table.path, scopes, wished);
        if environments.is_empty() {
            in_all(old, scopes, (table, text), (span, node), draft);
            placed.extend(scopes.environments.keys().map(|env| (env.clone(), table.path.clone())));
        } else {
            for env in environments {
                add_to_environment(draft, &env, node.clone());
                placed.push((env, table.path.clone()));
            }
        }
    }
    old.tables = tables;
    placed
}

/// The environments of a file: those that somebody says, or one that is a part of its path.
fn environments(path: &str, scopes: &Scopes, wished: &[(String, String)]) -> Vec<String> {
    let said: BTreeSet<String> = wished
        .iter()
        .filter(|(env, file)| file == path && scopes.environments.contains_key(env))
        .map(|(env, _)| env.clone())
        .collect();
    if !said.is_empty() {
        return said.into_iter().collect();
    }
    let folders = path.rsplit_once('/').map(|(folders, _)| folders).unwrap_or_default();
    let mut named = folders.rsplit('/').filter(|folder| scopes.environments.contains_key(*folder));
    named.next().map(str::to_owned).into_iter().collect()
}

/// Declares a table for every environment.
fn in_all(
    old: &mut Old,
    scopes: &Scopes,
    (table, name): (&TableFile, &str),
    (span, node): (Span, Node),
    draft: &mut Draft,
) {
    let help = format!("say which ones have it: `--table ENV={}`", table.path);
    let message = if scopes.environments.is_empty() {
        format!("no environment is known for the table `{name}`")
    } else {
        format!("the environments of the table `{name}` are in none of the files: all have it")
    };
    old.find(Diagnostic::new(codes::TABLE_WITHOUT_ENVIRONMENT, span, message).help(help));
    if scopes.environments.is_empty() {
        let why = "no environment is known that has it";
        draft.add("infra.asq", Node { refused: Some(why.to_owned()), ..node });
        return;
    }
    let is_lifted = !scopes.types.iter().any(|name| name == "base");
    if let Some(body) = draft
        .declaration("networks.asq", "envtype base")
        .filter(|_| is_lifted)
        .and_then(|base| base.body.as_mut())
    {
        body.push(node);
        return;
    }
    let types: BTreeSet<&str> = scopes.environments.values().map(|env| env.envtype.as_str()).collect();
    for envtype in types {
        let written = scopes.name_of_type(envtype);
        let of_type = written.and_then(|written| {
            draft.declaration("networks.asq", &format!("envtype {written}"))?.body.as_mut()
        });
        match of_type {
            Some(body) => body.push(node.clone()),
            None => {
                for env in scopes.of_type(envtype) {
                    add_to_environment(draft, &env.name, node.clone());
                }
            }
        }
    }
}

fn declaration(old: &mut Old, table: &TableFile, name: &str, span: Span) -> Node {
    let json = &table.json;
    let mut nodes = Vec::new();
    if !is_name(name) {
        let aws = quoted(&format!("{name}_")).trim_end_matches('"').to_owned() + "${env.name}\"";
        nodes.push(Node::field(format!("name = {aws}"), span));
    }
    nodes.extend(keys(old, json, None));
    nodes.extend(attributes(old, json));
    nodes.extend(stream(old, json));
    nodes.extend(encryption(json));
    nodes.extend(tags(json));
    if let Some(class) = json.get("TableClass") {
        match class.text() {
            Some("STANDARD_INFREQUENT_ACCESS") => {
                nodes.push(Node::field("class = infrequent_access", class.span));
            }
            Some("STANDARD") => {}
            _ => nodes.push(bad(old, class, "TableClass", "it is no class of tables")),
        }
    }
    if let Some(protected) = json.get("DeletionProtectionEnabled").filter(|one| one.truth() == Some(true)) {
        nodes.push(Node::field("protect = true", protected.span));
    }
    nodes.extend(capacity(old, json, json.get("BillingMode"), span));
    for (list, is_local) in [("GlobalSecondaryIndexes", false), ("LocalSecondaryIndexes", true)] {
        for one in json.get(list).map(Json::items).unwrap_or_default() {
            nodes.push(index(old, json, one, is_local));
        }
    }
    nodes.extend(json.members().iter().filter_map(|member| rest(old, member)));
    Node::block(format!("table {}", word(name)), Some(span), nodes)
}

/// What has a word here.
const PARAMETERS: [&str; 12] = [
    "TableName",
    "KeySchema",
    "AttributeDefinitions",
    "ProvisionedThroughput",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "StreamSpecification",
    "SSESpecification",
    "Tags",
    "TableClass",
    "DeletionProtectionEnabled",
];

/// Other parameters of `CreateTable`.
const OTHERS: [&str; 5] =
    ["OnDemandThroughput", "WarmThroughput", "ResourcePolicy", "GlobalTableSourceArn", "VectorIndexes"];

fn rest(old: &mut Old, member: &Member) -> Option<Node> {
    if PARAMETERS.contains(&member.name.as_str()) {
        return None;
    }
    let written = format!("{} = {}", member.name, member.value.written());
    let span = member.name_span.to(member.value.span);
    let why = if OTHERS.contains(&member.name.as_str()) {
        let why = "a table has no field for it";
        old.find(Diagnostic::new(codes::CANNOT_BE_SAID, span, format!("`{}`: {why}", member.name)));
        why
    } else {
        let message = format!("`CreateTable` has no parameter `{}`: the original fails", member.name);
        let mut found = Diagnostic::new(codes::BAD_OPTION_VALUE, member.name_span, message);
        if let Some(near) = asiaq_compiler::did_you_mean(&member.name, &PARAMETERS) {
            found = found.help(format!("did you mean `{near}`?"));
        }
        old.find(found);
        "AWS knows no such parameter"
    };
    Some(Node::refused(written, span, why))
}

fn bad(old: &mut Old, json: &Json, name: &str, why: &str) -> Node {
    old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, json.span, format!("`{name}`: {why}")));
    Node::refused(format!("{name} = {}", json.written()), json.span, why)
}

/// The keys of a table, or of an index of it. A local index of `table` has its partition key.
fn keys(old: &mut Old, of: &Json, table: Option<&Json>) -> Vec<Node> {
    let text = |of: &Json| of_key(of, "HASH").and_then(Json::text).map(str::to_owned);
    let is_same = table.is_some_and(|table| text(table) == text(of));
    let mut nodes = Vec::new();
    if of.get("KeySchema").is_none() {
        let message = "AWS refuses it: it has no `KeySchema`";
        old.find(Diagnostic::new(codes::MISSING_OPTION, of.span, message));
    }
    for (kind, field) in [("HASH", "key"), ("RANGE", "sort")] {
        if let Some(name) = of_key(of, kind).filter(|_| !(is_same && kind == "HASH"))
            && let Some(text) = name.text()
        {
            nodes.push(Node::field(format!("{field} = {}", quoted(text)), name.span));
        }
    }
    for part in of.get("KeySchema").map(Json::items).unwrap_or_default() {
        let kind = part.get("KeyType").and_then(Json::text).unwrap_or_default();
        if !["HASH", "RANGE"].contains(&kind) {
            nodes.push(bad(old, part, "KeySchema", "a key is `HASH` or `RANGE`"));
        }
    }
    nodes
}

fn of_key<'j>(of: &'j Json, kind: &str) -> Option<&'j Json> {
    let schema = of.get("KeySchema")?.items();
    let is_it = |part: &&Json| part.get("KeyType").and_then(Json::text) == Some(kind);
    schema.iter().find(is_it)?.get("AttributeName")
}

/// The attributes of keys that are no strings.
fn attributes(old: &mut Old, json: &Json) -> Vec<Node> {
    let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
        .into_iter()
        .filter_map(|name| json.get(name))
        .flat_map(Json::items);
    let holders: Vec<&Json> = std::iter::once(json).chain(indexes).collect();
    let kinds = |of: &'static str| holders.iter().filter_map(move |holder| of_key(holder, of));
    let used: Vec<&Json> = kinds("HASH").chain(kinds("RANGE")).collect();
    let definitions = json.get("AttributeDefinitions");
    let mut defined: BTreeSet<&str> = BTreeSet::new();
    let (mut numbers, mut binaries): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut nodes = Vec::new();
    for definition in definitions.map(Json::items).unwrap_or_default() {
        let Some(name) = definition.get("AttributeName").and_then(Json::text) else { continue };
        defined.insert(name);
        if !used.iter().any(|one| one.text() == Some(name)) {
            let message = format!("AWS refuses the table: `{name}` is defined, and in no key");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, definition.span, message));
            let line = format!("Not taken over: `{name}` is in no key");
            nodes.push(Node::remark(vec![line, definition.written()]));
            continue;
        }
        match definition.get("AttributeType").and_then(Json::text) {
            Some("S") => {}
            Some("N") => numbers.push(quoted(name)),
            Some("B") => binaries.push(quoted(name)),
            _ => nodes.push(bad(old, definition, "AttributeType", "a type of a key is `S`, `N` or `B`")),
        }
    }
    for name in used {
        if let Some(text) = name.text().filter(|text| !defined.contains(text)) {
            let message = format!("AWS refuses the table: `AttributeDefinitions` lacks `{text}`");
            old.find(Diagnostic::new(codes::MISSING_OPTION, name.span, message));
            defined.insert(text);
        }
    }
    let span = definitions.map_or(json.span, |definitions| definitions.span);
    for (field, names) in [("numbers", numbers), ("binaries", binaries)] {
        if !names.is_empty() {
            nodes.push(Node::field(format!("{field} = {}", list(&names)), span));
        }
    }
    nodes
}

fn stream(old: &mut Old, json: &Json) -> Option<Node> {
    let stream = json.get("StreamSpecification")?;
    if stream.get("StreamEnabled").and_then(Json::truth) != Some(true) {
        return None;
    }
    let view = stream.get("StreamViewType");
    let word = match view.and_then(Json::text) {
        Some("NEW_AND_OLD_IMAGES") => "new_and_old",
        Some("NEW_IMAGE") => "new",
        Some("OLD_IMAGE") => "old",
        Some("KEYS_ONLY") => "keys",
        _ => return Some(bad(old, stream, "StreamSpecification", "it has no view that AWS knows")),
    };
    Some(Node::field(format!("stream = {word}"), stream.span))
}

fn encryption(json: &Json) -> Vec<Node> {
    let Some(spec) = json.get("SSESpecification") else { return Vec::new() };
    if spec.get("Enabled").and_then(Json::truth) != Some(true) {
        return Vec::new();
    }
    let key = spec
        .get("KMSMasterKeyId")
        .and_then(|key| Some(Node::field(format!("kms_key = {}", quoted(key.text()?)), key.span)));
    std::iter::once(Node::field("encryption = kms", spec.span)).chain(key).collect()
}

fn tags(json: &Json) -> Option<Node> {
    let tags = json.get("Tags")?;
    let written = |tag: &Json| {
        let key = tag.get("Key")?.text()?;
        let key = if is_name(key) { key.to_owned() } else { quoted(key) };
        Some(format!("{key} = {}", quoted(tag.get("Value")?.text()?)))
    };
    let items: Vec<String> = tags.items().iter().filter_map(written).collect();
    (!items.is_empty()).then(|| Node::field(format!("tags = {{ {} }}", items.join(", ")), tags.span))
}

/// The capacity of a table or an index.
fn capacity(old: &mut Old, of: &Json, billing: Option<&Json>, span: Span) -> Vec<Node> {
    let throughput = of.get("ProvisionedThroughput");
    let mut nodes = Vec::new();
    let is_on_demand = match billing.map(|billing| (billing, billing.text())) {
        None | Some((_, Some("PROVISIONED"))) => false,
        Some((_, Some("PAY_PER_REQUEST"))) => true,
        Some((billing, _)) => {
            nodes.push(bad(old, billing, "BillingMode", "it is no mode"));
            throughput.is_none()
        }
    };
    match (is_on_demand, throughput) {
        (true, None) => {}
        (true, Some(throughput)) => {
            let why = "AWS refuses capacity beside `PAY_PER_REQUEST`";
            nodes.push(bad(old, throughput, "ProvisionedThroughput", why));
        }
        (false, None) => {
            let message = "AWS refuses it: it has no `ProvisionedThroughput`";
            old.find(Diagnostic::new(codes::MISSING_OPTION, span, message));
        }
        (false, Some(throughput)) => {
            let mut body = Vec::new();
            for (name, field) in [("ReadCapacityUnits", "read"), ("WriteCapacityUnits", "write")] {
                let Some(units) = throughput.get(name) else {
                    let message = format!("AWS refuses it: it has no `{name}`");
                    old.find(Diagnostic::new(codes::MISSING_OPTION, throughput.span, message));
                    continue;
                };
                body.push(match units.number() {
                    Some(number) => Node::field(format!("{field} = {number}"), units.span),
                    None => bad(old, units, name, "it is no whole number"),
                });
            }
            nodes.push(Node::block("capacity", Some(throughput.span), body));
        }
    }
    nodes
}

fn index(old: &mut Old, table: &Json, json: &Json, is_local: bool) -> Node {
    let name = json.get("IndexName").and_then(Json::text).unwrap_or_default();
    let mut nodes = Vec::new();
    if is_local {
        nodes.push(Node::field("local = true", json.span));
    }
    nodes.extend(keys(old, json, is_local.then_some(table)));
    if let Some(projection) = json.get("Projection") {
        nodes.extend(projected(old, projection));
    } else {
        let message = "AWS refuses it: an index needs a `Projection`";
        old.find(Diagnostic::new(codes::MISSING_OPTION, json.span, message));
    }
    if !is_local {
        nodes.extend(capacity(old, json, table.get("BillingMode"), json.span));
    }
    let known = ["IndexName", "KeySchema", "Projection", "ProvisionedThroughput"];
    for member in json.members().iter().filter(|member| !known.contains(&member.name.as_str())) {
        nodes.extend(rest(old, member));
    }
    let node = Node::block(format!("index {name}"), Some(json.span), nodes);
    if is_name(name) {
        return node;
    }
    let why = format!("an index has its name in AWS, and `{name}` is no name of `.asq`");
    old.find(Diagnostic::new(codes::CANNOT_BE_SAID, json.span, why.clone()));
    Node { refused: Some(why), ..node }
}

fn projected(old: &mut Old, projection: &Json) -> Option<Node> {
    let names = || {
        let attributes = projection.get("NonKeyAttributes").map(Json::items).unwrap_or_default();
        attributes.iter().filter_map(Json::text).map(quoted).collect::<Vec<_>>()
    };
    match projection.get("ProjectionType").and_then(Json::text) {
        Some("ALL") => None,
        Some("KEYS_ONLY") => Some(Node::field("projection = keys", projection.span)),
        Some("INCLUDE") => Some(Node::field(format!("include = {}", list(&names())), projection.span)),
        _ => Some(bad(old, projection, "Projection", "it is `ALL`, `KEYS_ONLY` or `INCLUDE`")),
    }
}
