//! Machines that need no proof of their own: they were lowered without a mistake for an environment before, and nothing
//! that they are made of is longer or has other characters here.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use super::hostclass::{floating, helper_addresses};
use crate::layout::EnvLayout;
use crate::model::{Environment, Host, Run};
use crate::stand_in::stands_for;

/// Environments that others are compared with: a bound, so that the work does not grow with their square.
const SETTINGS: usize = 64;

/// The machines that are lowered.
#[derive(Debug)]
pub(crate) enum Machines<'k> {
    /// All of them.
    All,
    /// Those of one environment, without the other environments.
    Of(&'k str),
    /// Those of the environments `whole`, and those that are not `proved` by an environment before.
    Unproved {
        /// Names of environments.
        whole: &'k BTreeSet<String>,
        /// The machines so far.
        proved: &'k mut Proved,
    },
}

/// The machines that were lowered without a mistake. It knows hostclasses and runs by where they are in memory, so it must
/// not outlive the models that they belong to.
#[derive(Debug, Default)]
pub(crate) struct Proved {
    /// The environments.
    settings: Vec<Traits>,
    /// The environments that each machine was lowered for, by number.
    machines: HashMap<Key, Vec<usize>>,
}

/// What has to be equal for two machines to be proved together.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The hostclass and the run, by where they are in memory.
    of: [usize; 2],
    is_protected: bool,
    /// Length of its static addresses.
    addresses: usize,
}

/// What an environment adds to the values of its machines.
#[derive(Debug, PartialEq, Eq)]
struct Traits {
    /// What has to be equal.
    equal: Vec<String>,
    /// Numbers of elements.
    counts: Vec<usize>,
    /// Texts that values consist of.
    texts: Vec<String>,
}

/// The machines of one environment while they are lowered.
pub(super) struct Turn {
    /// Absent where all machines are lowered.
    traits: Option<Traits>,
    /// Whether each environment before proves machines of this one, by number.
    fitting: Vec<bool>,
    /// The machines that were lowered without a mistake.
    clean: Vec<Key>,
}

impl Machines<'_> {
    /// Whether environment `env` is lowered.
    pub(super) fn are_of(&self, env: &str) -> bool {
        match self {
            Self::Of(name) => *name == env,
            Self::All | Self::Unproved { .. } => true,
        }
    }

    /// The order in which the machines of environments are lowered, by number: first those that are lowered anyway, then
    /// those that prove others.
    pub(super) fn order(&self, envs: &[(&Environment, &EnvLayout)]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..envs.len()).collect();
        if let Self::Unproved { whole, .. } = self {
            let key = |(env, laid): &(&Environment, &EnvLayout)| {
                (whole.contains(&env.name), Traits::of(env, laid).size())
            };
            let keys: Vec<(bool, usize)> = envs.iter().map(key).collect();
            order.sort_by_key(|at| std::cmp::Reverse(keys.get(*at)));
        }
        order
    }

    pub(super) fn turn(&self, env: &Environment, laid: &EnvLayout) -> Turn {
        let Self::Unproved { whole, proved } = self else {
            return Turn { traits: None, fitting: Vec::new(), clean: Vec::new() };
        };
        let traits = Traits::of(env, laid);
        let is_whole = whole.contains(&env.name);
        let fitting = proved.settings.iter().map(|known| !is_whole && traits.fits(known)).collect();
        Turn { fitting, traits: Some(traits), clean: Vec::new() }
    }

    /// Whether a machine has to be lowered.
    pub(super) fn want(&self, turn: &Turn, key: &Key) -> bool {
        let Self::Unproved { proved, .. } = self else { return true };
        let mut known = proved.machines.get(key).into_iter().flatten();
        !known.any(|setting| turn.fitting.get(*setting) == Some(&true))
    }

    /// Keeps what was lowered in a turn without a mistake.
    pub(super) fn keep(&mut self, turn: Turn) {
        if let (Self::Unproved { proved, .. }, Some(traits)) = (self, turn.traits)
            && !turn.clean.is_empty()
            && proved.settings.len() < SETTINGS
        {
            let setting = proved.settings.len();
            proved.settings.push(traits);
            for machine in turn.clean {
                proved.machines.entry(machine).or_default().push(setting);
            }
        }
    }
}

impl Turn {
    /// Notes that a machine was lowered without a mistake.
    pub(super) fn note_clean(&mut self, key: Key) {
        if self.traits.is_some() {
            self.clean.push(key);
        }
    }
}

impl Key {
    pub(super) fn of(env: &Environment, laid: &EnvLayout, host: &Host, run: &Run) -> Self {
        let addresses = floating(laid, host);
        Self {
            of: [std::ptr::from_ref(host).addr(), std::ptr::from_ref(run).addr()],
            is_protected: env.protects(&host.name).is_some(),
            addresses: addresses.iter().map(|found| found.address.to_string().len() + 1).sum(),
        }
    }
}

impl Traits {
    fn of(env: &Environment, laid: &EnvLayout) -> Self {
        let tags = || env.tags.iter().flat_map(|tags| &tags.value);
        let networks = laid.networks.keys().cloned();
        let data = env.instance_data.value.clone();
        let equal = [env.region.value.clone(), env.types.len().min(1).to_string(), data];
        let equal = equal.into_iter().chain(networks).chain(tags().map(|(key, _)| key.clone())).collect();
        let subnets = laid.networks.values().map(|own| own.subnets.len());
        let counts = subnets.chain([laid.zones.len()]).collect();
        let texts = [
            Some(&env.name),
            env.types.first(),
            Some(&env.application.value),
            env.common.domain.as_ref().map(|domain| &domain.value),
            env.common.team.as_ref().map(|team| &team.value),
        ];
        let texts = texts.into_iter().map(|text| text.cloned().unwrap_or_default());
        let buckets = env.credential_buckets.value.iter().map(|ending| ending.value.clone());
        let helpers = helper_addresses(env, laid);
        let tags = tags().map(|(_, value)| value.value.clone());
        Self { equal, counts, texts: texts.chain(helpers).chain(tags).chain(buckets).collect() }
    }

    /// Greater than that of other traits which fit these and not the other way round.
    fn size(&self) -> usize {
        self.counts.iter().sum::<usize>() + self.texts.iter().map(String::len).sum::<usize>()
    }

    /// Whether AWS accepts every value that these traits are part of if it accepts the one with `other` in their place.
    fn fits(&self, other: &Self) -> bool {
        let fits = |(text, other): (&String, &String)| stands_for(text, other);
        // AWS requires no more elements than one.
        let are_fewer = |(count, other): (&usize, &usize)| count == other || (1..*other).contains(count);
        self.equal == other.equal
            && self.counts.iter().zip(&other.counts).all(are_fewer)
            && self.texts.len() == other.texts.len()
            && self.texts.iter().zip(&other.texts).all(fits)
    }
}
