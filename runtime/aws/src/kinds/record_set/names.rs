//! Names of DNS, as Route 53 writes them and as the IR does.

/// What AWS puts before the name of a load balancer where an alias of it is made by hand.
const DUALSTACK: &str = "dualstack.";

/// A name in lower case, without the dot at the end and without escapes of printable characters: `*.dev.sample.net`
/// for `\052.dev.sample.net.`. An escaped dot or backslash stays escaped.
pub(crate) fn plain(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut plain = String::new();
    let mut rest = name.chars();
    while let Some(char) = rest.next() {
        let digits: String = rest.clone().take(3).collect();
        match u8::from_str_radix(&digits, 8) {
            Ok(byte @ b'!'..=b'~') if char == '\\' && digits.len() == 3 && !b".\\".contains(&byte) => {
                plain.push(byte.into());
                rest.nth(2);
            }
            _ => plain.push(char),
        }
    }
    plain.to_ascii_lowercase()
}

/// The sort key of a plain name: Route 53 sorts by the labels from the last one to the first
/// ("`ListResourceRecordSets`").
pub(super) fn order(name: &str) -> String {
    let mut order: String = name.rsplit('.').flat_map(|label| [label, "."]).collect();
    order.make_ascii_lowercase();
    order
}

/// Whether Route 53 escapes nothing in a name, so that its place in a listing is certain.
pub(super) fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
}

/// The name of a load balancer that an alias gives.
pub(super) fn of_alias(name: &str) -> String {
    let name = plain(name);
    name.strip_prefix(DUALSTACK).map(ToOwned::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_by_their_labels_from_the_last() {
        let mut names = ["web.b.net", "b.net", "_asiaq.web.b.net", "web-1.b.net", "a.net", "z.a.net"];
        names.sort_by_key(|name| order(name));
        assert_eq!(names, ["a.net", "z.a.net", "b.net", "web-1.b.net", "web.b.net", "_asiaq.web.b.net"]);
        assert!(is_plain("_asiaq.web-1.b.net") && !is_plain("*.b.net") && !is_plain("a/b.net"));
    }

    #[test]
    fn names_are_plain() {
        assert_eq!(plain(r"\052.Dev.sample.net."), "*.dev.sample.net");
        assert_eq!(plain(r"a\057b.sample.net"), "a/b.sample.net");
        assert_eq!(plain(r"a\056b\134.\303.net"), r"a\056b\134.\303.net");
        assert_eq!(plain(r"odd\9.net"), r"odd\9.net");
        assert_eq!(of_alias("dualstack.Web-1.elb.amazonaws.com."), "web-1.elb.amazonaws.com");
    }
}
