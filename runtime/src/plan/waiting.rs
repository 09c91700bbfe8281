//! Values that AWS has accepted and not put in force: they wait for a maintenance window or for a reboot.
//!
//! A live resource is listed with the accepted values, so that they are no difference. Notes tell of them. Where everything
//! is to be done now, the values in force count instead, so that the same changes are planned again.

use std::borrow::Cow;

use asiaq_ir::{
    Address, CacheCluster, Database, DatabaseCluster, Ir, Kind, Ref, ReplicationGroup, Resource, Table,
    Until, Waiting,
};
use serde_json::Value;

use super::coverage::{Coverage, Goal};
use super::note::{Note, Outlook};
use super::step::{Action, Cause, Reason, Step};
use crate::{Found, Observed};

/// The field of kinds with a maintenance window that says whether changes wait for it.
const NOW: &str = "apply_now";

/// What waits of a live resource.
pub(super) fn of<'o>(observed: &'o Observed, found: &Found) -> &'o [Waiting] {
    let region = observed.facts.beside(&found.address, &found.region);
    let key = Waiting::key(found.resource.kind(), &found.id);
    region.and_then(|region| region.waiting.get(&key)).map(Vec::as_slice).unwrap_or_default()
}

/// What is observed, with the values in force in the place of the accepted ones where nothing is to wait.
pub(super) fn observed<'o>(observed: &'o Observed, scope: &Coverage) -> Cow<'o, Observed> {
    let waits = |found: &Found| {
        let kind = found.resource.kind();
        let is_meant = |waiting: &Waiting| is_done_now(kind, waiting.until);
        scope.now && scope.includes(&found.address) && of(observed, found).iter().any(is_meant)
    };
    if !observed.found.iter().any(waits) {
        return Cow::Borrowed(observed);
    }
    let found = observed.found.iter().map(|found| {
        let mut found = found.clone();
        if waits(&found) {
            let kind = found.resource.kind();
            for waiting in of(observed, &found).iter().filter(|one| is_done_now(kind, one.until)) {
                found.resource = found.resource.with_field(&waiting.field, waiting.in_force.clone());
            }
        }
        found
    });
    Cow::Owned(Observed { found: found.collect(), ..observed.clone() })
}

/// Whether a run that lets nothing wait brings about what a resource waits for. No run reboots a cache.
fn is_done_now(kind: Kind, until: Until) -> bool {
    match until {
        Until::MaintenanceWindow => true,
        Until::Reboot => matches!(kind, Kind::Database | Kind::DatabaseCluster),
        Until::NextChange => false,
    }
}

/// Says of differences that they are values that AWS has accepted and that wait: a run that lets nothing wait shows those.
pub(super) fn attribute(step: &mut Step, observed: &Observed, scope: &Coverage) {
    let Action::Update { live, wanted, .. } = &step.action else { return };
    if !scope.now || step.cause == Cause::Unknown {
        return;
    }
    for waiting in of(observed, live).iter().filter(|one| is_done_now(step.kind, one.until)) {
        let is_accepted = wanted.field(&waiting.field) == waiting.accepted;
        for reason in step.reasons.iter_mut().filter(|reason| reason.field == waiting.field && is_accepted) {
            reason.cause = Cause::Waiting;
        }
    }
    step.cause = step.reasons.iter().map(|reason| reason.cause).max().unwrap_or_default();
}

/// The program, whose changes do not wait where nothing is to wait.
pub(super) fn program<'a>(ir: Cow<'a, Ir>, scope: &Coverage) -> Cow<'a, Ir> {
    let has_window = |resource: &Resource| !resource.kind().schema().windowed.is_empty();
    if !scope.now || !ir.resources.values().any(|node| has_window(&node.resource)) {
        return ir;
    }
    let mut program = ir.into_owned();
    for node in program.resources.values_mut().filter(|node| has_window(&node.resource)) {
        node.resource = node.resource.clone().with_field(NOW, Value::Bool(true));
    }
    Cow::Owned(program)
}

/// What waits of the resources in scope, and what the plan does about it.
pub(super) fn notes(observed: &Observed, steps: &[Step], scope: &Coverage) -> Vec<Note> {
    if scope.goal == Goal::Destroy {
        return Vec::new();
    }
    let in_scope = observed.found.iter().filter(|found| scope.includes(&found.address));
    in_scope
        .flat_map(|found| of(observed, found).iter().map(move |waiting| (found, waiting)))
        .filter(|(found, waiting)| {
            waiting.until != Until::NextChange
                && !(scope.now && is_done_now(found.resource.kind(), waiting.until))
        })
        .map(|(found, waiting)| {
            let step = steps.iter().find(|step| step.live().is_some_and(|live| is_same(live, found)));
            let changes = |step: &Step| step.reasons.iter().any(|reason| reason.field == waiting.field);
            let outlook = match step {
                Some(step) if waiting.until != Until::Reboot && changes(step) => Outlook::TakenBack,
                Some(step) if waiting.until != Until::Reboot && is_at_once(step) => Outlook::ComesAlong,
                Some(_) | None => Outlook::Waits,
            };
            Note::Waits {
                address: found.address.clone(),
                field: waiting.field.clone(),
                value: waiting.accepted.as_str().map_or_else(|| waiting.accepted.to_string(), str::to_owned),
                until: waiting.until,
                outlook,
            }
        })
        .collect()
}

