//! The caller reference of a hosted zone: it is set at creation, before the tags, and says which project owns the
//! zone.

use asiaq_ir::{Address, PROJECT_TAG};

use crate::kinds::prelude::*;

/// Maximum length of a caller reference.
const LONGEST: usize = 128;
/// Number of digits of a request's token.
const TOKEN: usize = 32;

/// The caller reference of a request: the owner of the zone, and a token that distinguishes requests. Only the token
/// if both together are too long.
pub(super) fn reference(region: &str, request: &Create<'_>) -> String {
    let project = request.tags.get(PROJECT_TAG).map(String::as_str).unwrap_or_default();
    let whole = format!("asiaq {project} {region} {} {}", request.address, request.token);
    if whole.len() <= LONGEST { whole } else { request.token.to_owned() }
}

/// Whether a zone with this caller reference may belong to asiaq: the reference names it, or is a token only.
pub(super) fn may_be(reference: &str) -> bool {
    let is_token = |text: &str| text.len() == TOKEN && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    reference.starts_with("asiaq ") || is_token(reference)
}

/// Project and address of a zone, from its reference.
pub(super) fn owner(reference: &str) -> Option<(String, Address)> {
    match reference.split(' ').collect::<Vec<_>>().as_slice() {
        ["asiaq", project, _, address, _] => Some(((*project).to_owned(), Address::parse(address))),
        _ => None,
    }
}

/// Region and address of a zone of `project`, from its reference.
pub(super) fn read(reference: &str, project: &str) -> Option<(String, Address)> {
    let words: Vec<&str> = reference.split(' ').collect();
    match words.as_slice() {
        ["asiaq", of, region, address, _] if *of == project => {
            Some(((*region).to_owned(), Address::parse(address)))
        }
        _ => None,
    }
}
