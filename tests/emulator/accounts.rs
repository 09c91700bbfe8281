//! One run over several accounts: each has its own world in the emulator, and is looked at from outside.

use serde_json::{Value, json};

use super::proxy::{Fault, Proxy};
use super::{Said, World, joined, moto};

/// Two accounts: that of the caller, and one that it gets to by assuming a role.
pub(crate) struct Two {
    pub(crate) one: World,
    pub(crate) two: World,
}

impl Two {
    /// With `program`, in which `ONE` and `TWO` are the ids of the accounts.
    pub(crate) fn new(program: &str) -> Self {
        let two = Self { one: World::empty(), two: World::empty() };
        two.write(program);
        two
    }

    pub(crate) fn write(&self, program: &str) {
        self.one.write(&program.replace("ONE", self.one_id()).replace("TWO", self.two_id()));
    }

    pub(crate) fn one_id(&self) -> &str {
        &self.one.credentials.account
    }

    pub(crate) fn two_id(&self) -> &str {
        &self.two.credentials.account
    }

    /// The `asiaq:env` of the VPCs in each account, and the states of the connections there.
    fn looks(&self) -> [Value; 2] {
        let look = "vpcs = [v for v in ec2.describe_vpcs()['Vpcs'] if not v['IsDefault']]
result = {
    'vpcs': sorted(t['Value'] for v in vpcs for t in v['Tags'] if t['Key'] == 'asiaq:env'),
    'peerings': [p['Status']['Code'] for p in ec2.describe_vpc_peering_connections()['VpcPeeringConnections']
                 if p['Status']['Code'] != 'deleted'],
    'routes': sorted(r['DestinationCidrBlock'] for t in ec2.describe_route_tables()['RouteTables']
                     for r in t['Routes'] if 'VpcPeeringConnectionId' in r),
    'leases': client('dynamodb').list_tables()['TableNames'],
}";
        [self.one.boto(look), self.two.boto(look)]
    }
}

const JOINED: &str = r#"project shop { region = us-west-2 }
account one { id = "ONE" }
account two { id = "TWO", role = "arn:aws:iam::TWO:role/asiaq", external_id = "shop" }
env ci   { cidr = 10.1.0.0/20, zones = 1, account = one, metanetwork web { ingress = [tcp 22 from live/web] } }
env live { cidr = 10.2.0.0/20, zones = 1, account = two, metanetwork web { ingress = [tcp 443 from ci/web] } }
peering both = ci/web <-> live/web
"#;

