//! Versions of engines, and the classes and node types that run them.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

/// A version that asiaq's table of an engine does not have, and the one that may be meant.
pub(crate) fn unknown_version(span: Span, version: &str, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(
        codes::UNKNOWN_ENGINE_VERSION,
        span,
        format!("asiaq does not know the version `{version}`"),
    )
    .label("not in asiaq's list of versions");
    match near {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("check the version; if AWS has it, write `allow(unknown-engine-version)`"),
    }
}

/// A version whose standard support ends soon, or has ended.
pub(crate) fn ending_version(span: Span, version: &str, day: &str, is_over: bool) -> Diagnostic {
    let message = if is_over {
        format!("AWS's standard support of `{version}` ended on {day}")
    } else {
        format!("AWS's standard support of `{version}` ends on {day}")
    };
    Diagnostic::new(codes::ENDING_ENGINE_VERSION, span, message)
        .label("costs more afterwards, or is upgraded by AWS")
        .help("plan an upgrade to a newer version")
}

/// A version that AWS gives to nobody new.
pub(crate) fn retired_version(span: Span, engine: &str, version: &str, newest: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(
        codes::ENDING_ENGINE_VERSION,
        span,
        format!("AWS creates nothing with `{engine}` {version} any more"),
    )
    .label("only those who have it keep it");
    match newest {
        Some(newest) => found.help(format!("the newest version is `\"{newest}\"`")),
        None => found.help("choose a newer version"),
    }
}

/// A class or node type that asiaq's table does not have, and the one that may be meant.
pub(crate) fn unknown_class(span: Span, class: &str, near: Option<&str>) -> Diagnostic {
    let found =
        Diagnostic::new(codes::UNKNOWN_CLASS, span, format!("asiaq does not know the type `{class}`"))
            .label("not in asiaq's list of types");
    match near {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("check the name; if AWS has this type, write `allow(unknown-class)`"),
    }
}

/// A class or node type that a region does not offer.
pub(crate) fn class_not_offered(span: Span, class: &str, env: &str, region: &str) -> Diagnostic {
    let message = format!("{region}, the region of `{env}`, does not offer the type `{class}`");
    Diagnostic::new(codes::CLASS_NOT_OFFERED, span, message)
        .label("not in this region")
        .help("choose another type; if AWS offers it by now, write `allow(class-not-offered)`")
}
