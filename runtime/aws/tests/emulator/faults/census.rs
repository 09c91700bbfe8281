//! How many of everything there are in an account, whoever made them and whatever they are called.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    InstanceStateName, NatGatewayState, Reservation, SecurityGroup,
    VpcPeeringConnectionStateReasonCode as Peering, VpnGateway,
};
use aws_sdk_iam::types::RoleDetail;
use aws_sdk_ssm::types::DocumentKeyValuesFilter;

use crate::account::Account;

/// Kinds of things with their number.
pub(super) type Census = BTreeMap<&'static str, usize>;

/// What outlives its environments.
pub(super) const OUTLIVE: [&str; 4] =
    ["topics", "subscriptions", "snapshots of databases", "backups of tables"];

/// Counts everything that lives in an account, by the clients of AWS alone.
pub(super) async fn take(account: &Account) -> Census {
    let mut census = network(account).await;
    census.extend(machines(account).await);
    census.extend(services(account).await);
    census.extend(names(account).await);
    census.extend(identities(account).await);
    census.extend(storage(account).await);
    census.extend(databases(account).await);
    census.extend(caches(account).await);
    census.extend(tables(account).await);
    census
}

/// The name of a group that AWS makes by itself begins so.
const OF_AWS: &str = "default";

async fn databases(account: &Account) -> Census {
    let rds = aws_sdk_rds::Client::new(&account.sdk);
    let subnets = rds.describe_db_subnet_groups().send().await.unwrap();
    let parameters = rds.describe_db_parameter_groups().send().await.unwrap();
    let own = parameters.db_parameter_groups().iter();
    let own =
        own.filter_map(|group| group.db_parameter_group_name()).filter(|name| !name.starts_with(OF_AWS));
    let snapshots = rds.describe_db_snapshots().snapshot_type("manual").send().await.unwrap();
    let clusters = rds.describe_db_clusters().send().await.unwrap();
    let groups = rds.describe_db_cluster_parameter_groups().send().await.unwrap();
    let of_clusters = groups.db_cluster_parameter_groups().iter();
    let of_clusters = of_clusters
        .filter_map(|group| group.db_cluster_parameter_group_name())
        .filter(|name| !name.starts_with(OF_AWS));
    let search = aws_sdk_opensearch::Client::new(&account.sdk);
    Census::from([
        ("databases", rds.describe_db_instances().send().await.unwrap().db_instances().len()),
        ("subnet groups of databases", subnets.db_subnet_groups().len()),
        ("parameter groups of databases", own.count()),
        ("clusters of databases", clusters.db_clusters().len()),
        ("parameter groups of clusters", of_clusters.count()),
        ("snapshots of databases", snapshots.db_snapshots().len()),
        ("search domains", search.list_domain_names().send().await.unwrap().domain_names().len()),
    ])
}

async fn caches(account: &Account) -> Census {
    let caches = aws_sdk_elasticache::Client::new(&account.sdk);
    let groups = caches.describe_replication_groups().send().await.unwrap();
    let clusters = caches.describe_cache_clusters().show_cache_clusters_not_in_replication_groups(true);
    let subnets = caches.describe_cache_subnet_groups().send().await.unwrap();
    let subnets = subnets.cache_subnet_groups().iter().filter_map(|group| group.cache_subnet_group_name());
    let parameters = caches.describe_cache_parameter_groups().send().await.unwrap();
    let parameters =
        parameters.cache_parameter_groups().iter().filter_map(|group| group.cache_parameter_group_name());
    Census::from([
        ("replication groups", groups.replication_groups().len()),
        ("cache clusters", clusters.send().await.unwrap().cache_clusters().len()),
        ("subnet groups of caches", subnets.filter(|name| !name.starts_with(OF_AWS)).count()),
        ("parameter groups of caches", parameters.filter(|name| !name.starts_with(OF_AWS)).count()),
    ])
}

async fn tables(account: &Account) -> Census {
    let dynamodb = aws_sdk_dynamodb::Client::new(&account.sdk);
    let scaling = aws_sdk_applicationautoscaling::Client::new(&account.sdk);
    let space = aws_sdk_applicationautoscaling::types::ServiceNamespace::Dynamodb;
    let targets = scaling.describe_scalable_targets().service_namespace(space.clone()).send().await.unwrap();
    let policies = scaling.describe_scaling_policies().service_namespace(space).send().await.unwrap();
    Census::from([
        ("tables", dynamodb.list_tables().send().await.unwrap().table_names().len()),
        ("backups of tables", dynamodb.list_backups().send().await.unwrap().backup_summaries().len()),
        ("scaled capacities of tables", targets.scalable_targets().len()),
        ("scaling policies of tables", policies.scaling_policies().len()),
    ])
}

