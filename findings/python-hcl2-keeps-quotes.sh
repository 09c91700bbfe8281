#!/usr/bin/env bash
# python-hcl2 8.1.4 returns strings and quoted keys of HCL with their quotes.
#
# Expected, as HCL's specification says of quoted templates: the quotes are syntax, and the value is the text between them.
# Seen: a value that is read from a `.tfvars` file is compared with its quotes, so a test that looks for the text fails.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-hcl2==8.1.4
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import hcl2

print("python-hcl2", version("python-hcl2"))
read = hcl2.loads('name = "shop"\nids = { "dev/vpc" = "vpc-1" }\n')
print(read)
assert read["name"] == '"shop"' and read["ids"] == {'"dev/vpc"': '"vpc-1"'}, read
PYTHON
