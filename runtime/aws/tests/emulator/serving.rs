//! Nothing that serves goes before what replaces it serves, in an account where things take their time: ports, names,
//! addresses and instances that stay wanted are there after every call of an apply.

mod facts;
mod world;

use std::collections::BTreeMap;

use asiaq_runtime::Interruptions;

use world::{Seen, Watched};

/// Two zones with a public and a private metanetwork, and what is in `hosts`.
fn program(hosts: &str) -> String {
    format!(
        "
project shop {{ region = us-west-2, team = \"astro\", domain = \"shop.example\" }}
env ci {{
  cidr     = 10.0.0.0/20
  zones    = 2
  pipeline = small
  metanetwork edge {{
    ingress = [tcp [80, 443] from internet]
    routes  = [internet via igw]
    nat     = auto
  }}
  metanetwork app {{
    ingress = [tcp [80, 8080, 9090] from edge]
    routes  = [internet via nat edge]
  }}
  metanetwork back {{
    ingress = [tcp [80, 8080, 9090] from edge]
    routes  = [internet via nat edge]
  }}
}}
{hosts}
"
    )
}

/// One hostclass that runs two instances.
fn host(fields: &str) -> String {
    program(&format!(
        "hostclass api {{ {fields} }}
pipeline small {{ stage {{ run api {{ desired = 2, min = 2, max = 4 }} }} }}"
    ))
}

fn application(listeners: &str) -> String {
    host(&format!("network = app, lb {{ network = edge, public = true, listeners = [{listeners}] }}"))
}

fn network(listeners: &str) -> String {
    host(&format!("network = app, lb {{ kind = network, listeners = [{listeners}] }}"))
}

fn classic(fields: &str) -> String {
    host(&format!("network = app, elb {{ network = edge, {fields} }}"))
}

/// Applies the change in a slow world. Returns what was missing meanwhile.
async fn missing(before: &str, after: &str, facts: &[&str]) -> BTreeMap<String, String> {
    let watched = Watched::with(before).await.slow(&[]).await;
    let Seen { outcome, after, missing, before, plan } = watched.change(after).await;
    assert!(outcome.is_complete(), "{:#?}", outcome.failed);
    assert!(!plan.is_empty());
    for fact in facts {
        assert!(before.contains(*fact) && after.contains(*fact), "{fact}: {before:#?} {after:#?}");
    }
    missing
}

#[tokio::test]
async fn a_port_of_an_application_load_balancer_stays_while_its_targets_change() {
    let (before, after) = (application("http 80 -> http 8080"), application("http 80 -> http 9090"));
    let missing = missing(&before, &after, &["api-ci.shop.example.:80", "2 of ci/hostclass/api/group"]).await;
    assert_eq!(missing, BTreeMap::new());
}

#[tokio::test]
async fn a_port_of_a_network_load_balancer_stays_while_its_targets_change() {
    let (before, after) = (network("tcp 80 -> tcp 8080"), network("tcp 80 -> tcp 9090"));
    let missing = missing(&before, &after, &["api-ci.shop.example.:80", "2 of ci/hostclass/api/group"]).await;
    assert_eq!(missing, BTreeMap::new());
}

#[tokio::test]
async fn a_name_stays_while_its_load_balancer_is_replaced() {
    let facts = ["api-ci.shop.example.:80", "2 of ci/hostclass/api/group"];
    for (before, after) in [
        (application("http 80 -> http 8080"), network("tcp 80 -> tcp 8080")),
        (network("tcp 80 -> tcp 8080"), application("http 80 -> http 8080")),
        (classic("listeners = [http 80 -> http 8080]"), application("http 80 -> http 8080")),
        (application("http 80 -> http 8080"), classic("listeners = [http 80 -> http 8080]")),
        (classic("public = false"), classic("public = true")),
        (
            application("http 80 -> http 8080"),
            application("http 80 -> http 8080").replace("public = true", "public = false"),
        ),
        // Load balancers move with their subnets.
        (
            application("http 80 -> http 8080").replace("public = true", "public = false"),
            application("http 80 -> http 8080")
                .replace("network = edge, public = true", "network = app, public = false"),
        ),
    ] {
        assert_eq!(missing(&before, &after, &facts).await, BTreeMap::new(), "{after}");
    }
}

#[tokio::test]
async fn what_a_hostclass_offers_stays_while_it_moves_to_another_metanetwork() {
    let facts = ["api-ci.shop.example.:80", "2 of ci/hostclass/api/group"];
    for before in [
        application("http 80 -> http 8080"),
        network("tcp 80 -> tcp 8080"),
        classic("listeners = [http 80 -> http 8080]"),
    ] {
        let after = before.replace("network = app", "network = back");
        assert_eq!(missing(&before, &after, &facts).await, BTreeMap::new(), "{after}");
    }
}

/// What the plan says it interrupts, a line each.
fn announced(seen: &Seen) -> Vec<String> {
    let interruptions = Interruptions::of(&seen.plan);
    let lines = interruptions
        .iter()
        .flat_map(|(address, _, stops)| stops.iter().map(move |stop| format!("{address}: {}", stop.what)));
    lines.collect()
}

#[tokio::test]
async fn a_port_that_a_classic_load_balancer_reopens_is_announced() {
    let before = classic("listeners = [http 80 -> http 8080, http 443 -> http 8080]");
    let after = classic("listeners = [http 80 -> http 9090, http 443 -> http 8080]");
    let seen = Watched::with(&before).await.slow(&[]).await.change(&after).await;
    assert!(seen.outcome.is_complete(), "{:#?}", seen.outcome.failed);
    let missing: Vec<&String> = seen.missing.keys().collect();
    assert_eq!(missing, ["api-ci.shop.example.:80"]);
    assert_eq!(announced(&seen), ["ci/hostclass/api/elb: port 80 is closed"]);
}

#[tokio::test]
async fn a_port_that_aws_refuses_to_reopen_is_opened_as_before() {
    let before = classic("listeners = [http 80 -> http 8080]");
    let after = classic("listeners = [http 80 -> http 9090]");
    let watched = Watched::with(&before).await;
    watched.refuse_once("CreateLoadBalancerListeners");
    let seen = watched.change(&after).await;
    let said: Vec<String> = seen.outcome.failed.iter().map(|failure| failure.error.to_string()).collect();
    assert!(said.iter().any(|said| said.contains("port 80 is open as before")), "{said:#?}");
    assert!(seen.after.contains("api-ci.shop.example.:80"), "{:#?}", seen.after);
    assert!(watched.change(&after).await.outcome.is_complete());
}

#[tokio::test]
async fn an_environment_with_another_block_serves_while_it_moves() {
    for before in [application("http 80 -> http 8080"), classic("listeners = [http 80 -> http 8080]")] {
        let after = before.replace("10.0.0.0/20", "10.8.0.0/20");
        let seen = Watched::with(&before).await.slow(&[]).await.change(&after).await;
        assert!(seen.outcome.is_complete(), "{:#?}", seen.outcome.failed);
        for fact in ["api-ci.shop.example.:80", "2 of ci/hostclass/api/group"] {
            assert!(seen.before.contains(fact) && seen.after.contains(fact), "{fact}");
        }
        // An Elastic IP address belongs to one NAT gateway at a time, and the plan says so.
        let is_nat =
            |fact: &&String| fact.starts_with("traffic leaves from") || fact.contains("has a way out");
        let missing: Vec<_> = seen.missing.iter().filter(|(fact, _)| !is_nat(fact)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        let nat = "what routes through it has no way to the internet";
        assert_eq!(announced(&seen), [1, 2].map(|zone| format!("ci/edge/nat-gateway/{zone}: {nat}")));
    }
}

#[tokio::test]
async fn a_way_out_stays_until_the_new_nat_gateway_is_available() {
    let auto = host("network = app");
    let one = auto.replace("nat     = auto", "nat     = one");
    let elsewhere = auto.replace("internet via nat edge", "internet via nat exit").replace(
        "  metanetwork app {",
        "  metanetwork exit { routes = [internet via igw], nat = auto }\n  metanetwork app {",
    );
    let elsewhere = elsewhere.replace("    nat     = auto\n", "");
    for (before, after) in [(&auto, &one), (&one, &auto), (&auto, &elsewhere), (&elsewhere, &auto)] {
        let facts = [1, 2].map(|zone| format!("ci/app/subnet/{zone} has a way out"));
        let missing = missing(before, after, &facts.each_ref().map(String::as_str)).await;
        assert_eq!(missing, BTreeMap::new(), "{after}");
    }
}

#[tokio::test]
async fn a_static_address_that_stays_wanted_never_disappears() {
    let with = |fields: &str| host(&format!("network = app, {fields}"));
    let before = with("ips = [+6]");
    let renamed = before.replace("api", "web");
    let moved = before.replace("network = app, ips = [+6]", "network = back, ips = [app + 6]");
    for after in [
        with("ips = [+5, +6]"),
        with("ips = [+6, -6]"),
        with("ips = [+6], elb { listeners = [http 80] }"),
        with("ips = [+6], disk data { size = 10GB }"),
        before.replace("max = 4", "max = 6, type = m7i.xlarge"),
        renamed,
        moved,
    ] {
        let watched = Watched::with(&before).await.slow(&[]).await;
        let seen = watched.change(&after).await;
        assert!(seen.outcome.is_complete(), "{after} {:#?}", seen.outcome.failed);
        let is_address = |fact: &&String| fact.starts_with("static address");
        assert_eq!(seen.before.iter().filter(is_address).count(), 1, "{:#?}", seen.before);
        let missing: Vec<_> = seen.missing.iter().filter(|(fact, _)| is_address(fact)).collect();
        assert!(missing.is_empty(), "{after} {missing:#?}");
        assert!(seen.before.iter().filter(is_address).all(|address| seen.after.contains(address)), "{after}");
    }
}

#[tokio::test]
async fn what_never_becomes_healthy_takes_nothing_from_what_serves() {
    // Parts of the names of target groups: a group that is checked at the same port becomes healthy.
    for (before, after, never) in [
        (application("http 80 -> http 8080"), application("http 80 -> http 9090"), "9090"),
        (network("tcp 80 -> tcp 8080"), network("tcp 80 -> tcp 9090"), "9090"),
        (network("tcp 80 -> tcp 8080"), application("http 80 -> http 8080"), "http"),
        (classic("listeners = [http 80 -> http 8080]"), application("http 80 -> http 8080"), "http"),
    ] {
        let watched = Watched::with(&before).await.slow(&[never]).await;
        let seen = watched.change(&after).await;
        assert!(!seen.outcome.is_complete(), "{after}");
        let lost: Vec<_> = seen.before.difference(&seen.after).collect();
        assert!(lost.is_empty(), "{lost:?} {after}");
        assert_eq!(seen.missing, BTreeMap::new(), "{after}");
        let said: Vec<String> = seen.outcome.failed.iter().map(|failure| failure.error.to_string()).collect();
        let what = ["Health checks failed", "serves", "apply again"];
        assert!(said.iter().any(|said| what.iter().all(|part| said.contains(part))), "{said:#?}");
        // When what is wrong is mended, the next apply arrives.
        let watched = watched.slow(&[]).await;
        assert!(watched.change(&after).await.outcome.is_complete(), "{after}");
    }
}
