//! A server on loopback that speaks the snapshot API of OpenSearch, as its documentation describes it ("Take and restore
//! snapshots", "CAT indices", "Cluster health", "Cluster stats"). Needs nothing but the standard library and JSON.

#![allow(dead_code, reason = "each binary that includes this needs a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A cluster.
#[derive(Default)]
pub(crate) struct Cluster {
    /// Health of its indices, by name.
    pub(crate) indices: BTreeMap<String, &'static str>,
    /// States of its snapshots, by name; none where the repository is not registered.
    pub(crate) snapshots: Option<BTreeMap<String, &'static str>>,
    /// Settings of the repository.
    pub(crate) repository: Value,
    /// What it does to the requests with these numbers, the first of which is 1.
    pub(crate) faults: BTreeMap<usize, Fault>,
    /// Whether it answers nothing from this request on.
    pub(crate) ends_at: Option<usize>,
    /// Indices whose snapshots fail.
    pub(crate) breaks: BTreeSet<String>,
    /// Method, path and signature of each request.
    pub(crate) heard: Vec<(String, String)>,
    /// Indices that come back at the second look.
    restored: BTreeSet<String>,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection ends before the request has an effect.
    LostBefore,
    /// The connection ends after it.
    LostAfter,
    /// The domain answers this status.
    Status(u16),
}

/// A server with a cluster.
#[derive(Clone)]
pub(crate) struct SearchServer {
    pub(crate) cluster: Arc<Mutex<Cluster>>,
    /// Host and port.
    pub(crate) endpoint: String,
}

/// Bytes of an index.
const SIZE: u64 = 300;

impl SearchServer {
    pub(crate) fn start(indices: &[(&str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let indices = indices.iter().map(|(name, health)| ((*name).to_owned(), *health)).collect();
        let cluster = Arc::new(Mutex::new(Cluster { indices, ..Cluster::default() }));
        let served = Arc::clone(&cluster);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let cluster = Arc::clone(&served);
                thread::spawn(move || while answer(&stream, &cluster).is_some() {});
            }
        });
        Self { cluster, endpoint }
    }

    /// Methods and paths of the requests that change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let cluster = self.cluster.lock().unwrap();
        let lines = cluster.heard.iter().map(|(line, _)| line.clone());
        lines.filter(|line| !line.starts_with("GET ")).collect()
    }
}

/// Answers one request; nothing where the connection ends.
fn answer(stream: &TcpStream, cluster: &Mutex<Cluster>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let (mut length, mut signature) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => value.clone_into(&mut signature),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let mut cluster = cluster.lock().unwrap();
    cluster.heard.push((format!("{method} {}", path.split('?').next()?), signature));
    let number = cluster.heard.len();
    if cluster.ends_at.is_some_and(|end| number >= end) {
        return None;
    }
    let fault = cluster.faults.remove(&number);
    if fault == Some(Fault::LostBefore) {
        return None;
    }
    let (status, said) = match fault {
        Some(Fault::Status(status)) => (status, json!({ "message": "try again" })),
        _ => cluster.act(method, path.split('?').next()?, &serde_json::from_slice(&body).unwrap_or_default()),
    };
    if fault == Some(Fault::LostAfter) {
        return None;
    }
    let said = said.to_string();
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        said.len()
    );
    let mut writer = stream;
    writer.write_all(format!("{head}{said}").as_bytes()).ok()
}

fn refused(status: u16, code: &str, reason: &str) -> (u16, Value) {
    (status, json!({ "error": { "type": code, "reason": reason }, "status": status }))
}

impl Cluster {
    fn act(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let done = (200, json!({ "acknowledged": true }));
        match (method, parts.as_slice()) {
            ("GET", ["_cat", "indices"]) => {
                let size = SIZE.to_string();
                let row = |(name, health): (&String, &&str)| json!({ "index": name, "health": health, "pri": "5", "rep": "1", "store.size": size });
                (200, self.indices.iter().map(row).collect())
            }
            ("GET", ["_cluster", "stats"]) => {
                let used = SIZE * u64::try_from(self.indices.len()).unwrap();
                let fs =
                    json!({ "total_in_bytes": 2000, "available_in_bytes": 2000_u64.saturating_sub(used) });
                (200, json!({ "nodes": { "fs": fs } }))
            }
            ("GET", ["_cluster", "health", index]) => match self.indices.get(*index) {
                Some(health) if !self.restored.remove(*index) => (200, json!({ "status": health })),
                _ => (408, json!({ "status": "red", "timed_out": true })),
            },
            ("PUT", ["_snapshot", _]) => {
                self.repository = body.clone();
                self.snapshots.get_or_insert_default();
                done
            }
            ("DELETE", [index]) => match self.indices.remove(*index) {
                Some(_) => done,
                None => refused(404, "index_not_found_exception", "no such index"),
            },
            (_, ["_snapshot", _, rest @ ..]) => {
                let Some(mut snapshots) = self.snapshots.take() else {
                    return refused(404, "repository_missing_exception", "[s3] missing");
                };
                let answer = self.snapshot(method, rest, &mut snapshots);
                self.snapshots = Some(snapshots);
                answer
            }
            _ => refused(400, "illegal_argument_exception", &format!("{method} {path}")),
        }
    }

    fn snapshot(
        &mut self,
        method: &str,
        rest: &[&str],
        snapshots: &mut BTreeMap<String, &'static str>,
    ) -> (u16, Value) {
        let shown = |(name, state): (&String, &&str)| json!({ "snapshot": name, "state": state });
        match (method, rest) {
            ("GET", ["_all"]) => {
                (200, json!({ "snapshots": snapshots.iter().map(shown).collect::<Vec<_>>() }))
            }
            ("GET", [name]) => {
                let Some(state) = snapshots.get_mut(*name) else {
                    return refused(404, "snapshot_missing_exception", "missing");
                };
                let answer = json!({ "snapshots": [{ "snapshot": name, "state": *state }] });
                // It is done at the next look.
                if *state == "IN_PROGRESS" {
                    *state = if self.breaks.contains(*name) { "PARTIAL" } else { "SUCCESS" };
                }
                (200, answer)
            }
            ("PUT", [name]) if snapshots.contains_key(*name) => refused(
                400,
                "invalid_snapshot_name_exception",
                "Invalid snapshot name, snapshot with the same name already exists",
            ),
            ("PUT", [_]) if snapshots.values().any(|state| *state == "IN_PROGRESS") => {
                refused(503, "concurrent_snapshot_execution_exception", "a snapshot is already running")
            }
            ("PUT", [name]) => {
                snapshots.insert((*name).to_owned(), "IN_PROGRESS");
                (200, json!({ "accepted": true }))
            }
            ("DELETE", [name]) => match snapshots.remove(*name) {
                Some(_) => (200, json!({ "acknowledged": true })),
                None => refused(404, "snapshot_missing_exception", "missing"),
            },
            ("POST", [name, "_restore"]) if self.indices.contains_key(*name) => refused(
                500,
                "snapshot_restore_exception",
                "cannot restore index because an open index with same name already exists in the cluster",
            ),
            ("POST", [name, "_restore"]) => {
                self.indices.insert((*name).to_owned(), "yellow");
                self.restored.insert((*name).to_owned());
                (200, json!({ "accepted": true }))
            }
            _ => refused(400, "illegal_argument_exception", &format!("{method} {rest:?}")),
        }
    }
}
