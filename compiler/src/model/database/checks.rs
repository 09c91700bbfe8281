//! What AWS refuses of databases.

use asiaq_lang::{Diagnostic, Span};

use super::Database;
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::engines;
use crate::model::{Environment, Model, engine_checks};

/// GiB from which volumes of type gp3 have more operations, and may be given still more (RDS user guide, "gp3 storage").
const STRIPED: u32 = 400;
/// The same with Oracle.
const STRIPED_ORACLE: u32 = 200;
/// Readers that a cluster can have (Aurora user guide, "Quotas in Amazon Aurora").
const MOST_READERS: usize = 15;
/// The class that needs limits.
const SERVERLESS: &str = "db.serverless";
/// Why a cluster has no settings of volumes.
const GROWS: &str = "the storage of a cluster grows by itself";
/// Names that no master user can have, by engine; the first ones with every engine (RDS API reference, `CreateDBInstance`,
/// and what the engines reserve).
const RESERVED: &[(&str, &[&str])] = &[
    ("", &["rdsadmin", "rds_superuser", "public", "null"]),
    (
        "postgres",
        &["admin", "postgres_admin", "pg_monitor", "rdsrepladmin", "user", "all", "select", "table", "role"],
    ),
    ("mysql", &["root", "mysql.sys", "mysql.session", "rdsrepladmin"]),
    ("mariadb", &["root", "mysql.sys", "mysql.session", "mariadb.sys", "rdsrepladmin"]),
    ("oracle", &["sys", "system", "sysman", "dbsnmp", "admin_user", "user", "table", "select"]),
    ("sqlserver", &["sa", "guest", "sysadmin", "dbo", "rdsa", "public"]),
];

/// Checks the databases of all environments.
pub(in crate::model) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for env in &model.environments {
        for database in &env.databases {
            let mut checker = Checker { model, env, database, diagnostics: &mut *diagnostics };
            checker.names();
            checker.engine();
            if database.is_cluster() {
                checker.cluster();
            } else {
                checker.not_of_a_cluster();
                checker.storage();
                checker.replica();
            }
            checker.settings();
            checker.monitoring();
        }
    }
}

struct Checker<'m, 'd> {
    model: &'m Model,
    env: &'m Environment,
    database: &'m Database,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Checker<'_, '_> {
    fn refuse(&mut self, span: Span, message: String, help: &str) {
        self.diagnostics.push(errors::database_setting(span, message, help));
    }

    fn names(&mut self) {
        let Database { identifier, user, engine, span, .. } = self.database;
        let place = identifier.place(*span);
        if let Some(why) = not_an_identifier(&identifier.value) {
            self.diagnostics.push(errors::database_name(place, &identifier.value, why));
        }
        let first = self.env.databases.iter().take_while(|one| one.name != self.database.name);
        if let Some(first) = first.into_iter().find(|one| one.identifier.value == identifier.value) {
            let first = first.identifier.place(first.span);
            self.diagnostics.push(errors::same_name_in_aws(place, "database", &identifier.value, first));
        }
        if self.database.is_cluster() && identifier.value.len() > 60 {
            let why = "the names of its instances continue it, and have up to 63 characters";
            self.diagnostics.push(errors::database_name(place, &identifier.value, why));
        }
        let mut others = self.env.databases.iter().filter(|one| one.name != self.database.name);
        let of_cluster = others.find(|one| one.instance_names().contains(&identifier.value));
        if let Some(cluster) = of_cluster.filter(|_| !self.database.is_cluster()) {
            let first = cluster.identifier.place(cluster.span);
            self.diagnostics.push(errors::same_name_in_aws(place, "database", &identifier.value, first));
        }
        let name = user.value.to_ascii_lowercase();
        let engine = engine.value.trim_start_matches("aurora-");
        let is_reserved = RESERVED
            .iter()
            .filter(|(of, _)| engine.starts_with(of))
            .any(|(_, names)| names.contains(&name.as_str()));
        let is_form = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let longest = if engine.starts_with("mysql") || engine == "mariadb" { 16 } else { 63 };
        let place = user.place(*span);
        if is_reserved {
            let message = format!("`{}` is reserved: no master user can be called so", user.value);
            self.refuse(place, message, "choose another name, as in `user = \"orders\"`");
        } else if !is_form || name.len() > longest {
            let message = format!("`{}` is not a name of a master user", user.value);
            let help = "a name begins with a letter and has letters, digits and `_`; up to 16 characters with MySQL and MariaDB, \
                        and 63 with the other engines";
            self.refuse(place, message, help);
        }
    }

