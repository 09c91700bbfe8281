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
# Services let tasks use more than they reserve.
ABOVE_HUNDRED = ["AWS/ECS"]
# A copy that does not follow has the lag -1.
NEGATIVE = re.compile("Lag")
PERCENT = re.compile("Percent|%$|(CPU|Memory|Capacity|Instance|Volume)Utilization$|^BurstBalance$|^CacheHitRate$")


def version(package):
    return json.loads((package / "package.json").read_text())["version"].lstrip("v")


def of_service_spec(package, metrics, dimensions):
    database = json.loads(gzip.decompress((package / "db.json.gz").read_bytes()))["schema"]
    sets = {found["$id"]: found["dimensions"] for found in database["dimensionSet"]["entities"]}
    used = database["usesDimensionSet"]["forward"]
    for metric in database["metric"]["entities"]:
        metrics[metric["namespace"]].add(metric["name"])
        for one in used.get(metric["$id"], []):
            dimensions[metric["namespace"]].update(part["name"] for part in sets[one["$id"]])


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
    metrics, dimensions = defaultdict(set), defaultdict(set)
    of_service_spec(spec, metrics, dimensions)
    of_awsx(awsx, metrics, dimensions)

    print(head("metrics.py", f"@aws-cdk/aws-service-spec {version(spec)}", f"@pulumi/awsx {version(awsx)}"))
    for namespace, further in WHOLE.items():
        dimensions[namespace].update(further)
    print("# namespace marks dimensions metrics")
    print("# marks: `!` no metric is without a dimension, `*` these are all its dimensions, `-` neither")
    print("# before a metric: `%` it is a percentage, `~` it may be below zero")
    for namespace in sorted(metrics):
        if not namespace.startswith("AWS/") or any(" " in name for name in metrics[namespace]):
            continue
        words = []
        for name in sorted(metrics[namespace]):
            is_percent = PERCENT.search(name) and namespace not in ABOVE_HUNDRED
            words.append(("%" if is_percent else "~" if NEGATIVE.search(name) else "") + name)
        known = ",".join(sorted(name.replace(" ", "_") for name in dimensions[namespace]))
        marks = ("!" if namespace in PER_RESOURCE else "") + ("*" if namespace in WHOLE else "")
        print(namespace, marks or "-", known or "-", *words)


main()
