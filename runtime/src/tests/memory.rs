//! Tests of the in-memory cloud: it rejects what AWS rejects.

use std::collections::BTreeSet;
use std::fmt::Write;

use asiaq_ir::Kind;

use super::plan::small;
use super::world::{Exit, Nat, Project, World};
use crate::{Cloud, Create, Delete, Found};

fn busy() -> Project {
    let mut project = small();
    project.env("ci").dhcp = Some(0);
    project.env("ci").vpn = true;
    let net = project.net("app");
    (net.nat, net.exit, net.host) = (Nat::Auto, Exit::Gateway, Some(1));
    net.friends = BTreeSet::from(["app"]);
    project
}

/// The errors of deleting each resource of an environment by itself.
#[tokio::test]
async fn resources_in_use_cannot_be_deleted() {
    let world = World::with(&busy()).await;
    let mut answers = String::new();
    for Found { address, id, region, resource, .. } in world.ours() {
        let before = world.memory.contents();
        let answer = world
            .memory
            .delete(&Delete {
                region: &region,
                address: &address,
                id: &id,
                live: &resource,
                with_data: false,
            })
            .await;
        let said = match answer {
            Ok(()) => "may go".to_owned(),
            Err(error) => format!("{}: {}", error.code, error.message),
        };
        writeln!(answers, "{address}: {said}").unwrap();
        if said != "may go" {
            assert_eq!(before, world.memory.contents());
        }
    }
    insta::assert_snapshot!(answers, @r#"
    ci/dhcp: DependencyViolation: `dhcp-options-0040` is in use by vpc `vpc-0041`
    ci/vpc: DependencyViolation: `vpc-0041` is in use by internet-gateway `internet-gateway-0046`
    ci/igw: DependencyViolation: the VPC has some mapped public addresses
    ci/vpc/vpn-gateway: may go
    ci/app/group: DependencyViolation: `security-group-0043` is in use by network-interface `network-interface-0045`
    ci/app/subnet/0: DependencyViolation: `subnet-0044` is in use by nat-gateway `nat-gateway-0047`
    ci/app/address/0: DependencyViolation: `elastic-ip-0042` is in use by nat-gateway `nat-gateway-0047`
    ci/app/nat/0: may go
    ci/app/table/0: may go
    ci/app/group/ingress: may go
    ci/app/host: may go
    "#);
}

/// The errors of creating each resource of an environment a second time.
#[tokio::test]
async fn exclusive_values_cannot_be_shared() {
    let world = World::with(&busy()).await;
    let mut answers = String::new();
    for Found { address, region, tags, resource, .. } in world.ours() {
        if resource.kind() == Kind::IngressRules {
            continue;
        }
        let order =
            Create { region: &region, address: &address, resource: &resource, tags: &tags, token: "" };
        let said = match world.memory.create(&order).await {
            Ok(_) => "a second one".to_owned(),
            Err(error) => error.code,
        };
        writeln!(answers, "{address}: {said}").unwrap();
    }
    insta::assert_snapshot!(answers, @r#"
    ci/dhcp: a second one
    ci/vpc: a second one
    ci/igw: Resource.AlreadyAssociated
    ci/vpc/vpn-gateway: VpnGatewayAttachmentLimitExceeded
    ci/app/group: InvalidGroup.Duplicate
    ci/app/subnet/0: InvalidSubnet.Conflict
    ci/app/address/0: a second one
    ci/app/nat/0: Resource.AlreadyAssociated
    ci/app/table/0: Resource.AlreadyAssociated
    ci/app/host: InvalidIPAddress.InUse
    "#);
}
