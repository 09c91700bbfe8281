//! Peerings: lines `connection_NAME = END END` of `[peerings]`.

use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::Section;
use crate::old::{Old, whole};
use crate::scopes::Scopes;
use crate::words::{name_of, words};

/// Writes the peerings.
pub(crate) fn translate(old: &mut Old, section: Option<&Section>, scopes: &Scopes, draft: &mut Draft) {
    let Some(section) = section else { return };
    let mut is_first = true;
    for line in section.options.iter().filter(|line| line.key.starts_with("connection_")) {
        let name = name_of(line.key.trim_start_matches("connection_"));
        let ends = words(&line.value);
        let node = if let [one, two] = ends.as_slice() {
            let mut ends = Vec::new();
            let mut why = None;
            for end in [one, two] {
                match end_of(end, scopes) {
                    Ok(end) => ends.push(end),
                    Err((code, message)) => {
                        old.find(Diagnostic::new(code, old.part(line, end), message.clone()));
                        why.get_or_insert(message);
                    }
                }
            }
            match why {
                None => Node::field(format!("peering {name} = {}", ends.join(" <-> ")), whole(line)),
                Some(why) => Node::refused(format!("peering {name} = {}", line.value), whole(line), why),
            }
        } else {
            let why = "a peering has two ends, separated by one blank";
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, line.span, why));
            Node::refused(format!("peering {name} = {}", line.value), whole(line), why)
        };
        let comments = if is_first { section.comments.clone() } else { Vec::new() };
        is_first = false;
        draft.add("networks.asq", node.commented(&comments).commented(&line.comments));
    }
}

/// An end of a peering as `.asq` says it, or why it matches no environment.
fn end_of(end: &str, scopes: &Scopes) -> Result<String, (asiaq_lang::Code, String)> {
    let Some((who, network)) = end.split_once('/') else {
        return Err((codes::BAD_OPTION_VALUE, format!("`{end}` is not `NAME:TYPE/METANETWORK`")));
    };
    let (name, envtype) = who.split_once(':').unwrap_or((who, who));
    if name == "*" {
        if who == "*" {
            return Err((codes::BAD_OPTION_VALUE, "`*` needs a type, as in `*:sandbox`".to_owned()));
        }
        if scopes.of_type(envtype).next().is_none() {
            let message = format!("`{end}` matches nothing: there is no environment of the type `{envtype}`");
            return Err((codes::PEERING_NEVER_MATCHES, message));
        }
        let written = scopes.name_of_type(envtype).unwrap_or_else(|| name_of(envtype));
        return Ok(format!("{written}/{network}"));
    }
    match scopes.environments.get(name) {
        Some(env) if env.envtype == envtype => Ok(format!("{name}/{network}")),
        Some(env) => Err((
            codes::PEERING_NEVER_MATCHES,
            format!("`{end}` never matches: `{name}` is of the type `{}`, not `{envtype}`", env.envtype),
        )),
        None => Err((
            codes::PEERING_NEVER_MATCHES,
            format!("`{end}` matches nothing: there is no environment `{name}`"),
        )),
    }
}
