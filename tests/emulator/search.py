"""What moto 5.2.1 does otherwise than OpenSearch Service.

A name that is taken is an error, nodes, zones, subnets, disks and names are what AWS accepts, and a domain in a VPC needs the
service-linked role; moto takes everything. Encryption and fine-grained access stay on, and a domain stays where it is. A change
takes a moment, in which there is no other one. A dry run writes nothing, and says how the change would be made. Domains are
upgraded; moto cannot. For tests, the tag `loopback` is the endpoint of a domain.
"""

import json
import re

from moto.core.exceptions import JsonRESTError
from moto.es import urls
from moto.iam import models as iam
from moto.opensearch.data import compatible_versions
from moto.opensearch.models import OpenSearchServiceBackend
from moto.opensearch.responses import OpenSearchServiceResponse

ROLE = "AWSServiceRoleForAmazonOpenSearchService"
OWN_DISKS = ("i3", "i4g", "i4i", "i7i", "i8g", "im4gn", "r6gd", "r7gd", "r8gd")
# What is changed without new nodes.
DYNAMIC = {"AccessPolicies", "SnapshotOptions", "LogPublishingOptions"}

iam.SERVICE_NAME_CONVERSION["opensearchservice"] = "AmazonOpenSearchService"
create_domain = OpenSearchServiceBackend.create_domain
describe_domains = OpenSearchServiceBackend.describe_domains
update_domain_config = OpenSearchServiceBackend.update_domain_config
answer_update = OpenSearchServiceResponse.update_domain_config


class Refused(JsonRESTError):
    def __init__(self, message, code="ValidationException"):
        super().__init__(code, message)


class Taken(JsonRESTError):
    code = 409

    def __init__(self, name):
        super().__init__("ResourceAlreadyExistsException", f"Domain {name} already exists")


def accept(cluster, ebs, vpc):
    """Refuses what AWS refuses of these three."""
    masters = cluster.get("DedicatedMasterCount")
    if cluster.get("DedicatedMasterEnabled") and masters not in (3, 5):
        raise Refused(f"You must choose 3 or 5 dedicated master instances, not {masters}")
    zones = 1
    if cluster.get("ZoneAwarenessEnabled"):
        zones = (cluster.get("ZoneAwarenessConfig") or {}).get("AvailabilityZoneCount", 2)
        if cluster.get("InstanceCount", 1) % zones:
            raise Refused("You must choose a number of data nodes that is a multiple of the zones")
    if vpc and len(vpc.get("SubnetIds") or []) != zones:
        raise Refused(f"You must specify exactly {zones} subnets")
    family = (cluster.get("InstanceType") or "").split(".")[0]
    if family in OWN_DISKS and (ebs or {}).get("EBSEnabled"):
        raise Refused(f"EBS storage is not supported for {family} instances")
    if family not in OWN_DISKS and not (ebs or {}).get("EBSEnabled"):
        raise Refused(f"EBS storage must be selected for {family} instances")


def create(self, domain_name, **settings):
    if domain_name in self.domains:
        raise Taken(domain_name)
    if not re.fullmatch(r"[a-z][a-z0-9\-]{2,27}", domain_name):
        raise Refused(f"Value '{domain_name}' at 'domainName' failed to satisfy constraint")
    accept(settings["cluster_config"] or {}, settings["ebs_options"], settings["vpc_options"])
    roles = iam.iam_backends[self.account_id]["aws"].roles.values()
    if settings["vpc_options"] and not any(role.name == ROLE for role in roles):
        raise Refused("Before you can proceed, you must enable a service-linked role to give Amazon ES permissions")
    domain = create_domain(self, domain_name=domain_name, **settings)
    domain.processing = True
    return domain


