//! The databases of an environment.

mod checks;

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::{Environment, Network, Provenance, secrets};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::engines;
use crate::library::fields::DatabaseFields;
use crate::library::kinds;
use crate::types::Ty;
use crate::value::{Spanned, Window};

pub(super) use checks::check;

/// The metanetwork of databases that name none.
const USUAL_NETWORK: &str = "intranet";
/// Seconds of a day.
const DAY: u64 = 86_400;
/// The shortest window, in minutes.
const SHORTEST: u32 = 30;

/// A database.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Database {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Its identifier in AWS.
    pub(crate) identifier: Resolved<String>,
    /// Engine, as AWS names it; that of its source for a replica. Empty where nobody knows it.
    pub(crate) engine: Resolved<String>,
    /// Version, or the beginning of one.
    pub(crate) version: Resolved<String>,
    /// Class.
    pub(crate) class: Resolved<String>,
    /// Classes of the readers of a cluster.
    pub(crate) readers: Resolved<Vec<Spanned<String>>>,
    /// The least that a serverless instance has.
    pub(crate) min_capacity: Option<Resolved<f64>>,
    /// The most that a serverless instance has.
    pub(crate) max_capacity: Option<Resolved<f64>>,
    /// Storage in GiB.
    pub(crate) storage: Resolved<u32>,
    /// Type of the volumes.
    pub(crate) storage_type: Resolved<String>,
    /// Operations a second.
    pub(crate) iops: Option<Resolved<u32>>,
    /// MiB a second.
    pub(crate) throughput: Option<Resolved<u32>>,
    /// The most storage, in GiB.
    pub(crate) max_storage: Option<Resolved<u32>>,
    /// Metanetwork.
    pub(crate) network: Resolved<String>,
    /// Metanetworks whose security groups it has besides.
    pub(crate) security: Resolved<Vec<Spanned<String>>>,
    /// Whether it has a standby.
    pub(crate) multi_az: Resolved<bool>,
    /// Days that backups are kept.
    pub(crate) backups: Resolved<u32>,
    /// When backups begin, as AWS writes it.
    pub(crate) backup_window: Option<Resolved<String>>,
    /// When changes are made, as AWS writes it.
    pub(crate) maintenance_window: Option<Resolved<String>>,
    /// Parameters.
    pub(crate) parameters: BTreeMap<String, Spanned<String>>,
    /// Where the parameters are set.
    pub(crate) parameters_set: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Master user.
    pub(crate) user: Resolved<String>,
    /// Key of the credential with the password; empty if RDS keeps it.
    pub(crate) password: Resolved<String>,
    /// Port.
    pub(crate) port: Resolved<u16>,
    /// License model, as AWS names it.
    pub(crate) license: Option<Resolved<String>>,
    /// Character set.
    pub(crate) character_set: Option<Resolved<String>>,
    /// Whether it is encrypted.
    pub(crate) encrypted: Resolved<bool>,
    /// KMS key.
    pub(crate) kms_key: Option<Resolved<String>>,
    /// Whether it has a public address.
    pub(crate) public: Resolved<bool>,
    /// Whether AWS installs minor versions.
    pub(crate) minor_upgrades: Resolved<bool>,
    /// Certificate authority.
    pub(crate) ca: Option<Resolved<String>>,
    /// Whether Performance Insights is on.
    pub(crate) insights: Resolved<bool>,
    /// Seconds between two measurements of the operating system.
    pub(crate) monitoring: Option<Resolved<u32>>,
    /// The role that sends them.
    pub(crate) monitoring_role: Option<Resolved<String>>,
    /// Option group.
    pub(crate) option_group: Option<Resolved<String>>,
    /// Logs that go to CloudWatch.
    pub(crate) logs: Resolved<Vec<Spanned<String>>>,
    /// The database that it is a replica of.
    pub(crate) replica_of: Option<Resolved<String>>,
    /// The snapshot that it is made from.
    pub(crate) restore: Option<Resolved<String>>,
    /// Whether changes do not wait.
    pub(crate) apply_now: Resolved<bool>,
    /// Whether a snapshot is taken when it is deleted.
    pub(crate) final_snapshot: Resolved<bool>,
    /// Domain of its name.
    pub(crate) domain: Option<Resolved<String>>,
    /// Further tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// The bucket and the key of the password; absent if RDS keeps it.
    pub(crate) credential: Option<String>,
}

