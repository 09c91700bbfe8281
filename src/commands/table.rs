use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::engine::{self, From, Interrupts, TableSession, Way, Writing};
use crate::env_table::moment;
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::tables::{self, Done};
use crate::ui::{self, Format, json};

/// Shows tables, takes and restores backups of them, and exports them to a bucket
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Table {
    /// Lists the tables of the project
    List(List),
    /// Shows a table with its backups and exports
    ///
    /// The table may be gone: AWS keeps its backups.
    Show(Show),
    /// Takes a backup of a table, which stays until somebody deletes it
    Backup(Backup),
    /// Restores a table from a backup, or as it was at a moment
    ///
    /// Never writes over a table: a declared table is restored if it is gone, and otherwise under the name of `--as`.
    /// What AWS does not restore, such as the stream, the next `asiaq apply` puts back. AWS goes on with a
    /// restore that is interrupted, and the same command waits for it.
    Restore(Restore),
    /// Exports a table to a bucket, as AWS's JSON
    ///
    /// The table needs point-in-time recovery. AWS goes on with an export that is interrupted, and the same command waits
    /// for it.
    Export(Export),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

/// The table, and how to get to it.
#[derive(clap::Args, Debug)]
struct Which {
    /// Name of the table in the program, or in AWS
    #[arg(value_name = "TABLE")]
    table: String,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Backup {
    #[command(flatten)]
    which: Which,
    /// Name of the backup. Default: `TABLE-manual-TIME`, such as `users_ci-manual-20261130-040000`
    #[arg(long, value_name = "NAME", value_parser = backup_name)]
    name: Option<String>,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Restore {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    source: Source,
    /// Restores as this table: another one that the program declares and that is gone, or a new name in AWS, which asiaq
    /// does not manage. Default: the table itself
    #[arg(long = "as", value_name = "TABLE")]
    target: Option<String>,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Source {
    /// From the backup with this name or ARN
    #[arg(long, value_name = "BACKUP")]
    backup: Option<String>,
    /// As the table was at this moment, such as `2026-11-30T04:00:00Z`
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// As the table is now, or as late as AWS can, which is some minutes ago
    #[arg(long)]
    latest: bool,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    which: Which,
    /// The bucket: the name of a declaration, or the name in AWS
    #[arg(long, value_name = "BUCKET")]
    bucket: String,
    /// What the keys of the objects begin with. Default: `ENV/TABLE`
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// As the table was at this moment, such as `2026-11-30T04:00:00Z`. Default: now
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    #[command(flatten)]
    writing: Writing,
}

/// Parses a moment.
fn time(text: &str) -> std::result::Result<Timestamp, String> {
    text.parse().map_err(|_| "write a moment with its time zone, such as `2026-11-30T04:00:00Z`".to_owned())
}

/// Parses the name of a backup, as AWS takes it.
fn backup_name(text: &str) -> std::result::Result<String, String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    if (3..=255).contains(&text.len()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("write 3 to 255 letters, digits, `_`, `-` and `.`".to_owned())
    }
}

impl Table {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Show(show) => show.run(&interrupts).await,
            Self::Backup(backup) => backup.run(&interrupts).await,
            Self::Restore(restore) => restore.run(&interrupts).await,
            Self::Export(export) => export.run(&interrupts).await,
        })
    }
}

async fn session(project: &Project, way: &Way, interrupts: &Interrupts) -> Result<TableSession> {
    let request = way.request(project.path.as_deref());
    interrupts.guard(Box::pin(engine::table_session(request, interrupts))).await
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(&self.project, &self.way, interrupts).await?;
        let found = interrupts.until_interrupted(session.tables()).await?;
        ui::list(
            self.way.format,
            &tables::data(&found),
            found.is_empty().then_some("there are no tables"),
            || tables::list(&found),
        );
        Ok(Exit::of(session.is_partial))
    }
}

impl Which {
    async fn session(&self, interrupts: &Interrupts) -> Result<TableSession> {
        session(&self.project, &self.way, interrupts).await
    }

