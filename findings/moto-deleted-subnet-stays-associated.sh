#!/usr/bin/env bash
# In moto 5.2.1 a route table keeps the association of a subnet that is deleted.
#
# Expected: an association ends with its subnet, so a listing of route tables names subnets that exist. Seen: the deleted
# subnet is listed as `associated`. A tool that reads associations from there plans to change a subnet that is gone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[ec2]==5.2.1" boto3==1.44.5
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto

print("moto", moto.__version__)
with moto.mock_aws():
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    associations = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Associations"]
    print("subnets:", len(subnets), "; associations:", [(a["SubnetId"] == subnet, a["AssociationState"]["State"]) for a in associations])
    assert subnets == [] and [a["SubnetId"] for a in associations] == [subnet], associations
PYTHON
