//! The diagnostics of the compiler, each made by a function named by the mistake.

mod balancers;
pub(crate) mod codes;
mod literals;
mod machines;
mod names;
mod reach;
mod routes;
mod running;
mod schema;
mod space;
mod values;
mod warnings;
mod watch;
mod zones;

pub(crate) use balancers::*;
pub(crate) use literals::*;
pub(crate) use machines::*;
pub(crate) use names::*;
pub(crate) use reach::*;
pub(crate) use routes::*;
pub(crate) use running::*;
pub(crate) use schema::*;
pub(crate) use space::*;
pub(crate) use values::*;
pub(crate) use warnings::*;
pub(crate) use watch::*;
pub(crate) use zones::*;

/// The name among `known` that is nearest to `word`: the same in another case first, then the
/// nearest by Damerau–Levenshtein, at most a third of its length away.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let same = known.iter().find(|name| name.eq_ignore_ascii_case(word));
    let length = word.chars().count();
    // A word of one letter is as far from any other as can be.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    same.copied().or_else(|| {
        known
            .iter()
            .map(|name| (strsim::damerau_levenshtein(word, name), *name))
            .filter(|(distance, _)| *distance <= limit)
            .min()
            .map(|(_, name)| name)
    })
}

/// Help for an unknown `word`: the nearest name, or else all names.
fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("{} {}", if known.len() == 1 { "there is only" } else { "there are" }, listed(known)),
    }
}

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

/// A kind with its article, as in "an `env`".
pub(crate) fn a_kind(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} `{kind}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_slip_away() {
        let known = ["intranet", "tunnel", "dmz"];
        assert_eq!(nearest("Intranet", &known), Some("intranet"));
        assert_eq!(nearest("intrnaet", &known), Some("intranet"));
        assert_eq!(nearest("dzm", &known), Some("dmz"));
        assert_eq!(nearest("warehouse", &known), None);
        assert_eq!(suggestion("warehouse", &known), "there are `dmz`, `intranet` and `tunnel`");
    }
}
