//! A cloud that cannot create resources of one kind.

use asiaq_ir::Kind;

use crate::{Cloud, CloudError, Create, Delete, Fault, Found, Identity, Listed, Memory, Serving, Update};

/// An in-memory cloud that cannot create resources of one kind.
pub(super) struct Failing<'a> {
    pub(super) memory: &'a Memory,
    pub(super) kind: Kind,
    pub(super) how: Trouble,
}

/// How a creation goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Fails,
    Hangs,
}

impl Cloud for Failing<'_> {
    async fn identity(&self) -> Result<Identity, CloudError> {
        self.memory.identity().await
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed, CloudError> {
        self.memory.list(region, kind, project).await
    }

    async fn create(&self, order: &Create<'_>) -> Result<String, CloudError> {
        if order.resource.kind() != self.kind {
            return self.memory.create(order).await;
        }
        if self.how == Trouble::Hangs {
            std::future::pending::<()>().await;
        }
        Err(CloudError {
            operation: "Create".to_owned(),
            fault: Fault::TimedOut,
            code: String::new(),
            message: "it did not come about".to_owned(),
            request: None,
        })
    }

    async fn hand_over(&self, order: &Create<'_>, displaced: &[&Found]) -> Result<String, CloudError> {
        self.memory.hand_over(order, displaced).await
    }

    async fn serving(&self, order: &Serving<'_>) -> Result<(), CloudError> {
        self.memory.serving(order).await
    }

    async fn update(&self, order: &Update<'_>) -> Result<(), CloudError> {
        self.memory.update(order).await
    }

    async fn delete(&self, order: &Delete<'_>) -> Result<(), CloudError> {
        self.memory.delete(order).await
    }
}
