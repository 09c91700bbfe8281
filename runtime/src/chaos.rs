//! Which instances chaos terminates: a share of the healthy ones, chosen at random, within what each group keeps.

mod share;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::DeployRecord;
use crate::deploys::{DEPLOY_OF_TAG, DEPLOY_TAG};
use crate::digest::hex_digest;
pub use share::{Share, is_between, is_working_day};

/// The tag of groups and instances that takes them out, if it says no.
pub const CHAOS_TAG: &str = "chaos";

/// Words that leave them in, whatever their case.
const YES: [&str; 5] = ["1", "on", "true", "y", "yes"];

/// The processes of a group without which it does not replace an instance.
const REPLACING: [&str; 2] = ["Launch", "Terminate"];

/// An Auto Scaling group, as chaos sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChaosGroup {
    /// Name in AWS.
    pub name: String,
    /// Region.
    pub region: String,
    /// Environment.
    pub environment: String,
    /// Hostclass of its instances.
    pub hostclass: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Processes that somebody suspended.
    pub suspended: BTreeSet<String>,
    /// Its instances.
    pub machines: Vec<ChaosMachine>,
}

/// An instance of such a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChaosMachine {
    /// AWS id.
    pub id: String,
    /// Whether it is in service and healthy.
    pub is_healthy: bool,
    /// Whether it is protected from scale-in.
    pub is_protected: bool,
    /// Its tag [`CHAOS_TAG`].
    pub chaos: Option<String>,
}

/// What a program and a command line say of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChaosTerms {
    /// Whether the hostclass and its run allow chaos; absent for a hostclass that nothing runs.
    pub allowed: Option<bool>,
    /// What protects its instances, if that is not to be passed over.
    pub protection: Option<String>,
    /// Whether the command line names other hostclasses.
    pub is_unnamed: bool,
}

/// How many instances are terminated, and how they are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChaosRule {
    /// Share of the healthy instances of all groups that take part; at least one instance.
    pub level: Share,
    /// Share of the healthy instances of each group that stays, rounded up.
    pub retain: Share,
    /// The most in all.
    pub most: Option<usize>,
    /// What the choice depends on, beside the instances.
    pub seed: u64,
}

/// What chaos does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChaosPlan {
    /// The seed of the choice.
    pub seed: u64,
    /// Healthy instances in the groups that take part.
    pub healthy: usize,
    /// How many of them the level means; fewer may be there to choose from.
    pub wanted: usize,
    /// All groups, in the order in which they were given.
    pub groups: Vec<ChaosShare>,
    /// The instances that are terminated, ordered by environment, hostclass and id.
    pub chosen: Vec<ChaosVictim>,
}

/// What chaos does to a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChaosShare {
    /// Name in AWS.
    pub group: String,
    /// Environment.
    pub environment: String,
    /// Hostclass.
    pub hostclass: String,
    /// Instances in service that are healthy.
    pub healthy: usize,
    /// How many of them stay, whatever is chosen.
    pub kept: usize,
    /// How many may be chosen.
    pub eligible: usize,
    /// How many are.
    pub chosen: usize,
    /// Why none may be.
    pub reason: Option<String>,
    /// Healthy instances that are left out by themselves, each with why.
    pub spared: BTreeMap<String, String>,
}

/// An instance that is terminated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChaosVictim {
    /// Environment.
    pub environment: String,
    /// Hostclass.
    pub hostclass: String,
    /// AWS id.
    #[serde(rename = "host")]
    pub id: String,
    /// Name of its group.
    pub group: String,
    /// Region.
    pub region: String,
}

/// Whether the tag `chaos` leaves something in: without it, and with a word for yes.
fn is_yes(tag: Option<&String>) -> bool {
    tag.is_none_or(|word| YES.contains(&word.trim().to_lowercase().as_str()))
}

impl ChaosGroup {
    /// Its environment and hostclass.
    fn run(&self) -> (&str, &str) {
        (&self.environment, &self.hostclass)
    }

    /// Whether a deploy that has not ended is about it.
    fn is_deploying(&self) -> bool {
        self.tags.contains_key(DEPLOY_TAG) || self.tags.contains_key(DEPLOY_OF_TAG)
    }

