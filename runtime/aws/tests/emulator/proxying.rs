//! What the proxy does with calls, and how asiaq takes it.

use std::time::Duration;

use asiaq_ir::{InternetGateway, Kind};
use asiaq_runtime::{Cloud as _, Fault as Failure};

use crate::account::{Account, PROJECT, REGION};
use crate::moto;
use crate::proxy::{Fault, Moment, Proxy, Rate};

/// An account behind a proxy.
fn world() -> (Proxy, Account) {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    (proxy, account)
}

/// Every kind, listed once.
async fn look(account: &Account) {
    for kind in Kind::ALL {
        account.list(*kind).await;
    }
}

#[tokio::test]
async fn the_log_says_what_was_called_where_and_whether_it_writes() {
    let (proxy, account) = world();
    account.create("igw", InternetGateway { vpc: None }).await;
    look(&account).await;
    let calls = proxy.calls();
    let first = &calls[0];
    assert_eq!(
        (first.service.as_str(), first.operation.as_str(), first.region.as_str(), first.is_write),
        ("ec2", "CreateInternetGateway", REGION, true)
    );
    assert_eq!((first.status, first.concurrency), (200, 1));
    assert!(first.end.unwrap() >= first.start);
    assert!(calls[1..].iter().all(|call| !call.is_write && call.end.is_some()));
    // One of each protocol: forms of EC2 and of others, JSON, CBOR, methods and paths.
    for (service, operation) in [
        ("ec2", "DescribeVpcs"),
        ("autoscaling", "DescribeAutoScalingGroups"),
        ("elasticloadbalancing", "DescribeLoadBalancers"),
        ("sns", "ListTopics"),
        ("logs", "DescribeLogGroups"),
        ("monitoring", "DescribeAlarms"),
        ("route53", "ListHostedZones"),
    ] {
        let is_it = |call: &crate::proxy::Call| call.service == service && call.operation == operation;
        assert!(calls.iter().any(is_it), "{service} {operation}");
    }
}

#[tokio::test]
async fn every_service_throttles_fails_and_drops_calls_in_its_own_words_and_is_asked_again() {
    for fault in [
        Fault::Throttled,
        Fault::Busy,
        Fault::Failed(Moment::Before),
        Fault::Dropped(Moment::Before),
        Fault::Dropped(Moment::After),
    ] {
        let (proxy, account) = world();
        look(&account).await;
        let calm = proxy.operations();
        let mut names = calm.clone();
        names.sort();
        names.dedup();
        proxy.clear();
        for operation in &names {
            proxy.on(operation, 1, fault.clone());
        }
        look(&account).await;
        assert_eq!(proxy.calls().len(), calm.len() + names.len(), "each once more after {fault:?}");
    }
}

#[tokio::test]
async fn refusals_are_told_with_the_words_of_the_service() {
    let (proxy, account) = world();
    let fault = Fault::Refused("OptInRequired", "You are not subscribed to this service.");
    for (operation, kind) in [
        ("DescribeAddresses", Kind::ElasticIp),
        ("DescribeAutoScalingGroups", Kind::AutoScalingGroup),
        ("DescribeLogGroups", Kind::LogGroup),
        ("DescribeAlarms", Kind::Alarm),
        ("ListHostedZones", Kind::HostedZone),
    ] {
        proxy.always(operation, fault.clone());
        let error = account.aws.list(REGION, kind, PROJECT).await.unwrap_err();
        assert_eq!((error.operation.as_str(), error.code.as_str()), (operation, "OptInRequired"));
        assert_eq!(error.message, "You are not subscribed to this service.");
        assert_eq!((error.fault, error.request.as_deref()), (Failure::Denied, Some("request-of-a-fault")));
    }
}

#[tokio::test]
async fn listings_are_empty_or_as_before_or_in_pages() {
    let (proxy, account) = world();
    let gateway = InternetGateway { vpc: None };
    account.create("one", gateway.clone()).await;
    let found = async || account.list(Kind::InternetGateway).await.found.len();
    assert_eq!(found().await, 1);
    account.create("two", gateway.clone()).await;
    account.create("three", gateway).await;
    proxy.clear();
    proxy.on("DescribeInternetGateways", 1, Fault::Stale);
    proxy.on("DescribeInternetGateways", 2, Fault::Empty);
    assert_eq!((found().await, found().await, found().await), (1, 0, 3));
    proxy.clear();
    proxy.always("DescribeInternetGateways", Fault::OneByOne);
    assert_eq!((found().await, proxy.calls().len()), (3, 3));
}

#[tokio::test]
async fn a_service_takes_so_many_calls_at_once_and_half_of_all_are_refused_by_the_toss_of_a_coin() {
    let (proxy, account) = world();
    proxy.limit(Rate { burst: 3, per_second: 0 });
    proxy.latency(Duration::from_millis(1));
    let look = async || account.aws.list(REGION, Kind::ElasticIp, PROJECT).await;
    for _ in 0..3 {
        look().await.unwrap();
    }
    assert_eq!(look().await.unwrap_err().code, "RequestLimitExceeded");
    let status: Vec<u16> = proxy.calls().iter().map(|call| call.status).collect();
    assert_eq!(status[..4], [200, 200, 200, 503]);
    proxy.clear();
    proxy.refuse_half(7);
    for _ in 0..20 {
        let _ = look().await;
    }
    let refused = proxy.calls().iter().filter(|call| call.status == 503).count();
    assert!(refused >= 10, "{refused} of {}", proxy.calls().len());
}

#[tokio::test]
async fn a_call_hangs_until_whoever_called_gives_up() {
    let (proxy, account) = world();
    proxy.at(1, Fault::Hanging(Moment::Before));
    let call = account.try_create("igw", InternetGateway { vpc: None });
    let hangs = tokio::task::spawn_blocking(move || proxy.until_hanging().then_some(proxy));
    tokio::select! {
        biased;
        made = call => panic!("answered: {made:?}"),
        hangs = hangs => drop(hangs.unwrap().expect("it hangs")),
    }
}

/// It has not been sent yet, so that nothing about it is late.
#[tokio::test]
async fn a_call_may_be_held_back_for_long() {
    let (proxy, account) = world();
    proxy.limit(Rate { burst: 3, per_second: 3 });
    futures::future::join_all((0..30).map(|_| account.list(Kind::DhcpOptions))).await;
    let last = proxy.calls().iter().map(|call| call.start).max().unwrap();
    assert!(last > Duration::from_secs(8), "the last was held back for {last:?}");
    let failed: Vec<String> = account.heard().into_iter().filter(|sign| sign.contains("Failed")).collect();
    assert_eq!(failed, [""; 0]);
}
