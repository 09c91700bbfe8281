"""What a bake meets at EC2, which moto 5.2.1 does not have: see `moto_server.py`.

An instance of a bake is reached at 127.0.0.1: moto gives it an address of somebody else.
A launch may say of a disk of its AMI only that it goes with the instance; moto wants its size.
A launch that is repeated with its token starts nothing; moto starts another instance.
What EC2 puts into the file `authorized_keys` of an instance, the key pairs of the account, is in a file of the folder that
the variable `EMULATOR_KEYS` names, called after the account.
The console of an instance tells the host keys that the tag `emulator:host-key` of its AMI says, from the second look on, as
cloud-init writes them; moto shows the console of somebody else.
An AMI and its snapshots are born with tags, its name is valid and is taken once, and it is pending for as many looks as
`/emulator/pace` says, without the ids of its snapshots; moto cannot tag the snapshots, and knows none of the rest. An AMI
whose name has a part that `never` lists fails.
"""

import os
import pathlib
import re

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.models.key_pairs import KeyPairBackend
from moto.ec2.responses.general import General
from moto.ec2.responses.instances import InstanceResponse
from pace import Pace

create_image = AmiBackend.create_image
describe_images = AmiBackend.describe_images
run_instances = InstanceBackend.run_instances
parse_disks = InstanceResponse._parse_block_device_mapping
run = InstanceResponse.run_instances
import_key_pair = KeyPairBackend.import_key_pair
delete_key_pair = KeyPairBackend.delete_key_pair
mappings = Ami.block_device_mappings


def tags_of(thing):
    """The tags of something of EC2."""
    return {tag["key"]: tag["value"] for tag in thing.get_tags()}


# Instances.


def run_once(self):
    """What moto does, once for each token."""
    token = self._get_param("ClientToken")
    known = self.ec2_backend.__dict__.setdefault("launches", {})
    if token not in known:
        answer = run(self)
        if token is None:
            return answer
        known[token] = answer
    return known[token]


def run_at_home(self, image_id, count, user_data, security_group_names, **kwargs):
    """What moto does, with an address at which tests reach the instance of a bake."""
    reservation = run_instances(self, image_id, count, user_data, security_group_names, **kwargs)
    for instance in reservation.instances:
        if "asiaq:bakery" in tags_of(instance) and instance.nics[0].public_ip:
            instance.nics[0].public_ip = "127.0.0.1"
    return reservation


def host_key(image):
    """The host key of instances of an AMI, or of the AMI that it was made from."""
    return tags_of(image).get("emulator:host-key") or getattr(image, "host_key", None)


def get_console_output(self):
    """The host keys, once the instance has had time to write them."""
    instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
    image = self.ec2_backend.amis.get(instance.image_id)
    key = host_key(image) if image else None
    looks = instance.__dict__["console_looks"] = instance.__dict__.get("console_looks", 0) + 1
    text = "[    0.000000] Linux version 6.12.0\r\n"
    if key and looks > 1:
        text += f"-----BEGIN SSH HOST KEY KEYS-----\r\n{key} root@ip-10-0-0-4\r\n-----END SSH HOST KEY KEYS-----\r\n"
    output = Base64EncodedString.from_raw_string(text) if looks > 1 else None
    return ActionResult({"InstanceId": instance.id, "Output": output})


def disks_of_its_own(self):
    """The disks that moto understands: the others are those of the AMI."""
    is_of_image = lambda disk: disk.get("Ebs") and not {"VolumeSize", "SnapshotId"} & set(disk["Ebs"])
    asked = self._get_param

    def without_those(name, *default):
        found = asked(name, *default)
        return [disk for disk in found if not is_of_image(disk)] if name == "BlockDeviceMappings" else found

    self._get_param = without_those
    try:
        return parse_disks(self)
    finally:
        del self._get_param


InstanceResponse._parse_block_device_mapping = disks_of_its_own
InstanceBackend.run_instances = run_at_home
InstanceResponse.run_instances = run_once
General.get_console_output = get_console_output

# Key pairs.


def tell_keys(backend):
    """Writes the file from which the instances of tests know the keys of the account."""
    if folder := os.environ.get("EMULATOR_KEYS"):
        keys = [pair.material_public.decode().strip() for pair in backend.key_pairs.values()]
        pathlib.Path(folder, backend.account_id).write_text("\n".join(keys) + "\n")


def import_and_tell(self, *args, **kwargs):
    """What moto does, and tells the instances."""
    pair = import_key_pair(self, *args, **kwargs)
    tell_keys(self)
    return pair


def delete_and_tell(self, *args, **kwargs):
    """What moto does; instances keep the keys that they were started with."""
    return delete_key_pair(self, *args, **kwargs)


KeyPairBackend.import_key_pair = import_and_tell
KeyPairBackend.delete_key_pair = delete_and_tell

# AMIs.

NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")


def create_tagged_image(self, instance_id, name, description, tag_specifications):
    """What moto does, with tags of the snapshots, and a name that nobody else has."""
    if not NAME.fullmatch(name):
        raise EC2ClientError("InvalidAMIName.Malformed", f"AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_': {name}")
    if any(image.name == name and image.owner_id == self.account_id for image in self.amis.values()):
        raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by an AMI")
    of_snapshots = [one["Tags"] for one in tag_specifications if one["ResourceType"] == "snapshot"]
    rest = [one for one in tag_specifications if one["ResourceType"] != "snapshot"]
    image = create_image(self, instance_id, name, description, rest)
    source = self.amis.get(self.get_instance(instance_id).image_id)
    if source:
        image.host_key = host_key(source)
        image.boot_mode, image.sriov, image.architecture = source.boot_mode, source.sriov, source.architecture
    for tag in sum(of_snapshots, []):
        image.ebs_snapshot.add_tag(tag["Key"], tag["Value"])
    pace = Pace(self.account_id, self.region_name)
    if pace.looks or pace.is_never(name):
        image.state, image.looks, image.fails = "pending", pace.looks, pace.is_never(name)
    return image


def describe_images_in_time(self, *args, **kwargs):
    """What moto does, and what is being made is made after some looks."""
    for image in self.amis.values():
        if image.state == "pending" and hasattr(image, "looks"):
            image.looks -= 1
            if image.looks < 0:
                image.state = "failed" if image.fails else "available"
    return describe_images(self, *args, **kwargs)


def mappings_in_time(self):
    """What moto shows, without the snapshot of an AMI that is being made."""
    shown = mappings.fget(self)
    if self.state == "pending":
        for mapping in shown:
            mapping["Ebs"].pop("SnapshotId", None)
    return shown


AmiBackend.create_image = create_tagged_image
AmiBackend.describe_images = describe_images_in_time
Ami.block_device_mappings = property(mappings_in_time)
