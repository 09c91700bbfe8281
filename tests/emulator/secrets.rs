//! Secrets in the three stores, looked at from outside; and that no value is where it ought not to be.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::proxy::{Fault, Moment, Proxy};
use super::{Said, World, moto};

/// A program whose environments `ci`, `par` and `man` each have another store.
const PROGRAM: &str = r#"project PROJECT { region = us-west-2 }
envtype base {
  zones = 2
  metanetwork app {}
  secret reports { key = "app_auth/billing/reports", generate = 40, description = "Reports" }
  secret typed { key = "app_auth/billing/typed" }
}
env ci  : base { cidr = 10.20.0.0/20, credential_buckets = ["ci"], app_auth = unsalted }
env par : base { cidr = 10.30.0.0/20, secrets = parameters "/shop/${env.name}/" }
env man : base { cidr = 10.40.0.0/20, secrets = secrets_manager "shop/man/" }
"#;

const BUCKET: &str = "s3 = client('s3')
bucket = 'us-west-2.PROJECT.credentials.ci'
s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': 'us-west-2'})
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})";

/// How boto3 reads the secret `KEY` of each environment.
const READS: [(&str, &str); 3] = [
    (
        "ci",
        "result = client('s3').get_object(Bucket='us-west-2.PROJECT.credentials.ci', Key='KEY')['Body'].read().decode('latin1')",
    ),
    (
        "par",
        "result = client('ssm').get_parameter(Name='/shop/par/KEY', WithDecryption=True)['Parameter']['Value']",
    ),
    ("man", "result = client('secretsmanager').get_secret_value(SecretId='shop/man/KEY')['SecretString']"),
];

/// The letters that a typed value is made of; no command says them.
const PLANTED: &str = "pl4nted&v\\alue";

/// Buckets are of all accounts, so each test has a project of its own.
fn project(world: &World) -> String {
    format!("s{}", world.credentials.account)
}

fn world() -> World {
    let world = World::empty();
    world.write(&PROGRAM.replace("PROJECT", &project(&world)));
    world.boto(&BUCKET.replace("PROJECT", &project(&world)));
    world
}

fn run(world: &World, arguments: &[&str], code: i32) -> Said {
    let said = world.asiaq(arguments);
    assert_eq!(said.code, code, "{arguments:?}: {said:#?}");
    said
}

/// Runs a command with a text at its standard input.
fn fed(world: &World, arguments: &[&str], input: &[u8]) -> Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_asiaq"));
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let shown = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&shown).contains(PLANTED));
    child.stdin.take().unwrap().write_all(input).unwrap();
    Said::of(&child.wait_with_output().unwrap())
}

fn read(world: &World, env: &str, key: &str) -> Value {
    let code = READS.iter().find(|(of, _)| *of == env).unwrap().1;
    world.boto(&code.replace("KEY", key).replace("PROJECT", &project(world)))
}

