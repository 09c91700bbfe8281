//! What runs, or does not, and is probably not meant.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

pub(crate) fn unused_pipeline(name: &Name) -> Diagnostic {
    Diagnostic::warning("unused-pipeline", name.span, format!("no environment runs pipeline `{}`", name.text))
        .help(format!("write `pipeline = {}` in an `env` or `envtype`, or take it out", name.text))
}

pub(crate) fn idle_hostclass(name: &Name) -> Diagnostic {
    Diagnostic::warning("idle-hostclass", name.span, format!("no pipeline runs hostclass `{}`", name.text)).help(
        format!("add `run {} {{ … }}` to a `stage` of a pipeline, or say that it is meant: `allow(idle-hostclass)`", name.text),
    )
}

pub(crate) fn idle_smoke_test(span: Span) -> Diagnostic {
    Diagnostic::warning("idle-smoke-test", span, "this says how machines are tested, and no run waits for it")
        .help("add `smoke_test = true` to the `run`, or take it out")
}

pub(crate) fn empty_smoke_test(span: Span, hostclass: &str) -> Diagnostic {
    let message =
        format!("the smoke test of `{hostclass}` passes without a machine: none is wanted at first");
    Diagnostic::warning("empty-smoke-test", span, message)
        .help("set `desired` to 1 or more, or leave `smoke_test` out")
}

pub(crate) fn untested_deployment(span: Span, hostclass: &str) -> Diagnostic {
    let message = format!("nothing says how `{hostclass}` is tested");
    Diagnostic::warning("untested-deployment", span, message).help(
        "add `test { command = … }` or `test { integration = … }` to the hostclass, or take `integration_test` out",
    )
}

pub(crate) fn too_few_addresses(
    span: Span,
    hostclass: &str,
    env: &str,
    (machines, addresses): (u32, usize),
    which: &str,
    first: Span,
) -> Diagnostic {
    let plural = if addresses == 1 { "address" } else { "addresses" };
    let message =
        format!("up to {machines} machines of `{hostclass}` share {addresses} {which} {plural} in `{env}`");
    let found = Diagnostic::warning("too-few-addresses", span, message).related(first, "the address is here");
    if which == "static" {
        found.help("a machine that finds none is of no use: write as many into `ips`, or run fewer")
    } else {
        found.help("the last machine that boots has it; run one machine, or put a load balancer in front")
    }
}

pub(crate) fn no_static_address(
    span: Span,
    field: &str,
    hostclass: &str,
    env: &str,
    host: Span,
) -> Diagnostic {
    let message = format!("machines of `{env}` are told no address of `{hostclass}`: it has no static one");
    Diagnostic::warning("no-static-address", span, message)
        .related(host, format!("`{hostclass}` is declared here"))
        .help(format!("give it one, as in `ip = +5`, or take `{field}` out"))
}

pub(crate) fn too_many_groups(span: Span, hostclass: &str, (groups, quota): (usize, usize)) -> Diagnostic {
    let message =
        format!("machines of `{hostclass}` are in {groups} security groups; by default AWS takes {quota}");
    Diagnostic::warning("over-quota", span, message)
        .help("take some out, or have AWS raise the quota of security groups for an interface")
}

pub(crate) fn crowded_network(
    span: Span,
    network: &str,
    env: &str,
    (used, usable): (u64, u64),
) -> Diagnostic {
    let message = format!("`{network}` of `{env}` has {usable} addresses, and up to {used} are taken");
    Diagnostic::warning("crowded-network", span, message).label("this takes the most").help(format!(
        "give `{network}` a larger block, or run fewer machines; `asiaq check --report` shows who takes how many"
    ))
}

pub(crate) fn previous_generation(span: Span, name: &str, successor: Option<&str>) -> Diagnostic {
    let message = format!("`{name}` is of a previous generation");
    let found = Diagnostic::warning("previous-generation", span, message);
    match successor {
        Some(newer) => found.help(format!(
            "a newer one such as `{newer}` does more for its price; the image has to have drivers for it"
        )),
        None => found.help("look for a newer one: AWS runs ever fewer machines of this kind"),
    }
}
