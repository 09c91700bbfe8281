//! Principals: where they belong, and whether they are names of somebody.

use super::arn_text::PARTITIONS;
use super::{Checked, Use};
use crate::arn::is_account_id;
use crate::document::normal::account;
use crate::document::{Principal, PrincipalKind};
use crate::problem::{Code, Problem};

pub(super) fn check<P: Clone>(checked: &Checked<P>, problems: &mut Vec<Problem<P>>) {
    let statement = checked.statement;
    let Some(principals) = &statement.principals else {
        if checked.of != Use::Identity {
            problems.push(
                Problem::new(Code::MissingElement, statement.place.clone(), "a statement without principals")
                    .help("say whom it is about, as in `\"Principal\": { \"AWS\": \"arn:aws:iam::123456789012:role/NAME\" }`"),
            );
        }
        return;
    };
    if checked.of == Use::Identity {
        problems.push(
            Problem::new(
                Code::PrincipalInIdentity,
                principals.place.clone(),
                "the policy of an identity names no principals",
            )
            .help("take them out: the principal is whoever has the policy"),
        );
        return;
    }
    if principals.excludes && checked.is_allow() {
        problems.push(
            Problem::new(
                Code::OpenToEveryone,
                principals.place.clone(),
                "this allows everyone but these, also without an account",
            )
            .help("list whom it allows, in `Principal`"),
        );
    }
    for principal in &principals.values {
        problems.extend(problem(principal));
        let is_open = principal.is_everyone() && !principals.excludes && checked.is_allow();
        if is_open && statement.conditions.is_empty() {
            problems.push(
                Problem::new(
                    Code::OpenToEveryone,
                    principal.name.place.clone(),
                    "this allows everyone, in every account",
                )
                .help("name accounts or roles, or add a condition such as `aws:PrincipalOrgID`"),
            );
        }
    }
}

fn problem<P: Clone>(principal: &Principal<P>) -> Option<Problem<P>> {
    let name = principal.name.value.as_str();
    let bad = |help: &str| {
        let message = format!("`{name}` is not a principal of the kind `{}`", principal.kind.word());
        Some(Problem::new(Code::BadPrincipal, principal.name.place.clone(), message).help(help))
    };
    match principal.kind {
        PrincipalKind::Aws if name == "*" || account(name).is_some() => None,
        PrincipalKind::Aws if is_id(name) => {
            let message = format!("`{name}` stands for a user or role that is deleted");
            Some(
                Problem::new(Code::DeletedPrincipal, principal.name.place.clone(), message)
                    .help("AWS shows the id where it no longer knows a name, and refuses to take it back: name who is meant now"),
            )
        }
        PrincipalKind::Aws if name.contains(['*', '?']) => bad(
            "a principal has no wildcards: name each, or name the account and add a condition with `aws:PrincipalArn`",
        ),
        PrincipalKind::Aws if name.contains(":group/") => {
            bad("a group is not a principal: name its users, or a role")
        }
        PrincipalKind::Aws => {
            if is_arn(name) {
                None
            } else {
                bad("name an account by its 12 digits, or a user, role or session by its ARN")
            }
        }
        PrincipalKind::Service => {
            let ends = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal"];
            let is_host =
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
            if is_host && ends.iter().any(|end| name.ends_with(end)) {
                return None;
            }
            let meant =
                (is_host && !name.contains('.') && !name.is_empty()).then(|| format!("{name}.amazonaws.com"));
            bad("a service is named as in `ec2.amazonaws.com`").map(|problem| problem.instead(meant))
        }
        PrincipalKind::Federated => {
            let hosts = [
                "accounts.google.com",
                "cognito-identity.amazonaws.com",
                "graph.facebook.com",
                "www.amazon.com",
            ];
            let is_provider = name.contains(":saml-provider/") || name.contains(":oidc-provider/");
            if is_provider && name.starts_with("arn:") || hosts.contains(&name) || name == "*" {
                return None;
            }
            bad(
                "an identity provider is named by its ARN, as in `arn:aws:iam::123456789012:saml-provider/NAME`",
            )
        }
        PrincipalKind::CanonicalUser => {
            let is_id = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_id { None } else { bad("the canonical id of an account has 64 hexadecimal digits") }
        }
    }
}

/// Whether a text is the ARN of an account, or of a user, role or session in one ("Principal" of the IAM user guide).
fn is_arn(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", partition, service @ ("iam" | "sts"), "", account, resource] = parts.as_slice() else {
        return false;
    };
    let of_iam = ["user/", "role/"];
    let of_sts = ["assumed-role/", "federated-user/"];
    let kinds = if *service == "iam" { of_iam } else { of_sts };
    let has_name = |kind: &&str| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty());
    // CloudFront has users of its own for its origins.
    (is_account_id(account) || *account == "cloudfront")
        && PARTITIONS.contains(partition)
        && (*service == "iam" && *resource == "root" || kinds.iter().any(has_name))
}

/// Unique ids of roles, users and groups ("IAM identifiers" of the IAM user guide).
fn is_id(name: &str) -> bool {
    let starts = ["AROA", "AIDA", "AGPA", "AIPA"];
    starts.iter().any(|start| name.starts_with(start))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
