//! `asiaq image`: what it lists, what a promotion writes, and that nothing goes that something uses.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::accounts::Two;
use super::proxy::{Fault, Moment, Proxy};
use super::{World, joined, moto};

const PROGRAM: &str = "
project shop { region = us-west-2 }
env ci {
  cidr       = 10.0.0.0/20
  zones      = 1
  ami_stages = [\"tested\", \"untested\"]
  pipeline   = web
  metanetwork app {}
}
hostclass front { network = app }
hostclass worker { network = app }
pipeline web {
  stage {
    run front { desired = 1 }
    run worker { desired = 0, max = 1 }
  }
}
";

/// Makes images: name, stage and day of the year 2020 of each; gives their ids.
fn bake(world: &World, images: &[(&str, &str, u32)]) -> Vec<String> {
    let mut code = "result = []\n".to_owned();
    for (name, stage, day) in images {
        let (month, day) = (1 + day / 28, 1 + day % 28);
        let _ = write!(
            code,
            "one = ec2.register_image(Name='{name}', RootDeviceName='/dev/sda1')['ImageId']
ec2.create_tags(Resources=[one], Tags=[{{'Key': key, 'Value': value}} for key, value in {{
    'stage': '{stage}', 'hostclass': '{name}'.split()[0], 'is_private': 'False',
    'emulator:created': '2020-{month:02}-{day:02}T00:00:00+00:00'}}.items()])
result.append(one)
"
        );
    }
    serde_json::from_value(world.boto(&code)).unwrap()
}

/// The ids of the images of the account, and the number of their snapshots.
fn alive(world: &World) -> (BTreeSet<String>, u64) {
    let found = world.boto(
        "images = ec2.describe_images(Owners=['self'])['Images']
snapshots = ec2.describe_snapshots(OwnerIds=['self'])['Snapshots']
result = [[one['ImageId'] for one in images], len([one for one in snapshots if 'ami-' in one['Description']])]",
    );
    serde_json::from_value(found).unwrap()
}

fn tags(world: &World, image: &str) -> Value {
    world.boto(&format!(
        "tags = ec2.describe_tags(Filters=[{{'Name': 'resource-id', 'Values': ['{image}']}}])['Tags']
result = {{tag['Key']: tag['Value'] for tag in tags}}"
    ))
}

fn json_of(world: &World, arguments: &[&str], code: i32) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

fn ids(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn images_are_listed_and_the_newest_is_found() {
    let world = World::new(PROGRAM);
    let made = bake(
        &world,
        &[
            ("front 1580000000", "tested", 10),
            ("front 1590000000", "untested", 100),
            ("worker 1580000000", "tested", 20),
            ("other 1580000000", "tested", 20),
            ("no-image-of-a-hostclass", "tested", 20),
        ],
    );
    let [first, second, worker, other, _] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!(ids(&json_of(&world, &["image", "list"], 0)), [first, second, worker]);
    assert_eq!(ids(&json_of(&world, &["image", "list", "--all"], 0)), [first, second, other, worker]);
    assert_eq!(ids(&json_of(&world, &["image", "list", "--hostclass", "other"], 0)), [other]);
    assert_eq!(ids(&json_of(&world, &["image", "list", "--stage", "untested"], 0)), [second]);
    assert_eq!(ids(&json_of(&world, &["image", "latest", "front"], 0)), [second]);
    let preferred = ["image", "latest", "front", "--stage", "tested", "--stage", "untested"];
    assert_eq!(ids(&json_of(&world, &preferred, 0)), [first]);

    let late = json_of(&world, &["image", "stragglers", "--stage", "tested"], 0);
    let said: Vec<_> = late
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["hostclass"].clone(), one["newest"]["id"].clone(), one["candidate"]["id"].clone()))
        .collect();
    assert_eq!(
        said,
        [(json!("front"), json!(first), json!(second)), (json!("worker"), json!(worker), Value::Null)]
    );

    let text = world.asiaq(&["image", "list"]);
    assert!(text.stdout.starts_with("HOSTCLASS"), "{text:#?}");
    for (arguments, words) in [
        (&["image", "list", "--hostclass", "frnt"][..], "did you mean `front`?"),
        (&["image", "latest", "front", "--stage", "failed"], "is in stage `untested`"),
        (&["image", "latest", "nothing"], "no hostclass `nothing`"),
    ] {
        let refused = world.asiaq(arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:#?}");
        assert!(joined(&refused.stderr).contains(words), "{refused:#?}");
    }
}

#[test]
fn a_promotion_writes_the_stage_and_is_recorded() {
    let world = World::new(PROGRAM);
    let image = bake(&world, &[("front 1580000000", "untested", 10)]).remove(0);
    let before = tags(&world, &image);
    let promote = |more: &[&str]| world.asiaq(&[&["image", "promote", image.as_str()], more].concat());
    let shown = promote(&["--stage", "tested", "--dry-run"]);
    assert_eq!(shown.code, 10, "{shown:#?}");
    for (stage, words) in [
        ("tsted", "did you mean `tested`?"),
        ("golden", "`--new-stage` accepts it"),
        ("", "is no stage"),
        (" tested", "is no stage"),
    ] {
        let refused = promote(&["--stage", stage, "--yes"]);
        assert_eq!(refused.code, 2, "{refused:#?}");
        assert!(joined(&refused.stderr).contains(words), "{refused:#?}");
    }
    assert_eq!(tags(&world, &image), before, "nothing was written");

    assert_eq!(promote(&["--stage", "tested", "--yes"]).code, 0);
    let after = tags(&world, &image);
    assert_eq!(after["stage"], "tested");
    let record = after["asiaq:promoted"].as_str().unwrap();
    assert!(record.contains("Z: untested -> tested, arn:aws"), "{record}");
    let again = promote(&["--stage", "tested", "--yes"]);
    assert!(again.code == 0 && again.stderr.contains("already"), "{again:#?}");
    assert_eq!(promote(&["--stage", "golden", "--new-stage", "--yes"]).code, 0);
    assert_eq!(tags(&world, &image)["stage"], "golden");
    let unknown = world.asiaq(&["image", "promote", "ami-0123456789abcdef0", "--stage", "tested", "--yes"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("no image"), "{unknown:#?}");
}

/// Uses the images in every way that asiaq knows, one each; gives the words that tell it.
fn use_each(world: &World, images: &[String]) -> Vec<&'static str> {
    let uses = [
        ("ec2.run_instances(ImageId='{}', MinCount=1, MaxCount=1)", "instance i-"),
        (
            "ec2.create_launch_template(LaunchTemplateName='jobs', LaunchTemplateData={'ImageId': '{}'})
ec2.create_launch_template_version(LaunchTemplateName='jobs', LaunchTemplateData={'ImageId': 'ami-1'})
ec2.create_launch_template_version(LaunchTemplateName='jobs', LaunchTemplateData={'ImageId': 'ami-2'})
ec2.modify_launch_template(LaunchTemplateName='jobs', DefaultVersion='2')",
            "launch template jobs version 1",
        ),
        (
            "client('autoscaling').create_launch_configuration(
    LaunchConfigurationName='old', ImageId='{}', InstanceType='m5.large')",
            "launch configuration old",
        ),
        (
            "ec2.request_spot_instances(
    SpotPrice='1', Type='persistent', LaunchSpecification={'ImageId': '{}', 'InstanceType': 'm5.large'})",
            "Spot request ",
        ),
        (
            "client('ssm').put_parameter(Name='/images/front', Value='{}', Type='String')
ec2.create_launch_template(
    LaunchTemplateName='named', LaunchTemplateData={'ImageId': 'resolve:ssm:/images/front'})",
            "parameter /images/front",
        ),
        (
            "ec2.modify_image_attribute(ImageId='{}', LaunchPermission={'Add': [{'UserId': '999999999999'}]})",
            "999999999999, which it is shared with",
        ),
        (
            "ec2.modify_image_attribute(ImageId='{}', LaunchPermission={'Add': [{'Group': 'all'}]})",
            "it is public",
        ),
    ];
    assert_eq!(uses.len(), images.len());
    for ((code, _), image) in uses.iter().zip(images) {
        world.boto(&format!("{}\nresult = None", code.replace("{}", image)));
    }
    uses.map(|(_, words)| words).into()
}

