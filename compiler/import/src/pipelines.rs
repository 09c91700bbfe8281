//! Pipelines: the rows of CSV files.

use std::collections::BTreeMap;

use asiaq_compiler::did_you_mean;
use asiaq_lang::{Diagnostic, Span};

use crate::codes;
use crate::csv::Cell;
use crate::draft::{Draft, Node};
use crate::old::{Old, Table};
use crate::options::{Value, said};
use crate::scopes::Scopes;
use crate::words::{is_false, is_name, is_true, list, name_of, quoted, words};

/// The columns that the original reads.
const COLUMNS: [&str; 17] = [
    "sequence",
    "hostclass",
    "min_size",
    "desired_size",
    "max_size",
    "instance_type",
    "extra_space",
    "extra_disk",
    "iops",
    "smoke_test",
    "ami",
    "termination_policies",
    "chaos",
    "spotinst",
    "spotinst_reserve",
    "deployable",
    "integration_test",
];

/// The type of instances without one.
const USUAL_TYPE: &str = "m3.large";

/// The name of the pipeline of a file: that of the file, or that of its folder where the file is just `pipeline.csv`.
pub(crate) fn name_of_path(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut parts = stem.rsplit('/');
    let name = parts.next().unwrap_or_default();
    name_of(match parts.next() {
        Some(folder) if name == "pipeline" => folder,
        _ => name,
    })
}

/// The hostclasses that pipelines run, each with the first place.
pub(crate) fn run(old: &Old) -> BTreeMap<String, Span> {
    let mut found = BTreeMap::new();
    for table in &old.pipelines {
        for cell in table.rows.iter().filter_map(|row| table.cell(row, "hostclass")) {
            if !cell.text.is_empty() {
                found.entry(cell.text.clone()).or_insert(cell.span);
            }
        }
    }
    found
}

/// Writes the pipelines.
pub(crate) fn translate(old: &mut Old, scopes: &Scopes, draft: &mut Draft) {
    let tables = std::mem::take(&mut old.pipelines);
    for table in &tables {
        report_unread(old, table);
        let start = Span::new(table.file, 0, 0);
        if !scopes.environments.values().any(|env| env.pipeline.as_deref() == Some(table.path.as_str())) {
            let message = format!("no environment runs the pipeline of `{}`", table.path);
            let help = format!("say which one does: `--pipeline ENV={}`", table.path);
            let first = table.header.first().map_or(start, |cell| cell.span);
            old.find(Diagnostic::new(codes::PIPELINE_WITHOUT_ENVIRONMENT, first, message).help(help));
        }
        let name = name_of_path(&table.path);
        let mut stages: BTreeMap<i64, Vec<Node>> = BTreeMap::new();
        let mut seen: BTreeMap<String, (Span, i64, usize)> = BTreeMap::new();
        let mut nodes = Vec::new();
        for row in &table.rows {
            let hostclass = table.cell(row, "hostclass").filter(|cell| !cell.text.is_empty());
            let Some(cell) = hostclass else {
                nodes.push(without_hostclass(old, row));
                continue;
            };
            let sequence = sequence(old, table, row, cell);
            let node = run_node(old, scopes, table, row, cell);
            if let Some((first, sequence, at)) = seen.get(&cell.text).copied() {
                let message = format!(
                    "`{}` runs twice: both rows are for one group, and this one is the last",
                    cell.text
                );
                let found = Diagnostic::new(codes::REPEATED_ROW, cell.span, message);
                old.find(found.related(first, "it changes what this row said"));
                if let Some(earlier) = stages.get_mut(&sequence).and_then(|runs| runs.get_mut(at)) {
                    earlier.refused = Some("a later row is for the same hostclass".to_owned());
                }
            }
            let runs = stages.entry(sequence).or_default();
            seen.insert(cell.text.clone(), (cell.span, sequence, runs.len()));
            runs.push(node);
        }
        nodes.extend(stages.into_values().map(|runs| {
            let origin = runs.iter().find_map(|run| run.origin);
            Node::block("stage", origin, runs)
        }));
        let origin =
            table.header.iter().find(|cell| cell.text == "hostclass").map_or(start, |cell| cell.span);
        draft.add("pipelines.asq", Node::block(format!("pipeline {name}"), Some(origin), nodes));
    }
    old.pipelines = tables;
}

fn without_hostclass(old: &mut Old, row: &[Cell]) -> Node {
    let texts: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
    let why = "the row names no hostclass";
    if let (Some(first), Some(last)) = (row.first(), row.last()) {
        let span = first.span.to(last.span);
        old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, span, why));
    }
    Node::remark(vec![format!("Not taken over: {why}"), texts.join(",")])
}

