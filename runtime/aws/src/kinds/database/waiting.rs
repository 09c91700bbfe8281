//! What AWS has accepted of a database and not put in force yet.

use asiaq_ir::{Database, Until, Waiting};
use serde_json::{Value, json};

use super::{Live, option_group};

/// The fields whose values wait, with the values in force.
pub(super) fn of(database: &Live) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    let mut waits = |field: &str, in_force: Option<Value>, wanted: Option<Value>| {
        if let Some(wanted) = wanted {
            let in_force = in_force.unwrap_or_default();
            let field = field.to_owned();
            waiting.push(Waiting { field, in_force, accepted: wanted, until: Until::MaintenanceWindow });
        }
    };
    if let Some(pending) = database.pending_modified_values() {
        let text = |value: Option<&str>| value.map(|value| json!(value));
        let number = |value: Option<i32>| value.map(|value| json!(value));
        waits(Database::VERSION.as_str(), text(database.engine_version()), text(pending.engine_version()));
        waits(
            Database::CLASS.as_str(),
            text(database.db_instance_class()),
            text(pending.db_instance_class()),
        );
        waits(
            Database::STORAGE.as_str(),
            number(database.allocated_storage),
            number(pending.allocated_storage),
        );
        waits(Database::STORAGE_TYPE.as_str(), text(database.storage_type()), text(pending.storage_type()));
        waits(Database::IOPS.as_str(), number(database.iops), number(pending.iops));
        waits(
            Database::THROUGHPUT.as_str(),
            number(database.storage_throughput),
            number(pending.storage_throughput),
        );
        waits(
            Database::MULTI_AZ.as_str(),
            database.multi_az.map(|value| json!(value)),
            pending.multi_az.map(|value| json!(value)),
        );
        waits(
            Database::BACKUPS.as_str(),
            number(database.backup_retention_period),
            number(pending.backup_retention_period),
        );
        let group = |is_accepted| option_group(database, is_accepted);
        let accepted = group(true).filter(|accepted| group(false) != Some(accepted));
        waits(Database::OPTION_GROUP.as_str(), text(group(false)), text(accepted));
        waits(Database::LICENSE.as_str(), text(database.license_model()), text(pending.license_model()));
        waits(
            Database::CA.as_str(),
            text(database.ca_certificate_identifier()),
            text(pending.ca_certificate_identifier()),
        );
    }
    if database.db_parameter_groups().iter().any(is_waiting) {
        waiting.push(Waiting {
            field: Database::IN_FORCE.as_str().to_owned(),
            in_force: json!(false),
            accepted: json!(true),
            until: Until::Reboot,
        });
    }
    waiting
}

/// Whether static parameters of a group wait for a reboot.
fn is_waiting(group: &aws_sdk_rds::types::DbParameterGroupStatus) -> bool {
    group.parameter_apply_status() == Some("pending-reboot")
}
