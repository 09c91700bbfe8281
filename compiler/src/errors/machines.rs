//! Instances and Auto Scaling groups that AWS would reject.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, suggestion};
use crate::reach::MachineKind;
use crate::value::Spanned;

// ---------------------------------------------------------------------------------------------- Disks

pub(crate) fn too_many_disks(span: Span, hostclass: &str, disks: usize, room: usize) -> Diagnostic {
    let message = format!(
        "instances of `{hostclass}` have {disks} disks besides the root, and there are device names for {room}"
    );
    Diagnostic::new(codes::TOO_MANY_DISKS, span, message)
        .label(format!("{disks} disks"))
        .help("remove some, or set a smaller `ephemeral`")
}

pub(crate) fn root_too_small(span: Span, said: u64, images: u32, hostclass: &str) -> Diagnostic {
    Diagnostic::new(
        codes::ROOT_TOO_SMALL,
        span,
        format!("the root disk of `{hostclass}` has {said}GB, but its AMI needs {images}GB"),
    )
    .label("smaller than the AMI's root disk")
    .help(format!(
        "write {images}GB or more, or use `extra_space` in the `run` to add to the size of the AMI"
    ))
}

pub(crate) fn root_unknown(span: Span, image: &str, pinned: Span) -> Diagnostic {
    Diagnostic::new(
        codes::ROOT_UNKNOWN,
        span,
        format!("the size of the root disk of {image} is unknown, so `extra_space` cannot be added to it"),
    )
    .label("size of the AMI's root disk is unknown")
    .related(pinned, "this account neither owns the AMI nor has access to it")
    .help("set the size of the root disk: `root_size` of the hostclass")
}

// ------------------------------------------------------------------------------------------ User data

pub(crate) fn bucket_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::BUCKET_NAME, span, format!("no bucket can be called `{name}`: {why}"))
        .label("not the end of a bucket's name")
        .help("a name has lower-case letters, digits, dots and hyphens, and at most 63 characters")
}

/// User data of `whole` bytes, or of `sent` when it is compressed.
pub(crate) fn user_data_too_long(
    span: Span,
    hostclass: &str,
    (whole, sent): (usize, usize),
    limit: usize,
) -> Diagnostic {
    let when = if whole == sent { "" } else { " when compressed" };
    let message = format!("the user data of `{hostclass}` has {sent} bytes{when}, and EC2 allows {limit}");
    Diagnostic::new(codes::USER_DATA_TOO_LONG, span, message)
        .label(format!("{sent} bytes{when}"))
        .help("store long values elsewhere, and put their location into the user data")
}

/// A value of user data that begins with the word of a store, and does not say what of it is meant.
pub(crate) fn no_end_of_store(span: Span, word: &str) -> Diagnostic {
    let message = format!("expected `NAME.endpoint` or `NAME.port` after `{word}`");
    Diagnostic::new(codes::TYPE_MISMATCH, span, message)
        .label("does not say what of it is meant")
        .help(format!("write `{word} NAME.endpoint` for its DNS name, or `{word} NAME.port` for its port"))
}

pub(crate) fn unknown_store(
    span: Span,
    (kind, name): (MachineKind, &str),
    env: &str,
    known: &[&str],
) -> Diagnostic {
    let word = kind.word();
    Diagnostic::new(codes::UNKNOWN_REFERENCE, span, format!("environment `{env}` has no {word} `{name}`"))
        .label("not there")
        .help(suggestion(name, known))
}

pub(crate) fn user_data_key(span: Span, key: &str) -> Diagnostic {
    Diagnostic::new(
        codes::USER_DATA_KEY,
        span,
        format!("asiaq itself sets `{key}` in the user data of instances"),
    )
    .label("set by asiaq")
    .help("remove it, or rename it")
}

// ----------------------------------------------------------------------------------------------- Runs

pub(crate) fn duplicate_run(name: &Name, first: Span) -> Diagnostic {
    let message = format!("`{}` is run twice in this pipeline", name.text);
    Diagnostic::new(codes::DUPLICATE_RUN, name.span, message)
        .label("run again here")
        .related(first, "first run here")
        .help("remove one of them: a hostclass has one Auto Scaling group in an environment")
}

pub(crate) fn run_without_network(span: Span, hostclass: &str) -> Diagnostic {
    let message = format!("`{hostclass}` has no metanetwork to run in");
    Diagnostic::new(codes::RUN_WITHOUT_NETWORK, span, message)
        .label("no metanetwork")
        .help(format!("add `network = NAME` to hostclass `{hostclass}`"))
}

