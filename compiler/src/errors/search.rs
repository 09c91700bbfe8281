//! Mistakes in search domains.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

fn refused(span: Span, message: impl Into<String>, label: &str) -> Diagnostic {
    Diagnostic::new(codes::SEARCH_SETTING, span, message).label(label)
}

pub(crate) fn not_a_search_version(span: Span, text: &str, near: &str) -> Diagnostic {
    refused(span, format!("`{text}` is no version of OpenSearch Service"), "not an engine and a version")
        .help(format!("write the engine and the version as AWS does: `\"{near}\"`"))
}

pub(crate) fn not_a_search_type(span: Span, text: &str) -> Diagnostic {
    refused(span, format!("`{text}` is no instance type of a search domain"), "does not end in `.search`")
        .help(format!("write `{}`", search_type(text)))
}

/// The type of a search domain that is like another one.
fn search_type(text: &str) -> String {
    let bare = text.trim_start_matches("db.").trim_start_matches("cache.");
    let bare = bare.trim_end_matches(".elasticsearch");
    let is_whole = bare.split('.').count() == 2;
    if is_whole { format!("{bare}.search") } else { "m7g.large.search".to_owned() }
}

pub(crate) fn masters_count(span: Span, count: u32) -> Diagnostic {
    refused(span, format!("a search domain cannot have {count} dedicated master nodes"), "not 3 or 5")
        .help("write `count = 3`: an even number, or less than three, cannot decide which half is right")
}

pub(crate) fn too_few_zones(span: Span, zones: u32, env: &str, has: usize) -> Diagnostic {
    let message = format!("the data nodes are to be in {zones} zones, and `{env}` has {has}");
    refused(span, message, "a subnet in each zone is needed")
        .help(format!("give `{env}` more `zones`, or use fewer here"))
}

pub(crate) fn uneven_nodes(span: Span, count: u32, zones: u32) -> Diagnostic {
    let message = format!("{count} data nodes cannot be distributed evenly over {zones} zones");
    refused(span, message, "not a multiple of the number of zones")
        .help(format!("write `count = {}`", count.div_ceil(zones).max(1) * zones))
}

pub(crate) fn own_disks(span: Span, of_type: &str) -> Diagnostic {
    refused(
        span,
        format!("nodes of type `{of_type}` have disks of their own, and no EBS volumes"),
        "AWS refuses it",
    )
    .help("remove `storage`, or choose a type without disks")
}

pub(crate) fn no_disks(span: Span, of_type: &str) -> Diagnostic {
    refused(span, format!("nodes of type `{of_type}` have no disks of their own"), "an EBS volume is needed")
        .help("add `storage = 100GB`")
}

pub(crate) fn volume_setting(span: Span, setting: &str, of_type: &str, with: &str) -> Diagnostic {
    refused(
        span,
        format!("EBS volumes of type `{of_type}` have no `{setting}` of their own"),
        "AWS refuses it",
    )
    .help(format!("remove `{setting}`, or write `storage_type = {with}`"))
}

pub(crate) fn volume_needs_iops(span: Span) -> Diagnostic {
    refused(span, "EBS volumes of type `io1` need `iops`", "without `iops`").help("add `iops = 1000`")
}

pub(crate) fn no_encryption(span: Span, setting: &str, what: &str) -> Diagnostic {
    refused(span, format!("`{setting}` is not possible with `{what}`"), "AWS refuses it")
        .help(format!("remove `{setting}`, or choose a newer version or type"))
}

/// What fine-grained access control needs.
pub(crate) fn fine_grained_needs(span: Span, needed: &str) -> Diagnostic {
    refused(span, format!("`master_user` needs `{needed}`"), "AWS refuses it without")
        .help(format!("write `{needed}`, or remove `master_user`"))
}

pub(crate) fn not_a_log(span: Span, word: &str, known: &[&str]) -> Diagnostic {
    refused(span, format!("a search domain has no log `{word}`"), "not a log")
        .help(format!("choose one of `{}`", known.join("`, `")))
}

pub(crate) fn not_an_access_policy(span: Span, name: &str) -> Diagnostic {
    refused(span, format!("the access policy of `{name}` cannot be read"), "no policy in JSON")
        .help("write a JSON document with statements, or remove `policy`")
}

pub(crate) fn not_a_share(span: Span) -> Diagnostic {
    refused(span, "`keep` is a part of the space", "not between 0% and 100%").help("write `keep = 80%`")
}

pub(crate) fn client_elsewhere(span: Span, reference: &str) -> Diagnostic {
    refused(
        span,
        format!("`{reference}` is a metanetwork of another environment"),
        "its addresses are not known here",
    )
    .help("write the addresses of its NAT gateways: `203.0.113.10/32`")
}

pub(crate) fn unknown_client(span: Span, name: &str, env: &str) -> Diagnostic {
    refused(span, format!("nothing in `{env}` with a public address is called `{name}`"), "not known")
        .help("write a block such as `203.0.113.0/24`, `nat`, a metanetwork with NAT gateways, or a hostclass with `eip`")
}

pub(crate) fn client_without_address(span: Span, name: &str, needed: &str) -> Diagnostic {
    refused(span, format!("`{name}` has no public address that is known"), "no address")
        .help(format!("add `{needed}` to it, or write a block"))
}

pub(crate) fn search_without_network(span: Span, network: &str, env: &str) -> Diagnostic {
    refused(span, format!("`{env}` has no metanetwork `{network}` for the search domain"), "in no network")
        .help("add `network = NAME`, or `allowed = […]` for a public one")
}

pub(crate) fn archive_without_account(span: Span, setting: &str, env: &str) -> Diagnostic {
    let instead = if setting == "role" { "role_arn" } else { "bucket_name" };
    refused(span, format!("`{env}` has no account that declares this"), "not known")
        .help(format!("add `account` to `{env}`, or write `{instead}`"))
}

pub(crate) fn search_name(span: Span, name: &str) -> Diagnostic {
    let why = match name.len() {
        ..3 => "too short".to_owned(),
        length @ 29.. => format!("{length} characters, and AWS allows 28"),
        _ => "not lower-case letters, digits and hyphens, a letter first".to_owned(),
    };
    Diagnostic::new(codes::SEARCH_NAME, span, format!("AWS accepts no search domain called `{name}`"))
        .label(why)
        .help("set another name: `name = \"logs-ci\"`")
}

pub(crate) fn search_name_taken(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::SEARCH_NAME, span, format!("two search domains are called `{name}` in AWS"))
        .label("same name again")
        .related(first, "has the same name")
        .help("set another `name`")
}

/// A public domain that everybody may call.
pub(crate) fn open_search_domain(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::OPEN_SEARCH_DOMAIN, span, format!("everybody can read and change `{name}`"))
        .label("open to the internet")
        .help("name the blocks that may call it, or put it into a metanetwork with `network`")
}