    /// Why none of its instances may be chosen.
    fn reason(&self, terms: &ChaosTerms, deploying: &BTreeSet<(&str, &str)>) -> Option<String> {
        if terms.is_unnamed {
            return Some("other hostclasses are named".to_owned());
        }
        if terms.allowed == Some(false) {
            return Some("the program says `chaos = false`".to_owned());
        }
        if !is_yes(self.tags.get(CHAOS_TAG)) {
            let word = self.tags.get(CHAOS_TAG).map(String::as_str).unwrap_or_default();
            return Some(format!("its tag `{CHAOS_TAG}` is `{word}`"));
        }
        if let Some(record) = DeployRecord::read(&self.tags) {
            return Some(format!("a deploy of it is under way ({})", record.phase.word()));
        }
        if deploying.contains(&self.run()) {
            return Some("it is part of a deploy that is under way".to_owned());
        }
        let suspended: Vec<&str> =
            REPLACING.into_iter().filter(|process| self.suspended.contains(*process)).collect();
        if !suspended.is_empty() {
            return Some(format!("it replaces nothing: {} is suspended", suspended.join(" and ")));
        }
        terms.protection.clone()
    }
}

impl ChaosMachine {
    /// Why it may not be chosen, though its group takes part.
    fn reason(&self) -> Option<String> {
        if !is_yes(self.chaos.as_ref()) {
            return Some(format!("its tag `{CHAOS_TAG}` is `{}`", self.chaos.as_deref().unwrap_or_default()));
        }
        self.is_protected.then(|| "it is protected from scale-in".to_owned())
    }
}

impl ChaosRule {
    /// How many of so many healthy instances the level means: rounded down, at least one.
    fn wanted(self, healthy: usize) -> usize {
        if healthy == 0 { 0 } else { self.level.of_rounded_down(healthy).max(1) }
    }

    /// A number that the seed gives to an instance, as text; another one in each of the two draws.
    fn draw(self, draw: &str, id: &str) -> String {
        hex_digest(&format!("{} {draw} {id}", self.seed))
    }

    /// Chooses instances of groups, each with what is said of it.
    ///
    /// Of each group that takes part, as many instances may be chosen as it does not keep; which ones is drawn. Among those
    /// of all groups, as many as the level means are drawn.
    pub fn choose(self, groups: &[(ChaosGroup, ChaosTerms)]) -> ChaosPlan {
        let mut plan = ChaosPlan { seed: self.seed, ..ChaosPlan::default() };
        let deploying = groups.iter().map(|(group, _)| group).filter(|group| group.is_deploying());
        let deploying: BTreeSet<(&str, &str)> = deploying.map(ChaosGroup::run).collect();
        let mut pool = Vec::new();
        for (group, terms) in groups {
            let healthy: Vec<&ChaosMachine> = group.machines.iter().filter(|one| one.is_healthy).collect();
            let mut share = ChaosShare {
                group: group.name.clone(),
                environment: group.environment.clone(),
                hostclass: group.hostclass.clone(),
                healthy: healthy.len(),
                kept: healthy.len(),
                reason: group.reason(terms, &deploying),
                ..ChaosShare::default()
            };
            if share.reason.is_none() {
                plan.healthy = plan.healthy.saturating_add(healthy.len());
                share.kept = self.retain.of_rounded_up(healthy.len());
                let mut free = Vec::new();
                for machine in &healthy {
                    match machine.reason() {
                        Some(why) => drop(share.spared.insert(machine.id.clone(), why)),
                        None => free.push(machine.id.as_str()),
                    }
                }
                free.sort_by_key(|id| self.draw("group", id));
                free.truncate(healthy.len().saturating_sub(share.kept));
                share.eligible = free.len();
                if free.is_empty() {
                    share.reason = Some(share.why_none());
                }
                pool.extend(free.into_iter().map(|id| (group, id)));
            }
            plan.groups.push(share);
        }
        plan.wanted = self.wanted(plan.healthy);
        pool.sort_by_key(|(_, id)| self.draw("all", id));
        pool.truncate(plan.wanted.min(self.most.unwrap_or(usize::MAX)));
        for (group, id) in pool {
            for share in plan.groups.iter_mut().filter(|share| share.group == group.name) {
                if share.environment == group.environment {
                    share.chosen = share.chosen.saturating_add(1);
                }
            }
            plan.chosen.push(ChaosVictim {
                environment: group.environment.clone(),
                hostclass: group.hostclass.clone(),
                id: id.to_owned(),
                group: group.name.clone(),
                region: group.region.clone(),
            });
        }
        plan.chosen.sort();
        plan
    }
}

impl ChaosShare {
    /// Why none of a group that takes part may be chosen.
    fn why_none(&self) -> String {
        if self.healthy == 0 {
            "none of its instances is in service and healthy".to_owned()
        } else if self.kept >= self.healthy {
            format!("it keeps {} of {}", self.kept, self.healthy)
        } else {
            "its healthy instances are left out by themselves".to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
