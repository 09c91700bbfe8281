use std::collections::BTreeSet;

use asiaq_ir_derive::{Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A gateway VPC endpoint: a private route to S3 or DynamoDB in route tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Birth, lies_in(vpc), renamed = Kept)]
#[resource(outputs(
    arn = "ec2:{region}:{account}:vpc-endpoint/{id}",
    console = "vpcconsole/home?region={region}#EndpointDetails:vpcEndpointId={id}",
    fields(service)
))]
#[resource(outage(seconds = 10, what = "the service is reached through the internet, if at all"))]
#[resource(summary(route_tables))]
#[aws(tags = "ec2:CreateVpcEndpoint.TagSpecifications.Tags")]
pub struct GatewayEndpoint {
    /// Its VPC.
    #[resource(replace = "an endpoint cannot move to another VPC", in_use)]
    #[aws("ec2:CreateVpcEndpoint.VpcId")]
    pub vpc: Ref,
    /// Service that it gives access to.
    #[resource(replace = "an endpoint leads to one service")]
    #[aws("ec2:CreateVpcEndpoint.ServiceName")]
    pub service: Service,
    /// Route tables with a route to the endpoint.
    #[resource(elements(changed = Disruptive, removed = Disruptive), auto_detached)]
    #[aws("ec2:CreateVpcEndpoint.RouteTableIds")]
    pub route_tables: BTreeSet<Ref>,
}

/// A service that has gateway endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Part)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Amazon S3.
    S3,
    /// Amazon DynamoDB.
    DynamoDb,
}

impl Service {
    /// The last part of the endpoint service's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
        }
    }
}
