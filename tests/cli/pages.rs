//! `explain CODE`: the pages of diagnostics.

use insta::assert_snapshot;

use super::{Folder, SAMPLE};

#[test]
fn a_page_says_what_why_and_how() {
    let folder = Folder::new(&[]);
    assert_snapshot!(folder.transcript(&[
        "explain host-bits-set",
        "explain unreadable-file",
        "explain no-vpn-gateway",
        "explain reserved-name",
    ]));
}

#[test]
fn a_page_is_data_too() {
    assert_snapshot!(Folder::new(&[]).transcript(&["explain no-project --format json"]));
}

#[test]
fn codes_are_listed_with_what_they_are_about() {
    let folder = Folder::new(&[]);
    let list = folder.run("explain", &[]);
    assert!(list.contains("\nhost-bits-set  "), "{list}");
    assert!(list.lines().all(|line| line.chars().count() <= 100), "{list}");
    assert_eq!(list.replace("explain", "explain --list"), folder.run("explain --list", &[]));
    let data = folder.run("explain --list --format json", &[]);
    assert!(data.contains("\"code\": \"vpn-route-over-vpc\",\n    \"severity\": \"warning\",\n"), "{data}");
}

#[test]
fn a_word_is_a_code_or_else_an_environment() {
    let folder = Folder::new(&[("infra.asq", SAMPLE)]);
    assert_snapshot!(folder.transcript(&[
        "explain host-bit-set",
        "explain nothing-of-the-kind",
        "explain infra.asq host-bits-set",
        "explain --list host-bits-set",
    ]));
    assert!(folder.run("explain ci", &[]).contains("ci.zones\n  =  zones = 1"));
}
