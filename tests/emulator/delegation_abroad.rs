//! Public zones below others that are in another account, as boto3 sees both accounts.

use serde_json::{Value, json};

use super::accounts::Two;
use super::proxy::{Fault, Proxy};
use super::{World, joined, moto};

/// Zones whose zone above is in another account: of an environment there, of the own environment, and with only the zone
/// below lent.
const PROGRAM: &str = r#"project shop { region = us-west-2 }
account one { id = "ONE" }
account two { id = "TWO", role = "arn:aws:iam::TWO:role/asiaq" }
env prod {
  account = two
  cidr    = 10.0.0.0/20
  zones   = 1
  metanetwork app {}
  zone world { domain = "shop.example" }
}
env dev {
  account = one
  cidr    = 10.1.0.0/20
  zones   = 1
  metanetwork app {}
  zone world { domain = "dev.shop.example" }
  zone lent  { domain = "other.example", account = two }
  zone under { domain = "under.other.example" }
  zone top   { domain = "third.example" }
  zone far   { domain = "far.third.example", account = two }
}
"#;

/// The name servers of each zone under its domain, and the `NS` records of others under `ZONE > NAME`.
const SERVERS: &str = "
dns, result = client('route53'), {}
for zone in dns.list_hosted_zones()['HostedZones']:
    for record in dns.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets']:
        if record['Type'] == 'NS':
            own = record['Name'] == zone['Name']
            name = zone['Name'] if own else zone['Name'] + ' > ' + record['Name']
            result[name] = sorted(value['Value'].rstrip('.') for value in record['ResourceRecords'])
";

fn servers(world: &World) -> Value {
    world.boto(SERVERS)
}

fn assert_delegated(two: &Two) {
    let (one, other) = (servers(&two.one), servers(&two.two));
    for (above, record, below, zone) in [
        (&other, "shop.example. > dev.shop.example.", &one, "dev.shop.example."),
        (&other, "other.example. > under.other.example.", &one, "under.other.example."),
        (&one, "third.example. > far.third.example.", &other, "far.third.example."),
    ] {
        assert!(below[zone].is_array(), "{zone}: {one:#} {other:#}");
        assert_eq!(above[record], below[zone], "{record}: {one:#} {other:#}");
    }
}

#[test]
fn a_zone_is_delegated_by_the_zone_above_it_in_another_account() {
    let two = Two::new(PROGRAM);
    let plan = two.one.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    for record in ["zone/world/delegation", "zone/under/delegation", "zone/far/delegation"] {
        assert!(plan.stdout.contains(record), "{record}: {}", plan.stdout);
    }
    two.one.apply();
    two.one.assert_settled();
    assert_delegated(&two);
    for env in ["prod", "dev"] {
        let plan = two.one.asiaq(&["plan", "--env", env]);
        assert_eq!(plan.code, 0, "{env}: {plan:#?}");
    }

    // By hand somebody takes one away, and changes another one.
    two.two.boto(
        "dns = client('route53')
for zone in dns.list_hosted_zones()['HostedZones']:
    for record in dns.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets']:
        if record['Type'] == 'NS' and record['Name'] != zone['Name']:
            changes = [{'Action': 'DELETE', 'ResourceRecordSet': record}]
            if zone['Name'] == 'other.example.':
                values = [{'Value': 'ns1.example.com.'}]
                changes = [{'Action': 'UPSERT', 'ResourceRecordSet': {**record, 'ResourceRecords': values}}]
            dns.change_resource_record_sets(HostedZoneId=zone['Id'], ChangeBatch={'Changes': changes})",
    );
    let plan = two.one.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    let said = joined(&plan.stdout);
    assert!(said.contains("zone/world/delegation") && said.contains("ns1.example.com"), "{said}");
    two.one.apply();
    two.one.assert_settled();
    assert_delegated(&two);

    // One environment alone: the zone above stays, the record goes.
    let said = two.one.asiaq(&["destroy", "--env", "dev", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let left = servers(&two.two);
    assert!(left["shop.example."].is_array(), "{left:#}");
    assert!(left["shop.example. > dev.shop.example."].is_null(), "{left:#}");
    two.one.apply();
    assert_delegated(&two);
    let said = two.one.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!((servers(&two.one), servers(&two.two)), (json!({}), json!({})));
}

#[test]
fn a_record_that_others_wrote_in_the_other_account_stays() {
    let two = Two::new(PROGRAM);
    let said = two.one.asiaq(&["apply", "--env", "prod", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    two.two.boto(
        "dns = client('route53')
zone = dns.list_hosted_zones()['HostedZones'][0]['Id']
record = {'Name': 'dev.shop.example', 'Type': 'NS', 'TTL': 60, 'ResourceRecords': [{'Value': 'ns1.example.com.'}]}
dns.change_resource_record_sets(
    HostedZoneId=zone, ChangeBatch={'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': record}]})",
    );
    two.one.apply();
    two.one.assert_settled();
    assert_eq!(servers(&two.two)["shop.example. > dev.shop.example."], json!(["ns1.example.com"]));
}

#[test]
fn without_the_other_account_no_name_server_is_taken_for_changed() {
    let two = Two::new(PROGRAM);
    two.one.apply();
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("AssumeRole", Fault::Refused("AccessDenied", "no"));
    let said = two.one.asiaq_through(&proxy, &["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(plan["steps"], json!([]), "{:#}", plan["steps"]);
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 3, "{said:#?}");
    assert_delegated(&two);
    two.one.assert_settled();
}

#[test]
fn what_is_killed_at_a_call_is_finished_by_the_next_run() {
    // Each run is killed later than the one before, until one is not.
    for n in (5..).step_by(9) {
        let two = Two::new(PROGRAM);
        let is_killed = two.one.kill_at(n, &["apply", "--yes"]);
        two.one.asiaq(&["unlock", "--env", "dev", "--env", "prod", "--yes"]);
        two.one.apply();
        two.one.assert_settled();
        assert_delegated(&two);
        if !is_killed {
            break;
        }
    }
}
