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
    metrics: &'static str,
}

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
    let mut words = table::line(TABLE, name)?.splitn(4, ' ');
    Some(Namespace {
        name: words.next()?,
        marks: words.next()?,
        dimensions: words.next()?,
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
    fn metrics(self) -> impl Iterator<Item = (&'static str, Values)> {
        self.metrics.split(' ').map(|word| {
            let of = |mark: char, values: Values| word.strip_prefix(mark).map(|name| (name, values));
            of('%', Values::Percent).or_else(|| of('~', Values::Any)).unwrap_or((word, Values::Positive))
        })
    }

    /// The values of a metric; absent if the table does not have the metric.
    pub(crate) fn values(self, metric: &str) -> Option<Values> {
        self.metrics().find(|(name, _)| *name == metric).map(|(_, values)| values)
    }

    /// The metric that a name is plainly meant to be.
    pub(crate) fn misspelt_metric(self, name: &str) -> Option<&'static str> {
        let names = || self.metrics().map(|(known, _)| known);
        let same = names().find(|known| known.eq_ignore_ascii_case(name));
        same.or_else(|| near::slip(name, names()))
    }

    /// The namespace that has a metric, of those that are confused with this one, which does not have it.
    pub(crate) fn other_of(self, metric: &str) -> Option<&'static str> {
        let family = FAMILIES.iter().find(|family| family.contains(&self.name))?;
        let mut others = family.iter().copied().filter(|other| *other != self.name);
        others.find(|other| namespace(other).is_some_and(|other| other.values(metric).is_some()))
    }

    /// The dimensions of its metrics.
    pub(crate) fn dimensions(self) -> impl Iterator<Item = &'static str> {
        self.dimensions.split(',').filter(|name| *name != "-")
    }

    /// Whether the table has all dimensions of the namespace.
    pub(crate) fn has_all_dimensions(self) -> bool {
        self.marks.contains('*')
    }

    /// Whether each of its metrics is of one resource, and has a dimension.
    pub(crate) fn is_per_resource(self) -> bool {
        self.marks.contains('!')
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
            assert!(of.metrics().count() > 0 && of.metrics().all(|(metric, _)| !metric.is_empty()), "{name}");
            assert_eq!(misspelt_namespace(name), Some(*name));
        }
        for name in
            ["AWS/EC2", "AWS/ELB", "AWS/RDS", "AWS/Lambda", "AWS/SQS", "AWS/NATGateway", "AWS/Billing"]
        {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn metrics_are_those_of_the_manuals() {
        let of = |name: &str| namespace(name).unwrap();
        assert_eq!(of("AWS/EC2").values("CPUUtilization"), Some(Values::Percent));
        assert_eq!(of("AWS/EC2").values("NetworkIn"), Some(Values::Positive));
        assert_eq!(of("AWS/RDS").values("ReplicaLag"), Some(Values::Any), "-1 where nothing is copied");
        assert_eq!(of("AWS/ECS").values("CPUUtilization"), Some(Values::Positive), "it may be above 100");
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
