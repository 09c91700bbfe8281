//! Public zones that get no record in the zone above them, because it would hide names.

use asiaq_lang::Diagnostic;

use super::Project;
use crate::errors;
use crate::model::{Obstacle, delegations};

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for delegation in delegations(project.model) {
        if let Some(Obstacle::Hides { name, span }) = &delegation.obstacle {
            found.push(errors::not_delegated(&delegation, name, *span));
        }
    }
}
