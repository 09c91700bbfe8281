//! Buckets and trails that publish to topics of the program: the policy of the topic allows it, as boto3 sees it.

use serde_json::{Value, json};

use super::accounts::Two;
use super::{World, joined};

const PROGRAM: &str = r#"project shop { region = us-west-2 }
account one {
  id = "ONE"
  bucket inbox {
    name = "shop-inbox-ONE"
    notification new  { topic = "arn:aws:sns:us-west-2:TWO:shop_live_new", events = ["s3:ObjectCreated:*"] }
    notification gone { topic = "arn:aws:sns:us-west-2:TWO:shop_live_new", events = ["s3:ObjectRemoved:*"] }
  }
}
account two {
  id   = "TWO"
  role = "arn:aws:iam::TWO:role/asiaq"
  bucket logs { name = "shop-logs-TWO" }
  trail main { name = "shop-main", bucket = logs, topic = "arn:aws:sns:us-west-2:TWO:shop_live_new" }
}
env live {
  account = two
  cidr    = 10.1.0.0/20
  zones   = 1
  metanetwork app {}
}
topic new {}
topic quiet { subscribers = ["arn:aws:sqs:us-west-2:TWO:quiet"] }
"#;

const NOTHING_PUBLISHES: &str = r#"project shop { region = us-west-2 }
account one {
  id = "ONE"
  bucket inbox { name = "shop-inbox-ONE" }
}
account two {
  id   = "TWO"
  role = "arn:aws:iam::TWO:role/asiaq"
  bucket logs { name = "shop-logs-TWO" }
  trail main { name = "shop-main", bucket = logs }
}
env live {
  account = two
  cidr    = 10.1.0.0/20
  zones   = 1
  metanetwork app {}
}
topic new { subscribers = ["arn:aws:sqs:us-west-2:TWO:new"] }
topic quiet { subscribers = ["arn:aws:sqs:us-west-2:TWO:quiet"] }
"#;

/// The statements of each topic that somebody may publish with, without AWS's own.
const POLICIES: &str = "
import json
sns, result = client('sns'), {}
for topic in sns.list_topics()['Topics']:
    arn = topic['TopicArn']
    policy = json.loads(sns.get_topic_attributes(TopicArn=arn)['Attributes']['Policy'])
    result[arn.split(':')[-1]] = {s['Sid']: s for s in policy['Statement'] if s['Sid'] != '__default_statement_ID'}
    assert any(s['Sid'] == '__default_statement_ID' for s in policy['Statement']), policy
";

fn policies(world: &World) -> Value {
    world.boto(POLICIES)
}

fn who(two: &Two) -> Vec<(String, String)> {
    let seen = policies(&two.two);
    let statements = seen["shop_live_new"].as_object().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut who: Vec<_> = statements
        .values()
        .map(|one| {
            assert_eq!(one["Action"], json!("sns:Publish"), "{seen:#}");
            let account = text(&one["Condition"]["StringEquals"]["aws:SourceAccount"]);
            let source = text(&one["Condition"]["ArnLike"]["aws:SourceArn"]);
            let source = source.replace(two.one_id(), "ONE").replace(two.two_id(), "TWO");
            (
                text(&one["Principal"]["Service"]),
                format!("{source} of {}", if account == two.one_id() { "ONE" } else { "TWO" }),
            )
        })
        .collect();
    who.sort();
    who
}

fn pair(service: &str, source: &str) -> (String, String) {
    (service.to_owned(), source.to_owned())
}