/// A table as the next step can make it. AWS takes one change an hour of the attribute by which items are deleted, and
/// another attribute takes two: the first one switches the old one off.
pub(super) fn settled_table(wanted: &Table, live: &Found, observed: &Observed) -> Option<Table> {
    let Resource::Table(there) = &live.resource else { return None };
    let same = |table: &Table| {
        (table.name.clone(), table.key.clone(), table.sort.clone(), table.local_indexes.clone())
    };
    if wanted.ttl == there.ttl || same(wanted) != same(there) {
        return None;
    }
    let is_changing = of(observed, live).iter().any(|waiting| waiting.field == Table::TTL.as_str());
    let ttl = match (&there.ttl, &wanted.ttl) {
        (live, _) if is_changing => live.clone(),
        (Some(_), Some(_)) => None,
        _ => return None,
    };
    Some(Table { ttl, ..wanted.clone() })
}

/// The changes of the program that a later apply makes, because AWS does not take them now.
pub(super) fn later(program: &Ir, settled: &Ir, scope: &Coverage) -> Vec<Note> {
    let later = program.resources.iter().filter(|(address, _)| scope.includes(address)).filter_map(
        |(address, node)| {
            let (Resource::Table(wanted), Resource::Table(next)) =
                (&node.resource, &settled.resources.get(address)?.resource)
            else {
                return None;
            };
            (wanted.ttl != next.ttl).then(|| Note::Waits {
                address: address.clone(),
                field: Table::TTL.as_str().to_owned(),
                value: wanted.ttl.clone().unwrap_or_else(|| "none".to_owned()),
                until: Until::NextChange,
                outlook: Outlook::Waits,
            })
        },
    );
    if scope.goal == Goal::Destroy { Vec::new() } else { later.collect() }
}

fn is_same(live: &Found, found: &Found) -> bool {
    live.id == found.id && live.resource.kind() == found.resource.kind() && live.region == found.region
}

/// Whether a step puts in force whatever waits.
fn is_at_once(step: &Step) -> bool {
    let windowed = step.kind.schema().windowed;
    let is_now = step.wanted().is_some_and(|wanted| wanted.field(NOW) == Value::Bool(true));
    is_now && step.reasons.iter().any(|reason| windowed.contains(&reason.field.as_str()))
        || step.reasons.iter().any(|reason| never_waits(step.kind, &reason.field))
}

/// Whether AWS changes a field of a cache at once, with all that waits (ElastiCache API reference, `ApplyImmediately`).
fn never_waits(kind: Kind, field: &str) -> bool {
    let fields = match kind {
        Kind::ReplicationGroup => vec![
            ReplicationGroup::VALKEY.as_str(),
            ReplicationGroup::PARAMETERS.as_str(),
            ReplicationGroup::FAILOVER.as_str(),
            ReplicationGroup::MULTI_AZ.as_str(),
            ReplicationGroup::TLS.as_str(),
        ],
        Kind::CacheCluster => vec![CacheCluster::PARAMETERS.as_str(), CacheCluster::NODES.as_str()],
        _ => Vec::new(),
    };
    fields.contains(&field)
}

/// Whether a cache gets its version with a parameter group of another family, which does not wait.
fn comes_with_parameters(step: &Step) -> bool {
    let has = |field: &str| step.reasons.iter().any(|reason| reason.field == field);
    matches!(step.kind, Kind::ReplicationGroup | Kind::CacheCluster)
        && has(ReplicationGroup::PARAMETERS.as_str())
}

impl Step {
    /// The new version of the database or cache that the step upgrades to another major version.
    pub fn major_upgrade(&self) -> Option<&str> {
        let Action::Update { live, wanted, .. } = &self.action else { return None };
        let (is_major, version) = match (&live.resource, wanted) {
            (Resource::Database(live), Resource::Database(wanted)) => {
                let is_major = Database::is_major_upgrade(&wanted.engine, &live.version, &wanted.version);
                (is_major, &wanted.version)
            }
            (Resource::DatabaseCluster(live), Resource::DatabaseCluster(wanted)) => {
                let is_major = Database::is_major_upgrade(&wanted.engine, &live.version, &wanted.version);
                (is_major, &wanted.version)
            }
            (Resource::ReplicationGroup(live), Resource::ReplicationGroup(wanted)) => {
                (wanted.is_major_upgrade(live), &wanted.version)
            }
            (Resource::CacheCluster(live), Resource::CacheCluster(wanted)) => {
                (wanted.is_major_upgrade(live), &wanted.version)
            }
            _ => return None,
        };
        is_major.then_some(version.as_str())
    }

