//! Versions of engines, as AWS writes them: `16.4`, `8.0.mysql_aurora.3.08.0`, `15.00.4430.1.v1`.

use std::cmp::Ordering;

/// The order of two versions: part by part, numbers as numbers, so that 3.9 comes before 3.10. A version comes before those
/// that continue it.
pub fn order(left: &str, right: &str) -> Ordering {
    let mut others = parts(right);
    for part in parts(left) {
        let Some(other) = others.next() else { return Ordering::Greater };
        // Numbers come before words, and `v2` before `v10`.
        let ordered = numbered(part).cmp(&numbered(other));
        if ordered.is_ne() {
            return ordered;
        }
    }
    others.next().map_or(Ordering::Equal, |_| Ordering::Less)
}

/// Whether a version is the one that `said` names, or one of those that `said` is the beginning of: `16` covers 16.6, and
/// `5.1` does not cover 5.12.
pub fn covers(said: &str, version: &str) -> bool {
    let mut parts = parts(version);
    self::parts(said).all(|wanted| {
        parts
            .next()
            .is_some_and(|part| part == wanted || (number(part).is_some() && number(part) == number(wanted)))
    })
}

/// The part of a version in which a change is a major upgrade, as text of `version`: one number for `postgres` from 10 on, for
/// `redis` from 6 on, for `valkey`, `OpenSearch`, `Elasticsearch` and `oracle-…` from 18 on, such as `16`; otherwise two,
/// such as `8.0` of `mysql`.
pub fn major<'v>(engine: &str, version: &'v str) -> &'v str {
    let is_single = match engine {
        "postgres" | "aurora-postgresql" => {
            parts(version).next().and_then(number).is_some_and(|first| first >= 10)
        }
        "redis" => parts(version).next().and_then(number).is_some_and(|first| first >= 6),
        "valkey" | "OpenSearch" | "Elasticsearch" => true,
        _ => engine.starts_with("oracle") && !version.starts_with("12."),
    };
    let mut dots = version.match_indices('.').map(|(at, _)| at);
    let end = dots.nth(usize::from(!is_single));
    end.and_then(|end| version.get(..end)).unwrap_or(version)
}

fn parts(version: &str) -> impl Iterator<Item = &str> {
    version.split(['.', '-'])
}

/// The letters that a part begins with, and the number after them; where no number follows, the part as it is.
fn numbered(part: &str) -> (&str, Option<u64>) {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    match part.strip_prefix(letters).and_then(number) {
        Some(number) => (letters, Some(number)),
        None => (part, None),
    }
}

fn number(part: &str) -> Option<u64> {
    part.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(order("12.1.0.2.v2", "12.1.0.2.v10"), Ordering::Less);
        let ordered = [
            "3.9",
            "3.10",
            "5.1",
            "5.12",
            "8.0.mysql_aurora.3.08.0",
            "9.6.24",
            "10",
            "10.1",
            "16.4",
            "16.4-limitless",
        ];
        for (at, version) in ordered.iter().enumerate() {
            for (other_at, other) in ordered.iter().enumerate() {
                assert_eq!(order(version, other), at.cmp(&other_at), "{version} {other}");
            }
        }
        assert_eq!(order("15.00.4430.1", "15.0.4430.1"), Ordering::Equal);
    }

    #[test]
    fn a_beginning_covers_what_continues_it() {
        assert!(covers("16", "16.6") && covers("16.6", "16.6") && covers("7", "7.1"));
        assert!(!covers("5.1", "5.12") && !covers("16.6", "16") && !covers("16.4", "16.6"));
        assert!(covers("8.0", "8.0.mysql_aurora.3.08.0"));
    }

    #[test]
    fn a_major_version_is_as_long_as_its_engine_has_it() {
        let cases = [
            ("postgres", "16.4", "16"),
            ("postgres", "16", "16"),
            ("postgres", "9.6.24", "9.6"),
            ("mysql", "8.0.42", "8.0"),
            ("mariadb", "10.11.9", "10.11"),
            ("oracle-se2", "19.0.0.0.ru-2024-07.rur-2024-07.r1", "19"),
            ("oracle-se2", "12.1.0.2.v2", "12.1"),
            ("sqlserver-se", "15.00.4430.1.v1", "15.00"),
            ("redis", "7.1", "7"),
            ("redis", "5.0.6", "5.0"),
            ("memcached", "1.6.22", "1.6"),
            ("OpenSearch", "2.19", "2"),
        ];
        for (engine, version, expected) in cases {
            assert_eq!(major(engine, version), expected, "{engine} {version}");
        }
    }
}
