//! Warnings about pipelines, runs and their instances.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn unused_pipeline(name: &Name) -> Diagnostic {
    Diagnostic::new(
        codes::UNUSED_PIPELINE,
        name.span,
        format!("no environment runs pipeline `{}`", name.text),
    )
    .label("never run")
    .help(format!("write `pipeline = {}` in an `env` or `envtype`, or remove the pipeline", name.text))
}

pub(crate) fn idle_hostclass(name: &Name) -> Diagnostic {
    Diagnostic::new(codes::IDLE_HOSTCLASS, name.span, format!("no pipeline runs hostclass `{}`", name.text))
        .label("in no pipeline")
        .help(format!(
            "add `run {} {{ … }}` to a `stage` of a pipeline, or write `allow(idle-hostclass)` before it",
            name.text
        ))
}

pub(crate) fn idle_smoke_test(span: Span) -> Diagnostic {
    Diagnostic::new(codes::IDLE_SMOKE_TEST, span, "this smoke test is never used: no run waits for it")
        .label("never used")
        .help("add `smoke_test = true` to the `run`, or remove it")
}

pub(crate) fn empty_smoke_test(span: Span, hostclass: &str) -> Diagnostic {
    let message =
        format!("the smoke test of `{hostclass}` tests nothing: the group starts with no instances");
    Diagnostic::new(codes::EMPTY_SMOKE_TEST, span, message)
        .label("no instance to test")
        .help("set `desired` to 1 or more, or remove `smoke_test`")
}

pub(crate) fn untested_deployment(span: Span, hostclass: &str) -> Diagnostic {
    let message = format!("`{hostclass}` has no integration test to run");
    Diagnostic::new(codes::UNTESTED_DEPLOYMENT, span, message).label("no test to run").help(
        "add `test { command = … }` or `test { integration = … }` to the hostclass, or remove `integration_test`",
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
        format!("up to {machines} instances of `{hostclass}` share {addresses} {which} {plural} in `{env}`");
    let found = Diagnostic::new(codes::TOO_FEW_ADDRESSES, span, message)
        .label(format!("up to {machines} instances"))
        .related(first, "the address is set here");
    if which == "static" {
        found.help("each instance needs a free address: add addresses to `ips`, or run fewer instances")
    } else {
        found.help("only the instance that booted last has it: run one instance, or add a load balancer")
    }
}

pub(crate) fn no_static_address(
    span: Span,
    field: &str,
    hostclass: &str,
    env: &str,
    host: Span,
) -> Diagnostic {
    let message = format!("instances of `{env}` get no address for `{hostclass}`: it has no static address");
    Diagnostic::new(codes::NO_STATIC_ADDRESS, span, message)
        .label("no address to use")
        .related(host, format!("`{hostclass}` is declared here"))
        .help(format!("set one, as in `ip = +5`, or remove `{field}`"))
}

pub(crate) fn too_many_groups(span: Span, hostclass: &str, (groups, quota): (usize, usize)) -> Diagnostic {
    let message = format!(
        "instances of `{hostclass}` have {groups} security groups, and AWS's default quota is {quota}"
    );
    Diagnostic::new(codes::OVER_QUOTA, span, message)
        .label(format!("{groups} security groups"))
        .help("remove some, or request a higher quota for security groups per network interface")
}

pub(crate) fn crowded_network(
    span: Span,
    network: &str,
    env: &str,
    (used, usable): (u64, u64),
) -> Diagnostic {
    let message = format!("`{network}` of `{env}` has {usable} addresses, and up to {used} are needed");
    Diagnostic::new(codes::CROWDED_NETWORK, span, message).label("this needs the most addresses").help(format!(
        "give `{network}` a larger CIDR block, or run fewer instances; `asiaq check --report` lists the use of addresses"
    ))
}

pub(crate) fn previous_generation(span: Span, name: &str, successor: Option<&str>) -> Diagnostic {
    let message = format!("`{name}` is a previous-generation instance type");
    let found = Diagnostic::new(codes::PREVIOUS_GENERATION, span, message).label("superseded by newer types");
    match successor {
        Some(newer) => found.help(format!(
            "a newer type such as `{newer}` has a better price per performance; the AMI must support it"
        )),
        None => found.help("use a newer type: AWS is phasing this one out"),
    }
}
