//! Machines that cannot be made as they are said.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use crate::value::Spanned;

// --------------------------------------------------------------------------------------------- Images

pub(crate) fn image_unknown(
    span: Span,
    hostclass: &str,
    env: &str,
    region: &str,
    near: Option<String>,
) -> Diagnostic {
    let message = format!("there is no image of `{hostclass}` for `{env}` in {region}");
    let found = Diagnostic::error("image-unknown", span, message);
    match near {
        Some(near) => found.help(format!("the newest of its name, {near}")),
        None => found
            .help(format!("make one that is called `{hostclass} SECONDS`, or name one: `ami = \"ami-…\"`")),
    }
}

pub(crate) fn image_of_another(span: Span, image: &str, of: &str, hostclass: &str) -> Diagnostic {
    Diagnostic::error(
        "image-of-another",
        span,
        format!("{image} is an image of `{of}`, not of `{hostclass}`"),
    )
    .help(format!("name an image of `{hostclass}`, or none for its newest"))
}

pub(crate) fn image_architecture(
    span: Span,
    instance_type: &str,
    image: &str,
    architecture: &str,
) -> Diagnostic {
    Diagnostic::error(
        "image-architecture",
        span,
        format!("`{instance_type}` cannot run {image}, which is made for {architecture}"),
    )
    .help("take an instance type of that architecture, or an image for this one")
}

// ---------------------------------------------------------------------------------------------- Disks

pub(crate) fn too_many_disks(span: Span, hostclass: &str, disks: usize, room: usize) -> Diagnostic {
    let message =
        format!("machines of `{hostclass}` have {disks} disks beside the root, and letters go to {room}");
    Diagnostic::error("too-many-disks", span, message).help("take some out, or set a smaller `ephemeral`")
}

pub(crate) fn root_too_small(span: Span, said: u64, images: u32, hostclass: &str) -> Diagnostic {
    Diagnostic::error(
        "root-too-small",
        span,
        format!("the root disk of `{hostclass}` is to have {said}GB, and that of its image has {images}GB"),
    )
    .help(format!("write {images}GB or more, or `extra_space` in the `run` for what comes on top"))
}

pub(crate) fn root_unknown(span: Span, image: &str, pinned: Span) -> Diagnostic {
    Diagnostic::error(
        "root-unknown",
        span,
        format!("nobody knows how large the root disk of {image} is, so that nothing can be added to it"),
    )
    .related(pinned, "the image is neither of this account nor shared with it")
    .help("say how large the root disk is to be: `root_size` of the hostclass")
}

// ------------------------------------------------------------------------------------------ User data

pub(crate) fn user_data_too_long(span: Span, hostclass: &str, bytes: usize, limit: usize) -> Diagnostic {
    let message = format!("the user data of `{hostclass}` has {bytes} bytes, and EC2 takes {limit}");
    Diagnostic::error("user-data-too-long", span, message)
        .help("keep long texts elsewhere, and tell machines where")
}

pub(crate) fn user_data_key(span: Span, key: &str) -> Diagnostic {
    Diagnostic::error("user-data-key", span, format!("every machine is told `{key}` already"))
        .help("take it out, or give it another name")
}

// ----------------------------------------------------------------------------------------------- Runs

pub(crate) fn duplicate_run(name: &Name, first: Span) -> Diagnostic {
    let message = format!("`{}` runs in two stages of this pipeline", name.text);
    Diagnostic::error("duplicate-run", name.span, message)
        .related(first, "it runs here first")
        .help("keep one of them: a hostclass has one group of machines in an environment")
}

pub(crate) fn run_without_network(span: Span, hostclass: &str) -> Diagnostic {
    let message = format!("`{hostclass}` has no metanetwork to run in");
    Diagnostic::error("run-without-network", span, message)
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
    let found = Diagnostic::error("run-without-network", span, message)
        .related(network.span, format!("`{hostclass}` lives there by this"));
    let found = match by {
        Some(by) => found.related(by, format!("`{env}` runs the pipeline by this")),
        None => found,
    };
    found.help(format!("declare `metanetwork {}` in `{env}`, or let it run another pipeline", network.value))
}

pub(crate) fn no_size(span: Span, hostclass: &str) -> Diagnostic {
    Diagnostic::error("no-size", span, format!("nothing says how many machines of `{hostclass}` run"))
        .help("add `desired = 1`, or `min` and `max`")
}

pub(crate) fn size_order(low: (Span, &str, u32), high: (Span, &str, u32)) -> Diagnostic {
    let (low_span, low, low_size) = low;
    let (high_span, high, high_size) = high;
    let message = format!("`{low}` is {low_size}, more than `{high}`, which is {high_size}");
    Diagnostic::error("size-order", low_span, message)
        .related(high_span, format!("`{high}` is {high_size} here"))
        .help("`min` is the least, `desired` is between, `max` is the most")
}

pub(crate) fn repeated_type(span: Span, name: &str, other: Span) -> Diagnostic {
    Diagnostic::error("repeated-type", span, format!("`{name}` is named twice"))
        .related(other, "it is named here, too")
        .help("take it out: `types` are further ones, beside `type`")
}

