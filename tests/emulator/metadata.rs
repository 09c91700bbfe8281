//! Metadata of a SAML provider that is read from an address.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{World, joined};

/// A server on this machine that answers every request with the same text.
struct Site {
    url: String,
    answer: Arc<Mutex<String>>,
    asked: Arc<Mutex<usize>>,
}

impl Site {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/metadata", listener.local_addr().unwrap());
        let site = Self { url, answer: Arc::default(), asked: Arc::default() };
        let (answer, asked) = (Arc::clone(&site.answer), Arc::clone(&site.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                *asked.lock().unwrap() += 1;
                let answer = answer.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        site
    }

    fn says(&self, status: &str, body: &str) {
        *self.answer.lock().unwrap() =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

fn metadata(name: &str) -> String {
    format!("<EntityDescriptor entityID=\"{name}\">{}</EntityDescriptor>\n", "x".repeat(1000))
}

const LIVE: &str = r#"
iam = client("iam")
result = [iam.get_saml_provider(SAMLProviderArn=p["Arn"])["SAMLMetadataDocument"] for p in iam.list_saml_providers()["SAMLProviderList"]]
"#;

#[test]
fn a_plan_reads_metadata_and_an_apply_writes_what_the_plan_read() {
    let site = Site::start();
    let program = r#"project shop { region = us-west-2, account = main }
account main {
  id = "THIS_ACCOUNT"
  saml okta { metadata = url "URL" }
  role people { trust = saml okta }
}
env ci { cidr = 10.1.0.0/20, zones = 1, metanetwork web {} }
"#;
    let world = World::new(&program.replace("URL", &site.url));
    site.says("200 OK", &metadata("first"));
    // What works without AWS reads nothing.
    let said = world.asiaq(&["check"]);
    assert_eq!((said.code, site.asked()), (0, 0), "{said:#?}");
    assert!(
        joined(&said.stdout).contains(&format!("`{}` is not read by `check`", site.url)),
        "{}",
        said.stdout
    );
    let said = world.asiaq(&["permissions"]);
    assert!(said.stdout.contains("iam:CreateSAMLProvider"), "{}", said.stdout);
    let said = world.asiaq(&["plan", "--env", "ci"]);
    assert_eq!((said.code, site.asked()), (10, 0), "{said:#?}");

    world.apply();
    assert_eq!(world.boto(LIVE), json!([metadata("first").trim()]));
    site.says("200 OK", &metadata("second"));
    let said = world.asiaq(&["plan", "-o", "shop.plan"]);
    assert_eq!(said.code, 10, "{said:#?}");
    assert!(said.stdout.contains("account/main") && said.stdout.contains("metadata"), "{}", said.stdout);
    // The plan has what it read.
    site.says("200 OK", &metadata("third"));
    let said = world.asiaq(&["apply", "shop.plan", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(world.boto(LIVE), json!([metadata("second").trim()]));
    let said = world.asiaq(&["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(plan["steps"].as_array().unwrap().len(), 1, "{plan:#}");
    world.apply();

    for (status, body, why) in [
        ("503 Service Unavailable", String::new(), "cannot be read: HTTP status 503"),
        ("200 OK", "<html>Sign in</html>".to_owned(), "cannot be read: what is there is not SAML metadata"),
    ] {
        site.says(status, &body);
        let said = world.asiaq(&["apply", "--yes"]);
        assert_eq!(said.code, 1, "{said:#?}");
        let text = joined(&(said.stdout.clone() + &said.stderr));
        assert!(text.contains("metadata-unread") && text.contains(why), "{why}: {said:#?}");
        assert_eq!(world.boto(LIVE), json!([metadata("third").trim()]));
        // Nothing else needs it.
        let said = world.asiaq(&["plan", "--env", "ci"]);
        assert_eq!(said.code, 0, "{said:#?}");
    }
    site.says("200 OK", "<EntityDescriptor/>");
    let said = world.asiaq(&["plan"]);
    assert_eq!(said.code, 1, "AWS takes no metadata that is so short: {said:#?}");
    let said = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(world.boto(LIVE), json!([]));
}
