//! What went wrong, in the engine's words.

use std::error::Error;
use std::fmt::Write as _;

use asiaq_runtime::{CloudError, Fault, Result};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::operation::BuildError;

use crate::operation::Operation;

/// Codes for missing credentials or permissions ("Error codes for the Amazon EC2 API", "Common Errors" of the JSON services, and those of STS and S3).
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes that leave open whether the call had an effect.
const UNSURE: &[&str] = &["InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable"];

/// Characters of an answer that cannot be read that a message shows.
const BEGINNING: usize = 60;

/// What a call can fail with: the SDK's error, or one that was read already.
pub(crate) trait Failure {
    /// The failure of `operation`.
    fn of(self, operation: Operation) -> CloudError;
}

impl Failure for CloudError {
    fn of(self, _: Operation) -> CloudError {
        self
    }
}

impl<E> Failure for SdkError<E, HttpResponse>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn of(self, operation: Operation) -> CloudError {
        operation.failed(&self)
    }
}

impl Operation {
    /// The answer to a call.
    pub(crate) async fn call<T, E: Failure>(self, answer: impl Future<Output = Result<T, E>>) -> Result<T> {
        // Boxed: the SDK's futures are large, and the future of a kind holds many of them.
        Box::pin(answer).await.map_err(|error| error.of(self))
    }

    /// The entries of all pages of a listing.
    pub(crate) async fn all<T, E: Failure>(self, pages: PaginationStream<Result<T, E>>) -> Result<Vec<T>> {
        self.call(pages.collect()).await
    }

    /// A part that every answer has; an error where it is missing.
    pub(crate) fn part<T>(self, part: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.refused(format!("the answer has no {part}")))
    }

    /// A value built by the SDK for a call; an error where a required field is missing.
    pub(crate) fn built<T>(self, built: Result<T, BuildError>) -> Result<T> {
        built.map_err(|error| self.refused(error.to_string()))
    }

    /// A refusal of our own, before AWS is asked.
    pub(crate) fn refused(self, message: impl Into<String>) -> CloudError {
        refused(self.name, message)
    }

    /// A refusal by AWS that does not come as an error, but inside an answer.
    pub(crate) fn refused_as(self, code: &str, message: impl Into<String>) -> CloudError {
        CloudError { code: code.to_owned(), ..self.refused(message) }
    }

    /// The failure of a call.
    pub(crate) fn failed<E>(self, error: &SdkError<E, HttpResponse>) -> CloudError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let own = error.raw_response().and_then(self.service.own_form);
        let code = match &own {
            Some((code, _)) => code,
            None => error.code().unwrap_or_default(),
        };
        let fault = match error {
            _ if DENIED.contains(&code) || lacks_credentials(error) => Fault::Denied,
            SdkError::ServiceError(_) if !code.is_empty() => Fault::Refused,
            SdkError::ConstructionFailure(_) => Fault::Refused,
            _ if error.raw_response().is_some() && code.is_empty() => Fault::Unreadable,
            _ => Fault::Unreachable,
        };
        CloudError {
            operation: self.name.to_owned(),
            fault,
            code: code.to_owned(),
            message: own.map_or_else(|| message(error, self.service_name()), |(_, message)| message),
            request: error.request_id().map(ToOwned::to_owned),
        }
    }
}

/// What a call failed with: AWS's message, or what came in place of an answer of `service`.
fn message<E>(error: &SdkError<E, HttpResponse>, service: &str) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(said) = error.message().filter(|_| error.code().is_some()) {
        return said.to_owned();
    }
    let mut text = match error.raw_response() {
        Some(response) => format!("the answer of `{service}` cannot be read: {}", shown(response)),
        None => format!("`{service}` does not answer: {error}"),
    };
    for cause in causes(error).skip(1) {
        // Writing to a string does not fail.
        let _ = write!(text, ": {cause}");
    }
    text
}

/// An answer in short: its status, its type and its beginning.
fn shown(response: &HttpResponse) -> String {
    let mut text = format!("HTTP status {}", response.status().as_u16());
    if let Some(kind) = response.headers().get("content-type") {
        let _ = write!(text, ", {kind}");
    }
    let body = response.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let visible = |character: char| if character.is_control() { ' ' } else { character };
    let words: String = body.chars().take(4 * BEGINNING).map(visible).collect();
    let beginning: String =
        words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(BEGINNING).collect();
    if !beginning.is_empty() {
        let _ = write!(text, ", `{beginning}`");
    }
    text
}

fn lacks_credentials<E: Error + Send + Sync + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    causes(error).any(<dyn Error>::is::<CredentialsError>)
}

pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// A refusal of our own, of something that is more than one call.
pub(crate) fn refused(operation: &'static str, message: impl Into<String>) -> CloudError {
    own(operation, Fault::Refused, message)
}

/// The end of a wait that exceeded its limit.
pub(crate) fn timed_out(operation: &'static str, message: impl Into<String>) -> CloudError {
    own(operation, Fault::TimedOut, message)
}

fn own(operation: &'static str, fault: Fault, message: impl Into<String>) -> CloudError {
    let (operation, message) = (operation.to_owned(), message.into());
    CloudError { operation, fault, code: String::new(), message, request: None }
}

/// Whether it is unknown if the call had an effect.
pub(crate) fn unsure(error: &CloudError) -> bool {
    matches!(error.fault, Fault::Unreachable | Fault::Unreadable) || UNSURE.contains(&error.code.as_str())
}
