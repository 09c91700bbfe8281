//! What names say of their owners: those that AWS's services choose by themselves.

use asiaq_ir::Kind;

use super::{Keeper, Sort};

/// Beginnings of the names of log groups, with the service that makes them; beside `/aws/SERVICE/`.
const LOG_GROUPS: [(&str, &str); 4] = [
    ("/aws-glue/", "Glue"),
    ("API-Gateway-Execution-Logs_", "API Gateway"),
    ("RDSOSMetrics", "RDS"),
    ("sns/", "SNS"),
];
/// Beginnings of the names of buckets that have the id of the account in them, with the service that makes them.
const BUCKETS: [(&str, &str); 6] = [
    ("aws-athena-query-results-", "Athena"),
    ("aws-cloudtrail-logs-", "CloudTrail"),
    ("aws-glue-", "Glue"),
    ("config-bucket-", "Config"),
    ("elasticbeanstalk-", "Elastic Beanstalk"),
    ("sagemaker-", "SageMaker"),
];
/// Beginnings of the names of identities, with what makes them.
const IDENTITIES: [(&str, &str); 5] = [
    ("AWSControlTower", "Control Tower"),
    ("aws-controltower-", "Control Tower"),
    ("aws-elasticbeanstalk-", "Elastic Beanstalk"),
    ("stacksets-exec-", "CloudFormation StackSets"),
    ("AWS-QuickSetup-", "Systems Manager"),
];
/// Beginnings of the names of security groups, with the service that makes them.
const GROUPS: [(&str, &str); 3] =
    [("default_elb_", "Elastic Load Balancing"), ("ElasticMapReduce-", "EMR"), ("AWS-OpsWorks-", "OpsWorks")];

/// Whose a thing of this name is, with what tells so; none where the name says nothing.
pub(super) fn by_name(sort: Sort, name: &str, account: &str) -> Option<(Keeper, Option<String>)> {
    let Sort::Kind(kind) = sort else { return None };
    let starts = |all: &[(&str, &'static str)]| {
        all.iter().find(|(start, _)| name.starts_with(start)).map(|(_, service)| (*service).to_owned())
    };
    let has_account = name.contains(account) && !account.is_empty();
    if name.starts_with("cdk-") && has_account {
        return Some((Keeper::Tool("the AWS CDK".to_owned()), None));
    }
    let service = match kind {
        Kind::LogGroup => {
            let of_service = name.strip_prefix("/aws/").and_then(|rest| rest.split('/').next());
            of_service
                .filter(|service| !service.is_empty())
                .map(ToOwned::to_owned)
                .or_else(|| starts(&LOG_GROUPS))
        }
        Kind::Alarm => name.starts_with("TargetTracking-").then(|| "Application Auto Scaling".to_owned()),
        Kind::Bucket if name.starts_with("cf-templates-") => Some("CloudFormation".to_owned()),
        Kind::Bucket if has_account => starts(&BUCKETS),
        Kind::Role if name == "OrganizationAccountAccessRole" => Some("Organizations".to_owned()),
        Kind::Role | Kind::InstanceProfile | Kind::ManagedPolicy => starts(&IDENTITIES),
        Kind::SecurityGroup => starts(&GROUPS),
        Kind::DatabaseParameterGroup | Kind::DatabaseClusterParameterGroup | Kind::CacheParameterGroup => {
            return name
                .starts_with("default.")
                .then(|| (Keeper::Aws, Some("default parameters".to_owned())));
        }
        Kind::DatabaseSubnetGroup | Kind::CacheSubnetGroup => {
            let is_default = name == "default" || name.starts_with("default-vpc-");
            return is_default.then(|| (Keeper::Aws, Some("default subnet group".to_owned())));
        }
        _ => None,
    };
    service.map(|service| (Keeper::Aws, Some(format!("made by {service}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_services_choose_say_whose_they_are() {
        let of = |kind: Kind, name: &str| match by_name(Sort::Kind(kind), name, "123456789012")? {
            (Keeper::Aws, note) => note,
            (keeper, _) => Some(format!("{keeper:?}")),
        };
        assert_eq!(of(Kind::LogGroup, "/aws/lambda/resize").unwrap(), "made by lambda");
        assert_eq!(of(Kind::LogGroup, "/app/web"), None);
        assert_eq!(of(Kind::Bucket, "sagemaker-us-west-2-123456789012").unwrap(), "made by SageMaker");
        assert_eq!(of(Kind::Bucket, "sagemaker-models"), None);
        assert_eq!(of(Kind::DatabaseParameterGroup, "default.postgres16").unwrap(), "default parameters");
        assert_eq!(of(Kind::DatabaseSubnetGroup, "defaults"), None);
        assert_eq!(of(Kind::SecurityGroup, "launch-wizard-1"), None);
        let role = "cdk-hnb659fds-deploy-role-123456789012-us-west-2";
        assert_eq!(of(Kind::Role, role).unwrap(), "Tool(\"the AWS CDK\")");
    }
}
