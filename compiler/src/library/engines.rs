//! The engines of databases, caches and search domains: their versions, and the classes and node types that run them.

use asiaq_ir::version;

use super::table;
use crate::near;

const TABLE: &str = include_str!("../../../stdlib/engines.txt");
/// After a version that AWS gives to nobody who has not got it.
const GONE: char = '!';
/// How long before the end of its support a version is warned about, in months.
const SOON: u32 = 6;

/// What the table knows of a version, or of the beginning of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// AWS offers it, or one that begins so.
    Offered,
    /// AWS gives it, and all that begin so, only to those who have it.
    Gone,
    /// The table has the engine, and nothing that begins so.
    Unknown,
}

/// When AWS's standard support of a version ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The last day, such as `2027-02-28`.
    pub(crate) day: &'static str,
    /// Whether it had passed when the table was made; otherwise it is within six months of that day.
    pub(crate) is_over: bool,
}

/// The versions of an engine, the oldest first, without those that AWS gives to nobody new; empty for an unknown engine.
/// Engines are named as AWS names them: `postgres`, `oracle-se2`, `redis`, `OpenSearch`.
pub(crate) fn versions(engine: &str) -> impl DoubleEndedIterator<Item = &'static str> {
    all(engine).filter(|version| !version.ends_with(GONE))
}

/// What is known of a version of an engine, or of the beginning of one; absent for an engine without a table.
pub(crate) fn known_version(engine: &str, said: &str) -> Option<Known> {
    table::line(TABLE, engine)?;
    let mut covered =
        all(engine).filter(|known| version::covers(said, known.trim_end_matches(GONE))).peekable();
    if covered.peek().is_none() {
        return Some(Known::Unknown);
    }
    let is_offered = covered.any(|known| !known.ends_with(GONE));
    Some(if is_offered { Known::Offered } else { Known::Gone })
}

/// The newest version of an engine that AWS offers and that begins with `said`.
pub(crate) fn newest(engine: &str, said: &str) -> Option<&'static str> {
    versions(engine).rfind(|known| version::covers(said, known))
}

/// The version that a text is plainly meant to be, or else the next one of the same major version, or else the newest.
pub(crate) fn nearest_version(engine: &str, said: &str) -> Option<&'static str> {
    if let Some(meant) = near::slip(said, versions(engine)) {
        return Some(meant);
    }
    let of_major = newest(engine, version::major(engine, said));
    of_major.or_else(|| versions(engine).next_back())
}

/// The end of AWS's standard support of a version, if it is over or near.
pub(crate) fn ending(engine: &str, said: &str) -> Option<Ending> {
    let ends = table::line(TABLE, &format!("{engine}/ends"))?;
    let ends = ends.split(' ').skip(1).filter_map(|end| end.split_once('='));
    let (_, day) = ends.into_iter().find(|(of, _)| version::covers(of, said))?;
    let made = made_on();
    let is_over = day < made;
    (is_over || day <= months_after(made, SOON).as_str()).then_some(Ending { day, is_over })
}

/// Whether a class or node type is in the table.
pub(crate) fn is_class(name: &str) -> bool {
    table::line(TABLE, name).is_some_and(|line| line.contains('.'))
}

/// Whether a class of databases runs an engine in some region; absent for an unknown class or engine.
pub(crate) fn runs(class: &str, engine: &str) -> Option<bool> {
    let line = table::line(TABLE, class)?;
    table::line(TABLE, engine)?;
    Some(offers(line).any(|(_, engines)| is_of(engines, engine)))
}

/// Whether a region offers a class for an engine, or a node type; absent where the table does not have the class or the
/// region.
pub(crate) fn is_offered(class: &str, engine: &str, region: &str) -> Option<bool> {
    let place = regions().position(|known| known == region)?;
    let line = table::line(TABLE, class)?;
    Some(offers(line).any(|(bits, engines)| is_of(engines, engine) && bits & (1 << place) != 0))
}

