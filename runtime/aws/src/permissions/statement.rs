//! Policy statements and documents.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Account, Environment, Home, Ir, Kind, Node, PROJECT_TAG, Partition, Password, Resource, SecretStore,
    credential_bucket,
};
use serde::Serialize;

use super::Purpose;
use crate::leases::LEASES;

/// Maximum length of a managed policy in characters, without white space ("IAM and AWS STS quotas").
const LIMIT: usize = 6144;

/// The action that passes an IAM role to instances.
pub(super) const PASS_ROLE: &str = "iam:PassRole";

/// The action that makes the role of a service.
pub(super) const MAKE_LINKED_ROLE: &str = "iam:CreateServiceLinkedRole";

/// The action that gets to another account.
pub(super) const ASSUME_ROLE: &str = "sts:AssumeRole";

/// The actions that read the values of secrets, by what the place of one begins with.
const READ_SECRETS: [(&str, &[&str]); 3] = [
    ("", &["s3:GetObject"]),
    ("ssm:", &["ssm:GetParameter"]),
    ("secretsmanager:", &["secretsmanager:GetSecretValue", "secretsmanager:ListSecretVersionIds"]),
];

/// The actions on secrets that a policy limits to the stores of the environments, beside those that read them.
const SECRETS: [&str; 12] = [
    "s3:DeleteObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RestoreSecret",
    "secretsmanager:TagResource",
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:GetParameterHistory",
    "ssm:PutParameter",
];

/// EC2 actions that a policy can limit to resources with the project's tag.
const OWN: [&str; 12] = [
    "ec2:DeleteDhcpOptions",
    "ec2:DeleteInternetGateway",
    "ec2:DeleteLaunchTemplate",
    "ec2:DeleteNatGateway",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSubnet",
    "ec2:DeleteVpc",
    "ec2:DeleteVpcEndpoints",
    "ec2:DeleteVpcPeeringConnection",
    "ec2:ReleaseAddress",
];

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    /// Statements of the policy.
    pub statement: Vec<Statement>,
}

/// Actions that the policy allows on some resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// Its name.
    pub sid: String,
    effect: &'static str,
    /// As IAM names them: `ec2:CreateVpc`.
    pub action: BTreeSet<&'static str>,
    /// ARNs with `*` in them.
    pub resource: BTreeSet<String>,
    /// Values of keys of a request, one of which it has to have, by operator such as `StringEquals` and key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: Condition,
}

type Condition = BTreeMap<&'static str, BTreeMap<String, BTreeSet<String>>>;

