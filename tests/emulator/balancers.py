"""What moto gets wrong of load balancers, mended: see `moto_server.py`."""

from moto.ec2.models import ec2_backends
from moto.elb.exceptions import DuplicateListenerError, ELBClientError, LoadBalancerNotFoundError, PolicyNotFoundError
from moto.elb.models import ELBBackend, FakeHealthCheck, FakeListener, LoadBalancer
from moto.elb.policies import AppCookieStickinessPolicy, LbCookieStickinessPolicy, OtherPolicy
from moto.elbv2.exceptions import DuplicateListenerError as DuplicateListener
from moto.elbv2.exceptions import DuplicateLoadBalancerName, TooManyTagsError
from moto.elbv2.models import ELBv2Backend
from moto.moto_api._internal import mock_random

add_app_cookie = ELBBackend.create_app_cookie_stickiness_policy
add_balancer_cookie = ELBBackend.create_lb_cookie_stickiness_policy
attach = ELBBackend.attach_load_balancer_to_subnets
born = LoadBalancer.__init__
create_listener = ELBv2Backend.create_listener
create_classic = ELBBackend.create_load_balancer
create_newer = ELBv2Backend.create_load_balancer
delete_policy = ELBBackend.delete_load_balancer_policy
describe_policies = ELBBackend.describe_load_balancer_policies
modify_listener = ELBv2Backend.modify_listener
set_policies = ELBBackend.set_load_balancer_policies_of_listener

FIRST_POLICY = "ELBSecurityPolicy-2016-08"


def dns_name(name, scheme, region):
    """A name that only this load balancer has, and no later one that is called the same."""
    prefix = "internal-" if scheme == "internal" else ""
    return f"{prefix}{name}-{mock_random.randint(10**8, 10**9)}.{region}.elb.amazonaws.com"


def add_up_to_fifty_tags(self, resource_arns, tags):
    """Moto has the limit of ten that AWS had once."""
    for arn in resource_arns:
        self._get_resource_by_arn(arn)
        there = self.tagging_service.get_tag_dict_for_resource(arn)
        if len({*there, *(tag["Key"] for tag in tags)}) > 50:
            raise TooManyTagsError()
        self.tagging_service.tag_resource(arn, tags)


def zones_of(region_backend, subnets):
    """Zones of subnets."""
    ec2 = ec2_backends[region_backend.account_id][region_backend.region_name]
    return [ec2.get_subnet(subnet).availability_zone for subnet in subnets]


def born_with_back_sides(self, *args, **kwargs):
    """What moto does, and the protocols of the machines."""
    born(self, *args, **kwargs)
    for listener, port in zip(self.listeners, kwargs["ports"]):
        listener.back = port.get("InstanceProtocol")
        encrypt(self, listener)


def encrypt(balancer, listener):
    """Sets AWS's first security policy on a port that is encrypted."""
    if listener.protocol.upper() in ("HTTPS", "SSL"):
        if all(policy.policy_name != FIRST_POLICY for policy in balancer.policies):
            said = [{"AttributeName": "Reference-Security-Policy", "AttributeValue": FIRST_POLICY}]
            balancer.policies.append(OtherPolicy(FIRST_POLICY, "SSLNegotiationPolicyType", said))
        listener.policy_names = [FIRST_POLICY]


def create_whole(self, name, zones, ports, scheme="internet-facing", subnets=None, security_groups=None):
    """What moto does, and what AWS adds to it."""
    made = create_classic(self, name, zones, ports, scheme, subnets, security_groups)
    made.dns_name = dns_name(name, made.scheme, self.region_name)
    made.canonical_hosted_zone_name_id = "Z1H1FL5HABSF5"
    made.availability_zones = zones_of(self, made.subnets)
    made.health_check = FakeHealthCheck("5", "10", "2", "30", f"TCP:{made.listeners[0].instance_port}")
    return made


def get_or_refuse(self, load_balancer_name):
    """What moto does, but for one that is not there."""
    if load_balancer_name not in self.load_balancers:
        raise LoadBalancerNotFoundError(load_balancer_name)
    return self.load_balancers[load_balancer_name]


def open_ports(self, name, ports):
    """Opens each port, or finds it open in the same way."""
    balancer = self.get_load_balancer(name)
    for port in ports:
        made = FakeListener(port["LoadBalancerPort"], port["InstancePort"], port["Protocol"], port.get("SSLCertificateId"))
        made.back = port.get("InstanceProtocol")
        same = lambda one: (one.protocol, one.instance_port, one.instance_protocol, one.ssl_certificate_id)
        there = [one for one in balancer.listeners if int(one.load_balancer_port) == int(made.load_balancer_port)]
        if there and same(there[0]) != same(made):
            raise DuplicateListenerError(name, made.load_balancer_port)
        if not there:
            balancer.listeners.append(made)
            encrypt(balancer, made)
    return balancer


def close_ports(self, name, ports):
    """Closes each port, and leaves the others once."""
    balancer = self.get_load_balancer(name)
    closed = {int(port) for port in ports}
    balancer.listeners = [one for one in balancer.listeners if int(one.load_balancer_port) not in closed]
    return balancer


