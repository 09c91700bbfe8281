"""An account's network from outside, with boto3: one line a fact, ids replaced by names, in order.

usage: look.py REGION            prints what is there
       look.py REGION run CODE   runs CODE with `ec2`, a client, and `client(SERVICE)`, of any `region_name`, and prints what it assigns to `result`
"""

import json
import sys

import boto3

region = sys.argv[1]
ec2 = boto3.client("ec2", region_name=region)

if len(sys.argv) > 2:
    client = lambda service, region_name=region: boto3.client(service, region_name=region_name)
    names = {"ec2": ec2, "client": client, "result": None}
    exec(sys.argv[3], names)
    print(json.dumps(names["result"], default=str))
    sys.exit()


def tags(thing):
    # Interfaces alone call them `TagSet`.
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", thing.get("TagSet", []))}


names = {}
lines = []


def call(thing, key, name):
    """Remembers what a thing is called."""
    names[thing[key]] = name
    return name


def own(things, fallback="?"):
    """Things with their names, the default VPC's left out."""
    return sorted(things, key=lambda thing: tags(thing).get("Name", fallback))


vpcs = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
ids = {vpc["VpcId"] for vpc in vpcs}
subnets = [s for s in ec2.describe_subnets()["Subnets"] if s["VpcId"] in ids]
tables = [t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] in ids]
groups = [g for g in ec2.describe_security_groups()["SecurityGroups"] if g["VpcId"] in ids]
gateways = ec2.describe_internet_gateways()["InternetGateways"]
vpns = [v for v in ec2.describe_vpn_gateways()["VpnGateways"] if v["State"] != "deleted"]
nats = [n for n in ec2.describe_nat_gateways()["NatGateways"] if n["State"] not in ("deleted", "deleting")]
addresses = ec2.describe_addresses()["Addresses"]
sets = [d for d in ec2.describe_dhcp_options()["DhcpOptions"]]
endpoints = [e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["State"] != "deleted"]
peerings = [
    p
    for p in ec2.describe_vpc_peering_connections()["VpcPeeringConnections"]
    if p["Status"]["Code"] not in ("deleted", "rejected", "expired")
]
interfaces = [i for i in ec2.describe_network_interfaces()["NetworkInterfaces"] if i["VpcId"] in ids]

for vpc in vpcs:
    call(vpc, "VpcId", tags(vpc).get("Name", "unnamed"))
for things, key in (
    (subnets, "SubnetId"),
    (tables, "RouteTableId"),
    (gateways, "InternetGatewayId"),
    (vpns, "VpnGatewayId"),
    (nats, "NatGatewayId"),
    (sets, "DhcpOptionsId"),
    (peerings, "VpcPeeringConnectionId"),
):
    for thing in things:
        call(thing, key, tags(thing).get("Name", "unnamed"))
for group in groups:
    call(group, "GroupId", group["GroupName"])
for address in addresses:
    call(address, "AllocationId", tags(address).get("Name", address["PublicIp"]))


def ports(permission):
    if "FromPort" not in permission:
        return "every port"
    return "%s-%s" % (permission["FromPort"], permission["ToPort"])


for vpc in own(vpcs):
    support = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute="enableDnsSupport")
    hostnames = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute="enableDnsHostnames")
    dns = support["EnableDnsSupport"]["Value"], hostnames["EnableDnsHostnames"]["Value"]
    dhcp = names.get(vpc["DhcpOptionsId"], "default")
    lines.append("vpc %s %s dns %s %s dhcp %s" % (names[vpc["VpcId"]], vpc["CidrBlock"], *dns, dhcp))
for subnet in own(subnets):
    where = subnet["CidrBlock"], subnet["AvailabilityZone"], names[subnet["VpcId"]]
    lines.append("subnet %s %s %s in %s" % (names[subnet["SubnetId"]], *where))
for table in own(tables):
    if any(a.get("Main") for a in table["Associations"]):
        continue
    of = [names.get(a.get("SubnetId"), "?") for a in table["Associations"]]
    lines.append("table %s of %s" % (names[table["RouteTableId"]], " ".join(sorted(of)) or "nobody"))
    for route in sorted(table["Routes"], key=lambda route: route.get("DestinationCidrBlock", "")):
        keys = "GatewayId", "NatGatewayId", "VpcPeeringConnectionId"
        target = next((route[key] for key in keys if route.get(key)), None)
        if target == "local" or "DestinationCidrBlock" not in route:
            continue
        kind = target.split("-")[0]
        lines.append("  %s via %s %s" % (route["DestinationCidrBlock"], kind, names.get(target, "?")))
for group in sorted(groups, key=lambda group: group["GroupName"]):
    if group["GroupName"] == "default":
        continue
    lines.append("group %s (%s)" % (group["GroupName"], group["Description"]))
    rules = []
    for permission in group["IpPermissions"]:
        head = "%s %s" % (permission["IpProtocol"], ports(permission))
        sources = [(r["CidrIp"], r) for r in permission["IpRanges"]]
        sources += [(names[r["GroupId"]], r) for r in permission["UserIdGroupPairs"]]
        for source, entry in sources:
            rules.append("  %s from %s %s" % (head, source, entry.get("Description", "")))
    lines.extend(rule.rstrip() for rule in sorted(rules))
for gateway in own(gateways):
    to = [names.get(a["VpcId"], "?") for a in gateway["Attachments"]]
    lines.append("internet gateway of %s" % (" ".join(to) or "nobody"))
for vpn in own(vpns):
    to = [names.get(a["VpcId"], "?") for a in vpn.get("VpcAttachments", []) if a["State"] != "detached"]
    lines.append("vpn gateway %s of %s" % (names[vpn["VpnGatewayId"]], " ".join(to) or "nobody"))
for nat in own(nats):
    address = names[nat["NatGatewayAddresses"][0]["AllocationId"]]
    lines.append("nat %s in %s from %s" % (names[nat["NatGatewayId"]], names[nat["SubnetId"]], address))
for address in sorted(addresses, key=lambda address: names[address["AllocationId"]]):
    lines.append("address %s" % tags(address).get("Name", "static"))
for dhcp in own(sets):
    values = {c["Key"]: [v["Value"] for v in c["Values"]] for c in dhcp["DhcpConfigurations"]}
    if "asiaq:project" in tags(dhcp):
        lines.append("dhcp %s %s" % (names[dhcp["DhcpOptionsId"]], json.dumps(values, sort_keys=True)))
for endpoint in sorted(endpoints, key=lambda e: (names.get(e["VpcId"], ""), e["ServiceName"])):
    through = sorted(names.get(t, "?") for t in endpoint["RouteTableIds"])
    lines.append("endpoint %s of %s through %s" % (endpoint["ServiceName"], names[endpoint["VpcId"]], " ".join(through)))
for peering in own(peerings):
    sides = [names.get(peering[side]["VpcId"], "?") for side in ("RequesterVpcInfo", "AccepterVpcInfo")]
    lines.append("peering %s - %s %s" % (*sides, peering["Status"]["Code"]))
for interface in own(interfaces):
    if interface.get("Description") == "floating interface":
        in_groups = " ".join(sorted(group["GroupName"] for group in interface["Groups"]))
        where = interface["PrivateIpAddress"], names[interface["SubnetId"]], in_groups
        lines.append("interface %s in %s with %s" % where)
print("\n".join(lines))
