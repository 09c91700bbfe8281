#!/usr/bin/env bash
# moto 5.2.1 makes a second hosted zone for the same caller reference.
#
# Expected, as the API reference of CreateHostedZone says: the reference identifies the request, and using it again is
# refused with HostedZoneAlreadyExists, so a request whose answer was lost can be repeated. Seen: two zones of one name.
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
    zones = {route53.create_hosted_zone(Name="corp.example", CallerReference="once")["HostedZone"]["Id"] for _ in range(2)}
    listed = [zone["CallerReference"] for zone in route53.list_hosted_zones()["HostedZones"]]
    print("zones:", len(zones), "; their references:", listed)
    assert len(zones) == 2 and listed == ["once", "once"], (zones, listed)
PYTHON
