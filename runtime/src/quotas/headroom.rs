//! What a program can grow to and what an account has, beside the quotas of the account.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Address;
use asiaq_ir::quotas::{Per, Quota};

use super::{Area, Counts};

/// How much of something an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All of it, whoever it belongs to.
    pub all: usize,
    /// What belongs to the project, where the same listing shows it.
    pub own: Option<usize>,
}

/// Where the value of a quota is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// AWS says it for this account.
    Account,
    /// It is what an account has as long as nobody asks for more.
    Default,
}

/// One quota: its value, what counts against it, and what can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headroom {
    /// The quota.
    pub quota: Quota,
    /// Where it counts.
    pub area: Area,
    /// For a quota of each resource, the resource of the program with the most.
    pub at: Option<Address>,
    /// What the program can grow to.
    pub declared: usize,
    /// What of the program is in the account.
    pub own: usize,
    /// What is in the account, whoever it belongs to; absent if it was not asked.
    pub used: Option<usize>,
    /// The value of the quota.
    pub limit: usize,
    /// Where that value is from.
    pub basis: Basis,
}

impl Headroom {
    /// What there is once the program has grown, as far as is known.
    pub fn peak(&self) -> usize {
        self.others() + self.declared
    }

    /// What somebody else has, as far as is known.
    pub fn others(&self) -> usize {
        self.used.map_or(0, |used| used.saturating_sub(self.own))
    }

    /// Whether the account does not have room for all of it.
    pub fn is_over(&self) -> bool {
        self.peak() > self.limit
    }

    /// Whether four fifths of the quota can be used, or are used.
    pub fn is_near(&self) -> bool {
        let most = self.peak().max(self.used.unwrap_or_default());
        most > 0 && most.saturating_mul(5) >= self.limit.saturating_mul(4)
    }
}

/// The quotas of an account that something counts against, in order. `limits` are what AWS says about the account, by region.
pub fn headroom(
    declared: &Counts,
    own: &Counts,
    used: &BTreeMap<(Quota, Area), Usage>,
    limits: &BTreeMap<(Quota, Option<String>), usize>,
) -> Vec<Headroom> {
    // A listing by zone says for the region that it was read.
    let is_whole = |(quota, area): &&(Quota, Area)| quota.per != Per::Zone || area.zone.is_some();
    let all: BTreeSet<&(Quota, Area)> = declared.keys().chain(used.keys()).filter(is_whole).collect();
    let standing = |key: &(Quota, Area)| {
        let (quota, area) = key;
        let (number, at) = declared.get(key).map_or((0, None), |count| (count.number, count.at.clone()));
        let usage = used.get(key).copied();
        // An account without any is not in a listing by zone.
        let usage = usage.or_else(|| {
            let is_listed = |(of, other): &(Quota, Area)| of == quota && other.region == area.region;
            (quota.per == Per::Zone && used.keys().any(is_listed)).then(Usage::default)
        });
        let live = own.get(key).map_or(0, |count| count.number);
        let limit = limits.get(&(*quota, area.region.clone())).copied();
        Headroom {
            quota: *quota,
            area: area.clone(),
            at,
            declared: number,
            own: usage.and_then(|usage| usage.own).unwrap_or(live),
            used: usage.map(|usage| usage.all),
            limit: limit.unwrap_or(quota.default),
            basis: if limit.is_some() { Basis::Account } else { Basis::Default },
        }
    };
    all.into_iter().map(standing).collect()
}
