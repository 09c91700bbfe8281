//! `asiaq show`: what it says is what is in the account, seen with boto3; and nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Assigned, Kind, ScopeKind};
use serde_json::Value;

use super::moto;
use super::proxy::Proxy;
use super::{Said, World};

/// What boto3 knows of each of the project's resources: by the name of its address, and of what.
const SEEN: &str = "
seen = {}
def put(tags, **values):
    tags = {tag['Key']: tag['Value'] for tag in tags}
    if tags.get('asiaq:project') == 'shop':
        seen[tags['asiaq:address']] = values

for vpc in ec2.describe_vpcs()['Vpcs']:
    put(vpc.get('Tags', []), id=vpc['VpcId'], cidr=vpc['CidrBlock'])
for subnet in ec2.describe_subnets()['Subnets']:
    put(subnet.get('Tags', []), id=subnet['SubnetId'], cidr=subnet['CidrBlock'], zone=subnet['AvailabilityZone'])
for group in ec2.describe_security_groups()['SecurityGroups']:
    put(group.get('Tags', []), id=group['GroupId'], name=group['GroupName'])
for gateway in ec2.describe_internet_gateways()['InternetGateways']:
    put(gateway.get('Tags', []), id=gateway['InternetGatewayId'])
for table in ec2.describe_route_tables()['RouteTables']:
    put(table.get('Tags', []), id=table['RouteTableId'])
for endpoint in ec2.describe_vpc_endpoints()['VpcEndpoints']:
    put(endpoint.get('Tags', []), id=endpoint['VpcEndpointId'], service='s3')
for peering in ec2.describe_vpc_peering_connections()['VpcPeeringConnections']:
    put(peering.get('Tags', []), id=peering['VpcPeeringConnectionId'])
for address in ec2.describe_addresses()['Addresses']:
    put(address.get('Tags', []), id=address['AllocationId'], public_ip=address['PublicIp'])
for nat in ec2.describe_nat_gateways()['NatGateways']:
    main = nat['NatGatewayAddresses'][0]
    put(nat.get('Tags', []), id=nat['NatGatewayId'], public_ip=main['PublicIp'], private_ip=main['PrivateIp'])
for interface in ec2.describe_network_interfaces()['NetworkInterfaces']:
    put(interface.get('TagSet', []), id=interface['NetworkInterfaceId'], address=interface['PrivateIpAddress'])
for template in ec2.describe_launch_templates()['LaunchTemplates']:
    put(template.get('Tags', []), id=template['LaunchTemplateId'], name=template['LaunchTemplateName'])
elb, classic, scaling, dns = client('elbv2'), client('elb'), client('autoscaling'), client('route53')
for one in elb.describe_load_balancers()['LoadBalancers']:
    arn = one['LoadBalancerArn']
    put(elb.describe_tags(ResourceArns=[arn])['TagDescriptions'][0]['Tags'], id=arn, arn=arn,
        name=one['LoadBalancerName'], dns_name=one['DNSName'], dns_zone=one['CanonicalHostedZoneId'])
for one in elb.describe_target_groups()['TargetGroups']:
    arn = one['TargetGroupArn']
    put(elb.describe_tags(ResourceArns=[arn])['TagDescriptions'][0]['Tags'], id=arn, arn=arn, name=one['TargetGroupName'])
for one in classic.describe_load_balancers()['LoadBalancerDescriptions']:
    name = one['LoadBalancerName']
    put(classic.describe_tags(LoadBalancerNames=[name])['TagDescriptions'][0]['Tags'], id=name,
        dns_name=one['DNSName'], dns_zone=one['CanonicalHostedZoneNameID'])
for group in scaling.describe_auto_scaling_groups()['AutoScalingGroups']:
    put(group['Tags'], id=group['AutoScalingGroupName'], arn=group['AutoScalingGroupARN'],
        instances=sorted(one['InstanceId'] for one in group['Instances']))
for zone in dns.list_hosted_zones()['HostedZones']:
    id = zone['Id'].rsplit('/')[-1]
    tags = dns.list_tags_for_resource(ResourceType='hostedzone', ResourceId=id)['ResourceTagSet']['Tags']
    values = {'id': id, 'arn': f'arn:aws:route53:::hostedzone/{id}', 'domain': zone['Name'].rstrip('.')}
    if not zone['Config']['PrivateZone']:
        values['name_servers'] = sorted(dns.get_hosted_zone(Id=id)['DelegationSet']['NameServers'])
    put(tags, **values)
