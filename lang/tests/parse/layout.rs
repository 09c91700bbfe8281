//! Documentation, line ends and whole files without mistakes.

use crate::{check, shown::shown};

#[test]
fn documentation_may_be_indented_and_stand_behind_something() {
    check(
        "
let x = 1 /// The first.
env a
  /// The second.
env b
",
        "
let x = (int 1)
/// The first.
env a
/// The second.
env b
",
    );
}

#[test]
fn documentation_belongs_to_what_follows() {
    check(
        "
/// The first
///   network.
// not this
/// Still.

env a {
  /// Zones.
  zones = 3 // three

  /// DHCP.
  dhcp { /// inside
    dns = [/// no
      amazon]
    /// nothing follows
  }
  /// An override has none.
  @ci { }
}
/// Office.
let x = 1
//// a line
/// at the end
",
        "
/// The first
///   network.
/// Still.
env a
  /// Zones.
  zones = (int 3)
  /// DHCP.
  dhcp
    /// inside
    dns = [amazon]
  @[ci]
/// Office.
let x = (int 1)
comment // not this
comment // three
comment /// no
comment /// nothing follows
comment /// An override has none.
comment //// a line
comment /// at the end
",
    );
}

#[test]
fn any_line_ending_and_tabs() {
    check(
        "\u{feff}env a {\r\n\tx\t=\t1\r\n\ty = [\r\n1\r2\r\n]\r\n}\r\n// end\r\n",
        "
env a
  x = (int 1)
  y = [(int 1), (int 2)]
comment // end
",
    );
}

#[test]
fn an_empty_file() {
    check("", "");
    check(
        "\n\n// only this\n",
        "
comment // only this
",
    );
}

#[test]
fn a_whole_network() {
    check(
        r#"
/// Two environments of one shape.
use std/classic

project shop {
  region         = eu-west-1
  domain         = "shop.example"
  domain@preview = "preview.${project.region}.shop.example"
}

let office = 198.51.100.7/32

envtype shape : classic {
  zones = 3
  dhcp { domain_name = "internal", dns = [amazon], ntp = [bastion + 5] }
  metanetwork bastion { routes = [internet via igw], nat = auto }
  metanetwork front {
    cidr = auto /24               // a whole block
    ingress = [
      tcp [80, 443] from internet
      tcp from bastion, udp 123 from all "time"
    ]
    routes += [office via igw]
  }
  customer { ports = [443, 11200..11210], from = [internet] }
}

env live    : shape { cidr = 10.102.0.0/16, protect = true }
env preview : shape { cidr = auto /20 in 10.128.0.0/9 }

peering both = live/front <-> preview/front

expect live {
  internet cannot reach bastion
  front can reach back:5432
}
"#,
        r#"
use std/classic
project shop
  region = eu-west-1
  domain = (string "shop.example")
  domain@[preview] = (string "preview." ${project.region} ".shop.example")
let office = (cidr 198.51.100.7/32)
envtype shape : classic
  zones = (int 3)
  dhcp
    domain_name = (string "internal")
    dns = [amazon]
    ntp = [(sum bastion +5)]
  metanetwork bastion
    routes = [(route internet via igw)]
    nat = (auto)
  metanetwork front
    cidr = (auto /24)
    ingress = [(rule tcp ports [(int 80), (int 443)] from internet), (rule tcp from bastion), (rule udp ports (int 123) from all why (string "time"))]
    routes += [(route office via igw)]
  customer
    ports = [(int 443), (range (int 11200) (int 11210))]
    from = [internet]
env live : shape
  cidr = (cidr 10.102.0.0/16)
  protect = true
env preview : shape
  cidr = (auto /20 in (cidr 10.128.0.0/9))
peering both = (link (path live front) (path preview front))
expect live
  internet cannot reach bastion
  front can reach back on (int 5432)
comment /// Two environments of one shape.
comment // a whole block
"#,
    );
}

#[test]
fn conditions_and_times_go_on_over_line_breaks() {
    let whole = shown(
        "let a = average <\n1 or\nsum >=\n-2 for\n5 x\n5m\nlet b = 3 at\n\"0 6 * * *\"\nlet c = 443 ->\n80\n",
    );
    assert_eq!(
        whole,
        shown("let a = average < 1 or sum >= -2 for 5 x 5m\nlet b = 3 at \"0 6 * * *\"\nlet c = 443 -> 80\n")
    );
    assert!(!whole.contains("(error)"), "{whole}");
}
