//! Tests of hover texts.

use super::{open, places, shop_at};

/// Place and hover text of the symbol at the cursor in [`super::SHOP`].
fn told(what: &str) -> String {
    let (analysis, at) = shop_at(what);
    match analysis.hover(at) {
        Some(hover) => format!("{what}\n\n{}\n{}", places(&analysis, &[hover.span]), hover.markdown),
        None => format!("{what}\n\nnothing"),
    }
}

macro_rules! told {
    ($($name:ident: $what:literal),+ $(,)?) => { $(
        #[test]
        fn $name() {
            insta::assert_snapshot!(told($what));
        }
    )+ };
}

told! {
    a_kind_is_told_with_its_fields: "/// Where the services are.\n  metanet$0work",
    a_field_is_told_with_its_values: "zo$0nes = 2",
    a_field_of_a_metanetwork_is_told_with_its_values: "metanetwork web { ingr$0ess += ",
    an_overridden_field_is_told_with_its_values: "ei$0p@live",
    an_environment_is_told_in_short: "env l$0ive",
    an_envtype_is_told_with_its_heirs: "envtype bas$0e",
    a_hostclass_is_told_where_it_lives: "hostclass fro$0nt",
    a_let_is_told_with_its_value: "tcp ops from off$0ice",
    an_inherited_metanetwork_is_told_with_its_documentation: "internet via nat tun$0nel",
    a_metanetwork_of_the_library_is_told: "ntp = [tun$0nel + 5]",
    an_offset_is_told_as_an_address: "ntp = [tunnel + $05]",
    an_address_of_a_hostclass_is_told: "ip       = +$05",
    a_share_is_told_as_a_block: "cidr = au$0to /22",
    a_pool_is_told_as_a_block: "auto /2$00 in",
    nat_gateways_are_told: "nat = au$0to",
    a_block_is_told_in_numbers: "198.51.1$000.0/28",
    a_rule_is_told_in_words: "t$0cp [80, 443] from all",
    a_route_is_told_in_words: "internet via ig$0w",
    a_variable_is_told_for_each_environment: "${env.na$0me}",
    a_text_is_told_for_each_environment: "${project.name}.inter$0nal",
    a_peering_is_told_with_its_ends: "peering bui$0lds",
    a_region_is_told_with_its_zones: "us-we$0st-2",
    a_template_is_told_with_what_it_declares: "use std/cl$0assic",
    a_peer_is_told_for_its_environment: "tcp 8080 from ci/we$0b",
}

#[test]
fn times_and_amounts_are_told_in_full() {
    let told = |text: &str| {
        let (analysis, at) = open(text);
        analysis.hover(at.unwrap()).unwrap().markdown
    };
    assert_eq!(told("let a = 90m$0"), "`90m`: 1 hour 30 minutes (5400 s)");
    assert_eq!(told("let a = $02TB"), "`2TB`: 2048 GiB");
    assert_eq!(told("let a = 10$000..1005"), "`1000..1005`: 6 values");
}

#[test]
fn what_is_nothing_is_not_told() {
    for text in ["$0", "env a {\n  $0\n}", "let a = $0 ", "// a$0"] {
        let (analysis, at) = open(text);
        assert_eq!(analysis.hover(at.unwrap()), None, "{text}");
    }
}
