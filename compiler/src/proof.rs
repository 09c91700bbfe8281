//! Proofs over all environments together, before any AWS call.

mod addresses;
mod bakes;
mod balancers;
mod logging;
mod machines;
mod names;
mod routes;
mod space;

pub(crate) use addresses::{Place, place};
pub(crate) use space::UNUSABLE;

use asiaq_lang::Diagnostic;

use crate::layout::Layout;
use crate::model::Model;

/// Proves a laid-out model; returns what cannot be proved.
pub(crate) fn prove(model: &Model, layout: &Layout) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    space::prove(model, layout, &mut diagnostics);
    routes::prove(model, layout, &mut diagnostics);
    addresses::prove(model, layout, &mut diagnostics);
    machines::prove(model, &mut diagnostics);
    balancers::prove(model, layout, &mut diagnostics);
    names::prove(model, &mut diagnostics);
    bakes::prove(model, &mut diagnostics);
    logging::prove(model, &mut diagnostics);
    diagnostics
}
