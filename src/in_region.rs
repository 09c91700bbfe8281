//! What a region of an account has, as `asiaq document` prints it.

/// What a region of an account has.
pub(crate) struct InRegion<T> {
    /// Id of the account.
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) found: T,
}
