//! Every example is a complete project without a mistake, and `plan.txt` beside it is what an empty account gets.
//!
//! `UPDATE_SPECS=1` writes the plans.

use std::path::{Path, PathBuf};

use crate::emulator::World;

/// The account that the examples name.
const ACCOUNT: &str = "123456789012";

#[test]
fn examples_plan_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut examples: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("infra.asq").exists())
        .collect();
    examples.sort();
    assert!(examples.len() >= 2);
    for example in examples {
        let world = World::in_account(ACCOUNT);
        for file in std::fs::read_dir(&example).unwrap().map(|entry| entry.unwrap().path()) {
            std::fs::copy(&file, world.path(file.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        let check = world.asiaq(&["check"]);
        assert_eq!(check.code, 0, "{check:#?}");
        let plan = world.asiaq(&["plan"]);
        assert_eq!(plan.code, 10, "{plan:#?}");
        let kept = example.join("plan.txt");
        if std::env::var_os("UPDATE_SPECS").is_some() {
            std::fs::write(kept, plan.stdout).unwrap();
        } else {
            assert_eq!(std::fs::read_to_string(&kept).unwrap(), plan.stdout, "{}", kept.display());
        }
    }
}
