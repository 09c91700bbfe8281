//! Warnings, what silences them, and how much room there is.

use insta::assert_snapshot;

use super::Folder;

const DOUBTFUL: &str = "project p { region = us-west-2 }
let office = 203.0.113.0/28
env ci {
  cidr = 10.1.0.0/20
  allow(unused-nat)
  metanetwork tunnel { routes = [internet via igw], nat = auto }
  metanetwork app {
    ingress = [
      tcp 8080 from tunnel
      tcp from [tunnel, app]
    ]
  }
}
";

#[test]
fn warnings_refuse_nothing() {
    assert_snapshot!(Folder::new(&[("infra.asq", DOUBTFUL)]).transcript(&["check", "env list"]));
}

#[test]
fn a_code_that_is_no_warning_is_an_error() {
    let text = "allow(unusd-nat) project p { region = us-west-2 }\n";
    assert_snapshot!(Folder::new(&[("infra.asq", text)]).transcript(&["check"]));
}

const ROOMY: &str = "project p { region = us-west-2 }
env ci {
  cidr = 10.1.0.0/20
  metanetwork tunnel { cidr = auto /22, routes = [internet via igw], nat = auto }
  metanetwork app { cidr = auto /21, routes = [internet via nat tunnel] }
}
env qa { cidr = auto /24 in 10.128.0.0/20, zones = 2, metanetwork app {} }
hostclass proxy { network = tunnel, ip = +10 }
";

#[test]
fn a_report_shows_the_room_there_is() {
    let folder = Folder::new(&[("infra.asq", ROOMY), ("wrong.asq", "project p { region = us-wst-2 }\n")]);
    assert_snapshot!(folder.transcript(&[
        "check --report infra.asq",
        "check --report --format json infra.asq",
        "check --report --format sarif infra.asq",
        "check --report wrong.asq",
    ]));
}
