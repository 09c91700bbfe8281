//! The resources a model asks for in an account: laid out, proved and lowered.

use std::collections::BTreeSet;

use asiaq_ir::{Facts, Ir};
use asiaq_lang::{Diagnostic, SourceMap};

use crate::layout::{self, Layout};
use crate::lower::{self, LaidOut, Machines, Reported};
use crate::model::Model;
use crate::proof;

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
    /// Whether `ir` has all machines.
    pub(crate) is_whole: bool,
}

impl Resources {
    /// Lowers `model` for an account that holds `facts`. What lowering reports about environments other than
    /// `only` is left out.
    pub(crate) fn of(
        sources: &SourceMap,
        model: &Model,
        facts: &Facts,
        only: Option<&BTreeSet<String>>,
        machines: Machines<'_>,
    ) -> Self {
        let mut reported = Reported::default();
        let moved = model.moved();
        let moved_facts = (!moved.is_empty()).then(|| facts.moved(&moved));
        let facts = moved_facts.as_ref().unwrap_or(facts);
        let layout = layout::layout(model, facts, &mut reported.diagnostics);
        reported.diagnostics.extend(proof::prove(model, &layout));
        let laid_out = LaidOut { sources, model, layout: &layout, facts, moved: &moved };
        let (ir, is_whole) = lower::lower(laid_out, only, machines, &mut reported);
        let Reported { diagnostics, limits } = reported;
        Self { layout, ir, diagnostics, limits, is_whole }
    }

    /// The resources of environment `env` of a model that was laid out before.
    pub(crate) fn of_environment(&self, sources: &SourceMap, model: &Model, env: &str) -> Ir {
        let facts = Facts::default();
        let moved = model.moved();
        let laid_out = LaidOut { sources, model, layout: &self.layout, facts: &facts, moved: &moved };
        lower::lower(laid_out, None, Machines::Of(env), &mut Reported::default()).0
    }
}
