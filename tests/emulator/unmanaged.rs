//! What no program says, beside everything that a program says, and whose it is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::permissions::{allowed, needs};
use super::proxy::{Fault, Proxy};
use super::{Said, World, joined, moto};

const PROGRAM: &str = r#"project shop { region = us-west-2, account = live }
account live {
  id = "THIS_ACCOUNT"
  policy reads { allow s3:GetObject on all }
  role deployer { trust = service ec2 }
  group ops {}
  bucket files { name = "shop-files-THIS_ACCOUNT" }
}
env ci {
  cidr  = 10.20.0.0/20
  zones = 1
  table orders { key = "id" }
  zone own {
    domain = "own.example.com"
    record www { type = A, values = ["192.0.2.9"] }
  }
  metanetwork app { routes = [internet via igw] }
}
"#;

/// Things of others and of nobody, of many kinds.
const THINGS: &str = r#"
def tags(**pairs): return [{'Key': key.replace('__', ':').replace('_', '-'), 'Value': value} for key, value in pairs.items()]
stack = [{'Key': 'aws:cloudformation:stack-name', 'Value': 'web'}]
other = [{'Key': 'asiaq:project', 'Value': 'books'}, {'Key': 'asiaq:address', 'Value': 'ci/vpc'}]
terraform = [{'Key': 'ManagedBy', 'Value': 'Terraform'}]
account = client('sts').get_caller_identity()['Account']

image = ec2.register_image(Name='theirs', RootDeviceName='/dev/sda1')['ImageId']
vpc = ec2.create_vpc(CidrBlock='10.90.0.0/20')['Vpc']['VpcId']
books = ec2.create_vpc(CidrBlock='10.91.0.0/20')['Vpc']['VpcId']
ec2.create_tags(Resources=[books], Tags=other)
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.90.0.0/24')['Subnet']['SubnetId']
theirs = ec2.create_subnet(VpcId=vpc, CidrBlock='10.90.1.0/24')['Subnet']['SubnetId']
ec2.create_tags(Resources=[theirs], Tags=stack)
group = ec2.create_security_group(GroupName='left-over', Description='x', VpcId=vpc)['GroupId']
interface = ec2.create_network_interface(SubnetId=subnet)['NetworkInterface']['NetworkInterfaceId']
address = ec2.allocate_address(Domain='vpc')['AllocationId']
volume = ec2.create_volume(Size=1, AvailabilityZone='us-west-2a')['VolumeId']
ec2.create_launch_template(LaunchTemplateName='theirs', LaunchTemplateData={'ImageId': image}, TagSpecifications=[{'ResourceType': 'launch-template', 'Tags': terraform}])
scaling = client('autoscaling')
scaling.create_auto_scaling_group(AutoScalingGroupName='workers', MinSize=1, MaxSize=1, VPCZoneIdentifier=subnet,
    LaunchTemplate={'LaunchTemplateName': 'theirs', 'Version': '1'}, Tags=[{**tag, 'PropagateAtLaunch': False} for tag in stack])
alone = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)['Instances'][0]['InstanceId']

iam = client('iam')
trust = '{"Version":"2012-10-17","Statement":[]}'
iam.create_role(RoleName='by-hand', AssumeRolePolicyDocument=trust)
iam.create_role(RoleName='AWSServiceRoleForX', Path='/aws-service-role/x.amazonaws.com/', AssumeRolePolicyDocument=trust)
iam.create_role(RoleName='of-books', AssumeRolePolicyDocument=trust, Tags=other)
iam.create_user(UserName='bob')
iam.create_group(GroupName='admins')
policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}'
iam.create_policy(PolicyName='loose', PolicyDocument=policy)
iam.create_instance_profile(InstanceProfileName='loose-profile')

