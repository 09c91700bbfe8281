"""Writes the instance types of EC2, one a line, to standard output.

They are read from the answer of DescribeInstanceTypes that the pinned emulator (`tests/requirements.txt`) carries:
`make instance-types` writes them to `stdlib/instance_types.txt`.
"""

import gzip
import importlib.metadata
import json
from importlib.resources import files

SOURCE = files("moto.ec2") / "resources" / "instance_types.json.gz"


def line(name, about):
    """One type: what `compiler/src/library/instances.rs` reads."""
    network, ebs = about["NetworkInfo"], about["EbsInfo"]
    disks = about.get("InstanceStorageInfo", {}).get("Disks", [])
    return " ".join(
        str(part)
        for part in (
            name,
            about["VCpuInfo"]["DefaultVCpus"],
            about["MemoryInfo"]["SizeInMiB"],
            about["ProcessorInfo"]["SupportedArchitectures"][-1],
            network["MaximumNetworkInterfaces"],
            network["Ipv4AddressesPerInterface"],
            sum(disk["Count"] for disk in disks),
            ebs["EbsOptimizedSupport"],
            "current" if about["CurrentGeneration"] else "previous",
        )
    )


def main():
    types = json.loads(gzip.decompress(SOURCE.read_bytes()))
    print(f"# Made by instance_types.py from moto {importlib.metadata.version('moto')}.")
    print("# type vCPUs MiB architecture interfaces addresses-each own-disks ebs-optimized generation")
    for name in sorted(types):
        print(line(name, types[name]))


main()
