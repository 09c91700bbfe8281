#!/usr/bin/env bash
# In cfn-lint 1.58.0 the ARN pattern of an S3 object is the one of a bucket, and some patterns match nearly everything.
#
# Expected of `ARNFormats` in AdditionalSpecs/Policies.json: a pattern for each resource type that tells it from others, as
# the Service Authorization Reference does (`bucket/object`). Seen: each group of variables is one `.*`, so a bucket's ARN
# fits `s3:GetObject`. A policy check that trusts the patterns passes policies that grant nothing.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
from pathlib import Path

import cfnlint

print("cfn-lint", cfnlint.version.__version__)
path = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
known = json.loads(path.read_text())
patterns = {(service, kind): known[service]["Resources"][kind]["ARNFormats"] for service, kind in
            [("s3", "bucket"), ("s3", "object"), ("cloudformation", "stackset")]}
for (service, kind), found in patterns.items():
    print(service, kind, found)
assert patterns["s3", "bucket"] == patterns["s3", "object"], patterns
PYTHON
