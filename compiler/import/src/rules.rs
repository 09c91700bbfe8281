//! Rules of security groups: `tcp dmz 80 443:445`.

use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::Node;
use crate::ini::Setting;
use crate::old::{Old, host_bits};
use crate::scope::Scope;
use crate::words::{block, place, words};

/// The rules of an option, each as a value of a list.
pub(crate) fn rules(old: &mut Old, setting: &Setting, scope: &Scope<'_>) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for written in setting.value.split(',') {
        let (comments, text) = apart(written);
        let origin = old.part(setting, written.trim());
        if let Some(source) = words(&text).get(1)
            && let Some((net, true)) = block(source)
        {
            host_bits(old, old.part(setting, source), source, &net.to_string());
        }
        let node = match rule(&words(&text), scope) {
            Ok(rule) => Node { text: rule, origin: Some(origin), comments, ..Node::default() },
            Err(Refusal::Unsayable(why)) => {
                old.find(Diagnostic::new(codes::CANNOT_BE_SAID, origin, why.clone()));
                Node { comments, ..Node::refused(text, origin, why) }
            }
            Err(Refusal::Bad(why)) => {
                old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, origin, why.clone()));
                Node { comments, ..Node::refused(text, origin, why) }
            }
        };
        if let Some(first) = nodes.iter().find(|known| !known.is_silent() && known.text == node.text) {
            let found = Diagnostic::new(codes::REPEATED_OPTION, origin, "the same rule is there twice");
            let found =
                first.origin.into_iter().fold(found, |found, first| found.related(first, "the first"));
            old.find(found);
            continue;
        }
        nodes.push(node);
    }
    nodes
}

/// The lines that were meant as comments, and the rest.
fn apart(written: &str) -> (Vec<String>, String) {
    let (comments, rest): (Vec<&str>, Vec<&str>) =
        written.lines().map(str::trim).partition(|line| line.starts_with(['#', ';']));
    let comments = comments.iter().map(|line| line.trim_start_matches(['#', ';', ' ']).to_owned());
    (comments.collect(), rest.join(" ").trim().to_owned())
}

enum Refusal {
    /// The original fails with it.
    Bad(String),
    /// `.asq` has no words for it.
    Unsayable(String),
}

fn bad<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Bad(why.into()))
}

fn rule(written: &[&str], scope: &Scope<'_>) -> Result<String, Refusal> {
    let [protocol, source, ports @ ..] = written else {
        return bad("a rule is a protocol, a source and ports, such as `tcp dmz 80`");
    };
    if ports.is_empty() {
        return bad("a rule is a protocol, a source and ports, such as `tcp dmz 80`");
    }
    let source = source_of(source, scope)?;
    let protocol = protocol.to_ascii_lowercase();
    match protocol.as_str() {
        "-1" => Ok(format!("any from {source}")),
        "icmp" | "1" => icmp(&source, ports),
        "tcp" | "6" => with_ports("tcp", &source, ports),
        "udp" | "17" => with_ports("udp", &source, ports),
        number if number.parse::<u8>().is_ok() => Ok(format!("proto {number} from {source}")),
        other => bad(format!("`{other}` is no protocol")),
    }
}

fn source_of(source: &str, scope: &Scope<'_>) -> Result<String, Refusal> {
    if source.eq_ignore_ascii_case("all") {
        return Ok("all".to_owned());
    }
    if source.contains('/') {
        return match block(source) {
            Some((net, _)) => Ok(place(net)),
            None => bad(format!("`{source}` is no CIDR block")),
        };
    }
    if scope.has_network(source) {
        return Ok(source.to_owned());
    }
    bad(format!("there is no metanetwork `{source}` in {}", scope.name()))
}

fn with_ports(protocol: &str, source: &str, ports: &[&str]) -> Result<String, Refusal> {
    let mut written = Vec::new();
    for port in ports {
        match port_range(port)? {
            (0, 65535) => return Ok(format!("{protocol} from {source}")),
            (from, to) if from == to => written.push(from.to_string()),
            (from, to) => written.push(format!("{from}..{to}")),
        }
    }
    let ports = match written.as_slice() {
        [only] => only.clone(),
        several => crate::words::list(several),
    };
    Ok(format!("{protocol} {ports} from {source}"))
}

fn port_range(port: &str) -> Result<(u32, u32), Refusal> {
    // The original ignores what comes after a second colon.
    let mut ends = port.split(':');
    let from = ends.next().unwrap_or_default();
    let to = ends.next().unwrap_or(from);
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number <= 65535);
    match (number(from), number(to)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        (Some(_), Some(_)) => bad(format!("the ports `{port}` end before they begin")),
        _ if port == "-1" => bad("`-1` is no port: only a rule of ICMP takes it"),
        _ => bad(format!("`{port}` is no port from 0 to 65535")),
    }
}

fn icmp(source: &str, ports: &[&str]) -> Result<String, Refusal> {
    let mut types = Vec::new();
    for port in ports {
        let (kind, code) = port.split_once(':').unwrap_or((port, port));
        match (kind.parse::<i32>(), code.parse::<i32>()) {
            (Ok(-1), Ok(_)) => return Ok(format!("icmp from {source}")),
            (Ok(kind @ 0..=255), Ok(-1)) => types.push(kind),
            (Ok(kind @ 0..=255), Ok(code)) => {
                return Err(Refusal::Unsayable(format!(
                    "`{port}` is only the code {code} of the ICMP type {kind}; a rule allows all codes of a type"
                )));
            }
            _ => return bad(format!("`{port}` is no type of ICMP")),
        }
    }
    match types.as_slice() {
        [8] => Ok(format!("icmp echo-request from {source}")),
        [only] => Ok(format!("icmp {only} from {source}")),
        _ => Err(Refusal::Unsayable("several types of ICMP need several rules".to_owned())),
    }
}

/// A port or a range of `customer_ports`.
pub(crate) fn customer_port(port: &str) -> Option<String> {
    match port_range(port) {
        Ok((from, to)) if from == to => Some(from.to_string()),
        Ok((from, to)) => Some(format!("{from}..{to}")),
        Err(_) => None,
    }
}
