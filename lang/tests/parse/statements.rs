//! Statements of policies.

use asiaq_lang::format;

use crate::{check, properties::laid_out, shown::shown};

/// What the parser makes of a policy with these lines is `expected`, from its first statement on.
#[track_caller]
fn inside(lines: &str, expected: &str) {
    check(
        &format!("policy p {{\n{}\n}}", lines.trim()),
        &format!("policy p\n{}", expected.trim_matches('\n')),
    );
}

#[test]
fn a_statement_has_actions_resources_principals_conditions_and_a_text() {
    inside(
        r#"
allow [s3:GetObject, s3:ListBucket] on config "Read"
deny not [iam:Get*, "iam:List*"] on all when aws:MultiFactorAuthPresent is false and aws:SourceIp is not 10.0.0.0/8
allow ec2:StartInstances on not "arn:x" when ec2:ResourceTag/team like ["web*", "api*"]
allow dynamodb:GetItem on "arn:x" when all of dynamodb:Attributes is ["id", "at"]
allow s3:PutObject on config when s3:x-amz-acl StringEqualsIgnoreCase "private" if present "text"
allow s3:PutObject on objects from [service cloudtrail, account audit, role deployer, "arn:y"]
allow sts:AssumeRole from account production when sts:ExternalId is "asiaq"
allow sts:AssumeRole from not account "123456789012" "text"
allow a:b on all when token.actions.githubusercontent.com:sub like "repo:x"
"#,
        r#"
  allow [s3:GetObject, s3:ListBucket] on config (string "Read")
  deny not [iam:Get*, (string "iam:List*")] on all when aws:MultiFactorAuthPresent <is> false when aws:SourceIp <is not> (cidr 10.0.0.0/8)
  allow ec2:StartInstances on not (string "arn:x") when ec2:ResourceTag/team <like> [(string "web*"), (string "api*")]
  allow dynamodb:GetItem on (string "arn:x") when all of dynamodb:Attributes <is> [(string "id"), (string "at")]
  allow s3:PutObject on config when s3:x-amz-acl <StringEqualsIgnoreCase> (string "private") if present (string "text")
  allow s3:PutObject on objects from [(phrase service cloudtrail), (phrase account audit), (phrase role deployer), (string "arn:y")]
  allow sts:AssumeRole from (phrase account production) when sts:ExternalId <is> (string "asiaq")
  allow sts:AssumeRole from not (phrase account (string "123456789012")) (string "text")
  allow a:b on all when token.actions.githubusercontent.com:sub <like> (string "repo:x")
"#,
    );
}

