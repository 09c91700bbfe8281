//! Mistakes in caches.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn cache_setting(span: Span, message: String, help: String) -> Diagnostic {
    Diagnostic::new(codes::CACHE_SETTING, span, message).label("AWS refuses this").help(help)
}

pub(crate) fn unknown_cache_version(
    span: Span,
    engine: &str,
    version: &str,
    nearest: Option<&str>,
) -> Diagnostic {
    let message = format!("AWS has no version `{version}` of `{engine}` for new caches");
    let found = Diagnostic::new(codes::CACHE_VERSION, span, message).label("unknown version");
    match nearest {
        Some(nearest) => found.help(format!("did you mean `\"{nearest}\"`?")),
        None => found.help("look the version up in the console of ElastiCache"),
    }
}

pub(crate) fn new_cache_version(span: Span, engine: &str, version: &str) -> Diagnostic {
    let message = format!("asiaq does not know version `{version}` of `{engine}`");
    Diagnostic::new(codes::CACHE_SUPPORT, span, message)
        .label("newer than every version that asiaq knows")
        .help("nothing to do if AWS has it by now")
}

pub(crate) fn cache_version_ends(
    span: Span,
    engine: &str,
    version: &str,
    day: &str,
    is_over: bool,
) -> Diagnostic {
    let ends = if is_over { "ended" } else { "ends" };
    let message = format!("the standard support of `{engine}` {version} {ends} on {day}");
    Diagnostic::new(codes::CACHE_SUPPORT, span, message)
        .label("afterwards, AWS charges more for it or upgrades it by itself")
        .help("choose a newer version")
}

pub(crate) fn unknown_node_type(span: Span, name: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("asiaq does not know node type `{name}`");
    let found = Diagnostic::new(codes::UNKNOWN_NODE_TYPE, span, message).label("unknown type");
    match meant {
        Some(meant) => found.help(format!("did you mean `{meant}`?")),
        None => found.help("write a type such as `cache.t4g.small`; nothing to do if AWS has it by now"),
    }
}

pub(crate) fn node_type_elsewhere(span: Span, name: &str, region: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_NODE_TYPE, span, format!("`{region}` has no `{name}`"))
        .label("not offered in this region")
        .help("choose another type, or another region")
}
