//! Autoscaling groups: sizes, machines, load balancers, schedules, policies, and their end.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, AutoScalingGroup, CREATED_TAG, ENV_TAG, GroupSize, Health, Kind, LaunchTemplate, NAME_TAG,
    PROJECT_TAG, Ref, Resource, STAGE_TAG, Scaling, ScalingPolicy, ScalingStep, Schedule, Spot,
};
use asiaq_runtime::{Cloud as _, Found};

use crate::account::{Account, PROJECT, REGION, id, refs, tags};
use crate::templates::template;

pub(crate) const PATH: &str = "hostclass/mhcfoo/group";

/// What the emulator needs before it can make a group.
pub(crate) struct Ground {
    pub(crate) account: Account,
    pub(crate) groups: aws_sdk_autoscaling::Client,
    pub(crate) security: Ref,
    pub(crate) template: Ref,
    pub(crate) subnets: [Ref; 2],
}

impl Ground {
    pub(crate) async fn new() -> Self {
        Self::at(Account::new()).await
    }

    /// The same in this account.
    pub(crate) async fn at(account: Account) -> Self {
        let vpc = account.vpc().await;
        let subnets = [
            account.subnet(&vpc, "intranet/subnet/1", "10.0.0.0/24").await,
            account.subnet(&vpc, "intranet/subnet/2", "10.0.1.0/24").await,
        ];
        let group = asiaq_ir::SecurityGroup::new(vpc, "intranet", "x");
        let security = id(&account.create("intranet", group).await);
        let data = LaunchTemplate { groups: refs([&security]), ..template("ci_mhcfoo") };
        let template = id(&account.create("hostclass/mhcfoo/launch-template", data).await);
        let groups = aws_sdk_autoscaling::Client::new(&account.sdk);
        Self { account, groups, security, template, subnets }
    }

    pub(crate) fn group(&self) -> AutoScalingGroup {
        AutoScalingGroup {
            prefix: "ci_mhcfoo".to_owned(),
            launch_template: self.template.clone(),
            types: Vec::new(),
            spot: None,
            subnets: refs([&self.subnets[0], &self.subnets[1]]),
            min: Some(1),
            max: Some(4),
            desired: Some(2),
            initial: GroupSize { min: 1, desired: 2, max: 4 },
            health: Health::Ec2,
            grace: 300,
            termination_policies: vec!["OldestLaunchTemplate".to_owned(), "Default".to_owned()],
            load_balancers: BTreeSet::new(),
            target_groups: BTreeSet::new(),
            schedules: BTreeSet::new(),
            policies: BTreeSet::new(),
            metrics: BTreeSet::new(),
        }
    }

    pub(crate) async fn found(&self) -> (Found, AutoScalingGroup) {
        let found = self.account.found(Kind::AutoScalingGroup, PATH).await.expect("the group is there");
        let group = match found.resource.clone() {
            Resource::AutoScalingGroup(group) => Some(group),
            _ => None,
        };
        (found, group.expect("it is a group"))
    }

    /// Changes the group as it is to the wanted one, which is then found.
    async fn becomes(&self, wanted: &AutoScalingGroup) {
        let (live, _) = self.found().await;
        self.account.update(&live, &wanted.clone().into()).await.unwrap();
        let (found, mut group) = self.found().await;
        group.initial = wanted.initial;
        assert_eq!((&found.id, &group), (&live.id, wanted));
    }

    async fn look(&self) -> aws_sdk_autoscaling::types::AutoScalingGroup {
        let (found, _) = self.found().await;
        let request = self.groups.describe_auto_scaling_groups().auto_scaling_group_names(found.id);
        request.send().await.unwrap().auto_scaling_groups.unwrap().pop().unwrap()
    }

    async fn machines(&self) -> Vec<aws_sdk_ec2::types::Instance> {
        let machines = self.look().await.instances.unwrap_or_default();
        let ids = machines.into_iter().filter_map(|machine| machine.instance_id).collect();
        let seen =
            self.account.by_hand.describe_instances().set_instance_ids(Some(ids)).send().await.unwrap();
        seen.reservations.unwrap().into_iter().flat_map(|seen| seen.instances.unwrap()).collect()
    }

