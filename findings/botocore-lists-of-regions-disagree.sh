#!/usr/bin/env bash
# botocore 1.44.5 has two lists of regions, and the one with the obvious name is not complete.
#
# Expected: `Session.get_available_regions("ec2")`, asked for every partition, names every region in which the SDK can call
# EC2. Seen: it reads `endpoints.json`, which lacks me-west-1 and sa-west-1. Their endpoints come from `partitions.json`,
# so a client for them works. A tool that checks a region with `get_available_regions` refuses both.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import json
import os

import botocore
import botocore.session

session = botocore.session.get_session()
asked = set()
for partition in session.get_available_partitions():
    asked.update(session.get_available_regions("ec2", partition_name=partition))
with open(os.path.join(os.path.dirname(botocore.__file__), "data", "partitions.json")) as file:
    partitions = json.load(file)["partitions"]
# `aws-global` and the like are no regions.
known = {region for partition in partitions for region in partition["regions"] if not region.endswith("-global")}
lacking = sorted(known - asked)
endpoints = [
    session.create_client("ec2", region_name=region, aws_access_key_id="x", aws_secret_access_key="x").meta.endpoint_url
    for region in lacking
]
print(f"botocore {botocore.__version__}: {len(asked)} regions of EC2 by get_available_regions, {len(known)} in partitions.json")
print("lacking:", ", ".join(lacking))
print("and yet:", ", ".join(endpoints))
assert lacking == ["me-west-1", "sa-west-1"], lacking
assert all(region in endpoint for region, endpoint in zip(lacking, endpoints)), endpoints
PYTHON
