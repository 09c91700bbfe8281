#!/usr/bin/env bash
# In moto 5.2.1 every public hosted zone has the same name servers.
#
# Expected, as the Route 53 manual says of delegation sets: each new zone gets four name servers of its own. Seen: two zones
# have the same four. A test cannot see that a zone was delegated to the name servers of another one.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[route53]==5.2.1" boto3==1.44.5
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto

print("moto", moto.__version__)
with moto.mock_aws():
    route53 = boto3.client("route53")
    servers = [
        route53.create_hosted_zone(Name=name, CallerReference=name)["DelegationSet"]["NameServers"]
        for name in ("orchard.example", "dev.orchard.example")
    ]
    print("name servers:", servers)
    assert servers[0] and servers[0] == servers[1], servers
PYTHON
