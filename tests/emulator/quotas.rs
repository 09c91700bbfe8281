//! What a program can grow to, beside the quotas of its accounts: in two accounts, two regions, and pages.

use serde_json::{Value, json};

use super::accounts::Two;
use super::proxy::{Fault, Proxy};
use super::{World, moto};

const PROGRAM: &str = r#"project shop { region = us-west-2 }
account one { id = "ONE" }
account two { id = "TWO", role = "arn:aws:iam::TWO:role/asiaq", role web { trust = ec2 } }
pipeline main { stage { run app { type = m5.large, min = 1, desired = 2, max = 10 } } }
hostclass app { network = web }
env ci   { cidr = 10.1.0.0/20, zones = 1, account = one, pipeline = main, metanetwork web {} }
env qa   { cidr = 10.2.0.0/20, zones = 1, account = one, metanetwork web {} }
env live { cidr = 10.3.0.0/20, zones = 2, account = two, region = eu-west-1, metanetwork web { nat = auto, routes = [internet via igw] } }
"#;

/// The row about something, without the account's.
fn row(limits: &Value, account: &str, region: Option<&str>, what: &str) -> Value {
    let of = limits.as_array().unwrap().iter().find(|one| one["account"] == account).unwrap();
    let rows = of["limits"].as_array().unwrap();
    let is_it = |row: &&Value| row["what"] == what && row.get("region").and_then(Value::as_str) == region;
    rows.iter().find(is_it).unwrap_or_else(|| panic!("{what} in {region:?}: {limits:#}")).clone()
}

fn numbers(row: &Value) -> [Option<u64>; 5] {
    ["used", "own", "program", "peak", "quota"].map(|key| row[key].as_u64())
}

