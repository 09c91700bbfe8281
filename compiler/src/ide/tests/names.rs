//! Definition, references and rename.

use super::{edited, open, places, shop_at};
use crate::ide::tests::SHOP;

fn defined(what: &str) -> String {
    let (analysis, at) = shop_at(what);
    places(&analysis, &analysis.definition(at))
}

fn used(what: &str) -> String {
    let (analysis, at) = shop_at(what);
    places(&analysis, &analysis.references(at))
}

/// What [`SHOP`] says after the symbol at the cursor is called `to`, the lines that differ; or why not.
fn renamed(what: &str, to: &str) -> String {
    let (analysis, at) = shop_at(what);
    match analysis.rename(at, to) {
        Err(why) => why,
        Ok(edits) => {
            let after = edited(&analysis, "infra.asq", &edits);
            let lines = SHOP.lines().zip(after.lines()).filter(|(old, new)| old != new);
            lines.map(|(_, new)| new).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn names_lead_to_their_declarations() {
    assert_eq!(defined("tcp ops from off$0ice"), "infra.asq:6:5 office\n");
    assert_eq!(defined("envtype sandbox : ba$0se"), "infra.asq:11:9 base\n");
    assert_eq!(defined("envtype base : class$0ic"), "std/classic classic\n");
    assert_eq!(defined("eip@li$0ve"), "infra.asq:25:5 live\n");
    assert_eq!(defined("use std/class$0ic"), "std/classic \n");
    assert_eq!(defined("hostcl$0ass service"), "std/hostclass hostclass\n");
    assert_eq!(defined("zo$0nes = 2"), "std/env zones\n");
}

#[test]
fn a_metanetwork_leads_to_its_nearest_declaration() {
    // Where `base` uses it, `base` says most of it; there, to where it is inherited from.
    assert_eq!(defined("internet via nat tun$0nel"), "infra.asq:13:15 tunnel\n");
    assert_eq!(defined("metanetwork tun$0nel"), "std/classic tunnel\n");
    assert_eq!(defined("metanetwork w$0eb { cidr = auto /22 }"), "infra.asq:16:15 web\n");
    assert_eq!(defined("tcp 8080 from ci/w$0eb"), "infra.asq:16:15 web\n");
    assert_eq!(defined("peering builds = ci/web <-> live/w$0eb"), "infra.asq:28:15 web\n");
    assert_eq!(defined("network = we$0b"), "infra.asq:16:15 web\n");
}

#[test]
fn references_are_of_the_same_thing() {
    insta::assert_snapshot!(used("let off$0ice"));
    insta::assert_snapshot!(used("metanetwork we$0b {\n    ingress"));
    insta::assert_snapshot!(used("env c$0i"));
    insta::assert_snapshot!(used("ei$0p@live"));
    insta::assert_snapshot!(used("dh$0cp {"));
}

#[test]
fn a_thing_is_renamed_everywhere() {
    insta::assert_snapshot!(renamed("network = we$0b", "inner"));
    insta::assert_snapshot!(renamed("let op$0s", "ports"));
    insta::assert_snapshot!(renamed("env live$0 :", "prod"));
    insta::assert_snapshot!(renamed("hostclass front : serv$0ice", "machine"));
    insta::assert_snapshot!(renamed("project sh$0op", "store"));
    assert_eq!(renamed("let op$0s", "ops"), "");
}

#[test]
fn what_cannot_be_renamed_says_why() {
    assert_eq!(renamed("zo$0nes = 2", "x"), "`zones` is a word of the language");
    assert_eq!(renamed("us-we$0st-2", "x"), "`us-west-2` is AWS's name for a region");
    assert_eq!(renamed("nat tun$0nel", "x"), "`tunnel` is declared in `std/classic`, which comes with asiaq");
    assert_eq!(renamed("let op$0s", "all"), "`all` means something by itself");
    assert_eq!(renamed("let op$0s", "from"), "`from` means something by itself");
    assert_eq!(
        renamed("let op$0s", "a b"),
        "`a b` is not a name: a name is letters, digits, `_` and `-`, a letter first"
    );
    assert_eq!(renamed("let op$0s", "office"), "`infra.asq:6` is a `let` of that name");
    assert_eq!(renamed("let op$0s", "web"), "`web` already means something in `infra.asq:16`");
    assert_eq!(renamed("env c$0i", "base"), "`infra.asq:11` is an `envtype` of that name");
    assert_eq!(renamed("env c$0i", "a_b"), "`a_b` has an underscore, which parts the names of its resources");
    assert_eq!(renamed("network = w$0eb", "dmz"), "`dmz` already means something in `infra.asq:14`");
    assert_eq!(renamed("network = w$0eb", "vpc"), "`vpc` is a word in the addresses of resources");
    assert_eq!(renamed("/// What all en$0vironments", "x"), "there is no name here that could be changed");
}

#[test]
fn metanetworks_of_one_name_that_nothing_joins_are_two() {
    let text = "env a { cidr = 10.0.0.0/20, metanetwork w$0 { ingress = [tcp from w] } }
env b { cidr = 10.1.0.0/20, metanetwork w { ingress = [tcp from w] } }
";
    let (analysis, at) = open(text);
    assert_eq!(analysis.references(at.unwrap()).len(), 2);
    // A hostclass lives in both, so they are one name from then on.
    let (analysis, at) = open(&format!("{text}hostclass h {{ network = w }}\n"));
    assert_eq!(analysis.references(at.unwrap()).len(), 5);
    let (analysis, at) = open(&format!("{text}hostclass h {{ network@a = w }}\n"));
    assert_eq!(analysis.references(at.unwrap()).len(), 3);
}

#[test]
fn a_let_that_names_a_metanetwork_is_a_use_of_it() {
    let (analysis, at) =
        open("env a { cidr = 10.0.0.0/20, metanetwork w$0 { routes = [internet via nat x] } }\nlet x = w\n");
    assert_eq!(places(&analysis, &analysis.references(at.unwrap())), "infra.asq:1:41 w\ninfra.asq:2:9 w\n");
}

#[test]
fn names_are_one_across_files() {
    let (analysis, at) =
        open("use other\nenv a : base$0 { cidr = 10.0.0.0/20 }\n//- other.asq\nenvtype base {}\n");
    let at = at.unwrap();
    assert_eq!(places(&analysis, &analysis.references(at)), "other.asq:1:9 base\ninfra.asq:2:9 base\n");
    let edits = analysis.rename(at, "root").unwrap();
    assert_eq!(edited(&analysis, "other.asq", &edits), "envtype root {}\n");
}

#[test]
fn an_account_called_as_an_envtype_has_names_of_its_own() {
    let text = "envtype base { metanetwork web {} }
env ci : base { cidr = 10.0.0.0/20, metanetwork web {} }
accounttype base { policy read {} }
account ci { id = \"123456789012\", policy read$0 {} }
";
    let (analysis, at) = open(text);
    let found = places(&analysis, &analysis.references(at.unwrap()));
    assert_eq!(found, "infra.asq:4:42 read\n");
}

/// A program with everything that keeps data, and what names it.
const STORES: &str = "\
project shop { region = us-west-2 }
envtype base {
  zones = 2
  metanetwork data {}
  database orders { engine = postgres, version = \"17\", class = db.m7g.large, storage = 20GB, network = data }
  cache sessions { engine = valkey, version = \"8.0\", type = cache.t4g.small, network = data }
  search logs { version = \"OpenSearch_2.19\", type = m7g.large.search, storage = 20GB, network = data }
  table users { key = \"id\" }
}
env live : base {
  cidr     = 10.0.0.0/20
  pipeline = web
  database reports { replica_of = orders, class = db.m7g.large, network = data }
  database far { replica_of = live/orders, class = db.m7g.large, network = data }
}
hostclass front { network = data, user_data = { db = database orders.endpoint, logs = search logs.port } }
pipeline web { stage { run front { desired = 1 } } }
topic critical { subscribers = [\"ops@shop.example\"] }
alarm full { namespace = \"AWS/RDS\", metric = \"FreeStorageSpace\", on = database orders, when = minimum < 5 for 1 x 5m }
";

/// The labels that are offered where `part` of [`STORES`] stands, once `typed` stands there; the cursor is at `$0`.
fn offered_for(part: &str, typed: &str) -> Vec<String> {
    assert!(STORES.contains(part), "{part}");
    let (analysis, at) = open(&STORES.replacen(part, typed, 1));
    analysis.completions(at.unwrap()).into_iter().map(|offer| offer.label).collect()
}

#[test]
fn the_source_of_a_replica_is_a_name_of_a_database() {
    let (analysis, at) = open(&STORES.replacen("database orders", "database $0orders", 1));
    let places = analysis.references(at.unwrap());
    assert_eq!(places.len(), 5, "itself, two replicas, user data, an alarm: {places:?}");
    assert_eq!(offered_for("replica_of = orders", "replica_of = $0"), ["orders", "far"]);
}

#[test]
fn what_keeps_data_is_offered_where_it_can_be_named() {
    assert_eq!(offered_for("db = database orders.endpoint", "db = $0"), ["database", "cache", "search"]);
    let ends = ["orders.endpoint", "orders.port"];
    let offered = offered_for("db = database orders.endpoint", "db = database $0");
    assert!(ends.iter().all(|end| offered.contains(&(*end).to_owned())), "{offered:?}");
    let watched = offered_for("on = database orders", "on = $0");
    assert!(["all", "front", "database", "table"].iter().all(|one| watched.contains(&(*one).to_owned())));
    assert_eq!(offered_for("on = database orders", "on = table $0"), ["users"]);
    assert_eq!(offered_for("on = database orders", "on = [cache $0]"), ["sessions"]);
}

#[test]
fn classes_and_versions_are_those_of_the_engine() {
    let all_are = |offered: Vec<String>, is_one: &dyn Fn(&str) -> bool| {
        assert!(!offered.is_empty() && offered.iter().all(|label| is_one(label)), "{offered:?}");
    };
    all_are(offered_for("class = db.m7g.large", "class = $0"), &|label| label.starts_with("db."));
    all_are(offered_for("type = cache.t4g.small", "type = $0"), &|label| label.starts_with("cache."));
    all_are(offered_for("type = m7g.large.search", "type = $0"), &|label| label.ends_with(".search"));
    all_are(offered_for("version = \"17\"", "version = $0"), &|label| label.starts_with("\"1"));
    all_are(offered_for("version = \"8.0\"", "version = $0"), &|label| label.len() < 6);
    all_are(offered_for("version = \"OpenSearch_2.19\"", "version = $0"), &|label| label.contains("earch_"));
}
