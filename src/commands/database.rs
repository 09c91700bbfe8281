mod clone;

use std::time::Duration;

use asiaq_runtime::{DatabaseSnapshot, Expiry};

use crate::engine::{self, DatabaseSession, Interrupts, Way, Writing, age, ago};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, databases, json};

use clone::CloneDatabase;

/// Shows the databases of environments and their snapshots, copies and reboots databases, and deletes old snapshots
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Database {
    /// Lists the databases of the project, with their endpoints and what waits for a window or a reboot
    List(Looking),
    /// Shows a database: endpoint, storage, standby, windows, parameters, backups, snapshots, and what waits
    Show(Which),
    /// Makes a database of an environment from the data of another one
    ///
    /// Takes a snapshot of the database in `--from`, or uses the one of `--snapshot`, and makes the database that `--env`
    /// declares from it, with what it needs of its network: never an empty one. All settings are those of the program, the
    /// password of the master user is a new one, and the snapshot that was taken is deleted in the end. A database that is
    /// there already is not touched. A run that is interrupted is continued by the next one.
    Clone(CloneDatabase),
    /// Lists the snapshots of the databases of the project
    Snapshots(Looking),
    /// Deletes old snapshots of the databases of the project
    ///
    /// Snapshots of other projects and of nobody, automated backups, and snapshots that are still being taken stay. So do
    /// final snapshots, unless `--final` is given.
    Cleanup(Cleanup),
    /// Reboots a database, or each instance of a cluster, which puts static parameters in force
    Reboot(Reboot),
    /// Lets the standby of a database, or a reader of a cluster, take over, which takes about a minute
    Failover(Reboot),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Looking {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Which {
    /// Name of the database in the program, or its identifier
    #[arg(value_name = "DATABASE")]
    database: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Cleanup {
    #[command(flatten)]
    project: Project,
    /// Number of snapshots of each database that stay, the newest
    #[arg(long, value_name = "N", default_value_t = 1)]
    keep: usize,
    /// Only snapshots that are older than this time, such as `30d`
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = age)]
    older_than: Duration,
    /// Also final snapshots, which are all that is left of deleted databases
    #[arg(long = "final")]
    with_final: bool,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Reboot {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    writing: Writing,
}

impl Database {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(looking) => {
                let session = session(&looking.project, &looking.way, &interrupts).await?;
                let found = interrupts.until_interrupted(session.databases()).await?;
                ui::list(
                    looking.way.format,
                    &found,
                    found.is_empty().then_some("there are no databases"),
                    || databases::list(&found),
                );
                Ok(Exit::Done)
            }
            Self::Snapshots(looking) => {
                let session = session(&looking.project, &looking.way, &interrupts).await?;
                let found = interrupts.until_interrupted(session.snapshots()).await?;
                ui::list(
                    looking.way.format,
                    &found,
                    found.is_empty().then_some("there are no snapshots"),
                    || databases::snapshots(&found),
                );
                Ok(Exit::Done)
            }
            Self::Show(which) => which.show(&interrupts).await,
            Self::Clone(clone) => clone.run(&interrupts).await,
            Self::Cleanup(cleanup) => cleanup.run(&interrupts).await,
            Self::Reboot(reboot) => reboot.run(false, &interrupts).await,
            Self::Failover(reboot) => reboot.run(true, &interrupts).await,
        })
    }
}

async fn session(project: &Project, way: &Way, interrupts: &Interrupts) -> Result<DatabaseSession> {
    let request = way.request(project.path.as_deref());
    let connect = engine::database_session(request, interrupts);
    interrupts.guard(Box::pin(connect)).await
}

impl Which {
    async fn show(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(&self.project, &self.way, interrupts).await?;
        let all = async {
            let database = session.database(&self.database).await?;
            let details = session.details(&database).await?;
            let snapshots = session.snapshots().await?;
            let is_own = |one: &DatabaseSnapshot| {
                one.database == database.id && one.environment == database.environment
            };
            Ok((details, snapshots.into_iter().filter(is_own).collect::<Vec<_>>()))
        };
        let (details, snapshots) = interrupts.guard(Box::pin(all)).await?;
        match self.way.format {
            Format::Json => json::print(&databases::data(&details, &snapshots)),
            Format::Text => ui::out(&databases::details(&details, &snapshots)),
        }
        Ok(Exit::Done)
    }
}

impl Cleanup {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(&self.project, &self.way, interrupts).await?;
        let all = interrupts.until_interrupted(session.snapshots()).await?;
        let expiry = Expiry { keep: self.keep, before: ago(self.older_than), with_final: self.with_final };
        let expired: Vec<_> = expiry.expired(&all).into_iter().cloned().collect();
        ui::list(
            self.way.format,
            &expired,
            expired.is_empty().then_some("no snapshot is old enough to be deleted"),
            || databases::snapshots(&expired),
        );
        if expired.is_empty() {
            return Ok(Exit::Done);
        }
        if self.writing.dry_run {
            return Ok(Exit::Changes);
        }
        let question = format!("Delete these {} snapshots? They cannot be restored.", expired.len());
        self.writing.agreed(&question, interrupts).await?;
        for snapshot in &expired {
            session.delete(snapshot).await?;
            ui::say(&format!("deleted {}\n", snapshot.id));
        }
        Ok(Exit::Done)
    }
}

impl Reboot {
    async fn run(&self, failover: bool, interrupts: &Interrupts) -> Result<Exit> {
        let Which { database, project, way } = &self.which;
        let session = session(project, way, interrupts).await?;
        let found = async { Ok(session.database(database).await?) };
        let database = interrupts.guard(Box::pin(found)).await?;
        match way.format {
            Format::Json => json::print(&database),
            Format::Text => ui::out(&databases::list(std::slice::from_ref(&database))),
        }
        if self.writing.dry_run {
            return Ok(Exit::Changes);
        }
        let what = match (failover, database.is_cluster()) {
            (true, true) => "Let a reader of",
            (true, false) => "Let the standby of",
            (false, true) => "Reboot each instance of",
            (false, false) => "Reboot",
        };
        let rest = if failover { " take over" } else { "" };
        let question = format!("{what} `{}`{rest}? Its connections end.", database.id);
        self.writing.agreed(&question, interrupts).await?;
        session.reboot(&database, failover).await?;
        ui::say(&format!("`{}` serves again\n", database.id));
        Ok(Exit::Done)
    }
}
