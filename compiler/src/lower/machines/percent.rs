/// A percentage, from 0 to 100, as a whole number. A fraction has been reported.
pub(super) fn percent(share: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
    let whole = share.round().clamp(0.0, 100.0) as u32;
    whole
}
