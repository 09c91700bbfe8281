//! ARNs of another partition than that of the account: IAM and S3 refuse policies with them.

use asiaq_iam::document::{PrincipalKind, Text};
use asiaq_lang::Diagnostic;

use crate::errors;
use crate::model::Written;

/// The ARNs in a policy that are not of the partition `here`.
pub(super) fn check(Written { document, .. }: &Written, here: &str) -> Vec<Diagnostic> {
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
