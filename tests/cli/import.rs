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
