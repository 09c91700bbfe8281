//! Search domains, looked at from outside: a plan that says what a change takes, and the commands for indices.

use serde_json::{Value, json};

use super::proxy::Proxy;
use super::search_server::SearchServer;
use super::{World, moto};

fn program(server: &SearchServer, count: u32) -> String {
    let endpoint = &server.endpoint;
    format!(
        "project shop {{ region = us-west-2 }}
env ci {{
  cidr = 10.0.0.0/20
  search logs {{
    version = \"OpenSearch_2.19\"
    type    = m7g.large.search
    count   = {count}
    storage = 20GB
    allowed = [203.0.113.0/24]
    tags    = {{ loopback = \"{endpoint}\" }}
    archive {{ indices = \"logstash\", bucket_name = \"shop-archive\", keep = 50% }}
  }}
}}
"
    )
}

fn json_of(world: &World, arguments: &[&str], code: i32) -> Value {
    let said = world.asiaq(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.code, code, "{said:#?}");
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn indices_are_archived_groomed_and_restored() {
    let old = ["logstash-2020.06.01", "logstash-2020.06.02", "logstash-2020.06.03", "logstash-2020.06.04"];
    let indices: Vec<(&str, &'static str)> = old.iter().map(|name| (*name, "green")).collect();
    let server = SearchServer::start(&indices);
    let world = World::new(&program(&server, 1));
    assert_eq!(json_of(&world, &["search", "list"], 0)["searches"][0]["status"], json!("not created"));
    world.apply();
    let listed = json_of(&world, &["search", "list", "--env", "ci"], 0);
    let listed = &listed["searches"][0];
    assert_eq!(listed["endpoint"], json!(server.endpoint));
    assert_eq!(listed["dashboard"], json!(format!("https://{}/_dashboards", server.endpoint)));

    let shown = json_of(&world, &["search", "archive", "logs", "--dry-run"], 10);
    assert_eq!((&shown["to_archive"], &shown["registered"]), (&json!(old), &json!(true)));
    assert_eq!(server.writes(), Vec::<String>::new(), "a dry run writes nothing");
    let done = json_of(&world, &["search", "archive", "logs", "--yes"], 0);
    assert_eq!(done["archived"], json!(old));
    assert_eq!(json_of(&world, &["search", "archive", "logs", "--dry-run"], 0)["existed"], json!(old));

    // Each takes 300 of 2000 bytes: 1200 are used, and 1000 may be.
    let writes = server.writes().len();
    let shown = json_of(&world, &["search", "groom", "logs", "--dry-run"], 10);
    assert_eq!(shown["to_delete"], json!([old[0]]));
    assert_eq!(server.writes().len(), writes);
    assert_eq!(json_of(&world, &["search", "groom", "logs", "--yes"], 0)["deleted"], json!([old[0]]));
    let days = ["--begin", "2020.06.01", "--end", "2020.06.02"];
    let restore = [&["search", "restore", "logs", "--yes"][..], &days].concat();
    let restored = json_of(&world, &restore, 0);
    assert_eq!((&restored["restored"], &restored["existed"]), (&json!([old[0]]), &json!([old[1]])));

    let said = world.asiaq(&["search", "archive", "log", "--yes"]);
    assert!(said.code == 2 && said.stderr.contains("did you mean `logs`?"), "{said:#?}");
}

#[test]
fn a_plan_asks_how_a_change_is_made_and_writes_nothing() {
    let server = SearchServer::start(&[]);
    let world = World::new(&program(&server, 1));
    world.apply();
    world.write(&program(&server, 2));
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &["plan"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let text = format!("{}{}", said.stdout, said.stderr).replace('\n', " ");
    assert!(text.contains("blue/green"), "{said:#?}");
    assert_eq!(
        json_of(&world, &["plan"], 10)["steps"].as_array().map(Vec::len),
        Some(1),
        "nothing was written"
    );
    world.apply();
    world.assert_settled();
    // What would be another domain, without the data, is said so.
    let now = program(&server, 2);
    let moved = now
        .replace("allowed = [203.0.113.0/24]", "network = web")
        .replace("  search", "  metanetwork web {}\n  search");
    for other in [moved, now.replace("count ", "encrypted = false\n    count ")] {
        world.write(&other);
        let plan = json_of(&world, &["plan"], 10);
        let steps = plan["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["address"] == "ci/search/logs").unwrap();
        assert_eq!(step["risk"], json!("data-loss"), "{step}");
    }
    world.write(&now);
    assert_eq!(world.asiaq(&["destroy", "--env", "ci", "--yes", "--allow", "data-loss"]).code, 0);
}
