//! Text with mistakes: each costs one message, and what is around it stays.

use crate::check;

#[test]
fn a_broken_field_costs_itself() {
    check(
        "
env a {
  x = 1
  y = !?
  z = 3
  w =
  v = 5
}
env b { x = , y = 2 }
env c { x = }
",
        "
env a
  x = (int 1)
  y = (error)
  z = (int 3)
  w = (error)
  v = (int 5)
env b
  x = (error)
  y = (int 2)
env c
  x = (error)
4:7 «!?» expected-value: expected a value, found `!?`
6:5 «=» expected-value: expected a value after `=`
9:11 «=» expected-value: expected a value after `=`
10:11 «=» expected-value: expected a value after `=`
",
    );
}

#[test]
fn a_broken_item_costs_itself() {
    check(
        "let l = [1, ?, 3, = 4\n 5\n]\nlet m = [tcp 22 from, -, 7, \"a\" \"b\", 1.2.3.4 /5]",
        r#"
let l = [(int 1), (error), (int 3), (error), (int 5)]
let m = [(error), (error), (int 7), (error), (error)]
1:13 «?» expected-value: expected a value, found `?`
1:19 «= 4» expected-value: expected a value, found `= 4`
4:17 «from» expected-source: expected a source after `from`
4:23 «-» expected-value: expected a number after `-`
4:29 «"a" "b"» missing-separator: expected commas between the values of `"a" "b"`
  fix 4:29 «"a" "b"» → «"a", "b"»
4:38 «1.2.3.4 /5» unexpected-text: unexpected space between an address and its prefix length
  fix 4:38 «1.2.3.4 /5» → «1.2.3.4/5»
"#,
    );
}

#[test]
fn a_broken_member_costs_itself() {
    check(
        "
env a {
  zones
  5 = 6
  \"x\" = 1
  y = 2
  ~ what is this { x = 1, [ y ] }
  z = 3
}
",
        r#"
env a
  x = (error)
  y = (int 2)
  z = (int 3)
3:3 «zones» expected-value: expected a value or a body after `zones`
4:3 «5 = 6» expected-name: expected a field or a declaration, found `5 = 6`
5:3 «"x" = 1» expected-name: expected a field or a declaration, found `"x" = 1`
  fix 5:3 «"x" = » → «x = »
7:3 «~ what is this { x = 1, [ y ] }» expected-name: expected a field or a declaration, found `~ what is this { x = 1, [ y ] }`
"#,
    );
}

#[test]
fn neighbours_need_a_separator() {
    check(
        "env a { x = 1 y = 2 dhcp { z = true w = no } v = foo bar }\nlet l = [1 2, a b c, {} {}]",
        "
env a
  x = (int 1)
  y = (int 2)
  dhcp
    z = true
    w = no
  v = (error)
let l = [(error), (error), (error)]
1:15 «» missing-separator: expected a comma or a line break before `y`
  fix 1:15 «» → «, »
1:21 «» missing-separator: expected a comma or a line break before `dhcp`
  fix 1:21 «» → «, »
1:37 «» missing-separator: expected a comma or a line break before `w`
  fix 1:37 «» → «, »
1:50 «foo bar» missing-brackets: `foo bar` has several values without brackets
  fix 1:50 «foo bar» → «[foo, bar]»
2:10 «1 2» missing-separator: expected commas between the values of `1 2`
  fix 2:10 «1 2» → «1, 2»
2:15 «a b c» missing-separator: expected commas between the values of `a b c`
  fix 2:15 «a b c» → «a, b, c»
2:25 «{}» unexpected-text: unexpected `{}`
",
    );
}

