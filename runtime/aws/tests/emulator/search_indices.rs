//! Indices of search domains are archived, groomed and restored, whatever happens to the requests.

use std::collections::BTreeMap;

use asiaq_runtime::{Archive, Archiving, CloudError, SnapshotState};

use crate::account::{Account, REGION};
use crate::search_server::{Fault, SearchServer};

const YESTERDAY: &str = "2026.06.05";
const INDICES: [(&str, &str); 6] = [
    ("logstash-2026.06.01", "green"),
    ("logstash-2026.06.02", "green"),
    ("logstash-2026.06.03", "red"),
    ("logstash-2026.06.04", "green"),
    ("logstash-2026.06.05", "green"),
    (".kibana", "green"),
];
const ARCHIVED: [&str; 3] = ["logstash-2026.06.01", "logstash-2026.06.02", "logstash-2026.06.04"];

fn archive() -> Archive {
    Archive {
        indices: "logstash".to_owned(),
        repository: "s3".to_owned(),
        bucket: "shop-archive".to_owned(),
        role: Some("arn:aws:iam::111111111111:role/snapshots".to_owned()),
        keep: 50.0,
        max_shards: None,
    }
}

/// One run of `archive`, as the command makes it: what becomes of the indices.
async fn archive_all(
    account: &Account,
    server: &SearchServer,
) -> Result<BTreeMap<String, Archiving>, CloudError> {
    let (archive, session) = (archive(), account.aws.search_session(REGION, &server.endpoint)?);
    let state = session.state(&archive).await?;
    let steps = archive.archiving(&state, YESTERDAY);
    if !state.has_repository {
        session.register(&archive).await?;
    }
    for (index, step) in &steps {
        let done = match step {
            Archiving::Take => session.archive(&archive, &index.name, false).await?,
            Archiving::Redo => session.archive(&archive, &index.name, true).await?,
            Archiving::Wait => session.finished(&archive, &index.name).await?,
            Archiving::Exists | Archiving::Skip => SnapshotState::Success,
        };
        assert_eq!(done, SnapshotState::Success, "{}", index.name);
    }
    Ok(steps.into_iter().map(|(index, step)| (index.name, step)).collect())
}

/// The snapshots of a server, all of which are whole.
fn whole(server: &SearchServer) -> Vec<String> {
    let cluster = server.cluster.lock().unwrap();
    let snapshots = cluster.snapshots.clone().unwrap_or_default();
    assert!(snapshots.values().all(|state| *state == "SUCCESS"), "{snapshots:?}");
    snapshots.into_keys().collect()
}

#[tokio::test]
async fn green_indices_of_the_past_are_archived_once() {
    let account = Account::replayed("http://127.0.0.1:1");
    let server = SearchServer::start(&INDICES);
    let first = archive_all(&account, &server).await.unwrap();
    assert_eq!(first["logstash-2026.06.03"], Archiving::Skip);
    assert_eq!(first.len(), 4, "yesterday's is left alone");
    assert_eq!(whole(&server), ARCHIVED);
    let settings = server.cluster.lock().unwrap().repository.clone();
    assert_eq!(settings["settings"]["bucket"], "shop-archive");
    assert_eq!(settings["settings"]["role_arn"], "arn:aws:iam::111111111111:role/snapshots");
    let writes = server.writes().len();
    assert_eq!(writes, 4, "the repository, and three snapshots");
    let second = archive_all(&account, &server).await.unwrap();
    assert_eq!(second["logstash-2026.06.01"], Archiving::Exists);
    assert_eq!(server.writes().len(), writes);
    let cluster = server.cluster.lock().unwrap();
    for (line, signature) in &cluster.heard {
        assert!(signature.contains("/us-west-2/es/aws4_request"), "{line}: {signature}");
    }
}

#[tokio::test]
async fn archiving_survives_a_fault_at_every_request() {
    let account = Account::replayed("http://127.0.0.1:1");
    let server = SearchServer::start(&INDICES);
    archive_all(&account, &server).await.unwrap();
    let requests = server.cluster.lock().unwrap().heard.len();
    assert!(requests > 8, "{requests}");
    for number in 1..=requests {
        for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Status(503), Fault::Status(429)] {
            let server = SearchServer::start(&INDICES);
            server.cluster.lock().unwrap().faults.insert(number, fault);
            archive_all(&account, &server).await.unwrap();
            assert_eq!(whole(&server), ARCHIVED, "{fault:?} at request {number}");
        }
    }
}

