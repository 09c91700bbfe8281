//! What an account has that no project of asiaq owns: listed, and removed only when that is asked for.

use serde_json::{Value, json};

use super::{World, joined};

fn program(world: &World, of_account: &str) -> String {
    format!(
        r#"project shop {{ region = us-west-2, account = live }}
account live {{
  id = "{}"
  {of_account}
  policy read {{
    allow s3:GetObject on all
    allow iam:GetPolicy on "arn:aws:iam::{}:policy/used"
  }}
  group devs {{ policies = [read] }}
  user alice {{ groups = [devs] }}
  role web {{ trust = ec2, policies = [read] }}
}}
"#,
        world.credentials.account, world.credentials.account
    )
}

/// Identities of others, with everything that keeps AWS from deleting them.
const OTHERS: &str = r"
import json
iam = client('iam')
trust = json.dumps({'Version': '2012-10-17', 'Statement': []})
policy = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}]})
arn = lambda name, **more: iam.create_policy(PolicyName=name, PolicyDocument=policy, **more)['Policy']['Arn']
loose, used = arn('loose'), arn('used')
theirs = arn('theirs', Tags=[{'Key': 'asiaq:project', 'Value': 'other'}])
iam.create_policy_version(PolicyArn=loose, PolicyDocument=policy, SetAsDefault=True)
iam.create_group(GroupName='ops')
iam.attach_group_policy(GroupName='ops', PolicyArn=loose)
iam.put_group_policy(GroupName='ops', PolicyName='all', PolicyDocument=policy)
iam.create_user(UserName='bob')
iam.create_login_profile(UserName='bob', Password='Secret-123-word')
iam.create_access_key(UserName='bob')
iam.attach_user_policy(UserName='bob', PolicyArn=loose)
iam.add_user_to_group(UserName='bob', GroupName='ops')
for name, more in {
    'old': {}, 'linked': {'Path': '/aws-service-role/x.amazonaws.com/'}, 'sso': {'Path': '/aws-reserved/sso.amazonaws.com/'},
    'other': {'Tags': [{'Key': 'asiaq:project', 'Value': 'other'}]},
}.items(): iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)
iam.attach_role_policy(RoleName='old', PolicyArn=loose)
iam.put_role_policy(RoleName='old', PolicyName='all', PolicyDocument=policy)
iam.create_instance_profile(InstanceProfileName='old')
iam.add_role_to_instance_profile(InstanceProfileName='old', RoleName='old')
iam.create_saml_provider(Name='okta', SAMLMetadataDocument='x' * 1000)
result = 0
";

fn look(world: &World) -> Value {
    world.boto(
        "iam = client('iam')
result = {
    'users': sorted(u['UserName'] for u in iam.list_users()['Users']),
    'groups': sorted(g['GroupName'] for g in iam.list_groups()['Groups']),
    'roles': sorted(r['RoleName'] for r in iam.list_roles()['Roles']),
    'policies': sorted(p['PolicyName'] for p in iam.list_policies(Scope='Local')['Policies']),
    'providers': [p['Arn'].rsplit('/', 1)[1] for p in iam.list_saml_providers()['SAMLProviderList']],
}",
    )
}

#[test]
fn what_no_project_owns_is_listed_and_removed_only_when_asked_for() {
    let world = World::empty();
    world.boto(OTHERS);
    world.write(&program(&world, "prune = true"));
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let before = look(&world);
    assert!(before["roles"].as_array().unwrap().contains(&json!("old")), "{before:#}");

    // A plan lists it, and nothing is to do.
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    let text = joined(&plan.stdout);
    for name in ["group/ops", "user/bob", "role/old", "policy/loose", "saml/okta"] {
        assert!(text.contains(&format!("unmanaged: account/live/unmanaged/{name} (arn:")), "{name}: {text}");
    }
    for name in ["linked", "sso", "other", "theirs", "used", "alice", "role/web"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    let plan = world.asiaq(&["plan", "--format", "json"]);
    let data: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(data["unmanaged"].as_object().unwrap().len(), 5, "{data:#}");

    // Nothing else removes it.
    for allow in [&[][..], &["--allow", "data-loss"], &["--allow", "replace"]] {
        let said = world.asiaq(&[&["apply", "--yes"], allow].concat());
        assert_eq!(said.code, 0, "{said:#?}");
    }
    let shown = world.asiaq(&["apply", "--allow", "prune", "--dry-run"]);
    assert_eq!(shown.code, 10, "{shown:#?}");
    assert!(shown.stdout.contains("unmanaged/role/old"), "{}", shown.stdout);
    assert_eq!(look(&world), before);

    let said = world.asiaq(&["apply", "--allow", "prune", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(
        look(&world),
        json!({
            "users": ["alice"], "groups": ["devs"], "roles": ["linked", "other", "sso", "web"],
            "policies": ["read", "theirs", "used"], "providers": [],
        })
    );
    world.assert_settled();
    assert!(!world.asiaq(&["plan"]).stdout.contains("unmanaged"));
}

#[test]
fn an_account_without_prune_keeps_what_others_made() {
    let world = World::empty();
    world.boto(OTHERS);
    world.write(&program(&world, ""));
    let before = look(&world);
    let said = world.asiaq(&["apply", "--yes", "--allow", "prune"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(!said.stdout.contains("unmanaged"), "{}", said.stdout);
    let after = look(&world);
    for name in before["roles"].as_array().unwrap() {
        assert!(after["roles"].as_array().unwrap().contains(name), "{after:#}");
    }
    // A protected account asks for more.
    world.write(&program(&world, "prune = true, protect = true"));
    let said = world.asiaq(&["apply", "--yes", "--allow", "prune"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("--allow data-loss"), "{}", said.stderr);
    assert_eq!(look(&world), after);
}

#[test]
fn the_role_of_the_caller_is_never_removed() {
    let world = World::empty();
    world.write(&format!(
        "project shop {{ region = us-west-2, account = live }}
account live {{ id = \"{}\", prune = true, role web {{ trust = ec2 }} }}
",
        world.credentials.account
    ));
    let said = world.asiaq(&["whoami", "--format", "json"]);
    let who: Value = serde_json::from_str(&said.stdout).unwrap();
    let arn = who[0]["identity"]["arn"].as_str().unwrap().to_owned();
    let Some(role) = arn.split("assumed-role/").nth(1).and_then(|rest| rest.split('/').next()) else {
        panic!("the caller of these tests assumes a role: {arn}")
    };
    world.boto(&format!(
        "iam = client('iam')
iam.create_role(RoleName='{role}', AssumeRolePolicyDocument='{{}}')
iam.create_role(RoleName='unused', AssumeRolePolicyDocument='{{}}')
result = 0"
    ));
    let said = world.asiaq(&["apply", "--yes", "--allow", "prune"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(look(&world)["roles"], json!([role, "web"]));
}
