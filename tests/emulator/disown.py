"""Takes the marks of ownership off everything in an account, as if somebody else had made it.

usage: disown.py REGION
"""

import re
import sys

import boto3

region = sys.argv[1]
KEYS = ["asiaq:project", "asiaq:env", "asiaq:account", "asiaq:address", "asiaq:name"]
MARK = re.compile(r" ?\[asiaq [^\]]*\]$")


def client(service):
    return boto3.client(service, region_name=region)


ec2 = client("ec2")
tags = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["asiaq:address"]}])["Tags"]
for id in {tag["ResourceId"] for tag in tags}:
    ec2.delete_tags(Resources=[id], Tags=[{"Key": key} for key in KEYS])

scaling = client("autoscaling")
for group in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
    name = group["AutoScalingGroupName"]
    gone = [{"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": key} for key in KEYS]
    scaling.delete_tags(Tags=gone)

elb, classic = client("elbv2"), client("elb")
arns = [one["LoadBalancerArn"] for one in elb.describe_load_balancers()["LoadBalancers"]]
arns += [one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]]
for arn in arns:
    elb.remove_tags(ResourceArns=[arn], TagKeys=KEYS)
for one in classic.describe_load_balancers()["LoadBalancerDescriptions"]:
    gone = [{"Key": key} for key in KEYS]
    classic.remove_tags(LoadBalancerNames=[one["LoadBalancerName"]], Tags=gone)

sns, logs = client("sns"), client("logs")
for topic in sns.list_topics()["Topics"]:
    sns.untag_resource(ResourceArn=topic["TopicArn"], TagKeys=KEYS)
for group in logs.describe_log_groups()["logGroups"]:
    logs.untag_resource(resourceArn=group["arn"].removesuffix(":*"), tagKeys=KEYS)

alarms = client("cloudwatch")
for alarm in alarms.describe_alarms()["MetricAlarms"]:
    made_by_aws = ["AlarmArn", "AlarmConfigurationUpdatedTimestamp", "StateReason", "StateReasonData"]
    made_by_aws += ["StateUpdatedTimestamp", "StateValue", "StateTransitionedTimestamp", "Metrics"]
    try:
        alarms.untag_resource(ResourceARN=alarm["AlarmArn"], TagKeys=KEYS)
    except alarms.exceptions.ResourceNotFoundException:
        # That is what the emulator says of an alarm without tags.
        pass
    kept = {key: value for key, value in alarm.items() if key not in made_by_aws}
    alarms.put_metric_alarm(**{**kept, "AlarmDescription": MARK.sub("", alarm["AlarmDescription"])})

dns = client("route53")
for zone in dns.list_hosted_zones()["HostedZones"]:
    id = zone["Id"]
    dns.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=id.split("/")[-1], RemoveTagKeys=[*KEYS, "asiaq:region"]
    )

tables = client("dynamodb")
for name in tables.list_tables()["TableNames"]:
    if name != "asiaq-leases":
        arn = tables.describe_table(TableName=name)["Table"]["TableArn"]
        tables.untag_resource(ResourceArn=arn, TagKeys=KEYS)

rds = client("rds")
arns = [one["DBInstanceArn"] for one in rds.describe_db_instances()["DBInstances"]]
arns += [one["DBClusterArn"] for one in rds.describe_db_clusters()["DBClusters"]]
arns += [one["DBSubnetGroupArn"] for one in rds.describe_db_subnet_groups()["DBSubnetGroups"]]
arns += [one["DBParameterGroupArn"] for one in rds.describe_db_parameter_groups()["DBParameterGroups"]]
arns += [
    one["DBClusterParameterGroupArn"]
    for one in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
]
for arn in arns:
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=KEYS)
