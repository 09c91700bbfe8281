//! Listings of Classic Load Balancers.

use std::sync::Arc;

use aws_sdk_elasticloadbalancing::types as sdk;

use crate::kinds::prelude::*;
use crate::service::elasticloadbalancing;

ops! { elasticloadbalancing:
    DESCRIBE_LOAD_BALANCERS = "DescribeLoadBalancers", Read;
}

/// Every classic load balancer of the region, from every page.
pub(crate) async fn described(region: &Region<'_>) -> Result<Arc<Vec<sdk::LoadBalancerDescription>>> {
    cached(region.cache().map(|cache| &cache.classic_balancers), || async {
        let pages = region.elb().describe_load_balancers().into_paginator().items().send();
        DESCRIBE_LOAD_BALANCERS.all(pages).await
    })
    .await
}

/// The load balancer of this name, where there is one.
pub(crate) async fn named(region: &Region<'_>, name: &str) -> Result<Option<sdk::LoadBalancerDescription>> {
    let look = async |names: Vec<String>| {
        let request = region.elb().describe_load_balancers();
        // AWS refuses a call with several names where one is not there: then all of the region are as cheap.
        let request = match names.as_slice() {
            [name] => request.load_balancer_names(name),
            _ => request,
        };
        let answer = DESCRIBE_LOAD_BALANCERS.all(request.into_paginator().items().send()).await;
        let answer = elasticloadbalancing.found(answer).map(Option::unwrap_or_default);
        each(&names, answer, |seen, name| {
            seen.iter().find(|one| one.load_balancer_name() == Some(name)).cloned()
        })
    };
    region.batchers().classic_balancers.ask(name.to_owned(), usize::MAX, look).await
}
