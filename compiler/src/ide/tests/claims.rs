//! The machines of a hostclass as ends of claims, and the lens of a hostclass.

use asiaq_lang::Severity;

use super::{Analysis, edited, open, places};
use crate::ide::Offset;

const SHOP: &str = "\
project shop { region = us-west-2, domain = \"shop.example\" }
env live {
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
hostclass jobs { network = web, security = [db] }
hostclass data { network = db }
hostclass idle { network = db }
pipeline everything {
  stage {
    run web { desired = 1 }
    run jobs { desired = 1 }
    run data { desired = 1 }
  }
}
expect live {
  hostclass web cannot reach [hostclass live/data, db]
  internet      can reach lb web:80
}
";

/// [`SHOP`] with `what` at its end, opened at the cursor in it.
fn after(what: &str) -> (Analysis, Offset) {
    let (analysis, at) = open(&format!("{SHOP}{what}"));
    (analysis, at.unwrap())
}

fn offered(what: &str) -> Vec<String> {
    let (analysis, at) = after(what);
    analysis.completions(at).into_iter().map(|offer| offer.label).collect()
}

/// [`SHOP`] opened at the cursor in `what`.
fn at(what: &str) -> (Analysis, Offset) {
    let plain = what.replace("$0", "");
    assert_eq!(SHOP.matches(&plain).count(), 1, "{what}");
    let (analysis, at) = open(&SHOP.replace(&plain, what));
    (analysis, at.unwrap())
}

#[test]
fn machines_are_offered_after_their_word() {
    let ends = offered("expect live { $0 }");
    assert!(ends.contains(&"hostclass".to_owned()) && ends.contains(&"lb".to_owned()), "{ends:?}");
    assert_eq!(offered("expect live { hostclass $0 }"), ["data", "jobs", "web"]);
    assert_eq!(offered("expect live { internet can reach lb $0 }"), ["web"]);
    assert_eq!(offered("expect live { internet can reach hostclass live/$0 }"), ["data", "jobs", "web"]);
    assert_eq!(offered("expect live { hostclass web $0 }"), ["can reach", "cannot reach"]);
    assert_eq!(offered("expect live { hostclass live/web $0 }"), ["can reach", "cannot reach"]);
}

#[test]
fn machines_lead_to_their_hostclass() {
    let defined = |what: &str| {
        let (analysis, at) = at(what);
        places(&analysis, &analysis.definition(at))
    };
    assert_eq!(defined("hostclass we$0b cannot"), "infra.asq:12:11 web\n");
    assert_eq!(defined("hostclass live/da$0ta"), "infra.asq:17:11 data\n");
    assert_eq!(defined("hostclass li$0ve/data"), "infra.asq:2:5 live\n");
    assert_eq!(defined("[hostclass live/data, d$0b]"), "infra.asq:10:15 db\n");
    assert_eq!(defined("lb we$0b:80"), "infra.asq:12:11 web\n");
    let (analysis, at) = at("hostclass we$0b cannot");
    assert!(analysis.hover(at).unwrap().markdown.contains("hostclass web"));
}

#[test]
fn a_hostclass_is_renamed_in_claims_and_a_metanetwork_of_its_name_is_not() {
    let (analysis, at) = at("hostclass we$0b cannot");
    let after = edited(&analysis, "infra.asq", &analysis.rename(at, "front").unwrap());
    let changed = SHOP.lines().zip(after.lines()).filter(|(old, new)| old != new);
    assert_eq!(
        changed.map(|(_, new)| new).collect::<Vec<_>>(),
        [
            "hostclass front {",
            "    run front { desired = 1 }",
            "  hostclass front cannot reach [hostclass live/data, db]",
            "  internet      can reach lb front:80",
        ]
    );
    let (renamed, _) = open(&after);
    let errors = renamed.checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    assert_eq!(errors.count(), 0);
}

#[test]
fn a_hostclass_that_differs_from_its_metanetwork_has_a_lens_of_its_own() {
    let (analysis, _) = open(SHOP);
    let file = analysis.file("infra.asq").unwrap();
    let lenses = analysis.lenses(file);
    let titles = lenses.iter().map(|lens| format!("{} {}", analysis.sources().slice(lens.span), lens.title));
    assert_eq!(
        titles.collect::<Vec<_>>(),
        [
            "web reached by 1 metanetwork and the internet (in part); reaches 1 metanetwork (in part)",
            "db reached by 1 metanetwork (in part); reaches 1 metanetwork",
            "web in live",
            "web reached by 1 metanetwork; reaches nobody",
            "jobs in live",
            "jobs reached by 1 metanetwork; reaches 1 metanetwork",
            "data in live",
            "idle in live",
        ]
    );
}

const ACCOUNTS: &str = "\
project shop { region = us-west-2 }
accounttype base {
  /// Deploys.
  role deployer { trust = ec2, allow s3:GetObject on all }
  group developers {}
}
account live : base {
  id = \"222222222222\"
  user alice {}
}
expect base { role deployer cannot iam:CreateUser on role deployer }
";

#[test]
fn claims_about_accounts_are_completed_word_by_word() {
    let offered = |what: &str| -> Vec<String> {
        let (analysis, at) = open(&format!("{ACCOUNTS}{what}"));
        analysis.completions(at.unwrap()).into_iter().map(|offer| offer.label).collect()
    };
    assert_eq!(offered("expect $0"), ["live", "base"]);
    assert_eq!(offered("expect live { $0 }"), ["group", "role", "user"]);
    assert_eq!(offered("expect live { role $0 }"), ["deployer"]);
    assert_eq!(offered("expect live { user alice $0 }"), ["can", "cannot"]);
    assert!(offered("expect live { role deployer cannot $0 }").contains(&"iam:".to_owned()));
    assert!(offered("expect live { role deployer cannot iam:Create$0 }").contains(&"CreateUser".to_owned()));
    assert_eq!(offered("expect live {\n  role deployer can iam:CreateUser on role $0\n}"), ["deployer"]);
}

#[test]
fn identities_in_claims_lead_to_their_declarations() {
    let at = |what: &str| {
        let (analysis, at) = open(&ACCOUNTS.replace(&what.replace("$0", ""), what));
        (analysis, at.unwrap())
    };
    let defined = |what: &str| {
        let (analysis, at) = at(what);
        places(&analysis, &analysis.definition(at))
    };
    assert_eq!(defined("expect ba$0se"), "infra.asq:2:13 base\n");
    assert_eq!(defined("{ role dep$0loyer cannot"), "infra.asq:4:8 deployer\n");
    let (analysis, place) = at("cannot iam:Create$0User");
    assert!(analysis.hover(place).unwrap().markdown.contains("Access level: write"));
    let (analysis, place) = at("{ role dep$0loyer cannot");
    let after = edited(&analysis, "infra.asq", &analysis.rename(place, "ops").unwrap());
    assert!(after.contains("expect base { role ops cannot iam:CreateUser on role ops }"), "{after}");
}
