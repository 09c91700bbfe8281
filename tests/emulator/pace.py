"""What takes its time at AWS, and is done at once by moto: see `moto_server.py`.

The parameter `/emulator/pace` of an account's Systems Manager says how long, as JSON: `looks`, the number of looks at
something before it is done, and `never`, parts of names of groups, target groups and Classic Load Balancers whose
instances never become healthy. Without the parameter only what is not checked is told from what is healthy.
"""

import json

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.elb.models import ELBBackend
from moto.elbv2.models import ELBv2Backend
from moto.ssm.models import ssm_backends

create_gateway = NatGatewayBackend.create_nat_gateway
describe_gateways = NatGatewayBackend.describe_nat_gateways
classic_health = ELBBackend.describe_instance_health
describe_groups = AutoScalingResponse.describe_auto_scaling_groups
in_group = InstanceState.__init__
target_health = ELBv2Backend.describe_target_health


class Pace:
    """How long things take in an account."""

    def __init__(self, account, region):
        parameter = ssm_backends[account][region].get_parameter("/emulator/pace")
        said = json.loads(parameter.value) if parameter else {}
        self.looks = said.get("looks", 0)
        self.never = said.get("never", [])

    def is_never(self, name):
        """Whether what has this name never becomes healthy."""
        return any(part in name for part in self.never)


def is_done(looks, key, name, pace):
    """Counts a look at something; whether that was enough of them. What is done stays so."""
    looks[key] = looks.get(key, 0) + 1
    if looks[key] > pace.looks and not pace.is_never(name):
        looks[key] = float("inf")
    return looks[key] == float("inf")


def forwards_to(action):
    """The target groups that an action of a listener forwards to."""
    groups = action.data.get("ForwardConfig", {}).get("TargetGroups", [])
    return {action.data.get("TargetGroupArn"), *(group.get("TargetGroupArn") for group in groups)}


def checked_health(self, target_group_arn, targets):
    """What moto does, but a target is unused until a listener forwards to its group, and healthy after some looks."""
    statuses = target_health(self, target_group_arn, targets)
    actions = [
        action
        for balancer in self.load_balancers.values()
        for listener in balancer.listeners.values()
        for action in [*listener.default_actions, *(a for rule in listener.rules.values() for a in rule.actions)]
    ]
    is_used = any(target_group_arn in forwards_to(action) for action in actions)
    group, pace = self.target_groups[target_group_arn], Pace(self.account_id, self.region_name)
    looks = self.__dict__.setdefault("looks", {})
    for status in statuses:
        key = target_group_arn, status.instance_id
        if status.status != "healthy":
            continue
        if not is_used:
            looks.pop(key, None)
            status.status, status.reason = "unused", "Target.NotInUse"
            status.description = "Target group is not configured to receive traffic from the load balancer"
        elif not is_done(looks, key, group.name, pace):
            is_late = pace.is_never(group.name) and looks[key] > pace.looks
            status.status = "unhealthy" if is_late else "initial"
            status.reason = "Target.ResponseCodeMismatch" if is_late else "Elb.InitialHealthChecking"
            status.description = "Health checks failed" if is_late else "Initial health checks in progress"
    return statuses


def checked_classic_health(self, lb_name, instances):
    """What moto does, but an instance is in service after some looks."""
    states, pace = classic_health(self, lb_name, instances), Pace(self.account_id, self.region_name)
    looks = self.__dict__.setdefault("looks", {})
    # A later load balancer may have the name of an earlier one.
    balancer = self.get_load_balancer(lb_name).dns_name
    for state in states:
        if state["State"] == "InService" and not is_done(looks, (balancer, state["InstanceId"]), lb_name, pace):
            state["State"] = "OutOfService"
    return states


def in_group_later(self, instance, *args, **kwargs):
    """What moto does, but an instance is pending at first."""
    in_group(self, instance, *args, **kwargs)
    group = self.auto_scaling_group
    backend = group.autoscaling_backend if group else None
    pace = Pace(backend.account_id, backend.region_name) if backend else None
    if pace and (pace.looks or pace.is_never(group.name)):
        self.lifecycle_state = "Pending"


