//! Public zones below others: the zone above has their name servers, as boto3 sees both.

use serde_json::Value;

use super::{Said, World, joined};

const PROGRAM: &str = "project orchard { region = us-west-2 }

env prod {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork app {}
  zone world { domain = \"orchard.example\" }
}
env dev {
  cidr  = 10.1.0.0/20
  zones = 1
  metanetwork app {}
  zone world   { domain = \"dev.orchard.example\" }
  zone inside  { domain = \"in.orchard.example\", private = true }
  zone reverse { domain = \"0/25.113.0.203.in-addr.arpa\" }
  zone net     { domain = \"113.0.203.in-addr.arpa\" }
}
";

/// The name servers of each zone under its domain, and the `NS` records of others under `ZONE > NAME`.
const SERVERS: &str = "
dns, result = client('route53'), {}
for zone in dns.list_hosted_zones()['HostedZones']:
    if not zone['Config']['PrivateZone']:
        servers = dns.get_hosted_zone(Id=zone['Id'])['DelegationSet']['NameServers']
        result[zone['Name'].rstrip('.')] = sorted(servers)
    for record in dns.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets']:
        if record['Type'] == 'NS' and record['Name'] != zone['Name']:
            values = sorted(value['Value'].rstrip('.') for value in record['ResourceRecords'])
            result[zone['Name'].rstrip('.') + ' > ' + record['Name'].rstrip('.')] = values
";

fn servers(world: &World) -> Value {
    world.boto(SERVERS)
}

fn run(world: &World, arguments: &[&str], code: i32) -> Said {
    let said = world.asiaq(arguments);
    assert_eq!(said.code, code, "{arguments:?}: {said:#?}");
    said
}

const RECORD: &str = "orchard.example > dev.orchard.example";

#[test]
fn a_zone_in_another_one_is_delegated_and_a_top_zone_is_spoken_of() {
    let world = World::new(PROGRAM);
    let plan = run(&world, &["plan"], 10);
    assert!(plan.stdout.contains("zone/world/delegation"), "{}", plan.stdout);
    let said = joined(&format!("{}{}", plan.stdout, plan.stderr));
    for domain in ["orchard.example", "113.0.203.in-addr.arpa"] {
        assert!(said.contains(&format!("nobody finds the names in `{domain}`")), "{said}");
    }
    assert!(said.contains("`asiaq show prod/zone/world`"), "{said}");
    assert!(!said.contains("names in `dev.orchard.example`"), "{said}");
    world.apply();
    let seen = servers(&world);
    assert_eq!(seen[RECORD], seen["dev.orchard.example"], "{seen:#}");
    assert_ne!(seen["dev.orchard.example"], seen["orchard.example"]);
    let reverse = "0/25.113.0.203.in-addr.arpa";
    let of_reverse = seen.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("arpa"));
    assert_eq!(of_reverse.count(), 3, "{seen:#}");
    assert!(
        !seen[format!("113.0.203.in-addr.arpa > {reverse}")].is_null() || seen.to_string().contains("057"),
        "{seen:#}"
    );
    assert!(!seen.to_string().contains("in.orchard.example"), "a private zone is not delegated: {seen:#}");
    let shown = run(&world, &["show", "prod/zone/world"], 0);
    for server in seen["orchard.example"].as_array().unwrap() {
        assert!(shown.stdout.contains(server.as_str().unwrap()), "{}", shown.stdout);
    }
}

#[test]
fn environments_come_and_go_one_by_one() {
    let world = World::new(PROGRAM);
    let said = run(&world, &["apply", "--env", "dev", "--yes"], 0);
    let said = joined(&format!("{}{}", said.stdout, said.stderr));
    assert!(said.contains("`dev/zone/world/delegation` is left out: it needs `prod/zone/world`"), "{said}");
    assert!(servers(&world)[RECORD].is_null());
    run(&world, &["apply", "--env", "prod", "--yes"], 0);
    let seen = servers(&world);
    assert_eq!(seen[RECORD], seen["dev.orchard.example"], "{seen:#}");
    for env in ["dev", "prod"] {
        run(&world, &["plan", "--env", env], 0);
    }
    world.assert_settled();

    let said = run(&world, &["destroy", "--env", "dev", "--yes"], 0);
    let place = |what: &str| {
        said.stderr.find(&format!("deleted {what} ")).unwrap_or_else(|| panic!("{}", said.stderr))
    };
    assert!(place("dev/zone/world/delegation") < place("dev/zone/world"), "{}", said.stderr);
    assert!(servers(&world)[RECORD].is_null());
    run(&world, &["plan", "--env", "prod"], 0);

    run(&world, &["apply", "--env", "dev", "--yes"], 0);
    let seen = servers(&world);
    assert_eq!(seen[RECORD], seen["dev.orchard.example"], "{seen:#}");
    run(&world, &["destroy", "--env", "prod", "--yes"], 0);
    let seen = servers(&world);
    assert!(seen["orchard.example"].is_null() && seen["dev.orchard.example"].is_array(), "{seen:#}");
    run(&world, &["destroy", "--yes"], 0);
    assert_eq!(servers(&world), serde_json::json!({}));
}

#[test]
fn what_others_wrote_stays_and_what_they_change_is_mended() {
    let world = World::new(PROGRAM);
    run(&world, &["apply", "--env", "prod", "--yes"], 0);
    world.boto(
        "dns = client('route53')
zone = dns.list_hosted_zones()['HostedZones'][0]['Id']
record = {'Name': 'dev.orchard.example', 'Type': 'NS', 'TTL': 60, 'ResourceRecords': [{'Value': 'ns1.example.com.'}]}
dns.change_resource_record_sets(
    HostedZoneId=zone, ChangeBatch={'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': record}]})",
    );
    world.apply();
    assert_eq!(servers(&world)[RECORD], serde_json::json!(["ns1.example.com"]), "a record by hand stays");
    let remove = "dns = client('route53')
for zone in dns.list_hosted_zones()['HostedZones']:
    for record in dns.list_resource_record_sets(HostedZoneId=zone['Id'])['ResourceRecordSets']:
        if record['Type'] == 'NS' and record['Name'] == 'dev.orchard.example.' != zone['Name']:
            changes = [{'Action': 'DELETE', 'ResourceRecordSet': record}]
            if CHANGED:
                values = [{'Value': 'ns1.example.com.'}]
                changes = [{'Action': 'UPSERT', 'ResourceRecordSet': {**record, 'ResourceRecords': values}}]
            dns.change_resource_record_sets(HostedZoneId=zone['Id'], ChangeBatch={'Changes': changes})";
    world.boto(&remove.replace("CHANGED", "False"));
    world.apply();
    let seen = servers(&world);
    assert_eq!(seen[RECORD], seen["dev.orchard.example"], "without it, asiaq writes one");
    world.boto(&remove.replace("CHANGED", "True"));
    let plan = run(&world, &["plan"], 10);
    assert!(plan.stdout.contains("ns1.example.com"), "{}", plan.stdout);
    world.apply();
    let seen = servers(&world);
    assert_eq!(seen[RECORD], seen["dev.orchard.example"]);
}

#[test]
fn a_program_can_say_no_or_write_the_record_itself() {
    let world = World::new(PROGRAM);
    world.apply();
    let domain = "domain = \"dev.orchard.example\"";
    world.write(&PROGRAM.replace(domain, &format!("{domain}, delegate = false")));
    world.apply();
    assert!(servers(&world)[RECORD].is_null(), "the record goes");
    let world = World::new(&PROGRAM.replace(
        "domain = \"orchard.example\"",
        "domain = \"orchard.example\", record dev { type = NS, values = [\"ns1.example.com\"] }",
    ));
    world.apply();
    assert_eq!(servers(&world)[RECORD], serde_json::json!(["ns1.example.com"]));
}
