//! The statistics of CloudWatch (Amazon CloudWatch user guide, "CloudWatch statistics definitions").

/// Statistics by name, with AWS's own.
pub(crate) const STATISTICS: &[(&str, &str)] = &[
    ("average", "Average"),
    ("maximum", "Maximum"),
    ("minimum", "Minimum"),
    ("samples", "SampleCount"),
    ("sum", "Sum"),
];

/// Statistics of the values up to a percentile, as in `tm90`: in AWS's words, and in full with a lower and an upper bound,
/// as in `TM(10%:90%)`.
const TRIMMED: &[(&str, &str)] = &[("tm", "TM"), ("wm", "WM"), ("tc", "TC"), ("ts", "TS")];

/// What is wrong with a statistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// No statistic has this name.
    Unknown,
    /// A percentile outside 0 to 100.
    Percentile,
    /// A bound is missing, or is none, or the bounds are of two kinds.
    Bounds,
    /// The lower bound is not below the upper one.
    Order,
    /// `PR` takes values of the metric.
    Percent,
}

/// The statistic by AWS's name.
pub(super) fn parse(word: &str) -> Result<String, Mistake> {
    if let Some((_, aws)) = STATISTICS.iter().find(|(name, _)| *name == word) {
        return Ok((*aws).to_owned());
    }
    if word.eq_ignore_ascii_case("iqm") {
        return Ok("IQM".to_owned());
    }
    if let Some((name, bounds)) = word.split_once('(') {
        let name = name.to_ascii_uppercase();
        if name != "PR" && TRIMMED.iter().all(|(_, full)| *full != name) {
            return Err(Mistake::Unknown);
        }
        let bounds = bounds.strip_suffix(')').ok_or(Mistake::Bounds)?;
        return self::bounds(&name, bounds).map(|bounds| format!("{name}({bounds})"));
    }
    let short = TRIMMED.iter().map(|(short, _)| *short).chain(["p"]);
    for short in short {
        let Some(number) = word.strip_prefix(short).filter(|rest| starts_with_digit(rest)) else { continue };
        return match decimal(number) {
            Some(percent) if percent <= 100.0 => Ok(format!("{short}{number}")),
            Some(_) => Err(Mistake::Percentile),
            None => Err(Mistake::Unknown),
        };
    }
    Err(Mistake::Unknown)
}

/// `10%:90%`, `:300`: two bounds of one kind, of which one may be left out.
fn bounds(name: &str, text: &str) -> Result<String, Mistake> {
    let (low, high) = text.split_once(':').ok_or(Mistake::Bounds)?;
    let (low, high) = (bound(low)?, bound(high)?);
    let is_percent = |bound: &Option<(f64, bool)>| bound.map(|(_, is_percent)| is_percent);
    let kinds = [is_percent(&low), is_percent(&high)];
    match kinds {
        [None, None] => return Err(Mistake::Bounds),
        [Some(one), Some(other)] if one != other => return Err(Mistake::Bounds),
        _ => {}
    }
    let of_percent = kinds.into_iter().flatten().next().unwrap_or(false);
    if of_percent && name == "PR" {
        return Err(Mistake::Percent);
    }
    let values = [low, high].map(|bound| bound.map(|(value, _)| value));
    if of_percent && values.iter().flatten().any(|value| *value > 100.0) {
        return Err(Mistake::Percentile);
    }
    if let [Some(low), Some(high)] = values
        && low >= high
    {
        return Err(Mistake::Order);
    }
    let unit = if of_percent { "%" } else { "" };
    let shown = values.map(|value| value.map_or_else(String::new, |value| format!("{value}{unit}")));
    Ok(shown.join(":"))
}

/// A number, and whether it is a percentage; nothing where it is left out.
fn bound(text: &str) -> Result<Option<(f64, bool)>, Mistake> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (number, is_percent) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
    decimal(number).map(|value| Some((value, is_percent))).ok_or(Mistake::Bounds)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// A decimal number without a sign, and without zeros at its front.
fn decimal(text: &str) -> Option<f64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = whole == "0" || !whole.starts_with('0');
    (digits(whole) && digits(decimals) && is_plain && decimals.len() <= 10)
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_have_names_of_aws() {
        for (word, aws) in [
            ("average", "Average"),
            ("samples", "SampleCount"),
            ("p0", "p0"),
            ("p50", "p50"),
            ("p99.99", "p99.99"),
            ("p100", "p100"),
            ("tm90", "tm90"),
            ("wm98.5", "wm98.5"),
            ("tc90", "tc90"),
            ("ts90", "ts90"),
            ("IQM", "IQM"),
            ("iqm", "IQM"),
            ("TM(10%:90%)", "TM(10%:90%)"),
            ("tm( 10% : 90.0% )", "TM(10%:90%)"),
            ("WM(:95%)", "WM(:95%)"),
            ("TC(80%:)", "TC(80%:)"),
            ("TS(0.005:0.03)", "TS(0.005:0.03)"),
            ("PR(:300)", "PR(:300)"),
            ("PR(100:2000)", "PR(100:2000)"),
        ] {
            assert_eq!(parse(word).as_deref(), Ok(aws), "{word}");
        }
    }

    #[test]
    fn what_is_no_statistic_is_told() {
        for (word, mistake) in [
            ("p", Mistake::Unknown),
            ("p099", Mistake::Unknown),
            ("p99.", Mistake::Unknown),
            ("P99", Mistake::Unknown),
            ("p9x", Mistake::Unknown),
            ("p1e1", Mistake::Unknown),
            ("pr90", Mistake::Unknown),
            ("99", Mistake::Unknown),
            ("mean", Mistake::Unknown),
            ("XX(1:2)", Mistake::Unknown),
            ("p101", Mistake::Percentile),
            ("tm100.1", Mistake::Percentile),
            ("TM(10%:101%)", Mistake::Percentile),
            ("TM(10%)", Mistake::Bounds),
            ("TM(:)", Mistake::Bounds),
            ("TM()", Mistake::Bounds),
            ("TM(10%:90)", Mistake::Bounds),
            ("TM(a:b)", Mistake::Bounds),
            ("TM(-1:2)", Mistake::Bounds),
            ("TM(90%:10%)", Mistake::Order),
            ("PR(5:5)", Mistake::Order),
            ("PR(10%:90%)", Mistake::Percent),
        ] {
            assert_eq!(parse(word), Err(mistake), "{word}");
        }
    }
}
