//! Broken strings, values and declarations, syntax of other formats, and text that is no program.

use crate::check;

#[test]
fn mistakes_in_strings() {
    check(
        r#"let l = ["a\qb", "${x", "${}", "${a b}", "\u{1}"]"#,
        r"
let l = [(error), (error), (error), (error), (error)]
1:12 «\q» unknown-escape: unknown escape `\q`
1:19 «${» unclosed-interpolation: this `${` has no `}`
1:26 «${}» expected-name: expected a name between `${` and `}`
1:33 «${a b}» expected-name: expected a name between `${` and `}`
1:43 «\u» unknown-escape: unknown escape `\u`
",
    );
}

#[test]
fn nesting_has_a_limit() {
    let deep = |depth: usize| format!("let a = {}{}\nlet b = 2", "[".repeat(depth), "]".repeat(depth));
    let shown = crate::shown::shown(&deep(64));
    assert!(shown.ends_with("let b = (int 2)\n"), "{shown}");
    check(
        &deep(65),
        "
let b = (int 2)
1:73 «[» nested-too-deeply: brackets are nested more than 64 deep
",
    );
    check(
        &format!("let a = {}\nlet b = 2", "[".repeat(70)),
        "
let b = (int 2)
1:73 «[» nested-too-deeply: brackets are nested more than 64 deep
",
    );
}

#[test]
fn habits_of_other_formats() {
    check(
        "
[section]
; a comment
# another
env a {
  region: us-west-2
  zones: 3
  chaos yes
  size 5
  name == 'it'
  tunnel = tcp dmz 80 443; the end
  x = 1;
}
zones = 3
",
        r#"
env a
  region = (error)
  zones = (error)
  chaos yes
  size = (error)
  name = (error)
  tunnel = (error)
  x = (int 1)
2:1 «[section]» section-header: `[section]` does not start a section
3:1 «; a comment» foreign-comment: comments start with `//`, not `;`
  fix 3:1 «; a comment» → «// a comment»
4:1 «# another» foreign-comment: comments start with `//`, not `#`
  fix 4:1 «# another» → «// another»
6:9 «:» expected-equals: expected `=` after `region`, found `:`
  fix 6:9 «:» → « =»
7:8 «:» expected-equals: expected `=` after `zones`, found `:`
  fix 7:8 «:» → « =»
9:8 «5» expected-equals: expected `=` between `size` and `5`
  fix 9:8 «» → «= »
10:8 «==» expected-equals: expected `=`, found `==`
  fix 10:8 «==» → «=»
10:11 «'it'» single-quotes: strings need double quotes
  fix 10:11 «'it'» → «"it"»
11:12 «tcp dmz 80 443» expected-source: `tcp dmz 80 443` has no source
  fix 11:12 «tcp dmz 80 443» → «tcp [80, 443] from dmz»
11:26 «; the end» foreign-comment: comments start with `//`, not `;`
  fix 11:26 «; the end» → «// the end»
12:8 «;» semicolon: unexpected `;` at the end of a line
  fix 12:8 «;» → «»
14:1 «zones» misplaced: the field `zones` is outside of any declaration
"#,
    );
}

#[test]
fn what_stands_in_the_wrong_place() {
    check(
        "
@ci { x = 1 }
env a {
  let x = 1
  use std/classic
  expect b { c can reach d }
  @ { y = 1 }
  @ci z = 1
  v = { w { } }
}
",
        "
env a
  @[]
    y = (int 1)
  z = (int 1)
  v = {}
2:1 «@ci { x = 1 }» misplaced: this override is outside of any declaration
4:3 «let» misplaced: `let` is only allowed at the top level of a file
5:3 «use» misplaced: `use` is only allowed at the top level of a file
6:3 «expect» misplaced: `expect` is only allowed at the top level of a file
7:3 «@» expected-name: expected an environment after `@`
8:3 «@ci» expected-block: expected overrides in braces after this
9:9 «w» misplaced: a record can only contain fields
",
    );
}

#[test]
fn broken_declarations() {
    check(
        "
env 5x { a = 1 }
env \"ci\" { a = 1 }
env ci sandbox { a = 1 }
env demo : { a = 1 }
env a.b { a = 1 }
env stage@ci { a = 1 }
peering p += a/b <-> c/d
peering q =
peering r = a/b <->
let
let x
let = 5
let y : = 5
let y : [A B] = 5
use
use 5
expect { a can reach b }
expect c
expect d { a reach b, a can b, a can reach, a can reach b:, a can reach b }
kind { }
kind k
kind j { a, b: , c: Int = , d: Int where, e: Int ?? }
",
        r#"
env ci
  a = (int 1)
env ci : sandbox
  a = (int 1)
env demo
  a = (int 1)
env a.b
  a = (int 1)
env stage
  a = (int 1)
peering p = (link (path a b) (path c d))
peering q = (error)
peering r = (link (path a b) let)
let x = (error)
let y = (int 5)
let y: [A] = (int 5)
expect c
expect d
  a can reach b on (error)
  a can reach b
kind k in []
kind j in []
  c: Int = (error)
  d: Int where (error)
  e: Int
2:5 «5x» expected-name: expected a name, found `5x`
3:5 «"ci"» expected-name: expected a name, found `"ci"`
  fix 3:5 «"ci"» → «ci»
4:8 «sandbox» missing-separator: a declaration has one name; unexpected `sandbox`
  fix 4:8 «» → «: »
5:10 «:» expected-name: expected a name after `:`
6:5 «a.b» expected-name: the name `a.b` has a dot
  fix 6:5 «a.b» → «a_b»
7:10 «@ci» misplaced: `@` is not allowed on a declaration
8:11 «+=» unexpected-text: `+=` cannot be used for a declaration
  fix 8:11 «+=» → «=»
9:11 «=» expected-value: expected a value after `=`
12:5 «x» expected-value: `let x` has no value
13:1 «let» expected-name: expected a name after `let`
14:7 «:» expected-type: expected a type here
15:12 «B» unexpected-text: unexpected `B`
16:1 «use» expected-name: expected the path of a library or a file after `use`
17:5 «5» expected-name: expected the path of a library or a file after `use`
18:1 «expect» expected-name: expected an environment after `expect`
19:8 «c» expected-block: expected expectations in braces after this
20:14 «reach b» expected-claim: expected `SOURCE can reach TARGET` or `SOURCE cannot reach TARGET`
20:25 «can» expected-claim: expected `SOURCE can reach TARGET` or `SOURCE cannot reach TARGET`
20:32 «a can reach» expected-claim: expected `SOURCE can reach TARGET` or `SOURCE cannot reach TARGET`
20:58 «:» expected-value: expected a port after `:`
21:1 «kind» expected-name: expected a name after `kind`
22:6 «k» expected-block: expected fields in braces after this
23:10 «a» expected-type: the field `a` has no type
23:14 «:» expected-type: expected a type here
23:25 «=» expected-value: expected a value after `=`
23:36 «where» expected-value: expected a value after `where`
23:50 «??» unexpected-text: unexpected `??`
"#,
    );
}

#[test]
fn values_that_are_not_known_cost_one_message_each() {
    check(
        "
hostclass a {
  window    = sat 05:00
  pattern   = m5.large * 2
  after     = 1
}
",
        "
hostclass a
  window = (error)
  pattern = (error)
  after = (int 1)
3:15 «sat 05:00» missing-brackets: `sat 05:00` has several values without brackets
4:24 «* 2» unexpected-text: unexpected `* 2`
",
    );
}

#[test]
fn broken_values() {
    check(
        "let l = [2h30m, 5.m, tunnel + 5m, tunnel +, 5 + 5, a/b/c, x /5, a in b, auto in, 1.., .., a via, a <-> , [1] from b, tcp 1 2 from a]
let m = 1 <->
let n = 2",
        "
let l = [(error), (error), (error), (error), (error), (error), (error), (error), (error), (error), (error), (error), (error), (error), (error)]
let m = (error)
let n = (int 2)
1:10 «2h30m» malformed-number: `2h30m` is not a number, a quantity or an address
1:17 «5.m» malformed-number: `5.m` is not a number, a quantity or an address
1:29 «+ 5m» malformed-number: an offset must be a whole number without a unit
1:42 «+» expected-value: expected a number after `+`
1:47 «+ 5» unexpected-text: an offset can only be added to a metanetwork
1:55 «/c» unexpected-text: a path has two parts: environment and metanetwork
  fix 1:55 «/c» → «»
1:61 «/5» unexpected-text: `/5` is only allowed after `auto`
1:67 «in» unexpected-text: `in` is only allowed after `auto`
1:78 «in» expected-value: expected a value after `in`
1:83 «..» expected-value: expected a value after `..`
1:87 «..» expected-value: expected a value, found `..`
1:93 «via» expected-value: expected a target after `via`
1:100 «<->» expected-value: expected a value after `<->`
1:106 «[1]» expected-name: expected a protocol at the start of this rule
1:124 «2» missing-brackets: several ports need brackets
  fix 1:118 «tcp 1 2 from a» → «tcp [1, 2] from a»
2:11 «<->» expected-value: expected a value after `<->`
",
    );
}

#[test]
fn a_text_that_is_no_program_is_told_so_far() {
    let parsed = asiaq_lang::parse(asiaq_lang::FileId(0), &"}\n".repeat(5000));
    assert_eq!(parsed.diagnostics.len(), 1001);
    assert_eq!(parsed.diagnostics.last().unwrap().code, "too-many-mistakes");
}