fn json_of(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn a_value_is_written_and_read_byte_for_byte_in_each_store() {
    let world = world();
    for (env, _) in READS {
        let put = ["secret", "put", "app_auth/billing/typed", "--env", env, "--yes"];
        let said = fed(&world, &put, PLANTED.as_bytes());
        assert_eq!(said.code, 0, "{env}: {said:#?}");
        assert_eq!(read(&world, env, "app_auth/billing/typed"), json!(PLANTED), "{env}");
        let said = run(&world, &["secret", "get", "app_auth/billing/typed", "--env", env], 0);
        assert_eq!(said.stdout, PLANTED, "{env}");
        // The same value again is no change, and another one is a new version.
        let said = fed(&world, &put, PLANTED.as_bytes());
        assert!(said.code == 0 && said.stderr.contains("this value already"), "{env}: {said:#?}");
        let said = fed(&world, &put, b"key\nwith lines\n");
        assert_eq!(said.code, 0, "{env}: {said:#?}");
        assert_eq!(read(&world, env, "app_auth/billing/typed"), json!("key\nwith lines\n"), "{env}");
        let history = ["secret", "history", "app_auth/billing/typed", "--env", env, "--format", "json"];
        let history = json_of(&run(&world, &history, 0));
        let history = history.as_array().unwrap();
        assert_eq!(history.len(), 2, "{env}: {history:#?}");
        assert_eq!((&history[0]["is_current"], &history[1]["is_current"]), (&json!(true), &json!(false)));
        let version = history[1]["version"].as_str().unwrap();
        let first = ["secret", "get", "app_auth/billing/typed", "--env", env, "--value-of", version];
        assert_eq!(run(&world, &first, 0).stdout, PLANTED, "{env}");
    }
    // What is no text goes where the store takes it.
    let put = |env| fed(&world, &["secret", "put", "raw", "--env", env, "--yes"], &[0, 159, 146, 150]);
    assert_eq!(put("ci").code, 0);
    assert_eq!(put("man").code, 0);
    let refused = put("par");
    assert!(refused.code == 2 && refused.stderr.contains("a parameter has only text"), "{refused:#?}");
    for (value, why) in
        [("a{{b}}", "reference to a parameter"), (&"x".repeat(4097), "a standard parameter 4096")]
    {
        let refused = fed(&world, &["secret", "put", "raw", "--env", "par", "--yes"], value.as_bytes());
        assert!(refused.code == 2 && refused.stderr.contains(why), "{refused:#?}");
    }
}

#[test]
fn what_is_generated_is_random_and_stays_until_it_is_rotated() {
    let world = world();
    let mut values = BTreeSet::new();
    for (env, _) in READS {
        let key = "app_auth/billing/reports";
        let said = run(&world, &["plan", "--env", env], 10);
        assert!(said.stderr.contains(&format!("asiaq secret generate {key} --env {env}")), "{said:#?}");
        run(&world, &["secret", "generate", "--env", env, "--dry-run"], 10);
        run(&world, &["secret", "generate", "--env", env, "--yes"], 0);
        let first = read(&world, env, key).as_str().unwrap().to_owned();
        assert!(first.len() == 40 && first.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{first}");
        let said = run(&world, &["plan", "--env", env], 10);
        assert!(!said.stderr.contains("secret generate"), "{said:#?}");
        assert!(
            said.stderr.contains(&format!("asiaq secret put app_auth/billing/typed --env {env}")),
            "{said:#?}"
        );
        // A value that is there stays.
        run(&world, &["secret", "generate", "--env", env, "--yes"], 0);
        let refused = run(&world, &["secret", "generate", key, "--env", env, "--yes"], 2);
        assert!(refused.stderr.contains("`asiaq secret rotate"), "{refused:#?}");
        assert_eq!(read(&world, env, key), json!(first));
        let refused = run(&world, &["secret", "rotate", "app_auth/billing/typed", "--env", env, "--yes"], 2);
        assert!(refused.stderr.contains("put by a person"), "{refused:#?}");
        run(&world, &["secret", "rotate", key, "--env", env, "--yes"], 0);
        let second = read(&world, env, key).as_str().unwrap().to_owned();
        assert_ne!(first, second);
        values.extend([first, second]);
    }
    assert_eq!(values.len(), 6);
}

#[test]
fn a_deleted_secret_can_be_had_back_where_its_store_keeps_it() {
    let world = world();
    let key = "app_auth/billing/reports";
    for (env, _) in READS {
        run(&world, &["secret", "generate", "--env", env, "--yes"], 0);
        let said = run(&world, &["secret", "delete", key, "--env", env, "--yes"], 0);
        let state =
            json_of(&run(&world, &["secret", "list", "--env", env, "--prefix", key, "--format", "json"], 0));
        let state = state[0]["state"].as_str().unwrap().to_owned();
        if env == "man" {
            assert!(said.stderr.contains("brings it back"), "{said:#?}");
            assert_eq!(state, "deleted");
            let plan = run(&world, &["plan", "--env", env], 10);
            assert!(plan.stderr.contains("is deleted, and can be had back until"), "{plan:#?}");
        } else {
            assert_eq!(state, "missing");
        }
        let missing = run(&world, &["secret", "get", key, "--env", env], 2);
        assert!(missing.stderr.contains("there is no secret"), "{missing:#?}");
        run(&world, &["secret", "generate", "--env", env, "--yes"], 0);
        assert_eq!(read(&world, env, key).as_str().unwrap().len(), 40);
    }
}

/// The hash is computed by Python.
#[test]
fn lists_of_hashes_follow_the_secrets() {
    let world = world();
    let expected = "import hashlib, base64
s3 = client('s3')
lines = s3.get_object(Bucket='us-west-2.PROJECT.credentials.ci', Key='app_auth/billing/passwd')['Body'].read().decode()
hashes = {}
for page in s3.list_objects_v2(Bucket='us-west-2.PROJECT.credentials.ci', Prefix='app_auth/billing/')['Contents']:
    user = page['Key'].split('/')[-1]
    if user != 'passwd':
        value = s3.get_object(Bucket='us-west-2.PROJECT.credentials.ci', Key=page['Key'])['Body'].read()
        hashes[user] = base64.b64encode(hashlib.sha512(value).digest()).decode()
result = [dict(line.split(':') for line in lines.splitlines()[1:]) == hashes, sorted(hashes)]"
        .replace("PROJECT", &project(&world));
    run(&world, &["secret", "generate", "--env", "ci", "--yes"], 0);
    assert_eq!(world.boto(&expected), json!([true, ["reports"]]));
    fed(&world, &["secret", "put", "app_auth/billing/typed", "--env", "ci", "--yes"], PLANTED.as_bytes());
    assert_eq!(world.boto(&expected), json!([true, ["reports", "typed"]]));
    // Another application's secret is in no list of this one.
    fed(&world, &["secret", "put", "app_auth/billing2/typed", "--env", "ci", "--yes"], PLANTED.as_bytes());
    assert_eq!(world.boto(&expected), json!([true, ["reports", "typed"]]));
    run(&world, &["secret", "delete", "app_auth/billing/reports", "--env", "ci", "--yes"], 0);
    assert_eq!(world.boto(&expected), json!([true, ["typed"]]));
}

#[test]
fn files_of_configuration_are_written_where_they_differ() {
    let world = world();
    std::fs::create_dir_all(world.path("app_conf/ci/web")).unwrap();
    std::fs::write(world.path("app_conf/ci/web/settings.ini"), "[web]\nport = 80\n").unwrap();
    std::fs::write(world.path("app_conf/ci/motd"), "hello\n").unwrap();
    let put = ["config", "put", "--env", "ci"];
    let said = run(&world, &[&put[..], &["--dry-run", "--format", "json"]].concat(), 10);
    assert_eq!(json_of(&said)["secrets"].as_array().unwrap().len(), 2, "{said:#?}");
    run(&world, &[&put[..], &["--yes"]].concat(), 0);
    assert_eq!(read(&world, "ci", "app_conf/web/settings.ini"), json!("[web]\nport = 80\n"));
    let said = run(&world, &[&put[..], &["--dry-run"]].concat(), 0);
    assert!(said.stderr.contains("has these files already"), "{said:#?}");
    std::fs::write(world.path("app_conf/ci/motd"), "good morning\n").unwrap();
    let said = json_of(&run(&world, &[&put[..], &["--yes", "--format", "json"]].concat(), 0));
    let actions: Vec<&str> =
        said["secrets"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["replace", "keep"]);
    std::fs::write(world.path("app_conf/ci/a b"), "").unwrap();
    let refused = run(&world, &[&put[..], &["--yes"]].concat(), 2);
    assert!(refused.stderr.contains("cannot be a key"), "{refused:#?}");
}

/// Everything that commands print, and every file that they leave, without the values.
#[test]
fn no_value_is_in_an_output_or_a_file() {
    let world = world();
    let mut said = Vec::new();
    for (env, _) in READS {
        let key = "app_auth/billing/typed";
        let put = ["secret", "put", key, "--env", env, "--yes", "--format", "json"];
        said.push(fed(&world, &put, PLANTED.as_bytes()));
        let put = ["secret", "put", key, "--env", env, "--dry-run"];
        said.push(fed(&world, &put, format!("{PLANTED}2").as_bytes()));
        said.push(run(&world, &["secret", "generate", "--env", env, "--yes"], 0));
        said.push(run(&world, &["secret", "list", "--env", env, "--format", "json"], 0));
        said.push(run(&world, &["secret", "history", key, "--env", env], 0));
    }
    let generated: Vec<String> = READS
        .iter()
        .map(|(env, _)| read(&world, env, "app_auth/billing/reports").as_str().unwrap().to_owned())
        .collect();
    said.push(run(&world, &["plan", "-o", "all.plan", "--format", "json"], 10));
    said.push(run(&world, &["apply", "--yes", "--events", "events.jsonl"], 0));
    said.push(run(&world, &["timeline", "events.jsonl"], 0));
    said.push(run(&world, &["show", "--format", "json"], 0));
    for (env, _) in READS {
        said.push(run(&world, &["secret", "rotate", "app_auth/billing/reports", "--env", env, "--yes"], 0));
        said.push(run(&world, &["secret", "delete", "app_auth/billing/typed", "--env", env, "--yes"], 0));
    }
    let files = std::fs::read_dir(world.path("")).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(files.len() > 2, "{files:?}");
    let mut texts: Vec<String> = said.iter().map(|one| format!("{}{}", one.stdout, one.stderr)).collect();
    texts
        .extend(files.iter().map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()));
    for text in texts {
        assert!(!text.contains("pl4nted"), "{text}");
        assert!(!generated.iter().any(|value| text.contains(value)), "{text}");
    }
}

/// The keys that `ssh-keygen` and EC2 have.
#[test]
fn ssh_keys_are_made_stored_and_imported() {
    let world = world();
    let program = format!(
        "{}hostclass front {{ network = app, key = \"ops\", ami {{ id = \"ami-0123456789abcdef0\" }} }}\n",
        PROGRAM.replace("PROJECT", &project(&world))
    );
    world.write(&program);
    let list = || json_of(&run(&world, &["keypair", "list", "--env", "ci", "--format", "json"], 0));
    assert_eq!((&list()[0]["name"], &list()[0]["is_named"]), (&json!("ops"), &json!(true)));
    run(&world, &["keypair", "rotate", "ops", "--env", "ci", "--dry-run"], 10);
    run(&world, &["keypair", "rotate", "ops", "--env", "ci", "--yes"], 0);
    let found = list();
    assert_eq!(
        (&found[0]["has_private"], &found[0]["has_public"]),
        (&json!(true), &json!(true)),
        "{found:#}"
    );
    assert_eq!(found[0]["live"]["form"], json!("ed25519"), "{found:#}");
    // The two halves fit: ssh-keygen makes the public one of the private one.
    let halves = |env: &str, name: &str| {
        let private = read(&world, env, &format!("private_keys/ssh/{name}.key"));
        let file = world.path("private");
        std::fs::write(&file, private.as_str().unwrap()).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let made = std::process::Command::new("ssh-keygen").arg("-y").arg("-f").arg(&file).output().unwrap();
        std::fs::remove_file(&file).unwrap();
        let words = |line: &str| line.split_whitespace().take(2).map(ToOwned::to_owned).collect::<Vec<_>>();
        let public = read(&world, env, &format!("public_keys/ssh/{name}.pub"));
        (words(&String::from_utf8(made.stdout).unwrap()), words(public.as_str().unwrap()))
    };
    let (made, first) = halves("ci", "ops");
    assert_eq!(made, first);
    run(&world, &["keypair", "rotate", "ops", "--env", "ci", "--type", "rsa", "--yes"], 0);
    let (made, second) = halves("ci", "ops");
    assert!(made == second && first != second && second[0] == "ssh-rsa", "{second:?}");
    assert_eq!(list()[0]["live"]["form"], json!("rsa"));
    // One that the program does not name stays out of EC2 until it is imported.
    run(&world, &["keypair", "rotate", "jenkins", "--env", "par", "--yes"], 0);
    let names = "result = sorted(one['KeyName'] for one in ec2.describe_key_pairs()['KeyPairs'])";
    assert_eq!(world.boto(names), json!(["ops"]));
    run(&world, &["keypair", "import", "jenkins", "--env", "par", "--yes"], 0);
    assert_eq!(world.boto(names), json!(["jenkins", "ops"]));
    let refused = run(&world, &["keypair", "import", "nobody", "--env", "par", "--yes"], 2);
    assert!(refused.stderr.contains("asiaq keypair rotate nobody"), "{refused:#?}");
}

/// A lost answer is followed by another attempt, which finds what the first one has done.
#[test]
fn a_value_is_written_once_although_an_answer_is_lost() {
    let world = world();
    let key = "app_auth/billing/reports";
    for (env, operation) in [("ci", "PutObject"), ("par", "PutParameter"), ("man", "CreateSecret")] {
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Dropped(Moment::After));
        let generate = ["secret", "generate", key, "--env", env, "--yes"];
        let said = world.asiaq_through(&proxy, &generate);
        assert!(said.code == 0 && said.stderr.contains("wrote the secret"), "{env}: {said:#?}");
        let first = read(&world, env, key);
        assert_eq!(first.as_str().unwrap().len(), 40, "{env}");
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Failed(Moment::Before));
        let said = world.asiaq_through(&proxy, &["secret", "rotate", key, "--env", env, "--yes"]);
        assert_eq!(said.code, 0, "{env}: {said:#?}");
        assert_ne!(read(&world, env, key), first, "{env}");
    }
}

#[test]
fn a_bucket_that_is_not_there_is_said() {
    let world = World::empty();
    world.write(&PROGRAM.replace("PROJECT", &project(&world)));
    for command in [&["secret", "list", "--env", "ci"][..], &["secret", "generate", "--env", "ci", "--yes"]] {
        let said = run(&world, command, 2);
        assert!(said.stderr.contains("there is no bucket") && said.stderr.contains("create it"), "{said:#?}");
    }
    let plan = run(&world, &["plan", "--env", "ci"], 10);
    assert!(plan.stderr.contains("has no value in the bucket"), "{plan:#?}");
}
