#!/usr/bin/env bash
# The service model of EC2 in botocore 1.44.5 has nearly none of the limits that EC2 enforces.
#
# Expected: as in the models of IAM or SNS, a string that EC2 limits has `min`, `max` or `pattern`, so a tool can check
# values before it calls. Seen: 25 of 249 strings that are no enumeration have a maximum (IAM: 83 of 132). The
# description of a security group (255 characters by the manual), the key of a tag (128) and its value (256) are the
# shape `String`, which has none.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import botocore
import botocore.session

load = botocore.session.get_session().get_component("data_loader").load_service_model


def strings(service):
    return [shape for shape in load(service, "service-2")["shapes"].values() if shape["type"] == "string"]


share = {}
for service in ["ec2", "iam"]:
    free = [shape for shape in strings(service) if "enum" not in shape]
    share[service] = (sum("max" in shape for shape in free), len(free))
    print(f"botocore {botocore.__version__} {service}: {share[service][0]} of {share[service][1]} strings that are no enumeration have a maximum")
shapes = load("ec2", "service-2")["shapes"]
for owner, member in [("CreateSecurityGroupRequest", "Description"), ("Tag", "Key"), ("Tag", "Value")]:
    shape = shapes[owner]["members"][member]["shape"]
    print(f"ec2 {owner}.{member}: {shape} {dict(shapes[shape])}")
    assert shapes[shape] == {"type": "string"}, shapes[shape]
assert share["ec2"] == (25, 249), share
assert share["iam"][0] * 2 > share["iam"][1], share
PYTHON
