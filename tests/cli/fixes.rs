//! `check --fix`: what is mended, what is left alone, and what is said of it.

use insta::assert_snapshot;

use super::Folder;

/// Two mistakes that mean one thing only, and one that needs a decision.
const SLIPS: &str = "project p { region = us-west-2 }

env ci {
  cidr    = 10.1.1.0/20
  protect = yes
  zones   = 1
  metanetwork web { routes = [203.0.113.7 via igw] }
}
";

fn text(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.0.path().join(name)).unwrap()
}

#[test]
fn what_means_one_thing_only_is_mended_and_the_rest_is_reported() {
    let folder = Folder::new(&[("infra.asq", SLIPS)]);
    assert_snapshot!(folder.transcript(&["check --fix", "check --fix --format json"]));
    assert_snapshot!("mended", text(&folder, "infra.asq"));
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let folder = Folder::new(&[("infra.asq", SLIPS)]);
    assert_snapshot!(folder.transcript(&["check --fix --dry-run", "check --dry-run"]));
    assert_eq!(text(&folder, "infra.asq"), SLIPS);
}

#[test]
fn only_the_projects_own_files_are_mended() {
    let wrong = "let safe: Bool = yes\n";
    let folder = Folder::new(&[
        ("live/infra.asq", "use networks\nuse \"../common/base\"\nproject p { region = us-west-2 }\n"),
        ("live/networks.asq", wrong),
        ("live/other.asq", wrong),
        ("common/base.asq", "let wide: Bool = no\n"),
    ]);
    assert_snapshot!(folder.transcript(&["check live/infra.asq --fix"]));
    assert_eq!(text(&folder, "live/networks.asq"), "let safe: Bool = true\n");
    assert_eq!(text(&folder, "live/other.asq"), wrong);
    assert_eq!(text(&folder, "common/base.asq"), "let wide: Bool = no\n");
}

#[test]
fn a_sound_project_is_left_as_it_is() {
    let folder = Folder::new(&[("infra.asq", super::SAMPLE)]);
    assert_snapshot!(folder.transcript(&["check --fix", "check --fix --dry-run"]));
}

#[test]
fn line_endings_and_everything_else_stay() {
    let folder =
        Folder::new(&[("infra.asq", "let a: Bool = yes\r\n\tlet b = \"é\" // 🦀\r\nlet c: Bool = off")]);
    folder.run("check --fix", &[]);
    assert_eq!(
        text(&folder, "infra.asq"),
        "let a: Bool = true\r\n\tlet b = \"é\" // 🦀\r\nlet c: Bool = false"
    );
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = Folder::new(&[("real.txt", "let a: Bool = yes\n")]);
    let (real, link) = (folder.0.path().join("real.txt"), folder.0.path().join("infra.asq"));
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.txt", &link).unwrap();
    let said = folder.run("check --fix", &[]);
    assert!(said.ends_with("[exit 0]\n"), "{said}");
    assert_eq!(text(&folder, "real.txt"), "let a: Bool = true\n");
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);

    std::fs::write(&real, "let a: Bool = yes\n").unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o440)).unwrap();
    assert_snapshot!(folder.transcript(&["check --fix"]));
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 2, "nothing is left behind");
}
