//! Security policies of load balancers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{
    Breaches, ClassicListener, ClassicLoadBalancer, Listener, LoadBalancer, Measured, Resource, Sent,
};

const TABLE: &str = include_str!("../../../../stdlib/tls_policies.txt");
/// What follows the name of a policy in the text of [`TlsPolicy::AtLeast`].
const OR_STRONGER: &str = " or stronger";

/// The TLS versions and ciphers that a listener accepts: a security policy of Elastic Load Balancing, by name.
///
/// In serde a text: `ELBSecurityPolicy-2016-08`, or `ELBSecurityPolicy-2016-08 or stronger`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum TlsPolicy {
    /// This policy.
    Named(String),
    /// This policy, for a listener that has none which is as strong.
    AtLeast(String),
}

impl TlsPolicy {
    /// The name of the policy.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) | Self::AtLeast(name) => name,
        }
    }

    /// The policy for a listener that has the policy `live`. A policy that is not known to be weaker stays.
    fn settled(&self, live: Option<&Self>) -> Self {
        match (self, live) {
            (Self::AtLeast(wanted), Some(live)) if !is_weaker(live.name(), wanted) => live.clone(),
            (Self::AtLeast(wanted), Some(_) | None) => Self::Named(wanted.clone()),
            (Self::Named(_), _) => self.clone(),
        }
    }
}

impl From<String> for TlsPolicy {
    fn from(text: String) -> Self {
        match text.strip_suffix(OR_STRONGER) {
            Some(name) => Self::AtLeast(name.to_owned()),
            None => Self::Named(text),
        }
    }
}

impl From<TlsPolicy> for String {
    fn from(policy: TlsPolicy) -> Self {
        match policy {
            TlsPolicy::Named(name) => name,
            TlsPolicy::AtLeast(name) => name + OR_STRONGER,
        }
    }
}

impl Measured for TlsPolicy {
    fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>) {
        match self {
            Self::Named(name) | Self::AtLeast(name) => name.measure(sent, found),
        }
    }
}

/// What a known policy is for, and what it accepts.
struct Known {
    balancers: &'static str,
    protocols: BTreeSet<&'static str>,
    /// Absent where they are not known.
    ciphers: Option<BTreeSet<&'static str>>,
}

fn known() -> &'static BTreeMap<&'static str, Known> {
    static KNOWN: OnceLock<BTreeMap<&'static str, Known>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| {
                let mut words = line.split(' ');
                let (name, balancers) = (words.next()?, words.next()?);
                let (protocols, ciphers) = (words.next()?, words.next()?);
                let ciphers = (ciphers != "-").then(|| ciphers.split(',').collect());
                Some((name, Known { balancers, protocols: protocols.split(',').collect(), ciphers }))
            })
            .collect()
    })
}

/// The names of the predefined policies of Classic Load Balancers, or of the newer ones, in order of name.
pub fn tls_policies(classic: bool) -> impl Iterator<Item = &'static str> {
    let of = if classic { 'c' } else { 'n' };
    known().iter().filter(move |(_, policy)| policy.balancers.contains(of)).map(|(name, _)| *name)
}

/// Whether a policy is known to accept a TLS version or a cipher that `other` does not accept.
fn is_weaker(policy: &str, other: &str) -> bool {
    let (Some(policy), Some(other)) = (known().get(policy), known().get(other)) else { return false };
    let has_more_ciphers = match (&policy.ciphers, &other.ciphers) {
        (Some(of_policy), Some(of_other)) => !of_policy.is_subset(of_other),
        (Some(_) | None, _) => false,
    };
    has_more_ciphers || !policy.protocols.is_subset(&other.protocols)
}

