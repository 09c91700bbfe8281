//! Services that the program does not use need not answer.

use super::proxy::{Fault, Moment, Proxy};
use super::{World, joined, moto};

const PLAIN: &str = "
project shop { region = us-west-2, team = \"astro\" }
env ci { cidr = 10.1.0.0/20, zones = 1, metanetwork app {} }
";

const WATCHED: &str = "
alarm jobs {
  namespace  = \"AWS/SQS\"
  metric     = \"ApproximateAgeOfOldestMessage\"
  dimensions = { QueueName = \"jobs\" }
  when       = maximum > 600 for 3 x 1m
}
";

const SERVED: &str = "
project shop { region = us-west-2, team = \"astro\", domain = \"shop.example\" }
env ci {
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = web
  metanetwork app { ingress = [tcp 443 from all, tcp 80 from app] }
}
hostclass front { network = app, lb { listeners = [https 443 -> http 80] } }
pipeline web { stage { run front { desired = 1 } } }
";

/// Listings of services that [`PLAIN`] does not use.
const LISTINGS: [&str; 7] = [
    "DescribeAlarms",
    "DescribeAutoScalingGroups",
    "DescribeLoadBalancers",
    "DescribeLogGroups",
    "DescribeTargetGroups",
    "ListHostedZones",
    "ListTopics",
];

/// A proxy through which the services of [`LISTINGS`] are not there for these credentials.
fn without(fault: &Fault) -> Proxy {
    let proxy = Proxy::start(moto::endpoint());
    for operation in LISTINGS {
        proxy.always(operation, fault.clone());
    }
    proxy
}

fn denied() -> Fault {
    Fault::Refused("AccessDenied", "you are not authorized to perform this operation")
}

#[test]
fn a_plan_goes_on_without_services_that_it_does_not_use() {
    let world = World::new(PLAIN);
    let proxy = without(&denied());
    let first = world.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(first.code, 0, "{first:#?}");
    let plan = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    let text = joined(&plan.stdout);
    assert!(text.contains("Nothing to do") && text.contains("`topic` in us-west-2 cannot be read"), "{text}");
    assert!(text.contains("you are not authorized"), "{text}");
    // In an account in which everything answers, there is nothing to say.
    let calm = world.asiaq(&["plan"]);
    assert_eq!((calm.code, calm.stdout.contains("cannot be read")), (0, false), "{calm:#?}");
    let gone = world.asiaq_through(&proxy, &["destroy", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    assert!(world.lines("ci").is_empty());
}

#[test]
fn a_plan_needs_the_services_that_it_uses() {
    let world = World::new(&[PLAIN, WATCHED].concat());
    let proxy = without(&denied());
    let refused = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    assert!(refused.stderr.contains("DescribeAlarms"), "{refused:#?}");
    // EC2 has what every plan needs.
    proxy.clear();
    proxy.always("DescribeVpcs", denied());
    world.write(PLAIN);
    let refused = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
}

#[test]
fn what_could_not_be_looked_up_is_not_said_to_be_absent() {
    let world = World::new(SERVED);
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(said.code, 1, "{said:#?}");
    for absent in ["no hosted zone for", "no certificate for"] {
        assert!(said.stderr.contains(absent), "{said:#?}");
    }
    for operation in ["ListHostedZones", "ListCertificates"] {
        proxy.clear();
        proxy.always(operation, denied());
        let refused = world.asiaq_through(&proxy, &["plan"]);
        assert_eq!(refused.code, 2, "{refused:#?}");
        assert!(refused.stderr.contains(operation), "{refused:#?}");
        assert!(!refused.stderr.contains("the account has no"), "{refused:#?}");
    }
    // A service that the program looks something up in is tried again as one that it uses.
    proxy.clear();
    for n in 0..5 {
        proxy.on("ListCertificates", n, Fault::Failed(Moment::Before));
    }
    let said = world.asiaq_through(&proxy, &["plan"]);
    assert!(said.code == 1 && said.stderr.contains("no certificate for"), "{said:#?}");
}

#[test]
fn what_the_last_apply_made_is_not_forgotten() {
    let world = World::new(&[PLAIN, WATCHED].concat());
    world.apply();
    // The program no longer has the alarm, and AWS still does.
    world.write(PLAIN);
    let proxy = without(&denied());
    for command in [&["plan"][..], &["destroy", "--yes"]] {
        let refused = world.asiaq_through(&proxy, command);
        assert_eq!(refused.code, 2, "{refused:#?}");
        assert!(refused.stderr.contains("DescribeAlarms"), "{refused:#?}");
    }
    world.apply();
    let plan = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
}

#[test]
fn a_service_that_does_not_answer_is_no_reason_to_stop() {
    let world = World::new(PLAIN);
    world.apply();
    for fault in [Fault::Dropped(Moment::Before), Fault::Failed(Moment::Before)] {
        let proxy = without(&fault);
        let plan = world.asiaq_impatient(&proxy, &["plan"]);
        assert_eq!(plan.code, 0, "{plan:#?}");
        assert!(joined(&plan.stdout).contains("`topic` in us-west-2 cannot be read"), "{plan:#?}");
    }
}

#[test]
fn what_could_not_be_read_is_not_shown_as_missing() {
    let world = World::new(&[PLAIN, WATCHED].concat());
    world.apply();
    let proxy = without(&denied());
    for arguments in [
        &["show"][..],
        &["show", "--format", "json"],
        &["show", "ci/alarm/jobs"],
        &["show", "ci/alarm"],
        // It may be what nothing declares any more.
        &["show", "ci/alarm/queue"],
    ] {
        let refused = world.asiaq_through(&proxy, arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{arguments:?}: {refused:#?}");
        assert!(refused.stderr.contains("you are not authorized"), "{refused:#?}");
    }
    // What is asked for can be read.
    let vpc = world.asiaq_through(&proxy, &["show", "ci/vpc"]);
    assert!(vpc.code == 0 && vpc.stdout.contains("vpc-"), "{vpc:#?}");
    assert!(!vpc.stderr.contains("cannot be read"), "{vpc:#?}");
    // Nothing that is declared could be in what cannot be read.
    world.write(PLAIN);
    let said = world.asiaq_through(&proxy, &["show"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let words = joined(&said.stderr);
    assert!(
        words.contains("`alarm`") && words.contains("is no longer declared of it is not shown"),
        "{words}"
    );
    proxy.clear();
    let said = world.asiaq_through(&proxy, &["show"]);
    assert!(
        said.stdout.contains("no longer declared") && !said.stderr.contains("cannot be read"),
        "{said:#?}"
    );
}

#[test]
fn a_service_that_nothing_needs_is_not_tried_for_long() {
    let world = World::new(PLAIN);
    world.apply();
    let proxy = without(&Fault::Failed(Moment::Before));
    let plan = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    for operation in ["DescribeAlarms", "DescribeLogGroups", "ListTopics"] {
        let tries = proxy.operations().iter().filter(|called| *called == operation).count();
        assert_eq!(tries, 3, "{operation}");
    }
    // One that the last apply used is.
    world.write(&[PLAIN, WATCHED].concat());
    world.apply();
    world.write(PLAIN);
    let proxy = Proxy::start(moto::endpoint());
    for n in 0..5 {
        proxy.on("DescribeAlarms", n, Fault::Failed(Moment::Before));
    }
    let plan = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains("alarm"), "{}", plan.stdout);
}
