use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Change, Ref, Replacement, Risk, Schema};

/// A gateway VPC endpoint: a private way to S3 or DynamoDB through route tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayEndpoint {
    /// Its VPC.
    pub vpc: Ref,
    /// What it leads to.
    pub service: Service,
    /// Route tables that lead through it.
    pub route_tables: BTreeSet<Ref>,
}

/// A service that has gateway endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

impl GatewayEndpoint {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "gateway-endpoint",
        fields: &[
            ("vpc", Change::Replace("an endpoint cannot move to another VPC")),
            ("service", Change::Replace("an endpoint leads to one service")),
            (
                "route_tables",
                Change::Elements { key: &[], changed: Risk::Disruptive, removed: Risk::Disruptive },
            ),
        ],
        // Two gateway endpoints of one service cannot share a route table.
        replacement: Replacement::DeleteFirst,
        auto_detached: &["route_tables"],
        ..Schema::DEFAULT
    };
}