/// The classes of databases that run an engine, in order of name.
pub(crate) fn classes(engine: &str) -> impl Iterator<Item = &'static str> {
    named(|name| name.starts_with("db.")).filter(move |name| runs(name, engine) == Some(true))
}

/// The classes of databases, in order of name.
pub(crate) fn all_classes() -> impl Iterator<Item = &'static str> {
    named(|name| name.starts_with("db."))
}

/// The node types of caches, in order of name.
pub(crate) fn node_types() -> impl Iterator<Item = &'static str> {
    named(|name| name.starts_with("cache."))
}

/// The instance types of search domains, in order of name: `m7g.large.search`.
pub(crate) fn search_types() -> impl Iterator<Item = &'static str> {
    named(|name| name.ends_with(".search"))
}

/// The class or type of `known` that a name is plainly meant to be: of a known family, with a size that is a slip of the
/// pen away. A family that is not known may be a new one.
pub(crate) fn misspelt<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let lower = name.to_ascii_lowercase();
    let known: Vec<&str> = known.collect();
    let family = |name: &str| name.rsplit_once('.').map(|(family, _)| family.to_owned());
    let same = known.iter().find(|name| **name == lower).copied();
    same.or_else(|| near::slip(&lower, known.iter().copied().filter(|name| family(name) == family(&lower))))
        .or_else(|| near::slip(&lower, known))
}

/// The family of the parameter group of a version of an engine (RDS user guide, "Overview of parameter groups";
/// ElastiCache user guide, "Parameter management").
pub(crate) fn family(engine: &str, said: &str) -> String {
    let major = version::major(engine, said);
    match engine {
        "redis" if major == "6" => "redis6.x".to_owned(),
        // `15.00` is `15.0` in the name of a family.
        _ if engine.starts_with("sqlserver") => {
            let short = major.strip_suffix('0').filter(|short| short.ends_with('0')).unwrap_or(major);
            format!("{engine}-{short}")
        }
        _ if engine.contains('-') && !engine.starts_with("aurora") => format!("{engine}-{major}"),
        _ => format!("{engine}{major}"),
    }
}

fn all(engine: &str) -> impl DoubleEndedIterator<Item = &'static str> {
    let line = table::line(TABLE, engine).unwrap_or_default();
    let versions: Vec<&str> = line.split(' ').skip(1).collect();
    versions.into_iter()
}

fn named(is_wanted: fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
    table::lines(TABLE).filter_map(|line| line.split(' ').next()).filter(move |name| is_wanted(name))
}

/// The parts of a line of a class: bits of regions, and the engines that they are for, which node types have none of.
fn offers(line: &str) -> impl Iterator<Item = (u64, &str)> {
    line.split(' ').skip(1).filter_map(|part| {
        let (bits, engines) = part.split_once(':').unwrap_or((part, ""));
        Some((u64::from_str_radix(bits, 16).ok()?, engines))
    })
}

fn is_of(engines: &str, engine: &str) -> bool {
    engines.is_empty() || engines.split(',').any(|known| known == engine)
}

/// The regions of which the table knows what they offer, in order of their bits.
fn regions() -> impl Iterator<Item = &'static str> {
    let last = TABLE.lines().take_while(|line| line.starts_with('#')).last();
    last.unwrap_or_default().split(' ').skip(1)
}

/// The day on which the table was made.
fn made_on() -> &'static str {
    let head = TABLE.lines().next().unwrap_or_default();
    head.rsplit(' ').next().unwrap_or_default().trim_end_matches('.')
}

