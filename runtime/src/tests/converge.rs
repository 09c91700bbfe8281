//! Property test: sequences of random programs converge, even if a call fails during an apply.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, GroupRule, Ir, MOVED_TAG, NAME_TAG, Protocol, Ref, Resource, Route,
    Scope, ScopeRef, Source, resolve,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::world::{ENVS, Env, Exit, HOSTS, Machines, NETS, NOW, Nat, Net, Project, World, only};
use crate::{
    CancellationToken, Cause, Cloud, Coverage, Create, Delete, Event, Found, Goal, InjectedFault,
    LastApplied, Limits, Observed, Outcome, Plan, apply, observe, plan,
};

/// One change of a project, with the parameters of its apply.
#[derive(Clone, Debug)]
struct Turn {
    project: Project,
    scope: Option<BTreeSet<&'static str>>,
    glitch: Option<(usize, InjectedFault)>,
    meddling: Vec<(usize, Meddling)>,
    seed: u64,
    concurrency: usize,
}

/// A change to one of the project's resources by other means than asiaq.
#[derive(Clone, Copy, Debug)]
enum Meddling {
    /// Deletes it, unless AWS rejects that.
    Delete,
    /// Creates a duplicate as a run that was killed leaves it, unless AWS rejects that.
    Copy,
    /// Empties its sets and removes its tags, except for the ownership tags.
    Strip,
    /// Opens a port, adds a route, sets a tag.
    Add,
}

fn net() -> impl Strategy<Value = Net> {
    let exit = prop_oneof![Just(Exit::None), Just(Exit::Gateway), select(&NETS[..]).prop_map(Exit::Nat)];
    let nat = select(&[Nat::None, Nat::Auto, Nat::Static][..]);
    let rules = (btree_map(20u8..24, 0u8..2, 0..3), btree_set(select(&NETS[..]), 0..3));
    (1u8..=3, any::<bool>(), nat, exit, 0u8..2, rules, option::of(0u8..3)).prop_map(
        |(zones, wide, nat, exit, about, (ports, friends), host)| Net {
            zones,
            wide,
            nat,
            exit,
            about,
            ports,
            friends,
            host,
        },
    )
}

fn machines() -> impl Strategy<Value = Machines> {
    (1u8..4, 0u8..2, option::of(0u32..3), any::<bool>(), any::<bool>()).prop_map(
        |(stage, image, desired, is_tested, is_balanced)| Machines {
            stage,
            image,
            desired,
            is_tested,
            is_balanced,
        },
    )
}

fn env() -> impl Strategy<Value = Env> {
    let place = (0u8..2, prop_oneof![9 => Just(0usize), 1 => Just(1)], 0u8..3);
    let extras = (option::of(0u8..2), any::<bool>(), any::<bool>(), option::of(0u8..2));
    let machines = btree_map(select(&HOSTS[..]), machines(), 0..=2);
    (place, extras, btree_map(select(&NETS[..]), net(), 1..=3), machines).prop_map(
        |((block, region, turn), (dhcp, vpn, endpoint, team), nets, machines)| Env {
            block,
            region,
            protect: false,
            dhcp,
            vpn,
            endpoint,
            team,
            turn,
            nets,
            machines,
        },
    )
}

pub(super) fn project() -> impl Strategy<Value = Project> {
    let pairs = [("ci", "prod"), ("ci", "qa"), ("prod", "qa")];
    (btree_map(select(&ENVS[..]), env(), 0..=3), proptest::sample::subsequence(pairs.to_vec(), 0..=3))
        .prop_map(|(envs, peerings)| Project { envs, peerings: peerings.into_iter().collect() })
}

fn turn() -> impl Strategy<Value = Turn> {
    let glitch =
        (0usize..150, select(&[InjectedFault::Before, InjectedFault::Partway, InjectedFault::After][..]));
    let scope = option::weighted(0.3, btree_set(select(&ENVS[..]), 1..=2));
    let how = select(&[Meddling::Delete, Meddling::Copy, Meddling::Strip, Meddling::Add][..]);
    let meddling = vec((any::<usize>(), how), 0..6);
    (project(), scope, option::of(glitch), meddling, any::<u64>(), 1usize..8).prop_map(
        |(project, scope, glitch, meddling, seed, concurrency)| Turn {
            project,
            scope,
            glitch,
            meddling,
            seed,
            concurrency,
        },
    )
}

