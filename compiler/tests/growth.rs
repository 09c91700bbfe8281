//! How the work of a check grows with a project: counted in instructions, allocations and edges, because times differ from
//! run to run.

// A test may fail loudly, and runs programs.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "../benches/support/one_file.rs"]
mod one_file;

use std::alloc::System;
use std::process::{Command, Stdio};

use asiaq_compiler::{Checked, Workspace, check};
use asiaq_ir::Facts;
use generator::Shape;
use one_file::OneFile;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The variable that names the input whose check is counted.
const INPUT: &str = "ASIAQ_COUNTED_INPUT";

/// A project that is small, and has some of everything that grows.
const SMALL: Shape = Shape { hostclasses: 10, stages: 2, environments: 1, rules: 10, alarms: 10, records: 10 };

/// Everything that grows, each alone: a project with `factor` times as much of it.
const AXES: [(&str, fn(usize) -> String); 7] = [
    ("lines", |factor| generator::project(400 * factor, 1)),
    ("hostclasses", |factor| Shape { hostclasses: 40 * factor, stages: 2 * factor, ..SMALL }.project()),
    ("stages", |factor| Shape { hostclasses: 160, stages: 40 * factor, ..SMALL }.project()),
    ("environments", |factor| Shape { environments: 8 * factor, ..SMALL }.project()),
    ("rules", |factor| Shape { rules: 100 * factor, ..SMALL }.project()),
    ("alarms", |factor| Shape { alarms: 50 * factor, ..SMALL }.project()),
    ("records", |factor| Shape { records: 100 * factor, ..SMALL }.project()),
];

fn checked(text: &str) -> Checked {
    let workspace = Workspace::load(&["infra.asq".to_owned()], &OneFile(text)).unwrap();
    check(workspace)
}

/// The project of an input: `AXIS FACTOR`, or nothing.
fn input(name: &str) -> String {
    let Some((axis, factor)) = name.split_once(' ') else { return "project p {}\n".to_owned() };
    let (_, project) = AXES.iter().find(|(known, _)| *known == axis).unwrap();
    project(factor.parse().unwrap())
}

/// Not a test of its own: what [`instructions`] and [`memory`] count.
#[test]
fn check_of_the_counted_input() {
    let Ok(name) = std::env::var(INPUT) else { return };
    let text = input(&name);
    let region = Region::new(ALLOCATOR);
    let checked = checked(&text);
    let change = region.change();
    println!("counted: {} {}", change.bytes_allocated - change.bytes_deallocated, change.allocations);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
}

fn has_valgrind() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = version.is_ok_and(|status| status.success());
    if !found {
        eprintln!("valgrind is not installed: instructions were not counted");
    }
    found
}

/// The instructions of a process that checks an input, in thousands.
fn instructions(input: &str) -> u64 {
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "check_of_the_counted_input", "--test-threads=1"])
        .env(INPUT, input)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&counted.stderr).into_owned();
    assert!(counted.status.success(), "{input}: {text}");
    let count = text.lines().find_map(|line| line.split_once("Collected :")).unwrap().1;
    count.trim().parse::<u64>().unwrap() / 1000
}

#[test]
fn a_check_takes_no_more_instructions_than_recorded() {
    if !has_valgrind() {
        return;
    }
    // Of a build without optimisation, in thousands, beside those of an empty project.
    let recorded = [
        ("lines 1", 0),
        ("hostclasses 1", 0),
        ("environments 1", 0),
        ("rules 1", 0),
        ("alarms 1", 0),
        ("records 1", 0),
    ];
    let empty = instructions("");
    let found = recorded.map(|(input, _)| (input, instructions(input) - empty));
    let is_more = |(found, recorded): (&(&str, u64), &(&str, u64))| found.1 > recorded.1 + recorded.1 / 10;
    assert!(!found.iter().zip(&recorded).any(is_more), "recorded: {recorded:?}\nfound: {found:?}");
}

#[test]
fn each_thing_alone_grows_linearly() {
    if !has_valgrind() {
        return;
    }
    let mut found = Vec::new();
    for (axis, _) in AXES {
        let [once, twice, four] =
            [1, 2, 4].map(|factor| instructions(&format!("{axis} {factor}")).cast_signed());
        // Twice as much more costs twice as much more: in percent, 200 is linear.
        let growth = (four - twice) * 100 / (twice - once).max(1);
        found.push((axis, growth));
    }
    assert!(found.iter().all(|(_, growth)| *growth <= 215), "percent per doubling: {found:?}");
}

/// The resources of an input in a new account, and their edges: references and what each waits for.
fn edges(text: &str) -> (usize, usize) {
    let ir = checked(text).lower(&Facts::default()).ir;
    let references = ir.resources.values().map(|node| asiaq_ir::refs(&node.resource).len() + node.after.len());
    let waits = ir.barriers.values().map(std::collections::BTreeSet::len);
    (ir.resources.len(), references.chain(waits).sum())
}

#[test]
fn the_edges_of_a_resource_do_not_grow_with_the_project() {
    for (axis, project) in AXES {
        let [small, large] = [1, 4].map(|factor| edges(&project(factor)));
        // More resources of one kind shift the mean a little.
        let per_resource = |(resources, edges): (usize, usize)| edges * 100 / resources;
        assert!(
            per_resource(large) <= per_resource(small).max(400) * 3 / 2,
            "{axis}: {small:?} resources and edges grow to {large:?}"
        );
    }
}

/// What a check keeps, in bytes, and how often it allocates, by a process of its own: the allocator counts for all threads.
fn memory(input: &str) -> [u64; 2] {
    let counted = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "check_of_the_counted_input", "--test-threads=1", "--nocapture"])
        .env(INPUT, input)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&counted.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("counted: ")).expect(&text).1;
    let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
    [numbers[0], numbers[1]]
}

#[test]
fn a_resource_more_takes_no_more_memory_than_recorded() {
    // Bytes that are kept and allocations, for each resource more. A check keeps no resource twice.
    let recorded = [("hostclasses", [0, 0]), ("environments", [0, 0]), ("records", [0, 0])];
    let found = recorded.map(|(axis, _)| {
        let [small, large] = [1, 4].map(|factor| {
            let name = format!("{axis} {factor}");
            let (resources, _) = edges(&input(&name));
            (resources as u64, memory(&name))
        });
        let per_resource = |at: usize| (large.1[at] - small.1[at]) / (large.0 - small.0);
        (axis, [per_resource(0), per_resource(1)])
    });
    let is_more = |found: u64, recorded: u64| found > recorded + recorded / 10;
    let are_more = found.iter().zip(&recorded).any(|((_, found), (_, recorded))| {
        is_more(found[0], recorded[0]) || is_more(found[1], recorded[1])
    });
    assert!(!are_more, "recorded: {recorded:?}\nfound: {found:?}");
}