#[test]
fn environments_of_two_accounts_are_applied_joined_and_destroyed_in_one_run() {
    let two = Two::new(JOINED);
    let plan = two.one.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains(&format!("account two ({})", two.two_id())), "{}", plan.stdout);
    two.one.apply();
    let of = |env: &str, route: &str| json!({ "vpcs": [env], "peerings": ["active"], "routes": [route], "leases": ["asiaq-leases"] });
    assert_eq!(two.looks(), [of("ci", "10.2.0.0/20"), of("live", "10.1.0.0/20")]);
    let shown = two.one.asiaq(&["show", "--format", "json"]);
    assert_eq!(shown.code, 0, "{shown:#?}");
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["accounts"]["live"], json!(two.two_id()), "{shown:#}");
    let arn = |address: &str| {
        let all = shown["resources"].as_array().unwrap();
        let one = all.iter().find(|one| one["address"] == address).unwrap();
        one["arn"].as_str().unwrap().split(':').nth(4).unwrap().to_owned()
    };
    assert_eq!([arn("ci/vpc"), arn("live/vpc")], [two.one_id(), two.two_id()]);

    // From the other side the same program says the same.
    let plan = two.one.asiaq(&["plan", "--env", "live"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    let said = two.one.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let none = json!({ "vpcs": [], "peerings": [], "routes": [], "leases": ["asiaq-leases"] });
    assert_eq!(two.looks(), [none.clone(), none]);
}

const APART: &str = r#"project shop { region = us-west-2 }
account one { id = "ONE" }
account two { id = "TWO", role = "arn:aws:iam::TWO:role/asiaq" }
env ci   { cidr = 10.1.0.0/20, zones = 1, account = one, metanetwork web {} }
env live { cidr = 10.1.0.0/20, zones = 1, account = two, metanetwork web {} }
"#;

#[test]
fn an_account_whose_role_cannot_be_assumed_stops_nothing_but_itself() {
    let two = Two::new(APART);
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("AssumeRole", Fault::Refused("AccessDenied", "no"));
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 3, "{said:#?}");
    let why = joined(&said.stderr);
    for part in [
        format!("account `two` ({})", two.two_id()),
        format!("cannot assume `arn:aws:iam::{}:role/asiaq`: AssumeRole: ", two.two_id()),
        "the trust policy of the role has to allow `sts:AssumeRole` to".to_owned(),
        "left out: `live`".to_owned(),
    ] {
        assert!(why.contains(&part), "{part}: {}", said.stderr);
    }
    let [one, other] = two.looks();
    assert_eq!((&one["vpcs"], &other["vpcs"]), (&json!(["ci"]), &json!([])));
    // What is left out is not taken for gone.
    let said = two.one.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let said = two.one.asiaq_through(&proxy, &["plan"]);
    assert_eq!(said.code, 3, "{said:#?}");
    assert!(!said.stdout.contains("live"), "{}", said.stdout);
    let said = two.one.asiaq_through(&proxy, &["plan", "--env", "ci"]);
    assert_eq!((said.code, said.stderr.contains("account `two`")), (0, false), "{said:#?}");
    let said = two.one.asiaq_through(&proxy, &["plan", "--env", "live"]);
    assert_eq!(said.code, 2, "{said:#?}");
}

#[test]
fn a_peering_with_an_account_that_cannot_be_used_is_left_as_it_is() {
    let two = Two::new(JOINED);
    two.one.apply();
    let before = two.looks();
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("AssumeRole", Fault::Refused("AccessDenied", "no"));
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 3, "{said:#?}");
    assert_eq!(two.looks(), before, "{said:#?}");
}

