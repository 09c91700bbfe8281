"""moto_server with mistakes of moto 5.2.1 mended, so that it does what AWS documents.

A VPC that takes another DHCP option set lets go of the old one; moto counts it as assigned for ever.
A DHCP option set is born with its tags; moto drops them.
A NAT gateway that is deleted gives its elastic IP address back; moto keeps the association.
A subnet that goes leaves its route table; moto keeps the association.
The description of a rule is no part of what makes it the same rule; moto compares it where the source is a group,
and so never finds the rule whose description it is to change.
CloudWatch answers in CBOR, which moto does not speak (`cbor.py`).
A subscription by email or HTTP waits until it is confirmed, and a listing shows no ARN of it; moto confirms it at once.
A topic is not made again with other tags; moto makes it, and drops the tags.
A new alarm has too little data, and one that is changed keeps its state and tags; moto calls every one fine.
Alarms are listed in pages; moto shows all at once.
A metric filter takes the place of the one that has its name, belongs to a group that exists, and goes with it; moto
keeps both, takes any group's name, and keeps the filters of a group that is gone (all of these in `watch.py`).
A port of a classic load balancer says what it speaks to the machines; moto says what it speaks to the clients.
Ports that are opened again say the same or are refused, and ports that are closed are gone; moto looks at the protocol
alone, and shows the others twice.
A cookie policy says which cookie, has AWS's name for its type and one of its own that is new, is set only where it is
there, and goes only where no port has it; moto shows none of it and checks none.
A classic load balancer has a zone for aliases, zones, a health check and a DNS name of its region from the first, and one
subnet a zone; moto forgets them, and takes any subnet.
A classic load balancer that is not there is an error everywhere, and one has fifty tags; moto fails, and takes ten.
A newer load balancer has a name that no other one has, a time limit from the first and ports of every protocol, each
once, and one that is not encrypted any more has no certificate; moto knows none of it (all of these in `balancers.py`).
A group that leaves one Classic Load Balancer stays behind the others; moto takes its instances out of all.
A target is not checked until a listener forwards to its group, and instances start and become healthy in some time; moto
calls every one healthy at once (all of these in `pace.py`).
Changes of records are made all or none, none takes the place of a record that is there or deletes one that says
something else, and a CNAME is alone; moto makes the first few, adds a second record, and remembers what was once.
Names of records are listed as `\\052.` for an asterisk, those of aliases with a dot and without a time; moto shows what it got.
Each zone has name servers of its own; moto gives all the same.
A zone is made once by the same reference, and the tags of a zone that is gone are an error; moto makes two, and has no
tags (all of these in `zones.py`).
A bucket is made with its tags, its owner of objects and without public access; moto drops the tags, and has the settings of
2022. Calls that say whose a bucket has to be are refused for another account's; moto does not look. Buckets are listed with
their regions and in pages. Rules of lifecycle and replication come back whole, versions cannot be suspended under them, and
two answers have the names that AWS gives them; moto loses parts, takes all, and has names that the SDK cannot read. The
versions of a document are listed, and a trail that is not there is an error (all of these in `buckets.py`).
ElastiCache has groups of parameters, changes groups of subnets and deletes them, counts replicas and shards, shows members,
lets some changes wait, and takes its time; moto has none of it, ignores the number of nodes, and shows members twice (all of these in `caches.py` and the files beside it).
Quotas are listed for each account and region (`quotas.py`).
Search domains are what OpenSearch Service accepts, are upgraded, and are not changed by a dry run (`search.py`).
Tables and their indexes change one at a time and in a while; moto does all at once (`tables.py`).
Commands of Systems Manager reach agents that answer, take a while and can fail; moto takes all, and all succeed at once
(`run_commands.py`).
Instances of a group are replaced a few at a time; moto has no instance refreshes (`refreshes.py`).
Instances and AMIs of bakes are what EC2 makes of them (`bakes.py`).
Of two transactions of DynamoDB one comes first; moto mixes them.
"""

import sys
import threading

sys.dont_write_bytecode = True

import balancers
import bakes  # noqa: F401, mends what concerns bakes
import buckets  # noqa: F401, mends what concerns buckets, documents and trails
import caches  # noqa: F401, mends ElastiCache
import databases  # noqa: F401, mends what concerns databases
import clusters  # noqa: F401, mends clusters of databases
import identities  # noqa: F401, mends IAM
import watch
import zones
from cbor import speaking_cbor
import moto_machines  # noqa: F401, mends what concerns machines
import pace  # noqa: F401, mends what takes its time
import quotas  # noqa: F401, mends Service Quotas
import refreshes  # noqa: F401, adds instance refreshes
import run_commands  # noqa: F401, mends commands of Systems Manager
import search  # noqa: F401, mends OpenSearch Service
import tables  # noqa: F401, mends what concerns tables
from moto.dynamodb.models import DynamoDBBackend
from moto.ec2.models.dhcp_options import DHCPOptionsSetBackend
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.responses.dhcp_options import DHCPOptions
from moto.server import DomainDispatcherApplication, main

create_dhcp_options = DHCPOptions.create_dhcp_options
associate_dhcp_options = DHCPOptionsSetBackend.associate_dhcp_options
delete_nat_gateway = NatGatewayBackend.delete_nat_gateway
delete_subnet = SubnetBackend.delete_subnet
is_same_rule = SecurityGroupRule.__eq__
transact_write_items = DynamoDBBackend.transact_write_items
transactions = threading.Lock()


def create_with_tags(self):
    """What moto does, and the tags."""
    answer = create_dhcp_options(self)
    tags = self._parse_tag_specification().get("dhcp-options", {})
    answer.result["DhcpOptions"].add_tags(tags)
    return answer


def associate_and_let_go(self, dhcp_options, vpc):
    """What moto does, after what it forgets."""
    self.disassociate_dhcp_options(vpc)
    associate_dhcp_options(self, dhcp_options, vpc)


def delete_and_give_back(self, nat_gateway_id):
    """What moto does, and then what it forgets."""
    gateway = delete_nat_gateway(self, nat_gateway_id)
    for held in gateway.address_set:
        for address in self.addresses:
            if address.allocation_id == held.get("allocationId"):
                address.eni = None
                address.association_id = None
    return gateway


def delete_and_leave(self, subnet_id):
    """What moto does, and then what it forgets."""
    subnet = delete_subnet(self, subnet_id)
    for table in self.route_tables.values():
        for association, of in list(table._associations.items()):
            if of == subnet_id:
                del table._associations[association]
    return subnet


def is_same_but_for_its_description(self, other):
    """What moto does, the description of a source group left out."""
    mine, theirs = self.source_group, other.source_group
    bare = lambda group: {key: group[key] for key in group if key != "Description"}
    try:
        self.source_group, other.source_group = bare(mine), bare(theirs)
        return is_same_rule(self, other)
    finally:
        self.source_group, other.source_group = mine, theirs


def one_at_a_time(self, transact_items):
    """What moto does, without another one in between."""
    with transactions:
        return transact_write_items(self, transact_items)


DHCPOptions.create_dhcp_options = create_with_tags
DHCPOptionsSetBackend.associate_dhcp_options = associate_and_let_go
NatGatewayBackend.delete_nat_gateway = delete_and_give_back
SubnetBackend.delete_subnet = delete_and_leave
SecurityGroupRule.__eq__ = is_same_but_for_its_description
DomainDispatcherApplication.__call__ = speaking_cbor(DomainDispatcherApplication.__call__)
DynamoDBBackend.transact_write_items = one_at_a_time

sys.exit(main(sys.argv[1:]))
