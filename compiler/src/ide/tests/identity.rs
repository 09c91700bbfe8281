//! Names of what accounts declare: definition, references, rename, hover and completions.

use super::{edited, open, places};

const ORG: &str = "\
project shop { region = us-west-2 }
let readers = [role reader, user alice]
accounttype base {
  policy read { allow s3:GetObject on bucket data }
  bucket data {}
}
account audit : base {
  id = \"111111111111\"
  bucket logs { allow s3:GetObject on objects from readers }
  role reader { trust = account live, policies = [read] }
  user alice { allow s3:ListBucket on [logs, data, bucket live/other] }
}
account live : base {
  id = \"222222222222\"
  bucket other { logging = data }
  bucket logs { name = \"shop-own-logs\" }
  trail main { bucket = audit/logs, objects = [logs, other] }
  document restart { name = \"shop-restart\", content = file \"restart.json\" }
  role reader {
    trust = [ec2, role deployer, saml sso]
    allow ssm:SendCommand on [document restart, main]
  }
  role deployer { trust = account audit, allow s3:PutObject on bucket audit/logs }
  saml sso { metadata = file \"sso.xml\" }
}
expect live { role deployer cannot s3:GetObject on bucket logs }
//- restart.json
{ \"schemaVersion\": \"2.2\", \"mainSteps\": [{ \"action\": \"aws:runShellScript\", \"name\": \"restart\" }] }
";

/// [`ORG`] with the cursor at `$0` in `what`.
fn org_at(what: &str) -> (crate::ide::Analysis, crate::ide::Offset) {
    let bare = what.replace("$0", "");
    assert_eq!(ORG.matches(&bare).count(), 1, "{bare}");
    let (analysis, at) = open(&ORG.replace(&bare, what));
    (analysis, at.expect("a cursor"))
}

fn defined(what: &str) -> String {
    let (analysis, at) = org_at(what);
    places(&analysis, &analysis.definition(at))
}

/// The lines that a rename changes, or why it does not.
fn renamed(what: &str, to: &str) -> String {
    let (analysis, at) = org_at(what);
    match analysis.rename(at, to) {
        Err(why) => why,
        Ok(edits) => {
            let after = edited(&analysis, "infra.asq", &edits);
            let lines = ORG.lines().zip(after.lines()).filter(|(old, new)| old != new);
            lines.map(|(_, new)| new.trim()).collect::<Vec<_>>().join("\n")
        }
    }
}

fn hover(what: &str) -> String {
    let (analysis, at) = org_at(what);
    analysis.hover(at).map(|found| found.markdown).unwrap_or_default()
}

#[test]
fn names_of_an_account_lead_to_their_declarations() {
    assert_eq!(defined("bucket = audit/lo$0gs"), "infra.asq:9:10 logs\n");
    assert_eq!(defined("bucket = aud$0it/logs"), "infra.asq:7:9 audit\n");
    assert_eq!(defined("objects = [lo$0gs, other]"), "infra.asq:16:10 logs\n");
    assert_eq!(defined("on bucket audit/lo$0gs"), "infra.asq:9:10 logs\n");
    assert_eq!(defined("on [lo$0gs, data"), "infra.asq:9:10 logs\n");
    assert_eq!(defined("logging = da$0ta"), "infra.asq:5:10 data\n");
    assert_eq!(defined("on bucket da$0ta }"), "infra.asq:5:10 data\n");
    assert_eq!(defined("bucket live/oth$0er"), "infra.asq:15:10 other\n");
    assert_eq!(defined("document rest$0art, main"), "infra.asq:18:12 restart\n");
    assert_eq!(defined("document restart, ma$0in"), "infra.asq:17:9 main\n");
    assert_eq!(defined("policies = [re$0ad]"), "infra.asq:4:10 read\n");
    assert_eq!(defined("trust = account li$0ve"), "infra.asq:13:9 live\n");
    assert_eq!(defined("[ec2, role depl$0oyer"), "infra.asq:23:8 deployer\n");
    assert_eq!(defined("saml ss$0o]"), "infra.asq:24:8 sso\n");
    assert_eq!(defined("expect live { role depl$0oyer"), "infra.asq:23:8 deployer\n");
    assert_eq!(defined("s3:GetObject on bucket lo$0gs"), "infra.asq:16:10 logs\n");
    assert_eq!(defined("user ali$0ce]"), "infra.asq:11:8 alice\n");
}

#[test]
fn a_declaration_of_one_account_is_renamed_everywhere_and_alone() {
    insta::assert_snapshot!(renamed("bucket lo$0gs { allow", "records"));
    insta::assert_snapshot!(renamed("bucket lo$0gs { name", "own"));
    insta::assert_snapshot!(renamed("document rest$0art {", "reboot"));
    insta::assert_snapshot!(renamed("trail ma$0in", "all_calls"));
    insta::assert_snapshot!(renamed("role depl$0oyer {", "pusher"));
    insta::assert_snapshot!(renamed("account aud$0it :", "security"));
    insta::assert_snapshot!(renamed("saml ss$0o {", "okta"));
    insta::assert_snapshot!(renamed("bucket da$0ta {}", "content"));
}

#[test]
fn an_account_says_what_it_declares() {
    insta::assert_snapshot!(hover("account li$0ve :"));
    insta::assert_snapshot!(hover("bucket = audit/lo$0gs"));
}

#[test]
fn principals_and_policies_of_aws_are_offered() {
    let labels = |with: &str| {
        let text = ORG.replace("role deployer { trust = account audit,", with);
        let (analysis, at) = open(&text);
        let offers = analysis.completions(at.expect("a cursor"));
        offers.into_iter().map(|offer| offer.label).collect::<Vec<_>>()
    };
    let offered = labels("role deployer { trust = $0,");
    for phrase in ["account live", "role reader", "saml sso", "user alice"] {
        assert!(offered.contains(&phrase.to_owned()), "{phrase}: {offered:?}");
    }
    let offered = labels("role deployer { managed = [$0],");
    assert!(offered.contains(&"ReadOnlyAccess".to_owned()), "{offered:?}");
}
