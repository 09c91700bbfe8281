//! What happens to objects of a bucket as they grow older.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{LifecycleRule, NoncurrentTransition, Transition};

use super::{Inner, Reader, inside, unsigned};
use crate::block::Block;
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::fields::{LifecycleFields, TransitionFields};
use crate::library::kinds;
use crate::model::storage::checks;
use crate::value::Spanned;

impl<'a> Reader<'_, 'a, '_> {
    pub(super) fn lifecycle(&mut self, bucket: &Block<'a>, path: &str) -> Vec<Spanned<LifecycleRule>> {
        let blocks = self.blocks(bucket, kinds::LIFECYCLE, path);
        let mut rules = Vec::new();
        for inner in &blocks {
            let before = self.diagnostics.len();
            let rule = self.rule(inner, path);
            // A rule with a broken time is not known.
            let problem = checks::lifecycle(&rule).filter(|_| self.diagnostics.len() == before);
            if let Some(problem) = problem {
                self.diagnostics.push(errors::bad_lifecycle_rule(inner.span, inner.name, &problem));
            }
            rules.push(Spanned { value: rule, span: inner.span });
        }
        rules
    }

    fn rule(&mut self, inner: &Inner<'a>, path: &str) -> LifecycleRule {
        let of = LifecycleFields::of(&inner.fields, inner.span);
        let mut rule = LifecycleRule {
            id: inner.name.to_owned(),
            enabled: of.enabled.value,
            prefix: of.prefix.value,
            tags: of.tagged.map(|tags| texts(&tags.value)).unwrap_or_default(),
            larger: of.larger_than.map(|bytes| bytes.value),
            smaller: of.smaller_than.map(|bytes| bytes.value),
            expire: self.age(of.expire.as_ref()),
            expire_on: self.day(of.expire_on),
            expire_markers: of.expire_markers.value,
            expire_noncurrent: self.age(of.expire_noncurrent.as_ref()),
            keep_noncurrent: of.keep_noncurrent.map(|keep| unsigned(keep.value)),
            abort_uploads: self.age(of.abort_uploads.as_ref()),
            transitions: BTreeSet::new(),
            noncurrent_transitions: BTreeSet::new(),
        };
        let path = inside(path, &format!("{}.{}", kinds::LIFECYCLE, inner.name));
        for Inner { name, span, fields, .. } in self.blocks(&inner.block, kinds::TRANSITION, &path) {
            let of = TransitionFields::of(&fields, span);
            let class = name.to_ascii_uppercase();
            // Objects can move on the day they are made.
            let after = self.days_or_none(of.after.as_ref()).map(|days| days.value);
            let on = self.day(of.on);
            if after.is_some() || on.is_some() {
                rule.transitions.insert(Transition { class: class.clone(), after, on });
            }
            if let Some(after) = self.age(of.noncurrent_after.as_ref()) {
                let keep = of.keep.map(|keep| unsigned(keep.value));
                rule.noncurrent_transitions.insert(NoncurrentTransition { class, after, keep });
            }
        }
        rule
    }

    fn age(&mut self, seconds: Option<&Resolved<u64>>) -> Option<u32> {
        self.days(seconds).map(|days| days.value)
    }
}

fn texts(tags: &BTreeMap<String, Spanned<String>>) -> BTreeMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect()
}
