//! The policy that lets a command through: nothing less than its calls need, and nothing more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{World, moto, program};
use crate::emulator::proxy::Proxy;

pub(super) type Actions = BTreeSet<String>;

/// Actions that no call of the runs below needs, with why they are allowed all the same.
const UNCALLED: [(&str, &str); 27] = [
    ("autoscaling:DeleteTags", "a smoke test that goes alone"),
    ("dynamodb:CreateTable", "the first destroy of a region, after applies without leases"),
    ("dynamodb:DescribeTable", "waiting for that table, which the emulator has at once"),
    ("dynamodb:TagResource", "that table is made with a tag"),
    ("ec2:DetachNetworkInterface", "an interface that is attached to a machine"),
    ("ec2:DisableVgwRoutePropagation", "a destroyed VPN attachment whose route table stays"),
    ("ec2:DisassociateRouteTable", "a subnet that goes alone"),
    ("ec2:ModifyVpcEndpoint", "a route table that goes alone"),
    ("ec2:RunInstances", "a group that is made or changed from a launch template"),
    ("elasticloadbalancing:CreateRule", "a rule that somebody added to a balancer which is made anew"),
    ("elasticloadbalancing:DescribeListenerCertificates", "a listener that has a certificate"),
    ("elasticloadbalancing:DescribeRules", "a listener for HTTP of an Application Load Balancer"),
    ("elasticloadbalancing:ModifyRule", "a rule that somebody added to a listener"),
    ("es:DescribeDomains", "a search domain, whoever it belongs to"),
    ("es:ListTags", "a search domain that the index of tags lacks"),
    ("iam:CreateServiceLinkedRole", "the first group and the first load balancer of an account"),
    ("logs:ListTagsForResource", "a log group that the index of tags lacks"),
    ("rds:DescribeDBEngineVersions", "the upgrade of a database"),
    ("rds:DescribeDBParameters", "the parameters of a database"),
    ("rds:DescribeDBSnapshots", "a database that is made from a snapshot"),
    ("rds:DescribeEvents", "an upgrade that AWS did not make"),
    ("rds:ListTagsForResource", "a group that the index of tags lacks"),
    ("route53:DisassociateVPCFromHostedZone", "a zone that several environments see"),
    ("servicequotas:ListServiceQuotas", "a plan that comes near to a quota"),
    ("sns:DeleteTopic", "topics outlive their environment, not their declaration"),
    ("sns:GetTopicAttributes", "a topic that buckets or trails publish to"),
    ("sns:ListTagsForResource", "a topic that the index of tags lacks"),
];

/// Clients of the crate that calls AWS, with what IAM calls their services.
const CLIENTS: [(&str, &str); 21] = [
    ("acm", "acm"),
    ("autoscaling", "autoscaling"),
    ("cloudtrail", "cloudtrail"),
    ("cloudwatch", "cloudwatch"),
    ("dynamodb", "dynamodb"),
    ("ec2", "ec2"),
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancing"),
    ("iam", "iam"),
    ("kms", "kms"),
    ("logs", "logs"),
    ("non_idempotent_client", "ec2"),
    ("opensearch", "es"),
    ("route53", "route53"),
    ("s3", "s3"),
    ("secretsmanager", "secretsmanager"),
    ("servicequotas", "servicequotas"),
    ("sns", "sns"),
    ("ssm", "ssm"),
    ("sts", "sts"),
    ("tagging", "tag"),
];

