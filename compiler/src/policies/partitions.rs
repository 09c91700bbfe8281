//! ARNs of another partition than that of the account: IAM and S3 refuse policies with them.

use asiaq_iam::document::{PrincipalKind, Text};
use asiaq_lang::Diagnostic;

use crate::errors;
use crate::model::{Account, Written};

pub(super) fn check(account: &Account) -> Vec<Diagnostic> {
    let identity = &account.identity;
    let permissions = identity.roles.iter().map(|role| &role.permissions);
    let permissions = permissions.chain(identity.groups.iter().map(|group| &group.permissions));
    let permissions = permissions.chain(identity.users.iter().map(|user| &user.permissions));
    let policies = identity.policies.iter().map(|policy| &policy.document);
    let policies = policies.chain(identity.roles.iter().map(|role| &role.trust));
    let policies = policies.chain(permissions.filter_map(|permissions| permissions.inline.as_ref()));
    let policies = policies.chain(account.storage.buckets.iter().filter_map(|bucket| bucket.policy.as_ref()));
    policies.flat_map(|policy| foreign(policy, account.arns.partition)).collect()
}

fn foreign(Written { document, .. }: &Written, here: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for statement in &document.statements {
        let principals = statement.principals.iter().flat_map(|principals| &principals.values);
        let named = principals
            .filter(|one| matches!(one.kind, PrincipalKind::Aws | PrincipalKind::Federated))
            .map(|one| &one.name);
        let resources = statement.resources.iter().flat_map(|resources| &resources.values);
        for Text { place, value } in named.chain(resources) {
            let partition = partition(value).filter(|partition| *partition != here);
            found.extend(partition.map(|partition| errors::other_partition(*place, value, partition, here)));
        }
    }
    found
}

/// The partition of an ARN that names one; which partitions there are is checked with the policy.
fn partition(text: &str) -> Option<&str> {
    let partition = text.strip_prefix("arn:")?.split(':').next()?;
    partition.starts_with("aws").then_some(partition).filter(|name| !name.contains(['*', '?', '$']))
}

#[cfg(test)]
mod tests {
    use super::partition;

    #[test]
    fn wildcards_and_variables_name_no_partition() {
        assert_eq!(partition("arn:aws-cn:s3:::b"), Some("aws-cn"));
        for text in ["*", "arn:*:s3:::b", "arn:aws*:s3:::b", "arn:${aws:x}:s3:::b", "arn::s3:::b", "ec2"] {
            assert_eq!(partition(text), None, "{text}");
        }
    }
}
