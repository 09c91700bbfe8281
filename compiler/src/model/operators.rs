//! The accounts of people on the machines of an environment.

mod checks;
mod ssh_keys;

use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

pub(crate) use self::ssh_keys::{SshKey, Weakness};
use super::Provenance;
use crate::block::Block;
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::OperatorFields;
use crate::library::kinds;
use crate::names::name_span;
use crate::value::Spanned;

/// An account of a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operator {
    /// Name.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Number of the account, where it is said.
    pub(crate) uid: Option<Resolved<i64>>,
    /// Groups beside that of the account.
    pub(crate) groups: Resolved<Vec<Spanned<String>>>,
    /// Login shell.
    pub(crate) shell: Resolved<String>,
    /// Home directory, where it is said.
    pub(crate) home: Option<Resolved<String>>,
    /// Public keys, each a line of `authorized_keys`.
    pub(crate) ssh_keys: Resolved<Vec<Spanned<SshKey>>>,
    /// Whether the account can be used.
    pub(crate) active: Resolved<bool>,
}

/// The operators in one environment, in order of name.
pub(super) fn of_environment(
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Operator> {
    let names = evaluator.names;
    let mut found = Vec::new();
    for name in names.of_kind(kinds::OPERATOR) {
        let Some(decl) = names.get(kinds::OPERATOR, name) else { continue };
        let span = name_span(decl);
        let fields =
            Arc::new(evaluator.fields(kinds::OPERATOR, &Block::of_chain(&[decl]), span, diagnostics));
        provenance.add(format!("{}.{name}", kinds::OPERATOR), Arc::clone(&fields));
        let of = OperatorFields::of(&fields, span);
        let ssh_keys = ssh_keys::read(name, span, &of.ssh_keys, diagnostics);
        let operator = Operator {
            name: name.to_owned(),
            span,
            uid: of.uid,
            groups: of.groups,
            shell: of.shell,
            home: of.home,
            ssh_keys,
            active: of.active,
        };
        checks::check(&operator, diagnostics);
        // What could not be read has been reported.
        if !fields.has_broken() {
            found.push(operator);
        }
    }
    checks::check_uids(&found, diagnostics);
    found
}
