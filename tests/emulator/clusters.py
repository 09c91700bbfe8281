"""What moto gets wrong of clusters of databases, mended: see `moto_server.py`."""

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBClusterNotFoundError, RDSClientError
from moto.rds.models import DBCluster, DBInstanceClustered, RDSBackend
from moto.rds.responses import RDSResponse

from databases import PARAMETERS, major, numbers

# Settings that a change without haste leaves to the maintenance window, as `PendingModifiedValues` has them.
WINDOWED = {"engine_version": "EngineVersion", "storage_type": "StorageType"}

create_db_cluster = RDSBackend.create_db_cluster
default_allocated_storage = DBCluster.default_allocated_storage
delete_db_cluster_parameter_group = RDSBackend.delete_db_cluster_parameter_group
delete_subnet_group = RDSBackend.delete_subnet_group
get_cfg = DBCluster.get_cfg
modify_db_cluster = RDSBackend.modify_db_cluster
reboot_db_instance = RDSBackend.reboot_db_instance


def create_once(self, kwargs):
    """An identifier belongs to one cluster."""
    if kwargs["db_cluster_identifier"] in self.clusters:
        raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster already exists: {kwargs['db_cluster_identifier']}")
    return create_db_cluster(self, kwargs)


def storage_of(engine, storage_type):
    """A cluster of Aurora has none that somebody allocates, of whichever type."""
    return 1 if engine.startswith("aurora") else default_allocated_storage(engine, storage_type)


def without_secret(self):
    """A restored cluster has the password of the snapshot, not a secret of its own."""
    self.__dict__.setdefault("_master_user_password", "as-in-the-snapshot")
    config = get_cfg(self)
    config.pop("master_user_secret", None)
    for name in ("waits_for_reboot", "left_to_window", "pending_modified_values"):
        config.pop(name, None)
    return {**config, "manage_master_user_password": False}


def modify_only_forward(self, kwargs):
    """Versions never go back, a major upgrade has to be allowed, some waits for the window, and logs are switched on and off."""
    cluster_id = kwargs["db_cluster_identifier"]
    if cluster_id not in self.clusters:
        raise DBClusterNotFoundError(cluster_id)
    cluster = self.clusters[cluster_id]
    kwargs = dict(kwargs)
    wanted, there = kwargs.get("engine_version"), cluster.engine_version
    if wanted and numbers(wanted) < numbers(there):
        raise RDSClientError("InvalidParameterCombination", f"Cannot downgrade from {there} to {wanted}")
    is_major = wanted and major(cluster.engine, wanted) != major(cluster.engine, there)
    if is_major and not kwargs.get("allow_major_version_upgrade"):
        raise RDSClientError("InvalidParameterCombination", "The AllowMajorVersionUpgrade flag must be present")
    group = kwargs.get("db_cluster_parameter_group_name")
    is_new_group = group and group != cluster.parameter_group
    kept = dict(getattr(cluster, "left_to_window", {}))
    if kwargs.pop("apply_immediately", False):
        # What waits comes along.
        kwargs, kept = {**kept, **kwargs}, {}
    else:
        for name in [name for name in WINDOWED if name in kwargs]:
            value = kwargs.pop(name)
            kept.pop(name, None)
            if value is not None and str(value) != str(getattr(cluster, name, None)):
                kept[name] = value
        # The group of another major version comes with it.
        if is_new_group and is_major:
            kept["db_cluster_parameter_group_name"] = kwargs.pop("db_cluster_parameter_group_name")
            is_new_group = False
    if is_new_group and not is_major:
        for member in cluster.members:
            member.waits_for_cluster = True
    cluster.left_to_window = kept
    cluster.pending_modified_values = {WINDOWED[name]: value for name, value in kept.items() if name in WINDOWED} or None
    logs = kwargs.pop("cloudwatch_logs_export_configuration", None) or {}
    left = [one for one in cluster.enabled_cloudwatch_logs_exports if one not in (logs.get("disable_log_types") or [])]
    cluster.enabled_cloudwatch_logs_exports = left + list(logs.get("enable_log_types") or [])
    kwargs.pop("allow_major_version_upgrade", None)
    return modify_db_cluster(self, {"db_cluster_identifier": cluster_id, **kwargs})


def delete_with_snapshot(self):
    """A cluster goes with a final snapshot, or says that there is to be none."""
    if not self.params.get("FinalDBSnapshotIdentifier") and not self.params.get("SkipFinalSnapshot"):
        raise RDSClientError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is set")
    deleted = self.backend.delete_db_cluster(self.params["DBClusterIdentifier"], self.params.get("FinalDBSnapshotIdentifier"))
    return ActionResult({"DBCluster": deleted})


