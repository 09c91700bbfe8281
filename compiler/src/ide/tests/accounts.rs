//! Completions in accounts.

use super::open;
use crate::ide::Insert;

/// Labels of the completions, in order.
fn labels(text: &str) -> Vec<String> {
    let (analysis, at) = open(text);
    analysis.completions(at.expect("a cursor")).into_iter().map(|offer| offer.label).collect()
}

/// The text that a completion inserts, where it is offered.
fn inserted(text: &str, label: &str) -> Option<String> {
    let (analysis, at) = open(text);
    let offers = analysis.completions(at.expect("a cursor"));
    let offer = offers.into_iter().find(|offer| offer.label == label)?;
    Some(match offer.insert {
        Insert::Plain(text) | Insert::Snippet(text) => text,
    })
}

#[test]
fn an_account_has_the_completions_of_an_environment() {
    let typed = "accounttype base { role web { trust = ec2 } }\n";
    let account = "account ${1:name} {\n  id = ${2:\"123456789012\"}\n  $0\n}";
    assert_eq!(inserted("$0", "account").as_deref(), Some(account));
    let heir = "account ${1:name} : ${2:accounttype} {\n  id = ${3:\"123456789012\"}\n  $0\n}";
    assert_eq!(inserted(&format!("{typed}$0"), "account").as_deref(), Some(heir));
    let template = "accounttype ${1:name} {\n  $0\n}";
    assert_eq!(inserted("$0", "accounttype").as_deref(), Some(template));
    assert_eq!(inserted(&format!("{typed}$0"), "accounttype").as_deref(), Some(template));
    let offered = |more: &str| labels(&format!("{typed}{more}"));
    assert!(offered("account live : base { $0 }").contains(&"replace".to_owned()));
    assert_eq!(offered("account live : base { replace role $0 }"), ["web"]);
    let kinds = offered("account live : base { replace $0 }");
    assert!(kinds.contains(&"role".to_owned()) && !kinds.contains(&"metanetwork".to_owned()), "{kinds:?}");
    let variables = offered("account live : base { tags = { a = \"$$0\" } }");
    assert_eq!(
        variables,
        ["account.name", "project.domain", "project.name", "project.region", "project.team"]
    );
    let variables = offered("env ci { tags = { a = \"$$0\" } }");
    assert!(variables.contains(&"env.name".to_owned()) && !variables.contains(&"account.name".to_owned()));
}
