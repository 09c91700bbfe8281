//! Requests to the endpoint of a search domain: its indices, and their snapshots in a bucket ("Creating index snapshots in
//! Amazon OpenSearch Service" of the developer guide, and "Snapshot APIs" of OpenSearch's documentation). They are signed for
//! the domain, and go to nothing but its own endpoint.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use asiaq_ir::{ADDRESS_TAG, Address, PROJECT_TAG};
use asiaq_runtime::{
    Archive, CloudError, Fault, Result, SearchIndex, SearchSnapshot, SearchSpace, SearchState, SnapshotState,
};
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Value, json};

use crate::config::Aws;
use crate::http::{innermost, within};
use crate::kinds::search_domain::{self, LiveSearch};
use crate::operation::{Operation, ops};
use crate::region::Region;

ops! { es:
    GET = "ESHttpGet", Read;
    PUT = "ESHttpPut", Write;
    POST = "ESHttpPost", Write;
    DELETE = "ESHttpDelete", Write;
}

/// The operations of kinds that the commands call too.
pub(crate) const MORE: &[Operation] = &[search_domain::DESCRIBE_DOMAINS, search_domain::LIST_TAGS];

/// The name of the service in signatures.
const SERVICE: &str = "es";
/// The longest that one request may take.
const LIMIT: Duration = Duration::from_mins(5);
/// Times that a request is sent. All of them can be repeated.
const TRIES: usize = 6;
/// Statuses that a later try may not get.
const FLEETING: [u16; 5] = [429, 500, 502, 503, 504];
/// The longest answer that is read.
const MOST: usize = 100_000_000;

/// The way to the endpoint of a search domain.
pub struct SearchSession<'a> {
    region: Region<'a>,
    /// Scheme and host.
    base: String,
    credentials: SharedCredentialsProvider,
    connector: SharedHttpConnector,
}

/// What a domain answers.
struct Answer {
    status: u16,
    body: Value,
}

impl Aws {
    /// The search domain with a name in AWS; none where there is no such domain, or where it is not that of the address.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn search(
        &self,
        region: &str,
        name: &str,
        project: &str,
        address: &Address,
    ) -> Result<Option<LiveSearch>> {
        let region = self.region(region);
        let Some((domain, tags)) = search_domain::named(&region, name).await? else { return Ok(None) };
        let is_own = tags.get(PROJECT_TAG).map(String::as_str) == Some(project)
            && tags.get(ADDRESS_TAG).map(String::as_str) == Some(address.as_str());
        Ok(is_own.then_some(domain))
    }

    /// The way to a search domain.
    ///
    /// # Errors
    /// If there are no credentials.
    pub fn search_session<'a>(&'a self, region: &'a str, endpoint: &str) -> Result<SearchSession<'a>> {
        let region = self.region(region);
        let credentials = self.regions().sdk().credentials_provider();
        let credentials =
            credentials.ok_or_else(|| failure("sign", Fault::Denied, "there are no credentials"))?;
        let host = endpoint.split(':').next().unwrap_or(endpoint);
        // No domain has such an address.
        let is_local = host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let scheme = if is_local { "http" } else { "https" };
        let connector = Connector::builder()
            .proxy_config(if is_local { ProxyConfig::disabled() } else { ProxyConfig::from_env() })
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        Ok(SearchSession {
            region,
            base: format!("{scheme}://{endpoint}"),
            credentials,
            connector: SharedHttpConnector::new(connector),
        })
    }
}

impl std::fmt::Debug for SearchSession<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchSession").field("base", &self.base).finish_non_exhaustive()
    }
}

