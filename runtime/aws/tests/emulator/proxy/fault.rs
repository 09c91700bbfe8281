//! What goes wrong with a call, and how each protocol says so.

use super::answer::Answer;
use super::request::{Protocol, Request};

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Calls come too fast, says the service in its own words.
    Throttled,
    /// Route 53 still works on an earlier change of the zone; any other service is throttled.
    Busy,
    /// The service fails: HTTP status 500.
    Failed(Moment),
    /// The connection ends without an answer.
    Dropped(Moment),
    /// No answer comes, and the connection stays.
    Hanging(Moment),
    /// The answer comes when the test says so (`Proxy::release`).
    Held,
    /// What the same call was answered last time; where there was none, an empty listing.
    Stale,
    /// An empty listing.
    Empty,
    /// What was found is shown as on its way: to being there, or to being gone.
    Pending,
    /// Pages of one thing.
    OneByOne,
    /// Something still depends on what is to go.
    InUse,
    /// The call is refused: code and message.
    Refused(&'static str, &'static str),
}

/// Whether the call has taken effect when it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

impl Fault {
    /// Whether the call is done all the same.
    pub(super) fn takes_effect(&self) -> bool {
        match self {
            Self::Failed(moment) | Self::Dropped(moment) | Self::Hanging(moment) => *moment == Moment::After,
            Self::Held | Self::Pending | Self::OneByOne => true,
            Self::Throttled | Self::Busy | Self::Stale | Self::Empty | Self::InUse | Self::Refused(..) => {
                false
            }
        }
    }
}

/// What a service says that fails.
pub(super) fn failed(request: &Request) -> Answer {
    let code = match request.protocol {
        Protocol::Ec2 | Protocol::S3 => "InternalError",
        Protocol::Query | Protocol::Json | Protocol::Cbor => "InternalFailure",
        Protocol::Rest => "ServiceUnavailable",
    };
    said(request, 500, code, "An internal error has occurred")
}

/// What a service says to a call that it does not do.
pub(super) fn refusal(request: &Request, fault: &Fault) -> Answer {
    match (fault, request.protocol) {
        (Fault::Busy, Protocol::Rest) => said(
            request,
            400,
            "PriorRequestNotComplete",
            "The request was rejected because Route 53 was still processing a prior request.",
        ),
        (Fault::Failed(_), _) => failed(request),
        (Fault::InUse, Protocol::Ec2) => {
            said(request, 400, "DependencyViolation", "The resource has dependencies and cannot be deleted.")
        }
        (Fault::InUse, _) => {
            said(request, 400, "ResourceInUse", "The resource is in use and cannot be deleted.")
        }
        (Fault::Refused(code, message), _) => said(request, 400, code, message),
        (_, Protocol::S3) => said(request, 503, "SlowDown", "Please reduce your request rate."),
        (_, Protocol::Ec2) => said(request, 503, "RequestLimitExceeded", "Request limit exceeded."),
        (_, Protocol::Query | Protocol::Rest) => said(request, 400, "Throttling", "Rate exceeded"),
        (_, Protocol::Json | Protocol::Cbor) => said(request, 400, "ThrottlingException", "Rate exceeded"),
    }
}

/// An error in the form of the call's protocol.
fn said(request: &Request, status: u16, code: &str, message: &str) -> Answer {
    const ID: &str = "request-of-a-fault";
    let id = format!("x-amzn-requestid: {ID}");
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let xml = "content-type: text/xml".to_owned();
    let (headers, body) = match request.protocol {
        Protocol::Ec2 => {
            let body = format!("<Response><Errors>{error}</Errors><RequestID>{ID}</RequestID></Response>");
            (vec![xml, id], body.into_bytes())
        }
        Protocol::Query | Protocol::Rest => {
            let body = format!("<ErrorResponse>{error}<RequestId>{ID}</RequestId></ErrorResponse>");
            (vec![xml, id], body.into_bytes())
        }
        Protocol::S3 => (vec![xml, id], error.into_bytes()),
        Protocol::Json => {
            let body = format!(r#"{{"__type": "{code}", "message": "{message}"}}"#);
            (vec!["content-type: application/x-amz-json-1.1".to_owned(), id], body.into_bytes())
        }
        Protocol::Cbor => {
            let query = format!("x-amzn-query-error: {code};Sender");
            let form = ["content-type: application/cbor", "smithy-protocol: rpc-v2-cbor"].map(str::to_owned);
            let mut body = vec![0xa2];
            for text in ["__type", code, "message", message] {
                text_in_cbor(text, &mut body);
            }
            (form.into_iter().chain([id, query]).collect(), body)
        }
    };
    Answer { status, headers, body }
}

/// A text of at most 255 bytes (RFC 8949, major type 3).
fn text_in_cbor(text: &str, into: &mut Vec<u8>) {
    into.extend([0x78, u8::try_from(text.len()).unwrap()]);
    into.extend(text.bytes());
}
