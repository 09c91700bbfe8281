//! Dependencies between the crates, read from the manifests, and between the modules within each crate.

mod modules;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// The crates of the workspace, each with those it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("asiaq-lang", &[]),
    ("asiaq-iam", &[]),
    ("asiaq-ir", &["asiaq-ir-derive"]),
    ("asiaq-ir-derive", &[]),
    ("asiaq-compiler", &["asiaq-iam", "asiaq-ir", "asiaq-lang"]),
    ("asiaq-import", &["asiaq-compiler", "asiaq-iam", "asiaq-ir", "asiaq-lang"]),
    ("asiaq-runtime", &["asiaq-ir"]),
    ("asiaq-aws", &["asiaq-iam", "asiaq-ir", "asiaq-runtime"]),
    ("asiaq", &["asiaq-aws", "asiaq-compiler", "asiaq-import", "asiaq-ir", "asiaq-lang", "asiaq-runtime"]),
];

/// Third-party crates by the start of their names, each with the only crates that may depend on it.
const RESERVED: &[(&str, &[&str])] = &[
    ("aws-", &["asiaq-aws"]),
    ("ariadne", &["asiaq"]),
    ("clap", &["asiaq"]),
    ("indicatif", &["asiaq"]),
    ("anyhow", &["asiaq"]),
    ("lsp-server", &["asiaq"]),
    ("gen-lsp-types", &["asiaq"]),
    ("tokio", &["asiaq", "asiaq-aws", "asiaq-runtime"]),
    ("pest", &["asiaq-lang"]),
];

fn packages() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new().no_deps().other_options(["--offline".to_owned()]).exec().unwrap();
    metadata.packages.into_iter().map(|package| (package.name.to_string(), package)).collect()
}

/// The dependencies of a crate, without those of its tests only.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    let built = package.dependencies.iter().filter(|needed| needed.kind != DependencyKind::Development);
    built.map(|needed| needed.name.as_str()).collect()
}

#[test]
fn the_arrows_between_crates_point_down() {
    let packages = packages();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    assert_eq!(
        packages.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        allowed.keys().copied().collect(),
        "the table lists every crate of the workspace"
    );
    for (name, package) in &packages {
        let ours = dependencies(package).into_iter().filter(|needed| needed.starts_with("asiaq"));
        let unexpected: Vec<&str> = ours.filter(|needed| !allowed[name.as_str()].contains(needed)).collect();
        assert!(unexpected.is_empty(), "{name} must not depend on {unexpected:?}");
    }
}

#[test]
fn crates_with_one_door_have_one_door() {
    for (name, package) in &packages() {
        for needed in dependencies(package) {
            for (prefix, users) in RESERVED.iter().filter(|(prefix, _)| needed.starts_with(prefix)) {
                assert!(
                    users.contains(&name.as_str()),
                    "{name} must not depend on {needed}: `{prefix}` is for {users:?}"
                );
            }
        }
    }
}

#[test]
fn the_language_wing_builds_without_aws() {
    let packages = packages();
    let root = &packages["asiaq"];
    for engine in ["asiaq-aws", "asiaq-runtime", "tokio"] {
        let needed = root.dependencies.iter().find(|needed| needed.name == engine).unwrap();
        assert!(needed.optional, "{engine} is behind the feature `aws`");
    }
}

/// These functions panic if a number is too large. Clippy does not refuse them in the crates that may use the clock.
#[test]
fn no_duration_is_made_of_an_unchecked_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> =
        ["src", "runtime/src", "runtime/aws/src"].map(|name| root.join(name)).into();
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            for panics in
                ["::from_secs_f64(", "::from_secs_f32(", ".mul_f64(", ".mul_f32(", ".div_f64(", ".div_f32("]
            {
                assert!(
                    !text.contains(panics),
                    "{}: `{panics}` panics; there is a `try_` form",
                    path.display()
                );
            }
        }
    }
    assert!(files > 100);
}