result = seen
";

const PROGRAM: &str = "project shop { region = us-west-2 }

env dev {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork app {}
  zone world { domain = \"dev.shop.example\" }
}
env prod {
  cidr  = 10.1.0.0/20
  zones = 1
  metanetwork app {}
  metanetwork it-s {}
}
";

/// The output of `show --format json`.
fn shown(world: &World, arguments: &[&str]) -> (Said, Vec<Value>) {
    let said = world.asiaq(&[&["show", "--format", "json"], arguments].concat());
    let data: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:#?}"));
    let Value::Array(resources) = data["resources"].clone() else { panic!("{said:#?}") };
    (said, resources)
}

fn addresses(resources: &[Value], state: &str) -> Vec<String> {
    let those = resources.iter().filter(|one| one["state"] == state);
    those.map(|one| one["address"].as_str().unwrap().to_owned()).collect()
}

/// Shows the first resource of each kind by itself.
fn each_kind_alone_is_shown_the_same_with_fewer_calls(world: &World, resources: &[Value]) {
    let proxy = Proxy::start(moto::endpoint());
    let calls = |arguments: &[&str]| {
        proxy.clear();
        let said = world.asiaq_through(&proxy, &[&["show", "--format", "json"], arguments].concat());
        assert_eq!(said.code, 0, "{arguments:?}: {said:#?}");
        let data: Value = serde_json::from_str(&said.stdout).unwrap();
        (data["resources"].clone(), proxy.calls().len())
    };
    let (_, all) = calls(&[]);
    let kinds: BTreeSet<&str> = resources.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    for kind in kinds {
        let one = resources.iter().find(|one| one["kind"] == kind).unwrap();
        let (alone, few) = calls(&[one["address"].as_str().unwrap()]);
        assert_eq!(alone, serde_json::json!([one]));
        assert!(few * 2 < all, "{few} calls for a {kind}, {all} for everything");
    }
}

/// Each kind shows what it declares, and boto3 has been asked of each that has tags.
fn each_kind_shows_what_it_declares<'k>(
    kinds: impl Iterator<Item = &'k Kind>,
    resources: &[Value],
    seen: &serde_json::Map<String, Value>,
) {
    let unseen = ["alarm", "dhcp-options", "log-group", "record-set", "topic", "vpn-attachment"];
    for kind in kinds {
        let of_kind: Vec<&Value> = resources.iter().filter(|one| one["kind"] == kind.name()).collect();
        assert!(!of_kind.is_empty(), "{kind:?}");
        let declared =
            kind.outputs().assigned.iter().filter(|what| **what != Assigned::Arn).map(|what| what.name());
        for what in declared.chain(kind.outputs().fields.iter().copied()) {
            // Only an interface that has an Elastic IP address has a public one; a private zone has no name servers.
            let is_rare = (*kind == Kind::NetworkInterface && what == "public_ip")
                || (*kind == Kind::HostedZone && what == "name_servers");
            let is_there = of_kind.iter().any(|one| !one["values"][what].is_null());
            assert!(is_there || is_rare, "{what} of {kind:?}: {of_kind:#?}");
        }
        let is_part = ["ingress-rules", "smoke-test"].contains(&kind.name());
        if !is_part && *kind != Kind::RecordSet {
            assert!(
                of_kind.iter().all(|one| one["arn"].as_str().is_some_and(|arn| arn.starts_with("arn:aws:")))
            );
            assert!(of_kind.iter().all(|one| one["console"].is_string()), "{of_kind:#?}");
        }
        let is_seen = of_kind.iter().any(|one| seen.contains_key(one["address"].as_str().unwrap()));
        assert!(is_seen || is_part || unseen.contains(&kind.name()), "{kind:?}");
    }
}

/// What boto3 knows of what keeps data.
const DATA_SEEN: &str = "
seen = {}
def put(tags, **values):
    tags = {tag['Key']: tag['Value'] for tag in tags}
    if tags.get('asiaq:project') == 'shop':
        seen[tags['asiaq:address']] = values

