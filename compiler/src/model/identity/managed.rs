//! Managed policies of AWS that are written as ARNs.

use asiaq_iam::table;
use asiaq_lang::{Diagnostic, Span};

use super::Arns;
use crate::errors;
use crate::library::kinds;

/// The name of the policy that an ARN is of, with a warning if asiaq does not know it. The error is what else it is of.
pub(super) fn name(
    arn: &str,
    span: Span,
    arns: &Arns,
) -> Result<(String, Option<Diagnostic>), Box<Diagnostic>> {
    let refuse = |why: &str, help: &str| Err(Box::new(errors::arn_of_no_aws_policy(span, arn, why, help)));
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let path = match parts.as_slice() {
        ["arn", _, "iam", "", _, rest] => rest.strip_prefix("policy/"),
        _ => None,
    };
    let ([_, partition, _, _, account, _], Some(path)) = (parts.as_slice(), path) else {
        return refuse("not a policy", "write the name of the policy, such as `ReadOnlyAccess`");
    };
    let partition_here = arns.partition;
    if *account == arns.account {
        let declared = arns
            .declared()
            .iter()
            .find(|((kind, _), of)| *kind == kinds::POLICY && of.iter().any(|own| own == arn));
        let help = match declared {
            Some(((_, name), _)) => format!("move it to `policies`, as in `policies = [{name}]`"),
            None => "declare the policy in the account, and name it in `policies`".to_owned(),
        };
        return refuse("a policy of this account", &help);
    }
    if *account != "aws" {
        let whose = format!("a policy of another account, `{account}`");
        return refuse(&whose, "IAM attaches policies of the same account only: declare the policy here");
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let known = table::managed_policy(name);
    if *partition != partition_here {
        let why = format!("in the partition `{partition}`, and the account is in `{partition_here}`");
        return refuse(&why, &format!("write `{name}`: asiaq puts it into the partition of the account"));
    }
    match known {
        Some(known) if known.arn(partition) == arn => Ok((known.name.to_owned(), None)),
        Some(known) => {
            refuse("another path", &format!("write `{name}`, which is `{}`", known.arn(partition)))
        }
        // Below the path that it has, and not at the top.
        None => {
            let meant = table::managed_policy_named_like(name);
            Ok((path.to_owned(), Some(errors::unknown_aws_policy(span, name, meant))))
        }
    }
}
