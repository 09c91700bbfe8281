//! Tests of listings with outdated tags.

use std::collections::BTreeMap;

use asiaq_ir::{ENV_TAG, Kind, PROJECT_TAG};

use super::plan::small;
use super::world::{NOW, PROJECT, World, regions};
use crate::{
    Cloud, CloudError, Coverage, Create, Delete, Found, Goal, Identity, Listed, Memory, Plan, Serving,
    Update, confirm_tags, observe, plan,
};

/// Key and value of a tag.
type Tag = (&'static str, &'static str);

/// A cloud whose listings of subnets have an outdated value of one tag.
struct Lagging<'a> {
    memory: &'a Memory,
    listed: Option<Tag>,
    now: Option<Tag>,
}

fn with(mut tags: BTreeMap<String, String>, tag: Option<Tag>) -> BTreeMap<String, String> {
    tags.extend(tag.map(|(key, value)| (key.to_owned(), value.to_owned())));
    tags
}

impl Cloud for Lagging<'_> {
    async fn identity(&self) -> Result<Identity, CloudError> {
        self.memory.identity().await
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed, CloudError> {
        let mut listed = self.memory.list(region, kind, project).await?;
        for found in listed.found.iter_mut().filter(|_| kind == Kind::Subnet) {
            found.tags = with(std::mem::take(&mut found.tags), self.listed);
        }
        Ok(listed)
    }

    async fn tags(&self, found: &Found) -> Result<Option<BTreeMap<String, String>>, CloudError> {
        let live = self.memory.contents().into_iter().find(|live| live.id == found.id);
        let now = self.now.filter(|_| found.resource.kind() == Kind::Subnet);
        Ok(live.map(|live| with(live.tags, now)))
    }

    async fn create(&self, order: &Create<'_>) -> Result<String, CloudError> {
        self.memory.create(order).await
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

#[tokio::test]
async fn outdated_tags_change_nothing() {
    let project = small();
    let world = World::with(&project).await;
    let ir = world.lower(&project);
    let cloud = Lagging { memory: &world.memory, listed: Some((ENV_TAG, "of another time")), now: None };
    let mut observed = observe(&cloud, PROJECT, &regions()).await.unwrap();
    let thought = plan(&ir, &observed, &Coverage::default(), NOW);
    assert!(!thought.steps.is_empty());
    assert!(confirm_tags(&cloud, &thought, &mut observed).await.unwrap());
    let known = plan(&ir, &observed, &Coverage::default(), NOW);
    assert_eq!(known.steps, []);
    assert!(!confirm_tags(&cloud, &known, &mut observed).await.unwrap());
}

#[tokio::test]
async fn confirmed_tags_are_changed() {
    let mut project = small();
    let world = World::with(&project).await;
    project.env("ci").team = Some(7);
    let ir = world.lower(&project);
    let mut observed = world.observe().await;
    let wanted = plan(&ir, &observed, &Coverage::default(), NOW);
    assert!(!wanted.steps.is_empty());
    assert!(!confirm_tags(&world.memory, &wanted, &mut observed).await.unwrap());
}

#[tokio::test]
async fn a_resource_that_changed_owner_is_not_changed() {
    let project = small();
    let world = World::with(&project).await;
    let ir = world.lower(&project);
    let cloud = Lagging { memory: &world.memory, listed: None, now: Some((PROJECT_TAG, "theirs")) };
    let mut observed = observe(&cloud, PROJECT, &regions()).await.unwrap();
    let scope = Coverage { goal: Goal::Destroy, ..Coverage::default() };
    let subnets = |plan: &Plan| plan.steps.iter().filter(|step| step.kind == Kind::Subnet).count();
    let thought = plan(&ir, &observed, &scope, NOW);
    assert_ne!(subnets(&thought), 0);
    assert!(confirm_tags(&cloud, &thought, &mut observed).await.unwrap());
    assert_eq!(subnets(&plan(&ir, &observed, &scope, NOW)), 0);
}
