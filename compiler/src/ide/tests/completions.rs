//! Tests of completions.

use std::fmt::Write as _;

use super::{open, shop};
use crate::ide::Insert;

/// Completions at the cursor, one per line: the replaced text, then the inserted text.
fn offered(analysis: &super::Analysis, at: super::Offset) -> String {
    let mut text = String::new();
    for offer in analysis.completions(at) {
        let insert = match &offer.insert {
            Insert::Plain(text) => format!("{text:?}"),
            Insert::Snippet(text) => format!("snippet {text:?}"),
        };
        let replaced = analysis.sources().slice(offer.replace);
        let detail = offer.detail.as_deref().unwrap_or("");
        writeln!(text, "{:<14} {:?} {replaced:?} -> {insert} {detail}", offer.label, offer.kind).unwrap();
    }
    text
}

/// Labels of the completions, in order.
fn labels(text: &str) -> Vec<String> {
    let (analysis, at) = open(text);
    analysis.completions(at.expect("a cursor")).into_iter().map(|offer| offer.label).collect()
}

/// Labels of the completions after `more` at the end of the program.
fn after(more: &str) -> Vec<String> {
    labels(&format!("{}{more}", super::SHOP))
}

#[test]
fn the_top_of_a_file_has_declarations() {
    let (analysis, at) = open("$0");
    insta::assert_snapshot!(offered(&analysis, at.unwrap()));
}

#[test]
fn a_body_has_what_it_does_not_say_yet() {
    let (analysis, at) =
        shop("env ci : sandbox {}", "env ci : sandbox {\n  protect = true\n  z$0\n  region = us-east-1\n}");
    insta::assert_snapshot!(offered(&analysis, at));
    let (analysis, at) =
        shop("metanetwork web { cidr = auto /22 }", "metanetwork web { cidr = auto /22, $0 }");
    insta::assert_snapshot!(offered(&analysis, at));
    let (analysis, at) = open("project shop { $0 }");
    insta::assert_snapshot!(offered(&analysis, at.unwrap()));
}

#[test]
fn an_override_block_has_fields_and_blocks() {
    let offered = after("hostclass x { @ci { $0 } }");
    for name in ["network", "ip", "eip", "public_ip", "disk", "smoke_test", "allow"] {
        assert!(offered.iter().any(|found| found == name), "{name}: {offered:?}");
    }
}

#[test]
fn values_are_of_the_type_that_is_wanted() {
    assert_eq!(after("env x { protect = $0 }"), ["true", "false"]);
    assert_eq!(after("env x : base { protect = tr$0ue }"), ["true", "false"]);
    assert_eq!(after("hostclass x { network = $0 }"), ["intranet", "tunnel", "dmz", "maintenance", "web"]);
    assert!(after("env x { region = us-$0").contains(&"us-west-2".to_owned()));
    assert_eq!(after("env x { cidr = $0"), ["auto /20 in 10.0.0.0/8", "office"]);
    assert_eq!(after("env x { metanetwork y { cidr = $0"), ["auto", "auto /24", "office"]);
    assert_eq!(
        after("env x : base { dhcp { ntp = [$0] } }"),
        ["intranet +", "tunnel +", "dmz +", "maintenance +", "web +"]
    );
    assert_eq!(after("env x { dhcp { dns = $0 } }"), ["[amazon]", "[ ]"]);
}

#[test]
fn the_parts_of_a_move_are_offered() {
    assert_eq!(
        after("moved $0"),
        ["alarm", "cache", "database", "env", "hostclass", "metanetwork", "topic", "zone"]
    );
    let hostclasses = after("hostclass x : service {}\nmoved hostclass old -> $0");
    assert!(hostclasses.contains(&"x".to_owned()), "{hostclasses:?}");
    let again = after("hostclass x : service {}\nmoved hostclass x -> $0");
    assert!(!again.contains(&"x".to_owned()), "{again:?}");
    assert_eq!(after("moved hostclass $0"), [""; 0], "nothing declares the old name");
    assert_eq!(after("moved hostclass old $0"), ["->"]);
    assert_eq!(after("moved metanetwork ci/old $0"), ["->"]);
    let environments = after("moved env old -> $0");
    assert!(environments.contains(&"ci".to_owned()) && !environments.contains(&"base".to_owned()));
    assert!(after("moved metanetwork $0").contains(&"ci/".to_owned()));
    assert_eq!(after("moved metanetwork ci/old -> $0"), ["ci/"]);
    assert_eq!(after("moved metanetwork ci/old -> ci/$0"), after("expect ci { intranet can reach ci/$0 }"));
    assert_eq!(after("env x { zone z { domain = \"z.example\" } }\nmoved zone x/y -> x/$0"), ["z"]);
}