/// The same day of the month `months` later, as text that is compared with other days.
fn months_after(day: &str, months: u32) -> String {
    let mut parts = day.split('-').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let (year, month, day): (u32, u32, u32) = (next(), next(), next());
    let month = month + months;
    format!("{:04}-{:02}-{day:02}", year + (month - 1) / 12, (month - 1) % 12 + 1)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    fn is_older(version: &str, than: &str) -> bool {
        version::order(version, than) == Ordering::Less
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        for line in table::lines(TABLE) {
            let name = line.split(' ').next().unwrap();
            if name.ends_with("/ends") {
                let engine = name.trim_end_matches("/ends");
                assert!(versions(engine).next().is_some(), "{name}");
            } else if is_class(name) && line.split(' ').nth(1).is_some_and(|word| !word.contains('.')) {
                assert!(offers(line).all(|(bits, _)| bits != 0), "{name}");
            } else {
                assert!(
                    all(name)
                        .is_sorted_by(|a, b| is_older(a.trim_end_matches(GONE), b.trim_end_matches(GONE))),
                    "{name}"
                );
            }
        }
        assert!(regions().any(|region| region == "eu-west-1"));
    }

    #[test]
    fn a_version_is_offered_gone_or_unknown() {
        assert_eq!(known_version("postgres", "9.6.24"), Some(Known::Gone));
        assert_eq!(known_version("postgres", "17"), Some(Known::Offered));
        assert_eq!(known_version("postgres", "99"), Some(Known::Unknown));
        assert_eq!(known_version("mongodb", "5"), None);
        assert_eq!(nearest_version("postgres", "18.99"), newest("postgres", "18"));
        assert!(nearest_version("valkey", "44").is_some());
    }

    #[test]
    fn the_end_of_support_is_told_when_it_is_near() {
        assert_eq!(ending("postgres", "13.23"), Some(Ending { day: "2026-02-28", is_over: true }));
        assert_eq!(ending("postgres", "14"), Some(Ending { day: "2027-02-28", is_over: false }));
        assert_eq!(ending("postgres", "17.6"), None);
        assert_eq!(months_after("2026-11-30", 6), "2027-05-30");
        assert_eq!(months_after("2026-06-30", 6), "2026-12-30");
    }

    #[test]
    fn classes_belong_to_engines_and_regions() {
        assert_eq!(runs("db.m7g.large", "postgres"), Some(true));
        assert_eq!(runs("db.m7g.large", "sqlserver-se"), Some(false), "it has no Intel processor");
        assert_eq!(runs("db.m99.large", "postgres"), None);
        assert_eq!(is_offered("cache.t4g.small", "valkey", "us-east-1"), Some(true));
        assert_eq!(is_offered("db.m7g.large", "postgres", "mars-1"), None);
        assert_eq!(misspelt("db.m7g.lage", classes("postgres")), Some("db.m7g.large"));
        assert_eq!(misspelt("cache.t4g.smal", node_types()), Some("cache.t4g.small"));
        assert_eq!(misspelt("m7g.large.serch", search_types()), Some("m7g.large.search"));
    }

    #[test]
    fn families_are_named_as_aws_names_them() {
        let cases = [
            ("postgres", "16.4", "postgres16"),
            ("postgres", "9.6.24", "postgres9.6"),
            ("mysql", "8.0", "mysql8.0"),
            ("mariadb", "10.11.9", "mariadb10.11"),
            ("oracle-se2", "19.0.0.0.ru-2024-07.rur-2024-07.r1", "oracle-se2-19"),
            ("oracle-se2", "12.1.0.2.v2", "oracle-se2-12.1"),
            ("sqlserver-se", "15.00.4430.1.v1", "sqlserver-se-15.0"),
            ("db2-se", "11.5.9.0.sb00000000.r1", "db2-se-11.5"),
            ("aurora-mysql", "8.0.mysql_aurora.3.08.0", "aurora-mysql8.0"),
            ("aurora-postgresql", "16.4", "aurora-postgresql16"),
            ("redis", "6.2", "redis6.x"),
            ("redis", "7.1", "redis7"),
            ("redis", "5.0.6", "redis5.0"),
            ("valkey", "8.0", "valkey8"),
            ("memcached", "1.6.22", "memcached1.6"),
        ];
        for (engine, version, expected) in cases {
            assert_eq!(family(engine, version), expected);
        }
    }
}
