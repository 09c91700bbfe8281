"""ElastiCache as AWS documents it, in place of what moto has of it: see `moto_server.py`.

What is changed is `modifying` for a look or two, and so long its tags can be neither read nor written, as those of a group
whose tags were just written. A member is `available` a little later than its group.
"""

import re
import threading
from copy import copy
from functools import wraps

from moto.core.responses import ActionResult
from moto.elasticache.exceptions import ElastiCacheException
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

HOUR = 60
DAY = 24 * HOUR
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# Looks for which something is in between.
LOOKS = 2

one_at_a_time = threading.RLock()
init = ElastiCacheBackend.__init__
create_snapshot = ElastiCacheBackend.create_snapshot
resources = ResourceGroupsTaggingAPIBackend._get_resources_generator


def refused(code, message):
    error = ElastiCacheException(message)
    error.code = code
    return error


class Thing:
    """What has an ARN, and the attributes that it is made with."""

    def __init__(self, arn, **attributes):
        self.arn = arn
        self.__dict__.update(attributes)


class Group(Thing):
    """A replication group. Its shards are pairs of a name and the numbers of their members."""

    looks = LOOKS
    state = "creating"
    slow = LOOKS

    @property
    def node_groups(self):
        return self.shards

    @property
    def members(self):
        return [self.member(shard, number) for shard, numbers in self.shards for number in numbers]

    def member(self, shard, number):
        return f"{self.id}-{shard}-{number:03}" if self.cluster else f"{self.id}-{number:03}"

    def host(self, region, start=""):
        place = "".join([region.split("-")[0], region.split("-")[1][0], region.split("-")[2]])
        return f"{start}{self.id}.abc123.ng.0001.{place}.cache.amazonaws.com"

    def change(self, **values):
        self.__dict__.update(values)
        self.state, self.looks, self.slow = "modifying", LOOKS, LOOKS + 1


def pass_time(thing):
    """One look fewer until it is available, or gone."""
    thing.looks = max(thing.looks - 1, 0)
    if thing.looks == 0 and thing.state != "deleting":
        thing.state = "available"


def begin(self, region_name, account_id):
    init(self, region_name, account_id)
    self.parameter_groups = {}


def arn(self, kind, name):
    backend = self.elasticache_backend
    return f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:{kind}:{name}"


def family(engine, version):
    parts = version.split(".")
    if engine == "redis" and parts[0] == "6":
        return "redis6.x"
    return engine + (parts[0] if engine == "valkey" or engine == "redis" and int(parts[0]) > 6 else ".".join(parts[:2]))


def moments(window):
    """The minutes of a week that a window has."""
    def minute(text):
        *day, hours, minutes = text.split(":")
        return (DAYS.index(day[0]) * DAY if day else 0) + int(hours) * HOUR + int(minutes)

    start, end = map(minute, window.split("-"))
    whole = DAY if window[0].isdigit() else 7 * DAY
    length = (end - start) % whole
    starts = [start] if whole > DAY else [start + day * DAY for day in range(7)]
    return length, {(at + more) % (7 * DAY) for at in starts for more in range(length)}


def check_windows(*windows):
    """Each of sixty minutes at least, and disjoint."""
    seen = set()
    for window in filter(None, windows):
        if not re.fullmatch(r"((\w{3}:)?\d\d:\d\d)-((\w{3}:)?\d\d:\d\d)", window):
            raise refused("InvalidParameterValue", f"Invalid window: {window}")
        length, minutes = moments(window)
        if length < 60:
            raise refused("InvalidParameterValue", "The window must be at least 60 minutes.")
        if minutes & seen:
            raise refused("InvalidParameterValue", "The snapshot window and maintenance window must not overlap.")
        seen |= minutes


