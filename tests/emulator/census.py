"""How many of everything there are in an account, whoever made them: one line a kind.

usage: census.py REGION
"""

import sys

import boto3

region = sys.argv[1]
LISTINGS = """
ec2 describe_vpcs Vpcs
ec2 describe_subnets Subnets
ec2 describe_route_tables RouteTables
ec2 describe_security_groups SecurityGroups
ec2 describe_internet_gateways InternetGateways
ec2 describe_addresses Addresses
ec2 describe_dhcp_options DhcpOptions
ec2 describe_launch_templates LaunchTemplates
autoscaling describe_auto_scaling_groups AutoScalingGroups
autoscaling describe_policies ScalingPolicies
autoscaling describe_scheduled_actions ScheduledUpdateGroupActions
elb describe_load_balancers LoadBalancerDescriptions
elbv2 describe_load_balancers LoadBalancers
elbv2 describe_target_groups TargetGroups
cloudwatch describe_alarms MetricAlarms
sns list_topics Topics
sns list_subscriptions Subscriptions
logs describe_log_groups logGroups
logs describe_metric_filters metricFilters
route53 list_hosted_zones HostedZones
s3 list_buckets Buckets
cloudtrail describe_trails trailList
iam list_users Users
iam list_groups Groups
iam list_instance_profiles InstanceProfiles
iam list_saml_providers SAMLProviderList
rds describe_db_instances DBInstances
rds describe_db_clusters DBClusters
rds describe_db_subnet_groups DBSubnetGroups
elasticache describe_replication_groups ReplicationGroups
elasticache describe_cache_clusters CacheClusters
elasticache describe_cache_subnet_groups CacheSubnetGroups
opensearch list_domain_names DomainNames
"""
clients = {}


def client(service):
    return clients.setdefault(service, boto3.client(service, region_name=region))


for service, operation, key in (line.split() for line in LISTINGS.split("\n") if line):
    print(service, key, len(getattr(client(service), operation)()[key]))

ec2 = client("ec2")
lives = lambda things, state: sum(state(thing) not in ("deleted", "deleting", "rejected") for thing in things)
print("ec2 NatGateways", lives(ec2.describe_nat_gateways()["NatGateways"], lambda one: one["State"]))
print("ec2 VpcEndpoints", lives(ec2.describe_vpc_endpoints()["VpcEndpoints"], lambda one: one["State"]))
peerings = ec2.describe_vpc_peering_connections()["VpcPeeringConnections"]
print("ec2 VpcPeeringConnections", lives(peerings, lambda one: one["Status"]["Code"]))
machines = [one for seen in ec2.describe_instances()["Reservations"] for one in seen["Instances"]]
print("ec2 Instances", sum(one["State"]["Name"] == "running" for one in machines))
interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
print("ec2 NetworkInterfaces", sum(bool(one.get("TagSet")) and "Attachment" not in one for one in interfaces))
documents = client("ssm").list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])
print("ssm Documents", len(documents["DocumentIdentifiers"]))
groups = client("rds").describe_db_parameter_groups()["DBParameterGroups"]
print("rds DBParameterGroups", sum(not one["DBParameterGroupName"].startswith("default") for one in groups))
groups = client("rds").describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
print("rds DBClusterParameterGroups", sum(not one["DBClusterParameterGroupName"].startswith("default") for one in groups))
groups = client("elasticache").describe_cache_parameter_groups()["CacheParameterGroups"]
print("elasticache CacheParameterGroups", sum(not one["CacheParameterGroupName"].startswith("default") for one in groups))
# The table of the leases is made by the first run, and stays.
tables = client("dynamodb").list_tables()["TableNames"]
print("dynamodb Tables", sum(name != "asiaq-leases" for name in tables))
targets = client("application-autoscaling").describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
print("application-autoscaling ScalableTargets", len(targets))
# What AWS makes for its services stays.
roles = client("iam").list_roles()["Roles"]
print("iam Roles", sum(not one["Path"].startswith("/aws-service-role/") for one in roles))
print("iam Policies", len(client("iam").list_policies(Scope="Local")["Policies"]))
names = client("route53")
for zone in names.list_hosted_zones()["HostedZones"]:
    print(zone["Name"], len(names.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]))
