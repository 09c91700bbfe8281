"""What moto gets wrong of databases, mended: see `moto_server.py`."""

import re

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, RDSBackend
from moto.rds.responses import RDSResponse

# Some parameters of engines, and whether AWS changes them without a reboot.
PARAMETERS = {
    "max_connections": "static",
    "shared_buffers": "static",
    "rds.force_ssl": "dynamic",
    "work_mem": "dynamic",
    "log_min_duration_statement": "dynamic",
    "character_set_server": "dynamic",
    "wait_timeout": "dynamic",
}
# Versions of PostgreSQL, the oldest first: AWS upgrades from each to all that follow.
VERSIONS = ["15.7", "15.8", "16.3", "16.4", "16.6", "17.4", "17.6"]

# Settings that a change without haste leaves to the maintenance window, as `PendingModifiedValues` has them.
WINDOWED = {
    "allocated_storage": "AllocatedStorage",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "db_instance_class": "DBInstanceClass",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "license_model": "LicenseModel",
    "multi_az": "MultiAZ",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}

create_db_instance = DBInstance.__init__
delete_db_instance = RDSBackend.delete_db_instance
delete_db_parameter_group = RDSBackend.delete_db_parameter_group
delete_subnet_group = RDSBackend.delete_subnet_group
modify_db_instance = RDSBackend.modify_db_instance
modify_db_subnet_group = RDSBackend.modify_db_subnet_group
reboot_db_instance = RDSBackend.reboot_db_instance


def numbers(version):
    """A version as numbers."""
    return [int(part) for part in re.findall(r"\d+", version)]


def major(engine, version):
    """The part of a version in which a change is a major upgrade."""
    return numbers(version)[: 1 if engine.endswith(("postgres", "postgresql")) else 2]


def describe_db_parameters(self):
    """The parameters of a group: those that somebody set, and otherwise those of the engine too."""
    group = self.backend.describe_db_parameter_groups({"db_parameter_group_name": self.params.get("DBParameterGroupName")})
    own = group[0].parameters
    show = lambda name, of: {
        "ParameterName": name,
        "ApplyType": PARAMETERS.get(name, "dynamic"),
        "IsModifiable": True,
        "Source": "user" if name in own else "engine-default",
        **{key: value for key, value in of.items() if key in ("ParameterValue", "ApplyMethod")},
    }
    names = own if self.params.get("Source") == "user" else PARAMETERS | own
    return ActionResult({"Parameters": [show(name, own.get(name, {})) for name in names]})