#[test]
fn a_missing_brace_costs_its_own_declaration() {
    check(
        "
env a {
  x = 1

/// The second.
env b { y = 2 }
let c = 3
",
        "
env a
  x = (int 1)
/// The second.
env b
  y = (int 2)
let c = (int 3)
2:7 «{» unclosed-block: this `{` has no `}`
  5:1 «/// The second.» this is outside of it
",
    );
}

#[test]
fn indentation_shows_which_brace_is_missing() {
    check(
        "
envtype a {
  metanetwork x {
    cidr = auto
  metanetwork y { cidr = auto }
  z = [1,
    2
  w = 4
}
env b { y = 2 }
",
        "
envtype a
  metanetwork x
    cidr = (auto)
  metanetwork y
    cidr = (auto)
  z = [(int 1), (int 2)]
  w = (int 4)
env b
  y = (int 2)
3:17 «{» unclosed-block: this `{` has no `}`
  5:3 «metanetwork y» this is outside of it
6:7 «[» unclosed-list: this `[` has no `]`
  8:3 «w = 4» this is outside of it
",
    );
    check(
        "
envtype a {
  metanetwork x {
    cidr = auto
}
env b { y = 2 }
",
        "
envtype a
  metanetwork x
    cidr = (auto)
env b
  y = (int 2)
3:17 «{» unclosed-block: this `{` has no `}`
  5:1 «}» this is outside of it
",
    );
}

#[test]
fn a_missing_opening_brace_costs_one_message() {
    check(
        "/// One.\nenv a : base // here\n  x = [1]\n  dhcp { y = 2 }\n}\nenv b { y = 2 }",
        "
/// One.
env a : base
  x = [(int 1)]
  dhcp
    y = (int 2)
env b
  y = (int 2)
comment // here
2:13 «» unopened-block: a `{` is missing at the end of this line
  5:1 «}» this `}` closes it
  fix 2:13 «» → « {»
",
    );
}

#[test]
fn a_missing_bracket_on_one_line() {
    check(
        "env a { x = [1, 2 }\nenv b { y = 2 }",
        "
env a
  x = [(int 1), (int 2)]
env b
  y = (int 2)
1:13 «[» unclosed-list: this `[` has no `]`
  1:19 «}» this is outside of it
",
    );
    check(
        "env a { x = [1, 2}\n}\nenv b { y = 2 }",
        "
env a
  x = [(int 1), (int 2)]
env b
  y = (int 2)
1:18 «}» unclosed-list: `[` must be closed by `]`, not by this
  1:13 «[» opened here
  fix 1:18 «}» → «]»
",
    );
}

#[test]
fn a_surplus_bracket_costs_itself() {
    check(
        "env a { x = 1 } }\nenv b { y = 2 }",
        "
env a
  x = (int 1)
env b
  y = (int 2)
1:17 «}» stray-close: this `}` closes nothing
  fix 1:17 «}» → «»
",
    );
    check(
        "env a {\n  x = 1\n  }\n  y = 2\n}\nenv b { y = 2 }",
        "
env a
  x = (int 1)
  y = (int 2)
env b
  y = (int 2)
3:3 «}» stray-close: this `}` closes nothing
  fix 3:3 «}» → «»
",
    );
    check(
        "env a { x = 1 ] }\nenv b { y = 2 }",
        "
env a
  x = (int 1)
env b
  y = (int 2)
1:15 «]» stray-close: this `]` closes nothing
  fix 1:15 «]» → «»
",
    );
    check(
        "}\nenv b { y = 2 }",
        "
env b
  y = (int 2)
1:1 «}» stray-close: this `}` closes nothing
  fix 1:1 «}» → «»
",
    );
}

#[test]
fn an_unclosed_string_ends_with_its_line() {
    check(
        "env a {\n  x = \"one\n  y = 2\n}",
        r#"
env a
  x = (error)
  y = (int 2)
2:7 «"one» unclosed-string: this string has no closing `"`
"#,
    );
    check(
        "env a { x = \"one, y = 2 }\nenv b { x = [\"y] }",
        r#"
env a
  x = (error)
env b
  x = [(error)]
1:13 «"one, y = 2» unclosed-string: this string has no closing `"`
2:14 «"y» unclosed-string: this string has no closing `"`
"#,
    );
    check(
        "let l = [\"a, \"b\", \"c\"]\nlet m = 1",
        r#"
let l = [(error)]
let m = (int 1)
1:10 «"a, "b", "c"» unclosed-string: this string has no closing `"`
"#,
    );
    check(
        "env a {\n  \"x = }\n  y = 2\n}\nlet m = \"a\\",
        r#"
env a
  y = (int 2)
let m = (error)
2:3 «"x = }» unclosed-string: this string has no closing `"`
5:9 «"a\» unclosed-string: this string has no closing `"`
"#,
    );
    check(
        "env a { x = \"{\n}\nlet m = 1",
        r#"
env a
  x = (error)
let m = (int 1)
1:13 «"{» unclosed-string: this string has no closing `"`
"#,
    );
}
