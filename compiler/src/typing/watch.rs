//! Subscribers of topics, subjects of alarms, and dimensions of metrics.

use asiaq_iam::is_account_id;
use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Name, Setting, StringPart};

use super::{Typer, has_interpolation, plain};
use crate::errors;
use crate::library::kinds;
use crate::types::Ty;
use crate::value::{Spanned, Subscriber, Value, Watched};

impl Typer<'_, '_> {
    pub(super) fn subscriber(&mut self, expr: &Expr, parts: &[StringPart]) -> Value {
        let Some(text) = self.text(parts) else { return Value::Error };
        let is_whole = self.variables.is_some() || !has_interpolation(parts);
        if let Some(address) = address_alone(&text) {
            return self.report(errors::subscriber_with_scheme(expr.span, &text, address));
        }
        match protocol_of(&text) {
            Ok(protocol) => Value::Subscriber(Subscriber { protocol: protocol.to_owned(), endpoint: text }),
            // The protocol may be in an interpolated variable.
            Err(_) if !is_whole => Value::Subscriber(Subscriber { protocol: String::new(), endpoint: text }),
            Err(way_out) => self.report(errors::not_a_subscriber(expr.span, &text, way_out.as_deref())),
        }
    }

    /// The subjects of an alarm, always as a list.
    pub(super) fn watched(&mut self, expr: &Expr, site: Span) -> Value {
        let mut watched = Vec::new();
        if self.watched_list(expr, site, &mut watched) { Value::List(watched) } else { Value::Error }
    }

    /// The dimensions of a metric, with the characters that CloudWatch takes (Amazon CloudWatch API reference,
    /// `Dimension`). Their lengths are limits of the resource.
    pub(super) fn dimensions(&mut self, settings: &[Setting]) -> Value {
        let of_name = |name: &Name| {
            let has_colon = name.text.starts_with(':').then_some("begins with a colon");
            let reason = has_colon.or_else(|| unprintable(&name.text))?;
            Some(errors::not_a_dimension(name.span, "name", reason))
        };
        self.named_texts(settings, of_name, |typer, value| {
            let text = typer.value(value, &Ty::String).text()?;
            if let Some(reason) = unprintable(&text) {
                typer.report(errors::not_a_dimension(value.span, "value", reason));
                return None;
            }
            Some(text)
        })
    }

    /// The value of a log event, as CloudWatch writes it.
    pub(super) fn log_value(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Int(text) | ExprKind::Number(text) | ExprKind::Offset(text) => {
                self.log_number(expr, text, site)
            }
            ExprKind::String(parts) if is_field(&plain(parts)) && !has_interpolation(parts) => {
                Value::Text(plain(parts))
            }
            ExprKind::String(parts) if !has_interpolation(parts) => {
                self.log_number(expr, &plain(parts), site)
            }
            ExprKind::Error => Value::Error,
            _ => self.report(errors::log_value(site, expr)),
        }
    }

    /// A number as the one text of all that mean the same.
    fn log_number(&mut self, expr: &Expr, text: &str, site: Span) -> Value {
        let text = text.replace(' ', "");
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
        match text.parse::<f64>() {
            // There is one zero.
            Ok(number) if is_decimal && number.is_finite() => Value::Text((number + 0.0).to_string()),
            _ => self.report(errors::log_value(site, expr)),
        }
    }

    /// Adds the subjects of a list or of one value; returns whether all of them are valid.
    fn watched_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Spanned<Value>>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        let watched = match &behind.kind {
            ExprKind::List(items) => return self.every(items, site, into, Self::watched_list),
            ExprKind::Name(word) if word == "all" => Watched::All,
            ExprKind::Name(name) => {
                let Value::Ref(name) = self.reference(&behind, kinds::HOSTCLASS, name) else { return false };
                Watched::Hostclass(name)
            }
            ExprKind::String(parts) => match self.text(parts) {
                Some(name) => Watched::Named(name),
                None => return false,
            },
            ExprKind::Phrase(word, name) if let Some(kind) = kinds::store(&word.text) => match &name.kind {
                ExprKind::Name(name) => Watched::Store(kind, name.clone()),
                ExprKind::Error => return false,
                _ => {
                    self.report(errors::no_name_of_store(name.span, kind));
                    return false;
                }
            },
            ExprKind::Error => return false,
            _ => {
                self.mismatch(&behind, &Ty::Watched, site);
                return false;
            }
        };
        into.push(Spanned::new(Value::Watched(watched), site));
        true
    }
}

/// Why CloudWatch does not take a text as the name or the value of a dimension. An empty one is too short.
fn unprintable(text: &str) -> Option<&'static str> {
    if !text.is_ascii() {
        return Some("has a character that is not ASCII");
    }
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Some("has a control character");
    }
    (!text.is_empty() && text.bytes().all(|byte| byte == b' ')).then_some("is blank")
}

/// Whether a text names a field of a pattern: `$size`, `$.request.size`.
fn is_field(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or("");
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '$')
}

