//! What an unknown word was probably meant to be.

use super::listed;

/// Words that mean the opposite of one another: neither is a slip of the pen for the other.
const OPPOSITES: &[(&str, &str)] = &[
    ("disable", "enable"),
    ("disabled", "enabled"),
    ("egress", "ingress"),
    ("external", "internal"),
    ("inbound", "outbound"),
    ("internet", "intranet"),
    ("maximum", "minimum"),
    ("private", "public"),
];

/// The names among `known` that are nearest to `word`: the same in another case first, then the nearest by
/// Damerau–Levenshtein, at most a third of its length away. In words of up to three letters a letter may be missing,
/// superfluous or in another place, but the first is not a different one: `tgw` is no `igw`, and `DS` is no `NS`.
fn all_nearest<'k>(word: &str, known: &[&'k str]) -> Vec<&'k str> {
    if let Some(same) = known.iter().find(|name| name.eq_ignore_ascii_case(word)) {
        return vec![same];
    }
    let length = word.chars().count();
    // A word of one letter is as far from any other as can be.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), *name))
        .filter(|(distance, name)| *distance <= limit && !is_another(word, name))
        .collect();
    near.sort_unstable();
    near.dedup();
    let least = near.first().map(|(distance, _)| *distance);
    near.into_iter().filter(|(distance, _)| Some(*distance) == least).map(|(_, name)| name).collect()
}

/// Whether a word is certainly another one than `name`.
fn is_another(word: &str, name: &str) -> bool {
    let is_opposite = OPPOSITES.iter().any(|pair| *pair == (word, name) || *pair == (name, word));
    let is_short = word.chars().count() <= 3;
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let is_substituted = word.chars().count() == name.chars().count() && letters(word) != letters(name);
    // `aap` is still `app`.
    let begins_alike = word.chars().count() == 3 && word.chars().next() == name.chars().next();
    is_opposite || is_short && is_substituted && !begins_alike
}

/// The name among `known` that `word` was probably meant to be, if there is only one.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    match all_nearest(word, known).as_slice() {
        [name] => Some(name),
        _ => None,
    }
}

/// The question whether `word` was meant to be one of the names among `known`, if one is near.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> Option<String> {
    let near: Vec<String> = all_nearest(word, known).iter().map(|name| format!("`{name}`")).collect();
    let (last, rest) = near.split_last()?;
    let others = if rest.is_empty() { String::new() } else { format!("{} or ", rest.join(", ")) };
    Some(format!("did you mean {others}{last}?"))
}

/// Help for an unknown `word`: the nearest names, or else all names.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    did_you_mean(word, known).unwrap_or_else(|| match known {
        [] => "there is none".to_owned(),
        [_] => format!("there is only {}", listed(known)),
        _ => format!("there are {}", listed(known)),
    })
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

    #[test]
    fn a_short_word_with_another_letter_is_another_word() {
        for (word, known) in [("tgw", "igw"), ("DS", "NS"), ("PR", "PTR"), ("vgw", "igw"), ("tcp", "udp")] {
            assert_eq!(nearest(word, &[known]), (word == "PR").then_some(known), "{word}");
        }
    }

    #[test]
    fn an_opposite_is_never_suggested() {
        for (word, known) in [("egress", "ingress"), ("external", "internal"), ("internet", "intranet")] {
            assert_eq!(did_you_mean(word, &[known]), None, "{word}");
            assert_eq!(did_you_mean(known, &[word]), None, "{known}");
        }
    }

    #[test]
    fn names_that_are_equally_near_are_all_named() {
        let known = ["internet", "intranet"];
        assert_eq!(nearest("intrnet", &known), None);
        assert_eq!(
            did_you_mean("intrnet", &known).as_deref(),
            Some("did you mean `internet` or `intranet`?")
        );
    }
}