/// The resources of a statement. Actions on the same resources share one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// All resources, for actions that only read.
    Look,
    /// The table of leases.
    Leases,
    /// Resources with the project's tag.
    Own,
    /// What is in the stores of secrets of the environments.
    Secrets,
    /// All resources of this service in the program's regions.
    Regional(&'static str),
    /// Resources in the program's regions, by ARN: the service, and the beginning of the last part of the ARN.
    Named(&'static str, &'static str),
    /// All resources of a service without regions.
    Global(&'static str),
    /// IAM roles that are passed to instances.
    Roles,
    /// IAM roles that are passed to search domains.
    SearchRoles,
    /// Identities and policies of the account, by the beginning of the last part of their ARNs.
    Identities(&'static str),
    /// Resources in the regions of the accounts, by ARN: the service, and the beginning of the last part of the ARN.
    OfAccounts(&'static str, &'static str),
    /// What credential buckets have of operators and their groups.
    Operators,
    /// Service-linked roles, which AWS creates at first use of a service.
    Linked,
    /// The roles of the program's accounts.
    Accounts,
}

impl Place {
    fn of(action: &'static str, home: Home, ir: &Ir, purpose: Purpose) -> Self {
        let (service, operation) = action.split_once(':').unwrap_or_default();
        if purpose == Purpose::Operator && matches!((service, operation), ("s3", "GetObject" | "PutObject")) {
            return Self::Operators;
        }
        let is_read = READ_SECRETS.iter().any(|(_, actions)| actions.contains(&action));
        if is_read || purpose == Purpose::Secret && is_of_secrets(action) {
            return Self::Secrets;
        }
        match (service, operation) {
            // Restored tables are written in the name of the caller.
            ("dynamodb", "GetItem") => Self::Named(service, "table/"),
            ("dynamodb", _) if purpose == Purpose::Table && !is_look(operation) => {
                Self::Named(service, "table/")
            }
            ("dynamodb", "Query" | "TransactWriteItems" | "UpdateItem") => Self::Leases,
            ("dynamodb", "CreateTable" | "TagResource") if !has_tables(ir) => Self::Leases,
            _ if is_look(operation) => Self::Look,
            _ if action == PASS_ROLE => Self::Roles,
            _ if action == ASSUME_ROLE => Self::Accounts,
            ("iam", "CreateServiceLinkedRole") => Self::Linked,
            ("iam", _) => Self::Identities(identity(operation)),
            _ if OWN.contains(&action) => Self::Own,
            ("autoscaling", _) => Self::Named(service, "autoScalingGroup:"),
            ("cloudtrail", _) => Self::OfAccounts(service, "trail/"),
            ("cloudwatch", _) => Self::Named(service, "alarm:"),
            ("es", _) => Self::Named(service, "domain/"),
            ("dynamodb", _) => Self::Named(service, "table/"),
            ("logs", _) => Self::Named(service, "log-group:"),
            ("s3", "PutObject" | "PutObjectTagging") if purpose != Purpose::Table => Self::Operators,
            // Names of buckets are in no region and no account.
            ("s3", _) => Self::Global(service),
            // A subscription is none of the resources that IAM knows.
            ("ssm", "SendCommand") | ("sns", "Unsubscribe") => Self::Regional(service),
            ("ssm", _) => Self::OfAccounts(service, "document/"),
            ("sns", _) => Self::Named(service, ""),
            _ => match home {
                Home::Global => Self::Global(service),
                Home::Region => Self::Regional(service),
            },
        }
    }

    /// Its name: letters and digits, as IAM wants it.
    fn sid(self) -> String {
        let start = match self {
            Self::Look => return "LookAtEverything".to_owned(),
            Self::Leases => return "Leases".to_owned(),
            Self::Own => return "DeleteWhatIsOfTheProject".to_owned(),
            Self::Secrets => return "Secrets".to_owned(),
            Self::Roles => return "HandRolesToMachines".to_owned(),
            Self::SearchRoles => return "HandRolesToSearchDomains".to_owned(),
            Self::Linked => return "RolesOfServices".to_owned(),
            Self::Identities(start) => start,
            Self::Accounts => return "GetToAccounts".to_owned(),
            Self::Operators => return "ChangeOperators".to_owned(),
            Self::Regional("ssm") => return "RunSmokeTests".to_owned(),
            Self::Named("sns", _) => return "ChangeTopics".to_owned(),
            Self::OfAccounts("ssm", _) => return "ChangeDocuments".to_owned(),
            Self::Named(service, _)
            | Self::OfAccounts(service, _)
            | Self::Regional(service)
            | Self::Global(service) => service,
        };
        let name = match start {
            "application-autoscaling" => "TableScaling",
            "autoscaling" => "AutoScaling",
            "cloudtrail" => "Trails",
            "cloudwatch" => "Alarms",
            "elasticache" => "Caches",
            "dynamodb" => "Tables",
            "ec2" => "Ec2",
            "group/" => "UserGroups",
            "instance-profile/" => "InstanceProfiles",
            "policy/" => "Policies",
            "role/" => "Roles",
            "saml-provider/" => "SamlProviders",
            "user/" => "Users",
            "elasticloadbalancing" => "LoadBalancers",
            "es" => "SearchDomains",
            "logs" => "LogGroups",
            "rds" => "Databases",
            "route53" => "Dns",
            "s3" => "Buckets",
            "sns" => "Subscriptions",
            other => other,
        };
        format!("Change{name}")
    }

    fn condition(self, ir: &Ir, purpose: Purpose) -> Condition {
        let own = || BTreeSet::from([ir.project.clone()]);
        let (operator, key, values) = match self {
            Self::Own => ("StringEquals", format!("aws:ResourceTag/{PROJECT_TAG}"), own()),
            Self::Regional(_) => ("StringEquals", "aws:RequestedRegion".to_owned(), regions(ir)),
            Self::Roles => ("StringLike", "iam:PassedToService".to_owned(), role_takers(ir, purpose)),
            Self::Linked => ("StringEquals", "iam:AWSServiceName".to_owned(), linked(ir)),
            Self::Look
            | Self::Secrets
            | Self::Leases
            | Self::Named(_, _)
            | Self::OfAccounts(_, _)
            | Self::Global(_)
            | Self::Identities(_)
            | Self::SearchRoles
            | Self::Operators
            | Self::Accounts => {
                return Condition::new();
            }
        };
        Condition::from([(operator, BTreeMap::from([(key, values)]))])
    }

    fn resources(self, ir: &Ir) -> BTreeSet<String> {
        match self {
            Self::Look | Self::Own | Self::Regional(_) | Self::Global(_) => BTreeSet::from(["*".to_owned()]),
            Self::Secrets => {
                let mut places: BTreeSet<String> = ir.environments.values().filter_map(in_store).collect();
                if ir.resources.values().any(|node| node.resource.kind() == Kind::Operator) {
                    places.extend(Self::Operators.resources(ir));
                }
                places
            }
            Self::Leases => {
                let mut tables = in_regions(ir, "dynamodb", &format!("table/{LEASES}"));
                let table =
                    |account: &Account| format!("dynamodb:{}:{}:table/{LEASES}", account.region, account.id);
                tables.extend(of_accounts(ir, table));
                tables
            }
            Self::Named(service, start) => in_regions(ir, service, &format!("{start}*")),
            Self::OfAccounts(service, start) => {
                of_accounts(ir, |account| format!("{service}:{}:{}:{start}*", account.region, account.id))
            }
            Self::Roles => {
                let mut roles = arns(ir, |env| role(env, "*"));
                roles.extend(of_accounts(ir, |account| format!("iam::{}:role/*", account.id)));
                roles
            }
            Self::SearchRoles => arns(ir, |env| role(env, "*")),
            Self::Linked => arns(ir, |env| role(env, "aws-service-role/*")),
            Self::Identities(start) => of_accounts(ir, |account| format!("iam::{}:{start}*", account.id)),
            Self::Operators => arns(ir, |env| {
                let buckets = credential_bucket(&env.region, &ir.project, "*");
                format!("arn:{}:s3:::{buckets}/accounts/*", partition(env))
            }),
            Self::Accounts => ir.accounts.values().filter_map(|account| account.role.clone()).collect(),
        }
    }
}

/// Whether an action only reads.
fn is_look(operation: &str) -> bool {
    ["Describe", "Get", "List"].iter().any(|start| operation.starts_with(start))
}

/// What an action of IAM changes, as the last part of its ARN begins.
fn identity(operation: &str) -> &'static str {
    let of = [
        ("InstanceProfile", "instance-profile/"),
        ("SAMLProvider", "saml-provider/"),
        ("Group", "group/"),
        ("User", "user/"),
        ("AccessKey", "user/"),
        ("Role", "role/"),
    ];
    of.into_iter().find(|(word, _)| operation.contains(word)).map_or("policy/", |(_, start)| start)
}

/// The services that make a role for themselves when something is first made there.
pub(super) fn linked(ir: &Ir) -> BTreeSet<String> {
    let services = |resource: &Resource| match resource {
        Resource::AutoScalingGroup(_) => vec!["autoscaling.amazonaws.com"],
        Resource::LoadBalancer(_) | Resource::ClassicLoadBalancer(_) => {
            vec!["elasticloadbalancing.amazonaws.com"]
        }
        Resource::SearchDomain(_) => vec!["opensearchservice.amazonaws.com"],
        Resource::ReplicationGroup(_) | Resource::CacheCluster(_) => vec!["elasticache.amazonaws.com"],
        Resource::Table(table) => {
            let scaling =
                table.capacity.is_some().then_some("dynamodb.application-autoscaling.amazonaws.com");
            let copying = (!table.replicas.is_empty()).then_some("replication.dynamodb.amazonaws.com");
            scaling.into_iter().chain(copying).collect()
        }
        _ => Vec::new(),
    };
    ir.resources.values().flat_map(|node| services(&node.resource)).map(ToOwned::to_owned).collect()
}

fn has_tables(ir: &Ir) -> bool {
    ir.resources.values().any(|node| node.resource.kind() == Kind::Table)
}

/// The services that get a role from the resources of a program. The name of EC2 has one more part in China.
pub(super) fn role_takers(ir: &Ir, purpose: Purpose) -> BTreeSet<String> {
    if purpose == Purpose::Bake {
        return BTreeSet::from(["ec2.amazonaws.com*".to_owned()]);
    }
    let service = |node: &Node| match &node.resource {
        Resource::LaunchTemplate(template) => template.profile.as_ref().map(|_| "ec2.amazonaws.com*"),
        Resource::InstanceProfile(_) => Some("ec2.amazonaws.com*"),
        Resource::Bucket(bucket) => bucket.replication.as_ref().map(|_| "s3.amazonaws.com"),
        Resource::Trail(trail) => trail.log_role.as_ref().map(|_| "cloudtrail.amazonaws.com"),
        _ => None,
    };
    ir.resources.values().filter_map(service).map(str::to_owned).collect()
}

/// The actions that read values of secrets which a command does not need: an apply reads the credentials of all declared
/// resources, and whatever makes a plan looks when the tokens of caches were written.
pub(super) fn unneeded_reads(ir: &Ir, is_plan: bool) -> impl Iterator<Item = &'static str> {
    let places: Vec<&str> = ir
        .resources
        .values()
        .filter_map(|node| match &node.resource {
            Resource::ReplicationGroup(group) => group.token.as_deref(),
            Resource::Operator(operator) => Some(operator.name.as_str()),
            Resource::Database(database) if !is_plan => credential(&database.password),
            Resource::DatabaseCluster(cluster) if !is_plan => credential(&cluster.password),
            _ => None,
        })
        .collect();
    let start = |place: &str| {
        let known = READ_SECRETS.iter().map(|(start, _)| *start).filter(|start| !start.is_empty());
        known.into_iter().find(|start| place.starts_with(start)).unwrap_or_default()
    };
    let needed: BTreeSet<&str> = places.into_iter().map(start).collect();
    READ_SECRETS
        .into_iter()
        .filter(move |(start, _)| !needed.contains(start))
        .flat_map(|(_, actions)| actions)
        .copied()
}