fn sequence(old: &mut Old, table: &Table, row: &[Cell], hostclass: &Cell) -> i64 {
    let cell = table.cell(row, "sequence");
    if let Some(Ok(number)) = cell.map(|cell| cell.text.trim().parse::<i64>()) {
        number
    } else {
        let span = cell.filter(|cell| !cell.text.is_empty()).unwrap_or(hostclass).span;
        let message =
            format!("`{}` has no `sequence`: the original fails; it is started last", hostclass.text);
        old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, span, message));
        i64::MAX
    }
}

/// The run of a row.
fn run_node(old: &mut Old, scopes: &Scopes, table: &Table, row: &[Cell], hostclass: &Cell) -> Node {
    let mut nodes = Vec::new();
    let mut add =
        |old: &mut Old, column: &str, name: &str, value: &mut dyn FnMut(&mut Old, &Cell) -> Value| {
            let Some(cell) = table.cell(row, column).filter(|cell| !crate::ini::trim(&cell.text).is_empty())
            else {
                return;
            };
            let value = value(old, cell);
            nodes.extend(field(old, cell, column, name, value));
        };
    for (column, name) in [("min_size", "min"), ("desired_size", "desired"), ("max_size", "max")] {
        add(old, column, name, &mut |_, cell| size(&cell.text));
    }
    for (column, name) in [("extra_space", "extra_space"), ("extra_disk", "extra_disk")] {
        add(old, column, name, &mut |_, cell| match cell.text.trim().parse::<u32>() {
            Ok(0) => Value::Default,
            Ok(size) => Value::Is(format!("{size}GB")),
            Err(_) => Value::Bad(format!("`{}` is no number of GB", cell.text)),
        });
    }
    add(old, "iops", "iops", &mut |_, cell| match cell.text.trim().parse::<u32>() {
        Ok(number) => Value::Is(number.to_string()),
        Err(_) => Value::Bad(format!("`{}` is no number", cell.text)),
    });
    for (column, name) in [("smoke_test", "smoke_test"), ("deployable", "deployable"), ("chaos", "chaos")] {
        // `no` is the default of the first two only.
        add(old, column, name, &mut |old, cell| match truth(old, cell) {
            false if column != "chaos" => Value::Default,
            truth => Value::Is(truth.to_string()),
        });
    }
    add(old, "ami", "ami", &mut |_, cell| Value::Is(quoted(cell.text.trim())));
    add(old, "termination_policies", "termination_policies", &mut |_, cell| policies(&cell.text));
    add(old, "integration_test", "integration_test", &mut |_, cell| Value::Is(quoted(&cell.text)));
    nodes.splice(0..0, types(table, row, hostclass));
    nodes.extend(spot(old, scopes, table, row, hostclass));
    let last = row.iter().rev().find(|cell| !cell.text.is_empty()).map_or(hostclass.span, |cell| cell.span);
    let first = row.first().map_or(hostclass.span, |cell| cell.span);
    let name = if is_name(&hostclass.text) { hostclass.text.clone() } else { name_of(&hostclass.text) };
    Node::block(format!("run {name}"), Some(first.to(last)), nodes)
}

fn field(old: &mut Old, cell: &Cell, column: &str, name: &str, value: Value) -> Option<Node> {
    match value {
        Value::Is(text) => Some(Node::field(format!("{name} = {text}"), cell.span)),
        Value::Default => None,
        Value::Bad(why) | Value::Unsayable(why) => {
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, cell.span, format!("`{column}`: {why}")));
            Some(Node::refused(format!("{column} = {}", cell.text), cell.span, why))
        }
    }
}

fn truth(old: &mut Old, cell: &Cell) -> bool {
    let text = crate::ini::trim(&cell.text);
    if !is_true(text) && !is_false(text) {
        let message =
            format!("`{text}` counts as no: the original knows `true`, `yes`, `t`, `y`, `aye` and `1`");
        old.find(Diagnostic::new(codes::SILENTLY_FALSE, cell.span, message));
    }
    is_true(text)
}

/// `2`, or `2@1 0 * * *:3@6 0 * * *`.
fn size(text: &str) -> Value {
    let is_number =
        |text: &str| !text.is_empty() && text.len() < 10 && text.chars().all(|sign| sign.is_ascii_digit());
    let plain = |text: &str| text.trim_start_matches('0').to_owned();
    let number = |text: &str| if plain(text).is_empty() { "0".to_owned() } else { plain(text) };
    if is_number(text) {
        return Value::Is(number(text));
    }
    let mut points: Vec<(&str, String)> = Vec::new();
    for part in text.split(':') {
        match part.split_once('@') {
            Some((size, cron)) if is_number(size.trim()) => {
                points.retain(|(known, _)| *known != cron);
                points.push((cron, number(size.trim())));
            }
            _ => {
                return Value::Bad(format!(
                    "`{text}` is neither a number nor `SIZE@CRON` separated by colons"
                ));
            }
        }
    }
    let points: Vec<String> =
        points.into_iter().map(|(cron, size)| format!("{size} at {}", quoted(cron))).collect();
    Value::Is(list(&points))
}

