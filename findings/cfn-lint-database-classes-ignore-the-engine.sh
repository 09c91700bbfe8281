#!/usr/bin/env bash
# In cfn-lint 1.58.0 the DB instance classes of an engine version are the same for every engine.
#
# Expected of db_instance_class.json, whose conditions name an engine and a version each: the classes that this engine
# has in this version. Seen: 14 engines times 70 versions, each version with one list, also where an engine never had the
# version (MySQL 18.1). Versions that PostgreSQL and Aurora PostgreSQL share list `db.serverless`, which only Aurora has.
# Who makes a table of classes from it has to intersect it with the classes that dbinstanceclass_enum.json has for the
# engine.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
from collections import defaultdict
from pathlib import Path

import cfnlint

print("cfn-lint", cfnlint.version.__version__)
folder = Path(cfnlint.__file__).parent / "data" / "schemas" / "extensions" / "aws_rds_dbinstance"
classes = defaultdict(dict)
for rule in json.loads((folder / "db_instance_class.json").read_text())["allOf"]:
    condition = rule["if"]["properties"]
    listed = frozenset(rule["then"]["properties"]["DBInstanceClass"]["enum"])
    classes[condition["EngineVersion"]["pattern"]][condition["Engine"]["const"]] = listed

engines = {engine for of_version in classes.values() for engine in of_version}
print(len(classes), "versions,", len(engines), "engines:", *sorted(engines))
assert all(set(of_version) == engines for of_version in classes.values())
assert all(len(set(of_version.values())) == 1 for of_version in classes.values())
version = next(pattern for pattern in classes if pattern.endswith("|18\\.1)$"))
print("mysql", version, "has", len(classes[version]["mysql"]), "classes")

regional = json.loads((folder / "dbinstanceclass_enum.json").read_text())["us-east-1"]["allOf"]
postgres = set()
for rule in regional:
    if rule["if"]["properties"]["Engine"]["const"] == "postgres":
        postgres.update(rule["then"]["properties"]["DBInstanceClass"]["enum"])
version = next(pattern for pattern in classes if pattern.endswith("|16\\.13)$"))
print("postgres", version, "has db.serverless, and in us-east-1:", "db.serverless" in postgres)
assert "db.serverless" in classes[version]["postgres"] and "db.serverless" not in postgres
PYTHON
