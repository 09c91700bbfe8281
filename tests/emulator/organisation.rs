//! The example of an organisation, applied to two accounts and looked at with boto3.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::accounts::Two;
use super::proxy::{Fault, Proxy};
use super::{joined, moto};

/// Everything of IAM that is not AWS's, by kind and name, with the documents as JSON.
const IDENTITIES: &str = "
iam = client('iam')
def pages(call, key, **of):
    return [one for page in iam.get_paginator(call).paginate(**of) for one in page[key]]
def short(attached):
    return sorted(one['PolicyArn'].rsplit('/', 1)[-1] for one in attached)
def tags(of):
    return {tag['Key']: tag['Value'] for tag in of if not tag['Key'].startswith('asiaq:')}
def limit(of):
    return of.get('PermissionsBoundary', {}).get('PermissionsBoundaryArn', '').rsplit('/', 1)[-1]
result = {'policy': {}, 'role': {}, 'profile': {}, 'group': {}, 'user': {}, 'saml': {}}
for one in pages('list_policies', 'Policies', Scope='Local'):
    arn = one['Arn']
    live = iam.get_policy_version(PolicyArn=arn, VersionId=one['DefaultVersionId'])['PolicyVersion']['Document']
    result['policy'][one['PolicyName']] = {
        'id': one['PolicyId'], 'path': one['Path'], 'version': one['DefaultVersionId'], 'document': live,
        'tags': tags(iam.list_policy_tags(PolicyArn=arn)['Tags'])}
for one in pages('list_roles', 'Roles'):
    name = one['RoleName']
    inline = {p: iam.get_role_policy(RoleName=name, PolicyName=p)['PolicyDocument']
              for p in pages('list_role_policies', 'PolicyNames', RoleName=name)}
    one = iam.get_role(RoleName=name)['Role']
    result['role'][name] = {
        'id': one['RoleId'], 'path': one['Path'], 'trust': one['AssumeRolePolicyDocument'],
        'description': one.get('Description'), 'session': one['MaxSessionDuration'], 'boundary': limit(one),
        'policies': short(pages('list_attached_role_policies', 'AttachedPolicies', RoleName=name)),
        'inline': inline, 'tags': tags(one.get('Tags', []))}
for one in pages('list_instance_profiles', 'InstanceProfiles'):
    result['profile'][one['InstanceProfileName']] = [role['RoleName'] for role in one['Roles']]
for one in pages('list_groups', 'Groups'):
    name = one['GroupName']
    result['group'][name] = {
        'id': one['GroupId'], 'path': one['Path'],
        'policies': short(pages('list_attached_group_policies', 'AttachedPolicies', GroupName=name)),
        'inline': [p for p in pages('list_group_policies', 'PolicyNames', GroupName=name) if p != 'asiaq'],
        'members': sorted(user['UserName'] for user in pages('get_group', 'Users', GroupName=name))}
for one in pages('list_users', 'Users'):
    name = one['UserName']
    one = iam.get_user(UserName=name)['User']
    result['user'][name] = {
        'id': one['UserId'], 'path': one['Path'], 'boundary': limit(one), 'tags': tags(one.get('Tags', [])),
        'policies': short(pages('list_attached_user_policies', 'AttachedPolicies', UserName=name)),
        'inline': pages('list_user_policies', 'PolicyNames', UserName=name)}
for one in iam.list_saml_providers()['SAMLProviderList']:
    text = iam.get_saml_provider(SAMLProviderArn=one['Arn'])['SAMLMetadataDocument']
    result['saml'][one['Arn'].rsplit('/', 1)[-1]] = text.count('SingleSignOnService')
";

/// The example, in which `ONE` and `TWO` are the ids of the accounts.
fn example() -> String {
    let program = std::fs::read_to_string(folder().join("infra.asq")).unwrap();
    program.replace("123456789012", "ONE").replace("210987654321", "TWO")
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/accounts")
}

/// Two accounts with the example in them, which is not applied.
fn organisation() -> Two {
    let two = Two::new(&example());
    std::fs::copy(folder().join("sso.xml"), two.one.path("sso.xml")).unwrap();
    two
}

fn identities(two: &Two) -> [Value; 2] {
    [two.one.boto(IDENTITIES), two.two.boto(IDENTITIES)]
}

