//! Rolling deploys: the group stays, and its instances are replaced a few at a time.

use super::*;

/// The program, whose instances are replaced in place.
fn program() -> String {
    PROGRAM
        .replace("deployable = true", "deployable = true\n      strategy   = rolling\n      grace      = 1s")
}

const WORDS: [&str; 7] = ["deploy", "web", "--env", "ci", "--yes", "--timeout", "8s"];

#[test]
fn instances_are_replaced_in_their_group_and_enough_always_serve() {
    let shop = Shop::of(&program());
    let before = shop.only(&shop.old);
    let look = shop.world.asiaq(&["deploy", "web", "--env", "ci", "--dry-run"]);
    assert_eq!(look.code, 10, "{look:#?}");
    assert!(joined(&look.stdout).contains("a few at a time"), "{look:#?}");
    pace(&shop.world, &json!({ "looks": 2 }));
    checked(&shop);
    let proxy = Proxy::start(moto::endpoint());
    let fewest = fewest_healthy(&shop, || alive(&shop.world, &[], || needs(&shop.world, &proxy, &WORDS, 0)));
    assert!(fewest >= 1, "only {fewest} instances got traffic at a moment");
    let after = shop.only(&shop.new);
    for part in ["name", "sizes", "instances", "schedules", "places"] {
        assert_eq!(after[part], before[part], "{part}: {after:#}");
    }
    assert_eq!(shop.stage(&shop.new), "tested");
    shop.is_settled(&shop.new);
    // The second group of the tests was gone before, and is never behind the load balancers.
    let calls = proxy.operations();
    let first = |name: &str| calls.iter().position(|call| call == name).unwrap();
    assert!(first("DeleteAutoScalingGroup") < first("StartInstanceRefresh"), "{calls:?}");
    assert!(!calls.iter().any(|call| call == "AttachLoadBalancerTargetGroups"), "{calls:?}");

    shop.is_taken_back("8s");
}

#[test]
fn new_instances_that_do_not_get_healthy_are_replaced_again() {
    let shop = Shop::of(&program());
    let before = shop.only(&shop.old);
    // Those that are healthy stay so; new ones never get healthy.
    checked(&shop);
    pace(&shop.world, &json!({ "looks": 1, "never": ["ci-front-8080"] }));
    let said = alive(&shop.world, &[], || shop.world.asiaq(&WORDS));
    assert_eq!(said.code, 3, "{said:#?}");
    for part in ["is not healthy behind", "stop replacing the instances of", "nothing of the deploy is left"]
    {
        assert!(joined(&said.stderr).contains(part), "{part}: {said:#?}");
    }
    pace(&shop.world, &json!({ "looks": 0 }));
    assert_eq!(shop.only(&shop.old), before);
    assert_eq!(shop.stage(&shop.new), "failed");
    shop.is_settled(&shop.old);
}

#[test]
fn a_rolling_deploy_that_was_killed_goes_on_or_back() {
    let shop = Shop::of(&program());
    let world = &shop.world;
    world.boto(&format!("ec2.deregister_image(ImageId='{}')\nresult = 0", shop.new));
    for (operation, moment, is_back) in [
        ("StartInstanceRefresh", Moment::Before, true),
        ("StartInstanceRefresh", Moment::After, false),
        ("StartInstanceRefresh", Moment::After, true),
        ("DeleteTags", Moment::Before, false),
    ] {
        let before = shop.groups()[0]["images"][0].as_str().unwrap().to_owned();
        let new = bake(world, next_second(1_790_000_000), "untested");
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Hanging(moment));
        killed(world, &proxy, operation, &WORDS);
        let plan = world.asiaq(&["plan"]);
        assert_eq!(plan.code, 0, "{operation}: {plan:#?}");
        assert!(joined(&plan.stderr).contains("left to a deploy that is under way"), "{plan:#?}");
        let back = ["deploy", "rollback", "--env", "ci", "--yes"];
        let said = alive(world, &[], || world.asiaq(if is_back { &back } else { &WORDS }));
        assert_eq!(said.code, 0, "{operation} {is_back}: {said:#?}");
        let now = if is_back { &before } else { &new };
        shop.only(now);
        shop.is_settled(now);
    }
}
