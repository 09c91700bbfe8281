//! Whose an alarm is, at the end of its description: `… [asiaq PROJECT ADDRESS NAME]`. The name is that of the alarm: a
//! copy under another name has a mark that does not fit it. Earlier versions of asiaq wrote no name.

use asiaq_ir::{ADDRESS_TAG, Address, NAME_TAG, PROJECT_TAG};

use crate::kinds::prelude::*;

/// Characters that AWS lets a description have.
const ROOM: usize = 1024;
const START: &str = "[asiaq ";

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) project: String,
    pub(super) address: Address,
    /// Name of the alarm, as the value of a tag.
    pub(super) name: Option<String>,
}

impl Mark {
    /// What the tags of an alarm say that has lost its mark.
    pub(super) fn in_tags(tags: &Tags) -> Option<Self> {
        let project = tags.get(PROJECT_TAG)?.clone();
        Some(Self {
            project,
            address: Address::parse(tags.get(ADDRESS_TAG)?),
            name: tags.get(NAME_TAG).cloned(),
        })
    }

    /// The mark after a change of tags.
    pub(super) fn with(self, tags: &Tags) -> Self {
        let Self { project, address, name } = self;
        Self {
            project: tags.get(PROJECT_TAG).cloned().unwrap_or(project),
            address: tags.get(ADDRESS_TAG).map_or(address, |address| Address::parse(address)),
            name: tags.get(NAME_TAG).cloned().or(name),
        }
    }
}

/// A description without its mark, and the mark.
pub(super) fn read(marked: &str) -> (&str, Option<Mark>) {
    let inside = marked.strip_suffix(']').and_then(|marked| marked.rsplit_once(START));
    let parts = inside.and_then(|(before, inside)| Some((before, inside.split_once(' ')?)));
    match parts {
        Some((before, (project, rest))) => {
            let (address, name) =
                rest.split_once(' ').map_or((rest, None), |(address, name)| (address, Some(name)));
            let (project, name) = (project.to_owned(), name.map(ToOwned::to_owned));
            let mark = Mark { project, address: Address::parse(address), name };
            (before.strip_suffix(' ').unwrap_or(before), Some(mark))
        }
        None => (marked, None),
    }
}

/// A description with its mark. One that leaves the mark no room is cut short.
pub(super) fn write(description: &str, mark: &Mark) -> String {
    let name = mark.name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
    let mark = format!("{START}{} {}{name}]", mark.project, mark.address);
    let room = ROOM.saturating_sub(mark.chars().count() + 1);
    let description: String = description.chars().take(room).collect();
    if description.is_empty() { mark } else { format!("{description} {mark}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark {
            project: "shop".to_owned(),
            address: Address::parse("ci/hostclass/mhcfoo/alarm/cpu/max"),
            name: Some("shop_ci cpu".to_owned()),
        }
    }

    #[test]
    fn a_mark_of_an_earlier_version_names_no_alarm() {
        let old = "Too busy. [asiaq shop ci/hostclass/mhcfoo/alarm/cpu/max]";
        assert_eq!(read(old), ("Too busy.", Some(Mark { name: None, ..mark() })));
    }

    #[test]
    fn what_is_written_is_read() {
        for description in ["", "Too busy.", "Too busy [see the wiki]", "[asiaq]"] {
            assert_eq!(read(&write(description, &mark())), (description, Some(mark())));
        }
        assert_eq!(write("", &mark()), "[asiaq shop ci/hostclass/mhcfoo/alarm/cpu/max shop_ci cpu]");
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
