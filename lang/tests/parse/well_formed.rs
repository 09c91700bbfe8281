//! Text without mistakes.

use crate::check;

#[test]
fn a_declaration_has_a_kind_a_name_a_parent_and_a_body() {
    check(
        "
env ci
hostclass mhclogger : service
env demo : sandbox { zones = 2 }
envtype base {
  dhcp { dns = [amazon] }
  replace metanetwork dmz : wide { nat = auto }
  replace dhcp { ntp = +5 }
}
peering ops_ci = staging/tunnel <-> ci/intranet
",
        "
env ci
hostclass mhclogger : service
env demo : sandbox
  zones = (int 2)
envtype base
  dhcp
    dns = [amazon]
  replace metanetwork dmz : wide
    nat = (auto)
  replace dhcp
    ntp = (offset +5)
peering ops_ci = (link (path staging tunnel) (path ci intranet))
",
    );
}

#[test]
fn a_body_may_open_on_the_next_line() {
    check(
        "
env ci : sandbox // the first
// one
{
  zones = 2
}
env demo {}
",
        "
env ci : sandbox
  zones = (int 2)
env demo
comment // the first
comment // one
",
    );
}

#[test]
fn commas_and_line_breaks_separate_in_any_mix() {
    check(
        "env a { x = 1, y = 2,\n z = 3,\n\n }\nlet l = [1, 2\n 3,\n 4,\n]\nlet e = []",
        "
env a
  x = (int 1)
  y = (int 2)
  z = (int 3)
let l = [(int 1), (int 2), (int 3), (int 4)]
let e = []
",
    );
}

#[test]
fn a_field_has_a_context_and_an_operator() {
    check(
        "
hostclass h {
  eip@ci = 5.5.5.5
  eip@[ci, staging] = 1.3.3.7
  routes += [internet via igw]
  @staging { chaos = false, elb { idle_timeout = 600s } }
  @[ci
    demo] { chaos = true }
}
",
        "
hostclass h
  eip@[ci] = (ip 5.5.5.5)
  eip@[ci, staging] = (ip 1.3.3.7)
  routes += [(route internet via igw)]
  @[staging]
    chaos = false
    elb
      idle_timeout = (quantity 600 s)
  @[ci, demo]
    chaos = true
",
    );
}

#[test]
fn a_value_goes_on_after_an_operator() {
    check(
        "
let a =
  5
let b = 1 ..
  // the end
  6
let c = tunnel +
  5
let d = tcp 22 from
  maintenance
let e = internet via
  nat tunnel
let f = auto /20 in
  10.0.0.0/8
peering p = a/x <->

  b/y
let g = [
  tunnel
  +5
]
env h : base { routes +=
  [internet via igw] }
",
        "
let a = (int 5)
let b = (range (int 1) (int 6))
let c = (sum tunnel +5)
let d = (rule tcp ports (int 22) from maintenance)
let e = (route internet via nat tunnel)
let f = (auto /20 in (cidr 10.0.0.0/8))
peering p = (link (path a x) (path b y))
let g = [tunnel, (offset +5)]
env h : base
  routes += [(route internet via igw)]
comment // the end
",
    );
}

#[test]
fn numbers_are_told_apart() {
    check(
        "let l = [5, 0.5, 300s, 200GB, 33.3%, 10.0.0.5, 10.0.0.0/16, 05..07, 1000..1006, 1 .. 2, 20GB..64TB, 0.5..33.3%]
let wrong = [10.0.300, 1.2.3.4.5/33, 10/8, 10.0.0.0..10.0.0.5]",
        "
let l = [(int 5), (number 0.5), (quantity 300 s), (quantity 200 GB), (quantity 33.3 %), (ip 10.0.0.5), (cidr 10.0.0.0/16), (range (int 05) (int 07)), (range (int 1000) (int 1006)), (range (int 1) (int 2)), (range (quantity 20 GB) (quantity 64 TB)), (range (number 0.5) (quantity 33.3 %))]
let wrong = [(ip 10.0.300), (cidr 1.2.3.4.5/33), (cidr 10/8), (range (ip 10.0.0.0) (ip 10.0.0.5))]
",
    );
}

#[test]
fn offsets_and_sums() {
    check(
        "let l = [+5, -2, tunnel + 5, tunnel +5, tunnel+5, tunnel - 2, tunnel -2, tunnel-2, + 5]",
        "
let l = [(offset +5), (offset -2), (sum tunnel +5), (sum tunnel +5), (sum tunnel +5), (sum tunnel -2), (sum tunnel -2), tunnel-2, (offset +5)]
",
    );
}

#[test]
fn names_hold_dashes_and_dots_and_end_in_neither() {
    check(
        "let l = [us-west-2, m3.large, db.m4.2xlarge, oracle-se2, _x, a--b, T, true, a..b]\nlet p = staging/tunnel",
        "
let l = [us-west-2, m3.large, db.m4.2xlarge, oracle-se2, _x, a--b, T, true, (range a b)]
let p = (path staging tunnel)
",
    );
}

