"""Mistakes of moto 5.2.1 about machines, mended, so that it does what AWS documents.

Versions of a launch template can be deleted, all but the default one, and their numbers are never given again; moto
lacks the call, and counts.
The tags of a launch template are those it has now; moto shows for ever those it was born with.
The user data of a further version of a launch template is kept as the first one's is; moto then fails to start a machine.
A machine has the security groups of its template's interface; moto looks only at groups by name.
A machine starts with disks of its own, and with disks whose operations a second are said; moto fails.
The machines of a group are spread over its subnets; moto puts all into the first one.
A group's name is taken while the group is there; moto puts a new group in its place.
A group that has machines is deleted only by force, and its policies and scheduled actions go with it; moto always
deletes it, and keeps them.
A change of a group changes its termination policies, and leaves alone what it does not speak of; moto ignores the
policies, and forgets the choice of instance types.
A group with a share of spot instances has as many machines as are wanted; moto rounds both shares down.
The name of a scaling policy is its group's own; moto has one policy of a name.
Images belong to those who published them and have an architecture; moto lets one register images of one's own only, and
forgets the architecture. Tags that begin with `emulator:` say both, and the id of an image that a parameter names.
A deprecated image of somebody else is listed if one asks for it; moto knows no deprecation. The tag `emulator:deprecated`
says it.
An image that another account shares is there by its id, with the tags that the own account wrote; moto has only its own.
An image is as old as the tag `emulator:created` says; moto makes every image now.
"""

import copy
import datetime

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import AmiBackend
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.exceptions import InvalidLaunchTemplateVersionNotFound
from moto.ec2.responses.amis import AmisResponse
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

# Images.

describe_images = AmiBackend.describe_images
list_images = AmisResponse.describe_images


def describe_published_images(self, *args, **kwargs):
    """The images, with the owners and architectures that their tags say."""
    for image in list(self.amis.values()):
        tags = {tag["key"]: tag["value"] for tag in image.get_tags()}
        if tags.get("emulator:id", image.id) != image.id:
            del self.amis[image.id]
            image.id = tags["emulator:id"]
            self.amis[image.id] = image
        owner = tags.get("emulator:owner")
        if owner in ("amazon", "aws-marketplace"):
            image.owner_alias, image.owner_id = owner, "137112412989"
        elif owner and owner != "self":
            image.owner_id = owner
        image.architecture = tags.get("emulator:architecture", image.architecture)
        if created := tags.get("emulator:created"):
            image.creation_date = datetime.datetime.fromisoformat(created)
    return describe_visible_images(self, *args, **kwargs)


def describe_visible_images(self, ami_ids=None, *args, **kwargs):
    """What moto does, and images by id that other accounts share."""
    foreign = [image for id in ami_ids or [] if (image := shared_image(self, id))]
    others = {image.id for image in foreign}
    own = [id for id in ami_ids or [] if id not in others]
    found = describe_images(self, own, *args, **kwargs) if own or not foreign else []
    return found + foreign


def shared_image(own, id):
    """An image of another account that may start it, as this account sees it."""
    if id in own.amis:
        return None
    for backends in list(ec2_backends.values()):
        image = backends[own.region_name].amis.get(id) if own.region_name in backends else None
        if image and any(one.get("UserId") == own.account_id for one in image.launch_permissions):
            seen = copy.copy(image)
            seen.ec2_backend = own
            return seen
    return None


def describe_current_images(self):
    """What moto does, without the deprecated images of others that nobody asks for."""
    answer = list_images(self)
    if not self._get_bool_param("IncludeDeprecated"):
        images = answer.result["Images"]
        answer.result["Images"] = [image for image in images if not is_deprecated(image, self.current_account)]
    return answer


def is_deprecated(image, account):
    """Whether an image of another account is deprecated."""
    return image.owner_id != account and any(tag["key"] == "emulator:deprecated" for tag in image.get_tags())


AmiBackend.describe_images = describe_published_images
AmisResponse.describe_images = describe_current_images

# Launch templates.

LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, born_with: None)