    fn engine(&mut self) {
        let Database { engine, version, class, readers, span, .. } = self.database;
        if engine.value.is_empty() {
            return;
        }
        let (name, said) = (engine.value.as_str(), version.value.as_str());
        let place = version.place(*span);
        self.diagnostics.extend(engine_checks::version(name, said, place));
        self.class(name, &class.value, class.place(*span));
        for reader in &readers.value {
            self.class(name, &reader.value, reader.span);
        }
    }

    /// A class of instances, written at `place`.
    fn class(&mut self, engine: &str, class: &str, place: Span) {
        let misspelt = || engines::misspelt(class, engines::classes(engine));
        match engines::runs(class, engine) {
            None if engines::known_version(engine, "").is_none() => {}
            None => self.diagnostics.push(errors::unknown_class(place, class, misspelt())),
            Some(false) => self.diagnostics.push(errors::class_without_engine(place, class, engine)),
            Some(true) => self.diagnostics.extend(engine_checks::offer(class, engine, self.env, place)),
        }
    }

    /// What only clusters have.
    fn not_of_a_cluster(&mut self) {
        let Database { readers, min_capacity, max_capacity, engine, .. } = self.database;
        let said = [
            ("readers", readers.is_said().then(|| readers.span())),
            ("min_capacity", min_capacity.as_ref().map(Resolved::span)),
            ("max_capacity", max_capacity.as_ref().map(Resolved::span)),
        ];
        for (field, place) in said {
            if let Some(place) = place.filter(|_| !engine.value.is_empty()) {
                self.diagnostics.push(errors::setting_needs(place, field, "engine = aurora_postgresql"));
            }
        }
    }

    /// What clusters do not have, and what AWS refuses of them.
    fn cluster(&mut self) {
        let Database { engine, readers, backups, storage_type, class, span, .. } = self.database;
        let Database { storage, iops, throughput, max_storage, multi_az, license, .. } = self.database;
        let Database { character_set, option_group, replica_of, min_capacity, max_capacity, .. } =
            self.database;
        let place = |is_said: bool, place: Span| is_said.then_some(place);
        let said = [
            ("storage", place(storage.value > 0, storage.place(*span)), GROWS),
            ("iops", iops.as_ref().map(Resolved::span), GROWS),
            ("throughput", throughput.as_ref().map(Resolved::span), GROWS),
            ("max_storage", max_storage.as_ref().map(Resolved::span), GROWS),
            (
                "multi_az",
                place(multi_az.is_said(), multi_az.place(*span)),
                "its `readers` take over from its writer",
            ),
            ("license", license.as_ref().map(Resolved::span), "AWS has one price for it"),
            ("option_group", option_group.as_ref().map(Resolved::span), "AWS has no options for it"),
            ("character_set", character_set.as_ref().map(Resolved::span), "its databases have their own"),
            ("replica_of", replica_of.as_ref().map(Resolved::span), "its readers are `readers`"),
        ];
        for (field, place, why) in said {
            if let Some(place) = place {
                let message = format!("a database of `{}` has no `{field}`", engine.value);
                self.refuse(place, message, &format!("remove `{field}`: {why}"));
            }
        }
        if storage_type.is_said() && storage_type.value != "aurora-iopt1" {
            let message = format!("a database of `{}` has no `{}` volumes", engine.value, storage_type.value);
            let help = "remove `storage_type`, or write `storage_type = aurora_iopt1`";
            self.refuse(storage_type.place(*span), message, help);
        }
        if backups.value == 0 && replica_of.is_none() {
            let message = format!("a database of `{}` always has backups", engine.value);
            self.refuse(backups.place(*span), message, "write `backups = 1d` or more");
        }
        if readers.value.len() > MOST_READERS {
            let message = format!("a cluster has up to {MOST_READERS} readers, not {}", readers.value.len());
            self.refuse(readers.span(), message, "remove some of them");
        }
        let serverless = readers.value.iter().map(|reader| (reader.value.as_str(), reader.span));
        let serverless = std::iter::once((class.value.as_str(), class.place(*span))).chain(serverless);
        let serverless =
            serverless.into_iter().find(|(class, _)| *class == SERVERLESS).map(|(_, place)| place);
        let capacity = [("min_capacity", min_capacity), ("max_capacity", max_capacity)];
        match serverless {
            Some(place) => {
                let missing = capacity.iter().find(|(_, set)| set.is_none());
                if let Some((field, _)) = missing {
                    let message = format!("a class `{SERVERLESS}` needs `{field}`");
                    let help = "add both limits, as in `min_capacity = 0.5` and `max_capacity = 16`";
                    self.refuse(place, message, help);
                }
            }
            None => {
                for (field, set) in capacity {
                    let Some(set) = set else { continue };
                    let message = format!("`{field}` is for instances of class `{SERVERLESS}`");
                    let help = format!("remove `{field}`, or give the database or a reader that class");
                    self.refuse(set.span(), message, &help);
                }
            }
        }
        for (field, set) in capacity {
            let Some(set) = set.as_ref().filter(|set| (set.value * 2.0).fract() != 0.0) else { continue };
            let message = format!("`{field}` is a multiple of 0.5, not {}", set.value);
            self.refuse(set.span(), message, "write a multiple of 0.5");
        }
        if let (Some(least), Some(most)) = (min_capacity, max_capacity)
            && least.value > most.value
        {
            let message = format!("`min_capacity`, {}, is above `max_capacity`, {}", least.value, most.value);
            self.refuse(least.span(), message, "exchange them");
        }
    }

