#!/usr/bin/env bash
# The waiter `bucket_exists` of botocore 1.44.5 succeeds for a bucket that belongs to somebody else.
#
# Expected: after `get_waiter("bucket_exists").wait(...)`, the caller has a bucket of that name. Seen: an answer 403 counts
# as success, and so does 301, the answer for a bucket in another region. A script that creates a bucket if the waiter
# fails goes on with a bucket that it cannot use. (A local server answers 403 here; no call leaves the machine.)
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import http.server
import threading

import botocore
import botocore.session


class Forbidden(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(403)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Forbidden)
threading.Thread(target=server.serve_forever, daemon=True).start()
s3 = botocore.session.get_session().create_client(
    "s3",
    region_name="us-east-1",
    endpoint_url=f"http://127.0.0.1:{server.server_port}",
    aws_access_key_id="x",
    aws_secret_access_key="x",
)
try:
    s3.head_bucket(Bucket="somebody-elses")
    raise SystemExit("head_bucket is expected to fail")
except s3.exceptions.ClientError as error:
    print(f"botocore {botocore.__version__}: head_bucket: {error.response['Error']['Code']}")
s3.get_waiter("bucket_exists").wait(Bucket="somebody-elses", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
print("bucket_exists: success")
PYTHON