def create_version(self, data, description):
    """A version with the next number."""
    if isinstance(data.get("UserData"), str):
        data["UserData"] = parse_user_data(data["UserData"])
    self.last_number = getattr(self, "last_number", 0) + 1
    version = LaunchTemplateVersion(self, self.last_number, data, description)
    self.versions.append(version)
    return version


def get_version(self, number):
    """A version by its number, or by what it is."""
    if str(number).lower() == "$latest":
        return self.versions[-1]
    if str(number).lower() == "$default":
        number = self.default_version_number
    for version in self.versions:
        if str(version.number) == str(number):
            return version
    raise InvalidLaunchTemplateVersionNotFound(template_id=self.id, version=number)


def delete_launch_template_versions(self):
    """The call that moto lacks."""
    template = self.ec2_backend.get_launch_template(self._get_param("LaunchTemplateId"))
    deleted, kept = [], []
    for number in self._get_param("Versions", []):
        item = {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "VersionNumber": int(number),
        }
        version = next((v for v in template.versions if str(v.number) == number), None)
        if version is None:
            error = {"Code": "launchTemplateVersionDoesNotExist", "Message": "no such version"}
            kept.append({**item, "ResponseError": error})
        elif template.is_default(version):
            error = {"Code": "unexpectedError", "Message": "the default version cannot be deleted"}
            kept.append({**item, "ResponseError": error})
        else:
            template.versions.remove(version)
            deleted.append(item)
    return ActionResult(
        {
            "SuccessfullyDeletedLaunchTemplateVersions": deleted,
            "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
        }
    )


def security_groups(self):
    """Those by name, or those of the first interface."""
    interfaces = self.data.get("NetworkInterfaces") or [{}]
    return self.data.get("SecurityGroups") or interfaces[0].get("Groups", [])


LaunchTemplate.create_version = create_version
LaunchTemplate.get_version = get_version
LaunchTemplate.default_version = lambda self: self.get_version("$Default")
LaunchTemplates.delete_launch_template_versions = delete_launch_template_versions
LaunchTemplateVersion.security_groups = property(security_groups)

# Machines.

run_instances = InstanceBackend.run_instances


def run_with_disks(self, image_id, count, user_data, security_group_names, **kwargs):
    """What moto does, given only the disks that it understands."""
    if kwargs.get("launch_template") and "block_device_mappings" not in kwargs:
        template = self._get_template_from_args(kwargs["launch_template"])
        is_known = lambda ebs: "VolumeSize" in ebs or "SnapshotId" in ebs
        disks = [disk for disk in template.data.get("BlockDeviceMappings", []) if is_known(disk.get("Ebs", {}))]
        plain = lambda ebs: {key: ebs[key] for key in ebs if key != "VolumeType"}
        if disks:
            kwargs["block_device_mappings"] = [{**disk, "Ebs": plain(disk["Ebs"])} for disk in disks]
        elif template.data.get("BlockDeviceMappings"):
            kwargs["block_device_mappings"] = []
    return run_instances(self, image_id, count, user_data, security_group_names, **kwargs)


InstanceBackend.run_instances = run_with_disks

# Groups.

create_group = AutoScalingBackend.create_auto_scaling_group
update_group = FakeAutoScalingGroup.update
set_desired = FakeAutoScalingGroup.set_desired_capacity
replace_instances = FakeAutoScalingGroup.replace_autoscaling_group_instances
update_call = AutoScalingResponse.update_auto_scaling_group


def create_new_group(self, name, *args, **kwargs):
    """What moto does, where there is none of the name."""
    if name in self.autoscaling_groups:
        raise AutoscalingClientError("AlreadyExists", f"AutoScalingGroup by this name already exists - {name}")
    return create_group(self, name, *args, **kwargs)


def delete_empty_group(self):
    """What moto does, where that may be."""
    backend, name = self.autoscaling_backend, self._get_param("AutoScalingGroupName")
    group = backend.autoscaling_groups.get(name)
    if group and group.instance_states and not self._get_bool_param("ForceDelete", False):
        raise AutoscalingClientError(
            "ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances still in the group."
        )
    backend.delete_auto_scaling_group(name)
    for parts in (backend.policies, backend.scheduled_actions):
        for key in [key for key, part in parts.items() if part.auto_scaling_group_name == name]:
            del parts[key]
    return EmptyResult()


