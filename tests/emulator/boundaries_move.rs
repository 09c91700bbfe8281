//! A policy that limits a role and a user gets another path: they are limited all the time.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::proxy::{Fault, Proxy};
use super::{World, moto};

const PROGRAM: &str = r#"project shop { region = us-west-2, account = main }
account main {
  id = "THIS_ACCOUNT"
  policy guard { path = "/limits/", allow [s3:*, sts:*] on all }
  policy other { allow s3:GetObject on all }
  role web   { trust = ec2, boundary = guard, policies = [other] }
  user alice { boundary = guard, policies = [other] }
}
"#;

/// The boundaries, the policies of the account, and whether the boundaries are among them.
const SEEN: &str = r#"
iam = client("iam")
role = iam.get_role(RoleName="web")["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
user = iam.get_user(UserName="alice")["User"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
arns = [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]]
result = {"role": role, "user": user, "policies": sorted(a.split(":policy")[1] for a in arns), "there": role in arns and user in arns}
"#;

fn moved() -> String {
    PROGRAM.replace("/limits/", "/people/")
}

fn seen(world: &World) -> Value {
    world.boto(SEEN)
}

fn ends_at(seen: &Value, path: &str) -> bool {
    ["role", "user"].iter().all(|who| seen[who].as_str().unwrap().ends_with(path))
}

#[test]
fn a_boundary_that_gets_another_path_limits_at_every_moment() {
    let world = Arc::new(World::new(PROGRAM));
    world.apply();
    world.write(&moved());
    let proxy = Proxy::start(moto::endpoint());
    let moments = Arc::new(Mutex::new(Vec::new()));
    let (watched, noted) = (Arc::clone(&world), Arc::clone(&moments));
    proxy.watch(move |operation| {
        if operation != "UpdateItem" && operation != "TransactWriteItems" {
            noted.lock().unwrap().push((operation.to_owned(), seen(&watched)));
        }
    });
    let said = world.asiaq_through(&proxy, &["apply", "--yes"]);
    proxy.unwatch();
    assert_eq!(said.code, 0, "{said:#?}");
    let moments = std::mem::take(&mut *moments.lock().unwrap());
    assert!(moments.len() > 5, "{moments:#?}");
    for (operation, moment) in &moments {
        assert_eq!(moment["there"], json!(true), "after {operation}: {moment:#}");
    }
    let end = seen(&world);
    assert!(ends_at(&end, ":policy/people/guard"), "{end:#}");
    assert_eq!(end["policies"], json!(["/other", "/people/guard"]), "{end:#}");
    world.assert_settled();
    let said = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
}

#[test]
fn a_move_that_is_cut_off_is_finished_by_the_next_run() {
    for operation in
        ["PutRolePermissionsBoundary", "PutUserPermissionsBoundary", "DeletePolicy", "CreatePolicy"]
    {
        let world = World::new(PROGRAM);
        world.apply();
        world.write(&moved());
        let proxy = Proxy::start(moto::endpoint());
        proxy.on(operation, 1, Fault::Refused("AccessDenied", "no"));
        let said = world.asiaq_through(&proxy, &["apply", "--yes"]);
        assert_eq!(said.code, 3, "{operation}: {said:#?}");
        let there = seen(&world);
        assert_eq!(there["there"], json!(true), "{operation}: {there:#}");
        world.apply();
        let end = seen(&world);
        assert!(ends_at(&end, ":policy/people/guard"), "{operation}: {end:#}");
        assert_eq!(end["policies"], json!(["/other", "/people/guard"]), "{operation}: {end:#}");
    }
}

#[test]
fn a_role_of_somebody_else_that_has_the_boundary_keeps_the_policy() {
    let world = World::new(PROGRAM);
    world.apply();
    world.boto(
        r#"
iam = client("iam")
trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
arn = iam.get_role(RoleName="web")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=trust, PermissionsBoundary=arn)
result = None
"#,
    );
    let theirs = r#"result = client("iam").get_role(RoleName="theirs")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]"#;
    let before = world.boto(theirs);
    world.write(&moved());
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_impatient(&proxy, &["apply", "--yes"]);
    assert_ne!(said.code, 0, "{said:#?}");
    assert_eq!(world.boto(theirs), before);
    assert_eq!(seen(&world)["there"], json!(true));
}