def modify_db_parameter_group(self, name, parameters):
    """At most 20 parameters a call, and static ones not at once."""
    parameters = list(parameters)
    if len(parameters) > 20:
        raise RDSClientError("InvalidParameterValue", "Cannot modify more than 20 parameters at once")
    for one in parameters:
        if PARAMETERS.get(one["ParameterName"]) == "static" and one.get("ApplyMethod") == "immediate":
            raise RDSClientError("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
    group = self.db_parameter_groups[name]
    group.update_parameters(parameters)
    wait_for_reboot(self, name, parameters)
    return group


def reset_db_parameter_group(self):
    """Takes values away, which moto cannot."""
    group = self.backend.db_parameter_groups[self.params["DBParameterGroupName"]]
    reset = [one.original_dict() for one in self.params.get("Parameters", [])]
    for one in reset:
        group.parameters.pop(one["ParameterName"], None)
    wait_for_reboot(self.backend, group.name, reset)
    return ActionResult({"DBParameterGroupName": group.name})


def wait_for_reboot(backend, group, parameters):
    """Static parameters come in force when the databases of their group are rebooted."""
    if any(PARAMETERS.get(one["ParameterName"]) == "static" for one in parameters):
        for one in backend.databases.values():
            if one.db_parameter_group_name == group:
                one.waits_for_reboot = True


def parameter_status(self):
    """A group with its status for a database."""
    groups = self.db_parameter_groups()
    for group in groups:
        group.ParameterApplyStatus = "pending-reboot" if getattr(self, "waits_for_reboot", False) else "in-sync"
    return groups


def reboot(self, db_instance_identifier):
    """A reboot puts static parameters in force."""
    database = reboot_db_instance(self, db_instance_identifier)
    database.waits_for_reboot = False
    return database


def describe_db_engine_versions(self):
    """The versions of PostgreSQL, Aurora's too, with their upgrades; of other engines, none."""
    engine, said = self.params.get("Engine"), self.params.get("EngineVersion")
    known = [one for one in VERSIONS if engine in ("postgres", "aurora-postgresql") and (said is None or one == said or one.startswith(f"{said}."))]
    target = lambda one, version: {
        "Engine": engine,
        "EngineVersion": one,
        "IsMajorVersionUpgrade": major(engine, one) != major(engine, version),
    }
    targets = lambda version: [target(one, version) for one in VERSIONS if numbers(one) > numbers(version)]
    show = lambda version: {"Engine": engine, "EngineVersion": version, "ValidUpgradeTarget": targets(version)}
    return ActionResult({"DBEngineVersions": [show(one) for one in known]})


def modify_only_forward(self, db_instance_identifier, db_kwargs):
    """Storage never shrinks, versions never go back, a major upgrade has to be allowed, and without haste much waits for the window."""
    database = self.describe_db_instances(db_instance_identifier)[0]
    size = db_kwargs.get("allocated_storage")
    if size is not None and int(size) < int(database.allocated_storage):
        raise RDSClientError("InvalidParameterCombination", "Requested storage is smaller than the allocated storage")
    wanted, there = db_kwargs.get("engine_version"), database.engine_version
    if wanted and numbers(wanted) < numbers(there):
        raise RDSClientError("InvalidParameterCombination", f"Cannot downgrade from {there} to {wanted}")
    is_major = wanted and major(database.engine, wanted) != major(database.engine, there)
    if is_major and not db_kwargs.get("allow_major_version_upgrade"):
        raise RDSClientError("InvalidParameterCombination", "The AllowMajorVersionUpgrade flag must be present")
    group = db_kwargs.get("db_parameter_group_name")
    is_new_group = group and group != database.db_parameter_group_name
    kept = getattr(database, "left_to_window", {})
    if db_kwargs.get("apply_immediately"):
        # What waits comes along.
        db_kwargs, kept = {**kept, **db_kwargs}, {}
        database.waits_for_reboot = getattr(database, "waits_for_reboot", False) or (is_new_group and not is_major)
    else:
        kept = dict(kept)
        for name in [name for name in WINDOWED if name in db_kwargs]:
            value = db_kwargs.pop(name)
            kept.pop(name, None)
            if value is not None and str(value) != str(getattr(database, name, None)):
                kept[name] = value
        # The group of another major version comes with it.
        if is_new_group and is_major:
            kept["db_parameter_group_name"] = db_kwargs.pop("db_parameter_group_name")
        elif is_new_group:
            database.waits_for_reboot = True
    database.left_to_window = kept
    shown = {WINDOWED[name]: value for name, value in kept.items() if name in WINDOWED}
    database.pending_modified_values = shown or None
    return modify_db_instance(self, db_instance_identifier, db_kwargs)


def delete_with_snapshot(self, **asked):
    """A database goes with a final snapshot, or says that there is to be none."""
    if not asked.get("final_db_snapshot_identifier") and not asked.get("skip_final_snapshot"):
        raise RDSClientError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is set")
    return delete_db_instance(self, **asked)


def delete_unused_parameters(self, name):
    """A parameter group that a database has stays."""
    if any(group.name == name for one in self.databases.values() for group in one.db_parameter_groups()):
        raise RDSClientError("InvalidDBParameterGroupState", f"One or more database instances are still members of {name}")
    return delete_db_parameter_group(self, name)


def modify_and_keep(self, name, description, subnets):
    """A subnet group is there after a change."""
    group = modify_db_subnet_group(self, name, description, subnets)
    self.subnet_groups[name] = group
    return group


def delete_unused_subnets(self, name):
    """A subnet group that a database has stays."""
    used = [one.db_subnet_group for one in self.databases.values() if one.db_subnet_group]
    if any(group.name == name for group in used):
        raise RDSClientError("InvalidDBSubnetGroupStateFault", f"Cannot delete the subnet group '{name}' because at least one database instance is using it")
    return delete_subnet_group(self, name)


def with_measurements(self, *positional, **settings):
    """Whether Performance Insights and Enhanced Monitoring are on is known of a database."""
    create_db_instance(self, *positional, **settings)
    for name in ("enable_performance_insights", "monitoring_interval", "monitoring_role_arn"):
        setattr(self, name, settings.get(name))


DBInstance.__init__ = with_measurements
DBInstance.performance_insights_enabled = property(lambda self: bool(self.enable_performance_insights))
RDSResponse.describe_db_parameters = describe_db_parameters
RDSResponse.reset_db_parameter_group = reset_db_parameter_group
RDSResponse.describe_db_engine_versions = describe_db_engine_versions
RDSBackend.modify_db_parameter_group = modify_db_parameter_group
RDSBackend.modify_db_instance = modify_only_forward
RDSBackend.reboot_db_instance = reboot
DBInstance.db_parameter_group_status_list = property(parameter_status)
RDSBackend.delete_db_instance = delete_with_snapshot
RDSBackend.delete_db_parameter_group = delete_unused_parameters
RDSBackend.delete_subnet_group = delete_unused_subnets
RDSBackend.modify_db_subnet_group = modify_and_keep