impl Database {
    /// Whether it is a cluster of Aurora.
    pub(crate) fn is_cluster(&self) -> bool {
        is_cluster(&self.engine.value)
    }

    /// The classes of the instances of a cluster, that of the first one first.
    pub(crate) fn instances(&self) -> impl Iterator<Item = &str> {
        let readers = self.readers.value.iter().map(|reader| reader.value.as_str());
        std::iter::once(self.class.value.as_str()).chain(readers).filter(|_| self.is_cluster())
    }

    /// The identifiers of the instances of a cluster in AWS.
    pub(crate) fn instance_names(&self) -> Vec<String> {
        (1..=self.instances().count()).map(|number| format!("{}-{number}", self.identifier.value)).collect()
    }

    /// Family of its parameters.
    pub(crate) fn family(&self) -> String {
        engines::family(&self.engine.value, &self.version.value)
    }

    /// The metanetworks whose security groups it has, its own first.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        let further = self.security.value.iter().map(|network| network.value.as_str());
        std::iter::once(self.network.value.as_str()).chain(further)
    }
}

/// What the databases and caches of an environment need of it.
pub(super) struct Surroundings<'e> {
    pub(super) env: &'e str,
    pub(super) region: &'e str,
    pub(super) project: &'e str,
    pub(super) networks: &'e [Network],
    /// Where secrets are, and the credential buckets. Nothing where they cannot be read.
    pub(super) store: Option<(&'e str, &'e [Spanned<String>])>,
}

impl Surroundings<'_> {
    /// The place of a credential in the store; none of one that AWS keeps, or where there is no bucket.
    pub(super) fn place_of(&self, credential: &Resolved<String>) -> Option<String> {
        if credential.value.is_empty() {
            return None;
        }
        let Some((store, buckets)) = self.store else { return Some(String::new()) };
        Some(secrets::store(store, (self.region, self.project), buckets)?.place(&credential.value))
    }
}

/// The databases of an environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    around: &Surroundings<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Database> {
    let mut databases: Vec<Database> = Vec::new();
    let mut waiting = Vec::new();
    for name in env.nested(kinds::DATABASE) {
        let Some(block) = env.child(kinds::DATABASE, Some(name), &[]) else { continue };
        let span = env.last_span(kinds::DATABASE, Some(name));
        let fields = Arc::new(evaluator.fields(kinds::DATABASE, &block, span, diagnostics));
        provenance.add(format!("database.{name}"), Arc::clone(&fields));
        waiting.push((name, span, fields));
    }
    // A replica has what its source says.
    waiting.sort_by_key(|(_, _, fields)| fields.chain(DatabaseFields::REPLICA_OF).is_some());
    for (name, span, fields) in waiting {
        databases.extend(read(name, span, &fields, &databases, around, diagnostics));
    }
    databases
}

