//! Bakes: what they will do, how far they are, and what they have made.

use std::fmt::Write as _;
use std::time::Duration;

use asiaq_runtime::{Baked, PlannedBake, SettledBake};

use super::table::{self, Cell};
use super::text::{BAD, BOLD, DIM, ERROR, GOOD, duration, paint};

/// What bakes will do, and what is done about earlier ones.
pub(crate) fn plan(bakes: &[PlannedBake], left_over: &[SettledBake]) -> String {
    let mut text = String::new();
    for one in left_over {
        text += &settled(one);
    }
    for bake in bakes {
        let (id, name) = &bake.base;
        let _ = writeln!(text, "{}: AMI `{}` from {id} ({name})", paint(BOLD, &bake.name), bake.image);
        for (step, number) in bake.steps.iter().zip(1..) {
            let _ = writeln!(text, "  {number:>2}. {step}");
        }
        let tags: Vec<String> = bake.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let _ = writeln!(text, "  {}", paint(DIM, &format!("tags: {}", tags.join(", "))));
    }
    text
}

/// What an earlier run has left behind.
pub(crate) fn settled(one: &SettledBake) -> String {
    format!("{}: {} {}\n", paint(BOLD, &one.bake), one.instance, one.done)
}

/// One bake goes on.
pub(crate) fn step(name: &str, gone: Duration, what: &str) -> String {
    format!("{} {} {what}\n", paint(BOLD, name), paint(DIM, &format!("{:>6}", duration(gone))))
}

/// Why there is no AMI.
pub(crate) fn failure(bake: &Baked) -> String {
    let why = bake.error.as_deref().unwrap_or_default();
    let log = bake.log.as_ref().map(|log| format!("  its log is {}\n", log.display())).unwrap_or_default();
    format!("{} {}: {why}\n{log}", paint(ERROR, "failed"), paint(BOLD, &bake.name))
}

/// A line for each bake.
pub(crate) fn list(bakes: &[Baked]) -> String {
    let row = |bake: &Baked| {
        let made = match (&bake.image, &bake.instance) {
            (Some(image), _) => Cell::new(GOOD, image),
            (None, Some(instance)) => Cell::plain(format!("{instance} (kept)")),
            (None, None) => Cell::new(BAD, "failed"),
        };
        let log = bake.log.as_ref().map(|log| log.display().to_string()).unwrap_or_default();
        vec![Cell::new(BOLD, &bake.name), made, Cell::plain(&bake.image_name), Cell::new(DIM, &log)]
    };
    table::listing(&["NAME", "IMAGE", "CALLED", "LOG"], bakes.iter().map(row).collect::<Vec<_>>(), 2)
}
