use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::document::read::read;
use crate::fixture;

/// The problems of a policy, a line each: the code, what is marked, the message, and what helps.
fn problems(text: &str, of: Use) -> String {
    let found = read(text);
    assert!(found.problems.is_empty(), "{text}: {:?}", found.problems);
    let document = found.document.unwrap();
    let mut problems = check(&document, of);
    problems.extend(escalations(&[&document]));
    let at = |place: &std::ops::Range<usize>| text.get(place.clone()).unwrap();
    let mut lines = String::new();
    for problem in problems {
        let marked = at(&problem.place);
        let marked = if marked.len() > 100 { "…" } else { marked };
        writeln!(lines, "{} at {marked}: {}", problem.code.word(), problem.message).unwrap();
        for (place, words) in &problem.related {
            let marked = at(place);
            writeln!(lines, "  {words}: {}", if marked.len() > 60 { "…" } else { marked }).unwrap();
        }
        if let Some(help) = &problem.help {
            writeln!(lines, "  help: {help}").unwrap();
        }
    }
    lines
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn shown(of: Use, statements: &[&str]) -> String {
    let mut shown = String::new();
    for statement in statements {
        let problems = problems(&policy(statement), of);
        let problems = if problems.is_empty() { "nothing\n".to_owned() } else { problems };
        writeln!(shown, "{statement}\n{problems}").unwrap();
    }
    shown
}

#[test]
fn actions_have_to_exist() {
    insta::assert_snapshot!(shown(
        Use::Identity,
        &[
            r#"{"Effect":"Allow","Action":["s3:GetObjct","s4:GetObject","cloudwach:PutMetricData","s3:Fly"],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":["ec2:Descrbe*","ec2:Describe*","EC2:describeinstances"],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":["GetObject","s*:GetObject","s3:Get Object","a:b:c","*:*x",""],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":["s3:ListAllMyBuckets","S3:listallmybuckets"],"Resource":["*","*"]}"#,
            r#"{"Effect":"Deny","NotAction":"iam:PasRole","Resource":"*"}"#,
        ],
    ));
}

#[test]
fn resources_are_those_that_the_actions_take() {
    insta::assert_snapshot!(shown(
        Use::Identity,
        &[
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket"}"#,
            r#"{"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}"#,
            r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}"#,
            r#"{"Effect":"Allow","Action":["s3:ListAllMyBuckets","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::*"}"#,
            r#"{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"arn:aws:s3:::bucket"}"#,
            r#"{"Effect":"Deny","Action":"sqs:*","Resource":"arn:aws:sns:us-east-1:111111111111:topic"}"#,
            r#"{"Effect":"Allow","Action":"future:Thing","Resource":"arn:aws:future:::x"}"#,
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":["bucket/*","arn:aws:s3","arn:awss:s3:::b/*","arn:aws:s3::12:b/*","arn:aws:s3:::","arn:aws:::x:y"]}"#,
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b/${username}","arn:aws:s3:::b/${aws:username","arn:aws:s3:::${aws:usernam}/*","arn:aws:s3::${aws:PrincipalAccount}:b/*","arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*"]}"#,
            r#"{"Effect":"Allow","Action":"s3:GetObject"}"#,
        ],
    ));
}

#[test]
fn conditions_are_those_that_can_hold() {
    let of = |action: &str, condition: &str| {
        format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let statements = [
        of(r#""s3:ListBucket""#, r#""StringLike":{"s3:prefix":"a/*","s3:prefx":"b"}"#),
        of(r#"["s3:GetObject","s3:ListBucket"]"#, r#""StringLike":{"s3:prefix":"a/*"}"#),
        of(r#"["s3:GetObject","s3:ListBucket"]"#, r#""StringLikeIfExists":{"s3:prefix":"a/*"}"#),
        of(r#""s3:GetObject""#, r#""StringNotLike":{"s3:prefix":"a/*"}"#),
        of(
            r#""s3:GetObject""#,
            r#""StringEquals":{"username":"a","aws:SourceIP2":"b","awz:SourceIp":"c","aws:SourceVPC":"vpc-1*"}"#,
        ),
        of(
            r#""ec2:RunInstances""#,
            r#""NumericEquals":{"ec2:InstanceType":"3"},"StringEquals":{"aws:SecureTransport":"true"},"Null":{"aws:TagKeys":"no"}"#,
        ),
        of(
            r#""s3:ListBucket""#,
            r#""NumericLessThan":{"s3:max-keys":"ten"},"DateLessThan":{"aws:CurrentTime":"tomorrow"},"Bool":{"aws:SecureTransport":"yes"},"ArnLike":{"aws:SourceArn":"topic"}"#,
        ),
        of(
            r#""s3:ListBucket""#,
            r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24","300.1.1.1"]}"#,
        ),
        of(
            r#""ec2:CreateTags""#,
            r#""StringEquals":{"aws:TagKeys":"a"},"ForAllValues:StringEquals":{"aws:PrincipalTag/x":"y","aws:CalledVia":"z"}"#,
        ),
        of(
            r#""ec2:CreateTags""#,
            r#""ForAllValues:StringEquals":{"aws:CalledVia":"z","aws:TagKeys":"a"},"Null":{"aws:CalledVia":"false"}"#,
        ),
        of(r#""s3:ListBucket""#, r#""StringEquals":{"aws:SourceVpc":"vpc-1","AWS:sourcevpc":"vpc-2"}"#),
        of(
            r#""kms:Decrypt""#,
            r#""StringEquals":{"kms:EncryptionContext:aws:s3:arn":"x","aws:PrincipalTag/team":"${aws:ResourceTag/team}"}"#,
        ),
    ];
    insta::assert_snapshot!(shown(Use::Identity, &statements.each_ref().map(String::as_str)));
}

#[test]
fn statements_have_names_of_their_own() {
    let named = |first: &str, second: &str| {
        let one = |sid: &str, action: &str| {
            format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"{action}","Resource":"*"}}"#)
        };
        problems(&policy(&format!("{},{}", one(first, "s3:Get*"), one(second, "ec2:Get*"))), Use::Identity)
    };
    assert_eq!(named("A", "B"), "");
    assert_eq!(named("", ""), "");
    let twice = "policy-repeated at \"A\": two statements have the name `A`\n  the other one: \"A\"\n  help: give each statement a name of its own, or none\n";
    assert_eq!(named("A", "A"), twice);
}

#[test]
fn a_principal_is_somebody() {
    let refused = |name: &str| {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{name}"}},"Action":"sts:AssumeRole"}}"#);
        problems(&policy(&statement), Use::Trust).contains("policy-principal")
    };
    let people = [
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "arn:aws-cn:iam::123456789012:user/a/b",
        "arn:aws:iam::123456789012:role/a",
        "arn:aws:sts::123456789012:assumed-role/a/b",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
    ];
    let nobody = [
        "12345678901",
        "arn:aws:iam::12345678901:root",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:roles/a",
        "arn:aws:iam::123456789012:rootx",
        "arn:aws:s3::123456789012:role/a",
        "arn:aws:iam:us-west-2:123456789012:role/a",
        "arn:aws:sts::123456789012:role/a",
        "arn:awz:iam::123456789012:role/a",
    ];
    for name in people {
        assert!(!refused(name), "{name}");
    }
    for name in nobody {
        assert!(refused(name), "{name}");
    }
}

#[test]
fn principals_are_where_they_belong() {
    let mut text = shown(
        Use::Identity,
        &[r#"{"Effect":"Allow","Principal":"*","Action":"s3:ListAllMyBuckets","Resource":"*"}"#],
    );
    text += &shown(
        Use::Resource,
        &[
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
            r#"{"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
            r#"{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:user/*","AROAEXAMPLE123","arn:aws:iam::111111111111:group/g","alice","11111111111"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
            r#"{"Effect":"Allow","Principal":{"Service":["ec2","logging.s3.amazonaws.com","*"],"Federated":["okta","www.amazon.com"],"CanonicalUser":"79a5"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
        ],
    );
    insta::assert_snapshot!(text);
}

#[test]
fn trusts_let_somebody_in() {
    insta::assert_snapshot!(shown(
        Use::Trust,
        &[
            r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}"#,
            r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Resource":"*"}"#,
            r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:saml-provider/okta"},"Action":"sts:AssumeRole"}"#,
            r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:saml-provider/okta"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}"#,
            r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}"#,
            r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/b:*"}}}"#,
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject"}"#,
            r#"{"Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}"#,
            r#"{"Sid":"a b","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:*"}"#,
        ],
    ));
}

#[test]
fn too_much_is_seen() {
    insta::assert_snapshot!(shown(
        Use::Identity,
        &[
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
            r#"{"Effect":"Allow","Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111111111111:role/web"}"#,
            r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111111111111:role/*"}"#,
            r#"{"Effect":"Allow","Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*"},{"Effect":"Deny","Action":"iam:Pass*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
        ],
    ));
}

#[test]
fn a_deny_that_covers_an_allow_makes_it_pointless() {
    let deny = |allow: &str, deny: &str| {
        let text = problems(&policy(&format!("{allow},{deny}")), Use::Identity);
        text.lines().filter(|line| line.starts_with("policy-pointless-allow")).count()
    };
    let allow =
        r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/x*"}"#;
    for (other, count) in [
        (r#"{"Effect":"Deny","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}"#, 1),
        (r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#, 2),
        (r#"{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::c/*"}"#, 2),
        (r#"{"Effect":"Deny","NotAction":"ec2:*","Resource":"arn:aws:s3:::b/*"}"#, 2),
        (r#"{"Effect":"Deny","NotAction":"s3:Get*","Resource":"arn:aws:s3:::b/*"}"#, 1),
        (r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/xy*"}"#, 0),
        (r#"{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::b/x1"}"#, 0),
        (
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
            0,
        ),
    ] {
        assert_eq!(deny(allow, other), count, "{other}");
    }
}

#[test]
fn policies_are_as_long_as_their_holder_permits() {
    let actions: Vec<String> = (0..250).map(|number| format!("\"s3:GetObject{number:03}\"")).collect();
    let long = policy(&format!(r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#, actions.join(", \n")));
    let document = read(&long).document.unwrap();
    let length = long.chars().filter(|letter| !letter.is_whitespace()).count();
    assert_eq!(size(&document), length);
    assert!((4_000..5_120).contains(&length));
    let of = |holder, count| check_size(&vec![&document; count], holder).len();
    assert_eq!(of(Holder::Managed, 1), 0);
    assert_eq!(of(Holder::Managed, 3), 0, "each by itself");
    assert_eq!(of(Holder::Group, 1), 0);
    assert_eq!(of(Holder::Group, 2), 1, "all together");
    assert_eq!(of(Holder::Role, 2), 0);
    assert_eq!(of(Holder::Role, 3), 1);
    assert_eq!(of(Holder::Trust, 2), 2);
}

/// Policies of the IAM and S3 user guides.
#[test]
fn policies_of_the_manuals_are_sound() {
    for statements in [
        r#"{"Effect":"Allow","Action":["s3:ListAllMyBuckets","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::*"},
           {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::BUCKET-NAME","Condition":{"StringLike":{"s3:prefix":["","home/","home/${aws:username}/"]}}},
           {"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::BUCKET-NAME/home/${aws:username}","arn:aws:s3:::BUCKET-NAME/home/${aws:username}/*"]}"#,
        r#"{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::111111111111:user/${aws:username}"}"#,
        r#"{"Sid":"ListForConsole","Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"},
           {"Sid":"AllQueueActions","Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-2:*:${aws:username}-queue"}"#,
        r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]},"Bool":{"aws:ViaAWSService":"false"}}}"#,
        r#"{"Effect":"Allow","Action":["ec2:StartInstances","ec2:StopInstances"],"Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"StringEquals":{"aws:ResourceTag/Owner":"${aws:username}"}}},
           {"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:*:*:table/MyTable","Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${cognito-identity.amazonaws.com:sub}"]},"Null":{"dynamodb:LeadingKeys":"false"}}}"#,
        r#"{"Effect":"Deny","NotAction":["iam:*","sts:GetSessionToken"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/EC2-roles-for-XYZ-*"},
           {"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"cloudwatch:PutMetricData","Resource":"*","Condition":{"StringEquals":{"cloudwatch:namespace":"app"}}}"#,
        r#"{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/f:*"}"#,
    ] {
        assert_eq!(problems(&policy(statements), Use::Identity), "", "{statements}");
    }
    for statements in [
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
        r#"{"Sid":"S3 log delivery","Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/p*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::source"},"StringEquals":{"aws:SourceAccount":"111111111111"}}}"#,
        r#"{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","111111111112"],"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#,
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3"}}}"#,
    ] {
        assert_eq!(problems(&policy(statements), Use::Resource), "", "{statements}");
    }
}

#[test]
fn every_code_has_a_word_of_its_own() {
    let mut words: Vec<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    assert!(words.iter().all(|word| word.starts_with("policy-")));
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Code::ALL.len());
}

proptest! {
    #[test]
    fn any_policy_is_checked(document in fixture::document()) {
        for of in [Use::Identity, Use::Trust, Use::Resource] {
            check(&document, of);
        }
        escalations(&[&document]);
    }
}
