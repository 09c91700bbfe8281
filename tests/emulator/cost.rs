//! How many calls it takes: upper bounds, so that none is added unnoticed. `make bench` shows them by operation.
//!
//! Resources that wait at the same moment share one call. How many share it depends on the moment, as does how often one
//! looks at what it waits for, so those calls have a bound of their own.

use super::World;
use super::moto;
use super::proxy::Proxy;
use crate::reference;

/// The operations of which one call serves all resources that wait at that moment, or that look at what is waited for.
const SHARED: [&str; 12] = [
    "ChangeResourceRecordSets",
    "DeleteAlarms",
    "DescribeAutoScalingGroups",
    "DescribeCacheClusters",
    "DescribeContinuousBackups",
    "DescribeDBInstances",
    "DescribeLoadBalancers",
    "DescribeNatGateways",
    "DescribeReplicationGroups",
    "DescribeTable",
    "DescribeTimeToLive",
    "ListResourceRecordSets",
];

/// Calls that a run makes, at most, beside those of [`SHARED`] operations.
struct Bounds {
    /// A plan for an empty account.
    empty: usize,
    /// What `apply` needs from nothing, beside a plan.
    apply: usize,
    /// A plan with nothing to do.
    nothing: usize,
    /// What a rule that changes in every environment needs, beside a plan.
    change: usize,
    /// What `destroy` needs, beside a plan.
    destroy: usize,
    /// Calls of [`SHARED`] operations in any of these runs: what it takes if no two resources share one.
    shared: usize,
}

/// Runs a command that has to end with `code`; how many calls of its own and of [`SHARED`] operations it made.
fn calls(world: &World, proxy: &Proxy, arguments: &[&str], code: i32) -> (usize, usize) {
    proxy.clear();
    let said = world.asiaq_through(proxy, arguments);
    assert_eq!(said.code, code, "{said:#?}");
    let (shared, own): (Vec<_>, Vec<_>) =
        proxy.operations().into_iter().partition(|operation| SHARED.contains(&operation.as_ref()));
    (own.len(), shared.len())
}

/// Holds the calls of the reference infrastructure to their bounds.
fn costs(environments: usize, bounds: &Bounds) {
    let program = reference::project(environments);
    let world = World::new(&program);
    world.stock_with(reference::ACCOUNT);
    let proxy = Proxy::start(moto::endpoint());
    let hold = |what: &str, (own, shared): (usize, usize), bound: usize| {
        assert!(own <= bound, "{what}: {own} calls, not {bound}: {:#?}", proxy.operations());
        assert!(shared <= bounds.shared, "{what}: {shared} shared calls: {:#?}", proxy.operations());
    };
    hold("an empty account", calls(&world, &proxy, &["plan"], 10), bounds.empty);
    hold("apply", calls(&world, &proxy, &["apply", "--yes"], 0), bounds.empty + bounds.apply);
    hold("nothing to do", calls(&world, &proxy, &["plan"], 0), bounds.nothing);
    let opened = program.replace("tcp 22 from operators", "tcp [22, 99] from operators");
    assert_ne!(opened, program);
    world.write(&opened);
    hold("a rule", calls(&world, &proxy, &["apply", "--yes"], 0), bounds.nothing + bounds.change);
    let looks = || proxy.operations().iter().filter(|called| *called == "ListResourceRecordSets").count();
    let (own, shared) = calls(&world, &proxy, &["destroy", "--yes"], 0);
    hold("destroy", (own, shared), bounds.nothing + bounds.destroy);
    // Records are deleted as they were listed.
    assert_eq!(looks(), 1, "{:#?}", proxy.operations());
}

#[test]
fn an_environment_costs_so_many_calls() {
    costs(1, &Bounds { empty: 32, apply: 172, nothing: 48, change: 3, destroy: 114, shared: 50 });
}

#[test]
fn two_environments_share_what_is_asked_by_pages() {
    costs(2, &Bounds { empty: 32, apply: 345, nothing: 60, change: 4, destroy: 227, shared: 85 });
}
