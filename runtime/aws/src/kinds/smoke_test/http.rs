//! A GET request like a load balancer's health check: directly to the instance, without following redirects.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use crate::http::{innermost, within};

/// Timeout of one request.
const LIMIT: Duration = Duration::from_secs(5);

/// Sends a GET request. `Ok` for a status from 200 to 399, otherwise a description of the failure.
pub(super) async fn probe(host: &str, port: u16, path: &str) -> Result<(), String> {
    let request = HttpRequest::get(format!("http://{host}:{port}{path}"));
    let request = request.map_err(|error| format!("`{path}` cannot be asked for: {error}"))?;
    let connector = Connector::builder().proxy_config(ProxyConfig::disabled()).build_http();
    let answer =
        within(LIMIT, async { connector.call(request).await.map_err(|error| innermost(&error)) }).await?;
    match answer.status().as_u16() {
        200..=399 => Ok(()),
        status => Err(format!("HTTP status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::probe;

    /// A server that gives one answer; its port, and in the end the line it was asked with.
    fn server(answer: &'static str) -> (u16, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            stream.write_all(answer.as_bytes()).unwrap();
            first
        });
        (port, asked)
    }

    async fn check(answer: &'static str, expected: Result<(), &str>) {
        let (port, asked) = server(answer);
        assert_eq!(probe("127.0.0.1", port, "/health?full=1").await, expected.map_err(ToOwned::to_owned));
        assert_eq!(asked.join().unwrap(), "GET /health?full=1 HTTP/1.1");
    }

    #[tokio::test]
    async fn a_status_from_200_to_399_is_well() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Ok(())).await;
        check("HTTP/1.1 204 No Content\r\n\r\n", Ok(())).await;
        check("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Err("HTTP status 404")).await;
        check("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", Err("HTTP status 503")).await;
    }

    #[tokio::test]
    async fn a_redirect_is_well_and_not_followed() {
        // Nothing listens on the port of the redirect.
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        check(answer, Ok(())).await;
    }

    #[tokio::test]
    async fn nobody_there_is_said_so() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let said = probe("127.0.0.1", port, "/").await.unwrap_err();
        assert!(said.contains("refused"), "{said}");
        let said = probe("127.0.0.1", port, "/a b").await.unwrap_err();
        assert!(said.starts_with("`/a b` cannot be asked for"), "{said}");
    }
}