#[test]
fn a_topic_lets_the_buckets_and_trails_of_the_program_publish() {
    let two = Two::new(PROGRAM);
    let trail = pair("cloudtrail.amazonaws.com", "arn:aws:cloudtrail:us-west-2:TWO:trail/shop-main of TWO");
    let bucket = pair("s3.amazonaws.com", "arn:aws:s3:::shop-inbox-ONE of ONE");
    let said = two.one.apply();
    let place = |what: &str| {
        said.stderr.find(&format!("created {what} ")).unwrap_or_else(|| panic!("{what}: {}", said.stderr))
    };
    for source in ["account/one/bucket/inbox", "account/two/trail/main"] {
        assert!(place("live/topic/new") < place(source), "{}", said.stderr);
    }
    two.one.assert_settled();
    assert_eq!(who(&two), [trail.clone(), bucket.clone()]);
    assert_eq!(policies(&two.two)["shop_live_quiet"], json!({}));

    // Somebody adds a statement, and changes one of asiaq's.
    two.two.boto(
        "import json
sns = client('sns')
arn = [t['TopicArn'] for t in sns.list_topics()['Topics'] if t['TopicArn'].endswith('_new')][0]
policy = json.loads(sns.get_topic_attributes(TopicArn=arn)['Attributes']['Policy'])
for statement in policy['Statement']:
    if statement.get('Principal') == {'Service': 's3.amazonaws.com'}:
        del statement['Condition']
policy['Statement'].append({'Sid': 'theirs', 'Effect': 'Allow', 'Principal': {'Service': 'events.amazonaws.com'},
    'Action': 'sns:Publish', 'Resource': arn})
sns.set_topic_attributes(TopicArn=arn, AttributeName='Policy', AttributeValue=json.dumps(policy))",
    );
    let plan = two.one.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(joined(&plan.stdout).contains("topic/new"), "{}", plan.stdout);
    two.one.apply();
    two.one.assert_settled();
    let theirs =
        |seen: &Value| seen["shop_live_new"]["theirs"]["Principal"]["Service"] == "events.amazonaws.com";
    let seen = policies(&two.two);
    assert!(theirs(&seen) && seen["shop_live_new"].as_object().unwrap().len() == 3, "{seen:#}");

    // What no longer publishes may not.
    two.write(&PROGRAM.replace(", topic = \"arn:aws:sns:us-west-2:TWO:shop_live_new\" }", " }"));
    two.one.apply();
    two.one.assert_settled();
    let seen = policies(&two.two);
    let services: Vec<&Value> =
        seen["shop_live_new"].as_object().unwrap().values().map(|one| &one["Principal"]["Service"]).collect();
    assert_eq!(services.len(), 2, "{seen:#}");
    assert!(theirs(&seen) && services.contains(&&json!("s3.amazonaws.com")), "{seen:#}");
}

#[test]
fn a_topic_that_nothing_publishes_to_any_more_is_as_before() {
    let two = Two::new(PROGRAM);
    two.one.apply();
    two.write(NOTHING_PUBLISHES);
    two.one.apply();
    two.one.assert_settled();
    let seen = policies(&two.two);
    assert_eq!(seen, json!({ "shop_live_new": {}, "shop_live_quiet": {} }));
    let tags = two.two.boto(
        "sns = client('sns')
arn = [t['TopicArn'] for t in sns.list_topics()['Topics'] if t['TopicArn'].endswith('_new')][0]
result = [t['Key'] for t in sns.list_tags_for_resource(ResourceArn=arn)['Tags']]",
    );
    assert!(!tags.to_string().contains("asiaq:publishers"), "{tags}");
}

#[test]
fn what_is_killed_at_a_call_is_finished_by_the_next_run() {
    let trail = pair("cloudtrail.amazonaws.com", "arn:aws:cloudtrail:us-west-2:TWO:trail/shop-main of TWO");
    let bucket = pair("s3.amazonaws.com", "arn:aws:s3:::shop-inbox-ONE of ONE");
    for n in (5..).step_by(9) {
        let two = Two::new(PROGRAM);
        let is_killed = two.one.kill_at(n, &["apply", "--yes"]);
        two.one.asiaq(&["unlock", "--env", "live", "--account", "one", "--account", "two", "--yes"]);
        two.one.apply();
        two.one.assert_settled();
        assert_eq!(who(&two), [trail.clone(), bucket.clone()]);
        if !is_killed {
            break;
        }
    }
}
