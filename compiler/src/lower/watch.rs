//! What is watched in an environment: topics, alarms on metrics, and the metrics of logs.

mod alarms;
mod fit;
mod logs;
mod md5;
mod measure;
mod spread;
mod topics;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::Span;

use super::Lowering;
use crate::evaluate::Resolved;
use crate::model::{Environment, Host};
use crate::value::{Spanned, Watched};

/// Names that only one thing may have in an account and region: what has it, and where that is declared.
#[derive(Debug, Default)]
pub(super) struct NameRegistry(BTreeMap<(Named, String, String), Owner>);

/// Who has a name.
#[derive(Clone, Debug)]
struct Owner {
    /// Its address.
    address: String,
    /// Where it is declared.
    span: Span,
}

/// What has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Topic,
    Alarm,
    LogMetric,
}

/// One thing that an alarm or a log metric is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target<'m> {
    /// A hostclass.
    Hostclass(&'m str),
    /// A database, cache or search domain.
    Named(&'m str),
    /// The environment itself.
    Environment,
}

impl NameRegistry {
    /// Takes a name; who has it already, where somebody has.
    fn take(&mut self, what: Named, env: &Environment, name: &str, owner: Owner) -> Option<Owner> {
        // Environments whose accounts are not named share one.
        let account = env.account.as_ref().map_or("", |account| account.value.as_str());
        let key = (what, format!("{account}/{}", env.region.value), name.to_owned());
        if let Some(first) = self.0.get(&key) {
            return Some(first.clone());
        }
        self.0.insert(key, owner);
        None
    }
}

impl Lowering<'_> {
    pub(super) fn watch(&mut self, env: &Environment) {
        self.logs(env);
        let told = self.alarms(env);
        self.topics(env, &told);
    }
}

/// The team that stands in the names of what says no other: the project's name where it has none.
fn team<'m>(project: &'m str, env: &'m Environment, own: Option<&'m Resolved<String>>) -> &'m str {
    own.or(env.common.team.as_ref()).map_or(project, |team| team.value.as_str())
}

/// What `on` comes to in an environment. A hostclass that does not run there is nothing, and so is one that is not
/// `fit`.
pub(super) fn targets<'m>(
    env: &'m Environment,
    on: &'m [Spanned<Watched>],
    fit: &dyn Fn(&Host) -> bool,
) -> BTreeSet<Target<'m>> {
    let hosts = || env.hosts.iter().map(|host| &**host).filter(|host| env.runs(&host.name) && fit(host));
    let mut found = BTreeSet::new();
    for one in on {
        match &one.value {
            Watched::All => found.extend(hosts().map(|host| Target::Hostclass(&host.name))),
            Watched::Hostclass(name) => {
                found.extend(
                    hosts().filter(|host| host.name == *name).map(|host| Target::Hostclass(&host.name)),
                );
            }
            Watched::Named(name) => {
                found.insert(Target::Named(name));
            }
        }
    }
    found
}
