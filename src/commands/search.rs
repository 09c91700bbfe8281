use anyhow::{anyhow, bail};
use asiaq_aws::SearchSession;
use asiaq_runtime::{Archive, Archiving, CloudError, SearchState, SnapshotState, is_index_day};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use crate::engine::{self, Interrupts, Searches, Way, Writing};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::search::{self as show, Outcome, Part};
use crate::ui::{self, Format, json};

/// Shows search domains, and keeps their indices in a bucket
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Search {
    /// Lists the search domains of the program, with endpoints and dashboards
    List(List),
    /// Takes a snapshot of each index that is older than yesterday
    ///
    /// The indices are those that the block `archive` names, with a date at the end of their names, and only green ones. A
    /// snapshot that is there is not taken again; a broken one is. A run that is interrupted is continued by the next one.
    Archive(ArchiveIndices),
    /// Deletes the oldest archived indices until enough space is free and few enough shards are left
    ///
    /// Only an index whose snapshot is whole is deleted.
    Groom(Groom),
    /// Restores the indices of some days from their snapshots
    Restore(Restore),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

/// The search domain, and how to get to it.
#[derive(clap::Args, Debug)]
struct Which {
    /// Name of the search domain
    #[arg(value_name = "SEARCH")]
    search: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct ArchiveIndices {
    #[command(flatten)]
    which: Which,
    /// Groom afterwards
    #[arg(long)]
    groom: bool,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Groom {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Restore {
    #[command(flatten)]
    which: Which,
    /// First day, such as `2026.11.01`
    #[arg(long, value_name = "DAY", value_parser = day)]
    begin: String,
    /// Last day
    #[arg(long, value_name = "DAY", value_parser = day)]
    end: String,
}

/// A day as in the names of indices.
fn day(text: &str) -> std::result::Result<String, String> {
    if is_index_day(text) { Ok(text.to_owned()) } else { Err("write a day, such as `2026.11.30`".to_owned()) }
}

impl Search {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Archive(ArchiveIndices { which, groom }) => {
                let archived = which.run(Task::Archive, &interrupts).await?;
                match (groom, archived) {
                    (true, Exit::Done | Exit::Changes) => {
                        let groomed = which.run(Task::Groom, &interrupts).await?;
                        Ok(if archived == Exit::Changes { archived } else { groomed })
                    }
                    (_, archived) => Ok(archived),
                }
            }
            Self::Groom(Groom { which }) => which.run(Task::Groom, &interrupts).await,
            Self::Restore(Restore { which, begin, end }) => {
                if begin > end {
                    return Err(anyhow!("`--begin {begin}` is after `--end {end}`").into());
                }
                which.run(Task::Restore { begin, end }, &interrupts).await
            }
        })
    }
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Self { project, way } = self;
        let looked = async {
            let searches = Box::pin(searches(project, way, interrupts)).await?;
            let mut rows = Vec::new();
            for search in &searches.declared {
                rows.push((search.clone(), searches.live(search).await?));
            }
            Ok((searches.is_partial, rows))
        };
        let (is_partial, rows) = interrupts.guard(Box::pin(looked)).await?;
        ui::list(
            way.format,
            &show::data(&rows),
            rows.is_empty().then_some("there are no search domains"),
            || show::text(&rows),
        );
        Ok(if is_partial { Exit::Partial } else { Exit::Done })
    }
}

async fn searches(project: &Project, way: &Way, interrupts: &Interrupts) -> Result<Searches> {
    let request = way.request(project.path.as_deref());
    engine::searches(request, interrupts).await
}

/// What is done with the indices of a search domain.
#[derive(Clone, Copy)]
enum Task<'a> {
    Archive,
    Groom,
    Restore { begin: &'a str, end: &'a str },
}

/// What is done with one index.
#[derive(Clone, Copy)]
enum Step {
    Archive { is_broken: bool },
    Wait,
    Delete,
    Restore,
}

