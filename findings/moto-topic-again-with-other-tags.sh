#!/usr/bin/env bash
# moto 5.2.1 answers `create_topic` of a topic that exists with other tags, and keeps the old tags.
#
# Expected, as the API reference of CreateTopic says: the call returns the topic that exists only if its tags are the same,
# and else fails with InvalidParameter. Seen: success, and the new tags are nowhere. A tool that sets tags this way seems to
# work.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[sns]==5.2.1" boto3==1.44.5
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-west-2
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import moto

print("moto", moto.__version__)
with moto.mock_aws():
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="news", Tags=[{"Key": "owner", "Value": "me"}])["TopicArn"]
    again = sns.create_topic(Name="news", Tags=[{"Key": "owner", "Value": "you"}])["TopicArn"]
    tags = sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    print("same topic:", topic == again, "; tags:", tags)
    assert topic == again and tags == [{"Key": "owner", "Value": "me"}], tags
PYTHON
