"""Writes the engines of databases, caches and search domains with their versions, and the classes and node types with the
regions that offer them, to standard output.

Versions of RDS and ElastiCache, classes and node types are read from cfn-lint. Versions of Oracle and of search domains,
and further ones that AWS gives to nobody new, are read from `aws-cdk-lib`, whose package lies unpacked in the folder of
the first argument. Neither knows when AWS's support of a version ends: those dates are kept here, with their sources.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from facts import head, package

SCHEMAS = package("cfnlint") / "data" / "schemas" / "extensions"

# The last days of standard support: "Amazon RDS for PostgreSQL release calendar", "Amazon RDS for MySQL release calendar"
# and "Aurora PostgreSQL release calendar", "Amazon ElastiCache Extended Support for Redis OSS" and "Supported versions of
# OpenSearch Service", read in November 2026. A version stands for all below it.
SUPPORT_ENDS = {
    "postgres": {
        "9": "2022-02-16", "10": "2023-04-17", "11": "2024-02-29", "12": "2025-02-28", "13": "2026-02-28",
        "14": "2027-02-28", "15": "2028-02-29", "16": "2029-02-28", "17": "2030-02-28",
    },
    "aurora-postgresql": {
        "11": "2024-02-29", "12": "2025-02-28", "13": "2026-02-28", "14": "2027-02-28", "15": "2028-02-29",
        "16": "2029-02-28", "17": "2030-02-28",
    },
    "mysql": {"5.7": "2024-02-29", "8.0": "2026-07-31", "8.4": "2029-07-31"},
    "aurora-mysql": {"5.7": "2024-10-31", "8.0": "2028-04-30"},
    "redis": {"4": "2026-01-31", "5": "2026-01-31", "6": "2027-01-31"},
    "Elasticsearch": {
        **{version: "2025-11-07" for version in ["1.5", "2.3", "5.1", "5.3", "5.5", "5.6"]},
        **{version: "2025-11-07" for version in ["6.0", "6.2", "6.3", "6.4", "6.5", "6.7", "7.1", "7.4", "7.7", "7.8"]},
    },
    "OpenSearch": {version: "2025-11-07" for version in ["1.0", "1.1", "1.2", "2.3", "2.5", "2.7", "2.9"]},
}  # fmt: skip


# The engines of each class of constants.
CONSTANTS = {
    "MariaDb": ["mariadb"],
    "Mysql": ["mysql"],
    "Postgres": ["postgres"],
    "OracleLegacy": [],
    "Oracle": ["oracle-ee", "oracle-ee-cdb", "oracle-se2", "oracle-se2-cdb"],
    "SqlServer": [],
}


def schema(folder, name):
    return json.loads((SCHEMAS / folder / f"{name}.json").read_text())


def numeric(version):
    """A key that orders 3.9 before 3.10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|[a-z]+", version)]


def by_engine(rules, wanted):
    """The values of property `wanted` that rules of cfn-lint allow, by the engine of their condition."""
    found = defaultdict(set)
    for rule in rules["allOf"]:
        condition = rule["if"]["properties"]
        engine = condition.get("Engine", {}).get("const")
        if engine and "enum" in rule.get("then", {}).get("properties", {}).get(wanted, {}):
            found[engine] |= set(rule["then"]["properties"][wanted]["enum"])
    return found


def deprecated(folder):
    found = defaultdict(set)
    for rule in schema(folder, "engine_version_deprecated")["allOf"]:
        condition = rule["if"]["properties"]
        found[condition["Engine"]["const"]] |= set(condition["EngineVersion"]["enum"])
    return found


def versions_of_constants(folder):
    """The versions of each engine of RDS, and those of them that are gone, from the documentation of the constants."""
    text = (Path(folder) / "aws-cdk-lib" / "aws-rds" / "lib" / "instance-engine.d.ts").read_text()
    known, gone = defaultdict(set), defaultdict(set)
    for engine_class, body in re.findall(r"export declare class (\w+)EngineVersion \{(.*?)\n\}", text, re.DOTALL):
        for comment in re.findall(r"/\*\*(.*?)\*/\s*static readonly VER_", body, re.DOTALL):
            named = re.search(r'Version "([^"]+)"(?! \(only)', comment)
            for engine in CONSTANTS[engine_class] if named else []:
                known[engine].add(named[1])
                if "@deprecated" in comment:
                    gone[engine].add(named[1])
    return known, gone