#[test]
fn strings_have_escapes_and_interpolation() {
    check(
        r#"let l = ["", "plain // no comment", "\"\\\n\t\$", "a ${env.name}${ project.region }$ $x \${y}", "{[", "ü→"]"#,
        r#"
let l = [(string ), (string "plain // no comment"), (string "\"\\\n\t$"), (string "a " ${env.name} ${project.region} "$ $x ${y}"), (string "{["), (string "ü→")]
"#,
    );
}

#[test]
fn allocations() {
    check(
        "let l = [auto, auto /22, auto/22, auto /20 in 10.0.0.0/8, auto in pool]",
        "
let l = [(auto), (auto /22), (auto /22), (auto /20 in (cidr 10.0.0.0/8)), (auto in pool)]
",
    );
}

#[test]
fn rules() {
    check(
        r#"let l = [
  tcp from all
  tcp 22 from maintenance
  tcp [80, 443] from all "why"
  tcp 1000..1006 from [internet, 10.0.0.0/8]
  tcp ops from staging/tunnel
  icmp from 10.0.0.0/8
  icmp echo-request from all
  proto 50 from all
  proto 50 443 from all
  any from internet
]"#,
        r#"
let l = [(rule tcp from all), (rule tcp ports (int 22) from maintenance), (rule tcp ports [(int 80), (int 443)] from all why (string "why")), (rule tcp ports (range (int 1000) (int 1006)) from [internet, (cidr 10.0.0.0/8)]), (rule tcp ports ops from (path staging tunnel)), (rule icmp from (cidr 10.0.0.0/8)), (rule icmp ports echo-request from all), (rule proto number (int 50) from all), (rule proto number (int 50) ports (int 443) from all), (rule any from internet)]
"#,
    );
}

#[test]
fn routes() {
    check(
        "let l = [internet via igw, 10.0.0.0/8 via vgw, office via nat tunnel]",
        "
let l = [(route internet via igw), (route (cidr 10.0.0.0/8) via vgw), (route office via nat tunnel)]
",
    );
}

#[test]
fn records_and_nested_lists() {
    check(
        "let l = [{ a = 1, b = [2, [3]] }, {}]\nlet r = {\n  a = { b = c }\n  d += 1\n}",
        "
let l = [{a = (int 1), b = [(int 2), [(int 3)]]}, {}]
let r = {a = {b = c}, d += (int 1)}
",
    );
}

#[test]
fn words_are_keywords_only_in_their_place() {
    check(
        "
env from : via { in = from, at = via, let = in, use = 5, kind = tcp, expect { or = where }, replace = replace }
hostclass use { from = tcp from from, via = via via via, auto = auto in in }
let let = let
let expect = [from, in, via]
",
        "
env from : via
  in = from
  at = via
  let = in
  use = (int 5)
  kind = tcp
  expect
    or = where
  replace = replace
hostclass use
  from = (rule tcp from from)
  via = (route via via via)
  auto = (auto in in)
let let = let
let expect = [from, in, via]
",
    );
}

#[test]
fn expectations() {
    check(
        "
expect production {
  internet cannot reach intranet
  dmz      can   reach  intranet:443 // the front
  ci/tunnel can reach intranet : 1000..1006, 10.0.0.0/8 can reach dmz
}
",
        "
expect production
  internet cannot reach intranet
  dmz can reach intranet on (int 443)
  (path ci tunnel) can reach intranet on (range (int 1000) (int 1006))
  (cidr 10.0.0.0/8) can reach dmz
comment // the front
",
    );
}

#[test]
fn kinds() {
    check(
        "
/// A managed relational database.
kind database in env, envtype {
  /// Storage to allocate.
  storage: Size where 20GB..64TB
  /// What runs.
  engine: enum { postgres, mysql,
    oracle-se2 }
  multi_az: Bool = true
  backups: Duration = 1d where 0d..35d
  subnets: [Cidr]?, at: [[Ip?]], text: String = \"x\"
}
kind topic {}
kind stage in env : active, named s3 dynamodb {}
kind step : active {}
",
        r#"
/// A managed relational database.
kind database in [env, envtype]
  /// Storage to allocate.
  storage: Size where (range (quantity 20 GB) (quantity 64 TB))
  /// What runs.
  engine: enum { postgres, mysql, oracle-se2 }
  multi_az: Bool = true
  backups: Duration = (quantity 1 d) where (range (quantity 0 d) (quantity 35 d))
  subnets: [Cidr]?
  at: [[Ip?]]
  text: String = (string "x")
kind topic in []
kind stage in [env] : active, named s3 dynamodb
kind step in [] : active
"#,
    );
}

#[test]
fn library_and_file_paths() {
    check(
        "use std/classic // four networks\nuse \"network.asq\"\nuse network",
        "
use std/classic
use network.asq
use network
comment // four networks
",
    );
}

#[test]
fn a_let_may_have_a_type() {
    check(
        "let office: Cidr = 54.201.1.1/32\nlet ops : [Port]? = [22]",
        "
let office: Cidr = (cidr 54.201.1.1/32)
let ops: [Port]? = [(int 22)]
",
    );
}
