//! What holds data and would be deleted for something without any.

use asiaq_ir::Resource;

use super::contents::Plan;
use super::coverage::Goal;
use super::step::{Action, Step};

impl Plan {
    /// The steps that delete a database or a table with its data, each with the step that makes one without any: the same
    /// step, where AWS cannot change it, or one that may be of the same thing under another name.
    pub fn emptied(&self) -> Vec<(&Step, &Step)> {
        if self.scope.goal == Goal::Destroy {
            return Vec::new();
        }
        let emptied = self.steps.iter().filter_map(|step| {
            let live = &step.live().filter(|live| holds_data(&live.resource))?.resource;
            let is_empty = |new: &&Step| new.wanted().is_some_and(|new| is_first_empty(live, new));
            let new = match &step.action {
                Action::Replace { .. } => Some(step).filter(is_empty)?,
                Action::Delete { .. } => {
                    let mut beside =
                        self.steps.iter().filter(|new| new.address.scope() == step.address.scope());
                    let is_made = |new: &&Step| matches!(new.action, Action::Create { .. });
                    let may_be_same = |new: &&Step| new.wanted().is_some_and(|new| may_be_same(live, new));
                    beside.find(|new| is_made(new) && is_empty(new) && may_be_same(new))?
                }
                _ => return None,
            };
            Some((step, new))
        });
        emptied.collect()
    }
}

/// Whether its data is nowhere else. A read replica has that of its source.
fn holds_data(live: &Resource) -> bool {
    match live {
        Resource::Database(live) => live.source.is_none(),
        Resource::DatabaseCluster(_) | Resource::Table(_) => true,
        _ => false,
    }
}

/// Whether something of the same kind is made without data. Databases are of one kind, whether they are clusters or not.
fn is_first_empty(live: &Resource, new: &Resource) -> bool {
    match (live, new) {
        (Resource::Database(_) | Resource::DatabaseCluster(_), Resource::Database(new)) => {
            new.source.is_none() && new.restore.is_none()
        }
        (Resource::Database(_) | Resource::DatabaseCluster(_), Resource::DatabaseCluster(new)) => {
            new.restore.is_none()
        }
        (Resource::Table(_), Resource::Table(_)) => true,
        _ => false,
    }
}

/// Tables with other keys are not the same.
fn may_be_same(live: &Resource, new: &Resource) -> bool {
    match (live, new) {
        (Resource::Table(live), Resource::Table(new)) => (&live.key, &live.sort) == (&new.key, &new.sort),
        _ => true,
    }
}
