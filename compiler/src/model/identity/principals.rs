//! Principals as IAM names them.

use asiaq_iam::document::PrincipalKind as IamPrincipalKind;

use super::Arns;
use crate::value::{Principal, PrincipalKind};

/// A principal as IAM names it.
pub(crate) fn named(principal: &Principal, arns: &Arns) -> (IamPrincipalKind, String) {
    match principal {
        Principal::Everyone => (IamPrincipalKind::Aws, "*".to_owned()),
        Principal::Service(name) => (IamPrincipalKind::Service, service_host(name, arns.partition)),
        Principal::Account(name) => {
            let id = arns.accounts.get(name).cloned().unwrap_or_default();
            (IamPrincipalKind::Aws, arns.root(&id))
        }
        Principal::Declared(kind, name) => {
            let arn = arns.of(kind.kind(), name).and_then(<[String]>::first).cloned().unwrap_or_default();
            let of = match kind {
                PrincipalKind::Saml => IamPrincipalKind::Federated,
                PrincipalKind::Role | PrincipalKind::User => IamPrincipalKind::Aws,
            };
            (of, arn)
        }
        Principal::Text(text) => (kind_of(text), text.clone()),
    }
}

/// Identity providers that are named by their hosts ("OIDC federation" of the IAM user guide).
const IDENTITY_PROVIDERS: &[&str] =
    &["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/// What a text in quotes names.
fn kind_of(text: &str) -> IamPrincipalKind {
    let is_canonical = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.contains(":saml-provider/")
        || text.contains(":oidc-provider/")
        || IDENTITY_PROVIDERS.contains(&text)
    {
        IamPrincipalKind::Federated
    } else if is_canonical {
        IamPrincipalKind::CanonicalUser
    } else if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") {
        IamPrincipalKind::Service
    } else {
        IamPrincipalKind::Aws
    }
}

/// `ec2` as `ec2.amazonaws.com`. In China, EC2 alone has another domain.
fn service_host(name: &str, partition: &str) -> String {
    if name.contains(".amazonaws.com") {
        name.to_owned()
    } else if partition == "aws-cn" && name == "ec2" {
        format!("{name}.amazonaws.com.cn")
    } else {
        format!("{name}.amazonaws.com")
    }
}
