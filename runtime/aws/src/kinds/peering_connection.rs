use std::time::Duration;

use asiaq_ir::{PeeringConnection, Ref};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{
    ResourceType, VpcPeeringConnection, VpcPeeringConnectionStateReasonCode as State,
    VpcPeeringConnectionVpcInfo,
};

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::{error, tags};

const DESCRIBE: &str = "DescribeVpcPeeringConnections";
const ACCEPT: &str = "AcceptVpcPeeringConnection";
const LIMIT: Duration = Duration::from_mins(5);

impl InAws for PeeringConnection {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeVpcPeeringConnections"],
        make: &["ec2:CreateVpcPeeringConnection", "ec2:AcceptVpcPeeringConnection"],
        delete: &["ec2:DeleteVpcPeeringConnection"],
        ..Rights::EC2
    };

    /// Lists the connections that were asked for from here; AWS shows one to both its regions.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let request = region.ec2().describe_vpc_peering_connections().filters(tags::of_project(project));
        let pages = request.into_paginator().items().send();
        let connections: Vec<VpcPeeringConnection> = error::call(DESCRIBE, pages.collect()).await?;
        let found = connections
            .iter()
            .filter(|connection| !is_over(state(connection)))
            .filter_map(|connection| {
                let resource = read(region, connection);
                let id = connection.vpc_peering_connection_id();
                tags::found(region.name, project, connection.tags(), id, resource)
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateVpcPeeringConnection";
        let elsewhere = (self.accepter_region != region.name).then(|| self.accepter_region.clone());
        let request = region
            .once()
            .create_vpc_peering_connection()
            .set_vpc_id(self.requester.id().map(ToOwned::to_owned))
            .set_peer_vpc_id(self.accepter.id().map(ToOwned::to_owned))
            .set_peer_region(elsewhere)
            .set_tag_specifications(tags::at_birth(ResourceType::VpcPeeringConnection, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let connection = error::part(OPERATION, "connection", made.vpc_peering_connection)?;
        if is_over(state(&connection)) {
            return Err(failure(OPERATION, &connection));
        }
        let id = error::part(OPERATION, "id", connection.vpc_peering_connection_id)?;
        Ok(Made { id, born: Self { accepted: false, ..self.clone() }, ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let (Some(requester), Some(accepter)) = (self.requester.id(), self.accepter.id()) else {
            return Ok(None);
        };
        let request = region
            .ec2()
            .describe_vpc_peering_connections()
            .filters(filter("requester-vpc-info.vpc-id", requester))
            .filters(filter("accepter-vpc-info.vpc-id", accepter));
        let seen: Vec<VpcPeeringConnection> =
            error::call(DESCRIBE, request.into_paginator().items().send().collect()).await?;
        let there = seen.into_iter().find(|connection| !is_over(state(connection)));
        Ok(there.and_then(|there| tags::tagged(there.vpc_peering_connection_id(), there.tags())))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self == wanted {
            return Ok(());
        }
        if (Self { accepted: true, ..self.clone() }) != *wanted {
            return Err(error::refused(ACCEPT, "AWS cannot change the two VPCs of a peering connection"));
        }
        if try_accept(region, id, wanted).await? {
            return Ok(());
        }
        let active = || async {
            let Some(connection) = look(region, id).await? else { return Ok(None) };
            match state(&connection) {
                Some(State::Active) => Ok(Some(())),
                Some(State::PendingAcceptance) => Ok(try_accept(region, id, wanted).await?.then_some(())),
                over if is_over(over) => Err(failure(ACCEPT, &connection)),
                _ => Ok(None),
            }
        };
        region.until(DESCRIBE, "the peering connection is not active", LIMIT, active).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_vpc_peering_connection().vpc_peering_connection_id(id);
        let deleted =
            region.released(|| error::call("DeleteVpcPeeringConnection", request.clone().send())).await;
        if let Err(error) = deleted
            && !is_transition(&error)
        {
            return Err(error);
        }
        let gone =
            || async { Ok(look(region, id).await?.is_none_or(|seen| is_over(state(&seen))).then_some(())) };
        region.until(DESCRIBE, "the peering connection is not deleted", LIMIT, gone).await
    }
}

/// Says yes on the other side; whether the connection is active at once. One that the other region does not
/// know yet, or that is not at the point where it can be accepted, is for the next look.
async fn try_accept(region: &Region<'_>, id: &str, wanted: &PeeringConnection) -> Result<bool, CloudError> {
    let accepter = region.other(&wanted.accepter_region);
    let request = accepter.ec2().accept_vpc_peering_connection().vpc_peering_connection_id(id);
    match error::call(ACCEPT, request.send()).await {
        Ok(answer) => {
            let connection = answer.vpc_peering_connection();
            Ok(connection.and_then(state) == Some(&State::Active))
        }
        Err(error) if error::not_found(&error) || is_transition(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_transition(error: &CloudError) -> bool {
    error.code == "InvalidStateTransition"
}

async fn look(region: &Region<'_>, id: &str) -> Result<Option<VpcPeeringConnection>, CloudError> {
    let request = region.ec2().describe_vpc_peering_connections().vpc_peering_connection_ids(id);
    match error::call(DESCRIBE, request.send()).await {
        Err(error) if error::not_found(&error) => Ok(None),
        answer => Ok(answer?.vpc_peering_connections.unwrap_or_default().pop()),
    }
}

fn state(connection: &VpcPeeringConnection) -> Option<&State> {
    connection.status()?.code()
}

/// Whether a connection joins nothing any more, and will not again.
fn is_over(state: Option<&State>) -> bool {
    matches!(state, Some(State::Deleted | State::Deleting | State::Expired | State::Failed | State::Rejected))
}

fn failure(operation: &str, connection: &VpcPeeringConnection) -> CloudError {
    let said = connection.status().and_then(|status| status.message()).unwrap_or_default();
    let state = state(connection).map_or("over", State::as_str);
    error::refused(operation, format!("the peering connection is {state}: {said}"))
}

fn read(region: &Region<'_>, connection: &VpcPeeringConnection) -> Option<PeeringConnection> {
    let requester = connection.requester_vpc_info()?;
    let accepter = connection.accepter_vpc_info()?;
    let region_of =
        |side: &VpcPeeringConnectionVpcInfo| side.region.clone().unwrap_or_else(|| region.name.to_owned());
    (region_of(requester) == region.name).then_some(())?;
    Some(PeeringConnection {
        requester: Ref::Id(requester.vpc_id.clone()?),
        accepter: Ref::Id(accepter.vpc_id.clone()?),
        accepter_region: region_of(accepter),
        accepted: matches!(state(connection), Some(State::Active | State::Provisioning)),
    })
}
