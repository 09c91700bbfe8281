//! Other spellings of words of the language, as people know them from elsewhere.

/// The unit that a spelling of it means: `m` for `min`, `GB` for `gib`.
pub fn unit(spelling: &str) -> Option<&'static str> {
    Some(match spelling.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" if spelling == "m" => "m",
        "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "g" | "gb" | "gib" | "gig" | "gigabyte" | "gigabytes" => "GB",
        "t" | "tb" | "tib" | "terabyte" | "terabytes" => "TB",
        "%" | "percent" | "pct" => "%",
        _ => return None,
    })
}

/// The target of a route that a spelling of it means: `igw` for `internet-gateway`.
pub fn route_target(spelling: &str) -> Option<&'static str> {
    Some(match spelling.to_ascii_lowercase().replace('_', "-").as_str() {
        "igw" | "internet-gateway" | "internetgateway" => "igw",
        "vgw" | "vpg" | "vpn" | "vpn-gateway" | "vpngateway" | "virtual-private-gateway" => "vgw",
        "nat" | "ngw" | "natgw" | "nat-gw" | "nat-gateway" | "natgateway" | "nat-gateways" => "nat",
        _ => return None,
    })
}

/// Whether a word means "no value" in other languages.
pub fn is_null(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "null" | "none" | "nil" | "undefined")
}
