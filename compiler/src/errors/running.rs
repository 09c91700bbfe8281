//! Warnings about pipelines, runs and their instances.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, listed};
use crate::cron::{Cron, Moment};

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

/// An instance type, or the default one, that some of the regions where it would run do not offer.
pub(crate) fn type_not_in_region(
    span: Span,
    name: &str,
    is_default: bool,
    regions: &[&str],
    other: Option<&str>,
) -> Diagnostic {
    let what = if is_default { "the default type " } else { "" };
    let message = format!("EC2 does not offer {what}`{name}` in {}", listed(regions));
    let found = Diagnostic::new(codes::TYPE_NOT_IN_REGION, span, message);
    let found = if is_default { found.label("no `type` is set") } else { found.label("not offered there") };
    let other = other.map_or_else(String::new, |other| format!(" such as `type = {other}`"));
    found.help(format!(
        "set a type that every region of the environments offers{other}, or write `allow(type-not-in-region)` if \
         it has become available"
    ))
}

/// An instance type of which EC2 has no Spot Instances, in a run with `spot`.
pub(crate) fn type_not_as_spot(span: Span, name: &str, spot: Span) -> Diagnostic {
    Diagnostic::new(codes::TYPE_NOT_AS_SPOT, span, format!("EC2 has no Spot Instances of `{name}`"))
        .label("On-Demand Instances only")
        .related(spot, "Spot Instances are asked for here")
        .help("remove `spot`, or set another `type`; if EC2 has them by now, write `allow(type-not-as-spot)`")
}

/// Two times of one group that are not the same, and meet.
pub(crate) fn times_meet(
    (span, time): (Span, Cron),
    (first, other): (Span, Cron),
    hostclass: &str,
    moment: Moment,
) -> Diagnostic {
    let message = format!("sizes of `{hostclass}` start at `{other}` and at `{time}`, which meet");
    Diagnostic::new(codes::TIMES_MEET, span, message)
        .label(format!("meets the other on {moment}"))
        .related(first, "the other start time")
        .help("AWS applies both in no defined order, or refuses one: exclude the days of one from the other")
}

/// A policy that cannot change the size of its group.
pub(crate) fn scaling_of_one_size(span: Span, policy: &str, size: u32, place: Span) -> Diagnostic {
    let message = format!("`{policy}` never changes the number of instances: it is always {size}");
    Diagnostic::new(codes::IDLE_SCALING, span, message)
        .label("has no effect")
        .related(place, format!("`max` is {size}, and so is `min`"))
        .help("set a larger `max` or a smaller `min`, or remove the policy")
}

/// A target that a percentage never reaches.
pub(crate) fn target_over_hundred(span: Span, policy: &str, target: f64) -> Diagnostic {
    let message = format!("`{policy}` never adds an instance: CPU utilization is at most 100 %");
    Diagnostic::new(codes::IDLE_SCALING, span, message)
        .label(format!("{target} % is never reached"))
        .help("write a percentage below 100, as in `target = 60`")
}

pub(crate) fn health_without_balancer(span: Span, hostclass: &str, env: &str) -> Diagnostic {
    let message = format!("`{hostclass}` has no load balancer in `{env}` whose health checks count");
    Diagnostic::new(codes::HEALTH_WITHOUT_BALANCER, span, message)
        .label("no health checks of a load balancer")
        .help("add an `elb` or `lb` to the hostclass, or write `health = machine`")
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
