use anyhow::anyhow;
use asiaq_aws::cache_snapshot_name;

use crate::engine::{self, CacheSession, Interrupts, Way, Writing};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, caches, json};

/// Shows the caches of environments, and takes snapshots of them
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Cache {
    /// Lists the caches of the project, with their endpoints and what waits for a window
    List(List),
    /// Takes a snapshot of a cache, which stays until it is deleted
    ///
    /// It is named after the cache and the moment. A cache of Memcached keeps no copies of its data.
    Snapshot(Snapshot),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Snapshot {
    /// Name of the cache in the program, or its id
    #[arg(value_name = "CACHE")]
    cache: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

impl Cache {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Snapshot(snapshot) => snapshot.run(&interrupts).await,
        })
    }
}

async fn session(project: &Project, way: &Way, interrupts: &Interrupts) -> Result<CacheSession> {
    let request = way.request(project.path.as_deref());
    interrupts.guard(Box::pin(engine::cache_session(request, interrupts))).await
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(&self.project, &self.way, interrupts).await?;
        let found = interrupts.until_interrupted(session.caches()).await?;
        ui::list(self.way.format, &found, found.is_empty().then_some("there are no caches"), || {
            caches::list(&found)
        });
        Ok(Exit::of(session.is_partial()))
    }
}

impl Snapshot {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(&self.project, &self.way, interrupts).await?;
        let cache = interrupts.until_interrupted(session.cache(&self.cache)).await?;
        let Some(description) = &cache.description else {
            return Err(
                anyhow!("`{}` is of Memcached, which keeps no copies of its data", cache.name()).into()
            );
        };
        let snapshot = cache_snapshot_name(description);
        match self.way.format {
            Format::Json => json::print(&caches::Snapshot { cache: &cache, snapshot: &snapshot }),
            Format::Text => ui::out(&caches::list(std::slice::from_ref(&cache))),
        }
        if self.writing.dry_run {
            ui::say(&format!("would take the snapshot `{snapshot}`\n"));
            return Ok(Exit::Changes);
        }
        let question = format!("Take the snapshot `{snapshot}`? The cache may be slower meanwhile.");
        self.writing.agreed(&question, interrupts).await?;
        ui::say(&format!("taking the snapshot `{snapshot}`\n"));
        session.snapshot(&cache, &snapshot).await?;
        ui::say(&format!("took the snapshot `{snapshot}`\n"));
        Ok(Exit::Done)
    }
}