/// The protocol of a subscriber, by the form of its endpoint; if it has none, how to write it, where that is known.
fn protocol_of(text: &str) -> Result<&'static str, Option<String>> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(None);
    }
    let lower = text.to_ascii_lowercase();
    for (start, protocol) in [("https://", "https"), ("http://", "http")] {
        if let Some(rest) = lower.strip_prefix(start) {
            let (host, path) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
            // The path keeps its case.
            let path = text.get(text.len() - path.len()..).unwrap_or_default();
            if let Some(arn) = arn_of_queue(host, path) {
                return Err(Some(format!(
                    "an SQS queue does not confirm a subscription to its URL: write its ARN, `{arn}`"
                )));
            }
            return if host.is_empty() { Err(None) } else { Ok(protocol) };
        }
    }
    if text.starts_with("arn:") {
        return of_arn(text);
    }
    let (name, domain) = text.rsplit_once('@').ok_or(None)?;
    let is_domain = domain.contains('.') && super::literal::is_domain(domain);
    if !name.is_empty() && !name.contains('@') && is_domain { Ok("email") } else { Err(None) }
}

/// The address in a text that has something around it, as in `mailto:ops@shop.example` and `Ops <ops@shop.example>`.
fn address_alone(text: &str) -> Option<&str> {
    const SCHEMES: &[&str] = &["email-json", "email", "http", "https", "mail", "mailto", "smtp"];
    let is_address = |text: &&str| protocol_of(text) == Ok("email") && !text.contains([':', '/', '<', '>']);
    let of_scheme = || {
        let (scheme, rest) = text.split_once(':')?;
        let is_known = SCHEMES.contains(&scheme.to_ascii_lowercase().as_str());
        Some(rest.trim_start_matches('/')).filter(|_| is_known)
    };
    let in_brackets = || text.split_once('<')?.1.strip_suffix('>');
    of_scheme().filter(is_address).or_else(|| in_brackets().filter(is_address))
}

/// Partitions of AWS, each with the start of its regions (AWS general reference, "Amazon Resource Names").
const PARTITIONS: &[(&str, &str)] = &[
    ("aws", ""),
    ("aws-cn", "cn-"),
    ("aws-us-gov", "us-gov-"),
    ("aws-iso", "us-iso-"),
    ("aws-iso-b", "us-isob-"),
    ("aws-iso-e", "eu-isoe-"),
    ("aws-iso-f", "us-isof-"),
    ("aws-eusc", "eusc-"),
];

/// The protocol of an ARN: `arn:aws:sqs:us-west-2:123456789012:queue`,
/// `arn:aws:lambda:us-west-2:123456789012:function:name`.
fn of_arn(text: &str) -> Result<&'static str, Option<String>> {
    let parts: Vec<&str> = text.split(':').collect();
    let (protocol, partition, region, account, name) = match parts.as_slice() {
        ["arn", partition, "sqs", region, account, name] => ("sqs", partition, region, account, name),
        ["arn", partition, "lambda", region, account, "function", name]
        | ["arn", partition, "lambda", region, account, "function", name, _] => {
            ("lambda", partition, region, account, name)
        }
        _ => return Err(None),
    };
    let wrong = |why: String| Err(Some(why));
    let Some((_, start)) = PARTITIONS.iter().find(|(known, _)| known == partition) else {
        return wrong(format!("AWS has no partition `{partition}`: most ARNs begin with `arn:aws:`"));
    };
    let of_others =
        |(known, start): &(&str, &str)| known != partition && !start.is_empty() && region.starts_with(start);
    if !is_region(region) {
        return wrong(format!("`{region}` is not a region: write one such as `us-west-2`"));
    }
    if !region.starts_with(start) || PARTITIONS.iter().any(of_others) {
        return wrong(format!("partition `{partition}` does not have the region `{region}`"));
    }
    if !is_account_id(account) {
        return wrong(format!("`{account}` is not an account id, which has 12 digits"));
    }
    if protocol == "sqs" && name.strip_suffix(".fifo").is_some() {
        return wrong(
            "topics are standard topics, which cannot deliver to a FIFO queue: use a standard queue"
                .to_owned(),
        );
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        return wrong(format!("`{name}` is not the name of a queue or function"));
    }
    Ok(protocol)
}

/// Whether a text has the form of a region: `us-west-2`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |word: &&str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.len() >= 2
        && words.iter().all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The ARN of the queue of a URL: `sqs.us-west-2.amazonaws.com` and `123456789012/queue`.
fn arn_of_queue(host: &str, path: &str) -> Option<String> {
    let (host, _) = host.split_once(':').unwrap_or((host, ""));
    let host = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let region = host.strip_prefix("sqs.").or_else(|| host.strip_suffix(".queue"))?;
    let (account, name) = path.split_once('/')?;
    if !is_account_id(account) || name.is_empty() {
        return None;
    }
    let own = |(_, start): &&(&str, &str)| !start.is_empty() && region.starts_with(start);
    let partition = PARTITIONS.iter().find(own).map_or("aws", |(partition, _)| partition);
    Some(format!("arn:{partition}:sqs:{region}:{account}:{name}"))
}