#[test]
fn rules_are_offered_part_by_part() {
    assert_eq!(
        after("env x : base {\n  metanetwork y {\n    ingress = [$0"),
        ["tcp", "udp", "icmp", "any", "proto", "ssh"]
    );
    assert_eq!(after("env x : base { metanetwork y { ingress = [tcp $0] } }"), ["from", "ops"]);
    assert_eq!(after("env x : base { metanetwork y { ingress = [tcp [$0] from all] } }"), ["ops"]);
    assert_eq!(after("env x : base { metanetwork y { ingress = [tcp 22 $0] } }"), ["from"]);
    assert_eq!(
        after("env x : sandbox { metanetwork y { ingress = [tcp 22 from $0] } }"),
        ["y", "intranet", "tunnel", "dmz", "maintenance", "web", "all", "internet", "office"]
    );
    assert_eq!(
        after("env x : classic { metanetwork y { ingress = [tcp 22 from [all, $0] } }"),
        ["y", "intranet", "tunnel", "dmz", "maintenance", "all", "internet", "office"]
    );
    assert_eq!(
        after("env x { metanetwork y { ingress = [tcp 22 from live/$0] } }")[..2],
        ["intranet", "tunnel"]
    );
    assert_eq!(after("let x = udp 53 from $0")[..2], ["intranet", "tunnel"]);
}

#[test]
fn peers_are_sources_where_a_peering_joins_them() {
    let (analysis, at) = shop("tcp 8080 from ci/web", "tcp 8080 from $0");
    let labels: Vec<String> = analysis.completions(at).into_iter().map(|offer| offer.label).collect();
    assert!(labels.contains(&"ci/web".to_owned()), "{labels:?}");
}

#[test]
fn routes_are_offered_part_by_part() {
    assert_eq!(
        after("env x : base { metanetwork y { routes = [$0] } }"),
        ["internet via igw", "internet via nat tunnel", "internet", "office"]
    );
    assert_eq!(after("env x : base { metanetwork y { routes = [office $0] } }"), ["via"]);
    assert_eq!(
        after("env x : base { metanetwork y { routes = [office via $0] } }"),
        ["igw", "vgw", "nat tunnel", "nat"]
    );
    assert_eq!(after("env x : base { metanetwork y { routes = [office via nat $0] } }")[..1], ["tunnel"]);
}

#[test]
fn environments_follow_an_at_sign() {
    let all = ["ci", "qa", "live", "base", "classic", "sandbox"];
    assert_eq!(after("hostclass x { eip@$0"), all);
    assert_eq!(after("hostclass x { eip@c$0 = 203.0.113.1 }"), all);
    assert_eq!(after("hostclass x { eip@[ci, $0] = 203.0.113.1 }"), all);
    assert_eq!(after("hostclass x { @$0 }"), all);
    assert_eq!(after("expect $0"), all);
}

#[test]
fn parents_are_of_the_kind() {
    assert_eq!(after("env x : $0"), ["base", "classic", "sandbox"]);
    assert_eq!(after("envtype sandbox2 : ba$0 {}"), ["base", "classic", "sandbox"]);
    assert_eq!(after("hostclass x : $0 {}"), ["front", "service"]);
    assert_eq!(after("account x : $0"), Vec::<String>::new());
}

#[test]
fn names_of_what_is_inherited_follow_its_kind() {
    assert_eq!(after("env x : classic {\n  metanetwork $0\n}"), ["intranet", "tunnel", "dmz", "maintenance"]);
    assert_eq!(
        after("env x : classic { replace $0 }"),
        [
            "cache",
            "customer",
            "database",
            "dhcp",
            "endpoint",
            "metanetwork",
            "search",
            "secret",
            "table",
            "zone"
        ]
    );
    assert_eq!(after("env x : classic { endpoint $0 }"), ["dynamodb", "s3"]);
}

#[test]
fn paths_follow_use() {
    let (analysis, at) = open("use networks\nuse std/cl$0\n//- networks.asq\nlet a = 1\n");
    insta::assert_snapshot!(offered(&analysis, at.unwrap()));
}

#[test]
fn variables_are_offered_in_texts_only() {
    let (analysis, at) = open("project p { team = \"${$0\" }");
    insta::assert_snapshot!(offered(&analysis, at.unwrap()));
    let (analysis, at) = open("project p { team = \"${en$0v.nam} x\" }");
    insta::assert_snapshot!(offered(&analysis, at.unwrap()));
    let (analysis, at) = open("project p { team = \"a $$0\" }");
    insta::assert_snapshot!(offered(&analysis, at.unwrap()));
    assert_eq!(labels("project p { team = \"env$0\" }"), Vec::<String>::new());
}

#[test]
fn comments_and_texts_have_no_offers() {
    assert_eq!(labels("// en$0"), Vec::<String>::new());
    assert_eq!(labels("/// en$0\n"), Vec::<String>::new());
    assert_eq!(labels("let a = \"x\" // $0"), Vec::<String>::new());
}

