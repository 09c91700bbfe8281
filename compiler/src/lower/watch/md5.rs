//! MD5 (RFC 1321), for the ids of caches. It is not used for security.

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The digest in hex.
pub(super) fn md5(text: &[u8]) -> String {
    let mut padded = text.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    let bits = (text.len() as u64).wrapping_mul(8);
    padded.extend(bits.to_le_bytes());
    let state = padded.chunks_exact(64).fold(START, block);
    let digits = state.iter().flat_map(|word| word.to_le_bytes()).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn block(state: [u32; 4], chunk: &[u8]) -> [u32; 4] {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
    let words: Vec<u32> = chunk.chunks_exact(4).map(word).collect();
    let [mut first, mut second, mut third, mut fourth] = state;
    for (round, shifts) in SHIFTS.iter().enumerate() {
        for (turn, shift) in shifts.iter().cycle().take(16).enumerate() {
            let (mixed, at) = match round {
                0 => ((second & third) | (!second & fourth), turn),
                1 => ((fourth & second) | (!fourth & third), 5 * turn + 1),
                2 => (second ^ third ^ fourth, 3 * turn + 5),
                _ => (third ^ (second | !fourth), 7 * turn),
            };
            let word = words.get(at % 16).copied().unwrap_or_default();
            let sum = first.wrapping_add(mixed).wrapping_add(constant(16 * round + turn)).wrapping_add(word);
            let turned = second.wrapping_add(sum.rotate_left(*shift));
            (first, fourth, third, second) = (fourth, third, second, turned);
        }
    }
    let mut next = [first, second, third, fourth];
    for (word, before) in next.iter_mut().zip(state) {
        *word = word.wrapping_add(before);
    }
    next
}

/// The integer part of 2³² times the sine of `step` + 1.
fn constant(step: usize) -> u32 {
    // Steps are few, and a sine without its sign is at most one.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let whole = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, "Test suite".
    #[test]
    fn digests_are_those_of_the_standard() {
        assert_eq!(md5(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(md5(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(md5(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(md5("1234567890".repeat(8).as_bytes()), "57edf4a22be3c955ac49da2e2107b67a");
    }
}
