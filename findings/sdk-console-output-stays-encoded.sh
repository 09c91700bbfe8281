#!/usr/bin/env bash
# boto3 1.44.5 decodes the console output of an instance; the JavaScript SDK 3.1169.0 hands it over in base64.
#
# Expected by somebody who moves a program from one SDK to another: the member `Output` of GetConsoleOutput is the same text in
# both, because both are made from one service model. Seen: the model has a plain string, the service sends base64, and botocore
# alone has a handler that decodes it. A search for the host keys in the output finds nothing with the other SDK.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[ec2,server]==5.2.1" boto3==1.44.5
(cd "$folder" && npm install --silent --no-audit --no-fund --prefix "$folder" @aws-sdk/client-ec2@3.1169.0 >/dev/null)
port="$("$folder/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
"$folder/venv/bin/moto_server" -H 127.0.0.1 -p "$port" >/dev/null 2>&1 &
server=$!
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2 AWS_REGION=us-west-2
export AWS_ENDPOINT_URL="http://127.0.0.1:$port"
for _ in $(seq 100); do
  curl --silent --output /dev/null "$AWS_ENDPOINT_URL" && break
  sleep 0.2
done
instance="$("$folder/venv/bin/python" - <<'PYTHON'
import sys

import boto3
import botocore

ec2 = boto3.client("ec2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
launched = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
instance = launched["Instances"][0]["InstanceId"]
output = ec2.get_console_output(InstanceId=instance)["Output"]
print("botocore", botocore.__version__, "begins with", repr(output[:20]), file=sys.stderr)
assert output.startswith("Linux version"), output[:40]
print(instance)
PYTHON
)"
cat >"$folder/look.mjs" <<'SCRIPT'
import { readFileSync } from "node:fs";
import { EC2Client, GetConsoleOutputCommand } from "@aws-sdk/client-ec2";

const { version } = JSON.parse(readFileSync(new URL("node_modules/@aws-sdk/client-ec2/package.json", import.meta.url)));
const { Output } = await new EC2Client({}).send(new GetConsoleOutputCommand({ InstanceId: process.argv[2] }));
console.log(`@aws-sdk/client-ec2 ${version} begins with '${Output.slice(0, 20)}'`);
const decoded = Buffer.from(Output, "base64").toString();
if (Output.startsWith("Linux version") || !decoded.startsWith("Linux version")) {
  process.exit(1);
}
SCRIPT
node "$folder/look.mjs" "$instance"
