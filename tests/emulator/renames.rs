//! A renamed declaration is the same thing in AWS: its ids are the same before and after.

use super::proxy::{Fault, Moment, Proxy};
use super::{World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2, team = \"astro\" }

env ci {
  cidr     = auto /20 in 10.0.0.0/8
  zones    = 1
  pipeline = all_day
  metanetwork app { routes = [internet via igw] }
  metanetwork db  {}
}
hostclass front { network = app }
hostclass back  { network = app }
pipeline all_day { stage { run front { desired = 1 }, run back { desired = 1 } } }
topic pages { subscribers = [\"arn:aws:sqs:us-west-2:123456789012:pages\"] }
log_metric errors { on = front, file = \"/var/log/app.log\", pattern = \"error\", value = 1 }
alarm cpu { namespace = \"AWS/EC2\", metric = \"CPUUtilization\", when = average > 95 for 3 x 5m, notify = pages }
";

/// What AWS has of the project, with its ids, and nothing that follows from names.
const IDS: &str = "
ids = {}
ids['vpcs'] = sorted(v['VpcId'] for v in ec2.describe_vpcs()['Vpcs'] if not v['IsDefault'])
ids['subnets'] = sorted(s['SubnetId'] + ' ' + s['CidrBlock'] for s in ec2.describe_subnets()['Subnets'] if not s['DefaultForAz'])
ids['groups'] = sorted(g['GroupId'] for g in ec2.describe_security_groups()['SecurityGroups'] if g['GroupName'] != 'default')
ids['tables'] = sorted(t['RouteTableId'] for t in ec2.describe_route_tables()['RouteTables'] if t['Tags'])
ids['gateways'] = sorted(g['InternetGatewayId'] for g in ec2.describe_internet_gateways()['InternetGateways'])
ids['templates'] = sorted(t['LaunchTemplateId'] for t in ec2.describe_launch_templates()['LaunchTemplates'])
ids['machines'] = sorted(i['InstanceId'] for r in ec2.describe_instances()['Reservations'] for i in r['Instances'])
ids['scaling'] = sorted(g['AutoScalingGroupName'] for g in client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups'])
ids['topics'] = sorted(t['TopicArn'] for t in client('sns').list_topics()['Topics'])
result = ids";

const LOGS: &str =
    "result = sorted(g['logGroupName'] for g in client('logs').describe_log_groups()['logGroups'])";

/// A world in which a program is applied.
fn running(program: &str) -> World {
    let world = World::new(program);
    world.stock_with(r#"{ "images": ["front", "back"] }"#);
    world.apply();
    world
}

fn replaced(program: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(program.to_owned(), |text, (old, new)| text.replace(old, new))
}

/// Applies a program in which declarations have other names; nothing gets another id.
fn keeps(world: &World, program: &str) {
    let before = world.boto(IDS);
    world.write(program);
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains("moved from "), "{}", plan.stdout);
    assert!(!plan.stdout.contains("data-loss"), "{}", plan.stdout);
    world.apply();
    assert_eq!(world.boto(IDS), before);
}

#[test]
fn a_renamed_hostclass_and_metanetwork_are_recognized() {
    let world = running(PROGRAM);
    let names = [("metanetwork db ", "metanetwork data ")];
    keeps(&world, &replaced(PROGRAM, &names));
    let names = [
        ("metanetwork db ", "metanetwork data "),
        ("hostclass front", "hostclass web"),
        ("run front", "run web"),
        ("on = front", "on = web"),
    ];
    keeps(&world, &replaced(PROGRAM, &names));
    let kept = serde_json::json!(["ci/front/var/log/app.log", "ci/web/var/log/app.log"]);
    assert_eq!(world.boto(LOGS), kept, "log events are data");
}

#[test]
fn several_renames_and_an_environment_are_kept_with_moved() {
    let world = running(PROGRAM);
    let names = [
        ("env ci", "env live"),
        ("hostclass front", "hostclass web"),
        ("run front", "run web"),
        ("on = front", "on = web"),
        ("hostclass back", "hostclass work"),
        ("run back", "run work"),
        ("metanetwork db ", "metanetwork data "),
        ("topic pages", "topic calls"),
        ("notify = pages", "notify = calls"),
    ];
    let bare = replaced(PROGRAM, &names);
    let moved = "moved env ci -> live\nmoved hostclass front -> web\nmoved hostclass back -> work\n\
                 moved metanetwork live/db -> live/data\nmoved topic pages -> calls\n";
    keeps(&world, &format!("{bare}{moved}"));
    // The lines are not needed any more, and are said so.
    let plan = world.asiaq(&["plan"]);
    assert!(plan.code == 0 && plan.stdout.contains("`moved env ci -> live`"), "{plan:#?}");
    world.write(&bare);
    world.assert_settled();
    // An old name is free again.
    let again = bare
        .replace("hostclass web", "hostclass front { network = app }\nhostclass web")
        .replace("run work", "run front { desired = 0 }, run work");
    world.write(&again);
    world.apply();
    world.assert_settled();
}

#[test]
fn a_protected_environment_may_get_another_name() {
    let protected = PROGRAM.replace("  zones    = 1", "  zones    = 1\n  protect  = true");
    let world = running(&protected);
    let renamed = protected.replace("env ci", "env live");
    keeps(&world, &renamed);
    keeps(&world, &format!("{}moved env live -> prod\n", protected.replace("env ci", "env prod")));
}

#[test]
fn a_renamed_environment_is_recognized_where_nothing_else_has_changed() {
    let world = running(PROGRAM);
    let renamed = PROGRAM.replace("env ci", "env build");
    let before = world.boto(IDS);
    world.write(&renamed);
    // An environment that is asked for is planned under its old name too.
    for arguments in [&["plan"][..], &["plan", "--env", "build"]] {
        let plan = world.asiaq(arguments);
        let words = joined(&plan.stdout);
        assert_eq!(plan.code, 10, "{plan:#?}");
        assert!(
            words.contains("moved from ci/vpc") && words.contains("`build` is `ci` under another name"),
            "{words}"
        );
    }
    let destroy = world.asiaq(&["destroy", "--env", "build", "--dry-run"]);
    assert!(
        destroy.stdout.starts_with("Nothing to do: no resources of `build` of `shop` exist"),
        "{destroy:#?}"
    );
    let shown = world.asiaq(&["show", "build/vpc"]);
    assert!(shown.code == 0 && shown.stdout.contains("ci/vpc"), "{shown:#?}");
    // A run that is killed on the way is continued, also by a program that has changed meanwhile.
    let proxy = Proxy::start(moto::endpoint());
    for n in 3..40 {
        proxy.on("CreateTags", n, Fault::Failed(Moment::Before));
    }
    let failed = world.asiaq_impatient(&proxy, &["apply", "--yes"]);
    assert_ne!(failed.code, 0, "{failed:#?}");
    world.write(&renamed.replace("123456789012:pages", "123456789012:others"));
    world.apply();
    world.assert_settled();
    world.write(&renamed);
    world.apply();
    assert_eq!(world.boto(IDS), before);
    world.assert_settled();
}

#[test]
fn an_environment_that_may_be_another_one_is_asked_about() {
    let world = running(PROGRAM);
    let before = world.boto(IDS);
    let other = PROGRAM.replace("env ci", "env build").replace("metanetwork db  {}", "metanetwork store {}");
    let other = other.replace("zones    = 1", "zones    = 2");
    world.write(&other);
    for arguments in [&["plan"][..], &["apply", "--yes"]] {
        let refused = world.asiaq(arguments);
        let words = joined(&format!("{}{}", refused.stdout, refused.stderr));
        assert!(words.contains("write `moved env ci -> build`, and it keeps what it has"), "{words}");
        assert!(words.contains("`ci` is no longer declared, and the end of a whole environment"), "{words}");
    }
    assert_eq!(world.boto(IDS), before);
    // With the line it is the same.
    world.write(&format!("{other}moved env ci -> build\n"));
    world.apply();
    let vpcs = |ids: &serde_json::Value| ids["vpcs"].clone();
    assert_eq!(vpcs(&world.boto(IDS)), vpcs(&before));
}

#[test]
fn several_environments_that_are_gone_are_not_guessed() {
    let (start, end) = (PROGRAM.find("env ci").unwrap(), PROGRAM.find("hostclass front").unwrap());
    let another = PROGRAM[start..end].replace("env ci", "env qa");
    let two = format!("{}{another}{}", &PROGRAM[..end], &PROGRAM[end..]);
    let world = running(&two);
    let before = world.boto(IDS);
    world.write(&two.replace("env ci", "env build").replace("env qa", "env stage"));
    let refused = world.asiaq(&["apply", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    let words = joined(&refused.stderr);
    assert!(words.contains("say which is which, as in `moved env ci -> build`"), "{words}");
    assert_eq!(world.boto(IDS), before);
}