/// Runs a command with a file of profiles: `two` has the credentials of the account two.
fn with_profiles(two: &Two, arguments: &[&str]) -> Said {
    let keys = |world: &World| {
        let moto::Credentials { access, secret, token, .. } = &world.credentials;
        format!(
            "aws_access_key_id = {access}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        )
    };
    let text = format!("[one]\n{}[two]\n{}[bare]\n", keys(&two.one), keys(&two.two));
    std::fs::write(two.one.path("credentials"), text).unwrap();
    let file = two.one.path("credentials");
    two.one.asiaq_with(arguments, Some(("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap())))
}

#[test]
fn a_profile_gets_to_its_account_and_to_no_other() {
    let two = Two::new(&APART.replace("role = \"arn:aws:iam::TWO:role/asiaq\"", "profile = \"two\""));
    let said = with_profiles(&two, &["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let [one, other] = two.looks();
    assert_eq!((&one["vpcs"], &other["vpcs"]), (&json!(["ci"]), &json!(["live"])));

    for (profile, why) in [
        ("one", format!("in account {}; let profile `one` get to account {}", two.one_id(), two.two_id())),
        ("bare", "profile `bare` has no usable credentials".to_owned()),
        ("none", "there is no profile `none` in the AWS configuration files".to_owned()),
    ] {
        let way = format!("profile = \"{profile}\"");
        two.write(&APART.replace("role = \"arn:aws:iam::TWO:role/asiaq\"", &way));
        let said = with_profiles(&two, &["plan"]);
        assert_eq!(said.code, 3, "{said:#?}");
        assert!(joined(&said.stderr).contains(&why), "{why}: {}", said.stderr);
        assert!(!said.stdout.contains("live"), "{}", said.stdout);
    }
}

#[test]
fn an_environment_that_moved_to_another_account_is_not_taken_from_the_old_one() {
    let two = Two::new(APART);
    two.one.apply();
    two.write(
        &APART.replace("account = two", "account = one").replace("live { cidr = 10.1", "live { cidr = 10.2"),
    );
    let said = two.one.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let what = format!(
        "of `live` in account {}, because the program declares `live` in account {}",
        two.two_id(),
        two.one_id()
    );
    assert!(joined(&said.stderr).contains(&what), "{}", said.stderr);
    let [one, other] = two.looks();
    assert_eq!((&one["vpcs"], &other["vpcs"]), (&json!(["ci", "live"]), &json!(["live"])));
}

#[test]
fn an_environment_that_is_no_longer_declared_ends_in_the_account_that_it_is_in() {
    let two = Two::new(APART);
    two.one.apply();
    let program: String =
        APART.lines().filter(|line| !line.starts_with("env live")).flat_map(|line| [line, "\n"]).collect();
    two.write(&program);
    let said = two.one.asiaq(&["apply", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let [one, other] = two.looks();
    assert_eq!((&one["vpcs"], &other["vpcs"]), (&json!(["ci"]), &json!([])));
}

#[test]
fn a_saved_plan_is_applied_in_the_accounts_that_it_was_made_for() {
    let two = Two::new(JOINED);
    let said = two.one.asiaq(&["plan", "-o", "shop.plan"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let saved: Value =
        serde_json::from_str(&std::fs::read_to_string(two.one.path("shop.plan")).unwrap()).unwrap();
    assert_eq!(saved["accounts"]["live"], json!(two.two_id()));
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("AssumeRole", Fault::Refused("AccessDenied", "no"));
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes", "shop.plan"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let [one, other] = two.looks();
    assert_eq!((&one["vpcs"], &other["vpcs"]), (&json!([]), &json!([])));
    let said = two.one.asiaq(&["apply", "--yes", "shop.plan"]);
    assert_eq!(said.code, 0, "{said:#?}");
    two.one.assert_settled();
}

#[test]
fn drift_is_known_in_both_accounts_and_a_lease_is_held_in_each() {
    let two = Two::new(APART);
    two.one.apply();
    let group = "group = [g for g in ec2.describe_security_groups()['SecurityGroups'] if g['GroupName'] != 'default'][0]
ec2.authorize_security_group_ingress(GroupId=group['GroupId'], IpProtocol='tcp', FromPort=1, ToPort=1, CidrIp='10.0.0.0/8')";
    two.two.boto(group);
    let said = two.one.asiaq(&["plan", "--drift-only", "--format", "json"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps: Vec<&str> =
        plan["steps"].as_array().unwrap().iter().map(|step| step["address"].as_str().unwrap()).collect();
    assert_eq!(steps, ["live/web/security-group/ingress"], "{plan:#}");
    let leases = "result = sorted(i['environment']['S'] for i in client('dynamodb').scan(TableName='asiaq-leases')['Items'])";
    assert_eq!([two.one.boto(leases), two.two.boto(leases)], [json!(["ci"]), json!(["live"])]);
    let said = two.one.asiaq(&["unlock", "--yes", "--env", "live"]);
    assert_eq!(said.code, 0, "{said:#?}");
}

#[test]
fn whoami_says_who_is_who_and_what_fails() {
    let two = Two::new(&(APART.to_owned() + "account bad { id = \"999999999999\", profile = \"none\" }\n"));
    let said = two.one.asiaq(&["whoami", "--format", "json"]);
    assert_eq!(said.code, 2, "{said:#?}");
    let all: Value = serde_json::from_str(&said.stdout).unwrap();
    let session = all[3]["identity"]["arn"].as_str().unwrap();
    assert!(session.contains(":assumed-role/asiaq/asiaq-"), "{all:#}");
    assert_eq!(all[0]["identity"]["account"], two.one_id());
    assert_eq!(all[1]["name"], "bad");
    assert!(all[1]["error"].as_str().unwrap().contains("there is no profile `none`"), "{all:#}");
    assert_eq!((&all[2]["by"], &all[2]["identity"]["account"]), (&json!("caller"), &json!(two.one_id())));
    assert_eq!((&all[3]["by"], &all[3]["identity"]["account"]), (&json!("role"), &json!(two.two_id())));
    let said = two.one.asiaq(&["whoami", "--account", "two"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stdout.contains(session), "{}", said.stdout);
    let said = World::empty().asiaq(&["whoami"]);
    assert_eq!(said.code, 0, "{said:#?}");
}

#[test]
fn a_role_that_needs_a_code_is_not_assumed_without_a_terminal() {
    let role = "role = \"arn:aws:iam::TWO:role/asiaq\"";
    let two = Two::new(&APART.replace(role, &format!("{role}, mfa_serial = \"arn:aws:iam::ONE:mfa/alice\"")));
    let said = two.one.asiaq(&["plan"]);
    assert_eq!(said.code, 3, "{said:#?}");
    assert!(joined(&said.stderr).contains("there is no terminal to ask for it"), "{}", said.stderr);
}

#[test]
fn the_policy_of_the_caller_gets_to_the_roles_and_that_of_a_role_does_not() {
    let two = Two::new(APART);
    let said = two.one.asiaq(&["permissions"]);
    assert!(said.stdout.contains("\"sts:AssumeRole\""), "{said:#?}");
    assert!(said.stdout.contains(&format!("arn:aws:iam::{}:role/asiaq", two.two_id())), "{said:#?}");
    let said = two.one.asiaq(&["permissions", "--account", "two"]);
    assert!(!said.stdout.contains("sts:AssumeRole") && !said.stdout.contains(two.one_id()), "{said:#?}");
    assert!(said.stdout.contains(&format!("dynamodb:us-west-2:{}:table", two.two_id())), "{said:#?}");
}

const REGIONS: &str = r#"project shop { region = us-west-2, account = one }
account one { id = "ONE" }
account two {
  id     = "TWO"
  role   = "arn:aws:iam::TWO:role/asiaq"
  region = eu-west-1
  role web { name = "web_${account.name}", trust = ec2 }
}
env ci   { cidr = 10.1.0.0/20, zones = 1, metanetwork web {} }
env eu   { cidr = 10.1.0.0/20, zones = 1, region = eu-west-1, metanetwork web {} }
env live { cidr = 10.1.0.0/20, zones = 1, region = eu-west-1, account = two, metanetwork web {} }
"#;

#[test]
fn regions_and_accounts_are_planned_and_applied_side_by_side() {
    let two = Two::new(REGIONS);
    two.one.apply();
    let vpcs = "import boto3
result = {}
for region in ['us-west-2', 'eu-west-1']:
    there = boto3.client('ec2', region_name=region).describe_vpcs()['Vpcs']
    result[region] = sorted(t['Value'] for v in there for t in v.get('Tags', []) if t['Key'] == 'asiaq:env')
result['roles'] = [r['RoleName'] for r in client('iam').list_roles()['Roles']]";
    let of = |west: &[&str], east: &[&str], roles: &[&str]| json!({ "us-west-2": west, "eu-west-1": east, "roles": roles });
    let there = || [two.one.boto(vpcs), two.two.boto(vpcs)];
    assert_eq!(there(), [of(&["ci"], &["eu"], &[]), of(&[], &["live"], &["web_two"])]);
    let said = two.one.asiaq(&["destroy", "--yes", "--env", "eu"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(there(), [of(&["ci"], &[], &[]), of(&[], &["live"], &["web_two"])]);
    let said = two.one.asiaq(&["plan", "--account", "two"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let said = two.one.asiaq(&["destroy", "--yes", "--env", "live", "--account", "two"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(there(), [of(&["ci"], &[], &[]), of(&[], &[], &[])]);
}