    fn storage(&mut self) {
        let Database { engine, storage, storage_type, max_storage, span, .. } = self.database;
        if self.database.replica_of.is_some() && storage.value == 0 {
            return;
        }
        let is_sqlserver = engine.value.starts_with("sqlserver");
        // RDS user guide, "Amazon RDS DB instance storage".
        let (least, most) = match (storage_type.value.as_str(), is_sqlserver) {
            ("standard", true) => (20, 1024),
            ("standard", false) => (5, 3072),
            ("io1" | "io2", false) => (100, 65_536),
            ("gp3" | "gp2" | "io1", true) => (20, 16_384),
            _ => (20, 65_536),
        };
        let (size, of) = (storage.value, storage_type.value.as_str());
        if size < least || size > most {
            let message = format!("a database with `{of}` volumes has {least} to {most} GB, not {size}");
            self.refuse(
                storage.place(*span),
                message,
                &format!("write a size from `{least}GB` to `{most}GB`"),
            );
            return;
        }
        if let Some(max) = max_storage {
            if max.value <= size {
                let message = format!("`max_storage` is not above `storage`, {size} GB, so AWS adds nothing");
                let help =
                    format!("write more than `{size}GB`, at least a tenth more, or remove `max_storage`");
                self.refuse(max.span(), message, &help);
            } else if max.value > most {
                let message =
                    format!("a database with `{of}` volumes has up to {most} GB, not {}", max.value);
                self.refuse(max.span(), message, &format!("write at most `{most}GB`"));
            } else if u64::from(max.value) * 10 < u64::from(size) * 11 {
                let message = format!("`max_storage` leaves less than a tenth of {size} GB for growth");
                self.refuse(max.span(), message, "AWS adds at least a tenth: write a larger size");
            }
        }
        self.operations();
    }

