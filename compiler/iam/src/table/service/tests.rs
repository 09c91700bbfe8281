use super::*;
use crate::table::{self, key};

fn action(full: &str) -> Action {
    table::action(full).unwrap_or_else(|| panic!("{full}"))
}

#[test]
fn every_line_of_the_table_is_understood() {
    assert!(TABLE.is_ascii() && services().collect::<Vec<_>>().is_sorted());
    let mut actions = 0;
    for prefix in services() {
        let found = service(prefix).unwrap();
        assert_eq!(found.prefix(), prefix);
        for one in &found.types {
            assert!(
                one.arn.split(':').count() >= 6 && one.keys.iter().all(|at| *at < found.keys.len()),
                "{one:?}"
            );
        }
        for one in found.actions() {
            actions += 1;
            assert_eq!(found.action(&one.name.to_ascii_uppercase()).unwrap().name, one.name, "{prefix}");
            let shape = one.shape().unwrap();
            assert!(shape.types.iter().all(|(at, _)| *at < found.types.len()));
            assert!(shape.keys.iter().all(|at| *at < found.keys.len()));
        }
        for (name, needed) in &found.needs {
            assert!(found.action(name).is_some() && needed.contains(':'), "{prefix} {name} {needed}");
        }
    }
    // Each action once: a group of actions has them behind its third word.
    let words = TABLE.lines().filter(|line| line.starts_with('!')).map(|line| line.split(' ').count() - 3);
    assert_eq!(actions, words.sum::<usize>());
    assert!(actions > 22_000 && services().count() > 450);
}

#[test]
fn actions_are_those_of_the_service_authorization_reference() {
    assert_eq!(action("s3:GetObject").level(), Some(Level::Read));
    assert_eq!(action("S3:getobject").full_name(), "s3:GetObject");
    assert_eq!(action("ec2:RunInstances").level(), Some(Level::Write));
    assert_eq!(action("ec2:CreateTags").level(), Some(Level::Tagging));
    assert_eq!(action("iam:PutRolePolicy").level(), Some(Level::Permissions));
    assert_eq!(action("s3:ListAllMyBuckets").types().count(), 0);
    let of_put: Vec<&str> = action("s3:GetObject").types().map(|(of, _)| of.arn.as_str()).collect();
    assert!(of_put.contains(&"arn:*:s3:::*/*"), "{of_put:?}");
    assert!(action("ec2:RunInstances").types().any(|(of, required)| of.name == "instance" && required));
    assert!(action("ec2:RunInstances").needs().any(|needed| needed == "iam:PassRole"));
    // Pages of two services share this prefix.
    let balancers = action("elasticloadbalancing:CreateLoadBalancer");
    assert!(balancers.types().any(|(of, _)| of.arn.contains(":loadbalancer/app/")), "{balancers:?}");
}

#[test]
fn keys_are_of_the_action_of_its_types_or_of_all() {
    assert!(action("s3:ListBucket").key("s3:prefix").is_some());
    assert!(action("s3:ListBucket").key("S3:Prefix").is_some());
    assert!(action("s3:GetObject").key("s3:prefix").is_none());
    assert!(action("s3:GetObject").key("s3:ExistingObjectTag/team").is_some());
    assert!(action("s3:GetObject").key("s3:ExistingObjectTag/").is_some());
    assert!(action("rds:DeleteDBInstance").key("rds:db-tag/team").is_some());
    assert!(action("iam:DeleteRole").key("iam:ResourceTag/x").is_some());
    assert_eq!(action("ec2:RunInstances").key("ec2:InstanceType").map(|key| key.kind), Some(KeyType::String));
    for (name, kind) in [
        ("aws:SourceIp", KeyType::IpAddress),
        ("AWS:sourceip", KeyType::IpAddress),
        ("aws:PrincipalTag/team", KeyType::String),
        ("aws:MultiFactorAuthPresent", KeyType::Bool),
        ("aws:CurrentTime", KeyType::Date),
        ("aws:TagKeys", KeyType::ArrayOfString),
        ("s3:max-keys", KeyType::Numeric),
        ("ec2:SourceInstanceArn", KeyType::Arn),
        ("saml:aud", KeyType::String),
        ("kms:EncryptionContext:aws:logs:arn", KeyType::String),
        ("catalog:ChangeType", KeyType::String),
        ("token.actions.githubusercontent.com:sub", KeyType::String),
        ("oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:sub", KeyType::String),
        ("elasticloadbalancing:ResourceTag/x", KeyType::String),
        ("secretsmanager:ResourceTag/x", KeyType::String),
    ] {
        assert_eq!(key(name).map(|key| key.kind), Some(kind), "{name}");
    }
    for unknown in ["aws:SourceIP2", "s3:prefixes", "nothing:here", "plain", ""] {
        assert_eq!(key(unknown), None, "{unknown}");
    }
}

#[test]
fn wildcards_find_what_a_naive_search_finds() {
    let ec2 = service("ec2").unwrap();
    for (pattern, is_meant) in [
        ("Describe*", Box::new(|name: &str| name.starts_with("Describe")) as Box<dyn Fn(&str) -> bool>),
        ("*Tags", Box::new(|name: &str| name.ends_with("Tags"))),
        ("*", Box::new(|_: &str| true)),
        ("Create?ags", Box::new(|name: &str| name == "CreateTags")),
        ("ZZ*", Box::new(|_: &str| false)),
    ] {
        let naive: Vec<&str> = ec2.actions().map(|one| one.name).filter(|name| is_meant(name)).collect();
        let found: Vec<&str> = ec2.matching(&pattern.to_ascii_lowercase()).map(|one| one.name).collect();
        assert_eq!(found, naive, "{pattern}");
    }
}

#[test]
fn slips_are_seen() {
    assert_eq!(service_named_like("cloudwach"), Some("cloudwatch"));
    assert_eq!(service("s3").unwrap().action_named_like("GetObjects"), Some("GetObject"));
    assert_eq!(service("iam").unwrap().action_named_like("PasRole"), Some("PassRole"));
    assert!(service("nothing").is_none());
}
