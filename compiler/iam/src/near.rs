//! Words that are plainly misspelt.

/// The one word of `known` that `word` is a slip of the pen away from, without regard to case: a letter added, left out,
/// changed, or swapped with its neighbour; in long words two. None where several are as near.
pub(crate) fn slip<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_ascii_lowercase();
    let most = if word.len() > 8 { 2 } else { 1 };
    let mut best: Option<(usize, &str)> = None;
    let mut is_alone = true;
    for candidate in known {
        if candidate.len().abs_diff(word.len()) > most {
            continue;
        }
        let far = strsim::damerau_levenshtein(&word, &candidate.to_ascii_lowercase());
        match best {
            _ if far > most => {}
            Some((known, _)) if far > known => {}
            Some((known, _)) if far == known => is_alone = false,
            _ => (best, is_alone) = (Some((far, candidate)), true),
        }
    }
    best.filter(|_| is_alone).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_meant_and_none_of_two() {
        let known = ["GetObject", "PutObject", "GetObjectAcl", "ListBucket"];
        assert_eq!(slip("getobjct", known), Some("GetObject"));
        assert_eq!(slip("GetObejct", known), Some("GetObject"));
        assert_eq!(slip("ListBukcets", known), Some("ListBucket"));
        assert_eq!(slip("ReadObject", known), None);
        assert_eq!(slip("s4", ["s3", "s5"]), None);
    }
}
