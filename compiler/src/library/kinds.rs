//! The kinds by name and by attribute, generated from `stdlib/`: a misspelt kind does not compile.

#![allow(dead_code, reason = "every kind has a constant, whether it is used or not")]

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// The kinds of what keeps data in an environment.
pub(crate) const STORES: [&str; 4] = [CACHE, DATABASE, SEARCH, TABLE];

/// The kind of what keeps data that a word means.
pub(crate) fn store(word: &str) -> Option<&'static str> {
    STORES.into_iter().find(|kind| *kind == word)
}