#[expect(clippy::too_many_lines, reason = "a line for each field")]
fn read(
    name: &str,
    span: Span,
    fields: &Fields,
    known: &[Database],
    around: &Surroundings<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Database> {
    let of = DatabaseFields::of(fields, span);
    let source = of.replica_of.as_ref().and_then(|source| known.iter().find(|one| one.name == source.value));
    let is_replica = of.replica_of.is_some();
    let inherited = |chain: Vec<Span>| if chain.is_empty() { vec![span] } else { chain };
    let mut needed = |field: &'static str, ty: Ty| {
        if !fields.is_broken(field) && !is_replica {
            diagnostics.push(errors::missing_field(span, kinds::DATABASE, field, &ty));
        }
    };
    let engine = of.engine.map(|engine| engine.map(|word| word.replace('_', "-")));
    let engine = engine.or_else(|| source.map(|source| source.engine.clone()));
    if engine.is_none() {
        needed(DatabaseFields::ENGINE, Ty::String);
    }
    let version = of.version.or_else(|| source.map(|source| source.version.clone()));
    if version.is_none() {
        needed(DatabaseFields::VERSION, Ty::String);
    }
    let is_cluster = engine.as_ref().is_some_and(|engine| is_cluster(&engine.value));
    let storage = of.storage.map(|size| size.map(gib));
    let inherited_storage = source.filter(|_| !is_cluster).map(|source| source.storage.clone());
    let storage = storage.or(inherited_storage);
    if storage.is_none() && !is_cluster {
        needed(DatabaseFields::STORAGE, Ty::Size);
    }
    let nothing = || Resolved { value: String::new(), chain: inherited(Vec::new()) };
    // A replica of a database that the program does not declare has to say what it is.
    let (engine, version) = match (engine, version) {
        (Some(engine), Some(version)) => (engine, version),
        (engine, version) if is_replica => {
            let field = if engine.is_none() { DatabaseFields::ENGINE } else { DatabaseFields::VERSION };
            if !fields.is_broken(field) && !is_own_name(of.replica_of.as_ref()) {
                diagnostics.push(errors::missing_field(span, kinds::DATABASE, field, &Ty::String));
            }
            (engine.unwrap_or_else(nothing), version.unwrap_or_else(nothing))
        }
        _ => return None,
    };
    let storage = match storage {
        Some(storage) => storage,
        None if is_replica || is_cluster => Resolved { value: 0, chain: vec![span] },
        None => return None,
    };
    let class = of.class?;
    let network = of.network.or_else(|| {
        let is_there = around.networks.iter().any(|network| network.name == USUAL_NETWORK);
        is_there.then(|| Resolved { value: USUAL_NETWORK.to_owned(), chain: vec![span] })
    });
    let Some(network) = network else {
        if !fields.is_broken(DatabaseFields::NETWORK) {
            let ty = Ty::Ref(kinds::METANETWORK.to_owned());
            diagnostics.push(errors::missing_field(span, kinds::DATABASE, DatabaseFields::NETWORK, &ty));
        }
        return None;
    };
    let (backup_window, maintenance_window) = windows(of.backup_window, of.maintenance_window, diagnostics);
    let backups = days(of.backups, is_replica, diagnostics);
    let port = of.port.map(|port| port.map(|port| u16::try_from(port).unwrap_or(u16::MAX)));
    let port =
        port.unwrap_or_else(|| Resolved { value: usual_port(&engine.value), chain: engine.chain.clone() });
    let license = of.license.map(|license| license.map(|word| word.replace('_', "-")));
    let license = license.or_else(|| usual_license(&engine));
    let credential = around.place_of(&of.password);
    let own = of.name.map(|name| name.map(|name| name.to_ascii_lowercase()));
    Some(Database {
        name: name.to_owned(),
        span,
        identifier: own.unwrap_or_else(|| Resolved {
            value: format!("{}-{name}", around.env).to_ascii_lowercase().replace(['_', '.'], "-"),
            chain: vec![span],
        }),
        engine,
        version,
        class,
        readers: of.readers,
        min_capacity: of.min_capacity.or_else(|| fields.broken(DatabaseFields::MIN_CAPACITY, 0.5)),
        max_capacity: of.max_capacity.or_else(|| fields.broken(DatabaseFields::MAX_CAPACITY, 256.0)),
        storage,
        storage_type: of.storage_type.map(|word| word.replace('_', "-")),
        iops: of.iops.map(|iops| iops.map(number)),
        throughput: of.throughput.map(|throughput| throughput.map(number)),
        max_storage: of.max_storage.map(|size| size.map(gib)),
        network,
        security: of.security,
        multi_az: of.multi_az,
        backups,
        backup_window,
        maintenance_window,
        parameters: of.parameters.as_ref().map(|set| set.value.clone()).unwrap_or_default(),
        parameters_set: of.parameters,
        user: of.user,
        password: of.password,
        port,
        license,
        character_set: of.character_set,
        encrypted: of.encrypted,
        kms_key: of.kms_key,
        public: of.public,
        minor_upgrades: of.minor_upgrades,
        ca: of.ca,
        insights: of.insights,
        monitoring: of.monitoring.map(|set| set.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))),
        monitoring_role: of
            .monitoring_role
            .or_else(|| fields.broken(DatabaseFields::MONITORING_ROLE, String::new())),
        option_group: of.option_group,
        logs: of.logs,
        replica_of: of.replica_of,
        restore: of.restore,
        apply_now: of.apply_now,
        final_snapshot: of.final_snapshot,
        domain: of.domain.or_else(|| fields.broken(DatabaseFields::DOMAIN, String::new())),
        tags: of.tags,
        credential,
    })
}