client('sns').create_topic(Name='bells')
client('sns').create_topic(Name='stack-bells', Tags=stack)
client('logs').create_log_group(logGroupName='/aws/lambda/resize')
client('logs').create_log_group(logGroupName='/app/web')
alarm = dict(MetricName='m', Namespace='n', Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator='GreaterThanThreshold', Statistic='Sum')
client('cloudwatch').put_metric_alarm(AlarmName='loud', **alarm)
client('cloudwatch').put_metric_alarm(AlarmName='TargetTracking-x', **alarm)
client('ssm').create_document(Name='by-hand', Content='{"schemaVersion": "2.2", "mainSteps": []}', DocumentType='Command', DocumentFormat='JSON')
s3 = client('s3')
place = {'LocationConstraint': 'us-west-2'}
s3.create_bucket(Bucket=f'left-over-{account}', CreateBucketConfiguration=place)
s3.create_bucket(Bucket=f'sagemaker-us-west-2-{account}', CreateBucketConfiguration=place)
client('cloudtrail').create_trail(Name='everything', S3BucketName=f'left-over-{account}')
table = dict(KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')
client('dynamodb').create_table(TableName='old', **table)
marks = [{'Key': 'asiaq:project', 'Value': 'shop'}, {'Key': 'asiaq:address', 'Value': 'ci/table/orders'}, {'Key': 'asiaq:name', 'Value': 'orders_ci'}]
client('dynamodb').create_table(TableName='orders-restored', **table, Tags=marks)
client('opensearch').create_domain(DomainName='find', EngineVersion='OpenSearch_2.11', ClusterConfig={'InstanceType': 't3.small.search', 'InstanceCount': 1}, EBSOptions={'EBSEnabled': True, 'VolumeSize': 10, 'VolumeType': 'gp3'})

rds = client('rds')
rds.create_db_parameter_group(DBParameterGroupName='tuned', DBParameterGroupFamily='postgres16', Description='x')
rds.create_db_instance(DBInstanceIdentifier='ledger', Engine='postgres', DBInstanceClass='db.t3.micro', AllocatedStorage=20, MasterUsername='x', MasterUserPassword='xxxxxxxxx', Tags=terraform)
client('elasticache').create_cache_subnet_group(CacheSubnetGroupName='caches', CacheSubnetGroupDescription='x', SubnetIds=[subnet])

elb = client('elbv2')
elb.create_load_balancer(Name='front', Subnets=[subnet, theirs], Tags=[{'Key': 'elbv2.k8s.aws/cluster', 'Value': 'prod'}])
elb.create_target_group(Name='loose', Protocol='HTTP', Port=80, VpcId=vpc)
client('elb').create_load_balancer(LoadBalancerName='ancient', Listeners=[{'Protocol': 'HTTP', 'LoadBalancerPort': 80, 'InstancePort': 80}], Subnets=[subnet])

dns = client('route53')
dns.create_hosted_zone(Name='loose.example.com', CallerReference='x')
zone = next(zone['Id'] for zone in dns.list_hosted_zones()['HostedZones'] if zone['Name'] == 'own.example.com.')
def record(name, type, value):
    return {'Action': 'CREATE', 'ResourceRecordSet': {'Name': name, 'Type': type, 'TTL': 60, 'ResourceRecords': [{'Value': value}]}}
dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={'Changes': [
    record('hand.own.example.com', 'A', '192.0.2.1'),
    record('pods.own.example.com', 'A', '192.0.2.2'),
    record('a-pods.own.example.com', 'TXT', '"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/x"'),
    record('_x.own.example.com', 'CNAME', '_y.acm-validations.aws.'),
]})
result = {'vpc': vpc, 'books': books, 'subnet': subnet, 'group': group, 'interface': interface, 'address': address, 'volume': volume, 'alone': alone, 'zone': zone}
"#;

fn world() -> World {
    let world = World::empty();
    world.write(&PROGRAM.replace("THIS_ACCOUNT", &world.credentials.account));
    world.apply();
    world
}

