"""Writes the metrics of AWS's namespaces with their dimensions, a namespace a line, to standard output.

They are read from the database of `@aws-cdk/aws-service-spec` and from the sources of `@pulumi/awsx`, whose packages lie
unpacked in the folder of the first argument. Neither has all metrics: what is not in the table may exist.
"""

import gzip
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from facts import head

# Metrics of these namespaces exist for a resource only, never without a dimension.
PER_RESOURCE = ["AWS/AutoScaling", "AWS/Billing", "AWS/EBS", "AWS/EFS", "AWS/NATGateway", "AWS/S3", "AWS/SQS", "AWS/VPN"]
# The namespaces of which all dimensions are known, with those that neither source has (each service's user guide).
WHOLE = {
    "AWS/ApiGateway": ["DomainName"],
    "AWS/ApplicationELB": [],
    "AWS/AutoScaling": [],
    "AWS/Billing": [],
    "AWS/DynamoDB": ["OperationType", "ReceivingRegion"],
    "AWS/EBS": ["InstanceId"],
    "AWS/EC2": [],
    "AWS/ECS": ["DiscoveryName", "TargetDiscoveryName", "TaskDefinitionFamily"],
    "AWS/EFS": [],
    "AWS/ELB": [],
    "AWS/ElastiCache": ["ReplicationGroupId", "clusterId"],
    "AWS/GatewayELB": ["AvailabilityZone", "TargetGroup"],
    "AWS/Kinesis": ["ConsumerName", "ShardId"],
    "AWS/Lambda": ["EventSourceMappingUUID"],
    "AWS/NATGateway": [],
    "AWS/NetworkELB": ["TargetGroup"],
    "AWS/RDS": ["DbClusterIdentifier"],
    "AWS/Route53": ["HostedZoneId", "Region"],
    "AWS/S3": ["AccessPointName", "DataSourceARN", "DestinationBucket", "RuleId", "SourceBucket"],
    "AWS/SNS": ["Application", "Platform"],
    "AWS/SQS": [],
    "AWS/TransitGateway": ["TransitGatewayAttachment"],
    "AWS/VPN": ["TunnelIpAddress"],
}
# The namespaces of which the combinations of dimensions are known, with those that neither source has (each service's
# user guide). A metric has no data by dimensions that hold none of its combinations.
COMBINED = {
    "AWS/ApiGateway": {},
    "AWS/ApplicationELB": {
        "DroppedInvalidHeaderRequestCount": ["LoadBalancer"],
        "ForwardedInvalidHeaderRequestCount": ["LoadBalancer"],
        "GrpcRequestCount": ["LoadBalancer+TargetGroup"],
        "IPv6RequestCount": ["LoadBalancer+TargetGroup"],
    },
    "AWS/AutoScaling": {},
    "AWS/Billing": {"EstimatedCharges": ["Currency"]},
    "AWS/CloudFront": {},
    "AWS/DynamoDB": {},
    "AWS/ECS": {},
    "AWS/EFS": {},
    "AWS/GatewayELB": {},
    "AWS/Kinesis": {},
    "AWS/Lambda": {},
    "AWS/NATGateway": {},
    "AWS/NetworkELB": {},
    "AWS/S3": {},
    "AWS/SQS": {},
    "AWS/TransitGateway": {},
}
# Of these, no metric has a dimension that is in none of its combinations. Each may be of one Availability Zone.
EXACT = {"AWS/ApplicationELB": "AvailabilityZone", "AWS/NetworkELB": "AvailabilityZone", "AWS/S3": None}
# Dimensions that have one value, whichever the resource is.
FIXED = {("AWS/CloudFront", "Region"), ("AWS/S3", "AllStorageTypes")}
# Services that publish their metrics to one region (each service's user guide).
HOMES = {"AWS/Billing": "us-east-1", "AWS/CloudFront": "us-east-1", "AWS/Route53": "us-east-1"}
# What the sources of `@pulumi/awsx` say of how often a metric is published, and the seconds: at the metric, or of all
# metrics of the namespace that it does not say something else of. `d` is without detailed monitoring.
PERIODS = [("five-minute frequency only", "300"), ("1-minute frequency", "")]
PERIODS_OF_ALL = {
    "AWS/EC2": (r"each data\n[ *]*point covers the 5 minutes", "300d", None),
    "AWS/S3": (r"storage metrics for Amazon S3 are reported once per day", "86400", "StorageType"),
}
# A comment, and the metric that the function under it returns.
COMMENTED = re.compile(r'/\*\*((?:(?!\*/).)*)\*/\s+function \w+\(\w*\) \{\s+return metric\("([^"]+)"', re.DOTALL)
# Services let tasks use more than they reserve.
ABOVE_HUNDRED = ["AWS/ECS"]
# A copy that does not follow has the lag -1.
NEGATIVE = re.compile("Lag")
PERCENT = re.compile("Percent|%$|(CPU|Memory|Capacity|Instance|Volume)Utilization$|^BurstBalance$|^CacheHitRate$")


def version(package):
    return json.loads((package / "package.json").read_text())["version"].lstrip("v")


