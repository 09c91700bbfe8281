"""What the caches of `caches.py` and their groups have in common: errors, tags, windows, and values that wait."""

import re
import threading
from functools import wraps

from moto.elasticache.exceptions import ElastiCacheException
from moto.elasticache.responses import ElastiCacheResponse

HOUR = 60
DAY = 24 * HOUR
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# Looks for which something is in between.
LOOKS = 2

one_at_a_time = threading.RLock()


def refused(code, message):
    error = ElastiCacheException(message)
    error.code = code
    return error


class Thing:
    """What has an ARN, and the attributes that it is made with."""

    # Whether the values of static parameters wait for a reboot, which nothing brings about here.
    needs_reboot = False

    def __init__(self, arn, **attributes):
        self.arn = arn
        self.__dict__.update(attributes)


def pass_time(thing):
    """One look fewer until it is available, or gone."""
    thing.looks = max(thing.looks - 1, 0)
    if thing.looks == 0 and thing.state != "deleting":
        thing.state = "available"


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


def given(self, **names):
    """The parameters that are given, by the attribute that they set."""
    found = {attribute: self._get_param(name) for attribute, name in names.items()}
    return {attribute: value for attribute, value in found.items() if value is not None}


def shown_version(engine, version):
    """AWS says one part more than it takes, from Redis 6 on."""
    return version + ".0" if engine != "memcached" and version.count(".") == 1 else version


def shown_pending(thing):
    names = {"version": "EngineVersion", "node_type": "CacheNodeType"}
    return {names[name]: shown_version(thing.engine, value) if name == "version" else value for name, value in thing.pending.items()}


def wait_or_not(self, thing, new):
    """What is in force after a change, and what waits then. `ApplyImmediately` also puts in force what waits already."""
    waiting = {name: new.pop(name) for name in ("version", "node_type") if name in new}
    waiting = {**thing.pending, **waiting}
    if self._get_param("ApplyImmediately"):
        new.update(waiting, pending={})
    else:
        new["pending"] = {name: value for name, value in waiting.items() if value != getattr(thing, name)}
    return new


def tag(self, thing):
    tags = self._get_param("Tags") or []
    if tags:
        self.elasticache_backend.tagging_service.tag_resource(thing.arn, [dict(one) for one in tags])


def untag(self, thing):
    self.elasticache_backend.tagging_service.delete_all_tags_for_resource(thing.arn)


def alone(operation):
    @wraps(operation)
    def call(self):
        with one_at_a_time:
            return operation(self)
    return call


def put(operations):
    """Lets ElastiCache answer with these operations, one at a time."""
    for operation in operations:
        setattr(ElastiCacheResponse, operation.__name__, alone(operation))