/// Turns whose environments often differ little from those of the turn before.
fn turns() -> impl Strategy<Value = Vec<Turn>> {
    (vec(turn(), 1..4), any::<u64>()).prop_map(|(mut turns, mut mask)| {
        for now in 1..turns.len() {
            let (before, after) = turns.split_at_mut(now);
            for (name, env) in &mut after[0].project.envs {
                let Some(old) = before[now - 1].project.envs.get(name) else { continue };
                let mut coin = || {
                    mask = mask.rotate_left(1);
                    mask & 1 == 1
                };
                let new = std::mem::replace(env, old.clone());
                for (name, new) in new.nets {
                    let net = env.nets.entry(name).or_insert_with(|| new.clone());
                    if coin() {
                        (net.zones, net.nat, net.exit) = (new.zones, new.nat, new.exit);
                    }
                    if coin() {
                        (net.ports, net.friends) = (new.ports, new.friends);
                    }
                    if coin() {
                        net.about = new.about;
                    }
                    if coin() && coin() {
                        (net.wide, net.host) = (new.wide, new.host);
                    }
                }
                if coin() {
                    env.machines = new.machines;
                }
                if coin() && coin() {
                    env.nets.pop_first();
                }
                if coin() && coin() {
                    (env.block, env.region) = (new.block, new.region);
                }
                if coin() {
                    env.turn = new.turn;
                }
                if coin() {
                    (env.dhcp, env.vpn, env.endpoint, env.team) = (new.dhcp, new.vpn, new.endpoint, new.team);
                }
            }
        }
        turns
    })
}

async fn run(world: &World, plan: &Plan, concurrency: usize) -> Outcome {
    apply(&world.memory, plan, &Limits { concurrency }, &CancellationToken::new(), &|_: Event| {}).await
}

/// The records of the last applies, by scope.
type Record = BTreeMap<Scope, LastApplied>;

/// The plan. Asserts that its steps do not depend on the record, and that nothing is drift without meddling.
fn attributed(
    ir: &Ir,
    mut observed: Observed,
    scope: &Coverage,
    (record, now): (&Record, &str),
    turn: &Turn,
) -> Plan {
    let bare = plan(ir, &observed, scope, now);
    observed.written.clone_from(record);
    let plan = plan(ir, &observed, scope, now);
    assert_eq!(plan.differs_from(&bare), BTreeSet::new(), "a record decides nothing");
    let drift = plan.steps.iter().find(|step| step.cause == Cause::Drift);
    assert!(!turn.meddling.is_empty() || drift.is_none(), "nothing was changed by hand: {drift:#?}");
    plan
}

/// Updates the records of the environments in the scope of an apply.
fn remember(record: &mut Record, plan: &Plan, outcome: &Outcome) {
    let scopes = plan.ir.environments.keys().map(|name| ScopeRef::of_environment(name));
    for scope in scopes.filter(|scope| plan.scope.covers(*scope)) {
        let written = LastApplied::after(record.get(scope.as_str()), plan, outcome, scope);
        record.insert(scope.to_scope(), written);
    }
    record.retain(|scope, _| !plan.scope.covers(scope.borrowed()) || plan.ir.declares(scope.borrowed()));
}

/// Applies until the plan is empty: one apply, or two if a call of the first fails.
async fn arrive(world: &World, ir: &Ir, scope: &Coverage, turn: &Turn, record: &mut Record) {
    world.memory.shuffle(turn.seed);
    if let Some((call, glitch)) = turn.glitch {
        world.memory.fail(call, glitch);
        if let Ok(observed) = observe(&world.memory, super::world::PROJECT, &super::world::regions()).await {
            let first = attributed(ir, observed, scope, (record, &world.now()), turn);
            let outcome = run(world, &first, turn.concurrency).await;
            remember(record, &first, &outcome);
            let failed: Vec<_> =
                outcome.failed.iter().filter(|failure| failure.error.request.is_some()).collect();
            assert!(failed.is_empty(), "refused: {failed:#?}");
        }
        world.memory.heal();
    }
    let calls = world.memory.calls().len();
    let observed = world.observe().await;
    let next = attributed(ir, observed, scope, (record, &world.now()), turn);
    let looked = &world.memory.calls()[calls..];
    assert!(looked.iter().all(|call| !call.is_write()), "a plan wrote");
    let outcome = run(world, &next, turn.concurrency).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    assert_eq!(outcome.done.len(), next.operations());
    remember(record, &next, &outcome);

    let after = plan(ir, &world.observe().await, scope, NOW);
    assert!(after.is_empty(), "not empty after an apply: {:#?}", after.steps);
}

