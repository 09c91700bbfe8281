use asiaq_ir::HostedZone;
use asiaq_runtime::{CloudError, Create, Listed};

use super::{InAws, Made};
use crate::error;
use crate::region::Region;

impl InAws for HostedZone {
    async fn list(_: &Region<'_>, _: &str) -> Result<Listed, CloudError> {
        Ok(Listed::default())
    }

    async fn make(&self, _: &Region<'_>, _: &Create<'_>) -> Result<Made<Self>, CloudError> {
        Err(error::refused("Create", "in the making"))
    }

    async fn delete(&self, _: &Region<'_>, _: &str) -> Result<(), CloudError> {
        Err(error::refused("Delete", "in the making"))
    }
}
