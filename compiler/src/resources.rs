//! The resources a model asks for in an account: laid out, proved and lowered.

use std::collections::BTreeSet;

use asiaq_ir::{Facts, Ir};
use asiaq_lang::{Diagnostic, SourceMap};

use crate::layout::{self, Layout};
use crate::model::Model;
use crate::{lower, proof};

/// The resources a model asks for in an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resources {
    /// The CIDR blocks of environments, metanetworks and subnets.
    pub(crate) layout: Layout,
    pub(crate) ir: Ir,
    /// Everything that layout, proofs and lowering reported, in that order and unfiltered.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The values that AWS does not accept, reported without regard to the other diagnostics.
    pub(crate) limits: Vec<Diagnostic>,
}

impl Resources {
    /// Lowers `model` for an account that holds `facts`. What lowering reports about environments other than
    /// `only` is left out.
    pub(crate) fn of(
        sources: &SourceMap,
        model: &Model,
        facts: &Facts,
        only: Option<&BTreeSet<String>>,
    ) -> Self {
        let mut diagnostics = Vec::new();
        let layout = layout::layout(model, facts, &mut diagnostics);
        diagnostics.extend(proof::prove(model, &layout));
        let mut limits = Vec::new();
        let ir = lower::lower(sources, model, &layout, facts, only, &mut diagnostics, &mut limits);
        Self { layout, ir, diagnostics, limits }
    }
}
