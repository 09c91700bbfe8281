//! Machines from anybody's images, with scripts: looked up, sent, read again.

use serde_json::{Value, json};

use super::World;
use super::moto;
use super::proxy::Proxy;

const PROGRAM: &str = r#"
project shop { region = us-west-2, domain = "shop.example" }

env ci {
  cidr     = 10.20.0.0/20
  zones    = 2
  pipeline = site
  metanetwork app { ingress = [tcp 8080 from all] }
}

hostclass machine {
  network = app
  ami { newest = "ubuntu/images/hvm-ssd-gp3/*24.04*", owner = "099720109477" }
}
hostclass web : machine { script = file "boot.sh" }
hostclass worker : machine {
  replace ami { parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }
  script    = [file "boot.sh", file "config.yaml"]
  user_data = { role = "leader" }
}

pipeline site {
  stage {
    run web    { desired = 1 }
    run worker { desired = 1 }
  }
}
"#;

const BOOT: &str = "#!/bin/sh\necho ${HOME} grün\n";

const CONFIG: &str = "#cloud-config\npackages: [jq]\n";

/// The parts of the newest user data of a launch template, as Python's own reader of messages finds them.
const PARTS: &str = "
import base64, email, gzip
data = ec2.describe_launch_template_versions(LaunchTemplateName=NAME, Versions=['$Latest'])
data = data['LaunchTemplateVersions'][0]['LaunchTemplateData']
sent = base64.b64decode(data['UserData'])
text = gzip.decompress(sent) if sent[:2] == b'\\x1f\\x8b' else sent
message = email.message_from_string(text.decode() if text.startswith(b'Content-Type') else '')
parts = [[part.get_content_type(), part.get_filename(), part.get_payload(decode=True).decode()]
         for part in message.walk() if not part.is_multipart()]
result = {'image': data['ImageId'], 'sent': len(sent), 'whole': len(text), 'parts': parts, 'raw': text.decode()}
";

fn world() -> World {
    let world = World::new(PROGRAM);
    std::fs::write(world.path("boot.sh"), BOOT).unwrap();
    std::fs::write(world.path("config.yaml"), CONFIG).unwrap();
    world.stock_for(".");
    world
}

fn user_data(world: &World, hostclass: &str) -> Value {
    world.boto(&PARTS.replace("NAME", &format!("'ci_{hostclass}'")))
}

fn images(world: &World) -> Value {
    world.boto(
        "result = {i['Name']: i['ImageId'] for i in ec2.describe_images(Owners=['099720109477'])['Images']}",
    )
}

#[test]
fn a_script_is_sent_as_it_is_or_as_a_part_of_a_message() {
    let world = world();
    world.apply();
    let web = user_data(&world, "web");
    assert_eq!(web["raw"], BOOT);
    let worker = user_data(&world, "worker");
    let values = "#cloud-boothook\n#!/bin/sh\ncat > /etc/asiaq.env <<'END_OF_VALUES'\nrole=\"leader\"\nEND_OF_VALUES\n";
    assert_eq!(
        worker["parts"],
        json!([
            ["text/cloud-boothook", "00-values", values],
            ["text/x-shellscript", "01-boot.sh", BOOT],
            ["text/cloud-config", "02-config.yaml", CONFIG],
        ])
    );
    let parameter = world.boto(
        "result = client('ssm').get_parameters(Names=['/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'])['Parameters'][0]['Value']",
    );
    assert_eq!(worker["image"], parameter);
    let amd64 = images(&world)
        .as_object()
        .unwrap()
        .iter()
        .find(|(name, _)| name.contains("x86_64"))
        .unwrap()
        .1
        .clone();
    assert_eq!(web["image"], amd64, "the image fits the instance type");
}

#[test]
fn a_change_of_a_script_is_told_by_its_lines() {
    let world = world();
    world.apply();
    let long: String = (0..4_000).fold(BOOT.to_owned(), |text, _| text + "echo again\n");
    std::fs::write(world.path("boot.sh"), &long).unwrap();
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains("changes the script (+4000 −0 lines from line 3)"), "{}", plan.stdout);
    assert!(!plan.stdout.contains("echo again"), "{}", plan.stdout);
    world.apply();
    let web = user_data(&world, "web");
    assert_eq!(web["raw"], long.as_str());
    assert!(
        web["sent"].as_u64().unwrap() < 16_384 && web["whole"].as_u64().unwrap() > 16_384,
        "{}",
        web["sent"]
    );
}

#[test]
fn a_newer_image_is_a_change_of_the_plan_and_no_silent_one() {
    let world = world();
    world.apply();
    let machines = "result = sorted(i['InstanceId'] for r in ec2.describe_instances()['Reservations'] for i in r['Instances'])";
    let before = world.boto(machines);
    world.boto(
        "image = ec2.register_image(Name='ubuntu/images/hvm-ssd-gp3/new-24.04-x86_64', Architecture='x86_64', RootDeviceName='/dev/sda1',
    BlockDeviceMappings=[{'DeviceName': '/dev/sda1', 'Ebs': {'VolumeSize': 8}}])['ImageId']
ec2.create_tags(Resources=[image], Tags=[{'Key': 'emulator:owner', 'Value': '099720109477'}, {'Key': 'emulator:architecture', 'Value': 'x86_64'}])",
    );
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(
        plan.stdout.contains("ubuntu/images/hvm-ssd-gp3/new-24.04-x86_64"),
        "the plan names it: {}",
        plan.stdout
    );
    assert!(plan.stdout.contains("asiaq does not replace it"), "{}", plan.stdout);
    world.apply();
    assert_eq!(world.boto(machines), before, "running instances stay");
}

