//! Operators, looked at from outside: what machines find, what a plan says, and passwords.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::World;

const PROGRAM: &str = r#"project shop { region = us-west-2 }
env ci { cidr = 10.0.0.0/20, credential_buckets = ["ENDING", "shared"] }
operator anna {
  ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZ1T3UukjLqPzB0U79LWmWRYqYWdoSVjwzw2qzLuT3N anna@laptop"]
}
operator ben { groups = ["users"], shell = "/bin/sh" }
"#;

const PLANTED: &str = "planted-horse-battery";

/// A world whose environment has its credential bucket.
fn world() -> (World, String) {
    let world = World::new(PROGRAM);
    let ending = world.credentials.account.clone();
    world.make_credential_bucket(&ending);
    world.write(&PROGRAM.replace("ENDING", &ending));
    (world, ending)
}

fn object(world: &World, ending: &str, key: &str) -> String {
    let text = world.boto(&format!(
        "result = client('s3').get_object(Bucket='us-west-2.shop.credentials.{ending}', Key='{key}')['Body'].read().decode()"
    ));
    text.as_str().unwrap().to_owned()
}

fn put(world: &World, ending: &str, key: &str, text: &str) {
    world.boto(&format!(
        "client('s3').put_object(Bucket='us-west-2.shop.credentials.{ending}', Key='{key}', Body={text:?}.encode())"
    ));
}

/// Runs a command that reads a password from standard input.
fn typing(world: &World, arguments: &[&str], input: &str) -> super::Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_asiaq"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    super::Said::of(&child.wait_with_output().unwrap())
}

fn states(world: &World) -> Vec<(String, String)> {
    let said = world.asiaq(&["operator", "list", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let all: Value = serde_json::from_str(&said.stdout).unwrap();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    all.as_array().unwrap().iter().map(|one| (text(one, "operator"), text(one, "state"))).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[test]
fn an_operator_is_created_changed_and_deactivated() {
    let (world, ending) = world();
    put(&world, &ending, "accounts/users/theirs", "[user]\nid = 2000\n");
    assert_eq!(
        states(&world),
        pairs(&[("anna", "not created"), ("ben", "not created"), ("theirs", "not declared")])
    );
    world.apply();
    assert_eq!(world.asiaq(&["plan"]).code, 0, "nothing is left to do");
    let anna = object(&world, &ending, "accounts/users/anna");
    assert!(
        anna.contains("groups = disco_operators,users\n") && anna.contains("ssh_key_0 = ssh-ed25519"),
        "{anna}"
    );
    assert!(object(&world, &ending, "accounts/groups/ben").starts_with("[group]\nid = 200"));
    assert_eq!(
        states(&world),
        pairs(&[("anna", "as declared"), ("ben", "as declared"), ("theirs", "not declared")])
    );
    // Somebody edits the file, the program changes, and one declaration goes.
    put(&world, &ending, "accounts/users/theirs", "[user]\nid = 2000\nnote = by hand\n");
    let text = PROGRAM.replace("ENDING", &ending);
    let (rest, _) = text.split_once("operator ben").unwrap();
    world.write(&rest.replace("operator anna {", "operator anna {\n  active = false"));
    assert_eq!(
        states(&world),
        pairs(&[("anna", "differs: active"), ("ben", "no longer declared"), ("theirs", "not declared")])
    );
    let said = world.asiaq(&["plan"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let said = super::joined(&said.stdout);
    assert!(said.contains("`ci/operator/ben` is deactivated"), "{said}");
    assert!(said.contains("stays with `active = no`, so that nobody else gets its uid"), "{said}");
    world.apply();
    for name in ["anna", "ben"] {
        let file = object(&world, &ending, &format!("accounts/users/{name}"));
        assert!(file.contains("active = no\n"), "{file}");
    }
    assert_eq!(object(&world, &ending, "accounts/users/theirs"), "[user]\nid = 2000\nnote = by hand\n");
    assert_eq!(world.asiaq(&["plan"]).code, 0);
    let said = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(object(&world, &ending, "accounts/users/anna").contains("id = 200"));
}

#[test]
fn an_account_of_before_is_taken_over_if_it_says_the_same() {
    let (world, ending) = world();
    let theirs =
        "[user]\nid = 2044\nshell = /bin/sh\ngroups = users,wheel\nactive = yes\npassword = $6$a$b\n";
    put(&world, &ending, "accounts/users/ben", theirs);
    let said = world.asiaq(&["plan"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let why = super::joined(&said.stderr);
    assert!(
        why.contains("an operator `ben` that asiaq did not write, with other values of `groups`"),
        "{why}"
    );
    world.write(&PROGRAM.replace("ENDING", &ending).replace("[\"users\"]", "[\"users\", \"wheel\"]"));
    world.apply();
    assert_eq!(object(&world, &ending, "accounts/users/ben"), theirs);
    assert_eq!(world.asiaq(&["plan"]).code, 0);
}

#[test]
fn a_password_is_in_its_file_as_a_hash_and_nowhere_else() {
    let (world, ending) = world();
    let said = typing(&world, &["operator", "password", "anna", "--yes"], PLANTED);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(super::joined(&said.stderr).contains("`anna` has no file in"), "{said:#?}");
    world.apply();
    let before = object(&world, &ending, "accounts/users/anna");
    let dry = world.asiaq(&["operator", "password", "anna", "--dry-run"]);
    assert_eq!(dry.code, 10, "{dry:#?}");
    assert_eq!(object(&world, &ending, "accounts/users/anna"), before);
    let set = typing(&world, &["operator", "password", "anna", "--yes"], &format!("{PLANTED}\n"));
    assert_eq!(set.code, 0, "{set:#?}");
    let file = object(&world, &ending, "accounts/users/anna");
    let hash = file.lines().find_map(|line| line.strip_prefix("password = ")).unwrap();
    assert!(hash.starts_with("$6$rounds=100000$"), "{hash}");
    assert_eq!(file.replace(&format!("password = {hash}\n"), ""), before, "nothing else changed");
    let mut said = vec![dry, set];
    for arguments in [
        &["plan", "--events", "plan.log"][..],
        &["operator", "list"],
        &["operator", "show", "anna"],
        &["operator", "show", "anna", "--format", "json"],
        &["show"],
        &["plan", "--format", "json"],
    ] {
        said.push(world.asiaq(arguments));
    }
    assert!(said[4].stdout.contains("password"), "{:#?}", said[4]);
    world.write(
        &PROGRAM
            .replace("ENDING", &ending)
            .replace("/bin/sh", "/bin/bash")
            .replace("anna@laptop", "anna@desk"),
    );
    said.push(world.asiaq(&["plan", "-o", "saved.plan"]));
    said.push(world.asiaq(&["apply", "--yes", "--events", "apply.log"]));
    assert!(object(&world, &ending, "accounts/users/anna").contains(hash), "the apply keeps it");
    for entry in std::fs::read_dir(world.path(".")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        assert!(!text.contains(PLANTED) && !text.contains(hash), "{}", path.display());
    }
    for said in &said {
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(!all.contains(PLANTED) && !all.contains(hash), "{all}");
    }
}

#[test]
fn a_hash_is_printed_and_nothing_is_written() {
    let world = World::empty();
    let said = typing(&world, &["operator", "hash"], PLANTED);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.starts_with("$6$rounds=100000$") && said.stdout.lines().count() == 1, "{said:#?}");
    for input in ["", "\n", "two\nlines\n"] {
        assert_eq!(typing(&world, &["operator", "hash"], input).code, 2, "{input:?}");
    }
}
