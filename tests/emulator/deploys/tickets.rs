//! Tickets: who is asked before a deploy, and told how it ended.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::*;

/// Paths and bodies that a service was sent.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A service that answers each request with a status; returns its URL, and the paths and bodies that it was sent.
fn service(answer: impl Fn(&str) -> u16 + Send + 'static) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/deploys/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut path, mut length) = (String::new(), 0);
            for line in reader.by_ref().lines() {
                let line = line.unwrap().to_lowercase();
                if let Some(rest) = line.strip_prefix("post ") {
                    rest.split(' ').next().unwrap().clone_into(&mut path);
                } else if let Some(said) = line.strip_prefix("content-length: ") {
                    length = said.parse().unwrap();
                } else if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = answer(&path);
            seen.lock().unwrap().push((path, serde_json::from_slice(&body).unwrap()));
            write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 9\r\nConnection: close\r\n\r\nit is not")
                .unwrap();
        }
    });
    (url, asked)
}

#[test]
fn a_service_is_asked_before_a_deploy_and_told_how_it_ended() {
    let shop = Shop::new();
    let before = shop.only(&shop.old);
    let missing = shop.deploy(&["--ticket", "OPS-1"]);
    assert_eq!(missing.code, 2, "{missing:#?}");
    assert!(joined(&missing.stderr).contains("`--ticket-hook` with a program or a URL"), "{missing:#?}");

    let (url, asked) = service(|_| 409);
    let said = shop.deploy(&["--ticket", "OPS-1", "--ticket-hook", &url]);
    assert_eq!(said.code, 2, "{said:#?}");
    for part in ["the ticket `OPS-1` does not allow", "HTTP status 409: it is not", "nothing was changed"] {
        assert!(joined(&said.stderr).contains(part), "{part}: {said:#?}");
    }
    assert_eq!(shop.only(&shop.old), before);
    assert_eq!(asked.lock().unwrap().len(), 1);

    // An event that is not taken at first is told again.
    let failures = std::sync::atomic::AtomicU32::new(1);
    let (url, asked) = service(move |path| {
        let is_down = path.ends_with("/event") && failures.swap(0, Ordering::Relaxed) > 0;
        if is_down { 503 } else { 200 }
    });
    let said = shop.deploy(&["--ticket", "OPS-2", "--ticket-hook", &url]);
    assert_eq!(said.code, 0, "{said:#?}");
    shop.only(&shop.new);
    let asked = asked.lock().unwrap();
    let paths: Vec<&str> = asked.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/deploys/validate", "/deploys/event", "/deploys/event"]);
    let data = json!({
        "sub_cmd": "update", "environment": "ci", "hostclass": "front",
        "amiId": shop.new, "previous_ami_id": shop.old,
    });
    assert_eq!(asked[0].1, json!({ "ticketId": "OPS-2", "cmd": "DeployEvent", "data": data }));
    assert_eq!(asked[2].1["data"]["status"], 100);
    assert_eq!(asked[2].1["data"]["message"], "deployed");
}

#[cfg(unix)]
#[test]
fn a_program_says_yes_or_no() {
    use std::os::unix::fs::PermissionsExt as _;

    let shop = Shop::new();
    let before = shop.only(&shop.old);
    let folder = tempfile::tempdir().unwrap();
    let (hook, log) = (folder.path().join("hook"), folder.path().join("log"));
    let write = |last: &str| {
        let text = format!("#!/bin/sh\nprintf '%s %s\n' \"$1\" \"$(cat)\" >> '{}'\n{last}\n", log.display());
        std::fs::write(&hook, text).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    write("echo 'first' >&2; echo 'the ticket is closed' >&2; exit 4");
    let words = ["--ticket", "OPS-3", "--ticket-hook", hook.to_str().unwrap()];
    let said = shop.deploy(&words);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("ended with code 4: the ticket is closed"), "{said:#?}");
    assert_eq!(shop.only(&shop.old), before);

    write("exit 0");
    let said = shop.world.asiaq(&[&["deploy", "web", "--env", "ci", "--dry-run"], &words[..]].concat());
    assert_eq!(said.code, 10, "{said:#?}");
    // What fails is told too.
    pace(&shop.world, &json!({ "looks": 0, "never": ["ci_front_"] }));
    let said = shop
        .world
        .asiaq(&[&["deploy", "web", "--env", "ci", "--yes", "--timeout", "3s"], &words[..]].concat());
    assert_eq!(said.code, 3, "{said:#?}");
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let [refused, asked, told] = lines.as_slice() else { panic!("{log}") };
    assert!(refused.starts_with("validate ") && asked.starts_with("validate "), "{log}");
    let told: Value = serde_json::from_str(told.strip_prefix("event ").unwrap()).unwrap();
    assert_eq!((&told["ticketId"], &told["data"]["status"]), (&json!("OPS-3"), &json!(300)));
    assert!(told["data"]["message"].as_str().unwrap().contains("0 of 2 instances"), "{told:#}");
}