/// What the command lists, as `KIND NAME-OR-ID: OWNER (NOTE)`.
fn listed(said: &Said) -> Vec<String> {
    let all: Value = serde_json::from_str(&said.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let things = all["things"].as_array().unwrap().iter();
    let line = |one: &Value| {
        let name = if one["name"].is_null() { text(&one["id"]) } else { text(&one["name"]) };
        let owner = [text(&one["owner"]["is"]), text(&one["owner"]["named"])].join(" ");
        let note = one["note"].as_str().map(|note| format!(" ({note})")).unwrap_or_default();
        format!("{} {name}: {}{note}", text(&one["kind"]), owner.trim_end())
    };
    things.map(line).collect()
}

fn look(world: &World, arguments: &[&str], code: i32) -> Said {
    let said = world.asiaq(&[&["unmanaged", "--format", "json"], arguments].concat());
    assert_eq!(said.code, code, "{said:#?}");
    said
}

#[test]
fn what_no_program_says_is_listed_with_whose_it_is() {
    let world = world();
    let before = listed(&look(&world, &[], 0));
    assert!(before.iter().all(|line| line.contains(": aws")), "a new account has AWS's alone: {before:#?}");
    for line in ["vpc", "subnet", "security-group", "route-table"] {
        assert!(before.iter().any(|one| one.starts_with(line)), "{line} of the default VPC: {before:#?}");
    }

    let things = world.boto(THINGS);
    let id = |key: &str| things[key].as_str().unwrap().to_owned();
    let said = look(&world, &[], 10);
    let all = listed(&said);
    let account = &world.credentials.account;
    let stack = "tool CloudFormation stack `web`";
    for line in [
        format!("vpc {}: nobody", id("vpc")),
        format!("vpc {}: project books", id("books")),
        format!("subnet {}: nobody", id("subnet")),
        "security-group left-over: nobody".to_owned(),
        format!("network-interface {}: nobody", id("interface")),
        format!("volume {}: nobody", id("volume")),
        "launch-template theirs: tool Terraform".to_owned(),
        format!("auto-scaling-group workers: {stack}"),
        format!("instance {}: nobody", id("alone")),
        "role by-hand: nobody".to_owned(),
        "role AWSServiceRoleForX: aws (of a service)".to_owned(),
        "role of-books: project books".to_owned(),
        "user bob: nobody".to_owned(),
        "user-group admins: nobody".to_owned(),
        "managed-policy loose: nobody".to_owned(),
        "instance-profile loose-profile: nobody".to_owned(),
        "topic bells: nobody".to_owned(),
        format!("topic stack-bells: {stack}"),
        "log-group /aws/lambda/resize: aws (made by lambda)".to_owned(),
        "log-group /app/web: nobody".to_owned(),
        "alarm loud: nobody".to_owned(),
        "alarm TargetTracking-x: aws (made by Application Auto Scaling)".to_owned(),
        "document by-hand: nobody".to_owned(),
        format!("bucket left-over-{account}: nobody"),
        format!("bucket sagemaker-us-west-2-{account}: aws (made by SageMaker)"),
        "trail everything: nobody".to_owned(),
        "table old: nobody".to_owned(),
        "table orders-restored: nobody (its tags were copied from `orders_ci`)".to_owned(),
        "search-domain find: nobody".to_owned(),
        "database-parameter-group tuned: nobody".to_owned(),
        "database ledger: tool Terraform".to_owned(),
        "cache-subnet-group caches: nobody".to_owned(),
        "load-balancer front: tool Kubernetes cluster `prod`".to_owned(),
        "target-group loose: nobody".to_owned(),
        "classic-load-balancer ancient: nobody".to_owned(),
        "hosted-zone loose.example.com: nobody".to_owned(),
        "record-set hand.own.example.com A: nobody".to_owned(),
        "record-set pods.own.example.com A: tool ExternalDNS `prod`".to_owned(),
        "record-set _x.own.example.com CNAME: aws (proves the domain to Certificate Manager)".to_owned(),
    ] {
        assert!(all.contains(&line), "{line}: {all:#?}");
    }
    let of_group = format!("{stack} (of Auto Scaling group `workers`)");
    assert!(all.iter().any(|line| line.starts_with("instance ") && line.ends_with(&of_group)), "{all:#?}");
    assert!(all.iter().any(|line| line.starts_with("elastic-ip ") && line.ends_with(": nobody")), "{all:#?}");
    // Nothing of the project's, whether the program still says it or not.
    let own = |all: &[String]| {
        all.iter().any(|line| {
            line.contains("deployer")
                || line.contains("managed-policy reads")
                || line.contains("group ops:")
                || line.contains("shop-files")
        })
    };
    assert!(!own(&all), "{all:#?}");
    let value: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(value["project"], json!("shop"));
    let within = value["things"].as_array().unwrap().iter().find(|one| one["id"] == id("group").as_str());
    assert_eq!(within.unwrap()["within"], json!(id("vpc")));
    let count = value["own"].as_u64().unwrap();
    world.write("project shop { region = us-west-2 }\nenv ci { cidr = 10.20.0.0/20, zones = 1, metanetwork app {} }\n");
    let less = look(&world, &[], 10);
    assert!(!own(&listed(&less)), "{less:#?}");
    assert_eq!(serde_json::from_str::<Value>(&less.stdout).unwrap()["own"].as_u64().unwrap(), count);

    // Nobody's come first, by owner.
    let text = world.asiaq(&["unmanaged"]);
    assert_eq!(text.code, 10, "{text:#?}");
    let place = |part: &str| text.stdout.find(part).unwrap_or_else(|| panic!("{part}: {}", text.stdout));
    assert!(place("nobody's (") < place("of project `books` (2)"), "{}", text.stdout);
    assert!(place("of CloudFormation stack `web` (") < place("of AWS ("), "{}", text.stdout);
    assert!(joined(&text.stdout).contains("of project `shop`"), "{}", text.stdout);
}

#[test]
fn no_call_is_about_a_single_thing() {
    let world = world();
    let proxy = Proxy::start(moto::endpoint());
    let counted = |calls: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for call in calls {
            *counts.entry(call).or_default() += 1;
        }
        counts
    };
    world.boto(THINGS);
    let few = counted(world.calls_of(&proxy, &["unmanaged"], 10));
    assert!(few.keys().all(|call| ["Describe", "List", "Get"].iter().any(|start| call.starts_with(start))));
    world.boto(
        r#"
iam, sns, logs, s3, dynamodb = client('iam'), client('sns'), client('logs'), client('s3'), client('dynamodb')
elb, watch, ssm, rds = client('elbv2'), client('cloudwatch'), client('ssm'), client('rds')
account = client('sts').get_caller_identity()['Account']
trust = '{"Version":"2012-10-17","Statement":[]}'
policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}'
vpc = ec2.create_vpc(CidrBlock='10.92.0.0/16')['Vpc']['VpcId']
tag = [{'Key': 'team', 'Value': 'x'}]
for n in range(15):
    ec2.create_security_group(GroupName=f'many-{n}', Description='x', VpcId=vpc)
    ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.92.{n}.0/24')
    ec2.allocate_address(Domain='vpc')
    iam.create_role(RoleName=f'many-{n}', AssumeRolePolicyDocument=trust)
    iam.create_policy(PolicyName=f'many-{n}', PolicyDocument=policy)
    iam.create_instance_profile(InstanceProfileName=f'many-{n}')
    sns.create_topic(Name=f'many-{n}', Tags=tag if n % 2 else [])
    logs.create_log_group(logGroupName=f'many/{n}')
    s3.create_bucket(Bucket=f'many-{n}-{account}', CreateBucketConfiguration={'LocationConstraint': 'us-west-2'})
    dynamodb.create_table(TableName=f'many_{n}', KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')
    elb.create_target_group(Name=f'many-{n}', Protocol='HTTP', Port=80, VpcId=vpc)
    watch.put_metric_alarm(AlarmName=f'many-{n}', MetricName='m', Namespace='n', Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator='GreaterThanThreshold', Statistic='Sum')
    rds.create_db_parameter_group(DBParameterGroupName=f'many-{n}', DBParameterGroupFamily='postgres16', Description='x')
result = 0"#,
    );
    let many = counted(world.calls_of(&proxy, &["unmanaged"], 10));
    assert_eq!(many, few, "as many calls as before");
    // A listing for each kind; several kinds share one, and one call shows the tags of ten zones or twenty balancers.
    let of_several = ["DescribeTags", "GetResources", "DescribeLoadBalancers"];
    let several: Vec<_> =
        many.iter().filter(|(call, times)| **times > 1 && !of_several.contains(&call.as_str())).collect();
    assert!(several.is_empty(), "{several:?}");
    assert!(many["GetResources"] <= 2, "{many:?}");
}