def check_parameters(self, name, engine, version, cluster=False):
    """A group of parameters that exists and is of the family of the engine."""
    if name.startswith("default."):
        of, is_cluster = name.removeprefix("default.").removesuffix(".cluster.on"), name.endswith(".cluster.on")
    else:
        group = self.elasticache_backend.parameter_groups.get(name)
        if group is None:
            raise refused("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
        of, is_cluster = group.family, group.parameters.get("cluster-enabled") == "yes"
    if of != family(engine, version):
        raise refused("InvalidParameterCombination", f"Expected a parameter group of family {family(engine, version)} but found one of family {of}")
    if is_cluster != cluster and engine != "memcached":
        raise refused("InvalidParameterCombination", "Use a parameter group with cluster-enabled to create a cluster mode group.")


def check_availability(group):
    replicas = min(len(numbers) for _, numbers in group.shards) - 1
    if group.failover and not replicas and not group.cluster:
        raise refused("InvalidParameterValue", "Automatic failover needs at least one replica.")
    if group.multi_az and not (group.failover and replicas):
        raise refused("InvalidParameterCombination", "Multi-AZ needs automatic failover and a replica.")
    if group.cluster and not group.failover:
        raise refused("InvalidParameterValue", "Automatic failover must be enabled with cluster mode.")
    if group.token and not group.tls:
        raise refused("InvalidParameterCombination", "The AUTH token needs encryption in transit.")
    check_windows(group.window, group.snapshot_window)


def group_of(self, needs=("available",)):
    name = self._get_param("ReplicationGroupId").lower()
    group = self.elasticache_backend.replication_groups.get(name)
    if group is None:
        raise refused("ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found.")
    if group.state not in needs:
        raise refused("InvalidReplicationGroupState", f"Cluster {name} is not in available state.")
    if group.slow and group.state == "available" and needs == ("available",):
        raise refused("InvalidReplicationGroupState", f"A member of {name} is not in available state.")
    return group


def given(self, **names):
    """The parameters that are given, by the attribute that they set."""
    found = {attribute: self._get_param(name) for attribute, name in names.items()}
    return {attribute: value for attribute, value in found.items() if value is not None}


def shown_group(self, group):
    region = self.elasticache_backend.region_name
    master = "master." if group.tls else ""
    endpoint = lambda host: {"Address": host, "Port": group.port}
    is_made = group.state != "creating"
    shards = []
    for shard, numbers in group.shards:
        members = [
            {"CacheClusterId": group.member(shard, number), "CacheNodeId": "0001",
             "PreferredAvailabilityZone": f"{region}{'abc'[number % 3]}",
             **({} if group.cluster else {"CurrentRole": "replica" if at else "primary"})}
            for at, number in enumerate(numbers)
        ]
        one = {"NodeGroupId": shard, "Status": group.state, "NodeGroupMembers": members}
        if is_made and not group.cluster:
            one["PrimaryEndpoint"] = endpoint(group.host(region, master))
            one["ReaderEndpoint"] = endpoint(group.host(region, "replica."))
        shards.append(one)
    shown = {
        "ReplicationGroupId": group.id, "Description": group.description, "Status": group.state, "ARN": group.arn,
        "MemberClusters": group.members, "NodeGroups": shards, "Engine": group.engine,
        "AutomaticFailover": "enabled" if group.failover else "disabled",
        "MultiAZ": "enabled" if group.multi_az else "disabled",
        "SnapshotRetentionLimit": group.snapshots, "SnapshotWindow": group.snapshot_window,
        "ClusterEnabled": group.cluster, "ClusterMode": "enabled" if group.cluster else "disabled",
        "CacheNodeType": group.node_type, "AuthTokenEnabled": bool(group.token),
        "TransitEncryptionEnabled": group.tls, "AtRestEncryptionEnabled": group.encrypted,
        "AutoMinorVersionUpgrade": group.minor, "PendingModifiedValues": {},
    }
    if group.kms_key:
        shown["KmsKeyId"] = group.kms_key
    if group.tls:
        shown["TransitEncryptionMode"] = group.tls_mode
    if group.cluster and is_made:
        shown["ConfigurationEndpoint"] = endpoint(group.host(region, "clustercfg."))
    return shown


def shown_version(engine, version):
    """AWS says one part more than it takes, from Redis 6 on."""
    return version + ".0" if engine != "memcached" and version.count(".") == 1 else version


def shown_members(self, group):
    for name in group.members:
        yield {
            "CacheClusterId": name, "ReplicationGroupId": group.id, "Engine": group.engine,
            "EngineVersion": shown_version(group.engine, group.version), "CacheNodeType": group.node_type,
            "CacheClusterStatus": "modifying" if group.slow else "available", "NumCacheNodes": 1,
            "PreferredMaintenanceWindow": group.window, "CacheSubnetGroupName": group.subnets,
            "CacheParameterGroup": {"CacheParameterGroupName": group.parameters, "ParameterApplyStatus": "in-sync"},
            "SecurityGroups": [{"SecurityGroupId": one, "Status": "active"} for one in group.security],
            "AutoMinorVersionUpgrade": group.minor, "TransitEncryptionEnabled": group.tls,
            "ARN": arn(self, "cluster", name), "PendingModifiedValues": {},
        }


def tag(self, thing):
    tags = self._get_param("Tags") or []
    if tags:
        self.elasticache_backend.tagging_service.tag_resource(thing.arn, [dict(one) for one in tags])


def untag(self, thing):
    self.elasticache_backend.tagging_service.delete_all_tags_for_resource(thing.arn)


def create_replication_group(self):
    backend, get = self.elasticache_backend, self._get_param
    name = get("ReplicationGroupId").lower()
    if name in backend.replication_groups:
        raise refused("ReplicationGroupAlreadyExists", f"ReplicationGroup {name} already exists.")
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]", name):
        raise refused("InvalidParameterValue", f"The parameter {name} is not a valid identifier.")
    engine, version = get("Engine") or "redis", get("EngineVersion") or "7.1"
    shards = get("NumNodeGroups") or 1
    cluster = get("ClusterMode") == "enabled" or shards > 1
    replicas = get("ReplicasPerNodeGroup")
    if replicas is None:
        replicas = (get("NumCacheClusters") or 1) - 1
    subnets = get("CacheSubnetGroupName") or "default"
    if subnets != "default" and subnets not in backend.cache_subnet_groups:
        raise refused("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {subnets} not found.")
    group = Group(
        arn(self, "replicationgroup", name), id=name, description=get("ReplicationGroupDescription"), engine=engine,
        version=version, node_type=get("CacheNodeType"), cluster=cluster,
        shards=[[f"{at + 1:04}", list(range(1, replicas + 2))] for at in range(shards)],
        failover=bool(get("AutomaticFailoverEnabled")), multi_az=bool(get("MultiAZEnabled")), port=get("Port") or 6379,
        subnets=subnets, security=list(get("SecurityGroupIds") or []),
        parameters=get("CacheParameterGroupName") or f"default.{family(engine, version)}" + ".cluster.on" * cluster,
        window=get("PreferredMaintenanceWindow") or "sun:23:00-mon:01:30",
        snapshots=get("SnapshotRetentionLimit") or 0, snapshot_window=get("SnapshotWindow") or "03:00-04:00",
        encrypted=bool(get("AtRestEncryptionEnabled")), kms_key=get("KmsKeyId"),
        tls=bool(get("TransitEncryptionEnabled")), tls_mode=get("TransitEncryptionMode") or "required",
        token=[get("AuthToken")] if get("AuthToken") else [], minor=get("AutoMinorVersionUpgrade") is not False,
    )
    check_parameters(self, group.parameters, engine, version, cluster)
    check_availability(group)
    tag(self, group)
    backend.replication_groups[name] = group
    return ActionResult({"ReplicationGroup": shown_group(self, group)})