#[test]
fn images_are_looked_up_with_a_call_for_each_owner() {
    let world = world();
    let proxy = Proxy::start(moto::endpoint());
    assert_eq!(world.asiaq_through(&proxy, &["plan"]).code, 10);
    let calls = |name: &str| proxy.operations().iter().filter(|operation| operation.as_str() == name).count();
    assert_eq!((calls("DescribeImages"), calls("GetParameters")), (2, 1));
    let said = world.asiaq(&["permissions", "--for", "plan"]);
    assert!(
        said.stdout.contains("ssm:GetParameters") && said.stdout.contains("ec2:DescribeImages"),
        "{said:#?}"
    );
}

#[test]
fn an_image_that_is_not_there_is_told_before_anything_is_made() {
    let world = world();
    for (from, to, said) in [
        ("*24.04*", "*26.04*", "no AMI of `099720109477` in us-west-2 has a name like"),
        ("al2023-ami-kernel-default-x86_64", "nothing", "there is no Systems Manager parameter"),
        (
            "run web    { desired = 1 }",
            "run web { desired = 1, ami = \"ami-0123456789abcdef0\" }",
            "there is no AMI ami-0123456789abcdef0",
        ),
    ] {
        world.write(&PROGRAM.replace(from, to));
        let apply = world.asiaq(&["apply", "--yes"]);
        assert!(apply.code == 1 && apply.stderr.contains(said), "{apply:#?}");
    }
    assert!(world.lines("ci").is_empty(), "nothing is made");
}

#[test]
fn a_deprecated_image_is_found_by_its_id_and_is_no_newest_one() {
    let world = world();
    world.boto(
        "for image in ec2.describe_images(Owners=['099720109477'])['Images']:
    ec2.create_tags(Resources=[image['ImageId']], Tags=[{'Key': 'emulator:deprecated', 'Value': 'yes'}])",
    );
    let newest = world.asiaq(&["plan"]);
    assert!(newest.code == 1 && newest.stderr.contains("has a name like"), "{newest:#?}");
    let id = world.boto(
        "result = [i['ImageId'] for i in ec2.describe_images(Owners=['099720109477'], IncludeDeprecated=True)['Images']
          if 'x86_64' in i['Name']][0]",
    );
    let pinned = format!("ami {{ id = {id} }}");
    world.write(
        &PROGRAM.replace(
            r#"ami { newest = "ubuntu/images/hvm-ssd-gp3/*24.04*", owner = "099720109477" }"#,
            &pinned,
        ),
    );
    world.apply();
    assert_eq!(user_data(&world, "web")["image"], id);
}

#[test]
fn a_key_pair_that_is_not_there_is_told_before_anything_is_made() {
    let world = world();
    let proxy = Proxy::start(moto::endpoint());
    assert_eq!(world.asiaq_through(&proxy, &["plan"]).code, 10);
    let asks = |proxy: &Proxy| proxy.operations().iter().any(|operation| operation == "DescribeKeyPairs");
    assert!(!asks(&proxy), "nobody asks for what no program names");
    world.write(
        &PROGRAM.replace("  network = app\n  ami", "  network = app\n  key     = \"operators\"\n  ami"),
    );
    let refused = world.asiaq_through(&proxy, &["apply", "--yes"]);
    assert!(refused.code == 1 && asks(&proxy), "{refused:#?}");
    assert!(refused.stderr.contains("there is no key pair `operators` in us-west-2"), "{refused:#?}");
    assert_eq!(refused.stderr.matches("there is no key pair").count(), 1, "{refused:#?}");
    let said = world.asiaq(&["permissions", "--for", "plan"]);
    assert!(said.stdout.contains("ec2:DescribeKeyPairs"), "{said:#?}");
    world.boto("ec2.create_key_pair(KeyName='operators')");
    world.apply();
}

#[test]
fn the_balancer_s_health_is_a_smoke_test() {
    let world = world();
    let program = PROGRAM.replace(
        "hostclass web : machine { script = file \"boot.sh\" }",
        "hostclass web : machine {
  lb { kind = network, listeners = [tcp 80 -> 8080] }
  smoke_test { check = target, timeout = 1m }
}",
    );
    let program = program.replace("run web    { desired = 1 }", "run web { desired = 1, smoke_test = true }");
    world.write(&program);
    world.stock_for(".");
    world.apply();
    let tested = world.boto(
        "groups = client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups']
result = sorted(t['Key'] for g in groups for t in g['Tags'] if t['Key'] == 'asiaq:tested')",
    );
    assert_eq!(tested, json!(["asiaq:tested"]));
}

#[test]
fn instances_get_the_tags_that_the_program_says() {
    let world = world();
    let keys = "groups = client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups']
result = sorted({t['Key'] for g in groups for t in g['Tags'] if not t['Key'].startswith('asiaq:')})";
    world.write(&PROGRAM.replace("pipeline = site\n", "pipeline = site\n  instance_data = classic\n"));
    world.apply();
    let classic = json!([
        "Name",
        "application",
        "chaos",
        "create_date",
        "environment",
        "environment_class",
        "hostclass",
        "is_testing",
        "owner"
    ]);
    assert_eq!(world.boto(keys), classic);
    world.write(PROGRAM);
    world.apply();
    assert_eq!(world.boto(keys), json!(["Name", "application", "create_date", "environment", "hostclass"]));
}