def update_what_is_said(self, *args, **kwargs):
    """What moto does, without forgetting what the call does not speak of."""
    before = self.mixed_instances_policy
    update_group(self, *args, **kwargs)
    if not kwargs.get("launch_template") and not kwargs.get("mixed_instances_policy"):
        self.mixed_instances_policy = before


def update_with_policies(self):
    """What moto does, and then what it ignores."""
    answer = update_call(self)
    if policies := self._get_param("TerminationPolicies"):
        name = self._get_param("AutoScalingGroupName")
        self.autoscaling_backend.autoscaling_groups[name].termination_policies = policies
    return answer


def set_desired_whole(self, new_capacity):
    """What moto does for a group without shares."""
    policy, self.mixed_instances_policy = self.mixed_instances_policy, None
    try:
        set_desired(self, new_capacity)
    finally:
        self.mixed_instances_policy = policy


def replace_over_subnets(self, count_needed, propagated_tags):
    """What moto does, one machine after the other, each in the subnet that has the fewest."""
    whole = self.vpc_zone_identifier
    try:
        for _ in range(count_needed):
            if whole:
                taken = [state.instance.subnet_id for state in self.instance_states]
                self.vpc_zone_identifier = min(whole.split(","), key=taken.count)
            replace_instances(self, 1, dict(propagated_tags))
    finally:
        self.vpc_zone_identifier = whole


AutoScalingBackend.create_auto_scaling_group = create_new_group
AutoScalingResponse.delete_auto_scaling_group = delete_empty_group
FakeAutoScalingGroup.update = update_what_is_said
AutoScalingResponse.update_auto_scaling_group = update_with_policies
FakeAutoScalingGroup.set_desired_capacity = set_desired_whole
FakeAutoScalingGroup.replace_autoscaling_group_instances = replace_over_subnets

# Scaling policies.

put_policy = AutoScalingBackend.put_scaling_policy


def put_policy_of_group(self, name, *args, **kwargs):
    """What moto does, under a key that has the group's name in it."""
    policy = put_policy(self, name, *args, **kwargs)
    self.policies[(policy.auto_scaling_group_name, name)] = self.policies.pop(name)
    return policy


def delete_policy_of_group(self):
    """Deletes the policy of the group that the call names."""
    key = (self._get_param("AutoScalingGroupName"), self._get_param("PolicyName"))
    if self.autoscaling_backend.policies.pop(key, None) is None:
        raise AutoscalingClientError("ValidationError", "Scaling policy not found")
    return EmptyResult()


AutoScalingBackend.put_scaling_policy = put_policy_of_group
AutoScalingResponse.delete_policy = delete_policy_of_group

# Metrics of groups.


def switch_metrics_on(self, metrics):
    """Switches metrics on beside those that are on already."""
    self.metrics = sorted({*self.metrics, *metrics})


def switch_metrics_off(self):
    """Switches metrics off."""
    group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
    group.metrics = sorted({*group.metrics} - {*self._get_param("Metrics")})
    return EmptyResult()


AutoScalingResponse.disable_metrics_collection = switch_metrics_off
FakeAutoScalingGroup.enable_metrics_collection = switch_metrics_on

# The versions of launch templates that machines were started from.

in_group = InstanceState.__init__


def in_group_with_version(self, instance, *args, **kwargs):
    """What moto does, and which version the machine was started from."""
    in_group(self, instance, *args, **kwargs)
    template = self.auto_scaling_group.ec2_launch_template if self.auto_scaling_group else None
    if template and not hasattr(instance, "template_version"):
        version = getattr(self.auto_scaling_group, "launch_template_version", None) or "$Default"
        instance.template_version = template.get_version(version).number
    self.template = template


def launched_from(self):
    """The template of a machine, in the version that it was started from."""
    if self.template is None:
        return None
    version = str(self.instance.template_version)
    return {"LaunchTemplateId": self.template.id, "LaunchTemplateName": self.template.name, "Version": version}


InstanceState.__init__ = in_group_with_version
InstanceState.launch_template = property(launched_from)