def describe_replication_groups(self):
    backend = self.elasticache_backend
    name = self._get_param("ReplicationGroupId")
    if name:
        found = [group_of(self, ("creating", "available", "modifying", "deleting"))]
    else:
        found = list(backend.replication_groups.values())
    shown = [shown_group(self, group) for group in found]
    for group in found:
        pass_time(group)
        if group.looks == 0 and group.state == "deleting":
            backend.replication_groups.pop(group.id, None)
            untag(self, group)
    return ActionResult({"ReplicationGroups": shown})


def modify_replication_group(self):
    group, get = group_of(self), self._get_param
    new = copy(group)
    new.__dict__.update(given(
        self, description="ReplicationGroupDescription", failover="AutomaticFailoverEnabled", multi_az="MultiAZEnabled",
        security="SecurityGroupIds", window="PreferredMaintenanceWindow", parameters="CacheParameterGroupName",
        engine="Engine", version="EngineVersion", minor="AutoMinorVersionUpgrade", snapshots="SnapshotRetentionLimit",
        snapshot_window="SnapshotWindow", node_type="CacheNodeType", tls="TransitEncryptionEnabled",
        tls_mode="TransitEncryptionMode",
    ))
    new.security = list(new.security)
    if (group.engine, new.engine) == ("valkey", "redis"):
        raise refused("InvalidParameterCombination", "Downgrade from valkey to redis is not supported.")
    if group.engine == new.engine and [int(part) for part in new.version.split(".")] < [int(part) for part in group.version.split(".")]:
        raise refused("InvalidParameterCombination", f"Downgrade from {group.version} to {new.version} is not supported.")
    if (new.engine, new.version) != (group.engine, group.version) and family(new.engine, new.version) != family(group.engine, group.version):
        if get("CacheParameterGroupName") is None and not group.parameters.startswith("default."):
            raise refused("InvalidParameterCombination", "A parameter group of the new family is needed.")
        if get("CacheParameterGroupName") is None:
            new.parameters = f"default.{family(new.engine, new.version)}" + ".cluster.on" * new.cluster
    if new.tls and not group.tls and get("TransitEncryptionMode") != "preferred":
        raise refused("InvalidParameterCombination", "Encryption in transit is switched on with the mode preferred first.")
    if group.tls and not new.tls and group.tls_mode != "preferred":
        raise refused("InvalidParameterCombination", "Encryption in transit is switched off with the mode preferred first.")
    token = get("AuthToken")
    if token:
        strategy = get("AuthTokenUpdateStrategy") or "ROTATE"
        if strategy == "SET" and token not in group.token:
            raise refused("InvalidParameterCombination", "SET needs a token that was rotated in before.")
        new.token = [token] if strategy == "SET" else [*group.token[-1:], token]
    check_parameters(self, new.parameters, new.engine, new.version, new.cluster)
    check_availability(new)
    group.change(**new.__dict__)
    return ActionResult({"ReplicationGroup": shown_group(self, group)})


