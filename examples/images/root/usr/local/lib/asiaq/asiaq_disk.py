"""The additional disks of an instance."""

import os

import asiaq_host as host


def listed():
    """The lines of the list: device, folder and type of file system."""
    with open(host.place("/etc/asiaq/disks"), encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    for line in lines:
        if len(line) != 3 or line[2] not in ("ext4", "xfs"):
            raise host.Failure(f"/etc/asiaq/disks: expected DEVICE FOLDER ext4|xfs, found `{' '.join(line)}`")
    return lines


def volume(device):
    """The volume that is attached as a device; none where nothing is."""
    words = [f"Name=attachment.instance-id,Values={host.instance()}", f"Name=attachment.device,Values={device}"]
    found = host.aws("ec2", "describe-volumes", "--filters", *words)["Volumes"]
    return found[0] if found else None


def found(device):
    """The path of a device. The kernel names NVMe disks in any order; their serial number is the id of the volume."""
    names = [device, device.replace("/dev/sd", "/dev/xvd")]
    one = volume(device)
    if one:
        names.insert(0, "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + one["VolumeId"].replace("-", ""))
    paths = [host.place(name) for name in names]
    path = next((path for path in paths if os.path.exists(path)), None)
    if path is None and one:
        raise host.Failure(f"the system does not show {one['VolumeId']}, which is attached as {device}")
    return path and os.path.realpath(path)
