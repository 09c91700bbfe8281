//! How the work of a check grows with a project: counted in bytes, allocations and edges, because times differ from
//! run to run.

// A test may fail loudly, and runs programs.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used
)]

#[path = "../../tests/generator.rs"]
mod generator;
#[path = "../benches/support/one_file.rs"]
mod one_file;

use std::alloc::System;
use std::process::Command;

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
const SMALL: Shape = Shape { hostclasses: 10, stages: 2, environments: 1, rules: 10, alarms: 4, records: 10 };

/// Something that grows, and a project with so many portions more of it.
type Axis = (&'static str, fn(usize) -> String);

/// Everything that grows, each alone.
const AXES: [Axis; 7] = [
    ("lines", |more| generator::project(150 + 150 * more, 1)),
    ("hostclasses", |more| Shape { hostclasses: 10 + 10 * more, ..SMALL }.project()),
    ("stages", |more| Shape { hostclasses: 60, stages: 2 + 12 * more, ..SMALL }.project()),
    ("environments", |more| Shape { environments: 1 + 2 * more, ..SMALL }.project()),
    ("rules", |more| Shape { rules: 10 + 100 * more, ..SMALL }.project()),
    ("alarms", |more| Shape { alarms: 4 + 4 * more, ..SMALL }.project()),
    ("records", |more| Shape { records: 10 + 100 * more, ..SMALL }.project()),
];

fn checked(text: &str) -> Checked {
    let workspace = Workspace::load(&["infra.asq".to_owned()], &OneFile(text)).unwrap();
    check(workspace)
}

/// The project of an input: `AXIS PORTIONS`.
fn input(name: &str) -> String {
    let (axis, more) = name.split_once(' ').unwrap();
    let (_, project) = AXES.iter().find(|(known, _)| *known == axis).unwrap();
    project(more.parse().unwrap())
}

/// Not a test of its own: what [`memory`] counts.
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

/// The resources of an input in a new account, and their edges: references and what each waits for.
fn edges(text: &str) -> (usize, usize) {
    let ir = checked(text).lower(&Facts::default()).ir;
    let references =
        ir.resources.values().map(|node| asiaq_ir::refs(&node.resource).len() + node.after.len());
    let waits = ir.barriers.values().map(std::collections::BTreeSet::len);
    (ir.resources.len(), references.chain(waits).sum())
}

#[test]
fn the_edges_of_a_resource_do_not_grow_with_the_project() {
    // The rules of a metanetwork are one resource, which names the source of each.
    for (axis, project) in AXES.into_iter().filter(|(axis, _)| *axis != "rules") {
        let [small, large] = [1, 8].map(|more| edges(&project(more)));
        // A machine has about eight, most other resources fewer.
        let per_resource = |(resources, edges): (usize, usize)| edges / resources;
        assert!(
            per_resource(large) <= per_resource(small).max(8),
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
    let recorded = [("hostclasses", [5274, 280]), ("environments", [3818, 79]), ("records", [5011, 106])];
    let found = recorded.map(|(axis, _)| {
        let [small, large] = [1, 8].map(|more| {
            let name = format!("{axis} {more}");
            let (resources, _) = edges(&input(&name));
            (resources as u64, memory(&name))
        });
        let per_resource = |at: usize| (large.1[at] - small.1[at]) / (large.0 - small.0);
        (axis, [per_resource(0), per_resource(1)])
    });
    let is_more = |found: u64, recorded: u64| found > recorded + recorded / 10;
    let are_more = found
        .iter()
        .zip(&recorded)
        .any(|((_, found), (_, recorded))| is_more(found[0], recorded[0]) || is_more(found[1], recorded[1]));
    assert!(!are_more, "recorded: {recorded:?}\nfound: {found:?}");
}