def count_replicas(self, is_more):
    group, wanted = group_of(self), self._get_param("NewReplicaCount")
    if not self._get_param("ApplyImmediately"):
        raise refused("InvalidParameterValue", "ApplyImmediately must be true.")
    if wanted > 5 or any((wanted + 1 > len(numbers)) != is_more for _, numbers in group.shards):
        raise refused("InvalidParameterValue", f"{wanted} is no new number of replicas.")
    shards = []
    for shard, numbers in group.shards:
        free = [number for number in range(1, 99) if number not in numbers]
        shards.append([shard, [*numbers, *free][: wanted + 1]])
    new = copy(group)
    new.shards = shards
    check_availability(new)
    group.change(shards=shards)
    return ActionResult({"ReplicationGroup": shown_group(self, group)})


def increase_replica_count(self):
    return count_replicas(self, True)


def decrease_replica_count(self):
    return count_replicas(self, False)


def modify_replication_group_shard_configuration(self):
    group, get = group_of(self), self._get_param
    wanted, gone = get("NodeGroupCount"), set(get("NodeGroupsToRemove") or [])
    if not group.cluster or not get("ApplyImmediately"):
        raise refused("InvalidParameterCombination", "Only the shards of a cluster change, and at once.")
    kept = [shard for shard in group.shards if shard[0] not in gone]
    if len(gone) != max(len(group.shards) - wanted, 0) or len(kept) > wanted:
        raise refused("InvalidParameterValue", "The shards to remove must be named.")
    free = [f"{at:04}" for at in range(1, 99) if f"{at:04}" not in {shard for shard, _ in group.shards}]
    numbers = kept[0][1]
    group.change(shards=[*kept, *[[shard, list(numbers)] for shard in free[: wanted - len(kept)]]])
    return ActionResult({"ReplicationGroup": shown_group(self, group)})


def final_snapshot(self, of, name):
    snapshot = self._get_param("FinalSnapshotIdentifier")
    if snapshot:
        self.elasticache_backend.create_snapshot(snapshot, name if of == "group" else None, name if of == "cluster" else None, None, None)


def delete_replication_group(self):
    group = group_of(self)
    final_snapshot(self, "group", group.id)
    group.state, group.looks = "deleting", LOOKS
    return ActionResult({"ReplicationGroup": shown_group(self, group)})


def snapshot_of(self, snapshot_name, replication_group_id=None, cache_cluster_id=None, kms_key_id=None, tags=None):
    """What moto does, and AWS's code."""
    if snapshot_name in self.snapshots:
        raise refused("SnapshotAlreadyExistsFault", f"Snapshot {snapshot_name} already exists.")
    name = replication_group_id and replication_group_id.lower()
    made = create_snapshot(self, snapshot_name, name, cache_cluster_id, kms_key_id, tags)
    group = self.replication_groups.get(name)
    if group:
        made.snapshot_status, made.looks = "creating", LOOKS
        made.replication_group_id, made.cache_node_type = name, group.node_type
        made.engine, made.engine_version = group.engine, group.version
    return made