def add_new(add):
    """A policy, unless there is one of its name."""

    def add_or_refuse(self, load_balancer_name, policy_name, *rest, **named):
        balancer = self.get_load_balancer(load_balancer_name)
        if any(policy.policy_name == policy_name for policy in balancer.policies):
            raise ELBClientError("DuplicatePolicyName", f"Policy already exists for {load_balancer_name}")
        return add(self, load_balancer_name, policy_name, *rest, **named)

    return add_or_refuse


def describe_whole_policies(self, lb_name, policy_names):
    """Policies with AWS's names for their types, and with what they say."""

    def whole(policy):
        if isinstance(policy, AppCookieStickinessPolicy):
            said = [{"AttributeName": "CookieName", "AttributeValue": policy.cookie_name}]
            return OtherPolicy(policy.policy_name, "AppCookieStickinessPolicyType", said)
        if isinstance(policy, LbCookieStickinessPolicy):
            said = [{"AttributeName": "CookieExpirationPeriod", "AttributeValue": str(policy.cookie_expiration_period or 0)}]
            return OtherPolicy(policy.policy_name, "LBCookieStickinessPolicyType", said)
        return policy

    return [whole(policy) for policy in describe_policies(self, lb_name, policy_names)]


def set_known_policies(self, load_balancer_name, load_balancer_port, policies):
    """What moto does, for policies that are there."""
    known = {policy.policy_name for policy in self.get_load_balancer(load_balancer_name).policies}
    if not known.issuperset(policies):
        raise PolicyNotFoundError()
    return set_policies(self, load_balancer_name, load_balancer_port, policies)


def delete_idle_policy(self, lb_name, policy_name):
    """What moto does, for a policy that no port has."""
    if any(policy_name in listener.policy_names for listener in self.get_load_balancer(lb_name).listeners):
        raise ELBClientError("InvalidConfigurationRequest", f"Policy {policy_name} is in use")
    return delete_policy(self, lb_name, policy_name)


def attach_one_a_zone(self, load_balancer_name, subnets):
    """What moto does, for subnets of zones that it is not in."""
    balancer = self.get_load_balancer(load_balancer_name)
    zones = zones_of(self, set(balancer.subnets) | set(subnets))
    if len(zones) != len(set(zones)):
        raise ELBClientError("InvalidConfigurationRequest", "ELB cannot be attached to multiple subnets in the same AZ.")
    attach(self, load_balancer_name, subnets)
    balancer.availability_zones = zones_of(self, balancer.subnets)
    return balancer.subnets


def add_tag(self, key, value):
    """Any number of tags that the tests have."""
    self.tags[key] = value


def create_newer_whole(self, name, *args, **kwargs):
    """What moto does, for a name that is free, and what AWS adds to it."""
    if any(balancer.name == name for balancer in self.load_balancers.values()):
        raise DuplicateLoadBalancerName()
    made = create_newer(self, name, *args, **kwargs)
    made.dns_name = dns_name(name, made.scheme, self.region_name)
    if made.type == "application":
        made.attrs["idle_timeout.timeout_seconds"] = "60"
    return made


def open_once(self, load_balancer_arn, protocol, port, ssl_policy, certificate, actions, *rest, **named):
    """What moto does, for a port that is free; one that does the same already is the answer."""
    balancer = self.load_balancers.get(load_balancer_arn)
    for there in balancer.listeners.values() if balancer else ():
        if int(there.port) == int(port):
            if (there.protocol, there.certificate) == (protocol, certificate):
                return there
            raise DuplicateListener()
    return create_listener(self, load_balancer_arn, protocol, port, ssl_policy, certificate, actions, *rest, **named)


def modify_any_listener(self, arn, port=None, protocol=None, ssl_policy=None, certificates=None, actions=None):
    """What moto does, for every protocol: one that is not encrypted loses its certificates, and another default
    certificate takes none of those for other server names away."""
    known = protocol if protocol in ("HTTP", "HTTPS", "TCP") else None
    others = list(self.describe_listener_certificates(arn)[1:])
    listener = modify_listener(self, arn, port, known, ssl_policy, certificates or [], actions)
    listener.protocol = protocol or listener.protocol
    arns = [one["CertificateArn"] for one in certificates or []]
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.certificate, listener.certificates = None, []
    elif arns:
        listener.certificate, listener.certificates = arns[0], [arns[0], *(arn for arn in others if arn != arns[0])]
    return listener


ELBBackend.attach_load_balancer_to_subnets = attach_one_a_zone
ELBBackend.create_app_cookie_stickiness_policy = add_new(add_app_cookie)
ELBBackend.create_lb_cookie_stickiness_policy = add_new(add_balancer_cookie)
ELBBackend.create_load_balancer = create_whole
ELBBackend.create_load_balancer_listeners = open_ports
ELBBackend.delete_load_balancer_listeners = close_ports
ELBBackend.delete_load_balancer_policy = delete_idle_policy
ELBBackend.describe_load_balancer_policies = describe_whole_policies
ELBBackend.get_load_balancer = get_or_refuse
ELBBackend.set_load_balancer_policies_of_listener = set_known_policies
ELBv2Backend.add_tags = add_up_to_fifty_tags
ELBv2Backend.create_listener = open_once
ELBv2Backend.create_load_balancer = create_newer_whole
ELBv2Backend.modify_listener = modify_any_listener
FakeListener.back = None
FakeListener.instance_protocol = property(lambda self: (self.back or self.protocol).upper())
LoadBalancer.__init__ = born_with_back_sides
LoadBalancer.add_tag = add_tag
