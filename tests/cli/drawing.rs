//! Drawings of mistakes: whatever the text is like, they point at the right place and stay in line.

use insta::assert_snapshot;

use super::Folder;

fn drawn(files: &[(&str, &str)]) -> String {
    Folder::new(files).transcript(&["check infra.asq"])
}

#[test]
fn two_places_in_two_files() {
    assert_snapshot!(drawn(&[
        (
            "infra.asq",
            "use \"names\"\nproject p { region = us-west-2 }\nenv ci { cidr = 10.1.0.0/20, zones = 1 }\n"
        ),
        ("names.asq", "envtype base {}\n\nenv ci { cidr = 10.2.0.0/20, zones = 1 }\n"),
    ]));
}

#[test]
fn two_places_in_one_line_and_in_two() {
    assert_snapshot!(drawn(&[(
        "infra.asq",
        "project p { region = us-west-2, region = us-east-1 }
env ci {
  cidr  = 10.1.0.0/20
  zones = 1
  metanetwork a { cidr = 10.1.0.0/22 }
  metanetwork b { cidr = 10.1.1.0/24 }
}
",
    )]));
}

#[test]
fn a_place_over_several_lines() {
    assert_snapshot!(drawn(&[(
        "infra.asq",
        "project p { region = us-west-2 }
env ci {
  cidr  = 10.1.0.0/20
  zones = 2
  metanetwork web {
    routes = [internet via igw]
    nat    = [
      198.51.100.1
      198.51.100.2
      198.51.100.3
    ]
  }
  metanetwork app { routes = [internet via nat web] }
}
",
    )]));
}

#[test]
fn tabs_wide_letters_and_other_line_ends() {
    assert_snapshot!(drawn(&[(
        "infra.asq",
        "project p { region = us-west-2 }\r\nenv ci {\r\n\tcidr\t= 10.1.0.1/20\r\n\tapplication = \"日本語 🦀 é\", zons = 1\r\n}\r\n",
    )]));
}

#[test]
fn long_lines() {
    let ports = (8000..8120).map(|port| port.to_string()).collect::<Vec<_>>().join(", ");
    assert_snapshot!(drawn(&[(
        "infra.asq",
        &format!(
            "project p {{ region = us-west-2 }}\nlet ports = [{ports}]\nlet rule = tcp [{ports}, 70000] from all\n"
        ),
    )]));
}

#[test]
fn the_ends_of_files() {
    let files = ["", "\n\n", "env", "env ci {", "let x =", "let x = \"", "\u{feff}let x =\n", "let x = [1,"];
    let drawings: Vec<String> =
        files.iter().map(|text| format!("{text:?}\n{}", drawn(&[("infra.asq", text)]))).collect();
    assert_snapshot!(drawings.join("\n"));
}

#[test]
fn colours_do_not_move_anything() {
    let folder = Folder::new(&[("infra.asq", "let a = 10.0.0.1/16\nlet a = tcp 70000 from all\n")]);
    let output = |colour: &str| {
        let output = folder.command().args(["check", "--color", colour]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let coloured = output("always");
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), output("never"));
}
