//! `asiaq import`: the configuration of the original.

use super::Folder;

const NETWORKS: &str = "\
[envtype:ci]
vpc_cidr = 10.20.0.0/20
intranet_cidr = auto
intranet_sg_rules = tcp intranet 0:65535
intranet_sg_rule = tcp intranet 22
";

fn old() -> Folder {
    Folder::new(&[
        ("old/disco_vpc.ini", NETWORKS),
        ("old/disco_aws.ini", "[disco_aws]\nproject_name = shop\ndefault_environment = ci\n"),
        ("old/web.csv", "sequence,hostclass,desired_size\n"),
        ("old/notes.txt", "not read"),
    ])
}

#[test]
fn a_tree_becomes_a_program_that_is_accepted() {
    let folder = old();
    let arguments = ["import", "old", "--region", "eu-west-1", "--pipeline", "ci=web.csv", "-o", "new"];
    let run = folder.command().args(arguments).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(
        said.contains("[ old/disco_vpc.ini:5:1 ]") && said.contains("did you mean `intranet_sg_rules`?"),
        "{said}"
    );
    let check = folder.command().args(["check", "new"]).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{check:?}");
    let infra = std::fs::read_to_string(folder.0.path().join("new/infra.asq")).unwrap();
    assert!(infra.contains("region = eu-west-1") && infra.contains("env ci {"), "{infra}");
}

#[test]
fn nothing_is_written_unasked_and_nothing_is_replaced() {
    let folder = old();
    let run = folder.command().args(["import", "old"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 1);

    std::fs::create_dir(folder.0.path().join("new")).unwrap();
    std::fs::write(folder.0.path().join("new/infra.asq"), "// mine\n").unwrap();
    let import =
        |more: &[&str]| folder.command().args(["import", "old", "-o", "new"]).args(more).output().unwrap();
    let refused = import(&[]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("`new/infra.asq` exists: name another folder, or replace it with `--overwrite`"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(folder.0.path().join("new")).unwrap().count(), 1);
    assert_eq!(import(&["--overwrite"]).status.code(), Some(0));
    assert_ne!(std::fs::read_to_string(folder.0.path().join("new/infra.asq")).unwrap(), "// mine\n");
}

#[test]
fn a_translation_is_verified() {
    let folder = old();
    let run = folder.command().args(["import", "old", "--verify"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("ok: ") && said.contains("0 differences with a reason, 0 without"), "{said}");
}

#[test]
fn a_verification_is_for_programs_too() {
    let folder = old();
    let networks = format!("{NETWORKS}ntp_server = pool.ntp.org\n");
    std::fs::write(folder.0.path().join("old/disco_vpc.ini"), networks).unwrap();
    let run = folder.command().args(["import", "old", "--verify", "--format", "json"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let verification = &report["verification"];
    assert!(verification["compared"].as_u64().unwrap() > 10, "{report}");
    let difference = &verification["differences"][0];
    assert_eq!(difference["path"], "ci.dhcp.ntp");
    assert_eq!(difference["file"], "old/disco_vpc.ini");
    assert!(difference["reason"].as_str().unwrap().contains("cannot-be-said"), "{difference}");
}

#[test]
fn tables_and_accounts_are_said() {
    let folder = old();
    let table = r#"{"TableName": "users", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}"#;
    for (path, text) in [
        ("users.json", table),
        ("iam/group_membership/dev/alice.grp", ""),
        ("ssm/documents/restart.ssm", r#"{"schemaVersion": "1.2", "description": "x"}"#),
    ] {
        let path = folder.0.path().join("old").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let said = ["--table", "ci=users.json", "--account", "dev=123456789012", "-o", "new", "--verify"];
    let run = folder.command().args(["import", "old"]).args(said).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let written = |name: &str| std::fs::read_to_string(folder.0.path().join("new").join(name)).unwrap();
    assert!(written("infra.asq").contains("table users { key = \"id\" }"), "{}", written("infra.asq"));
    assert!(written("accounts.asq").contains("user alice {}"), "{}", written("accounts.asq"));
    assert!(written("ssm/restart.json").contains("schemaVersion"));
    let check = folder.command().args(["check", "new"]).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{check:?}");
}

#[test]
fn findings_are_for_programs_too() {
    let folder = old();
    for format in ["json", "github", "sarif"] {
        let run = folder.command().args(["import", "old", "--format", format]).output().unwrap();
        let said = String::from_utf8(run.stdout).unwrap();
        assert!(said.contains("unread-option") && said.contains("old/disco_vpc.ini"), "{said}");
    }
    let error = "[disco_aws]\nproject_name\n";
    std::fs::write(folder.0.path().join("old/disco_aws.ini"), error).unwrap();
    let run = folder.command().args(["import", "old", "-o", "new"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "the program is written: {run:?}");
    assert!(folder.0.path().join("new/networks.asq").exists());
}

#[test]
fn what_is_not_there_is_said() {
    let folder = old();
    for (arguments, said) in [
        (&["import", "nowhere"][..], "cannot read the folder `nowhere`"),
        (&["import", "old", "--pipeline", "ci=wbe.csv"], "did you mean `web.csv`?"),
        (&["import", "old", "--env", "ci"], "write NAME=VALUE"),
        (&["import", "."], "there is no `disco_aws.ini`"),
    ] {
        let run = folder.command().args(arguments).output().unwrap();
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        let stderr = String::from_utf8(run.stderr).unwrap();
        assert!(stderr.contains(said), "{stderr}");
    }
}