pub(crate) fn run_outside_network(
    span: Span,
    hostclass: &str,
    network: &Spanned<String>,
    env: &str,
    by: Option<Span>,
) -> Diagnostic {
    let message = format!("`{env}` has no metanetwork `{}` for `{hostclass}` to run in", network.value);
    let found = Diagnostic::new(codes::RUN_WITHOUT_NETWORK, span, message)
        .label(format!("needs `{}` in `{env}`", network.value))
        .related(network.span, format!("`{hostclass}` is placed there by this"));
    let found = match by {
        Some(by) => found.related(by, format!("`{env}` runs the pipeline because of this")),
        None => found,
    };
    found.help(format!("declare `metanetwork {}` in `{env}`, or run another pipeline there", network.value))
}

pub(crate) fn no_size(span: Span, hostclass: &str) -> Diagnostic {
    Diagnostic::new(codes::NO_SIZE, span, format!("the number of instances of `{hostclass}` is missing"))
        .label("no size")
        .help("add `desired = 1`, or `min` and `max`")
}

pub(crate) fn size_order(low: (Span, &str, u32), high: (Span, &str, u32)) -> Diagnostic {
    let (low_span, low, low_size) = low;
    let (high_span, high, high_size) = high;
    let message = format!("`{low}` ({low_size}) is greater than `{high}` ({high_size})");
    Diagnostic::new(codes::SIZE_ORDER, low_span, message)
        .label(format!("`{low}` is {low_size}"))
        .related(high_span, format!("`{high}` is {high_size}"))
        .help("the order must be `min` ≤ `desired` ≤ `max`")
}

pub(crate) fn repeated_type(span: Span, name: &str, other: Span) -> Diagnostic {
    Diagnostic::new(codes::REPEATED_TYPE, span, format!("`{name}` is listed twice"))
        .label("listed again")
        .related(other, "first listed here")
        .help("remove it: `types` are alternatives to `type`")
}

pub(crate) fn mixed_architectures(
    span: Span,
    (name, architecture): (&str, &str),
    (first, place): (&str, Span),
    other: &str,
) -> Diagnostic {
    let message = format!("`{name}` is {architecture}, but `{first}` is {other}");
    Diagnostic::new(codes::MIXED_ARCHITECTURES, span, message)
        .label(format!("`{name}` is {architecture}"))
        .related(place, format!("`{first}` is {other}"))
        .help("use types of one architecture: all of them start from the same AMI")
}

pub(crate) fn scaling_form(span: Span, message: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::SCALING_FORM, span, message).help(help)
}

pub(crate) fn tracked_twice(span: Span, metric: &str, first: Span) -> Diagnostic {
    Diagnostic::new(codes::SCALING_FORM, span, format!("two policies of this group track `{metric}`"))
        .label("tracked again")
        .related(first, "tracked here")
        .help("keep one of them, or track another metric")
}

pub(crate) fn iops_of_nothing(span: Span, hostclass: &str) -> Diagnostic {
    let message = format!("`iops` is set, but `{hostclass}` has no disk to apply it to");
    Diagnostic::new(codes::DISK_SPEED, span, message)
        .label("no disk to apply to")
        .help("add `extra_disk`, or set `iops` in a `disk` of the hostclass")
}

// ----------------------------------------------------------------------------------------- Hostclasses

pub(crate) fn ip_and_ips(span: Span, hostclass: &str, ip: Span) -> Diagnostic {
    Diagnostic::new(codes::IP_AND_IPS, span, format!("`{hostclass}` has both `ip` and `ips`"))
        .label("`ips` is set here")
        .related(ip, "`ip` is set here")
        .help("list all addresses in `ips`, and remove `ip`")
}

pub(crate) fn machine_tag(span: Span, key: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::RESERVED_TAG, span, format!("asiaq itself sets the tag `{key}` of instances"))
            .label("reserved tag");
    match key {
        "productline" => found.help("write `product_line = …` in the hostclass"),
        "chaos" => found.help("write `chaos = …` in the hostclass or the run"),
        _ => found.help("use another name"),
    }
}

