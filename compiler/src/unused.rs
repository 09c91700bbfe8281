//! Proofs of what no environment uses yet, as far as its mistakes are certain.

use std::collections::BTreeSet;

use asiaq_ir::Facts;
use asiaq_lang::{Code, Diagnostic, SourceMap};

use crate::errors::codes;
use crate::library;
use crate::lower::{Machines, Proved};
use crate::model::{self, DRAFT_NAME, Draft, Evaluated, Model};
use crate::names::Names;
use crate::resources::Resources;
use crate::schema::Schemas;

/// What depends on the environment, and so is not known before there is one.
const OF_ENVIRONMENT: &[Code] = &[
    codes::ALARM_NAMED_TWICE,
    codes::ALIAS_WITHOUT_BALANCER,
    codes::BALANCER_IN_ONE_ZONE,
    codes::BALANCER_NAME_TAKEN,
    codes::BALANCER_WITHOUT_DOMAIN,
    codes::BALANCER_WITHOUT_INTERNET,
    codes::CNAME_BESIDE_OTHERS,
    codes::DUPLICATE_RECORD,
    codes::DUPLICATE_ZONE,
    codes::ELASTIC_IP_SHARED,
    codes::HOST_NAME_TAKEN,
    codes::LOG_METRIC_TWICE,
    codes::LOG_RETENTIONS_DIFFER,
    codes::NAT_MISSING,
    codes::NAT_WITHOUT_INTERNET,
    codes::NO_PROXY,
    codes::TOPIC_NAMED_TWICE,
];

/// What depends on the address space of the environment.
const OF_SPACE: &[Code] = &[
    codes::ADDRESS_IN_POOL,
    codes::ADDRESS_OUTSIDE,
    codes::DUPLICATE_ADDRESS,
    codes::ENVIRONMENT_WITHOUT_POOL,
    codes::FIXED_IN_POOL,
    codes::NAT_ADDRESSES_AND_ZONES,
    codes::NETWORK_OUTSIDE_VPC,
    codes::NO_ROOM,
    codes::NOT_ENOUGH_ZONES,
    codes::POOL_EXHAUSTED,
    codes::RESERVED_ADDRESS,
    codes::ROUTE_INSIDE_VPC,
    codes::SUBNET_TOO_SMALL,
    codes::UNUSABLE_BLOCK,
    codes::VPC_SIZE,
];

/// Proves the declarations that no environment of `model` uses. The machines of `model` are `proved`.
pub(crate) fn prove<'a>(
    sources: &SourceMap,
    schemas: &Schemas,
    names: &Names<'a>,
    (model, evaluated): (&Model, Evaluated<'a>),
    proved: Proved,
) -> Vec<Diagnostic> {
    let is_own = |file| !library::is_library(sources.path(file));
    let drafts = model::drafts(schemas, names, (model, evaluated), &is_own);
    let mut found: Vec<(usize, Vec<Diagnostic>)> = lowered(sources, &drafts, proved)
        .map(|(at, draft, resources)| {
            let found = draft.found.iter().cloned().chain(resources.diagnostics).chain(resources.limits);
            let found = found.filter(|found| found.is_error() && is_certain(found, draft));
            (at, found.map(|found| renamed(found, &draft.shown)).collect())
        })
        .collect();
    // In the order of the program.
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().flat_map(|(_, found)| found).collect()
}

/// The drafts with their numbers and resources, without machines that are proved before. Those with the longest names are
/// first: they prove the machines of others.
fn lowered<'d>(
    sources: &'d SourceMap,
    drafts: &'d [Draft],
    mut proved: Proved,
) -> impl Iterator<Item = (usize, &'d Draft, Resources)> {
    let length = |draft: &Draft| {
        let types = draft.model.environments.iter().filter_map(|env| env.types.first());
        types.map(String::len).sum::<usize>()
    };
    let mut order: Vec<(usize, &Draft)> = drafts.iter().enumerate().collect();
    order.sort_by_key(|(_, draft)| std::cmp::Reverse(length(draft)));
    order.into_iter().map(move |(at, draft)| {
        let machines = Machines::Unproved { whole: &BTreeSet::new(), proved: &mut proved };
        (at, draft, Resources::of(sources, &draft.model, &Facts::default(), None, machines))
    })
}

fn is_certain(found: &Diagnostic, draft: &Draft) -> bool {
    !OF_ENVIRONMENT.contains(&found.code) && (draft.has_space || !OF_SPACE.contains(&found.code))
}

