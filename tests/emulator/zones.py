"""What moto gets wrong of hosted zones and their records, mended: see `moto_server.py`."""

import copy
import itertools

from moto.core.responses import ActionResult
from moto.route53.exceptions import DnsNameInvalidForZone, InvalidInput, NoSuchHostedZone, Route53ClientError
from moto.route53.models import RecordSet, Route53Backend
from moto.route53.responses import Route53

create_hosted_zone = Route53Backend.create_hosted_zone
list_record_sets = Route53.list_resource_record_sets
list_tags = Route53Backend.list_tags_for_resources


def create_once(self, name, private_zone, caller_reference=None, **rest):
    """What moto does, for a reference that is new, and with name servers that no other zone has."""
    if any(zone.caller_reference == caller_reference for zone in self.zones.values()):
        said = f"A hosted zone has already been created with the specified caller reference: {caller_reference}"
        raise Route53ClientError("HostedZoneAlreadyExists", said)
    zone = create_hosted_zone(self, name, private_zone, caller_reference, **rest)
    number = next(self.__dict__.setdefault("numbers", itertools.count(1)))
    ends = ["com", "net", "org", "co.uk"]
    servers = [f"ns-{n * 512 + number}.awsdns-{number:02}.{end}" for n, end in enumerate(ends)]
    if zone.delegation_set:
        zone.delegation_set.name_servers = servers
    for record in zone.rrsets:
        if record.type == "NS":
            record.records = servers
    return zone


def list_tags_or_refuse(self, resource_type, resource_ids):
    """What moto does, for zones that are there."""
    for zone in resource_ids:
        if zone not in self.zones:
            raise NoSuchHostedZone(zone)
    return list_tags(self, resource_type, resource_ids)


def plain(name):
    """A name in one form."""
    return name.rstrip(".").replace("\\052", "*").lower() + "."


def said(record):
    """What a record says, in one form: to tell whether it is the one that is to be deleted."""
    alias = record.alias_target
    values = sorted(str(value) for value in record.records or [])
    return (str(record.ttl or 0), values, alias and (alias["HostedZoneId"], plain(alias["DNSName"])))


def refuse(what, record, why):
    raise Route53ClientError(
        "InvalidChangeBatch",
        f"[Tried to {what} resource record set [name='{record.name}', type='{record.type}'] but {why}]",
    )


def change_all_or_none(self, zoneid, change_list):
    """Changes records in order, and keeps nothing of it where one change is refused."""
    zone = self.get_hosted_zone(zoneid)
    records = list(zone.rrsets)
    for change in change_list:
        wanted = copy.deepcopy(change["ResourceRecordSet"])
        wanted["Name"] = plain(wanted["Name"])
        if not (wanted["Name"] == plain(zone.name) or wanted["Name"].endswith("." + plain(zone.name))):
            raise DnsNameInvalidForZone(wanted["Name"], zone.name)
        if "AliasTarget" not in wanted and not (wanted.get("ResourceRecords") and "TTL" in wanted):
            raise InvalidInput("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]]")
        wanted["ResourceRecords"] = [record["Value"] for record in wanted.get("ResourceRecords", [])]
        record = RecordSet(wanted)
        key = lambda one: (plain(one.name), one.type, one.set_identifier)
        there = [one for one in records if key(one) == key(record)]
        action = change["Action"]
        if action == "CREATE" and there:
            refuse("create", record, "it already exists")
        if action == "DELETE" and not there:
            refuse("delete", record, "it was not found")
        if action == "DELETE" and said(there[0]) != said(record):
            refuse("delete", record, "the values provided do not match the current values")
        records = [one for one in records if key(one) != key(record)]
        if action == "DELETE":
            continue
        beside = [one for one in records if plain(one.name) == plain(record.name)]
        if any("CNAME" in (one.type, record.type) for one in beside):
            refuse(action.lower(), record, "a CNAME is alone under its name")
        records.append(record)
    zone.rrsets = records


def list_as_aws_writes(self):
    """What moto does, with names as AWS writes them, and aliases without a time."""
    answer = list_record_sets(self)

    def written(record):
        record = copy.deepcopy(record)
        record.name = plain(record.name).replace("*", "\\052")
        if record.alias_target:
            record.alias_target["DNSName"] = plain(record.alias_target["DNSName"])
            record.ttl = None
        return record

    result = dict(answer.result)
    result["ResourceRecordSets"] = [written(record) for record in result["ResourceRecordSets"]]
    return ActionResult(result)


Route53.list_resource_record_sets = list_as_aws_writes
Route53Backend.change_resource_record_sets = change_all_or_none
Route53Backend.create_hosted_zone = create_once
Route53Backend.list_tags_for_resources = list_tags_or_refuse
