use super::*;

/// Every place in which a word may stand, with its rows.
const TABLES: &[(Slot<'_>, &[AwsWord])] = &[
    (Slot::RouteTarget, values::ROUTE_TARGETS),
    (Slot::Source, values::SOURCES),
    (Slot::Block, values::BLOCKS),
    (Slot::Protocol, values::PROTOCOLS),
    (Slot::Listener, values::LISTENERS),
    (Slot::Word(&["CNAME", "application", "gp3", "cpu", "balancer", "blue_green"]), values::WORDS),
    (Slot::Kind, kinds::KINDS),
];

#[test]
fn every_spelling_is_written_as_it_is_looked_up() {
    for (slot, rows) in TABLES {
        for word in rows.iter().flat_map(|row| row.spellings) {
            assert!(help(*slot, word).is_some(), "{slot:?}: `{word}`");
        }
    }
    let fields = [network_fields::FIELDS, machine_fields::FIELDS, service_fields::FIELDS];
    for row in fields.into_iter().flatten() {
        for (word, kind) in row.spellings.iter().zip(row.among.iter().cycle()) {
            assert!(help(Slot::Field(kind), word).is_some(), "`{word}` of `{kind}`");
        }
    }
}

#[test]
fn every_spelling_stands_once() {
    for (slot, rows) in TABLES.iter().filter(|(slot, _)| !matches!(slot, Slot::Word(_))) {
        let mut seen = std::collections::BTreeSet::new();
        for word in rows.iter().flat_map(|row| row.spellings) {
            assert!(seen.insert(word), "{slot:?}: `{word}` twice");
        }
    }
}

#[test]
fn a_word_is_looked_up_however_it_is_spelt() {
    let tgw = Some("transit gateways are not known to asiaq yet".to_owned());
    for word in ["tgw", "TGW", "transit-gateway", "transit_gateway"] {
        assert_eq!(help(Slot::RouteTarget, word), tgw, "{word}");
    }
    assert_eq!(help(Slot::Kind, "aws_flow_log"), Some("flow logs are not known to asiaq yet".to_owned()));
    assert_eq!(help(Slot::RouteTarget, "tunnel"), None);
}

#[test]
fn an_id_is_known_by_its_prefix() {
    assert!(is_id("pl-0123456789") && is_id("sg-0123abcd") && is_id("tgw-attach-0123456789abcdef0"));
    assert!(!is_id("pl-office") && !is_id("front-0123abcd") && !is_id("sg-12"));
    let help = help(Slot::RouteTarget, "tgw-0123456789abcdef0");
    assert_eq!(help, Some("transit gateways by id are not known to asiaq yet".to_owned()));
}