impl Which {
    async fn run(&self, task: Task<'_>, interrupts: &Interrupts) -> Result<Exit> {
        let opened = async {
            let searches = Box::pin(searches(&self.project, &self.way, interrupts)).await?;
            let search = searches.named(&self.search)?.clone();
            Ok((searches, search))
        };
        let (searches, search) = interrupts.guard(Box::pin(opened)).await?;
        let looked = async {
            let (session, archive) = searches.open(&search).await?;
            let state = session.state(&archive).await.map_err(|error| unusable(&error))?;
            Ok((session, archive, state))
        };
        let (session, archive, state) = interrupts.guard(Box::pin(looked)).await?;
        let (mut outcome, steps) = plan(&search.aws, task, &archive, &state)?;
        let registers = matches!(task, Task::Archive) && !state.has_repository && !steps.is_empty();
        if self.writing.dry_run || steps.is_empty() {
            outcome.dry_run = self.writing.dry_run;
            outcome.registered = registers;
            self.show(&outcome);
            return Ok(exit_of(&outcome, self.writing.dry_run && !steps.is_empty()));
        }
        let question = show::question(&outcome, registers.then_some(archive.bucket.as_str()));
        self.writing.agreed(&question, interrupts).await?;
        let work = async {
            if registers {
                session.register(&archive).await.map_err(|error| unusable(&error))?;
                outcome.registered = true;
            }
            for (step, index) in steps {
                ui::say(&show::progress(&outcome, &index));
                let part = take(&session, &archive, step, &index).await.map_err(|error| {
                    anyhow!("{}\nwhat is done stays: run the command again to go on", unusable(&error))
                })?;
                outcome.note(part, index);
            }
            Ok(())
        };
        interrupts.guard(Box::pin(work)).await?;
        self.show(&outcome);
        Ok(exit_of(&outcome, false))
    }

    fn show(&self, outcome: &Outcome) {
        match self.way.format {
            Format::Json => json::print(outcome),
            Format::Text => ui::out(&show::outcome(outcome)),
        }
    }
}

/// What is known before anything is done, and the steps that are taken.
fn plan(
    domain: &str,
    task: Task<'_>,
    archive: &Archive,
    state: &SearchState,
) -> anyhow::Result<(Outcome, Vec<(Step, String)>)> {
    let mut outcome = Outcome::of(domain);
    let mut steps = Vec::new();
    match task {
        Task::Archive => {
            for (index, step) in archive.archiving(state, &yesterday()?) {
                match step {
                    Archiving::Exists => outcome.note(Part::Existed, index.name),
                    Archiving::Skip => outcome.note(Part::Skipped, index.name),
                    Archiving::Wait => steps.push((Step::Wait, index.name)),
                    Archiving::Take => steps.push((Step::Archive { is_broken: false }, index.name)),
                    Archiving::Redo => steps.push((Step::Archive { is_broken: true }, index.name)),
                }
            }
            outcome.expect(Part::Archived, &steps);
        }
        Task::Groom => {
            if state.space.total == 0 {
                bail!("the search domain `{domain}` does not tell its space");
            }
            let grooming = archive.grooming(state);
            outcome.missing = Some((grooming.bytes, grooming.shards));
            outcome.is_enough = grooming.is_enough;
            steps.extend(grooming.indices.into_iter().map(|index| (Step::Delete, index.name)));
            outcome.expect(Part::Deleted, &steps);
        }
        Task::Restore { begin, end } => {
            if !state.has_repository {
                bail!("the search domain `{domain}` has no snapshot repository `{}`", archive.repository);
            }
            let restoring = archive.restoring(state, begin, end);
            restoring.present.into_iter().for_each(|name| outcome.note(Part::Existed, name));
            restoring.broken.into_iter().for_each(|name| outcome.note(Part::Failed, name));
            steps.extend(restoring.indices.into_iter().map(|name| (Step::Restore, name)));
            outcome.expect(Part::Restored, &steps);
        }
    }
    Ok((outcome, steps))
}

async fn take(
    session: &SearchSession<'_>,
    archive: &Archive,
    step: Step,
    index: &str,
) -> std::result::Result<Part, CloudError> {
    let of = |state| if state == SnapshotState::Success { Part::Archived } else { Part::Failed };
    Ok(match step {
        Step::Archive { is_broken } => of(session.archive(archive, index, is_broken).await?),
        Step::Wait => of(session.finished(archive, index).await?),
        Step::Delete => {
            session.delete_index(index).await?;
            Part::Deleted
        }
        Step::Restore => {
            session.restore(archive, index).await?;
            Part::Restored
        }
    })
}

fn exit_of(outcome: &Outcome, has_changes: bool) -> Exit {
    match (has_changes, outcome.is_whole()) {
        (true, _) => Exit::Changes,
        (false, true) => Exit::Done,
        (false, false) => Exit::Partial,
    }
}

/// The day before this one in UTC, as in the names of indices.
fn yesterday() -> anyhow::Result<String> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    Ok(today.checked_sub(1.day())?.strftime("%Y.%m.%d").to_string())
}

fn unusable(error: &CloudError) -> anyhow::Error {
    engine::unusable("ask the search domain", error)
}
