//! A program that asks for every kind of resource, and what it looks like after a change of nearly everything.

/// Every kind that the emulator knows, in two environments.
const ALL: &str = r#"
project shop {
  region = us-west-2
  team   = "astro"
  domain = "shop.example"
}

envtype base {
  zones = 1
  dhcp { domain_name = "shop.internal", dns = [amazon] }
  endpoint s3 {}
  metanetwork public {
    ingress = [tcp 443 from internet]
    routes  = [internet via igw]
    nat     = auto
  }
  metanetwork app {
    ingress = [tcp [80, 8080] from public, tcp 22 from app]
    routes  = [internet via nat public, 172.16.0.0/16 via vgw]
  }
}
env ci : base {
  cidr     = 10.0.0.0/20
  pipeline = small
  zone inside {
    domain  = "ci.internal"
    private = true
    comment = "one"
    record queue { type = CNAME, values = ["queue.shop.example"], ttl = 1m }
  }
}
env qa {
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = store
  metanetwork app { ingress = [tcp [443, 5432, 6379, 11211] from app] }
  database orders {
    engine     = postgres
    version    = "17.6"
    class      = db.m7g.large
    storage    = 100GB
    network    = app
    parameters = { work_mem = 8192 }
  }
  database reports {
    replica_of     = orders
    class          = db.m7g.large
    network        = app
    multi_az       = false
    final_snapshot = false
  }
  database sales {
    engine     = aurora_postgresql
    version    = "17.6"
    class      = db.r7g.large
    readers    = [db.r7g.large]
    network    = app
    parameters = { work_mem = 8192 }
  }
  cache sessions {
    engine     = valkey
    version    = "8.0"
    type       = cache.t4g.small
    nodes      = 2
    network    = app
    parameters = { maxmemory-policy = "allkeys-lru" }
  }
  cache pages { engine = memcached, version = "1.6.22", type = cache.t4g.small, nodes = 3, network = app }
  search logs { version = "OpenSearch_2.19", type = m7g.large.search, storage = 20GB, network = app }
  table users {
    key      = "id"
    sort     = "at"
    numbers  = ["at"]
    ttl      = "ends"
    recovery = true
    capacity { read = 5, write = 5, max_read = 50 }
    index by_mail { key = "mail" }
  }
}
peering both = ci/app <-> qa/app

topic critical { subscribers = ["arn:aws:sqs:us-west-2:123456789012:pages"] }
topic info     { subscribers = [] }

alarm busy { on = [front], namespace = "AWS/EC2", metric = "CPUUtilization", when = average > 90 for 3 x 5m, level = critical }
alarm full { on = [database orders], namespace = "AWS/RDS", metric = "FreeStorageSpace", when = minimum < 5 for 1 x 5m }
log_metric errors { on = front, file = "/var/log/front", pattern = "error", retention = 30d }

hostclass jump { network = public, ip = +5 }
hostclass front {
  network = app
  elb { health_check = "/heartbeat", sticky = cookie "session", idle_timeout = 60s }
  smoke_test { check = ssm, document = "front" }
}
hostclass api {
  network = app
  lb { kind = network, listeners = [tcp 80 -> tcp 8080] }
}
hostclass worker {
  network   = app
  user_data = {
    orders   = database orders.endpoint
    reports  = database reports.endpoint
    sales    = database sales.endpoint
    sessions = cache sessions.endpoint
    pages    = cache pages.endpoint
    logs     = search logs.endpoint
  }
}

pipeline small {
  stage { run jump { desired = 1, max = 1 } }
  stage { run front { min = 1, desired = [1 at "45 19 * * *", 2 at "33 6 * * *"], max = 3, smoke_test = true, scaling load { track = cpu, target = 60 } } }
  stage { run api { desired = 1, max = 2 } }
}
pipeline store { stage { run worker { desired = 1, max = 1 } } }
"#;

