//! What changes in the program is in the plan: as a step, or as a note about what AWS keeps.

use serde_json::json;

use super::{World, joined};

fn network(vpc: &str, networks: &str) -> String {
    format!("project shop {{ region = us-west-2 }}\nenv ci {{\n  cidr = {vpc}\n  zones = 2\n{networks}\n}}\n")
}

const SUBNETS: &str =
    "result = sorted(s['CidrBlock'] for s in ec2.describe_subnets()['Subnets'] if not s['DefaultForAz'])";

/// A plan of `program`, which has nothing to do but says `note`.
fn keeps(world: &World, program: &str, note: &str) {
    world.write(program);
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    assert!(joined(&plan.stdout).contains(note), "{note}: {plan:#?}");
    assert!(!plan.stdout.contains("AWS matches"), "{plan:#?}");
}

#[test]
fn a_metanetwork_that_is_made_larger_is_told_and_ordered() {
    for (small, large) in [("10.4.0.0/24", "10.4.0.0/22"), ("auto /24", "auto /22")] {
        let of = |cidr: &str, rest: &str| {
            network("10.4.0.0/20", &format!("  metanetwork edge {{ cidr = {cidr}{rest} }}"))
        };
        let world = World::new(&of(small, ""));
        world.apply();
        let before = world.boto(SUBNETS);
        keeps(&world, &of(large, ""), "`edge` of `ci` keeps its subnets 10.4.0.0/25, 10.4.0.128/25, not");
        assert_eq!(world.asiaq(&["apply", "--yes"]).code, 0);
        assert_eq!(world.boto(SUBNETS), before);
        world.write(&of(large, ", max_zones = 2"));
        assert_eq!(world.asiaq(&["plan"]).code, 10);
        world.apply();
        assert_eq!(world.boto(SUBNETS), json!(["10.4.0.0/23", "10.4.2.0/23"]));
        let plan = world.asiaq(&["plan"]);
        assert!(plan.stdout.starts_with("Nothing to do: AWS matches `shop`.\n"), "{plan:#?}");
    }
}

#[test]
fn blocks_that_live_elsewhere_than_they_would_are_told() {
    let of = |first: &str, second: &str| {
        let one = |name: &str| format!("  metanetwork {name} {{ cidr = auto /24 }}\n");
        network("10.4.0.0/20", &(one(first) + &one(second)))
    };
    let world = World::new(&of("edge", "app"));
    world.apply();
    world.write(&of("app", "edge"));
    let plan = world.asiaq(&["plan"]);
    let note = "`ci` keeps the CIDR blocks of live subnets; a first apply would choose others for \
                `app` (10.4.1.0/25, …, not 10.4.0.0/25, …), `edge` (10.4.0.0/25, …, not 10.4.1.0/25, …)";
    assert!(plan.code == 0 && joined(&plan.stdout).contains(note), "{plan:#?}");
    let offline = world.asiaq(&["explain", "ci/app/subnet/1"]);
    assert!(offline.stdout.contains("computed from the program alone"), "{offline:#?}");
}

#[test]
fn room_for_a_third_zone_costs_nothing_later() {
    let of = |zones: &str| {
        let text = network("10.4.0.0/20", "  metanetwork edge { routes = [internet via igw], nat = auto }");
        text.replace("zones = 2", zones)
    };
    let world = World::new(&of("zones = 2"));
    let hint = world.asiaq(&["check"]).stdout;
    assert!(hint.contains("one more zone of `ci` replaces 2 of 2 subnets"), "{hint}");
    world.write(&of("zones = 2\n  max_zones = 3"));
    assert!(!world.asiaq(&["check"]).stdout.contains("hint"));
    world.apply();
    world.write(&of("zones = 3\n  max_zones = 3"));
    let plan = world.asiaq(&["plan"]).stdout;
    assert!(plan.contains(" 0 to replace, 0 to delete."), "{plan}");
    world.apply();
}

