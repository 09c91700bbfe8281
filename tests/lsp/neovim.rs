//! A real editor: Neovim opens a project, and uses what the server offers by the configuration that we ship.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Folder;

const INFRA: &str = "\
project p { region = us-west-2 }
/// The smallest.
envtype box { zones = 1, metanetwork web {} }
env e : box {}
env f : box { cidr   =   10.0.0.1/20 }
";

/// Whether Neovim is here. CI has to have it; elsewhere its absence is said and the test passes.
#[expect(clippy::print_stderr, reason = "a test that did not look says so")]
fn is_installed() -> bool {
    let is_here = Command::new("nvim").arg("--version").output().is_ok_and(|said| said.status.success());
    if !is_here {
        assert!(std::env::var_os("CI").is_none(), "CI needs Neovim: run `make tools`");
        eprintln!("nvim is not installed: the editor was not tested; `make tools` installs it");
    }
    is_here
}

/// What came of each step of `neovim.lua` in a folder.
fn steps(folder: &Folder) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let report = folder.path().join("steps.json");
    let said = Command::new("nvim")
        .args(["--headless", "--clean", "--cmd"])
        .arg(format!("set runtimepath^={} noswapfile", root.join("grammar/editors/neovim").display()))
        .args(["--cmd", "filetype plugin on | syntax on"])
        .arg("-S")
        .arg(root.join("tests/lsp/neovim.lua"))
        .current_dir(folder.path())
        .env("ASIAQ", env!("CARGO_BIN_EXE_asiaq"))
        .env("STEPS", &report)
        .env("HOME", folder.path())
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("XDG_CONFIG_HOME", folder.path().join("config"))
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .output()
        .unwrap();
    let text = std::fs::read_to_string(&report)
        .unwrap_or_else(|_| panic!("Neovim stopped early: {}", String::from_utf8_lossy(&said.stderr)));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_person_is_helped_in_neovim() {
    if !is_installed() {
        return;
    }
    let folder = Folder::new(&[("infra.asq", INFRA)]);
    let steps = steps(&folder);
    let text = |step: &str| steps[step].as_str().unwrap_or_default().to_owned();
    let has =
        |step: &str, word: &str| steps[step].as_array().is_some_and(|all| all.iter().any(|one| one == word));
    assert_eq!(steps["failure"], Value::Null, "{}", text("failure"));
    assert_eq!(text("filetype"), "asq");
    assert_eq!(text("syntax"), "asqKind");
    assert!(has("diagnostics", "host-bits-set"), "{steps}");
    assert!(text("hover").contains("The smallest."), "{steps}");
    assert!(has("completion", "zones"), "{steps}");
    assert!(
        text("library").ends_with("std/env.asq") || text("library").ends_with("std/envtype.asq"),
        "{steps}"
    );
    assert!(text("renamed").contains("envtype cube {") && !text("renamed").contains("box"), "{steps}");
    assert_eq!(text("fix"), "Write `10.0.0.0/20`");
    assert_eq!(steps["is_clean"], true);
    assert!(text("formatted").ends_with("{ cidr = 10.0.0.0/20 }"), "{steps}");
}
