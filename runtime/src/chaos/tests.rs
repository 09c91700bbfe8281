use proptest::prelude::*;

use super::*;

fn share(text: &str) -> Share {
    text.parse().unwrap()
}

fn rule(level: &str, retain: &str) -> ChaosRule {
    ChaosRule { level: share(level), retain: share(retain), most: None, seed: 7 }
}

/// A group of so many healthy instances that takes part.
fn group(name: &str, healthy: usize) -> (ChaosGroup, ChaosTerms) {
    let machine = |number| ChaosMachine {
        id: format!("i-{name}{number:03}"),
        is_healthy: true,
        ..ChaosMachine::default()
    };
    let group = ChaosGroup {
        name: name.to_owned(),
        environment: "ci".to_owned(),
        hostclass: name.to_owned(),
        machines: (0..healthy).map(machine).collect(),
        ..ChaosGroup::default()
    };
    (group, ChaosTerms { allowed: Some(true), ..ChaosTerms::default() })
}

fn opted_out(name: &str, healthy: usize) -> (ChaosGroup, ChaosTerms) {
    let (mut group, terms) = group(name, healthy);
    group.tags.insert(CHAOS_TAG.to_owned(), "False".to_owned());
    (group, terms)
}

/// How many may be chosen, and how many are.
fn numbers(rule: ChaosRule, groups: &[(ChaosGroup, ChaosTerms)]) -> (usize, usize) {
    let plan = rule.choose(groups);
    (plan.groups.iter().map(|share| share.eligible).sum(), plan.chosen.len())
}

/// The numbers of the original, which counted the wanted instances in place of the healthy ones.
#[test]
fn shares_are_rounded_as_documented() {
    assert_eq!(numbers(rule("1%", "33.3%"), &[group("web", 3)]), (2, 1));
    assert_eq!(numbers(rule("100%", "0.0001%"), &[group("web", 1)]), (0, 0));
    assert_eq!(numbers(rule("1%", "0%"), &[group("web", 1)]), (1, 1));
    let some = [opted_out("db", 30), group("web", 10), group("mail", 10)];
    assert_eq!(numbers(rule("1%", "30%"), &some), (14, 1));
    assert_eq!(numbers(rule("100%", "30%"), &some), (14, 14));
    assert_eq!(numbers(rule("25%", "0%"), &[group("web", 100)]), (100, 25));
    assert_eq!(numbers(rule("1%", "0%"), &[group("web", 150)]), (150, 1));
    assert_eq!(numbers(rule("1%", "0%"), &[group("web", 199)]), (199, 1));
    assert_eq!(numbers(rule("1%", "0%"), &[group("web", 200)]), (200, 2));
    assert_eq!(numbers(ChaosRule { most: Some(3), ..rule("50%", "0%") }, &[group("web", 10)]), (10, 3));
    assert_eq!(numbers(rule("1%", "0%"), &[group("web", 0)]), (0, 0));
    assert_eq!(numbers(rule("100%", "0%"), &[]), (0, 0));
}

#[test]
fn what_is_left_out_says_why() {
    let mut groups = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut ChaosGroup, &mut ChaosTerms)| {
        let (mut group, mut terms) = group(name, 4);
        change(&mut group, &mut terms);
        groups.push((group, terms));
    };
    add("program", &|_, terms| terms.allowed = Some(false));
    add("tag", &|group, _| drop(group.tags.insert(CHAOS_TAG.to_owned(), "no".to_owned())));
    add("deploy", &|group, _| drop(group.tags.insert(DEPLOY_TAG.to_owned(), "?".to_owned())));
    add("copy", &|group, _| drop(group.tags.insert(DEPLOY_OF_TAG.to_owned(), "5f".to_owned())));
    add("other", &|group, _| group.hostclass = "copy".to_owned());
    add("stuck", &|group, _| group.suspended = BTreeSet::from(["Launch".to_owned()]));
    add("safe", &|_, terms| terms.protection = Some("it is protected".to_owned()));
    add("unnamed", &|_, terms| terms.is_unnamed = true);
    add("away", &|group, _| group.machines.iter_mut().for_each(|one| one.is_healthy = false));
    add("yes", &|group, terms| {
        terms.allowed = None;
        group.tags.insert(CHAOS_TAG.to_owned(), "True".to_owned());
        group.suspended.insert("AlarmNotification".to_owned());
        group.machines[0].chaos = Some("False".to_owned());
        group.machines[1].is_protected = true;
        group.machines[2].is_healthy = false;
    });
    let plan = rule("100%", "0%").choose(&groups);
    let reasons: Vec<&str> = plan.groups.iter().map(|one| one.reason.as_deref().unwrap_or("-")).collect();
    assert_eq!(
        reasons,
        [
            "the program says `chaos = false`",
            "its tag `chaos` is `no`",
            "it is part of a deploy that is under way",
            "it is part of a deploy that is under way",
            "it is part of a deploy that is under way",
            "it replaces nothing: Launch is suspended",
            "it is protected",
            "other hostclasses are named",
            "none of its instances is in service and healthy",
            "-",
        ]
    );
    let last = plan.groups.last().unwrap();
    assert_eq!((last.healthy, last.kept, last.eligible, last.chosen), (3, 0, 1, 1));
    assert_eq!(
        last.spared.values().map(String::as_str).collect::<Vec<_>>(),
        ["its tag `chaos` is `False`", "it is protected from scale-in"]
    );
    assert_eq!(plan.chosen.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["i-yes003"]);
}

