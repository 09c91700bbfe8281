//! The security policies of encrypted listeners.

use serde_json::{Value, json};

use super::World;
use super::drift::drift;

const PROGRAM: &str = r#"
project shop { region = us-west-2, domain = "shop.example" }
env live {
  cidr     = 10.20.0.0/20
  zones    = 2
  pipeline = web
  metanetwork app { ingress = [tcp [80, 443, 8080] from app] }
}
hostclass front {
  network = app
  lb { listeners = [https 443 -> http 8080], certificate = "shop.example" }
}
hostclass older {
  network = app
  elb { listeners = [https 443 -> http 8080], certificate = "shop.example", sticky = cookie "session" }
}
pipeline web { stage { run front { desired = 1 }, run older { desired = 1 } } }
"#;

/// The policies of the listener of the newer and of the classic load balancer, as AWS has them.
const POLICIES: &str = "
elbv2, elb = client('elbv2'), client('elb')
balancer = elbv2.describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn']
listener = elbv2.describe_listeners(LoadBalancerArn=balancer)['Listeners'][0]
classic = elb.describe_load_balancers()['LoadBalancerDescriptions'][0]
names = classic['ListenerDescriptions'][0]['PolicyNames']
policies = elb.describe_load_balancer_policies(LoadBalancerName=classic['LoadBalancerName'])['PolicyDescriptions']
said = lambda policy: {one['AttributeName']: one['AttributeValue'] for one in policy['PolicyAttributeDescriptions']}
result = [listener['SslPolicy'], sorted(
    said(policy).get('Reference-Security-Policy') or said(policy).get('CookieName') or policy['PolicyName']
    for policy in policies if policy['PolicyName'] in names)]
";

fn world() -> World {
    let world = World::new(PROGRAM);
    let account =
        json!({ "images": ["front", "older"], "zones": ["shop.example"], "certificates": ["shop.example"] });
    world.stock_with(&account.to_string());
    world.apply();
    world
}

fn policies(world: &World) -> Value {
    world.boto(POLICIES)
}

/// What AWS has with this policy of the newer load balancer, and this one of the classic one.
fn having(newer: &str, classic: &str) -> Value {
    json!([format!("ELBSecurityPolicy-{newer}"), [format!("ELBSecurityPolicy-{classic}"), "session"]])
}

/// Sets policies by hand.
fn set(world: &World, newer: &str, classic: &str) {
    let code = "
elb.create_load_balancer_policy(LoadBalancerName=classic['LoadBalancerName'], PolicyName='by-hand-CLASSIC',
    PolicyTypeName='SSLNegotiationPolicyType', PolicyAttributes=[
        {'AttributeName': 'Reference-Security-Policy', 'AttributeValue': 'ELBSecurityPolicy-CLASSIC'}])
cookies = [name for name in names if 'cookie' in name]
elb.set_load_balancer_policies_of_listener(LoadBalancerName=classic['LoadBalancerName'], LoadBalancerPort=443,
    PolicyNames=[*cookies, 'by-hand-CLASSIC'])
elbv2.modify_listener(ListenerArn=listener['ListenerArn'], SslPolicy='ELBSecurityPolicy-NEWER')";
    let code = code.replace("NEWER", newer).replace("CLASSIC", classic);
    world.boto(&format!("{POLICIES}{code}"));
    assert_eq!(policies(world), having(newer, classic));
}

#[test]
fn a_weaker_policy_is_drift_and_is_raised() {
    let world = world();
    assert_eq!(policies(&world), having("TLS13-1-2-2021-06", "TLS-1-2-2017-01"));

    set(&world, "2016-08", "2015-05");
    assert_eq!(drift(&world, &[]), ["live/hostclass/front/lb 443", "live/hostclass/older/elb 443"]);
    let plan = world.asiaq(&["plan"]);
    assert!(plan.stdout.contains("ELBSecurityPolicy-2016-08"), "{}", plan.stdout);
    world.apply();
    assert_eq!(policies(&world), having("TLS13-1-2-2021-06", "TLS-1-2-2017-01"));
}

#[test]
fn a_stronger_policy_stays_unless_the_program_names_another() {
    let world = world();
    set(&world, "TLS13-1-3-2021-06", "TLS-1-2-2017-01");
    world.assert_settled();

    // Another change of the same listener leaves the policy; ports of classic ones are closed and opened again.
    let moved = PROGRAM.replace("-> http 8080", "-> http 80");
    world.write(&moved);
    world.apply();
    assert_eq!(policies(&world), having("TLS13-1-3-2021-06", "TLS-1-2-2017-01"));

    let named = moved
        .replacen("certificate", "tls_policy = \"ELBSecurityPolicy-TLS13-1-0-2021-06\", certificate", 1)
        .replace("sticky", "tls_policy = \"ELBSecurityPolicy-TLS-1-1-2017-01\", sticky");
    world.write(&named);
    let plan = world.asiaq(&["plan"]);
    assert!(plan.stdout.contains("ELBSecurityPolicy-TLS13-1-0-2021-06"), "{}", plan.stdout);
    world.apply();
    assert_eq!(policies(&world), having("TLS13-1-0-2021-06", "TLS-1-1-2017-01"));
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);
}
