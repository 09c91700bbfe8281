//! Explains words with a meaning of their own.

use crate::ide::markdown;
use crate::library;
use crate::pages;
use crate::types::Ty;

/// Explains a word of the language.
pub(super) fn word(word: &str) -> String {
    let said = match word {
        "all" => "Every metanetwork of the environment; in an alarm, all that the metric is of.",
        "internet" => "Every IPv4 address: `0.0.0.0/0`.",
        "amazon" => "The name server that AWS provides in every VPC.",
        "auto" => "Chosen by asiaq.",
        "igw" => "The internet gateway of the VPC.",
        "vgw" => "The VPN gateway of the VPC.",
        "nat" => "The NAT gateway of the same zone, in the metanetwork that follows.",
        "cookie" => {
            "A client stays with one instance while the browser runs, by a cookie of the load balancer."
        }
        "echo-request" => "ICMP type 8, sent by `ping`.",
        "echo-reply" => "ICMP type 0, the answer to `ping`.",
        _ => return String::new(),
    };
    format!("{}: {said}", markdown::code(word))
}

/// The page of a warning.
pub(super) fn code(code: &str) -> String {
    pages::page(code).map_or_else(String::new, |page| page.text.to_owned())
}

/// Explains a type.
pub(super) fn ty(name: &str) -> String {
    let named = asiaq_lang::ast::TypeExpr {
        kind: asiaq_lang::ast::TypeKind::Named(name.to_owned()),
        span: asiaq_lang::Span::default(),
    };
    Ty::of(&named, &|_| false).map_or_else(String::new, |ty| format!("{}: {ty}", markdown::code(name)))
}

/// Describes an AWS region with its zones.
pub(super) fn region(name: &str) -> String {
    library::regions().get(name).map_or_else(String::new, |zones| {
        let zones: Vec<String> = zones.iter().map(|zone| markdown::code(zone)).collect();
        format!(
            "AWS region {} with {} zones for a new account: {}",
            markdown::code(name),
            zones.len(),
            zones.join(", ")
        )
    })
}

/// Describes an EC2 instance type.
pub(super) fn instance_type(name: &str) -> String {
    library::instance_type(name).map_or_else(String::new, |known| {
        format!(
            "{}: {} vCPUs, {} GiB of memory, {}",
            markdown::code(name),
            known.vcpus,
            f64::from(known.memory) / 1024.0,
            known.architecture,
        )
    })
}

/// Explains a variable of texts.
pub(super) fn variable(path: &str) -> String {
    match path {
        "account.name" => "The account's name.",
        "env.name" => "The environment's name.",
        "env.type" => "The envtype that the environment inherits from.",
        "project.domain" => "The project's domain.",
        "project.name" => "The project's name.",
        "project.region" => "The project's region.",
        "project.team" => "The project's team.",
        _ => "",
    }
    .to_owned()
}
