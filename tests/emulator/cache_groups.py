"""The groups of subnets and of parameters of ElastiCache as AWS documents them: see `caches.py`."""

from moto.core.responses import ActionResult
from moto.elasticache.models import ElastiCacheBackend

from cache_things import Thing, arn, put, refused, tag, untag

init = ElastiCacheBackend.__init__


def begin(self, region_name, account_id):
    init(self, region_name, account_id)
    self.parameter_groups = {}


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


# Parameters whose values come into force when a node is rebooted.
STATIC = {"activerehashing", "backlog_queue_limit", "chunk_size", "databases", "max_item_size"}


def change_parameters(self, group, values):
    users = [*self.elasticache_backend.replication_groups.values(), *self.elasticache_backend.cache_clusters.values()]
    if any(name in STATIC and group.parameters.get(name) != value for name, value in values.items()):
        for one in users:
            one.needs_reboot = one.needs_reboot or one.parameters == group.name
    group.parameters.update(values)
    group.parameters = {name: value for name, value in group.parameters.items() if value is not None}


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
    change_parameters(self, group, values)
    return ActionResult({"CacheParameterGroupName": group.name})


def reset_cache_parameter_group(self):
    group = parameter_group_of(self)
    whole = self._get_param("ResetAllParameters")
    change_parameters(self, group, dict.fromkeys(group.parameters if whole else given_parameters(self)))
    return ActionResult({"CacheParameterGroupName": group.name})


def delete_cache_parameter_group(self):
    group, backend = parameter_group_of(self), self.elasticache_backend
    users = [*backend.replication_groups.values(), *backend.cache_clusters.values()]
    if any(one.parameters == group.name for one in users):
        raise refused("InvalidCacheParameterGroupState", "One or more cache clusters are still members of this parameter group")
    del backend.parameter_groups[group.name]
    untag(self, group)
    return ActionResult({})


put([
    create_cache_parameter_group, create_cache_subnet_group, delete_cache_parameter_group, delete_cache_subnet_group,
    describe_cache_parameter_groups, describe_cache_parameters, describe_cache_subnet_groups, modify_cache_parameter_group,
    modify_cache_subnet_group, reset_cache_parameter_group,
])
ElastiCacheBackend.__init__ = begin
