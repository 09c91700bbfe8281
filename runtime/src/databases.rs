//! Databases of a project, as `asiaq database` shows them.

use serde::Serialize;

/// A database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectDatabase {
    /// Its environment.
    pub environment: String,
    /// Its address.
    pub address: String,
    /// Its identifier.
    pub id: String,
    /// Its engine.
    pub engine: String,
    /// Its version in force.
    pub version: String,
    /// Its class in force.
    pub class: String,
    /// GiB that AWS has allocated.
    pub storage: i32,
    /// What it is doing, as AWS says it.
    pub status: String,
    /// Host name, without the port; none while AWS has none yet.
    pub endpoint: Option<String>,
    /// Port.
    pub port: Option<i32>,
    /// What AWS has accepted and not put in force, in words.
    pub waiting: Vec<String>,
}

/// A snapshot of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseSnapshot {
    /// The environment of its database.
    pub environment: String,
    /// Its id.
    pub id: String,
    /// The identifier of its database.
    pub database: String,
    /// Why it was taken.
    pub taken: Taken,
    /// GiB.
    pub storage: i32,
    /// What is happening to it, as AWS says it.
    pub status: String,
    /// When it was taken, in seconds since 1970; none while it is being taken.
    pub created: Option<i64>,
}

/// Why a snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Taken {
    /// As an automated backup, which AWS deletes by itself.
    Automated,
    /// When its database was deleted.
    Final,
    /// By a call for it.
    Manual,
}

/// Which snapshots a cleanup deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The newest of each database that stay.
    pub keep: usize,
    /// Snapshots that were taken before this second since 1970.
    pub before: i64,
    /// Whether final snapshots are deleted too.
    pub with_final: bool,
}

impl Expiry {
    /// The snapshots to delete, of those of a project. What AWS deletes by itself, and what is not whole, stays.
    pub fn expired<'s>(&self, snapshots: &'s [DatabaseSnapshot]) -> Vec<&'s DatabaseSnapshot> {
        let mut all: Vec<&DatabaseSnapshot> = snapshots
            .iter()
            .filter(|one| match one.taken {
                Taken::Automated => false,
                Taken::Final => self.with_final,
                Taken::Manual => true,
            })
            .filter(|one| one.status == "available")
            .collect();
        all.sort_by(|a, b| (&a.database, b.created, &b.id).cmp(&(&b.database, a.created, &a.id)));
        let (mut of, mut kept) = ("", 0);
        all.retain(|one| {
            if one.database != of {
                (of, kept) = (&one.database, 0);
            }
            kept += 1;
            kept > self.keep && one.created.is_some_and(|created| created < self.before)
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(id: &str, database: &str, taken: Taken, created: i64) -> DatabaseSnapshot {
        let environment = "ci".to_owned();
        let (id, database, status) = (id.to_owned(), database.to_owned(), "available".to_owned());
        DatabaseSnapshot { environment, id, database, taken, storage: 20, status, created: Some(created) }
    }

    #[test]
    fn the_newest_snapshots_of_each_database_stay() {
        let all = [
            snapshot("a1", "a", Taken::Manual, 1),
            snapshot("a2", "a", Taken::Manual, 2),
            snapshot("a3", "a", Taken::Manual, 3),
            snapshot("b1", "b", Taken::Manual, 1),
            snapshot("final", "a", Taken::Final, 0),
            snapshot("auto", "a", Taken::Automated, 0),
        ];
        let ids = |expiry: Expiry| -> Vec<&str> {
            expiry.expired(&all).into_iter().map(|one| one.id.as_str()).collect()
        };
        assert_eq!(ids(Expiry { keep: 2, before: 10, with_final: false }), ["a1"]);
        assert_eq!(ids(Expiry { keep: 1, before: 2, with_final: false }), ["a1"]);
        assert_eq!(ids(Expiry { keep: 2, before: 10, with_final: true }), ["a1", "final"]);
        assert_eq!(ids(Expiry { keep: 0, before: 10, with_final: false }), ["a3", "a2", "a1", "b1"]);
    }
}
