#!/usr/bin/env bash
# In moto 5.2.1 the Elastic IP address of a deleted NAT gateway stays associated.
#
# Expected, as the VPC manual says: deleting a public NAT gateway disassociates its address, which can then be used again or
# released. Seen: the gateway is `deleted` and the address still has its association. A tool that waits for a free address
# before it releases it waits for ever; a tool that does not wait is never tested for it.
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
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    state = ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]["State"]
    association = ec2.describe_addresses(AllocationIds=[address])["Addresses"][0].get("AssociationId")
    print("NAT gateway:", state, "; association of its address:", association)
    assert state == "deleted" and association, (state, association)
PYTHON