def search_versions(folder):
    """Product and number of each version, from the names of the constants: `OPENSEARCH_2_19`."""
    text = (Path(folder) / "aws-cdk-lib" / "aws-opensearchservice" / "lib" / "version.d.ts").read_text()
    found = defaultdict(set)
    for product, number in re.findall(r"static readonly (ELASTICSEARCH|OPENSEARCH)_(\d+_\d+):", text):
        found[{"ELASTICSEARCH": "Elasticsearch", "OPENSEARCH": "OpenSearch"}[product]].add(number.replace("_", "."))
    return found


def versions(folder):
    gone = defaultdict(set)
    known = defaultdict(set)
    for schemas in ["aws_rds_dbinstance", "aws_rds_dbcluster"]:
        for engine, found in by_engine(schema(schemas, "engine_version"), "EngineVersion").items():
            known[engine] |= found
        for engine, found in deprecated(schemas).items():
            gone[engine] |= found
    for engine, found in by_engine(schema("aws_elasticache_cachecluster", "engine_version"), "EngineVersion").items():
        known[engine] |= found
    for engine, found in search_versions(folder).items():
        known[engine] |= found
    constants, gone_constants = versions_of_constants(folder)
    for engine, found in constants.items():
        # cfn-lint is newer: a constant that it does not have is gone, where it knows the engine at all.
        known[engine] |= found if not known[engine] else set()
        gone[engine] |= gone_constants[engine]
    # A major version alone is no version: AWS takes it for the newest of it.
    for engine, found in known.items():
        prefixes = {v for v in found if any(other.startswith(f"{v}.") for other in found)}
        yield engine, sorted(found - prefixes, key=numeric), gone[engine]


def offered():
    """The regions of each class of databases by engine, and of each node type of caches and search domains."""
    places = defaultdict(lambda: defaultdict(set))
    for region, rules in schema("aws_rds_dbinstance", "dbinstanceclass_enum").items():
        if isinstance(rules, dict):
            for engine, classes in by_engine(rules, "DBInstanceClass").items():
                for name in classes:
                    places[name][engine].add(region)
    for folder, name in [
        ("aws_elasticache_cachecluster", "cachenodetype_enum"),
        ("aws_opensearchservice_domain", "clusterconfig_instancetype_enum"),
    ]:
        for region, types in schema(folder, name).items():
            if isinstance(types, dict):
                for each in types["enum"]:
                    places[each][""].add(region)
    return places


def main():
    places = offered()
    regions = sorted({region for by in places.values() for found in by.values() for region in found})
    lines = []
    for engine, known, gone in versions(sys.argv[1]):
        lines.append(f"{engine} " + " ".join(f"{v}!" if v in gone else v for v in known))
        ends = SUPPORT_ENDS.get(engine, {})
        if ends:
            lines.append(f"{engine}/ends " + " ".join(f"{v}={day}" for v, day in ends.items()))
    for name, engines in places.items():
        alike = defaultdict(list)
        for engine, found in engines.items():
            bits = sum(1 << at for at, region in enumerate(regions) if region in found)
            alike[f"{bits:x}"].append(engine)
        lines.append(f"{name} " + " ".join(f"{bits}:{','.join(sorted(e))}".rstrip(":") for bits, e in sorted(alike.items())))
    print(head("engines.py", "cfn-lint", "aws-cdk-lib 2.276.0"))
    print("# engine versions, the oldest first; `!` after those that AWS gives to nobody who has not got them")
    print("# engine/ends the last day of standard support of what begins with a version, where it is known")
    print("# class regions:engines …   node-type regions; a bit for each of these regions, the lowest first, in hexadecimal digits")
    print(f"# {' '.join(regions)}")
    print("\n".join(sorted(lines, key=lambda line: line.split(" ")[0])))


main()
