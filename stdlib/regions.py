"""Writes the regions of every partition of AWS with the letters of their zones to standard output.

The regions are those of botocore's `partitions.json`: `endpoints.json`, which `get_available_regions` reads, lacks some.
"""

import json

from facts import head, package

# The zones that a new account sees, where they are not a, b and c. No package has them; the zones of a live account win.
ZONES = {
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
    "cn-north-1": "abd",
    "us-east-1": "abcdf",
    "us-west-1": "ac",
    "us-west-2": "abcd",
}


def main():
    partitions = json.loads((package("botocore") / "data" / "partitions.json").read_text())["partitions"]
    regions = {region for partition in partitions for region in partition["regions"]}
    print(head("regions.py", "botocore"))
    for region in sorted(regions):
        # `aws-global` and the like are the homes of services without a region.
        if not region.endswith("-global"):
            print(region, ZONES.get(region, "abc"))


main()
