//! Whose an alarm is, at the end of its description: `… [asiaq PROJECT ADDRESS]`.

use asiaq_ir::{ADDRESS_TAG, Address, PROJECT_TAG};

use crate::kinds::prelude::*;

/// Characters that AWS lets a description have.
const ROOM: usize = 1024;
const START: &str = "[asiaq ";

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) project: String,
    pub(super) address: Address,
}

impl Mark {
    /// What the tags of an alarm say that has lost its mark.
    pub(super) fn in_tags(tags: &Tags) -> Option<Self> {
        let project = tags.get(PROJECT_TAG)?.clone();
        Some(Self { project, address: Address::parse(tags.get(ADDRESS_TAG)?) })
    }
}

/// A description without its mark, and the mark.
pub(super) fn read(marked: &str) -> (&str, Option<Mark>) {
    let inside = marked.strip_suffix(']').and_then(|marked| marked.rsplit_once(START));
    let parts = inside.and_then(|(before, inside)| Some((before, inside.split_once(' ')?)));
    match parts {
        Some((before, (project, address))) if !address.contains(' ') => {
            let mark = Mark { project: project.to_owned(), address: Address::parse(address) };
            (before.strip_suffix(' ').unwrap_or(before), Some(mark))
        }
        Some(_) | None => (marked, None),
    }
}

/// A description with its mark. One that leaves the mark no room is cut short.
pub(super) fn write(description: &str, mark: &Mark) -> String {
    let mark = format!("{START}{} {}]", mark.project, mark.address);
    let room = ROOM.saturating_sub(mark.chars().count() + 1);
    let description: String = description.chars().take(room).collect();
    if description.is_empty() { mark } else { format!("{description} {mark}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark { project: "shop".to_owned(), address: Address::parse("ci/hostclass/mhcfoo/alarm/cpu/max") }
    }

    #[test]
    fn what_is_written_is_read() {
        for description in ["", "Too busy.", "Too busy [see the wiki]", "[asiaq]"] {
            assert_eq!(read(&write(description, &mark())), (description, Some(mark())));
        }
        assert_eq!(write("", &mark()), "[asiaq shop ci/hostclass/mhcfoo/alarm/cpu/max]");
    }

    #[test]
    fn somebody_elses_description_has_no_mark() {
        for description in ["", "Too busy.", "[asiaq]", "[asiaq shop]", "[asiaq shop ci/x] and more", "x]"] {
            assert_eq!(read(description), (description, None));
        }
    }

    #[test]
    fn the_mark_always_fits() {
        let long = "x".repeat(2000);
        let written = write(&long, &mark());
        assert_eq!(written.chars().count(), ROOM);
        assert_eq!(read(&written).1, Some(mark()));
    }
}