/// The names of a kind.
fn names(identities: &Value, kind: &str) -> Vec<String> {
    identities[kind].as_object().unwrap().keys().cloned().collect()
}

/// A statement of a policy document as IAM keeps it, with its lists in order.
fn statements(document: &Value) -> BTreeSet<String> {
    let sorted = |value: &Value| {
        let mut value = value.clone();
        if let Some(list) = value.as_array_mut() {
            list.sort_by_key(ToString::to_string);
        }
        value
    };
    let statement = |one: &Value| {
        let parts = one.as_object().unwrap().iter().map(|(key, value)| (key.clone(), sorted(value)));
        Value::Object(parts.collect()).to_string()
    };
    document["Statement"].as_array().unwrap().iter().map(statement).collect()
}

#[test]
fn the_example_is_applied_to_two_accounts_under_its_names() {
    let two = organisation();
    two.one.apply();
    let [dev, prod] = identities(&two);
    let common = ["instance_disco_adminproxy", "instance_disco_common"];
    let of = |account: &str| ["billviewer", "inventory"].map(|name| format!("disco_{account}_{name}"));
    let mut roles: Vec<String> = of("dev").into();
    roles.extend(["disco_dev_iamuser", "instance_disco_jenkins"].map(str::to_owned));
    roles.extend(common.map(str::to_owned));
    roles.sort();
    assert_eq!(names(&dev, "role"), roles);
    let mut roles: Vec<String> = of("prod").into();
    roles.push("disco_prod_deployer".to_owned());
    roles.extend(common.map(str::to_owned));
    roles.sort();
    assert_eq!(names(&prod, "role"), roles);
    assert_eq!(names(&dev, "group"), ["disco_billviewer", "disco_iamuser", "disco_inventory"]);
    assert_eq!(names(&prod, "group"), ["disco_billviewer", "disco_inventory"]);
    assert_eq!(names(&dev, "policy"), ["billviewer", "guard", "iamuser", "instance", "inventory"]);
    assert_eq!(names(&prod, "policy"), ["billviewer", "guard", "instance", "inventory"]);
    assert_eq!((names(&dev, "saml"), names(&prod, "saml")), (vec!["sso".to_owned()], vec!["sso".to_owned()]));
    let mut profiles = serde_json::Map::new();
    for name in common.iter().chain(&["instance_disco_jenkins"]) {
        profiles.insert((*name).to_owned(), json!([name]));
    }
    assert_eq!(dev["profile"], Value::Object(profiles));
    assert_eq!(
        dev["group"]["disco_iamuser"]["policies"],
        json!(["IAMUserChangePassword", "iamuser"]),
        "{dev:#}"
    );
    assert_eq!(dev["group"]["disco_iamuser"]["members"], json!(["alice@sample.example"]));
    assert_eq!(dev["group"]["disco_billviewer"]["members"], json!(["alice@sample.example"]));
    assert_eq!(dev["group"]["disco_inventory"]["members"], json!(["bob@sample.example"]));
    assert_eq!(prod["group"]["disco_billviewer"]["members"], json!(["carol@sample.example"]));
    assert_eq!(dev["user"]["alice@sample.example"]["boundary"], "guard");
    let jenkins = &dev["role"]["instance_disco_jenkins"];
    assert_eq!(
        (&jenkins["boundary"], &jenkins["policies"]),
        (&json!("guard"), &json!(["instance", "inventory"]))
    );
    let one = two.one_id();
    let pass = json!({
        "Effect": "Allow", "Action": "iam:PassRole",
        "Resource": [
            format!("arn:aws:iam::{one}:role/instance_disco_adminproxy"),
            format!("arn:aws:iam::{one}:role/instance_disco_common"),
        ],
        "Condition": { "StringEquals": { "iam:PassedToService": "ec2.amazonaws.com" } },
    });
    assert!(statements(&jenkins["inline"]["inline"]).contains(&pass.to_string()), "{jenkins:#}");
    let federated = json!({
        "Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
        "Principal": { "Federated": format!("arn:aws:iam::{one}:saml-provider/sso") },
        "Condition": { "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
    });
    assert_eq!(statements(&dev["role"]["disco_dev_iamuser"]["trust"]), [federated.to_string()].into());
    assert_eq!(dev["role"]["disco_dev_iamuser"]["session"], 28800);
    let deployer = &prod["role"]["disco_prod_deployer"];
    let trusted = json!({
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": format!("arn:aws:iam::{one}:root") },
    });
    let trust =
        deployer["trust"].to_string().replace(&format!("\"{one}\""), &format!("\"arn:aws:iam::{one}:root\""));
    assert_eq!(statements(&serde_json::from_str(&trust).unwrap()), [trusted.to_string()].into());
    let office = json!({ "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } });
    let document = &dev["policy"]["iamuser"]["document"];
    assert!(
        document["Statement"].as_array().unwrap().iter().any(|one| one["Condition"] == office),
        "{document:#}"
    );

    let said = two.one.asiaq(&["destroy", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let nothing = json!({ "policy": {}, "role": {}, "profile": {}, "group": {}, "user": {}, "saml": {} });
    assert_eq!(identities(&two), [nothing.clone(), nothing]);
}

/// A change of the program: what is replaced, and by what.
type Edit = (&'static str, &'static str);

/// Changes that AWS makes in place.
const IN_PLACE: [Edit; 14] = [
    ("allow [billing:Get*, ce:Get*, ce:List*] on all", "allow [billing:Get*, ce:Get*] on all"),
    ("\"A service that counts what there is, in an account of its own\"", "\"A service\""),
    ("max_session = 8h", "max_session = 4h"),
    ("trust    = account dev", "trust    = [account dev, \"arn:aws:iam::333333333333:root\"]"),
    ("managed  = [AmazonSSMManagedInstanceCore]", "managed  = [ReadOnlyAccess], tags = { owner = \"ops\" }"),
    ("ec2:DescribeAddresses, ec2:DisassociateAddress] on all", "ec2:DescribeAddresses] on all"),
    (
        "policies = [iamuser], managed = [IAMUserChangePassword] }",
        "policies = [iamuser, inventory], path = \"/people/\" }",
    ),
    ("policies = [instance, inventory]\n    boundary = guard", "policies = [instance]"),
    (
        "groups = [iamuser, billviewer], boundary = guard }",
        "groups = [iamuser], managed = [ReadOnlyAccess] }",
    ),
    (
        "groups = [inventory] }",
        "groups = [inventory], path = \"/people/\", boundary = guard, tags = { owner = \"bob\" } }",
    ),
    ("groups = [billviewer] }\n}", "groups = [billviewer, inventory], allow s3:ListAllMyBuckets on all }\n}"),
    ("policy guard {", "policy guard { tags = { owner = \"ops\" },"),
    ("{ metadata = file \"sso.xml\" }", "{ metadata = file \"new.xml\", tags = { owner = \"ops\" } }"),
    (
        "name = \"disco_inventory\", policies = [inventory] }",
        "name = \"disco_inventory\", policies = [inventory], allow s3:ListAllMyBuckets on all }",
    ),
];

fn edited(program: &str, edits: &[Edit]) -> String {
    edits.iter().fold(program.to_owned(), |text, (before, after)| {
        assert!(text.contains(before), "`{before}` is in the program");
        text.replace(before, after)
    })
}

/// The ids of everything, which AWS gives anew to what is made anew.
fn ids(identities: &Value) -> BTreeSet<String> {
    let kinds = ["policy", "role", "group", "user"];
    let of = |kind| {
        identities[kind].as_object().unwrap().values().map(|one| one["id"].as_str().unwrap().to_owned())
    };
    kinds.into_iter().flat_map(of).collect()
}

/// The operations that changed something in IAM.
fn writes(proxy: &Proxy) -> Vec<String> {
    let calls = proxy.calls().into_iter();
    calls.filter(|call| call.is_write && call.service == "iam").map(|call| call.operation).collect()
}

#[test]
fn every_change_of_the_example_is_made_in_place_and_what_is_unchanged_is_not_written() {
    let two = organisation();
    let metadata = std::fs::read_to_string(two.one.path("sso.xml")).unwrap();
    let service = "<md:SingleSignOnService";
    let once = metadata.replacen(service, &format!("{service} Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" Location=\"https://sso.sample.example/soap\"/>\n    {service}"), 1);
    assert_ne!(once, metadata);
    std::fs::write(two.one.path("new.xml"), once).unwrap();
    two.one.apply();
    let [dev, prod] = identities(&two);
    two.write(&edited(&example(), &IN_PLACE));
    let said = two.one.asiaq(&["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["action"] == "update"), "{plan:#}");
    two.one.apply();
    let [new_dev, new_prod] = identities(&two);
    assert_eq!([ids(&new_dev), ids(&new_prod)], [ids(&dev), ids(&prod)]);
    for (there, pointer, wanted) in [
        (&new_dev, "/policy/billviewer/version", json!("v2")),
        (&new_prod, "/policy/billviewer/version", json!("v2")),
        (&new_dev, "/policy/billviewer/document/Statement/0/Action", json!(["billing:Get*", "ce:Get*"])),
        (&new_dev, "/policy/iamuser/version", json!("v1")),
        (&new_dev, "/policy/guard/tags/owner", json!("ops")),
        (&new_dev, "/role/disco_dev_inventory/description", json!("A service")),
        (&new_dev, "/role/disco_dev_iamuser/session", json!(14400)),
        (&new_prod, "/role/instance_disco_common/policies", json!(["ReadOnlyAccess", "instance"])),
        (&new_prod, "/role/instance_disco_common/tags/owner", json!("ops")),
        (&new_dev, "/group/disco_iamuser/policies", json!(["inventory", "iamuser"])),
        (&new_dev, "/group/disco_iamuser/path", json!("/people/")),
        (&new_dev, "/group/disco_inventory/inline", json!(["inline"])),
        (&new_dev, "/role/instance_disco_jenkins/policies", json!(["instance"])),
        (&new_dev, "/role/instance_disco_jenkins/boundary", json!("")),
        (&new_dev, "/group/disco_billviewer/members", json!([])),
        (&new_dev, "/user/alice@sample.example/boundary", json!("")),
        (&new_dev, "/user/alice@sample.example/policies", json!(["ReadOnlyAccess"])),
        (&new_dev, "/user/bob@sample.example/path", json!("/people/")),
        (&new_dev, "/user/bob@sample.example/boundary", json!("guard")),
        (&new_dev, "/user/bob@sample.example/tags/owner", json!("bob")),
        (&new_prod, "/user/carol@sample.example/inline", json!(["inline"])),
        (&new_prod, "/group/disco_inventory/members", json!(["carol@sample.example"])),
        (&new_dev, "/saml/sso", json!(3)),
    ] {
        let mut seen = there.pointer(pointer).cloned().unwrap_or_default();
        let mut wanted = wanted;
        for list in [&mut seen, &mut wanted].into_iter().filter_map(Value::as_array_mut) {
            list.sort_by_key(ToString::to_string);
        }
        assert_eq!(seen, wanted, "{pointer}");
    }
    let trust = new_prod["role"]["disco_prod_deployer"]["trust"].to_string();
    assert!(trust.contains("333333333333") && trust.contains(two.one_id()), "{trust}");
    let proxied = new_dev["role"]["instance_disco_adminproxy"]["inline"].to_string();
    assert!(
        proxied.contains("ec2:AssociateAddress") && !proxied.contains("ec2:DisassociateAddress"),
        "{proxied}"
    );

    // One statement more: one write in each account, of a policy that both have.
    let proxy = Proxy::start(moto::endpoint());
    let edit = [(
        "deny  s3:DeleteBucket on credentials",
        "deny  [s3:DeleteBucket, s3:DeleteBucketPolicy] on credentials",
    )];
    two.write(&edited(&edited(&example(), &IN_PLACE), &edit));
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(writes(&proxy), ["CreatePolicyVersion", "CreatePolicyVersion"]);
    proxy.clear();
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!((said.code, writes(&proxy)), (0, Vec::new()), "{said:#?}");
}

#[test]
fn what_aws_cannot_change_is_replaced_and_refused_where_it_is_protected() {
    let two = organisation();
    two.one.apply();
    let [dev, prod] = identities(&two);
    let path = (
        "boundary    = guard\n    max_session = 8h",
        "boundary    = guard\n    path = \"/people/\"\n    max_session = 8h",
    );
    two.write(&edited(&example(), &[path]));
    let said = two.one.asiaq(&["plan"]);
    assert!(joined(&said.stdout).contains("AWS cannot move a role to another path"), "{}", said.stdout);
    two.one.apply();
    let [new_dev, new_prod] = identities(&two);
    let role = |there: &Value| there["role"]["disco_dev_iamuser"]["id"].clone();
    assert_eq!(new_dev["role"]["disco_dev_iamuser"]["path"], "/people/");
    assert_ne!(role(&new_dev), role(&dev));
    assert_eq!(ids(&new_prod), ids(&prod));

    let name = ("disco_${account.name}_deployer", "disco_${account.name}_deploys");
    two.write(&edited(&example(), &[path, name]));
    let said = two.one.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(joined(&said.stderr).contains("account/prod/role/deployer"), "{}", said.stderr);
    assert_eq!(identities(&two), [new_dev, new_prod]);
    let said = two.one.asiaq(&["apply", "--yes", "--allow", "replace"]);
    assert_eq!(said.code, 0, "{said:#?}");
    two.one.assert_settled();
    let [_, prod] = identities(&two);
    assert!(names(&prod, "role").contains(&"disco_prod_deploys".to_owned()), "{prod:#}");
}

/// What others have, under names that look like those of the example.
const NEIGHBOURS: &str = "
iam = client('iam')
trust = '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}'
read = '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}'
for name in ['disco_dev_iamuser2', 'disco_prod', 'instance_disco', 'instance_disco_common_old', 'asiaq']:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=name, PolicyName='inline', PolicyDocument=read)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
for name in ['disco_', 'disco_iamusers', 'billviewer']:
    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName='inline', PolicyDocument=read)
for name in ['alice', 'bob@sample.example.org']:
    iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName='disco_', UserName=name)
for name in ['iamuser2', 'instance_']:
    arn = iam.create_policy(PolicyName=name, PolicyDocument=read)['Policy']['Arn']
    iam.attach_role_policy(RoleName='asiaq', PolicyArn=arn)
iam.create_saml_provider(Name='sso2', SAMLMetadataDocument='<EntityDescriptor>' + 'x' * 1000 + '</EntityDescriptor>')
";

#[test]
fn neighbours_of_similar_names_are_left_alone() {
    let two = organisation();
    for world in [&two.one, &two.two] {
        world.boto(NEIGHBOURS);
    }
    let before = identities(&two);
    two.one.apply();
    let during = identities(&two);
    for (before, during) in before.iter().zip(&during) {
        for (kind, all) in before.as_object().unwrap() {
            for (name, one) in all.as_object().unwrap() {
                assert_eq!(&during[kind][name], one, "{kind} {name}");
            }
        }
    }
    let said = two.one.asiaq(&["destroy", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(identities(&two), before);
}

#[test]
fn either_account_alone_stops_where_its_credentials_are_wrong() {
    let two = organisation();
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("AssumeRole", Fault::Refused("AccessDenied", "no"));
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 3, "{said:#?}");
    let why = joined(&said.stderr);
    for part in [
        format!("account `prod` ({})", two.two_id()),
        "the trust policy of the role has to allow `sts:AssumeRole` to".to_owned(),
        "left out: `account/prod`".to_owned(),
    ] {
        assert!(why.contains(&part), "{part}: {}", said.stderr);
    }
    let [dev, prod] = identities(&two);
    assert_eq!((names(&dev, "user").len(), names(&prod, "user").len()), (2, 0));

    // The account of the caller, by a profile that is not there and by one of another account.
    let other = ("  id = \"ONE\"\n", "  id = \"999999999999\"\n  profile = \"none\"\n");
    let program = edited(&example(), &[other]);
    two.write(&program);
    let said = two.one.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 3, "{said:#?}");
    let why = joined(&said.stderr);
    for part in [
        "account `dev` (999999999999)",
        "there is no profile `none` in the AWS configuration files",
        "left out: `account/dev`",
    ] {
        assert!(why.contains(part), "{part}: {}", said.stderr);
    }
    let [_, prod] = identities(&two);
    assert_eq!(names(&prod, "user"), ["carol@sample.example"]);
    two.write(&program.replace("  profile = \"none\"\n", ""));
    let said = two.one.asiaq(&["plan"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(joined(&said.stderr).contains("999999999999"), "{}", said.stderr);
    assert!(!said.stdout.contains("account/dev"), "{}", said.stdout);
}