#[test]
fn actions_may_be_named_or_texts() {
    inside(
        "allow reading on config\ndeny reading\nallow * on all\nallow \"s3:${x}\" on all",
        "
  allow reading on config
  deny reading
  allow * on all
  allow (string \"s3:\" ${x}) on all
",
    );
}

#[test]
fn a_statement_goes_on_over_line_breaks_before_and_behind_its_words() {
    inside(
        "allow s3:Get on all\n  when aws:a exists // why\n  and aws:b is absent and\n aws:c < 5\nzones = 3\ndeny s3:* on\n all",
        "
  allow s3:Get on all when aws:a <exists> when aws:b <is absent> when aws:c <<> (int 5)
  zones = (int 3)
  deny s3:* on all
comment // why
",
    );
}

#[test]
fn allow_with_codes_silences_warnings_and_fields_may_be_called_so() {
    inside(
        "allow(a-b) allow s3:Get on all, deny s3:* on all\nallow unused-nat\nallow = 3\ndeny x { }\ndeny = 1",
        "
  allow s3:Get on all
  deny s3:* on all
  allow = (int 3)
  deny x
  deny = (int 1)
allow(a-b) allows [a-b] in «allow s3:Get on all»
3:7 «unused-nat» unclosed-allow: `allow` needs parentheses around `unused-nat`
  fix 3:7 «unused-nat» → «(unused-nat)»
",
    );
}

#[test]
fn habits_from_json_are_corrected() {
    inside(
        "Allow s3:Get on *\nallow s3:Get on arn:aws:s3:::x\nallow s3:Get on [arn:aws:s3:::x, y] when aws:a = 3 and aws:b != 4\nallow s3:Get when aws:a is 3 && aws:c is 2026-01-02T03:04:05Z",
        "
  allow s3:Get on (error)
  allow s3:Get on arn
  allow s3:Get on [(error), y] when aws:a <is> (int 3) when aws:b <is not> (int 4)
  allow s3:Get when aws:a <is> (int 3) when aws:c <is> (int 2026)
2:1 «Allow» malformed-statement: the word is `allow`, not `Allow`
  fix 2:1 «Allow» → «allow»
2:17 «*» malformed-statement: all resources and all principals are written `all`
  fix 2:17 «*» → «all»
3:17 «arn:aws:s3:::x» malformed-statement: an ARN is written in quotes
  fix 3:17 «arn:aws:s3:::x» → «\"arn:aws:s3:::x\"»
4:18 «arn:aws:s3:::x» malformed-statement: an ARN is written in quotes
  fix 4:18 «arn:aws:s3:::x» → «\"arn:aws:s3:::x\"»
4:48 «=» malformed-statement: conditions have no operator `=`
  fix 4:48 «=» → «is»
4:62 «!=» malformed-statement: conditions have no operator `!=`
  fix 4:62 «!=» → «is not»
5:30 «&&» malformed-statement: conditions are joined by `and`, not by `&&`
  fix 5:30 «&&» → «and»
5:42 «2026-01-02T03:04:05Z» malformed-statement: this value is written in quotes: `2026-01-02T03:04:05Z`
  fix 5:42 «2026-01-02T03:04:05Z» → «\"2026-01-02T03:04:05Z\"»
",
    );
}

#[test]
fn the_parts_of_a_statement_have_an_order() {
    inside(
        "allow s3:Get from a on b\nallow s3:Get on a on b\nallow s3:Get when aws:a exists from x\nallow s3:Get \"t\" on a",
        "
  allow s3:Get on b from a
  allow s3:Get on a
  allow s3:Get from x when aws:a <exists>
  allow s3:Get on a (string \"t\")
2:21 «on» malformed-statement: `on` stands before `from`
3:19 «on» malformed-statement: this statement has a second `on`
  3:14 «on» first one
4:32 «from» malformed-statement: `from` stands before `when`
5:14 «\"t\"» malformed-statement: the text stands at the end of a statement
",
    );
}

#[test]
fn a_part_that_is_missing_costs_one_message() {
    inside(
        "allow s3:Get on\nzones = 3\nallow s3:Get on x when\nzones = 4\nallow not on x\nallow on x\nallow [] on []\nallow s3:Get when and aws:a is 2\nallow s3:Get when aws:a is 1 if\nallow s3:Get when aws:a is",
        "
  allow s3:Get on (error)
  zones = (int 3)
  allow s3:Get on x when (error) <is> (error)
  zones = (int 4)
  allow not (error) on x
  allow (error) on x
  allow [] on []
  allow s3:Get when (error) <is> (error) when aws:a <is> (int 2)
  allow s3:Get when aws:a <is> (int 1) if present
  allow s3:Get when aws:a <is> (error)
2:14 «on» expected-value: expected a value after `on`
4:19 «when» malformed-statement: expected a condition after `when`
6:7 «not» malformed-statement: expected actions after `not`
7:1 «allow» malformed-statement: expected actions after `allow`
8:7 «[]» malformed-statement: expected an action, found `[]`
8:13 «[]» expected-value: expected a value, found `[]`
9:14 «when» malformed-statement: expected a condition after `when`
10:30 «if» malformed-statement: expected `present` after `if`
  fix 10:30 «if» → «if present»
11:25 «is» expected-value: expected a value after `is`
",
    );
}

#[test]
fn what_is_no_part_of_a_statement_costs_one_message() {
    inside(
        "allow [s3:a s3:b, s3:{}] on x\nallow s3:Get on x when aws:c \"x\"\nallow s3:Get when aws:a is 3 or aws:b is 4\nallow s3:Get when zones is 3\nallow s3:Ge$t on x\nallow s3:a on {}\nallow s3:a on 'x'",
        "
  allow [(error), (error)] on x
  allow s3:Get on x when aws:c <is> (error) (string \"x\")
  allow s3:Get when aws:a <is> (int 3) when aws:b <is> (int 4)
  allow s3:Get when (error) <is> (int 3)
  allow s3:Ge
  allow s3:a on (error)
  allow s3:a on (error)
2:13 «s3:b» unexpected-text: unexpected `s3:b`
2:22 «{}» unexpected-text: unexpected `{}`
3:24 «aws:c» malformed-statement: this condition has no operator
4:30 «or» malformed-statement: conditions of a statement cannot be joined by `or`
5:19 «zones» malformed-statement: expected a condition key, found `zones`
6:12 «$t on x» malformed-statement: unexpected `$t on x`
7:12 «on» expected-value: expected a value after `on`
8:15 «'x'» single-quotes: strings need double quotes
  fix 8:15 «'x'» → «\"x\"»
",
    );
}

#[test]
fn a_statement_belongs_into_a_declaration() {
    let shown = shown("allow s3:Get on all\nlet x = { deny s3:Get on all }");
    assert!(shown.contains("1:1 «allow s3:Get on all» misplaced: this statement is outside"), "{shown}");
    assert!(shown.contains("2:11 «deny» misplaced"), "{shown}");
}

#[test]
fn statements_are_laid_out_below_each_other() {
    let text = "policy p {\nallow   [s3:GetObject,s3:ListBucket]   on  config   \"x\"\ndeny not  iam:*   on all when a:b   is    not true\n  and a:c<5\n deny s3:Get*Foo?x on all when ec2:ResourceTag/a-b/c ForAllValues:StringEquals [\"x\"]\nallow [s3:AbortMultipartUpload, s3:DeleteObject, s3:DeleteObjectVersion, s3:GetObject, s3:GetObjectVersion] on [a, role b]\n}";
    let expected = "\
policy p {
  allow [s3:GetObject, s3:ListBucket] on config \"x\"
  deny  not iam:* on all when a:b is not true and a:c < 5
  deny  s3:Get*Foo?x on all when ec2:ResourceTag/a-b/c ForAllValues:StringEquals [\"x\"]
  allow [
    s3:AbortMultipartUpload
    s3:DeleteObject
    s3:DeleteObjectVersion
    s3:GetObject
    s3:GetObjectVersion
  ] on [a, role b]
}
";
    assert_eq!(laid_out(text), expected);
    assert_eq!(format(expected), expected);
}
