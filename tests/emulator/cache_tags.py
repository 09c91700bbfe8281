"""The tags of ElastiCache as AWS documents them: see `caches.py`."""

from moto.core.responses import ActionResult
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

from cache_things import pass_time, put, refused

resources = ResourceGroupsTaggingAPIBackend._get_resources_generator


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
    """A replication group changes while it takes tags."""
    if hasattr(thing, "change"):
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


put([add_tags_to_resource, list_tags_for_resource, remove_tags_from_resource])
ResourceGroupsTaggingAPIBackend._get_resources_generator = resources_with_parameters
