//! Calls that AWS refuses because of the time in their signature.

use asiaq_runtime::CloudError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::retry::ErrorKind;

use crate::attempts::{Attempt, refusal};

/// The code for a signature that is too old or too new, which the SDK does not take for a wrong clock.
const EXPIRED: &str = "RequestExpired";

/// Codes for a signature that AWS does not accept. Such a call is refused before it is carried out, so it may be
/// repeated; the SDK repeats it if the clock is wrong.
const UNSIGNED: &[&str] = &[
    "AccessDeniedException",
    "AuthFailure",
    EXPIRED,
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Codes that only a wrong clock leads to.
const OF_CLOCK: &[&str] = &[EXPIRED, "RequestInTheFuture", "RequestTimeTooSkewed"];

/// Codes for a secret key or a session token that does not belong to the access key.
const OF_SIGNATURE: &[&str] = &["InvalidSignatureException", "SignatureDoesNotMatch"];

/// Repeats an expired call once. Every answer of AWS says the time, by which the SDK corrects its next signature; a
/// client does not know it before its first answer, and a call may have waited for its turn.
#[derive(Debug)]
pub(crate) struct SignAgain;

impl ClassifyRetry for SignAgain {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let response = context.response();
        let is_first = response.and_then(|response| response.extension::<Attempt>()) == Some(&Attempt(1));
        if is_first && response.and_then(refusal::code).as_deref() == Some(EXPIRED) {
            return RetryAction::retryable_error(ErrorKind::ServerError);
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "sign again"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Whether AWS refused the signature of a call, and so did not carry it out.
pub(crate) fn is_unsigned(context: &InterceptorContext) -> bool {
    let code = context.response().and_then(refusal::code);
    code.is_some_and(|code| UNSIGNED.contains(&code.as_str()))
}

/// What to do about a call whose signature AWS refused.
pub fn advice(error: &CloudError) -> Option<&'static str> {
    let code = error.code.as_str();
    // SigV4 has one code for both; the message tells.
    let is_dated =
        ["Signature expired", "Signature not yet current"].iter().any(|text| error.message.contains(text));
    if OF_CLOCK.contains(&code) || is_dated {
        return Some("the clock of this computer differs from AWS's: set it");
    }
    OF_SIGNATURE.contains(&code).then_some(
        "the secret access key or the session token does not belong to the access key: check the credentials",
    )
}