async fn storage(account: &Account) -> Census {
    let s3 = aws_sdk_s3::Client::new(&account.sdk);
    let cloudtrail = aws_sdk_cloudtrail::Client::new(&account.sdk);
    let own = DocumentKeyValuesFilter::builder().key("Owner").values("Self").build();
    let documents = aws_sdk_ssm::Client::new(&account.sdk).list_documents().filters(own);
    Census::from([
        ("buckets", s3.list_buckets().send().await.unwrap().buckets().len()),
        ("trails", cloudtrail.describe_trails().send().await.unwrap().trail_list().len()),
        ("documents", documents.send().await.unwrap().document_identifiers().len()),
    ])
}

/// Whether a role belongs to a service of AWS, and stays.
fn is_of_a_service(role: &RoleDetail) -> bool {
    role.path().is_some_and(|path| path.starts_with("/aws-service-role/"))
}

async fn identities(account: &Account) -> Census {
    let iam = aws_sdk_iam::Client::new(&account.sdk);
    let seen = iam.get_account_authorization_details().send().await.unwrap();
    let policies = iam.list_policies().scope(aws_sdk_iam::types::PolicyScopeType::Local);
    let profiles = iam.list_instance_profiles().send().await.unwrap();
    let attached = seen.role_detail_list().iter().map(|one| one.attached_managed_policies().len());
    let attached =
        attached.chain(seen.user_detail_list().iter().map(|one| one.attached_managed_policies().len()));
    let attached =
        attached.chain(seen.group_detail_list().iter().map(|one| one.attached_managed_policies().len()));
    let inline = seen.role_detail_list().iter().map(|one| one.role_policy_list().len());
    let inline = inline.chain(seen.user_detail_list().iter().map(|one| one.user_policy_list().len()));
    let inline = inline.chain(seen.group_detail_list().iter().map(|one| one.group_policy_list().len()));
    Census::from([
        ("policies", policies.send().await.unwrap().policies().len()),
        ("roles", seen.role_detail_list().iter().filter(|role| !is_of_a_service(role)).count()),
        ("users", seen.user_detail_list().len()),
        ("memberships", seen.user_detail_list().iter().map(|one| one.group_list().len()).sum()),
        ("user groups", seen.group_detail_list().len()),
        ("attached policies", attached.sum()),
        ("inline policies", inline.sum()),
        ("instance profiles", profiles.instance_profiles().len()),
        (
            "roles of instance profiles",
            profiles.instance_profiles().iter().map(|one| one.roles().len()).sum(),
        ),
        ("identity providers", iam.list_saml_providers().send().await.unwrap().saml_provider_list().len()),
    ])
}

async fn network(account: &Account) -> Census {
    let ec2 = &account.by_hand;
    let groups = ec2.describe_security_groups().send().await.unwrap();
    let rules = groups.security_groups().iter().flat_map(SecurityGroup::ip_permissions);
    let rules = rules.map(|rule| rule.ip_ranges().len() + rule.user_id_group_pairs().len()).sum();
    let tables = ec2.describe_route_tables().send().await.unwrap();
    let routes = tables.route_tables().iter().map(|table| table.routes().len()).sum();
    let served = tables.route_tables().iter().map(|table| table.associations().len()).sum();
    let gateways = ec2.describe_internet_gateways().send().await.unwrap();
    let attached = gateways.internet_gateways().iter().map(|gateway| gateway.attachments().len()).sum();
    let vpn = ec2.describe_vpn_gateways().send().await.unwrap();
    let vpns = vpn.vpn_gateways().iter().flat_map(VpnGateway::vpc_attachments);
    let vpns = vpns.filter(|vpc| vpc.state().is_some_and(|state| state.as_str() == "attached")).count();
    let nats = ec2.describe_nat_gateways().send().await.unwrap();
    let is_gone = |state: Option<&NatGatewayState>| {
        matches!(state, Some(NatGatewayState::Deleted | NatGatewayState::Deleting))
    };
    let nats = nats.nat_gateways().iter().filter(|nat| !is_gone(nat.state())).count();
    let peerings = ec2.describe_vpc_peering_connections().send().await.unwrap();
    let lives = |code: Option<&Peering>| matches!(code, Some(Peering::Active | Peering::PendingAcceptance));
    let peerings = peerings.vpc_peering_connections().iter();
    let peerings = peerings.filter(|peering| lives(peering.status().and_then(|status| status.code())));
    let endpoints = ec2.describe_vpc_endpoints().send().await.unwrap();
    let endpoints = endpoints.vpc_endpoints().iter();
    let endpoints = endpoints.filter(|endpoint| endpoint.state().is_some_and(|s| s.as_str() != "deleted"));
    Census::from([
        ("VPCs", ec2.describe_vpcs().send().await.unwrap().vpcs().len()),
        ("subnets", ec2.describe_subnets().send().await.unwrap().subnets().len()),
        ("security groups", groups.security_groups().len()),
        ("rules", rules),
        ("route tables", tables.route_tables().len()),
        ("routes", routes),
        ("associations of route tables", served),
        ("internet gateways", gateways.internet_gateways().len()),
        ("attached internet gateways", attached),
        ("attached VPN gateways", vpns),
        ("NAT gateways", nats),
        ("addresses", ec2.describe_addresses().send().await.unwrap().addresses().len()),
        ("interfaces", interfaces(account).await),
        ("DHCP option sets", ec2.describe_dhcp_options().send().await.unwrap().dhcp_options().len()),
        ("peering connections", peerings.count()),
        ("endpoints", endpoints.count()),
    ])
}

