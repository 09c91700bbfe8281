//! The metrics of AWS's namespaces and their dimensions. The table does not have all of them: what it lacks may exist.

use super::table;
use crate::near;

const TABLE: &str = include_str!("../../../stdlib/metrics.txt");

/// Namespaces of which people confuse the metrics.
const FAMILIES: &[&[&str]] = &[
    &["AWS/ApplicationELB", "AWS/ELB", "AWS/GatewayELB", "AWS/NetworkELB"],
    &["AWS/AutoScaling", "AWS/EBS", "AWS/EC2"],
];

/// What the table has of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    name: &'static str,
    marks: &'static str,
    dimensions: &'static str,
    combinations: &'static str,
    metrics: &'static str,
}

/// What the table has of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    name: &'static str,
    pub(crate) values: Values,
    /// Its combinations of dimensions, by number.
    combinations: &'static str,
    /// How often it has a value; absent if the table does not say.
    pub(crate) interval: Option<Interval>,
}

/// How often a metric has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) seconds: u32,
    /// Whether it is shorter with detailed monitoring.
    pub(crate) is_basic: bool,
}

/// A dimension of a combination: its name, and its value if there is only one.
pub(crate) type Part = (&'static str, Option<&'static str>);

/// The values that a metric can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// 0 to 100.
    Percent,
    /// 0 and more.
    Positive,
    /// Any.
    Any,
}

/// The namespace `name`.
pub(crate) fn namespace(name: &str) -> Option<Namespace> {
    let mut words = table::line(TABLE, name)?.splitn(5, ' ');
    Some(Namespace {
        name: words.next()?,
        marks: words.next()?,
        dimensions: words.next()?,
        combinations: words.next()?,
        metrics: words.next()?,
    })
}

/// The namespace of AWS that a name is plainly meant to be.
pub(crate) fn misspelt_namespace(name: &str) -> Option<&'static str> {
    let names = || table::lines(TABLE).filter_map(|line| line.split(' ').next());
    let same = names().find(|known| known.eq_ignore_ascii_case(name));
    same.or_else(|| near::slip(name, names()))
}

impl Namespace {
    fn metrics(self) -> impl Iterator<Item = Metric> {
        self.metrics.split(' ').map(Metric::read)
    }

    /// The metric `name`; absent if the table does not have it.
    pub(crate) fn metric(self, name: &str) -> Option<Metric> {
        self.metrics().find(|metric| metric.name == name)
    }

    /// The metric that a name is plainly meant to be.
    pub(crate) fn misspelt_metric(self, name: &str) -> Option<&'static str> {
        let names = || self.metrics().map(|metric| metric.name);
        let same = names().find(|known| known.eq_ignore_ascii_case(name));
        same.or_else(|| near::slip(name, names()))
    }

    /// The namespace that has a metric, of those that are confused with this one, which does not have it.
    pub(crate) fn other_of(self, metric: &str) -> Option<&'static str> {
        let family = FAMILIES.iter().find(|family| family.contains(&self.name))?;
        let mut others = family.iter().copied().filter(|other| *other != self.name);
        others.find(|other| namespace(other).is_some_and(|other| other.metric(metric).is_some()))
    }

    /// The dimensions of its metrics.
    pub(crate) fn dimensions(self) -> impl Iterator<Item = &'static str> {
        self.dimensions.split(',').filter(|name| *name != "-")
    }

    /// Whether the table has all dimensions of the namespace.
    pub(crate) fn has_all_dimensions(self) -> bool {
        self.marks.contains('*')
    }

    /// The combinations of dimensions by which a metric has data; none if they are not known.
    pub(crate) fn combinations(self, metric: Metric) -> Vec<Vec<Part>> {
        let numbers = metric.combinations.split('.').filter_map(|number| number.parse::<usize>().ok());
        let found = numbers.filter_map(|number| self.combinations.split(',').nth(number));
        found
            .map(|names| {
                let parts = names.split('+').filter(|name| *name != "0");
                parts
                    .map(|part| {
                        part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)))
                    })
                    .collect()
            })
            .collect()
    }

    /// Whether its metrics have no other dimensions than those of their combinations.
    pub(crate) fn has_all_combinations(self) -> bool {
        self.marks.contains('=')
    }

    /// The only region that has its metrics.
    pub(crate) fn home(self) -> Option<&'static str> {
        self.marks.split_once('@').map(|(_, region)| region)
    }

    /// Whether each of its metrics is of one resource, and has a dimension.
    pub(crate) fn is_per_resource(self) -> bool {
        self.marks.contains('!')
    }
}