    async fn actions(&self) -> BTreeSet<String> {
        let answer = self.groups.describe_scheduled_actions().send().await.unwrap();
        let actions = answer.scheduled_update_group_actions.unwrap_or_default();
        actions.into_iter().filter_map(|action| action.scheduled_action_name).collect()
    }

    async fn policies(&self) -> BTreeSet<(String, String)> {
        let answer = self.groups.describe_policies().send().await.unwrap();
        let policies = answer.scaling_policies.unwrap_or_default().into_iter();
        policies
            .map(|policy| (policy.auto_scaling_group_name.unwrap(), policy.policy_name.unwrap()))
            .collect()
    }

    async fn elb(&self, name: &str) -> Ref {
        let elb = aws_sdk_elasticloadbalancing::Client::new(&self.account.sdk);
        let listener = aws_sdk_elasticloadbalancing::types::Listener::builder()
            .protocol("HTTP")
            .load_balancer_port(80)
            .instance_port(80)
            .build()
            .unwrap();
        let request = elb.create_load_balancer().load_balancer_name(name).listeners(listener);
        request.subnets(self.subnets[0].id().unwrap()).send().await.unwrap();
        id(name)
    }

    async fn target_group(&self, name: &str) -> Ref {
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.account.sdk);
        let vpcs = self.account.by_hand.describe_vpcs().send().await.unwrap();
        let vpc = vpcs.vpcs().first().unwrap().vpc_id().unwrap();
        let request = elb.create_target_group().name(name).port(80).vpc_id(vpc);
        let made = request.protocol("HTTP".into()).send().await.unwrap();
        id(made.target_groups().first().unwrap().target_group_arn().unwrap())
    }
}

fn at(cron: &str, sizes: [Option<u32>; 3]) -> Schedule {
    let [min, desired, max] = sizes;
    Schedule { cron: cron.to_owned(), min, desired, max }
}

fn policy(name: &str, scaling: Scaling) -> ScalingPolicy {
    ScalingPolicy { name: name.to_owned(), scaling }
}

#[tokio::test]
async fn a_group_is_made_with_machines_that_carry_its_tags() {
    let ground = Ground::new().await;
    let made = ground.account.create(PATH, ground.group()).await;
    assert_eq!(made, "ci_mhcfoo_1795299142", "the time is that of the tag `create_date`");
    let (found, group) = ground.found().await;
    assert_eq!(group, ground.group());
    let name = (NAME_TAG.to_owned(), made.clone());
    assert_eq!(found.tags, tags(&found.resource, PATH).into_iter().chain([name]).collect());

    let machines = ground.machines().await;
    let subnets: BTreeSet<Ref> = machines.iter().map(|machine| id(machine.subnet_id().unwrap())).collect();
    assert_eq!((machines.len(), subnets), (2, group.subnets));
    let tags: BTreeMap<&str, &str> =
        machines[0].tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
    assert_eq!((tags[PROJECT_TAG], tags[ENV_TAG], tags["Name"]), (PROJECT, "ci", "a <name> & more"));
    for of_the_group in [ADDRESS_TAG, NAME_TAG, CREATED_TAG] {
        assert!(!tags.contains_key(of_the_group), "{tags:?}");
    }
}