rds, cache, es, tables = client('rds'), client('elasticache'), client('opensearch'), client('dynamodb')
for one in rds.describe_db_instances()['DBInstances']:
    own = {'engine': one['Engine'], 'version': one['EngineVersion'], 'dns_name': one['Endpoint']['Address']}
    if one.get('DBClusterIdentifier'):
        own = {'class': one['DBInstanceClass']}
    put(one['TagList'], id=one['DBInstanceIdentifier'], arn=one['DBInstanceArn'], **own)
for kind in ('DBSubnetGroup', 'DBParameterGroup'):
    groups = rds.describe_db_subnet_groups if kind == 'DBSubnetGroup' else rds.describe_db_parameter_groups
    for one in groups()[kind + 's']:
        arn = one[kind + 'Arn']
        put(rds.list_tags_for_resource(ResourceName=arn)['TagList'], id=one[kind + 'Name'], arn=arn)
for one in rds.describe_db_clusters()['DBClusters']:
    put(one['TagList'], id=one['DBClusterIdentifier'], arn=one['DBClusterArn'], dns_name=one['Endpoint'])
for one in rds.describe_db_cluster_parameter_groups()['DBClusterParameterGroups']:
    arn = one['DBClusterParameterGroupArn']
    put(rds.list_tags_for_resource(ResourceName=arn)['TagList'], id=one['DBClusterParameterGroupName'], arn=arn)
tags = lambda arn: cache.list_tags_for_resource(ResourceName=arn)['TagList']
for one in cache.describe_replication_groups()['ReplicationGroups']:
    put(tags(one['ARN']), id=one['ReplicationGroupId'], arn=one['ARN'], description=one['Description'])
for one in cache.describe_cache_clusters()['CacheClusters']:
    if not one.get('ReplicationGroupId'):
        put(tags(one['ARN']), id=one['CacheClusterId'], arn=one['ARN'], version=one['EngineVersion'])
for one in cache.describe_cache_subnet_groups()['CacheSubnetGroups']:
    put(tags(one['ARN']), id=one['CacheSubnetGroupName'], arn=one['ARN'])
for one in cache.describe_cache_parameter_groups()['CacheParameterGroups']:
    if not one['CacheParameterGroupName'].startswith('default.'):
        put(tags(one['ARN']), id=one['CacheParameterGroupName'], arn=one['ARN'])
for name in es.list_domain_names()['DomainNames']:
    one = es.describe_domain(DomainName=name['DomainName'])['DomainStatus']
    put(es.list_tags(ARN=one['ARN'])['TagList'], arn=one['ARN'], name=one['DomainName'], version=one['EngineVersion'])
for name in tables.list_tables()['TableNames']:
    one = tables.describe_table(TableName=name)['Table']
    put(tables.list_tags_of_resource(ResourceArn=one['TableArn'])['Tags'], id=name, arn=one['TableArn'], name=name)
result = seen
";

const DATA: &str = r#"project shop { region = us-west-2 }

env ci {
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork intranet {
    ingress = [tcp [443, 5432, 6379, 11211] from intranet]
  }
  database orders {
    engine     = postgres
    version    = "18.6"
    class      = db.m7g.large
    storage    = 100GB
    parameters = { log_min_duration_statement = "500" }
  }
  database people {
    engine  = aurora_postgresql
    version = "16.6"
    class   = db.r7g.large
  }
  cache sessions {
    engine     = valkey
    version    = "8.0"
    type       = cache.t4g.small
    parameters = { maxmemory-policy = "allkeys-lru" }
  }
  cache pages {
    engine  = memcached
    version = "1.6.22"
    type    = cache.t4g.small
  }
  search logs {
    version = "OpenSearch_2.19"
    type    = m7g.large.search
    storage = 20GB
    allowed = [203.0.113.0/24]
  }
  table users { key = "id" }
}
"#;

/// The kinds that keep data, but for operators, which have a test of their own.
fn kinds_of_data() -> impl Iterator<Item = &'static Kind> {
    Kind::ALL.iter().filter(|kind| kind.has_own_service() && **kind != Kind::Operator)
}

