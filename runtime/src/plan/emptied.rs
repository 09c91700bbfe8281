//! Tables in whose place there would be empty ones.

use asiaq_ir::Resource;

use super::contents::Plan;
use super::coverage::Goal;
use super::step::{Action, Step};

impl Plan {
    /// The deletions and replacements of tables whose items would be lost, each with the step that makes a table without
    /// them: the same one, which AWS cannot change, or one of the same key that may be the same under another name.
    pub fn emptied_tables(&self) -> Vec<(&Step, &Step)> {
        if self.scope.goal == Goal::Destroy {
            return Vec::new();
        }
        let made = |live: &Resource, step: &Step| match (live, step.wanted()) {
            (Resource::Table(live), Some(Resource::Table(new))) => {
                matches!(step.action, Action::Create { .. })
                    && (&live.key, &live.sort) == (&new.key, &new.sort)
            }
            _ => false,
        };
        let emptied = self.steps.iter().filter_map(|step| {
            let live = &step.live()?.resource;
            let new = match &step.action {
                Action::Replace { .. } if matches!(live, Resource::Table(_)) => step,
                Action::Delete { .. } => {
                    let mut steps =
                        self.steps.iter().filter(|new| new.address.scope() == step.address.scope());
                    steps.find(|new| made(live, new))?
                }
                _ => return None,
            };
            Some((step, new))
        });
        emptied.collect()
    }
}
