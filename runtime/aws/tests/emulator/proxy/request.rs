//! A call as HTTP has it, and what it asks of which service.

use std::borrow::Cow;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;

use super::{es, route53, s3};

/// Beginnings of the names of operations that change nothing.
const READS: [&str; 9] = ["Describe", "List", "Get", "Head", "BatchGet", "Query", "Scan", "Assume", "Lookup"];

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Forms in, XML out, as EC2 has it.
    Ec2,
    /// The same, as the older services have it.
    Query,
    /// The operation in a header, or in the path as OpenSearch Service has it; JSON in and out.
    Json,
    /// Smithy's RPC v2: the operation in the path, CBOR in and out.
    Cbor,
    /// Methods, paths and XML, as Route 53 has it.
    Rest,
    /// The same, as S3 has it.
    S3,
}

/// A call.
pub(super) struct Request {
    pub(super) bytes: Vec<u8>,
    pub(super) protocol: Protocol,
    pub(super) service: String,
    pub(super) region: String,
    pub(super) operation: String,
    /// Method and path.
    target: String,
    /// Where the body begins.
    body: usize,
}

impl Request {
    /// A whole request; nothing where the connection ends before.
    pub(super) fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            bytes.extend_from_slice(line.as_bytes());
            match line.trim().split_once(": ") {
                _ if line.trim().is_empty() => break,
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
                None => headers.push((String::new(), line.trim().to_owned())),
            }
        }
        let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let length = header("content-length").and_then(|value| value.parse().ok()).unwrap_or_default();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;

        // `Credential=KEY/DATE/REGION/SERVICE/aws4_request`
        let signature = header("authorization").map(String::as_str).unwrap_or_default();
        let (_, scope) = signature.split_once("Credential=").unwrap_or_default();
        let mut scope = scope.split('/').skip(2).map(str::to_owned);
        let (region, service) = (scope.next().unwrap_or_default(), scope.next().unwrap_or_default());

        let line = header("").cloned().unwrap_or_default();
        let target = line.rsplit_once(' ').map_or(line.as_str(), |(target, _)| target).to_owned();
        let (method, path) = target.split_once(' ').unwrap_or_default();
        let text = String::from_utf8_lossy(&body);
        let form = text.split('&').find_map(|field| field.strip_prefix("Action="));
        let (protocol, operation) = if let Some(action) = form {
            (if service == "ec2" { Protocol::Ec2 } else { Protocol::Query }, action.to_owned())
        } else if let Some(target) = header("x-amz-target") {
            (Protocol::Json, target.rsplit('.').next().unwrap_or_default().to_owned())
        } else if let Some((_, operation)) = path.split_once("/operation/") {
            (Protocol::Cbor, operation.to_owned())
        } else if service == "s3" {
            (Protocol::S3, s3::operation(method, path).unwrap_or(&target).to_owned())
        } else if service == "es" {
            (Protocol::Json, es::operation(method, path).unwrap_or(&target).to_owned())
        } else {
            (Protocol::Rest, route53::operation(method, path).unwrap_or(&target).to_owned())
        };
        let start = bytes.len();
        bytes.extend_from_slice(&body);
        Some(Self { bytes, protocol, service, region, operation, target, body: start })
    }

    /// The body.
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes.get(self.body..).unwrap_or_default())
    }

    /// Whether the call changes something.
    pub(super) fn is_write(&self) -> bool {
        !READS.iter().any(|start| self.operation.starts_with(start))
    }

    /// The call as it came, without the page that it asks for.
    pub(super) fn of_the_first_page(&self) -> Vec<u8> {
        let head = String::from_utf8_lossy(self.bytes.get(..self.body).unwrap_or_default());
        let text = self.text();
        let fields: Vec<&str> = text.split('&').filter(|field| !field.starts_with("NextToken=")).collect();
        let body = fields.join("&");
        let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("content-length:");
        let lines: Vec<&str> = head.lines().filter(is_kept).filter(|line| !line.is_empty()).collect();
        format!("{}\r\ncontent-length: {}\r\n\r\n{body}", lines.join("\r\n"), body.len()).into_bytes()
    }

    /// All that the call says, signatures left out.
    pub(super) fn whole(&self) -> String {
        format!("{} {} {} {}", self.region, self.operation, self.target, self.text())
    }
}