def members(self):
    """The instances, with whether the parameters of their cluster are in force."""
    show = lambda one: {
        "DBInstanceIdentifier": one.db_instance_identifier,
        "IsClusterWriter": one.is_cluster_writer,
        "DBClusterParameterGroupStatus": "pending-reboot" if getattr(one, "waits_for_cluster", False) else "in-sync",
        "PromotionTier": one.promotion_tier,
    }
    return [show(one) for one in self.members]


def reboot(self, db_instance_identifier):
    """A reboot puts static parameters of the cluster in force too."""
    instance = reboot_db_instance(self, db_instance_identifier)
    instance.waits_for_cluster = False
    return instance


def describe_db_cluster_parameters(self):
    """The parameters of a group: those that somebody set, and otherwise those of the engine too."""
    name = self.params.get("DBClusterParameterGroupName")
    own = self.backend.describe_db_cluster_parameter_groups(name)[0].parameters
    show = lambda name, of: {
        "ParameterName": name,
        "ApplyType": PARAMETERS.get(name, "dynamic"),
        "IsModifiable": True,
        "Source": "user" if name in own else "engine-default",
        **{key: value for key, value in of.items() if key in ("ParameterValue", "ApplyMethod")},
    }
    names = own if self.params.get("Source") == "user" else PARAMETERS | own
    return ActionResult({"Parameters": [show(name, own.get(name, {})) for name in names]})


def modify_db_cluster_parameter_group(self, db_cluster_parameter_group_name, db_cluster_parameter_group_parameters):
    """At most 20 parameters a call, and static ones not at once."""
    parameters = list(db_cluster_parameter_group_parameters)
    if len(parameters) > 20:
        raise RDSClientError("InvalidParameterValue", "Cannot modify more than 20 parameters at once")
    for one in parameters:
        if PARAMETERS.get(one["ParameterName"]) == "static" and one.get("ApplyMethod") == "immediate":
            raise RDSClientError("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
    group = self.describe_db_cluster_parameter_groups(db_cluster_parameter_group_name)[0]
    group.update_cluster_parameters(parameters)
    wait_for_reboot(self, group.name, parameters)
    return group


def reset_db_cluster_parameter_group(self):
    """Takes values away, which moto cannot."""
    group = self.backend.describe_db_cluster_parameter_groups(self.params["DBClusterParameterGroupName"])[0]
    reset = [one.original_dict() for one in self.params.get("Parameters", [])]
    for one in reset:
        group.parameters.pop(one["ParameterName"], None)
    wait_for_reboot(self.backend, group.name, reset)
    return ActionResult({"DBClusterParameterGroupName": group.name})


def wait_for_reboot(backend, group, parameters):
    """Static parameters come in force when each instance is rebooted."""
    if any(PARAMETERS.get(one["ParameterName"]) == "static" for one in parameters):
        for cluster in backend.clusters.values():
            if cluster.parameter_group == group:
                for member in cluster.members:
                    member.waits_for_cluster = True


def delete_unused_parameters(self, db_cluster_parameter_group_name):
    """A parameter group that a cluster has stays."""
    if any(one.parameter_group == db_cluster_parameter_group_name for one in self.clusters.values()):
        raise RDSClientError("InvalidDBParameterGroupState", f"One or more database clusters are still members of {db_cluster_parameter_group_name}")
    return delete_db_cluster_parameter_group(self, db_cluster_parameter_group_name)


def delete_unused_subnets(self, name):
    """A subnet group that a cluster has stays."""
    if any(one.db_subnet_group_name == name for one in self.clusters.values()):
        raise RDSClientError("InvalidDBSubnetGroupStateFault", f"Cannot delete the subnet group '{name}' because at least one database cluster is using it")
    return delete_subnet_group(self, name)


DBCluster.db_cluster_members = property(members)
DBCluster.default_allocated_storage = staticmethod(storage_of)
DBCluster.get_cfg = without_secret
# The backups of an instance are those of its cluster.
DBInstanceClustered.db_subnet_group = None
DBInstanceClustered.save_automated_backup = lambda self: None
RDSBackend.create_db_cluster = create_once
RDSBackend.delete_db_cluster_parameter_group = delete_unused_parameters
RDSBackend.delete_subnet_group = delete_unused_subnets
RDSBackend.modify_db_cluster = modify_only_forward
RDSBackend.modify_db_cluster_parameter_group = modify_db_cluster_parameter_group
RDSBackend.reboot_db_instance = reboot
RDSResponse.delete_db_cluster = delete_with_snapshot
RDSResponse.describe_db_cluster_parameters = describe_db_cluster_parameters
RDSResponse.reset_db_cluster_parameter_group = reset_db_cluster_parameter_group