    /// What a difference waits for when the step has been made; absent if the change is made at once.
    pub fn waits(&self, reason: &Reason) -> Option<Until> {
        let Action::Update { wanted, .. } = &self.action else { return None };
        let is_windowed = self.kind.schema().windowed.contains(&reason.field.as_str());
        let is_now = wanted.field(NOW) == Value::Bool(true)
            || reason.field == Database::VERSION.as_str() && comes_with_parameters(self);
        (is_windowed && !is_now).then_some(Until::MaintenanceWindow)
    }
}

/// Keeps the parameters of a database whose new version waits: AWS uses them until then, and the next apply deletes them.
pub(super) fn keep_parameters(steps: &mut Vec<Step>, observed: &Observed, scope: &Coverage) -> Vec<Note> {
    let is_version = |field: &str| field == Database::VERSION.as_str();
    let mut notes = Vec::new();
    let in_use: Vec<(&str, &Address)> = observed
        .found
        .iter()
        .filter_map(|found| {
            let group = match &found.resource {
                Resource::Database(database) => &database.parameter_group,
                Resource::DatabaseCluster(cluster) => &cluster.parameter_group,
                _ => return None,
            };
            let waits = !scope.now && of(observed, found).iter().any(|waiting| is_version(&waiting.field));
            let is_planned = || {
                let step = steps.iter().find(|step| step.live().is_some_and(|live| is_same(live, found)));
                step.is_some_and(|step| {
                    step.reasons
                        .iter()
                        .any(|reason| is_version(&reason.field) && step.waits(reason).is_some())
                })
            };
            let group = group.id()?;
            (waits || is_planned()).then_some((group, &found.address))
        })
        .collect();
    steps.retain(|step| {
        let Action::Delete { live } = &step.action else { return true };
        let is_group =
            matches!(step.kind, Kind::DatabaseParameterGroup | Kind::DatabaseClusterParameterGroup);
        let used = in_use.iter().find(|(id, _)| is_group && *id == live.id);
        notes.extend(
            used.map(|(_, by)| Note::StaysInUse { address: live.address.clone(), by: (*by).clone() }),
        );
        used.is_none()
    });
    notes
}

/// A cluster with what AWS may have made of it: a later minor version, and its own key.
pub(super) fn settled_cluster(
    wanted: &DatabaseCluster,
    live: &Found,
    observed: &Observed,
) -> Option<DatabaseCluster> {
    let Resource::DatabaseCluster(there) = &live.resource else { return None };
    let mut settled = wanted.clone();
    if Database::is_kept_version(&wanted.engine, &there.version, &wanted.version) {
        settled.version.clone_from(&there.version);
    }
    // An alias is not what a listing shows.
    if wanted.kms_key.as_ref().is_none_or(|key| !key.contains(":key/")) {
        settled.kms_key.clone_from(&there.kms_key);
    }
    // The group of the new version comes with it.
    if of(observed, live).iter().any(|waiting| waiting.field == DatabaseCluster::VERSION.as_str())
        && let Some(group) = there.parameter_group.id()
    {
        settled.parameter_group = Ref::Id(group.to_owned());
    }
    (settled != *wanted).then_some(settled)
}

/// A database with what AWS may have made of it: a later minor version, its own key and character set, and what a replica
/// has from its source.
pub(super) fn settled(wanted: &Database, live: &Found, observed: &Observed) -> Option<Database> {
    let Resource::Database(there) = &live.resource else { return None };
    let mut settled = wanted.clone();
    if wanted.version.is_empty() || Database::is_kept_version(&wanted.engine, &there.version, &wanted.version)
    {
        settled.version.clone_from(&there.version);
    }
    if wanted.character_set.is_none() {
        settled.character_set.clone_from(&there.character_set);
    }
    // An alias is not what a listing shows.
    if wanted.kms_key.as_ref().is_none_or(|key| !key.contains(":key/")) {
        settled.kms_key.clone_from(&there.kms_key);
    }
    if wanted.source.is_some() {
        settled.engine.clone_from(&there.engine);
        settled.user.clone_from(&there.user);
        settled.license.clone_from(&there.license);
        settled.character_set.clone_from(&there.character_set);
        settled.encrypted = there.encrypted;
        if wanted.storage < there.storage {
            settled.storage = there.storage;
        }
    }
    // The group of the new version comes with it.
    if of(observed, live).iter().any(|waiting| waiting.field == Database::VERSION.as_str())
        && let Some(group) = there.parameter_group.id()
    {
        settled.parameter_group = Ref::Id(group.to_owned());
    }
    (settled != *wanted).then_some(settled)
}