/// The actions of the policies for a command.
pub(super) fn allowed(world: &World, purpose: &str) -> Actions {
    let said = world.asiaq(&["permissions", "--for", purpose]);
    assert_eq!(said.code, 0, "{said:#?}");
    let policies = serde_json::Deserializer::from_str(&said.stdout).into_iter::<Value>();
    let policies: Vec<Value> = policies.collect::<Result<_, _>>().unwrap();
    for policy in &policies {
        assert!(policy.to_string().chars().count() <= 6144, "{policy:#}");
    }
    let statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
    let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// What a call needs; nothing where it needs no permission.
fn needed(service: &str, operation: &str) -> Option<String> {
    Some(match (service, operation) {
        ("sts", "GetCallerIdentity") => return None,
        ("dynamodb", "TransactWriteItems") => "dynamodb:UpdateItem".to_owned(),
        ("s3", "ListBuckets") => "s3:ListAllMyBuckets".to_owned(),
        ("s3", "ListObjectsV2") => "s3:ListBucket".to_owned(),
        ("s3", "ListObjectVersions") => "s3:ListBucketVersions".to_owned(),
        ("s3", "GetBucketEncryption") => "s3:GetEncryptionConfiguration".to_owned(),
        ("monitoring", _) => format!("cloudwatch:{operation}"),
        ("tagging", _) => format!("tag:{operation}"),
        _ => format!("{service}:{operation}"),
    })
}

/// Runs a command for which its policy has to be enough: what its calls needed.
pub(super) fn needs(world: &World, proxy: &Proxy, arguments: &[&str], code: i32) -> Actions {
    let purpose = match arguments[0] {
        "config" | "keypair" => "secret",
        "exec" if arguments.contains(&"--ssm") => "ssm",
        "exec" => "ssh",
        "stop" | "tag" => "terminate",
        command => command,
    };
    let allowed = allowed(world, purpose);
    proxy.clear();
    let said = world.asiaq_through(proxy, arguments);
    assert_eq!(said.code, code, "{said:#?}");
    let calls = proxy.calls();
    let needed: Actions = calls.iter().filter_map(|call| needed(&call.service, &call.operation)).collect();
    let refused: Vec<&String> = needed.difference(&allowed).collect();
    assert!(refused.is_empty(), "{arguments:?} would be refused {refused:?}");
    needed
}

/// Whether an action is of a service that keeps data, which is asked only where something of it may be owned. The tests of
/// the adapter hold their calls.
fn is_of_data(action: &str) -> bool {
    let services = ["application-autoscaling:", "elasticache:", "es:", "rds:"];
    let of_tables = [
        "ContinuousBackups",
        "ListTables",
        "ListTagsOfResource",
        "TableReplica",
        "TimeToLive",
        "Backup",
        "UpdateTable",
        "UntagResource",
    ];
    let of_operators = ["s3:GetObjectTagging", "s3:ListAllMyBuckets", "s3:ListBucket"];
    of_operators.contains(&action)
        || services.iter().any(|service| action.starts_with(service))
        || action.starts_with("dynamodb:") && of_tables.iter().any(|part| action.contains(part))
}

/// An action as the SDK's method names it, but for underscores.
fn plain(action: &str) -> String {
    action.to_lowercase().replace('_', "")
}

/// The actions behind every call that the sources have, as [`plain`] writes them.
fn in_sources() -> Actions {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/aws/src");
    let mut folders = vec![sources];
    let mut found = Actions::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            for (client, service) in CLIENTS {
                for after in text.split(&format!(".{client}()")).skip(1) {
                    let Some(call) = after.trim_start().strip_prefix('.') else { continue };
                    let call = call.split('(').next().unwrap();
                    if !call.starts_with('$') {
                        found.insert(format!("{service}:{}", plain(call)));
                    }
                }
            }
            // The calls that `ec2_kind!` makes: `delete: DELETE_VPC = delete_vpc(vpc_id),`.
            for line in text.lines().map(str::trim) {
                let declared = line.strip_prefix("describe: ").or(line.strip_prefix("delete: "));
                let call = declared.and_then(|declared| declared.split_once(" = ")?.1.split_once('('));
                found.extend(call.map(|(call, _)| format!("ec2:{}", plain(call))));
            }
        }
    }
    found
}

#[test]
fn a_policy_is_enough_for_every_call_and_has_nothing_else() {
    let world = World::of_environments();
    let proxy = Proxy::start(moto::endpoint());
    let mut plans = needs(&world, &proxy, &["plan"], 10);
    let mut applies = needs(&world, &proxy, &["apply", "--yes"], 0);
    plans.extend(needs(&world, &proxy, &["plan"], 0));
    let shows = needs(&world, &proxy, &["show"], 0);
    world.write(&program::changed_environments());
    applies.extend(needs(&world, &proxy, &["apply", "--yes"], 0));
    let mut destroys = needs(&world, &proxy, &["destroy", "--yes", "--env", "qa"], 0);
    destroys.extend(needs(&world, &proxy, &["destroy", "--yes"], 0));

    let sources = in_sources();
    let uncalled = BTreeMap::from(UNCALLED);
    let all = [("plan", &plans), ("show", &shows), ("apply", &applies), ("destroy", &destroys)];
    for (purpose, called) in all {
        let allowed = allowed(&world, purpose);
        let mut idle: Vec<&String> = allowed.difference(called).collect();
        // An apply has more calls than a run can have: changes of every field.
        let may_be_called = |action: &str| purpose == "apply" && sources.contains(&plain(action));
        idle.retain(|action| !uncalled.contains_key(action.as_str()) && !may_be_called(action));
        idle.retain(|action| !is_of_data(action));
        assert!(idle.is_empty(), "nothing of a {purpose} needs {idle:?}");
    }
}

