//! Listings whose tags are of a moment ago.

use std::collections::BTreeMap;

use asiaq_ir::{ENV_TAG, Kind};

use super::plan::small;
use super::world::{NOW, PROJECT, World, regions};
use crate::{
    Cloud, CloudError, Create, Delete, Found, Identity, Listed, Memory, Scope, Update, confirm_tags, observe,
    plan,
};

/// A cloud whose listings say of subnets another environment than they are of.
struct Lagging<'a>(&'a Memory);

impl Cloud for Lagging<'_> {
    async fn identity(&self) -> Result<Identity, CloudError> {
        self.0.identity().await
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed, CloudError> {
        let mut listed = self.0.list(region, kind, project).await?;
        for found in listed.found.iter_mut().filter(|_| kind == Kind::Subnet) {
            found.tags.insert(ENV_TAG.to_owned(), "of another time".to_owned());
        }
        Ok(listed)
    }

    async fn tags(&self, found: &Found) -> Result<Option<BTreeMap<String, String>>, CloudError> {
        Ok(self.0.contents().into_iter().find(|live| live.id == found.id).map(|live| live.tags))
    }

    async fn create(&self, order: &Create<'_>) -> Result<String, CloudError> {
        self.0.create(order).await
    }

    async fn update(&self, order: &Update<'_>) -> Result<(), CloudError> {
        self.0.update(order).await
    }

    async fn delete(&self, order: &Delete<'_>) -> Result<(), CloudError> {
        self.0.delete(order).await
    }
}

#[tokio::test]
async fn tags_of_a_moment_ago_change_nothing() {
    let project = small();
    let world = World::with(&project).await;
    let ir = world.lower(&project);
    let cloud = Lagging(&world.memory);
    let mut observed = observe(&cloud, PROJECT, &regions()).await.unwrap();
    let thought = plan(&ir, &observed, &Scope::default(), NOW);
    assert!(!thought.steps.is_empty());
    assert!(confirm_tags(&cloud, &thought, &mut observed).await.unwrap());
    let known = plan(&ir, &observed, &Scope::default(), NOW);
    assert_eq!(known.steps, []);
    assert!(!confirm_tags(&cloud, &known, &mut observed).await.unwrap());
}

#[tokio::test]
async fn tags_that_are_as_they_were_seen_are_changed() {
    let mut project = small();
    let world = World::with(&project).await;
    project.env("ci").team = Some(7);
    let ir = world.lower(&project);
    let mut observed = world.observe().await;
    let wanted = plan(&ir, &observed, &Scope::default(), NOW);
    assert!(!wanted.steps.is_empty());
    assert!(!confirm_tags(&world.memory, &wanted, &mut observed).await.unwrap());
}
