//! Who calls: the Authorization header of the first call, as a listener on loopback reads it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use super::{Said, World};

const ONE: &str = "project p { region = us-west-2 }\nenv ci { cidr = 10.0.0.0/20 }\n";

const PROFILES: &str = "[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = x

[prod]
aws_access_key_id = AKIAPROD
aws_secret_access_key = x

[bare]
";

/// Runs `asiaq plan` with these arguments and variables; gives what it said and whose access key the first call had.
fn caller(arguments: &[&str], variables: &[(&str, &str)]) -> (Said, Option<String>) {
    let world = World::new(ONE);
    std::fs::write(world.path("credentials"), PROFILES).unwrap();
    std::fs::write(world.path("config"), "[profile staging]\nregion = eu-west-1\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (key, keys) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines();
            for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                let found = line.split_once("Credential=").and_then(|(_, rest)| rest.split_once('/'));
                if let Some((found, _)) = found {
                    let _ = key.send(found.to_owned());
                }
            }
            let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
            let head = format!(
                "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = connection.write_all((head + body).as_bytes());
        }
    });
    let mut command = world.command(env!("CARGO_BIN_EXE_asiaq"));
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_SHARED_CREDENTIALS_FILE", world.path("credentials"))
        .env("AWS_CONFIG_FILE", world.path("config"))
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env_remove("AWS_SESSION_TOKEN")
        .envs(variables.iter().copied())
        .arg("plan")
        .args(arguments);
    let said = Said::of(&command.output().unwrap());
    assert_eq!(said.code, 2, "{said:#?}");
    (said, keys.recv_timeout(Duration::from_millis(50)).ok())
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIAVARIABLE"), ("AWS_SECRET_ACCESS_KEY", "x")];

#[test]
fn an_explicit_profile_wins_over_variables_as_in_the_aws_cli() {
    let key = |arguments: &[&str], variables: &[(&str, &str)]| caller(arguments, variables).1;
    assert_eq!(key(&["--profile", "prod"], &KEYS).as_deref(), Some("AKIAPROD"));
    assert_eq!(key(&["--profile", "prod"], &[]).as_deref(), Some("AKIAPROD"));
    assert_eq!(key(&[], &KEYS).as_deref(), Some("AKIAVARIABLE"));
    assert_eq!(key(&[], &[]).as_deref(), Some("AKIADEFAULT"));
    // A profile of the environment gives way to keys of the environment.
    let both = [KEYS[0], KEYS[1], ("AWS_PROFILE", "prod")];
    assert_eq!(key(&[], &both).as_deref(), Some("AKIAVARIABLE"));
    assert_eq!(key(&[], &both[2..]).as_deref(), Some("AKIAPROD"));
    let other = [KEYS[0], KEYS[1], ("AWS_PROFILE", "nope")];
    assert_eq!(key(&["--profile", "prod"], &other).as_deref(), Some("AKIAPROD"));
}

#[test]
fn an_unknown_profile_is_an_error_that_names_those_there_are() {
    for variables in [&[][..], &KEYS, &[KEYS[0], KEYS[1], ("AWS_PROFILE", "nope")]] {
        let arguments: &[&str] = if variables.len() == 3 { &[] } else { &["--profile", "nope"] };
        let (said, key) = caller(arguments, variables);
        assert_eq!(
            said.stderr,
            "error: there is no profile `nope` in the AWS configuration files; there are `bare`, `default`, `prod` and \
             `staging`\n"
        );
        assert_eq!(key, None, "nobody is called");
    }
}

#[test]
fn a_profile_without_credentials_is_not_replaced_by_other_credentials() {
    for profile in ["bare", "staging"] {
        let (said, key) = caller(&["--profile", profile], &KEYS);
        assert!(
            said.stderr.contains(&format!("profile `{profile}` has no usable credentials")),
            "{}",
            said.stderr
        );
        assert_eq!(key, None);
    }
}
