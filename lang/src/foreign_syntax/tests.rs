use super::*;

#[track_caller]
fn meant(text: &str, kind: ForeignKind, expected: &str) {
    let foreign = recognise(text, Place::Item).unwrap_or_else(|| panic!("{text}"));
    assert_eq!((foreign.kind, foreign.meant.as_deref()), (kind, Some(expected)), "{text}");
}

#[test]
fn rules_of_the_old_files() {
    meant("tcp dmz 80 443", ForeignKind::NoFrom, "tcp [80, 443] from dmz");
    meant("tcp intranet 22", ForeignKind::NoFrom, "tcp 22 from intranet");
    meant("udp all 0:65535", ForeignKind::NoFrom, "udp 0..65535 from all");
    meant("icmp 10.0.0.0/8 -1", ForeignKind::NoFrom, "icmp from 10.0.0.0/8");
    meant("icmp all 8:-1", ForeignKind::NoFrom, "icmp 8 from all");
    meant("-1 all -1", ForeignKind::NoFrom, "any from all");
    meant("-1 all 0:65535", ForeignKind::NoFrom, "any from all");
    assert_eq!(recognise("tcp dmz", Place::Item), None);
}

#[test]
fn rules_of_firewalls() {
    meant("tcp 80:443 from all", ForeignKind::Range, "tcp 80..443 from all");
    meant("tcp [22, 80-443] from all \"why\"", ForeignKind::Range, "tcp [22, 80..443] from all \"why\"");
    meant("tcp -1 from all", ForeignKind::EveryPort, "tcp from all");
    meant("-1 from all", ForeignKind::EveryProtocol, "any from all");
    meant("TCP/443 from all", ForeignKind::JoinedPort, "tcp 443 from all");
    meant("443/tcp from all", ForeignKind::JoinedPort, "tcp 443 from all");
    meant("allow tcp port 443 from all", ForeignKind::Filler, "tcp 443 from all");
    meant("tcp 80, 443 from all", ForeignKind::ManyPorts, "tcp [80, 443] from all");
    meant("tcp 443 from dmz and web", ForeignKind::Filler, "tcp 443 from [dmz, web]");
    meant("tcp from all port 443", ForeignKind::Filler, "tcp 443 from all");
    assert_eq!(recognise("tcp 443 from *", Place::Item).unwrap().meant, None);
}

#[test]
fn routes_and_ends() {
    meant("internet to igw", ForeignKind::Via, "internet via igw");
    meant("10.0.0.0/8 -> nat tunnel", ForeignKind::Via, "10.0.0.0/8 via nat tunnel");
    meant("internet via \"igw\"", ForeignKind::Quoted, "internet via igw");
    meant("a/b -> c/d", ForeignKind::Link, "a/b <-> c/d");
    meant("vpc1:ci/intranet vpc2:ci/intranet", ForeignKind::Link, "vpc1/intranet <-> vpc2/intranet");
    meant("a:b <-> c:d", ForeignKind::ColonPath, "a/b <-> c/d");
}

#[test]
fn literals() {
    meant("0:65535", ForeignKind::Range, "0..65535");
    meant("0 - 65535", ForeignKind::Range, "0..65535");
    meant("5 min", ForeignKind::Unit, "5m");
    meant("200 GB", ForeignKind::Unit, "200GB");
    meant("10 %", ForeignKind::Unit, "10%");
    meant("/20", ForeignKind::NoAuto, "auto /20");
    meant("auto 20 in 10.0.0.0/8", ForeignKind::AutoSize, "auto /20 in 10.0.0.0/8");
    meant("10.0.0.0/255.255.0.0", ForeignKind::Netmask, "10.0.0.0/16");
    meant("80 443", ForeignKind::Commas, "80, 443");
    assert_eq!(recognise("10.0.0.0/255.0.255.0", Place::Item), None);
}
