"""Writes the instance types of EC2, one a line, to standard output.

What a type can do is read from the answer of DescribeInstanceTypes that moto carries, and the regions that offer it from
cfn-lint, which also knows the previous generations (`I3100`). What AWS no longer describes is kept from the table before.
A type that only cfn-lint or the service model of botocore knows has `?` in place of what it can do.
"""

import gzip
import json
import re
from pathlib import Path

from facts import head, package

TABLE = Path(__file__).parent / "instance_types.txt"
DETAILS = package("moto") / "ec2" / "resources" / "instance_types.json.gz"
REGIONS = package("cfnlint") / "data" / "schemas" / "extensions" / "aws_ec2_instance" / "instancetype_enum.json"
PREVIOUS = package("cfnlint") / "rules" / "resources" / "PreviousGenerationInstanceType.py"
MODEL = package("botocore") / "data" / "ec2" / "2016-11-15" / "service-2.json.gz"


def details(about):
    """What a type can do."""
    network = about["NetworkInfo"]
    disks = about.get("InstanceStorageInfo", {}).get("Disks", [])
    return [
        about["VCpuInfo"]["DefaultVCpus"],
        about["MemoryInfo"]["SizeInMiB"],
        about["ProcessorInfo"]["SupportedArchitectures"][-1],
        network["MaximumNetworkInterfaces"],
        network["Ipv4AddressesPerInterface"],
        sum(disk["Count"] for disk in disks),
        ("" if "spot" in about["SupportedUsageClasses"] else "d")
        + ("" if about["EbsInfo"]["EbsOptimizedSupport"] == "unsupported" else "e"),
    ]


def details_before():
    """What the table before says that a type can do."""
    before = (line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    return {name: [*numbers, flags.strip("-p")] for name, *numbers, flags, _ in before if numbers != ["?"]}


def main():
    before = details_before()
    known = json.loads(gzip.decompress(DETAILS.read_bytes()))
    offers = {
        region: set(offered["enum"])
        for region, offered in json.loads(REGIONS.read_text()).items()
        if isinstance(offered, dict) and offered.get("enum")
    }
    regions = sorted(offers)
    model = json.loads(gzip.decompress(MODEL.read_bytes()))["shapes"]["InstanceType"]["enum"]
    previous = re.compile(re.search(r'r"(.+)", instance_type', PREVIOUS.read_text()).group(1))

    lines = [
        head("instance_types.py", "moto", "cfn-lint", "botocore"),
        "# type vCPUs MiB architecture interfaces addresses-each own-disks flags regions",
        "# flags: d no Spot Instances, e volumes can have bandwidth of their own, p previous generation, - none of them",
        "# regions: a bit for each of these, the lowest first, in hexadecimal digits",
        " ".join(["#", *regions]),
    ]
    for name in sorted(set().union(known, before, model, *offers.values())):
        *numbers, flags = details(known[name]) if name in known else before.get(name, ["?", ""])
        flags += "p" if previous.search(name) else ""
        bits = sum(1 << place for place, region in enumerate(regions) if name in offers[region])
        lines.append(" ".join(map(str, [name, *numbers, flags or "-", format(bits, "x")])))
    print(*lines, sep="\n")


main()
