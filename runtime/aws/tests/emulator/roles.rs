//! Sessions of roles: what STS is asked for, and when again. The emulator's sessions last, so the answers are replayed.

use asiaq_aws::{AssumedRole, Aws, Timeouts};
use asiaq_runtime::{Cloud as _, CloudError, Fault, Observer};

use crate::account::Account;
use crate::replay::{Answer, Replay};

const WHO: Answer = Answer::Ok(
    "<GetCallerIdentityResult><Arn>arn:aws:sts::444455556666:assumed-role/asiaq/asiaq-tests</Arn>\
     <UserId>AROA</UserId><Account>444455556666</Account></GetCallerIdentityResult>",
);

/// A session that has ended: whoever looks at it a second time needs another one.
const OVER: Answer = Answer::Ok(
    "<AssumeRoleResult><Credentials><AccessKeyId>ASIAFIRST</AccessKeyId><SecretAccessKey>x</SecretAccessKey>\
     <SessionToken>t</SessionToken><Expiration>2020-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>",
);

/// A session that does not end.
const LASTING: Answer = Answer::Ok(
    "<AssumeRoleResult><Credentials><AccessKeyId>ASIASECOND</AccessKeyId><SecretAccessKey>x</SecretAccessKey>\
     <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>",
);

fn role(mfa_serial: Option<&str>) -> AssumedRole {
    AssumedRole {
        arn: "arn:aws:iam::444455556666:role/asiaq".to_owned(),
        external_id: Some("shop".to_owned()),
        mfa_serial: mfa_serial.map(str::to_owned),
        session: Some(900),
        session_name: "asiaq-tests".to_owned(),
    }
}

async fn assume(replay: &Replay, role: AssumedRole, code: Option<&str>) -> Result<Aws, CloudError> {
    let account = Account::replayed(&replay.endpoint);
    account.aws.assume(role, code, Timeouts::default(), Observer::default()).await
}

#[tokio::test]
async fn a_session_is_renewed_before_it_ends() {
    let replay = Replay::start(&[("AssumeRole", OVER), ("AssumeRole", LASTING), ("GetCallerIdentity", WHO)]);
    let aws = assume(&replay, role(None), None).await.unwrap();
    for _ in 0..4 {
        assert_eq!(aws.identity().await.unwrap().account, "444455556666");
    }
    let calls = replay.calls("AssumeRole");
    assert_eq!(calls.len(), 2, "{calls:#?}");
    for call in &calls {
        let said =
            ["RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds"].map(|field| call[field].as_str());
        assert_eq!(said, ["arn:aws:iam::444455556666:role/asiaq", "asiaq-tests", "shop", "900"]);
        assert!(!call.contains_key("TokenCode"));
    }
}

#[tokio::test]
async fn a_session_with_a_code_is_used_again_and_not_renewed() {
    const DEVICE: &str = "arn:aws:iam::111122223333:mfa/alice";
    let replay = Replay::start(&[("AssumeRole", LASTING), ("AssumeRole", OVER), ("GetCallerIdentity", WHO)]);
    let lasting = role(Some(DEVICE));
    assert!(lasting.needs_code());
    let aws = assume(&replay, lasting.clone(), Some("123456")).await.unwrap();
    aws.identity().await.unwrap();
    // A command that plans again connects again, and a code can be used only once.
    assert!(!lasting.needs_code());
    assume(&replay, lasting, None).await.unwrap().identity().await.unwrap();
    let calls = replay.calls("AssumeRole");
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0]["SerialNumber"].as_str(), calls[0]["TokenCode"].as_str()), (DEVICE, "123456"));

    let other = AssumedRole { arn: "arn:aws:iam::444455556666:role/other".to_owned(), ..role(Some(DEVICE)) };
    let aws = assume(&replay, other, Some("654321")).await.unwrap();
    aws.identity().await.unwrap();
    let error = aws.identity().await.unwrap_err();
    assert_eq!(error.fault, Fault::Denied);
    assert!(error.message.contains("needs a code of the MFA device: run the command again"), "{error}");
    assert_eq!(replay.calls("AssumeRole").len(), 2);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_says_so_in_the_words_of_sts() {
    let replay =
        Replay::start(&[("AssumeRole", Answer::Refused("AccessDenied", "not authorized to perform"))]);
    let error = assume(&replay, role(None), None).await.unwrap_err();
    let said = (error.operation.as_str(), error.fault, error.code.as_str(), error.message.as_str());
    assert_eq!(said, ("AssumeRole", Fault::Denied, "AccessDenied", "not authorized to perform"));
}
