//! What went wrong, in the engine's words.

use std::error::Error;
use std::fmt::Write as _;

use asiaq_runtime::{CloudError, Fault};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::operation::BuildError;

/// Codes by which AWS says that the caller is nobody, or may not do this ("Error codes for the Amazon EC2
/// API", and those of STS).
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes after which nobody knows whether the call did anything.
const UNSURE: &[&str] = &["InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable"];

/// A transaction that is on its way concerns the same items.
const CONFLICT: &str = "TransactionConflict";

/// A load balancer of this name is there.
pub(crate) const DUPLICATE_BALANCER: &str = "DuplicateLoadBalancerName";
/// A target group of this name is there.
pub(crate) const DUPLICATE_TARGETS: &str = "DuplicateTargetGroupName";

/// A batch of changes of records is refused.
pub(crate) const BATCH_REFUSED: &str = "InvalidChangeBatch";

/// The answer to a call of `operation`.
pub(crate) async fn call<T, E>(
    operation: &str,
    answer: impl Future<Output = Result<T, SdkError<E>>> + Send,
) -> Result<T, CloudError>
where
    T: Send,
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    // Boxed: the SDK's futures are large, and a kind's work holds many of them.
    Box::pin(answer).await.map_err(|error| of(operation, &error))
}

/// A failure of `operation`.
pub(crate) fn of<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let batch = error.raw_response().and_then(batch_refusal);
    let code = match &batch {
        Some(_) => BATCH_REFUSED,
        None => error.code().unwrap_or_default(),
    };
    let fault = match error {
        _ if DENIED.contains(&code) || lacks_credentials(error) => Fault::Denied,
        SdkError::ServiceError(_) if !code.is_empty() => Fault::Refused,
        SdkError::ConstructionFailure(_) => Fault::Refused,
        _ => Fault::Unreachable,
    };
    CloudError {
        operation: operation.to_owned(),
        fault,
        code: code.to_owned(),
        message: batch.unwrap_or_else(|| message(error)),
        request: error.request_id().map(ToOwned::to_owned),
    }
}

fn message<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(said) = error.message().filter(|_| error.code().is_some()) {
        return said.to_owned();
    }
    let mut text = match error.raw_response() {
        Some(response) => format!("HTTP status {}", response.status().as_u16()),
        None => error.to_string(),
    };
    for cause in causes(error).skip(1) {
        // Writing to a string does not fail.
        let _ = write!(text, ": {cause}");
    }
    text
}

/// What Route 53 says of a batch that it refuses, where it says it in a form of its own, which the SDK does not
/// know ("`ChangeResourceRecordSets`" of its reference).
fn batch_refusal(response: &HttpResponse) -> Option<String> {
    let body = std::str::from_utf8(response.body().bytes()?).ok()?;
    let (_, inside) = body.split_once("<InvalidChangeBatch")?;
    let messages =
        inside.split("<Message>").skip(1).filter_map(|rest| Some(rest.split_once("</Message>")?.0));
    let said = messages.collect::<Vec<_>>().join("; ");
    let plain = [("&apos;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    Some(plain.iter().fold(said, |said, (coded, plain)| said.replace(coded, plain)))
}

fn lacks_credentials<E: Error + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    causes(error).any(<dyn Error>::is::<CredentialsError>)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// A refusal of our own, before AWS is asked.
pub(crate) fn refused(operation: &str, message: impl Into<String>) -> CloudError {
    own(operation, Fault::Refused, message)
}

/// A call that another one got in the way of.
pub(crate) fn contention(operation: &str, message: &str) -> CloudError {
    CloudError { code: CONFLICT.to_owned(), ..refused(operation, message) }
}

/// What the SDK made of our values for a call of `operation`, which it refuses where one is missing.
pub(crate) fn built<T>(operation: &str, built: Result<T, BuildError>) -> Result<T, CloudError> {
    built.map_err(|error| refused(operation, error.to_string()))
}

/// The end of a wait that was too long.
pub(crate) fn timed_out(operation: &str, message: impl Into<String>) -> CloudError {
    own(operation, Fault::TimedOut, message)
}

fn own(operation: &str, fault: Fault, message: impl Into<String>) -> CloudError {
    CloudError {
        operation: operation.to_owned(),
        fault,
        code: String::new(),
        message: message.into(),
        request: None,
    }
}

/// What an answer of `operation` should have had and has not.
pub(crate) fn part<T>(operation: &str, part: &str, value: Option<T>) -> Result<T, CloudError> {
    value.ok_or_else(|| refused(operation, format!("the answer has no {part}")))
}

/// AWS does not know of the thing, or of one that the call names.
pub(crate) fn not_found(error: &CloudError) -> bool {
    let is_code = error.code.ends_with("NotFound")
        || error.code.ends_with("NotFoundException")
        || matches!(error.code.as_str(), "InvalidSecurityGroup" | "NoSuchHostedZone");
    // So Auto Scaling says of groups, and of launch templates and instance profiles that a group names.
    let is_said = ["not found", "does not exist", "not part of", "Invalid IamInstanceProfile"]
        .iter()
        .any(|said| error.message.contains(said));
    (is_code && !part_not_found(error)) || (error.code == "ValidationError" && is_said)
}

/// AWS knows of the thing, and not of a part that the call takes from it.
pub(crate) fn part_not_found(error: &CloudError) -> bool {
    matches!(error.code.as_str(), "InvalidPermission.NotFound" | "InvalidRoute.NotFound")
        // The tables of an endpoint may go before it.
        || (error.operation == "DeleteVpcEndpoints" && error.code.starts_with("InvalidRouteTable"))
}

/// Another thing has the block, the name or the address.
pub(crate) fn taken(error: &CloudError) -> bool {
    matches!(
        error.code.as_str(),
        "InvalidSubnet.Conflict"
            | DUPLICATE_BALANCER
            | DUPLICATE_TARGETS
            | "InvalidGroup.Duplicate"
            | "InvalidLaunchTemplateName.AlreadyExistsException"
            | "InvalidIPAddress.InUse"
            | "Resource.AlreadyAssociated"
            | "ResourceAlreadyExistsException"
    )
        // So SNS says of a topic of this name with other tags.
        || (error.operation == "CreateTopic" && error.message.contains("already exists"))
}

/// AWS is busy with another change of the thing.
pub(crate) fn contended(error: &CloudError) -> bool {
    matches!(error.code.as_str(), CONFLICT | "ResourceContention" | "ScalingActivityInProgress")
}

/// Something still uses the thing, or it is on its way from one state to another.
pub(crate) fn in_use(error: &CloudError) -> bool {
    contended(error)
        || matches!(error.code.as_str(), "DependencyViolation" | "IncorrectState" | "ResourceInUse")
        || error.code.ends_with(".InUse")
        || (error.code == "InvalidParameterValue" && error.message.contains("currently in use"))
        // So AWS says for a while after the NAT gateway that had the address is gone.
        || (error.operation == "ReleaseAddress" && error.code == "AuthFailure")
}

/// Why a call that ended in `error` is worth another try, in words.
pub(crate) fn reason(error: &CloudError) -> &'static str {
    if contended(error) {
        "AWS is busy with another change of it"
    } else if not_found(error) {
        "AWS does not know yet of what it needs"
    } else if taken(error) {
        "something else is in its place"
    } else {
        "something still uses it"
    }
}

/// Nobody knows whether the call did anything.
pub(crate) fn unsure(error: &CloudError) -> bool {
    error.fault == Fault::Unreachable || UNSURE.contains(&error.code.as_str())
}
