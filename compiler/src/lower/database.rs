//! The databases of an environment, each with its groups of subnets and parameters and its record.

use std::collections::BTreeSet;

use asiaq_ir::{
    Address, Database as IrDatabase, DatabaseParameterGroup, DatabaseSubnetGroup, Parameter, Password, Ref,
    Resource, ResourceKind,
};

use super::node::chain;
use super::{Lowering, NodeBuilder, path_of};
use crate::layout::EnvLayout;
use crate::library::kinds;
use crate::model::{Database, Environment};

/// The path of the subnets of a cluster, below that of its database.
pub(super) const CLUSTER_SUBNETS: &str = "cluster-subnets";

impl Lowering<'_> {
    pub(super) fn databases(&mut self, env: &Environment, laid: &EnvLayout) {
        for database in &env.databases {
            self.database_subnets(env, laid, database);
            if database.is_cluster() {
                self.cluster_parameters(env, database);
                self.cluster(env, database);
                self.cluster_instances(env, database);
                self.database_record(env, database, "cluster-record", "");
                self.database_record(env, database, "reader-record", "-reader");
            } else {
                self.database_parameters(env, database);
                self.database(env, database);
                self.database_record(env, database, "record", "");
            }
        }
    }

    /// A node of a database.
    pub(super) fn of_database<'m, R>(
        &self,
        env: &'m Environment,
        database: &'m Database,
        part: &str,
    ) -> NodeBuilder<'m, R>
    where
        R: ResourceKind + Into<Resource>,
        Self: 'm,
    {
        let path = path(&database.name);
        let path = if part.is_empty() { path } else { format!("{path}/{part}") };
        self.node(env, &path, database.span)
            .declared_by(format!("database.{}", database.name))
            .tagged(&database.identifier.value, &[])
            .optional_tags(database.tags.as_ref())
    }

    fn database_subnets(&mut self, env: &Environment, laid: &EnvLayout, database: &Database) {
        let network = database.network.value.as_str();
        let Some(own) = laid.networks.get(network) else { return };
        let slots = own.subnets.len().min(laid.zones.len());
        let subnets: BTreeSet<Ref> =
            (0..slots).map(|slot| Ref::to(&env.name, &path_of(network, "subnet", slot))).collect();
        // An id is a name, and that of a cluster is not to be that of its subnet group.
        let (part, suffix) =
            if database.is_cluster() { (CLUSTER_SUBNETS, "-cluster") } else { ("subnets", "") };
        let name = format!("{}{suffix}", database.identifier.value);
        let mut node = self.of_database(env, database, part);
        let group = DatabaseSubnetGroup {
            name: node.set(DatabaseSubnetGroup::NAME, &database.identifier.chain, name),
            description: format!("Subnet Group for VPC {}", env.name),
            subnets: node.set(DatabaseSubnetGroup::SUBNETS, &database.network.chain, subnets),
        };
        self.add(node, group);
    }

    fn database_parameters(&mut self, env: &Environment, database: &Database) {
        let family = database.family();
        let name = parameter_group_name(database);
        let parameters = database
            .parameters
            .iter()
            .map(|(name, value)| Parameter { name: name.clone(), value: value.value.clone() });
        let mut node = self.of_database(env, database, &format!("parameters/{family}"));
        for (name, value) in &database.parameters {
            node.element(DatabaseParameterGroup::PARAMETERS, name, &[value.span]);
        }
        let group = DatabaseParameterGroup {
            name: node.set(DatabaseParameterGroup::NAME, &database.identifier.chain, name),
            family: node.set(DatabaseParameterGroup::FAMILY, &database.version.chain, family),
            description: format!("Parameters of the database {}", database.identifier.value),
            parameters: node.set(
                DatabaseParameterGroup::PARAMETERS,
                chain(database.parameters_set.as_ref()),
                parameters.collect(),
            ),
        };
        self.add(node, group);
    }

    fn database(&mut self, env: &Environment, database: &Database) {
        let path = path(&database.name);
        let protected = env.protects(&format!("database.{}", database.name));
        let groups = groups(env, database);
        let (source, first) = self.source_of(env, database);
        let password = password(database);
        let logs = logs(database);
        let places: Vec<_> = database.network.chain.iter().chain(&database.security.chain).copied().collect();
        let mut node = self.of_database(env, database, "").after(first);
        let resource = IrDatabase {
            name: node.value(IrDatabase::NAME, &database.identifier),
            engine: node.value(IrDatabase::ENGINE, &database.engine),
            version: node.value(IrDatabase::VERSION, &database.version),
            class: node.value(IrDatabase::CLASS, &database.class),
            storage: node.value(IrDatabase::STORAGE, &database.storage),
            storage_type: node.value(IrDatabase::STORAGE_TYPE, &database.storage_type),
            iops: node.optional(IrDatabase::IOPS, database.iops.as_ref()),
            throughput: node.optional(IrDatabase::THROUGHPUT, database.throughput.as_ref()),
            max_storage: node.optional(IrDatabase::MAX_STORAGE, database.max_storage.as_ref()),
            subnet_group: node.set(
                IrDatabase::SUBNET_GROUP,
                &database.network.chain,
                Ref::to(&env.name, &format!("{path}/subnets")),
            ),
            groups: node.set(IrDatabase::GROUPS, &places, groups),
            parameter_group: node.set(
                IrDatabase::PARAMETER_GROUP,
                &database.version.chain,
                Ref::to(&env.name, &format!("{path}/parameters/{}", database.family())),
            ),
            port: node.value(IrDatabase::PORT, &database.port),
            multi_az: node.value(IrDatabase::MULTI_AZ, &database.multi_az),
            backups: node.value(IrDatabase::BACKUPS, &database.backups),
            backup_window: node.optional(IrDatabase::BACKUP_WINDOW, database.backup_window.as_ref()),
            maintenance_window: node
                .optional(IrDatabase::MAINTENANCE_WINDOW, database.maintenance_window.as_ref()),
            user: node.value(IrDatabase::USER, &database.user),
            password: node.set(IrDatabase::PASSWORD, &database.password.chain, password),
            license: node.optional(IrDatabase::LICENSE, database.license.as_ref()),
            character_set: node.optional(IrDatabase::CHARACTER_SET, database.character_set.as_ref()),
            encrypted: node.value(IrDatabase::ENCRYPTED, &database.encrypted),
            kms_key: node.optional(IrDatabase::KMS_KEY, database.kms_key.as_ref()),
            public: node.value(IrDatabase::PUBLIC, &database.public),
            minor_upgrades: node.value(IrDatabase::MINOR_UPGRADES, &database.minor_upgrades),
            deletion_protection: node.set(
                IrDatabase::DELETION_PROTECTION,
                protected.as_slice(),
                protected.is_some(),
            ),
            final_snapshot: node.value(IrDatabase::FINAL_SNAPSHOT, &database.final_snapshot),
            ca: node.optional(IrDatabase::CA, database.ca.as_ref()),
            insights: node.value(IrDatabase::INSIGHTS, &database.insights),
            monitoring: node.set(
                IrDatabase::MONITORING,
                chain(database.monitoring.as_ref()),
                database.monitoring.as_ref().map_or(0, |set| set.value),
            ),
            monitoring_role: node.optional(IrDatabase::MONITORING_ROLE, database.monitoring_role.as_ref()),
            option_group: node.optional(IrDatabase::OPTION_GROUP, database.option_group.as_ref()),
            logs: node.set(IrDatabase::LOGS, &database.logs.chain, logs),
            source: node.set(IrDatabase::SOURCE, chain(database.replica_of.as_ref()), source),
            restore: node.optional(IrDatabase::RESTORE, database.restore.as_ref()),
            apply_now: node.value(IrDatabase::APPLY_NOW, &database.apply_now),
            in_force: true,
        };
        self.add(node, resource);
    }

    /// The source of a replica, and what has to be there first. In another region it is `REGION/IDENTIFIER`.
    fn source_of(&self, env: &Environment, database: &Database) -> (Option<Ref>, Option<Address>) {
        let Some(set) = &database.replica_of else { return (None, None) };
        if set.value.contains(':') {
            return (Some(Ref::Id(set.value.clone())), None);
        }
        let (of, name) = match set.value.split_once('/') {
            None => (Some(env), set.value.as_str()),
            Some((other, name)) => (self.model.environment(other), name),
        };
        let Some((of, source)) = of.and_then(|of| Some((of, of.database(name)?))) else {
            return (None, None);
        };
        let address = path(&source.name);
        if of.region.value == env.region.value {
            return (Some(Ref::to(&of.name, &address)), None);
        }
        let there = format!("{}/{}", of.region.value, source.identifier.value);
        (Some(Ref::Id(there)), Some(Address::new(&of.name, &address)))
    }

    /// A `CNAME` record, which stays when the database is replaced. Its path says which endpoint it leads to.
    fn database_record(&mut self, env: &Environment, database: &Database, part: &str, suffix: &str) {
        let Some(domain) = env.domain_of_database(database).filter(|domain| !domain.value.is_empty()) else {
            return;
        };
        let label = format!("{}-{}{suffix}", env.name, database.name).to_ascii_lowercase().replace('_', "-");
        let name = format!("{label}.{}", domain.value.to_ascii_lowercase());
        let Some(zone) = self.zone_of(env, &name, database.public.value, domain.place(database.span)) else {
            return;
        };
        let declared = (kinds::DATABASE, database.name.as_str(), database.span);
        self.store_record_at(env, declared, part, zone, (domain, name));
    }
}

/// Its security groups.
pub(super) fn groups(env: &Environment, database: &Database) -> BTreeSet<Ref> {
    database.groups().map(|network| Ref::to(&env.name, &format!("{network}/security-group"))).collect()
}

/// Who has its password.
pub(super) fn password(database: &Database) -> Password {
    match (&database.replica_of, &database.credential) {
        (Some(_), _) => Password::OfSource,
        (None, Some(credential)) => Password::Credential(credential.clone()),
        (None, None) => Password::Managed,
    }
}

/// Its logs.
pub(super) fn logs(database: &Database) -> BTreeSet<String> {
    database.logs.value.iter().map(|log| log.value.clone()).collect()
}

/// The name of its parameter group: those of two families can stand side by side.
pub(super) fn parameter_group_name(database: &Database) -> String {
    format!("{}-{}", database.identifier.value, database.family().replace('.', "-"))
}

/// The path of a database: `database/orders`.
pub(super) fn path(database: &str) -> String {
    format!("database/{database}")
}