impl Metric {
    /// `%CPUUtilization:0.2/300d`
    fn read(word: &'static str) -> Self {
        let of = |mark: char, values: Values| word.strip_prefix(mark).map(|rest| (rest, values));
        let (rest, values) =
            of('%', Values::Percent).or_else(|| of('~', Values::Any)).unwrap_or((word, Values::Positive));
        let (rest, interval) = rest.split_once('/').map_or((rest, ""), |(rest, interval)| (rest, interval));
        let (name, combinations) = rest.split_once(':').unwrap_or((rest, ""));
        let basic = interval.strip_suffix('d');
        let seconds = basic.unwrap_or(interval).parse().ok();
        let interval = seconds.map(|seconds| Interval { seconds, is_basic: basic.is_some() });
        Self { name, values, combinations, interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_namespace() {
        let names: Vec<&str> = table::lines(TABLE).filter_map(|line| line.split(' ').next()).collect();
        assert!(names.len() > 60 && names.is_sorted());
        for name in &names {
            let of = namespace(name).unwrap();
            assert!(of.metrics().count() > 0 && of.metrics().all(|metric| !metric.name.is_empty()), "{name}");
            let known: Vec<&str> = of.dimensions().collect();
            for metric in of.metrics() {
                let numbers = metric.combinations.split('.').filter(|number| !number.is_empty()).count();
                let sets = of.combinations(metric);
                assert_eq!(sets.len(), numbers, "{name} {}", metric.name);
                assert!(
                    sets.iter().flatten().all(|(part, _)| known.contains(part)),
                    "{name} {}",
                    metric.name
                );
            }
            assert_eq!(misspelt_namespace(name), Some(*name));
        }
        for name in
            ["AWS/EC2", "AWS/ELB", "AWS/RDS", "AWS/Lambda", "AWS/SQS", "AWS/NATGateway", "AWS/Billing"]
        {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn combinations_and_intervals_are_those_of_the_manuals() {
        let sets = |name: &str, metric: &str| {
            let of = namespace(name).unwrap();
            let mut sets: Vec<Vec<&str>> = Vec::new();
            for parts in of.combinations(of.metric(metric).unwrap()) {
                sets.push(parts.iter().map(|(name, _)| *name).collect());
            }
            sets
        };
        assert_eq!(
            sets("AWS/ApplicationELB", "HealthyHostCount"),
            [vec!["AvailabilityZone", "LoadBalancer", "TargetGroup"], vec!["LoadBalancer", "TargetGroup"]]
        );
        assert_eq!(sets("AWS/S3", "BucketSizeBytes"), [["BucketName", "StorageType"]]);
        assert!(sets("AWS/Lambda", "Errors").contains(&Vec::new()), "of all functions");
        assert!(sets("AWS/RDS", "CPUUtilization").is_empty(), "not all are known");
        let of = |name: &str| namespace(name).unwrap();
        let seconds = |name: &str, metric: &str| of(name).metric(metric).unwrap().interval;
        assert_eq!(seconds("AWS/EC2", "CPUUtilization"), Some(Interval { seconds: 300, is_basic: true }));
        assert_eq!(seconds("AWS/EC2", "CPUCreditBalance"), Some(Interval { seconds: 300, is_basic: false }));
        assert_eq!(seconds("AWS/EC2", "StatusCheckFailed"), None);
        assert_eq!(seconds("AWS/S3", "NumberOfObjects"), Some(Interval { seconds: 86_400, is_basic: false }));
        assert_eq!(of("AWS/Billing").home(), Some("us-east-1"));
        assert_eq!(of("AWS/EC2").home(), None);
    }

    #[test]
    fn metrics_are_those_of_the_manuals() {
        let of = |name: &str| namespace(name).unwrap();
        assert_eq!(of("AWS/EC2").metric("CPUUtilization").unwrap().values, Values::Percent);
        assert_eq!(of("AWS/EC2").metric("NetworkIn").unwrap().values, Values::Positive);
        assert_eq!(
            of("AWS/RDS").metric("ReplicaLag").unwrap().values,
            Values::Any,
            "-1 where nothing is copied"
        );
        assert_eq!(
            of("AWS/ECS").metric("CPUUtilization").unwrap().values,
            Values::Positive,
            "it may be above 100"
        );
        assert_eq!(of("AWS/EC2").misspelt_metric("CPUUtilisation"), Some("CPUUtilization"));
        assert_eq!(of("AWS/EC2").misspelt_metric("cpuutilization"), Some("CPUUtilization"));
        assert_eq!(of("AWS/EC2").misspelt_metric("Temperature"), None);
        assert_eq!(of("AWS/ApplicationELB").other_of("HTTPCode_Backend_5XX"), Some("AWS/ELB"));
        assert_eq!(of("AWS/EC2").other_of("GroupInServiceInstances"), Some("AWS/AutoScaling"));
        assert_eq!(of("AWS/SQS").other_of("Errors"), None);
        assert!(of("AWS/SQS").dimensions().eq(["QueueName"]) && of("AWS/SQS").is_per_resource());
        assert!(!of("AWS/Lambda").is_per_resource() && of("AWS/Lambda").has_all_dimensions());
        assert_eq!(misspelt_namespace("AWS/Ec2"), Some("AWS/EC2"));
        assert_eq!(misspelt_namespace("AWS/NetworkFirewall"), None);
    }
}