/// Whether a replica names a database of its own environment, which then says what it is.
fn is_own_name(source: Option<&Resolved<String>>) -> bool {
    source.is_some_and(|source| !source.value.contains(['/', ':']))
}

/// Both windows as AWS writes them. Where only one is declared, the other one is apart from it: AWS's own choice might not be.
fn windows(
    backup: Option<Resolved<Window>>,
    maintenance: Option<Resolved<Window>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Option<Resolved<String>>, Option<Resolved<String>>) {
    for set in backup.iter().chain(&maintenance).filter(|set| set.value.minutes() < SHORTEST) {
        diagnostics.push(errors::short_window(set.span(), set.value, SHORTEST));
    }
    if let (Some(backup), Some(maintenance)) = (&backup, &maintenance)
        && backup.value.meets(maintenance.value)
    {
        let (field, other) = (DatabaseFields::MAINTENANCE_WINDOW, DatabaseFields::BACKUP_WINDOW);
        diagnostics.push(errors::windows_meet(maintenance.span(), field, other, backup.span()));
    }
    let apart = |from: &Resolved<Window>, value| Resolved { value, chain: from.chain.clone() };
    let other_backup =
        maintenance.as_ref().map(|from| apart(from, Window::daily_after(from.value, 0, SHORTEST)));
    let other_maintenance =
        backup.as_ref().map(|from| apart(from, Window::saturday_after(from.value, 0, SHORTEST)));
    let text = |window: Resolved<Window>| window.map(Window::aws);
    (backup.or(other_backup).map(text), maintenance.or(other_maintenance).map(text))
}

/// Days of a duration. A replica has no backups unless it says so.
fn days(backups: Resolved<u64>, is_replica: bool, diagnostics: &mut Vec<Diagnostic>) -> Resolved<u32> {
    if !backups.value.is_multiple_of(DAY) {
        diagnostics.push(errors::partial_days(backups.span(), backups.value));
    }
    if is_replica && !backups.is_said() {
        return Resolved { value: 0, chain: backups.chain };
    }
    backups.map(|seconds| u32::try_from(seconds.div_ceil(DAY)).unwrap_or(u32::MAX))
}

fn gib(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn number(said: i64) -> u32 {
    u32::try_from(said).unwrap_or(u32::MAX)
}

/// Whether an engine has clusters.
fn is_cluster(engine: &str) -> bool {
    engine.starts_with("aurora-")
}

/// The port of an engine (RDS API reference, `CreateDBInstance`).
fn usual_port(engine: &str) -> u16 {
    match engine {
        "mysql" | "mariadb" | "aurora-mysql" => 3306,
        _ if engine.starts_with("oracle") => 1521,
        _ if engine.starts_with("sqlserver") => 1433,
        _ => 5432,
    }
}

/// The license model of Oracle, which AWS's default is not. The other engines have one.
fn usual_license(engine: &Resolved<String>) -> Option<Resolved<String>> {
    let is_oracle = engine.value.starts_with("oracle");
    is_oracle.then(|| Resolved { value: "bring-your-own-license".to_owned(), chain: engine.chain.clone() })
}

impl Environment {
    /// The database `name`.
    pub(crate) fn database(&self, name: &str) -> Option<&Database> {
        self.databases.iter().find(|database| database.name == name)
    }

    /// The domain of the name of a database.
    pub(crate) fn domain_of_database<'e>(&'e self, database: &'e Database) -> Option<&'e Resolved<String>> {
        database.domain.as_ref().or(self.common.domain.as_ref())
    }
}
