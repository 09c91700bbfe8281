//! What plan, apply and destroy cost: calls by operation, time where every call takes a while, memory, CPU.
//!
//! Starts the emulator and a proxy in front of it. Arguments are numbers of environments, 1, 4 and 16 where there
//! are none; `terraform` is the comparison alone.

// What is measured is time, and what is measured is printed.
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench that cannot go on panics"
)]

#[allow(dead_code, reason = "nobody asks for the account")]
#[path = "../../runtime/aws/tests/emulator/moto.rs"]
mod moto;
#[path = "../../runtime/aws/tests/emulator/proxy.rs"]
mod proxy;
#[path = "../generator/reference.rs"]
mod reference;
#[path = "engine/run.rs"]
mod run;
#[path = "engine/terraform.rs"]
mod terraform;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use run::{Bench, Run};

/// Milliseconds that every call takes longer.
const LATENCIES: [u64; 3] = [0, 50, 200];

/// The runs of one account, in their order.
const PHASES: [(&str, &[&str]); 5] = [
    ("empty", &["plan"]),
    ("apply", &["apply", "--yes"]),
    ("nothing", &["plan"]),
    ("rule", &["apply", "--yes"]),
    ("destroy", &["destroy", "--yes"]),
];

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|said| !said.starts_with("--")).collect();
    let sizes: Vec<usize> = match asked.as_slice() {
        [] => vec![1, 4, 16],
        asked => asked.iter().filter_map(|said| said.parse().ok()).collect(),
    };
    for environments in sizes {
        let runs = all(environments, Duration::ZERO, &[]);
        operations(environments, &runs);
        println!(
            "\n{environments} environments\n\n{:>9} {:>6} {:>9} {:>9} {:>11} {:>7} {:>7}",
            "ms a call", "", "calls", "s", "s unbounded", "CPU s", "MB"
        );
        rows(0, &runs, None);
        // The emulator is slower than these where it has much to do.
        for latency in LATENCIES.into_iter().skip(1).filter(|_| environments == 1) {
            let each = Duration::from_millis(latency);
            let unbounded = all(environments, each, &["--concurrency", "10000"]);
            rows(latency, &all(environments, each, &[]), Some(&unbounded));
        }
    }
    terraform::compare();
}

/// Every phase in an account of its own.
fn all(environments: usize, latency: Duration, more: &[&str]) -> Vec<Run> {
    let program = reference::project(environments);
    let bench = Bench::new(&program);
    let phase = |(name, arguments): &(&str, &[&str])| {
        if *name == "rule" {
            bench.write(&program.replace("tcp 22 from operators", "tcp [22, 99] from operators"));
        }
        let more = if arguments.contains(&"--yes") { more } else { &[] };
        bench.asiaq(&[arguments, more].concat(), latency)
    };
    PHASES.iter().map(phase).collect()
}

/// The calls of each phase by operation.
fn operations(environments: usize, runs: &[Run]) {
    println!("\ncalls by operation, {environments} environments\n");
    print!("{:>46}", "");
    for (name, _) in PHASES {
        print!(" {name:>8}");
    }
    println!();
    let names: BTreeSet<&String> = runs.iter().flat_map(|run| run.calls.keys()).collect();
    let line = |name: &str, count: &dyn Fn(&BTreeMap<String, usize>) -> usize| {
        print!("{name:>46}");
        for run in runs {
            match count(&run.calls) {
                0 => print!(" {:>8}", ""),
                calls => print!(" {calls:>8}"),
            }
        }
        println!();
    };
    for name in names {
        line(name, &|calls| calls.get(name).copied().unwrap_or_default());
    }
    line("all", &|calls| calls.values().sum());
}

/// A row for each phase; the time where nothing bounds how many calls are on their way, to compare with.
fn rows(latency: u64, runs: &[Run], unbounded: Option<&[Run]>) {
    for (at, (run, (name, _))) in runs.iter().zip(PHASES).enumerate() {
        let least = unbounded.and_then(|runs| runs.get(at));
        let least = least.map_or_else(String::new, |run| format!("{:.2}", run.wall.as_secs_f64()));
        println!(
            "{latency:>9} {name:>6} {:>9} {:>9.2} {least:>11} {:>7.2} {:>7}",
            run.calls.values().sum::<usize>(),
            run.wall.as_secs_f64(),
            run.cpu,
            run.peak / 1_000_000,
        );
    }
}
