//! Buckets, trails and documents of two accounts, which need each other: applied, looked at from outside, changed, taken away.

use serde_json::{Value, json};

use super::accounts::Two;

/// The names of buckets are the same for all accounts of the emulator, so they have the id of one in them.
const FIRST: &str = r#"project shop { region = us-west-2 }
accounttype base {
  bucket config { name = "shop-config-${account.name}-ONE", versioning = true }
  bucket access { name = "shop-access-${account.name}-ONE" }
  document restart { name = "shop-restart", content = file "restart.json" }
  role deployer { trust = account one }
}
account one : base {
  id = "ONE"
  bucket logs {
    name = "us-west-2.shop.logs.ONE"
    allow [s3:GetObject, s3:ListBucket] from [account two, role deployer] "Read the logs"
    deny s3:* from all when aws:SecureTransport is false
    lifecycle old {
      expire            = 365d
      expire_noncurrent = 30d
      transition glacier { after = 90d }
    }
  }
  trail main { bucket = logs, prefix = "trails" }
}
account two : base {
  id   = "TWO"
  role = "arn:aws:iam::TWO:role/asiaq"
  role copier {
    trust = s3
    allow [s3:GetReplicationConfiguration, s3:ListBucket, s3:GetObjectVersionForReplication] on data
    allow [s3:ReplicateObject, s3:ReplicateDelete, s3:ReplicateTags] on bucket one/config
  }
  bucket data {
    name       = "us-west-2.shop.data.ONE"
    versioning = true
    encryption = kms
    public     = true
    ownership  = bucket_owner_preferred
    logging    = access
    tags       = { owner = "ops" }
    allow s3:GetObject on objects from all
    grant logs { to = "log_delivery", allow = [write, read_acp] }
    cors site { methods = [get, put], origins = ["https://*.shop.example"], max_age = 10m }
    website { index = "index.html", redirect old { prefix = "old/", to_prefix = "new/" } }
    replication orders { to = one/config, role = copier, prefix = "orders/" }
  }
  trail main { name = "shop-main", bucket = one/logs, record = writes, objects = [data] }
  trail side {
    name          = "shop-side"
    bucket        = one/logs
    logging       = false
    multi_region  = false
    global_events = false
  }
}
"#;

/// The same with another value of every field that changes in place.
const SECOND: &str = r#"project shop { region = us-west-2 }
accounttype base {
  bucket config {
    name       = "shop-config-${account.name}-ONE"
    versioning = true
    lifecycle tmp { prefix = "tmp/", expire = 7d }
  }
  bucket access { name = "shop-access-${account.name}-ONE", tags = { for = "logs" } }
  document restart { name = "shop-restart", content = file "restart.json" }
  role deployer { trust = account one }
}
account one : base {
  id = "ONE"
  bucket logs {
    name = "us-west-2.shop.logs.ONE"
    allow s3:GetObject from [account two, role deployer] "Read the logs"
    lifecycle old {
      expire            = 400d
      expire_noncurrent = 60d
      transition deep_archive { after = 90d }
    }
  }
  trail main { bucket = logs, prefix = "calls", record = reads }
}
account two : base {
  id   = "TWO"
  role = "arn:aws:iam::TWO:role/asiaq"
  role copier { trust = s3 }
  bucket data {
    name       = "us-west-2.shop.data.ONE"
    versioning = false
    encryption = kms
    kms_key    = "alias/data"
    bucket_key = false
    logging    = access
    log_prefix = "new/"
    tags       = { owner = "dev" }
    cors site { methods = [get], origins = ["https://*.shop.example"], max_age = 5m }
    website { redirect_all = "https://shop.example" }
    notification new {
      topic  = "arn:aws:sns:us-west-2:TWO:shop_new"
      events = ["s3:ObjectCreated:*"]
      prefix = "in/"
    }
  }
  trail main { name = "shop-main", bucket = config, validation = false }
  trail side { name = "shop-side", bucket = one/logs, multi_region = false }
}
"#;

