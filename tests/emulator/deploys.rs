//! `asiaq deploy`: what it does in which order, what is left when something fails, and that traffic never stops.

mod rolling;
mod sandboxes;
mod sharing;
mod tested;
mod tickets;

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::permissions::needs;
use super::proxy::{Fault, Moment, Proxy};
use super::{Said, World, joined, moto};

const PROGRAM: &str = "
project shop { region = us-west-2, domain = \"shop.example\" }
env ci {
  cidr     = 10.0.0.0/20
  zones    = 2
  pipeline = web
  metanetwork app { ingress = [tcp 8080 from all], routes = [internet via igw] }
}
topic ops { subscribers = [\"ops@shop.example\"] }
alarm busy {
  on = [front], namespace = \"AWS/EC2\", metric = \"CPUUtilization\", when = average > 80 for 3 x 5m, notify = ops
}
hostclass front {
  network = app
  lb { listeners = [http 80 -> http 8080] }
}
pipeline web {
  stage {
    run front {
      min        = 1
      desired    = 2
      max        = [4 at \"0 6 * * *\", 6 at \"0 20 * * *\"]
      smoke_test = true
      deployable = true
    }
  }
}
";

/// A world with a deployed AMI of `front`, and a newer one that is not tested.
struct Shop {
    world: World,
    old: String,
    new: String,
}

/// Makes an AMI of `front`; returns its id.
fn bake(world: &World, second: u32, stage: &str) -> String {
    let made = world.boto(&format!(
        "result = ec2.register_image(Name='front {second}', RootDeviceName='/dev/sda1')['ImageId']
ec2.create_tags(Resources=[result], Tags=[{{'Key': key, 'Value': value}} for key, value in {{
    'stage': '{stage}', 'hostclass': 'front', 'is_private': 'False'}}.items()])"
    ));
    made.as_str().unwrap().to_owned()
}

impl Shop {
    fn new() -> Self {
        Self::of(PROGRAM)
    }

    fn of(program: &str) -> Self {
        Self::in_world(World::new(program))
    }

    fn in_world(world: World) -> Self {
        world.stock_with(r#"{ "zones": ["shop.example"] }"#);
        let old = bake(&world, 1_760_000_000, "tested");
        let said = alive(&world, &[], || world.asiaq(&["apply", "--yes"]));
        assert_eq!(said.code, 0, "{said:#?}");
        let new = bake(&world, 1_770_000_000, "untested");
        Self { world, old, new }
    }

    fn deploy(&self, more: &[&str]) -> Said {
        let words = [&["deploy", "web", "--env", "ci", "--yes", "--timeout", "20s"], more].concat();
        alive(&self.world, &[], || self.world.asiaq(&words))
    }

    /// The groups: name, AMI of the instances in service, attached target groups and load balancers, sizes, and tags
    /// of deploys.
    fn groups(&self) -> Value {
        self.world.boto(
            "result = []
images = {one['InstanceId']: one['ImageId'] for page in ec2.describe_instances()['Reservations'] for one in page['Instances']}
for group in client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups']:
    result.append({
        'name': group['AutoScalingGroupName'],
        'images': sorted({images[one['InstanceId']] for one in group['Instances']}),
        'instances': len(group['Instances']),
        'places': [len(group['TargetGroupARNs']), len(group['LoadBalancerNames'])],
        'sizes': [group['MinSize'], group['DesiredCapacity'], group['MaxSize']],
        'version': group['LaunchTemplate']['Version'],
        'schedules': len(client('autoscaling').describe_scheduled_actions(AutoScalingGroupName=group['AutoScalingGroupName'])['ScheduledUpdateGroupActions']),
        'tags': sorted(tag['Key'] for tag in group['Tags'] if tag['Key'].startswith('asiaq:deploy')),
    })",
        )
    }

    /// The only group, which runs an AMI.
    fn only(&self, image: &str) -> Value {
        let groups = self.groups();
        let [group] = groups.as_array().unwrap().as_slice() else { panic!("{groups:#}") };
        assert_eq!(group["images"], json!([image]), "{group:#}");
        assert_eq!((&group["places"], &group["version"]), (&json!([1, 0]), &json!("$Latest")), "{group:#}");
        let tags = group["tags"].as_array().unwrap();
        assert!(tags.iter().all(|tag| tag == "asiaq:deployed"), "{group:#}");
        group.clone()
    }

    fn stage(&self, image: &str) -> String {
        let stage = self.world.boto(&format!(
            "tags = ec2.describe_images(ImageIds=['{image}'])['Images'][0]['Tags']
result = next(tag['Value'] for tag in tags if tag['Key'] == 'stage')"
        ));
        stage.as_str().unwrap().to_owned()
    }

    /// The way back is a deploy too, and what is taken back counts as failed.
    fn is_taken_back(&self, timeout: &str) {
        let words = ["deploy", "rollback", "--env", "ci", "--hostclass", "front", "--yes"];
        let words = [&words[..], &["--timeout", timeout]].concat();
        let said = alive(&self.world, &[], || self.world.asiaq(&words));
        assert_eq!(said.code, 0, "{said:#?}");
        self.only(&self.old);
        assert_eq!((self.stage(&self.old).as_str(), self.stage(&self.new).as_str()), ("tested", "failed"));
        self.is_settled(&self.old);
    }

    /// Nothing is left to do, and the alarm and the template are of what runs.
    fn is_settled(&self, image: &str) {
        let plan = self.world.asiaq(&["plan"]);
        assert_eq!(plan.code, 0, "{plan:#?}");
        assert!(!joined(&(plan.stdout + &plan.stderr)).contains("deploy that is under way"));
        let seen = self.world.boto(
            "alarm = client('cloudwatch').describe_alarms()['MetricAlarms'][0]
template = ec2.describe_launch_template_versions(LaunchTemplateName='ci_front', Versions=['$Latest'])['LaunchTemplateVersions'][0]
result = [[one['Value'] for one in alarm['Dimensions']], template['LaunchTemplateData']['ImageId']]",
        );
        assert_eq!(seen, json!([[self.groups()[0]["name"]], image]));
    }
}

/// Does something while instances set their tag `smoketest` as they boot, but for those of `dead` AMIs.
fn alive<T>(world: &World, dead: &[&str], work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                world.boto(&format!(
                    "import time
result = 0
for turn in range(10):
    pages = ec2.describe_instances(Filters=[{{'Name': 'instance-state-name', 'Values': ['running']}}])['Reservations']
    young = [one['InstanceId'] for page in pages for one in page['Instances']
             if one['ImageId'] not in {dead:?} and not any(tag['Key'] == 'smoketest' for tag in one.get('Tags', []))]
    if young:
        ec2.create_tags(Resources=young, Tags=[{{'Key': 'smoketest', 'Value': 'tested'}}])
    time.sleep(0.1)"
                ));
            }
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// How long things take in the emulator, and what never gets healthy.
fn pace(world: &World, said: &Value) {
    world.boto(&format!(
        "client('ssm').put_parameter(Name='/emulator/pace', Type='String', Overwrite=True, Value='{said}')
result = 0"
    ));
}

#[test]
fn a_deploy_puts_a_tested_image_in_place_and_leaves_nothing_behind() {
    let shop = Shop::new();
    let before = shop.only(&shop.old);
    let look = shop.world.asiaq(&["deploy", "web", "--env", "ci", "--dry-run"]);
    assert_eq!(look.code, 10, "{look:#?}");
    assert!(look.stdout.contains(&format!("{} in place of {}", shop.new, shop.old)), "{look:#?}");
    assert_eq!(shop.only(&shop.old), before);

    pace(&shop.world, &json!({ "looks": 2 }));
    let said = shop.deploy(&[]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.contains("deployed"), "{said:#?}");
    let after = shop.only(&shop.new);
    assert_ne!(after["name"], before["name"]);
    for part in ["sizes", "instances", "schedules", "places"] {
        assert_eq!(after[part], before[part], "{part}: {after:#}");
    }
    assert_eq!(shop.stage(&shop.new), "tested");
    shop.is_settled(&shop.new);
    let status = shop.world.asiaq(&["deploy", "status", "--env", "ci", "--format", "json"]);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((&status[0]["image"], &status[0]["last"]["before"]), (&json!(shop.new), &json!(shop.old)));

    // There is nothing newer.
    let said = shop.deploy(&[]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("nothing to deploy"), "{said:#?}");

    shop.is_taken_back("15m");
}

#[test]
fn what_fails_ends_with_the_old_instances_and_nothing_else() {
    let shop = Shop::of(
        &PROGRAM.replace("  network = app\n  lb", "  network = app\n  smoke_test { timeout = 1m }\n  lb"),
    );
    let before = shop.only(&shop.old);
    // It never boots, it does not pass its smoke test, it never gets healthy behind the load balancer.
    let world = &shop.world;
    let words = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "6s"];
    let dead = [shop.new.as_str()];
    for (never, dead, why) in [
        (json!(["ci_front_"]), &[][..], "0 of 2 instances"),
        (json!([]), &dead[..], "its tag `smoketest` is empty"),
        (json!(["ci-front-8080"]), &[][..], "is not healthy behind"),
    ] {
        pace(world, &json!({ "looks": 0, "never": never }));
        let said = alive(world, dead, || world.asiaq(&words));
        assert_eq!(said.code, 3, "{why}: {said:#?}");
        assert!(joined(&said.stderr).contains(why), "{why}: {said:#?}");
        pace(world, &json!({ "looks": 0 }));
        assert_eq!(shop.only(&shop.old), before, "{why}");
        assert_eq!(shop.stage(&shop.new), "failed", "{why}");
        shop.is_settled(&shop.old);
        world.boto(&format!(
            "ec2.create_tags(Resources=['{}'], Tags=[{{'Key': 'stage', 'Value': 'untested'}}])\nresult = 0",
            shop.new
        ));
    }
}

/// Kills a command at the call at which the proxy hangs.
fn killed(world: &World, proxy: &Proxy, at: &str, words: &[&str]) {
    let mut run = world.command(env!("CARGO_BIN_EXE_asiaq"));
    let run = run.args(words).env("AWS_ENDPOINT_URL", proxy.endpoint());
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    alive(world, &[], || {
        while !proxy.is_hanging_within(Duration::from_millis(50)) {
            assert!(run.try_wait().unwrap().is_none(), "{at}: it ended early");
        }
    });
    run.kill().unwrap();
    run.wait().unwrap();
    if words.contains(&"ci") {
        world.asiaq(&["unlock", "--env", "ci", "--yes"]);
    }
}

#[test]
fn a_deploy_that_was_killed_goes_on_or_back() {
    let shop = Shop::new();
    let world = &shop.world;
    // A newer image that is not tested would be the next one.
    world.boto(&format!("ec2.deregister_image(ImageId='{}')\nresult = 0", shop.new));
    for (operation, times, is_back) in [
        ("CreateOrUpdateTags", 1, false),
        ("UpdateAutoScalingGroup", 1, true),
        ("CreateLaunchTemplateVersion", 1, false),
        ("CreateLaunchTemplateVersion", 1, true),
        ("CreateAutoScalingGroup", 1, true),
        ("AttachLoadBalancerTargetGroups", 1, true),
        ("AttachLoadBalancerTargetGroups", 1, false),
        // After the switch there is only the way on.
        ("CreateOrUpdateTags", 3, false),
        ("DetachLoadBalancerTargetGroups", 1, false),
    ] {
        let before = shop.groups()[0]["images"][0].as_str().unwrap().to_owned();
        let second = 1_780_000_000 + u32::try_from(shop.groups().to_string().len()).unwrap();
        let new = bake(world, next_second(second), "untested");
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, times, Fault::Hanging(Moment::After));
        let words = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "20s"];
        killed(world, &proxy, &format!("{operation} {times}"), &words);
        // A plan leaves it alone, and so does an apply.
        let plan = world.asiaq(&["plan"]);
        assert_eq!(plan.code, 0, "{operation} {times}: {plan:#?}");
        assert!(joined(&plan.stderr).contains("left to a deploy that is under way"), "{plan:#?}");
        let status = world.asiaq(&["status", "--no-plan"]);
        assert!(joined(&status.stdout).contains(&format!("{new} in place of {before}, by ")), "{status:#?}");
        let destroy = world.asiaq(&["destroy", "--yes"]);
        assert!(destroy.code == 2 && destroy.stderr.contains("is under way"), "{destroy:#?}");
        let words: &[&str] = if is_back {
            &["deploy", "rollback", "--env", "ci", "--yes"]
        } else {
            &["deploy", "web", "--env", "ci", "--yes"]
        };
        let said = alive(world, &[], || world.asiaq(words));
        assert_eq!(said.code, 0, "{operation} {times} {is_back}: {said:#?}");
        let now = if is_back { &before } else { &new };
        shop.only(now);
        shop.is_settled(now);
    }
}

/// A second that no image has in its name yet.
fn next_second(base: u32) -> u32 {
    use std::sync::atomic::AtomicU32;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    base + 1000 * (1 + NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Looks often enough that the instances there count as healthy.
fn checked(shop: &Shop) {
    shop.world.boto(
        "result = 0
for turn in range(5):
    for group in client('elbv2').describe_target_groups()['TargetGroups']:
        client('elbv2').describe_target_health(TargetGroupArn=group['TargetGroupArn'])",
    );
}

/// The fewest targets that were healthy in the target groups, seen again and again while something is done.
fn fewest_healthy<T>(shop: &Shop, work: impl FnOnce() -> T) -> usize {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut fewest = usize::MAX;
            while !done.load(Ordering::Relaxed) {
                let serving = shop.world.boto(
                    "import time
result = 99
for turn in range(8):
    groups = client('elbv2').describe_target_groups()['TargetGroups']
    for group in groups:
        health = client('elbv2').describe_target_health(TargetGroupArn=group['TargetGroupArn'])['TargetHealthDescriptions']
        result = min(result, len([one for one in health if one['TargetHealth']['State'] == 'healthy']))
    time.sleep(0.05)",
                );
                fewest = fewest.min(usize::try_from(serving.as_u64().unwrap()).unwrap());
            }
            fewest
        });
        work();
        done.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    })
}