pub(crate) fn mixed_architectures(
    span: Span,
    (name, architecture): (&str, &str),
    (first, place): (&str, Span),
    other: &str,
) -> Diagnostic {
    let message = format!("`{name}` is of architecture {architecture}, and `{first}` of {other}");
    Diagnostic::error("mixed-architectures", span, message)
        .related(place, format!("`{first}` is named here"))
        .help("take types of one architecture: they start from one image")
}

pub(crate) fn name_too_long(span: Span, name: &str, limit: usize) -> Diagnostic {
    let message = format!("the name `{name}` has {} characters, and AWS takes {limit}", name.len());
    Diagnostic::error("name-too-long", span, message)
        .help("give the hostclass or the environment a shorter name")
}

pub(crate) fn scaling_form(span: Span, message: &str, help: &str) -> Diagnostic {
    Diagnostic::error("scaling-form", span, message).help(help)
}

pub(crate) fn iops_of_nothing(span: Span, hostclass: &str) -> Diagnostic {
    let message = format!("`{hostclass}` has no disk that `iops` could be of");
    Diagnostic::error("disk-speed", span, message)
        .help("add `extra_disk`, or set `iops` in the `disk` of the hostclass that it is meant for")
}

// ----------------------------------------------------------------------------------------- Hostclasses

pub(crate) fn ip_and_ips(span: Span, hostclass: &str, ip: Span) -> Diagnostic {
    Diagnostic::error("ip-and-ips", span, format!("`{hostclass}` has both `ip` and `ips`"))
        .related(ip, "`ip` is set here")
        .help("put all its addresses into `ips`")
}

pub(crate) fn machine_tag(span: Span, key: &str) -> Diagnostic {
    let found =
        Diagnostic::error("reserved-tag", span, format!("asiaq sets the tag `{key}` of machines itself"));
    match key {
        "productline" => found.help("write `product_line = …` in the hostclass"),
        "chaos" => found.help("write `chaos = …` in the hostclass or the run"),
        _ => found.help("use another name"),
    }
}

pub(crate) fn no_proxy(span: Span, hostclass: &str, project: Span) -> Diagnostic {
    Diagnostic::error("no-proxy", span, format!("`{hostclass}` uses the proxy, and the project names none"))
        .related(project, "the project is declared here")
        .help("add `http_proxy = HOSTCLASS` to the project, or take `proxy` out")
}

pub(crate) fn smoke_test_setting(span: Span, field: &str, way: &str, check: &str) -> Diagnostic {
    let message = format!("`{field}` is for `check = {way}`, and this test is done by `{check}`");
    Diagnostic::error("smoke-test-settings", span, message)
        .help(format!("write `check = {way}`, or take `{field}` out"))
}

pub(crate) fn smoke_test_without_document(span: Span) -> Diagnostic {
    Diagnostic::error("smoke-test-settings", span, "nothing says which document is run")
        .help("add `document = \"NAME\"`: a command document of Systems Manager")
}

pub(crate) fn smoke_test_ports(span: Span) -> Diagnostic {
    Diagnostic::error("smoke-test-settings", span, "a smoke test asks one port").help("write one port")
}

pub(crate) fn smoke_test_path(span: Span, path: &str) -> Diagnostic {
    Diagnostic::error("smoke-test-settings", span, "a path begins with `/`")
        .help(format!("write `\"/{path}\"`"))
}

pub(crate) fn disk_size(span: Span, volume: &str, low: u64, high: u64) -> Diagnostic {
    Diagnostic::error("disk-size", span, format!("a disk of type `{volume}` has {low}GB to {high}GB"))
        .help("take a size within, or another type")
}

pub(crate) fn disk_speed(span: Span, field: &str, volume: &str, (low, high): (i64, i64)) -> Diagnostic {
    Diagnostic::error(
        "disk-speed",
        span,
        format!("`{field}` of a disk of type `{volume}` goes from {low} to {high}"),
    )
    .help(format!("write a number from {low} to {high}"))
}

pub(crate) fn disk_without(span: Span, field: &str, volume: &str) -> Diagnostic {
    Diagnostic::error("disk-speed", span, format!("a disk of type `{volume}` takes no `{field}`"))
        .help("take it out, or write `type = gp3`")
}

pub(crate) fn disk_without_iops(span: Span, name: &str, volume: &str) -> Diagnostic {
    Diagnostic::error("disk-speed", span, format!("disk `{name}` of type `{volume}` has to say its `iops`"))
        .help("add `iops`, or write `type = gp3`")
}

pub(crate) fn disk_too_small_for(
    span: Span,
    volume: &str,
    (size, carried): (u64, i64),
    needed: i64,
) -> Diagnostic {
    let message = format!("{size}GB of type `{volume}` carry {carried} operations a second at most");
    Diagnostic::error("disk-speed", span, message)
        .help(format!("write {carried} or less, or a disk of {needed}GB or more"))
}

pub(crate) fn disk_throughput(span: Span, throughput: i64, needed: i64) -> Diagnostic {
    let message = format!("{throughput} MiB a second take {needed} operations a second");
    Diagnostic::error("disk-speed", span, message)
        .help(format!("write `iops = {needed}`, or a smaller `throughput`"))
}
