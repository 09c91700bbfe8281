use std::fmt::Write as _;

use asiaq_ir::{Facts, Kind};

use super::*;
use crate::fixture;
use crate::lower::{LaidOut, Reported, lower};

/// Programs whose environments differ in what machines are made of.
fn programs() -> Vec<String> {
    let long = "x".repeat(130);
    let hostclass = |fields: &str| format!("hostclass web {{ network = web, {fields} }}\n");
    let mut programs = Vec::new();
    for (common, host, envs) in [
        ("", String::new(), String::new()),
        // A name that is too long in the second environment, and one that is too long in the first.
        ("", String::new(), format!("env {long} : t {{ cidr = 10.9.0.0/20 }}\n")),
        // A character that user data must not have, in one environment.
        ("", String::new(), "env c : t { cidr = 10.9.0.0/20, tags = { owner = \"a$b\" } }\n".to_owned()),
        // Tags that only one environment has.
        (
            "",
            "tags = { a = \"b\" }".to_owned(),
            "env c : t { cidr = 10.9.0.0/20, tags = { z = \"z\" } }\n".to_owned(),
        ),
        ("tags = { owner = \"${env.name}\" }", "ip = +10".to_owned(), String::new()),
        ("application = \"${env.name}\"", "protect@b = true".to_owned(), String::new()),
    ] {
        programs.push(format!(
            "project p {{ region = us-west-2, domain = \"p.example\" }}
envtype t {{
  pipeline = everything
  {common}
  metanetwork web {{ routes = [internet via igw] }}
}}
{}pipeline everything {{ stage {{ run web {{ desired = 1 }} }} }}
{envs}env a : t {{ cidr = 10.1.0.0/20 }}
env b : t {{ cidr = 10.2.0.0/20 }}
env x : t {{ cidr = 10.4.0.0/20 }}
env other : t {{ cidr = 10.3.0.0/20 }}
",
            hostclass(&host)
        ));
    }
    programs
}

#[test]
fn machines_that_others_prove_have_no_mistakes_of_their_own() {
    for program in programs() {
        let checked = fixture::check(&program);
        let moved = checked.model.moved();
        let laid_out = LaidOut {
            sources: &checked.sources,
            model: &checked.model,
            layout: &checked.resources.layout,
            facts: &Facts::default(),
            moved: &moved,
        };
        let places = |machines: Machines<'_>| {
            let mut reported = Reported::default();
            let (_, is_whole) = lower(laid_out, None, machines, &mut reported);
            let found = reported.diagnostics.into_iter().chain(reported.limits);
            let found: BTreeSet<_> = found.map(|found| (found.primary, found.code)).collect();
            (found, is_whole)
        };
        let (whole, mut proved) = (BTreeSet::new(), Proved::default());
        let (some, is_whole) = places(Machines::Unproved { whole: &whole, proved: &mut proved });
        let (all, _) = places(Machines::All);
        assert_eq!(some, all, "{program}");
        assert!(!is_whole, "nothing was left out: {program}");
    }
}

#[test]
fn machines_that_are_alike_are_lowered_once() {
    let made = |environments: usize, claims: &str| {
        let mut program = String::from(
            "project p { region = us-west-2, domain = \"p.example\" }
envtype t {
  pipeline = everything
  metanetwork web { routes = [internet via igw], ingress = [tcp 443 from internet] }
}
pipeline everything { stage { run web { desired = 1 }, run api { desired = 1 } } }
hostclass web { network = web, public_ip = true }
hostclass api { network = web }
",
        );
        for at in 10..10 + environments {
            let _ = writeln!(program, "env e{at} : t {{ cidr = 10.{at}.0.0/20 }}");
        }
        program.push_str(claims);
        let checked = fixture::check(&program);
        assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
        let groups = |ir: &asiaq_ir::Ir| {
            ir.resources.values().filter(|node| node.resource.kind() == Kind::AutoScalingGroup).count()
        };
        let whole = checked.lower(&Facts::default());
        assert_eq!(whole.diagnostics, []);
        assert_eq!(groups(&whole.ir), 2 * checked.environments().len());
        groups(&checked.resources.ir)
    };
    assert_eq!([1, 2, 16].map(|environments| made(environments, "")), [2, 2, 2]);
    // One environment proves those whose names are shorter and that have fewer zones, wherever it is.
    let mixed = |order: &dyn Fn(usize) -> usize| {
        let env = |at: usize| {
            let (name, zones) = ("e".repeat(1 + order(at)), 1 + order(at) / 8);
            format!("env {name} : t {{ cidr = 10.{at}.0.0/20, zones = {zones} }}\n")
        };
        made(0, &(0..16).map(env).collect::<String>())
    };
    assert_eq!([mixed(&|at| at), mixed(&|at| 15 - at)], [2, 2]);
    // A claim is about the machines of its environment.
    let claim = |env| format!("expect {env} {{ internet can reach hostclass web : 443 }}\n");
    assert_eq!(made(16, &claim("e12")), 2);
    assert_eq!(made(16, &[claim("e12"), claim("e14")].concat()), 4);
}