fn credential(password: &Password) -> Option<&str> {
    match password {
        Password::Credential(place) => Some(place),
        _ => None,
    }
}

/// Whether an action is about what is in a store of secrets.
pub(super) fn is_of_secrets(action: &str) -> bool {
    SECRETS.contains(&action) || READ_SECRETS.iter().any(|(_, actions)| actions.contains(&action))
}

/// Whether an action is of a service that has secrets.
pub(super) fn is_of_stores(action: &str) -> bool {
    ["s3:", "ssm:", "secretsmanager:"].iter().any(|service| action.starts_with(service))
}

/// What is in the store of an environment, by ARN.
fn in_store(env: &Environment) -> Option<String> {
    let start = format!("arn:{}", partition(env));
    Some(match env.secrets.as_ref()? {
        SecretStore::Bucket(bucket) => format!("{start}:s3:::{bucket}/*"),
        SecretStore::Parameters(path) => {
            format!("{start}:ssm:{}:{}:parameter{path}*", env.region, account(env))
        }
        SecretStore::SecretsManager(prefix) => {
            format!("{start}:secretsmanager:{}:{}:secret:{prefix}*", env.region, account(env))
        }
    })
}

fn regions(ir: &Ir) -> BTreeSet<String> {
    ir.environments.values().map(|env| env.region.clone()).collect()
}

