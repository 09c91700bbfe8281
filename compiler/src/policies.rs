//! Whether the policies of accounts can mean what they say.

mod buckets;
mod circles;
mod partitions;

use asiaq_iam::Code;
use asiaq_iam::check::{Use, check as check_policy, check_size, escalations};
use asiaq_iam::document::Document;
use asiaq_iam::document::limits::Holder;
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::errors::{self, Form, codes};
use crate::model::{Account, Bucket, Identity, Model, Permissions, Written};

/// What is wrong with the policies of all accounts.
pub(crate) fn check(sources: &SourceMap, model: &Model) -> Vec<Diagnostic> {
    let mut checker = Checker { sources, partition: "", found: circles::find(model) };
    for account in &model.accounts {
        checker.partition = account.arns.partition;
        checker.identity(&account.identity);
        for bucket in &account.storage.buckets {
            checker.bucket(account, bucket);
        }
    }
    checker.found
}

/// Whether a problem of a policy is only a name that the tables of AWS lack.
pub(crate) fn is_unknown_name(found: &Diagnostic) -> bool {
    [
        codes::POLICY_MATCHES_NOTHING,
        codes::POLICY_UNKNOWN_ACTION,
        codes::POLICY_UNKNOWN_KEY,
        codes::POLICY_UNKNOWN_SERVICE,
    ]
    .contains(&found.code)
}

struct Checker<'s> {
    sources: &'s SourceMap,
    /// The partition of the account that is checked.
    partition: &'static str,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn identity(&mut self, identity: &Identity) {
        for policy in &identity.policies {
            self.policy(&policy.document, Use::Identity, Holder::Managed);
        }
        for role in &identity.roles {
            self.policy(&role.trust, Use::Trust, Holder::Trust);
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

    fn bucket(&mut self, account: &Account, bucket: &Bucket) {
        let form = bucket.policy.as_ref().map_or(Form::Statements, |own| own.form);
        let own = bucket.policy.iter().flat_map(|own| check_policy(&own.document, Use::Resource));
        // Whether everyone is meant, the bucket says in `public`.
        let own = own.filter(|problem| problem.code != Code::OpenToEveryone);
        let whole = bucket.whole_policy();
        let size = whole.iter().flat_map(|policy| check_size(&[policy], Holder::Bucket));
        for problem in own.chain(size) {
            self.report(problem, form);
        }
        self.found.extend(bucket.policy.iter().flat_map(|own| partitions::check(own, self.partition)));
        self.found.extend(buckets::check(account, bucket));
    }

    /// The inline policy of a holder, and what all of its policies allow together. `all` are its own permissions, and
    /// those that it has from others.
    fn holder(&mut self, identity: &Identity, all: &[&Permissions], holder: Holder) {
        if let Some(own) = all.first().and_then(|own| own.inline.as_ref()) {
            self.policy(own, Use::Identity, holder);
        }
        let mut documents: Vec<&Document<Span>> = Vec::new();
        for permissions in all {
            documents.extend(permissions.inline.as_ref().map(|inline| &inline.document));
            for name in &permissions.policies.value {
                let policy = identity.policies.iter().find(|policy| policy.heading.name == name.value);
                documents.extend(policy.map(|policy| &policy.document.document));
            }
        }
        for problem in escalations(&documents) {
            // Its words are the same for all forms.
            self.report(problem, Form::Statements);
        }
    }

    fn policy(&mut self, written: &Written, of: Use, holder: Holder) {
        let Written { document, form, .. } = written;
        // A policy without statements has been reported where it is declared.
        if document.statements.is_empty() {
            return;
        }
        for problem in check_policy(document, of).into_iter().chain(check_size(&[document], holder)) {
            self.report(problem, *form);
        }
        self.found.extend(partitions::check(written, self.partition));
    }

    fn report(&mut self, problem: asiaq_iam::Problem<Span>, form: Form) {
        let text = self.sources.slice(problem.place);
        self.found.push(errors::policy_problem(problem, text, form));
    }
}