impl Resource {
    /// The resource with the security policies of the listeners that the program leaves to AWS as they are in `live`, the
    /// resource in its place; absent if the program leaves none to AWS.
    #[must_use]
    pub fn with_tls_policies(&self, live: Option<&Self>) -> Option<Self> {
        match (self, live) {
            (Self::LoadBalancer(wanted), live) => {
                let live = match live {
                    Some(Self::LoadBalancer(live)) => Some(&live.listeners),
                    Some(_) | None => None,
                };
                let listeners = settled(&wanted.listeners, live)?;
                Some(Self::LoadBalancer(LoadBalancer { listeners, ..wanted.clone() }))
            }
            (Self::ClassicLoadBalancer(wanted), live) => {
                let live = match live {
                    Some(Self::ClassicLoadBalancer(live)) => Some(&live.listeners),
                    Some(_) | None => None,
                };
                let listeners = settled(&wanted.listeners, live)?;
                Some(Self::ClassicLoadBalancer(ClassicLoadBalancer { listeners, ..wanted.clone() }))
            }
            _ => None,
        }
    }
}

/// A listener that may have a policy.
trait Encrypted: Clone + Ord {
    fn port(&self) -> u16;
    fn policy(&self) -> Option<&TlsPolicy>;
    fn with(self, policy: TlsPolicy) -> Self;
}

impl Encrypted for Listener {
    fn port(&self) -> u16 {
        self.port
    }

    fn policy(&self) -> Option<&TlsPolicy> {
        self.tls_policy.as_ref()
    }

    fn with(self, policy: TlsPolicy) -> Self {
        Self { tls_policy: Some(policy), ..self }
    }
}

impl Encrypted for ClassicListener {
    fn port(&self) -> u16 {
        self.port
    }

    fn policy(&self) -> Option<&TlsPolicy> {
        self.tls_policy.as_ref()
    }

    fn with(self, policy: TlsPolicy) -> Self {
        Self { tls_policy: Some(policy), ..self }
    }
}

/// The listeners with the policies that they are to have beside those that are `live`; absent if the program names
/// every policy.
fn settled<L: Encrypted>(wanted: &BTreeSet<L>, live: Option<&BTreeSet<L>>) -> Option<BTreeSet<L>> {
    if !wanted.iter().any(|listener| matches!(listener.policy(), Some(TlsPolicy::AtLeast(_)))) {
        return None;
    }
    let at = |port: u16| live?.iter().find(|there| there.port() == port)?.policy();
    let settle = |listener: &L| match listener.policy() {
        Some(policy) => listener.clone().with(policy.settled(at(listener.port()))),
        None => listener.clone(),
    };
    Some(wanted.iter().map(settle).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

    fn settled_beside(live: Option<&str>, wanted: &str) -> String {
        let live = live.map(|live| TlsPolicy::Named(live.to_owned()));
        TlsPolicy::from(wanted.to_owned()).settled(live.as_ref()).into()
    }

    #[test]
    fn a_policy_is_read_as_it_is_written() {
        for text in [DEFAULT, "ELBSecurityPolicy-2016-08 or stronger"] {
            let policy: TlsPolicy = serde_json::from_value(text.into()).unwrap();
            assert_eq!(policy.name(), text.trim_end_matches(" or stronger"));
            assert_eq!(serde_json::to_value(&policy).unwrap(), text);
        }
    }

    #[test]
    fn what_nobody_asked_to_change_is_raised_and_never_lowered() {
        let open = format!("{DEFAULT} or stronger");
        assert_eq!(settled_beside(None, &open), DEFAULT);
        let weaker =
            ["2016-08", "TLS-1-2-2017-01", "TLS13-1-0-2021-06", "TLS13-1-2-Ext1-2021-06", "FS-2018-06"];
        for live in weaker {
            assert_eq!(settled_beside(Some(&format!("ELBSecurityPolicy-{live}")), &open), DEFAULT, "{live}");
        }
        let kept = ["TLS13-1-3-2021-06", "TLS13-1-2-Res-PQ-2025-09", "FS-1-2-Res-2020-10", "TLS14-2031-01"];
        for live in kept.map(|live| format!("ELBSecurityPolicy-{live}")) {
            assert_eq!(settled_beside(Some(&live), &open), live);
            assert_eq!(settled_beside(Some(&live), DEFAULT), DEFAULT, "the program names another");
        }
    }

    #[test]
    fn the_defaults_are_policies_of_their_load_balancers() {
        assert!(tls_policies(false).any(|known| known == DEFAULT));
        assert!(tls_policies(true).any(|known| known == "ELBSecurityPolicy-TLS-1-2-2017-01"));
        assert!(!tls_policies(true).any(|known| known == DEFAULT));
    }
}
