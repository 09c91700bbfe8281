//! The values of conditions: whether their operator can read them, and whether they can be those of a request.

use super::Checked;
use super::arn_text::{bad_variable, unused_variables};
use crate::arn::{Arns, arns};
use crate::document::{Condition, Family, Test, Text, Version};
use crate::pattern::Token;
use crate::problem::{Code, Problem};
use crate::value;
use crate::variables::{Wildcards, parts};

pub(super) fn check<P: Clone>(
    checked: &Checked<P>,
    condition: &Condition<P>,
    problems: &mut Vec<Problem<P>>,
) {
    for text in &condition.values {
        problems.extend(variables(text, condition, checked.version));
        problems.extend(unreadable(text, condition).or_else(|| never_equal(text, condition)));
    }
}

/// Variables are possible where texts, ARNs and truth values are compared.
fn variables<P: Clone>(text: &Text<P>, condition: &Condition<P>, version: Version) -> Vec<Problem<P>> {
    let family = condition.operator.test.family();
    if text.value.contains("${") && matches!(family, Family::String | Family::Arn | Family::Bool) {
        let slips = parts(&text.value, version, Wildcards::Any).1;
        let mut found: Vec<Problem<P>> = slips.iter().map(|slip| bad_variable(text, slip)).collect();
        found.extend(unused_variables(text, version));
        return found;
    }
    Vec::new()
}

fn unreadable<P: Clone>(text: &Text<P>, condition: &Condition<P>) -> Option<Problem<P>> {
    let value = text.value.as_str();
    let is_variable = value.contains("${");
    let (is_read, wanted) = match condition.operator.test.family() {
        Family::Bool | Family::Null => {
            let is_read = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
            (is_read || is_variable && condition.operator.test == Test::Bool, "`true` or `false`")
        }
        Family::Numeric => (value::decimal(value).is_some(), "a number, as in `10` or `2.5`"),
        Family::Date => (
            value::instant(value).is_some(),
            "a date with its zone, as in `2030-01-31T00:00:00Z`, or seconds since 1970",
        ),
        Family::Ip => (value::block(value).is_some(), "an address or a CIDR block, as in `203.0.113.0/24`"),
        Family::Binary => {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
            (value.bytes().all(is_letter), "Base64")
        }
        // Services write patterns of fewer parts, and one for all.
        Family::Arn => {
            let found = arns(value, Version::V2012);
            (found != Arns::Malformed || is_variable, "an ARN, as in `arn:aws:s3:::bucket`, or `*`")
        }
        Family::String => (true, ""),
    };
    if is_read {
        return None;
    }
    let message = format!("`{}` cannot read `{value}`", condition.operator.word());
    Some(Problem::new(Code::BadValue, text.place.clone(), message).help(format!("the value is {wanted}")))
}

/// Values that no request has.
fn never_equal<P: Clone>(text: &Text<P>, condition: &Condition<P>) -> Option<Problem<P>> {
    let comparison = condition.operator.test;
    let value = text.value.as_str();
    // `${*}` is a star that is meant as one.
    if comparison.is_exact()
        && value != "*"
        && value.contains('*')
        && parts(value, Version::V2012, Wildcards::Any).0.contains(&Token::Many)
    {
        let like = if comparison.is_negated() { "StringNotLike" } else { "StringLike" };
        let message = format!("`{}` takes the `*` of `{value}` as it is", condition.operator.word());
        return Some(
            Problem::new(Code::Wildcard, text.place.clone(), message)
                .help(format!("`{like}` takes it as a wildcard; if the sign is meant, write `${{*}}`")),
        );
    }
    let is_source = condition.key.value.eq_ignore_ascii_case("aws:SourceIp");
    let found = value::block(value).filter(|_| is_source && comparison.family() == Family::Ip)?;
    let is_private = PRIVATE.iter().filter_map(|text| value::block(text)).any(|block| block.contains(&found));
    is_private.then(|| {
        let message = format!("no request comes from `{value}`: `aws:SourceIp` is a public address");
        Problem::new(Code::PrivateAddress, text.place.clone(), message).help(
            "within a VPC an endpoint of the service has `aws:VpcSourceIp`; `aws:SourceVpc` and `aws:SourceVpce` name networks",
        )
    })
}

/// Blocks that are not routed in the internet (RFC 1918, RFC 6598, RFC 4193).
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