    /// Operations and throughput of the volumes.
    fn operations(&mut self) {
        let Database { engine, storage, storage_type, iops, throughput, span, .. } = self.database;
        let (size, of) = (storage.value, storage_type.value.as_str());
        let is_sqlserver = engine.value.starts_with("sqlserver");
        let striped = if engine.value.starts_with("oracle") { STRIPED_ORACLE } else { STRIPED };
        let set = [("iops", iops), ("throughput", throughput)];
        for (field, value) in set.iter().filter_map(|(field, value)| Some((*field, value.as_ref()?))) {
            match of {
                "gp3" if size < striped && !is_sqlserver => {
                    let message = format!(
                        "`{field}` of `gp3` volumes can be set from {striped} GB on, not at {size} GB"
                    );
                    let help = format!("remove `{field}`, or write `storage = {striped}GB` or more");
                    self.refuse(value.span(), message, &help);
                }
                "gp3" => {
                    let (least, most) = match (field, is_sqlserver) {
                        ("iops", false) => (12_000, 64_000),
                        ("iops", true) => (3000, 16_000),
                        (_, false) => (500, 4000),
                        (_, true) => (125, 1000),
                    };
                    if value.value < least || value.value > most {
                        let message = format!(
                            "`{field}` of these `gp3` volumes is {least} to {most}, not {}",
                            value.value
                        );
                        self.refuse(value.span(), message, &format!("write a number from {least} to {most}"));
                    }
                }
                "io1" | "io2" if field == "iops" => {
                    let ratio = if of == "io2" { 1000 } else { 50 };
                    let most = u64::from(size) * ratio;
                    if u64::from(value.value) > most || u64::from(value.value) * 2 < u64::from(size) {
                        let message = format!(
                            "{} operations a second do not go with {size} GB of `{of}` volumes",
                            value.value
                        );
                        let help = format!("write {} to {}", size.div_ceil(2).max(1000), most.min(256_000));
                        self.refuse(value.span(), message, &help);
                    }
                }
                _ => {
                    let message = format!("`{of}` volumes take no `{field}`");
                    self.refuse(
                        value.span(),
                        message,
                        &format!("remove `{field}`, or change `storage_type`"),
                    );
                }
            }
        }
        if matches!(of, "io1" | "io2") && iops.is_none() {
            let message = format!("`{of}` volumes need `iops`");
            self.refuse(storage_type.place(*span), message, "add `iops`, or write `storage_type = gp3`");
        }
    }

    fn settings(&mut self) {
        let is_cluster = self.database.is_cluster();
        let Database { engine, multi_az, character_set, license, kms_key, encrypted, span, .. } =
            self.database;
        let engine = engine.value.as_str();
        if self.env.zones.value < 2 {
            let message = "a database needs subnets in two availability zones at least".to_owned();
            self.refuse(
                self.env.zones.place(*span),
                message,
                "write `zones = 2` or more for the environment",
            );
        }
        if multi_az.value && matches!(engine, "sqlserver-ex" | "sqlserver-web") {
            let message = format!("`{engine}` has no standby in another availability zone");
            self.refuse(multi_az.place(*span), message, "write `multi_az = false`");
        }
        let has_character_sets = engine.starts_with("oracle") || engine.starts_with("sqlserver");
        if let Some(set) =
            character_set.as_ref().filter(|_| !has_character_sets && !engine.is_empty() && !is_cluster)
        {
            let message = format!("`{engine}` takes no character set: its databases have their own");
            self.refuse(set.span(), message, "remove `character_set`");
        }
        if let Some(set) = license {
            let fits = match engine {
                _ if engine.starts_with("oracle-se2") => {
                    matches!(set.value.as_str(), "license-included" | "bring-your-own-license")
                }
                _ if engine.starts_with("oracle") => set.value == "bring-your-own-license",
                _ if engine.starts_with("sqlserver") => set.value == "license-included",
                "postgres" => set.value == "postgresql-license",
                "mysql" | "mariadb" => set.value == "general-public-license",
                _ => true,
            };
            if !fits {
                let message = format!("`{engine}` has no license model `{}`", set.value.replace('-', "_"));
                self.refuse(set.place(*span), message, "remove `license`: each engine has a default");
            }
        }
        let password = &self.database.password;
        if !password.value.is_empty() && self.database.credential.is_none() {
            self.diagnostics.push(errors::credential_without_bucket(password.span(), &self.env.name));
        }
        if let Some(key) = kms_key.as_ref().filter(|_| !encrypted.value) {
            self.diagnostics.push(errors::setting_needs(key.span(), "kms_key", "encrypted = true"));
        }
    }