def take_snapshot(self):
    get = self._get_param
    if get("ReplicationGroupId"):
        group = group_of(self)
        group.state, group.looks = "snapshotting", LOOKS
    made = self.elasticache_backend.create_snapshot(
        get("SnapshotName"), get("ReplicationGroupId"), get("CacheClusterId"), get("KmsKeyId"), get("Tags") or []
    )
    return ActionResult({"Snapshot": made})


def describe_snapshots(self):
    """What moto shows, of snapshots that are not whole at once, and that outlive their caches."""
    backend, get = self.elasticache_backend, self._get_param
    found = list(backend.snapshots.values())
    if get("SnapshotName"):
        found = backend.describe_snapshots(snapshot_name=get("SnapshotName"))
    elif get("ReplicationGroupId"):
        found = [one for one in found if one.replication_group_id == get("ReplicationGroupId").lower()]
    shown = [copy(one) for one in found]
    for one in found:
        one.looks = max(getattr(one, "looks", 0) - 1, 0)
        if not one.looks:
            one.snapshot_status = "available"
    return ActionResult({"Snapshots": shown})


def cluster_of(self, needs=("available",)):
    name = self._get_param("CacheClusterId").lower()
    cluster = self.elasticache_backend.cache_clusters.get(name)
    if cluster is None:
        raise refused("CacheClusterNotFound", f"CacheCluster {name} not found.")
    if cluster.state not in needs:
        raise refused("InvalidCacheClusterState", f"Cluster {name} is not in available state.")
    return cluster


def shown_cluster(self, cluster):
    region = self.elasticache_backend.region_name
    nodes = [
        {"CacheNodeId": f"{number:04}", "CacheNodeStatus": cluster.state, "CustomerAvailabilityZone": f"{region}a"}
        for number in cluster.numbers
    ]
    shown = {
        "CacheClusterId": cluster.id, "Engine": cluster.engine, "EngineVersion": cluster.version, "ARN": cluster.arn,
        "CacheNodeType": cluster.node_type, "CacheClusterStatus": cluster.state, "NumCacheNodes": len(cluster.numbers),
        "PreferredMaintenanceWindow": cluster.window, "CacheSubnetGroupName": cluster.subnets, "CacheNodes": nodes,
        "PreferredAvailabilityZone": "Multiple" if cluster.multi_az else f"{region}a",
        "CacheParameterGroup": {"CacheParameterGroupName": cluster.parameters, "ParameterApplyStatus": "in-sync"},
        "SecurityGroups": [{"SecurityGroupId": one, "Status": "active"} for one in cluster.security],
        "AutoMinorVersionUpgrade": cluster.minor, "TransitEncryptionEnabled": cluster.tls, "PendingModifiedValues": {},
    }
    if cluster.state != "creating":
        shown["ConfigurationEndpoint"] = {"Address": f"{cluster.id}.abc123.cfg.cache.amazonaws.com", "Port": cluster.port}
    return shown


def create_cache_cluster(self):
    backend, get = self.elasticache_backend, self._get_param
    name, engine = get("CacheClusterId").lower(), get("Engine") or "memcached"
    if name in backend.cache_clusters:
        raise refused("CacheClusterAlreadyExists", f"CacheCluster {name} already exists.")
    if engine == "valkey":
        raise refused("InvalidParameterCombination", "Valkey needs a replication group.")
    nodes, version = get("NumCacheNodes") or 1, get("EngineVersion") or "1.6.22"
    subnets = get("CacheSubnetGroupName") or "default"
    if subnets != "default" and subnets not in backend.cache_subnet_groups:
        raise refused("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {subnets} not found.")
    cluster = Thing(
        arn(self, "cluster", name), id=name, engine=engine, version=version, node_type=get("CacheNodeType"), state="creating",
        looks=LOOKS, numbers=list(range(1, nodes + 1)), multi_az=get("AZMode") == "cross-az", port=get("Port") or 11211,
        subnets=subnets, security=list(get("SecurityGroupIds") or []),
        parameters=get("CacheParameterGroupName") or f"default.{family(engine, version)}",
        window=get("PreferredMaintenanceWindow") or "sun:23:00-mon:01:30", tls=bool(get("TransitEncryptionEnabled")),
        minor=get("AutoMinorVersionUpgrade") is not False,
    )
    if cluster.multi_az and nodes < 2:
        raise refused("InvalidParameterCombination", "Several zones need several nodes.")
    check_windows(cluster.window)
    check_parameters(self, cluster.parameters, engine, version)
    tag(self, cluster)
    backend.cache_clusters[name] = cluster
    return ActionResult({"CacheCluster": shown_cluster(self, cluster)})