/// Every kind of identity, in the account whose id stands for [`OWN`].
const IDENTITIES: &str = r#"
account main {
  id = "THIS_ACCOUNT"
  policy read  { allow s3:GetObject on "arn:aws:s3:::shop-config/*" }
  policy guard { description = "at most this", allow [s3:*, sts:*, cloudwatch:*] on all }
  role front {
    trust    = ec2
    policies = [read]
    managed  = [AmazonSSMManagedInstanceCore]
    boundary = guard
    allow cloudwatch:PutMetricData on all
  }
  saml sso { metadata = "<EntityDescriptor>METADATA</EntityDescriptor>" }
  role deployer { trust = [account main, saml sso], max_session = 2h, policies = [read] }
  role people   { trust = saml sso, policies = [guard] }
  group dev { policies = [read], managed = [ReadOnlyAccess], allow s3:ListAllMyBuckets on all }
  group ops { policies = [guard] }
  user alice { groups = [dev], boundary = guard, policies = [read] }
  user bob   { groups = [dev, ops], allow s3:ListAllMyBuckets on all }
}
"#;

/// What else an account keeps.
const STORAGE: &str = r#"  bucket logs {
    name       = "shop-logs-THIS_ACCOUNT"
    versioning = true
    lifecycle old { expire = 365d, expire_noncurrent = 30d }
    allow s3:GetObject on objects from role deployer
  }
  bucket data {
    name    = "shop-data-THIS_ACCOUNT"
    public  = true
    tags    = { owner = "ops" }
    cors site { methods = [get], origins = ["https://shop.example"] }
  }
  trail main { bucket = logs, prefix = "trails", objects = [data] }
  document restart {
    name    = "shop-restart"
    content = "{ \"schemaVersion\": \"2.2\", \"description\": \"one\", \"mainSteps\": [{ \"action\": \"aws:runShellScript\", \"name\": \"run\", \"inputs\": { \"runCommand\": [\"true\"] } }] }"
  }
"#;

