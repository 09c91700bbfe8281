/// A share in whole percent, as AWS takes it. Checked values are whole, and not negative.
pub(super) fn percent(share: f64) -> i32 {
    #[allow(clippy::cast_possible_truncation, reason = "it is from 0 to 2,147,483,647")]
    let whole = share.round().clamp(0.0, f64::from(i32::MAX)) as i32;
    whole
}
