//! Who is who in an account, beside what boto3 put there.

use serde_json::{Value, json};

use super::proxy::Proxy;
use super::{World, moto};

#[test]
fn identities_are_told_apart_by_whose_they_are() {
    let world = World::empty();
    world.write(&format!(
        r#"project shop {{ region = us-west-2, account = live }}
account live {{
  id = "{}"
  policy read {{ allow s3:GetObject on all }}
  group devs {{ policies = [read] }}
  user alice {{ groups = [devs] }}
  role web {{ trust = ec2, policies = [read] }}
}}
"#,
        world.credentials.account
    ));
    world.apply();
    world.boto(
        "iam = client('iam')
iam.create_group(GroupName='ops')
iam.put_group_policy(GroupName='ops', PolicyName='all', PolicyDocument='{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}]}')
iam.create_user(UserName='bob')
iam.add_user_to_group(UserName='bob', GroupName='ops')
iam.add_user_to_group(UserName='alice', GroupName='ops')
trust = '{\"Version\":\"2012-10-17\",\"Statement\":[]}'
iam.create_role(RoleName='theirs', AssumeRolePolicyDocument=trust, Tags=[{'Key': 'asiaq:project', 'Value': 'other'}])
iam.create_role(RoleName='linked', Path='/aws-service-role/x.amazonaws.com/', AssumeRolePolicyDocument=trust)
for n in range(30): iam.create_role(RoleName=f'foreign-{n}', AssumeRolePolicyDocument=trust)
result = 0",
    );
    let proxy = Proxy::start(moto::endpoint());
    let said = world.asiaq_through(&proxy, &["iam", "list", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let of_roles = proxy.operations().iter().filter(|one| one.contains("Role")).count();
    assert_eq!(of_roles, 0, "{:#?}", proxy.operations());
    let listed: Value = serde_json::from_str(&said.stdout).unwrap();
    let find = |kind: &str, name: &str| {
        let all = listed[0]["identities"].as_array().unwrap();
        all.iter().find(|one| one["kind"] == kind && one["name"] == name).unwrap().clone()
    };
    assert_eq!(find("role", "web")["owner"], json!("own"));
    assert_eq!(find("role", "web")["address"], json!("account/live/role/web"));
    assert_eq!(find("role", "foreign-7")["owner"], json!("foreign"));
    assert_eq!(find("role", "theirs")["project"], json!("other"));
    assert_eq!(find("role", "linked")["owner"], json!("aws"));
    assert_eq!(find("group", "ops")["members"], json!(["alice", "bob"]));
    assert_eq!(find("policy", "read")["members"], json!(["group/devs", "role/web"]));
    let alice = find("user", "alice");
    assert_eq!(alice["groups"], json!(["devs", "ops"]));
    let policies: Vec<_> = alice["policies"].as_array().unwrap().iter().collect();
    let of = |policy: &Value| (policy["name"].clone(), policy["through"].clone(), policy["own"].clone());
    assert_eq!(
        policies.into_iter().map(of).collect::<Vec<_>>(),
        [(json!("read"), json!("devs"), json!(true)), (json!("all"), json!("ops"), json!(false))]
    );

    let table = world.asiaq(&["iam", "list"]).stdout;
    assert!(table.lines().any(|line| line.contains("bob") && line.contains("foreign")), "{table}");
    let shown = world.asiaq(&["iam", "show", "user/alice"]);
    assert_eq!(shown.code, 0, "{shown:#?}");
    for part in [
        "inline policy all through group ops (foreign)",
        "managed policy read through group devs (own)",
        "ec2:*",
    ] {
        assert!(shown.stdout.contains(part), "{}", shown.stdout);
    }
    assert!(!shown.stdout.contains("bob"), "{}", shown.stdout);
    let said = world.asiaq(&["iam", "show", "alcie"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("did you mean `alice`?"), "{}", said.stderr);
}
