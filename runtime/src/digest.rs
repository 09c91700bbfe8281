//! Digests of texts as digits.

use sha2::{Digest as _, Sha256};

/// The first half of the SHA-256 of a text: 32 hexadecimal digits.
pub(crate) fn hex_digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    let half = digest.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    format!("{half:032x}")
}
