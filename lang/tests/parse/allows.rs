//! `allow(…)`: where it may stand, what it covers, and what a broken one costs.

use crate::check;

#[test]
fn it_covers_the_item_or_member_that_follows() {
    check(
        "
allow(a, b-c) env one { x = 1 }

allow(d)
// between
/// About two.
env two {
  allow(e)

  x = 1
  y = 2, allow(f) z = 3
  /// Docs first.
  allow(g)
  dhcp {}
  allow(h) allow(i) @one { allow(j,) x = 4 }
  tags = { allow(k) key = \"v\" }
}
allow(
  l // why
  m,
  n
)
let five = 5
",
        r#"
env one
  x = (int 1)
/// About two.
env two
  x = (int 1)
  y = (int 2)
  z = (int 3)
  /// Docs first.
  dhcp
  @[one]
    x = (int 4)
  tags = {key = (string "v")}
let five = (int 5)
comment // between
comment // why
allow(a, b-c) allows [a, b-c] in «env one { x = 1 }»
allow(d) allows [d] in «env two {⏎  allow(e)⏎⏎  x = 1⏎  y = 2, allow(f) z = 3⏎  /// Docs first.⏎  allow(g)⏎  dhcp {}⏎  allow(h) allow(i) @one { allow(j,) x = 4 }⏎  tags = { allow(k) key = "v" }⏎}»
allow(e) allows [e] in «x = 1»
allow(f) allows [f] in «z = 3»
allow(g) allows [g] in «dhcp {}»
allow(h) allows [h] in «@one { allow(j,) x = 4 }»
allow(i) allows [i] in «@one { allow(j,) x = 4 }»
allow(j,) allows [j] in «x = 4»
allow(k) allows [k] in «key = "v"»
allow(⏎  l // why⏎  m,⏎  n⏎) allows [l, m, n] in «let five = 5»
"#,
    );
}

#[test]
fn elsewhere_it_is_a_word() {
    check(
        "env a { allow = 1, x = allow }\nenv allow {}\nlet allow = 2",
        "
env a
  allow = (int 1)
  x = allow
env allow
let allow = (int 2)
",
    );
}

#[test]
fn a_broken_one_costs_one_message() {
    check(
        "
allow(a
env one { x = 1 }
env two {
  allow(b, y = 2
  allow(c metanetwork m { z = 3 }
  allow d
  z = 4
  allow e, f
  allow() u = 5
  allow(\"g\") v = 6
  allow(7, [h], ?) w = 8
}
env three {
  x = 1 allow(h) y = 2
  z = allow(i)
  u =
  allow(j) v = 3
}
",
        r#"
env one
  x = (int 1)
env two
  y = (int 2)
  metanetwork m
    z = (int 3)
  z = (int 4)
  u = (int 5)
  v = (int 6)
  w = (int 8)
env three
  x = (int 1)
  y = (int 2)
  z = (error)
  u = (error)
  v = (int 3)
allow(a allows [a] in «env one { x = 1 }»
allow(b allows [b] in «y = 2»
allow(c allows [c] in «metanetwork m { z = 3 }»
allow() allows [] in «u = 5»
allow("g") allows [] in «v = 6»
allow(7, [h], ?) allows [] in «w = 8»
allow(h) allows [h] in «y = 2»
allow(j) allows [j] in «v = 3»
2:1 «allow(a» unclosed-allow: this `allow` has no `)`
  fix 2:8 «» → «)»
5:3 «allow(b» unclosed-allow: this `allow` has no `)`
  fix 5:10 «» → «)»
6:3 «allow(c» unclosed-allow: this `allow` has no `)`
  fix 6:10 «» → «)»
7:9 «d» unclosed-allow: `allow` needs parentheses around `d`
  fix 7:9 «d» → «(d)»
9:9 «e, f» unclosed-allow: `allow` needs parentheses around `e, f`
  fix 9:9 «e, f» → «(e, f)»
10:3 «allow()» expected-name: this `allow` names no warning
11:9 «"g"» expected-name: expected the code of a warning, found `"g"`
  fix 11:9 «"g"» → «g»
12:9 «7» expected-name: expected the code of a warning, found `7`
15:9 «» missing-separator: expected a comma or a line break before `allow(h)`
  fix 15:9 «» → «, »
16:12 «(i)» unexpected-text: unexpected `(i)`
17:5 «=» expected-value: expected a value after `=`
"#,
    );
}

#[test]
fn it_covers_something() {
    check(
        "env a { x = 1, allow(b) }\nenv c { allow(d }\nallow(e)\n// the end",
        "
env a
  x = (int 1)
env c
comment // the end
1:16 «allow(b)» misplaced: nothing follows this `allow`
2:9 «allow(d» unclosed-allow: this `allow` has no `)`
  fix 2:16 «» → «)»
3:1 «allow(e)» misplaced: nothing follows this `allow`
",
    );
}

#[test]
fn a_torn_file_keeps_it_at_its_declaration() {
    check(
        "env a {\n  x = 1\n\nallow(b)\nenv c { y = 2 }\n\nallow(d) env e {\n  z = 3\n\nenv f {}",
        "
env a
  x = (int 1)
env c
  y = (int 2)
env e
  z = (int 3)
env f
allow(b) allows [b] in «env c { y = 2 }»
allow(d) allows [d] in «env e {⏎  z = 3»
1:7 «{» unclosed-block: this `{` has no `}`
  4:1 «allow(b)» this is outside of it
7:16 «{» unclosed-block: this `{` has no `}`
  10:1 «env f {}» this is outside of it
",
    );
}
