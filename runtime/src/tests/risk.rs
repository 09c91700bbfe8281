//! Tests of the risk of steps, and of the protection that follows from it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, AutoScalingGroup, ClassicListener, Disk, Ir, Kind, Resource, Risk, Scope};

use super::plan::{peered, small};
use super::world::{Machines, Project, World, only};
use crate::{Action, Coverage, Goal, Plan};

/// An environment with a balanced group of two instances.
fn running() -> Project {
    let mut project = small();
    let machines = Machines { is_balanced: true, desired: Some(2), ..Machines::default() };
    project.env("ci").machines = BTreeMap::from([("mhcfoo", machines)]);
    project
}

const GROUP: &str = "ci/hostclass/mhcfoo/group";

fn edit(ir: &mut Ir, path: &str, edit: impl FnOnce(&mut Resource)) {
    edit(&mut ir.resources.get_mut(&Address::new("ci", path)).unwrap().resource);
}

/// The program, with a volume beside the root in each instance where `with_data`.
fn lowered(world: &World, project: &Project, with_data: bool) -> Ir {
    let mut ir = world.lower(project);
    let device = if with_data { "/dev/sdb" } else { "/dev/sda1" };
    let disk = Disk { device: device.to_owned(), size: Some(100), ..Disk::default() };
    edit(&mut ir, "hostclass/mhcfoo/launch-template", |resource| {
        let Resource::LaunchTemplate(template) = resource else { panic!("a template") };
        template.disks = BTreeSet::from([disk]);
    });
    ir
}

fn group(ir: &mut Ir, change: impl FnOnce(&mut AutoScalingGroup)) {
    edit(ir, "hostclass/mhcfoo/group", |resource| {
        let Resource::AutoScalingGroup(group) = resource else { panic!("a group") };
        change(group);
    });
}

fn risk(plan: &Plan, address: &str) -> Risk {
    plan.steps.iter().find(|step| step.address.as_str() == address).unwrap().risk
}

/// The steps that are refused when nothing is allowed.
fn refused(plan: &Plan) -> Vec<&str> {
    plan.refused(&BTreeSet::new()).into_iter().map(|refusal| refusal.step.address.as_str()).collect()
}

#[tokio::test]
async fn a_group_with_data_on_its_disks_loses_them_when_instances_end() {
    for (with_data, ends) in [(true, Risk::DataLoss), (false, Risk::Disruptive)] {
        let world = World::new();
        world.apply(&lowered(&world, &running(), with_data), &Coverage::default()).await;
        let after = async |change: fn(&mut AutoScalingGroup)| {
            let mut ir = lowered(&world, &running(), with_data);
            group(&mut ir, change);
            risk(&world.plan(&ir, &Coverage::default()).await, GROUP)
        };
        assert_eq!(after(|group| group.desired = Some(1)).await, ends);
        assert_eq!(after(|group| group.desired = Some(3)).await, Risk::Safe);
        assert_eq!(after(|group| group.max = Some(1)).await, ends);
        assert_eq!(after(|group| group.max = Some(8)).await, Risk::Disruptive, "nothing ends yet");
        assert_eq!(after(|group| group.max = Some(10)).await, Risk::Safe);
        assert_eq!(after(|group| group.min = Some(2)).await, Risk::Safe);
        assert_eq!(after(|group| group.prefix = "ci_other".to_owned()).await, ends.max(Risk::Replace));

        let mut gone = lowered(&world, &running(), with_data);
        gone.resources.retain(|address, _| !address.path().starts_with("hostclass/"));
        assert_eq!(risk(&world.plan(&gone, &Coverage::default()).await, GROUP), ends);
        // Disks that the program takes out are still those of the running instances.
        let mut bare = lowered(&world, &running(), false);
        group(&mut bare, |group| group.desired = Some(1));
        assert_eq!(risk(&world.plan(&bare, &Coverage::default()).await, GROUP), ends);
        let destroy = Coverage { goal: Goal::Destroy, ..Coverage::default() };
        assert_eq!(risk(&world.plan(&gone, &destroy).await, GROUP), ends);
    }
}