    fn monitoring(&mut self) {
        let Database { monitoring, monitoring_role, option_group, engine, .. } = self.database;
        if let Some(set) = monitoring.as_ref().filter(|set| ![1, 5, 10, 15, 30, 60].contains(&set.value)) {
            let message = format!("`monitoring` of {} seconds is none that AWS has", set.value);
            self.refuse(set.span(), message, "write `1s`, `5s`, `10s`, `15s`, `30s` or `60s`");
        }
        match (monitoring, monitoring_role) {
            (Some(set), None) => {
                let needed = "monitoring_role = \"ARN\"";
                self.diagnostics.push(errors::setting_needs(set.span(), "monitoring", needed));
            }
            (None, Some(role)) if !role.value.is_empty() => {
                self.diagnostics.push(errors::setting_needs(
                    role.span(),
                    "monitoring_role",
                    "monitoring = 60s",
                ));
            }
            _ => {}
        }
        let is_arn = |role: &str| role.starts_with("arn:") && role.contains(":role/");
        if let Some(role) =
            monitoring_role.as_ref().filter(|role| !role.value.is_empty() && !is_arn(&role.value))
        {
            let message = format!("`{}` is not the ARN of a role", role.value);
            let help = "write it whole, as in `\"arn:aws:iam::111111111111:role/rds-monitoring\"`";
            self.refuse(role.span(), message, help);
        }
        if let Some(set) = option_group.as_ref().filter(|_| engine.value == "postgres") {
            let message = "`postgres` has no options, and so no option group of its own".to_owned();
            self.refuse(set.span(), message, "remove `option_group`");
        }
    }

    fn replica(&mut self) {
        let Database { replica_of, restore, engine, .. } = self.database;
        let Some(source) = replica_of else { return };
        if let Some(restore) = restore {
            self.diagnostics.push(errors::setting_beside(restore.span(), "restore", "replica_of"));
        }
        let named = match source.value.split_once('/') {
            _ if source.value.contains(':') => return,
            None => self.env.database(&source.value).map(|database| (self.env, database)),
            Some((env, name)) => self.model.environment(env).and_then(|env| Some((env, env.database(name)?))),
        };
        let Some((_, original)) = named else {
            // A database that is broken is declared, and has been reported.
            let (env, name) = source.value.split_once('/').unwrap_or((&self.env.name, &source.value));
            let home = self.model.environment(env);
            let is_declared = home.is_some_and(|env| env.provenance.has(&format!("database.{name}")));
            if is_declared || self.model.is_draft {
                return;
            }
            let known: Vec<&str> = self.env.databases.iter().map(|one| one.name.as_str()).collect();
            self.diagnostics.push(errors::without_fix(errors::unknown_reference(
                source.span(),
                "database",
                &source.value,
                &known,
            )));
            return;
        };
        if std::ptr::eq(original, self.database) {
            self.refuse(
                source.span(),
                "a database is no replica of itself".to_owned(),
                "name another database",
            );
            return;
        }
        if original.backups.value == 0 {
            let message = format!("`{}` keeps no backups, which a replica needs", source.value);
            self.refuse(source.span(), message, "write `backups = 1d` or more for it");
        }
        if !engine.value.is_empty() && engine.value != original.engine.value {
            let message = format!(
                "`{}` is `{}`, and its replica cannot be `{}`",
                source.value, original.engine.value, engine.value
            );
            self.refuse(
                engine.place(source.span()),
                message,
                "remove `engine`: a replica has that of its source",
            );
        }
        if original.engine.value.starts_with("sqlserver") && original.engine.value != "sqlserver-ee" {
            let message = format!("`{}` has no read replicas", original.engine.value);
            self.refuse(source.span(), message, "AWS has them with `sqlserver_ee`");
        }
    }
}

/// Why a text is no identifier of a database (RDS API reference, `CreateDBInstance`).
fn not_an_identifier(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > 63 {
        return Some("it has 1 to 63 characters");
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Some("it begins with a letter");
    }
    if name.ends_with('-') || name.contains("--") {
        return Some("it does not end in a hyphen, and has no two side by side");
    }
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!name.chars().all(is_letter)).then_some("it has letters, digits and hyphens only")
}