def describe(self, domain_names):
    """What moto does. What takes a moment is over at the next look."""
    domains = describe_domains(self, domain_names)
    for domain in domains:
        domain.seen = domain.to_dict()
        tags = {tag["Key"]: tag["Value"] for tag in self.list_tags(domain.arn)}
        if "loopback" in tags:
            domain.seen["Endpoint"] = tags["loopback"]
        if domain.processing:
            domain.seen.pop("Endpoint", None)
        domain.processing = False
    return domains


def answer_domains(self):
    domains = self.opensearch_backend.describe_domains(domain_names=self._get_param("DomainNames"))
    return json.dumps({"DomainStatusList": [domain.seen for domain in domains]})


def update(self, domain_name, **settings):
    if domain_name not in self.domains:
        raise Refused(f"Domain not found: {domain_name}", "ResourceNotFoundException")
    domain = self.domains[domain_name]
    if domain.processing:
        raise Refused("A change/update is in progress. Please wait for it to complete")
    once = ["encryption_at_rest_options", "node_to_node_encryption_options", "advanced_security_options"]
    for name in once:
        if getattr(domain, name).get("Enabled") and (settings[name] or {}).get("Enabled") is False:
            raise Refused(f"You cannot disable {name} on an existing domain")
    vpc = settings["vpc_options"]
    if vpc and not domain.vpc_options:
        raise Refused("You cannot move a public domain into a VPC")
    accept(
        settings["cluster_config"] or domain.cluster_config,
        settings["ebs_options"] or domain.ebs_options,
        vpc or domain.vpc_options,
    )
    domain = update_domain_config(self, domain_name=domain_name, **settings)
    if settings["access_policies"] == "":
        domain.access_policies = ""
    domain.processing = True
    return domain


def answer_dry_run(self):
    if not self._get_param("DryRun"):
        return answer_update(self)
    domain = self.opensearch_backend.describe_domain(self._get_param("DomainName"))
    changed = {name for name in json.loads(self.body) if name not in ("DomainName", "DryRun", "DryRunMode")}
    how = "None" if not changed else "DynamicUpdate" if changed <= DYNAMIC else "Blue/Green"
    results = {"DeploymentType": how, "Message": f"This change will be made as {how}."}
    return json.dumps({"DomainConfig": domain.to_config_dict(), "DryRunResults": results})


def upgrade_domain(self):
    name, target = self._get_param("DomainName"), self._get_param("TargetVersion")
    domain = self.opensearch_backend.describe_domain(name)
    offered = [one["TargetVersions"] for one in compatible_versions if one["SourceVersion"] == domain.engine_version.options]
    if target not in sum(offered, []):
        raise Refused(f"You cannot upgrade to {target}")
    if not self._get_param("PerformCheckOnly"):
        domain.engine_version.options = target
        domain.processing = True
    return json.dumps({"DomainName": name, "TargetVersion": target})


def describe_domain_health(self):
    health = "Red" if "red" in self.path else "Green"
    return json.dumps({"DomainState": "Active", "ClusterHealth": health})


def get_upgrade_status(self):
    return json.dumps({"UpgradeStep": "UPGRADE", "StepStatus": "SUCCEEDED"})


urls.url_paths["{0}/2021-01-01/opensearch/domain/(?P<domainname>[^/]+)/health$"] = OpenSearchServiceResponse.dispatch
OpenSearchServiceResponse.describe_domain_health = describe_domain_health
urls.url_paths["{0}/2021-01-01/opensearch/upgradeDomain$"] = OpenSearchServiceResponse.dispatch
urls.url_paths["{0}/2021-01-01/opensearch/upgradeDomain/(?P<domainname>[^/]+)/status$"] = OpenSearchServiceResponse.dispatch
OpenSearchServiceBackend.create_domain = create
OpenSearchServiceBackend.describe_domains = describe
OpenSearchServiceBackend.update_domain_config = update
OpenSearchServiceResponse.describe_domains = answer_domains
OpenSearchServiceResponse.update_domain_config = answer_dry_run
OpenSearchServiceResponse.upgrade_domain = upgrade_domain
OpenSearchServiceResponse.get_upgrade_status = get_upgrade_status