fn types(table: &Table, row: &[Cell], hostclass: &Cell) -> Vec<Node> {
    let cell = table.cell(row, "instance_type").filter(|cell| !cell.text.is_empty());
    let Some(cell) = cell else { return vec![Node::field(format!("type = {USUAL_TYPE}"), hostclass.span)] };
    let mut types = cell.text.split(':').map(str::trim).filter(|kind| !kind.is_empty());
    let first = types.next().map(|kind| Node::field(format!("type = {kind}"), cell.span));
    let rest: Vec<Node> = types.map(|kind| Node::field(kind, cell.span)).collect();
    let rest = (!rest.is_empty()).then(|| Node::list("types =", cell.span, rest));
    first.into_iter().chain(rest).collect()
}

/// `OldestInstance` is `oldest_instance`.
fn policies(text: &str) -> Value {
    let spelled = |word: &str| {
        let mut name = String::new();
        for sign in word.chars() {
            if sign.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(sign.to_ascii_lowercase());
        }
        name
    };
    let names: Vec<String> = words(text).into_iter().map(spelled).collect();
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Value::Bad(format!("`{name}` is no termination policy")),
        None => Value::Is(list(&names)),
    }
}

/// The block `spot` of a row whose instances the original got from Spotinst.
fn spot(old: &mut Old, scopes: &Scopes, table: &Table, row: &[Cell], hostclass: &Cell) -> Vec<Node> {
    let cell = table.cell(row, "spotinst").filter(|cell| !cell.text.is_empty());
    let asked = cell.map(|cell| (truth(old, cell), cell.span));
    let aws = std::mem::take(&mut old.aws);
    let of_hostclass: Vec<(Option<String>, bool)> = aws
        .section(&hostclass.text)
        .map(|section| said(section, "spotinst", scopes))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|said| Some((said.env.ok()?, is_true(&said.setting.value))))
        .collect();
    old.aws = aws;
    let is_usual = of_hostclass.iter().any(|(env, truth)| env.is_none() && *truth);
    let some: Vec<&String> =
        of_hostclass.iter().filter(|(_, truth)| *truth).filter_map(|(env, _)| env.as_ref()).collect();
    let mut body = Vec::new();
    let reserve = table.cell(row, "spotinst_reserve").filter(|cell| !cell.text.trim().is_empty());
    if let Some(cell) = reserve {
        let text = cell.text.trim();
        let is_number = text.strip_suffix('%').unwrap_or(text).parse::<u32>().is_ok();
        let value = if is_number {
            Value::Is(text.to_owned())
        } else {
            Value::Bad(format!("`{text}` is no number and no share"))
        };
        body.extend(field(old, cell, "spotinst_reserve", "reserve", value));
    }
    let span = asked.map_or(hostclass.span, |(_, span)| span);
    if asked.is_some_and(|(truth, _)| truth) || is_usual {
        return vec![Node::block("spot", Some(span), body)];
    }
    if !some.is_empty() {
        let names: Vec<String> = some.into_iter().cloned().collect();
        let context = match names.as_slice() {
            [only] => format!("@{only}"),
            several => format!("@{}", list(several)),
        };
        return vec![Node::block(context, Some(span), vec![Node::block("spot", Some(span), body)])];
    }
    if let Some(cell) = reserve {
        let message = "the reserve has no effect: the row does not use Spotinst";
        old.find(Diagnostic::new(codes::UNREAD_CELL, cell.span, message));
    }
    Vec::new()
}

/// Columns that nothing reads, and cells without a column.
fn report_unread(old: &mut Old, table: &Table) {
    for (at, cell) in table.header.iter().enumerate() {
        let is_used = |row: &Vec<Cell>| row.get(at).is_some_and(|cell| !cell.text.is_empty());
        if COLUMNS.contains(&cell.text.as_str()) || !table.rows.iter().any(is_used) {
            continue;
        }
        let message = format!("nothing reads the column `{}`", cell.text);
        let mut found = Diagnostic::new(codes::UNREAD_OPTION, cell.span, message);
        if let Some(near) = did_you_mean(cell.text.trim(), &COLUMNS) {
            found = found.help(format!("did you mean `{near}`?"));
        }
        old.find(found);
    }
    for row in &table.rows {
        let more = row.iter().skip(table.header.len()).find(|cell| !crate::ini::trim(&cell.text).is_empty());
        if let Some(cell) = more {
            let message = "the row has more cells than there are columns";
            let help = "nothing reads this cell: perhaps an earlier one is in excess";
            old.find(Diagnostic::new(codes::UNREAD_CELL, cell.span, message).help(help));
        }
    }
}
