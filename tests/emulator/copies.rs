//! Copies that somebody makes of what asiaq created, with all its tags and marks: nothing happens to them.

use serde_json::Value;

use super::{World, joined};

/// Copies of every kind that is known to be one: it has another name, or lies in a network of somebody else.
const COPIES: &str = "
scaling, alarms, dns = client('autoscaling'), client('cloudwatch'), client('route53')
elb, classic, sns, logs = client('elbv2'), client('elb'), client('sns'), client('logs')

def original(prefix):
    tags = ec2.describe_tags(Filters=[{'Name': 'key', 'Values': ['asiaq:address']}])['Tags']
    return sorted(tag['ResourceId'] for tag in tags if tag['ResourceId'].startswith(prefix))[0]

def copy_tags(id):
    of = original(id.split('-')[0] + '-')
    tags = ec2.describe_tags(Filters=[{'Name': 'resource-id', 'Values': [of]}])['Tags']
    ec2.create_tags(Resources=[id], Tags=[{'Key': tag['Key'], 'Value': tag['Value']} for tag in tags])
    return id

def plain(tags):
    return [{'Key': tag['Key'], 'Value': tag['Value']} for tag in tags]

vpc = ec2.create_vpc(CidrBlock='10.200.0.0/16')['Vpc']['VpcId']
zones = [zone['ZoneName'] for zone in ec2.describe_availability_zones()['AvailabilityZones']][:2]
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.200.{n}.0/24', AvailabilityZone=zone)['Subnet']['SubnetId']
    for n, zone in enumerate(zones)
]
group = ec2.create_security_group(GroupName='theirs', Description='theirs', VpcId=vpc)['GroupId']
table = ec2.create_route_table(VpcId=vpc)['RouteTable']['RouteTableId']
ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
address = ec2.allocate_address(Domain='vpc')['AllocationId']
nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)['NatGateway']['NatGatewayId']
service = 'com.amazonaws.us-west-2.s3'
endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType='Gateway')['VpcEndpoint']['VpcEndpointId']
interface = ec2.create_network_interface(SubnetId=subnets[0])['NetworkInterface']['NetworkInterfaceId']
image = ec2.describe_images(Owners=['self'])['Images'][0]['ImageId']
data = {'ImageId': image, 'InstanceType': 't3.micro'}
template = ec2.create_launch_template(LaunchTemplateName='theirs', LaunchTemplateData=data)
template = template['LaunchTemplate']['LaunchTemplateId']
for id in [subnets[0], group, table, gateway, nat, endpoint, interface, template]:
    copy_tags(id)

ours = scaling.describe_auto_scaling_groups()['AutoScalingGroups'][0]
scaling.create_auto_scaling_group(
    AutoScalingGroupName='somebody-elses-group', LaunchTemplate={'LaunchTemplateId': template}, MinSize=1, MaxSize=1,
    VPCZoneIdentifier=subnets[0], Tags=[{**tag, 'PropagateAtLaunch': False} for tag in plain(ours['Tags'])])

def tags_of(arn):
    return plain(elb.describe_tags(ResourceArns=[arn])['TagDescriptions'][0]['Tags'])