fn restart(what: &str) -> String {
    let run =
        json!({ "action": "aws:runShellScript", "name": "restart", "inputs": { "runCommand": [what] } });
    json!({ "schemaVersion": "2.2", "mainSteps": [run] }).to_string()
}

/// What both accounts have of buckets, trails and documents, with the names of `one` and `two` in place of their ids.
fn looks(two: &Two) -> [Value; 2] {
    let look = "s3, trails, ssm = client('s3'), client('cloudtrail'), client('ssm')
def asked(call, part=None):
    try:
        answer = call()
    except s3.exceptions.ClientError:
        return None
    answer.pop('ResponseMetadata')
    return answer[part] if part else answer
def bucket(name):
    policy = asked(lambda: s3.get_bucket_policy(Bucket=name), 'Policy')
    return {
        'who': sorted(str(v) for s in json.loads(policy)['Statement'] for v in s['Principal'].values()) if policy and '\"*\"' not in policy else bool(policy),
        'versioning': asked(lambda: s3.get_bucket_versioning(Bucket=name)).get('Status'),
        'encryption': s3.get_bucket_encryption(Bucket=name)['ServerSideEncryptionConfiguration']['Rules'][0]['ApplyServerSideEncryptionByDefault'],
        'blocked': s3.get_public_access_block(Bucket=name)['PublicAccessBlockConfiguration']['BlockPublicPolicy'],
        'expire': [r.get('Expiration', {}).get('Days') for r in (asked(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name), 'Rules') or [])],
        'logging': s3.get_bucket_logging(Bucket=name).get('LoggingEnabled', {}).get('TargetPrefix'),
        'cors': [r['AllowedMethods'] for r in (asked(lambda: s3.get_bucket_cors(Bucket=name), 'CORSRules') or [])],
        'website': sorted(asked(lambda: s3.get_bucket_website(Bucket=name)) or {}),
        'notifications': [t['Id'] for t in s3.get_bucket_notification_configuration(Bucket=name).get('TopicConfigurations', [])],
        'copies': [r['ID'] for r in (asked(lambda: s3.get_bucket_replication(Bucket=name), 'ReplicationConfiguration') or {}).get('Rules', [])],
        'owner': {t['Key']: t['Value'] for t in s3.get_bucket_tagging(Bucket=name)['TagSet']}.get('owner'),
    }
import json
names = [b['Name'] for b in s3.list_buckets()['Buckets']]
documents = ssm.list_documents(Filters=[{'Key': 'Owner', 'Values': ['Self']}])['DocumentIdentifiers']
result = {
    'buckets': {name: bucket(name) for name in names},
    'trails': {t['Name']: [t['S3BucketName'], t.get('S3KeyPrefix') or None, t['IsMultiRegionTrail'], t['LogFileValidationEnabled'], trails.get_trail_status(Name=t['TrailARN'])['IsLogging']]
               for t in trails.describe_trails()['trailList']},
    'documents': {d['Name']: [d['DocumentVersion'], 'one more' in ssm.get_document(Name=d['Name'])['Content']] for d in documents},
}";
    [&two.one, &two.two].map(|world| {
        let text = world.boto(look).to_string();
        let text = text.replace(two.one_id(), "ONE").replace(two.two_id(), "TWO");
        serde_json::from_str(&text).unwrap()
    })
}

fn of<'v>(looks: &'v Value, kind: &str, name: &str) -> &'v Value {
    &looks[kind][name]
}

