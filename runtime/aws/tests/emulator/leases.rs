//! Leases in the table: every change does there what it does in the mind.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use asiaq_aws::LEASES;
use asiaq_ir::Scope;
use asiaq_runtime::{
    AcquireError, Change, Changed, Clock, Fault as Failure, Grant, Holder, Lease, LeaseRequest, Leases as _,
    Scopes, take,
};

use crate::account::{Account, PROJECT, REGION};
use crate::proxy::{Fault, Moment, Proxy};
use crate::replay::{Answer, Replay};

/// A clock that stands still.
struct Now(SystemTime);

impl Clock for Now {
    fn now(&self) -> SystemTime {
        self.0
    }

    async fn sleep(&self, _: Duration) {}
}

fn holder(run: &str) -> Holder {
    Holder {
        run: run.to_owned(),
        owner: format!("{run}@host"),
        caller: "arn:aws:iam::111122223333:user/ann".to_owned(),
        command: "asiaq apply --env ci".to_owned(),
        since: SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_299_142_123),
    }
}

fn grant(run: &str, seconds: u64) -> Grant {
    Grant { holder: holder(run), expires: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) }
}

async fn leases(account: &Account) -> BTreeMap<Scope, Lease> {
    account.aws.leases(REGION, PROJECT).await.unwrap().unwrap().leases
}

#[tokio::test]
async fn a_region_has_no_place_for_leases_until_one_is_made_and_it_may_be_made_twice() {
    let account = Account::new();
    assert_eq!(account.aws.leases(REGION, PROJECT).await.unwrap(), None);
    account.aws.create_table(REGION).await.unwrap();
    account.aws.create_table(REGION).await.unwrap();
    let snapshot = account.aws.leases(REGION, PROJECT).await.unwrap().unwrap();
    assert_eq!(snapshot.leases, BTreeMap::new());
    let table = aws_sdk_dynamodb::Client::new(&account.sdk).describe_table().table_name(LEASES).send().await;
    let table = table.unwrap().table.unwrap();
    let billing = table.billing_mode_summary.unwrap().billing_mode;
    assert_eq!(billing, Some(aws_sdk_dynamodb::types::BillingMode::PayPerRequest));
}

#[tokio::test]
async fn the_table_does_what_a_lease_does() {
    let account = Account::new();
    account.aws.create_table(REGION).await.unwrap();
    let (never, mut mirror) = (Lease::default(), BTreeMap::new());
    let (ann, bob) = (grant("ann", 100), grant("bob", 200));
    let later = SystemTime::UNIX_EPOCH + Duration::from_millis(150_250);
    let taken = Change::Take { seen: &never, grant: &ann }.on(&never).unwrap();
    let renewed = Change::Renew { run: "ann", expires: later }.on(&taken).unwrap();
    let left = Change::Release { run: "ann", written: Some("1 AbC") }.on(&renewed).unwrap();
    let taken_again = Change::Take { seen: &left, grant: &bob }.on(&left).unwrap();
    let story = [
        Change::Renew { run: "ann", expires: later },
        Change::Take { seen: &never, grant: &ann },
        Change::Take { seen: &never, grant: &bob },
        Change::Release { run: "bob", written: None },
        Change::Renew { run: "ann", expires: later },
        Change::Take { seen: &taken, grant: &bob },
        Change::Release { run: "ann", written: Some("1 AbC") },
        Change::Release { run: "ann", written: Some("2 AbC") },
        Change::Take { seen: &left, grant: &bob },
        Change::Take { seen: &taken_again, grant: &ann },
        Change::Break { seen: &taken_again, by: "eve@host" },
        Change::Renew { run: "ann", expires: later },
        Change::Break { seen: &left, by: "eve@host" },
        Change::Release { run: "ann", written: None },
    ];
    let mut fits = 0;
    for change in story {
        let before: Lease = mirror.get("ci").cloned().unwrap_or_default();
        let changes = BTreeMap::from([(Scope::environment("ci"), change)]);
        let expected = match change.on(&before) {
            Some(after) => {
                fits += 1;
                mirror.insert(Scope::environment("ci"), after);
                Changed::All
            }
            None => Changed::None(BTreeMap::from([(Scope::environment("ci"), before)])),
        };
        assert_eq!(account.aws.change(REGION, PROJECT, &changes).await.unwrap(), expected, "{change:?}");
        assert_eq!(leases(&account).await, mirror, "{change:?}");
    }
    assert_eq!(fits, 7);
}

