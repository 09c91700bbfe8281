mod changes;
mod deletion;
pub(super) mod group_tags;
mod restore;
mod waiting;

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::{Assigned, Database, Kind, Password, Ref, Waiting};
use aws_sdk_rds::types::{DbInstance as Live, Endpoint};

pub(crate) use self::changes::REBOOT_DB_INSTANCE;
pub(crate) use self::changes::{DESCRIBE_DB_ENGINE_VERSIONS, DESCRIBE_EVENTS, MODIFY_DB_INSTANCE};
pub(crate) use self::changes::{exported_logs, refusal as refusal_of_change, target_of};
pub(crate) use self::deletion::DELETE_DB_INSTANCE;
pub(crate) use self::deletion::final_name;
use self::group_tags::DatabaseTags;
pub(crate) use self::restore::{
    DESCRIBE_DB_CLUSTER_SNAPSHOTS, DESCRIBE_DB_SNAPSHOTS, Of, Snapshot, Wanted, prepared,
    refusal as refusal_of_creation, refusal_of,
};
use super::prelude::*;
use crate::credentials;
pub(crate) use crate::credentials::CREDENTIAL_TAG;

ops! { rds:
    DESCRIBE_DB_INSTANCES = "DescribeDBInstances", Read;
    CREATE_DB_INSTANCE = "CreateDBInstance", Write;
    CREATE_DB_INSTANCE_READ_REPLICA = "CreateDBInstanceReadReplica", Write;
}

/// The operations of snapshots that other kinds of databases call too.
pub(super) const RESTORE_OPS: &[Operation] = restore::SHARED;

/// Another database has the identifier.
const TAKEN: &str = "DBInstanceAlreadyExists";
/// The storage that the program asked for: AWS may have added to it.
const STORAGE_TAG: &str = "asiaq:storage";
/// Set on a database that is deleted without a final snapshot.
pub(crate) const NO_SNAPSHOT_TAG: &str = "asiaq:no-final-snapshot";

/// The snapshot that a database was made from.
pub(crate) const RESTORED_TAG: &str = "asiaq:restored-from";

/// What a database does while it can be used.
const SERVING: &[&str] = &["available", "storage-optimization", "storage-config-upgrade"];
/// What a database does while it is used, and must not be changed.
const BUSY: &[&str] = &["backing-up", "configuring-enhanced-monitoring", "configuring-log-exports"];

impl Api for Database {
    type Live = Live;
    type Tags = DatabaseTags;

