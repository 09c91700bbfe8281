#!/usr/bin/env bash
# moto 5.2.1 takes a CNAME record beside an A record of the same name.
#
# Expected, as DNS and Route 53 have it: a CNAME is alone under its name, so the batch is refused with InvalidChangeBatch.
# Seen: both records are listed. A change from A to CNAME that creates before it deletes passes with moto and fails with AWS.
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
    zone = route53.create_hosted_zone(Name="corp.example", CallerReference="1")["HostedZone"]["Id"]
    for kind, value in [("A", "203.0.113.1"), ("CNAME", "elsewhere.example")]:
        record = {"Name": "www.corp.example", "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]})
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    kinds = sorted(record["Type"] for record in records if record["Name"] == "www.corp.example.")
    print("records of www.corp.example:", kinds)
    assert kinds == ["A", "CNAME"], kinds
PYTHON
