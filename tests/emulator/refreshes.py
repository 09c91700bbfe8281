"""Instance refreshes of Auto Scaling groups, which moto 5.2.1 has not: see `moto_server.py`.

One goes on by a step at each look at it: an instance of the wanted version is started beside the others; once it is in
service, an old one leaves. At a checkpoint nothing goes on for as many seconds as its delay says. A refresh that is rolled
back goes the same way to the version that the group had before. What `/emulator/pace` says of the group holds here too.
"""

import time
import uuid

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from pace import Pace, is_done

GOING = ("Pending", "InProgress", "RollbackInProgress")


class Refresh:
    """A refresh of a group."""

    def __init__(self, group, wanted, preferences):
        self.id, self.group, self.wanted, self.preferences = str(uuid.uuid4()), group, wanted, preferences
        self.before = version_of(group)
        self.status, self.reason, self.percent = "InProgress", "", 0
        self.passed, self.held_until = set(), 0.0
        self.size = len(group.instance_states)

    def version(self):
        """The version that it goes to."""
        return self.before if self.status == "RollbackInProgress" else version_in(self.wanted)

    def step(self):
        """Goes on by a step."""
        if self.status not in GOING or time.time() < self.held_until:
            return
        group, version = self.group, self.version()
        states = group.instance_states
        pending = [state for state in states if state.lifecycle_state == "Pending"]
        backend = group.autoscaling_backend
        pace, looks = Pace(backend.account_id, backend.region_name), backend.__dict__.setdefault("looks", {})
        for state in pending:
            if is_done(looks, state.instance_id, group.name, pace):
                state.lifecycle_state = "InService"
                register(group)
        if any(state.lifecycle_state == "Pending" for state in states):
            self.reason = "Waiting for instances to be in service."
            return
        old = [state for state in states if str(state.instance.template_version) != version]
        if len(states) > group.desired_capacity and old:
            self.leave(old[0])
            old = old[1:]
        elif old:
            self.start(version)
        done = max(0, self.size - len(old))
        self.percent = 100 if not self.size else done * 100 // self.size
        if not old and len(group.instance_states) <= group.desired_capacity:
            self.end()
            return
        # A checkpoint is reached by whole instances.
        for share in self.preferences.get("CheckpointPercentages", []):
            share = int(share)
            if self.status == "InProgress" and share < 100 and share not in self.passed and self.percent >= share:
                self.passed.add(share)
                self.held_until = time.time() + float(self.preferences.get("CheckpointDelay", 3600))

    def start(self, version):
        """Starts an instance of a version beside the others."""
        group = self.group
        kept, group.launch_template_version = group.launch_template_version, version
        try:
            group.replace_autoscaling_group_instances(1, group.get_propagated_tags())
        finally:
            group.launch_template_version = kept
        register(group)

    def leave(self, state):
        """Ends an instance, after it was taken out of the load balancers."""
        group, backend = self.group, self.group.autoscaling_backend
        for arn in group.target_group_arns:
            if state.instance.id in backend.elbv2_backend.target_groups[arn].targets:
                backend.elbv2_backend.deregister_targets(arn, [{"Id": state.instance.id}])
        group.instance_states.remove(state)
        register(group)
        backend.ec2_backend.terminate_instances([state.instance.id])

    def end(self):
        """All instances have the version: the group starts others from it too."""
        is_back = self.status == "RollbackInProgress"
        self.status = "RollbackSuccessful" if is_back else "Successful"
        self.percent, self.reason = 100, ""
        if not is_back:
            change(self.group, self.wanted)

    def shown(self):
        """It in an answer."""
        shown = {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": self.group.name,
            "Status": self.status,
            "PercentageComplete": self.percent,
            "DesiredConfiguration": self.wanted,
        }
        return {**shown, "StatusReason": self.reason} if self.reason else shown


def register(group):
    """Puts the instances in service behind the load balancers of their group."""
    group.autoscaling_backend.update_attached_elbs(group.name)
    group.autoscaling_backend.update_attached_target_groups(group.name)


def template_in(wanted):
    """The launch template in a desired configuration."""
    mixed = wanted.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    return wanted.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification") or {}


def version_in(wanted):
    """The version in a desired configuration."""
    return str(template_in(wanted).get("Version"))


def version_of(group):
    """The version that a group starts instances from."""
    return str(group.launch_template_version)


def change(group, wanted):
    """Makes a group start instances as a desired configuration says."""
    policy = wanted.get("MixedInstancesPolicy")
    if policy:
        group.mixed_instances_policy = policy
    group._set_launch_configuration("", wanted.get("LaunchTemplate") or {}, policy)


def refused(code, message):
    """The error that AWS answers."""
    return AutoscalingClientError(code, message)


def refreshes(backend, name):
    """The refreshes of a group, the newest first."""
    if name not in backend.autoscaling_groups:
        raise refused("ValidationError", f"AutoScalingGroup name not found - no such group: {name}")
    kept = backend.__dict__.setdefault("refreshes", {}).setdefault(name, [])
    # A later group may have the name of an earlier one.
    kept[:] = [one for one in kept if one.group is backend.autoscaling_groups[name]]
    return kept


def start(self):
    """Starts a refresh."""
    backend, name = self.autoscaling_backend, self._get_param("AutoScalingGroupName")
    kept = refreshes(backend, name)
    if any(one.status in GOING for one in kept):
        raise refused(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        )
    preferences, wanted = self._get_param("Preferences", {}), self._get_param("DesiredConfiguration", {})
    group = backend.autoscaling_groups[name]
    fewest, most = int(preferences.get("MinHealthyPercentage", 90)), int(preferences.get("MaxHealthyPercentage", 100))
    shares = [int(share) for share in preferences.get("CheckpointPercentages", [])]
    if shares != sorted(set(shares)) or "CheckpointDelay" in preferences and not shares or most - fewest > 100:
        raise refused("ValidationError", "The preferences of the instance refresh are invalid.")
    template = group.autoscaling_backend.ec2_backend.get_launch_template(template_in(wanted)["LaunchTemplateId"])
    if not any(str(one.number) == version_in(wanted) for one in template.versions):
        raise refused("ValidationError", "You must use a valid fully-formed launch template.")
    refresh = Refresh(group, wanted, preferences)
    kept.insert(0, refresh)
    return ActionResult({"InstanceRefreshId": refresh.id})


def describe(self):
    """The refreshes of a group, each a step further."""
    kept = refreshes(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    for one in kept:
        one.step()
    most = int(self._get_param("MaxRecords") or 50)
    return ActionResult({"InstanceRefreshes": [one.shown() for one in kept[:most]]})


def roll_back(self):
    """Puts the version before in place again."""
    kept = refreshes(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    going = [one for one in kept if one.status in ("Pending", "InProgress")]
    if not going:
        raise refused("ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found.")
    one = going[0]
    if not one.wanted or one.before in ("$Latest", "$Default"):
        raise refused("IrreversibleInstanceRefresh", "The instance refresh cannot be rolled back.")
    one.status, one.held_until = "RollbackInProgress", 0.0
    return ActionResult({"InstanceRefreshId": one.id})


AutoScalingResponse.start_instance_refresh = start
AutoScalingResponse.describe_instance_refreshes = describe
AutoScalingResponse.rollback_instance_refresh = roll_back
