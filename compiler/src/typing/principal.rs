//! Values of identity: who makes requests, policies of AWS, and documents in files.

use asiaq_iam::table;
use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind, Name};

use super::{Typer, has_interpolation, plain};
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
            "account" if asiaq_iam::is_account_id(&text) => return Value::Principal(Principal::Text(text)),
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

    /// The name of a managed policy of AWS, as a word or in quotes. An ARN is left as it is: its account decides.
    pub(super) fn aws_policy(&mut self, expr: &Expr, site: Span) -> Value {
        let (name, is_whole) = match &expr.kind {
            ExprKind::Name(word) => (word.clone(), true),
            ExprKind::String(parts) => match self.text(parts) {
                Some(text) => (text, self.variables.is_some() || !has_interpolation(parts)),
                None => return Value::Error,
            },
            _ => return self.mismatch(expr, &Ty::AwsPolicy, site),
        };
        if name.starts_with("arn:") || !is_whole {
            return Value::Text(name);
        }
        if !is_policy_name(&name) {
            return self.report(errors::not_an_aws_policy(expr.span, &name));
        }
        if let Some(known) = table::managed_policy(&name) {
            Value::Text(known.name.to_owned())
        } else {
            let meant = table::managed_policy_named_like(&name);
            self.report(errors::unknown_aws_policy(expr.span, &name, meant));
            Value::Text(name)
        }
    }

    /// `file "okta.xml"`, or a text; of metadata also `url "https://…"`.
    pub(super) fn text_file(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Value {
        match &expr.kind {
            ExprKind::String(parts) => match self.text(parts) {
                Some(text) => Value::File(TextFile { text: text.into(), ..TextFile::default() }),
                None => Value::Error,
            },
            ExprKind::Phrase(word, path) if word.text == "file" => match self.read_file(word, path) {
                Some((path, text)) => {
                    Value::File(TextFile { file: Some((word.span.file, path)), text, url: None })
                }
                None => Value::Error,
            },
            ExprKind::Phrase(word, address) if word.text == "url" && *ty == Ty::Metadata => self
                .web_address(address)
                .map_or(Value::Error, |url| Value::File(TextFile { url: Some(url), ..TextFile::default() })),
            _ => self.mismatch(expr, ty, site),
        }
    }

    /// The address in `url "https://…"`.
    fn web_address(&mut self, address: &Expr) -> Option<String> {
        let ExprKind::String(parts) = &address.kind else {
            self.diagnostics.push(errors::metadata_url(address.span, "it is not in quotes"));
            return None;
        };
        let url = self.text(parts)?;
        match mistake_in(&url) {
            Some(why) => {
                self.diagnostics.push(errors::metadata_url(address.span, why));
                None
            }
            None => Some(url),
        }
    }
}

/// Why a document that decides who signs in is not fetched from an address.
fn mistake_in(url: &str) -> Option<&'static str> {
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("it has characters that addresses do not have");
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    match scheme {
        _ if authority.contains('@') => Some("it has the name of a user"),
        "https" | "http" if host.is_empty() => Some("it names no host"),
        "https" => None,
        "http" if ["127.0.0.1", "[::1]", "localhost"].contains(&host) => None,
        "http" => Some("anybody on the way could change what is read with `http`"),
        _ => Some("it does not begin with `https://`"),
    }
}

/// Whether IAM allows a policy to be called so (IAM API reference, `CreatePolicy`).
fn is_policy_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (1..=128).contains(&name.len()) && name.chars().all(allowed)
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

#[cfg(test)]
mod tests {
    use super::mistake_in;

    #[test]
    fn metadata_is_read_with_https_or_from_this_machine() {
        for url in [
            "https://idp.example/meta?app=1",
            "https://idp.example:8443/",
            "http://127.0.0.1:8000/x",
            "http://[::1]/x",
        ] {
            assert_eq!(mistake_in(url), None, "{url}");
        }
        for url in [
            "http://idp.example/meta",
            "http://127.0.0.1.example/",
            "http://localhost@idp.example/",
            "idp.example",
            "ftp://idp.example/",
            "https://",
            "https:///x",
            "https://idp.example/a b",
            "https://idp.exämple/",
            "file:///etc/passwd",
        ] {
            assert!(mistake_in(url).is_some(), "{url}");
        }
    }
}
