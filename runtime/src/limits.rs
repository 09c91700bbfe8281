/// Limits of concurrency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The number of operations of an apply in flight at a time; 0 counts as 1.
    pub concurrency: usize,
}

/// The number of listings of an observation in flight at a time.
pub(crate) const LISTINGS: usize = 32;

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16 }
    }
}
