//! The texts of resources: whether they are ARNs.

use super::{Checked, Use};
use crate::arn::{Arns, arns, is_account_id};
use crate::document::{Text, Version};
use crate::near;
use crate::pattern::{Token, plain};
use crate::problem::{Code, Problem};
use crate::table;
use crate::variables::{Slip, Wildcards, parts};

/// The partitions of AWS ("Amazon Resource Names" of the IAM user guide, and the endpoints of botocore).
pub(super) const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov"];

pub(super) fn check<P: Clone>(checked: &Checked<P>, problems: &mut Vec<Problem<P>>) {
    let statement = checked.statement;
    let Some(resources) = &statement.resources else {
        if checked.of == Use::Identity {
            let message = "a statement without resources";
            problems.push(
                Problem::new(Code::MissingElement, statement.place.clone(), message)
                    .help("name the resources that it is about; all are `*`"),
            );
        }
        return;
    };
    if checked.of == Use::Trust {
        let message = "the statement of a trust policy has no resources";
        problems.push(
            Problem::new(Code::TrustElement, resources.place.clone(), message)
                .help("take them out: the resource is the role itself"),
        );
        return;
    }
    for text in &resources.values {
        let slips = parts(&text.value, checked.version, Wildcards::Any).1;
        problems.extend(slips.iter().map(|slip| bad_variable(text, slip)));
        problems.extend(unused_variables(text, checked.version));
        if slips.is_empty() {
            problems.extend(problem(text, checked.version));
        }
    }
}

/// A variable that is none.
pub(super) fn bad_variable<P: Clone>(text: &Text<P>, slip: &Slip) -> Problem<P> {
    let (message, help) = match slip {
        Slip::Open => (
            "`${` without `}`".to_owned(),
            "close the variable, or write `${$}` for a dollar sign".to_owned(),
        ),
        Slip::NoKey(inner) => {
            let known = inner.split(',').next().map(str::trim).unwrap_or_default();
            let keyed = table::key(&format!("aws:{known}")).map(|_| format!("write `${{aws:{known}}}`"));
            let usual = "a variable is a condition key, as in `${aws:username}`, and may have a value for requests without it, as in `${aws:PrincipalTag/team, 'none'}`";
            (format!("`${{{inner}}}` is not a variable"), keyed.unwrap_or_else(|| usual.to_owned()))
        }
    };
    Problem::new(Code::BadVariable, text.place.clone(), message).help(help)
}

/// Variables in the old version of the language, where they are text, and variables that no request has.
pub(super) fn unused_variables<P: Clone>(text: &Text<P>, version: Version) -> Vec<Problem<P>> {
    if !text.value.contains("${") {
        return Vec::new();
    }
    let tokens = parts(&text.value, Version::V2012, Wildcards::Any).0;
    let mut keys = tokens.iter().filter_map(|token| match token {
        Token::Variable(variable) => Some(&variable.key),
        _ => None,
    });
    if version == Version::V2008 {
        let found = keys.next().map(|name| {
            let message = format!("`${{{name}}}` is a text in version 2008-10-17 of the language");
            Problem::new(Code::BadVariable, text.place.clone(), message)
                .help("set the version of the policy to `2012-10-17`; without one it is the old one")
        });
        return found.into_iter().collect();
    }
    let unknown = keys.filter(|name| table::key(name).is_none());
    let problem = |name: &String| {
        let message = format!("no request is known to have `{name}`");
        Problem::new(Code::BadVariable, text.place.clone(), message)
            .help("where a request has no such key, the text matches nothing")
    };
    unknown.map(problem).collect()
}

fn problem<P: Clone>(text: &Text<P>, version: Version) -> Option<Problem<P>> {
    let bad = |help: String| {
        let message = format!("`{}` is not an ARN", text.value);
        Some(Problem::new(Code::BadArn, text.place.clone(), message).help(help))
    };
    let found = match arns(&text.value, version) {
        Arns::All => return None,
        Arns::Malformed => {
            return bad("an ARN has six parts: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, as in `arn:aws:s3:::bucket/*`; all resources are `*`".to_owned());
        }
        Arns::Parts(found) => found,
    };
    let [_, partition, service, region, account, resource] = found.as_slice() else { return None };
    if [partition, service, region, account].into_iter().flatten().any(Token::is_variable) {
        let message = "variables are possible behind the fifth colon only";
        return Some(Problem::new(Code::BadVariable, text.place.clone(), message).help(
            "the manual says so; some of AWS's own policies have them elsewhere: write `*` to be safe",
        ));
    }
    if let Some(name) = plain(partition)
        && !PARTITIONS.contains(&name.as_str())
    {
        let meant = near::slip(&name, PARTITIONS.iter().copied()).unwrap_or("aws");
        return bad(format!("there is no partition `{name}`: `{meant}` is meant"));
    }
    if resource.is_empty() {
        return bad("nothing is behind the fifth colon: name the resource, or write `*` there".to_owned());
    }
    if let Some(name) = plain(account)
        && !matches!(name.as_str(), "" | "aws" | "aws-managed" | "cloudfront" | "amazon" | "aws-marketplace")
        && !is_account_id(&name)
    {
        return bad(format!("`{name}` is not an account id, which has 12 digits"));
    }
    let name = plain(service)?;
    if name.is_empty() {
        return bad("the service is missing: it is behind the second colon".to_owned());
    }
    None
}