/// The resources outside the scope, without the routes that an apply of a peered environment may change.
fn untouched(found: Vec<Found>, scope: &Coverage) -> Vec<Found> {
    let inside = |found: &Found| {
        let address = found.address.as_str();
        let far = address.rsplit_once("/peering/").map(|(_, far)| far);
        scope.covers(found.address.scope())
            || far.is_some_and(|far| scope.covers(ScopeRef::of_environment(far)))
    };
    let mut outside = found;
    outside.retain(|found| !inside(found));
    for found in &mut outside {
        if let Resource::RouteTable(table) = &mut found.resource {
            table.routes.retain(|route| route.destination.network().octets()[0] != 172);
        }
    }
    outside
}

/// Asserts that the live resources are exactly the wanted ones, without use of the planner.
pub(super) fn assert_is(world: &World, ir: &Ir) {
    let ours = world.ours();
    let ids: BTreeMap<&Address, &str> =
        ours.iter().map(|found| (&found.address, found.id.as_str())).collect();
    assert_eq!(ids.len(), ours.len(), "each address once");
    assert!(ids.keys().copied().eq(ir.resources.keys()), "all that is wanted and nothing else");
    for found in &ours {
        let node = &ir.resources[&found.address];
        let wanted = resolve(&node.resource, &mut |reference| match reference {
            Ref::To(address) => Ref::Id(ids[address].into()),
            other => other.clone(),
        });
        let mut live = as_decided(&found.resource, &wanted);
        if found.tags.contains_key(MOVED_TAG) {
            keep_names(&mut live, &wanted);
        }
        assert_eq!(live, wanted, "{}", found.address);
        assert_eq!(found.region, node.region);
        assert!(node.tags.iter().all(|(key, value)| found.tags.get(key) == Some(value)));
        let was_ours = found.tags.get("the team").is_some_and(|team| team != "theirs");
        assert!(!was_ours || node.tags.contains_key("the team"), "a tag stays that is no longer declared");
        assert_eq!(found.tags.contains_key(CREATED_TAG), !node.tags.is_empty());
    }
}

/// A live resource, with the values that the program does not change after creation taken from the program.
fn as_decided(live: &Resource, wanted: &Resource) -> Resource {
    let mut live = live.clone();
    if let (Resource::SmokeTest(live), Resource::SmokeTest(wanted)) = (&mut live, wanted) {
        live.image.clone_from(&wanted.image);
    }
    if let (Resource::AutoScalingGroup(live), Resource::AutoScalingGroup(wanted)) = (&mut live, wanted) {
        live.initial = wanted.initial;
        live.desired = live.desired.filter(|_| wanted.desired.is_some());
    }
    // Which end asked for a connection follows from the names of the environments, and these may change.
    if let (Resource::PeeringConnection(live), Resource::PeeringConnection(wanted)) = (&mut live, wanted)
        && live.requester == wanted.accepter
    {
        std::mem::swap(&mut live.requester, &mut live.accepter);
    }
    // A replaced load balancer has another name than the old one, which still serves.
    if let (Resource::ClassicLoadBalancer(live), Resource::ClassicLoadBalancer(wanted)) = (&mut live, wanted)
    {
        live.name.clone_from(&wanted.name);
    }
    live
}

/// Gives a resource whose declaration was renamed the name that its new address asks for.
fn keep_names(live: &mut Resource, wanted: &Resource) {
    match (live, wanted) {
        (Resource::AutoScalingGroup(live), Resource::AutoScalingGroup(wanted)) => {
            live.prefix.clone_from(&wanted.prefix);
        }
        (Resource::LaunchTemplate(live), Resource::LaunchTemplate(wanted)) => {
            live.name.clone_from(&wanted.name);
        }
        (Resource::SecurityGroup(live), Resource::SecurityGroup(wanted)) => {
            live.name.clone_from(&wanted.name);
        }
        (Resource::Topic(live), Resource::Topic(wanted)) => {
            live.name.clone_from(&wanted.name);
        }
        _ => {}
    }
}

/// Asserts that no route uses a peering connection that does not exist, and that the wanted routes from outside the
/// scope into it exist.
fn assert_neighbours_follow(world: &World, ir: &Ir, scope: &Coverage) {
    let ours = world.ours();
    let ids: BTreeMap<&Address, &str> =
        ours.iter().map(|found| (&found.address, found.id.as_str())).collect();
    for found in &ours {
        let Resource::RouteTable(live) = &found.resource else { continue };
        let through: BTreeSet<&str> = live.routes.iter().filter_map(|route| route.target.id()).collect();
        let is_gone = |id: &&str| id.starts_with("peering") && !ids.values().any(|there| there == id);
        assert!(!through.iter().any(is_gone), "{} leads nowhere", found.address);
        let Some(Resource::RouteTable(wanted)) = ir.resources.get(&found.address).map(|node| &node.resource)
        else {
            continue;
        };
        // A duplicate of a route table has no subnet.
        for route in wanted.routes.iter().filter(|_| live.subnet.is_some()) {
            let Ref::To(target) = &route.target else { continue };
            let far = target.as_str().rsplit_once("/peering/").map(|(_, far)| far);
            let leads_inside = far.is_some_and(|far| {
                scope.covers(ScopeRef::of_environment(far)) || scope.covers(target.scope())
            });
            if leads_inside && let Some(id) = ids.get(target) {
                assert!(through.contains(id), "{} does not follow", found.address);
            }
        }
    }
}

