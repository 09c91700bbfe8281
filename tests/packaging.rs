//! What builds and ships the program: the workflow of a release, the workflows that `asiaq new project` writes, and the
//! Dockerfile. They are read and linted here; a release is made by GitHub, an image by Docker.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// A program of the environment that `make venv` makes.
fn of_venv(program: &str) -> Option<PathBuf> {
    let path = root().join(".venv/bin").join(program);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "{program} is missing: `make venv` installs it");
    None
}

/// A workflow as JSON.
fn workflow(path: &str) -> Option<serde_json::Value> {
    let python = of_venv("python")?;
    // The name `on` is a boolean in YAML 1.1.
    let script = "import json, sys, yaml; print(json.dumps(yaml.load(sys.stdin, yaml.BaseLoader)))";
    let text = read(path).replace("{{region}}", "eu-west-1");
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output: Output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{path}: {output:?}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

const WORKFLOWS: [&str; 2] = [".github/workflows/release.yml", "src/new_project/github.yml"];

/// A tag of an action can be moved to other code; a commit cannot.
#[test]
fn workflows_use_actions_at_a_commit_and_need_few_rights() {
    for path in WORKFLOWS {
        let Some(workflow) = workflow(path) else { return };
        assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }), "{path}");
        let jobs = workflow["jobs"].as_object().unwrap();
        for (name, job) in jobs {
            for needed in job["needs"].as_array().into_iter().flatten().chain([&job["needs"]]) {
                assert!(needed.as_str().is_none_or(|needed| jobs.contains_key(needed)), "{path}: {name}");
            }
            for step in job["steps"].as_array().unwrap() {
                assert_ne!(step["uses"].is_string(), step["run"].is_string(), "{path}: {name}: {step}");
                // What a person may name, such as a branch, is no part of a program of a shell.
                let program = step["run"].as_str().unwrap_or_default();
                assert!(!program.contains("${{"), "{path}: {name}: {step}");
                let Some(action) = step["uses"].as_str() else { continue };
                let commit = action.split_once('@').unwrap().1;
                let is_commit = commit.len() == 40 && commit.bytes().all(|sign| sign.is_ascii_hexdigit());
                assert!(is_commit, "{path}: {action} is not pinned to a commit");
            }
        }
    }
}

#[test]
fn a_release_is_built_for_each_platform_with_the_pinned_toolchain() {
    let Some(workflow) = workflow(WORKFLOWS[0]) else { return };
    let platforms = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().unwrap();
    let mut targets: Vec<&str> =
        platforms.iter().map(|platform| platform["target"].as_str().unwrap()).collect();
    targets.sort_unstable();
    assert_eq!(
        targets,
        [
            "aarch64-apple-darwin",
            "aarch64-unknown-linux-musl",
            "x86_64-apple-darwin",
            "x86_64-pc-windows-msvc",
            "x86_64-unknown-linux-musl"
        ]
    );
    // The toolchain of the release, of the image, and the oldest one that builds asiaq.
    let version = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap()).collect() };
    let text = read(WORKFLOWS[0]);
    let toolchain = text.split("toolchain install ").nth(1).unwrap().split(' ').next().unwrap();
    let dockerfile = read("Dockerfile");
    let image = dockerfile.split("FROM rust:").nth(1).unwrap().split('-').next().unwrap();
    assert_eq!(toolchain, image);
    let manifest = read("Cargo.toml");
    let oldest = manifest.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(version(toolchain) >= version(oldest), "{toolchain} is older than {oldest}");
}

#[test]
fn the_dockerfile_has_pinned_bases_and_no_root() {
    let text = read("Dockerfile");
    let bases: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert_eq!(bases.len(), 2, "{bases:?}");
    for base in bases {
        let tag = base.split(' ').next().unwrap().split_once(':').unwrap().1;
        assert!(tag.starts_with(|sign: char| sign.is_ascii_digit()) && tag.contains('.'), "{base}");
    }
    let last = text.rsplit("FROM ").next().unwrap();
    let user = last.lines().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert!(!["0", "root"].contains(&user.split(':').next().unwrap()), "{user}");
    for path in text.lines().filter_map(|line| line.strip_prefix("COPY --from=build /asiaq/")) {
        let files = path.split(' ').filter(|word| word.contains("LICENSE"));
        for file in files.map(|word| word.trim_start_matches("/asiaq/")) {
            assert!(root().join(file).exists(), "{file}");
        }
    }
    let Some(hadolint) = of_venv("hadolint") else { return };
    let output = Command::new(hadolint).arg(root().join("Dockerfile")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
