//! Services that assume roles.

use super::service::{service, services};
use crate::near;

/// Services whose principal does not begin with the prefix of their actions. AWS publishes no list of principals; these are in
/// the pages of the services.
const FURTHER: &[&str] = &[
    "apidestinations.events",
    "billingconsole",
    "cloudwatch-crossaccount",
    "continuousexport.discovery",
    "credentials.iot",
    "delivery.logs",
    "ecs-tasks",
    "edgelambda",
    "eks-fargate-pods",
    "eks-nodegroup",
    "export.rds",
    "inspector2",
    "logdelivery.elasticloadbalancing",
    "logger.cloudfront",
    "logging.s3",
    "monitoring.rds",
    "opensearchservice",
    "pipes",
    "pods.eks",
    "resources.cloudformation",
    "scheduler",
    "spotfleet",
    "streams.metrics.cloudwatch",
    "vmie",
    "vpc-flow-logs",
];

/// Whether a name is that of a service that assumes roles: `ec2`, `ecs-tasks`, or the whole of `ec2.amazonaws.com`.
pub fn is_service_principal(name: &str) -> bool {
    let stem = stem(name);
    let is_known = |stem: &str| service(stem).is_some() || FURTHER.contains(&stem);
    // The name of a region may stand between the service and the domain.
    let without_region = stem.rsplit_once('.').filter(|_| stem != name).map(|(service, _)| service);
    is_known(stem) || without_region.is_some_and(is_known)
}

/// The service that a name is plainly meant to be.
pub fn service_principal_named_like(name: &str) -> Option<&'static str> {
    near::slip(stem(name), services().chain(FURTHER.iter().copied()))
}

/// A name without the domain of AWS.
fn stem(name: &str) -> &str {
    let ends = [".amazonaws.com.cn", ".amazonaws.com"];
    ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_with_and_without_their_domain() {
        for known in [
            "ec2",
            "ec2.amazonaws.com",
            "ec2.amazonaws.com.cn",
            "ecs-tasks",
            "vpc-flow-logs.amazonaws.com",
            "lambda",
            "delivery.logs",
            "delivery.logs.amazonaws.com",
            "logs.us-west-2.amazonaws.com",
            "delivery.logs.us-west-2.amazonaws.com",
        ] {
            assert!(is_service_principal(known), "{known}");
        }
        for unknown in ["ecc2", "ec2.example.com.amazonaws.org", "", "production", "ec2.us-west-2"] {
            assert!(!is_service_principal(unknown), "{unknown}");
        }
        assert_eq!(service_principal_named_like("lamda"), Some("lambda"));
        assert_eq!(service_principal_named_like("ecs-task"), Some("ecs-tasks"));
    }
}