#[tokio::test]
async fn a_group_changes_in_every_field() {
    let ground = Ground::new().await;
    let first = ground.group();
    ground.account.create(PATH, first.clone()).await;
    let other = LaunchTemplate { groups: refs([&ground.security]), ..template("ci_mhcfoo-2") };
    let other = id(&ground.account.create("hostclass/mhcfoo/launch-template/2", other).await);
    for wanted in [
        AutoScalingGroup { min: Some(2), max: Some(6), desired: Some(5), grace: 60, ..first.clone() },
        AutoScalingGroup { subnets: refs([&ground.subnets[1]]), desired: Some(1), ..first.clone() },
        AutoScalingGroup { launch_template: other, ..first.clone() },
        AutoScalingGroup { types: vec!["m5.large".into(), "c5.large".into()], ..first.clone() },
        AutoScalingGroup {
            types: vec!["c5.large".into()],
            spot: Some(Spot { base: 1, on_demand: 25 }),
            ..first.clone()
        },
        // A change of something else forgets neither.
        AutoScalingGroup {
            types: vec!["c5.large".into()],
            spot: Some(Spot { base: 1, on_demand: 25 }),
            termination_policies: vec!["NewestInstance".into()],
            ..first.clone()
        },
        AutoScalingGroup { spot: Some(Spot { base: 0, on_demand: 0 }), ..first.clone() },
        AutoScalingGroup { health: Health::Balancer, ..first.clone() },
        first.clone(),
    ] {
        ground.becomes(&wanted).await;
    }
}

#[tokio::test]
async fn a_size_that_nobody_says_stays_as_it_is() {
    let ground = Ground::new().await;
    let unsaid = AutoScalingGroup { desired: None, ..ground.group() };
    ground.account.create(PATH, unsaid.clone()).await;
    let (live, group) = ground.found().await;
    assert_eq!((group.desired, group.initial), (Some(2), GroupSize { min: 1, desired: 2, max: 4 }));
    ground
        .groups
        .set_desired_capacity()
        .auto_scaling_group_name(&live.id)
        .desired_capacity(3)
        .send()
        .await
        .unwrap();
    let (live, _) = ground.found().await;
    ground.account.update(&live, &AutoScalingGroup { max: Some(9), ..unsaid }.into()).await.unwrap();
    let (_, group) = ground.found().await;
    assert_eq!((group.desired, group.max), (Some(3), Some(9)));
}

#[tokio::test]
async fn schedules_change_by_their_difference() {
    let ground = Ground::new().await;
    let (morning, evening) = ("0 8 * * 1-5", "0 22 * * *");
    let with = |schedules: &[Schedule]| AutoScalingGroup {
        schedules: schedules.iter().cloned().collect(),
        ..ground.group()
    };
    let first = with(&[at(morning, [Some(2), Some(3), Some(4)]), at(evening, [None, Some(1), None])]);
    let group = ground.account.create(PATH, first.clone()).await;
    let (_, found) = ground.found().await;
    assert_eq!(found, first);
    let names = [format!("{group}_0_8_star_star_1-5"), format!("{group}_0_22_star_star_star")];
    assert_eq!(ground.actions().await, names.clone().into());

    // A field that is no longer said is gone, and a neighbour whose name goes on is no concern of ours.
    let neighbour = "ci_mhcfoobar_1";
    for (group, name) in [(neighbour, "ci_mhcfoobar_1_0_8_star_star_star"), (group.as_str(), "by hand")] {
        let request = ground.groups.put_scheduled_update_group_action().auto_scaling_group_name(group);
        request.scheduled_action_name(name).recurrence("9 9 * * *").min_size(1).send().await.unwrap();
    }
    let (_, drifted) = ground.found().await;
    assert_eq!(drifted.schedules.len(), 3, "a recurring action that nobody declares is a difference");
    ground
        .becomes(&with(&[at(morning, [Some(2), None, None]), at("1 2 3 4 *", [None, None, Some(0)])]))
        .await;
    let left: BTreeSet<String> =
        [names[0].clone(), format!("{group}_1_2_3_4_star"), "ci_mhcfoobar_1_0_8_star_star_star".to_owned()]
            .into();
    assert_eq!(ground.actions().await, left);
    ground.becomes(&with(&[])).await;
    assert_eq!(ground.actions().await.len(), 1);
}

