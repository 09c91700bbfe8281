"""Writes AWS's managed policies, a path with its policies a line, to standard output. They are those of moto."""

import json
import runpy
from collections import defaultdict

from facts import head, package


def main():
    data = runpy.run_path(str(package("moto") / "iam" / "aws_managed_policies.py"))["aws_managed_policies_data"]
    paths = defaultdict(list)
    for name, found in json.loads(data).items():
        statements = found["Document"]["Statement"]
        denies = any(one["Effect"] == "Deny" for one in (statements if isinstance(statements, list) else [statements]))
        paths[found["Path"]].append(name + ("!" if denies else ""))
    print(head("managed_policies.py", "moto"))
    print("# path policies; `!` after a policy: it denies something too")
    for path in sorted(paths):
        print(path, *sorted(paths[path]))


main()
