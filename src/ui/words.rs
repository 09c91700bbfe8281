//! Small pieces of language.

use asiaq_ir::{IngressRules, Lookup, Ref, RouteTable, SecurityGroup};
use serde_json::{Map, Value};

use super::rules;

/// Sets whose elements are shown as they are written in a program.
const RULES: &str = IngressRules::RULES.as_str();
const EGRESS: &str = SecurityGroup::EGRESS.as_str();
const ROUTES: &str = RouteTable::ROUTES.as_str();

/// `a`, `b` and `c`.
pub(crate) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// How long something took, as people say it.
#[cfg(feature = "aws")]
pub(crate) fn duration(time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    }
}

/// A time to wait, in seconds begun, to its largest two units: `40s`, `5m`, `2h 10m`.
#[cfg(feature = "aws")]
pub(crate) fn span(time: std::time::Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let (whole, rest) = match seconds {
        3_600.. => ((seconds / 3_600, "h"), (seconds % 3_600 / 60, "m")),
        60.. => ((seconds / 60, "m"), (seconds % 60, "s")),
        _ => ((seconds, "s"), (0, "")),
    };
    let rest = if rest.0 == 0 { String::new() } else { format!(" {}{}", rest.0, rest.1) };
    format!("{}{}{rest}", whole.0, whole.1)
}

/// A value of the IR as people write it: references by what they name, nothing as `none`.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        // On one line, whatever is in it.
        Value::String(text) if text.contains(char::is_control) => format!("{text:?}"),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => match serde_json::from_value(value.clone()) {
            Ok(one) => reference(&one),
            Err(_) => object(fields),
        },
    }
}

/// Several values by name, those alone that say something; one that is alone needs no name.
fn object(fields: &Map<String, Value>) -> String {
    let is_said = |value: &&Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    if let [one] = fields.values().collect::<Vec<_>>().as_slice() {
        return value(one);
    }
    let said = fields.iter().filter(|(_, value)| is_said(value));
    let said: Vec<String> = said.map(|(name, one)| format!("{name} = {}", value(one))).collect();
    format!("{{ {} }}", said.join(", "))
}

/// An element of set `field` as it would be written in environment `env`.
pub(super) fn element(field: &str, element: &Value, env: &str) -> String {
    let rule = || serde_json::from_value(element.clone()).ok().map(|rule| rules::one(&rule, env));
    let route = || serde_json::from_value(element.clone()).ok().map(|route| rules::route(&route, env));
    let said = match field {
        RULES => rule(),
        EGRESS => serde_json::from_value(element.clone()).ok().map(|rule| rules::outward(&rule, env)),
        ROUTES => route(),
        _ => None,
    };
    said.unwrap_or_else(|| value(element))
}

/// What a reference names.
pub(super) fn reference(reference: &Ref) -> String {
    match reference {
        Ref::To(address) => address.to_string(),
        Ref::Id(id) => id.clone(),
        Ref::Find(Lookup::ElasticIp(address)) => address.to_string(),
        Ref::Find(Lookup::VpnGateway(name)) => format!("VPN gateway `{name}`"),
        Ref::Find(Lookup::HostedZone(domain)) => format!("hosted zone `{domain}`"),
        Ref::Find(Lookup::Image(hostclass)) => format!("newest image of `{hostclass}`"),
        Ref::Find(Lookup::Certificate(domain)) => format!("certificate for `{domain}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_says_all_that_it_has() {
        let listener = |port: u16| {
            let certificate = json!({ "id": "arn:one" });
            json!({ "certificate": certificate, "policy": null, "port": 443, "protocol": "HTTPS", "to_port": port })
        };
        let said = |port| element("listeners", &listener(port), "ci");
        assert_eq!(said(80), "{ certificate = arn:one, port = 443, protocol = HTTPS, to_port = 80 }");
        assert_ne!(said(80), said(8081));
        assert_eq!(value(&json!({ "of": { "ref": "ci/vpc" } })), "ci/vpc");
        assert_eq!(value(&json!({ "text": "orders" })), "orders");
        assert_eq!(value(&json!("one\ntwo")), r#""one\ntwo""#);
    }
}
