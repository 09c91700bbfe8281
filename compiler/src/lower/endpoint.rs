//! Gateway endpoints.

use asiaq_ir::{GatewayEndpoint, Service};

use super::{Lowering, metanetwork, vpc_of};
use crate::layout::EnvLayout;
use crate::model::{Endpoint, Environment};

impl Lowering<'_> {
    pub(super) fn endpoint(&mut self, env: &Environment, laid: &EnvLayout, endpoint: &Endpoint) {
        let service = match endpoint.service.as_str() {
            "s3" => Service::S3,
            "dynamodb" => Service::DynamoDb,
            // Any other name has been reported.
            _ => return,
        };
        let route_tables = match &endpoint.networks {
            Some(named) => {
                metanetwork::route_tables(env, laid, named.value.iter().map(|name| name.value.as_str()))
            }
            None => metanetwork::route_tables(env, laid, env.network_names().into_iter()),
        };
        let chain = endpoint.networks.as_ref().map_or(vec![endpoint.span], |named| named.chain.clone());
        let mut node = self
            .node(env, &format!("endpoint/{}", endpoint.service), endpoint.span)
            .declared_by(format!("endpoint.{}", endpoint.service))
            .tagged(&env.name, &[]);
        let resource = GatewayEndpoint {
            vpc: vpc_of(env),
            service,
            route_tables: node.set(GatewayEndpoint::ROUTE_TABLES, &chain, route_tables),
        };
        self.add(node, resource);
    }
}
