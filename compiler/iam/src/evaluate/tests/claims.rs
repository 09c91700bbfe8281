//! What is claimed of many requests, against the second evaluator for each of them.

use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::*;

const ACTIONS: [&str; 5] = ["*", "s3:*", "s3:?etObject", "iam:PassRole", "s3:ListBucket"];
const RESOURCES: [&str; 5] =
    ["*", "arn:aws:s3:::a/*", "arn:aws:s3:::*", "arn:aws:iam::*:role/r", "arn:aws:s3:::b"];

/// A claim: policies, and who asks for what, of whose requests no key is known.
fn claim() -> impl Strategy<Value = (World, Request)> {
    let who = prop_oneof![
        Just(Who::User(ALICE.to_owned())),
        Just(Who::Role { arn: ROLE.to_owned(), session: Some("s".to_owned()) }),
    ];
    let few = (prop::collection::vec(document(false), 0..=2), prop::option::weighted(0.3, document(false)));
    let small = few.prop_map(|(identity, boundary)| World { identity, boundary, ..nothing() });
    let worlds = prop_oneof![2 => small, 1 => world(), 1 => under_conditions()];
    (worlds, who, select(ACTIONS.to_vec()), select(RESOURCES.to_vec())).prop_map(
        |(world, who, action, resource)| {
            let request = Request {
                who,
                action: action.to_owned(),
                resource: resource.to_owned(),
                resource_account: Some(ACCOUNT.to_owned()),
                context: Context::new(Others::Unknown),
            };
            (world, request)
        },
    )
}

/// The keys of a request as the second evaluator takes them; what follows from who asks has to be told.
fn told(request: &Request) -> Vec<(&'static str, Vec<String>)> {
    let mut all: Vec<(&'static str, Vec<String>)> = Vec::new();
    for (key, value) in request.context.known() {
        let name = fixture::KEYS.iter().find(|(name, ..)| *name == key).map(|(name, ..)| *name);
        if let Value::Known(values) = value {
            // Those of variables that are no keys of the fixture.
            all.extend(name.map(|name| (name, values.clone())));
        }
    }
    if matches!(request.who, Who::User(_)) {
        all.push(("aws:username", vec!["alice".to_owned()]));
    }
    all
}

fn naively(world: &World, request: &Request, values: &[(&'static str, Vec<String>)]) -> Option<bool> {
    let (yes, _) = naive::allows(world, request, values, true);
    let (no, _) = naive::allows(world, request, values, false);
    (yes == no).then_some(yes)
}

fn of_key(values: &[(&'static str, Vec<String>)], who: &Who) -> Vec<(&'static str, Vec<String>)> {
    let mut values = values.to_vec();
    values.retain(|(key, _)| *key != "aws:username");
    if matches!(who, Who::User(_)) {
        values.push(("aws:username", vec!["alice".to_owned()]));
    }
    values
}

fn any_example(world: &World, wide: &Request, wanted: Answer) -> Option<Request> {
    example(&world.policies(), wide, wanted, |_| true).map(|found| found.request)
}

proptest! {
    #[test]
    fn what_is_denied_is_denied_to_every_request((world, wide) in claim(), contexts in prop::collection::vec(values(), 8)) {
        let answer = world.answer(&wide);
        let fits = |pattern: &str, one: &&&str| naive::wild(pattern, one);
        for action in fixture::ACTIONS.iter().filter(|one| fits(&wide.action, one)) {
            for resource in fixture::RESOURCES.iter().filter(|one| fits(&wide.resource, one)) {
                for values in &contexts {
                    let values = of_key(values, &wide.who);
                    let one = Request {
                        action: (*action).to_owned(),
                        resource: (*resource).to_owned(),
                        context: context(&values),
                        ..wide.clone()
                    };
                    match (answer, naively(&world, &one, &values)) {
                        (Answer::Denied, found) => prop_assert_ne!(found, Some(true), "{} {}", action, resource),
                        (Answer::Allowed, found) => prop_assert_ne!(found, Some(false), "{} {}", action, resource),
                        (Answer::Depends, _) => {}
                    }
                }
            }
        }
    }

    #[test]
    fn an_example_is_one_for_the_second_evaluator((world, wide) in claim()) {
        let answer = world.answer(&wide);
        for (wanted, is_allowed) in [(Answer::Allowed, true), (Answer::Denied, false)] {
            let Some(found) = any_example(&world, &wide, wanted) else { continue };
            prop_assert!(answer == wanted || answer == Answer::Depends, "{answer:?} {found:?}");
            let (pattern, one) = (wide.action.to_lowercase(), found.action.to_lowercase());
            prop_assert!(naive::wild(&pattern, &one), "{} is not meant", found.action);
            // An action without resources is asked for with all of them.
            prop_assert!(found.resource == "*" || naive::wild(&wide.resource, &found.resource), "{}", found.resource);
            if found.resource != "*" {
                prop_assert_eq!(naively(&world, &found, &told(&found)), Some(is_allowed), "{:?}", found);
            }
        }
    }
}

/// Claims that are neither proved nor broken by an example are few.
#[test]
fn most_claims_are_decided() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let (mut open, mut undecided) = (0, 0);
    for _ in 0..2_000 {
        let (world, wide) = claim().new_tree(&mut runner).unwrap().current();
        if world.answer(&wide) == Answer::Depends {
            open += 1;
            undecided += usize::from(any_example(&world, &wide, Answer::Allowed).is_none());
        }
    }
    assert!(open > 400, "{open}");
    assert!(undecided * 3 < open, "{undecided} of {open}");
}
