//! Pipelines from outside: up, down, the list of machines, their number, an environment without its images.

use std::collections::BTreeSet;

use serde_json::Value;

use super::World;

const PROGRAM: &str = "project p { region = us-west-2, team = \"astro\" }

env ci {
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = small
  metanetwork app {}
}
env idle {
  cidr     = 10.1.0.0/20
  zones    = 1
  protect  = true
  pipeline = other
  metanetwork app {}
}

hostclass mhcfoo    { network = app }
hostclass mhcfoobar { network = app }
hostclass mhclost   { network = app }

pipeline small {
  stage { run mhcfoo { desired = 1, max = 3 } }
  stage { run mhcfoobar { min = 1, desired = 1, max = 1 } }
}
pipeline other {
  stage { run mhclost { desired = 1 } }
}
";

/// A world in which `ci` runs.
fn running() -> World {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["mhcfoo", "mhcfoobar"] }"#);
    let said = world.asiaq(&["apply", "--env", "ci", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

fn hosts(world: &World) -> Vec<Value> {
    let said = world.asiaq(&["hosts", "--format", "json"]);
    serde_json::from_str::<Vec<Value>>(&said.stdout).unwrap()
}

fn hostclasses(world: &World) -> Vec<String> {
    hosts(world).iter().map(|host| host["hostclass"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_environment_waits_for_its_own_images_and_not_for_those_of_others() {
    let world = running();
    let said = world.asiaq(&["apply", "--env", "idle", "--yes"]);
    assert_eq!(said.code, 1, "{said:#?}");
    assert!(said.stderr.contains("there is no AMI of `mhclost` for `idle`"), "{}", said.stderr);
    assert!(world.lines("idle").is_empty(), "nothing is made");
}

#[test]
fn machines_are_listed() {
    let world = running();
    let said = world.asiaq(&["hosts"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.starts_with("ID "), "{}", said.stdout);
    assert_eq!(hostclasses(&world), ["mhcfoo", "mhcfoobar"]);
    let only = world.asiaq(&["hosts", "--env", "ci", "--hostclass", "mhcfoo", "--wide"]);
    assert_eq!(only.stdout.lines().count(), 2, "a line of headings and one machine: {}", only.stdout);
    let nobody = world.asiaq(&["hosts", "--env", "idle"]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (0, ""));
    let misspelt = world.asiaq(&["hosts", "--hostclass", "mhcfo"]);
    assert_eq!(misspelt.code, 2, "{misspelt:#?}");
    assert_eq!(misspelt.stderr, "error: no environment runs `mhcfo`; did you mean `mhcfoo`?\n");
}

#[test]
fn machines_are_made_more_and_fewer_and_the_program_has_the_last_word() {
    let world = running();
    let unasked = world.asiaq(&["scale", "mhcfoo", "--env", "ci", "--desired", "3"]);
    assert_eq!(unasked.code, 2, "{unasked:#?}");
    assert!(
        unasked.stderr.contains("`--yes`") && unasked.stderr.contains("1 (0 to 3) → 3 (0 to 3)"),
        "{unasked:#?}"
    );
    assert_eq!(hostclasses(&world), ["mhcfoo", "mhcfoobar"], "nobody agreed");
    let said = world.asiaq(&["scale", "mhcfoo", "--env", "ci", "--desired", "3", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.ends_with("1 (0 to 3) → 3 (0 to 3)\n"), "{}", said.stdout);
    assert_eq!(hostclasses(&world), ["mhcfoo", "mhcfoo", "mhcfoo", "mhcfoobar"]);
    let plan = world.asiaq(&["plan", "--env", "ci"]);
    assert_eq!(plan.code, 10);
    assert!(plan.stdout.contains("desired"), "{}", plan.stdout);

    for (arguments, words) in [
        (&["scale", "mhcfooba", "--env", "ci", "--desired", "1"][..], "did you mean `mhcfoobar`?"),
        (&["scale", "mhcfoo", "--env", "ci"], "set a size"),
        (
            &["scale", "mhcfoo", "--env", "ci", "--min", "4", "--max", "2"],
            "the minimum 4 is above the maximum 2",
        ),
        (&["scale", "mhcfoo", "--env", "ci", "--min", "4"], "add `--max 4`"),
        (
            &["scale", "mhcfoo", "--env", "ci", "--desired", "9", "--yes"],
            "above the maximum 3: add `--max 9`",
        ),
        (
            &["scale", "mhcfoobar", "--env", "ci", "--desired", "0", "--yes"],
            "below the minimum 1: add `--min 0`",
        ),
        (&["scale", "mhclost", "--env", "idle", "--desired", "1"], "there are no instances in `idle`"),
    ] {
        let said = world.asiaq(arguments);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
}

#[test]
fn a_pipeline_goes_down_and_comes_up_while_the_network_stays() {
    let world = running();
    let before: BTreeSet<String> = world.look().lines().map(str::to_owned).collect();
    let said = world.asiaq(&["down", "small", "--env", "ci", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let place = |what: &str| said.stderr.find(&format!("deleted ci/hostclass/{what}/group ")).unwrap();
    assert!(place("mhcfoobar") < place("mhcfoo"), "the last stage goes first: {}", said.stderr);
    assert_eq!(hostclasses(&world), Vec::<String>::new());
    assert_eq!(world.look().lines().map(str::to_owned).collect::<BTreeSet<_>>(), before, "the network stays");

    let said = world.asiaq(&["up", "small", "--env", "ci", "--hostclass", "mhcfoo", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(hostclasses(&world), ["mhcfoo"]);
    let said = world.asiaq(&["up", "small", "--env", "ci", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(hostclasses(&world), ["mhcfoo", "mhcfoobar"]);
    assert_eq!(world.asiaq(&["plan", "--env", "ci"]).code, 0);
}

#[test]
fn what_does_not_run_or_has_no_network_does_not_come_up() {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["mhcfoo", "mhcfoobar"] }"#);
    for (arguments, words) in [
        (&["up", "small", "--env", "ci", "--yes"][..], "run `asiaq apply --env ci`"),
        (&["up", "smal", "--env", "ci", "--yes"], "runs pipeline `small`, not `smal`"),
        (&["up", "small", "--env", "ci", "--hostclass", "mhcfo", "--yes"], "did you mean `mhcfoo`?"),
    ] {
        let said = world.asiaq(arguments);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
}

#[test]
fn a_name_follows_a_load_balancer_that_is_made_anew_under_its_own_name() {
    let program = "project p { region = us-west-2, domain = \"shop.example\" }

env ci {
  cidr     = 10.0.0.0/20
  zones    = 1
  pipeline = small
  metanetwork app { routes = [internet via igw] }
}

hostclass mhcfoo { network = app, elb { public = true } }

pipeline small { stage { run mhcfoo { desired = 1 } } }
";
    let world = World::new(program);
    let account = r#"{ "images": ["mhcfoo"], "zones": ["shop.example"] }"#;
    world.stock_with(account);
    world.apply();
    world.write(&program.replace("public = true", "public = false"));
    world.apply();
    let names = world.boto(
        "import boto3
zones = boto3.client('route53', region_name='us-west-2')
zone = zones.list_hosted_zones()['HostedZones'][0]['Id']
sets = zones.list_resource_record_sets(HostedZoneId=zone)['ResourceRecordSets']
balancer = boto3.client('elb', region_name='us-west-2').describe_load_balancers()['LoadBalancerDescriptions'][0]
cname = next(found for found in sets if found['Type'] == 'CNAME')
result = [balancer['DNSName'], cname['ResourceRecords'][0]['Value'].rstrip('.')]",
    );
    assert_eq!(names[0], names[1]);
}

#[test]
fn a_template_version_that_somebody_made_without_an_image_is_drift() {
    let world = running();
    world.boto(
        "result = ec2.create_launch_template_version(LaunchTemplateName='ci_mhcfoo', LaunchTemplateData={'InstanceType': 't2.micro'})",
    );
    let plan = world.asiaq(&["plan", "--env", "ci"]);
    assert!(plan.stdout.contains("~ launch-template"), "{plan:#?}");
    assert_eq!(world.asiaq(&["apply", "--env", "ci", "--yes"]).code, 0);
    assert_eq!(world.asiaq(&["plan", "--env", "ci"]).code, 0);
}

#[test]
fn machines_with_an_older_template_are_said() {
    let program = r"
project shop { region = us-west-2 }
env live { cidr = 10.20.0.0/20, zones = 1, pipeline = work, metanetwork app {} }
hostclass worker { network = app }
pipeline work { stage { run worker { desired = 2, type = t3.small } } }
";
    let world = World::new(program);
    world.stock_with(r#"{"images": ["worker"]}"#);
    let first = world.apply();
    assert!(!first.stdout.contains("launch template of"), "{}", first.stdout);
    assert!(!world.asiaq(&["hosts"]).stdout.contains("TEMPLATE"));

    world.write(&program.replace("t3.small", "t3.large"));
    let said = |part: &str, said: super::Said| {
        let text = super::joined(&(said.stdout + &said.stderr));
        assert!(text.contains(part), "{part}: {text}");
    };
    said("2 instances run with the old launch template", world.asiaq(&["plan"]));
    world.apply();
    // What is left to do is nothing, and the machines are as they were.
    said("2 instances run with an older launch template", world.asiaq(&["plan"]));
    said("TEMPLATE", world.asiaq(&["hosts"]));
    assert_eq!(world.asiaq(&["hosts"]).stdout.matches(" old").count(), 2);
    assert!(hosts(&world).iter().all(|host| host["outdated"] == true));
}
