//! The fields of each kind with their Rust types and defaults, generated from `stdlib/`.
//!
//! A field that no code reads is an error of rustc, and so is a kind whose fields no code reads.

#![deny(dead_code)]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_lang::Span;

use crate::evaluate::{Fields, Resolved};
use crate::value::{self, Spanned, Value};

include!(concat!(env!("OUT_DIR"), "/fields.rs"));
