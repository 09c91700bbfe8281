use std::time::Duration;

use asiaq_ir::{PeeringConnection, Ref};
use aws_sdk_ec2::types::{
    ResourceType, VpcPeeringConnection, VpcPeeringConnectionStateReasonCode as Code,
    VpcPeeringConnectionVpcInfo,
};

use super::prelude::*;
use crate::clients::Clients;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_VPC_PEERING_CONNECTIONS = "DescribeVpcPeeringConnections", Read;
    CREATE_VPC_PEERING_CONNECTION = "CreateVpcPeeringConnection", Write;
    ACCEPT_VPC_PEERING_CONNECTION = "AcceptVpcPeeringConnection", Write;
    DELETE_VPC_PEERING_CONNECTION = "DeleteVpcPeeringConnection", Delete;
}

const LIMIT: Duration = Duration::from_mins(5);

impl Api for PeeringConnection {
    ec2_kind! { VpcPeeringConnection { vpc_peering_connection_id, tags }
        describe: DESCRIBE_VPC_PEERING_CONNECTIONS = describe_vpc_peering_connections(vpc_peering_connection_ids),
    }

    const GONE: Option<Limit> = Some(Limit(LIMIT, "the peering connection is not deleted"));

    fn place(&self, _: &Region<'_>) -> Option<Vec<Filter>> {
        let accepter = filter("accepter-vpc-info.vpc-id", self.accepter.id()?);
        Some(vec![filter("requester-vpc-info.vpc-id", self.requester.id()?), accepter])
    }

    fn exists(connection: &VpcPeeringConnection) -> bool {
        !is_over(state(connection))
    }

    fn state(connection: &VpcPeeringConnection) -> State {
        if is_over(state(connection)) { State::Gone } else { State::Ready }
    }

    /// None for a connection that another region or account requested: AWS shows one to both.
    async fn read(region: &Region<'_>, live: &VpcPeeringConnection) -> Result<Option<Self>> {
        Ok(read(region, live))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let elsewhere = (self.accepter_region != region.name).then(|| self.accepter_region.clone());
        let call = region
            .non_idempotent_client()
            .create_vpc_peering_connection()
            .set_vpc_id(id_of(&self.requester))
            .set_peer_vpc_id(id_of(&self.accepter))
            .set_peer_region(elsewhere)
            .set_peer_owner_id(self.accepter_account.clone())
            .set_tag_specifications(tags::tag_specifications(
                ResourceType::VpcPeeringConnection,
                request.tags,
            ));
        let made =
            region.retry_until_consistent(CREATE_VPC_PEERING_CONNECTION, || call.clone().send()).await?;
        let connection = CREATE_VPC_PEERING_CONNECTION.part("connection", made.vpc_peering_connection)?;
        if is_over(state(&connection)) {
            return Err(failure(CREATE_VPC_PEERING_CONNECTION, &connection));
        }
        let id = CREATE_VPC_PEERING_CONNECTION.part("id", connection.vpc_peering_connection_id)?;
        Ok(Created::ready(id, Self { accepted: false, ..self.clone() }))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self == wanted {
            return Ok(());
        }
        if (Self { accepted: true, ..self.clone() }) != *wanted {
            return Err(ACCEPT_VPC_PEERING_CONNECTION
                .refused("AWS cannot change the two VPCs of a peering connection"));
        }
        let (accepter, abroad) = (region.other(&wanted.accepter_region), abroad(region, wanted)?);
        let accepter: &Clients = abroad.as_ref().unwrap_or(&accepter);
        if try_accept(accepter, id).await? {
            return Ok(());
        }
        let active = || async {
            let Some(connection) = adapter::look::<Self>(region, id).await? else { return Ok(None) };
            match state(&connection) {
                Some(Code::Active) => Ok(Some(())),
                Some(Code::PendingAcceptance) => Ok(try_accept(accepter, id).await?.then_some(())),
                over if is_over(over) => Err(failure(ACCEPT_VPC_PEERING_CONNECTION, &connection)),
                _ => Ok(None),
            }
        };
        region
            .poll(
                DESCRIBE_VPC_PEERING_CONNECTIONS.name,
                "the peering connection is not active",
                LIMIT,
                active,
            )
            .await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.ec2().delete_vpc_peering_connection().vpc_peering_connection_id(id);
        let deleted =
            region.retry_while_in_use(DELETE_VPC_PEERING_CONNECTION, || request.clone().send()).await;
        // A connection that is over already cannot be deleted.
        deleted.or_else(|error| if is_transition(&error) { Ok(()) } else { Err(error) })
    }
}

/// The clients of the accepter's account, if that is another one.
fn abroad(region: &Region<'_>, wanted: &PeeringConnection) -> Result<Option<Clients>> {
    let Some(account) = &wanted.accepter_account else { return Ok(None) };
    let clients = region.abroad(account, &wanted.accepter_region);
    clients.map(Some).ok_or_else(|| {
        ACCEPT_VPC_PEERING_CONNECTION
            .refused(format!("account {account} has to accept it, and this run has no credentials for that"))
    })
}

/// Accepts the connection with the clients of the accepter. Returns whether it is active. A connection that the region
/// does not list yet, or that cannot be accepted yet, is retried at the next poll.
async fn try_accept(accepter: &Clients, id: &str) -> Result<bool> {
    let request = accepter.ec2().accept_vpc_peering_connection().vpc_peering_connection_id(id);
    match ACCEPT_VPC_PEERING_CONNECTION.call(request.send()).await {
        Ok(answer) => {
            let connection = answer.vpc_peering_connection();
            Ok(connection.and_then(state) == Some(&Code::Active))
        }
        Err(error) if ec2.is_not_found(&error) || is_transition(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_transition(error: &CloudError) -> bool {
    error.code == "InvalidStateTransition"
}

fn state(connection: &VpcPeeringConnection) -> Option<&Code> {
    connection.status()?.code()
}

/// Whether a connection has ended for good, such as a deleted or rejected one.
fn is_over(state: Option<&Code>) -> bool {
    matches!(state, Some(Code::Deleted | Code::Deleting | Code::Expired | Code::Failed | Code::Rejected))
}

fn failure(operation: Operation, connection: &VpcPeeringConnection) -> CloudError {
    let said = connection.status().and_then(|status| status.message()).unwrap_or_default();
    let state = state(connection).map_or("over", Code::as_str);
    operation.refused(format!("the peering connection is {state}: {said}"))
}

fn read(region: &Region<'_>, connection: &VpcPeeringConnection) -> Option<PeeringConnection> {
    let requester = connection.requester_vpc_info()?;
    let accepter = connection.accepter_vpc_info()?;
    let region_of =
        |side: &VpcPeeringConnectionVpcInfo| side.region.clone().unwrap_or_else(|| region.name.to_owned());
    (region_of(requester) == region.name).then_some(())?;
    let is_own = region.one_of_several().zip(requester.owner_id()).is_none_or(|(own, owner)| own == owner);
    is_own.then_some(())?;
    let abroad = accepter.owner_id().filter(|owner| requester.owner_id().is_some_and(|own| own != *owner));
    Some(PeeringConnection {
        requester: Ref::Id(requester.vpc_id.clone()?),
        accepter: Ref::Id(accepter.vpc_id.clone()?),
        accepter_region: region_of(accepter),
        accepter_account: abroad.map(str::to_owned),
        accepted: matches!(state(connection), Some(Code::Active | Code::Provisioning)),
    })
}
