//! How many calls it takes: upper bounds, so that none is added unnoticed. `make bench` shows them by operation.

use super::World;
use super::moto;
use super::proxy::Proxy;
use crate::reference;

/// Calls that a run makes, at most.
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
}

/// Runs a command that has to end with `code`; how many calls it made.
fn calls(world: &World, proxy: &Proxy, arguments: &[&str], code: i32) -> usize {
    proxy.clear();
    let said = world.asiaq_through(proxy, arguments);
    assert_eq!(said.code, code, "{said:#?}");
    proxy.calls().len()
}

/// Holds the calls of the reference infrastructure to their bounds.
fn costs(environments: usize, bounds: &Bounds) {
    let program = reference::project(environments);
    let world = World::new(&program);
    std::fs::write(world.path("account.json"), reference::ACCOUNT).unwrap();
    world.stock();
    let proxy = Proxy::start(moto::endpoint());
    let hold = |what: &str, calls: usize, bound: usize| {
        assert!(calls <= bound, "{what}: {calls} calls, not {bound}: {:#?}", proxy.operations());
    };
    hold("an empty account", calls(&world, &proxy, &["plan"], 10), bounds.empty);
    hold("apply", calls(&world, &proxy, &["apply", "--yes"], 0), bounds.empty + bounds.apply);
    hold("nothing to do", calls(&world, &proxy, &["plan"], 0), bounds.nothing);
    let opened = program.replace("tcp 22 from operators", "tcp [22, 99] from operators");
    assert_ne!(opened, program);
    world.write(&opened);
    hold("a rule", calls(&world, &proxy, &["apply", "--yes"], 0), bounds.nothing + bounds.change);
    hold("destroy", calls(&world, &proxy, &["destroy", "--yes"], 0), bounds.nothing + bounds.destroy);
}

#[test]
fn an_environment_costs_so_many_calls() {
    costs(1, &Bounds { empty: 28, apply: 165, nothing: 40, change: 5, destroy: 101 });
}

#[test]
fn two_environments_share_what_is_asked_by_pages() {
    costs(2, &Bounds { empty: 28, apply: 325, nothing: 45, change: 8, destroy: 192 });
}
