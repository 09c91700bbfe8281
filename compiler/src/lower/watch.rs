//! The monitoring of an environment: topics, metric alarms, and metrics of logs.

mod alarm_checks;
mod alarm_targets;
mod alarms;
mod group_metrics;
mod logs;
mod measure;
mod publishers;
mod topics;

use std::collections::BTreeSet;

use asiaq_lang::Span;
pub(super) use publishers::Publishing;

use super::Lowering;
use crate::evaluate::Resolved;
use crate::model::{Environment, Host};
use crate::value::{Spanned, Watched};

/// A target of an alarm or a log metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target<'m> {
    /// A hostclass, by name.
    Hostclass(&'m str),
    /// A database, cache, search domain or table, by name.
    Named(&'m str),
    /// The environment itself.
    Environment,
}

impl Lowering<'_> {
    pub(super) fn watch(&mut self, env: &Environment) {
        self.logs(env);
        let notified = self.alarms(env);
        self.topics(env, &notified);
    }
}

/// The team in names, and its place. Default: the environment's team, or else the project's name.
fn team<'m>(project: &'m str, env: &'m Environment, own: Option<&'m Resolved<String>>) -> (&'m str, Span) {
    let project = (project, env.common.span);
    own.or(env.common.team.as_ref())
        .map_or(project, |team| (team.value.as_str(), team.place(env.common.span)))
}

/// The targets of `on` in an environment, without hostclasses that do not run there or do not match `is_target`.
pub(super) fn targets<'m>(
    env: &'m Environment,
    on: &'m [Spanned<Watched>],
    is_target: &dyn Fn(&Host) -> bool,
) -> BTreeSet<Target<'m>> {
    let hosts =
        || env.hosts.iter().map(|host| &**host).filter(|host| env.runs(&host.name) && is_target(host));
    let mut found = BTreeSet::new();
    for one in on {
        match &one.value {
            Watched::All => found.extend(hosts().map(|host| Target::Hostclass(&host.name))),
            Watched::Hostclass(name) => {
                found.extend(
                    hosts().filter(|host| host.name == *name).map(|host| Target::Hostclass(&host.name)),
                );
            }
            Watched::Store(kind, name) => {
                let is_there = env.metered().any(|known| known.kind == *kind && known.name == name);
                found.extend(is_there.then_some(Target::Named(name)));
            }
            Watched::Named(name) => {
                found.insert(Target::Named(name));
            }
        }
    }
    found
}
