//! The databases of an environment that are clusters of Aurora.

use asiaq_ir::{
    Address, DatabaseCluster, DatabaseClusterInstance, DatabaseClusterParameterGroup, Parameter, Ref,
};

use super::Lowering;
use super::database::{CLUSTER_SUBNETS, groups, logs, parameter_group_name, password, path};
use super::node::chain;
use crate::model::{Database, Environment};

impl Lowering<'_> {
    /// The parameters of a cluster, which are those of its instances too.
    pub(super) fn cluster_parameters(&mut self, env: &Environment, database: &Database) {
        type Group = DatabaseClusterParameterGroup;
        let family = database.family();
        let parameters = database
            .parameters
            .iter()
            .map(|(name, value)| Parameter { name: name.clone(), value: value.value.clone() });
        let mut node = self.of_database(env, database, &format!("parameters/{family}"));
        for (name, value) in &database.parameters {
            node.element(Group::PARAMETERS, name, &[value.span]);
        }
        let group = Group {
            name: node.set(Group::NAME, &database.identifier.chain, parameter_group_name(database)),
            family: node.set(Group::FAMILY, &database.version.chain, family),
            description: format!("Parameters of the database {}", database.identifier.value),
            parameters: node.set(
                Group::PARAMETERS,
                chain(database.parameters_set.as_ref()),
                parameters.collect(),
            ),
        };
        self.add(node, group);
    }

    /// The cluster itself.
    pub(super) fn cluster(&mut self, env: &Environment, database: &Database) {
        type Cluster = DatabaseCluster;
        let path = path(&database.name);
        let protected = env.protects(&format!("database.{}", database.name));
        let places: Vec<_> = database.network.chain.iter().chain(&database.security.chain).copied().collect();
        let storage_type = match database.storage_type.value.as_str() {
            special if special.starts_with("aurora") => special.to_owned(),
            _ => "aurora".to_owned(),
        };
        let capacity = |set: &f64| set.to_string();
        let min_capacity = database.min_capacity.as_ref().map(|set| capacity(&set.value));
        let max_capacity = database.max_capacity.as_ref().map(|set| capacity(&set.value));
        let mut node = self.of_database(env, database, "");
        let resource = Cluster {
            name: node.value(Cluster::NAME, &database.identifier),
            engine: node.value(Cluster::ENGINE, &database.engine),
            version: node.value(Cluster::VERSION, &database.version),
            storage_type: node.set(Cluster::STORAGE_TYPE, &database.storage_type.chain, storage_type),
            subnet_group: node.set(
                Cluster::SUBNET_GROUP,
                &database.network.chain,
                Ref::to(&env.name, &format!("{path}/{CLUSTER_SUBNETS}")),
            ),
            groups: node.set(Cluster::GROUPS, &places, groups(env, database)),
            parameter_group: node.set(
                Cluster::PARAMETER_GROUP,
                &database.version.chain,
                Ref::to(&env.name, &format!("{path}/parameters/{}", database.family())),
            ),
            port: node.value(Cluster::PORT, &database.port),
            min_capacity: node.set(
                Cluster::MIN_CAPACITY,
                chain(database.min_capacity.as_ref()),
                min_capacity,
            ),
            max_capacity: node.set(
                Cluster::MAX_CAPACITY,
                chain(database.max_capacity.as_ref()),
                max_capacity,
            ),
            backups: node.value(Cluster::BACKUPS, &database.backups),
            backup_window: node.optional(Cluster::BACKUP_WINDOW, database.backup_window.as_ref()),
            maintenance_window: node
                .optional(Cluster::MAINTENANCE_WINDOW, database.maintenance_window.as_ref()),
            user: node.value(Cluster::USER, &database.user),
            password: node.set(Cluster::PASSWORD, &database.password.chain, password(database)),
            encrypted: node.value(Cluster::ENCRYPTED, &database.encrypted),
            kms_key: node.optional(Cluster::KMS_KEY, database.kms_key.as_ref()),
            deletion_protection: node.set(
                Cluster::DELETION_PROTECTION,
                protected.as_slice(),
                protected.is_some(),
            ),
            final_snapshot: node.value(Cluster::FINAL_SNAPSHOT, &database.final_snapshot),
            logs: node.set(Cluster::LOGS, &database.logs.chain, logs(database)),
            restore: node.optional(Cluster::RESTORE, database.restore.as_ref()),
            apply_now: node.value(Cluster::APPLY_NOW, &database.apply_now),
            in_force: true,
        };
        self.add(node, resource);
    }

    /// Its instances. The first one is made first, so that it is the one that writes, until there is a failover.
    pub(super) fn cluster_instances(&mut self, env: &Environment, database: &Database) {
        type Instance = DatabaseClusterInstance;
        let path = path(&database.name);
        let first = Address::new(&env.name, &format!("{path}/instance/1"));
        let classes: Vec<String> = database.instances().map(str::to_owned).collect();
        for ((index, class), name) in classes.into_iter().enumerate().zip(database.instance_names()) {
            let reader = index.checked_sub(1).and_then(|at| database.readers.value.get(at));
            let place = reader.map_or_else(|| database.class.chain.clone(), |reader| vec![reader.span]);
            let mut node = self
                .of_database(env, database, &format!("instance/{}", index + 1))
                .after((index > 0).then(|| first.clone()));
            let resource = Instance {
                name: node.set(Instance::NAME, &database.identifier.chain, name),
                cluster: Ref::to(&env.name, &path),
                engine: node.value(Instance::ENGINE, &database.engine),
                class: node.set(Instance::CLASS, &place, class),
                public: node.value(Instance::PUBLIC, &database.public),
                minor_upgrades: node.value(Instance::MINOR_UPGRADES, &database.minor_upgrades),
                maintenance_window: node
                    .optional(Instance::MAINTENANCE_WINDOW, database.maintenance_window.as_ref()),
                ca: node.optional(Instance::CA, database.ca.as_ref()),
                insights: node.value(Instance::INSIGHTS, &database.insights),
                monitoring: node.set(
                    Instance::MONITORING,
                    chain(database.monitoring.as_ref()),
                    database.monitoring.as_ref().map_or(0, |set| set.value),
                ),
                monitoring_role: node.optional(Instance::MONITORING_ROLE, database.monitoring_role.as_ref()),
                apply_now: node.value(Instance::APPLY_NOW, &database.apply_now),
            };
            self.add(node, resource);
        }
    }
}
