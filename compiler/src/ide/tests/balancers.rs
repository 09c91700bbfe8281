//! What an editor shows inside of load balancers, zones and records.

use std::fmt::Write as _;

use super::{open, places};

const FRONT: &str = "\
project shop { region = us-west-2, domain = \"shop.example\" }

env ci   : base { cidr = 10.1.0.0/20 }
env live : base { cidr = 10.2.0.0/20 }
envtype base {
  pipeline = all_of_it
  metanetwork app {}
  zone world {
    domain = \"${env.name}.shop.example\"
    record apex { name = \"@\", type = A, alias = front }
  }
}

hostclass front {
  network = app
  elb {
    listeners         = [https 443 -> http 80]
    idle_timeout      = 60s
    idle_timeout@live = 90s
    network           = app
  }
}

pipeline all_of_it { stage { run front { desired = 1 } } }
";

/// [`FRONT`] with the cursor where `what` has it.
fn front_at(what: &str) -> String {
    let plain = what.replace("$0", "");
    assert!(FRONT.contains(&plain), "{plain}");
    FRONT.replacen(&plain, what, 1)
}

fn offered(more: &str) -> Vec<String> {
    let (analysis, at) = open(&format!("{FRONT}{more}"));
    analysis.completions(at.expect("a cursor")).into_iter().map(|offer| offer.label).collect()
}

#[test]
fn bodies_have_what_may_be_said() {
    let has = |offered: Vec<String>, wanted: &[&str]| {
        for name in wanted {
            assert!(offered.iter().any(|found| found == name), "{name}: {offered:?}");
        }
    };
    has(offered("hostclass x { $0 }"), &["elb", "lb"]);
    has(offered("hostclass x { elb { $0 } }"), &["listeners", "health_check", "dns_alias", "allow"]);
    has(offered("hostclass x { @ci { elb { $0 } } }"), &["listeners"]);
    has(offered("hostclass x { lb { $0 } }"), &["kind", "listeners"]);
    has(offered("env x { zone y { $0 } }"), &["domain", "private", "record"]);
    has(offered("env x { zone y { record z { $0 } } }"), &["name", "type", "values", "alias"]);
}

#[test]
fn values_are_of_the_type_that_is_wanted() {
    assert_eq!(offered("hostclass x { lb { kind = $0 } }"), ["application", "network", "classic"]);
    assert_eq!(offered("hostclass x { elb { network = $0 } }"), ["app"]);
    assert_eq!(offered("env x { zone y { record z { alias = $0 } } }"), ["front"]);
    assert!(offered("env x { zone y { record z { type = $0 } } }").contains(&"MX".to_owned()));
}

#[test]
fn blocks_and_fields_are_told() {
    let mut text = String::new();
    for what in ["el$0b {", "dom$0ain = \"${", "idle_tim$0eout      =", "ali$0as = front"] {
        let (analysis, at) = open(&front_at(what));
        let told = analysis.hover(at.unwrap());
        let told = told.map(|hover| format!("{}\n{}", places(&analysis, &[hover.span]), hover.markdown));
        writeln!(text, "{what}\n\n{}\n", told.unwrap_or_else(|| "nothing".to_owned())).unwrap();
    }
    insta::assert_snapshot!(text);
}
