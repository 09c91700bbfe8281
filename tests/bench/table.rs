//! The table that benches print: how long something takes at each size, and how that grows.

use std::time::{Duration, Instant};

/// A measurement goes on at least this long; of its runs the fastest counts, which other work on the machine
/// disturbs least.
const LEAST: Duration = Duration::from_millis(400);

/// The sizes of a table in lines: the arguments that are numbers, or else the usual ones.
pub(crate) fn sizes() -> Vec<usize> {
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if asked.is_empty() { vec![100, 1_000, 10_000, 100_000] } else { asked }
}

/// The shortest time that `work` takes.
pub(crate) fn fastest<T>(mut work: impl FnMut() -> T) -> Duration {
    let begun = Instant::now();
    let mut fastest = Duration::MAX;
    while begun.elapsed() < LEAST {
        let start = Instant::now();
        std::hint::black_box(work());
        fastest = fastest.min(start.elapsed());
    }
    fastest
}

/// A table under way.
pub(crate) struct Table {
    before: Option<(usize, Duration)>,
}

impl Table {
    /// Begins a table by its title.
    pub(crate) fn new(title: &str) -> Self {
        println!("\n{title}\n");
        println!("{:>9} {:>10} {:>12} {:>10} {:>15}", "lines", "KB", "ms", "MB/s", "per doubling");
        Self { before: None }
    }

    /// A row: a text and how long it took. Work that is linear grows by 2.0 when its text doubles.
    #[allow(clippy::cast_precision_loss)] // a table shows three digits
    pub(crate) fn row(&mut self, text: &str, took: Duration) {
        let size = text.len();
        let growth = self.before.map_or(String::new(), |(size_before, took_before)| {
            let larger = (size as f64 / size_before as f64).log2();
            let slower = (took.as_secs_f64() / took_before.as_secs_f64()).log2();
            format!("{:.2}", (slower / larger).exp2())
        });
        let speed = size as f64 / 1e6 / took.as_secs_f64();
        println!(
            "{:>9} {:>10.0} {:>12.3} {speed:>10.1} {growth:>15}",
            text.lines().count(),
            size as f64 / 1e3,
            took.as_secs_f64() * 1e3,
        );
        self.before = Some((size, took));
    }
}