#[test]
fn a_description_that_aws_keeps_is_told() {
    let of =
        |text: &str| network("10.4.0.0/20", &format!("  metanetwork edge {{ description = \"{text}\" }}"));
    let world = World::new(&of("What customers see"));
    world.apply();
    let note = "`ci/edge/security-group` keeps its description `What customers see`, not `The edge` (infra.asq:5): \
                AWS cannot change";
    keeps(&world, &of("The edge"), note);
}

#[test]
fn a_tag_of_an_alarm_follows_the_program() {
    let of = |owner: &str| {
        format!(
            "project shop {{ region = us-west-2, team = \"astro\" }}
env ci {{ cidr = 10.4.0.0/20, zones = 1, tags = {{ owner = \"{owner}\" }} }}
topic critical {{ subscribers = [\"arn:aws:sqs:us-west-2:123456789012:shop\"] }}
alarm old {{
  namespace  = \"AWS/SQS\"
  metric     = \"ApproximateAgeOfOldestMessage\"
  dimensions = {{ QueueName = \"jobs\" }}
  when       = maximum > 600 for 3 x 1m
}}
"
        )
    };
    let world = World::new(&of("ops"));
    world.apply();
    world.write(&of("dev"));
    let plan = world.asiaq(&["plan", "--full"]).stdout;
    assert!(plan.lines().any(|line| line.contains("~ alarm")), "{plan}");
    world.apply();
    let owners = world.boto(
        "cloudwatch = client('cloudwatch')
alarms = cloudwatch.describe_alarms()['MetricAlarms']
tags = [t for a in alarms for t in cloudwatch.list_tags_for_resource(ResourceARN=a['AlarmArn'])['Tags']]
result = [t['Value'] for t in tags if t['Key'] == 'owner']",
    );
    assert_eq!(owners, json!(["dev"]));
}

#[test]
fn a_zone_that_becomes_public_or_private_is_replaced_as_planned() {
    let of = |private: &str| {
        network(
            "10.4.0.0/20",
            &format!(
                "  metanetwork edge {{}}\n  zone inside {{\n    domain = \"corp.example\"\n    private = {private}\n    \
                 record db {{ type = A, values = [\"10.4.0.9\"] }}\n  }}"
            ),
        )
    };
    let world = World::new(&of("true"));
    world.apply();
    for private in ["false", "true"] {
        world.write(&of(private));
        let plan = world.asiaq(&["plan"]);
        assert_eq!(plan.code, 10);
        assert!(plan.stdout.contains("data-loss"), "{plan:#?}");
        assert!(joined(&plan.stdout).contains("AWS cannot make a private zone of a public one"), "{plan:#?}");
        world.apply();
        let zones = world.boto(
            "result = [z['Config']['PrivateZone'] for z in client('route53').list_hosted_zones()['HostedZones']]",
        );
        assert_eq!(zones, json!([private == "true"]));
    }
}

#[test]
fn a_destroy_says_what_stays_and_takes_it_too_if_told() {
    let world = World::new(
        "project shop { region = us-west-2, team = \"astro\" }
env ci { cidr = 10.4.0.0/20, zones = 1 }
topic critical { subscribers = [\"arn:aws:sqs:us-west-2:123456789012:shop\"] }
",
    );
    world.apply();
    let topics = "result = len(client('sns').list_topics()['Topics'])";
    let first = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(first.code, 0, "{first:#?}");
    assert!(joined(&first.stdout).contains("`asiaq destroy --env ci --topics` deletes"), "{first:#?}");
    assert!(joined(&first.stdout).contains("The table `asiaq-leases` stays"), "{first:#?}");
    assert_eq!(world.boto(topics), json!(1));
    let second = world.asiaq(&["destroy", "--yes"]).stdout;
    assert!(second.starts_with("Nothing to do: no resources of `shop` exist except 1 topic"), "{second}");
    let last = world.asiaq(&["destroy", "--env", "ci", "--topics", "--yes"]);
    assert_eq!(last.code, 0, "{last:#?}");
    assert_eq!(world.boto(topics), json!(0));
    let after = world.asiaq(&["destroy", "--topics", "--yes"]).stdout;
    assert!(after.starts_with("Nothing to do: no resources of `shop` exist.\n"), "{after}");
}

const BALANCED: &str = r#"
project shop { region = us-west-2, domain = "dev.shop.example" }
env dev {
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = web
  metanetwork edge { routes = [internet via igw], ingress = [tcp 80 from internet] }
  metanetwork app  { ingress = [tcp [8080, 9090] from edge] }
}
hostclass api {
  network = app
  lb { network = edge, public = true, listeners = [http 80 -> http 8080] }
}
pipeline web { stage { run api { desired = 1 } } }
"#;

/// Attributes of the only load balancer and the only target group that somebody may set.
const ATTRIBUTES: &str = "
elbv2 = client('elbv2')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]
group = elbv2.describe_target_groups()['TargetGroups'][0]
of = lambda call, **which: {a['Key']: a['Value'] for a in call(**which)['Attributes']}
result = [
    balancer['Scheme'],
    of(elbv2.describe_load_balancer_attributes, LoadBalancerArn=balancer['LoadBalancerArn'])['routing.http2.enabled'],
    group['Port'],
    of(elbv2.describe_target_group_attributes, TargetGroupArn=group['TargetGroupArn'])['slow_start.duration_seconds'],
]";

#[test]
fn what_somebody_set_on_a_load_balancer_stays_when_it_is_replaced() {
    let world = World::new(BALANCED);
    world.stock_with(r#"{"images": ["api"], "zones": ["dev.shop.example"]}"#);
    world.apply();
    world.boto(
        "elbv2 = client('elbv2')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn']
group = elbv2.describe_target_groups()['TargetGroups'][0]['TargetGroupArn']
elbv2.modify_load_balancer_attributes(
    LoadBalancerArn=balancer, Attributes=[{'Key': 'routing.http2.enabled', 'Value': 'false'}])
elbv2.modify_target_group_attributes(
    TargetGroupArn=group, Attributes=[{'Key': 'slow_start.duration_seconds', 'Value': '60'}])",
    );
    // It is no difference, and stays whatever else changes.
    world.assert_settled();
    let changed = BALANCED.replace("http 80 -> http 8080", "http 80 -> http 9090");
    world.write(&changed);
    world.apply();
    assert_eq!(world.boto(ATTRIBUTES), json!(["internet-facing", "false", 9090, "60"]));
    world.write(&changed.replace("public = true", "public = false"));
    world.apply();
    assert_eq!(world.boto(ATTRIBUTES), json!(["internal", "false", 9090, "60"]));
}

/// Scheme, further certificates and redirects of the only load balancer.
const LISTENERS: &str = "
elbv2 = client('elbv2')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]
listeners = elbv2.describe_listeners(LoadBalancerArn=balancer['LoadBalancerArn'])['Listeners']
of = lambda port: next(one for one in listeners if one['Port'] == port)
certificates = elbv2.describe_listener_certificates(ListenerArn=of(443)['ListenerArn'])['Certificates']
result = [
    balancer['Scheme'],
    [one['CertificateArn'].split('/')[-1] for one in certificates if not one['IsDefault']],
    of(80)['DefaultActions'][0]['RedirectConfig']['Port'],
]";

#[test]
fn certificates_that_somebody_added_stay_when_a_load_balancer_is_replaced() {
    let program = BALANCED
        .replace("http 80 -> http 8080", "http 80 => https 443, https 443 -> http 8080")
        .replace("public = true", "public = true, certificate = \"dev.shop.example\"");
    let world = World::new(&program);
    world.stock_with(
        r#"{"images": ["api"], "zones": ["dev.shop.example"], "certificates": ["dev.shop.example"]}"#,
    );
    world.apply();
    world.boto(
        "iam = client('iam')
old = iam.upload_server_certificate(
    ServerCertificateName='old', CertificateBody='body', PrivateKey='key')['ServerCertificateMetadata']['Arn']
elbv2 = client('elbv2')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn']
listeners = elbv2.describe_listeners(LoadBalancerArn=balancer)['Listeners']
listener = next(one['ListenerArn'] for one in listeners if one['Port'] == 443)
elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{'CertificateArn': old}])",
    );
    // It is no difference, and stays whatever else changes.
    world.assert_settled();
    let changed = program.replace("http 8080", "http 9090");
    world.write(&changed);
    world.apply();
    assert_eq!(world.boto(LISTENERS), json!(["internet-facing", ["old"], "443"]));
    let internal = changed.replace("public = true", "public = false");
    world.write(&internal);
    world.apply();
    assert_eq!(world.boto(LISTENERS), json!(["internal", ["old"], "443"]));
    world.assert_settled();
    // Where the program lists all, the others go.
    let listed =
        internal.replace("certificate = \"dev.shop.example\"", "certificates = [\"dev.shop.example\"]");
    world.write(&listed);
    world.apply();
    assert_eq!(world.boto(LISTENERS), json!(["internal", [], "443"]));
    world.assert_settled();
}

/// Scheme of the only load balancer, and the rules of its listener on port 443: priority, action, and port of the target
/// group.
const RULES: &str = "
elbv2 = client('elbv2')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]
listeners = elbv2.describe_listeners(LoadBalancerArn=balancer['LoadBalancerArn'])['Listeners']
listener = next(one['ListenerArn'] for one in listeners if one['Port'] == 443)
groups = {one['TargetGroupArn']: one['Port'] for one in elbv2.describe_target_groups()['TargetGroups']}
rules = elbv2.describe_rules(ListenerArn=listener)['Rules']
result = [balancer['Scheme']] + [
    [rule['Priority'], rule['Actions'][0]['Type'], groups.get(rule['Actions'][0].get('TargetGroupArn'))]
    for rule in rules if not rule['IsDefault']
]";

#[test]
fn rules_that_somebody_added_stay_or_are_said_to_end() {
    let program = BALANCED
        .replace("http 80 -> http 8080", "http 80 => https 443, https 443 -> http 8080")
        .replace("public = true", "public = true, certificate = \"dev.shop.example\"");
    let world = World::new(&program);
    world.stock_with(
        r#"{"images": ["api"], "zones": ["dev.shop.example"], "certificates": ["dev.shop.example"]}"#,
    );
    world.apply();
    world.boto(
        "elbv2 = client('elbv2')
group = elbv2.describe_target_groups()['TargetGroups'][0]
other = elbv2.create_target_group(Name='other', Protocol='HTTP', Port=81, VpcId=group['VpcId'])['TargetGroups'][0]
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn']
listeners = elbv2.describe_listeners(LoadBalancerArn=balancer)['Listeners']
listener = next(one['ListenerArn'] for one in listeners if one['Port'] == 443)
where = lambda path: [{'Field': 'path-pattern', 'PathPatternConfig': {'Values': [path]}}]
answer = {'Type': 'fixed-response', 'FixedResponseConfig': {'StatusCode': '403', 'MessageBody': 'no'}}
forward = lambda group: {'Type': 'forward', 'TargetGroupArn': group['TargetGroupArn']}
elbv2.create_rule(ListenerArn=listener, Conditions=where('/private/*'), Priority=1, Actions=[answer])
elbv2.create_rule(ListenerArn=listener, Conditions=where('/api/*'), Priority=2, Actions=[forward(other)])
elbv2.create_rule(ListenerArn=listener, Conditions=where('/own/*'), Priority=3, Actions=[forward(group)])",
    );
    world.assert_settled();
    // They stay, and follow the target group of their listener.
    let changed = program.replace("http 8080", "http 9090");
    world.write(&changed);
    world.apply();
    let [answer, api] = [json!(["1", "fixed-response", null]), json!(["2", "forward", 81])];
    let own = json!(["3", "forward", 9090]);
    assert_eq!(world.boto(RULES), json!(["internet-facing", answer, api, own]));
    world.assert_settled();
    // A load balancer that takes the place of this one gets what it can have.
    let internal = changed.replace("public = true", "public = false");
    world.write(&internal);
    let said = joined(&world.asiaq(&["plan"]).stdout);
    assert!(said.contains("loses a rule that somebody added"), "{said}");
    assert!(said.contains("`port 443: path-pattern /api/* → forward`"), "{said}");
    assert!(!said.contains("/private/*`") && !said.contains("/own/*`"), "{said}");
    world.apply();
    assert_eq!(world.boto(RULES), json!(["internal", answer, own]));
    world.assert_settled();
    // A port that closes takes its rules along.
    world.write(&internal.replace("http 80 => https 443, https 443 -> http 9090", "http 80 -> http 9090"));
    let said = joined(&world.asiaq(&["plan"]).stdout);
    assert!(said.contains("loses rules that somebody added"), "{said}");
    assert!(said.contains("/private/*") && said.contains("/own/*"), "{said}");
    world.apply();
    world.assert_settled();
}

/// Access log and mitigation mode of the only Classic Load Balancer.
const CLASSIC_ATTRIBUTES: &str = "
elb = client('elb')
balancer = elb.describe_load_balancers()['LoadBalancerDescriptions'][0]
of = elb.describe_load_balancer_attributes(LoadBalancerName=balancer['LoadBalancerName'])['LoadBalancerAttributes']
result = [balancer['Scheme'], of['AccessLog'], of['AdditionalAttributes'][0]]";

#[test]
fn what_somebody_set_on_a_classic_load_balancer_stays_when_it_is_replaced() {
    let program = BALANCED.replace("lb {", "elb {");
    let world = World::new(&program);
    world.stock_with(r#"{"images": ["api"], "zones": ["dev.shop.example"]}"#);
    world.apply();
    world.boto(
        "elb = client('elb')
name = elb.describe_load_balancers()['LoadBalancerDescriptions'][0]['LoadBalancerName']
log = {'Enabled': True, 'S3BucketName': 'logs', 'S3BucketPrefix': 'api', 'EmitInterval': 5}
modes = [{'Key': 'elb.http.desyncmitigationmode', 'Value': 'monitor'}]
elb.modify_load_balancer_attributes(
    LoadBalancerName=name, LoadBalancerAttributes={'AccessLog': log, 'AdditionalAttributes': modes})",
    );
    // It is no difference, and stays whatever else changes.
    world.assert_settled();
    let before = world.boto(CLASSIC_ATTRIBUTES);
    world.write(&program.replace("public = true", "public = false"));
    world.apply();
    let after = world.boto(CLASSIC_ATTRIBUTES);
    assert_eq!((&before[0], &after[0]), (&"internet-facing".into(), &"internal".into()));
    assert_eq!(after[1]["S3BucketPrefix"], "api");
    assert_eq!((&after[1], &after[2]), (&before[1], &before[2]));
}

#[test]
fn a_load_balancer_with_deletion_protection_is_refused_when_the_plan_is_made() {
    let world = World::new(BALANCED);
    world.stock_with(r#"{"images": ["api"], "zones": ["dev.shop.example"]}"#);
    world.apply();
    let protect = |value: &str| {
        world.boto(&format!(
            "elbv2 = client('elbv2')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn']
elbv2.modify_load_balancer_attributes(
    LoadBalancerArn=balancer, Attributes=[{{'Key': 'deletion_protection.enabled', 'Value': '{value}'}}])"
        ));
    };
    protect("true");
    world.assert_settled();
    world.write(&BALANCED.replace("public = true", "public = false"));
    let said = world.asiaq(&["plan"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("deletion protection of the load balancer"), "{said:#?}");
    protect("false");
    world.apply();
}