def of_service_spec(package, metrics, dimensions, combinations):
    database = json.loads(gzip.decompress((package / "db.json.gz").read_bytes()))["schema"]
    sets = {found["$id"]: found["dimensions"] for found in database["dimensionSet"]["entities"]}
    used = database["usesDimensionSet"]["forward"]
    for metric in database["metric"]["entities"]:
        metrics[metric["namespace"]].add(metric["name"])
        for one in used.get(metric["$id"], []):
            dimensions[metric["namespace"]].update(part["name"] for part in sets[one["$id"]])
            combinations[metric["namespace"], metric["name"]].add(combination(metric["namespace"], sets[one["$id"]]))


def combination(namespace, parts):
    def shown(part):
        value = part.get("value")
        is_fixed = value and not FIXED.isdisjoint({(namespace, part["name"]), (namespace, value)})
        return f"{part['name']}={value}" if is_fixed else part["name"]

    return "+".join(sorted(shown(part) for part in parts)) or "0"


def further_combinations(metrics, combinations):
    for namespace, further in COMBINED.items():
        zone = EXACT.get(namespace)
        for name in metrics[namespace]:
            known = combinations[namespace, name]
            known.update(further.get(name, []))
            if zone and known:
                known.update("+".join(sorted({zone, *one.split("+")})) for one in list(known))


def periods_of_awsx(package, metrics, combinations):
    """The seconds between two values of a metric, by namespace and name."""
    found = {}
    for namespace, (said, period, dimension) in PERIODS_OF_ALL.items():
        source = (package / namespace.removeprefix("AWS/").lower() / "metrics.js").read_text()
        text = re.sub(r"\n[ *]*", " ", source)
        if not re.search(said, source) and not re.search(said, text):
            sys.exit(f"the source of {namespace} does not say any more how often its metrics are published")
        for name in metrics[namespace]:
            if dimension is None or any(dimension in one for one in combinations[namespace, name]):
                found[namespace, name] = period
    for source in sorted(package.glob("*/metrics.js")):
        text = source.read_text()
        for comment, name in COMMENTED.findall(text):
            for namespace in re.findall(r'namespace: "([^"]+)"', text):
                for said, period in PERIODS:
                    if said in comment:
                        found[namespace.strip(), name] = period
    return found


def of_awsx(package, metrics, dimensions):
    for source in sorted(package.glob("*/metrics.js")):
        # A file may have several namespaces, each in a part of its own.
        parts = re.split(r"(?=\n *\(function \()", source.read_text())
        dims = set(re.findall(r"dimensions\.(\w+) =", source.read_text()))
        for part in parts:
            names = re.findall(r'return metric\("([^"]+)"', part)
            for namespace in {found.strip() for found in re.findall(r'namespace: "([^"]+)"', part)}:
                metrics[namespace].update(names)
                dimensions[namespace].update(dims)


def main():
    folder = Path(sys.argv[1])
    spec, awsx = folder / "aws-service-spec", folder / "awsx"
    metrics, dimensions, combinations = defaultdict(set), defaultdict(set), defaultdict(set)
    of_service_spec(spec, metrics, dimensions, combinations)
    of_awsx(awsx, metrics, dimensions)
    further_combinations(metrics, combinations)
    periods = periods_of_awsx(awsx, metrics, combinations)

    print(head("metrics.py", f"@aws-cdk/aws-service-spec {version(spec)}", f"@pulumi/awsx {version(awsx)}"))
    for namespace, further in WHOLE.items():
        dimensions[namespace].update(further)
    print("# namespace marks dimensions combinations metrics")
    print("# marks: `!` no metric is without a dimension, `*` these are all its dimensions, `=` metrics have no others than")
    print("# those of their combinations, `@` metrics are in this region only, `-` none of these")
    print("# before a metric: `%` it is a percentage, `~` it may be below zero")
    print("# after a metric: `:` its combinations of dimensions, counted from 0, and `/` the seconds between two values,")
    print("# with `d` those without detailed monitoring")
    for namespace in sorted(metrics):
        if not namespace.startswith("AWS/") or any(" " in name for name in metrics[namespace]):
            continue
        known_sets = {name: sorted(combinations[namespace, name]) for name in metrics[namespace]}
        if namespace not in COMBINED:
            known_sets = {}
        all_sets = sorted({one for sets in known_sets.values() for one in sets})
        words = []
        for name in sorted(metrics[namespace]):
            is_percent = PERCENT.search(name) and namespace not in ABOVE_HUNDRED
            word = ("%" if is_percent else "~" if NEGATIVE.search(name) else "") + name
            if known_sets.get(name):
                word += ":" + ".".join(str(all_sets.index(one)) for one in known_sets[name])
            if periods.get((namespace, name)):
                word += "/" + periods[namespace, name]
            words.append(word)
        known = ",".join(sorted(name.replace(" ", "_") for name in dimensions[namespace]))
        marks = ("!" if namespace in PER_RESOURCE else "") + ("*" if namespace in WHOLE else "")
        marks += ("=" if namespace in EXACT else "") + (f"@{HOMES[namespace]}" if namespace in HOMES else "")
        print(namespace, marks or "-", known or "-", ",".join(all_sets) or "-", *words)


main()