#[test]
fn the_policies_for_keys_limits_and_identities_are_enough() {
    let world = World::empty();
    world.write(&format!(
        "project p {{ region = us-west-2, account = live }}\naccount live {{ id = \"{}\", user alice {{}}, saml okta {{ metadata = file \"okta.xml\" }} }}\nenv ci {{ cidr = 10.1.0.0/20, zones = 1, metanetwork web {{}} }}",
        world.credentials.account
    ));
    std::fs::write(
        world.path("okta.xml"),
        format!("<EntityDescriptor>{}</EntityDescriptor>", "x".repeat(1000)),
    )
    .unwrap();
    world.apply();
    let proxy = Proxy::start(moto::endpoint());
    needs(&world, &proxy, &["limits"], 0);
    needs(&world, &proxy, &["iam", "list"], 0);
    let mut keys = needs(&world, &proxy, &["keys", "create", "alice", "--yes"], 0);
    for _ in 0..2 {
        keys.extend(needs(&world, &proxy, &["keys", "rotate", "alice", "--yes"], 0));
    }
    keys.extend(needs(&world, &proxy, &["keys", "rotate", "alice", "--yes", "--grace", "0s"], 0));
    assert_eq!(allowed(&world, "keys"), keys);
}

const DATA: &str = "project p { region = us-west-2 }
env ci {
  cidr = 10.1.0.0/20
  metanetwork intranet {}
  database orders { engine = postgres, version = \"16.4\", class = db.m7g.large, storage = 100GB }
  database users { engine = aurora_postgresql, version = \"16.6\", class = db.r7g.large, readers = [db.r7g.large] }
  search logs { version = \"OpenSearch_2.19\", type = m7g.large.search, count = 1, storage = 20GB, allowed = [203.0.113.0/24] }
}
";

#[test]
fn the_policies_for_databases_and_search_domains_are_enough() {
    let world = World::new(DATA);
    world.apply();
    let proxy = Proxy::start(moto::endpoint());
    let mut of_databases = needs(&world, &proxy, &["database", "list"], 0);
    of_databases.extend(needs(&world, &proxy, &["database", "show", "orders"], 0));
    of_databases.extend(needs(&world, &proxy, &["database", "show", "users"], 0));
    of_databases.extend(needs(&world, &proxy, &["database", "failover", "users", "--yes"], 0));
    world.boto(
        "client('rds').create_db_snapshot(DBInstanceIdentifier='ci-orders', DBSnapshotIdentifier='one')
client('rds').create_db_cluster_snapshot(DBClusterIdentifier='ci-users', DBClusterSnapshotIdentifier='two')",
    );
    let cleanup = ["database", "cleanup", "--older-than", "0s", "--keep", "0", "--yes"];
    std::thread::sleep(std::time::Duration::from_secs(1));
    of_databases.extend(needs(&world, &proxy, &cleanup, 0));
    of_databases.extend(needs(&world, &proxy, &["database", "reboot", "orders", "--yes"], 0));
    assert_eq!(allowed(&world, "database"), of_databases);

    // Requests to the domain itself are none of the emulator's.
    let mut of_search = needs(&world, &proxy, &["search", "list"], 0);
    of_search.extend(["Get", "Put", "Post", "Delete"].map(|method| format!("es:ESHttp{method}")));
    of_search.insert("iam:PassRole".to_owned());
    assert_eq!(allowed(&world, "search"), of_search);
    let said = world.asiaq(&["permissions", "--for", "search"]);
    assert!(said.stdout.contains("arn:aws:es:us-west-2:*:domain/*"), "{}", said.stdout);
}

#[test]
fn the_policy_for_images_is_enough_and_has_nothing_else() {
    let world = World::new(
        "project shop { region = us-west-2 }
env ci { cidr = 10.0.0.0/20, zones = 1, pipeline = web, metanetwork app {} }
hostclass front { network = app, ami { parameter = \"/golden/front\" } }
pipeline web { stage { run front { desired = 0, max = 1 } } }
",
    );
    let image = world.boto(
        "result = ec2.register_image(Name='front 1580000000', RootDeviceName='/dev/sda1')['ImageId']
ec2.create_launch_template(LaunchTemplateName='jobs', LaunchTemplateData={'ImageId': 'ami-1'})",
    );
    let image = image.as_str().unwrap();
    let proxy = Proxy::start(moto::endpoint());
    let promote = ["image", "promote", image, "--stage", "tested", "--new-stage", "--yes"];
    let mut needed = needs(&world, &proxy, &promote, 0);
    needed.extend(needs(&world, &proxy, &["image", "list"], 0));
    needed.extend(needs(&world, &proxy, &["image", "delete", image, "--yes"], 0));
    assert_eq!(needed, allowed(&world, "image"));
}

#[test]
fn a_policy_is_enough_for_every_call_about_identities() {
    let world = World::of_every_kind();
    let proxy = Proxy::start(moto::endpoint());
    needs(&world, &proxy, &["plan"], 10);
    needs(&world, &proxy, &["apply", "--yes"], 0);
    needs(&world, &proxy, &["show"], 0);
    world.write(&program::changed());
    needs(&world, &proxy, &["apply", "--yes"], 0);
    let called = needs(&world, &proxy, &["destroy", "--yes"], 0);
    assert!(called.contains("iam:DeleteUser"), "{called:?}");
}

/// Actions that a plan of identities needs only for something that the account of the test does not have.
const UNCALLED_OF_IDENTITIES: [(&str, &str); 20] = [
    ("cloudtrail:ListTags", "a trail, whoever it belongs to"),
    ("elasticloadbalancing:DescribeTags", "a load balancer, whoever it belongs to"),
    ("es:DescribeDomains", "a search domain, whoever it belongs to"),
    ("es:ListTags", "a search domain that the index of tags lacks"),
    ("iam:GetGroup", "a user group that somebody deleted since the last apply"),
    ("iam:GetGroupPolicy", "a user group that somebody deleted since the last apply"),
    ("iam:GetRole", "a role that somebody deleted since the last apply"),
    ("iam:GetSAMLProvider", "a SAML provider, whoever it belongs to"),
    ("iam:GetUser", "a user that somebody deleted since the last apply"),
    ("iam:ListPolicyTags", "a policy of another project"),
    ("logs:ListTagsForResource", "a log group that the index of tags lacks"),
    ("route53:ListResourceRecordSets", "a zone, whoever it belongs to"),
    ("route53:ListTagsForResources", "a zone, whoever it belongs to"),
    ("s3:GetBucketTagging", "a bucket that the index of tags lacks"),
    ("servicequotas:ListServiceQuotas", "a plan that comes near to a quota"),
    ("sns:GetTopicAttributes", "a topic that buckets or trails publish to"),
    ("sns:ListTagsForResource", "a topic that the index of tags lacks"),
    ("ssm:DescribeDocument", "a document, for `asiaq document`"),
    ("ssm:GetDocument", "a document, for `asiaq document`"),
    ("ssm:ListTagsForResource", "a document, whoever it belongs to"),
];

const IDENTITIES: &str = "project p { region = us-west-2, account = live }
account live {
  id = \"THIS_ACCOUNT\"
  user alice { groups = [ops] }
  group ops {}
  role deployer {
    trust = service ec2
    allow s3:GetObject on \"arn:aws:s3:::config/*\"
  }
}
";

#[test]
fn a_plan_of_identities_alone_reads_nothing_else() {
    let world = World::new(IDENTITIES);
    let proxy = Proxy::start(moto::endpoint());
    let mut called = needs(&world, &proxy, &["plan"], 10);
    needs(&world, &proxy, &["apply", "--yes"], 0);
    called.extend(needs(&world, &proxy, &["plan"], 0));
    // Whether a user has credentials is asked before it goes.
    world.write(&IDENTITIES.replace("user alice", "user bob"));
    called.extend(needs(&world, &proxy, &["plan"], 10));
    let others = BTreeMap::from(UNCALLED_OF_IDENTITIES);
    let allowed = allowed(&world, "plan");
    let mut idle: Vec<&String> = allowed.difference(&called).collect();
    idle.retain(|action| !others.contains_key(action.as_str()) && !is_of_data(action));
    assert!(idle.is_empty(), "no plan of identities needs {idle:?}");
}

#[test]
fn every_statement_is_about_something() {
    let pruned = "project p { region = us-west-2 }
account live { id = \"123456789012\", prune = true }
env ci { cidr = 10.0.0.0/20, account = live, metanetwork web {} }
";
    let stored = "project p { region = us-west-2 }
account live {
  id = \"123456789012\"
  role copier { trust = service s3 }
  bucket copies { name = \"p-copies\", versioning = true }
  bucket data { name = \"p-data\", versioning = true, replication all { to = copies, role = copier } }
  trail all { bucket = copies }
}
env ci { cidr = 10.0.0.0/20, account = live, metanetwork web {} }
";
    let alone = "project p { region = us-west-2 }\nenv ci { cidr = 10.0.0.0/20, metanetwork web {} }\n";
    for program in [SMALL, IDENTITIES, pruned, stored, alone, &program::first()] {
        let world = World::new(program);
        for purpose in [
            "plan",
            "show",
            "apply",
            "destroy",
            "limits",
            "iam",
            "keys",
            "database",
            "search",
            "cache",
            "table",
            "operator",
            "status",
            "ssh",
            "ssm",
            "tail",
            "terminate",
            "snapshot",
            "chaos",
            "sandbox",
            "adopt",
            "unmanaged",
        ] {
            for options in [&[][..], &["--env", "ci"], &["--account", "live"]] {
                let said = world.asiaq(&[&["permissions", "--for", purpose], options].concat());
                // Not every program has such an environment or account.
                assert!(said.code == 0 || !options.is_empty(), "{said:#?}");
                for policy in serde_json::Deserializer::from_str(&said.stdout).into_iter::<Value>() {
                    for statement in policy.unwrap()["Statement"].as_array().unwrap() {
                        let is_something = |part: &str| !statement[part].as_array().unwrap().is_empty();
                        assert!(is_something("Resource") && is_something("Action"), "{statement:#}");
                    }
                }
            }
        }
    }
}

/// Environments with the three stores of secrets, and an account that shares its AMIs.
const STORES: &str = "project shop { region = us-west-2, account = one }
account one { id = \"111111111111\", image_share { to = [two], bakers = [\"jenkins\"] } }
account two { id = \"222222222222\" }
env a { cidr = 10.0.0.0/20, credential_buckets = [\"a\"], metanetwork app {} }
env b { cidr = 10.1.0.0/20, secrets = parameters \"/shop/b/\", metanetwork app {} }
env c { cidr = 10.2.0.0/20, secrets = secrets_manager \"shop/c/\", metanetwork app {} }
";

/// No policy for secrets reaches beyond the stores of the program.
#[test]
fn the_policy_for_secrets_is_enough_and_stays_in_its_stores() {
    let world = World::empty();
    let account = &world.credentials.account;
    let project = format!("s{account}");
    world.write(
        &STORES.replace("project shop", &format!("project {project}")).replace("111111111111", account),
    );
    world.boto(&format!(
        "client('s3').create_bucket(Bucket='us-west-2.{project}.credentials.a', CreateBucketConfiguration={{'LocationConstraint': 'us-west-2'}})"
    ));
    std::fs::write(world.path("value"), "hunter2").unwrap();
    let proxy = Proxy::start(moto::endpoint());
    let mut needed = Actions::new();
    for env in ["a", "b", "c"] {
        let put = ["secret", "put", "app/key", "--file", "value", "--env", env, "--yes"];
        needed.extend(needs(&world, &proxy, &put, 0));
        std::fs::write(world.path("value"), format!("hunter {env}")).unwrap();
        needed.extend(needs(&world, &proxy, &put, 0));
        needed.extend(needs(&world, &proxy, &["secret", "get", "app/key", "--env", env], 0));
        needed.extend(needs(&world, &proxy, &["secret", "history", "app/key", "--env", env], 0));
        needed.extend(needs(&world, &proxy, &["secret", "delete", "app/key", "--env", env, "--yes"], 0));
        needed.extend(needs(&world, &proxy, &put, 0));
    }
    needed.extend(needs(&world, &proxy, &["keypair", "rotate", "ops", "--env", "a", "--yes"], 0));
    needed.extend(needs(&world, &proxy, &["keypair", "import", "ops", "--env", "a", "--yes"], 0));
    let uncalled: Actions = allowed(&world, "secret").difference(&needed).cloned().collect();
    let expected = [
        // A version that history lists.
        "s3:GetObjectVersion",
        // What a plan asks of parameters.
        "ssm:DescribeParameters",
        // A secret is made with its tags.
        "secretsmanager:TagResource",
        "ssm:AddTagsToResource",
    ];
    assert_eq!(uncalled, expected.map(str::to_owned).into());
    let said = world.asiaq(&["permissions", "--for", "secret"]);
    let policy: Value = serde_json::from_str(&said.stdout).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    for statement in statements {
        let actions = statement["Action"].to_string();
        let reads =
            ["GetObject", "GetParameter\"", "GetSecretValue", "PutObject", "PutParameter", "DeleteSecret"];
        if reads.iter().any(|action| actions.contains(action)) {
            let resources = statement["Resource"].to_string();
            assert!(!resources.contains("\"*\"") && resources.contains(":secret:shop/c/*"), "{statement:#}");
        }
    }
}

#[test]
fn every_call_of_the_sources_is_allowed_where_there_is_every_kind() {
    // With certificates, snapshots, a key pair and a parameter, which its account does not have.
    let more = "hostclass api {\n  stateful = true\n  key = \"ops\"\n  ami { parameter = \"/golden/api\" }\n  elb { listeners = [https 443 -> http 80] }";
    let every = program::first().replace("hostclass api {", more);
    let every = every.replace("lb { kind = network, listeners = [tcp 80 -> tcp 8080] }", "");
    let every = every.replace(
        "hostclass jump {",
        "hostclass jump { lb { kind = network, listeners = [tcp 80 -> tcp 8080] }, ",
    );
    let world = World::new(&every);
    // Some are of commands about AMIs, deploys and snapshots alone.
    let purposes = ["adopt", "apply", "bake", "deploy", "image", "snapshot", "ssm", "tail", "terminate"];
    let mut policies: Vec<Actions> = purposes.map(|purpose| allowed(&world, purpose)).into();
    let stores = World::new(STORES);
    policies.extend(["image", "secret"].map(|purpose| allowed(&stores, purpose)));
    let allowed: Actions = policies.iter().flatten().map(|action| plain(action)).collect();
    let mut sources = in_sources();
    assert!(sources.len() > 100, "{sources:?}");
    assert!(sources.remove("sts:decodeauthorizationmessage"), "which no plan needs");
    assert!(sources.remove("dynamodb:transactwriteitems"), "which needs those of its parts");
    // A test of the adapter holds the actions of identities; some are of commands alone.
    sources.retain(|action| !action.starts_with("iam:") || action == "iam:listservercertificates");
    // The language has no buckets, trails and documents yet.
    let is_undeclared = |action: &String| {
        let is_of_documents = action.contains("document") || action.contains("tags");
        action.starts_with("s3:")
            || action.starts_with("cloudtrail:")
            || ["es:", "rds:", "elasticache:", "applicationautoscaling:"]
                .iter()
                .any(|of| action.starts_with(of))
            || action.starts_with("dynamodb:")
            || action.starts_with("ssm:") && is_of_documents
    };
    sources.retain(|action| !is_undeclared(action));
    let refused: Vec<&String> = sources.difference(&allowed).collect();
    assert!(refused.is_empty(), "no kind says that it needs {refused:?}");
}

#[test]
fn a_policy_for_plans_writes_nothing() {
    let world = World::new(&program::first());
    let reads = ["Describe", "Get", "List", "Query"];
    for action in ["plan", "show"].iter().flat_map(|purpose| allowed(&world, purpose)) {
        let operation = action.split_once(':').unwrap().1;
        assert!(reads.iter().any(|start| operation.starts_with(start)), "{action}");
    }
}

const SMALL: &str = "project p { region = us-west-2 }
account main { id = \"123456789012\" }
env ci {
  cidr     = 10.0.0.0/20
  account  = main
  zones    = 1
  pipeline = one
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw] }
}
env gov { cidr = 10.1.0.0/20, region = us-gov-west-1, zones = 1, metanetwork web {} }
hostclass front { network = web, instance_profile = \"front\" }
pipeline one { stage { run front { desired = 1 } } }
";

#[test]
fn a_policy_says_where_and_whose() {
    let world = World::new(SMALL);
    let said = world.asiaq(&["permissions"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("policy_of_two", said.stdout);
    let said = world.asiaq(&["permissions", "--for", "destroy", "--env", "gov", "--format", "text"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("policy_as_a_list", said.stdout);
}

#[test]
fn a_program_without_environments_needs_no_policy() {
    let said = World::new("project p { region = us-west-2 }").asiaq(&["permissions"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("declares no environment"), "{}", said.stderr);
}