#[test]
fn claims_are_offered_part_by_part() {
    assert_eq!(after("expect live { $0 }")[..3], ["intranet", "tunnel", "dmz"]);
    assert_eq!(after("expect live { internet $0 }"), ["can reach", "cannot reach"]);
    assert_eq!(after("expect live { internet can $0 }"), ["reach"]);
    assert!(after("expect live { internet cannot reach $0 }").contains(&"web".to_owned()));
}

#[test]
fn units_follow_numbers() {
    assert_eq!(labels("let a: Duration = 30$0"), ["30s", "30m", "30h", "30d"]);
    assert_eq!(labels("let a: Size = 20G$0"), ["20GB", "20TB"]);
    assert_eq!(labels("project p { region = 3$0 }"), Vec::<String>::new());
}

#[test]
fn types_follow_the_name_of_a_let() {
    assert_eq!(labels("let a: $0")[..3], ["AccountId", "Address", "Allocation"]);
}

#[test]
fn peerings_join_environments() {
    assert_eq!(after("peering x = $0"), ["ci", "qa", "live", "base", "classic", "sandbox"]);
    assert_eq!(after("peering x = ci/$0").len(), 5);
    assert_eq!(after("peering x = ci/web $0"), ["<->"]);
    assert_eq!(after("peering x = ci/web <-> $0").len(), 6);
}

#[test]
fn an_unclosed_list_or_body_does_not_swallow_what_follows() {
    assert_eq!(
        labels("env a {\n  metanetwork b {\n    routes = [\n    ingr$0 = []\n  }\n}\n")[..1],
        ["cidr"],
    );
    // The body of `b` was never closed, and the line shows that it has ended.
    let found = labels("env a {\n  metanetwork b {\n    nat = auto\n\n  prot$0\n");
    assert!(found.contains(&"protect".to_owned()), "{found:?}");
    assert!(labels("env a {\n  zones = 3\n\nhostc$0").contains(&"hostclass".to_owned()));
    // `cidr` has no value yet: the next line is not its value.
    let found = labels("env a {\n  cidr =\n  metanetwork b { ingress = [tcp 80 from $0] }\n}\n");
    assert!(found.contains(&"internet".to_owned()), "{found:?}");
}

#[test]
fn a_let_is_offered_where_its_value_fits() {
    let text = "let a = 10.0.0.0/8\nlet b = [a, 192.168.0.0/16]\nlet c = 443\nlet d = auto\nlet e = $0";
    let found = labels(text);
    assert!(!found.contains(&"e".to_owned()) && found.contains(&"b".to_owned()), "{found:?}");
    let text =
        "let a = 10.0.0.0/8\nlet b = [a, 192.168.0.0/16]\nlet c = 443\nenv x { customer { from = [$0] } }";
    assert_eq!(labels(text), ["all", "internet", "a", "b"]);
}

#[test]
fn codes_of_warnings_are_offered_in_an_allow() {
    assert!(after("allow($0)\nenv x {}").contains(&"unused-nat".to_owned()));
    assert!(after("env x {\n  allow(unused-nat, $0)").contains(&"unused-nat".to_owned()));
    assert_eq!(after("env x {\n  allow(unused-nat) metanetwork y { nat = $0 } }"), ["auto", "one"]);
    assert!(after("env x {\n  allow(unused-nat)\n  z$0 }").contains(&"zones".to_owned()));
}

/// Folder and name of the path that is being typed.
fn path(text: &str) -> Option<(String, String)> {
    let (analysis, at) = open(text);
    let typed = analysis.typed_path(at.expect("a cursor"))?;
    Some((typed.folder, analysis.sources().slice(typed.name).to_owned()))
}

#[test]
fn a_path_is_typed_only_after_file() {
    let typed = |folder: &str, name: &str| Some((folder.to_owned(), name.to_owned()));
    assert_eq!(path("hostclass web { script = file \"$0\" }"), typed("", ""));
    assert_eq!(path("hostclass web { script = file \"bo$0ot.sh\" }"), typed("", "boot.sh"));
    assert_eq!(path("hostclass web { script = file \"../init/b$0"), typed("../init/", "b"));
    assert_eq!(path("let boot = file \"in$0it/boot.sh\""), typed("", "init"));
    assert_eq!(path("hostclass web { script = file \"boot.sh\"$0 }"), None);
    assert_eq!(path("hostclass web { script = \"bo$0ot.sh\" }"), None);
    assert_eq!(path("hostclass web { script = file $0 }"), None);
    assert_eq!(path("// file \"bo$0\""), None);
    assert_eq!(path("let boot = file \"é$0é/x\""), typed("", "éé"));
}
