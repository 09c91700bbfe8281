//! What the AWS adapter refuses by itself, during an apply, is refused or replaced by the plan before: the two lists
//! are compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use asiaq_ir::{Change, Kind};

/// Why an apply never comes to a refusal of the adapter that the plan could have known of.
#[derive(Debug)]
enum Before {
    /// The plan replaces the resource where one of these fields changes.
    Replaced(Kind, &'static [&'static str]),
    /// The plan replaces the resource where this set becomes empty, or is no longer empty.
    Emptied(Kind, &'static str),
    /// `check` or the lowering for the account reports this diagnostic.
    Diagnosed(&'static str),
    /// The plan asks the adapter, by `Cloud::refusal`.
    Planned(Kind),
    /// Only an answer of AWS tells it at that moment, or what others do after the plan.
    Answered,
    /// No program leads to it.
    Impossible,
}
use Before::{Answered, Diagnosed, Emptied, Impossible, Planned, Replaced};

/// The refusals, by file below `runtime/aws/src` and a part of their words or arguments.
const REFUSALS: &[(&str, &str, Before)] = &[
    ("bakes.rs", "was terminated", Answered),
    ("bakes.rs", "is gone", Answered),
    ("caches.rs", "the snapshot `{name}` failed", Answered),
    ("credentials.rs", "nobody knows where", Impossible),
    ("credentials.rs", "is no text", Answered),
    ("credentials.rs", "is empty", Answered),
    ("deploys.rs", "there is no Auto Scaling group", Answered),
    ("deploys.rs", "refused(what)", Answered),
    ("error.rs", "the answer has no", Answered),
    ("error.rs", "error.to_string()", Impossible),
    ("error.rs", "self.name, message", Impossible),
    ("error.rs", "refused(message) }", Answered),
    ("fleet.rs", "there is no autoscaling group", Answered),
    ("fleet.rs", "is not this project's", Answered),
    ("kinds.rs", "of one kind cannot become one of another", Impossible),
    ("kinds/adapter.rs", "AWS cannot change this in place", Replaced(Kind::Subnet, &["vpc", "cidr", "zone"])),
    ("kinds/autoscaling_group.rs", "has to be a time", Impossible),
    ("kinds/autoscaling_group/policies.rs", "is no number", Impossible),
    ("kinds/bucket/lifecycle.rs", "error.to_string()", Impossible),
    ("kinds/bucket/place.rs", "another account has a bucket", Planned(Kind::Bucket)),
    ("kinds/bucket/place.rs", "the account has a bucket", Planned(Kind::Bucket)),
    ("kinds/cache_cluster.rs", "DESCRIBE_CACHE_CLUSTERS.name, message", Answered),
    ("kinds/classic_load_balancer/stickiness.rs", "(message)", Diagnosed("sticky-without-http")),
    ("kinds/database.rs", "the database is `{status}`", Answered),
    ("kinds/database.rs", "is gone", Answered),
    ("kinds/database.rs", "is `{status}`", Answered),
    ("kinds/database/changes.rs", "refused(message)", Planned(Kind::Database)),
    ("kinds/database/changes.rs", "AWS did not upgrade", Answered),
    ("kinds/database/restore.rs", "no snapshot of a database", Planned(Kind::Database)),
    ("kinds/database/restore.rs", "there is no snapshot", Planned(Kind::Database)),
    ("kinds/database/restore.rs", "does not fit", Planned(Kind::Database)),
    ("kinds/database/restore.rs", "was to become a copy", Planned(Kind::Database)),
    ("kinds/database/restore.rs", "refused(message)", Answered),
    ("kinds/database/restore.rs", "AWS took no snapshot", Answered),
    ("kinds/database/restore.rs", "the snapshot `{id}` is", Answered),
    ("kinds/database_cluster.rs", "the cluster is `{status}`", Answered),
    ("kinds/database_cluster.rs", "is gone", Answered),
    ("kinds/database_cluster.rs", "is `{status}`", Answered),
    ("kinds/database_cluster/changes.rs", "AWS did not upgrade", Answered),
    ("kinds/database_parameter_group.rs", "refused(message)", Answered),
    ("databases.rs", "refused(message)", Answered),
    ("kinds/document.rs", "why.clone()", Answered),
    ("kinds/document/versions.rs", "status_information", Answered),
    ("kinds/hosted_zone.rs", "(message)", Emptied(Kind::HostedZone, "vpcs")),
    ("kinds/hosted_zone.rs", "not_empty(", Planned(Kind::HostedZone)),
    ("kinds/identity/refusals.rs", "kept(what", Planned(Kind::User)),
    ("kinds/load_balancer.rs", "the load balancer failed", Answered),
    ("kinds/load_balancer.rs", "deletion protection", Planned(Kind::LoadBalancer)),
    ("kinds/log_group/filter.rs", "error.to_string()", Impossible),
    (
        "kinds/peering_connection.rs",
        "AWS cannot change the two VPCs",
        Replaced(Kind::PeeringConnection, &["requester", "accepter", "accepter_region", "accepter_account"]),
    ),
    ("kinds/peering_connection.rs", "has to accept it", Impossible),
    ("kinds/peering_connection.rs", "the peering connection is", Answered),
    ("kinds/replication_group/live.rs", "DESCRIBE_REPLICATION_GROUPS.name, message", Answered),
    ("kinds/replication_group/live.rs", "the cache is being deleted", Answered),
    ("kinds/table.rs", "may not use the key", Answered),
    ("kinds/table.rs", "is incomplete", Answered),
    ("kinds/table.rs", "somebody switched on", Answered),
    ("kinds/table.rs", "is gone", Answered),
    ("kinds/table/backup.rs", "somebody deleted the backup", Answered),
    ("kinds/operator.rs", "refused(why)", Planned(Kind::Operator)),
    ("kinds/operator.rs", "is gone: apply again", Answered),
    ("kinds/operator.rs", "is no operator", Impossible),
    ("kinds/operator.rs", "all the time", Answered),
    ("kinds/record_set.rs", "record in its zone", Planned(Kind::RecordSet)),
    ("kinds/record_set.rs", "keeps changing the records", Answered),
    ("kinds/record_set/ownership_marker.rs", "lacks the tag", Impossible),
    (
        "kinds/resource.rs",
        "AWS cannot change this in place",
        Replaced(Kind::VpnAttachment, &["gateway", "vpc"]),
    ),
    ("kinds/route_table.rs", "cannot move to another VPC", Replaced(Kind::RouteTable, &["vpc"])),
    ("kinds/route_table/routes.rs", "a route cannot lead to", Impossible),
    (
        "kinds/security_group.rs",
        "AWS cannot rename a security group",
        Replaced(Kind::SecurityGroup, &["vpc", "name"]),
    ),
    ("kinds/search_domain.rs", "refused(message)", Planned(Kind::SearchDomain)),
    ("kinds/replication_group/access.rs", "refused(message)", Answered),
    ("kinds/search_domain.rs", "it is busy", Planned(Kind::SearchDomain)),
    ("kinds/search_domain.rs", "refused(&why)", Planned(Kind::SearchDomain)),
    ("kinds/search_domain.rs", "its health is red", Planned(Kind::SearchDomain)),
    ("kinds/search_domain/upgrade.rs", "refused(&why)", Planned(Kind::SearchDomain)),
    ("kinds/search_domain/upgrade.rs", "refused(&message)", Answered),
    ("operators.rs", "all the time", Answered),
    ("operators/store.rs", "is no text", Answered),
    ("search.rs", "refused(method, path", Answered),
    ("tables.rs", "does not know the export", Answered),
    ("kinds/smoke_test.rs", "its group or its image is not known", Impossible),
    ("kinds/smoke_test/watch.rs", "OPERATION, why", Answered),
    ("kinds/smoke_test/watch.rs", "there is no group", Answered),
    ("images/shares.rs", "is encrypted by `aws/ebs`", Answered),
    ("images/shares.rs", "does not show it yet", Answered),
    ("run_commands.rs", "the connection broke off", Answered),
    ("snapshots.rs", "cannot be used: AWS says", Answered),
    ("snapshots.rs", "cannot be made: {why}", Answered),
    ("secrets/buckets.rs", "the connection broke off", Answered),
    ("secrets/buckets.rs", "that was read back is another one", Answered),
    ("secrets/managed.rs", "the value is empty", Answered),
    ("secrets/managed.rs", "refused(message)", Answered),
    ("secrets/parameters.rs", "the value is not text", Answered),
    ("secrets/parameters.rs", "the value is empty", Answered),
    ("secrets/parameters.rs", "a standard parameter", Answered),
    ("secrets/parameters.rs", "has `{{` in it", Answered),
    ("kinds/vpn_attachment.rs", "(why)", Diagnosed("vpn-gateway-taken")),
];

/// Kinds whose adapter changes nothing in place: the default refuses every change.
const UNCHANGING: &[Kind] =
    &[Kind::DhcpOptions, Kind::Subnet, Kind::ElasticIp, Kind::NatGateway, Kind::VpnAttachment];

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/aws/src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every call of `refused` and `refused_as` in the adapter, as its file and its arguments.
fn refusals() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&sources(), &mut paths);
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let name = path.strip_prefix(sources()).unwrap().to_string_lossy().into_owned();
        for (at, _) in text.match_indices("refused(") {
            let before = &text[..at];
            let is_call = before.ends_with(['.', ' ', ':']) && !before.ends_with("fn ");
            if is_call {
                found.push((name.clone(), text[at..].chars().take(260).collect()));
            }
        }
    }
    found
}