def describe_cache_clusters(self):
    backend = self.elasticache_backend
    name = self._get_param("CacheClusterId")
    found = list(backend.cache_clusters.values())
    members = []
    for group in list(backend.replication_groups.values()):
        members.extend(shown_members(self, group))
        group.slow = max(group.slow - 1, 0)
    if name:
        members = [one for one in members if one["CacheClusterId"] == name.lower()]
        found = [] if members else [cluster_of(self, ("creating", "available", "modifying", "deleting"))]
    elif self._get_param("ShowCacheClustersNotInReplicationGroups"):
        members = []
    shown = [*members, *[shown_cluster(self, cluster) for cluster in found]]
    for cluster in found:
        pass_time(cluster)
        if cluster.looks == 0 and cluster.state == "deleting":
            backend.cache_clusters.pop(cluster.id, None)
            untag(self, cluster)
    return ActionResult({"CacheClusters": shown})


def modify_cache_cluster(self):
    cluster = cluster_of(self)
    new = given(
        self, security="SecurityGroupIds", window="PreferredMaintenanceWindow", parameters="CacheParameterGroupName",
        version="EngineVersion", minor="AutoMinorVersionUpgrade",
    )
    check_windows(new.get("window"))
    check_parameters(self, new.get("parameters", cluster.parameters), cluster.engine, new.get("version", cluster.version))
    nodes, gone = self._get_param("NumCacheNodes"), set(self._get_param("CacheNodeIdsToRemove") or [])
    if nodes is not None:
        kept = [number for number in cluster.numbers if f"{number:04}" not in gone]
        if len(gone) != max(len(cluster.numbers) - nodes, 0):
            raise refused("InvalidParameterCombination", "The nodes to remove must be named.")
        free = [number for number in range(1, 99) if number not in cluster.numbers]
        new["numbers"] = [*kept, *free[: nodes - len(kept)]]
    if self._get_param("AZMode"):
        new["multi_az"] = self._get_param("AZMode") == "cross-az"
    cluster.__dict__.update(new, state="modifying", looks=LOOKS)
    cluster.security = list(cluster.security)
    return ActionResult({"CacheCluster": shown_cluster(self, cluster)})


def delete_cache_cluster(self):
    cluster = cluster_of(self)
    cluster.state, cluster.looks = "deleting", LOOKS
    return ActionResult({"CacheCluster": shown_cluster(self, cluster)})


def subnets_of(self, ids):
    from moto.ec2.models import ec2_backends

    backend = self.elasticache_backend
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    known = {one.id: one for one in ec2.describe_subnets()}
    if any(one not in known for one in ids):
        raise refused("InvalidSubnet", "A subnet does not exist.")
    found = [known[one] for one in ids]
    if len({one.vpc_id for one in found}) > 1:
        raise refused("InvalidSubnet", "The subnets are not in one VPC.")
    return found


def shown_subnet_group(group):
    shown = lambda one: {"SubnetIdentifier": one.id, "SubnetAvailabilityZone": {"Name": one.availability_zone}}
    return {
        "CacheSubnetGroupName": group.name, "CacheSubnetGroupDescription": group.description,
        "VpcId": group.subnets[0].vpc_id, "Subnets": [shown(one) for one in group.subnets], "ARN": group.arn,
    }


def subnet_group_of(self):
    name = self._get_param("CacheSubnetGroupName").lower()
    group = self.elasticache_backend.cache_subnet_groups.get(name)
    if group is None:
        raise refused("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.")
    return group


def create_cache_subnet_group(self):
    groups, name = self.elasticache_backend.cache_subnet_groups, self._get_param("CacheSubnetGroupName").lower()
    if name in groups:
        raise refused("CacheSubnetGroupAlreadyExists", f"CacheSubnetGroup {name} already exists.")
    group = Thing(
        arn(self, "subnetgroup", name), name=name, description=self._get_param("CacheSubnetGroupDescription"),
        subnets=subnets_of(self, self._get_param("SubnetIds")),
    )
    group.vpc_id = group.subnets[0].vpc_id
    tag(self, group)
    groups[name] = group
    return ActionResult({"CacheSubnetGroup": shown_subnet_group(group)})


