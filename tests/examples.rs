//! Every example is a complete project without a mistake; `plan.txt` beside it is what an empty account gets, and a
//! picture beside it shows the environment that it is called after.
//!
//! `UPDATE_SPECS=1` writes the plans and the pictures.

use std::path::{Path, PathBuf};

use crate::emulator::World;

/// The account that the examples name.
const ACCOUNT: &str = "123456789012";

/// What is in a folder, in order.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// The folders of the examples.
fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let examples: Vec<PathBuf> =
        listed(&folder).into_iter().filter(|path| path.join("infra.asq").exists()).collect();
    assert!(examples.len() >= 3);
    examples
}

/// Holds a file to what a command says.
fn hold(kept: &Path, said: &str) {
    if std::env::var_os("UPDATE_SPECS").is_some() {
        std::fs::write(kept, said).unwrap();
    } else {
        assert_eq!(std::fs::read_to_string(kept).unwrap(), said, "{}", kept.display());
    }
}

/// A plan without what differs from run to run: the ids of images.
fn settled(plan: &str) -> String {
    let mut parts = plan.split("ami-");
    let mut settled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (id, rest) = part.split_at(17);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "ami-{part}");
        settled += "ami-00000000000000000";
        settled += rest;
    }
    settled
}

#[test]
fn pictures_show_their_environments() {
    let mut pictures = 0;
    for example in examples() {
        for picture in listed(&example).iter().filter(|path| path.extension().is_some_and(|end| end == "svg"))
        {
            let env = picture.file_stem().unwrap().to_str().unwrap();
            let drawn = std::process::Command::new(env!("CARGO_BIN_EXE_asiaq"))
                .args(["graph", example.to_str().unwrap(), "--env", env, "-o", "-"])
                .output()
                .unwrap();
            hold(picture, &String::from_utf8(drawn.stdout).unwrap());
            pictures += 1;
        }
    }
    assert!(pictures > 0);
}

#[test]
fn the_infrastructure_that_is_measured_is_without_a_mistake() {
    let world = World::new(&crate::reference::project(2));
    let check = world.asiaq(&["check"]);
    assert!(check.code == 0 && check.stdout.contains("no errors, no warnings"), "{check:#?}");
}

#[test]
fn examples_plan_what_they_say() {
    for example in examples() {
        let world = World::in_account(ACCOUNT);
        let copied =
            std::process::Command::new("cp").arg("-r").args(listed(&example)).arg(world.path(".")).status();
        assert!(copied.unwrap().success());
        let check = world.asiaq(&["check"]);
        assert_eq!(check.code, 0, "{check:#?}");
        world.stock();
        let plan = world.asiaq(&["plan"]);
        assert_eq!(plan.code, 10, "{plan:#?}");
        hold(&example.join("plan.txt"), &settled(&plan.stdout));
    }
}