#[test]
fn there_are_always_enough_instances_behind_the_load_balancers() {
    let shop = Shop::new();
    pace(&shop.world, &json!({ "looks": 3 }));
    checked(&shop);
    let proxy = Proxy::start(moto::endpoint());
    let words = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "60s"];
    // The policy for deploys allows each call.
    let fewest = fewest_healthy(&shop, || alive(&shop.world, &[], || needs(&shop.world, &proxy, &words, 0)));
    assert!(fewest >= 2, "only {fewest} instances got traffic at a moment");
    // The old group is detached before it is deleted, and gone only after the new one has its place.
    let calls = proxy.operations();
    let last = |name: &str| calls.iter().rposition(|call| call == name).unwrap();
    let first = |name: &str| calls.iter().position(|call| call == name).unwrap();
    assert!(first("AttachLoadBalancerTargetGroups") < first("DetachLoadBalancerTargetGroups"));
    assert!(last("DetachLoadBalancerTargetGroups") < first("DeleteAutoScalingGroup"));
    shop.is_settled(&shop.new);
}

#[test]
fn a_test_promotes_and_changes_no_instance() {
    let shop = Shop::of(
        &PROGRAM
            .replace("smoke_test = true", "smoke_test = true, integration_test = \"cart\"")
            .replace("  lb {", "  test { integration = \"front-tests\" }\n  lb {"),
    );
    let document = json!({ "schemaVersion": "2.2", "description": "tests", "mainSteps": [] });
    shop.world.boto(&format!(
        "client('ssm').create_document(Name='front-tests', DocumentType='Command', Content='{document}')\nresult = 0"
    ));
    let before = shop.only(&shop.old);
    let words = ["deploy", "test", "web", "--env", "ci", "--yes"];
    let said = alive(&shop.world, &[], || shop.world.asiaq(&words));
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("run the integration test `cart`"), "{said:#?}");
    assert_eq!((shop.only(&shop.old), shop.stage(&shop.new).as_str()), (before, "tested"));
    // It is promoted, so the next apply would take it: only a deploy does that without a break.
    let said = shop.deploy(&["--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let ends: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(ends[0]["result"], "deployed");
    shop.only(&shop.new);
    shop.is_settled(&shop.new);
    let said = shop.world.asiaq(&["test", "front", "--env", "ci"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.contains("passed"), "{said:#?}");
}

#[test]
fn instances_that_may_not_be_replaced_keep_running() {
    let shop = Shop::of(&PROGRAM.replace("      deployable = true\n", ""));
    let before = shop.only(&shop.old);
    let said = shop.deploy(&[]);
    assert_eq!(said.code, 0, "{said:#?}");
    let after = shop.only(&shop.old);
    assert_eq!(after["name"], before["name"]);
    assert_eq!(shop.stage(&shop.new), "tested");
    shop.is_settled(&shop.new);
    let plan = shop.world.asiaq(&["plan"]);
    assert!(joined(&(plan.stdout + &plan.stderr)).contains("older launch template"));
}

#[test]
fn what_cannot_be_deployed_is_refused_before_anything_changes() {
    let shop = Shop::new();
    let before = shop.only(&shop.old);
    let refused = |program: Option<&str>, words: &[&str], why: &str| {
        if let Some(program) = program {
            shop.world.write(program);
        }
        let said = shop.world.asiaq(&[&["deploy"], words, &["--env", "ci", "--yes"]].concat());
        assert_eq!(said.code, 2, "{why}: {said:#?}");
        assert!(joined(&said.stderr).contains(why), "{why}: {said:#?}");
        let look = shop.world.asiaq(&[&["deploy"], words, &["--env", "ci", "--dry-run"]].concat());
        assert!(look.code == 2 && joined(&look.stderr).contains(why), "{why}: {look:#?}");
        assert_eq!(shop.groups()[0], before, "{why}");
        shop.world.write(PROGRAM);
    };
    refused(None, &["other"], "runs pipeline `web`, not `other`");
    refused(None, &["web", "--hostclass", "frontt"], "did you mean `front`?");
    refused(None, &["web", "--ami", "ami-00000000"], "there is no AMI `ami-00000000`");
    refused(
        Some(&PROGRAM.replace("smoke_test = true", "smoke_test = true, grace = 10m")),
        &["web"],
        "run `asiaq apply --env ci` first",
    );
    let pinned = PROGRAM.replace("smoke_test = true", &format!("smoke_test = true, ami = \"{}\"", shop.old));
    refused(Some(&pinned), &["web"], "the program names the AMI of `front`");
    let newer = bake(&shop.world, 1_775_000_000, "untested");
    refused(None, &["web", "--ami", &shop.new], &format!("would put {newer} in place"));
    refused(None, &["rollback", "--hostclass", "front"], "there is no way back from it");
    let busy = PROGRAM.replace("pipeline web", "pipeline test");
    shop.world.write(&busy.replace("pipeline = web", "pipeline = test"));
    let said = shop.world.asiaq(&["check"]);
    assert!(said.code == 1 && said.stdout.contains("reserved-name"), "{said:#?}");
}
