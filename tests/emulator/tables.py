"""What moto 5.2.1 does not do of tables (DynamoDB) and of what scales them, or does otherwise than AWS.

A table, an index and a replica that are made or changed are not active at the first look, and meanwhile take no other
change. One call makes or removes one index, has a definition of every attribute that is then in a key and of no other, and
changes something; a switch to provisioned billing has units for the table and each index, and one to on-demand billing
happens four times a day. An index that is not there cannot be removed. The class, the key and the replicas of a table
change. The attribute by which items are deleted does not change again before the last change is over. A tag that is set
again has one value. A restored table has no tags, and no settings but those of its kind; as long as it is being made it takes
no tags. Only a table with point-in-time recovery is restored as it was, and only to a moment that is kept. A backup is listed
only in the time and of the kind that was asked for; its description has the local indexes; a table with point-in-time recovery
that is deleted leaves a backup of AWS. An export is not done at the first look, and says as at when it is. A target that is
taken away takes its policies and their alarms along, and one of a table that is not there is refused. A policy that is put
again has new alarms in place of the old ones.
"""

import copy
from datetime import datetime

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import unix_time
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Backup, Table
from moto.dynamodb.models.table_export import TableExport
from moto.dynamodb.responses import DynamoHandler, DynamoResult

# Names that other tests look at by calls in a row, without a pause.
AT_ONCE = ("asiaq-leases",)

make_table = DynamoDBBackend.create_table
describe = Table.describe
change_table = DynamoDBBackend.update_table
register = ApplicationAutoscalingBackend.register_scalable_target
deregister = ApplicationAutoscalingBackend.deregister_scalable_target
put_policy = ApplicationAutoscalingBackend.put_scaling_policy
list_backups = DynamoDBBackend.list_backups


def refused(code, message):
    return JsonRESTError(f"com.amazonaws.dynamodb.v20120810#{code}", message)


def invalid(message):
    return refused("ValidationException", message)


def create(self, name, *args, **kwargs):
    table = make_table(self, name, *args, **kwargs)
    if name not in AT_ONCE:
        table.passing = {"table": "CREATING"}
    return table


