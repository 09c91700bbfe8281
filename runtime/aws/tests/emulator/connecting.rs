//! Credentials, profile and endpoint come from where they always come from. A test cannot change its own
//! environment, so each runs itself again in another one.

use std::path::PathBuf;
use std::process::Command;

use asiaq_aws::{Aws, Options};
use asiaq_runtime::{Cloud as _, Fault, Identity};

use crate::moto;

/// Tells a test that it is the one that runs in the other environment; says what it should see.
const EXPECTED: &str = "ASIAQ_TEST_EXPECTED";

/// Runs a test of this binary again, in an environment with these variables and no others of AWS.
fn again(test: &str, expected: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    let answer = command
        .args(["--exact", test])
        .env(EXPECTED, expected)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stdout));
}

fn config_file(text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("asiaq-aws-config-{}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn a_profile_of_the_config_file_says_who_calls_and_where() {
    if let Ok(account) = std::env::var(EXPECTED) {
        let options = Options { profile: Some("shop".to_owned()), ..Options::default() };
        let Identity { account: seen, .. } = Aws::connect(options).await.unwrap().identity().await.unwrap();
        assert_eq!(seen, account);
        return;
    }
    let moto::Credentials { account, access, secret, token } = moto::new_account();
    let file = config_file(&format!(
        "[profile shop]\nregion = eu-west-1\naws_access_key_id = {access}\n\
         aws_secret_access_key = {secret}\naws_session_token = {token}\n"
    ));
    again(
        "connecting::a_profile_of_the_config_file_says_who_calls_and_where",
        &account,
        &[("AWS_CONFIG_FILE", file.to_str().unwrap()), ("AWS_ENDPOINT_URL", moto::endpoint())],
    );
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn variables_say_who_calls_and_options_say_where() {
    if let Ok(expected) = std::env::var(EXPECTED) {
        let (account, endpoint) = expected.split_once(' ').unwrap();
        let options = Options { endpoint_url: Some(endpoint.to_owned()), ..Options::default() };
        let Identity { account: seen, .. } = Aws::connect(options).await.unwrap().identity().await.unwrap();
        assert_eq!(seen, account);
        return;
    }
    let moto::Credentials { account, access, secret, token } = moto::new_account();
    again(
        "connecting::variables_say_who_calls_and_options_say_where",
        &format!("{account} {}", moto::endpoint()),
        &[
            ("AWS_CONFIG_FILE", "/nowhere"),
            ("AWS_ACCESS_KEY_ID", &access),
            ("AWS_SECRET_ACCESS_KEY", &secret),
            ("AWS_SESSION_TOKEN", &token),
            // What the SDK cannot read does not stop it.
            ("AWS_RETRY_MODE", "legacy"),
            ("AWS_MAX_ATTEMPTS", "many"),
        ],
    );
}

#[tokio::test]
async fn nobody_is_denied() {
    if std::env::var(EXPECTED).is_ok() {
        let error = Aws::connect(Options::default()).await.unwrap().identity().await.unwrap_err();
        assert_eq!(error.fault, Fault::Denied, "{error}");
        assert_eq!(error.operation, "GetCallerIdentity");
        return;
    }
    again("connecting::nobody_is_denied", "", &[("AWS_CONFIG_FILE", "/nowhere")]);
}