def describe_groups_in_time(self):
    """What moto does, but an instance is in service after some looks at its group, and then behind load balancers."""
    answer, backend = describe_groups(self), self.autoscaling_backend
    pace = Pace(self.current_account, self.region)
    looks = backend.__dict__.setdefault("looks", {})
    for group in answer.result["AutoScalingGroups"]:
        pending = [state for state in group.instance_states if state.lifecycle_state == "Pending"]
        done = [state for state in pending if is_done(looks, state.instance_id, group.name, pace)]
        for state in done:
            state.lifecycle_state = "InService"
        if done:
            backend.update_attached_elbs(group.name)
            backend.update_attached_target_groups(group.name)
    return answer


def in_service(group):
    """The ids of the instances of a group that are in service."""
    return {state.instance.id for state in group.instance_states if state.lifecycle_state == "InService"}


def register_with_groups(self, group_name):
    """What moto does, for instances that are in service."""
    group = self.autoscaling_groups[group_name]
    for arn in group.target_group_arns:
        target_group = self.elbv2_backend.target_groups.get(arn)
        if target_group:
            targets = [{"Id": instance, "Port": target_group.port} for instance in sorted(in_service(group))]
            self.elbv2_backend.register_targets(arn, targets)


def register_with_classic(self, group_name):
    """What moto does, for instances that are in service."""
    group = self.autoscaling_groups[group_name]
    for name in group.load_balancer_names:
        balancer = self.elb_backend.load_balancers.get(name)
        if balancer:
            there, wanted = set(balancer.instance_ids), in_service(group)
            self.elb_backend.register_instances(name, wanted - there, from_autoscaling=True)
            self.elb_backend.deregister_instances(name, there - wanted, from_autoscaling=True)


def detach_registered(self, group_name, target_group_arns):
    """What moto does, for instances that are registered."""
    group = self.autoscaling_groups[group_name]
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]
    for arn in target_group_arns:
        registered = self.elbv2_backend.target_groups[arn].targets
        ids = [state.instance.id for state in group.instance_states]
        self.elbv2_backend.deregister_targets(arn, [{"Id": one} for one in ids if one in registered])


def detach_those_alone(self, group_name, load_balancer_names):
    """What moto does, for the load balancers that are detached; moto deregisters the instances from all of them."""
    group = self.autoscaling_groups[group_name]
    ids = {state.instance.id for state in group.instance_states}
    for name in load_balancer_names:
        if name in self.elb_backend.load_balancers:
            self.elb_backend.deregister_instances(name, ids, from_autoscaling=True)
    group.load_balancer_names = [name for name in group.load_balancer_names if name not in load_balancer_names]


def create_gateway_later(self, *args, **kwargs):
    """What moto does, but the gateway is pending at first."""
    gateway = create_gateway(self, *args, **kwargs)
    if Pace(self.account_id, self.region_name).looks:
        gateway.state = "pending"
    return gateway


def describe_gateways_in_time(self, *args, **kwargs):
    """What moto does, but a gateway is available after some looks."""
    pace, looks = Pace(self.account_id, self.region_name), self.__dict__.setdefault("looks", {})
    for gateway in self.nat_gateways.values():
        if gateway.state == "pending" and is_done(looks, gateway.id, gateway.id, pace):
            gateway.state = "available"
    return describe_gateways(self, *args, **kwargs)


def started(self):
    """The instances of a group that count as started."""
    return [state for state in self.instance_states if state.lifecycle_state in ("InService", "Pending")]


AutoScalingBackend.detach_load_balancer_target_groups = detach_registered
AutoScalingBackend.detach_load_balancers = detach_those_alone
AutoScalingBackend.update_attached_elbs = register_with_classic
AutoScalingBackend.update_attached_target_groups = register_with_groups
AutoScalingResponse.describe_auto_scaling_groups = describe_groups_in_time
FakeAutoScalingGroup.active_instances = started
ELBBackend.describe_instance_health = checked_classic_health
ELBv2Backend.describe_target_health = checked_health
InstanceState.__init__ = in_group_later
NatGatewayBackend.create_nat_gateway = create_gateway_later
NatGatewayBackend.describe_nat_gateways = describe_gateways_in_time
