//! The policies themselves: from statements, from a document in a file, or from the list of those who may assume a role.

use asiaq_iam::document::{
    Choice, Condition, Document, Effect, Operator, Principals, Statement, Text, Version,
};
use asiaq_iam::document::{Principal as IamPrincipal, PrincipalKind as IamPrincipalKind};
use asiaq_lang::ast;
use asiaq_lang::{Diagnostic, Span};

use super::principals::named;
use super::statements::Statements;
use super::{Arns, files};
use crate::block::Block;
use crate::errors::{self, Form};
use crate::evaluate::{Evaluator, Resolved};
use crate::typing::Typer;
use crate::value::{Principal, Spanned, TextFile};

/// A policy as the program has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// What it says.
    pub(crate) document: Document<Span>,
    /// What it is written as.
    pub(crate) form: Form,
    /// The places that decide it, the winner first.
    pub(crate) chain: Vec<Span>,
}

/// The audience of sign-ins through SAML ("Creating a role for SAML 2.0 federation" of the IAM user guide).
const SAML_AUDIENCE: &str = "https://signin.aws.amazon.com/saml";

/// The trust policy that lets these principals assume a role: a statement for each way of doing so.
pub(super) fn trust(principals: &[Spanned<Principal>], place: Span, arns: &Arns) -> Document<Span> {
    let mut statements: Vec<Statement<Span>> = Vec::new();
    for principal in principals {
        let (kind, name) = named(&principal.value, arns);
        let action = match kind {
            IamPrincipalKind::Federated if name.contains(":saml-provider/") => "sts:AssumeRoleWithSAML",
            IamPrincipalKind::Federated => "sts:AssumeRoleWithWebIdentity",
            _ => "sts:AssumeRole",
        };
        let who = IamPrincipal { kind, name: Text::new(principal.span, name) };
        let same = statements
            .iter_mut()
            .find(|statement| statement.actions.values.first().is_some_and(|known| known.value == action));
        if let Some(principals) = same.and_then(|statement| statement.principals.as_mut()) {
            principals.values.push(who);
            continue;
        }
        let of_saml = action == "sts:AssumeRoleWithSAML";
        statements.push(Statement {
            place: principal.span,
            sid: None,
            effect: Effect::Allow,
            principals: Some(Principals { place: principal.span, excludes: false, values: vec![who] }),
            actions: Choice {
                place: principal.span,
                excludes: false,
                values: vec![Text::new(principal.span, action)],
            },
            resources: None,
            conditions: of_saml.then(|| audience(principal.span)).into_iter().flatten().collect(),
        });
    }
    Document { place, version: Version::V2012, id: None, statements }
}

fn audience(place: Span) -> Option<Condition<Span>> {
    Some(Condition {
        place,
        operator: Operator::read("StringEquals")?,
        operator_place: place,
        key: Text::new(place, "SAML:aud"),
        values: vec![Text::new(place, SAML_AUDIENCE)],
    })
}

/// The policy of a body: its statements, or the document in place of these. Nothing where a document cannot be read.
/// `subject` are the ARNs of what has the policy, if that is a resource.
pub(in crate::model) fn written(
    evaluator: &Evaluator<'_, '_>,
    block: &Block<'_>,
    document: Option<Resolved<TextFile>>,
    site: Span,
    arns: &Arns,
    subject: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Written> {
    let said: Vec<&ast::Statement> = block.statements().collect();
    if let Some(document) = document {
        if let Some(first) = said.first() {
            diagnostics.push(errors::document_and_statements(document.span(), first.span));
        }
        let (read, form) = files::read(evaluator, &document, diagnostics)?;
        return Some(Written { document: read, form, chain: document.chain });
    }
    let typer = Typer::new(evaluator.names, Some(&evaluator.variables));
    let mut reader = Statements { typer, arns, subject };
    let statements: Vec<_> = said.iter().filter_map(|statement| reader.statement(statement)).collect();
    diagnostics.append(&mut reader.typer.diagnostics);
    // A policy of which a statement is broken says less than the program means.
    if statements.len() < said.len() {
        return None;
    }
    let chain: Vec<Span> = statements.iter().map(|statement| statement.place).collect();
    let chain = if chain.is_empty() { vec![site] } else { chain };
    let document = Document { place: site, version: Version::V2012, id: None, statements };
    Some(Written { document, form: Form::Statements, chain })
}