def describe_cache_subnet_groups(self):
    if self._get_param("CacheSubnetGroupName"):
        found = [subnet_group_of(self)]
    else:
        found = list(self.elasticache_backend.cache_subnet_groups.values())
    return ActionResult({"CacheSubnetGroups": [shown_subnet_group(group) for group in found]})


def modify_cache_subnet_group(self):
    group = subnet_group_of(self)
    ids = self._get_param("SubnetIds")
    if ids:
        new = subnets_of(self, ids)
        if new[0].vpc_id != group.vpc_id:
            raise refused("InvalidSubnet", "The subnets are in another VPC.")
        group.subnets = new
    group.description = self._get_param("CacheSubnetGroupDescription") or group.description
    return ActionResult({"CacheSubnetGroup": shown_subnet_group(group)})


def delete_cache_subnet_group(self):
    group, backend = subnet_group_of(self), self.elasticache_backend
    users = [*backend.replication_groups.values(), *backend.cache_clusters.values()]
    if any(one.subnets == group.name for one in users):
        raise refused("CacheSubnetGroupInUse", f"Cache subnet group {group.name} is currently in use by a cache cluster.")
    del backend.cache_subnet_groups[group.name]
    untag(self, group)
    return ActionResult({})


def shown_parameter_group(group):
    return {
        "CacheParameterGroupName": group.name, "CacheParameterGroupFamily": group.family,
        "Description": group.description, "IsGlobal": False, "ARN": group.arn,
    }


def parameter_group_of(self):
    name = self._get_param("CacheParameterGroupName").lower()
    group = self.elasticache_backend.parameter_groups.get(name)
    if group is None:
        raise refused("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return group


def create_cache_parameter_group(self):
    groups, name = self.elasticache_backend.parameter_groups, self._get_param("CacheParameterGroupName").lower()
    if name in groups:
        raise refused("CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists.")
    group = Thing(
        arn(self, "parametergroup", name), name=name, family=self._get_param("CacheParameterGroupFamily"),
        description=self._get_param("Description"), parameters={},
    )
    tag(self, group)
    groups[name] = group
    return ActionResult({"CacheParameterGroup": shown_parameter_group(group)})


def describe_cache_parameter_groups(self):
    default = Thing(arn(self, "parametergroup", "default.redis7"), name="default.redis7", family="redis7", description="Default parameter group for redis7")
    if self._get_param("CacheParameterGroupName"):
        found = [parameter_group_of(self)]
    else:
        found = [default, *self.elasticache_backend.parameter_groups.values()]
    return ActionResult({"CacheParameterGroups": [shown_parameter_group(group) for group in found]})


def describe_cache_parameters(self):
    group = parameter_group_of(self)
    shown = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True, "DataType": "string"}
        for name, value in sorted(group.parameters.items())
    ]
    if self._get_param("Source") != "user":
        shown.append({"ParameterName": "databases", "ParameterValue": "16", "Source": "system", "IsModifiable": True})
    return ActionResult({"Parameters": shown})


def given_parameters(self):
    values = self._get_param("ParameterNameValues") or []
    if len(values) > 20:
        raise refused("InvalidParameterValue", "Up to 20 parameters change in a single request.")
    return {one["ParameterName"]: one.get("ParameterValue") for one in values}


def modify_cache_parameter_group(self):
    group, backend, values = parameter_group_of(self), self.elasticache_backend, given_parameters(self)
    if "cluster-enabled" in values and any(one.parameters == group.name for one in backend.replication_groups.values()):
        raise refused("InvalidCacheParameterGroupState", "cluster-enabled cannot change while the group is in use.")
    if "maxmemory" in values:
        raise refused("InvalidParameterValue", "The parameter maxmemory is not modifiable.")
    group.parameters.update(values)
    return ActionResult({"CacheParameterGroupName": group.name})


def reset_cache_parameter_group(self):
    group = parameter_group_of(self)
    if self._get_param("ResetAllParameters"):
        group.parameters.clear()
    for name in given_parameters(self):
        group.parameters.pop(name, None)
    return ActionResult({"CacheParameterGroupName": group.name})


