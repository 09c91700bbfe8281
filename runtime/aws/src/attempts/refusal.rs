//! The error code in an answer, in the form of each protocol that AWS speaks: the SDK reads it only into the
//! error type of the one operation.

use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// The code, such as `VpcLimitExceeded`; nothing where the answer has none.
pub(crate) fn code(response: &HttpResponse) -> Option<String> {
    let headers = response.headers();
    // `x-amzn-query-error` is `CODE;Sender` or `CODE;Receiver`. `x-amzn-errortype` is `CODE` or `CODE:URL`.
    let said = headers.get("x-amzn-query-error").or_else(|| headers.get("x-amzn-errortype"));
    let code = match said {
        Some(said) => said.split([';', ':']).next().unwrap_or_default().to_owned(),
        None => in_body(response.body().bytes()?)?,
    };
    // The code may have the prefix of its model's namespace.
    code.rsplit('#').next().map(str::trim).filter(|code| !code.is_empty()).map(ToOwned::to_owned)
}

/// Whether an error response reports throttling.
pub(crate) fn is_throttled(response: &HttpResponse) -> bool {
    response.status().as_u16() == 429
        || code(response).is_some_and(|code| THROTTLING_ERRORS.contains(&code.as_str()))
}

fn in_body(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    if let Some((_, rest)) = text.split_once("<Code>") {
        return rest.split_once("</Code>").map(|(code, _)| code.to_owned());
    }
    let at = body.windows(KEY.len()).position(|window| window == KEY)?;
    let value = body.get(at + KEY.len()..)?;
    match value {
        // JSON: the key ends with its quote, and the value begins with one.
        [b'"', ..] => text.split_once("__type\"")?.1.split('"').nth(1).map(ToOwned::to_owned),
        // CBOR: a text whose length is in its first byte, or in the one after that (RFC 8949, section 3).
        [head @ 0x60..=0x77, rest @ ..] => cbor(rest, usize::from(head - 0x60)),
        [0x78, length, rest @ ..] => cbor(rest, usize::from(*length)),
        _ => None,
    }
}

const KEY: &[u8] = b"__type";

fn cbor(text: &[u8], length: usize) -> Option<String> {
    std::str::from_utf8(text.get(..length)?).ok().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_says_its_code_in_its_own_way() {
        let says = |body: &[u8]| in_body(body);
        assert_eq!(
            says(b"<Response><Errors><Error><Code>VpcLimitExceeded</Code></Error></Errors></Response>"),
            Some("VpcLimitExceeded".to_owned())
        );
        assert_eq!(
            says(br#"{"__type": "ThrottlingException", "message": "slow"}"#),
            Some("ThrottlingException".to_owned())
        );
        assert_eq!(says(b"\xbf\x66__type\x6aThrottling\xff"), Some("Throttling".to_owned()));
        let long = [b"\xbf\x66__type\x78\x1b".as_slice(), b"aws.example#LimitExceeded00", b"\xff"].concat();
        assert_eq!(says(&long), Some("aws.example#LimitExceeded00".to_owned()));
        for silent in [&b""[..], b"<html>502</html>", b"{}", b"\xbf\x66__type\x78\xff", b"__type"] {
            assert_eq!(says(silent), None);
        }
    }
}