#[tokio::test]
async fn an_action_that_happens_once_is_left_alone() {
    let ground = Ground::new().await;
    let group = ground.account.create(PATH, ground.group()).await;
    let request = ground.groups.put_scheduled_update_group_action().auto_scaling_group_name(&group);
    let time = aws_smithy_types::DateTime::from_secs(1_900_000_000);
    request.scheduled_action_name("once").start_time(time).min_size(1).send().await.unwrap();
    let schedules = [at("0 8 * * *", [Some(1), None, None])].into();
    ground.becomes(&AutoScalingGroup { schedules, ..ground.group() }).await;
    ground.becomes(&ground.group()).await;
    assert_eq!(ground.actions().await, ["once".to_owned()].into());
}

#[tokio::test]
async fn policies_change_by_their_difference() {
    let ground = Ground::new().await;
    let with = |policies: &[ScalingPolicy]| AutoScalingGroup {
        policies: policies.iter().cloned().collect(),
        ..ground.group()
    };
    let simple =
        |by: i32, at_least: Option<u32>| Scaling::Simple { by, percent: true, at_least, cooldown: 600 };
    let track = |target: &str| Scaling::Track {
        metric: "ASGAverageCPUUtilization".to_owned(),
        target: target.to_owned(),
    };
    let step = |from: Option<&str>, to: Option<&str>, by: i32| ScalingStep {
        from: from.map(ToOwned::to_owned),
        to: to.map(ToOwned::to_owned),
        by,
    };
    let steps = Scaling::Steps {
        percent: false,
        at_least: None,
        warmup: 120,
        steps: vec![
            step(None, Some("-10"), -2),
            step(Some("-10"), Some("0"), -1),
            step(Some("0"), Some("12.5"), 1),
            step(Some("12.5"), None, 3),
        ],
    };
    let first = with(&[
        policy("up", simple(10, Some(1))),
        policy("down", simple(-10, Some(1))),
        policy("cpu", track("60")),
    ]);
    let group = ground.account.create(PATH, first.clone()).await;
    let (_, found) = ground.found().await;
    assert_eq!(found, first);

    // Another group has a policy of the same name.
    let neighbour = AutoScalingGroup { prefix: "ci_mhcfoobar".into(), ..with(&[policy("up", track("1"))]) };
    let neighbour_path = "hostclass/mhcfoobar/group";
    let other = ground.account.create(neighbour_path, neighbour.clone()).await;
    for wanted in [
        with(&[
            policy("up", simple(20, Some(2))),
            policy("cpu", track("0.5")),
            policy("load", steps.clone()),
        ]),
        with(&[policy("up", simple(20, None)), policy("cpu", steps), policy("load", track("70"))]),
        with(&[policy("up", Scaling::Simple { by: -1, percent: false, at_least: None, cooldown: 0 })]),
        with(&[]),
    ] {
        ground.becomes(&wanted).await;
    }
    assert_eq!(ground.policies().await, [(other.clone(), "up".to_owned())].into());
    let found = ground.account.found(Kind::AutoScalingGroup, neighbour_path).await.unwrap();
    assert_eq!(found.resource, neighbour.into());

    // What no program can say is nobody's mistake.
    let request = ground.groups.put_scaling_policy().auto_scaling_group_name(&group).policy_name("exactly");
    let request = request.policy_type("SimpleScaling").adjustment_type("ExactCapacity").scaling_adjustment(3);
    request.send().await.unwrap();
    ground.becomes(&with(&[])).await;
    assert_eq!(ground.policies().await.len(), 2);
}

#[tokio::test]
async fn load_balancers_are_joined_and_left() {
    let ground = Ground::new().await;
    let elbs = [ground.elb("one").await, ground.elb("two").await];
    let targets = [ground.target_group("one").await, ground.target_group("two").await];
    let with = |load_balancers: &[&Ref], target_groups: &[&Ref]| AutoScalingGroup {
        load_balancers: load_balancers.iter().copied().cloned().collect(),
        target_groups: target_groups.iter().copied().cloned().collect(),
        health: Health::Balancer,
        ..ground.group()
    };
    ground.account.create(PATH, with(&[&elbs[0]], &[&targets[0]])).await;
    for wanted in [
        with(&[&elbs[0]], &[&targets[0]]),
        with(&[&elbs[0], &elbs[1]], &[&targets[0], &targets[1]]),
        with(&[&elbs[1]], &[&targets[1]]),
        with(&[], &[]),
    ] {
        ground.becomes(&wanted).await;
    }
}