def delete_cache_parameter_group(self):
    group, backend = parameter_group_of(self), self.elasticache_backend
    users = [*backend.replication_groups.values(), *backend.cache_clusters.values()]
    if any(one.parameters == group.name for one in users):
        raise refused("InvalidCacheParameterGroupState", "One or more cache clusters are still members of this parameter group")
    del backend.parameter_groups[group.name]
    untag(self, group)
    return ActionResult({})


def tagged(self):
    """The ARN that a call about tags names, whose resource exists and is not changing."""
    backend, name = self.elasticache_backend, self._get_param("ResourceName")
    *_, kind, id = name.split(":")
    codes = {
        "replicationgroup": (backend.replication_groups, "ReplicationGroupNotFoundFault", "InvalidReplicationGroupState"),
        "cluster": (backend.cache_clusters, "CacheClusterNotFound", "InvalidCacheClusterState"),
        "subnetgroup": (backend.cache_subnet_groups, "CacheSubnetGroupNotFoundFault", ""),
        "parametergroup": (backend.parameter_groups, "CacheParameterGroupNotFound", ""),
        "snapshot": (backend.snapshots, "SnapshotNotFoundFault", ""),
    }
    if kind not in codes:
        raise refused("InvalidARN", f"ARN {name} is invalid.")
    known, missing, busy = codes[kind]
    if id not in known:
        raise refused(missing, f"{id} not found.")
    if getattr(known[id], "state", "available") != "available":
        pass_time(known[id])
        raise refused(busy, f"{id} is not in available state.")
    return name, known[id]


def write_tags(thing):
    if isinstance(thing, Group):
        thing.change()


def list_tags_for_resource(self):
    name, _ = tagged(self)
    return ActionResult({"TagList": self.elasticache_backend.tagging_service.list_tags_for_resource(name)["Tags"]})


def add_tags_to_resource(self):
    name, thing = tagged(self)
    service = self.elasticache_backend.tagging_service
    service.tag_resource(name, [dict(one) for one in self._get_param("Tags")])
    write_tags(thing)
    return ActionResult({"TagList": service.list_tags_for_resource(name)["Tags"]})


def remove_tags_from_resource(self):
    name, thing = tagged(self)
    service = self.elasticache_backend.tagging_service
    service.untag_resource_using_names(name, self._get_param("TagKeys"))
    write_tags(thing)
    return ActionResult({"TagList": service.list_tags_for_resource(name)["Tags"]})


def resources_with_parameters(self, tag_filters=None, resource_type_filters=None):
    """What moto finds, and groups of parameters."""
    yield from resources(self, tag_filters, resource_type_filters)
    if resource_type_filters and "elasticache" not in resource_type_filters:
        return
    backend = self.elasticache_backend
    for group in backend.parameter_groups.values():
        tags = backend.tagging_service.list_tags_for_resource(group.arn)["Tags"]
        keys = {one["Key"]: one["Value"] for one in tags}
        wanted = tag_filters or []
        if all(one["Key"] in keys and (not one.get("Values") or keys[one["Key"]] in one["Values"]) for one in wanted):
            yield {"ResourceARN": group.arn, "Tags": tags}


def alone(operation):
    @wraps(operation)
    def call(self):
        with one_at_a_time:
            return operation(self)
    return call


for operation in [
    add_tags_to_resource, create_cache_cluster, create_cache_parameter_group, create_cache_subnet_group,
    create_replication_group, decrease_replica_count, delete_cache_cluster, delete_cache_parameter_group,
    delete_cache_subnet_group, delete_replication_group, describe_cache_clusters, describe_cache_parameter_groups,
    describe_cache_parameters, describe_cache_subnet_groups, describe_replication_groups, increase_replica_count,
    list_tags_for_resource, modify_cache_cluster, modify_cache_parameter_group, modify_cache_subnet_group,
    modify_replication_group, modify_replication_group_shard_configuration, remove_tags_from_resource,
    reset_cache_parameter_group, describe_snapshots,
]:
    setattr(ElastiCacheResponse, operation.__name__, alone(operation))
ElastiCacheResponse.create_snapshot = alone(take_snapshot)
ElastiCacheBackend.__init__ = begin
ElastiCacheBackend.create_snapshot = snapshot_of
ResourceGroupsTaggingAPIBackend._get_resources_generator = resources_with_parameters
