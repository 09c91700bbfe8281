#!/usr/bin/env bash
# In moto 5.2.1 an Auto Scaling group that is detached from one Classic Load Balancer leaves all of them.
#
# Expected, as the Auto Scaling manual says of DetachLoadBalancers: the instances leave the load balancers that are named.
# Seen: they leave the others too. A group that moves from one load balancer to another ends up in neither.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[autoscaling,ec2,elb]==5.2.1" boto3==1.44.5
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto

print("moto", moto.__version__)
with moto.mock_aws():
    ec2, scaling, balancing = (boto3.client(name) for name in ("ec2", "autoscaling", "elb"))
    image = ec2.describe_images()["Images"][0]["ImageId"]
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    for name in ("old", "new"):
        balancing.create_load_balancer(LoadBalancerName=name, Listeners=[listener], AvailabilityZones=["us-west-2a"])
    scaling.create_launch_configuration(LaunchConfigurationName="c", ImageId=image, InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="g",
        LaunchConfigurationName="c",
        MinSize=1,
        MaxSize=1,
        AvailabilityZones=["us-west-2a"],
        LoadBalancerNames=["old"],
    )
    scaling.attach_load_balancers(AutoScalingGroupName="g", LoadBalancerNames=["new"])

    def members(name):
        return len(balancing.describe_instance_health(LoadBalancerName=name)["InstanceStates"])

    before = members("old"), members("new")
    scaling.detach_load_balancers(AutoScalingGroupName="g", LoadBalancerNames=["old"])
    after = members("old"), members("new")
    print("instances in `old` and `new` before:", before, "after `old` is detached:", after)
    assert before == (1, 1) and after == (0, 0), (before, after)
PYTHON
