//! The language as literate specs: prose, programs, and what the compiler says of them.
//!
//! In `tests/spec/*.md` each fenced `asq` block is a program; `asq NAME.asq` blocks before it are files it
//! may use. What follows it is checked: a `diagnostics` block has every diagnostic (without one there must
//! be none), `ir ADDRESS` blocks have resources, `explain PATH` blocks provenance, `reach FROM TO` blocks who
//! reaches whom and why, a `report` block the room that the project has. A `formatted` block has the layout of the
//! program, of which nothing else is then asked. Run with `UPDATE_SPECS=1` to write what the compiler says now,
//! then read the difference. The page about the language, `docs/language.md`, is held to the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use asiaq_compiler::reach::{Because, MachineKind, Place, Reach, Verdict};
use asiaq_compiler::{Checked, Files, Part, Workspace, check};
use asiaq_ir::{Address, Facts};

#[test]
fn the_language_is_what_its_specs_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root.join("tests/spec")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.push(root.join("docs/language.md"));
    let is_update = std::env::var_os("UPDATE_SPECS").is_some();
    let mut wrong = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let said = rewrite(&text);
        if is_update {
            std::fs::write(&path, said).unwrap();
        } else if said != text {
            let _ = writeln!(wrong, "{}:\n{}", path.display(), first_difference(&text, &said));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nUPDATE_SPECS=1 writes what the compiler says now");
}

/// The spec with every expectation replaced by what the compiler says.
fn rewrite(text: &str) -> String {
    let mut output = String::new();
    let mut files = Memory::default();
    let mut program: Option<Program> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else {
            output.push_str(line);
            output.push('\n');
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let (kind, argument) = fence.split_once(' ').unwrap_or((fence, ""));
        if matches!(kind, "asq" | "") {
            settle(&mut output, &mut program);
        }
        let _ = writeln!(output, "```{fence}");
        match (kind, &mut program) {
            ("asq", _) if !argument.is_empty() => {
                files.0.insert(argument.to_owned(), body.join("\n") + "\n");
                output.push_str(&(body.join("\n") + "\n"));
            }
            ("asq", program) => {
                files.0.insert("infra.asq".to_owned(), body.join("\n") + "\n");
                let workspace = Workspace::load(&["infra.asq".to_owned()], &files).unwrap();
                output.push_str(&(body.join("\n") + "\n"));
                let end = output.len() + "```\n".len();
                *program = Some(Program { checked: check(workspace), end, is_said: false });
            }
            ("diagnostics", Some(program)) => {
                program.is_said = true;
                output.push_str(&diagnostics(&program.checked));
            }
            ("formatted", Some(program)) => {
                program.is_said = true;
                output.push_str(&asiaq_lang::format(&files.0["infra.asq"]));
            }
            ("ir", Some(program)) => output.push_str(&resource(&program.checked, argument)),
            ("report", Some(program)) => output.push_str(&report(&program.checked)),

            ("reach", Some(program)) => output.push_str(&reachability(&program.checked, argument)),
            ("explain", Some(program)) => output.push_str(&explanation(&program.checked, argument)),
            _ => output.push_str(&(body.join("\n") + "\n")),
        }
        output.push_str("```\n");
    }
    settle(&mut output, &mut program);
    output
}

/// A program of a spec.
struct Program {
    checked: Checked,
    /// Where its block ends in the output.
    end: usize,
    /// Whether a block has its diagnostics.
    is_said: bool,
}

/// Ends a program's part: diagnostics that no block expects are said after the program.
fn settle(output: &mut String, program: &mut Option<Program>) {
    if let Some(Program { checked, end, is_said: false }) = program.take()
        && !checked.diagnostics.is_empty()
    {
        output.insert_str(end, &format!("\n```diagnostics\n{}```\n", diagnostics(&checked)));
    }
}

fn diagnostics(checked: &Checked) -> String {
    let mut text = String::new();
    for found in &checked.diagnostics {
        let place = |span| {
            let (start, end) = (checked.sources.start(span), checked.sources.end(span));
            let file = checked.sources.path(span.file);
            let file = if file == "infra.asq" { String::new() } else { format!("{file}:") };
            format!("{file}{}:{}-{}:{}", start.line, start.column, end.line, end.column)
        };
        let severity = if found.is_error() { "error" } else { "warning" };
        let _ = writeln!(text, "{severity}[{}] {}: {}", found.code, place(found.primary), found.message);
        for related in &found.related {
            let _ = writeln!(text, "  {}: {}", place(related.span), related.message);
        }
        if let Some(help) = &found.help {
            let _ = writeln!(text, "  help: {help}");
        }
        if let Some(fix) = &found.fix {
            let _ = writeln!(text, "  fix: {}", fix.title);
        }
    }
    text
}