#[test]
fn every_refusal_of_the_adapter_has_its_counterpart_before_the_apply() {
    let mut unused: BTreeSet<usize> = (0..REFUSALS.len()).collect();
    for (file, text) in refusals() {
        let row = REFUSALS.iter().position(|(of, part, _)| *of == file && text.contains(part));
        let row = row.unwrap_or_else(|| {
            panic!(
                "{file}: `{}` is not in the table: does the plan know it before?",
                text.lines().next().unwrap()
            )
        });
        unused.remove(&row);
    }
    let unused: Vec<_> = unused.into_iter().map(|row| &REFUSALS[row]).collect();
    assert!(unused.is_empty(), "no longer in the sources: {unused:#?}");
}

#[test]
fn the_counterparts_are_there() {
    let is_replaced = |kind: Kind, field: &str| match kind.schema().change(field) {
        Change::Replace(_) => true,
        Change::InPlace(_)
        | Change::CreateOnly { .. }
        | Change::IfSet(_)
        | Change::SetOnce(_)
        | Change::DecreaseRisk(_)
        | Change::Elements { .. } => false,
    };
    let kinds = fs::read_to_string(sources().join("kinds.rs")).unwrap();
    let (_, asked) = kinds.split_once("fn may_refuse").unwrap();
    let (asked, _) = asked.split_once("\n}").unwrap();
    let of_identities = fs::read_to_string(sources().join("kinds/identity/refusals.rs")).unwrap();
    let (_, of_identities) = of_identities.split_once("const REFUSED").unwrap();
    let (of_identities, _) = of_identities.split_once("];").unwrap();
    let asked = format!("{asked}{of_identities}");
    for (file, part, before) in REFUSALS {
        match before {
            Planned(kind) => assert!(asked.contains(&format!("Kind::{kind:?}")), "{file}: {part}"),
            Replaced(kind, fields) => {
                assert!(fields.iter().all(|field| is_replaced(*kind, field)), "{file}: {part}");
            }
            Emptied(kind, set) => {
                assert_eq!(kind.schema().empty_for_good.map(|(set, _)| set), Some(*set), "{file}: {part}");
            }
            Diagnosed(code) => assert!(asiaq_compiler::pages::page(code).is_some(), "{file}: {part}"),
            Answered | Impossible => {}
        }
    }
    for kind in UNCHANGING {
        assert!(kind.fields().iter().all(|field| is_replaced(*kind, field)), "{}", kind.name());
    }
}
