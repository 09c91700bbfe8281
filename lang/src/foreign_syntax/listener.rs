//! Listeners as other programs write them.

use super::{
    ForeignKind, ForeignSyntax,
    tokens::{Token, is_number},
};
use crate::aws_words::{self, Slot};

const PROTOCOLS: &[&str] = &["http", "https", "ssl", "tcp", "tls", "udp"];

/// A listener with two ports in another spelling: `80:8080`, `http 80 8080`, `80/http => 8080/http`. It has no meaning where
/// the text does not say what the instances speak.
pub(super) fn mapping(text: &str) -> Option<ForeignSyntax> {
    // A redirect is no listener with a port of the instances.
    if text.contains("=>") && text.to_ascii_lowercase().contains("https") {
        return None;
    }
    let is_joint = |c: char| c.is_whitespace() || matches!(c, ':' | '-' | '/' | '=' | '>' | ',' | '.');
    let words = text.split(is_joint).filter(|word| !word.is_empty() && *word != "to");
    let mut sides: Vec<(Option<String>, Option<&str>)> = Vec::new();
    for word in words {
        let protocol = Some(word.to_ascii_lowercase()).filter(|word| PROTOCOLS.contains(&word.as_str()));
        match (protocol, sides.last_mut()) {
            // `80/http`
            (Some(protocol), Some((said @ None, Some(_)))) if text.contains('/') => *said = Some(protocol),
            (Some(protocol), _) => sides.push((Some(protocol), None)),
            (None, _) if !is_number(word) => return None,
            (None, Some((_, port @ None))) => *port = Some(word),
            (None, _) => sides.push((None, Some(word))),
        }
    }
    let shown = |(protocol, port): &(Option<String>, Option<&str>)| {
        let words = [protocol.as_deref(), *port].into_iter().flatten();
        words.collect::<Vec<&str>>().join(" ")
    };
    let meant = match sides.as_slice() {
        [front @ (_, Some(_)), back @ (Some(_), Some(_))] => {
            Some(format!("{} -> {}", shown(front), shown(back)))
        }
        [(protocol, Some(port)), (None, Some(back))] => {
            // Behind `https` and `tls`, instances speak the same or the plain protocol.
            let protocol = protocol.as_deref().filter(|said| matches!(*said, "http" | "tcp" | "udp"));
            protocol.map(|protocol| format!("{protocol} {port} -> {protocol} {back}"))
        }
        [only @ (Some(_), Some(_))] => Some(shown(only)),
        _ => return None,
    };
    Some(ForeignSyntax::new(ForeignKind::Mapping, 0..text.len(), meant))
}

/// `http 80 redirect https 443`, `tcp_udp 53`
pub(super) fn of_aws(tokens: &[Token<'_>]) -> Option<ForeignSyntax> {
    let is_side = |pair: &[Token<'_>]| {
        let [word, port] = pair else { return false };
        let is_protocol = PROTOCOLS.contains(&word.text.to_ascii_lowercase().as_str());
        is_protocol && is_number(port.text)
    };
    let redirect = |token: &&Token<'_>| token.text == "=>";
    let word = |token: &Token<'_>| aws_words::help(Slot::Listener, token.text);
    if !tokens.windows(2).any(is_side) {
        return None;
    }
    if let Some(arrow) = tokens.iter().find(redirect) {
        let help = aws_words::help(Slot::Listener, "redirect")?;
        return Some(ForeignSyntax::of_aws(ForeignKind::AwsListener, arrow.at.clone(), help));
    }
    let found = tokens.iter().find_map(|token| Some((token, word(token)?)));
    found.map(|(token, help)| ForeignSyntax::of_aws(ForeignKind::AwsListener, token.at.clone(), help))
}
