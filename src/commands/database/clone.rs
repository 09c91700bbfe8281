//! `asiaq database clone`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{anyhow, bail};
use asiaq_ir::Address;
use asiaq_runtime::{DatabaseData, DatabaseDetails, DatabaseSnapshot, Goal, ProjectDatabase, clone_snapshot};

use crate::engine::{
    self, Consent, Copied, DatabaseSession, Declared, EnvironmentsRequest, Execution, Interrupts, Log,
    Request, Selection, Source,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui;

#[derive(clap::Args, Debug)]
pub(crate) struct CloneDatabase {
    /// Name of the database whose data are copied
    #[arg(value_name = "DATABASE")]
    database: String,
    #[command(flatten)]
    project: Project,
    /// Environment of the database whose data are copied
    #[arg(long, value_name = "NAME")]
    from: String,
    /// Environment that gets the copy, in the same account and region
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Name of the copy in the program. Default: that of the database
    #[arg(long = "as", value_name = "DATABASE")]
    name: Option<String>,
    /// Take no snapshot, and use this one of the database. Such a snapshot is not deleted
    #[arg(long, value_name = "ID")]
    snapshot: Option<String>,
    #[command(flatten)]
    execution: Execution,
}

/// What a copy is made from.
struct Origin {
    /// The snapshot, as the field `restore` of a database names it.
    restore: String,
    /// Id of the snapshot.
    snapshot: String,
    /// Identifier of the database in it.
    source: String,
    /// Whether a run that was interrupted has taken the snapshot.
    is_begun: bool,
}

impl CloneDatabase {
    pub(super) async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        self.execution.refuse_prune("database clone")?;
        let envs = [self.from.clone(), self.env.clone()];
        let request = EnvironmentsRequest {
            path: self.project.path.as_deref(),
            envs: &envs,
            connection: &self.execution.connection,
            format: self.execution.format,
        };
        let connect = engine::database_session(request, interrupts);
        let session = interrupts.guard(Box::pin(connect)).await?;
        let look = async { Ok(self.origin(&session).await?) };
        let (address, wanted, origin) = interrupts.guard(Box::pin(look)).await?;
        self.say(wanted, &origin);
        let again = self.again();
        let copy = Copied { address, from: &origin.restore, again: &again };
        let selection = Selection::of(&self.env);
        let execution = &self.execution;
        let work = async |log: &Log| {
            let (path, format) = (self.project.path.as_deref(), execution.format);
            let request = Request {
                copy: Some(copy),
                verb: "database clone",
                ..Request::of(&selection, path, Goal::Apply, &execution.connection, format, log)
            };
            engine::run(Source::Program(request), execution, Consent::Yes, log, interrupts).await
        };
        let exit = Box::pin(engine::recorded(&execution.recording, "database clone", work)).await?;
        if exit == Exit::Done && !execution.dry_run && self.snapshot.is_none() {
            // While it is there, the copy counts as begun.
            session.delete_own(&self.from, &origin.snapshot, wanted.is_cluster).await?;
            ui::say(&format!("deleted the snapshot {}\n", origin.snapshot));
        }
        Ok(exit)
    }

    /// The name of the copy in the program.
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.database)
    }

    /// The declared copy, and what it is to be made from.
    async fn origin<'s>(
        &self,
        session: &'s DatabaseSession,
    ) -> anyhow::Result<(&'s Address, &'s Declared, Origin)> {
        let (from, env, name) = (&self.from, &self.env, self.name());
        if !session.are_together(from, env) {
            bail!(
                "`{from}` and `{env}` are not in the same account and region, and AWS restores a snapshot only where it is: \
                 copy one there with `aws rds copy-db-snapshot`, with a KMS key of that place if it is encrypted, and write \
                 `restore = \"ID\"` for the database in `{env}`"
            );
        }
        let all = session.databases().await?;
        let of = |env: &str, name: &str| {
            let address = Address::new(env, &format!("database/{name}"));
            all.iter().find(|one| one.address == address.as_str() || one.environment == env && one.id == name)
        };
        let snapshots = session.snapshots().await?;
        let (data, source, parameters) = match (of(from, &self.database), &self.snapshot) {
            (_, Some(id)) => {
                let snapshot = self.named(&snapshots, id)?;
                (snapshot.data.clone(), snapshot.database.clone(), BTreeMap::new())
            }
            (Some(live), None) => {
                let details = session.details(live).await?;
                self.refuse_undeclared(session, live, &details)?;
                (data_of(&details), live.id.clone(), details.parameters)
            }
            (None, None) => bail!(
                "there is no database `{}` in `{from}`; name one of its snapshots with `--snapshot`, if it is gone",
                self.database
            ),
        };
        let Some((address, wanted, declared)) = session.declared(env, name) else {
            bail!("`{env}` declares no database `{name}`: declare the copy first");
        };
        let snapshot = self.snapshot.clone().unwrap_or_else(|| clone_snapshot(&wanted.name));
        let is_begun = self.snapshot.is_none() && snapshots.iter().any(|one| one.id == snapshot);
        if let Some(live) = of(env, name) {
            // A run that was interrupted has made it.
            let is_own = live.restored_from.as_ref() == Some(&snapshot);
            if !is_own || self.snapshot.is_none() && !is_begun {
                bail!(
                    "there is a database `{}` already, and a copy is a new one: nothing was changed",
                    live.id
                );
            }
        }
        if wanted.is_replica {
            bail!("`{address}` is declared as a replica, which has the data of its source");
        }
        if let Some(why) = data.unfit_for(&wanted.data) {
            bail!("`{address}` cannot be a copy of `{source}`: {why}");
        }
        say_parameters(&parameters, declared, &source, address);
        let restore = self.snapshot.clone().unwrap_or_else(|| format!("fresh:{source}"));
        Ok((address, wanted, Origin { restore, snapshot, source, is_begun }))
    }

    /// The snapshot that the user named.
    fn named<'a>(&self, snapshots: &'a [DatabaseSnapshot], id: &str) -> anyhow::Result<&'a DatabaseSnapshot> {
        let own = snapshots.iter().filter(|one| one.environment == self.from);
        let Some(snapshot) = own.clone().find(|one| one.id == id) else {
            bail!("there is no snapshot `{id}` in `{}`: see `asiaq database snapshots --env {0}`", self.from);
        };
        if snapshot.status != "available" {
            bail!("the snapshot `{id}` is `{}`", snapshot.status);
        }
        Ok(snapshot)
    }

    /// Refuses a copy that the program does not declare, and says what to declare.
    fn refuse_undeclared(
        &self,
        session: &DatabaseSession,
        live: &ProjectDatabase,
        details: &DatabaseDetails,
    ) -> anyhow::Result<()> {
        let (env, name) = (&self.env, self.name());
        if session.declared(env, name).is_some() {
            return Ok(());
        }
        let mut text = String::new();
        let _ = writeln!(text, "  database {name} {{");
        let _ = writeln!(text, "    engine     = {}", live.engine.replace('-', "_"));
        let _ = writeln!(text, "    version    = \"{}\"", live.version);
        let _ = writeln!(text, "    class      = {}", live.class);
        match &live.instances {
            None => drop(writeln!(text, "    storage    = {}GB", live.storage)),
            Some(instances) if instances.len() > 1 => {
                let readers: Vec<&str> = instances.iter().skip(1).map(|one| one.class.as_str()).collect();
                let _ = writeln!(text, "    readers    = [{}]", readers.join(", "));
            }
            Some(_) => {}
        }
        let _ = writeln!(text, "    user       = \"{}\"", details.user);
        if !details.encrypted {
            let _ = writeln!(text, "    encrypted  = false");
        }
        if !details.parameters.is_empty() {
            let _ = writeln!(text, "    parameters = {{ {} }}", written(&details.parameters));
        }
        let _ = write!(text, "  }}");
        Err(anyhow!(
            "`{env}` declares no database `{name}`: declare the copy first, as the original is\n\n{text}\n"
        ))
    }

    /// Says what happens before the plan.
    fn say(&self, wanted: &Declared, origin: &Origin) {
        let Origin { snapshot, source, is_begun, .. } = origin;
        let target = &wanted.name;
        let from = match (&self.snapshot, is_begun) {
            (Some(_), _) => format!("the snapshot `{snapshot}` of `{source}`"),
            (None, true) => format!("the snapshot `{snapshot}` of `{source}`, which an earlier run took"),
            (None, false) => format!("a new snapshot of `{source}`, called `{snapshot}`"),
        };
        ui::say(&format!("`{target}` is made from {from}\n"));
    }

    /// The command that goes on.
    fn again(&self) -> String {
        let path = self.project.path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default();
        let name = self.name.as_ref().map(|name| format!(" --as {name}")).unwrap_or_default();
        let snapshot = self.snapshot.as_ref().map(|id| format!(" --snapshot {id}")).unwrap_or_default();
        let Self { database, from, env, .. } = self;
        format!("asiaq database clone {database}{path} --from {from} --env {env}{name}{snapshot}")
    }
}

/// What a live database has.
fn data_of(details: &DatabaseDetails) -> DatabaseData {
    let DatabaseDetails { database, user, encrypted, kms_key, .. } = details;
    let (engine, version) = (database.engine.clone(), database.version.clone());
    let (user, kms_key) = (user.clone(), kms_key.clone());
    DatabaseData { engine, version, user, encrypted: *encrypted, kms_key }
}

/// Parameters as a program has them.
fn written(parameters: &BTreeMap<String, String>) -> String {
    let key = |name: &str| if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() };
    let all = parameters.iter().map(|(name, value)| format!("{} = \"{value}\"", key(name)));
    all.collect::<Vec<_>>().join(", ")
}

/// Says which parameters of the original the program does not have for the copy.
fn say_parameters(
    live: &BTreeMap<String, String>,
    declared: &BTreeMap<String, String>,
    source: &str,
    copy: &Address,
) {
    let others = live.iter().filter(|(name, value)| declared.get(*name) != Some(value));
    let others: BTreeMap<String, String> =
        others.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !others.is_empty() {
        ui::warn(&format!(
            "`{source}` has parameters that `{copy}` does not declare; to copy them, write `parameters = {{ {} }}`",
            written(&others)
        ));
    }
}
