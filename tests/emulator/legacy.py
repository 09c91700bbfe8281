"""Makes an environment with the calls, names and tags of the original Asiaq. Usage: legacy.py REGION"""

import datetime
import json
import sys

import boto3

REGION = sys.argv[1]
ENV, TYPE = "ci", "sandbox"
ZONES = [REGION + letter for letter in "ab"]
NETWORKS = {
    "tunnel": "10.20.0.0/22",
    "intranet": "10.20.8.0/22",
}
DESCRIPTIONS = {"intranet": "Inter host", "tunnel": "internet http proxy"}


def client(service):
    return boto3.client(service, region_name=REGION)


ec2 = client("ec2")
TAGS = {
    "Name": ENV,
    "type": TYPE,
    "create_date": datetime.datetime(2019, 4, 1, 9, 30).isoformat() + ".000000",
    "application": "",
}


def tag(resource, **tags):
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    ec2.create_tags(Resources=[resource], Tags=pairs)


def of_network(resource, name, zone):
    tag(resource, **{**TAGS, "Name": f"{ENV}_{name}_{zone}", "meta_network": name, "subnet": zone})


def halves(block):
    first, size = block.split("/")
    a, b, c, _ = first.split(".")
    return [f"{a}.{b}.{int(c) + 2 * n}.0/{int(size) + 1}" for n in range(2)]


vpc = ec2.create_vpc(CidrBlock="10.20.0.0/20")["Vpc"]["VpcId"]
tag(vpc, **TAGS)
ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
options = [
    {"Key": "domain-name", "Values": ["ci.example.com"]},
    {"Key": "domain-name-servers", "Values": ["10.20.8.5", "AmazonProvidedDNS"]},
]
dhcp = ec2.create_dhcp_options(DhcpConfigurations=options)["DhcpOptions"]["DhcpOptionsId"]
tag(dhcp, Name=ENV)
ec2.associate_dhcp_options(VpcId=vpc, DhcpOptionsId=dhcp)

gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)

subnets, tables, groups = {}, {}, {}
for name, block in NETWORKS.items():
    group = ec2.create_security_group(
        GroupName=f"{ENV}_{name}", Description=DESCRIPTIONS[name], VpcId=vpc
    )["GroupId"]
    tag(group, Name=f"{ENV}_{name}", meta_network=name)
    groups[name] = group
    for zone, part in zip(ZONES, halves(block)):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=part, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        of_network(subnet, name, zone)
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        of_network(table, name, zone)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        subnets[name, zone], tables[name, zone] = subnet, table

for zone in ZONES:
    table = tables["tunnel", zone]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    tag(address, dynamic="true")
    nat = ec2.create_nat_gateway(SubnetId=subnets["tunnel", zone], AllocationId=address)
    nat = nat["NatGateway"]["NatGatewayId"]
    of_network(nat, "tunnel", zone)
    tag(subnets["tunnel", zone], dynonat="")
    ec2.create_route(
        RouteTableId=tables["intranet", zone], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat
    )


def allow(network, port, **source):
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}
    ec2.authorize_security_group_ingress(GroupId=groups[network], IpPermissions=[rule])


allow("tunnel", 3128, UserIdGroupPairs=[{"GroupId": groups["intranet"]}])
allow("intranet", 22, UserIdGroupPairs=[{"GroupId": groups["tunnel"]}])
# One that the configuration does not have any more.
allow("intranet", 8443, IpRanges=[{"CidrIp": "198.51.100.0/24"}])

ec2.create_vpc_endpoint(
    VpcId=vpc,
    ServiceName=f"com.amazonaws.{REGION}.s3",
    VpcEndpointType="Gateway",
    RouteTableIds=list(tables.values()),
)
print(json.dumps({"vpc": vpc, "groups": groups, "subnets": len(subnets)}))
