//! Settings of trails.

use asiaq_lang::Diagnostic;

use crate::errors;
use crate::model::storage::Trail;

pub(super) fn check(trail: &Trail, diagnostics: &mut Vec<Diagnostic>) {
    let name = &trail.title.aws;
    if let Some(why) = name_problem(&name.value) {
        diagnostics.push(errors::bad_trail_name(name.span(), &name.value, why));
    }
    if trail.multi_region.value && !trail.global_events.value {
        let span = trail.global_events.span();
        diagnostics.push(errors::setting_needs(span, "global_events = false", "multi_region = false"));
    }
    match (&trail.log_group, &trail.log_role) {
        (Some(group), None) => {
            diagnostics.push(errors::setting_needs(group.span(), "log_group", "log_role = ROLE"));
        }
        (None, Some(role)) => {
            diagnostics.push(errors::setting_needs(role.span(), "log_role", "log_group = ARN"));
        }
        _ => {}
    }
    if trail.record.value == "none" && trail.objects.value.is_empty() {
        diagnostics.push(errors::setting_needs(trail.record.span(), "record = none", "objects = [BUCKET]"));
    }
    if let Some(prefix) = &trail.prefix
        && (prefix.value.starts_with('/') || prefix.value.ends_with('/'))
    {
        diagnostics.push(errors::prefix_with_slash(prefix.span(), &prefix.value));
    }
}

/// AWS CloudTrail user guide, "Naming requirements for CloudTrail resources"; the length is a limit of the field.
fn name_problem(name: &str) -> Option<&'static str> {
    let is_sign = |letter: char| matches!(letter, '.' | '_' | '-');
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || is_sign(letter)) {
        return Some("it has letters, digits, and `.`, `_`, `-` only");
    }
    if name.starts_with(is_sign) || name.ends_with(is_sign) {
        return Some("it begins and ends with a letter or a digit");
    }
    if name
        .as_bytes()
        .array_windows()
        .any(|[one, two]| is_sign(char::from(*one)) && is_sign(char::from(*two)))
    {
        return Some("it has no two of `.`, `_`, `-` side by side");
    }
    name.parse::<std::net::Ipv4Addr>().is_ok().then_some("it has not the form of an IP address")
}
