#!/usr/bin/env bash
# moto 5.2.1 starts another instance for a RunInstances call that is repeated with its client token.
#
# Expected, as the EC2 user guide says ("Ensuring idempotency"): a call with the same token and parameters starts nothing, and
# answers with the instance of the first one. Seen: two instances.
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
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launch = dict(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", ClientToken="once")
    ids = {ec2.run_instances(**launch)["Instances"][0]["InstanceId"] for _ in range(2)}
    print("instances for one token:", len(ids))
    assert len(ids) == 2, ids
PYTHON
