//! Error codes of AWS services that asiaq handles.
//!
//! The meaning of a code depends on the service, so each service has its own table. The names of the statics are the
//! IAM prefixes of the services, such as `ec2`.

#![allow(non_upper_case_globals, reason = "a service is named as IAM names it")]

use asiaq_ir::Home;
use asiaq_runtime::{CloudError, Result};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use Pattern::{Beginning, Code, Ending, Message, Words};

/// Where one AWS service keeps its resources, and its errors by meaning.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) home: Home,
    /// The resource, or one that the call names, does not exist.
    not_found: &'static [Pattern],
    /// The resource exists, but not the part of it that the call removes.
    part_not_found: &'static [Pattern],
    /// Another resource has the name, the address or the CIDR block.
    taken: &'static [Pattern],
    /// A role or an instance profile that was just created is not known everywhere yet.
    unknown_identity: &'static [Pattern],
    /// Another change of the resource is in progress.
    busy: &'static [Pattern],
    /// Another resource uses it, or it is between two states.
    in_use: &'static [Pattern],
    /// Code and message of an error in a form of the service's own, which the SDK does not read.
    pub(crate) own_form: fn(&HttpResponse) -> Option<(&'static str, String)>,
}

/// Errors that have something in common.
#[derive(Clone, Copy, Debug)]
enum Pattern {
    /// This code.
    Code(&'static str),
    /// Codes with this ending, such as `.InUse`.
    Ending(&'static str),
    /// Any code, with this text in the message.
    Message(&'static str),
    /// This code, with this text in the message.
    Words(&'static str, &'static str),
    /// In answers to this operation, codes with this beginning.
    Beginning(&'static str, &'static str),
}

impl Pattern {
    fn matches(self, error: &CloudError) -> bool {
        match self {
            Code(code) => error.code == code,
            Ending(ending) => error.code.ends_with(ending),
            Message(text) => error.message.contains(text),
            Words(code, text) => error.code == code && error.message.contains(text),
            Beginning(operation, start) => error.operation == operation && error.code.starts_with(start),
        }
    }
}

/// A transaction of DynamoDB that concerns the same items is in progress.
pub(crate) const TRANSACTION_CONFLICT: &str = "TransactionConflict";
/// A load balancer has the name.
pub(crate) const DUPLICATE_BALANCER: &str = "DuplicateLoadBalancerName";
/// A target group has the name.
pub(crate) const DUPLICATE_TARGETS: &str = "DuplicateTargetGroupName";
/// A rule of the listener has the priority.
pub(crate) const PRIORITY_TAKEN: &str = "PriorityInUse";
/// A log group has the name.
pub(crate) const DUPLICATE_LOG_GROUP: &str = "ResourceAlreadyExistsException";

/// A replication group has the name.
pub(crate) const DUPLICATE_REPLICATION_GROUP: &str = "ReplicationGroupAlreadyExists";
/// A cache cluster has the name.
pub(crate) const DUPLICATE_CACHE_CLUSTER: &str = "CacheClusterAlreadyExists";
/// A subnet group of caches has the name.
pub(crate) const DUPLICATE_CACHE_SUBNETS: &str = "CacheSubnetGroupAlreadyExists";
/// A parameter group of caches has the name.
pub(crate) const DUPLICATE_CACHE_PARAMETERS: &str = "CacheParameterGroupAlreadyExists";

/// A document has the name.
pub(crate) const DUPLICATE_DOCUMENT: &str = "DocumentAlreadyExists";
/// A trail has the name.
pub(crate) const DUPLICATE_TRAIL: &str = "TrailAlreadyExistsException";
/// A bucket of the caller's has the name.
pub(crate) const OWN_BUCKET: &str = "BucketAlreadyOwnedByYou";

/// A batch of changes of records is refused.
pub(crate) const BATCH_REFUSED: &str = "InvalidChangeBatch";

/// A service with resources in regions, whose errors are all final.
const PLAIN: Service = Service {
    home: Home::Region,
    not_found: &[],
    part_not_found: &[],
    taken: &[],
    unknown_identity: &[],
    busy: &[],
    in_use: &[],
    own_form: |_| None,
};

/// Certificates.
pub(crate) static acm: Service = Service { not_found: &[Code("ResourceNotFoundException")], ..PLAIN };

/// The capacity of tables, which the service changes by itself.
pub(crate) static application_autoscaling: Service = Service {
    not_found: &[Code("ObjectNotFoundException")],
    busy: &[Code("ConcurrentUpdateException")],
    ..PLAIN
};

/// Auto Scaling groups. The service has one code for every reference to something that does not exist.
pub(crate) static autoscaling: Service = Service {
    not_found: &[
        Words("ValidationError", "not found"),
        Words("ValidationError", "does not exist"),
        Words("ValidationError", "not part of"),
    ],
    unknown_identity: &[
        Words("ValidationError", "Invalid IamInstanceProfile"),
        Words("ValidationError", "Invalid IAM Instance Profile"),
    ],
    busy: &[Code("ResourceContention"), Code("ScalingActivityInProgress")],
    in_use: &[Code("ResourceInUse")],
    ..PLAIN
};

/// Trails. A bucket, a key, a topic or a role that was just made, or given its policy, is not known yet everywhere.
pub(crate) static cloudtrail: Service = Service {
    not_found: &[
        Code("TrailNotFoundException"),
        Code("S3BucketDoesNotExistException"),
        Code("InsufficientS3BucketPolicyException"),
        Code("InsufficientEncryptionPolicyException"),
        Code("InsufficientSnsTopicPolicyException"),
        Code("InvalidCloudWatchLogsLogGroupArnException"),
        Code("KmsKeyNotFoundException"),
    ],
    taken: &[Code(DUPLICATE_TRAIL)],
    unknown_identity: &[Code("InvalidCloudWatchLogsRoleArnException")],
    busy: &[Code("ConflictException")],
    ..PLAIN
};

/// Alarms.
pub(crate) static cloudwatch: Service =
    Service { not_found: &[Ending("NotFound"), Ending("NotFoundException")], ..PLAIN };

/// Leases, and tables.
pub(crate) static dynamodb: Service = Service {
    not_found: &[
        Code("ResourceNotFoundException"),
        Code("TableNotFoundException"),
        Code("BackupNotFoundException"),
    ],
    taken: &[Code("TableAlreadyExistsException"), Beginning("CreateTable", "ResourceInUseException")],
    busy: &[
        Code(TRANSACTION_CONFLICT),
        Code("ContinuousBackupsUnavailableException"),
        // AWS changes so many tables and indexes at a time; a table that is made, changed or deleted is in use.
        Code("LimitExceededException"),
        Code("ResourceInUseException"),
    ],
    ..PLAIN
};

/// "Error codes for the Amazon EC2 API".
pub(crate) static ec2: Service = Service {
    not_found: &[Ending("NotFound"), Ending("NotFoundException")],
    part_not_found: &[
        Code("InvalidPermission.NotFound"),
        Code("InvalidRoute.NotFound"),
        // The route tables of an endpoint may be deleted before it.
        Beginning("DeleteVpcEndpoints", "InvalidRouteTable"),
    ],
    taken: &[
        Code("InvalidSubnet.Conflict"),
        Code("InvalidGroup.Duplicate"),
        Code("InvalidLaunchTemplateName.AlreadyExistsException"),
        Code("InvalidIPAddress.InUse"),
        Code("Resource.AlreadyAssociated"),
    ],
    unknown_identity: &[Words("InvalidParameterValue", "Invalid IAM Instance Profile")],
    in_use: &[
        Code("DependencyViolation"),
        Code("IncorrectState"),
        Ending(".InUse"),
        Words("InvalidParameterValue", "currently in use"),
        // For a while after the NAT gateway that had the address is deleted.
        Beginning("ReleaseAddress", "AuthFailure"),
    ],
    ..PLAIN
};

/// Classic, Application and Network Load Balancers, and target groups.
pub(crate) static elasticloadbalancing: Service = Service {
    not_found: &[Ending("NotFound"), Ending("NotFoundException"), Code("InvalidSecurityGroup")],
    taken: &[Code(DUPLICATE_BALANCER), Code(DUPLICATE_TARGETS)],
    in_use: &[Code("ResourceInUse")],
    ..PLAIN
};

/// Caches. Most of its codes for what does not exist end in `NotFoundFault`, some in `NotFound`.
pub(crate) static elasticache: Service = Service {
    not_found: &[Ending("NotFoundFault"), Ending("NotFound")],
    taken: &[Ending("AlreadyExists"), Ending("AlreadyExistsFault")],
    busy: &[
        Code("InvalidCacheClusterState"),
        Code("InvalidReplicationGroupState"),
        Code("InvalidCacheParameterGroupState"),
    ],
    in_use: &[Code("CacheSubnetGroupInUse"), Code("SubnetInUse")],
    ..PLAIN
};

/// Search domains, of OpenSearch and of Elasticsearch.
pub(crate) static es: Service = Service {
    not_found: &[Code("ResourceNotFoundException")],
    taken: &[Code("ResourceAlreadyExistsException")],
    // The service-linked role was just made; the error still calls it that of Amazon ES.
    unknown_identity: &[Words("ValidationException", "service-linked role")],
    busy: &[
        Code("ConflictException"),
        Words("ValidationException", "A change/update is in progress"),
        Words("ValidationException", "already being modified"),
    ],
    ..PLAIN
};

/// Identities, policies and server certificates.
pub(crate) static iam: Service = Service {
    home: Home::Global,
    not_found: &[Code("NoSuchEntity")],
    taken: &[Code("EntityAlreadyExists")],
    unknown_identity: &[Words("MalformedPolicyDocument", "Invalid principal")],
    busy: &[Code("ConcurrentModification"), Code("EntityTemporarilyUnmodifiable")],
    in_use: &[Code("DeleteConflict")],
    ..PLAIN
};

/// CloudWatch Logs.
pub(crate) static logs: Service =
    Service { not_found: &[Code("ResourceNotFoundException")], taken: &[Code(DUPLICATE_LOG_GROUP)], ..PLAIN };

/// Databases. Most of its codes for what does not exist end in `NotFoundFault`, some in `NotFound`.
pub(crate) static rds: Service = Service {
    not_found: &[Ending("NotFoundFault"), Ending("NotFound")],
    taken: &[Ending("AlreadyExists"), Ending("AlreadyExistsFault")],
    busy: &[
        Code("InvalidDBInstanceState"),
        Code("InvalidDBInstanceStateFault"),
        Code("InvalidDBClusterStateFault"),
        Code("InvalidDBSnapshotState"),
    ],
    in_use: &[
        Code("InvalidDBParameterGroupState"),
        Code("InvalidDBSubnetGroupStateFault"),
        Code("InvalidDBSubnetStateFault"),
        Code("InvalidOptionGroupStateFault"),
    ],
    ..PLAIN
};

/// Hosted zones and records.
pub(crate) static route53: Service = Service {
    home: Home::Global,
    not_found: &[Code("NoSuchHostedZone")],
    own_form: |response| Some((BATCH_REFUSED, batch_refusal(response)?)),
    ..PLAIN
};

/// Buckets.
pub(crate) static s3: Service = Service {
    not_found: &[
        Code("NoSuchBucket"),
        Code("NotFound"),
        // What the call names was just created, or was just given the permission that the call needs.
        Code("InvalidTargetBucketForLogging"),
        Words("InvalidArgument", "Unable to validate the following destination"),
        Words("InvalidRequest", "must have versioning enabled"),
    ],
    taken: &[Code(OWN_BUCKET), Code("BucketAlreadyExists")],
    unknown_identity: &[Words("MalformedPolicy", "Invalid principal")],
    busy: &[Code("OperationAborted")],
    ..PLAIN
};

/// Quotas. A service may have none in a region.
pub(crate) static servicequotas: Service = Service { not_found: &[Code("NoSuchResourceException")], ..PLAIN };

/// Notification topics.
pub(crate) static sns: Service = Service {
    not_found: &[Code("NotFound"), Code("NotFoundException")],
    // The answer to a call for a name that a topic with other tags has.
    taken: &[Message("already exists")],
    ..PLAIN
};

/// Keys of images.
pub(crate) static kms: Service = Service { not_found: &[Code("NotFoundException")], ..PLAIN };

/// Secrets. One that is deleted, and can be had back, exists and refuses most calls.
pub(crate) static secretsmanager: Service = Service {
    not_found: &[Code("ResourceNotFoundException")],
    taken: &[Code("ResourceExistsException"), Words("InvalidRequestException", "scheduled for deletion")],
    ..PLAIN
};

/// Commands on instances, documents, and secrets.
pub(crate) static ssm: Service = Service {
    not_found: &[
        Code("InvalidDocument"),
        Code("InvalidResourceId"),
        Code("ParameterNotFound"),
        Code("ParameterVersionNotFound"),
    ],
    taken: &[Code(DUPLICATE_DOCUMENT), Code("ParameterAlreadyExists")],
    busy: &[Code("TooManyUpdates")],
    ..PLAIN
};

/// The identity of the caller.
pub(crate) static sts: Service = PLAIN;

/// The Resource Groups Tagging API.
pub(crate) static tag: Service = PLAIN;

impl Service {
    /// The resource, or one that the call names, does not exist, or not yet everywhere.
    pub(crate) fn is_not_found(&self, error: &CloudError) -> bool {
        any(self.not_found, error) && !self.is_part_not_found(error)
    }

    /// The answer to a call; none where the resource, or one that the call names, does not exist.
    pub(crate) fn found<T>(&self, answer: Result<T>) -> Result<Option<T>> {
        match answer {
            Err(gone) if self.is_not_found(&gone) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// The resource exists, but not the part of it that the call removes.
    pub(crate) fn is_part_not_found(&self, error: &CloudError) -> bool {
        any(self.part_not_found, error)
    }

    /// Another resource has the name, the address or the CIDR block.
    pub(crate) fn is_taken(&self, error: &CloudError) -> bool {
        any(self.taken, error)
    }

    /// A role or an instance profile that was just created is not known everywhere yet.
    pub(crate) fn is_unknown_identity(&self, error: &CloudError) -> bool {
        any(self.unknown_identity, error)
    }

    /// Another change of the resource is in progress.
    pub(crate) fn is_busy(&self, error: &CloudError) -> bool {
        any(self.busy, error)
    }

    /// Another resource uses it, or it is between two states.
    pub(crate) fn is_in_use(&self, error: &CloudError) -> bool {
        self.is_busy(error) || any(self.in_use, error)
    }

    /// Why a call that ended in `error` is tried again, in words.
    pub(crate) fn retry_reason(&self, error: &CloudError) -> &'static str {
        if self.is_busy(error) {
            "AWS is busy with another change of it"
        } else if self.is_unknown_identity(error) {
            "AWS does not know the role or the instance profile yet"
        } else if self.is_not_found(error) {
            "AWS does not know yet of what it needs"
        } else if self.is_taken(error) {
            "something else is in its place"
        } else {
            "something still uses it"
        }
    }
}

/// Why Route 53 refuses a batch of changes ("`ChangeResourceRecordSets`" of its reference).
fn batch_refusal(response: &HttpResponse) -> Option<String> {
    let body = std::str::from_utf8(response.body().bytes()?).ok()?;
    let (_, inside) = body.split_once("<InvalidChangeBatch")?;
    let messages =
        inside.split("<Message>").skip(1).filter_map(|rest| Some(rest.split_once("</Message>")?.0));
    let said = messages.collect::<Vec<_>>().join("; ");
    let plain = [("&apos;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    Some(plain.iter().fold(said, |said, (coded, plain)| said.replace(coded, plain)))
}

fn any(patterns: &[Pattern], error: &CloudError) -> bool {
    patterns.iter().any(|pattern| pattern.matches(error))
}

#[cfg(test)]
mod tests {
    use asiaq_runtime::Fault;

    use super::*;

    fn error(operation: &str, code: &str, message: &str) -> CloudError {
        CloudError {
            operation: operation.to_owned(),
            fault: Fault::Refused,
            code: code.to_owned(),
            message: message.to_owned(),
            request: None,
        }
    }

    #[test]
    fn a_code_means_something_only_in_its_service() {
        let validation = error("DescribeTags", "ValidationError", "group not found");
        assert!(autoscaling.is_not_found(&validation));
        assert!(!elasticloadbalancing.is_not_found(&validation));
        let exists = error("CreateLogGroup", DUPLICATE_LOG_GROUP, "");
        assert!(logs.is_taken(&exists) && !ec2.is_taken(&exists));
    }

    #[test]
    fn an_identity_that_is_not_known_yet_is_nothing_that_is_gone() {
        let unknown = [
            (&s3, error("PutBucketPolicy", "MalformedPolicy", "Invalid principal in policy")),
            (
                &iam,
                error("CreateRole", "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"x\""),
            ),
            (&cloudtrail, error("CreateTrail", "InvalidCloudWatchLogsRoleArnException", "")),
        ];
        for (service, error) in unknown {
            assert!(service.is_unknown_identity(&error) && !service.is_not_found(&error), "{error:?}");
        }
    }

    #[test]
    fn some_codes_depend_on_the_operation() {
        let denied = |operation| error(operation, "AuthFailure", "");
        assert!(ec2.is_in_use(&denied("ReleaseAddress")));
        assert!(!ec2.is_in_use(&denied("AllocateAddress")));
        let tables = error("DeleteVpcEndpoints", "InvalidRouteTableId.NotFound", "");
        assert!(ec2.is_part_not_found(&tables) && !ec2.is_not_found(&tables));
    }
}