/// Interfaces of nobody's: those of machines come and go with them.
async fn interfaces(account: &Account) -> usize {
    let seen = account.by_hand.describe_network_interfaces().send().await.unwrap();
    let free = seen.network_interfaces().iter().filter(|interface| interface.attachment().is_none());
    free.filter(|interface| !interface.tag_set().is_empty()).count()
}

async fn machines(account: &Account) -> Census {
    let seen = account.by_hand.describe_instances().send().await.unwrap();
    let instances = seen.reservations().iter().flat_map(Reservation::instances);
    let runs = |state: Option<&InstanceStateName>| state == Some(&InstanceStateName::Running);
    let running = instances.filter(|one| runs(one.state().and_then(|state| state.name()))).count();
    let templates = account.by_hand.describe_launch_templates().send().await.unwrap();
    let scaling = aws_sdk_autoscaling::Client::new(&account.sdk);
    let groups = scaling.describe_auto_scaling_groups().send().await.unwrap();
    let policies = scaling.describe_policies().send().await.unwrap();
    let schedules = scaling.describe_scheduled_actions().send().await.unwrap();
    Census::from([
        ("machines", running),
        ("launch templates", templates.launch_templates().len()),
        ("groups of machines", groups.auto_scaling_groups().len()),
        ("scaling policies", policies.scaling_policies().len()),
        ("schedules", schedules.scheduled_update_group_actions().len()),
    ])
}

async fn services(account: &Account) -> Census {
    let classic = aws_sdk_elasticloadbalancing::Client::new(&account.sdk);
    let classic = classic.describe_load_balancers().send().await.unwrap();
    let newer = aws_sdk_elasticloadbalancingv2::Client::new(&account.sdk);
    let balancers = newer.describe_load_balancers().send().await.unwrap();
    let mut listeners = 0;
    for balancer in balancers.load_balancers() {
        let request = newer.describe_listeners().set_load_balancer_arn(balancer.load_balancer_arn.clone());
        listeners += request.send().await.unwrap().listeners().len();
    }
    let targets = newer.describe_target_groups().send().await.unwrap();
    let alarms = aws_sdk_cloudwatch::Client::new(&account.sdk).describe_alarms().send().await.unwrap();
    let sns = aws_sdk_sns::Client::new(&account.sdk);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&account.sdk);
    Census::from([
        ("classic load balancers", classic.load_balancer_descriptions().len()),
        ("load balancers", balancers.load_balancers().len()),
        ("listeners", listeners),
        ("target groups", targets.target_groups().len()),
        ("alarms", alarms.metric_alarms().len()),
        ("topics", sns.list_topics().send().await.unwrap().topics().len()),
        ("subscriptions", sns.list_subscriptions().send().await.unwrap().subscriptions().len()),
        ("log groups", logs.describe_log_groups().send().await.unwrap().log_groups().len()),
        ("metric filters", logs.describe_metric_filters().send().await.unwrap().metric_filters().len()),
    ])
}

async fn names(account: &Account) -> Census {
    let route53 = aws_sdk_route53::Client::new(&account.sdk);
    let zones = route53.list_hosted_zones().send().await.unwrap();
    let mut records = 0;
    for zone in zones.hosted_zones() {
        let request = route53.list_resource_record_sets().hosted_zone_id(&zone.id);
        records += request.send().await.unwrap().resource_record_sets().len();
    }
    Census::from([("zones", zones.hosted_zones().len()), ("records", records)])
}
