//! What commands say when AWS cannot be had.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use insta::assert_snapshot;

use super::{Folder, SAMPLE};

#[test]
fn without_credentials_there_is_one_sentence() {
    assert_snapshot!(Folder::new(&[("infra.asq", SAMPLE)]).transcript(&[
        "plan",
        "apply --yes",
        "destroy --yes"
    ]));
}

#[test]
fn an_endpoint_that_does_not_answer_is_named() {
    let folder = Folder::new(&[("infra.asq", SAMPLE)]);
    // Port 9 of loopback: nobody listens.
    let said = folder.run(
        "plan --endpoint-url http://127.0.0.1:9",
        &[("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_MAX_ATTEMPTS", "1")],
    );
    assert!(said.contains("AWS cannot be reached at http://127.0.0.1:9: "), "{said}");
    assert!(said.ends_with("[exit 2]\n"), "{said}");
}

/// Answers each request as a sign-in page would; its address.
fn sign_in_page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let page = "<html><title>Sign in</title></html>";
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len());
        }
    });
    address
}

#[test]
fn an_answer_that_is_not_of_aws_is_shown_with_its_service() {
    let folder = Folder::new(&[("infra.asq", SAMPLE)]);
    let said = folder.run(
        &format!("plan --endpoint-url {}", sign_in_page()),
        &[("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_MAX_ATTEMPTS", "1")],
    );
    let parts = ["GetCallerIdentity", "`sts`", "HTTP status 200, text/html", "<html><title>Sign in", "proxy"];
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.ends_with("[exit 2]\n"), "{said}");
}

#[test]
fn a_program_with_errors_is_refused_before_aws_is_asked() {
    let folder = Folder::new(&[("infra.asq", "project p { region = us-wst-2 }\n")]);
    assert_snapshot!(folder.transcript(&["plan", "apply --yes --format json"]));
}

#[test]
fn a_file_that_is_neither_program_nor_plan_is_refused() {
    let folder = Folder::new(&[("infra.asq", SAMPLE), ("x.json", "{}"), ("old.json", r#"{"version": 99}"#)]);
    assert_snapshot!(folder.transcript(&[
        "apply --yes x.json",
        "apply --yes old.json",
        "apply --yes gone.json",
        "apply --yes x.json --env ci",
    ]));
}

#[test]
fn an_address_outside_what_the_options_name_is_refused() {
    let program = format!(
        "{SAMPLE}\naccount live {{ id = \"222222222222\" }}\naccount test {{ id = \"111111111111\" }}\n"
    );
    assert_snapshot!(Folder::new(&[("infra.asq", &program)]).transcript(&[
        "show account/live/role/web --account test",
        "show account/live/role/web --env ci",
        "show ci/vpc --env qa",
        "show ci/vpc --env qa --account test",
        "show ci/vpc --env ci --account test",
    ]));
}
