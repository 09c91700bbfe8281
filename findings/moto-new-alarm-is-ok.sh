#!/usr/bin/env bash
# In moto 5.2.1 a new alarm has the state OK.
#
# Expected, as the CloudWatch manual says: an alarm starts in INSUFFICIENT_DATA until its metric has data. Seen: OK, for a
# metric that has never had a value. A test that waits for the first evaluation of an alarm passes at once.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[cloudwatch]==5.2.1" boto3==1.44.5
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto

print("moto", moto.__version__)
with moto.mock_aws():
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="idle",
        Namespace="Custom",
        MetricName="Never",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    values = cloudwatch.list_metrics(Namespace="Custom")["Metrics"]
    state = cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"]
    print("metrics:", values, "; state of the alarm:", state)
    assert values == [] and state == "OK", (values, state)
PYTHON
