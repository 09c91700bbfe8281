//! Values of identity: who makes requests, policies of AWS, and documents in files.

use asiaq_iam::table;
use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Name};

use super::{Typer, literal, plain};
use crate::errors;
use crate::library::kinds;
use crate::types::Ty;
use crate::value::{Principal, PrincipalKind, Spanned, TextFile, Value};

impl Typer<'_, '_> {
    /// A principal, or a list of principals.
    pub(super) fn principals(&mut self, expr: &Expr, site: Span) -> Value {
        let mut principals = Vec::new();
        if self.principal_list(expr, site, &mut principals) { Value::List(principals) } else { Value::Error }
    }

    fn principal_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Spanned<Value>>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        if let ExprKind::List(items) = &behind.kind {
            return self.every(items, site, into, Self::principal_list);
        }
        let principal = self.principal(&behind, site);
        let is_sound = principal != Value::Error;
        if is_sound {
            into.push(Spanned::new(principal, behind.span));
        }
        is_sound
    }

    /// `ec2`, `account production`, `saml okta`, `"arn:aws:iam::111111111111:root"`.
    pub(crate) fn principal(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Name(word) if word == "all" => Value::Principal(Principal::Everyone),
            ExprKind::Name(word) => self.service(expr.span, word),
            ExprKind::String(parts) => match self.text(parts) {
                Some(text) => Value::Principal(Principal::Text(text)),
                None => Value::Error,
            },
            ExprKind::Phrase(word, name) => self.named_principal(word, name),
            _ => self.mismatch(expr, &Ty::Principals, site),
        }
    }

    fn named_principal(&mut self, word: &Name, name: &Expr) -> Value {
        let text = match &name.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::String(parts) => plain(parts),
            ExprKind::Int(digits) => digits.clone(),
            _ => return self.mismatch(name, &Ty::Principals, name.span),
        };
        let kind = match word.text.as_str() {
            "service" => return self.service(name.span, &text),
            "account" if literal::is_account(&text) => return Value::Principal(Principal::Text(text)),
            "account" => match self.reference(name, kinds::ACCOUNT, &text) {
                Value::Ref(name) => return Value::Principal(Principal::Account(name)),
                broken => return broken,
            },
            "role" => PrincipalKind::Role,
            "saml" => PrincipalKind::Saml,
            "user" => PrincipalKind::User,
            _ => return self.report(errors::not_a_principal(word)),
        };
        match self.reference(name, kind.kind(), &text) {
            Value::Ref(name) => Value::Principal(Principal::Declared(kind, name)),
            broken => broken,
        }
    }

    /// A service by its short name, or by its full one.
    fn service(&mut self, span: Span, word: &str) -> Value {
        if !table::is_service_principal(word) {
            let meant = table::service_principal_named_like(word);
            self.diagnostics.push(errors::unknown_service_principal(span, word, meant));
        }
        Value::Principal(Principal::Service(word.to_owned()))
    }

    /// The name of a managed policy of AWS, as a word or in quotes.
    pub(super) fn aws_policy(&mut self, expr: &Expr, site: Span) -> Value {
        let name = match &expr.kind {
            ExprKind::Name(word) => word.clone(),
            ExprKind::String(parts) => plain(parts),
            _ => return self.mismatch(expr, &Ty::AwsPolicy, site),
        };
        if let Some(known) = table::managed_policy(&name) {
            Value::Text(known.name.to_owned())
        } else {
            let meant = table::managed_policy_named_like(&name);
            self.report(errors::unknown_aws_policy(expr.span, &name, meant));
            Value::Text(name)
        }
    }

    /// `file "okta.xml"`, or a text.
    pub(super) fn text_file(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::String(parts) => match self.text(parts) {
                Some(text) => Value::File(TextFile { file: None, text: text.into() }),
                None => Value::Error,
            },
            ExprKind::Phrase(word, path) if word.text == "file" => match self.read_file(word, path) {
                Some((path, text)) => Value::File(TextFile { file: Some((word.span.file, path)), text }),
                None => Value::Error,
            },
            _ => self.mismatch(expr, &Ty::File, site),
        }
    }
}

impl PrincipalKind {
    /// The kind of its declaration.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Role => kinds::ROLE,
            Self::Saml => kinds::SAML,
            Self::User => kinds::USER,
        }
    }
}
