//! The kinds by name and by attribute, generated from `stdlib/`: a misspelt kind does not compile.

#![allow(dead_code, reason = "every kind has a constant, whether it is used or not")]

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));
