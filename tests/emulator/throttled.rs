//! An account that refuses calls because there are too many of them.

use super::World;
use super::moto;
use super::proxy::{Proxy, Rate};
use crate::reference;

const SMALL: &str = r"
project small { region = us-west-2 }
env ci {
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw], nat = auto }
  metanetwork app { ingress = [tcp 80 from web], routes = [internet via nat web] }
}
";

const LEAST: &str = r"
project least { region = us-west-2 }
env ci { cidr = 10.0.0.0/20, zones = 1, metanetwork web {} }
";

/// A world with a program in a stocked account.
fn world(program: &str) -> World {
    let world = World::new(program);
    world.stock_with(reference::ACCOUNT);
    world
}

/// Applies by way of a proxy, then plans past it, and asserts that nothing is left to do; how many calls `apply` made.
fn calls_to_apply(world: &World, proxy: &Proxy) -> usize {
    let said = world.asiaq_through(proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let calls = proxy.calls().len();
    world.assert_settled();
    calls
}

/// Asserts that an account that lets so many calls through takes few more than one that lets through all.
fn assert_paced(program: &str, rate: Rate) {
    let proxy = Proxy::start(moto::endpoint());
    let free = calls_to_apply(&world(program), &proxy);
    proxy.clear();
    proxy.limit(rate);
    let limited = calls_to_apply(&world(program), &proxy);
    let refused = proxy.calls().iter().filter(|call| call.status >= 400).count();
    assert!(refused > 0, "the limit is felt");
    assert!(limited * 10 <= free * 13, "{limited} calls, {refused} of them refused, where {free} do");
}

#[test]
fn an_account_that_takes_few_calls_a_second_is_not_asked_much_more_often() {
    assert_paced(SMALL, Rate { burst: 3, per_second: 3 });
}

#[test]
fn an_account_that_refuses_every_other_call_is_settled_all_the_same() {
    let proxy = Proxy::start(moto::endpoint());
    proxy.refuse_half(7);
    calls_to_apply(&world(LEAST), &proxy);
}

/// The same for whole infrastructures, and for other rates and tosses.
#[test]
fn whole_infrastructures_are_settled_in_accounts_that_refuse_calls() {
    if std::env::var("ASIAQ_TESTS").as_deref() != Ok("long") {
        return;
    }
    assert_paced(&reference::project(1), Rate { burst: 5, per_second: 3 });
    assert_paced(&reference::project(2), Rate { burst: 20, per_second: 10 });
    for (environments, seed) in [(1, 1), (1, 2), (4, 3)] {
        let proxy = Proxy::start(moto::endpoint());
        proxy.refuse_half(seed);
        calls_to_apply(&world(&reference::project(environments)), &proxy);
    }
}
