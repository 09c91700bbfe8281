//! An HTTP client that holds calls back as [`Paces`] says.

use std::sync::Arc;
use std::time::Instant;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use backon::{Sleeper as _, TokioSleeper};

use crate::pace::{Heard, Paces};

/// How services say that there are too many calls; each protocol has the code somewhere in its answer.
const CODES: [&str; 5] =
    ["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown", "PriorRequestNotComplete"];

/// A client whose calls keep to the paces of their services.
pub(crate) fn paced(inner: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Paced { inner, paces: Arc::default() })
}

#[derive(Debug)]
struct Paced {
    inner: SharedHttpClient,
    paces: Arc<Paces>,
}

impl HttpClient for Paced {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, paces: Arc::clone(&self.paces) })
    }
}

#[derive(Clone, Debug)]
struct Connector {
    inner: SharedHttpConnector,
    paces: Arc<Paces>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            let service = service(&request);
            let wait = connector.paces.wait(&service, Instant::now());
            if !wait.is_zero() {
                TokioSleeper.sleep(wait).await;
            }
            let sent = Instant::now();
            let mut response = connector.inner.call(request).await?;
            let heard = heard(&mut response).await?;
            connector.paces.note(&service, sent, Instant::now(), heard);
            Ok(response)
        })
    }
}

/// Region and service that a call is signed for.
fn service(request: &HttpRequest) -> String {
    let signed = request.headers().get("authorization").unwrap_or_default();
    let scope = signed.split("Credential=").nth(1).and_then(|rest| rest.split(',').next());
    scope.and_then(|scope| scope.splitn(3, '/').nth(2)).unwrap_or_default().to_owned()
}

/// What an answer says of the rate. One that is a refusal is read, and put back.
async fn heard(response: &mut HttpResponse) -> Result<Heard, ConnectorError> {
    if response.status().is_success() {
        return Ok(Heard::Taken);
    }
    let body = ByteStream::new(response.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let text = String::from_utf8_lossy(&body);
    let kind = response.headers().get("x-amzn-errortype").unwrap_or_default();
    let is_throttled = response.status().as_u16() == 429
        || CODES.iter().any(|code| text.contains(code) || kind.contains(code));
    *response.body_mut() = SdkBody::from(body);
    Ok(if is_throttled { Heard::Throttled } else { Heard::Taken })
}
