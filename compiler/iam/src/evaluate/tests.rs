mod claims;
mod manual;
mod naive;
mod node;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::document::{Operator, Quantifier, Text, print};
use crate::fixture;

const ACCOUNT: &str = "111111111111";
const ALICE: &str = "arn:aws:iam::111111111111:user/alice";
const ROLE: &str = "arn:aws:iam::111111111111:role/r";

/// The policies that apply, as documents.
#[derive(Clone, Debug)]
struct World {
    identity: Vec<Document<()>>,
    boundary: Option<Document<()>>,
    session: Option<Document<()>>,
    resource: Vec<Document<()>>,
    control: Vec<Document<()>>,
    resource_control: Vec<Document<()>>,
}

fn nothing() -> World {
    World {
        identity: vec![],
        boundary: None,
        session: None,
        resource: vec![],
        control: vec![],
        resource_control: vec![],
    }
}

fn attached(documents: &[Document<()>]) -> Vec<Attached<'_, ()>> {
    documents.iter().map(|document| Attached::Known { name: "p", document }).collect()
}

impl World {
    fn policies(&self) -> Policies<'_, ()> {
        Policies {
            identity: attached(&self.identity),
            boundary: self.boundary.as_ref().map(|document| Attached::Known { name: "b", document }),
            session: self.session.as_ref().map(|document| vec![Attached::Known { name: "s", document }]),
            resource: attached(&self.resource)
                .into_iter()
                .map(|policy| OfResource { of: None, policy })
                .collect(),
            is_resource_unread: false,
            control: self.control.iter().map(|one| attached(std::slice::from_ref(one))).collect(),
            resource_control: self
                .resource_control
                .iter()
                .map(|one| attached(std::slice::from_ref(one)))
                .collect(),
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let decision = evaluate(&self.policies(), request);
        assert!(decision.answer != Answer::Depends || !decision.open.is_empty(), "{decision:?}");
        let is_explained = decision.answer == Answer::Depends
            || !decision.by.is_empty()
            || !decision.lacking.is_empty()
            // The root user needs no policy.
            || matches!(request.who, Who::Root(_));
        assert!(is_explained, "{decision:?}");
        decision.answer
    }
}

fn everything() -> Document<()> {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    crate::document::read::read(text).document.unwrap().map(&|_| ())
}

/// A policy, often one that allows everything, so that the others decide.
fn document(of_resource: bool) -> BoxedStrategy<Document<()>> {
    prop_oneof![3 => fixture::document_of(of_resource), 2 => Just(everything())].boxed()
}

fn world() -> impl Strategy<Value = World> {
    let some = |of_resource: bool, most: usize| prop::collection::vec(document(of_resource), 0..=most);
    let maybe = || prop::option::weighted(0.3, document(false));
    let resource = prop::collection::vec(fixture::document_of(true), 0..=2);
    (some(false, 2), maybe(), maybe(), resource, some(false, 1), some(false, 1)).prop_map(
        |(identity, boundary, session, resource, control, resource_control)| World {
            identity,
            boundary,
            session,
            resource,
            control,
            resource_control,
        },
    )
}

/// Values of all keys of the fixture; none for a key that the request does not have.
fn values() -> impl Strategy<Value = Vec<(&'static str, Vec<String>)>> {
    let one = |(name, _, _, values): &fixture::Key| {
        let name = *name;
        let count = prop_oneof![2 => Just(0_usize), 5 => Just(1), 1 => Just(2)];
        (count, prop::sample::subsequence(values.to_vec(), 2)).prop_map(move |(count, found)| {
            (name, found.into_iter().take(count).map(str::to_owned).collect::<Vec<_>>())
        })
    };
    fixture::KEYS.iter().map(one).collect::<Vec<_>>()
}