fn resource(checked: &Checked, address: &str) -> String {
    let ir = checked.lower(&Facts::default()).ir;
    match ir.resources.get(&Address::parse(address)) {
        Some(node) => {
            let fields = serde_json::to_value(&node.resource).unwrap();
            let mut text = String::new();
            for (field, value) in fields.as_object().unwrap() {
                match value.as_array() {
                    Some(items) if items.len() > 1 => {
                        let _ = writeln!(text, "{field}:");
                        for item in items {
                            let _ = writeln!(text, "  {item}");
                        }
                    }
                    _ => {
                        let _ = writeln!(text, "{field}: {value}");
                    }
                }
            }
            text
        }
        None => "no such resource\n".to_owned(),
    }
}

fn report(checked: &Checked) -> String {
    let capacity = checked.capacity();
    let mut text = String::new();
    let shown =
        |part: Part| part.block.map_or_else(|| format!("/{}", part.prefix), |block| block.to_string());
    for env in &capacity.environments {
        let place = shown(Part { block: env.block, prefix: env.prefix });
        let pool = env.pool.map(|pool| format!(" in {pool}")).unwrap_or_default();
        let _ = writeln!(
            text,
            "{} {place}{pool}: {} addresses = {} usable + {} reserved + {} spare + {} free, {} used",
            env.name, env.addresses, env.usable, env.reserved, env.spare, env.free, env.used
        );
        for network in &env.networks {
            let machines = match network.machines {
                0 => String::new(),
                machines => format!(", {machines} machines"),
            };
            let balancers = match network.balancers {
                0 => String::new(),
                balancers => format!(", {balancers} for load balancers"),
            };
            let _ = writeln!(
                text,
                "  {} {}: {} x /{} of {} usable, {} spare; {} static, {} NAT{balancers}{machines}",
                network.name,
                shown(network.part),
                network.subnets,
                network.subnet_prefix,
                network.usable_per_zone,
                network.spare_slots,
                network.static_addresses,
                network.nat_gateways
            );
        }
        for part in &env.free_parts {
            let _ = writeln!(text, "  free {}", shown(*part));
        }
    }
    for pool in &capacity.pools {
        let environments = pool.environments.join(", ");
        let _ = writeln!(
            text,
            "pool {}: {} of {} taken by {environments}",
            pool.pool, pool.taken, pool.addresses
        );
    }
    text
}

fn reachability(checked: &Checked, ends: &str) -> String {
    let ir = checked.lower(&Facts::default()).ir;
    let place = |word: &str| match (word, word.parse(), word.split_once('/')) {
        ("internet", ..) => Place::Internet,
        (_, Ok(block), _) => Place::Block(block),
        (_, Err(_), Some((env, network))) => Place::network(env, network),
        _ => panic!("`{word}` is no place"),
    };
    let mut words = ends.split(' ');
    let mut end = || {
        let word = words.next().unwrap();
        let Some(kind) = MachineKind::of(word) else { return place(word) };
        let (env, hostclass) = words.next().and_then(|name| name.split_once('/')).unwrap();
        Place::machines(env, kind, hostclass)
    };
    let (from, to) = (end(), end());
    let answer = Reach::of(&ir).between(&from, &to);
    let reason = |because: &Because| match &because.origin {
        Some(origin) => format!("    {} ({origin})\n", because.what),
        None => format!("    {}\n", because.what),
    };
    let mut text = format!("{:?}\n", answer.verdict).to_lowercase();
    for flow in answer.flows.iter().chain(&answer.unknown) {
        let part = flow.part.join(", ");
        let mark = if flow.arrives_only { " arrives only" } else { "" };
        let _ = writeln!(text, "  {}", format!("{flow}{mark} {part}").trim_end());
        text.extend(flow.because.iter().map(reason));
    }
    if !answer.missing.is_empty() && answer.verdict != Verdict::Denied {
        text.push_str("  the rest\n");
    }
    text.extend(answer.missing.iter().map(reason));
    text
}

fn explanation(checked: &Checked, path: &str) -> String {
    let Ok(explained) = checked.explain(path) else { return "no such value\n".to_owned() };
    let mut text = String::new();
    for place in explained.iter().flat_map(|explanation| &explanation.places) {
        let mark = if place.wins { "wins " } else { "loses" };
        let _ = writeln!(text, "{mark} {}:{}  {}", place.file, place.line, place.text);
    }
    text
}

fn first_difference(expected: &str, said: &str) -> String {
    let at = expected.lines().zip(said.lines()).take_while(|(a, b)| a == b).count();
    let from = at.saturating_sub(2);
    let part = |text: &str| text.lines().skip(from).take(14).collect::<Vec<_>>().join("\n  ");
    format!("line {}\n expected\n  {}\n said\n  {}", at + 1, part(expected), part(said))
}

/// Files of a spec.
#[derive(Default)]
struct Memory(BTreeMap<String, String>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}
