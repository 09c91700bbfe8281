#!/usr/bin/env bash
# moto 5.2.1 drops the tags with which a DHCP option set is created.
#
# Expected: `TagSpecifications` of `create_dhcp_options` works as for a VPC, where moto keeps them. Seen: the set has no tags,
# in the answer and in listings, and no error says so. A tool that knows its resources by their tags does not find it again.
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
    tags = [{"Key": "owner", "Value": "me"}]
    specification = lambda kind: [{"ResourceType": kind, "Tags": tags}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification("vpc"))["Vpc"]["VpcId"]
    options = ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["corp.example"]}],
        TagSpecifications=specification("dhcp-options"),
    )["DhcpOptions"]["DhcpOptionsId"]
    of_vpc = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]
    of_options = ec2.describe_dhcp_options(DhcpOptionsIds=[options])["DhcpOptions"][0].get("Tags")
    print("tags of the VPC:", of_vpc, "; of the DHCP options:", of_options)
    assert of_vpc == tags and not of_options, (of_vpc, of_options)
PYTHON
