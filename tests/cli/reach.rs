//! Who reaches whom, asked on the command line.

use insta::assert_snapshot;

use super::{Folder, SAMPLE};

const PEERS: &str = r"project p { region = us-west-2 }
env hub {
  cidr  = 10.0.0.0/20
  zones = 1
  allow(no-return-route)
  metanetwork app { ingress = [tcp [80, 443] from internet, tcp 22 from 172.16.0.0/16, any from app] }
  metanetwork ops {
    ingress = [tcp 22 from 203.0.113.0/28]
    routes  = [203.0.113.0/28 via igw, 172.16.0.0/16 via vgw]
  }
}
env far { cidr = 10.1.0.0/20, zones = 1, metanetwork web { ingress = [tcp 443 from hub/app] } }
peering joined = hub/app <-> far/web
";

#[test]
fn everybody_is_in_a_table() {
    let folder = Folder::new(&[("sample.asq", SAMPLE), ("peers.asq", PEERS)]);
    assert_snapshot!(folder.transcript(&["reach sample.asq", "reach peers.asq --env hub"]));
    assert_snapshot!(folder.run("reach peers.asq --env hub", &[("COLUMNS", "40")]));
}

#[test]
fn a_pair_is_answered_with_reasons() {
    let folder = Folder::new(&[("infra.asq", PEERS)]);
    assert_snapshot!(folder.transcript(&[
        "reach hub/app far/web",
        "reach internet app:22 --env hub",
        "reach infra.asq 172.16.0.0/16 ops",
        "reach ops --env hub",
        "reach hub/app far/web:443 --format json",
    ]));
}

const HOSTCLASSES: &str = r#"project p { region = us-west-2, domain = "p.example" }
env ci {
  cidr     = 10.0.0.0/20
  zones    = 2
  pipeline = everything
  metanetwork web {
    ingress = [tcp [80, 443] from internet, tcp 8080 from web]
    routes  = [internet via igw]
  }
  metanetwork db { ingress = [tcp 5432 from db] }
}
hostclass web {
  network = web
  lb { kind = application, public = true, listeners = [http 80 -> http 8080] }
}
hostclass web2 : web { network = web }
hostclass jobs { network = web, security = [db] }
hostclass data { network = db }
pipeline everything {
  stage {
    run web  { desired = 2 }
    run web2 { desired = 2 }
    run jobs { desired = 1 }
    run data { desired = 1 }
  }
}
"#;

#[test]
fn hostclasses_of_one_metanetwork_are_told_apart() {
    let folder = Folder::new(&[("infra.asq", HOSTCLASSES)]);
    assert_snapshot!(folder.transcript(&[
        "reach",
        "reach hostclass jobs db",
        "reach infra.asq hostclass web hostclass data:5432",
        "reach internet lb ci/web:80 --format json",
        "reach hostclass jobs",
        "reach hostclass job db",
        "reach jobs db",
        "reach lb jobs db",
        "reach hostclass prod/web db",
        "reach infra.asq hostclass web db web",
    ]));
    let drawn = folder.run("graph -o -", &[]);
    assert!(drawn.contains(">hostclass jobs</text>") && drawn.contains(">lb web, web2</text>"), "{drawn}");
}

#[test]
fn ends_that_are_nowhere_are_asked_about() {
    let folder = Folder::new(&[("infra.asq", PEERS)]);
    assert_snapshot!(folder.transcript(&[
        "reach app webb",
        "reach hub/app far/wbe",
        "reach app app:99999",
        "reach internet 10.0.0.1",
        "reach internet 8.8.8.8",
        "reach 10.0.0.0/33 app",
    ]));
}

#[test]
fn an_environment_is_drawn_into_a_file_or_printed() {
    let folder = Folder::new(&[("infra.asq", PEERS)]);
    assert_snapshot!(folder.transcript(&["graph --env far -o far.svg", "graph", "graph --env fra"]));
    let drawn = std::fs::read_to_string(folder.0.path().join("far.svg")).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.contains(">web</text>"), "{drawn}");
    let printed = folder.run("graph --env far -o -", &[]);
    assert!(printed.contains("</svg>\n") && printed.ends_with("[exit 0]\n"), "{printed}");
}

/// The questions are asked because a claim does not hold.
#[test]
fn a_claim_that_does_not_hold_keeps_no_question_from_its_answer() {
    let claims = "expect hub { ops can reach app:9999 }
account live {
  id = \"222222222222\"
  role deployer { trust = ec2, allow sqs:* on all }
}
expect live { role deployer cannot sqs:SendMessage }
";
    let folder = Folder::new(&[("infra.asq", &format!("{PEERS}{claims}"))]);
    let said = folder.run("check", &[]);
    assert!(said.contains("2 errors") && said.ends_with("[exit 1]\n"), "{said}");
    for question in [
        "reach internet hub/app:80",
        "reach --format json",
        "can live deployer sqs:SendMessage",
        "graph --env hub -o -",
        "explain hub.zones",
        "explain hub/vpc",
    ] {
        let said = folder.run(question, &[]);
        assert!(said.ends_with("[exit 0]\n"), "{question}: {said}");
        assert!(said.contains("2 claims do not hold: `asiaq check` shows them"), "{question}: {said}");
    }
    // What would be changed or printed for others is refused.
    for command in ["ir", "permissions"] {
        let said = folder.run(command, &[]);
        assert!(said.contains("2 errors") && said.ends_with("[exit 1]\n"), "{command}: {said}");
    }
}