async fn meddle(world: &World, which: usize, how: Meddling) {
    let ours = world.ours();
    let Some(found) = ours.get(which % ours.len().max(1)) else { return };
    let Found { address, id, region, tags, resource } = found;
    match how {
        // The targets of the routes through it would be unknown afterwards.
        Meddling::Delete if matches!(resource, Resource::PeeringConnection(_)) => {}
        Meddling::Delete => {
            let _ =
                world.memory.delete(&Delete { region, address, id, live: resource, with_data: false }).await;
        }
        Meddling::Copy if matches!(resource, Resource::IngressRules(_)) => {}
        Meddling::Copy => {
            let mut resource = resource.clone();
            if let Resource::RouteTable(table) = &mut resource {
                table.subnet = None;
            }
            let mut tags = tags.clone();
            tags.remove(NAME_TAG);
            if let Some(created) = tags.get_mut(CREATED_TAG) {
                *created = world.now();
            }
            let order = Create { region, address, resource: &resource, tags: &tags, token: "" };
            let _ = world.memory.create(&order).await;
        }
        Meddling::Strip => world.memory.edit(resource.kind(), id, |resource, tags| {
            tags.retain(|key, _| key.starts_with("asiaq:") || key == CREATED_TAG);
            match resource {
                Resource::RouteTable(table) => {
                    (table.routes, table.subnet, table.propagation) = (BTreeSet::new(), None, None);
                }
                Resource::IngressRules(ingress) => ingress.rules.clear(),
                Resource::SecurityGroup(group) => group.egress.clear(),
                Resource::GatewayEndpoint(endpoint) => endpoint.route_tables.clear(),
                Resource::Vpc(vpc) => (vpc.dns_support, vpc.dhcp_options) = (false, None),
                _ => {}
            }
        }),
        Meddling::Add => world.memory.edit(resource.kind(), id, |resource, tags| {
            match resource {
                Resource::RouteTable(table) => {
                    let destination = "203.0.113.0/24".parse().unwrap();
                    table.routes.insert(Route { destination, target: Ref::Id("eni-1".into()) });
                }
                Resource::IngressRules(ingress) => {
                    let (protocol, source) = (Protocol::Udp, Source::Other("::/0".into()));
                    let description = String::new();
                    ingress.rules.insert(GroupRule { protocol, from: None, to: None, source, description });
                }
                _ => {}
            }
            if tags.contains_key(ADDRESS_TAG) {
                tags.insert("the team".into(), "theirs".into());
                tags.insert("note".into(), "by hand".into());
            }
        }),
    }
}

async fn check(turns: Vec<Turn>) {
    let world = World::new();
    let others = world.others();
    let mut record = Record::new();
    for turn in &turns {
        for (which, how) in &turn.meddling {
            meddle(&world, *which, *how).await;
        }
        let ir = world.lower(&turn.project);
        if let Some(envs) = &turn.scope {
            let scope = only(&envs.iter().copied().collect::<Vec<_>>());
            let before = untouched(world.ours(), &scope);
            arrive(&world, &ir, &scope, turn, &mut record).await;
            assert_eq!(before, untouched(world.ours(), &scope), "touched what is out of scope");
            assert_neighbours_follow(&world, &ir, &scope);
            arrive(&world, &ir, &Coverage { goal: Goal::Destroy, ..scope.clone() }, turn, &mut record).await;
            assert!(world.ours().iter().all(|found| !scope.covers(found.address.scope())), "left something");
            assert_neighbours_follow(&world, &ir, &scope);
            assert_eq!(before, untouched(world.ours(), &scope), "touched what is out of scope");
        }
        arrive(&world, &ir, &Coverage::default(), turn, &mut record).await;
        assert_is(&world, &ir);
    }
    if let Some(last) = turns.last() {
        let ir = world.lower(&last.project);
        arrive(&world, &ir, &Coverage { goal: Goal::Destroy, ..Coverage::default() }, last, &mut record)
            .await;
    }
    assert_eq!(world.ours(), [], "a destroy leaves nothing");
    assert_eq!(world.others(), others, "what is not ours is not touched");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_program_converges_despite_a_fault(turns in turns()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(turns));
    }
}
