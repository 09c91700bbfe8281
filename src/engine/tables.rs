//! The tables of the environments of a program, their backups and exports.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use asiaq_aws::{Aws, LEASES, Tell};
use asiaq_compiler::did_you_mean;
use asiaq_ir::{Address, Ir, NAME_TAG, Node, Resource, Scope, Table};
use asiaq_runtime::{
    Accounts, ExportTarget, LiveTable, Recovery, RestoreSource, TableBackup, TableExport, TableShape,
    own_name,
};
use jiff::Timestamp;

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::environments::named;
use super::{EnvironmentsRequest, Interrupts, account, sandboxes};
use crate::env_table::{EnvTable, Restoring, moment};
use crate::exit::Result;
use crate::ui;

/// The tables of a program, and the way to them.
#[derive(Debug)]
pub(crate) struct TableSession {
    aws: Accounts<Aws>,
    project: String,
    ir: Ir,
    envs: BTreeSet<String>,
    pub(crate) is_partial: bool,
}

/// From what a command restores.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From<'a> {
    /// A backup, by name or ARN.
    Backup(&'a str),
    /// A moment.
    Moment(Timestamp),
    /// The last moment that AWS has.
    Latest,
}

/// Checks the program and connects to its accounts.
pub(crate) async fn table_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<TableSession> {
    let EnvironmentsRequest { envs, connection, .. } = request;
    let checked = Box::pin(sandboxes::named(request, interrupts)).await?;
    let asked = Asked { envs, ..Asked::default() };
    let Connected { aws, reached, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let ir = checked.declared().clone();
    let is_asked = |name: &&String| envs.is_empty() || envs.contains(*name);
    Ok(TableSession {
        aws,
        project: checked.project().to_owned(),
        envs: ir.environments.keys().filter(is_asked).cloned().collect(),
        ir,
        is_partial: reached.is_partial(),
    })
}

impl EnvTable {
    /// The table in AWS; an error where there is none.
    fn there(&self) -> anyhow::Result<&LiveTable> {
        self.live.as_ref().ok_or_else(|| {
            anyhow!("there is no table `{}` yet: run `asiaq apply --env {}`", self.aws, self.env)
        })
    }

    /// What point-in-time recovery keeps of the table; an error where it is off.
    fn recovery(&self, what: &str) -> anyhow::Result<Recovery> {
        if let Some(recovery) = self.there()?.recovery {
            return Ok(recovery);
        }
        let is_declared = self.declared.as_ref().is_some_and(|(table, _)| table.recovery.is_some());
        let step = if is_declared { "" } else { "set `recovery = true`, and " };
        bail!(
            "AWS {what} only of a table with point-in-time recovery, which `{}` does not have: {step}run `asiaq apply \
             --env {}`",
            self.aws,
            self.env
        )
    }
}

impl TableSession {
    /// The tables of the environments, in order of address: those of the program, and those of the project that it no
    /// longer declares.
    pub(crate) async fn tables(&self) -> anyhow::Result<Vec<EnvTable>> {
        let mut places: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for env in &self.envs {
            let account = &self.aws.of(Scope::environment(env).borrowed()).account;
            places.insert((account, self.region(env)), env);
        }
        let mut live: BTreeMap<String, (LiveTable, &str)> = BTreeMap::new();
        for ((_, region), env) in places {
            let found = self.cloud(env).tables(region, &self.project).await;
            let found = found.map_err(|error| account::unusable("list the tables", &error))?;
            live.extend(
                found.into_iter().filter_map(|table| Some((table.address.clone()?, (table, region)))),
            );
        }
        let mut all: Vec<EnvTable> = self.declared().collect();
        for table in &mut all {
            let address = table.address.as_ref().map(Address::as_str).unwrap_or_default();
            table.live = live.remove(address).map(|(live, _)| live);
            if let Some(live) = &table.live {
                table.aws.clone_from(&live.name);
            }
        }
        for (address, (table, region)) in live {
            let address = Address::parse(&address);
            if self.envs.contains(address.env()) {
                all.push(EnvTable {
                    env: address.env().to_owned(),
                    region: region.to_owned(),
                    aws: table.name.clone(),
                    address: Some(address),
                    declared: None,
                    live: Some(table),
                });
            }
        }
        all.sort_by(|one, other| one.address.cmp(&other.address));
        Ok(all)
    }

    /// The table that a declaration, an address or a name in AWS names, as it is in AWS.
    pub(crate) async fn table(&self, name: &str) -> anyhow::Result<EnvTable> {
        let declared: Vec<EnvTable> = self.declared().collect();
        let is_meant = |table: &EnvTable| table.name() == name || [of(table).0, of(table).1].contains(&name);
        if !declared.iter().any(is_meant) {
            return named(("table", name), &self.tables().await?, &[], of).cloned();
        }
        let mut table = named(("table", name), &declared, &[], of)?.clone();
        // One that belongs to nobody, or to somebody else, is none of the program.
        let live = self.look(&table).await?;
        table.live = live.filter(|live| live.address.as_deref() == Some(of(&table).0));
        Ok(table)
    }

    /// The backups of a table, the newest first. The table may be gone.
    pub(crate) async fn backups(&self, table: &EnvTable) -> anyhow::Result<Vec<TableBackup>> {
        self.backups_of(table, &table.aws).await
    }

    async fn backups_of(&self, table: &EnvTable, name: &str) -> anyhow::Result<Vec<TableBackup>> {
        let found = self.cloud(&table.env).table_backups(&table.region, name).await;
        found.map_err(|error| account::unusable("list the backups", &error))
    }

    /// The exports of a table, the newest first.
    pub(crate) async fn exports(&self, table: &EnvTable) -> anyhow::Result<Vec<TableExport>> {
        let found = self.cloud(&table.env).table_exports(&table.region, &table.aws).await;
        found.map_err(|error| account::unusable("list the exports", &error))
    }

    /// The table, if a backup of it can be taken.
    pub(crate) async fn to_back_up(&self, name: &str) -> anyhow::Result<EnvTable> {
        let table = self.table(name).await?;
        table.there()?;
        Ok(table)
    }

    /// Takes a backup of a table.
    pub(crate) async fn back_up(&self, table: &EnvTable, name: Option<&str>) -> anyhow::Result<TableBackup> {
        let taken = self.cloud(&table.env).back_up_table(&table.region, &table.aws, name).await;
        taken.map_err(|error| account::unusable(&format!("back up `{}`", table.aws), &error))
    }

    /// What a restore of a table would do: into the table itself if it is gone, otherwise under another name.
    pub(crate) async fn restoring(
        &self,
        name: &str,
        from: From<'_>,
        into: Option<&str>,
    ) -> anyhow::Result<Restoring> {
        let table = self.table(name).await?;
        let mut target = self.target(&table, into)?;
        target.live = self.look(&target).await?;
        let (source, from, shape) = match from {
            From::Backup(name) => self.backup(&table, name).await?,
            From::Moment(_) | From::Latest if table.live.is_none() => bail!(
                "the table `{}` is gone, and with it what point-in-time recovery kept: restore a backup with `--backup`; \
                 `asiaq table show {name} --env {}` lists them",
                table.aws,
                table.env
            ),
            From::Moment(at) => {
                let recovery = table.recovery("restores")?;
                let at = within(at, recovery)?;
                let words = format!("`{}` as it was at {}", table.aws, moment(at));
                (RestoreSource::Table(table.aws.clone(), Some(at)), words, table.there()?.shape.clone())
            }
            From::Latest => {
                table.recovery("restores")?;
                let words = format!("`{}` as late as AWS can", table.aws);
                (RestoreSource::Table(table.aws.clone(), None), words, table.there()?.shape.clone())
            }
        };
        let is_begun = continues(&source, &target)?;
        if let Some((declared, _)) = &target.declared {
            fits(&target, declared, &shape)?;
        }
        let missing = match (&target.declared, &table.declared) {
            // Its tags are set with the restore.
            (Some((target, _)), _) => missing(target, false),
            (None, Some((table, tags))) => missing(table, !tags.is_empty()),
            (None, None) => Vec::new(),
        };
        Ok(Restoring { source, from, target, is_begun, missing })
    }

    /// Restores a table.
    pub(crate) async fn restore(&self, restoring: &Restoring, tell: Tell<'_>) -> anyhow::Result<()> {
        let Restoring { source, target, .. } = restoring;
        let tags = target.declared.as_ref().map(|(_, tags)| tags.clone()).unwrap_or_default();
        let cloud = self.cloud(&target.env);
        let done = cloud.restore_table(&target.region, source, &target.aws, &tags, tell).await;
        done.map_err(|error| account::unusable(&format!("restore `{}`", target.aws), &error))
    }

    /// Where a table would be exported to, and the export if AWS is at it already.
    pub(crate) async fn exporting(
        &self,
        name: &str,
        bucket: &str,
        prefix: Option<&str>,
        at: Option<Timestamp>,
    ) -> anyhow::Result<(EnvTable, ExportTarget, Option<TableExport>)> {
        let table = self.table(name).await?;
        let recovery = table.recovery("exports")?;
        let at = at.map(|at| within(at, recovery)).transpose()?;
        let (bucket, owner) = self.bucket(bucket, &table.env)?;
        let prefix = prefix.map_or_else(|| format!("{}/{}", table.env, table.name()), str::to_owned);
        let to = ExportTarget { bucket, owner, prefix, at };
        let begun = self.exports(&table).await?.into_iter().find(|export| {
            let is_same = export.bucket == to.bucket && export.prefix == to.prefix;
            is_same && export.status == "in progress" && (to.at.is_none() || export.at == to.at)
        });
        Ok((table, to, begun))
    }

    /// Exports a table, or waits for the export that AWS is at.
    pub(crate) async fn export(
        &self,
        table: &EnvTable,
        to: &ExportTarget,
        begun: Option<TableExport>,
        tell: Tell<'_>,
    ) -> anyhow::Result<TableExport> {
        let cloud = self.cloud(&table.env);
        let unusable = |error| account::unusable(&format!("export `{}`", table.aws), &error);
        let begun = match begun {
            Some(begun) => begun,
            None => cloud.export_table(&table.region, &table.aws, to).await.map_err(unusable)?,
        };
        let export = cloud.exported(&table.region, &begun.id, tell).await.map_err(unusable)?;
        match export.failure.as_ref().filter(|_| export.status == "failed") {
            Some(failure) => bail!("AWS could not export `{}` to `{}`: {failure}", table.aws, to.bucket),
            None => Ok(export),
        }
    }

    /// The declared tables of the environments.
    fn declared(&self) -> impl Iterator<Item = EnvTable> {
        self.ir.resources.iter().filter_map(|(address, node)| {
            let Resource::Table(table) = &node.resource else { return None };
            self.envs.contains(address.env()).then(|| EnvTable {
                env: address.env().to_owned(),
                region: node.region.clone(),
                address: Some(address.clone()),
                aws: table.name.clone(),
                declared: Some((table.clone(), tags(node))),
                live: None,
            })
        })
    }

    async fn look(&self, table: &EnvTable) -> anyhow::Result<Option<LiveTable>> {
        let found = self.cloud(&table.env).table(&table.region, &table.aws, &self.project).await;
        found.map_err(|error| account::unusable("look at the table", &error))
    }

    /// The table to restore into, which `into` names: one of the program, or another name in AWS.
    fn target(&self, table: &EnvTable, into: Option<&str>) -> anyhow::Result<EnvTable> {
        let Some(into) = into else {
            if table.declared.is_none() {
                bail!("the program does not declare `{}`: say with `--as` what it is restored as", table.aws);
            }
            return Ok(EnvTable { live: None, ..table.clone() });
        };
        let mut declared = self.declared().filter(|one| one.env == table.env);
        if let Some(one) = declared.find(|one| one.name() == into || one.aws == into) {
            return Ok(one);
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        if !(3..=255).contains(&into.len()) || !into.chars().all(is_plain) || into == LEASES {
            bail!("`{into}` cannot be the name of a table: 3 to 255 letters, digits, `_`, `-` and `.`");
        }
        let (env, region) = (table.env.clone(), table.region.clone());
        Ok(EnvTable { env, region, address: None, aws: into.to_owned(), declared: None, live: None })
    }

    /// The backup with a name or an ARN.
    async fn backup(
        &self,
        table: &EnvTable,
        name: &str,
    ) -> anyhow::Result<(RestoreSource, String, TableShape)> {
        let of = name.split_once(":table/").and_then(|(_, rest)| rest.split('/').next());
        let of = of.filter(|_| name.starts_with("arn:")).unwrap_or(&table.aws);
        let all = self.backups_of(table, of).await?;
        let meant: Vec<&TableBackup> =
            all.iter().filter(|backup| backup.name == name || backup.id == name).collect();
        let backup = match meant.as_slice() {
            [one] => *one,
            [] if all.is_empty() => bail!("the table `{of}` has no backups"),
            [] => {
                let known: Vec<&str> = all.iter().map(|backup| backup.name.as_str()).collect();
                match did_you_mean(name, &known) {
                    Some(near) => bail!("`{of}` has no backup `{name}`; did you mean `{near}`?"),
                    None => bail!("`{of}` has no backup `{name}`; it has {}", ui::listed(&known)),
                }
            }
            several => {
                let ids: Vec<&str> = several.iter().map(|backup| backup.id.as_str()).collect();
                bail!("several backups have the name `{name}`: choose one by its ARN, {}", ui::listed(&ids))
            }
        };
        if backup.status != "available" {
            bail!("the backup `{}` is {}: it cannot be restored now", backup.name, backup.status);
        }
        let shape = self.cloud(&table.env).backup_shape(&table.region, &backup.id).await;
        let shape = shape.map_err(|error| account::unusable("look at the backup", &error))?;
        let shape = shape.ok_or_else(|| anyhow!("the backup `{}` is gone", backup.name))?;
        let of_when = backup.created.map(|at| format!(" of {}", moment(at))).unwrap_or_default();
        Ok((
            RestoreSource::Backup(backup.id.clone()),
            format!("the backup `{}`{of_when}", backup.name),
            shape,
        ))
    }

    /// The name of a bucket, which may be that of a declaration, and its account if it is another one than that of the
    /// environment.
    fn bucket(&self, name: &str, env: &str) -> anyhow::Result<(String, Option<String>)> {
        let home = &self.aws.of(Scope::environment(env).borrowed()).account;
        let declared = self.ir.resources.iter().filter_map(|(address, node)| match &node.resource {
            Resource::Bucket(bucket) => Some((address, bucket)),
            _ => None,
        });
        let meant: BTreeSet<(String, Option<String>)> = declared
            .filter(|(address, bucket)| {
                bucket.name == name || address.as_str().rsplit('/').next() == Some(name)
            })
            .map(|(address, bucket)| {
                let account = self.ir.account_of(address.scope()).filter(|account| account != home);
                (bucket.name.clone(), account.map(str::to_owned))
            })
            .collect();
        let own: Vec<&(String, Option<String>)> =
            meant.iter().filter(|(_, account)| account.is_none()).collect();
        match (meant.len(), own.as_slice()) {
            (0, _) => Ok((name.to_owned(), None)),
            (1, _) => Ok(meant.into_iter().next().unwrap_or_default()),
            (_, [one]) => Ok((*one).clone()),
            _ => {
                let names: Vec<&str> = meant.iter().map(|(name, _)| name.as_str()).collect();
                bail!(
                    "several accounts have a bucket `{name}`: choose one by its name in AWS, {}",
                    ui::listed(&names)
                )
            }
        }
    }

    fn region(&self, env: &str) -> &str {
        self.ir.environments.get(env).map_or("", |env| env.region.as_str())
    }

    fn cloud(&self, env: &str) -> &Aws {
        &self.aws.of(Scope::environment(env).borrowed()).cloud
    }
}

/// The address and the name in AWS of a table.
fn of(table: &EnvTable) -> (&str, &str) {
    (table.address.as_ref().map(Address::as_str).unwrap_or_default(), &table.aws)
}

/// The tags of a declared table.
fn tags(node: &Node) -> BTreeMap<String, String> {
    let mut tags = node.tags.clone();
    let id = node.resource.own_name().unwrap_or_default();
    tags.extend(own_name(&node.resource, id).map(|name| (NAME_TAG.to_owned(), name)));
    tags
}

/// Whether AWS is restoring the table already; an error where a table is in the way.
fn continues(source: &RestoreSource, target: &EnvTable) -> anyhow::Result<bool> {
    let Some(live) = &target.live else { return Ok(false) };
    let lacks_owner = target.declared.is_some() && !live.is_owned;
    let is_same = live
        .restored
        .as_ref()
        .is_some_and(|restored| source.is_of(restored) && (restored.is_in_progress || lacks_owner));
    if is_same {
        return Ok(true);
    }
    bail!(
        "there is a table `{}` already, and a restore never writes over one: name another one with `--as`",
        target.aws
    )
}

/// Refuses to restore into a declaration that the next apply would replace.
fn fits(target: &EnvTable, declared: &Table, shape: &TableShape) -> anyhow::Result<()> {
    let key: Vec<String> =
        std::iter::once(&declared.key).chain(&declared.sort).map(|key| key.name.clone()).collect();
    if key != shape.key {
        bail!(
            "what is restored has the key {}, and `{}` declares {}, so that the next apply would replace it, without its \
             items: name another table with `--as`",
            ui::listed(&shape.key),
            target.name(),
            ui::listed(&key)
        );
    }
    let local: Vec<String> = declared.local_indexes.iter().map(|index| index.name.clone()).collect();
    if local != shape.local_indexes {
        bail!(
            "what is restored has other local indexes than `{}` declares, so that the next apply would replace it, \
             without its items: name another table with `--as`",
            target.name()
        );
    }
    Ok(())
}

/// What AWS does not restore of a table ("Restoring a DynamoDB table from a backup" of the developer guide).
fn missing(table: &Table, has_tags: bool) -> Vec<&'static str> {
    let scales = |capacity: &asiaq_ir::TableCapacity| {
        capacity.read_scaling.is_some() || capacity.write_scaling.is_some()
    };
    let is_scaled =
        table.capacity.iter().chain(table.index_capacity.iter().map(|one| &one.capacity)).any(scales);
    let all = [
        (has_tags, "tags"),
        (table.ttl.is_some(), "the time at which items end"),
        (table.stream.is_some(), "the stream"),
        (table.recovery.is_some(), "point-in-time recovery"),
        (table.deletion_protection, "deletion protection"),
        (is_scaled, "scaling"),
        (!table.replicas.is_empty(), "replicas"),
    ];
    all.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| what).collect()
}

/// A moment as seconds since 1970; an error where AWS keeps nothing of it.
fn within(at: Timestamp, Recovery { earliest, latest, .. }: Recovery) -> anyhow::Result<i64> {
    let seconds = at.as_second();
    let is_kept = earliest.is_none_or(|first| first <= seconds) && latest.is_none_or(|last| seconds <= last);
    if is_kept {
        return Ok(seconds);
    }
    let words = |at: Option<i64>| at.map_or_else(|| "?".to_owned(), moment);
    bail!("{at} is not kept: AWS has the table from {} to {}", words(earliest), words(latest))
}