#[test]
fn a_name_that_the_program_gives_is_asked_itself_if_the_index_lacks_it() {
    let world = world();
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("GetResources", Fault::Empty);
    let said = world.asiaq_through(&proxy, &["unmanaged", "--format", "json"]);
    let all = listed(&said);
    assert!(!all.iter().any(|line| line.contains("shop-files")), "{all:#?}");
    assert_eq!(said.code, 0, "{all:#?}");
}

#[test]
fn a_policy_is_enough_and_has_nothing_else() {
    let world = world();
    world.boto(THINGS);
    let proxy = Proxy::start(moto::endpoint());
    let mut called = needs(&world, &proxy, &["unmanaged"], 10);
    // What only a thing needs that the index lacks.
    let asked = [
        "dynamodb:ListTagsOfResource",
        "elasticache:ListTagsForResource",
        "es:ListTags",
        "iam:GetInstanceProfile",
        "iam:ListPolicyTags",
        "logs:ListTagsForResource",
        "rds:ListTagsForResource",
        "s3:GetBucketTagging",
        "sns:ListTagsForResource",
    ];
    called.extend(asked.map(ToOwned::to_owned));
    assert_eq!(called, allowed(&world, "unmanaged"));
}

#[test]
fn an_environment_means_its_account_and_region_and_what_is_unread_is_said() {
    let world = World::new(
        "project shop { region = us-west-2 }
env ci { cidr = 10.20.0.0/20, zones = 1, metanetwork app {} }
env eu { cidr = 10.21.0.0/20, zones = 1, region = eu-west-1, metanetwork app {} }
",
    );
    world.boto("client('sns').create_topic(Name='bells')");
    let regions = |said: &Said| {
        let all: Value = serde_json::from_str(&said.stdout).unwrap();
        let regions = all["things"].as_array().unwrap().iter().filter_map(|one| one["region"].as_str());
        regions.map(ToOwned::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(regions(&look(&world, &[], 10)), ["eu-west-1".to_owned(), "us-west-2".to_owned()].into());
    assert_eq!(regions(&look(&world, &["--env", "eu"], 0)), ["eu-west-1".to_owned()].into());
    let more = look(&world, &["--env", "eu", "--also-region", "us-west-2"], 10);
    assert_eq!(regions(&more).len(), 2);
    let wrong = world.asiaq(&["unmanaged", "--env", "ue"]);
    assert_eq!(wrong.code, 2, "{wrong:#?}");

    let proxy = Proxy::start(moto::endpoint());
    proxy.always("ListTopics", Fault::Refused("AccessDenied", "not allowed"));
    let said = world.asiaq_through(&proxy, &["unmanaged"]);
    assert_eq!(said.code, 3, "{said:#?}");
    assert!(joined(&said.stderr).contains("`topic` of account"), "{said:#?}");
}