def describe_whole(self, base_key="TableDescription"):
    """What moto shows, the rest of the table, and what is not active yet; a look at the table ends that."""
    answer = describe(self, base_key)
    shown = answer[base_key]
    passing = getattr(self, "passing", {})
    shown["TableStatus"] = passing.get("table", "ACTIVE")
    for index in shown["GlobalSecondaryIndexes"]:
        index["IndexStatus"] = passing.get(("index", index["IndexName"]), "ACTIVE")
    replicas = getattr(self, "replicas", [])
    if replicas:
        status = lambda region: passing.get(("replica", region), "ACTIVE")
        shown["Replicas"] = [{"RegionName": region, "ReplicaStatus": status(region)} for region in replicas]
    shown["TableClassSummary"] = {"TableClass": getattr(self, "table_class", "STANDARD")}
    last = getattr(self, "switched", [])
    if last:
        shown["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] = last[-1]
    if "RestoreSummary" in shown:
        shown["RestoreSummary"]["RestoreInProgress"] = "table" in passing
        shown["RestoreSummary"]["RestoreDateTime"] = getattr(self, "restored_at", self.restore_date_time)
    if base_key == "Table":
        self.passing = {}
    return answer


def create_with_class(self):
    answer = create_call(self)
    table = self.dynamodb_backend.tables[self.body["TableName"]]
    table.table_class = self.body.get("TableClass", "STANDARD")
    return DynamoResult(table.describe())


def update(self):
    body = self.body
    backend = self.dynamodb_backend
    table = backend.get_table(body["TableName"])
    if getattr(table, "passing", {}):
        raise refused("ResourceInUseException", f"Attempt to change a resource which is still in use: {table.name}")
    indexes = body.get("GlobalSecondaryIndexUpdates") or []
    online = [one for one in indexes if "Create" in one or "Delete" in one]
    if len(online) > 1:
        raise refused(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        )
    names = {index.name for index in table.global_indexes}
    for one in indexes:
        (what, said), = one.items()
        if what != "Create" and said["IndexName"] not in names:
            raise refused("ResourceNotFoundException", f"Requested resource not found: index {said['IndexName']}")
        if what == "Create" and said["IndexName"] in names:
            raise invalid(f"Attempting to create an index which already exists: {said['IndexName']}")
    check_definitions(table, indexes, body.get("AttributeDefinitions"))
    passing = {"table": "UPDATING"}
    check_capacity(table, body, indexes, names)
    for one in indexes:
        (what, said), = one.items()
        if what == "Create":
            passing[("index", said["IndexName"])] = "CREATING"
    replicas = list(getattr(table, "replicas", []))
    for one in body.get("ReplicaUpdates") or []:
        (what, said), = one.items()
        region = said["RegionName"]
        view = (table.stream_specification or {}).get("StreamViewType")
        if what == "Create" and (region in replicas or view != "NEW_AND_OLD_IMAGES"):
            raise invalid("a replica needs a stream of new and old images, and a region without one")
        if what == "Delete" and region not in replicas:
            raise invalid(f"no replica in {region}")
        if what == "Create":
            replicas.append(region)
            passing[("replica", region)] = "CREATING"
        else:
            replicas.remove(region)
    stream = body.get("StreamSpecification")
    if stream and not stream.get("StreamEnabled") and replicas:
        raise invalid("the stream of a table with replicas cannot be disabled")
    encryption = body.get("SSESpecification")
    if encryption is not None:
        table.sse_specification = encryption
    if "TableClass" in body:
        if body["TableClass"] == getattr(table, "table_class", "STANDARD"):
            raise invalid("the table has this class already")
        table.table_class = body["TableClass"]
    change_table(
        backend,
        name=table.name,
        attr_definitions=None,
        global_index=indexes,
        throughput=body.get("ProvisionedThroughput"),
        billing_mode=body.get("BillingMode"),
        stream_spec=None,
        deletion_protection_enabled=body.get("DeletionProtectionEnabled"),
        warm_throughput=None,
    )
    if stream:
        backend.update_table_streams(table, stream)
        if not stream.get("StreamEnabled"):
            table.latest_stream_label = None
    table.replicas = replicas
    if any(what in one for one in indexes for what in ("Create", "Delete")):
        table.attr = definitions(table, indexes, body.get("AttributeDefinitions"))
    table.passing = passing
    return DynamoResult(table.describe())


def keys_of(table, indexes):
    """The attributes of all keys after a change of indexes."""
    schemas = {index.name: index.schema for index in table.global_indexes}
    for one in indexes:
        (what, said), = one.items()
        if what == "Create":
            schemas[said["IndexName"]] = said["KeySchema"]
        elif what == "Delete":
            schemas.pop(said["IndexName"], None)
    all_schemas = [table.schema, *(index.schema for index in table.indexes), *schemas.values()]
    return {key["AttributeName"] for schema in all_schemas for key in schema}


def check_definitions(table, indexes, said):
    if said is None:
        if any("Create" in one for one in indexes):
            raise invalid("AttributeDefinitions must be specified for a new index")
        return
    if {one["AttributeName"] for one in said} != keys_of(table, indexes):
        raise invalid("One or more parameter values were invalid: AttributeDefinitions do not match the keys used")


def definitions(table, indexes, said):
    used = keys_of(table, indexes)
    known = {one["AttributeName"]: one for one in [*table.attr, *(said or [])]}
    return [known[name] for name in sorted(used)]


def check_capacity(table, body, indexes, names):
    mode = body.get("BillingMode") or table.billing_mode
    units = body.get("ProvisionedThroughput")
    of_indexes = {one["Update"]["IndexName"] for one in indexes if "Update" in one}
    if mode == "PROVISIONED" and table.billing_mode != "PROVISIONED":
        if units is None or of_indexes != names:
            raise invalid("ReadCapacityUnits and WriteCapacityUnits must be specified for the table and each index")
    if mode != "PROVISIONED":
        if units or of_indexes:
            raise invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
        if body.get("BillingMode") and table.billing_mode == "PROVISIONED":
            table.switched = [at for at in getattr(table, "switched", []) if at > unix_time() - 86400]
            if len(table.switched) >= 4:
                raise refused("LimitExceededException", "Subscriber limit exceeded: four switches in 24 hours")
            table.switched.append(unix_time())
            table.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}
            for index in table.global_indexes:
                index.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    same = lambda one, other: all(one.get(key) == other.get(key) for key in ("ReadCapacityUnits", "WriteCapacityUnits"))
    if units and same(units, table.throughput):
        raise invalid("The provisioned throughput for the table will not change")
    by_name = {index.name: index for index in table.global_indexes}
    for one in indexes:
        said = one.get("Update")
        if said and same(said["ProvisionedThroughput"], by_name[said["IndexName"]].throughput):
            raise invalid(f"The provisioned throughput for the index {said['IndexName']} will not change")
        said = one.get("Create")
        if said and mode == "PROVISIONED" and "ProvisionedThroughput" not in said:
            raise invalid("ProvisionedThroughput must be specified for a new index")