/// The running instances of a protected environment, and a program for it.
async fn protected() -> (World, Ir) {
    let mut project = running();
    project.env("ci").protect = true;
    let world = World::new();
    let mut ir = lowered(&world, &project, false);
    edit(&mut ir, "hostclass/mhcfoo/elb", |resource| {
        let Resource::ClassicLoadBalancer(balancer) = resource else { panic!("a load balancer") };
        balancer.listeners = [80, 443]
            .map(|port| ClassicListener {
                port,
                protocol: "TCP".to_owned(),
                to_port: 80,
                to_protocol: "TCP".to_owned(),
                certificate: None,
                tls_policy: None,
            })
            .into();
    });
    world.apply(&ir, &Coverage::default()).await;
    (world, ir)
}

#[tokio::test]
async fn a_protected_environment_refuses_the_end_of_what_serves() {
    let (world, ir) = protected().await;
    let mut gone = ir.clone();
    gone.resources.retain(|address, _| !address.path().starts_with("hostclass/"));
    let plan = world.plan(&gone, &Coverage::default()).await;
    assert_eq!(refused(&plan), ["ci/hostclass/mhcfoo/elb", GROUP]);
    assert!(plan.steps.iter().any(|step| step.kind == Kind::LaunchTemplate), "a template may go");
    assert!(plan.refused(&BTreeSet::from([Risk::Replace])).is_empty());

    // What is left of it, without a declaration and without its instances, is no end.
    let mut empty = ir.clone();
    group(&mut empty, |group| group.desired = Some(0));
    assert_eq!(refused(&world.plan(&empty, &Coverage::default()).await), [GROUP]);
    let mut fewer = ir.clone();
    group(&mut fewer, |group| group.desired = Some(1));
    assert_eq!(refused(&world.plan(&fewer, &Coverage::default()).await), [""; 0]);

    let mut closed = ir.clone();
    edit(&mut closed, "hostclass/mhcfoo/elb", |resource| {
        let Resource::ClassicLoadBalancer(balancer) = resource else { panic!("a load balancer") };
        balancer.listeners.retain(|listener| listener.port == 443);
    });
    assert_eq!(refused(&world.plan(&closed, &Coverage::default()).await), ["ci/hostclass/mhcfoo/elb"]);
}

/// Every kind, in a protected environment that has one of each of those that the tests can make: what the kind's end
/// means is what decides.
#[tokio::test]
async fn each_deletion_in_a_protected_environment_is_refused_by_what_ends() {
    let (world, ir) = protected().await;
    let mut bare = ir.clone();
    bare.resources.retain(|address, _| address.path() == "vpc");
    let plan = world.plan(&bare, &Coverage::default()).await;
    let deletions = plan.steps.iter().filter(|step| matches!(step.action, Action::Delete { .. }));
    let kinds: BTreeMap<&str, Kind> = deletions.map(|step| (step.address.as_str(), step.kind)).collect();
    assert!(kinds.len() > 5, "{kinds:?}");
    let refused: BTreeSet<&str> = refused(&plan).into_iter().collect();
    for (address, kind) in kinds {
        let is_free =
            matches!(kind, Kind::LaunchTemplate | Kind::SmokeTest | Kind::IngressRules | Kind::DhcpOptions);
        assert_eq!(refused.contains(address), !is_free, "{kind:?} {address}");
    }
}

#[tokio::test]
async fn the_end_of_a_whole_environment_has_to_be_asked_for() {
    let world = World::with(&peered()).await;
    let ends = async |project: &Project, scope: &Coverage| -> Vec<Scope> {
        world.plan(&world.lower(project), scope).await.unnamed_ends().into_keys().collect()
    };
    let qa = [Scope::environment("qa")];
    assert_eq!(ends(&small(), &Coverage::default()).await, qa);
    assert_eq!(ends(&peered(), &Coverage::default()).await, []);
    // The environments of an account are not named one by one.
    assert_eq!(ends(&small(), &only(&["ci", "qa"])).await, qa);
    assert_eq!(ends(&small(), &Coverage { named: true, ..only(&["qa"]) }).await, []);
    assert_eq!(ends(&small(), &Coverage { goal: Goal::Destroy, ..Coverage::default() }).await, []);
    assert_eq!(ends(&Project::default(), &Coverage::default()).await.len(), 2);
}
