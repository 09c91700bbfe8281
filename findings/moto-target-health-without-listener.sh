#!/usr/bin/env bash
# In moto 5.2.1 a target is healthy although no listener forwards to its target group.
#
# Expected, as the Elastic Load Balancing manual says of health states: `unused`, with the reason Target.NotInUse. Seen:
# `healthy`. A test that waits for a target group to serve before traffic moves to it passes at once.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[ec2,elbv2]==5.2.1" boto3==1.44.5
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto

print("moto", moto.__version__)
with moto.mock_aws():
    ec2, balancing = boto3.client("ec2"), boto3.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    started = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
    made = balancing.create_target_group(Name="idle", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    balancing.register_targets(TargetGroupArn=arn, Targets=[{"Id": started}])
    health = balancing.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]["TargetHealth"]
    used_by = balancing.describe_load_balancers()["LoadBalancers"]
    print("load balancers:", used_by, "; health of the target:", health)
    assert used_by == [] and health["State"] == "healthy", health
PYTHON