pub(crate) fn no_proxy(span: Span, hostclass: &str, project: Span) -> Diagnostic {
    Diagnostic::new(codes::NO_PROXY, span, format!("`{hostclass}` uses the proxy, but the project has none"))
        .label("uses the proxy")
        .related(project, "this project has no `http_proxy`")
        .help("add `http_proxy = HOSTCLASS` to the project, or remove `proxy`")
}

pub(crate) fn smoke_test_setting(span: Span, field: &str, way: &str, check: &str) -> Diagnostic {
    let message = format!("`{field}` needs `check = {way}`, and this test uses `check = {check}`");
    Diagnostic::new(codes::SMOKE_TEST_SETTINGS, span, message)
        .label(format!("unused by `check = {check}`"))
        .help(format!("write `check = {way}`, or remove `{field}`"))
}

pub(crate) fn smoke_test_without_balancer(span: Span, hostclass: &str, env: &str) -> Diagnostic {
    let message = format!("`{hostclass}` has no load balancer in `{env}` that could check its instances");
    Diagnostic::new(codes::SMOKE_TEST_SETTINGS, span, message)
        .label("no health checks of a load balancer")
        .help("add an `lb` or `elb` to the hostclass, or use another `check`")
}

pub(crate) fn smoke_test_without_document(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SMOKE_TEST_SETTINGS, span, "this smoke test has no `document` to run")
        .label("`document` missing")
        .help("add `document = \"NAME\"`: a Systems Manager command document")
}

pub(crate) fn smoke_test_ports(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SMOKE_TEST_SETTINGS, span, "a smoke test checks one port")
        .label("more than one port")
        .help("write a single port")
}

pub(crate) fn smoke_test_path(span: Span, path: &str) -> Diagnostic {
    let is_printable = path.bytes().all(|byte| byte.is_ascii_graphic());
    if path.starts_with('/') || !is_printable {
        let message = format!("`{path}` is not a valid request path");
        return Diagnostic::new(codes::SMOKE_TEST_SETTINGS, span, message)
            .label("not a valid path")
            .help("write `/` and up to 1023 ASCII characters without spaces, as in `\"/heartbeat\"`");
    }
    Diagnostic::new(codes::SMOKE_TEST_SETTINGS, span, "the path must start with `/`")
        .label("`/` missing")
        .help(format!("write `\"/{path}\"`"))
}

pub(crate) fn disk_size(span: Span, volume: &str, low: u64, high: u64) -> Diagnostic {
    Diagnostic::new(
        codes::DISK_SIZE,
        span,
        format!("a disk of type `{volume}` must have {low}GB to {high}GB"),
    )
    .label("out of range")
    .help("write a size in this range, or use another type")
}

pub(crate) fn disk_speed(span: Span, field: &str, volume: &str, (low, high): (i64, i64)) -> Diagnostic {
    Diagnostic::new(
        codes::DISK_SPEED,
        span,
        format!("`{field}` of a disk of type `{volume}` must be between {low} and {high}"),
    )
    .label("out of range")
    .help(format!("write a number from {low} to {high}"))
}

pub(crate) fn disk_without(span: Span, field: &str, volume: &str) -> Diagnostic {
    Diagnostic::new(codes::DISK_SPEED, span, format!("`{field}` cannot be set on a disk of type `{volume}`"))
        .label(format!("not supported by `{volume}`"))
        .help("remove it, or write `type = gp3`")
}

pub(crate) fn disk_without_iops(span: Span, name: &str, volume: &str) -> Diagnostic {
    Diagnostic::new(codes::DISK_SPEED, span, format!("disk `{name}` of type `{volume}` needs `iops`"))
        .label("`iops` missing")
        .help("add `iops`, or write `type = gp3`")
}

pub(crate) fn disk_too_small_for(
    span: Span,
    volume: &str,
    (size, carried): (u64, i64),
    needed: i64,
) -> Diagnostic {
    let message = format!("a disk of {size}GB of type `{volume}` allows at most {carried} IOPS");
    Diagnostic::new(codes::DISK_SPEED, span, message)
        .label(format!("more than {carried} IOPS"))
        .help(format!("write at most {carried}, or use a disk of {needed}GB or more"))
}

pub(crate) fn disk_throughput(span: Span, throughput: i64, needed: i64) -> Diagnostic {
    let message = format!("a throughput of {throughput} MiB/s needs {needed} IOPS");
    Diagnostic::new(codes::DISK_SPEED, span, message)
        .label("not enough IOPS for this")
        .help(format!("write `iops = {needed}`, or a smaller `throughput`"))
}