/// A diagnostic with `shown` in place of the name of the draft, and `ENV` where it is part of a longer one.
fn renamed(mut found: Diagnostic, shown: &str) -> Diagnostic {
    let name = format!("`{DRAFT_NAME}`");
    let rename = |text: &mut String| {
        if text.contains(&name) {
            *text = text.replace(&name, shown);
        }
        for [before, after] in [["`", "_"], ["_", "_"], ["`", "-"], ["-", "-"]] {
            let part = format!("{before}{DRAFT_NAME}{after}");
            if text.contains(&part) {
                *text = text.replace(&part, &format!("{before}ENV{after}"));
            }
        }
    };
    rename(&mut found.message);
    found.label.iter_mut().chain(&mut found.help).for_each(rename);
    found.related.iter_mut().for_each(|related| rename(&mut related.message));
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use asiaq_ir::Kind;

    use super::*;
    use crate::check::{CheckedWorkspace, analyse};
    use crate::fixture;

    #[test]
    fn what_other_environments_have_is_not_missed() {
        let data =
            "engine = postgres, version = \"17\", class = db.m7g.large, storage = 100GB, network = web";
        let text = format!(
            "project shop {{ region = us-west-2 }}
env ci {{ cidr = 10.0.0.0/20, metanetwork web {{}}, database orders {{ {data}, backups = 1d }} }}
envtype spare {{ metanetwork web {{}}, database copy {{ replica_of = ci/orders, class = db.m7g.large, network = web }} }}
hostclass front {{ network = web }}
pipeline idle {{ stage {{ run front {{ desired = 1 }} }} }}
topic critical {{ subscribers = [\"ops@shop.example\"] }}
alarm full {{
  on        = database orders
  namespace = \"AWS/RDS\"
  metric    = \"FreeStorageSpace\"
  when      = minimum < 20000000000 for 1 x 5m
  level     = critical
}}
"
        );
        let checked = fixture::check(&text);
        assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
        let unknown =
            fixture::check(&text.replace("on        = database orders", "on        = database order"));
        let codes: Vec<&str> = unknown.diagnostics.iter().map(|found| found.code.as_str()).collect();
        assert!(codes.contains(&"unknown-reference"), "{codes:?}");
    }

    /// How many Auto Scaling groups are lowered for the envtypes that no environment uses, and how many hostclasses are
    /// evaluated, where each envtype has an addition.
    fn work(envtypes: usize, addition: &str) -> (usize, usize) {
        let mut text = String::from(
            "project p { region = us-west-2 }
envtype t {
  pipeline = everything
  metanetwork web { routes = [internet via igw] }
}
hostclass web { network = web }
hostclass api { network = web }
pipeline everything { stage { run web { desired = 1 }, run api { desired = 1 } } }
",
        );
        for at in 10..10 + envtypes {
            let _ = writeln!(text, "envtype t{at} : t {{ {} }}", addition.replace("AT", &at.to_string()));
        }
        let workspace = fixture::workspace(&text);
        let (files, sources) = (workspace.files.clone(), workspace.sources.clone());
        let CheckedWorkspace { checked, schemas, names } = analyse(workspace);
        assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
        let names = names.names(&files);
        let (model, evaluated) = model::build(&schemas, &names, &mut Vec::new());
        let drafts = model::drafts(&schemas, &names, (&model, evaluated), &|_| true);
        assert_eq!(drafts.len(), envtypes);
        let hosts = drafts.iter().flat_map(|draft| &draft.model.environments).map(|env| env.hosts.len());
        let lowered = lowered(&sources, &drafts, Proved::default())
            .flat_map(|(_, _, found)| found.ir.resources.into_values());
        (lowered.filter(|node| node.resource.kind() == Kind::AutoScalingGroup).count(), hosts.sum())
    }

    #[test]
    fn machines_are_proved_once_for_all_unused_envtypes() {
        assert_eq!([1, 2, 40].map(|envtypes| work(envtypes, "")), [(2, 2); 3]);
        let addition = "metanetwork web { ingress = [tcp 80AT from internet] }";
        assert_eq!([1, 2, 40].map(|envtypes| work(envtypes, addition)), [(2, 2); 3]);
    }

    #[test]
    fn machines_that_an_envtype_changes_are_evaluated_for_it() {
        for addition in ["metanetwork extraAT {}", "application = \"AT\"", "tags = { of = \"AT\" }"] {
            assert_eq!(work(3, addition).1, 6, "{addition}");
        }
    }
}
