//! What holds for every text that is read as a policy: for the tests that make texts up, and for the fuzzer.

use asiaq_iam::Problem;
use asiaq_iam::check::{Use, check, check_size, escalations};
use asiaq_iam::document::limits::Holder;
use asiaq_iam::document::normal::normal;
use asiaq_iam::document::print;
use asiaq_iam::document::read::{Bytes, read};
use asiaq_iam::evaluate::{
    Answer, Attached, Context, OfResource, Others, Policies, Request, Value, Who, evaluate, example,
};

/// Reads, checks, writes and evaluates a text: every problem stands in the text and knows a way out, what is sound
/// survives being written, and finding out more does not turn an answer round.
pub(crate) fn policy(text: &str) {
    let found = read(text);
    told(text, &found.problems);
    let Some(document) = found.document else {
        assert!(!found.problems.is_empty(), "nothing is said of {text:?}");
        return;
    };
    for of in [Use::Identity, Use::Trust, Use::Resource] {
        told(text, &check(&document, of));
    }
    told(text, &escalations(&[&document]));
    told(text, &check_size(&[&document, &document], Holder::User));
    if found.problems.is_empty() {
        let printed = print(&document);
        let again = read(&printed);
        assert!(again.problems.is_empty(), "{printed}: {:?}", again.problems);
        let again = again.document.map(|document| normal(&document));
        assert_eq!(again.as_ref(), Some(&normal(&document)), "{printed}");
    }
    let attached = || vec![Attached::Known { name: "policy", document: &document }];
    let of_resource = attached().into_iter().map(|policy| OfResource { of: None, policy }).collect();
    let policies = Policies { identity: attached(), resource: of_resource, ..Policies::default() };
    let mut request = Request {
        who: Who::User("arn:aws:iam::111111111111:user/alice".to_owned()),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::b/k".to_owned(),
        resource_account: Some("111111111111".to_owned()),
        context: Context::new(Others::Unknown),
    };
    let open = evaluate(&policies, &request);
    assert!(open.answer != Answer::Depends || !open.open.is_empty(), "it depends on nothing: {text}");
    let found = Value::Known(vec!["true".to_owned()]);
    request.context = Context::new(Others::Absent).with("aws:MultiFactorAuthPresent", found);
    let closed = evaluate(&policies, &request);
    assert!(open.answer == Answer::Depends || open.answer == closed.answer, "{text}");
    request.context = Context::new(Others::Unknown);
    (request.action, request.resource) = ("*".to_owned(), "*".to_owned());
    let wide = evaluate(&policies, &request).answer;
    for (wanted, other) in [(Answer::Allowed, Answer::Denied), (Answer::Denied, Answer::Allowed)] {
        if let Some(found) = example(&policies, &request, wanted, |_| true) {
            assert!(found.decision.answer == wanted && wide != other, "{text}");
        }
    }
}

fn told(text: &str, problems: &[Problem<Bytes>]) {
    for problem in problems {
        let mut places =
            std::iter::once(&problem.place).chain(problem.related.iter().map(|(place, _)| place));
        assert!(places.all(|place| text.get(place.clone()).is_some()), "{problem:?}");
        assert!(problem.help.is_some(), "no way out of {problem:?}");
        assert!(!problem.message.is_empty(), "{problem:?}");
    }
}