tags = tags_of(elb.describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn'])
elb.create_load_balancer(Name='theirs', Subnets=subnets, Tags=tags)
tags = tags_of(elb.describe_target_groups()['TargetGroups'][0]['TargetGroupArn'])
elb.create_target_group(Name='theirs', Protocol='HTTP', Port=80, VpcId=vpc, Tags=tags)
name = classic.describe_load_balancers()['LoadBalancerDescriptions'][0]['LoadBalancerName']
tags = plain(classic.describe_tags(LoadBalancerNames=[name])['TagDescriptions'][0]['Tags'])
listener = {'Protocol': 'TCP', 'LoadBalancerPort': 80, 'InstancePort': 80}
classic.create_load_balancer(LoadBalancerName='theirs', Listeners=[listener], Subnets=subnets[:1], Tags=tags)
topic = sns.list_topics()['Topics'][0]['TopicArn']
sns.create_topic(Name='somebody_elses', Tags=plain(sns.list_tags_for_resource(ResourceArn=topic)['Tags']))
arn = next(g['arn'] for g in logs.describe_log_groups()['logGroups'] if '/' in g['logGroupName']).removesuffix(':*')
logs.create_log_group(logGroupName='theirs/var/log', tags=logs.list_tags_for_resource(resourceArn=arn)['tags'])

ours = next(a for a in alarms.describe_alarms()['MetricAlarms'] if '[asiaq' in a['AlarmDescription'])
kept = ['AlarmDescription', 'Namespace', 'MetricName', 'Statistic', 'Period', 'EvaluationPeriods', 'Threshold', 'ComparisonOperator']
alarms.put_metric_alarm(
    AlarmName='somebody elses alarm', Tags=plain(alarms.list_tags_for_resource(ResourceARN=ours['AlarmArn'])['Tags']),
    **{key: ours[key] for key in kept if key in ours})

for zone in dns.list_hosted_zones()['HostedZones']:
    sets = dns.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets']
    if any(s['Name'].startswith('_asiaq.') for s in sets) and not zone['Config']['PrivateZone']:
        clone = dns.create_hosted_zone(Name=zone['Name'], CallerReference='a clone')['HostedZone']['Id']
        changes = [{'Action': 'CREATE', 'ResourceRecordSet': s} for s in sets if s['Type'] not in ('NS', 'SOA')]
        dns.change_resource_record_sets(HostedZoneId=clone, ChangeBatch={'Changes': changes})
        break
";

/// What is somebody else's, as AWS shows it.
const THEIRS: &str = "
scaling, alarms, dns = client('autoscaling'), client('cloudwatch'), client('route53')
elb, classic, sns, logs = client('elbv2'), client('elb'), client('sns'), client('logs')
vpc = next(v['VpcId'] for v in ec2.describe_vpcs()['Vpcs'] if v['CidrBlock'] == '10.200.0.0/16')
inside = [{'Name': 'vpc-id', 'Values': [vpc]}]
clone = next(z['Id'] for z in dns.list_hosted_zones()['HostedZones'] if z['CallerReference'] == 'a clone')
group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=['somebody-elses-group'])['AutoScalingGroups']
result = [
    ec2.describe_subnets(Filters=inside)['Subnets'],
    ec2.describe_security_groups(Filters=inside)['SecurityGroups'],
    ec2.describe_route_tables(Filters=inside)['RouteTables'],
    ec2.describe_internet_gateways(Filters=[{'Name': 'attachment.vpc-id', 'Values': [vpc]}])['InternetGateways'],
    [(n['NatGatewayId'], n['State'], n['Tags']) for n in ec2.describe_nat_gateways(Filters=inside)['NatGateways']],
    ec2.describe_vpc_endpoints(Filters=inside)['VpcEndpoints'],
    ec2.describe_network_interfaces(Filters=inside)['NetworkInterfaces'],
    ec2.describe_launch_templates(LaunchTemplateNames=['theirs'])['LaunchTemplates'],
    [(g['DesiredCapacity'], g['MinSize'], g['Tags'], [i['InstanceId'] for i in g['Instances']]) for g in group],
    elb.describe_load_balancers(Names=['theirs'])['LoadBalancers'],
    elb.describe_target_groups(Names=['theirs'])['TargetGroups'],
    classic.describe_load_balancers(LoadBalancerNames=['theirs'])['LoadBalancerDescriptions'],
    [t for t in sns.list_topics()['Topics'] if t['TopicArn'].endswith('somebody_elses')],
    logs.describe_log_groups(logGroupNamePrefix='theirs')['logGroups'],
    alarms.describe_alarms(AlarmNames=['somebody elses alarm'])['MetricAlarms'],
    dns.list_resource_record_sets(HostedZoneId=clone)['ResourceRecordSets'],
]
";

fn theirs(world: &World) -> Value {
    world.boto(THEIRS)
}

#[test]
fn a_copy_with_another_name_or_in_another_network_is_left_alone() {
    let world = World::of_environments();
    world.apply();
    world.boto(COPIES);
    let before = theirs(&world);
    assert!(before.as_array().unwrap().iter().all(|kind| !kind.as_array().unwrap().is_empty()), "{before:#}");
    let said = world.apply();
    assert_eq!(theirs(&world), before);
    let notes = joined(&said.stdout);
    for told in [
        "`somebody-elses-group` has the tags of `ci/",
        "`somebody elses alarm` has the tags of `ci/",
        "is left alone: the tags name `",
        "is left alone: it is in `subnet-",
        "is left alone: it is in `vpc-",
    ] {
        assert!(notes.contains(told), "{told}\n{notes}");
    }
    // What the program no longer declares goes, and the copies of it stay.
    let gone = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    assert!(gone.stdout.contains("delete"), "{}", gone.stdout);
    assert_eq!(theirs(&world), before);
}

#[test]
fn a_copy_that_cannot_be_told_from_the_original_is_refused_until_that_is_settled() {
    let world = World::of_environments();
    world.apply();
    let before = world.look();
    for (prefix, create) in [
        ("eipalloc", "ec2.allocate_address(Domain='vpc')['AllocationId']"),
        (
            "dopt",
            "ec2.create_dhcp_options(DhcpConfigurations=[{'Key': 'domain-name', 'Values': ['x']}])['DhcpOptions']['DhcpOptionsId']",
        ),
        ("vpc", "ec2.create_vpc(CidrBlock='10.201.0.0/16')['Vpc']['VpcId']"),
    ] {
        let copy = world.boto(&format!(
            "tags = ec2.describe_tags(Filters=[{{'Name': 'key', 'Values': ['asiaq:address']}}])['Tags']
of = sorted(t['ResourceId'] for t in tags if t['ResourceId'].startswith('{prefix}-'))
if of:
    tags = ec2.describe_tags(Filters=[{{'Name': 'resource-id', 'Values': [of[0]]}}])['Tags']
    copy = {create}
    ec2.create_tags(Resources=[copy], Tags=[{{'Key': t['Key'], 'Value': t['Value']}} for t in tags])
    result = [of[0], copy]"
        ));
        let Some(ids) = copy.as_array() else { continue };
        for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
            let said = world.asiaq(command);
            assert_eq!(said.code, 2, "{prefix} {command:?}: {said:#?}");
            for id in ids {
                assert!(said.stderr.contains(id.as_str().unwrap()), "{id}: {}", said.stderr);
            }
            assert!(said.stderr.contains("`asiaq:project`") && said.stderr.contains("--allow data-loss"));
        }
        // Both ways out.
        let copy = ids[1].as_str().unwrap();
        if prefix == "vpc" {
            world.boto(&format!("ec2.delete_tags(Resources=['{copy}'], Tags=[{{'Key': 'asiaq:project'}}])"));
            world.assert_settled();
            world.boto(&format!("ec2.delete_vpc(VpcId='{copy}')"));
        } else {
            let said = world.asiaq(&["apply", "--yes", "--allow", "data-loss"]);
            assert_eq!(said.code, 0, "{said:#?}");
            world.assert_settled();
        }
    }
    assert_eq!(world.look(), before);
}

