//! The facts about an account that a lowering reads, of those that need calls of their own.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Imagined, Ir, Kind};

/// A fact that needs additional calls and that not every lowering reads. All others come with the listings of the
/// project's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// [`RegionFacts::zones`](crate::RegionFacts::zones).
    Zones,
    /// AMIs of any kind: those of hostclasses, or those in [`Needs::images`].
    Images,
    /// [`RegionFacts::images`](crate::RegionFacts::images).
    HostclassImages,
    /// [`RegionFacts::image_parameters`](crate::RegionFacts::image_parameters).
    ImageParameters,
    /// [`RegionFacts::key_pairs`](crate::RegionFacts::key_pairs).
    KeyPairs,
    /// [`RegionFacts::secrets`](crate::RegionFacts::secrets) in buckets.
    BucketSecrets,
    /// [`RegionFacts::secrets`](crate::RegionFacts::secrets) in Systems Manager.
    ParameterSecrets,
    /// [`RegionFacts::secrets`](crate::RegionFacts::secrets) in Secrets Manager.
    ManagedSecrets,
    /// [`RegionFacts::snapshots`](crate::RegionFacts::snapshots).
    Snapshots,
    /// [`RegionFacts::certificates`](crate::RegionFacts::certificates).
    Certificates,
}

impl Need {
    /// All needs.
    pub const ALL: [Self; 10] = [
        Self::Zones,
        Self::Images,
        Self::HostclassImages,
        Self::ImageParameters,
        Self::KeyPairs,
        Self::BucketSecrets,
        Self::ParameterSecrets,
        Self::ManagedSecrets,
        Self::Snapshots,
        Self::Certificates,
    ];
}

/// The facts that a lowering reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The facts, by kind.
    pub facts: BTreeSet<Need>,
    /// The AMIs that the program names, by region.
    pub images: BTreeMap<String, BTreeSet<ImageQuery>>,
    /// The EC2 key pairs that the program names, by region.
    pub key_pairs: BTreeMap<String, BTreeSet<String>>,
    /// The places of the secrets that the program declares ([`SecretStore::place`](crate::SecretStore::place)), by region.
    pub secrets: BTreeMap<String, BTreeSet<String>>,
    /// Whether an account shares its AMIs with others.
    pub shares_images: bool,
    /// Whether instances that bake have an instance profile.
    pub bakes_with_profile: bool,
    /// The accounts of the project whose own resources are listed, with their regions: those that the program declares
    /// something in, or that an apply has written to.
    pub accounts: BTreeMap<String, String>,
    /// The kinds that are listed; every kind if absent.
    pub only: Option<BTreeSet<Kind>>,
    /// The documents that the program names by their addresses on the web, with the accounts of the project that need them.
    pub documents: BTreeMap<String, BTreeSet<String>>,
    /// Kinds of which the program has no resources, and with whose listings no facts come that it needs. Where a service
    /// does not answer, their listings are not tried for long.
    pub unused: BTreeSet<Kind>,
    /// Those of them that are not listed at all: see [`Kind::has_own_service`].
    pub unasked: BTreeSet<Kind>,
    /// What listings show beside what the project owns.
    pub imagined: Imagined,
}

/// AMIs that a program names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageQuery {
    /// The AMI with this id.
    Id(String),
    /// The AMIs of an owner whose name matches a pattern.
    Named {
        /// Account id, `self` or another alias of AWS.
        owner: String,
        /// The pattern, with `*` and `?`.
        pattern: String,
    },
    /// The AMI whose id is the value of this Systems Manager parameter.
    Parameter(String),
}

impl Needs {
    /// Every fact that does not depend on a program; no account.
    pub fn all() -> Self {
        Self { facts: Need::ALL.into(), ..Self::default() }
    }

    /// The same listings without facts and documents.
    #[must_use]
    pub fn of_listings(self) -> Self {
        let Self { accounts, only, unused, unasked, .. } = self;
        Self { accounts, only, unused, unasked, ..Self::default() }
    }

    /// No facts, for a program that is `ir`.
    pub fn of(ir: &Ir) -> Self {
        let mut used: BTreeSet<Kind> = ir.resources.values().map(|node| node.resource.kind()).collect();
        // A record may go into a zone of somebody else.
        if used.contains(&Kind::RecordSet) {
            used.insert(Kind::HostedZone);
        }
        let unused = Kind::ALL.iter().copied().filter(|kind| !used.contains(kind));
        Self { unused: unused.collect(), ..Self::default() }
    }

    /// Whether a fact is needed.
    pub fn contains(&self, need: Need) -> bool {
        self.facts.contains(&need)
    }

    /// The AMIs of `region` that the program names.
    pub fn images_in(&self, region: &str) -> impl Iterator<Item = &ImageQuery> {
        self.images.get(region).into_iter().flatten()
    }
}
