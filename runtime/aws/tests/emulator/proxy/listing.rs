//! Answers of calls that look: nothing, things on their way, and pages.

use super::answer::Answer;
use super::request::{Protocol, Request};

/// States that AWS shows for a while before another one, by operation.
const ON_THE_WAY: [(&str, &str, &str); 9] = [
    ("DescribeVpcs", "<state>available</state>", "<state>pending</state>"),
    ("DescribeSubnets", "<state>available</state>", "<state>pending</state>"),
    ("DescribeNatGateways", "<state>available</state>", "<state>pending</state>"),
    ("DescribeNatGateways", "<state>deleted</state>", "<state>deleting</state>"),
    ("DescribeNetworkInterfaces", "<status>available</status>", "<status>pending</status>"),
    ("DescribeVpcPeeringConnections", "<code>active</code>", "<code>provisioning</code>"),
    ("DescribeVpcEndpoints", "<state>available</state>", "<state>pending</state>"),
    ("DescribeLoadBalancers", "<Code>active</Code>", "<Code>provisioning</Code>"),
    ("DescribeAutoScalingGroups", ">InService<", ">Pending<"),
];

/// A listing of nothing.
pub(super) fn empty(request: &Request) -> Answer {
    let operation = &request.operation;
    let (form, body) = match request.protocol {
        Protocol::Ec2 | Protocol::Rest | Protocol::S3 => {
            ("text/xml", format!("<{operation}Response/>").into_bytes())
        }
        Protocol::Query => {
            let body = format!("<{operation}Response><{operation}Result/></{operation}Response>");
            ("text/xml", body.into_bytes())
        }
        Protocol::Json => ("application/x-amz-json-1.1", b"{}".to_vec()),
        Protocol::Cbor => ("application/cbor", vec![0xa0]),
    };
    let mut headers = vec![format!("content-type: {form}")];
    if request.protocol == Protocol::Cbor {
        headers.push("smithy-protocol: rpc-v2-cbor".to_owned());
    }
    Answer { status: 200, headers, body }
}

/// The same answer with everything on its way.
pub(super) fn pending(operation: &str, answer: Answer) -> Answer {
    let states = ON_THE_WAY.iter().filter(|(of, _, _)| *of == operation);
    let text = states.fold(answer.text(), |text, (_, then, first)| text.replace(then, first));
    answer.with(text)
}

/// The page of an answer of EC2 that a call asks for, of one thing; any other answer as it is.
pub(super) fn page(request: &Request, answer: Answer) -> Answer {
    let text = answer.text();
    if request.protocol != Protocol::Ec2 || answer.status != 200 {
        return answer;
    }
    let asked = request.text();
    let token = asked.split('&').find_map(|field| field.strip_prefix("NextToken=one-"));
    let at: usize = token.and_then(|number| number.parse().ok()).unwrap_or_default();
    let Some((before, items, after)) = items(&text) else { return answer };
    let Some(item) = items.get(at) else { return answer };
    let next = items.get(at + 1).map(|_| format!("<nextToken>one-{}</nextToken>", at + 1));
    let end = after.find('>').map_or(0, |end| end + 1);
    let (set, rest) = after.split_at(end);
    let paged = format!("{before}{item}{set}{}{rest}", next.unwrap_or_default());
    answer.with(paged)
}

/// What is before, in and after the first set of items of an answer; the outermost ones, each whole.
fn items(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    const OPEN: &str = "<item>";
    const CLOSE: &str = "</item>";
    let start = text.find(OPEN)?;
    let (before, mut rest) = text.split_at(start);
    let mut items = Vec::new();
    while rest.starts_with(OPEN) {
        let (mut depth, mut end) = (0_usize, 0);
        loop {
            let left = rest.get(end..)?;
            let close = left.find(CLOSE)?;
            if let Some(open) = left.find(OPEN).filter(|open| *open < close) {
                depth += 1;
                end += open + OPEN.len();
            } else {
                depth -= 1;
                end += close + CLOSE.len();
            }
            if depth == 0 {
                break;
            }
        }
        let (item, after) = rest.split_at(end);
        items.push(item);
        rest = after.trim_start();
    }
    Some((before, items, rest))
}
