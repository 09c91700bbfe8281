//! Words that are plainly misspelt.

/// The one word of `known` that `word` is a slip of the pen away from: a letter added, left out, changed, or swapped
/// with its neighbour, and the same digits. None where several are, or where a digit differs: `m9g` is no slip of `m6g`.
pub(crate) fn slip<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let is_near = |candidate: &&str| {
        candidate.len().abs_diff(word.len()) <= 1
            && digits(candidate).eq(digits(word))
            && strsim::damerau_levenshtein(word, candidate) <= 1
    };
    let mut found = known.into_iter().filter(is_near);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn digits(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_a_slip_and_a_digit_is_none() {
        let known = ["m6g.large", "m6i.large", "t3.micro"];
        assert_eq!(slip("t3.mirco", known), Some("t3.micro"));
        assert_eq!(slip("t3.micr", known), Some("t3.micro"));
        assert_eq!(slip("m9g.large", known), None, "another digit");
        assert_eq!(slip("m6.large", known), None, "two are as near");
        assert_eq!(slip("c5.huge", known), None);
    }
}