#[test]
fn every_instance_that_may_be_chosen_is_chosen_as_often() {
    let groups = [group("a", 10), group("b", 2)];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..6000 {
        let plan = ChaosRule { seed, ..rule("1%", "50%") }.choose(&groups);
        for one in plan.chosen {
            *seen.entry(one.id).or_default() += 1;
        }
    }
    // Of the six that may be chosen each time, five are of `a`: each of its ten is one in half of the draws.
    assert_eq!(seen.keys().filter(|id| id.starts_with("i-a")).count(), 10);
    assert_eq!(seen.len(), 12);
    assert!(seen.values().all(|times| (400..600).contains(times)), "{seen:?}");
}

/// A group with a retained share, as a second, naive implementation counts it.
fn naive_eligible(healthy: usize, free: usize, retain: u32) -> usize {
    let mut kept = 0;
    while kept * 1_000_000 < healthy * retain as usize {
        kept += 1;
    }
    free.min(healthy - kept)
}

proptest! {
    #[test]
    fn the_numbers_are_those_of_a_naive_count(
        made in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec((0_u8..6, any::<bool>()), 0..12)),
            0..6,
        ),
        level in 1_u32..=1_000_000,
        retain in 0_u32..=1_000_000,
        most in proptest::option::of(0_usize..9),
        seed in any::<u64>(),
    ) {
        let percent = |parts: u32| share(&format!("{}.{:04}%", parts / 10_000, parts % 10_000));
        let rule = ChaosRule { level: percent(level), retain: percent(retain), most, seed };
        let mut groups = Vec::new();
        let (mut total, mut eligible) = (0, 0);
        for (at, (takes_part, machines)) in made.iter().enumerate() {
            let (mut group, terms) = group(&format!("g{at}"), machines.len());
            if !takes_part {
                group.tags.insert(CHAOS_TAG.to_owned(), "0".to_owned());
            }
            for (machine, (state, is_tagged)) in group.machines.iter_mut().zip(machines) {
                machine.is_healthy = *state > 0;
                machine.is_protected = *state == 1;
                machine.chaos = is_tagged.then(|| if *state == 2 { "false" } else { "YES" }.to_owned());
            }
            let healthy = machines.iter().filter(|(state, _)| *state > 0).count();
            let free = machines.iter().filter(|(state, tagged)| *state > 1 && !(*state == 2 && *tagged)).count();
            if *takes_part {
                total += healthy;
                eligible += naive_eligible(healthy, free, retain);
            }
            groups.push((group, terms));
        }
        let plan = rule.choose(&groups);
        prop_assert_eq!(plan.healthy, total);
        prop_assert_eq!(plan.groups.iter().map(|one| one.eligible).sum::<usize>(), eligible);
        let mut wanted = 0;
        while (wanted + 1) * 1_000_000 <= total * level as usize {
            wanted += 1;
        }
        let wanted = if total == 0 { 0 } else { wanted.max(1) };
        prop_assert_eq!(plan.wanted, wanted);
        prop_assert_eq!(plan.chosen.len(), wanted.min(eligible).min(most.unwrap_or(usize::MAX)));
        let ids: BTreeSet<&str> = plan.chosen.iter().map(|one| one.id.as_str()).collect();
        prop_assert_eq!(ids.len(), plan.chosen.len());
        for (group, _) in &groups {
            let own = plan.chosen.iter().filter(|one| one.group == group.name).count();
            let said = plan.groups.iter().find(|one| one.group == group.name).unwrap();
            prop_assert_eq!(said.chosen, own);
            prop_assert!(own <= said.eligible && said.healthy - own >= said.kept);
            for machine in group.machines.iter().filter(|one| ids.contains(one.id.as_str())) {
                prop_assert!(machine.is_healthy && machine.reason().is_none());
            }
        }
        // A second look names the same ones, in whatever order AWS lists them.
        let mut others = groups;
        others.reverse();
        for (group, _) in &mut others {
            group.machines.reverse();
        }
        prop_assert_eq!(rule.choose(&others).chosen, plan.chosen);
    }
}
