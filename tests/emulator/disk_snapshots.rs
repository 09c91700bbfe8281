//! `asiaq snapshot`: what it makes and takes, what the next instances start from, and that nothing goes that something uses.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::{Value, json};

use super::interrupts::interrupt;
use super::permissions::{Actions, allowed, needs};
use super::proxy::{Fault, Proxy};
use super::{Said, World, joined, moto};

const PROGRAM: &str = "project shop { region = us-west-2 }
env ci   { cidr = 10.0.0.0/20, zones = 1, pipeline = fleet, metanetwork app {} }
env live { cidr = 10.1.0.0/20, zones = 1, pipeline = fleet, metanetwork app {} }
hostclass db  { network = app, stateful = true, product_line = \"orders\" }
hostclass web { network = app }
pipeline fleet {
  stage {
    run db  { desired = 1 }
    run web { desired = 1 }
  }
}
";

fn applied() -> World {
    let world = World::new(PROGRAM);
    world.stock_with(r#"{ "images": ["web", "db"], "product_line": "orders" }"#);
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world
}

fn json_of(world: &World, arguments: &[&str], code: i32) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

fn ids(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// Makes a snapshot of an empty disk, and gives its id.
fn create(world: &World, env: &str, more: &[&str]) -> String {
    let all = ["snapshot", "create", "--hostclass", "db", "--size", "10", "--env", env, "--yes"];
    let said = world.asiaq(&[&all[..], more].concat());
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.starts_with("snap-"), "{said:#?}");
    said.stdout.trim().to_owned()
}

/// The volumes that were made for snapshots and are still there.
fn volumes(world: &World) -> Value {
    world.boto(
        "found = ec2.describe_volumes(Filters=[{'Name': 'tag-key', 'Values': ['asiaq:temporary']}])['Volumes']
result = [one['VolumeId'] for one in found]",
    )
}

/// The ids of the snapshots of hostclasses in the account.
fn alive(world: &World) -> BTreeSet<String> {
    let found = world.boto(
        "found = ec2.describe_snapshots(OwnerIds=['self'], Filters=[{'Name': 'tag-key', 'Values': ['env']}])['Snapshots']
result = [one['SnapshotId'] for one in found]",
    );
    serde_json::from_value(found).unwrap()
}

/// The snapshots in the newest versions of the launch templates of a hostclass in an environment.
fn linked(world: &World, env: &str) -> Value {
    world.boto(&format!(
        "tags = [{{'Name': 'tag:asiaq:address', 'Values': ['{env}/hostclass/db/launch-template']}}]
template = ec2.describe_launch_templates(Filters=tags)['LaunchTemplates'][0]['LaunchTemplateId']
data = ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=['$Latest'])['LaunchTemplateVersions'][0]
disks = data['LaunchTemplateData'].get('BlockDeviceMappings', [])
result = [[one['Ebs']['SnapshotId'], one['Ebs']['VolumeSize']] for one in disks if one.get('Ebs', {{}}).get('SnapshotId')]"
    ))
}

#[test]
fn a_snapshot_of_an_empty_disk_is_encrypted_and_leaves_no_volume() {
    let world = World::new(PROGRAM);
    let one = ["snapshot", "create", "--hostclass", "db", "--size", "10", "--env", "ci"];
    let shown = world.asiaq(&[&one[..], &["--dry-run"]].concat());
    assert_eq!(shown.code, 10, "{shown:#?}");
    assert!(shown.stdout.contains("an encrypted snapshot of an empty disk of 10 GiB for `db` in `ci`"));
    let unasked = world.asiaq(&one);
    assert!(unasked.code == 2 && unasked.stderr.contains("`--yes`"), "{unasked:#?}");
    assert!(alive(&world).is_empty(), "nothing was made");

    let first = create(&world, "ci", &[]);
    let tags = world.boto(&format!(
        "one = ec2.describe_snapshots(SnapshotIds=['{first}'])['Snapshots'][0]
result = [one['Encrypted'], one['VolumeSize'], {{tag['Key']: tag['Value'] for tag in one['Tags']}}]"
    ));
    assert_eq!(tags, json!([true, 10, { "hostclass": "db", "env": "ci", "productline": "orders" }]));
    assert_eq!(volumes(&world), json!([]));
    let second = json_of(&world, &[&one[..], &["--yes", "--unencrypted"]].concat(), 0);
    assert_eq!((second["encrypted"].clone(), second["before"].clone()), (json!(false), json!(first)));

    for (arguments, words) in [
        (&["--hostclass", "dbb", "--size", "1", "--env", "ci"][..], "did you mean `db`?"),
        (&["--hostclass", "db", "--size", "1", "--env", "cii"], "cii"),
        (&["--hostclass", "db", "--size", "0", "--env", "ci"], "0 is not in 1..=65536"),
    ] {
        let refused = world.asiaq(&[&["snapshot", "create", "--yes"], arguments].concat());
        assert!(refused.code == 2 && joined(&refused.stderr).contains(words), "{refused:#?}");
    }
    let idle =
        world.asiaq(&["snapshot", "create", "--hostclass", "web", "--size", "1", "--env", "ci", "--dry-run"]);
    assert!(idle.code == 10 && joined(&idle.stderr).contains("is not `stateful = true`"), "{idle:#?}");

    // Whatever fails, the volume goes.
    let before = alive(&world);
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("CreateSnapshot", Fault::Refused("UnauthorizedOperation", "no"));
    let refused = world.asiaq_through(&proxy, &[&one[..], &["--yes"]].concat());
    assert!(refused.code == 2 && refused.stderr.contains("deleted the volume vol-"), "{refused:#?}");
    assert_eq!((volumes(&world), alive(&world)), (json!([]), before));
}

#[test]
fn what_a_killed_run_leaves_is_deleted_by_the_next() {
    let world = World::new(PROGRAM);
    let one = ["snapshot", "create", "--hostclass", "db", "--size", "10", "--env", "ci", "--yes"];
    let mut left = 0;
    for call in 1.. {
        if !world.kill_at(call, &one) {
            break;
        }
        left += usize::from(volumes(&world) != json!([]));
        if call % 2 == 0 {
            create(&world, "ci", &[]);
        } else {
            let code = if volumes(&world) == json!([]) { 0 } else { 10 };
            let clean = ["snapshot", "cleanup", "--keep", "100"];
            let shown = json_of(&world, &[&clean[..], &["--dry-run"]].concat(), code);
            assert_eq!(shown["volumes"].as_array().unwrap().len(), usize::from(code == 10), "{shown:#}");
            let done = world.asiaq(&[&clean[..], &["--yes"]].concat());
            assert_eq!(done.code, 0, "{done:#?}");
        }
        assert_eq!(volumes(&world), json!([]), "killed at call {call}");
    }
    assert!(left >= 3, "{left}");
}

#[test]
fn an_interrupt_leaves_no_volume() {
    let world = World::new(PROGRAM);
    for (operation, there, words) in [
        ("DescribeVolumes", 0, "interrupted; nothing was changed"),
        ("DescribeSnapshots", 1, "is being made: `asiaq snapshot delete snap-"),
    ] {
        let proxy = Proxy::start(moto::endpoint());
        // The first look is for what is there already.
        proxy.on(operation, 2, Fault::Held);
        let mut child = world.command(env!("CARGO_BIN_EXE_asiaq"));
        let child =
            child.args(["snapshot", "create", "--hostclass", "db", "--size", "10", "--env", "ci", "--yes"]);
        let child =
            child.env("AWS_ENDPOINT_URL", proxy.endpoint()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = child.spawn().unwrap();
        assert!(proxy.until_hanging());
        interrupt(&child);
        let said = Said::of(&child.wait_with_output().unwrap());
        proxy.release();
        assert!(said.code == 130 && joined(&said.stderr).contains(words), "{said:#?}");
        assert_eq!((volumes(&world), alive(&world).len()), (json!([]), there), "{said:#?}");
    }
}

#[test]
fn the_next_instances_start_from_the_newest_and_those_that_run_stay() {
    let world = applied();
    assert_eq!(linked(&world, "ci"), json!([]));
    let link = ["snapshot", "link", "db", "--env", "ci"];
    let none = world.asiaq(&[&link[..], &["--yes"]].concat());
    assert!(
        none.code == 2 && joined(&none.stderr).contains("`asiaq snapshot create` makes the first"),
        "{none:#?}"
    );
    for (hostclass, words) in [("web", "is not `stateful = true`"), ("dbb", "did you mean `db`?")] {
        let refused = world.asiaq(&["snapshot", "link", hostclass, "--env", "ci", "--yes"]);
        assert!(refused.code == 2 && joined(&refused.stderr).contains(words), "{refused:#?}");
    }

    let first = create(&world, "ci", &[]);
    let hosts = || ids(&json_of(&world, &["hosts"], 0)).join(" ");
    let before = hosts();
    assert_eq!(world.asiaq(&[&link[..], &["--dry-run"]].concat()).code, 10);
    assert_eq!(linked(&world, "ci"), json!([]), "a dry run changes nothing");
    let done = world.asiaq(&[&link[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{done:#?}");
    assert_eq!((linked(&world, "ci"), linked(&world, "live")), (json!([[first, 10]]), json!([])));
    assert_eq!(hosts(), before, "instances keep their disks");
    assert_eq!(world.asiaq(&[&link[..], &["--dry-run"]].concat()).code, 0, "nothing is left to do");
    world.assert_settled();

    // One without the tag is not used, and one that a template uses stays.
    let second = create(&world, "ci", &[]);
    let list = || json_of(&world, &["snapshot", "list", "--env", "ci"], 0);
    assert_eq!(list()[1]["is_next"], true);
    let tag = ["snapshot", "tag", &second, "--remove", "env", "--set", "note=broken", "--yes"];
    assert_eq!(world.asiaq(&tag).code, 0);
    assert_eq!((ids(&list()), list()[0]["is_next"].clone()), (vec![first.as_str()], json!(true)));
    let used = world.asiaq(&["snapshot", "delete", &first, "--yes"]);
    assert!(used.code == 2 && joined(&used.stderr).contains("is used by launch template"), "{used:#?}");
    let refused = world.asiaq(&["snapshot", "tag", &first, "--set", "asiaq:env=x", "--yes"]);
    assert!(refused.code == 2 && joined(&refused.stderr).contains("whose a snapshot is"), "{refused:#?}");
}

#[test]
fn old_snapshots_go_and_those_that_something_uses_stay() {
    let world = World::new(PROGRAM);
    // The emulator makes the snapshots of an AMI itself.
    let of_image = world.boto(
        "image = ec2.register_image(Name='made', RootDeviceName='/dev/sda1')['ImageId']
disks = ec2.describe_images(ImageIds=[image])['Images'][0]['BlockDeviceMappings']
result = disks[0]['Ebs']['SnapshotId']
ec2.create_tags(Resources=[result], Tags=[{'Key': 'hostclass', 'Value': 'db'}, {'Key': 'env', 'Value': 'ci'}])",
    );
    let of_image = of_image.as_str().unwrap();
    // They are told apart by seconds.
    let make = |env: &str| {
        std::thread::sleep(std::time::Duration::from_secs(1));
        create(&world, env, &[])
    };
    let ci: Vec<String> = (0..5).map(|_| make("ci")).collect();
    let live: Vec<String> = (0..3).map(|_| make("live")).collect();
    let foreign = world.boto(
        "volume = ec2.create_volume(AvailabilityZone='us-west-2a', Size=1)['VolumeId']
def take(tags):
    tags = [{'Key': key, 'Value': value} for key, value in tags.items()]
    return ec2.create_snapshot(VolumeId=volume, TagSpecifications=[{'ResourceType': 'snapshot', 'Tags': tags}])['SnapshotId']
result = [take({'hostclass': 'db', 'env': 'other'}), take({'hostclass': 'db'})]",
    );
    let [other, untagged] = [0, 1].map(|at| foreign[at].as_str().unwrap());
    world.boto(&format!(
        "disk = lambda id: [{{'DeviceName': '/dev/sdb', 'Ebs': {{'SnapshotId': id}}}}]
ec2.create_launch_template(LaunchTemplateName='jobs', LaunchTemplateData={{'BlockDeviceMappings': disk('{}')}})
ec2.create_launch_template_version(LaunchTemplateName='jobs', LaunchTemplateData={{'ImageId': 'ami-1'}})
client('autoscaling').create_launch_configuration(
    LaunchConfigurationName='old', ImageId='ami-1', InstanceType='m5.large', BlockDeviceMappings=disk('{}'))
result = None",
        ci[0], ci[1]
    ));
    let before = alive(&world);
    for (id, words) in [
        (of_image, "is used by AMI ami-"),
        (&ci[0], "launch template jobs version 1"),
        (&ci[1], "launch configuration old"),
        (other, "`other`, which is no environment of this program"),
        (untagged, "there is no snapshot"),
    ] {
        let refused = world.asiaq(&["snapshot", "delete", &ci[2], id, "--yes"]);
        assert!(refused.code == 2 && joined(&refused.stderr).contains(words), "{words}: {refused:#?}");
    }
    let elsewhere = world.asiaq(&["snapshot", "delete", &live[0], "--env", "ci", "--yes"]);
    assert!(elsewhere.code == 2 && elsewhere.stderr.contains("`--env live`"), "{elsewhere:#?}");
    assert_eq!(alive(&world), before);

    let zero = world.asiaq(&["snapshot", "cleanup", "--keep", "0", "--yes"]);
    assert!(zero.code == 2 && joined(&zero.stderr).contains("write 1 or more"), "{zero:#?}");
    let clean = ["snapshot", "cleanup", "--env", "ci", "--keep", "2"];
    let young = [&clean[..], &["--older-than", "1h", "--yes"]].concat();
    assert_eq!(world.asiaq(&young).code, 0);
    assert_eq!(alive(&world), before, "none is old enough");
    let shown = json_of(&world, &[&clean[..], &["--dry-run"]].concat(), 10);
    assert_eq!(ids(&shown["snapshots"]), [&ci[2]]);
    assert_eq!(ids(&shown["kept"]), [of_image, &ci[0], &ci[1]]);
    assert_eq!(alive(&world), before, "a dry run deletes nothing");
    let done = world.asiaq(&[&clean[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{done:#?}");
    let gone: Vec<String> = before.difference(&alive(&world)).cloned().collect();
    assert_eq!(gone, [ci[2].clone()]);
    assert_eq!(world.asiaq(&[&clean[..], &["--dry-run"]].concat()).code, 0);
    let all = json_of(&world, &["snapshot", "cleanup", "--keep", "2", "--dry-run"], 10);
    assert_eq!(ids(&all["snapshots"]), [&live[0]], "of each environment by itself");

    // What cannot be looked at may use it.
    for operation in ["DescribeLaunchConfigurations", "DescribeImages", "DescribeLaunchTemplates"] {
        let proxy = Proxy::start(moto::endpoint());
        proxy.always(operation, Fault::Refused("UnauthorizedOperation", "no"));
        let refused = world.asiaq_through(&proxy, &["snapshot", "delete", &live[0], "--yes"]);
        assert_eq!(refused.code, 2, "{refused:#?}");
    }
    assert!(alive(&world).contains(&live[0]));
    let done = world.asiaq(&["snapshot", "delete", &live[2], "--yes"]);
    assert!(done.code == 0 && joined(&done.stderr).contains("is the newest of `db` in `live`"), "{done:#?}");
    assert!(!alive(&world).contains(&live[2]));
}

/// A volume that is made for an instance of `db` in an environment: its id.
fn attached(world: &World, env: &str, device: &str) -> String {
    let made = world.boto(&format!(
        "tags = [{{'Name': 'tag:asiaq:env', 'Values': ['{env}']}}, {{'Name': 'tag:hostclass', 'Values': ['db']}}]
one = ec2.describe_instances(Filters=tags)['Reservations'][0]['Instances'][0]
volume = ec2.create_volume(AvailabilityZone=one['Placement']['AvailabilityZone'], Size=20)['VolumeId']
ec2.attach_volume(Device='{device}', InstanceId=one['InstanceId'], VolumeId=volume)
result = volume"
    ));
    made.as_str().unwrap().to_owned()
}

#[test]
fn a_volume_of_an_instance_is_captured_with_the_tags_of_its_hostclass() {
    let world = applied();
    let volume = attached(&world, "ci", "/dev/sdf");
    let capture = |more: &[&str]| world.asiaq(&[&["snapshot", "capture"], more].concat());
    let shown = capture(&["--volume", &volume, "--dry-run"]);
    assert!(shown.code == 10 && shown.stdout.contains("/dev/sdf of i-"), "{shown:#?}");
    assert!(alive(&world).is_empty());
    let said = capture(&["--volume", &volume, "--tag", "ticket=a:b:c", "--tag", "productline=x", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let tags = world.boto(&format!(
        "one = ec2.describe_snapshots(SnapshotIds=['{}'])['Snapshots'][0]
result = [one['VolumeId'], {{tag['Key']: tag['Value'] for tag in one['Tags']}}]",
        said.stdout.trim()
    ));
    let expected = json!({ "hostclass": "db", "env": "ci", "productline": "x", "ticket": "a:b:c" });
    assert_eq!(tags, json!([volume, expected]));

    let loose = world.boto("result = ec2.create_volume(AvailabilityZone='us-west-2a', Size=1)['VolumeId']");
    let loose = loose.as_str().unwrap();
    let root = attached(&world, "ci", "/dev/sda1");
    let of_live = attached(&world, "live", "/dev/sdf");
    for (arguments, words) in [
        (&["--volume", loose, "--yes"][..], "attached to no instance"),
        (&["--volume", "vol-0123456789abcdef0", "--yes"], "there is no volume"),
        (&["--volume", &of_live, "--env", "ci", "--yes"], "no instance of these environments"),
        (&["--volume", &root, "--yes"], "is the root of i-"),
        (&["--volume", "vol-none", "--tag", "aws:x=y", "--yes"], "is not for people"),
        (&["--volume", "vol-none", "--tag", "a=x", "--tag", "a=y", "--yes"], "`a` is there twice"),
        (&["db", "--env", "ci", "--volume", &volume, "--yes"], "not both"),
        (&["--yes"], "say which instances to take snapshots of"),
        (&["db", "--tag", "a=b"], "--volume"),
    ] {
        let refused = capture(arguments);
        assert!(refused.code == 2 && joined(&refused.stderr).contains(words), "{words}: {refused:#?}");
    }
    assert_eq!(alive(&world).len(), 1);
}

#[test]
fn the_policy_for_snapshots_is_enough_and_has_nothing_else() {
    let world = applied();
    let proxy = Proxy::start(moto::endpoint());
    let one = ["snapshot", "create", "--hostclass", "db", "--size", "10", "--env", "ci", "--yes"];
    let mut called: Actions = needs(&world, &proxy, &one, 0);
    let volume = attached(&world, "ci", "/dev/sdf");
    called.extend(needs(&world, &proxy, &["snapshot", "capture", "--volume", &volume, "--yes"], 0));
    let list = json_of(&world, &["snapshot", "list"], 0);
    let id = ids(&list)[0];
    let tag = ["snapshot", "tag", id, "--set", "a=b", "--remove", "c", "--yes"];
    called.extend(needs(&world, &proxy, &tag, 0));
    called.extend(needs(&world, &proxy, &["snapshot", "list"], 0));
    called.extend(needs(&world, &proxy, &["snapshot", "cleanup", "--keep", "1", "--yes"], 0));
    // The consoles of instances tell their host keys to `asiaq snapshot capture`.
    called.insert("ec2:GetConsoleOutput".to_owned());
    assert_eq!(allowed(&world, "snapshot"), called);
}