#[test]
fn a_program_is_compared_with_the_quotas_of_each_account_and_region() {
    let two = Two::new(PROGRAM);
    // Others have a VPC beside the default one, and another account has more of them.
    two.one.boto("ec2.create_vpc(CidrBlock='172.16.0.0/16')\nresult = 0");
    let raise = |world: &World, region: &str, service: &str, code: &str, value: u32| {
        world.boto(&format!(
            "client('service-quotas', region_name='{region}').request_service_quota_increase(ServiceCode='{service}', QuotaCode='{code}', DesiredValue={value})\nresult = 0"
        ));
    };
    raise(&two.one, "us-west-2", "vpc", "L-F678F1CE", 3);
    raise(&two.two, "eu-west-1", "vpc", "L-F678F1CE", 9);
    raise(&two.two, "us-east-1", "iam", "L-FE177D64", 2000);

    let proxy = Proxy::start(moto::endpoint());
    let said = two.one.asiaq_through(&proxy, &["limits", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let limits: Value = serde_json::from_str(&said.stdout).unwrap();
    let (one, other) = (two.one_id(), two.two_id());
    let vpcs = row(&limits, one, Some("us-west-2"), "VPCs");
    assert_eq!(numbers(&vpcs), [Some(2), Some(0), Some(2), Some(4), Some(3)]);
    assert_eq!((&vpcs["over"], &vpcs["default"]), (&json!(true), &json!(false)));
    let vpcs = row(&limits, other, Some("eu-west-1"), "VPCs");
    assert_eq!(numbers(&vpcs), [Some(1), Some(0), Some(1), Some(2), Some(9)]);
    let roles = row(&limits, other, None, "roles");
    assert_eq!(roles["quota"], json!(2000), "{roles:#}");
    // Ten instances of two processors each, and the value is on the second page.
    let processors = row(&limits, one, Some("us-west-2"), "vCPUs of On-Demand Standard instances");
    assert_eq!(numbers(&processors), [Some(0), Some(0), Some(20), Some(20), Some(64)]);
    let gateways = row(&limits, other, Some("eu-west-1"), "NAT gateways");
    assert_eq!((gateways["zone"].as_str(), &gateways["program"]), (Some("eu-west-1a"), &json!(1)));
    // Nothing of a service that the program does not use.
    let services: Vec<_> =
        proxy.calls().into_iter().filter(|call| call.operation == "ListServiceQuotas").collect();
    assert!(services.len() > 6, "pages: {services:#?}");

    // What is applied counts once.
    two.one.boto("ec2.create_vpc(CidrBlock='172.17.0.0/16')\nresult = 0");
    let said = two.one.asiaq(&["apply", "--yes", "--env", "qa"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let said = two.one.asiaq(&["limits", "--account", "one", "--format", "json"]);
    let limits: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(limits.as_array().unwrap().len(), 1);
    let vpcs = row(&limits, one, Some("us-west-2"), "VPCs");
    assert_eq!(numbers(&vpcs), [Some(4), Some(1), Some(2), Some(5), Some(3)]);
    let table = two.one.asiaq(&["limits", "--account", "one"]).stdout;
    let line = table.lines().find(|line| line.contains("VPCs")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, [one, "us-west-2", "VPCs", "4", "2", "5", "3", "over"]);
}

#[test]
fn the_defaults_are_compared_where_service_quotas_may_not_be_asked() {
    let world = World::new(
        "project p { region = us-west-2 }\nenv ci { cidr = 10.1.0.0/20, zones = 1, metanetwork web {} }",
    );
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("ListServiceQuotas", Fault::Refused("AccessDeniedException", "no"));
    let said = world.asiaq_through(&proxy, &["limits"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let line = said.stdout.lines().find(|line| line.contains("VPCs")).unwrap();
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    assert_eq!(words, ["us-west-2", "VPCs", "1", "1", "2", "5", "default"]);
    for part in ["does not show the quotas to these credentials", "AWS's defaults are compared"] {
        assert!(super::joined(&said.stderr).contains(part), "{}", said.stderr);
    }
    // A listing that is refused costs its own number alone.
    proxy.always("DescribeInternetGateways", Fault::Refused("UnauthorizedOperation", "no"));
    let said = world.asiaq_through(&proxy, &["limits", "--env", "ic"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("did you mean `ci`"), "{}", said.stderr);
}

/// Environments with two gateways each, of five elastic IP addresses that an account has by default.
fn gateways(environments: usize) -> String {
    let envs = (1..=environments).map(|at| {
        format!(
            "env e{at} {{ cidr = 10.{at}.0.0/20, zones = 2, metanetwork web {{ nat = auto, routes = [internet via igw] }} }}\n"
        )
    });
    format!("project shop {{ region = us-west-2 }}\n{}", envs.collect::<String>())
}

fn of_addresses(plan: &str) -> Option<String> {
    let plan: Value = serde_json::from_str(plan).unwrap();
    let notes: Vec<&str> =
        plan["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    notes.into_iter().find(|note| note.contains("elastic IP addresses")).map(str::to_owned)
}

#[test]
fn a_plan_warns_of_the_quotas_that_it_reaches() {
    let world = World::new(&gateways(1));
    let proxy = Proxy::start(moto::endpoint());
    let plan = |world: &World| {
        proxy.clear();
        let said = world.asiaq_through(&proxy, &["plan", "--format", "json"]);
        assert_eq!(said.code, 10, "{said:#?}");
        let asked = proxy.operations().iter().any(|operation| operation == "ListServiceQuotas");
        (asked, of_addresses(&said.stdout))
    };
    // Two of five are few enough not to ask.
    assert_eq!(plan(&world), (false, None));
    world.apply();

    // Two more are most of them, with two of others too many.
    world.write(&gateways(2));
    let (asked, said) = plan(&world);
    let said = said.unwrap();
    assert!(asked && said.contains("comes near to the quota of elastic IP addresses of account"), "{said}");
    assert!(said.contains("in us-west-2: 4, with `e2/"), "{said}");
    assert!(!said.contains("e1/") && said.contains("the quota is 5; "), "{said}");
    world.boto("for _ in range(2): ec2.allocate_address(Domain='vpc')\nresult = 0");
    let said = plan(&world).1.unwrap();
    assert!(said.contains("the plan exceeds the quota of elastic IP addresses"), "{said}");
    assert!(said.contains("6, 2 of others, with `e2/") && said.contains("raised (L-0263D0A3)"), "{said}");
    let text = super::joined(&world.asiaq(&["plan"]).stdout);
    assert!(text.contains("the plan exceeds the quota of elastic IP addresses"), "{text}");

    // Where AWS does not say the value, its default is named; whoever has it raised is not asked again.
    proxy.always("ListServiceQuotas", Fault::Refused("AccessDeniedException", "no"));
    let said = world.asiaq_through(&proxy, &["plan", "--format", "json"]);
    let said = of_addresses(&said.stdout).unwrap();
    assert!(said.contains("the quota is AWS's default of 5"), "{said}");
    world.write(&format!("allow(over-quota)\n{}", gateways(3)));
    assert_eq!(plan(&world), (false, None));
}

#[test]
fn a_plan_does_not_warn_where_the_quota_was_raised() {
    let world = World::new(&gateways(2));
    world.boto(
        "client('service-quotas').request_service_quota_increase(ServiceCode='ec2', QuotaCode='L-0263D0A3', DesiredValue=20)\nresult = 0",
    );
    let said = world.asiaq(&["plan", "--format", "json"]);
    assert_eq!((said.code, of_addresses(&said.stdout)), (10, None), "{said:#?}");
    // What is there already is no growth.
    world.apply();
    world.write(&gateways(2).replace(
        "zones = 2, metanetwork web {",
        "zones = 2, metanetwork web { ingress = [tcp 22 from 192.0.2.0/24],",
    ));
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(said.code, 10, "{said:#?}");
    assert!(!proxy.operations().iter().any(|operation| operation == "ListServiceQuotas"), "{said:#?}");
}