def set_time_to_live(self, table_name, ttl_spec):
    table = self.get_table(table_name)
    status = table.ttl["TimeToLiveStatus"]
    if status in ("ENABLING", "DISABLING"):
        raise invalid("Time to live has been modified multiple times within a fixed interval")
    if ttl_spec["Enabled"]:
        if status == "ENABLED":
            raise invalid("TimeToLive is already enabled")
        table.ttl = {"TimeToLiveStatus": "ENABLING", "AttributeName": ttl_spec["AttributeName"]}
    else:
        if status == "DISABLED":
            raise invalid("TimeToLive is already disabled")
        if table.ttl["AttributeName"] != ttl_spec["AttributeName"]:
            raise invalid("TimeToLive is active on a different AttributeName")
        table.ttl = {**table.ttl, "TimeToLiveStatus": "DISABLING"}


def time_to_live(self, table_name):
    table = self.get_table(table_name)
    shown = dict(table.ttl)
    after = {"ENABLING": "ENABLED", "DISABLING": "DISABLED"}
    table.ttl["TimeToLiveStatus"] = after.get(table.ttl["TimeToLiveStatus"], table.ttl["TimeToLiveStatus"])
    if table.ttl["TimeToLiveStatus"] == "DISABLED":
        table.ttl.pop("AttributeName", None)
    return shown


def tag(self, table_arn, tags):
    for table in self.tables.values():
        if table.table_arn == table_arn:
            if hasattr(table, "restored_at") and getattr(table, "passing", {}):
                raise refused("ResourceInUseException", f"Attempt to change a resource which is still in use: {table.name}")
            keys = {one["Key"] for one in tags}
            table.tags = [one for one in table.tags if one["Key"] not in keys] + list(tags)


def since(self):
    """The backups of the time that was asked for."""
    found = list_backups(self.dynamodb_backend, self.body.get("TableName"))
    start = self.body.get("TimeRangeLowerBound")
    if start is not None:
        start = start.timestamp() if isinstance(start, datetime) else float(start)
        found = [one for one in found if unix_time(one.creation_date_time) >= start - 1]
    kind = self.body.get("BackupType", "USER")
    found = [one for one in found if kind in ("ALL", one.type)]
    return DynamoResult({"BackupSummaries": [one.summary for one in found]})


def restored(restore):
    """A restored table is made in a while, with the indexes and the billing of its source, and nothing else."""

    def made(self):
        body = self.body
        backend = self.dynamodb_backend
        if "SourceTableName" in body and body["SourceTableName"] in backend.tables:
            check_moment(backend.tables[body["SourceTableName"]], seconds(body.get("RestoreDateTime")))
        restore(self)
        table = backend.tables[body["TargetTableName"]]
        table.restored_at = seconds(body.get("RestoreDateTime")) or unix_time()
        if "BackupArn" in body:
            source = backend.get_backup(body["BackupArn"]).table
        else:
            source = backend.get_table(body.get("SourceTableName") or body["SourceTableArn"])
        table.billing_mode = body.get("BillingModeOverride") or source.billing_mode
        table.table_class = getattr(source, "table_class", "STANDARD")
        table.sse_specification = copy.deepcopy(source.sse_specification)
        table.tags = []
        table.deletion_protection_enabled = False
        table.passing = {"table": "CREATING"}
        return DynamoResult(table.describe())

    return made


def seconds(at):
    return at.timestamp() if isinstance(at, datetime) else at


def check_moment(table, moment):
    kept = table.continuous_backups["PointInTimeRecoveryDescription"]
    if kept["PointInTimeRecoveryStatus"] != "ENABLED":
        raise refused("PointInTimeRecoveryUnavailableException", f"Point in time recovery is not enabled for table '{table.name}'")
    if moment is not None and not int(kept["EarliestRestorableDateTime"]) <= moment <= unix_time():
        raise refused("InvalidRestoreTimeException", "RestoreDateTime is not in the window of the table")


