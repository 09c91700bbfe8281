//! Tables of a project, as `asiaq table` shows them.

use serde::Serialize;

use crate::Taken;

/// A table in AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveTable {
    /// Its name.
    pub name: String,
    /// The address of its owner in the project; none where it belongs to nobody, or to another project.
    #[serde(skip)]
    pub address: Option<String>,
    /// Whether a project of asiaq owns it, this one or another one.
    #[serde(skip)]
    pub is_owned: bool,
    /// What it is doing: `active`, `creating`, `updating`.
    pub status: String,
    /// Items, which AWS counts every six hours.
    pub items: i64,
    /// Bytes, which AWS counts every six hours.
    pub bytes: i64,
    /// How requests are paid: `on demand`, or `provisioned`.
    pub billing: String,
    /// Names of its indexes.
    pub indexes: Vec<String>,
    /// The attribute with the time at which an item is deleted.
    pub ttl: Option<String>,
    /// What its stream says.
    pub stream: Option<String>,
    /// The seconds since 1970 as at which it can be restored or exported.
    pub recovery: Option<Recovery>,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// Other regions with a replica.
    pub replicas: Vec<String>,
    /// What it was restored from.
    pub restored: Option<Restored>,
    /// What of it cannot change.
    #[serde(skip)]
    pub shape: TableShape,
}

/// The time as at which a table can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Days that are kept.
    pub days: u32,
    /// The first second, since 1970.
    pub earliest: Option<i64>,
    /// The last second, since 1970.
    pub latest: Option<i64>,
}

/// What a table was restored from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// ARN of the backup.
    pub backup: Option<String>,
    /// ARN of the table.
    pub table: Option<String>,
    /// The second since 1970 as at which.
    pub at: i64,
    /// Whether it still goes on.
    pub is_in_progress: bool,
}

/// A backup of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableBackup {
    /// Its ARN.
    pub id: String,
    /// Its name, which others may have too.
    pub name: String,
    /// The name of the table.
    pub table: String,
    /// Why it was taken.
    pub taken: Taken,
    /// Whether it can be used: `available`, `creating`.
    pub status: String,
    /// Bytes.
    pub bytes: i64,
    /// When it was taken, in seconds since 1970.
    pub created: Option<i64>,
}

/// What of a table, or of a backup of it, cannot change in a table that is made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableShape {
    /// The attributes of the key: the partition key, and the sort key.
    pub key: Vec<String>,
    /// Names of its local indexes, sorted.
    pub local_indexes: Vec<String>,
}

/// An export of a table to a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableExport {
    /// Its ARN.
    pub id: String,
    /// How far it is: `in progress`, `completed`, `failed`.
    pub status: String,
    /// The bucket.
    pub bucket: String,
    /// What its keys begin with.
    pub prefix: String,
    /// The second since 1970 as at which the table is exported.
    pub at: Option<i64>,
    /// Items that were written.
    pub items: Option<i64>,
    /// Key of the file that lists what was written.
    pub manifest: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// What a table is restored from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreSource {
    /// The backup with this ARN.
    Backup(String),
    /// The table with this name as it was at a second since 1970, or as late as AWS can.
    Table(String, Option<i64>),
}

impl RestoreSource {
    /// Whether a table was restored from this.
    pub fn is_of(&self, restored: &Restored) -> bool {
        match self {
            Self::Backup(arn) => restored.backup.as_ref() == Some(arn),
            Self::Table(name, at) => {
                let end = format!(":table/{name}");
                restored.backup.is_none()
                    && restored.table.as_ref().is_some_and(|table| table.ends_with(&end))
                    && at.is_none_or(|at| at == restored.at)
            }
        }
    }
}

/// Where a table is exported to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportTarget {
    /// The bucket.
    pub bucket: String,
    /// Id of the account that has the bucket; none for that of the table.
    pub owner: Option<String>,
    /// What the keys begin with.
    pub prefix: String,
    /// The second since 1970 as at which; none for now.
    pub at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_table_is_known_by_what_it_was_made_from() {
        let arn = |rest: &str| format!("arn:aws:dynamodb:us-west-2:1:table/users_ci{rest}");
        let from_backup =
            Restored { backup: Some(arn("/backup/1")), table: Some(arn("")), at: 5, is_in_progress: true };
        let from_table = Restored { backup: None, ..from_backup.clone() };
        let backup = RestoreSource::Backup(arn("/backup/1"));
        let of_table = |at| RestoreSource::Table("users_ci".to_owned(), at);
        assert!(backup.is_of(&from_backup) && !backup.is_of(&from_table));
        assert!(!RestoreSource::Backup(arn("/backup/2")).is_of(&from_backup));
        assert!(of_table(None).is_of(&from_table) && of_table(Some(5)).is_of(&from_table));
        assert!(!of_table(Some(6)).is_of(&from_table) && !of_table(None).is_of(&from_backup));
        assert!(!RestoreSource::Table("ci".to_owned(), None).is_of(&from_table));
    }
}