#[tokio::test]
async fn changes_are_made_all_or_none_and_other_projects_have_leases_of_their_own() {
    let account = Account::new();
    account.aws.create_table(REGION).await.unwrap();
    let (never, ann, bob) = (Lease::default(), grant("ann", 100), grant("bob", 100));
    let take = |grant| Change::Take { seen: &never, grant };
    let change = async |project, envs: &[&str], grant| {
        let changes = envs.iter().map(|env| (Scope::environment(env), take(grant))).collect();
        account.aws.change(REGION, project, &changes).await.unwrap()
    };
    assert_eq!(change(PROJECT, &["ci"], &ann).await, Changed::All);
    let Changed::None(misfits) = change(PROJECT, &["ab", "ci", "qa"], &bob).await else {
        panic!("all or none")
    };
    assert_eq!(misfits["ci"].grant.as_ref(), Some(&ann));
    assert_eq!(misfits.len(), 1);
    assert_eq!(leases(&account).await.len(), 1);
    assert_eq!(change("another", &["ci"], &bob).await, Changed::All);
}

#[tokio::test]
async fn what_was_taken_though_the_answer_was_lost_is_taken() {
    for moment in [Moment::Before, Moment::After] {
        let proxy = Proxy::start(crate::moto::endpoint());
        let account = Account::behind(&proxy);
        account.aws.create_table(REGION).await.unwrap();
        proxy.on("TransactWriteItems", 1, Fault::Dropped(moment));
        let environments = Scopes::from([(REGION.to_owned(), [Scope::environment("ci")].into())]);
        let (snapshots, ann) = (BTreeMap::new(), holder("ann"));
        let term = Duration::from_mins(1);
        let request = LeaseRequest {
            project: PROJECT,
            scopes: &environments,
            snapshots: &snapshots,
            holder: &ann,
            term,
        };
        let clock = Now(SystemTime::now());
        take(&account.aws, &clock, &request).await.unwrap();
        let bob = holder("bob");
        let snapshot = account.aws.leases(REGION, PROJECT).await.unwrap().unwrap();
        let snapshots = BTreeMap::from([(REGION.to_owned(), snapshot)]);
        let request = LeaseRequest { snapshots: &snapshots, holder: &bob, ..request };
        let hindrance = take(&account.aws, &clock, &request).await.unwrap_err();
        assert!(matches!(hindrance, AcquireError::Held(_)), "{hindrance:?}");
    }
}

#[tokio::test]
async fn the_time_is_aws_s() {
    let empty = Answer::JsonAt("Sun, 06 Nov 1994 08:49:37 GMT", r#"{"Items": [], "Count": 0}"#);
    let replay = Replay::start(&[("Query", empty)]);
    let account = Account::replayed(&replay.endpoint);
    let snapshot = account.aws.leases(REGION, PROJECT).await.unwrap().unwrap();
    assert_eq!(snapshot.now, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777), "as the answer says");
}

#[tokio::test]
async fn a_transaction_that_another_one_is_in_the_way_of_is_tried_again_and_a_refusal_is_not() {
    let in_the_way = Answer::Rest(
        400,
        r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "cancelled",
            "CancellationReasons": [{"Code": "TransactionConflict", "Message": "another one is ongoing"}]}"#,
    );
    let denied = Answer::JsonError("AccessDeniedException", "not authorized to perform: dynamodb:UpdateItem");
    let write = "TransactWriteItems";
    let replay = Replay::start(&[(write, in_the_way), (write, in_the_way), (write, denied)]);
    let account = Account::replayed(&replay.endpoint);
    let changes = BTreeMap::from([(Scope::environment("ci"), Change::Release { run: "ann", written: None })]);
    let error = account.aws.change(REGION, PROJECT, &changes).await.unwrap_err();
    assert_eq!(error.fault, Failure::Denied);
    assert_eq!(replay.calls(write).len(), 3);
}
