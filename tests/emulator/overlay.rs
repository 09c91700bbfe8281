//! What the overlay of `examples/images` does on an instance, in a folder that stands for its file system, with a metadata
//! service on loopback and the emulator.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::proxy::Proxy;
use super::{Said, World, moto};

const ID: &str = "meta-data/instance-id";

/// An instance: its file system, its metadata, and what it can do in AWS.
struct Machine {
    world: World,
    metadata: Arc<Mutex<BTreeMap<String, String>>>,
    endpoint: String,
    /// Ids of two instances, the first is this one, and of what there is for them.
    ids: Value,
}

/// Answers one request for metadata. Without the token, there is no answer.
fn answer(mut stream: TcpStream, metadata: &BTreeMap<String, String>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches("/latest/");
    let has_token = request.to_lowercase().contains("x-aws-ec2-metadata-token: token");
    let (status, body) = match metadata.get(path) {
        _ if request.starts_with("PUT") => ("200 OK", "token"),
        Some(body) if has_token => ("200 OK", body.as_str()),
        _ if !has_token => ("401 Unauthorized", ""),
        _ => ("404 Not Found", ""),
    };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn serve(metadata: &Arc<Mutex<BTreeMap<String, String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let metadata = Arc::clone(metadata);
    // It ends with the process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let known = metadata.lock().unwrap().clone();
            let _ = answer(stream, &known);
        }
    });
    endpoint
}