fn context(values: &[(&'static str, Vec<String>)]) -> Context {
    let known = |context: Context, (key, values): &(&str, Vec<String>)| {
        context.with(key, Value::Known(values.clone()))
    };
    values.iter().fold(Context::new(Others::Absent), known)
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        4 => Just(Who::User(ALICE.to_owned())),
        4 => Just(Who::Role { arn: ROLE.to_owned(), session: Some("s".to_owned()) }),
        1 => Just(Who::Root(ACCOUNT.to_owned())),
        1 => Just(Who::Anonymous),
    ]
}

fn request() -> impl Strategy<Value = (Request, Vec<(&'static str, Vec<String>)>)> {
    let account = prop_oneof![3 => Just(ACCOUNT), 1 => Just("222222222222")];
    (who(), select(fixture::ACTIONS), select(fixture::RESOURCES), account, values()).prop_map(
        |(who, action, resource, account, values)| {
            let request = Request {
                who,
                action: action.to_owned(),
                resource: resource.to_owned(),
                resource_account: Some(account.to_owned()),
                context: context(&values),
            };
            (request, values)
        },
    )
}

/// A policy that allows everything under some conditions and nothing else.
fn under_conditions() -> impl Strategy<Value = World> {
    let conditions = prop::collection::vec(fixture::condition(), 1..=2);
    conditions.prop_map(|conditions| {
        let mut document = everything();
        document.statements[0].conditions = conditions;
        document.statements[0].conditions.dedup_by_key(|one| (one.operator, one.key.value.clone()));
        World { identity: vec![document], ..nothing() }
    })
}

/// Worlds of all kinds, and those in which only conditions count.
fn any_world() -> impl Strategy<Value = World> {
    prop_oneof![world().boxed(), under_conditions().boxed()]
}

/// Each operator with each value of a policy and of a request, by itself.
#[test]
fn every_condition_holds_as_in_a_second_evaluator() {
    let mut asked = 0;
    for (key, tests, wanted, found) in fixture::KEYS {
        let quantifiers = [None, Some(Quantifier::ForAllValues), Some(Quantifier::ForAnyValue)];
        let operators = tests.iter().flat_map(|test| quantifiers.map(|quantifier| (*test, quantifier)));
        for ((test, quantifier), if_exists) in operators.flat_map(|one| [(one, false), (one, true)]) {
            for (wanted, found) in wanted.iter().flat_map(|wanted| {
                let some = found.iter().map(|found| Some(*found)).chain([None]);
                some.map(move |found| (*wanted, found))
            }) {
                let mut document = everything();
                document.statements[0].conditions = vec![Condition {
                    place: (),
                    operator: Operator { quantifier, test, if_exists },
                    operator_place: (),
                    key: Text::new((), *key),
                    values: vec![Text::new((), wanted)],
                }];
                let world = World { identity: vec![document], ..nothing() };
                agree(&world, &[(*key, found.into_iter().map(str::to_owned).collect())]);
                asked += 1;
            }
        }
    }
    assert!(asked > 4_000);
}

/// Compares the answers for a request of which everything is known, and then each key but one.
fn agree(world: &World, values: &[(&'static str, Vec<String>)]) {
    let request = |values: &[(&'static str, Vec<String>)], others: Others| {
        let known = |context: Context, (key, values): &(&str, Vec<String>)| {
            context.with(key, Value::Known(values.clone()))
        };
        Request {
            who: Who::User(ALICE.to_owned()),
            action: "s3:GetObject".to_owned(),
            resource: "arn:aws:s3:::b".to_owned(),
            resource_account: Some(ACCOUNT.to_owned()),
            context: values.iter().fold(Context::new(others), known),
        }
    };
    let mut all = values.to_vec();
    // What follows from the principal has to be told to the second evaluator.
    if !all.iter().any(|(key, _)| *key == "aws:username") {
        all.push(("aws:username", vec!["alice".to_owned()]));
    }
    let whole = request(&all, Others::Absent);
    let answer = world.answer(&whole);
    let (yes, is_open) = naive::allows(world, &whole, &all, true);
    let (no, _) = naive::allows(world, &whole, &all, false);
    match answer {
        Answer::Allowed => assert!(yes && no, "{world:?} {values:?}"),
        Answer::Denied => assert!(!yes && !no, "{world:?} {values:?}"),
        Answer::Depends => assert!(is_open, "{world:?} {values:?}"),
    }
    all.retain(|(key, _)| key.starts_with("aws:"));
    for less in [request(values, Others::Unknown), request(&all, Others::Unknown)] {
        let less = world.answer(&less);
        assert!(less == Answer::Depends || less == answer, "{world:?} {values:?} {less:?} {answer:?}");
    }
}

proptest! {
    #[test]
    fn answers_are_those_of_a_second_evaluator(world in any_world(), (request, values) in request()) {
        let (yes, is_open) = naive::allows(&world, &request, &values, true);
        let (no, is_open_too) = naive::allows(&world, &request, &values, false);
        match world.answer(&request) {
            Answer::Allowed => prop_assert!(yes && no),
            Answer::Denied => prop_assert!(!yes && !no),
            Answer::Depends => prop_assert!(is_open || is_open_too, "nothing is open"),
        }
    }

    #[test]
    fn an_answer_holds_whatever_is_found_out(
        world in any_world(),
        (request, values) in request(),
        hidden in prop::collection::vec(any::<bool>(), fixture::KEYS.len()),
        is_account_hidden in prop::bool::weighted(0.2),
        is_session_hidden in prop::bool::weighted(0.3),
    ) {
        let mut partial = request.clone();
        partial.context = Context::new(Others::Unknown);
        for ((key, values), is_hidden) in values.iter().zip(hidden) {
            // Keys of the principal follow from it.
            if !is_hidden || key.starts_with("aws:") {
                partial.context = partial.context.with(key, Value::Known(values.clone()));
            }
        }
        if is_account_hidden {
            partial.resource_account = None;
        }
        if let (true, Who::Role { session, .. }) = (is_session_hidden, &mut partial.who) {
            *session = None;
        }
        let (less, more) = (world.answer(&partial), world.answer(&request));
        prop_assert!(less == Answer::Depends || less == more, "{less:?} {more:?}");
    }

    #[test]
    fn an_answer_for_a_pattern_holds_for_all_that_it_matches(
        world in world(),
        (request, _) in request(),
        action in select(vec!["*", "s3:*", "s3:?etObject", "iam:PassRole"]),
        resource in select(vec!["*", "arn:aws:s3:::a/*", "arn:aws:s3:::*", "arn:aws:iam::*:role/r"]),
    ) {
        let wide = Request { action: action.to_owned(), resource: resource.to_owned(), ..request.clone() };
        let answer = world.answer(&wide);
        let fits = |pattern: &str, one: &str| naive::wild(pattern, one);
        for action in fixture::ACTIONS.iter().filter(|one| fits(action, one)) {
            for resource in fixture::RESOURCES.iter().filter(|one| fits(resource, one)) {
                let one = Request { action: (*action).to_owned(), resource: (*resource).to_owned(), ..request.clone() };
                let found = world.answer(&one);
                prop_assert!(answer == Answer::Depends || answer == found, "{action} {resource} {answer:?} {found:?}");
            }
        }
    }

    #[test]
    fn a_policy_that_is_written_and_read_allows_the_same(world in world(), (request, _) in request()) {
        let again = |document: &Document<()>| {
            crate::document::read::read(&print(document)).document.unwrap().map(&|_| ())
        };
        let other = World { identity: world.identity.iter().map(again).collect(), ..world.clone() };
        prop_assert_eq!(world.answer(&request), other.answer(&request));
    }
}
