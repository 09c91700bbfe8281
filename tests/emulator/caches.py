"""ElastiCache as AWS documents it, in place of what moto has of it: see `moto_server.py`.

What is changed is `modifying` for a look or two, and so long its tags can be neither read nor written, as those of a group
whose tags were just written. A member is `available` a little later than its group.
"""

import re
from copy import copy

from moto.core.responses import ActionResult
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

import cache_groups  # noqa: F401, groups of subnets and of parameters
import cache_tags  # noqa: F401, tags
from cache_things import (
    LOOKS, Thing, alone, arn, check_parameters, check_windows, family, given, pass_time, put, refused, shown_pending,
    shown_version, tag, untag, wait_or_not,
)

create_snapshot = ElastiCacheBackend.create_snapshot


class Group(Thing):
    """A replication group. Its shards are pairs of a name and the numbers of their members."""

    looks = LOOKS
    state = "creating"
    slow = LOOKS
    # What waits for the maintenance window, which never comes here.
    pending = {}
    # What AWS does with a token that it has taken.
    token_status = None

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

    @property
    def has_token(self):
        return any(self.token)


def check_availability(group):
    replicas = min(len(numbers) for _, numbers in group.shards) - 1
    if group.failover and not replicas and not group.cluster:
        raise refused("InvalidParameterValue", "Automatic failover needs at least one replica.")
    if group.multi_az and not (group.failover and replicas):
        raise refused("InvalidParameterCombination", "Multi-AZ needs automatic failover and a replica.")
    if group.cluster and not group.failover:
        raise refused("InvalidParameterValue", "Automatic failover must be enabled with cluster mode.")
    if (group.has_token or group.users) and not (group.tls and group.tls_mode == "required"):
        raise refused("InvalidParameterCombination", "The AUTH token and user groups need encryption in transit.")
    if group.has_token and group.users:
        raise refused("InvalidParameterCombination", "A group has an AUTH token or a user group.")
    if len(group.users) > 1:
        raise refused("InvalidParameterValue", "A group has one user group.")
    check_windows(group.window, group.snapshot_window)


def check_token(token):
    if token is not None and not re.fullmatch("[ !#-$&-.0-?A-~]{16,128}", token):
        raise refused("InvalidParameterValue", "Invalid AuthToken provided.")


def change_access(self, group, new):
    """A token is the second one after ROTATE, beside the one before or none, and the only one after SET. It goes only when a
    user group comes."""
    get = self._get_param
    token, strategy = get("AuthToken"), get("AuthTokenUpdateStrategy")
    check_token(token)
    if token:
        strategy = strategy or "ROTATE"
        if strategy == "SET" and (len(group.token) < 2 or token != group.token[-1]):
            raise refused("InvalidParameterCombination", "SET needs a token that was rotated in before.")
        new.token = [token] if strategy == "SET" else [group.token[-1], token]
    elif strategy == "DELETE":
        if not get("UserGroupIdsToAdd"):
            raise refused("InvalidParameterCombination", "DELETE needs a user group that is added.")
        new.token = [None]
    new.token_status = {"ROTATE": "ROTATING", "SET": "SETTING"}.get(strategy)
    gone = group.users if get("RemoveUserGroups") else get("UserGroupIdsToRemove") or []
    if any(one not in group.users for one in gone):
        raise refused("InvalidParameterValue", "The user group is not one of the group.")
    new.users = [one for one in group.users if one not in gone] + list(get("UserGroupIdsToAdd") or [])


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
        "CacheNodeType": group.node_type, "AuthTokenEnabled": group.has_token, "UserGroupIds": group.users,
        "TransitEncryptionEnabled": group.tls, "AtRestEncryptionEnabled": group.encrypted,
        "AutoMinorVersionUpgrade": group.minor, "PendingModifiedValues": {},
    }
    if group.state == "modifying" and group.token_status:
        shown["PendingModifiedValues"] = {"AuthTokenStatus": group.token_status}
    if group.kms_key:
        shown["KmsKeyId"] = group.kms_key
    if group.tls:
        shown["TransitEncryptionMode"] = group.tls_mode
    if group.cluster and is_made:
        shown["ConfigurationEndpoint"] = endpoint(group.host(region, "clustercfg."))
    return shown