fn in_regions(ir: &Ir, service: &str, part: &str) -> BTreeSet<String> {
    let arn = |env: &Environment| {
        format!("arn:{}:{service}:{}:{}:{part}", partition(env), env.region, account(env))
    };
    arns(ir, arn)
}

/// What the accounts with resources of their own, or to be pruned, have, by the ARNs after the partition.
fn of_accounts(ir: &Ir, part: impl Fn(&Account) -> String) -> BTreeSet<String> {
    let own = ir.own_resources();
    let is_meant = |(name, account): &(&String, &Account)| account.prune || own.contains_key(*name);
    let accounts = ir.accounts.iter().filter(is_meant).map(|(_, account)| account);
    let arn = |account: &Account| format!("arn:{}:{}", Partition::of(&account.region).name(), part(account));
    accounts.map(arn).collect()
}

fn role(env: &Environment, part: &str) -> String {
    format!("arn:{}:iam::{}:role/{part}", partition(env), account(env))
}

fn arns(ir: &Ir, arn: impl Fn(&Environment) -> String) -> BTreeSet<String> {
    ir.environments.values().map(arn).collect()
}

/// How ARNs of a region begin.
fn partition(env: &Environment) -> &'static str {
    Partition::of(&env.region).name()
}

/// The account of an environment; any where the program says none.
fn account(env: &Environment) -> &str {
    env.account.as_deref().unwrap_or("*")
}

/// The statements for `actions` in as few documents as they fit into, in order.
pub(super) fn documents(actions: &BTreeMap<&'static str, Home>, ir: &Ir, purpose: Purpose) -> Vec<Policy> {
    let mut places: BTreeMap<Place, BTreeSet<&'static str>> = BTreeMap::new();
    let is_search = actions.keys().any(|action| action.starts_with("es:ESHttp"));
    for (action, home) in actions {
        let place = match Place::of(action, *home, ir, purpose) {
            Place::Roles if is_search => Place::SearchRoles,
            place => place,
        };
        places.entry(place).or_default().insert(*action);
    }
    let mut documents: Vec<Policy> = Vec::new();
    for (place, action) in places {
        let resource = place.resources(ir);
        // IAM accepts no statement about nothing, such as the keys of users where there are none.
        if resource.is_empty() {
            continue;
        }
        let (sid, condition) = (place.sid(), place.condition(ir, purpose));
        let statement = Statement { sid, effect: "Allow", action, resource, condition };
        match documents.last_mut() {
            Some(last) if length(last) + length(&statement) < LIMIT => last.statement.push(statement),
            _ => documents.push(Policy { version: "2012-10-17", statement: vec![statement] }),
        }
    }
    documents
}

/// Characters as IAM counts them. Maps with text for keys can be written.
fn length(part: &impl Serialize) -> usize {
    serde_json::to_string(part).map_or(0, |text| text.chars().count())
}