#[tokio::test]
async fn tags_of_a_group_come_and_go() {
    let ground = Ground::new().await;
    ground.account.create(PATH, ground.group()).await;
    let (live, _) = ground.found().await;
    let set: BTreeMap<String, String> =
        [("team", "a & b"), (STAGE_TAG, "2")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    ground.account.retag(&live, &live.resource, &set, &["Name".to_owned()].into()).await.unwrap();
    let group = ground.look().await;
    let propagated: BTreeMap<&str, bool> =
        group.tags().iter().map(|tag| (tag.key().unwrap(), tag.propagate_at_launch().unwrap())).collect();
    let expected = [(ADDRESS_TAG, false), (CREATED_TAG, false), (ENV_TAG, true), (PROJECT_TAG, true)];
    let expected =
        expected.into_iter().chain([("team", true), (STAGE_TAG, false), (NAME_TAG, false)]).collect();
    assert_eq!(propagated, expected);
}

#[tokio::test]
async fn a_group_goes_with_its_machines_and_no_other_does() {
    let ground = Ground::new().await;
    let scheduled = [at("0 8 * * *", [Some(1), None, None])].into();
    ground.account.create(PATH, AutoScalingGroup { schedules: scheduled, ..ground.group() }).await;
    let neighbour_path = "hostclass/mhcfoobar/group";
    let neighbour = AutoScalingGroup { prefix: "ci_mhcfoobar".into(), ..ground.group() };
    ground.account.create(neighbour_path, neighbour.clone()).await;
    let foreign =
        ground.groups.create_auto_scaling_group().auto_scaling_group_name("ci_mhcfoo_1").min_size(0);
    let specification = aws_sdk_autoscaling::types::LaunchTemplateSpecification::builder()
        .launch_template_id(ground.template.id().unwrap())
        .build();
    let foreign = foreign.max_size(0).launch_template(specification);
    foreign.vpc_zone_identifier(ground.subnets[0].id().unwrap()).send().await.unwrap();

    assert_eq!(ground.account.list(Kind::AutoScalingGroup).await.found.len(), 2, "theirs is not ours");
    let (live, _) = ground.found().await;
    let machines = ground.machines().await;
    ground.account.delete(&live).await.unwrap();
    assert_eq!(ground.account.found(Kind::AutoScalingGroup, PATH).await, None);
    ground.account.delete(&live).await.unwrap();
    for machine in machines {
        let seen = ground.account.by_hand.describe_instances().instance_ids(machine.instance_id().unwrap());
        let seen = seen.send().await.unwrap();
        let state =
            seen.reservations()[0].instances()[0].state().unwrap().name().unwrap().as_str().to_owned();
        assert_eq!(state, "terminated");
    }
    let left = ground.groups.describe_auto_scaling_groups().send().await.unwrap();
    assert_eq!(left.auto_scaling_groups().len(), 2);
    let found = ground.account.found(Kind::AutoScalingGroup, neighbour_path).await.unwrap();
    assert_eq!(found.resource, neighbour.into());
    assert_eq!(ground.actions().await, [].into());
}

#[tokio::test]
async fn groups_are_listed_from_every_page() {
    let ground = Ground::new().await;
    let none = AutoScalingGroup {
        min: Some(0),
        desired: Some(0),
        initial: GroupSize { min: 0, desired: 0, max: 4 },
        ..ground.group()
    };
    for number in 0..103 {
        let group = AutoScalingGroup { prefix: format!("ci_mhc{number}"), ..none.clone() };
        ground.account.create(&format!("hostclass/mhc{number}/group"), group).await;
    }
    assert_eq!(ground.account.list(Kind::AutoScalingGroup).await.found.len(), 103);
    let nobody = ground.account.aws.list(REGION, Kind::AutoScalingGroup, "nobody").await.unwrap();
    assert_eq!(nobody.found, []);
}