#[test]
fn what_is_shown_of_what_keeps_data_is_what_boto_sees() {
    let world = World::new(DATA);
    world.apply();
    let Value::Object(seen) = world.boto(DATA_SEEN) else { panic!("no object") };
    let (said, resources) = shown(&world, &[]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(addresses(&resources, "absent"), Vec::<String>::new());
    assert_eq!(addresses(&resources, "undeclared"), Vec::<String>::new());
    each_kind_shows_what_it_declares(kinds_of_data(), &resources, &seen);
    for (address, values) in &seen {
        let one = resources.iter().find(|one| one["address"] == **address);
        let one = one.unwrap_or_else(|| panic!("{address} is not shown"));
        for (what, value) in values.as_object().unwrap() {
            let own = one["values"].get(what).or_else(|| one.get(what)).cloned().unwrap_or_default();
            assert_eq!(own, *value, "{what} of {address}: {one:#}");
        }
    }
    // One alone is the same, also what the program no longer declares.
    for kind in kinds_of_data() {
        let one = resources.iter().find(|one| one["kind"] == kind.name()).unwrap();
        let (said, alone) = shown(&world, &[one["address"].as_str().unwrap()]);
        assert_eq!((said.code, &alone[..]), (0, std::slice::from_ref(one)));
    }
    world.write("project shop { region = us-west-2 }\nenv ci { cidr = 10.0.0.0/20 }\n");
    let (_, resources) = shown(&world, &[]);
    let left = addresses(&resources, "undeclared");
    for (address, _) in &seen {
        assert!(left.contains(address), "{address} is not among {left:?}");
    }
}

#[test]
fn what_is_shown_of_every_kind_is_what_boto_sees() {
    let world = World::of_every_kind();
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let Value::Object(seen) = world.boto(SEEN) else { panic!("no object") };
    let (said, resources) = shown(&world, &[]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(addresses(&resources, "absent"), Vec::<String>::new());
    assert_eq!(addresses(&resources, "undeclared"), Vec::<String>::new());
    let by_address: BTreeMap<&str, &Value> = resources
        .iter()
        .filter(|one| one["kind"] != "ingress-rules" && one["kind"] != "smoke-test")
        .map(|one| (one["address"].as_str().unwrap(), one))
        .collect();
    for (address, values) in &seen {
        let one = by_address.get(address.as_str()).unwrap_or_else(|| panic!("{address} is not shown"));
        for (what, value) in values.as_object().unwrap() {
            let mut own = one["values"].get(what).or_else(|| one.get(what)).cloned().unwrap_or_default();
            if what == "instances" {
                let of = |one: &Value| one["id"].as_str().unwrap().to_owned();
                let ids: BTreeSet<String> =
                    one["instances"].as_array().into_iter().flatten().map(of).collect();
                own = Value::from_iter(ids);
            }
            assert_eq!(own, *value, "{what} of {address}: {one:#}");
        }
    }
    assert!(seen.len() > 20, "{seen:#?}");
    each_kind_alone_is_shown_the_same_with_fewer_calls(&world, &resources);
    let is_shown = |kind: &&Kind| kind.schema().scope == ScopeKind::Environment && !kind.has_own_service();
    each_kind_shows_what_it_declares(Kind::ALL.iter().filter(is_shown), &resources, &seen);
    assert!(!said.stdout.contains("sqs"), "no endpoint of a subscriber is shown");

    for columns in ["60", "80", "100"] {
        let table = world.asiaq_with(&["show"], Some(("COLUMNS", columns)));
        assert_eq!(table.code, 0, "{table:#?}");
        let width = table.stdout.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(width <= columns.parse().unwrap(), "{width} of {columns}:\n{}", table.stdout);
        assert!(!table.stdout.contains('\u{1b}'), "no colours in a pipe");
    }
    let front = &by_address["ci/hostclass/front/group"];
    let detail = world.asiaq(&["show", "ci/hostclass/front/group"]);
    for part in [&front["id"], &front["arn"], &front["instances"][0]["id"], &front["instances"][0]["image"]] {
        assert!(detail.stdout.contains(part.as_str().unwrap()), "{part}: {}", detail.stdout);
    }
    assert!(detail.stderr.contains("asiaq hosts"), "{}", detail.stderr);
}

#[test]
fn showing_costs_no_more_than_a_plan_and_writes_nothing() {
    let world = World::of_every_kind();
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let proxy = Proxy::start(moto::endpoint());
    let calls = |arguments: &[&str]| {
        proxy.clear();
        let said = world.asiaq_through(&proxy, arguments);
        assert_eq!(said.code, 0, "{said:#?}");
        let operations = proxy.operations();
        operations.iter().map(ToString::to_string).collect::<Vec<String>>()
    };
    let plan = calls(&["plan"]);
    let all = calls(&["show"]);
    let of_machines =
        ["DescribeInstances", "DescribeImages", "DescribeAutoScalingGroups", "DescribeLaunchTemplates"];
    // A plan knows what may be owned from the leases, and asks no service that keeps nothing for the project.
    let of_data =
        ["DescribeDB", "DescribeReplicationGroups", "DescribeCache", "ListDomainNames", "ListTables"];
    let is_beside = |operation: &&String| {
        of_machines.contains(&operation.as_str()) || of_data.iter().any(|of| operation.starts_with(of))
    };
    let beside = all.iter().filter(is_beside).count();
    assert!(all.len() - beside <= plan.len(), "{all:#?} {plan:#?}");
    assert!(!all.iter().any(|operation| operation.contains("Item")), "no leases are read: {all:#?}");
    for start in ["Create", "Delete", "Modify", "Put", "Update", "Change", "Authorize", "Set"] {
        assert!(!all.iter().any(|operation| operation.starts_with(start)), "{all:#?}");
    }
    let vpc = calls(&["show", "qa/vpc"]);
    assert!(!vpc.contains(&"DescribeInstances".to_owned()), "only a group has instances: {vpc:#?}");
}

#[test]
fn what_is_not_there_and_what_is_no_longer_declared_is_said() {
    let world = World::new(PROGRAM);
    let said = world.asiaq(&["apply", "--env", "dev", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");

    let (said, resources) = shown(&world, &[]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(addresses(&resources, "live").contains(&"dev/vpc".to_owned()));
    assert!(addresses(&resources, "absent").iter().all(|address| address.starts_with("prod/")));
    assert!(addresses(&resources, "absent").contains(&"prod/vpc".to_owned()));
    let table = world.asiaq(&["show"]);
    let line = table.stdout.lines().find(|line| line.starts_with("prod/vpc ")).unwrap();
    assert!(line.contains("not in AWS"), "{}", table.stdout);

    for (arguments, code, words) in [
        (&["show", "dev/vpc"][..], 0, "vpc-"),
        (&["show", "dev"], 0, "vpc-"),
        (&["show", ".", "dev/vpc"], 0, "vpc-"),
        (&["show", "dev/vpc", "."], 0, "vpc-"),
        (&["show", "infra.asq"], 0, "vpc-"),
        (&["show", "prod/vpc"], 10, "not in AWS"),
        (&["show", "prod"], 10, "not in AWS"),
        (&["show", "dev/vpcs"], 2, "there is no resource `dev/vpcs`; did you mean `dev/vpc`?"),
        (&["show", "dev/no/such/thing"], 2, "`asiaq show dev` lists what there is"),
        (&["show", "dve/vpc"], 2, "there is no environment `dve`; did you mean `dev`?"),
        (&["show", "dev/vpc", "--env", "prod"], 2, "`dev/vpc` is in `dev`"),
        (&["show", "--env", "prd"], 2, "did you mean `prod`?"),
        (&["output"], 2, "asiaq show"),
    ] {
        let said = world.asiaq(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {said:#?}");
        assert!(format!("{}{}", said.stdout, said.stderr).contains(words), "{arguments:?}: {said:#?}");
        assert!(code != 2 || said.stdout.is_empty(), "{said:#?}");
    }
    let (_, only) = shown(&world, &["--env", "prod"]);
    assert!(addresses(&only, "live").is_empty() && !addresses(&only, "absent").is_empty());

    let (end, start) = (PROGRAM.find("env prod").unwrap(), PROGRAM.find("env dev").unwrap());
    world.write(&format!("{}{}", &PROGRAM[..start], &PROGRAM[end..]));
    let (said, resources) = shown(&world, &[]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(addresses(&resources, "undeclared").contains(&"dev/vpc".to_owned()), "{resources:#?}");
    let (said, resources) = shown(&world, &["dev"]);
    assert_eq!((said.code, addresses(&resources, "live").len()), (0, 0), "{said:#?}");
    let table = world.asiaq(&["show", "dev/vpc"]);
    assert!(table.stdout.contains("no longer declared") && table.stdout.contains("vpc-"), "{table:#?}");
}

#[test]
fn a_shell_and_terraform_read_what_is_there() {
    let world = World::new(PROGRAM);
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let seen = world.boto(SEEN);
    let said = world.asiaq(&["show", "--format", "shell"]);
    assert_eq!(said.code, 0, "{said:#?}");
    std::fs::write(world.path("live.sh"), &said.stdout).unwrap();
    let print = ". ./live.sh; printf '%s\\n' \"$ASIAQ_DEV_VPC_ID\" \"$ASIAQ_DEV_VPC_CIDR\" \
                 \"$ASIAQ_DEV_ZONE_WORLD_NAME_SERVERS\" \"$ASIAQ_PROD_IT_S_SUBNET_1_ID\"";
    let sourced = Said::of(&world.command("sh").args(["-euc", print]).output().unwrap());
    assert_eq!(sourced.code, 0, "{sourced:#?} {}", said.stdout);
    let servers: Vec<&str> =
        seen["dev/zone/world"]["name_servers"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(servers.len() > 1);
    let expected = [
        seen["dev/vpc"]["id"].as_str().unwrap(),
        "10.0.0.0/20",
        &servers.join(" "),
        seen["prod/it-s/subnet/1"]["id"].as_str().unwrap(),
    ];
    assert_eq!(sourced.stdout.lines().collect::<Vec<_>>(), expected);
    let one = world.asiaq(&["show", "--format", "shell", "dev/vpc"]);
    assert!(said.stdout.contains(&one.stdout) && one.stdout.lines().count() == 3, "{}", one.stdout);

    let said = world.asiaq(&["show", "--format", "terraform"]);
    std::fs::write(world.path("asiaq.auto.tfvars"), &said.stdout).unwrap();
    let path = world.path("asiaq.auto.tfvars");
    let read = world.boto(&format!(
        "import hcl2
def plain(value):
    if isinstance(value, dict):
        return {{key.strip('\"'): plain(one) for key, one in value.items()}}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return json.loads(value) if isinstance(value, str) else value
import json
globals().update(plain=plain, json=json)
result = plain(hcl2.load(open({path:?})))"
    ));
    let read = &read["asiaq"];
    for (address, values) in seen.as_object().unwrap() {
        for (what, value) in values.as_object().unwrap() {
            assert_eq!(read[address][what], *value, "{what} of {address}");
        }
    }
}

#[test]
fn what_is_somebody_elses_is_not_shown_as_ours() {
    let world = World::new(PROGRAM);
    let said = world.asiaq(&["apply", "--env", "dev", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let copies = world.boto(
        "vpc = ec2.create_vpc(CidrBlock='10.200.0.0/16')['Vpc']['VpcId']
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.200.0.0/24')['Subnet']['SubnetId']
group = ec2.create_security_group(GroupName='theirs', Description='theirs', VpcId=vpc)['GroupId']
for copy, kind in [(subnet, 'subnet'), (group, 'security-group')]:
    named = [{'Name': 'key', 'Values': ['asiaq:address']}, {'Name': 'resource-type', 'Values': [kind]}]
    of = ec2.describe_tags(Filters=named)['Tags'][0]['ResourceId']
    tags = ec2.describe_tags(Filters=[{'Name': 'resource-id', 'Values': [of]}])['Tags']
    ec2.create_tags(Resources=[copy], Tags=[{'Key': tag['Key'], 'Value': tag['Value']} for tag in tags])
result = [vpc, subnet, group]",
    );
    let said = world.asiaq(&["show", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    for copy in copies.as_array().unwrap() {
        let copy = copy.as_str().unwrap();
        assert!(!said.stdout.contains(copy), "{copy}: {}", said.stdout);
    }
    for copy in copies.as_array().unwrap().iter().skip(1) {
        assert!(said.stderr.contains(copy.as_str().unwrap()), "{}", said.stderr);
    }
}
