use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Kind, Need};
use asiaq_runtime::{Cloud, CloudError, Create, Delete, Found, Identity, Listed, Tagged, Update};

use crate::config::Aws;
use crate::region::Region;
use crate::{error, kinds, survey};

impl Cloud for Aws {
    async fn identity(&self) -> Result<Identity, CloudError> {
        const OPERATION: &str = "GetCallerIdentity";
        let caller = error::call(OPERATION, self.sts().get_caller_identity().send()).await?;
        Ok(Identity {
            account: error::part(OPERATION, "account", caller.account)?,
            arn: error::part(OPERATION, "ARN", caller.arn)?,
        })
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed, CloudError> {
        kinds::list(&Region::new(self, region), kind, project, &Need::ALL.into()).await
    }

    async fn survey(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        needs: &BTreeSet<Need>,
    ) -> Result<Vec<(String, Listed)>, CloudError> {
        survey::survey(self, regions, project, needs).await
    }

    async fn tags(&self, found: &Found) -> Result<Option<BTreeMap<String, String>>, CloudError> {
        let region = Region::new(self, &found.region);
        kinds::tags(&region, found.resource.kind(), &found.id).await
    }

    async fn existing_conflict(&self, order: &Create<'_>) -> Result<Option<Tagged>, CloudError> {
        match kinds::in_the_way(&Region::new(self, order.region), order.resource).await {
            // Asked for by name, what is not there is an error.
            Err(error) if error::not_found(&error) => Ok(None),
            seen => seen,
        }
    }

    async fn create(&self, order: &Create<'_>) -> Result<String, CloudError> {
        kinds::create(&Region::new(self, order.region), order).await
    }

    async fn update(&self, order: &Update<'_>) -> Result<(), CloudError> {
        let region = Region::new(self, order.region);
        let tags = kinds::Retag { set: order.set_tags, remove: order.remove_tags };
        kinds::retag(&region, order.wanted.kind(), order.id, tags).await?;
        kinds::update(&region, order.id, order.live, order.wanted).await
    }

    async fn delete(&self, order: &Delete<'_>) -> Result<(), CloudError> {
        kinds::delete(&Region::new(self, order.region), order.id, order.live).await
    }
}
