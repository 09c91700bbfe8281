//! A pipeline runs each hostclass once.

use std::collections::BTreeMap;

use asiaq_lang::ast::{Body, Context, Decl, Member};
use asiaq_lang::{Diagnostic, Span};

use super::{context_key, decls};
use crate::errors;
use crate::library::kinds;

/// Reports every hostclass that `pipeline` runs in two stages. Two runs in one are reported as two declarations.
pub(super) fn check(pipeline: &Decl, diagnostics: &mut Vec<Diagnostic>) {
    let mut runs = Runs { first: BTreeMap::new(), diagnostics };
    runs.body(&pipeline.body, None);
}

struct Runs<'a, 'd> {
    /// Where each hostclass runs first, and in which stage, by the context it is said in.
    first: BTreeMap<(&'a str, Vec<&'a str>), (Span, Span)>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a> Runs<'a, '_> {
    fn body(&mut self, body: &'a Body, context: Option<&'a Context>) {
        for stage in decls(body).filter(|decl| decl.kind.text == kinds::STAGE) {
            self.stage(stage, &stage.body, context);
        }
        for member in &body.members {
            if let Member::Override(inner) = member {
                self.body(&inner.body, Some(&inner.context));
            }
        }
    }

    fn stage(&mut self, stage: &'a Decl, body: &'a Body, context: Option<&'a Context>) {
        for run in decls(body).filter(|decl| decl.kind.text == kinds::RUN) {
            let Some(name) = &run.name else { continue };
            let key = (name.text.as_str(), context_key(context));
            match self.first.get(&key) {
                Some((_, of)) if *of == stage.span => {}
                Some((first, _)) => self.diagnostics.push(errors::duplicate_run(name, *first)),
                None => {
                    self.first.insert(key, (name.span, stage.span));
                }
            }
        }
        for member in &body.members {
            if let Member::Override(inner) = member {
                self.stage(stage, &inner.body, Some(&inner.context));
            }
        }
    }
}
