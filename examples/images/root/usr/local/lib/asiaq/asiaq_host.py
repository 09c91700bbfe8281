"""What the programs of an instance have in common: its values, its metadata, its tags, and the AWS CLI.

ASIAQ_ROOT is the folder of the file system, ASIAQ_METADATA the address of the metadata service; both are for tests.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.environ.get("ASIAQ_ROOT", "").rstrip("/")
METADATA = os.environ.get("ASIAQ_METADATA", "http://169.254.169.254")
VALUE = re.compile(r'^([A-Za-z_][A-Za-z0-9_]*)="(.*)"$')


class Failure(Exception):
    """Something that a person has to know."""


class Refused(Exception):
    """A call that AWS refused, with what the AWS CLI says of it."""


def place(path):
    """A path of the instance."""
    return ROOT + path


def say(what):
    """Tells the journal."""
    print(what, file=sys.stderr, flush=True)


def main(work):
    """Runs a program, and ends with 1 where something failed."""
    try:
        work()
    except (Failure, Refused) as failure:
        say(f"error: {failure}")
        sys.exit(1)


def metadata(path, missing=None):
    """What the metadata service says, or `missing` where it has no such thing."""
    for pause in (0.2, 1, 2, 4, 8, 0):
        try:
            token = urllib.request.Request(
                f"{METADATA}/latest/api/token",
                method="PUT",
                headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"},
            )
            with urllib.request.urlopen(token, timeout=5) as answer:
                value = answer.read().decode()
            request = urllib.request.Request(
                f"{METADATA}/latest/{path}", headers={"X-aws-ec2-metadata-token": value}
            )
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return missing
            last = error
        except OSError as error:
            last = error
        time.sleep(pause)
    raise Failure(f"the metadata service does not answer: {last}")


def values():
    """The values that the instance got: those that cloud-init wrote to a file, or else its user data."""
    try:
        with open(place("/etc/asiaq.env"), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        text = metadata("user-data", "")
    found = (VALUE.match(line) for line in text.splitlines())
    return {match.group(1): match.group(2) for match in found if match}


def value(name):
    """One of the values; an absent one is empty."""
    said = values().get(name, "")
    return "" if said == "None" else said


def instance():
    """The id of this instance."""
    return metadata("meta-data/instance-id").strip()


def region():
    """Its region."""
    return metadata("meta-data/placement/region").strip()


def aws(*arguments, missing=()):
    """What the AWS CLI answers. None where AWS says one of `missing`."""
    environment = dict(os.environ, AWS_PAGER="", AWS_RETRY_MODE="standard", AWS_MAX_ATTEMPTS="5")
    environment.setdefault("AWS_DEFAULT_REGION", region())
    done = subprocess.run(
        ["aws", *arguments, "--output", "json"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode == 0:
        return json.loads(done.stdout) if done.stdout.strip() else {}
    said = done.stderr.decode(errors="replace").strip()
    if any(f"({code})" in said for code in missing):
        return None
    raise Refused(said or f"aws {arguments[0]} {arguments[1]} ended with {done.returncode}")


def tags():
    """The tags of this instance."""
    found = aws("ec2", "describe-tags", "--filters", f"Name=resource-id,Values={instance()}")
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def is_under_test(of=None):
    """Whether a deployment tests the instance, and another one serves. The tag says it; user data does not change."""
    said = (tags() if of is None else of).get("is_testing", "0")
    return said.lower() not in ("", "0", "false", "no")


def buckets():
    """The buckets with credentials, in order."""
    return value("credential_buckets").split()


def fetch(bucket, key):
    """The content of an object, and why there is none."""
    with tempfile.TemporaryDirectory(prefix="asiaq-") as folder:
        file = os.path.join(folder, "object")
        try:
            # Without permission to list a bucket, a key that is missing is AccessDenied.
            answer = aws("s3api", "get-object", "--bucket", bucket, "--key", key, file, missing=("NoSuchKey", "404"))
        except Refused as refused:
            return None, str(refused)
        if answer is None:
            return None, "there is no such key"
        with open(file, "rb") as content:
            return content.read(), ""


def replace_file(path, content, mode, owner=None):
    """Writes a file in one step."""
    folder, name = os.path.split(path)
    handle, new = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(handle, mode)
            if owner and os.geteuid() == 0:
                os.fchown(handle, *owner)
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise


def run(*words, **more):
    """Runs a program of the system, and fails with what it says."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise Failure(f"{words[0]} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