#[test]
fn tags_that_contradict_each_other_are_refused() {
    let world = World::of_environments();
    world.apply();
    for (env, address) in [("prod", "demo/zzz"), ("qa", "qa/../demo/x"), ("demo", "demo//x")] {
        let id = world.boto(&format!(
            "result = ec2.allocate_address(Domain='vpc')['AllocationId']
tags = {{'asiaq:project': 'shop', 'asiaq:env': '{env}', 'asiaq:address': '{address}'}}
ec2.create_tags(Resources=[result], Tags=[{{'Key': key, 'Value': value}} for key, value in tags.items()])"
        ));
        let id = id.as_str().unwrap();
        let said = world.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(id) && said.stderr.contains(address), "{}", said.stderr);
        world.boto(&format!("ec2.release_address(AllocationId='{id}')"));
    }
    world.assert_settled();
}

#[test]
fn what_an_earlier_version_marked_is_marked_anew_once() {
    let world = World::of_environments();
    world.apply();
    // As earlier versions wrote them: no name in a tag, a description or a TXT record.
    world.boto(
        "scaling, alarms, dns = client('autoscaling'), client('cloudwatch'), client('route53')
elb, sns, logs = client('elbv2'), client('sns'), client('logs')
tags = ec2.describe_tags(Filters=[{'Name': 'key', 'Values': ['asiaq:name']}])['Tags']
ec2.delete_tags(Resources=[t['ResourceId'] for t in tags], Tags=[{'Key': 'asiaq:name'}])
for group in scaling.describe_auto_scaling_groups()['AutoScalingGroups']:
    scaling.delete_tags(Tags=[{'ResourceId': group['AutoScalingGroupName'], 'ResourceType': 'auto-scaling-group', 'Key': 'asiaq:name'}])
arns = [b['LoadBalancerArn'] for b in elb.describe_load_balancers()['LoadBalancers']]
elb.remove_tags(ResourceArns=arns, TagKeys=['asiaq:name'])
for topic in sns.list_topics()['Topics']:
    sns.untag_resource(ResourceArn=topic['TopicArn'], TagKeys=['asiaq:name'])
# Scaling has alarms of its own.
for alarm in [one for one in alarms.describe_alarms()['MetricAlarms'] if '[asiaq' in one['AlarmDescription']]:
    keep = ['AlarmName', 'Namespace', 'MetricName', 'Dimensions', 'Statistic', 'ExtendedStatistic', 'Period', 'EvaluationPeriods', 'Threshold', 'ComparisonOperator', 'TreatMissingData', 'AlarmActions', 'OKActions', 'ActionsEnabled']
    said = alarm['AlarmDescription'].removesuffix(' ' + alarm['AlarmName'] + ']') + ']'
    alarms.put_metric_alarm(AlarmDescription=said, **{key: alarm[key] for key in keep if key in alarm})
for zone in dns.list_hosted_zones()['HostedZones']:
    for s in dns.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets']:
        if s['Name'].startswith('_asiaq') and s['Type'] == 'TXT':
            for value in s['ResourceRecords']:
                value['Value'] = value['Value'].replace(' zone=' + zone['Id'].split('/')[-1], '')
            dns.change_resource_record_sets(HostedZoneId=zone['Id'], ChangeBatch={'Changes': [{'Action': 'UPSERT', 'ResourceRecordSet': s}]})
",
    );
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    let changes: Vec<&str> = plan
        .stdout
        .lines()
        .filter(|line| ["  + ", "  - ", "-/+", "+/-"].iter().any(|sign| line.starts_with(sign)))
        .collect();
    assert_eq!(changes, [] as [&str; 0], "{}", plan.stdout);
    world.apply();
    let marks = world.boto(
        "alarms = client('cloudwatch').describe_alarms()['MetricAlarms']
result = [a['AlarmDescription'].endswith(' ' + a['AlarmName'] + ']') for a in alarms if '[asiaq' in a['AlarmDescription']]",
    );
    assert!(
        !marks.as_array().unwrap().is_empty() && marks.as_array().unwrap().iter().all(|is| is == true),
        "{marks}"
    );
}
