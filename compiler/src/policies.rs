//! Whether the policies of accounts can mean what they say.

use asiaq_iam::check::{Use, check as check_policy, check_size, escalations};
use asiaq_iam::document::Document;
use asiaq_iam::document::limits::Holder;
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::errors::{self, Form};
use crate::model::{Identity, Model, Permissions};

/// What is wrong with the policies of all accounts.
pub(crate) fn check(sources: &SourceMap, model: &Model) -> Vec<Diagnostic> {
    let mut checker = Checker { sources, found: Vec::new() };
    for account in &model.accounts {
        checker.identity(&account.identity);
    }
    checker.found
}

struct Checker<'s> {
    sources: &'s SourceMap,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn identity(&mut self, identity: &Identity) {
        for policy in &identity.policies {
            self.policy(&policy.document.document, Use::Identity, Holder::Managed);
        }
        for role in &identity.roles {
            self.policy(&role.trust.document, Use::Trust, Holder::Trust);
            self.holder(identity, &[&role.permissions], Holder::Role);
        }
        for group in &identity.groups {
            self.holder(identity, &[&group.permissions], Holder::Group);
        }
        for user in &identity.users {
            let groups = user.groups.value.iter().filter_map(|name| {
                let is_it = |group: &&crate::model::Group| group.heading.name == name.value;
                identity.groups.iter().find(is_it).map(|group| &group.permissions)
            });
            let all: Vec<&Permissions> = std::iter::once(&user.permissions).chain(groups).collect();
            self.holder(identity, &all, Holder::User);
        }
    }

    /// The inline policy of a holder, and what all of its policies allow together. `all` are its own permissions, and
    /// those that it has from others.
    fn holder(&mut self, identity: &Identity, all: &[&Permissions], holder: Holder) {
        let inline = |permissions: &&Permissions| permissions.inline.as_ref().map(|of| of.document.clone());
        if let Some(own) = all.first().and_then(inline) {
            self.policy(&own, Use::Identity, holder);
        }
        let mut documents: Vec<&Document<Span>> = Vec::new();
        for permissions in all {
            documents.extend(permissions.inline.as_ref().map(|inline| &inline.document));
            for name in &permissions.policies.value {
                let policy = identity.policies.iter().find(|policy| policy.heading.name == name.value);
                documents.extend(policy.map(|policy| &policy.document.document));
            }
        }
        self.report(escalations(&documents));
    }

    fn policy(&mut self, document: &Document<Span>, of: Use, holder: Holder) {
        // A policy without statements has been reported where it is declared.
        if document.statements.is_empty() {
            return;
        }
        self.report(check_policy(document, of));
        self.report(check_size(&[document], holder));
    }

    fn report(&mut self, problems: Vec<asiaq_iam::Problem<Span>>) {
        for problem in problems {
            let path = self.sources.path(problem.place.file);
            let text = self.sources.slice(problem.place);
            let is_document =
                text.starts_with("file") || text.trim_start_matches(['"', ' ']).starts_with('{');
            let form = if path.to_ascii_lowercase().ends_with(".json") {
                Form::File
            } else if is_document {
                Form::Text
            } else {
                Form::Statements
            };
            self.found.push(errors::policy_problem(problem, text, form));
        }
    }
}
