use std::time::Duration;

use asiaq_ir::{DatabaseClusterInstance, Kind, Ref, Until, Waiting};
use aws_sdk_rds::types::DbInstance as Live;
use serde_json::json;

use super::database::group_tags::{self, DatabaseTags};
use super::database::{
    CREATE_DB_INSTANCE, DELETE_DB_INSTANCE, DESCRIBE_DB_INSTANCES, MODIFY_DB_INSTANCE, interval, settled,
    state,
};
use super::prelude::*;
use crate::service::rds;

const OPS: &[Operation] =
    &[CREATE_DB_INSTANCE, MODIFY_DB_INSTANCE, DELETE_DB_INSTANCE, DESCRIBE_DB_INSTANCES];
/// Another database has the identifier.
const TAKEN: &str = "DBInstanceAlreadyExists";

impl Api for DatabaseClusterInstance {
    type Live = Live;
    type Tags = DatabaseTags;

    const OPERATIONS: IamActions = &[OPS, group_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_DB_INSTANCES;
    const READY: Option<Limit> = Some(Limit(Duration::from_hours(2), "the instance is not available"));
    const GONE: Option<Limit> = Some(Limit(Duration::from_hours(2), "the instance is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DB_INSTANCE, TAKEN, |instance| &instance.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let call = region.rds().describe_db_instances();
        let call = match &which {
            Which::OfProject(_) => call,
            Which::Id(name) => call.db_instance_identifier(*name),
            Which::InPlaceOf(wanted) => call.db_instance_identifier(&wanted.name),
        };
        let all = DESCRIBE_DB_INSTANCES.all(call.into_paginator().items().send()).await?;
        // Those of no cluster are of another kind.
        let is_own = |live: &Live| live.db_cluster_identifier().is_some();
        let is_all = matches!(which, Which::OfProject(_));
        Ok(all.into_iter().filter(|live| !is_all || is_own(live)).collect())
    }

    fn id(instance: &Live) -> Option<&str> {
        instance.db_instance_identifier()
    }

    fn tags(instance: &Live) -> Option<Tags> {
        Some(group_tags::map(instance.tag_list()))
    }

    fn exists(instance: &Live) -> bool {
        instance.db_instance_status() != Some("deleting")
    }

    fn state(instance: &Live) -> State {
        state(instance)
    }

    fn form(instance: &Live) -> Option<Self> {
        let pending = instance.pending_modified_values();
        let text = |value: Option<&str>| value.map(ToOwned::to_owned);
        Some(Self {
            name: instance.db_instance_identifier.clone()?,
            cluster: Ref::Id(instance.db_cluster_identifier.clone()?),
            engine: instance.engine.clone().unwrap_or_default(),
            class: text(pending.and_then(|wait| wait.db_instance_class()).or(instance.db_instance_class()))?,
            public: instance.publicly_accessible.unwrap_or_default(),
            minor_upgrades: instance.auto_minor_version_upgrade.unwrap_or_default(),
            maintenance_window: text(instance.preferred_maintenance_window())
                .map(|window| window.to_ascii_lowercase()),
            ca: text(
                pending
                    .and_then(|wait| wait.ca_certificate_identifier())
                    .or(instance.ca_certificate_identifier()),
            ),
            insights: instance.performance_insights_enabled.unwrap_or_default(),
            monitoring: unsigned(instance.monitoring_interval.unwrap_or_default()),
            // Without an interval the role means nothing.
            monitoring_role: text(instance.monitoring_role_arn())
                .filter(|_| instance.monitoring_interval.unwrap_or_default() > 0),
            apply_now: false,
        })
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        let mut facts = adapter::assigned::<Self>(&live);
        for instance in &live {
            let waiting = waiting(instance);
            if let Some(id) = instance.db_instance_identifier().filter(|_| !waiting.is_empty()) {
                facts.waiting.insert(Waiting::key(Kind::DatabaseClusterInstance, id), waiting);
            }
        }
        let found = adapter::found::<Self>(region, project, live).await?;
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .rds()
            .create_db_instance()
            .db_instance_identifier(&self.name)
            .set_db_cluster_identifier(id_of(&self.cluster))
            .engine(&self.engine)
            .db_instance_class(&self.class)
            .publicly_accessible(self.public)
            .auto_minor_version_upgrade(self.minor_upgrades)
            .set_preferred_maintenance_window(self.maintenance_window.clone())
            .set_ca_certificate_identifier(self.ca.clone())
            .enable_performance_insights(self.insights)
            .set_monitoring_interval(interval(self.monitoring))
            .set_monitoring_role_arn(self.monitoring_role.clone())
            .set_tags(group_tags::list(request.tags));
        region.retry_until_consistent(CREATE_DB_INSTANCE, || call.clone().send()).await?;
        Ok(Created { id: self.name.clone(), initial: self.clone(), ready: false })
    }

    /// What is there is read anew: values may wait.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let live = settled(region, id).await?;
        let Some(there) = Self::form(&live) else { return Ok(()) };
        let in_force = live.db_instance_class();
        let is_wanted_now = wanted.apply_now && in_force != Some(wanted.class.as_str());
        let is_resized = there.class != wanted.class || is_wanted_now;
        let changes = |own: &Option<String>, live: &Option<String>| own.is_some() && own != live;
        let mut call = region.rds().modify_db_instance().db_instance_identifier(id);
        let mut is_changed = false;
        if is_resized {
            call = call.db_instance_class(&wanted.class);
            is_changed = true;
        }
        if there.public != wanted.public {
            call = call.publicly_accessible(wanted.public);
            is_changed = true;
        }
        if there.minor_upgrades != wanted.minor_upgrades {
            call = call.auto_minor_version_upgrade(wanted.minor_upgrades);
            is_changed = true;
        }
        if changes(&wanted.maintenance_window, &there.maintenance_window) {
            call = call.set_preferred_maintenance_window(wanted.maintenance_window.clone());
            is_changed = true;
        }
        if changes(&wanted.ca, &there.ca) {
            call = call.set_ca_certificate_identifier(wanted.ca.clone());
            is_changed = true;
        }
        if there.insights != wanted.insights {
            call = call.enable_performance_insights(wanted.insights);
            is_changed = true;
        }
        let of = |one: &Self| (one.monitoring, one.monitoring_role.clone());
        if of(&there) != of(wanted) {
            call = call.monitoring_interval(signed(wanted.monitoring));
            call = call.set_monitoring_role_arn(wanted.monitoring_role.clone());
            is_changed = true;
        }
        if !is_changed {
            return Ok(());
        }
        let call = call.apply_immediately(is_resized && wanted.apply_now);
        region.retry_until_consistent(MODIFY_DB_INSTANCE, || call.clone().send()).await?;
        settled(region, id).await.map(drop)
    }

    /// Its data are in the cluster: there is nothing to take a snapshot of.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let Some(live) = adapter::look::<Self>(region, id).await? else { return Ok(()) };
        if live.db_instance_status() == Some("deleting") {
            return Ok(());
        }
        let call = region.rds().delete_db_instance().db_instance_identifier(id).skip_final_snapshot(true);
        let done = region.retry_until_consistent(DELETE_DB_INSTANCE, || call.clone().send()).await;
        rds.found(done).map(drop)
    }
}

/// The fields whose values wait, with the values in force.
pub(crate) fn waiting(instance: &Live) -> Vec<Waiting> {
    let Some(pending) = instance.pending_modified_values() else { return Vec::new() };
    let fields = [
        (DatabaseClusterInstance::CLASS.as_str(), instance.db_instance_class(), pending.db_instance_class()),
        (
            DatabaseClusterInstance::CA.as_str(),
            instance.ca_certificate_identifier(),
            pending.ca_certificate_identifier(),
        ),
    ];
    let waits = fields.into_iter().filter_map(|(field, in_force, accepted)| {
        Some(Waiting {
            field: field.to_owned(),
            in_force: in_force.map(|value| json!(value)).unwrap_or_default(),
            accepted: json!(accepted?),
            until: Until::MaintenanceWindow,
        })
    });
    waits.collect()
}
