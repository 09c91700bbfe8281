//! From the declarations in an account to buckets, trails and documents.

mod bucket;
mod days;
mod lifecycle;
mod records;
mod website;

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::{Storage, Titled, checks, names};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{BucketFields, DocumentFields, TrailFields};
use crate::library::kinds;
use crate::model::identity::Arns;
use crate::model::{Account, Provenance};
use crate::value::Spanned;

/// A declaration whose fields are evaluated.
struct Part<'a> {
    block: Block<'a>,
    fields: Arc<Fields>,
    title: Titled,
}

/// A block in a declaration.
struct Inner<'a> {
    name: &'a str,
    block: Block<'a>,
    span: Span,
    fields: Arc<Fields>,
}

/// The name in AWS and the tags, if they are set.
type Title = (Option<Resolved<String>>, Option<Resolved<BTreeMap<String, Spanned<String>>>>);

/// Reads what an account declares in its body, after its policies and roles.
pub(in crate::model) fn fill(
    account: &mut Account,
    block: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Account { arns, provenance, .. } = account;
    let mut reader = Reader { evaluator, diagnostics, provenance, arns };
    let storage = reader.storage(block);
    checks::check(&storage, diagnostics);
    account.storage = storage;
}

/// Reads the declarations of one account.
struct Reader<'r, 'a, 'b> {
    evaluator: &'r Evaluator<'a, 'b>,
    diagnostics: &'r mut Vec<Diagnostic>,
    provenance: &'r mut Provenance,
    arns: &'r Arns,
}

impl<'a> Reader<'_, 'a, '_> {
    fn storage(&mut self, account: &Block<'a>) -> Storage {
        let buckets = self.parts(account, kinds::BUCKET, |fields, span| {
            let BucketFields { name, tags, .. } = BucketFields::of(fields, span);
            (name, tags)
        });
        let trails = self.parts(account, kinds::TRAIL, |fields, span| {
            let TrailFields { name, tags, .. } = TrailFields::of(fields, span);
            (name, tags)
        });
        let documents = self.parts(account, kinds::DOCUMENT, |fields, span| {
            let DocumentFields { name, tags, .. } = DocumentFields::of(fields, span);
            (name, tags)
        });
        Storage {
            buckets: buckets.iter().map(|part| self.bucket(part)).collect(),
            trails: trails.iter().filter_map(|part| self.trail(part)).collect(),
            documents: documents.iter().filter_map(|part| self.document(part)).collect(),
        }
    }

    fn parts(
        &mut self,
        account: &Block<'a>,
        kind: &str,
        read: impl Fn(&Fields, Span) -> Title,
    ) -> Vec<Part<'a>> {
        let declared = self.blocks(account, kind, "");
        let part = |inner: Inner<'a>| {
            let Inner { name, block, span, fields } = inner;
            let (aws, tags) = read(&fields, span);
            let aws = aws.unwrap_or_else(|| {
                let value = names::usual(kind, name, &self.evaluator.variables);
                Resolved { value, chain: vec![span] }
            });
            Part { block, fields, title: Titled { name: name.to_owned(), span, aws, tags } }
        };
        declared.into_iter().map(part).collect()
    }

    /// The blocks of `kind` in a declaration, whose fields are at `path`.
    fn blocks(&mut self, outer: &Block<'a>, kind: &str, path: &str) -> Vec<Inner<'a>> {
        let mut found = Vec::new();
        for name in outer.nested(kind) {
            let Some(block) = outer.child(kind, Some(name), &[]) else { continue };
            let span = outer.last_span(kind, Some(name));
            let fields = self.fields(kind, &block, span, inside(path, &format!("{kind}.{name}")));
            found.push(Inner { name, block, span, fields });
        }
        found
    }

    fn fields(&mut self, kind: &str, block: &Block<'a>, span: Span, path: String) -> Arc<Fields> {
        let fields = Arc::new(self.evaluator.fields(kind, block, span, self.diagnostics));
        self.provenance.add(path, Arc::clone(&fields));
        fields
    }

    /// Reports a declaration that this account does not have.
    fn exists(&mut self, kind: &str, name: &str, span: Span) {
        // An account without an id, or that nobody declares, has its own message.
        let account = name.split_once('/').map(|(account, _)| account);
        if account.is_some_and(|account| !self.arns.accounts.contains_key(account)) {
            return;
        }
        if self.arns.of(kind, name).is_none() {
            let known = self.arns.names_beside(kind, name);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let mut found = errors::unknown_reference(span, kind, name, &known);
            // A fix replaces the place, which may be the whole setting.
            if span.range().len() != name.len() {
                found.fix = None;
            }
            self.diagnostics.push(found);
        }
    }
}

/// The path of a block in a declaration, or in the account itself.
fn inside(path: &str, block: &str) -> String {
    if path.is_empty() { block.to_owned() } else { format!("{path}.{block}") }
}

/// `bucket_owner_enforced` as AWS writes it.
fn in_camel_case(word: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        first + letters.as_str()
    };
    word.split('_').map(capital).collect()
}

/// A number that its field keeps small and positive.
fn unsigned(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
