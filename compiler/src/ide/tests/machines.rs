//! What an editor knows of hostclasses and the pipelines that run them.

use super::{open, places};

const PROGRAM: &str = "project shop { region = us-west-2 }
envtype base { zones = 1, pipeline = web, metanetwork app {} }
env ci : base { cidr = 10.1.0.0/20 }
env live : base { cidr = 10.2.0.0/20 }
hostclass store { network = app, disk data { size = 10GB, size@live = 1TB } }
hostclass front { network = app }
pipeline web {
  stage {
    run store { desired = 1 }
    run front { desired = 2, desired@live = 4, scaling load { track = cpu, target = 60 } }
  }
}
";

/// The program with the cursor where `what` has it.
fn at(what: &str) -> String {
    let plain = what.replace("$0", "");
    assert_eq!(PROGRAM.matches(&plain).count(), 1, "{plain}");
    PROGRAM.replace(&plain, what)
}

fn told(what: &str) -> String {
    let (analysis, at) = open(&at(what));
    analysis.hover(at.unwrap()).map(|hover| hover.markdown).unwrap_or_default()
}

#[test]
fn a_run_is_a_use_of_its_hostclass() {
    let (analysis, at) = open(&at("hostclass fro$0nt"));
    assert_eq!(
        places(&analysis, &analysis.references(at.unwrap())),
        "infra.asq:6:11 front\ninfra.asq:10:9 front\n"
    );
}

#[test]
fn hostclasses_are_offered_after_run() {
    let (analysis, at) = open(&PROGRAM.replace("run store {", "run $0 {"));
    let offered: Vec<String> =
        analysis.completions(at.unwrap()).into_iter().map(|offer| offer.label).collect();
    assert_eq!(offered, ["front", "store"]);
}

#[test]
fn fields_of_runs_and_disks_are_told_with_their_values() {
    for (what, values) in [("desi$0red@live", ["2", "4"]), ("si$0ze@live", ["10GB", "1TB"])] {
        let told = told(what);
        assert!(values.iter().all(|value| told.contains(&format!("`{value}`"))), "{told}");
    }
    assert!(told("tar$0get").contains("`60`"), "{}", told("tar$0get"));
}
