//! Declarations in, what is protected out.

use std::fmt::Write as _;

use asiaq_ir::{Facts, Ir, PROTECT_TAG, TAGS_TAG};

use crate::fixture;

fn lowered(text: &'static str) -> Ir {
    let checked = fixture::check(text);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    checked.lower(&Facts::default()).ir
}

/// What is protected: by which line, and whether a tag says so too.
fn protected(text: &'static str) -> String {
    let mut found = String::new();
    for (address, node) in lowered(text).resources {
        let listed =
            node.tags.get(TAGS_TAG).is_some_and(|tags| tags.split(' ').any(|tag| tag == PROTECT_TAG));
        assert_eq!(
            node.tags.contains_key(PROTECT_TAG),
            listed,
            "a tag that can be taken off again: {address}"
        );
        let tag = if listed { ", tagged" } else { "" };
        match node.protect {
            Some(place) => writeln!(found, "{address}: {}{tag}", place.line).unwrap(),
            None => assert!(!listed, "{address}"),
        }
    }
    found
}

#[test]
fn each_declaration_protects_what_it_made() {
    let found = protected(
        r#"project p { region = us-west-2, domain = "p.example" }
env ci {
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = all_of_it
  metanetwork app {
    protect = true
  }
  metanetwork web { routes = [internet via igw] }
  dhcp { protect = true }
  endpoint s3 { protect = true }
  zone world {
    domain = "p.example"
    record www {
      type    = A
      values  = ["203.0.113.1"]
      protect = true
    }
  }
  zone inside { domain = "p.internal", private = true, protect = true }
}
hostclass front {
  network = web
  elb { protect = true }
}
hostclass store {
  network = app
  ip      = +9
  protect = true
  elb {}
}
pipeline all_of_it {
  stage { run front { desired = 1 }, run store { desired = 1 } }
}
topic critical { protect = true }
alarm cpu {
  namespace = "AWS/EC2"
  metric    = "CPUUtilization"
  when      = average > 99 for 5 x 5m
  on        = front
  protect   = true
}
log_metric errors {
  on      = front
  file    = "/var/log/errors"
  pattern = "error"
  protect = true
}
"#,
    );
    insta::assert_snapshot!(found, @r"
    ci/app/route-table/1: 7, tagged
    ci/app/security-group: 7, tagged
    ci/app/subnet/1: 7, tagged
    ci/dhcp: 10, tagged
    ci/endpoint/s3: 11, tagged
    ci/hostclass/front/alarm/cpu/max: 41
    ci/hostclass/front/elb: 24, tagged
    ci/hostclass/front/elb/record/front-ci: 24
    ci/hostclass/store/elb: 29, tagged
    ci/hostclass/store/elb/record/store-ci: 29
    ci/hostclass/store/group: 29, tagged
    ci/hostclass/store/launch-template: 29, tagged
    ci/interface/store: 29, tagged
    ci/log/front/var/log/errors: 47, tagged
    ci/topic/critical: 35, tagged
    ci/zone/inside: 20, tagged
    ci/zone/world/record/www: 17
    ");
}

#[test]
fn an_environment_protects_its_vpc_and_an_override_takes_protection_away() {
    let found = protected(
        r#"project p { region = us-west-2 }
envtype careful { protect = true, metanetwork app { protect = true } }
env ci   : careful { cidr = 10.0.0.0/20, zones = 1, protect = false }
env live : careful { cidr = 10.1.0.0/20, zones = 1, metanetwork app { protect = false } }
topic everybody {
  subscribers = ["ops@p.example"]
  protect     = true
  protect@ci  = false
}
"#,
    );
    insta::assert_snapshot!(found, @r"
    ci/app/route-table/1: 2, tagged
    ci/app/security-group: 2, tagged
    ci/app/subnet/1: 2, tagged
    live/topic/everybody: 7, tagged
    live/vpc: 2, tagged
    ");
}