impl Machine {
    fn new() -> Self {
        let world = World::empty();
        let overlay = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/images/root");
        let copied = Command::new("cp").arg("-r").args([&overlay, &world.path("m")]).status().unwrap();
        assert!(copied.success());
        for name in ["etc", "home", "sys/class/net/eth1", "dev/disk/by-id"] {
            std::fs::create_dir_all(world.path("m").join(name)).unwrap();
        }
        std::fs::create_dir(world.path("bin")).unwrap();
        let ids = world.boto(
            "vpc = ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.0.0.0/24', AvailabilityZone='us-west-2a')['Subnet']['SubnetId']
image = ec2.register_image(Name='debian-12-amd64', RootDeviceName='/dev/xvda')['ImageId']
tags = [{'Key': 'hostclass', 'Value': 'front'}, {'Key': 'environment', 'Value': 'live'}, {'Key': 'is_testing', 'Value': '0'}]
run = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2, SubnetId=subnet, TagSpecifications=[{'ResourceType': 'instance', 'Tags': tags}])
one = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress='10.0.0.50', Description='floating interface')['NetworkInterface']
for name in ['own', 'shared']:
    client('s3').create_bucket(Bucket=name + '-' + vpc, CreateBucketConfiguration={'LocationConstraint': 'us-west-2'})
result = {'me': run['Instances'][0]['InstanceId'], 'other': run['Instances'][1]['InstanceId'], 'vpc': vpc,
          'address': ec2.allocate_address(Domain='vpc')['PublicIp'], 'interface': one['NetworkInterfaceId'], 'mac': one['MacAddress']}",
        );
        let id = |name: &str| ids[name].as_str().unwrap().to_owned();
        let values = format!(
            "credential_buckets=\"own-{0} shared-{0}\"\neip=\"{1}\"\nfloating_ips=\"10.0.0.50\"\n",
            id("vpc"),
            id("address")
        );
        let known = [
            (ID.to_owned(), id("me")),
            ("user-data".to_owned(), values),
            ("meta-data/placement/region".to_owned(), "us-west-2".to_owned()),
            ("meta-data/placement/availability-zone".to_owned(), "us-west-2a".to_owned()),
            ("meta-data/mac".to_owned(), "0e:00:00:00:00:01".to_owned()),
            ("meta-data/network/interfaces/macs/0e:00:00:00:00:01/vpc-id".to_owned(), id("vpc")),
            (
                format!(
                    "meta-data/network/interfaces/macs/{}/subnet-ipv4-cidr-block",
                    id("mac").to_lowercase()
                ),
                "10.0.0.0/24".to_owned(),
            ),
        ];
        let metadata = Arc::new(Mutex::new(known.into()));
        let endpoint = serve(&metadata);
        let machine = Self { world, metadata, endpoint, ids };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (python, cli) = (moto::python(root), root.join("tests/emulator/aws_cli.py"));
        machine.program("aws", &format!("exec {} {} \"$@\"", python.display(), cli.display()));
        std::fs::write(machine.path("sys/class/net/eth1/address"), machine.id("mac").to_lowercase()).unwrap();
        machine
    }

    fn id(&self, name: &str) -> String {
        self.ids[name].as_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.path("m").join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| format!("{name}: {error}"))
    }

    /// A program that is found before those of the system.
    fn program(&self, name: &str, code: &str) {
        let file = self.world.path("bin").join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{code}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A program that only notes how it was called.
    fn noted(&self, name: &str) {
        self.program(name, &format!("echo {name} \"$@\" >> {}", self.world.path("ran").display()));
    }

    fn ran(&self) -> String {
        let root = self.world.path("m").display().to_string();
        std::fs::read_to_string(self.world.path("ran")).unwrap_or_default().replace(&root, "")
    }

    /// Runs one of the programs of the overlay.
    fn run(&self, program: &str, arguments: &[&str]) -> Said {
        self.run_at(moto::endpoint(), program, arguments)
    }

    fn run_at(&self, endpoint: &str, program: &str, arguments: &[&str]) -> Said {
        let path = format!("{}:{}", self.world.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = self.world.command("python3");
        command.arg(self.path("usr/local/sbin").join(program)).args(arguments);
        command.env("PATH", format!("{path}:/usr/sbin:/sbin")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("ASIAQ_ROOT", self.world.path("m")).env("ASIAQ_METADATA", &self.endpoint);
        command.env("ASIAQ_WAIT", "0").env("AWS_ENDPOINT_URL", endpoint).env_remove("AWS_PROFILE");
        Said::of(&command.output().unwrap())
    }

    fn done(&self, program: &str, arguments: &[&str]) -> String {
        let said = self.run(program, arguments);
        assert_eq!(said.code, 0, "{said:#?}");
        said.stderr
    }

    fn refused(&self, program: &str, arguments: &[&str]) -> String {
        let said = self.run(program, arguments);
        assert_eq!(said.code, 1, "{said:#?}");
        said.stderr
    }

    /// Puts an object into one of the two buckets.
    fn put(&self, bucket: &str, key: &str, content: &str) {
        let code = format!(
            "client('s3').put_object(Bucket='{bucket}-{}', Key='{key}', Body={}.encode())",
            self.id("vpc"),
            json!(content)
        );
        self.world.boto(&code);
    }

    fn test(&self, is_testing: &str) {
        let code = "ec2.create_tags(Resources=['ME'], Tags=[{'Key': 'is_testing', 'Value': 'IS'}])";
        self.world.boto(&code.replace("ME", &self.id("me")).replace("IS", is_testing));
    }

    /// The instance that has the address.
    fn holder(&self) -> Value {
        self.world.boto(&format!(
            "result = ec2.describe_addresses(PublicIps=['{}'])['Addresses'][0].get('InstanceId') or None",
            self.id("address")
        ))
    }
}

#[test]
fn placeholders_become_what_the_first_bucket_has() {
    let machine = Machine::new();
    let conf = machine.path("etc/shop/database.conf");
    std::fs::set_permissions(&conf, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::write(
        machine.path("etc/shop/other.conf"),
        "{s3cred://a/b.c-d}{s3cred://a/b.c-d} & {s3cred://}\n",
    )
    .unwrap();
    machine.put("shared", "app_auth/shop/database", "a&b\\1\\g<0>$x\n");
    machine.put("shared", "a/b.c-d", "second");
    machine.put("own", "a/b.c-d", "first");
    machine.put("own", "unused", "nobody's");
    let proxy = Proxy::start(moto::endpoint());
    let said = machine.run_at(&proxy.endpoint(), "asiaq-credentials", &[]);
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (0, "", ""));
    assert!(machine.text("etc/shop/database.conf").ends_with("\npassword = a&b\\1\\g<0>$x\n\n"));
    assert_eq!(machine.text("etc/shop/other.conf"), "firstfirst & {s3cred://}\n");
    assert_eq!(std::fs::metadata(&conf).unwrap().permissions().mode() & 0o777, 0o640);
    // Only what a placeholder names is read: two keys, of which one is in the second bucket.
    assert_eq!(proxy.operations(), ["GetObject"; 3]);

    // What is missing or empty is an error that says which, and nothing is replaced by half.
    std::fs::write(&conf, "{s3cred://a/b.c-d} {s3cred://a/none}").unwrap();
    std::fs::write(machine.path("etc/shop/empty"), "{s3cred://empty}").unwrap();
    std::fs::write(machine.path("etc/shop/fine"), "{s3cred://a/b.c-d}").unwrap();
    machine.put("own", "empty", "");
    machine.put("shared", "empty", "not looked for");
    let said = machine.refused("asiaq-credentials", &[]);
    assert!(said.contains("a/none, which ") && said.contains("etc/shop/database.conf needs: own-"), "{said}");
    assert!(said.contains("empty, which ") && said.contains(": it is empty"), "{said}");
    assert!(!said.contains("first"), "{said}");
    assert_eq!(machine.text("etc/shop/database.conf"), "{s3cred://a/b.c-d} {s3cred://a/none}");
    assert_eq!(
        (machine.text("etc/shop/empty"), machine.text("etc/shop/fine")),
        ("{s3cred://empty}".into(), "first".into())
    );
}

#[test]
fn an_address_is_taken_where_it_is_free_and_given_back() {
    let machine = Machine::new();
    let (me, other) = (machine.id("me"), machine.id("other"));
    machine.test("1");
    assert!(machine.done("asiaq-address", &["take"]).contains("is under test"));
    assert_eq!(machine.holder(), Value::Null);
    machine.test("0");
    machine
        .world
        .boto(&format!("ec2.associate_address(PublicIp='{}', InstanceId='{other}')", machine.id("address")));
    // One that runs keeps it, and does not lose it to the end of another one.
    assert!(machine.done("asiaq-address", &["take"]).contains(&format!("is in use by {other}")));
    machine.done("asiaq-address", &["release"]);
    assert_eq!(machine.holder(), json!(other));
    machine.world.boto(&format!("ec2.stop_instances(InstanceIds=['{other}'])"));
    assert!(machine.done("asiaq-address", &["take"]).contains("took"));
    assert_eq!(machine.holder(), json!(me));
    assert_eq!(machine.done("asiaq-address", &["take"]), "");
    machine.done("asiaq-address", &["release"]);
    assert_eq!(machine.holder(), Value::Null);
    machine.metadata.lock().unwrap().insert("user-data".to_owned(), "eip=\"None\"\n".to_owned());
    assert_eq!(machine.done("asiaq-address", &["take"]), "");
    machine.metadata.lock().unwrap().insert("user-data".to_owned(), "eip=\"203.0.113.7\"\n".to_owned());
    assert!(machine.refused("asiaq-address", &["take"]).contains("has no address 203.0.113.7"));
}

#[test]
fn a_floating_interface_is_attached_and_never_stolen() {
    let machine = Machine::new();
    machine.noted("ip");
    machine.test("1");
    assert!(machine.done("asiaq-interface", &[]).contains("is under test"));
    machine.test("0");
    let said = machine.done("asiaq-interface", &[]);
    assert!(said.contains(&machine.id("interface")), "{said}");
    let routes = "ip link set eth1 up\nip address replace 10.0.0.50/24 dev eth1\n\
                  ip route replace default via 10.0.0.1 dev eth1 table 1001\nip rule add from 10.0.0.50 table 1001\n";
    assert_eq!(machine.ran(), routes);
    // It is there already after a restart of the service.
    machine.done("asiaq-interface", &[]);
    let attached = |id: &str| {
        machine.world.boto(&format!(
            "one = ec2.describe_network_interfaces(NetworkInterfaceIds=['{}'])['NetworkInterfaces'][0]
result = one['Attachment']['InstanceId'] == '{id}'",
            machine.id("interface")
        ))
    };
    assert_eq!(attached(&machine.id("me")), json!(true));
    // Another instance gets none, and says that it is unhealthy.
    let (me, other) = (machine.id("me"), machine.id("other"));
    machine.metadata.lock().unwrap().insert(ID.to_owned(), other);
    let proxy = Proxy::start(moto::endpoint());
    let said = machine.run_at(&proxy.endpoint(), "asiaq-interface", &[]);
    assert_eq!(said.code, 1, "{said:#?}");
    assert!(proxy.operations().contains(&"SetInstanceHealth".to_owned()), "{:?}", proxy.operations());
    assert_eq!(attached(&me), json!(true));
}

#[test]
fn only_a_blank_disk_gets_a_file_system() {
    let machine = Machine::new();
    if !["/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4"].iter().any(|program| Path::new(program).exists()) {
        assert!(std::env::var_os("CI").is_none(), "CI has no mkfs.ext4");
        return;
    }
    machine.noted("mount");
    // No such disk.
    assert_eq!(machine.done("asiaq-disks", &[]), "");
    let volume = machine.world.boto(&format!(
        "one = ec2.create_volume(Size=1, AvailabilityZone='us-west-2a')['VolumeId']
ec2.attach_volume(VolumeId=one, InstanceId='{}', Device='/dev/sdb')
result = one.replace('-', '')",
        machine.id("me")
    ));
    let name = format!("dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{}", volume.as_str().unwrap());
    assert!(machine.refused("asiaq-disks", &[]).contains("the system does not show vol-"));
    let blank = vec![0; 8 << 20];
    std::fs::write(machine.path(&name), &blank).unwrap();
    assert!(machine.done("asiaq-disks", &[]).contains("/dev/sdb is blank"));
    assert_eq!(machine.ran(), format!("mount /{name} /data\n"));
    let made = std::fs::read(machine.path(&name)).unwrap();
    assert_ne!(made, blank);
    // It has one now, and is left as it is; so is what looks like anything else.
    assert!(!machine.done("asiaq-disks", &[]).contains("is blank"));
    assert!(std::fs::read(machine.path(&name)).unwrap() == made);
    let mut table = blank;
    table[510] = 0x55;
    table[511] = 0xaa;
    table[446..462].copy_from_slice(&[0, 0, 2, 0, 0x83, 0, 3, 0, 1, 0, 0, 0, 100, 0, 0, 0]);
    std::fs::write(machine.path(&name), &table).unwrap();
    assert!(!machine.done("asiaq-disks", &[]).contains("is blank"));
    assert!(std::fs::read(machine.path(&name)).unwrap() == table);
}

#[test]
fn a_snapshot_is_taken_of_the_disk_of_the_hostclass() {
    let machine = Machine::new();
    let snapshots = || {
        machine.world.boto(
            "found = ec2.describe_snapshots(OwnerIds=['self'], Filters=[{'Name': 'tag:productline', 'Values': ['*']}])['Snapshots']
result = [{tag['Key']: tag['Value'] for tag in one['Tags']} for one in found]",
        )
    };
    assert!(machine.done("asiaq-snapshot", &["/dev/sdb"]).contains("there is no disk of `front`"));
    machine.world.boto(&format!(
        "blank = ec2.create_volume(Size=1, AvailabilityZone='us-west-2a')['VolumeId']
tags = [{{'Key': 'hostclass', 'Value': 'front'}}]
of = ec2.create_snapshot(VolumeId=blank, TagSpecifications=[{{'ResourceType': 'snapshot', 'Tags': tags}}])['SnapshotId']
one = ec2.create_volume(SnapshotId=of, AvailabilityZone='us-west-2a')['VolumeId']
ec2.attach_volume(VolumeId=one, InstanceId='{}', Device='/dev/sdb')",
        machine.id("me")
    ));
    machine.test("1");
    assert!(machine.done("asiaq-snapshot", &["/dev/sdb"]).contains("is under test"));
    assert_eq!(snapshots(), json!([]));
    machine.test("0");
    assert!(machine.done("asiaq-snapshot", &["/dev/sdb"]).contains("took snap-"));
    assert_eq!(snapshots(), json!([{ "hostclass": "front", "env": "live", "productline": "unknown" }]));
}

#[test]
fn operators_are_added_changed_and_deactivated() {
    let machine = Machine::new();
    // Only root writes accounts.
    if std::fs::metadata("/proc/self").map(|of| std::os::unix::fs::MetadataExt::uid(&of)).ok() != Some(0) {
        return;
    }
    for (name, text) in [
        ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"),
        ("etc/group", "root:x:0:\nusers:x:100:\ndisco_operators:x:990:\n"),
        ("etc/shadow", "root:*:19000:0:99999:7:::\n"),
        ("etc/gshadow", "root:*::\n"),
    ] {
        std::fs::write(machine.path(name), text).unwrap();
    }
    let line = |file: &str, name: &str| {
        let text = machine.text(file);
        text.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap_or_default().to_owned()
    };
    let keys = || machine.text("home/ann/.ssh/authorized_keys");
    machine.put("own", "accounts/groups/ann", "[group]\nid = 2001\n");
    machine.put("shared", "accounts/users/ann", "[user]\nid = 2009\n");
    machine.put(
        "own",
        "accounts/users/ann",
        "[user]\nid = 2001\npassword = $6$salt$hash\nssh_key_0 = ssh-ed25519 AAAA one\nssh_key_1 = ssh-ed25519 BBBB 50%two\n\
         groups = users,disco_operators\n",
    );
    machine.put("shared", "accounts/users/eve", "[user]\nid = 0\n");
    machine.put("shared", "accounts/users/bob", "[user]\nshell = /bin/sh\n");
    let said = machine.refused("asiaq-operators", &[]);
    assert!(said.contains("accounts/users/eve: the id 0") && said.contains("accounts/users/bob"), "{said}");
    assert_eq!(line("etc/passwd", "ann"), "ann:x:2001:2001::/home/ann:/bin/bash");
    assert!(line("etc/shadow", "ann").starts_with("ann:$6$salt$hash:"));
    assert_eq!(line("etc/group", "disco_operators"), "disco_operators:x:990:ann");
    assert_eq!(keys(), "ssh-ed25519 AAAA one\nssh-ed25519 BBBB 50%two\n");
    assert_eq!((line("etc/passwd", "eve"), line("etc/passwd", "bob")), (String::new(), String::new()));
    let of = std::fs::metadata(machine.path("home/ann/.ssh/authorized_keys")).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&of);
    assert_eq!((of.permissions().mode() & 0o777, owner), (0o600, 2001));

    // A key that is gone lets nobody in, and a key is there once.
    machine.put("shared", "accounts/users/eve", "[user]\nid = 2002\n");
    machine.put("own", "accounts/groups/eve", "[group]\nid = 2002\n");
    machine.put("shared", "accounts/users/bob", "[user]\nid = 2003\n");
    machine.put("own", "accounts/groups/bob", "[group]\nid = 2003\n");
    machine.put(
        "own",
        "accounts/users/ann",
        "[user]\nid = 2001\nssh_key_0 = ssh-ed25519 BBBB two\nshell = /bin/sh\n",
    );
    machine.done("asiaq-operators", &[]);
    machine.done("asiaq-operators", &[]);
    assert_eq!(keys(), "ssh-ed25519 BBBB two\n");
    assert!(line("etc/passwd", "ann").ends_with(":/bin/sh"));
    assert_eq!(line("etc/group", "disco_operators"), "disco_operators:x:990:");
    assert!(line("etc/shadow", "ann").starts_with("ann:!:"));

    // Deactivated, and gone from the buckets.
    machine.put(
        "own",
        "accounts/users/ann",
        "[user]\nid = 2001\nssh_key_0 = ssh-ed25519 BBBB two\nactive = no\n",
    );
    machine.world.boto(&format!(
        "client('s3').delete_object(Bucket='shared-{}', Key='accounts/users/bob')",
        machine.id("vpc")
    ));
    machine.done("asiaq-operators", &[]);
    assert_eq!(keys(), "");
    let expires = |name: &str| line("etc/shadow", name).split(':').nth(7).unwrap_or_default().to_owned();
    assert_eq!((expires("ann"), expires("bob"), expires("eve")), ("1".into(), "1".into(), String::new()));

    // A link that a user has made leads nowhere.
    let ssh = machine.path("home/ann/.ssh");
    std::fs::remove_dir_all(&ssh).unwrap();
    std::fs::create_dir(machine.world.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(machine.world.path("elsewhere"), &ssh).unwrap();
    assert!(machine.refused("asiaq-operators", &[]).contains("the keys of `ann` cannot be written"));
    assert_eq!(std::fs::read_dir(machine.world.path("elsewhere")).unwrap().count(), 0);
}
