//! Claims about envtypes that no environment is of, and about nothing.

use crate::fixture;

/// The codes of what is said of the claims, each with the text of its line.
fn said(text: &str) -> Vec<String> {
    let checked = fixture::check(&format!("project p {{ region = us-west-2 }}\n{text}"));
    let of_claims = checked.diagnostics.iter().filter(|found| found.code.as_str() != "unused-envtype");
    let line = |found: &asiaq_lang::Diagnostic| {
        let line = checked.sources.start(found.primary).line;
        let text = text.lines().nth(usize::try_from(line).unwrap() - 2).unwrap();
        format!("{}: {}", found.code.as_str(), text.trim())
    };
    of_claims.map(line).collect()
}

const TYPES: &str = "envtype base {
  zones = 1
  metanetwork web { ingress = [tcp 22 from internet], routes = [internet via igw] }
}
envtype heir : base { metanetwork db { ingress = [tcp 5432 from web] } }
env live { cidr = 10.0.0.0/20, zones = 1, metanetwork app { cidr = 10.0.0.0/24 } }
";

#[test]
fn an_envtype_without_environments_is_proved_by_its_declaration() {
    let claims = "expect base {
  internet cannot reach web
  internet can reach web:22
  internet can reach web:23
}
expect heir {
  web can reach heir/db:5432
  base/web cannot reach db
  internet cannot reach db
  10.0.0.0/8 cannot reach db
  live/app cannot reach db
}
";
    assert_eq!(
        said(&format!("{TYPES}{claims}")),
        [
            "expectation-failed: internet cannot reach web",
            "expectation-failed: internet can reach web:23",
            "expectation-failed: base/web cannot reach db",
            "idle-expectation: 10.0.0.0/8 cannot reach db",
            "idle-expectation: live/app cannot reach db",
        ]
    );
}

#[test]
fn a_claim_that_nothing_stands_behind_is_said() {
    let claims = "expect live {
  app cannot reach base/web
  10.0.8.0/24 cannot reach app
  [app, 10.0.8.0/24] cannot reach app
  app cannot reach app
}
";
    assert_eq!(
        said(&format!("{TYPES}{claims}")),
        [
            "idle-expectation: app cannot reach base/web",
            "idle-expectation: 10.0.8.0/24 cannot reach app",
            "idle-expectation: [app, 10.0.8.0/24] cannot reach app",
        ]
    );
}

#[test]
fn names_in_claims_about_unused_envtypes_are_known() {
    let claims = "expect base { nosuch cannot reach web }\nexpect live { app cannot reach base/nosuch }\n";
    assert_eq!(
        said(&format!("{TYPES}{claims}")),
        [
            "unknown-network: expect base { nosuch cannot reach web }",
            "unknown-network: expect live { app cannot reach base/nosuch }",
        ]
    );
}
