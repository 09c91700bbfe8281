/// How much happens at once: the one place that bounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations of an apply in flight at a time; at least one is.
    pub concurrency: usize,
}

/// Listings of an observation in flight at a time: two regions' worth of kinds.
pub(crate) const LISTINGS: usize = 32;

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16 }
    }
}