impl SearchSession<'_> {
    /// The indices, snapshots and space of the domain. Changes nothing.
    ///
    /// # Errors
    /// The first request that fails.
    pub async fn state(&self, archive: &Archive) -> Result<SearchState> {
        let columns =
            "/_cat/indices?format=json&bytes=b&expand_wildcards=open&h=index,health,pri,rep,store.size";
        let indices = self.get(columns).await?;
        let indices = indices.body.as_array().into_iter().flatten().filter_map(index).collect();
        let stats = self.get("/_cluster/stats").await?;
        let disks = stats.body.get("nodes").and_then(|nodes| nodes.get("fs")).cloned().unwrap_or_default();
        let bytes = |name: &str| disks.get(name).and_then(Value::as_u64);
        // Nothing is known of the space of a cluster that reports none.
        let total = bytes("total_in_bytes").unwrap_or_default();
        let free = bytes("available_in_bytes").or_else(|| bytes("free_in_bytes")).unwrap_or(total);
        let snapshots = self.snapshots(archive).await?;
        Ok(SearchState {
            indices,
            has_repository: snapshots.is_some(),
            snapshots: snapshots.unwrap_or_default(),
            space: SearchSpace { total, free },
        })
    }

    /// Registers the repository. One that is there gets the same settings.
    ///
    /// # Errors
    /// If the domain refuses it, such as for a role that it may not take.
    pub async fn register(&self, archive: &Archive) -> Result<()> {
        let mut settings = json!({ "bucket": archive.bucket, "region": self.region.name });
        if let (Some(role), Some(settings)) = (&archive.role, settings.as_object_mut()) {
            settings.insert("role_arn".to_owned(), role.as_str().into());
        }
        let body = json!({ "type": "s3", "settings": settings });
        let path = format!("/_snapshot/{}", escaped(&archive.repository));
        self.send("PUT", &path, Some(&body), &[]).await.map(drop)
    }

    /// Takes a snapshot of an index and waits for it. A broken one is deleted before, and afterwards. A snapshot that is
    /// there already, or on its way, is waited for.
    ///
    /// # Errors
    /// If a request fails, or if the snapshot is not done in time.
    pub async fn archive(&self, archive: &Archive, index: &str, is_broken: bool) -> Result<SnapshotState> {
        if is_broken {
            self.delete_snapshot(archive, index).await?;
        }
        let path = snapshot_path(archive, index);
        let body = json!({ "indices": index, "include_global_state": false });
        let taken = || async {
            match self.send("PUT", &format!("{path}?wait_for_completion=false"), Some(&body), &[]).await {
                Ok(_) => Ok(Some(())),
                // An earlier request was answered late, or never.
                Err(error)
                    if error.message.contains("already exists") || error.code.contains("already_exists") =>
                {
                    Ok(Some(()))
                }
                // The domain takes one at a time, also of its own.
                Err(error) if error.code.contains("concurrent_snapshot") => Ok(None),
                Err(error) => Err(error),
            }
        };
        let limit = self.region.timeouts().slow;
        self.region.poll("PUT _snapshot", "another snapshot is being taken", limit, taken).await?;
        let state = self.finished(archive, index).await?;
        if state == SnapshotState::Failed {
            self.delete_snapshot(archive, index).await?;
        }
        Ok(state)
    }

    /// Waits until a snapshot is whole or broken.
    ///
    /// # Errors
    /// If a request fails, or if it is not done in time.
    pub async fn finished(&self, archive: &Archive, index: &str) -> Result<SnapshotState> {
        let path = snapshot_path(archive, index);
        let look = || async {
            let answer = self.send("GET", &path, None, &[404]).await?;
            let states = snapshots(&answer.body);
            let state = states.iter().find(|snapshot| snapshot.name == index).map(|snapshot| snapshot.state);
            Ok(match state {
                // It was just begun, or somebody has deleted it.
                None if answer.status == 404 => Some(SnapshotState::Failed),
                None | Some(SnapshotState::InProgress) => None,
                done => done,
            })
        };
        let limit = self.region.timeouts().slow;
        self.region
            .poll("GET _snapshot", &format!("the snapshot of `{index}` is not done"), limit, look)
            .await
    }

    /// Deletes an index. That it is gone is no error.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn delete_index(&self, index: &str) -> Result<()> {
        self.send("DELETE", &format!("/{}", escaped(index)), None, &[404]).await.map(drop)
    }

    /// Restores an index from its snapshot and waits until it can be read.
    ///
    /// # Errors
    /// If a request fails, or if it cannot be read in time.
    pub async fn restore(&self, archive: &Archive, index: &str) -> Result<()> {
        let path = format!("{}/_restore", snapshot_path(archive, index));
        let body = json!({ "indices": index, "include_global_state": false });
        match self.send("POST", &path, Some(&body), &[]).await {
            Ok(_) => {}
            // An earlier request was answered late, or never: the index is on its way.
            Err(error) if error.message.contains("open index with same name already exists") => {}
            Err(error) => return Err(error),
        }
        let health = format!("/_cluster/health/{}", escaped(index));
        let look = || async {
            let answer = self.send("GET", &health, None, &[408]).await?;
            let status = answer.body.get("status").and_then(Value::as_str).unwrap_or_default();
            Ok(matches!(status, "green" | "yellow").then_some(()))
        };
        let limit = self.region.timeouts().slow;
        self.region.poll("GET _cluster/health", &format!("`{index}` is not restored"), limit, look).await
    }

    /// The snapshots in the repository; none where it is not registered.
    async fn snapshots(&self, archive: &Archive) -> Result<Option<Vec<SearchSnapshot>>> {
        let path = format!("/_snapshot/{}/_all", escaped(&archive.repository));
        let answer = self.send("GET", &path, None, &[404]).await?;
        Ok((answer.status != 404).then(|| snapshots(&answer.body)))
    }

    async fn delete_snapshot(&self, archive: &Archive, index: &str) -> Result<()> {
        let path = snapshot_path(archive, index);
        self.send("DELETE", &path, None, &[404]).await.map(drop)
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, None, &[]).await
    }

    /// Sends a request, again where there is no answer or one that a later try may not get. Statuses in `fine` are no
    /// errors.
    async fn send(&self, method: &str, path: &str, body: Option<&Value>, fine: &[u16]) -> Result<Answer> {
        let mut wait = self.region.wait(LIMIT);
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.once(method, path, body).await {
                Ok(answer) if answer.status < 300 || fine.contains(&answer.status) => return Ok(answer),
                Ok(answer) => {
                    let refused = refused(method, path, &answer);
                    // A snapshot that waits for another one is no failure of the request.
                    let is_own = refused.code.contains("concurrent_snapshot");
                    // An error of the domain itself: it has refused the request.
                    let is_final = answer.status == 500 && answer.body.get("error").is_some();
                    if is_own || is_final || !FLEETING.contains(&answer.status) {
                        return Err(refused);
                    }
                    refused
                }
                Err(error) if error.fault == Fault::Denied => return Err(error),
                Err(error) => error,
            };
            if tries == TRIES || !wait.pause(&format!("no answer to {method} {path}")).await {
                return Err(failed);
            }
        }
    }

    /// Signs a request and sends it.
    async fn once(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let operation = format!("{method} {}", path.split('?').next().unwrap_or(path));
        let unreachable = |why: String| failure(&operation, Fault::Unreachable, &why);
        let text = body.map(Value::to_string).unwrap_or_default();
        let mut request = HttpRequest::new(SdkBody::from(text.clone()));
        let uri = format!("{}{path}", self.base);
        request.set_uri(uri.as_str()).map_err(|error| unreachable(innermost(&error)))?;
        request.set_method(method).map_err(|error| unreachable(innermost(&error)))?;
        let host = self.base.split_once("://").map_or("", |(_, host)| host);
        request.headers_mut().insert("host", host.to_owned());
        request.headers_mut().insert("user-agent", "asiaq");
        if body.is_some() {
            request.headers_mut().insert("content-type", "application/json");
        }
        self.sign(&mut request, &operation, &uri, text.as_bytes()).await?;
        let answer = within(LIMIT, async {
            let answer = self.connector.call(request).await.map_err(|error| innermost(&error))?;
            let status = answer.status().as_u16();
            let mut body = ByteStream::new(answer.into_body());
            let mut bytes = Vec::new();
            while let Some(piece) = body.next().await {
                bytes.extend_from_slice(&piece.map_err(|error| innermost(&error))?);
                if bytes.len() > MOST {
                    return Err(format!("the answer is longer than {MOST} bytes"));
                }
            }
            Ok((status, bytes))
        });
        let (status, bytes) = answer.await.map_err(unreachable)?;
        let body = serde_json::from_slice(&bytes);
        let body = match body {
            Ok(body) => body,
            // Errors of the service in front of the domain are text.
            Err(_) if status >= 300 => Value::String(String::from_utf8_lossy(&bytes).trim().to_owned()),
            Err(_) => return Err(failure(&operation, Fault::Unreadable, "the answer is not JSON")),
        };
        Ok(Answer { status, body })
    }

    /// Adds the headers of Signature Version 4.
    async fn sign(&self, request: &mut HttpRequest, operation: &str, uri: &str, body: &[u8]) -> Result<()> {
        let denied = |why: String| failure(operation, Fault::Denied, &why);
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials.map_err(|error| denied(innermost(&error)))?.into();
        let settings = SigningSettings::default();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region.name)
            .name(SERVICE)
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|error| denied(innermost(&error)))?;
        let signed = {
            let headers =
                request.headers().iter().filter(|(name, _)| *name == "host" || *name == "content-type");
            let signable = SignableRequest::new(request.method(), uri, headers, SignableBody::Bytes(body));
            let signable = signable.map_err(|error| denied(innermost(&error)))?;
            let (signed, _) =
                sign(signable, &params.into()).map_err(|error| denied(innermost(&error)))?.into_parts();
            let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
            headers.collect::<Vec<_>>()
        };
        for (name, value) in signed {
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}