/// Operators of an environment, whose credential bucket is there before.
const OPERATORS: &str = r#"
operator anna { ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZ1T3UukjLqPzB0U79LWmWRYqYWdoSVjwzw2qzLuT3N anna@laptop"] }
operator ben { uid = 2000, home = "/srv/ben" }
"#;

/// What stands for the account that the program is applied in.
pub(super) const OWN: &str = "THIS_ACCOUNT";

/// What changes, and into what.
const CHANGES: [(&str, &str); 20] = [
    ("\"shop.internal\"", "\"shop.inside\""),
    ("tcp 443 from internet", "tcp [443, 8443] from internet"),
    ("team   = \"astro\"", "team   = \"orbit\""),
    ("comment = \"one\"", "comment = \"two\""),
    ("queue.shop.example", "queues.shop.example"),
    (":pages", ":mails"),
    ("average > 90", "average > 80"),
    ("retention = 30d", "retention = 60d"),
    ("idle_timeout = 60s", "idle_timeout = 90s"),
    ("max = 3", "max = 4, type = t3.large"),
    ("target = 60", "target = 50"),
    ("storage    = 100GB", "storage    = 200GB, apply_now = true"),
    ("work_mem = 8192", "work_mem = 16384, max_connections = 500"),
    ("multi_az       = false", "backups        = 2d"),
    ("nodes      = 2", "nodes      = 3, snapshots = 2d"),
    ("maxmemory-policy = \"allkeys-lru\"", "timeout = 300"),
    ("nodes = 3, network", "nodes = 2, network"),
    ("storage = 20GB", "storage = 20GB, count = 2"),
    ("ttl      = \"ends\"", "stream   = keys"),
    (
        "max_read = 50 }\n    index by_mail { key = \"mail\" }",
        "max_write = 50 }\n    index by_name { key = \"name\" }",
    ),
];

/// What changes of the identities: in place, but for the path of a role.
const OF_IDENTITIES: [(&str, &str); 12] = [
    ("[AmazonSSMManagedInstanceCore]", "[ReadOnlyAccess]"),
    ("cloudwatch:PutMetricData on all", "cloudwatch:GetMetricData on all"),
    (
        "policy read  { allow s3:GetObject on",
        "policy read  { tags = { owner = \"ops\" }, allow s3:PutObject on",
    ),
    ("<EntityDescriptor>", "<EntityDescriptor>and "),
    ("max_session = 2h", "max_session = 3h, description = \"deploys\""),
    ("trust = [account main, saml sso]", "trust = account main"),
    ("people   { trust = saml sso", "people   { path = \"/people/\", trust = saml sso"),
    ("group dev { policies = [read], managed = [ReadOnlyAccess]", "group dev { policies = [read, guard]"),
    ("group ops {", "group ops { path = \"/people/\", "),
    ("groups = [dev], boundary = guard", "groups = [ops], tags = { owner = \"ops\" }"),
    (
        "user bob   { groups = [dev, ops]",
        "user bob   { path = \"/people/\", groups = [ops], managed = [ReadOnlyAccess]",
    ),
    ("s3:ListAllMyBuckets on all }\n}", "s3:GetAccountPublicAccessBlock on all }\n}"),
];

/// What changes of what else the account keeps.
const OF_STORAGE: [(&str, &str); 6] = [
    ("expire = 365d", "expire = 400d"),
    ("s3:GetObject on objects from role deployer", "[s3:GetObject, s3:ListBucket] from role deployer"),
    ("public  = true\n", "versioning = true\n"),
    ("tags    = { owner = \"ops\" }\n    cors site", "tags    = { owner = \"dev\" }\n    cors other"),
    ("prefix = \"trails\"", "prefix = \"audit\", record = writes"),
    (r#"\"one\""#, r#"\"two\""#),
];

/// What changes of the operators: of one the declaration.
const OF_OPERATORS: [(&str, &str); 2] = [
    ("ben { uid = 2000, home = \"/srv/ben\" }", "carl { groups = [], shell = \"/bin/sh\" }"),
    ("anna@laptop\"]", "anna@desk\"], active = false"),
];

/// Images that its machines are born from, by hostclass.
pub(super) const IMAGES: [&str; 4] = ["jump", "front", "api", "worker"];

/// Its domain, which has a zone in the account.
pub(super) const DOMAIN: &str = "shop.example";

/// The environments and the identities as they are first.
pub(super) fn first() -> String {
    let joined = ALL.replace("region = us-west-2\n", "region = us-west-2\n  account = main\n");
    let joined = joined.replace("hostclass front {\n", "hostclass front {\n  instance_profile = \"front\"\n");
    joined + &IDENTITIES.replace("METADATA", &"x".repeat(1000))
}

/// The same after every change.
#[allow(dead_code, reason = "tests of one of the two binaries use it")]
pub(super) fn changed() -> String {
    replaced(first(), CHANGES.iter().chain(&OF_IDENTITIES))
}

/// The environments of the program alone, in whatever account it is applied in.
#[allow(dead_code, reason = "tests of one of the two binaries use it")]
pub(super) fn environments() -> String {
    ALL.to_owned()
}

/// The environments after every change.
#[allow(dead_code, reason = "tests of one of the two binaries use it")]
pub(super) fn changed_environments() -> String {
    replaced(environments(), &CHANGES)
}

/// The whole program as it is first, with the buckets, the trail and the document of the account.
pub(super) fn whole() -> String {
    edited(0)
}

/// The whole program after every change.
pub(super) fn whole_changed() -> String {
    edited(u64::MAX)
}

/// The whole program after the changes whose bits are set.
pub(super) fn edited(which: u64) -> String {
    let changes = CHANGES.iter().chain(&OF_IDENTITIES).chain(&OF_STORAGE).chain(&OF_OPERATORS).enumerate();
    let changes = changes.filter(|(bit, _)| which >> bit & 1 == 1);
    let whole = first().replace("  saml sso {", &format!("{STORAGE}  saml sso {{"));
    let whole = whole.replace(
        "cidr     = 10.1.0.0/20\n",
        &format!("cidr     = 10.1.0.0/20\n  credential_buckets = [\"{OWN}\"]\n"),
    );
    replaced(whole + OPERATORS, changes.map(|(_, change)| change))
}

fn replaced<'c>(program: String, changes: impl IntoIterator<Item = &'c (&'c str, &'c str)>) -> String {
    changes.into_iter().fold(program, |text, (before, after)| {
        assert!(text.contains(before), "`{before}` is in the program");
        text.replace(before, after)
    })
}
