//! Values from the generator of the operating system.

use asiaq_compiler::Generate;
use asiaq_runtime::SecretValue;

use crate::unseen;

/// A value in which each character is one of those of `form`, all equally likely.
pub(crate) fn generate(form: Generate) -> anyhow::Result<SecretValue> {
    let characters = form.characters.as_bytes();
    // A byte beyond the last multiple would make the first characters more likely.
    let limit = 256_usize.checked_rem(characters.len()).map_or(0, |rest| 256_usize.saturating_sub(rest));
    let mut value = Vec::with_capacity(form.length);
    let mut random = zeroize::Zeroizing::new([0_u8; 64]);
    while value.len() < form.length && limit > 0 {
        unseen::random(random.as_mut_slice())?;
        let even = random.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit);
        let letters = even.filter_map(|byte| characters.get(byte.checked_rem(characters.len())?).copied());
        value.extend(letters.take(form.length.saturating_sub(value.len())));
    }
    Ok(SecretValue::new(value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn each_character_is_equally_likely() {
        let value = generate(Generate::alphanumeric(62_000)).expect("random numbers");
        let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
        for byte in value.bytes() {
            *counts.entry(*byte).or_default() += 1;
        }
        assert_eq!((value.bytes().len(), counts.len()), (62_000, 62));
        // 1000 are expected of each, with a standard deviation of 32.
        for (byte, count) in counts {
            assert!((750..1250).contains(&count), "{} came {count} times", char::from(byte));
        }
    }
}
