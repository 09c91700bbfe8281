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
    assert_eq!(recognise("10.0.0.0/255.0.255.0", Place::Item).unwrap().meant, None);
}

#[test]
fn addresses() {
    meant("tcp 80 from 10.0.0.0/255.255.0.0", ForeignKind::Netmask, "tcp 80 from 10.0.0.0/16");
    meant("tcp 80 from 10.0.0.0 255.255.0.0", ForeignKind::Netmask, "tcp 80 from 10.0.0.0/16");
    meant("tcp 80, 443 from 10.0.0.0/255.0.0.0", ForeignKind::Netmask, "tcp [80, 443] from 10.0.0.0/8");
    meant("10.0.0.0/255.0.0.0 via vgw", ForeignKind::Netmask, "10.0.0.0/8 via vgw");
    meant("tcp 80 from 10.0.0.0-10.0.255.255", ForeignKind::AddressRange, "tcp 80 from 10.0.0.0/16");
    meant("tcp 80 from 10.0.1.*", ForeignKind::AddressRange, "tcp 80 from 10.0.1.0/24");
    meant("tcp 80 from 10.*", ForeignKind::AddressRange, "tcp 80 from 10.0.0.0/8");
    for unclear in ["tcp 80 from 10.0.0.0/255.0.255.0", "tcp 80 from 10.0.0.1-10.0.0.9"] {
        assert_eq!(recognise(unclear, Place::Item).unwrap().meant, None, "{unclear}");
    }
}

#[test]
fn sources_that_are_none() {
    let kind = |text: &str| recognise(text, Place::Item).map(|found| (found.kind, found.meant));
    assert_eq!(kind("tcp 80 from lb a"), Some((ForeignKind::MachineSource, None)));
    assert_eq!(kind("tcp 80 from hostclass a, lb b"), Some((ForeignKind::MachineSource, None)));
    assert_eq!(kind("tcp 80 from internet except 10.0.0.0/8"), Some((ForeignKind::Exception, None)));
    assert_eq!(kind("tcp 80 from not dmz"), Some((ForeignKind::Exception, None)));
    meant("tcp 80 from lb, dmz", ForeignKind::ManySources, "tcp 80 from [lb, dmz]");
}

#[test]
fn listeners() {
    let meant = |text: &str| recognise(text, Place::Listener).and_then(|found| found.meant);
    for (text, expected) in [
        ("http 80:8080", "http 80 -> http 8080"),
        ("http 80 8080", "http 80 -> http 8080"),
        ("HTTPS:443:HTTP:80", "https 443 -> http 80"),
        ("https 443 http 80", "https 443 -> http 80"),
        ("443/https", "https 443"),
        ("80/http:8080/http", "http 80 -> http 8080"),
        ("http:80", "http 80"),
        ("http:80 -> http:8080", "http 80 -> http 8080"),
        ("tcp 25:2500", "tcp 25 -> tcp 2500"),
        ("udp 53:5353", "udp 53 -> udp 5353"),
    ] {
        assert_eq!(meant(text).as_deref(), Some(expected), "{text}");
    }
    for none in [
        "80:8080",
        "80-8080",
        "80 to 8080",
        "80=>8080",
        "https 443:8443",
        "http 80 redirect https 443",
        "http 80 => https 443",
        "front 80 8080",
        "80 81 82",
    ] {
        assert!(!meant(none).is_some_and(|meant| meant.contains("->")), "{none}");
    }
    let kind = |text: &str| recognise(text, Place::Listener).map(|found| found.kind);
    for mapping in ["80:8080", "80-8080", "80 to 8080", "80=>8080", "https 443:8443"] {
        assert_eq!(kind(mapping), Some(ForeignKind::Mapping), "{mapping}");
    }
}
