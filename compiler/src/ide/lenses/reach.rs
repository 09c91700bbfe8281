//! Who reaches a metanetwork, and whom it reaches, above its declaration.

use asiaq_lang::Span;
use asiaq_lang::ast::Name;

use super::Lens;
use crate::ide::Analysis;
use crate::model::Environment;
use crate::reach::{Place, Reach, Verdict};

/// Pairs of places that are looked at for one file: an editor does not wait for more.
const PAIRS: usize = 3000;

/// Answers for the declarations of one file.
pub(super) struct Reaches<'a> {
    analysis: &'a Analysis,
    /// Made when it is first asked.
    reach: Option<Reach<'a>>,
    /// Pairs that may still be looked at.
    left: usize,
}

/// What is found out about a metanetwork of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found<'a> {
    by: Vec<&'a str>,
    to: Vec<&'a str>,
    by_internet: bool,
    to_internet: bool,
}

impl<'a> Reaches<'a> {
    pub(super) fn of(analysis: &'a Analysis) -> Self {
        Self { analysis, reach: None, left: PAIRS }
    }

    /// The lens of a metanetwork that environment or envtype `owner` declares: what holds in every environment
    /// of it in which nobody says more, or else in the first one.
    pub(super) fn lens(&mut self, owner: &str, name: &Name) -> Option<Lens> {
        let envs: Vec<&Environment> = self
            .analysis
            .environments(Some(owner))
            .into_iter()
            .filter(|env| env.network(&name.text).is_some_and(|network| network.span == name.span))
            .collect();
        let first = *envs.first()?;
        let found = self.found(first, &name.text)?;
        let is_same = envs.iter().skip(1).all(|env| self.found(env, &name.text).as_ref() == Some(&found));
        let place = if is_same { String::new() } else { format!("in {}: ", first.name) };
        let title = format!(
            "{place}reached by {}; reaches {}",
            counted(found.by.len(), found.by_internet),
            counted(found.to.len(), found.to_internet)
        );
        let mut targets: Vec<Span> = found
            .by
            .iter()
            .chain(&found.to)
            .filter_map(|other| first.network(other))
            .map(|other| other.span)
            .collect();
        targets.sort_unstable();
        targets.dedup();
        Some(Lens { span: name.span, title, targets })
    }

    /// What holds in an environment; nothing where too much has been asked.
    fn found(&mut self, env: &'a Environment, name: &str) -> Option<Found<'a>> {
        self.left = self.left.checked_sub(2 * env.networks.len())?;
        let analysis = self.analysis;
        let reach = self.reach.get_or_insert_with(|| Reach::of(analysis.ir()));
        let here = Place::network(&env.name, name);
        let gets_through = |from: &Place, to: &Place| reach.summary(from, to).verdict == Verdict::Allowed;
        let others =
            || env.networks.iter().map(|network| network.name.as_str()).filter(|other| *other != name);
        let place = |other: &&str| Place::network(&env.name, other);
        Some(Found {
            by: others().filter(|other| gets_through(&place(other), &here)).collect(),
            to: others().filter(|other| gets_through(&here, &place(other))).collect(),
            by_internet: gets_through(&Place::Internet, &here),
            to_internet: gets_through(&here, &Place::Internet),
        })
    }
}

/// `3 metanetworks and the internet`
fn counted(networks: usize, internet: bool) -> String {
    let networks = match networks {
        0 => None,
        1 => Some("1 metanetwork".to_owned()),
        many => Some(format!("{many} metanetworks")),
    };
    match (networks, internet) {
        (None, false) => "nobody".to_owned(),
        (None, true) => "the internet".to_owned(),
        (Some(networks), false) => networks,
        (Some(networks), true) => format!("{networks} and the internet"),
    }
}