/// The path of the snapshot of an index.
fn snapshot_path(archive: &Archive, index: &str) -> String {
    format!("/_snapshot/{}/{}", escaped(&archive.repository), escaped(index))
}

/// An index in the answer of `_cat/indices`, whose numbers are texts.
fn index(row: &Value) -> Option<SearchIndex> {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let number = |name: &str| text(name).and_then(|text| text.parse::<u64>().ok());
    Some(SearchIndex {
        name: text("index")?.to_owned(),
        health: text("health").unwrap_or("red").to_owned(),
        shards: number("pri").unwrap_or_default() * (number("rep").unwrap_or_default() + 1),
        bytes: number("store.size").unwrap_or_default(),
    })
}

/// The snapshots in an answer of `_snapshot`.
fn snapshots(body: &Value) -> Vec<SearchSnapshot> {
    let listed = body.get("snapshots").and_then(Value::as_array).into_iter().flatten();
    let read = |snapshot: &Value| {
        let state = match snapshot.get("state").and_then(Value::as_str)? {
            "SUCCESS" => SnapshotState::Success,
            "IN_PROGRESS" | "STARTED" => SnapshotState::InProgress,
            _ => SnapshotState::Failed,
        };
        Some(SearchSnapshot { name: snapshot.get("snapshot").and_then(Value::as_str)?.to_owned(), state })
    };
    listed.filter_map(read).collect()
}

/// The error in an answer.
fn refused(method: &str, path: &str, answer: &Answer) -> CloudError {
    let operation = format!("{method} {}", path.split('?').next().unwrap_or(path));
    let error = answer.body.get("error");
    let text = |of: Option<&Value>, name: &str| {
        of.and_then(|of| of.get(name)).and_then(Value::as_str).map(str::to_owned)
    };
    let code = text(error, "type").unwrap_or_else(|| format!("HTTP status {}", answer.status));
    let message = text(error, "reason").or_else(|| text(Some(&answer.body), "message"));
    let message = message
        .or_else(|| text(Some(&answer.body), "Message"))
        .or_else(|| answer.body.as_str().map(str::to_owned));
    let fault = if matches!(answer.status, 401 | 403) { Fault::Denied } else { Fault::Refused };
    CloudError {
        operation,
        fault,
        message: message.unwrap_or_else(|| format!("HTTP status {}", answer.status)),
        code,
        request: None,
    }
}

fn failure(operation: &str, fault: Fault, message: &str) -> CloudError {
    CloudError {
        operation: operation.to_owned(),
        fault,
        code: String::new(),
        message: message.to_owned(),
        request: None,
    }
}

/// A name as a part of a path.
fn escaped(name: &str) -> String {
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
