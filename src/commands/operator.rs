use crate::engine::{self, Interrupts, OperatorSession, Way, Writing};
use crate::exit::{Exit, Result};
use crate::password;
use crate::project::Project;
use crate::ui::operators::{self, Done};
use crate::ui::{self, Format, json};

/// Shows operators in the credential buckets of environments, and sets their passwords
///
/// An apply writes what the program declares of an operator. Passwords are in no program: only their hashes are kept, in the
/// files of the operators.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Operator {
    /// Lists the operators of environments: those of the program, and the others in their buckets
    List(List),
    /// Shows an operator in each environment that has it
    Show(Show),
    /// Sets the password of an operator, in each environment that has it
    ///
    /// It is typed twice and not shown, or else read from standard input. Written is its SHA-512 hash of `crypt`, with
    /// another salt for each environment.
    Password(Password),
    /// Prints the SHA-512 hash of `crypt` of a password, and writes nothing
    ///
    /// The password is typed twice and not shown, or else read from standard input.
    Hash(Hash),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    way: Way,
}

/// The operator, and how to get to it.
#[derive(clap::Args, Debug)]
struct Which {
    /// Name of the operator
    #[arg(value_name = "NAME")]
    name: String,
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
pub(crate) struct Password {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Hash {}

impl Operator {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Show(show) => show.run(&interrupts).await,
            Self::Password(password) => password.run(&interrupts).await,
            Self::Hash(_) => {
                let hash = hashed(&interrupts).await?;
                ui::out(&format!("{}\n", hash.as_str()));
                Ok(Exit::Done)
            }
        })
    }
}

async fn session(project: &Project, way: &Way, interrupts: &Interrupts) -> Result<OperatorSession> {
    let request = way.request(project.path.as_deref());
    interrupts.guard(Box::pin(engine::operator_session(request, interrupts))).await
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(&self.project, &self.way, interrupts).await?;
        let found = interrupts.until_interrupted(session.operators()).await?;
        ui::list(
            self.way.format,
            &operators::data(&found),
            found.is_empty().then_some("there are no operators"),
            || operators::list(&found),
        );
        Ok(Exit::of(session.is_partial()))
    }
}

impl Show {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Which { name, project, way } = &self.which;
        let session = session(project, way, interrupts).await?;
        let found = interrupts.until_interrupted(session.named(name)).await?;
        match way.format {
            Format::Json => json::print(&operators::data(&found)),
            Format::Text => ui::out(&operators::show(&found)),
        }
        Ok(Exit::of(session.is_partial()))
    }
}

impl Password {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Which { name, project, way } = &self.which;
        let session = session(project, way, interrupts).await?;
        let found = interrupts.until_interrupted(session.written(name)).await?;
        let show = |done: &Done<'_>| match way.format {
            Format::Json => json::print(done),
            Format::Text => ui::out(&operators::done(done)),
        };
        if self.writing.dry_run {
            show(&Done::new(name, &found, false));
            return Ok(Exit::Changes);
        }
        let envs: Vec<&str> = found.iter().map(|one| one.env.as_str()).collect();
        let question = format!("Set the password of `{name}` in {}?", ui::listed(&envs));
        self.writing.agreed(&question, interrupts).await?;
        let password = typed(interrupts).await?;
        for one in &found {
            if interrupts.any() {
                return Ok(Exit::Interrupted);
            }
            let hash = password::hash(&password)?;
            session.set_password(one, &hash).await?;
        }
        show(&Done::new(name, &found, true));
        Ok(Exit::Done)
    }
}

async fn hashed(interrupts: &Interrupts) -> Result<zeroize::Zeroizing<String>> {
    Ok(password::hash(&typed(interrupts).await?)?)
}

/// The password, unless the user interrupts the question.
async fn typed(interrupts: &Interrupts) -> Result<zeroize::Zeroizing<String>> {
    interrupts.until_interrupted(async { tokio::task::spawn_blocking(password::read).await? }).await
}