def shown_parameters(cache, nodes):
    return {
        "CacheParameterGroupName": cache.parameters,
        "ParameterApplyStatus": "pending-reboot" if cache.needs_reboot else "in-sync",
        "CacheNodeIdsToReboot": nodes if cache.needs_reboot else [],
    }


def shown_members(self, group):
    for name in group.members:
        yield {
            "CacheClusterId": name, "ReplicationGroupId": group.id, "Engine": group.engine,
            "EngineVersion": shown_version(group.engine, group.version), "CacheNodeType": group.node_type,
            "CacheClusterStatus": "modifying" if group.slow else "available", "NumCacheNodes": 1,
            "PreferredMaintenanceWindow": group.window, "CacheSubnetGroupName": group.subnets,
            "CacheParameterGroup": shown_parameters(group, ["0001"]),
            "SecurityGroups": [{"SecurityGroupId": one, "Status": "active"} for one in group.security],
            "AutoMinorVersionUpgrade": group.minor, "TransitEncryptionEnabled": group.tls,
            "ARN": arn(self, "cluster", name), "PendingModifiedValues": shown_pending(group),
        }


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
        token=[get("AuthToken")], users=list(get("UserGroupIds") or []), minor=get("AutoMinorVersionUpgrade") is not False,
    )
    check_token(get("AuthToken"))
    check_parameters(self, group.parameters, engine, version, cluster)
    check_availability(group)
    tag(self, group)
    backend.replication_groups[name] = group
    return ActionResult({"ReplicationGroup": shown_group(self, group)})


def describe_replication_groups(self):
    backend = self.elasticache_backend
    name = self._get_param("ReplicationGroupId")
    if name:
        found = [group_of(self, ("creating", "available", "modifying", "snapshotting", "deleting"))]
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
    asked = given(
        self, description="ReplicationGroupDescription", failover="AutomaticFailoverEnabled", multi_az="MultiAZEnabled",
        security="SecurityGroupIds", window="PreferredMaintenanceWindow", parameters="CacheParameterGroupName",
        engine="Engine", version="EngineVersion", minor="AutoMinorVersionUpgrade", snapshots="SnapshotRetentionLimit",
        snapshot_window="SnapshotWindow", node_type="CacheNodeType", tls="TransitEncryptionEnabled",
        tls_mode="TransitEncryptionMode",
    )
    new.__dict__.update(asked)
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
    change_access(self, group, new)
    check_parameters(self, new.parameters, new.engine, new.version, new.cluster)
    check_availability(new)
    if not get("ApplyImmediately") and new.parameters != group.parameters:
        raise refused("InvalidParameterCombination", "A parameter group is changed at once.")
    asked.update(
        parameters=new.parameters, security=new.security, token=new.token, users=new.users, token_status=new.token_status,
    )
    group.change(**wait_or_not(self, group, asked))
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
        "CacheParameterGroup": shown_parameters(cluster, [node["CacheNodeId"] for node in nodes]),
        "SecurityGroups": [{"SecurityGroupId": one, "Status": "active"} for one in cluster.security],
        "AutoMinorVersionUpgrade": cluster.minor, "TransitEncryptionEnabled": cluster.tls,
        "PendingModifiedValues": shown_pending(cluster),
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
        looks=LOOKS, pending={}, numbers=list(range(1, nodes + 1)), multi_az=get("AZMode") == "cross-az", port=get("Port") or 11211,
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
    cluster.__dict__.update(wait_or_not(self, cluster, new), state="modifying", looks=LOOKS)
    cluster.security = list(cluster.security)
    return ActionResult({"CacheCluster": shown_cluster(self, cluster)})


def delete_cache_cluster(self):
    cluster = cluster_of(self)
    cluster.state, cluster.looks = "deleting", LOOKS
    return ActionResult({"CacheCluster": shown_cluster(self, cluster)})


put([
    create_cache_cluster, create_replication_group, decrease_replica_count, delete_cache_cluster, delete_replication_group,
    describe_cache_clusters, describe_replication_groups, describe_snapshots, increase_replica_count, modify_cache_cluster,
    modify_replication_group, modify_replication_group_shard_configuration,
])
ElastiCacheResponse.create_snapshot = alone(take_snapshot)
ElastiCacheBackend.create_snapshot = snapshot_of