#[test]
fn buckets_trails_and_documents_of_two_accounts_are_applied_changed_and_taken_away() {
    let two = Two::new(FIRST);
    std::fs::write(two.one.path("restart.json"), restart("one")).unwrap();
    // Neighbours, which stay as they are.
    let neighbours = "client('ssm').create_document(Name='theirs', DocumentType='Command', Content='{\"schemaVersion\": \"2.2\", \"mainSteps\": [{\"action\": \"aws:runShellScript\", \"name\": \"a\", \"inputs\": {\"runCommand\": [\"b\"]}}]}')
client('s3').create_bucket(Bucket='theirs-NAME', CreateBucketConfiguration={'LocationConstraint': 'us-west-2'})
client('s3').put_bucket_tagging(Bucket='theirs-NAME', Tagging={'TagSet': [{'Key': 'owner', 'Value': 'them'}]})
client('sns').create_topic(Name='shop_new')";
    two.one.boto(&neighbours.replace("NAME", two.one_id()));
    two.two.boto(&neighbours.replace("NAME", &format!("{}-2", two.one_id())));
    two.one.apply();

    let [one, other] = looks(&two);
    let trail = "cloudtrail.amazonaws.com";
    assert_eq!(of(&one, "buckets", "us-west-2.shop.logs.ONE")["who"], json!(true), "{one:#}");
    assert_eq!(of(&one, "buckets", "us-west-2.shop.logs.ONE")["expire"], json!([365]));
    let role = "arn:aws:iam::TWO:role/copier";
    assert_eq!(of(&one, "buckets", "shop-config-one-ONE")["who"], json!([role, role]), "{one:#}");
    assert_eq!(of(&one, "trails", "main"), &json!(["us-west-2.shop.logs.ONE", "trails", true, true, true]));
    let data = json!({
        "who": true, "versioning": "Enabled", "encryption": { "SSEAlgorithm": "aws:kms" }, "blocked": false, "expire": [],
        "logging": "us-west-2.shop.data.ONE/", "cors": [["GET", "PUT"]], "website": ["IndexDocument", "RoutingRules"],
        "notifications": [], "copies": ["orders"], "owner": "ops",
    });
    assert_eq!(of(&other, "buckets", "us-west-2.shop.data.ONE"), &data, "{other:#}");
    assert_eq!(of(&other, "buckets", "shop-access-two-ONE")["who"], json!(["logging.s3.amazonaws.com"]));
    let side = json!(["us-west-2.shop.logs.ONE", null, false, true, false]);
    assert_eq!(of(&other, "trails", "shop-side"), &side);
    assert_eq!(of(&other, "documents", "shop-restart"), &json!(["1", false]));
    let policy = two.one.boto(&format!(
        "result = client('s3').get_bucket_policy(Bucket='us-west-2.shop.logs.{}')['Policy']",
        two.one_id()
    ));
    for folder in ["trails/AWSLogs/ONE/*", "AWSLogs/TWO/*"] {
        let folder = folder.replace("ONE", two.one_id()).replace("TWO", two.two_id());
        assert!(policy.as_str().unwrap().contains(&folder), "{folder}: {policy}");
    }

    // Every field changes in place.
    two.write(SECOND);
    std::fs::write(two.one.path("restart.json"), restart("one more")).unwrap();
    let plan = two.one.asiaq(&["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let actions: Vec<&Value> = plan["steps"].as_array().unwrap().iter().map(|step| &step["action"]).collect();
    assert!(!actions.is_empty() && actions.iter().all(|action| *action == "update"), "{plan:#}");
    two.one.apply();
    let [one, other] = looks(&two);
    assert_eq!(of(&one, "buckets", "us-west-2.shop.logs.ONE")["expire"], json!([400]), "{one:#}");
    let who = json!([trail, trail, trail, "['arn:aws:iam::TWO:root', 'arn:aws:iam::ONE:role/deployer']"]);
    assert_eq!(
        of(&one, "buckets", "us-west-2.shop.logs.ONE")["who"].as_array().map(Vec::len),
        who.as_array().map(Vec::len)
    );
    assert_eq!(of(&one, "buckets", "shop-config-one-ONE")["who"], json!(false));
    assert_eq!(of(&one, "trails", "main")[1], json!("calls"));
    let data = json!({
        "who": false, "versioning": "Suspended", "encryption": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/data" },
        "blocked": true, "expire": [], "logging": "new/", "cors": [["GET"]], "website": ["RedirectAllRequestsTo"],
        "notifications": ["asiaq-new"], "copies": [], "owner": "dev",
    });
    assert_eq!(of(&other, "buckets", "us-west-2.shop.data.ONE"), &data, "{other:#}");
    assert_eq!(of(&other, "trails", "shop-main"), &json!(["shop-config-two-ONE", null, true, false, true]));
    assert_eq!(of(&other, "documents", "shop-restart"), &json!(["2", true]));

    // A bucket with objects stays, unless it is said that they may go.
    let put = "client('s3').put_object(Bucket='shop-access-one-NAME', Key='k', Body=b'x')";
    two.one.boto(&put.replace("NAME", two.one_id()));
    two.write("project shop { region = us-west-2 }\naccount one { id = \"ONE\" }\naccount two { id = \"TWO\", role = \"arn:aws:iam::TWO:role/asiaq\" }\n");
    let said = two.one.asiaq(&["apply", "--yes", "--allow", "replace"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let [one, _] = looks(&two);
    assert!(one["buckets"]["shop-access-one-ONE"].is_object(), "{one:#}");
    let said = two.one.asiaq(&["apply", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    for (at, looks) in looks(&two).iter().enumerate() {
        let bucket = if at == 0 { "theirs-ONE" } else { "theirs-ONE-2" };
        let left: Vec<&String> = looks["buckets"].as_object().unwrap().keys().collect();
        assert_eq!(left, [bucket], "{looks:#}");
        assert_eq!(looks["buckets"][bucket]["owner"], "them");
        assert_eq!(looks["trails"], json!({}));
        assert_eq!(looks["documents"], json!({ "theirs": ["1", false] }));
    }
}

#[test]
fn documents_are_listed_with_whose_they_are_and_shown() {
    let two = Two::new(
        "project shop { region = us-west-2 }
accounttype base { document restart { name = \"shop-restart\", content = file \"restart.json\" } }
account one : base { id = \"ONE\" }
account two : base { id = \"TWO\", role = \"arn:aws:iam::TWO:role/asiaq\" }
",
    );
    std::fs::write(two.one.path("restart.json"), restart("one")).unwrap();
    two.one.boto(
        "for n in range(60):
    client('ssm').create_document(Name=f'theirs-{n}', DocumentType='Command', Content='{\"schemaVersion\": \"2.2\", \"mainSteps\": []}' + ' ' * n)",
    );
    two.one.apply();
    std::fs::write(two.one.path("restart.json"), restart("one more")).unwrap();
    two.one.apply();

    let said = two.one.asiaq(&["document", "list", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let all: Value = serde_json::from_str(&said.stdout).unwrap();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 62, "{all:#?}");
    let own: Vec<&Value> = all.iter().filter(|one| one["owner"]["by"] == "own").collect();
    let accounts: Vec<&Value> = own.iter().map(|one| &one["account"]).collect();
    let mut ids = [two.one_id(), two.two_id()];
    ids.sort_unstable();
    assert_eq!(accounts, ids.map(|id| json!(id)).iter().collect::<Vec<_>>());
    assert_eq!(all.iter().filter(|one| one["owner"]["by"] == "foreign").count(), 60);
    let said = two.one.asiaq(&["document", "list", "--account", "two"]);
    assert!(
        said.stdout.contains("own: account/two/document/restart") && !said.stdout.contains("theirs"),
        "{said:#?}"
    );

    let said = two.one.asiaq(&["document", "show", "shop-restart"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("--account NAME"), "{said:#?}");
    let said = two.one.asiaq(&["document", "show", "shop-restart", "--account", "two"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let content: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(content["mainSteps"][0]["inputs"]["runCommand"], json!(["one more"]));
    let said = two.one.asiaq(&[
        "document",
        "show",
        "shop-restart",
        "--account",
        "two",
        "--document-version",
        "1",
        "--format",
        "json",
    ]);
    let shown: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&shown[0]["version"], &shown[0]["default_version"]), (&json!("1"), &json!("2")), "{shown:#}");
    let said = two.one.asiaq(&["document", "show", "nowhere"]);
    assert_eq!(said.code, 2, "{said:#?}");
}