    /// Shows what is done, or would be.
    fn show(&self, done: &Done<'_>) {
        match self.way.format {
            Format::Json => json::print(done),
            Format::Text => ui::out(&tables::done(done)),
        }
    }
}

impl Show {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = self.which.session(interrupts).await?;
        let looked = async {
            let table = session.table(&self.which.table).await?;
            let backups = session.backups(&table).await?;
            let exports = if table.live.is_some() { session.exports(&table).await? } else { Vec::new() };
            Ok((table, backups, exports))
        };
        let (table, backups, exports) = interrupts.guard(Box::pin(looked)).await?;
        match self.which.way.format {
            Format::Json => json::print(&tables::whole(&table, &backups, &exports)),
            Format::Text => ui::out(&tables::show(&table, &backups, &exports)),
        }
        Ok(Exit::Done)
    }
}

impl Backup {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = self.which.session(interrupts).await?;
        let found = async { Ok(session.to_back_up(&self.which.table).await?) };
        let table = interrupts.guard(Box::pin(found)).await?;
        if self.writing.dry_run {
            self.which.show(&Done::would_back_up(&table, self.name.as_deref()));
            return Ok(Exit::Changes);
        }
        let question = format!("Take a backup of `{}`?", table.aws);
        self.writing.agreed(&question, interrupts).await?;
        ui::say(&format!("taking a backup of {} …\n", table.aws));
        let taken = async { Ok(session.back_up(&table, self.name.as_deref()).await?) };
        let taken = interrupts.guard(Box::pin(taken)).await?;
        self.which.show(&Done::backed_up(&table, &taken));
        Ok(Exit::Done)
    }
}

/// Says what AWS is doing: once, and then each minute.
fn progress() -> impl Fn(&str) + Send + Sync {
    let start = Instant::now();
    let last = std::sync::Mutex::new(None::<Instant>);
    move |what: &str| {
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= Duration::from_mins(1)) {
            let minutes = start.elapsed().as_secs() / 60;
            let since = if last.is_some() { format!(" ({minutes} min)") } else { String::new() };
            ui::say(&format!("{what} …{since}\n"));
            *last = Some(Instant::now());
        }
    }
}

impl Restore {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = self.which.session(interrupts).await?;
        let from = match &self.source {
            Source { backup: Some(name), .. } => From::Backup(name),
            Source { at: Some(at), .. } => From::Moment(*at),
            _ => From::Latest,
        };
        let looked = async { Ok(session.restoring(&self.which.table, from, self.target.as_deref()).await?) };
        let restoring = interrupts.guard(Box::pin(looked)).await?;
        if self.writing.dry_run {
            self.which.show(&Done::would_restore(&restoring));
            return Ok(Exit::Changes);
        }
        let question = format!("Restore {} as `{}`?", restoring.from, restoring.target.aws);
        self.writing.agreed(&question, interrupts).await?;
        let tell = progress();
        let work = async { Ok(session.restore(&restoring, &tell).await?) };
        interrupts.guard(Box::pin(work)).await?;
        self.which.show(&Done::restored(&restoring));
        Ok(Exit::Done)
    }
}

impl Export {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = self.which.session(interrupts).await?;
        let (table, prefix) = (&self.which.table, self.prefix.as_deref());
        let looked = async { Ok(session.exporting(table, &self.bucket, prefix, self.at).await?) };
        let (table, to, begun) = interrupts.guard(Box::pin(looked)).await?;
        if self.writing.dry_run {
            self.which.show(&Done::would_export(&table, &to, begun.as_ref()));
            return Ok(Exit::Changes);
        }
        let when = to.at.map(|at| format!(", as it was at {},", moment(at))).unwrap_or_default();
        let question = format!("Export `{}`{when} to s3://{}/{}?", table.aws, to.bucket, to.prefix);
        self.writing.agreed(&question, interrupts).await?;
        let tell = progress();
        let work = async { Ok(session.export(&table, &to, begun, &tell).await?) };
        let export = interrupts.guard(Box::pin(work)).await?;
        self.which.show(&Done::exported(&table, &export));
        Ok(Exit::Done)
    }
}
