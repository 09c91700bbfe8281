//! What a command does not see is no order to delete it.

use super::World;

const INFRA: &str = "project p { region = us-west-2 }
envtype box { zones = 1, metanetwork web {} }
env ci : box { cidr = 10.0.0.0/20 }
";
const PROD: &str = "env prod : box { cidr = 10.1.0.0/20 }\n";

/// A project of two files that is applied.
fn applied() -> World {
    let world = World::new(INFRA);
    std::fs::write(world.path("prod.asq"), PROD).unwrap();
    world.apply();
    world
}

#[test]
fn a_file_named_alone_is_refused_beside_one_that_belongs_to_it() {
    let world = applied();
    let before = world.look();
    for command in [&["plan"][..], &["apply", "--yes", "--allow", "data-loss"], &["destroy", "--yes"]] {
        let said = world.asiaq(&[command, &["infra.asq"]].concat());
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(
            said.stderr.contains("`prod.asq` beside `infra.asq` declares `prod` of project `p`"),
            "{said:#?}"
        );
        assert!(
            said.stderr.contains("name the folder `.`") && said.stderr.contains("`use prod`"),
            "{said:#?}"
        );
    }
    assert_eq!(world.look(), before);
    // A command that names its environments leaves the others as they are.
    assert_eq!(world.asiaq(&["plan", "infra.asq", "--env", "ci"]).code, 0);
    // Both ways out work.
    assert_eq!(world.asiaq(&["plan", "."]).code, 0);
    world.write(&format!("use prod\n{INFRA}"));
    assert_eq!(world.asiaq(&["plan", "infra.asq"]).code, 0);
}

#[test]
fn a_file_with_accounts_beside_the_program_is_refused() {
    let world = World::new(INFRA);
    let accounts =
        format!("account live {{ id = \"{}\", role web {{ trust = ec2 }} }}\n", world.credentials.account);
    std::fs::write(world.path("accounts.asq"), accounts).unwrap();
    world.apply();
    let said = world.asiaq(&["apply", "--yes", "infra.asq"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let words = "`accounts.asq` beside `infra.asq` declares `live` of project `p`";
    assert!(said.stderr.contains(words), "{said:#?}");
    assert_eq!(world.asiaq(&["plan", "."]).code, 0);
}

#[test]
fn an_empty_or_broken_file_beside_the_program_is_refused() {
    let world = applied();
    let before = world.look();
    for (text, alone, folder) in [
        ("", "`prod.asq` is empty", Some("`prod.asq` is empty")),
        ("\n  \n", "`prod.asq` is empty", Some("`prod.asq` is empty")),
        ("env prod : bo", "declares `prod`", None),
        ("env prod : box { cidr = 10.1.0.0/2", "`prod.asq` beside `infra.asq` has syntax errors", None),
    ] {
        std::fs::write(world.path("prod.asq"), text).unwrap();
        let said = world.asiaq(&["apply", "infra.asq", "--yes"]);
        assert_eq!(said.code, 2, "{text}: {said:#?}");
        assert!(said.stderr.contains(alone), "{text}: {said:#?}");
        let said = world.asiaq(&["apply", "--yes"]);
        match folder {
            Some(words) => {
                assert_eq!(said.code, 2, "{text}: {said:#?}");
                assert!(said.stderr.contains(words), "{text}: {said:#?}");
            }
            None => assert_eq!(said.code, 1, "the program has an error: {text}: {said:#?}"),
        }
    }
    // A used file counts as one of the folder.
    std::fs::write(world.path("prod.asq"), "").unwrap();
    world.write(&format!("use prod\n{INFRA}"));
    let said = world.asiaq(&["apply", "infra.asq", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("`prod.asq` is empty"), "{said:#?}");
    assert_eq!(world.look(), before);
}

#[test]
fn other_files_of_the_folder_do_not_matter() {
    let world = World::new(INFRA);
    world.apply();
    for text in [
        // Another project, an older version of this one, and what nothing uses.
        "project q { region = us-west-2 }\nenv prod { cidr = 10.9.0.0/20 }\n",
        &INFRA.replace("zones = 1", "zones = 2"),
        "hostclass spare { network = web }\n",
        "// nothing yet\n",
    ] {
        std::fs::write(world.path("other.asq"), text).unwrap();
        let said = world.asiaq(&["plan", "infra.asq"]);
        assert_eq!(said.code, 0, "{text}: {said:#?}");
    }
    // Two programs of one project: each counts what the other declares as gone.
    let other = "project p { region = us-west-2 }\nenv prod { cidr = 10.1.0.0/20 }\n";
    std::fs::write(world.path("other.asq"), other).unwrap();
    let said = world.asiaq(&["plan", "infra.asq"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("name the environments that you mean with `--env`"), "{said:#?}");
    assert_eq!(world.asiaq(&["plan", "infra.asq", "--env", "ci"]).code, 0);
}

#[test]
fn the_end_of_what_an_account_has_is_to_be_named() {
    let world = World::empty();
    let account =
        format!("account live {{ id = \"{}\", role web {{ trust = ec2 }} }}\n", world.credentials.account);
    let other = "env ci { cidr = 10.0.0.0/20, zones = 1, metanetwork web {} }\n";
    let head = "project shop { region = us-west-2 }\n";
    world.write(&format!("{head}{account}{other}"));
    world.apply();
    let roles = || world.boto("result = [r['RoleName'] for r in client('iam').list_roles()['Roles']]");
    assert_eq!(roles(), serde_json::json!(["web"]));
    world.write(&format!("{head}{other}"));
    let plan = world.asiaq(&["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["unnamed_ends"], serde_json::json!(["account/live"]), "{plan:#}");
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let words = super::joined(&said.stderr);
    assert!(words.contains("`account/live` is no longer declared"), "{words}");
    assert!(words.contains("to delete it, add `--allow data-loss`"), "{words}");
    assert_eq!(roles(), serde_json::json!(["web"]));
    let said = world.asiaq(&["apply", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(roles(), serde_json::json!([]));
    world.assert_settled();
}