def backup_with_indexes(self):
    answer = describe_backup(self)
    backup = self.dynamodb_backend.get_backup(self.body["BackupArn"])
    indexes = [{"IndexName": index.name, "KeySchema": index.schema} for index in backup.table.indexes]
    answer.result["BackupDescription"]["SourceTableFeatureDetails"] = {"LocalSecondaryIndexes": indexes}
    return answer


def delete_with_backup(self, name):
    table = self.tables.get(name)
    deleted = delete_table(self, name)
    if table and table.continuous_backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED":
        backup = Backup(self.account_id, self.region_name, f"{name}$DeletedTableBackup", table, type_="SYSTEM")
        self.backups[backup.arn] = backup
    return deleted


def export_as_at(self):
    answer = export_call(self)
    export = self.dynamodb_backend.table_exports[answer.result["ExportDescription"]["ExportArn"]]
    export.at = seconds(self.body.get("ExportTime")) or unix_time()
    export.is_new = True
    return ActionResult({"ExportDescription": {**export.response(), "ExportStatus": "IN_PROGRESS"}})


def export_shown(self):
    export = self.dynamodb_backend.table_exports.get(self.body["ExportArn"])
    if export is None:
        raise refused("ExportNotFoundException", "Export not found")
    if export.is_new:
        export.is_new = False
        export.join()
        return ActionResult({"ExportDescription": {**export.response(), "ExportStatus": "IN_PROGRESS"}})
    return ActionResult({"ExportDescription": export.response()})


def export_with_time(self):
    return {**export_response(self), "ExportTime": getattr(self, "at", None)}


def register_what_is_there(self, namespace, r_id, dimension, *args, **kwargs):
    if namespace == "dynamodb":
        _, name, *index = r_id.split("/")
        table = dynamodb_backends[self.account_id][self.region_name].tables.get(name)
        if table is None or table.billing_mode != "PROVISIONED" or getattr(table, "passing", {}).get("table"):
            raise AWSValidationException(f"DynamoDB table does not exist or is not active: {r_id}")
        if index and index[1] not in {one.name for one in table.global_indexes}:
            raise AWSValidationException(f"DynamoDB index does not exist: {r_id}")
    return register(self, namespace, r_id, dimension, *args, **kwargs)


def deregister_with_policies(self, namespace, r_id, dimension):
    if r_id not in self.targets.get(dimension, {}):
        raise JsonRESTError("ObjectNotFoundException", f"No scalable target found for {r_id}")
    deregister(self, namespace, r_id, dimension)
    for key, policy in list(self.policies.items()):
        if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
            policy.delete_alarms(self.account_id, self.region_name)
            del self.policies[key]


def put_one_policy(self, **asked):
    for policy in self.policies.values():
        if all(getattr(policy, key) == asked[key] for key in ("policy_name", "resource_id", "scalable_dimension")):
            policy.delete_alarms(self.account_id, self.region_name)
    return put_policy(self, **asked)


create_call = DynamoHandler.create_table
describe_backup = DynamoHandler.describe_backup
delete_table = DynamoDBBackend.delete_table
export_call = DynamoHandler.export_table_to_point_in_time
export_response = TableExport.response
DynamoDBBackend.create_table = create
DynamoDBBackend.update_time_to_live = set_time_to_live
DynamoDBBackend.describe_time_to_live = time_to_live
DynamoDBBackend.tag_resource = tag
DynamoHandler.create_table = create_with_class
DynamoHandler.describe_backup = backup_with_indexes
DynamoHandler.export_table_to_point_in_time = export_as_at
DynamoHandler.describe_export = export_shown
DynamoDBBackend.delete_table = delete_with_backup
TableExport.response = export_with_time
DynamoHandler.update_table = update
DynamoHandler.list_backups = since
DynamoHandler.restore_table_from_backup = restored(DynamoHandler.restore_table_from_backup)
DynamoHandler.restore_table_to_point_in_time = restored(DynamoHandler.restore_table_to_point_in_time)
Table.describe = describe_whole
ApplicationAutoscalingBackend.register_scalable_target = register_what_is_there
ApplicationAutoscalingBackend.deregister_scalable_target = deregister_with_policies
ApplicationAutoscalingBackend.put_scaling_policy = put_one_policy