#[tokio::test]
async fn archiving_goes_on_where_a_run_ended() {
    let account = Account::replayed("http://127.0.0.1:1");
    let server = SearchServer::start(&INDICES);
    archive_all(&account, &server).await.unwrap();
    let requests = server.cluster.lock().unwrap().heard.len();
    for number in 1..=requests {
        let server = SearchServer::start(&INDICES);
        server.cluster.lock().unwrap().ends_at = Some(number);
        archive_all(&account, &server).await.unwrap_err();
        server.cluster.lock().unwrap().ends_at = None;
        archive_all(&account, &server).await.unwrap();
        assert_eq!(whole(&server), ARCHIVED, "ended at request {number}");
    }
}

#[tokio::test]
async fn a_broken_snapshot_is_deleted_and_taken_again() {
    let account = Account::replayed("http://127.0.0.1:1");
    let server = SearchServer::start(&INDICES[..1]);
    server.cluster.lock().unwrap().breaks.insert(INDICES[0].0.to_owned());
    let (archive, name) = (archive(), INDICES[0].0);
    let session = account.aws.search_session(REGION, &server.endpoint).unwrap();
    session.register(&archive).await.unwrap();
    assert_eq!(session.archive(&archive, name, false).await.unwrap(), SnapshotState::Failed);
    assert_eq!(whole(&server), Vec::<String>::new(), "a broken one is not kept");
    server.cluster.lock().unwrap().breaks.clear();
    server.cluster.lock().unwrap().snapshots.as_mut().unwrap().insert(name.to_owned(), "FAILED");
    let steps = archive_all(&account, &server).await.unwrap();
    assert_eq!(steps[name], Archiving::Redo);
    assert_eq!(whole(&server), [name]);
}

#[tokio::test]
async fn grooming_and_restoring_survive_a_fault_at_every_request() {
    let account = Account::replayed("http://127.0.0.1:1");
    let archive = archive();
    // The requests of a run after the archive is there: three looks, two deletions, and two restores with their looks.
    for number in 1..=14 {
        for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Status(503)] {
            let server = SearchServer::start(&INDICES);
            archive_all(&account, &server).await.unwrap();
            {
                let mut cluster = server.cluster.lock().unwrap();
                cluster.heard.clear();
                cluster.faults.insert(number, fault);
            }
            let session = account.aws.search_session(REGION, &server.endpoint).unwrap();
            let state = session.state(&archive).await.unwrap();
            // 1800 of 2000 bytes are used, and 1000 may be.
            let grooming = archive.grooming(&state);
            assert_eq!((grooming.bytes, grooming.indices.len(), grooming.is_enough), (800, 3, true));
            for index in &grooming.indices {
                session.delete_index(&index.name).await.unwrap();
            }
            let state = session.state(&archive).await.unwrap();
            let restoring = archive.restoring(&state, "2026.06.02", "2026.06.04");
            assert_eq!(restoring.indices, &ARCHIVED[1..]);
            for index in &restoring.indices {
                session.restore(&archive, index).await.unwrap();
            }
            let cluster = server.cluster.lock().unwrap();
            let mut left: Vec<&str> = cluster.indices.keys().map(String::as_str).collect();
            left.sort_unstable();
            let expected =
                [".kibana", ARCHIVED[1], "logstash-2026.06.03", ARCHIVED[2], "logstash-2026.06.05"];
            assert_eq!(left, expected, "{fault:?} at request {number}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_what_the_domain_said() {
    let account = Account::replayed("http://127.0.0.1:1");
    let server = SearchServer::start(&INDICES);
    server.cluster.lock().unwrap().faults.insert(1, Fault::Status(403));
    let session = account.aws.search_session(REGION, &server.endpoint).unwrap();
    let refused = session.state(&archive()).await.unwrap_err();
    assert_eq!((refused.fault, refused.message.as_str()), (asiaq_runtime::Fault::Denied, "try again"));
    assert_eq!(refused.operation, "GET /_cat/indices");
}