#[test]
fn an_image_that_something_uses_is_never_deleted() {
    let world = World::new(PROGRAM);
    let names: Vec<String> = (0..9_u32).map(|n| format!("front 15{n}0000000")).collect();
    let images: Vec<_> = names.iter().zip(1..).map(|(name, day)| (name.as_str(), "tested", day)).collect();
    let made = bake(&world, &images);
    let (used, free) = made.split_at(7);
    let words = use_each(&world, used);
    let before = alive(&world);
    for (image, words) in used.iter().zip(words) {
        let refused = world.asiaq(&["image", "delete", &free[0], image, "--yes"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:#?}");
        assert!(joined(&refused.stderr).contains(words), "{words}: {refused:#?}");
        assert_eq!(alive(&world), before, "{words}");
    }
    let pinned = PROGRAM.replace("run front {", &format!("run front {{ ami = \"{}\",", free[0]));
    world.write(&pinned);
    let refused = world.asiaq(&["image", "delete", &free[0], "--yes"]);
    assert!(refused.code == 2 && refused.stderr.contains("the program, which names it"), "{refused:#?}");

    // A clean-up of the same images lets them be, and says why.
    let clean = ["image", "cleanup", "--stage", "tested", "--keep", "1", "--older-than", "30d"];
    let shown = world.asiaq(&[&clean[..], &["--dry-run"]].concat());
    assert_eq!(shown.code, 0, "{shown:#?}");
    assert_eq!(shown.stderr.matches("stays: it is used by").count(), 8, "{shown:#?}");
    assert_eq!(alive(&world), before);
    world.write(PROGRAM);
    let shown = json_of(&world, &[&clean[..], &["--dry-run"]].concat(), 10);
    assert_eq!(ids(&shown["images"]), [&free[0]]);
    let mut kept = ids(&shown["kept"]);
    kept.sort_unstable();
    let mut expected: Vec<&str> = used.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(kept, expected);
    assert_eq!(alive(&world), before, "a dry run deletes nothing");
    let done = world.asiaq(&[&clean[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{done:#?}");
    let (images, snapshots) = alive(&world);
    assert_eq!(images.len() + 1, before.0.len());
    assert!(!images.contains(&free[0]) && images.contains(&free[1]));
    assert_eq!(snapshots + 1, before.1);

    // What cannot be looked at may use it.
    for operation in
        ["DescribeLaunchConfigurations", "DescribeSpotInstanceRequests", "DescribeImageAttribute"]
    {
        let proxy = Proxy::start(moto::endpoint());
        proxy.always(operation, Fault::Refused("UnauthorizedOperation", "no"));
        let refused = world.asiaq_through(&proxy, &["image", "delete", &free[1], "--yes"]);
        assert_eq!(refused.code, 2, "{refused:#?}");
    }
    assert!(alive(&world).0.contains(&free[1]));
}

#[test]
fn old_images_go_and_the_newest_stay() {
    let world = World::new(PROGRAM);
    let made = bake(
        &world,
        &[
            ("front 1580000000", "tested", 1),
            ("front 1580000001", "tested", 2),
            ("front 1580000002", "tested", 3),
            ("front 1580000003", "untested", 4),
            ("worker 1580000000", "tested", 1),
            ("other 1580000000", "tested", 1),
            ("other 1580000001", "tested", 2),
        ],
    );
    let clean = |more: &[&str], code: i32| {
        let all = [&["image", "cleanup", "--dry-run"], more].concat();
        let shown = json_of(&world, &all, code);
        ids(&shown["images"])
            .iter()
            .map(|id| made.iter().position(|made| made == id).unwrap())
            .collect::<Vec<_>>()
    };
    let one = |more: &[&str], code: i32| clean(&[&["--stage", "tested", "--keep", "1"], more].concat(), code);
    assert_eq!(one(&[], 10), [0, 1]);
    assert_eq!(clean(&["--stage", "tested", "--keep", "2"], 10), [0]);
    assert_eq!(clean(&["--stage", "tested"], 0), [0; 0], "three stay");
    assert_eq!(one(&["--hostclass", "other"], 10), [5]);
    assert_eq!(one(&["--except", &made[2]], 10), [0]);
    assert_eq!(one(&["--older-than", "36500d"], 0), [0; 0]);
    assert_eq!(clean(&["--stage", "untested", "--keep", "1"], 0), [0; 0]);
    assert_eq!(one(&["--product-line", "shop"], 0), [0; 0]);
}

#[test]
fn a_deletion_that_was_cut_off_is_finished() {
    let world = World::new(PROGRAM);
    let made = bake(&world, &[("front 1580000000", "tested", 1), ("front 1580000001", "tested", 2)]);
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("DeleteSnapshot", Fault::Refused("UnauthorizedOperation", "no"));
    let cut = world.asiaq_through(&proxy, &["image", "delete", &made[0], "--yes"]);
    assert_eq!(cut.code, 2, "{cut:#?}");
    assert_eq!(alive(&world).1, 2, "its snapshot is there");
    assert!(!alive(&world).0.contains(&made[0]));
    let clean = ["image", "cleanup", "--stage", "tested"];
    let shown = json_of(&world, &[&clean[..], &["--dry-run"]].concat(), 10);
    assert_eq!(shown["left_over"][0]["image"], json!(made[0]));
    assert_eq!(alive(&world).1, 2);
    let done = world.asiaq(&["image", "delete", &made[0], "--yes"]);
    assert_eq!(done.code, 0, "{done:#?}");
    assert_eq!(alive(&world), (BTreeSet::from([made[1].clone()]), 1));
    // An answer that was lost.
    proxy.clear();
    proxy.on("DeregisterImage", 1, Fault::Dropped(Moment::After));
    proxy.on("DeleteSnapshot", 1, Fault::Dropped(Moment::After));
    let done = world.asiaq_through(&proxy, &["image", "delete", &made[1], "--yes"]);
    assert_eq!(done.code, 0, "{done:#?}");
    assert_eq!(alive(&world), (BTreeSet::new(), 0));
}

const SHARED: &str = "
project shop { region = us-west-2, account = one }
account one { id = \"ONE\", image_share { to = [two], bakers = [\"jenkins\"] } }
account two { id = \"TWO\", role = \"arn:aws:iam::TWO:role/asiaq\" }
env ci { cidr = 10.0.0.0/20, zones = 1, metanetwork app {}, pipeline = web }
hostclass front { network = app }
pipeline web { stage { run front { desired = 1 } } }
";

/// What each account sees of an image, and who may use what.
fn shares(two: &Two, image: &str) -> Value {
    let owner = two.one.boto(&format!(
        "image = ec2.describe_images(ImageIds=['{image}'])['Images'][0]
launch = ec2.describe_image_attribute(ImageId='{image}', Attribute='launchPermission')['LaunchPermissions']
snapshots = [one['Ebs']['SnapshotId'] for one in image['BlockDeviceMappings'] if one.get('Ebs', {{}}).get('SnapshotId')]
volumes = [ec2.describe_snapshot_attribute(SnapshotId=one, Attribute='createVolumePermission')['CreateVolumePermissions']
           for one in snapshots]
result = {{'launch': [one['UserId'] for one in launch], 'volumes': [[two['UserId'] for two in one] for one in volumes],
          'noted': {{tag['Key']: tag['Value'] for tag in image['Tags']}}.get('shared_with_account_ids')}}"
    ));
    let other = tags(&two.two, image);
    json!({ "owner": owner, "tags there": other })
}

#[test]
fn an_image_is_shared_with_its_snapshots_and_tags_and_taken_back() {
    let two = Two::new(SHARED);
    let made = bake(&two.one, &[("front 1580000000", "tested", 0), ("front 1580000001", "tested", 1)]);
    let (image, other) = (made[0].as_str(), made[1].as_str());
    let baked_by = |image: &str, baker: &str| {
        two.one.boto(&format!(
            "ec2.create_tags(Resources=['{image}'], Tags=[{{'Key': 'baker', 'Value': '{baker}'}}])"
        ));
    };
    baked_by(image, "jenkins");
    baked_by(other, "alice");
    let refused = two.one.asiaq(&["image", "share", other, "--yes"]);
    assert!(refused.code == 2 && joined(&refused.stderr).contains("`alice` has baked it"), "{refused:#?}");
    let refused = two.one.asiaq(&["image", "share", image, "--to", "tow", "--yes"]);
    assert!(refused.code == 2 && refused.stderr.contains("did you mean `two`?"), "{refused:#?}");
    let before = shares(&two, image);
    let steps = json_of(&two.one, &["image", "share", image, "--dry-run"], 10);
    assert_eq!(shares(&two, image), before, "a dry run writes nothing");
    let kinds: Vec<&str> =
        steps["steps"].as_array().unwrap().iter().map(|one| one["step"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["snapshot", "launch", "tags"], "{steps:#}");
    json_of(&two.one, &["image", "share", image, "--yes"], 0);
    let after = shares(&two, image);
    assert_eq!(
        after["owner"],
        json!({ "launch": [two.two_id()], "volumes": [[two.two_id()]], "noted": two.two_id() })
    );
    assert_eq!(after["tags there"]["stage"], json!("tested"), "{after:#}");
    let again = two.one.asiaq(&["image", "share", image, "--yes"]);
    assert!(again.code == 0 && again.stderr.contains("shared with all of them already"), "{again:#?}");
    json_of(&two.one, &["image", "share", image, "--remove", "--yes"], 0);
    let back = shares(&two, image);
    assert_eq!(back["owner"]["launch"], json!([]), "{back:#}");
    assert_eq!(back["owner"]["volumes"], json!([[]]), "{back:#}");
    let again = two.one.asiaq(&["image", "share", image, "--remove", "--yes"]);
    assert!(again.code == 0 && again.stderr.contains("shared with none of them already"), "{again:#?}");
}

#[test]
fn a_share_that_was_cut_off_is_finished() {
    let two = Two::new(SHARED);
    let made = bake(&two.one, &[("front 1580000000", "tested", 0)]);
    let image = made[0].as_str();
    two.one.boto(&format!(
        "ec2.create_tags(Resources=['{image}'], Tags=[{{'Key': 'baker', 'Value': 'jenkins'}}])"
    ));
    for operation in ["ModifySnapshotAttribute", "ModifyImageAttribute", "CreateTags"] {
        let proxy = Proxy::start(moto::endpoint());
        for attempt in 1..=9 {
            proxy.on(operation, attempt, Fault::Failed(Moment::Before));
        }
        let failed = two.one.asiaq_impatient(&proxy, &["image", "share", image, "--yes"]);
        assert_ne!(failed.code, 0, "{operation}: {failed:#?}");
        let steps = json_of(&two.one, &["image", "share", image, "--dry-run"], 10);
        assert!(steps["steps"].is_array(), "{steps:#}");
    }
    json_of(&two.one, &["image", "share", image, "--yes"], 0);
    assert_eq!(shares(&two, image)["owner"]["launch"], json!([two.two_id()]));
}
