//! The diagnostics of the compiler, each made by a function named by the mistake.

mod accounts;
mod bakes;
mod balancers;
mod cache;
mod claims;
pub(crate) mod codes;
mod databases;
mod engines;
mod identity;
mod images;
mod limits;
mod literals;
mod logging;
mod machines;
mod metrics;
mod moves;
mod names;
mod operators;
mod policies;
mod quotas;
mod reach;
mod routes;
mod rules;
mod running;
mod schema;
mod scripts;
mod search;
mod secrets;
mod space;
mod storage;
mod suggestions;
mod table;
mod values;
mod warnings;
mod watch;
mod windows;
mod zones;

pub(crate) use accounts::*;
pub(crate) use bakes::*;
pub(crate) use balancers::*;
pub(crate) use cache::*;
pub(crate) use claims::*;
pub(crate) use databases::*;
pub(crate) use engines::*;
pub(crate) use identity::*;
pub(crate) use images::*;
pub(crate) use limits::*;
pub(crate) use literals::*;
pub(crate) use logging::*;
pub(crate) use machines::*;
pub(crate) use metrics::*;
pub(crate) use moves::*;
pub(crate) use names::*;
pub(crate) use operators::*;
pub(crate) use policies::*;
pub(crate) use quotas::*;
pub(crate) use reach::*;
pub(crate) use routes::*;
pub(crate) use rules::*;
pub(crate) use running::*;
pub(crate) use schema::*;
pub(crate) use scripts::*;
pub(crate) use search::*;
pub(crate) use secrets::*;
pub(crate) use space::*;
pub(crate) use storage::*;
pub(crate) use suggestions::*;
pub(crate) use table::*;
pub(crate) use values::*;
pub(crate) use warnings::*;
pub(crate) use watch::*;
pub(crate) use windows::*;
pub(crate) use zones::*;

/// `a`, `b` and `c`, each once.
fn listed(words: &[&str]) -> String {
    let mut words: Vec<&str> = words.to_vec();
    words.sort_unstable();
    words.dedup();
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// As [`listed`] for up to four words. Of more, the first three in their order, and how many there are besides.
fn few(words: &[String]) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.get(..3).filter(|_| words.len() > 4) {
        None => listed(&words),
        Some(first) => {
            let quoted: Vec<String> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} and {} more", quoted.join(", "), words.len() - first.len())
        }
    }
}

/// A kind with its article, as in "an `env`".
pub(crate) fn a_kind(kind: &str) -> String {
    with_article(kind).replacen(kind, &format!("`{kind}`"), 1)
}
