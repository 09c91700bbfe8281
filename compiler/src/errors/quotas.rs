//! Warnings about AWS's default quotas, and about room for addresses.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

/// The help of every quota.
const RAISE: &str = "have the quotas raised, or use fewer. Once they are raised, write `allow(over-quota)`";

/// More of something in an environment than AWS's default quota; `count` is the number and the quota.
pub(crate) fn over_quota(span: Span, env: &str, what: &str, count: (usize, usize)) -> Diagnostic {
    let (count, quota) = count;
    let message = format!("`{env}` has {count} {what}, and AWS's default quota is {quota}");
    Diagnostic::new(codes::OVER_QUOTA, span, message).label(format!("{count} {what}")).help(RAISE)
}

/// A trust policy that is longer than AWS's default quota; `length` is its size and the quota.
pub(crate) fn long_trust(span: Span, role: &str, length: (usize, usize)) -> Diagnostic {
    let (length, quota) = length;
    let message =
        format!("the trust policy of `{role}` has {length} characters, and AWS's default quota is {quota}");
    Diagnostic::new(codes::OVER_QUOTA, span, message).label(format!("{length} characters")).help(RAISE)
}

/// More of some things in one account and region than AWS's default quotas: what, how many, and the quota of each.
/// `others` is the number of environments besides the one at `span`.
pub(crate) fn over_regional_quotas(
    span: Span,
    others: usize,
    account: &str,
    region: &str,
    over: &[(String, usize, usize)],
) -> Diagnostic {
    let parts: Vec<String> =
        over.iter().map(|(what, count, quota)| format!("{count} {what} (default quota {quota})")).collect();
    let parts = match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    };
    let place = if account.is_empty() { region.to_owned() } else { format!("{region} of account {account}") };
    let label = match others {
        0 => format!("in {region}"),
        1 => format!("with one other environment in {region}"),
        others => format!("with {others} other environments in {region}"),
    };
    Diagnostic::new(codes::OVER_QUOTA, span, format!("{place} would have {parts}")).label(label).help(RAISE)
}

/// A load balancer in subnets that are smaller than AWS recommends.
pub(crate) fn small_balancer_subnet(
    span: Span,
    (host, block, env): (&str, &str, &str),
    (network, prefix): (&str, u8),
    place: Span,
) -> Diagnostic {
    let message = format!(
        "the `{block}` of `{host}` in `{env}` is in subnets of /{prefix}, and AWS asks for /27 or larger"
    );
    Diagnostic::new(codes::SMALL_BALANCER_SUBNET, span, message)
        .label("needs eight free addresses in each subnet")
        .related(place, format!("the subnets of `{network}` are /{prefix}"))
        .help(format!(
            "make `{network}` larger, or place the load balancer in another metanetwork: `network = NAME`"
        ))
}
