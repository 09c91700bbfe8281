//! HTTP without AWS.

use std::error::Error;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use backon::{Sleeper as _, TokioSleeper};
use futures::future::{self, Either};

/// Timeout of one document.
const LIMIT: Duration = Duration::from_secs(20);
/// The most bytes of one: as many as IAM takes of metadata.
const MOST: usize = 10_000_000;

/// The most bytes of a reason why something was not taken.
const SAID: usize = 2_000;

/// The text at an address, by way of the proxies of the environment. Redirects are not followed.
///
/// # Errors
/// Why there is none, for people: no answer, another status than 200, too long, or not text.
pub async fn fetch(url: &str) -> Result<String, String> {
    within(LIMIT, unlimited(url, MOST)).await
}

/// What a request comes to, or that there is no answer in time.
pub(crate) async fn within<T>(
    limit: Duration,
    request: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    match future::select(Box::pin(request), Box::pin(TokioSleeper.sleep(limit))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(format!("no answer in {} s", limit.as_secs())),
    }
}

/// Sends JSON to an address, by way of the proxies of the environment. Redirects are not followed.
///
/// # Errors
/// Why it was not taken, for people: no answer, or another status than 200 to 299, with the beginning of what came with it.
pub async fn post(url: &str, json: String, limit: Duration) -> Result<(), String> {
    within(limit, async {
        let mut request = HttpRequest::new(SdkBody::from(json));
        request.set_uri(url.to_owned()).map_err(|error| innermost(&error))?;
        request.set_method("POST").map_err(|error| innermost(&error))?;
        request.headers_mut().insert("content-type", "application/json");
        let answer = sent(request).await?;
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            return Ok(());
        }
        let said = read(answer, SAID).await.unwrap_or_default();
        let said = said.lines().next().unwrap_or_default();
        Err(if said.is_empty() {
            format!("HTTP status {status}")
        } else {
            format!("HTTP status {status}: {said}")
        })
    })
    .await
}

async fn sent(mut request: HttpRequest) -> Result<HttpResponse, String> {
    request.headers_mut().insert("user-agent", "asiaq");
    let connector = Connector::builder()
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build();
    connector.call(request).await.map_err(|error| innermost(&error))
}

async fn unlimited(url: &str, most: usize) -> Result<String, String> {
    let answer = sent(HttpRequest::get(url).map_err(|error| innermost(&error))?).await?;
    match answer.status().as_u16() {
        200 => {}
        status @ 300..=399 => {
            let to = answer.headers().get("location").map(|to| format!(" to `{to}`"));
            return Err(format!("HTTP status {status}, a redirect{}", to.unwrap_or_default()));
        }
        status => return Err(format!("HTTP status {status}")),
    }
    read(answer, most).await
}

/// The text of an answer.
async fn read(answer: HttpResponse, most: usize) -> Result<String, String> {
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| innermost(&error))?);
        if bytes.len() > most {
            return Err(format!("it is longer than {most} bytes"));
        }
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())
}

/// Message of the root cause of an error, such as `Connection refused`.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause: &&(dyn Error + 'static)| (*cause).source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// The address of a server that gives one answer, or none while the test runs.
    fn server(answer: Option<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                None => thread::park(),
            }
        });
        format!("http://{address}/metadata")
    }

    async fn fetched(answer: &'static str) -> Result<String, String> {
        within(LIMIT, unlimited(&server(Some(answer)), 8)).await
    }

    #[tokio::test]
    async fn a_document_is_read_up_to_its_limit() {
        assert_eq!(
            fetched("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678").await.unwrap(),
            "12345678"
        );
        let long = fetched("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789").await;
        assert_eq!(long.unwrap_err(), "it is longer than 8 bytes");
        let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n12345\r\n";
        assert_eq!(fetched(endless).await.unwrap_err(), "it is longer than 8 bytes");
    }

    #[tokio::test]
    async fn what_is_no_document_is_said_so() {
        let none = fetched("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
        assert_eq!(none.unwrap_err(), "HTTP status 404");
        let moved = fetched("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n").await;
        assert_eq!(moved.unwrap_err(), "HTTP status 302, a redirect to `/login`");
        let cut = fetched("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n123").await;
        assert!(cut.is_err(), "{cut:?}");
        let silent = within(Duration::from_millis(50), unlimited(&server(None), 8)).await;
        assert!(silent.unwrap_err().starts_with("no answer in"));
    }
}
