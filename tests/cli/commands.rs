//! What each command prints.

use insta::assert_snapshot;

use super::{Folder, SAMPLE};

fn sample() -> Folder {
    Folder::new(&[("infra.asq", SAMPLE)])
}

#[test]
fn a_sound_program_is_checked_in_one_line() {
    assert_snapshot!(sample().transcript(&["check", "check infra.asq", "check ./infra.asq --format json"]));
}

#[test]
fn a_project_is_a_file_or_a_folder_of_files() {
    let folder = Folder::new(&[
        ("live/a.asq", "project p { region = us-west-2 }\n"),
        ("live/b.asq", "env e { cidr = 10.0.0.0/20 }\n"),
        ("live/notes.txt", "not a program\n"),
        (
            "split/infra.asq",
            "use networks\nproject p { region = us-west-2 }\nenv e : box { cidr = 10.0.0.0/20 }\n",
        ),
        ("split/networks.asq", "envtype box { zones = 1, metanetwork web {} }\n"),
        ("empty/readme", ""),
    ]);
    assert_snapshot!(folder.transcript(&[
        "env list live",
        "env list split/infra.asq",
        "env list split",
        "check empty",
        "check nowhere.asq",
        "check",
    ]));
}

#[test]
fn environments_are_listed() {
    assert_snapshot!(sample().transcript(&["env list", "env list --format json"]));
}

#[test]
fn values_are_explained_by_every_place_that_set_them() {
    assert_snapshot!(sample().transcript(&[
        "explain infra.asq ci.zones",
        "explain ci.zones infra.asq",
        "explain ci.zones --format json",
        "explain ci.zonse",
        "explain stagin.zones",
    ]));
}

#[test]
fn accounts_and_what_they_declare_are_explained() {
    let text = "project shop { region = us-west-2 }\n\
                accounttype base { role web { trust = ec2, managed = [ReadOnlyAccess] } }\n\
                account live : base {\n  id = \"222222222222\"\n  role web { max_session = 2h }\n}\n";
    let text = Folder::new(&[("infra.asq", text)]).transcript(&[
        "explain account/live",
        "explain live.role.web.trust",
        "explain account/live.role.web",
        "explain account/live/role/web",
        "explain account/live/rol/web",
        "explain account/liv.id",
        "explain live.rol.web.trust",
    ]);
    assert_snapshot!(text);
}

#[test]
fn resources_are_explained_field_by_field() {
    assert_snapshot!(sample().transcript(&[
        "explain infra.asq staging/web/subnet/1",
        "explain staging/web/security-group/ingress",
        "explain staging/web/route-table/2",
        "explain staging/web/subnt/1",
    ]));
}

#[test]
fn the_ir_is_the_same_bytes_every_time_and_can_be_narrowed() {
    let folder = sample();
    let once = folder.transcript(&["ir"]);
    assert_eq!(once, folder.transcript(&["ir"]));
    assert!(once.contains("\"staging/vpc\""), "{once}");
    let narrow = folder.run("ir --env ci", &[]);
    assert!(narrow.contains("\"ci/vpc\"") && !narrow.contains("staging"), "{narrow}");
    assert_snapshot!(folder.transcript(&["ir --env stagin"]));
}

// Without the engine there are fewer commands.
#[cfg(feature = "aws")]
#[test]
fn help_and_versions_are_printed() {
    let folder = sample();
    let text = folder.transcript(&["--version", "-h", "check -h", "explain --help"]);
    assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn wrong_usage_exits_with_2() {
    assert_snapshot!(sample().transcript(&["chekc", "check --format yaml", "explain a b c"]));
}

#[test]
fn only_apply_removes_what_is_unmanaged() {
    let folder = sample();
    for command in ["destroy", "up main --env dev", "down main --env dev", "scale web --env dev --desired 1"]
    {
        let said = folder.run(&format!("{command} --allow prune"), &[]);
        assert!(said.contains("`--allow prune` is only for `asiaq apply`"), "{said}");
        assert!(said.ends_with("[exit 2]\n"), "{said}");
    }
    let said = folder.run("apply --env dev --allow prune", &[]);
    assert!(said.contains("name accounts with `--account`") && said.ends_with("[exit 2]\n"), "{said}");
}

#[test]
fn completions_and_manual_pages_are_made() {
    let folder = sample();
    assert!(folder.run("completions bash", &[]).contains("_asiaq()"));
    assert!(folder.run("man", &[]).contains(".TH asiaq 1"));
    assert!(folder.run("man -o .", &[]).ends_with("[exit 0]\n"));
    assert!(folder.0.path().join("asiaq-check.1").exists());
}

#[test]
fn colours_are_for_terminals_and_for_those_who_insist() {
    let folder = sample();
    let escapes = |line: &str, environment: &[(&str, &str)]| folder.run(line, environment).contains('\u{1b}');
    assert!(!escapes("env list", &[]));
    assert!(escapes("env list --color always", &[]));
    assert!(escapes("env list --color always", &[("NO_COLOR", "1")]));
    assert!(!escapes("env list", &[("NO_COLOR", "1")]));
}

#[test]
fn commands_of_other_tools_lead_to_those_of_asiaq() {
    let folder = sample();
    assert_snapshot!(folder.transcript(&["init", "state list", "validate", "workspace list", "chekc"]));
}

#[test]
fn manual_pages_are_written_to_a_new_folder() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.run("man --output new/pages", &[]), "$ asiaq man --output new/pages\n[exit 0]\n");
    assert!(folder.0.path().join("new/pages/asiaq-check.1").exists());
}

/// The single dash of Terraform's options would be read as options of one letter, and `-out=FILE` as `-o ut=FILE`.
#[test]
fn options_of_other_tools_lead_to_those_of_asiaq() {
    let folder = Folder::new(&[("infra.asq", SAMPLE)]);
    assert_snapshot!(folder.transcript(&[
        "plan -out=plan.json",
        "apply -auto-approve",
        "apply --auto-approve",
        "plan --var-file prod.tfvars",
        "check -json",
        "lifecycle",
        "repl",
        "rollback",
    ]));
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 1, "nothing was written");
}

#[test]
fn a_language_server_without_a_client_says_so() {
    use std::io::Write as _;
    use std::process::Stdio;

    let folder = Folder::new(&[]);
    for input in ["", "hello world\n", "Content-Length: 99999999999\r\n\r\n"] {
        let mut command = folder.command();
        let mut child = command.arg("lsp").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.ends_with("; an editor starts `asiaq lsp` and sends it messages\n"), "{said}");
    }
}