    const OPERATIONS: IamActions =
        &[OPS, group_tags::OPS, changes::OPS, deletion::OPS, restore::OPS, credentials::OPS];
    const DESCRIBE: Operation = DESCRIBE_DB_INSTANCES;
    const READY: Option<Limit> = Some(Limit(Duration::from_hours(2), "the database is not available"));
    const GONE: Option<Limit> = Some(Limit(Duration::from_hours(2), "the database is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DB_INSTANCE, TAKEN, |database| &database.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let call = region.rds().describe_db_instances();
        let call = match &which {
            Which::OfProject(_) => call,
            Which::Id(name) => call.db_instance_identifier(*name),
            Which::InPlaceOf(wanted) => call.db_instance_identifier(&wanted.name),
        };
        let all = DESCRIBE_DB_INSTANCES.all(call.into_paginator().items().send()).await?;
        // The instances of clusters are of another kind.
        let is_other = |live: &Live| live.db_cluster_identifier().is_some();
        let is_all = matches!(which, Which::OfProject(_));
        Ok(all.into_iter().filter(|live| !is_all || !is_other(live)).collect())
    }

    fn id(database: &Live) -> Option<&str> {
        database.db_instance_identifier()
    }

    fn tags(database: &Live) -> Option<Tags> {
        Some(group_tags::map(database.tag_list()))
    }

    fn exists(database: &Live) -> bool {
        database.db_instance_status() != Some("deleting")
    }

    /// A database is ready when it has an address, which its name in DNS needs.
    fn state(database: &Live) -> State {
        state(database)
    }

    fn form(database: &Live) -> Option<Self> {
        form(database)
    }

    fn assigned(database: &Live) -> Vec<(Assigned, &str)> {
        let address = database.endpoint().and_then(Endpoint::address);
        address.map(|address| (Assigned::DnsName, address)).into_iter().collect()
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        let mut facts = adapter::assigned::<Self>(&live);
        for database in &live {
            let waiting = waiting::of(database);
            if let Some(id) = database.db_instance_identifier().filter(|_| !waiting.is_empty()) {
                facts.waiting.insert(Waiting::key(Kind::Database, id), waiting);
            }
        }
        let found = adapter::found::<Self>(region, project, live).await?;
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        if let Some(source) = &self.source {
            return self.replicate(region, request, source).await;
        }
        if let Some(snapshot) = &self.restore {
            return restore::create(self, region, request, snapshot).await;
        }
        let call = region
            .rds()
            .create_db_instance()
            .db_instance_identifier(&self.name)
            .engine(&self.engine)
            .engine_version(&self.version)
            .db_instance_class(&self.class)
            .allocated_storage(signed(self.storage))
            .storage_type(&self.storage_type)
            .set_iops(self.iops.map(signed))
            .set_storage_throughput(self.throughput.map(signed))
            .set_max_allocated_storage(self.max_storage.map(signed))
            .set_db_subnet_group_name(id_of(&self.subnet_group))
            .set_vpc_security_group_ids(Some(ids(&self.groups)))
            .set_db_parameter_group_name(id_of(&self.parameter_group))
            .port(i32::from(self.port))
            .multi_az(self.multi_az)
            .backup_retention_period(signed(self.backups))
            .set_preferred_backup_window(self.backup_window.clone())
            .set_preferred_maintenance_window(self.maintenance_window.clone())
            .master_username(&self.user)
            .set_license_model(self.license.clone())
            .set_character_set_name(self.character_set.clone())
            .storage_encrypted(self.encrypted)
            .set_kms_key_id(self.kms_key.clone())
            .publicly_accessible(self.public)
            .auto_minor_version_upgrade(self.minor_upgrades)
            .deletion_protection(self.deletion_protection)
            .set_ca_certificate_identifier(self.ca.clone())
            .enable_performance_insights(self.insights)
            .set_monitoring_interval(interval(self.monitoring))
            .set_monitoring_role_arn(self.monitoring_role.clone())
            .set_option_group_name(self.option_group.clone())
            .set_enable_cloudwatch_logs_exports(logs(self))
            .copy_tags_to_snapshot(true)
            .set_tags(group_tags::list(&tags_of(self, request.tags, true)));
        let call = match &self.password {
            Password::Managed | Password::OfSource => call.manage_master_user_password(true),
            Password::Credential(place) => call.master_user_password(credentials::read(region, place).await?),
        };
        // The SDK keeps the password out of what it writes.
        region.retry_until_consistent(CREATE_DB_INSTANCE, || call.clone().send()).await?;
        Ok(Created { id: self.name.clone(), initial: self.clone(), ready: false })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        changes::update(self, region, id, wanted).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        deletion::delete(self, region, id).await
    }
}

impl Replicate for Database {
    async fn replicate(
        &self,
        region: &Region<'_>,
        request: &Create<'_>,
        source: &Ref,
    ) -> Result<Created<Self>> {
        let source = source.id().unwrap_or_default();
        let abroad = source.split_once('/').filter(|_| !source.starts_with("arn:"));
        let source = match abroad {
            Some((there, name)) => group_tags::arn(&region.other(there), "db", name).await?,
            None => source.to_owned(),
        };
        let is_abroad = source.starts_with("arn:");
        let call = region
            .rds()
            .create_db_instance_read_replica()
            .db_instance_identifier(&self.name)
            .source_db_instance_identifier(source)
            .db_instance_class(&self.class)
            .storage_type(&self.storage_type)
            .set_iops(self.iops.map(signed))
            .set_storage_throughput(self.throughput.map(signed))
            .set_max_allocated_storage(self.max_storage.map(signed))
            .set_db_subnet_group_name(id_of(&self.subnet_group))
            .set_vpc_security_group_ids(Some(ids(&self.groups)))
            .set_db_parameter_group_name(id_of(&self.parameter_group))
            .port(i32::from(self.port))
            .multi_az(self.multi_az)
            .set_kms_key_id(self.kms_key.clone().filter(|_| is_abroad))
            .publicly_accessible(self.public)
            .auto_minor_version_upgrade(self.minor_upgrades)
            .deletion_protection(self.deletion_protection)
            .set_ca_certificate_identifier(self.ca.clone())
            .enable_performance_insights(self.insights)
            .set_monitoring_interval(interval(self.monitoring))
            .set_monitoring_role_arn(self.monitoring_role.clone())
            .set_option_group_name(self.option_group.clone())
            .set_enable_cloudwatch_logs_exports(logs(self))
            .copy_tags_to_snapshot(true)
            .set_tags(group_tags::list(&tags_of(self, request.tags, true)));
        region.retry_until_consistent(CREATE_DB_INSTANCE_READ_REPLICA, || call.clone().send()).await?;
        Ok(Created { id: self.name.clone(), initial: unfinished(self), ready: false })
    }
}

/// The creation of a database from another one.
trait Replicate: Sized {
    async fn replicate(
        &self,
        region: &Region<'_>,
        request: &Create<'_>,
        source: &Ref,
    ) -> Result<Created<Self>>;
}

/// A database that is certainly not as wanted: what is really there is read before it is changed.
fn unfinished(wanted: &Database) -> Database {
    Database { in_force: false, ..wanted.clone() }
}

/// The tags of a new database. What a restore leaves out is told only when it is done.
fn tags_of(wanted: &Database, tags: &Tags, is_whole: bool) -> Tags {
    let mut tags = tags.clone();
    if wanted.storage > 0 {
        tags.insert(STORAGE_TAG.to_owned(), wanted.storage.to_string());
    }
    if !wanted.final_snapshot {
        tags.insert(NO_SNAPSHOT_TAG.to_owned(), "true".to_owned());
    }
    if let Password::Credential(place) = &wanted.password
        && is_whole
    {
        tags.insert(CREDENTIAL_TAG.to_owned(), place.clone());
    }
    tags
}

/// Nothing where nothing is measured: AWS takes no role then.
pub(super) fn interval(seconds: u32) -> Option<i32> {
    (seconds > 0).then(|| signed(seconds))
}

/// The option group of a database: the one that it is to have, or the one in force.
fn option_group(database: &Live, is_accepted: bool) -> Option<&str> {
    let groups = database.option_group_memberships();
    let waits = |status: Option<&str>| status.is_some_and(|status| status.starts_with("pending-"));
    let is_leaving = |status: Option<&str>| {
        matches!(status, Some("removing" | "pending-removal" | "pending-maintenance-removal"))
    };
    let wanted = groups.iter().find(|one| waits(one.status()) && !is_leaving(one.status()));
    let in_force = groups.iter().find(|one| !waits(one.status()) || is_leaving(one.status()));
    let (first, second) = if is_accepted { (wanted, in_force) } else { (in_force, wanted) };
    first.or(second).and_then(|one| one.option_group_name())
}

fn logs(database: &Database) -> Option<Vec<String>> {
    Some(database.logs.iter().cloned().collect()).filter(|logs: &Vec<String>| !logs.is_empty())
}

/// How far an instance is.
pub(in crate::kinds) fn state(instance: &Live) -> State {
    let status = instance.db_instance_status().unwrap_or_default();
    let has_address = instance.endpoint().is_some_and(|endpoint| endpoint.address().is_some());
    if failed(status) {
        return State::Failed(DESCRIBE_DB_INSTANCES.refused(format!("the database is `{status}`")));
    }
    match status {
        "deleting" => State::Pending,
        _ if has_address && (SERVING.contains(&status) || BUSY.contains(&status)) => State::Ready,
        _ => State::Pending,
    }
}

/// Whether a status is one that does not end by itself.
pub(crate) fn failed(status: &str) -> bool {
    status.starts_with("incompatible-")
        || status.starts_with("inaccessible-encryption-credentials")
        || ["failed", "restore-error", "storage-full", "insufficient-capacity"].contains(&status)
}

/// A database in the IR's form, with values that AWS has accepted in the place of those in force.
fn form(database: &Live) -> Option<Database> {
    let tags: BTreeMap<String, String> = group_tags::map(database.tag_list());
    let pending = database.pending_modified_values();
    let text = |value: Option<&str>| value.map(ToOwned::to_owned);
    let allocated = unsigned(pending.and_then(|wait| wait.allocated_storage).or(database.allocated_storage)?);
    // AWS only adds.
    let declared = tags.get(STORAGE_TAG).and_then(|size| size.parse().ok()).filter(|size| *size <= allocated);
    let groups = database.vpc_security_groups().iter();
    let source = database.read_replica_source_db_instance_identifier();
    let port = database.endpoint().and_then(Endpoint::port).filter(|port| *port > 0);
    let port = pending.and_then(|wait| wait.port).or(port).or(database.db_instance_port);
    let parameters = database.db_parameter_groups().first();
    Some(Database {
        name: database.db_instance_identifier.clone()?,
        engine: database.engine.clone()?,
        version: text(pending.and_then(|wait| wait.engine_version()).or(database.engine_version()))?,
        class: text(pending.and_then(|wait| wait.db_instance_class()).or(database.db_instance_class()))?,
        storage: declared.unwrap_or(allocated),
        storage_type: text(pending.and_then(|wait| wait.storage_type()).or(database.storage_type()))
            .unwrap_or_default(),
        iops: pending.and_then(|wait| wait.iops).or(database.iops).filter(|iops| *iops > 0).map(unsigned),
        throughput: pending
            .and_then(|wait| wait.storage_throughput)
            .or(database.storage_throughput)
            .filter(|throughput| *throughput > 0)
            .map(unsigned),
        max_storage: database.max_allocated_storage.map(unsigned).filter(|most| *most > allocated),
        subnet_group: Ref::Id(
            database
                .db_subnet_group()
                .and_then(|group| text(group.db_subnet_group_name()))
                .unwrap_or_default(),
        ),
        groups: groups.filter_map(|group| group.vpc_security_group_id.clone()).map(Ref::Id).collect(),
        parameter_group: Ref::Id(
            parameters.and_then(|group| text(group.db_parameter_group_name())).unwrap_or_default(),
        ),
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
        multi_az: pending.and_then(|wait| wait.multi_az).or(database.multi_az).unwrap_or_default(),
        backups: unsigned(
            pending
                .and_then(|wait| wait.backup_retention_period)
                .or(database.backup_retention_period)
                .unwrap_or_default(),
        ),
        backup_window: text(database.preferred_backup_window()),
        maintenance_window: text(database.preferred_maintenance_window())
            .map(|window| window.to_ascii_lowercase()),
        user: database.master_username.clone().unwrap_or_default(),
        password: match (source, database.master_user_secret()) {
            (Some(_), _) => Password::OfSource,
            (None, Some(_)) => Password::Managed,
            (None, None) => Password::Credential(tags.get(CREDENTIAL_TAG).cloned().unwrap_or_default()),
        },
        license: text(pending.and_then(|wait| wait.license_model()).or(database.license_model())),
        character_set: text(database.character_set_name()),
        encrypted: database.storage_encrypted.unwrap_or_default(),
        kms_key: text(database.kms_key_id()),
        public: database.publicly_accessible.unwrap_or_default(),
        minor_upgrades: database.auto_minor_version_upgrade.unwrap_or_default(),
        deletion_protection: database.deletion_protection.unwrap_or_default(),
        final_snapshot: !tags.contains_key(NO_SNAPSHOT_TAG),
        ca: text(
            pending
                .and_then(|wait| wait.ca_certificate_identifier())
                .or(database.ca_certificate_identifier()),
        ),
        insights: database.performance_insights_enabled.unwrap_or_default(),
        monitoring: unsigned(database.monitoring_interval.unwrap_or_default()),
        // Without an interval the role means nothing.
        monitoring_role: text(database.monitoring_role_arn())
            .filter(|_| database.monitoring_interval.unwrap_or_default() > 0),
        option_group: text(option_group(database, true)),
        logs: database.enabled_cloudwatch_logs_exports().iter().cloned().collect(),
        source: source.map(|source| Ref::Id(source_of(source, database))),
        restore: None,
        apply_now: false,
        in_force: true,
    })
}

/// A source as programs name it: `REGION/IDENTIFIER` in another region of the same account.
fn source_of(source: &str, database: &Live) -> String {
    let parts: Vec<&str> = source.split(':').collect();
    let own = database.db_instance_arn().and_then(|arn| arn.split(':').nth(4));
    match parts.as_slice() {
        ["arn", _, _, region, account, _, name] if own == Some(*account) => format!("{region}/{name}"),
        _ => source.to_owned(),
    }
}

/// What AWS has accepted of a database and not put in force.
pub(crate) fn waiting(database: &Live) -> Vec<Waiting> {
    waiting::of(database)
}

/// The tags of a database.
pub(crate) fn tags_of_database(database: &Live) -> Tags {
    group_tags::map(database.tag_list())
}

/// Waits until a database can be changed: the database as it is then.
pub(crate) async fn settled(region: &Region<'_>, id: &str) -> Result<Live> {
    let mut wait = region.wait(region.timeouts().slow);
    loop {
        let live = adapter::look::<Database>(region, id).await?;
        let Some(live) = live else {
            return Err(DESCRIBE_DB_INSTANCES.refused(format!("the database `{id}` is gone")));
        };
        let status = live.db_instance_status().unwrap_or_default().to_owned();
        if SERVING.contains(&status.as_str()) || status == "storage-full" {
            return Ok(live);
        }
        if failed(&status) {
            return Err(DESCRIBE_DB_INSTANCES.refused(format!("the database `{id}` is `{status}`")));
        }
        if !wait.pause(&format!("the database `{id}` is `{status}`")).await {
            let message =
                format!("the database `{id}` is still `{status}`: somebody else may be changing it");
            return Err(crate::error::timed_out(DESCRIBE_DB_INSTANCES.name, message));
        }
    }
}
